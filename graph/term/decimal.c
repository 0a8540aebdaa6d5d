#include "graph/term/decimal.h"
#include <gmp.h>
#include <stdlib.h>

// A lexical form taken apart: sign, digits before the point without the first noughts, digits behind it without the
// last.
typedef struct {
  bool negative;
  stoa_slice whole, fraction;
} parts;

static parts parts_of(stoa_slice text)
{
  const char *const end = text.data + text.length;
  const char *at = text.data;
  parts p = {.negative = at < end && *at == '-'};
  at += at < end && (*at == '-' || *at == '+');
  const char *const point = memchr(at, '.', (size_t)(end - at));
  const char *stop = point ? point : end;
  while (at < stop && *at == '0') {
    ++at;
  }
  p.whole = (stoa_slice){at, (size_t)(stop - at)};
  at = point ? point + 1 : end;
  stop = end;
  while (stop > at && stop[-1] == '0') {
    --stop;
  }
  p.fraction = (stoa_slice){at, (size_t)(stop - at)};
  p.negative &= p.whole.length + p.fraction.length > 0;
  return p;
}

stoa_slice stoa_decimal_canonical(stoa_slice text, stoa_arena *arena)
{
  const parts p = parts_of(text);
  char *const out = stoa_arena_raw(arena, text.length + 3);
  size_t n = 0;
  if (p.negative) {
    out[n++] = '-';
  }
  if (p.whole.length == 0) {
    out[n++] = '0';
  }
  memcpy(out + n, p.whole.data, p.whole.length);
  n += p.whole.length;
  if (p.fraction.length) {
    out[n++] = '.';
    memcpy(out + n, p.fraction.data, p.fraction.length);
    n += p.fraction.length;
  }
  return (stoa_slice){out, n};
}

int stoa_decimal_compare(stoa_slice a, stoa_slice b)
{
  const parts x = parts_of(a), y = parts_of(b);
  if (x.negative != y.negative) {
    return x.negative ? -1 : 1;
  }
  int order = (x.whole.length > y.whole.length) - (x.whole.length < y.whole.length);
  order = order ? order : stoa_slice_compare(x.whole, y.whole);
  order = order ? order : stoa_slice_compare(x.fraction, y.fraction);
  order = (order > 0) - (order < 0);
  return x.negative ? -order : order;
}

// value / 10^scale
typedef struct {
  mpz_t value;
  size_t scale;
} number;

static void number_init(number *n, stoa_slice text)
{
  const parts p = parts_of(text);
  const size_t length = p.whole.length + p.fraction.length;
  char *const digits = malloc(length + 2);
  mpz_init(n->value);
  n->scale = p.fraction.length;
  if (!digits) {
    abort();
  }
  memcpy(digits, p.whole.data, p.whole.length);
  memcpy(digits + p.whole.length, p.fraction.data, p.fraction.length);
  memcpy(digits + length, length ? "" : "0", length ? 1 : 2);
  mpz_set_str(n->value, digits, 10);
  if (p.negative) {
    mpz_neg(n->value, n->value);
  }
  free(digits);
}

// Multiply by 10^n.
static void shift(mpz_t value, size_t n)
{
  mpz_t power;
  mpz_init(power);
  mpz_ui_pow_ui(power, 10, n);
  mpz_mul(value, value, power);
  mpz_clear(power);
}

static void align(number *a, number *b)
{
  number *const low = a->scale < b->scale ? a : b;
  const size_t scale = a->scale < b->scale ? b->scale : a->scale;
  shift(low->value, scale - low->scale);
  a->scale = b->scale = scale;
}

// Divide value / 10^n and round; floor leaves a remainder that is never negative.
static void unshift(char how, mpz_t value, size_t n)
{
  mpz_t power, rest;
  mpz_init(power);
  mpz_init(rest);
  mpz_ui_pow_ui(power, 10, n);
  if (how == 't') {
    mpz_tdiv_q(value, value, power);
  } else {
    mpz_fdiv_qr(value, rest, value, power);
    mpz_mul_ui(rest, rest, how == 'r' ? 2 : 1);
    if (how == 'c' ? mpz_sgn(rest) > 0 : how == 'r' && mpz_cmp(rest, power) >= 0) {
      mpz_add_ui(value, value, 1);
    }
  }
  mpz_clear(power);
  mpz_clear(rest);
}

enum { QUOTIENT_DIGITS = 18 };

// The quotient of aligned numbers, half away from zero: its digits are those of twice the dividend plus the divisor,
// divided by twice the divisor.
static void divide(number *a, number *b, size_t dividend_scale)
{
  const size_t n = mpz_sizeinbase(a->value, 10), m = mpz_sizeinbase(b->value, 10);
  const bool negative = mpz_sgn(a->value) * mpz_sgn(b->value) < 0;
  a->scale = QUOTIENT_DIGITS + (m > n ? m - n : 0);
  a->scale = a->scale > dividend_scale ? a->scale : dividend_scale; // that x / 1 be x
  mpz_abs(a->value, a->value);
  mpz_abs(b->value, b->value);
  shift(a->value, a->scale);
  mpz_mul_ui(a->value, a->value, 2);
  mpz_add(a->value, a->value, b->value);
  mpz_mul_ui(b->value, b->value, 2);
  mpz_tdiv_q(a->value, a->value, b->value);
  if (negative) {
    mpz_neg(a->value, a->value);
  }
}

static stoa_slice number_text(const number *n, stoa_arena *arena)
{
  const bool negative = mpz_sgn(n->value) < 0;
  char *const digits = mpz_get_str(NULL, 10, n->value), *const from = digits + negative;
  const size_t length = strlen(from), noughts = n->scale >= length ? n->scale - length + 1 : 0;
  char *const text = stoa_arena_raw(arena, length + noughts + 3);
  size_t at = 0;
  if (negative) {
    text[at++] = '-';
  }
  const size_t whole = length + noughts - n->scale;
  for (size_t i = 0; i < length + noughts; ++i) {
    if (i == whole) {
      text[at++] = '.';
    }
    text[at++] = i < noughts ? '0' : from[i - noughts];
  }
  void (*release)(void *, size_t);
  mp_get_memory_functions(NULL, NULL, &release);
  release(digits, strlen(digits) + 1);
  return stoa_decimal_canonical((stoa_slice){text, at}, arena);
}

static bool apply(char op, number *a, number *b)
{
  if (op == '*') {
    mpz_mul(a->value, a->value, b->value);
    a->scale += b->scale;
    return true;
  }
  const size_t scale = a->scale;
  align(a, b);
  if (op == '/') {
    if (mpz_sgn(b->value) == 0) {
      return false;
    }
    divide(a, b, scale);
  } else if (op == '+') {
    mpz_add(a->value, a->value, b->value);
  } else {
    mpz_sub(a->value, a->value, b->value);
  }
  return true;
}

// Two million digits are multiplied and written in half a second; no deadline is looked at meanwhile.
enum { MOST_DIGITS = 2000000 };

bool stoa_decimal_apply(char op, stoa_slice a, stoa_slice b, stoa_arena *arena, stoa_slice *out)
{
  if (a.length + b.length > MOST_DIGITS) {
    return false;
  }
  number x, y;
  number_init(&x, a);
  number_init(&y, b);
  const bool good = apply(op, &x, &y);
  if (good) {
    *out = number_text(&x, arena);
  }
  mpz_clear(x.value);
  mpz_clear(y.value);
  return good;
}

stoa_slice stoa_decimal_round(char how, stoa_slice a, stoa_arena *arena)
{
  number x;
  number_init(&x, a);
  unshift(how, x.value, x.scale);
  x.scale = 0;
  const stoa_slice text = number_text(&x, arena);
  mpz_clear(x.value);
  return text;
}
