// Functions of dates and times: SPARQL 1.1, section 17.4.5; of durations as XPath's fn:years-from-duration and its
// like.
#include "graph/exec/function.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"
#include <stdlib.h>

static const stoa_term failure = {0};

typedef struct {
  stoa_instant instant;
  stoa_calendar calendar; ///< of a duration: its components, all of its sign
  bool is_date;
} parts;

static stoa_calendar duration_parts(const stoa_duration *d)
{
  const int64_t seconds = d->us / 1000000;
  return (stoa_calendar){.year = (int)(d->months / 12),
                         .month = (int)(d->months % 12),
                         .day = (int)(seconds / 86400),
                         .hour = (int)(seconds / 3600 % 24),
                         .minute = (int)(seconds / 60 % 60),
                         .second = (int)(seconds % 60),
                         .microsecond = (int)(d->us % 1000000)};
}

static bool parts_of(stoa_term t, bool with_time, parts *out)
{
  stoa_duration duration;
  if (stoa_term_instant(t, &out->instant, &out->is_date)) {
    out->calendar = stoa_xsd_calendar(out->instant);
    return !(with_time && out->is_date); // a day has no hours
  }
  if (!stoa_duration_of(t, &duration) || duration.months / 12 > INT32_MAX || duration.months / 12 < INT32_MIN) {
    return false;
  }
  out->calendar = duration_parts(&duration);
  return true;
}

stoa_term stoa_function_year(const stoa_call *call)
{
  parts p;
  return parts_of(call->args[0], false, &p) ? stoa_term_integer(p.calendar.year) : failure;
}

stoa_term stoa_function_month(const stoa_call *call)
{
  parts p;
  return parts_of(call->args[0], false, &p) ? stoa_term_integer(p.calendar.month) : failure;
}

stoa_term stoa_function_day(const stoa_call *call)
{
  parts p;
  return parts_of(call->args[0], false, &p) ? stoa_term_integer(p.calendar.day) : failure;
}

stoa_term stoa_function_hours(const stoa_call *call)
{
  parts p;
  return parts_of(call->args[0], true, &p) ? stoa_term_integer(p.calendar.hour) : failure;
}

stoa_term stoa_function_minutes(const stoa_call *call)
{
  parts p;
  return parts_of(call->args[0], true, &p) ? stoa_term_integer(p.calendar.minute) : failure;
}

stoa_term stoa_function_seconds(const stoa_call *call)
{
  parts p;
  if (!parts_of(call->args[0], true, &p)) {
    return failure;
  }
  const stoa_number s = {.kind = STOA_NUMBER_DECIMAL,
                         .mantissa = (__int128)p.calendar.second * 1000000 + p.calendar.microsecond,
                         .scale = 6};
  return stoa_number_term(&s, call->arena);
}

stoa_term stoa_function_timezone(const stoa_call *call)
{
  stoa_instant instant;
  bool is_date;
  if (!stoa_term_instant(call->args[0], &instant, &is_date) || !instant.has_zone) {
    return failure;
  }
  const stoa_duration zone = {.kind = STOA_DURATION_DAY_TIME, .us = instant.zone * INT64_C(60000000)};
  return stoa_duration_term(&zone, call->arena);
}

stoa_term stoa_function_tz(const stoa_call *call)
{
  stoa_instant instant;
  bool is_date;
  if (!stoa_term_instant(call->args[0], &instant, &is_date)) {
    return failure;
  }
  const int m = abs(instant.zone);
  return stoa_term_string(stoa_slice_of(
    !instant.has_zone   ? ""
    : instant.zone == 0 ? "Z"
                        : stoa_arena_print(call->arena, "%c%02d:%02d", instant.zone < 0 ? '-' : '+', m / 60, m % 60)));
}

// The instant of the request, for the whole query; features ask for one before it.
stoa_term stoa_function_now(const stoa_call *call)
{
  return stoa_term_datetime(call->run->context->now_us + call->expr->term.as.integer, true, 0);
}
