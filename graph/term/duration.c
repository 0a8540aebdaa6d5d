#include "graph/term/duration.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"
#include <stdlib.h>

static const int64_t second_us = 1000000, day_us = INT64_C(86400000000);

static const char *const datatypes[] = {[STOA_DURATION_ANY] = STOA_XSD "duration",
                                        [STOA_DURATION_YEAR_MONTH] = STOA_XSD "yearMonthDuration",
                                        [STOA_DURATION_DAY_TIME] = STOA_XSD "dayTimeDuration"};

bool stoa_duration_kind_of(stoa_slice datatype, stoa_duration_kind *out)
{
  for (int kind = STOA_DURATION_ANY; kind <= STOA_DURATION_DAY_TIME; ++kind) {
    if (stoa_slice_is(datatype, datatypes[kind])) {
      *out = (stoa_duration_kind)kind;
      return true;
    }
  }
  return false;
}

// ---- texts

// Fields in the order in which they may stand, each at most once.
static const struct {
  char letter;
  bool time;      ///< behind the T
  int64_t months; ///< one is so many months, or microseconds
  int64_t us;
} fields[] = {{'Y', false, 12, 0},
              {'M', false, 1, 0},
              {'D', false, 0, INT64_C(86400000000)},
              {'H', true, 0, INT64_C(3600000000)},
              {'M', true, 0, 60000000},
              {'S', true, 0, 1000000}};
enum { N_FIELDS = sizeof fields / sizeof *fields };

typedef struct {
  const char *at, *end;
  bool time;
  int next; ///< the first field that may still come
  stoa_duration sum;
} reader;

static bool take_digits(reader *r, int64_t *out)
{
  const char *const start = r->at;
  *out = 0;
  for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; ++r->at) {
    if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, *r->at - '0', out)) {
      return false;
    }
  }
  return r->at > start;
}

// Digits behind the point of seconds, cut off after microseconds.
static bool take_fraction(reader *r, int64_t *us)
{
  const char *const start = ++r->at;
  int64_t unit = second_us / 10;
  for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; ++r->at, unit /= 10) {
    *us += (*r->at - '0') * unit;
  }
  return r->at > start && r->at < r->end && *r->at == 'S';
}

static bool add_field(stoa_duration *sum, int64_t count, int field)
{
  int64_t months, us;
  return !__builtin_mul_overflow(count, fields[field].months, &months) &&
         !__builtin_mul_overflow(count, fields[field].us, &us) &&
         !__builtin_add_overflow(sum->months, months, &sum->months) && !__builtin_add_overflow(sum->us, us, &sum->us);
}

static bool take_field(reader *r)
{
  int64_t count, fraction = 0;
  if (!take_digits(r, &count) || (r->at < r->end && *r->at == '.' && !take_fraction(r, &fraction)) || r->at >= r->end) {
    return false;
  }
  while (r->next < N_FIELDS && (fields[r->next].letter != *r->at || fields[r->next].time != r->time)) {
    ++r->next;
  }
  ++r->at;
  return r->next < N_FIELDS && add_field(&r->sum, count, r->next++) &&
         !__builtin_add_overflow(r->sum.us, fraction, &r->sum.us);
}

bool stoa_duration_read(stoa_slice lexical, stoa_duration_kind kind, stoa_duration *out)
{
  reader r = {.at = lexical.data, .end = lexical.data + lexical.length, .sum = {.kind = kind}};
  const bool negative = r.at < r.end && *r.at == '-';
  bool any = false;
  r.at += negative;
  if (r.at >= r.end || *r.at++ != 'P') {
    return false;
  }
  bool years_or_months = false, others = false;
  while (r.at < r.end) {
    if (*r.at == 'T' && !r.time) {
      r.time = true;
      ++r.at;
      any = false; // a T stands before something
      continue;
    }
    if (!take_field(&r)) {
      return false;
    }
    any = true;
    years_or_months |= r.next <= 2;
    others |= r.next > 2;
  }
  if (!any || (kind == STOA_DURATION_YEAR_MONTH && (others || r.time)) ||
      (kind == STOA_DURATION_DAY_TIME && years_or_months)) {
    return false;
  }
  r.sum.months = negative ? -r.sum.months : r.sum.months;
  r.sum.us = negative ? -r.sum.us : r.sum.us;
  *out = r.sum;
  return true;
}

bool stoa_duration_of(stoa_term term, stoa_duration *out)
{
  stoa_duration_kind kind;
  return term.kind == STOA_TERM_TYPED && stoa_duration_kind_of(term.as.literal->tag, &kind) &&
         stoa_duration_read(term.as.literal->text, kind, out);
}

static void write_field(uint64_t count, char letter, stoa_buf *out)
{
  if (count) {
    stoa_buf_print(out, "%llu%c", (unsigned long long)count, letter);
  }
}

static void write_time(uint64_t us, stoa_buf *out)
{
  const uint64_t second = (uint64_t)second_us, fraction = us % second, seconds = us / second % 60;
  stoa_buf_byte(out, 'T');
  write_field(us / second / 3600 % 24, 'H', out);
  write_field(us / second / 60 % 60, 'M', out);
  if (fraction) {
    stoa_buf_print(out, "%llu.%06llu", (unsigned long long)seconds, (unsigned long long)fraction);
    while (out->data[out->length - 1] == '0') {
      out->length--;
    }
    stoa_buf_byte(out, 'S');
  } else {
    write_field(seconds, 'S', out);
  }
}

stoa_term stoa_duration_term(const stoa_duration *d, stoa_arena *arena)
{
  stoa_buf text = {0};
  const uint64_t months = d->months < 0 ? -(uint64_t)d->months : (uint64_t)d->months;
  const uint64_t us = d->us < 0 ? -(uint64_t)d->us : (uint64_t)d->us, day = (uint64_t)day_us;
  stoa_buf_text(&text, d->months < 0 || d->us < 0 ? "-P" : "P");
  write_field(months / 12, 'Y', &text);
  write_field(months % 12, 'M', &text);
  write_field(us / day, 'D', &text);
  if (us % day) {
    write_time(us % day, &text);
  }
  if (months + us == 0) {
    stoa_buf_text(&text, d->kind == STOA_DURATION_YEAR_MONTH ? "0M" : "T0S");
  }
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return stoa_term_literal(arena, copy, stoa_slice_of(datatypes[d->kind]));
}

int stoa_duration_compare(const stoa_duration *a, const stoa_duration *b)
{
  if (a->kind == b->kind && a->kind != STOA_DURATION_ANY) {
    const int order = (a->us > b->us) - (a->us < b->us);
    return order ? order : (a->months > b->months) - (a->months < b->months);
  }
  return a->months == b->months && a->us == b->us ? 0 : STOA_DURATION_UNORDERED;
}

// ---- arithmetic

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

stoa_term stoa_term_arithmetic(char op, stoa_term a, stoa_term b, stoa_arena *arena)
{
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
