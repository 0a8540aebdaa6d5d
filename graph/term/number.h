#ifndef STOA_GRAPH_TERM_NUMBER_H
#define STOA_GRAPH_TERM_NUMBER_H

#include "graph/term/term.h"
#include <math.h>

/// XSD numbers and their arithmetic (XPath functions and operators, section 4).  Integers and decimals are exact: in
/// 128 bits as long as these hold them, and as digits beyond (decimal.h).
typedef enum { STOA_NUMBER_INTEGER, STOA_NUMBER_DECIMAL, STOA_NUMBER_FLOAT, STOA_NUMBER_DOUBLE } stoa_number_kind;

typedef struct {
  stoa_number_kind kind;
  __int128 mantissa; ///< of integer and decimal: mantissa / 10^scale
  uint32_t scale;
  double real;       ///< of float and double
  stoa_slice digits; ///< of an integer or decimal that 128 bits do not hold: its lexical form, borrowed; else NULL. The
                     ///< mantissa is then the greatest or least there is
} stoa_number;

enum { STOA_NUMBER_UNORDERED = 2 };

/// Read the number that a literal stands for.  False for what is no number, or one that its datatype does not allow.
bool stoa_number_of(stoa_term term, stoa_number *out);
/// True for a datatype of numbers: xsd:integer and the types derived from it, decimal, float, double.
bool stoa_number_is_type(stoa_slice datatype);
/// True for an integer between the bounds of a type by its name in XML Schema's namespace ("unsignedByte").
bool stoa_number_is_within(stoa_slice name, stoa_slice lexical);
/// Read the lexical form of an xsd:integer or xsd:decimal, as which it counts that has a point.  False when malformed.
bool stoa_number_read_decimal(stoa_slice lexical, stoa_number *out);
/// Read the lexical form of an xsd:double (also INF, -INF, NaN), or of an xsd:float.
bool stoa_number_read_double(stoa_slice lexical, double *out);
bool stoa_number_read_float(stoa_slice lexical, double *out);
/// Append the digits of an integer or decimal.
void stoa_number_write_exact(const stoa_number *number, stoa_buf *out);
/// True for what is neither nought nor NaN.
bool stoa_number_is_true(const stoa_number *number);
/// Return the literal of a number; bytes, if any are needed, come from the arena.
stoa_term stoa_number_term(const stoa_number *number, stoa_arena *arena);
/// Return -1, 0, 1, or STOA_NUMBER_UNORDERED when one is NaN.
int stoa_number_compare(const stoa_number *a, const stoa_number *b);
/// Compute `a op b`; op is one of + - * /.  False is SPARQL's error (division by zero).
bool stoa_number_apply(char op, const stoa_number *a, const stoa_number *b, stoa_arena *arena, stoa_number *out);
/// Return the value as a double.
double stoa_number_real(const stoa_number *number);
/// Round: 'f' floor, 'c' ceiling, 'r' half towards positive infinity, 't' towards zero.
void stoa_number_round(char how, const stoa_number *number, stoa_arena *arena, stoa_number *out);
/// The number with the other sign, or with none.
void stoa_number_negate(const stoa_number *number, stoa_arena *arena, stoa_number *out);
void stoa_number_absolute(const stoa_number *number, stoa_arena *arena, stoa_number *out);
/// The same value as another kind; false where there is none (NaN as an integer).  A fraction is cut off an integer.
bool stoa_number_convert(const stoa_number *number, stoa_number_kind kind, stoa_arena *arena, stoa_number *out);
/// Write the canonical form of an xsd:double, such as 1.5E2.
void stoa_number_write_double(double value, stoa_buf *out);
/// Write mantissa / 10^scale without trailing zeros; decimals keep at least one digit of fraction
/// only where `decimal` (XSD 1.0's canonical form).
void stoa_number_write_decimal(__int128 mantissa, uint32_t scale, bool decimal, stoa_buf *out);

#endif
