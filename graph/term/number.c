#include "graph/term/number.h"
#include "graph/term/decimal.h"
#include "graph/term/vocab.h"
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

static const __int128 greatest = (__int128)(~(unsigned __int128)0 >> 1);

// How many digits count: those from the first that is no nought, without noughts at the end of a fraction.
typedef struct {
  size_t digits, scale;
  bool negative, point;
} extent;

static bool extent_of(stoa_slice text, extent *out)
{
  size_t i = text.length && (text.data[0] == '-' || text.data[0] == '+');
  bool any = false;
  *out = (extent){.negative = i && text.data[0] == '-'};
  size_t noughts = 0, scale = 0;
  for (; i < text.length; ++i) {
    const char c = text.data[i];
    if (c == '.' && !out->point) {
      out->point = true;
      noughts = 0;
      continue;
    }
    if (c < '0' || c > '9') {
      return false;
    }
    out->digits += out->digits || c != '0';
    scale += out->point;
    noughts = c == '0' ? noughts + 1 : 0;
    any = true;
  }
  const size_t at_end = out->point ? noughts : 0;
  out->scale = scale - at_end;
  out->digits -= at_end < out->digits ? at_end : out->digits;
  return any;
}

bool stoa_number_read_decimal(stoa_slice text, stoa_number *out)
{
  extent e;
  if (!extent_of(text, &e)) {
    return false;
  }
  *out = (stoa_number){.kind = e.point ? STOA_NUMBER_DECIMAL : STOA_NUMBER_INTEGER};
  if (e.digits > MOST_DIGITS || e.scale > MOST_SCALE) {
    out->mantissa = e.negative ? -greatest : greatest;
    out->digits = text;
    return true;
  }
  __int128 mantissa = 0;
  const char *const point = memchr(text.data, '.', text.length);
  const char *const end = point ? point + 1 + e.scale : text.data + text.length;
  for (const char *at = text.data; at < end; ++at) {
    mantissa = *at >= '0' && *at <= '9' ? mantissa * 10 + (*at - '0') : mantissa;
  }
  out->mantissa = e.negative ? -mantissa : mantissa;
  out->scale = (uint32_t)e.scale;
  return true;
}

// strtod takes more than XML Schema does: names in any case, hexadecimal digits, white space.
static bool read_real(stoa_slice lexical, bool single, double *out)
{
  char few[64];
  if (stoa_slice_is(lexical, "INF") || stoa_slice_is(lexical, "+INF") || stoa_slice_is(lexical, "-INF")) {
    *out = lexical.data[0] == '-' ? -INFINITY : INFINITY;
    return true;
  }
  if (stoa_slice_is(lexical, "NaN")) {
    *out = NAN;
    return true;
  }
  for (size_t i = 0; i < lexical.length; ++i) {
    if (!isdigit((unsigned char)lexical.data[i]) && !memchr("+-.eE", lexical.data[i], 5)) {
      return false;
    }
  }
  char *const text = lexical.length < sizeof few ? few : malloc(lexical.length + 1);
  if (lexical.length == 0 || !text) {
    return false;
  }
  memcpy(text, lexical.data, lexical.length);
  text[lexical.length] = '\0';
  char *end;
  *out = single ? (double)strtof(text, &end) : strtod(text, &end);
  const bool good = end != text && *end == '\0';
  if (text != few) {
    free(text);
  }
  return good;
}

bool stoa_number_read_double(stoa_slice lexical, double *out)
{
  return read_real(lexical, false, out);
}

bool stoa_number_read_float(stoa_slice lexical, double *out)
{
  return read_real(lexical, true, out);
}

// XML Schema Part 2, section 3.4: the types derived from xsd:integer and their bounds.
static const struct integer_type {
  const char *name;
  __int128 least, most; ///< the greatest and least of 128 bits: none
} integer_types[] = {
  {"integer", -greatest, greatest}, {"int", INT32_MIN, INT32_MAX},        {"long", INT64_MIN, INT64_MAX},
  {"short", INT16_MIN, INT16_MAX},  {"byte", INT8_MIN, INT8_MAX},         {"nonNegativeInteger", 0, greatest},
  {"positiveInteger", 1, greatest}, {"nonPositiveInteger", -greatest, 0}, {"negativeInteger", -greatest, -1},
  {"unsignedLong", 0, UINT64_MAX},  {"unsignedInt", 0, UINT32_MAX},       {"unsignedShort", 0, UINT16_MAX},
  {"unsignedByte", 0, UINT8_MAX}};

static const struct integer_type *integer_type(stoa_slice name)
{
  for (size_t i = 0; i < sizeof integer_types / sizeof *integer_types; ++i) {
    if (stoa_slice_is(name, integer_types[i].name)) {
      return &integer_types[i];
    }
  }
  return NULL;
}

static bool read_within(stoa_slice name, stoa_slice lexical, stoa_number *out)
{
  const struct integer_type *const type = integer_type(name);
  return type && stoa_number_read_decimal(lexical, out) && out->kind == STOA_NUMBER_INTEGER &&
         out->mantissa >= type->least && out->mantissa <= type->most;
}

bool stoa_number_is_within(stoa_slice name, stoa_slice lexical)
{
  stoa_number number;
  return read_within(name, lexical, &number);
}

// The name within XML Schema's namespace; empty for another datatype.
static stoa_slice schema_name(stoa_slice datatype)
{
  const stoa_slice xsd = {STOA_XSD, sizeof STOA_XSD - 1};
  return stoa_slice_starts(datatype, xsd) ? (stoa_slice){datatype.data + xsd.length, datatype.length - xsd.length}
                                          : (stoa_slice){"", 0};
}

bool stoa_number_is_type(stoa_slice datatype)
{
  const stoa_slice name = schema_name(datatype);
  return stoa_slice_is(name, "decimal") || stoa_slice_is(name, "double") || stoa_slice_is(name, "float") ||
         integer_type(name);
}

static bool number_of_typed(const stoa_literal *literal, stoa_number *out)
{
  const stoa_slice name = schema_name(literal->tag);
  if (stoa_slice_is(name, "double") || stoa_slice_is(name, "float")) {
    const bool single = name.data[0] == 'f';
    out->kind = single ? STOA_NUMBER_FLOAT : STOA_NUMBER_DOUBLE;
    return read_real(literal->text, single, &out->real);
  }
  if (stoa_slice_is(name, "decimal")) {
    const bool good = stoa_number_read_decimal(literal->text, out);
    out->kind = STOA_NUMBER_DECIMAL;
    return good;
  }
  return read_within(name, literal->text, out);
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

// Most doubles of the world are decimals of few digits: `m` of `scale` after the point.  Where the quotient of m and the
// power of ten is the value, the decimal reads back as it, for a quotient is rounded as reading is; and no two decimals
// of up to 15 digits are the same double, so that there is none shorter.
static bool decimal_digits(double value, real_digits *out)
{
  const double size = fabs(value), power = size < 1e5 ? 1e9 : 1e3;
  const int scale = size < 1e5 ? 9 : 3;
  if (!(size < 1e11) || size < 1e-5) {
    return false;
  }
  int64_t m = llround(size * power);
  if ((double)m / power != size) {
    return false;
  }
  char digits[20];
  int n = 0;
  for (; m > 0; m /= 10) {
    digits[n++] = (char)('0' + m % 10);
  }
  *out = (real_digits){.negative = value < 0, .n = n, .exponent = n - 1 - scale};
  for (int i = 0; i < n; ++i) {
    out->digits[i] = digits[n - 1 - i];
  }
  return true;
}

static void write_real(double value, bool single, stoa_buf *out)
{
  char text[40];
  real_digits digits;
  if (!single && decimal_digits(value, &digits)) {
    stoa_buf_add(out, text, write_digits(&digits, text));
  } else if (isfinite(value)) {
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

static stoa_term long_literal(const stoa_number *n, stoa_arena *arena)
{
  stoa_literal *const literal = STOA_NEW(arena, stoa_literal);
  if (n->digits.data) {
    literal->text = stoa_decimal_canonical(n->digits, arena);
  } else {
    stoa_buf text = {0};
    stoa_number_write_decimal(n->mantissa, n->scale, false, &text);
    literal->text = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
    stoa_buf_done(&text);
  }
  literal->tag = stoa_slice_of(n->kind == STOA_NUMBER_INTEGER ? STOA_XSD "integer" : STOA_XSD "decimal");
  return (stoa_term){.kind = STOA_TERM_TYPED, .as.literal = literal};
}

stoa_term stoa_number_term(const stoa_number *number, stoa_arena *arena)
{
  stoa_number n = *number;
  if (n.kind == STOA_NUMBER_DOUBLE) {
    return stoa_term_double(n.real);
  }
  if (n.kind == STOA_NUMBER_FLOAT) {
    stoa_buf text = {0};
    stoa_literal *const literal = STOA_NEW(arena, stoa_literal);
    write_real((double)(float)n.real, true, &text);
    literal->text = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
    literal->tag = stoa_slice_of(STOA_XSD "float");
    stoa_buf_done(&text);
    return (stoa_term){.kind = STOA_TERM_TYPED, .as.literal = literal};
  }
  shrink(&n);
  if (n.digits.data || !fits_int64(n.mantissa) || n.scale > 18) {
    return long_literal(&n, arena);
  }
  stoa_term term = stoa_term_integer((int64_t)n.mantissa);
  term.kind = n.kind == STOA_NUMBER_INTEGER ? STOA_TERM_INTEGER : STOA_TERM_DECIMAL;
  term.length = n.scale;
  return term;
}

void stoa_number_write_exact(const stoa_number *n, stoa_buf *out)
{
  if (n->digits.data) {
    stoa_buf_slice(out, n->digits);
  } else {
    stoa_number_write_decimal(n->mantissa, n->scale, false, out);
  }
}

bool stoa_number_is_true(const stoa_number *n)
{
  return n->kind >= STOA_NUMBER_FLOAT ? n->real != 0 && !isnan(n->real) : n->mantissa != 0;
}

static double real_of(const stoa_number *n, bool single)
{
  stoa_buf text = {0};
  stoa_number_write_exact(n, &text);
  const double value = single ? (double)strtof(stoa_buf_string(&text), NULL) : strtod(stoa_buf_string(&text), NULL);
  stoa_buf_done(&text);
  return value;
}

double stoa_number_real(const stoa_number *n)
{
  if (n->kind >= STOA_NUMBER_FLOAT) {
    return n->real;
  }
  if (n->digits.data) {
    return real_of(n, false);
  }
  if (n->scale == 0) {
    return (double)n->mantissa;
  }
  // Division of two exact doubles rounds once and so gives the double nearest to the decimal.
  const __int128 exact = (__int128)1 << 53;
  if (n->scale <= 22 && n->mantissa < exact && n->mantissa > -exact) {
    return (double)n->mantissa / (double)power10(n->scale);
  }
  return real_of(n, false);
}

// The value as one of the kind in which an operation is done (section 17.3): a float is rounded once.
static double promoted(const stoa_number *n, stoa_number_kind kind)
{
  if (kind == STOA_NUMBER_DOUBLE || n->kind >= STOA_NUMBER_FLOAT) {
    return stoa_number_real(n);
  }
  return n->scale == 0 && !n->digits.data ? (double)(float)n->mantissa : real_of(n, true);
}

// Bring both to one scale.  False when that overflows 128 bits.
static bool align(const stoa_number *a, const stoa_number *b, __int128 *x, __int128 *y)
{
  const uint32_t scale = a->scale > b->scale ? a->scale : b->scale;
  return !a->digits.data && !b->digits.data && !__builtin_mul_overflow(a->mantissa, power10(scale - a->scale), x) &&
         !__builtin_mul_overflow(b->mantissa, power10(scale - b->scale), y);
}

static int compare_long(const stoa_number *a, const stoa_number *b)
{
  stoa_buf x = {0}, y = {0};
  stoa_number_write_exact(a, &x);
  stoa_number_write_exact(b, &y);
  const int order = stoa_decimal_compare((stoa_slice){x.data, x.length}, (stoa_slice){y.data, y.length});
  stoa_buf_done(&x);
  stoa_buf_done(&y);
  return order;
}

int stoa_number_compare(const stoa_number *a, const stoa_number *b)
{
  __int128 x, y;
  const stoa_number_kind kind = a->kind > b->kind ? a->kind : b->kind;
  if (kind <= STOA_NUMBER_DECIMAL) {
    return align(a, b, &x, &y) ? (x > y) - (x < y) : compare_long(a, b);
  }
  const double p = promoted(a, kind), q = promoted(b, kind);
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
    return !a->digits.data && !b->digits.data && out->scale <= MOST_SCALE &&
           !__builtin_mul_overflow(a->mantissa, b->mantissa, &out->mantissa);
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
  stoa_number_write_exact(a, &x);
  stoa_number_write_exact(b, &y);
  const bool good =
    stoa_decimal_apply(op, (stoa_slice){x.data, x.length}, (stoa_slice){y.data, y.length}, arena, &result) &&
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
    result.real = apply_real(op, promoted(a, kind), promoted(b, kind));
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

static double round_real(char how, double v)
{
  switch (how) {
    case 'f':
      return floor(v);
    case 'c':
      return ceil(v);
    case 't':
      return trunc(v);
    default: // a half goes up, and what comes to nought from below is minus nought
      return fabs(v) < 0x1p52 ? copysign(floor(v) + (v - floor(v) >= 0.5), v) : v;
  }
}

static __int128 round_exact(char how, __int128 mantissa, __int128 unit)
{
  __int128 whole = mantissa / unit;
  const __int128 rest = mantissa - whole * unit;
  if (how == 't' || rest == 0) {
    return whole;
  }
  whole -= rest < 0;
  const __int128 above = rest < 0 ? rest + unit : rest;
  return whole + (how == 'c' || (how == 'r' && above * 2 >= unit));
}

void stoa_number_round(char how, const stoa_number *number, stoa_arena *arena, stoa_number *out)
{
  const stoa_number n = *number;
  *out = n;
  if (n.kind >= STOA_NUMBER_FLOAT) {
    out->real = round_real(how, n.real);
  } else if (n.digits.data) {
    stoa_number_read_decimal(stoa_decimal_round(how, n.digits, arena), out);
    out->kind = n.kind;
  } else {
    out->mantissa = round_exact(how, n.mantissa, power10(n.scale));
    out->scale = 0;
  }
}

void stoa_number_negate(const stoa_number *number, stoa_arena *arena, stoa_number *out)
{
  *out = *number;
  out->real = -number->real;
  out->mantissa = -number->mantissa;
  if (number->digits.data) {
    char *const text = stoa_arena_copy(arena, stoa_decimal_canonical(number->digits, arena));
    const bool negative = *text == '-';
    out->digits = negative ? stoa_slice_of(text + 1) : stoa_slice_of(stoa_arena_print(arena, "-%s", text));
  }
}

void stoa_number_absolute(const stoa_number *number, stoa_arena *arena, stoa_number *out)
{
  const bool negative = number->kind >= STOA_NUMBER_FLOAT ? signbit(number->real) != 0 : number->mantissa < 0;
  *out = *number;
  if (negative) {
    stoa_number_negate(number, arena, out);
  }
}

// A real number written out: all digits of a whole one, else the fewest that read back as it.
static bool exact_of(double real, bool single, stoa_arena *arena, stoa_number *out)
{
  char text[40];
  int digits = 0;
  if (!isfinite(real)) {
    return false;
  }
  if (real != nearbyint(real)) { // d.dddE-dd
    write_shortest(real, single, text);
    const char *const mark = strchr(text, 'E');
    digits = (int)(mark - strchr(text, '.')) - 1 - atoi(mark + 1);
  }
  return stoa_number_read_decimal(stoa_slice_of(stoa_arena_print(arena, "%.*f", digits > 0 ? digits : 0, real)), out);
}

bool stoa_number_convert(const stoa_number *number, stoa_number_kind kind, stoa_arena *arena, stoa_number *out)
{
  stoa_number n = *number;
  if (kind >= STOA_NUMBER_FLOAT) {
    n.real = promoted(number, kind);
    n = (stoa_number){.real = kind == STOA_NUMBER_FLOAT ? (double)(float)n.real : n.real};
  } else if (n.kind >= STOA_NUMBER_FLOAT && !exact_of(n.real, n.kind == STOA_NUMBER_FLOAT, arena, &n)) {
    return false;
  }
  if (kind == STOA_NUMBER_INTEGER) {
    stoa_number_round('t', &n, arena, &n);
  }
  n.kind = kind;
  *out = n;
  return true;
}
