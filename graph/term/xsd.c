// rasqal's worlds are not shared between threads: each thread has its own, opened one at a time and
// released when the thread ends.
#include "graph/term/xsd.h"
#include "graph/base/worlds.h"
#include <ctype.h>
#include <pthread.h>
#include <rasqal.h>
#include <stdlib.h>

static pthread_key_t world_key;
static pthread_once_t world_once = PTHREAD_ONCE_INIT;

static void world_done(void *world)
{
  stoa_worlds_enter();
  rasqal_free_world(world);
  stoa_worlds_leave();
}

// The main thread's value is not destroyed by pthread: release it when the process ends.
static void main_done(void)
{
  rasqal_world *const world = pthread_getspecific(world_key);
  if (world) {
    pthread_setspecific(world_key, NULL);
    world_done(world);
  }
}

static void make_key(void)
{
  pthread_key_create(&world_key, world_done);
  atexit(main_done);
}

static rasqal_world *world_get(void)
{
  pthread_once(&world_once, make_key);
  rasqal_world *world = pthread_getspecific(world_key);
  if (!world) {
    stoa_worlds_enter();
    world = rasqal_new_world();
    if (world) {
      rasqal_world_open(world);
    }
    stoa_worlds_leave();
    pthread_setspecific(world_key, world);
  }
  return world;
}

// rasqal reads texts, so it gets a terminated copy; what no date can be is refused before.
static bool date_text(stoa_slice lexical, char *out, size_t n_bytes)
{
  if (lexical.length < 10 || lexical.length >= n_bytes) {
    return false;
  }
  for (size_t i = 0; i < lexical.length; ++i) {
    const char c = lexical.data[i];
    if (!isdigit((unsigned char)c) && !memchr("-:.TZ+", c, 6) && !(c == ' ' && i == 10)) {
      return false;
    }
    out[i] = c == ' ' ? 'T' : c;
  }
  out[lexical.length] = '\0';
  return true;
}

bool stoa_xsd_datetime_read(stoa_slice lexical, stoa_instant *out)
{
  char text[64];
  if (!date_text(lexical, text, sizeof text)) {
    return false;
  }
  rasqal_xsd_datetime *const read = rasqal_new_xsd_datetime(world_get(), text);
  if (!read) {
    return false;
  }
  const int64_t most = INT64_C(9000000000000); // seconds: beyond, microseconds do not fit
  if (read->time_on_timeline > most || read->time_on_timeline < -most) {
    rasqal_free_xsd_datetime(read);
    return false;
  }
  const bool zoned = read->timezone_minutes != RASQAL_XSD_DATETIME_NO_TZ;
  out->us = (int64_t)read->time_on_timeline * 1000000 + read->microseconds;
  out->has_zone = zoned;
  out->zone = zoned ? read->timezone_minutes : 0;
  rasqal_free_xsd_datetime(read);
  return true;
}

// Howard Hinnant's days_from_civil (public domain): rasqal puts a date's instant at noon.
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t yoe = year - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

bool stoa_xsd_date_read(stoa_slice lexical, stoa_instant *out)
{
  char text[64];
  if (!date_text(lexical, text, sizeof text) || memchr(lexical.data, ' ', lexical.length)) {
    return false;
  }
  rasqal_xsd_date *const read = rasqal_new_xsd_date(world_get(), text);
  if (read && (read->year > 280000 || read->year < -280000)) { // beyond, microseconds do not fit
    rasqal_free_xsd_date(read);
    return false;
  }
  if (!read) {
    return false;
  }
  const bool zoned = read->timezone_minutes != RASQAL_XSD_DATETIME_NO_TZ;
  out->has_zone = zoned;
  out->zone = zoned ? read->timezone_minutes : 0;
  out->us = days_from_civil(read->year, read->month, read->day) * INT64_C(86400000000) - (int64_t)out->zone * 60000000;
  rasqal_free_xsd_date(read);
  return true;
}

// Howard Hinnant's civil_from_days (public domain), for days since 1970-01-01.
static void civil(int64_t days, stoa_calendar *out)
{
  const int64_t z = days + 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t doe = z - era * 146097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
  out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
  out->year = (int)(yoe + era * 400 + (out->month <= 2));
}

stoa_calendar stoa_xsd_calendar(stoa_instant instant)
{
  stoa_calendar c = {0};
  const int64_t us = instant.us + (int64_t)instant.zone * 60000000;
  int64_t seconds = us / 1000000;
  int64_t fraction = us % 1000000;
  if (fraction < 0) {
    fraction += 1000000;
    seconds -= 1;
  }
  int64_t days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    days -= 1;
  }
  civil(days, &c);
  c.hour = (int)(rest / 3600);
  c.minute = (int)(rest / 60 % 60);
  c.second = (int)(rest % 60);
  c.microsecond = (int)fraction;
  return c;
}

static void write_zone(stoa_instant instant, stoa_buf *out)
{
  if (!instant.has_zone) {
    return;
  }
  if (instant.zone == 0) {
    stoa_buf_byte(out, 'Z');
    return;
  }
  const int minutes = abs(instant.zone);
  stoa_buf_print(out, "%c%02d:%02d", instant.zone < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

static void write_day(const stoa_calendar *c, stoa_buf *out)
{
  stoa_buf_print(out, "%s%04d-%02d-%02d", c->year < 0 ? "-" : "", abs(c->year), c->month, c->day);
}

void stoa_xsd_datetime_write(stoa_instant instant, stoa_buf *out)
{
  const stoa_calendar c = stoa_xsd_calendar(instant);
  write_day(&c, out);
  stoa_buf_print(out, "T%02d:%02d:%02d", c.hour, c.minute, c.second);
  if (c.microsecond) {
    char fraction[8];
    int n = snprintf(fraction, sizeof fraction, ".%06d", c.microsecond);
    while (fraction[n - 1] == '0') {
      --n;
    }
    stoa_buf_add(out, fraction, (size_t)n);
  }
  write_zone(instant, out);
}

void stoa_xsd_date_write(stoa_instant instant, stoa_buf *out)
{
  const stoa_calendar c = stoa_xsd_calendar(instant);
  write_day(&c, out);
  write_zone(instant, out);
}

static int apply(char op, rasqal_xsd_decimal *result, rasqal_xsd_decimal *a, rasqal_xsd_decimal *b)
{
  switch (op) {
    case '+':
      return rasqal_xsd_decimal_add(result, a, b);
    case '-':
      return rasqal_xsd_decimal_subtract(result, a, b);
    case '*':
      return rasqal_xsd_decimal_multiply(result, a, b);
    default:
      return rasqal_xsd_decimal_divide(result, a, b);
  }
}

bool stoa_xsd_decimal_apply(char op, const char *a, const char *b, stoa_arena *arena, stoa_slice *out)
{
  rasqal_world *const world = world_get();
  rasqal_xsd_decimal *const x = rasqal_new_xsd_decimal(world);
  rasqal_xsd_decimal *const y = rasqal_new_xsd_decimal(world);
  rasqal_xsd_decimal *const result = rasqal_new_xsd_decimal(world);
  const bool good = x && y && result && !rasqal_xsd_decimal_set_string(x, a) && !rasqal_xsd_decimal_set_string(y, b) &&
                    !apply(op, result, x, y);
  const char *const text = good ? rasqal_xsd_decimal_as_string(result) : NULL;
  if (text) {
    *out = stoa_arena_slice(arena, stoa_slice_of(text));
  }
  rasqal_free_xsd_decimal(x);
  rasqal_free_xsd_decimal(y);
  rasqal_free_xsd_decimal(result);
  return text != NULL;
}
