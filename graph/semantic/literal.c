#include "graph/semantic/literal.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static stoa_slice trimmed(stoa_slice text)
{
  while (text.length && isspace((unsigned char)text.data[0])) {
    text = (stoa_slice){text.data + 1, text.length - 1};
  }
  while (text.length && isspace((unsigned char)text.data[text.length - 1])) {
    text.length--;
  }
  return text;
}

static bool is_word(stoa_slice text, const char *word)
{
  return text.length == strlen(word) && strncasecmp(text.data, word, text.length) == 0;
}

static bool read_boolean(stoa_slice text, stoa_term *out)
{
  static const char *const words[][2] = {{"true", "false"}, {"t", "f"},    {"yes", "no"},
                                         {"y", "n"},        {"on", "off"}, {"1", "0"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    if (is_word(text, words[i][0]) || is_word(text, words[i][1])) {
      *out = stoa_term_boolean(is_word(text, words[i][0]));
      return true;
    }
  }
  return false;
}

static bool read_number(stoa_slice text, stoa_number_kind kind, stoa_arena *arena, stoa_term *out)
{
  stoa_number number = {.kind = kind};
  const bool good = kind == STOA_NUMBER_DOUBLE
                      ? stoa_number_read_double(text, &number.real)
                      : stoa_number_read_decimal(text, &number) && (kind == STOA_NUMBER_DECIMAL || number.kind == kind);
  number.kind = kind;
  if (good) {
    *out = stoa_term_copy(stoa_number_term(&number, arena), arena);
  }
  return good;
}

static stoa_term written(stoa_buf *text, const char *type, stoa_arena *arena)
{
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text->data ? text->data : "", text->length});
  stoa_buf_done(text);
  return stoa_term_literal(arena, copy, stoa_slice_of(type));
}

static bool read_date(stoa_slice text, stoa_arena *arena, stoa_term *out)
{
  stoa_instant day;
  stoa_buf lexical = {0};
  if (!stoa_xsd_date_read(text, &day) || day.has_zone) {
    return false;
  }
  stoa_xsd_date_write(day, &lexical);
  *out = written(&lexical, STOA_XSD "date", arena);
  return true;
}

// Hours and minutes are enough.
static stoa_slice with_seconds(stoa_slice text, stoa_arena *arena)
{
  enum { SECONDS = sizeof "2026-11-27 10:00" - 1 };
  const bool none =
    text.length >= SECONDS && text.data[13] == ':' && (text.length == SECONDS || text.data[SECONDS] != ':');
  return none ? stoa_slice_of(stoa_arena_print(arena, "%.*s:00%.*s", (int)SECONDS, text.data,
                                               (int)(text.length - SECONDS), text.data + SECONDS))
              : text;
}

// A day is the instant at which it begins.
static bool read_timestamp(stoa_slice text, stoa_arena *arena, stoa_term *out)
{
  stoa_instant at;
  stoa_buf again = {0};
  stoa_xsd_datetime_of_sql(with_seconds(text, arena), &again);
  const stoa_slice lexical = {again.data ? again.data : "", again.length};
  const bool good = stoa_xsd_datetime_read(lexical, &at) || stoa_xsd_date_read(text, &at);
  stoa_buf_done(&again);
  if (!good) {
    return false;
  }
  at.has_zone = true;
  again = (stoa_buf){0};
  stoa_xsd_datetime_write(at, &again);
  *out = written(&again, STOA_XSD "dateTime", arena);
  return true;
}

// ---- intervals: '90 days', '1 year 2 months', '02:30', 'P90D'

static const struct {
  const char *const names[5];
  int64_t months, us;
} units[] = {{{"year", "years", "yr", "y"}, 12, 0},
             {{"month", "months", "mon", "mons"}, 1, 0},
             {{"week", "weeks", "w"}, 0, INT64_C(7) * 86400000000},
             {{"day", "days", "d"}, 0, INT64_C(86400000000)},
             {{"hour", "hours", "hr", "hrs", "h"}, 0, INT64_C(3600000000)},
             {{"minute", "minutes", "min", "mins", "m"}, 0, INT64_C(60000000)},
             {{"second", "seconds", "sec", "secs", "s"}, 0, INT64_C(1000000)}};

static int unit_of(stoa_slice word)
{
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i) {
    for (size_t k = 0; k < 5 && units[i].names[k]; ++k) {
      if (is_word(word, units[i].names[k])) {
        return (int)i;
      }
    }
  }
  return -1;
}

// So many of a unit; a fraction is one of seconds alone.
static bool add_unit(stoa_duration *d, double n, int unit)
{
  const double most = 1e9;
  if (unit < 0 || n > most || n < -most || (n != (double)(int64_t)n && units[unit].us != 1000000)) {
    return false;
  }
  int64_t us;
  const int64_t whole = (int64_t)n;
  d->months += units[unit].months * whole;
  return !__builtin_mul_overflow(units[unit].us, whole, &us) &&
         !__builtin_add_overflow(us, (int64_t)((n - (double)whole) * 1e6), &us) &&
         !__builtin_add_overflow(d->us, us, &d->us);
}

// HH:MM or HH:MM:SS
static bool add_clock(stoa_duration *d, const char *word, size_t n)
{
  int hours, minutes, seconds = 0, end = 0;
  char text[32];
  if (n >= sizeof text) {
    return false;
  }
  memcpy(text, word, n);
  text[n] = '\0';
  const bool good = (sscanf(text, "%6d:%2d:%2d%n", &hours, &minutes, &seconds, &end) == 3 && (size_t)end == n) ||
                    (sscanf(text, "%6d:%2d%n", &hours, &minutes, &end) == 2 && (size_t)end == n);
  return good && text[0] != '-' && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60 &&
         add_unit(d, hours * 3600.0 + minutes * 60.0 + seconds, 6);
}

static bool read_words(const char *text, const char *only_unit, stoa_duration *d)
{
  for (const char *at = text; *at;) {
    char *end;
    const size_t n = strcspn(at, " \t\n");
    if (memchr(at, ':', n)) {
      if (!add_clock(d, at, n)) {
        return false;
      }
      at += n;
    } else {
      const double count = strtod(at, &end);
      const char *word = end + strspn(end, " \t\n");
      const size_t length = strcspn(word, " \t\n0123456789+-:");
      const char *const unit = length ? word : only_unit;
      if (end == at || !unit || !add_unit(d, count, unit_of((stoa_slice){unit, length ? length : strlen(unit)}))) {
        return false;
      }
      at = word + length;
    }
    at += strspn(at, " \t\n");
  }
  return text[0] != '\0';
}

static bool read_interval(stoa_slice text, const char *unit, stoa_arena *arena, stoa_term *out)
{
  stoa_duration d = {.kind = STOA_DURATION_ANY};
  const char *const copy = stoa_arena_copy(arena, text);
  if (!stoa_duration_read(text, STOA_DURATION_ANY, &d) && !read_words(copy, unit, &d)) {
    return false;
  }
  if ((d.months > 0 && d.us < 0) || (d.months < 0 && d.us > 0)) {
    return false; // XML Schema's durations have one sign
  }
  d.kind = d.months == 0 ? STOA_DURATION_DAY_TIME : d.us == 0 ? STOA_DURATION_YEAR_MONTH : STOA_DURATION_ANY;
  *out = stoa_term_copy(stoa_duration_term(&d, arena), arena);
  return true;
}

bool stoa_semantic_literal(stoa_semantic_type type, stoa_slice whole, const char *unit, stoa_arena *arena,
                           stoa_term *out)
{
  const stoa_slice text = trimmed(whole);
  switch (type) {
    case STOA_SEM_INTEGER:
      return read_number(text, STOA_NUMBER_INTEGER, arena, out);
    case STOA_SEM_DECIMAL:
      return read_number(text, STOA_NUMBER_DECIMAL, arena, out);
    case STOA_SEM_DOUBLE:
      return read_number(text, STOA_NUMBER_DOUBLE, arena, out);
    case STOA_SEM_BOOLEAN:
      return read_boolean(text, out);
    case STOA_SEM_DATE:
      return read_date(text, arena, out);
    case STOA_SEM_TIMESTAMP:
      return read_timestamp(text, arena, out);
    case STOA_SEM_INTERVAL:
      return read_interval(text, unit, arena, out);
    default:
      *out = stoa_term_string(stoa_arena_slice(arena, whole));
      return true;
  }
}

const char *stoa_semantic_example(stoa_semantic_type type)
{
  static const char *const examples[] = {[STOA_SEM_TEXT] = "'text'",
                                         [STOA_SEM_INTEGER] = "'42'",
                                         [STOA_SEM_DECIMAL] = "'1.5'",
                                         [STOA_SEM_DOUBLE] = "'1.5e3'",
                                         [STOA_SEM_BOOLEAN] = "'true' or 'false'",
                                         [STOA_SEM_DATE] = "'2026-11-27'",
                                         [STOA_SEM_TIMESTAMP] = "'2026-11-27 10:00:00Z'",
                                         [STOA_SEM_INTERVAL] = "'90 days', '1 month' or '02:30:00'"};
  return examples[type];
}
