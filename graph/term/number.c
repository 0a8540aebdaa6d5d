#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_DIGITS = 37, MOST_SCALE = 30 };

static __int128 power10(uint32_t n)
{
  __int128 p = 1;
  while (n-- > 0) {
    p *= 10;
  }
  return p;
}

static void shrink(stoa_number *n)
{
  while (n->scale > 0 && n->mantissa % 10 == 0) {
    n->mantissa /= 10;
    n->scale--;
  }
}

bool stoa_number_read_decimal(stoa_slice lexical, stoa_number *out)
{
  size_t i = lexical.length && (lexical.data[0] == '-' || lexical.data[0] == '+');
  const bool negative = i && lexical.data[0] == '-';
  bool point = false, any = false;
  uint32_t digits = 0, scale = 0;
  __int128 mantissa = 0;
  for (; i < lexical.length; ++i) {
    if (lexical.data[i] == '.' && !point) {
      point = true;
      continue;
    }
    if (!isdigit((unsigned char)lexical.data[i])) {
      return false;
    }
    mantissa = mantissa * 10 + (lexical.data[i] - '0');
    digits += mantissa != 0;
    scale += point;
    any = true;
    if (digits > MOST_DIGITS || scale > MOST_SCALE) {
      return false;
    }
  }
  if (!any) {
    return false;
  }
  *out = (stoa_number){.kind = point ? STOA_NUMBER_DECIMAL : STOA_NUMBER_INTEGER,
                       .mantissa = negative ? -mantissa : mantissa,
                       .scale = scale};
  shrink(out);
  return true;
}

bool stoa_number_read_double(stoa_slice lexical, double *out)
{
  char text[64];
  if (stoa_slice_is(lexical, "INF") || stoa_slice_is(lexical, "+INF") || stoa_slice_is(lexical, "-INF")) {
    *out = lexical.data[0] == '-' ? -INFINITY : INFINITY;
    return true;
  }
  if (stoa_slice_is(lexical, "NaN")) {
    *out = NAN;
    return true;
  }
  if (lexical.length == 0 || lexical.length >= sizeof text) {
    return false;
  }
  for (size_t i = 0; i < lexical.length; ++i) {
    if (!isdigit((unsigned char)lexical.data[i]) && !memchr("+-.eE", lexical.data[i], 5)) {
      return false;
    }
  }
  memcpy(text, lexical.data, lexical.length);
  text[lexical.length] = '\0';
  char *end;
  *out = strtod(text, &end);
  return end != text && *end == '\0';
}

static bool is_integer_type(stoa_slice name)
{
  static const char *const derived[] = {"integer",
                                        "int",
                                        "long",
                                        "short",
                                        "byte",
                                        "nonNegativeInteger",
                                        "positiveInteger",
                                        "nonPositiveInteger",
                                        "negativeInteger",
                                        "unsignedInt",
                                        "unsignedLong",
                                        "unsignedShort",
                                        "unsignedByte",
                                        NULL};
  for (size_t i = 0; derived[i]; ++i) {
    if (stoa_slice_is(name, derived[i])) {
      return true;
    }
  }
  return false;
}

static bool number_of_typed(const stoa_literal *literal, stoa_number *out)
{
  const stoa_slice xsd = {STOA_XSD, sizeof STOA_XSD - 1};
  if (!stoa_slice_starts(literal->tag, xsd)) {
    return false;
  }
  const stoa_slice name = {literal->tag.data + xsd.length, literal->tag.length - xsd.length};
  if (stoa_slice_is(name, "double") || stoa_slice_is(name, "float")) {
    out->kind = name.data[0] == 'f' ? STOA_NUMBER_FLOAT : STOA_NUMBER_DOUBLE;
    return stoa_number_read_double(literal->text, &out->real);
  }
  if (stoa_slice_is(name, "decimal")) {
    const bool good = stoa_number_read_decimal(literal->text, out);
    out->kind = STOA_NUMBER_DECIMAL;
    return good;
  }
  return is_integer_type(name) && stoa_number_read_decimal(literal->text, out) && out->kind == STOA_NUMBER_INTEGER;
}

bool stoa_number_of(stoa_term term, stoa_number *out)
{
  *out = (stoa_number){0};
  switch ((stoa_term_kind)term.kind) {
    case STOA_TERM_INTEGER:
      out->mantissa = term.as.integer;
      return true;
    case STOA_TERM_DECIMAL:
      out->kind = STOA_NUMBER_DECIMAL;
      out->mantissa = term.as.integer;
      out->scale = term.length;
      return true;
    case STOA_TERM_DOUBLE:
      out->kind = STOA_NUMBER_DOUBLE;
      out->real = term.as.real;
      return true;
    case STOA_TERM_TYPED:
      return number_of_typed(term.as.literal, out);
    default:
      return false;
  }
}

void stoa_number_write_decimal(__int128 mantissa, uint32_t scale, bool decimal, stoa_buf *out)
{
  char digits[48];
  int n = 0;
  const bool negative = mantissa < 0;
  unsigned __int128 m = negative ? -(unsigned __int128)mantissa : (unsigned __int128)mantissa;
  while (scale > 0 && m > UINT64_MAX && m % 10 == 0) {
    m /= 10;
    scale--;
  }
  if (m <= UINT64_MAX) { // numbers of 64 bits are divided ten times as fast
    uint64_t small = (uint64_t)m;
    while (scale > 0 && small % 10 == 0) {
      small /= 10;
      scale--;
    }
    do {
      digits[n++] = (char)('0' + (int)(small % 10));
      small /= 10;
    } while (small > 0 || n <= (int)scale);
    m = 0;
  }
  while (m > 0) {
    digits[n++] = (char)('0' + (int)(m % 10));
    m /= 10;
  }
  while (n <= (int)scale) {
    digits[n++] = '0';
  }
  if (negative) {
    stoa_buf_byte(out, '-');
  }
  while (n > 0) {
    if (n == (int)scale) {
      stoa_buf_byte(out, '.');
    }
    stoa_buf_byte(out, digits[--n]);
  }
  if (decimal && scale == 0) {
    stoa_buf_text(out, ".0");
  }
}

// A real number as digits, the first one before the point; written by hand, for printf would be most of the time that a
// result of doubles takes.
typedef struct {
  bool negative;
  char digits[20];
  int n, exponent;
} real_digits;

static void read_digits(double value, int n, real_digits *out)
{
  char text[40];
  snprintf(text, sizeof text, "%.*e", n - 1, value);
  const char *const from = text + (*text == '-');
  out->negative = *text == '-';
  out->n = n;
  out->digits[0] = from[0];
  memcpy(out->digits + 1, from + 2, (size_t)n - 1);
  out->exponent = atoi(strchr(from, 'e') + 1);
}

// Rounded to n digits; a carry out of the first one moves the point.
static void round_digits(const real_digits *all, int n, real_digits *out)
{
  *out = *all;
  out->n = n;
  bool carry = all->digits[n] >= '5';
  for (int at = n - 1; carry && at >= 0; --at) {
    carry = out->digits[at] == '9';
    out->digits[at] = carry ? '0' : (char)(out->digits[at] + 1);
  }
  if (carry) {
    out->digits[0] = '1';
    out->exponent++;
  }
}

static size_t write_digits(const real_digits *d, char *out)
{
  char *at = out;
  int n = d->n;
  while (n > 1 && d->digits[n - 1] == '0') {
    --n;
  }
  if (d->negative) {
    *at++ = '-';
  }
  *at++ = d->digits[0];
  *at++ = '.';
  memcpy(at, n > 1 ? d->digits + 1 : "0", n > 1 ? (size_t)n - 1 : 1);
  at += n > 1 ? n - 1 : 1;
  *at++ = 'E';
  if (d->exponent < 0) {
    *at++ = '-';
  }
  const int exponent = abs(d->exponent);
  for (int unit = exponent >= 100 ? 100 : exponent >= 10 ? 10 : 1; unit; unit /= 10) {
    *at++ = (char)('0' + exponent / unit % 10);
  }
  *at = '\0';
  return (size_t)(at - out);
}

static bool reads_back(const char *text, double value, bool single)
{
  return single ? strtof(text, NULL) == (float)value : strtod(text, NULL) == value;
}

// The shortest digits that read back as the same double, or float.  Fewer than either surely holds (15 and 6) come
// back as they were, with noughts after them.
static size_t write_shortest(double value, bool single, char *out)
{
  real_digits all, some;
  const int most = single ? 9 : 17;
  const bool subnormal = fpclassify(single ? (float)value : value) == FP_SUBNORMAL;
  read_digits(value, most, &all);
  for (int n = subnormal ? 1 : single ? 6 : 15; n < most; ++n) {
    if (all.digits[n] == '5') { // which may come of rounding already, from below
      read_digits(value, n, &some);
    } else {
      round_digits(&all, n, &some);
    }
    const size_t length = write_digits(&some, out);
    if (reads_back(out, value, single)) {
      return length;
    }
  }
  return write_digits(&all, out);
}

static void write_real(double value, bool single, stoa_buf *out)
{
  char text[40];
  if (isfinite(value)) {
    stoa_buf_add(out, text, write_shortest(value, single, text));
  } else {
    stoa_buf_text(out, isnan(value) ? "NaN" : value > 0 ? "INF" : "-INF");
  }
}

void stoa_number_write_double(double value, stoa_buf *out)
{
  write_real(value, false, out);
}

static bool fits_int64(__int128 v)
{
  return v >= INT64_MIN && v <= INT64_MAX;
}

stoa_term stoa_number_term(const stoa_number *number, stoa_arena *arena)
{
  stoa_number n = *number;
  if (n.kind == STOA_NUMBER_DOUBLE) {
    return stoa_term_double(n.real);
  }
  stoa_buf text = {0};
  const char *type = STOA_XSD "float";
  if (n.kind == STOA_NUMBER_FLOAT) {
    write_real((double)(float)n.real, true, &text);
  } else {
    shrink(&n);
    if (fits_int64(n.mantissa) && n.scale <= 18) {
      stoa_term term = stoa_term_integer((int64_t)n.mantissa);
      term.kind = n.kind == STOA_NUMBER_INTEGER ? STOA_TERM_INTEGER : STOA_TERM_DECIMAL;
      term.length = n.scale;
      return term;
    }
    type = n.kind == STOA_NUMBER_INTEGER ? STOA_XSD "integer" : STOA_XSD "decimal";
    stoa_number_write_decimal(n.mantissa, n.scale, false, &text);
  }
  stoa_literal *const literal = STOA_NEW(arena, stoa_literal);
  literal->text = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  literal->tag = stoa_slice_of(type);
  stoa_buf_done(&text);
  return (stoa_term){.kind = STOA_TERM_TYPED, .as.literal = literal};
}

double stoa_number_real(const stoa_number *n)
{
  if (n->kind >= STOA_NUMBER_FLOAT) {
    return n->real;
  }
  if (n->scale == 0) {
    return (double)n->mantissa;
  }
  // Division of two exact doubles rounds once and so gives the double nearest to the decimal.
  const __int128 exact = (__int128)1 << 53;
  if (n->scale <= 22 && n->mantissa < exact && n->mantissa > -exact) {
    return (double)n->mantissa / (double)power10(n->scale);
  }
  stoa_buf text = {0};
  stoa_number_write_decimal(n->mantissa, n->scale, false, &text);
  const double value = strtod(stoa_buf_string(&text), NULL);
  stoa_buf_done(&text);
  return value;
}

// Bring both to one scale.  False when that overflows 128 bits.
static bool align(const stoa_number *a, const stoa_number *b, __int128 *x, __int128 *y)
{
  const uint32_t scale = a->scale > b->scale ? a->scale : b->scale;
  return !__builtin_mul_overflow(a->mantissa, power10(scale - a->scale), x) &&
         !__builtin_mul_overflow(b->mantissa, power10(scale - b->scale), y);
}

int stoa_number_compare(const stoa_number *a, const stoa_number *b)
{
  __int128 x, y;
  if (a->kind <= STOA_NUMBER_DECIMAL && b->kind <= STOA_NUMBER_DECIMAL && align(a, b, &x, &y)) {
    return (x > y) - (x < y);
  }
  const double p = stoa_number_real(a), q = stoa_number_real(b);
  return isnan(p) || isnan(q) ? STOA_NUMBER_UNORDERED : (p > q) - (p < q);
}

static double apply_real(char op, double a, double b)
{
  return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
}

// The exact way; false when 128 bits do not hold it or a quotient does not end.
static bool apply_exact(char op, const stoa_number *a, const stoa_number *b, stoa_number *out)
{
  __int128 x, y;
  out->scale = a->scale > b->scale ? a->scale : b->scale;
  if (op == '*') {
    out->scale = a->scale + b->scale;
    return out->scale <= MOST_SCALE && !__builtin_mul_overflow(a->mantissa, b->mantissa, &out->mantissa);
  }
  if (!align(a, b, &x, &y)) {
    return false;
  }
  if (op == '/') {
    out->scale = 0;
    while (x % y != 0 && out->scale < 18) {
      if (__builtin_mul_overflow(x, (__int128)10, &x)) {
        return false;
      }
      out->scale++;
    }
    out->mantissa = x / y;
    return x % y == 0;
  }
  return op == '+' ? !__builtin_add_overflow(x, y, &out->mantissa) : !__builtin_sub_overflow(x, y, &out->mantissa);
}

static bool apply_slow(char op, const stoa_number *a, const stoa_number *b, stoa_arena *arena, stoa_number *out)
{
  stoa_buf x = {0}, y = {0};
  stoa_slice result;
  stoa_number_write_decimal(a->mantissa, a->scale, false, &x);
  stoa_number_write_decimal(b->mantissa, b->scale, false, &y);
  const bool good = stoa_xsd_decimal_apply(op, stoa_buf_string(&x), stoa_buf_string(&y), arena, &result) &&
                    stoa_number_read_decimal(result, out);
  stoa_buf_done(&x);
  stoa_buf_done(&y);
  return good;
}

bool stoa_number_apply(char op, const stoa_number *a, const stoa_number *b, stoa_arena *arena, stoa_number *out)
{
  stoa_number_kind kind = a->kind > b->kind ? a->kind : b->kind;
  stoa_number result = {.kind = kind};
  if (kind >= STOA_NUMBER_FLOAT) {
    result.real = apply_real(op, stoa_number_real(a), stoa_number_real(b));
    if (kind == STOA_NUMBER_FLOAT) {
      result.real = (double)(float)result.real;
    }
    *out = result;
    return true;
  }
  if (op == '/') {
    kind = STOA_NUMBER_DECIMAL;
    if (b->mantissa == 0) {
      return false;
    }
  }
  if (!apply_exact(op, a, b, &result) && !apply_slow(op, a, b, arena, &result)) {
    return false;
  }
  result.kind = kind;
  shrink(&result);
  *out = result;
  return true;
}

bool stoa_number_round(char how, const stoa_number *number, stoa_number *out)
{
  *out = *number;
  if (number->kind >= STOA_NUMBER_FLOAT) {
    const double v = number->real;
    out->real = how == 'f' ? floor(v) : how == 'c' ? ceil(v) : how == 'a' ? fabs(v) : floor(v + 0.5);
    return true;
  }
  if (how == 'a') {
    out->mantissa = number->mantissa < 0 ? -number->mantissa : number->mantissa;
    return true;
  }
  const __int128 unit = power10(number->scale);
  __int128 floor_part = number->mantissa / unit;
  const __int128 rest = number->mantissa - floor_part * unit;
  floor_part -= rest < 0;
  const __int128 above = rest < 0 ? rest + unit : rest;
  out->mantissa = how == 'f'   ? floor_part
                  : how == 'c' ? floor_part + (above > 0)
                               : floor_part + (above * 2 >= unit && above > 0);
  out->scale = 0;
  return true;
}
