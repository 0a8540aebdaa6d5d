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
