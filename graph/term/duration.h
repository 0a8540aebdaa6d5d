#ifndef STOA_GRAPH_TERM_DURATION_H
#define STOA_GRAPH_TERM_DURATION_H

#include "graph/term/term.h"

/// Durations of XML Schema.

typedef enum {
  STOA_DURATION_ANY,        ///< xsd:duration
  STOA_DURATION_YEAR_MONTH, ///< xsd:yearMonthDuration: months alone
  STOA_DURATION_DAY_TIME    ///< xsd:dayTimeDuration: time alone
} stoa_duration_kind;

typedef struct {
  stoa_duration_kind kind;
  int64_t months, us; ///< of one sign
} stoa_duration;

/// Read the duration that a literal stands for.  False for anything else.
bool stoa_duration_of(stoa_term term, stoa_duration *out);
/// Read the lexical form of a kind.  False when malformed or beyond 64 bits of microseconds.
bool stoa_duration_read(stoa_slice lexical, stoa_duration_kind kind, stoa_duration *out);
/// The kind whose datatype this is; false for another datatype.
bool stoa_duration_kind_of(stoa_slice datatype, stoa_duration_kind *out);
/// Return the literal in its canonical form.
stoa_term stoa_duration_term(const stoa_duration *duration, stoa_arena *arena);

enum { STOA_DURATION_UNORDERED = 2 };
/// Return -1, 0 or 1 for two of one kind that has an order; of others 0 when they are equal, else
/// STOA_DURATION_UNORDERED.
int stoa_duration_compare(const stoa_duration *a, const stoa_duration *b);

#endif
