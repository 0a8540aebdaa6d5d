#ifndef STOA_GRAPH_TERM_ARITHMETIC_H
#define STOA_GRAPH_TERM_ARITHMETIC_H

#include "graph/term/term.h"

/// Compute `a op b` for an operator + - * / on whatever has a value: numbers, durations, dates and times.  Unbound is
/// SPARQL's error.  A date or time without a zone counts as one of UTC.
stoa_term stoa_term_arithmetic(char op, stoa_term a, stoa_term b, stoa_arena *arena);

#endif
