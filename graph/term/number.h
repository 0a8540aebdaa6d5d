#ifndef STOA_GRAPH_TERM_NUMBER_H
#define STOA_GRAPH_TERM_NUMBER_H

#include "graph/term/term.h"
#include <math.h>

/// XSD numbers and their arithmetic (XPath functions and operators, section 4).  Integers and
/// decimals are exact up to 38 digits; beyond that rasqal's decimals take over (xsd.h).
typedef enum { STOA_NUMBER_INTEGER, STOA_NUMBER_DECIMAL, STOA_NUMBER_FLOAT, STOA_NUMBER_DOUBLE } stoa_number_kind;

typedef struct {
  stoa_number_kind kind;
  __int128 mantissa; ///< of integer and decimal: mantissa / 10^scale
  uint32_t scale;
  double real; ///< of float and double
} stoa_number;

enum { STOA_NUMBER_UNORDERED = 2 };

/// Read the number that a literal stands for.  False for what is no (well-formed) number.
bool stoa_number_of(stoa_term term, stoa_number *out);
/// Read the lexical form of an xsd:integer or xsd:decimal.  False when malformed or over 38 digits.
bool stoa_number_read_decimal(stoa_slice lexical, stoa_number *out);
/// Read the lexical form of an xsd:double (also INF, -INF, NaN).
bool stoa_number_read_double(stoa_slice lexical, double *out);
/// Return the literal of a number; bytes, if any are needed, come from the arena.
stoa_term stoa_number_term(const stoa_number *number, stoa_arena *arena);
/// Return -1, 0, 1, or STOA_NUMBER_UNORDERED when one is NaN.
int stoa_number_compare(const stoa_number *a, const stoa_number *b);
/// Compute `a op b`; op is one of + - * /.  False is SPARQL's error (division by zero, overflow).
bool stoa_number_apply(char op, const stoa_number *a, const stoa_number *b, stoa_arena *arena, stoa_number *out);
/// Return the value as a double.
double stoa_number_real(const stoa_number *number);
/// Round: 'f' floor, 'c' ceiling, 'r' half towards positive infinity, 'a' absolute value.
bool stoa_number_round(char how, const stoa_number *number, stoa_number *out);
/// Write the canonical form of an xsd:double, such as 1.5E2.
void stoa_number_write_double(double value, stoa_buf *out);
/// Write mantissa / 10^scale without trailing zeros; decimals keep at least one digit of fraction
/// only where `decimal` (XSD 1.0's canonical form).
void stoa_number_write_decimal(__int128 mantissa, uint32_t scale, bool decimal, stoa_buf *out);

#endif
