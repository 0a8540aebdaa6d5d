// What XPath computes with values (Functions and Operators 3.1, sections 4.2, 8.4 and 9.7): an extension of SPARQL 1.1
// where the values are no numbers.
#include "graph/term/arithmetic.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/value.h"

static const int64_t second_us = 1000000, day_us = INT64_C(86400000000);

static const stoa_term failure = {0};

static stoa_term numbers(char op, const stoa_number *x, const stoa_number *y, stoa_arena *arena)
{
  stoa_number result;
  return stoa_number_apply(op, x, y, arena, &result) ? stoa_number_term(&result, arena) : failure;
}

// Durations of one kind that has an order are added and taken from each other; a quotient is a number.
static stoa_term durations(char op, const stoa_duration *a, const stoa_duration *b, stoa_arena *arena)
{
  stoa_duration sum = {.kind = a->kind};
  if (a->kind != b->kind || a->kind == STOA_DURATION_ANY || op == '*') {
    return failure;
  }
  if (op == '/') {
    const bool months = a->kind == STOA_DURATION_YEAR_MONTH;
    const stoa_number x = {.mantissa = months ? a->months : a->us}, y = {.mantissa = months ? b->months : b->us};
    return numbers('/', &x, &y, arena);
  }
  const bool overflow =
    op == '+'
      ? __builtin_add_overflow(a->months, b->months, &sum.months) || __builtin_add_overflow(a->us, b->us, &sum.us)
      : __builtin_sub_overflow(a->months, b->months, &sum.months) || __builtin_sub_overflow(a->us, b->us, &sum.us);
  return overflow ? failure : stoa_duration_term(&sum, arena);
}

// Multiplied or divided by a number, rounded half up to whole months or microseconds.
static stoa_term scaled(char op, const stoa_duration *d, const stoa_number *by, stoa_arena *arena)
{
  const bool months = d->kind == STOA_DURATION_YEAR_MONTH;
  const stoa_number count = {.mantissa = months ? d->months : d->us};
  stoa_number whole;
  if (d->kind == STOA_DURATION_ANY || (op != '*' && op != '/') || !stoa_number_apply(op, &count, by, arena, &whole)) {
    return failure;
  }
  stoa_number_round('r', &whole, arena, &whole);
  if (!stoa_number_convert(&whole, STOA_NUMBER_INTEGER, arena, &whole) || whole.mantissa > INT64_MAX ||
      whole.mantissa < -INT64_MAX) {
    return failure;
  }
  const int64_t n = (int64_t)whole.mantissa;
  const stoa_duration result = {d->kind, months ? n : 0, months ? 0 : n};
  return stoa_duration_term(&result, arena);
}

typedef struct {
  stoa_instant instant;
  bool is_date;
} moment;

static stoa_term moment_term(int64_t us, const moment *like)
{
  const int64_t most = INT64_C(9000000000000) * second_us;
  if (us > most || us < -most) {
    return failure;
  }
  stoa_term term = stoa_term_datetime(us, like->instant.has_zone, like->instant.zone);
  term.kind = like->is_date ? STOA_TERM_DATE : STOA_TERM_DATETIME;
  return term;
}

static int64_t floored(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

// Months move the month, and the day back to its month's last; time moves the instant; a date keeps its day alone.
static stoa_term moved(const moment *m, const stoa_duration *by, int sign)
{
  const int64_t shift = (int64_t)m->instant.zone * 60 * second_us;
  const stoa_calendar c = stoa_xsd_calendar(m->instant);
  int64_t months, local, rest = m->instant.us + shift;
  const int64_t days = floored(rest, day_us);
  rest -= days * day_us;
  if (by->months > INT32_MAX || by->months < -INT32_MAX || by->us == INT64_MIN) {
    return failure;
  }
  months = (int64_t)c.year * 12 + c.month - 1 + sign * by->months;
  const int64_t day =
    by->months ? stoa_xsd_days(floored(months, 12), (int)(months - floored(months, 12) * 12) + 1, c.day) : days;
  if (__builtin_mul_overflow(day, day_us, &local) || __builtin_add_overflow(local, rest, &local) ||
      __builtin_add_overflow(local, sign * by->us, &local)) {
    return failure;
  }
  local = m->is_date ? floored(local, day_us) * day_us : local;
  return moment_term(local - shift, m);
}

static stoa_term between(const moment *a, const moment *b, stoa_arena *arena)
{
  stoa_duration d = {.kind = STOA_DURATION_DAY_TIME};
  if (a->is_date != b->is_date || __builtin_sub_overflow(a->instant.us, b->instant.us, &d.us)) {
    return failure;
  }
  return stoa_duration_term(&d, arena);
}

// The usual case: whole numbers whose result is one too, in 64 bits.
static bool small_result(char op, stoa_term a, stoa_term b, stoa_term *out)
{
  int64_t n;
  if (a.kind != STOA_TERM_INTEGER || b.kind != STOA_TERM_INTEGER || op == '/' ||
      (op == '+'   ? __builtin_add_overflow(a.as.integer, b.as.integer, &n)
       : op == '-' ? __builtin_sub_overflow(a.as.integer, b.as.integer, &n)
                   : __builtin_mul_overflow(a.as.integer, b.as.integer, &n))) {
    return false;
  }
  *out = stoa_term_integer(n);
  return true;
}

stoa_term stoa_term_arithmetic(char op, stoa_term a, stoa_term b, stoa_arena *arena)
{
  stoa_term small;
  if (small_result(op, a, b, &small)) {
    return small;
  }
  stoa_number x, y;
  const bool a_number = stoa_number_of(a, &x), b_number = stoa_number_of(b, &y);
  if (a_number && b_number) {
    return numbers(op, &x, &y, arena);
  }
  stoa_duration d, e;
  const bool a_lasts = !a_number && stoa_duration_of(a, &d), b_lasts = !b_number && stoa_duration_of(b, &e);
  if (a_lasts && b_lasts) {
    return durations(op, &d, &e, arena);
  }
  if (a_lasts && b_number) {
    return scaled(op, &d, &y, arena);
  }
  if (a_number && b_lasts && op == '*') {
    return scaled(op, &e, &x, arena);
  }
  moment m, n;
  const bool a_moment = stoa_term_instant(a, &m.instant, &m.is_date),
             b_moment = stoa_term_instant(b, &n.instant, &n.is_date);
  if (a_moment && b_moment && op == '-') {
    return between(&m, &n, arena);
  }
  if (a_moment && b_lasts && (op == '+' || op == '-')) {
    return moved(&m, &e, op == '+' ? 1 : -1);
  }
  return a_lasts && b_moment && op == '+' ? moved(&n, &d, 1) : failure;
}
