#ifndef STOA_GRAPH_TERM_DECIMAL_H
#define STOA_GRAPH_TERM_DECIMAL_H

#include "graph/base/arena.h"

/// Exact numbers of any length as their texts, for what 128 bits do not hold; GMP computes (the only file that knows it
/// is decimal.c).  Texts are lexical forms of xsd:decimal; results are canonical: no sign but "-", no noughts before
/// the first digit or behind the last of a fraction.

/// Return the canonical form.
stoa_slice stoa_decimal_canonical(stoa_slice text, stoa_arena *arena);
/// Order by value: -1, 0 or 1.
int stoa_decimal_compare(stoa_slice a, stoa_slice b);
/// Compute `a op b`; op is one of + - * /.  A quotient that does not end has 18 digits behind the point, or behind the
/// noughts that follow it, the last one rounded.  False for a division by zero, and where both have more than two million digits
/// together (XPath's err:FOAR0002).
bool stoa_decimal_apply(char op, stoa_slice a, stoa_slice b, stoa_arena *arena, stoa_slice *out);
/// Round to a whole number: 'f' floor, 'c' ceiling, 'r' half towards positive infinity, 't' towards zero.
stoa_slice stoa_decimal_round(char how, stoa_slice a, stoa_arena *arena);

#endif
