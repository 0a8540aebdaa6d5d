#ifndef STOA_GRAPH_TERM_COMPARE_H
#define STOA_GRAPH_TERM_COMPARE_H

#include "graph/term/term.h"

/// What operators of expressions ask of values: comparison (SPARQL 1.1, section 17.3) and truth (section 17.2.2). Terms
/// as such are compared in equality.h.

typedef enum {
  STOA_COMPARE_EQ,
  STOA_COMPARE_NE,
  STOA_COMPARE_LT,
  STOA_COMPARE_GT,
  STOA_COMPARE_LE,
  STOA_COMPARE_GE
} stoa_comparison;

/// Compare: 1, 0, or -1 for a type error.
int stoa_term_compare(stoa_comparison how, stoa_term a, stoa_term b);
/// Effective boolean value: 1, 0, or -1 for a type error.  Numbers and booleans that their datatype does not allow are
/// false.
int stoa_term_truth(stoa_term term);

#endif
