// Functions for generated SQL.  SQLite keeps DECIMAL columns as doubles, and a sum of doubles is off
// by cents after a million rows; so each value is read at its declared scale and summed as a whole
// number of 128 bits.  A value that does not fit its scale is an error, never rounded away.
#include "graph/source/sqlite.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/xsd.h"
#include <math.h>
#include <sqlite3.h>

// SQLite aligns its aggregate contexts to 8 bytes.
typedef __int128 wide __attribute__((aligned(8)));

typedef struct {
  wide sum;
  int64_t n;
  int scale;
} sum_state;

static double scale_factor(int scale)
{
  double factor = 1;
  while (scale-- > 0) {
    factor *= 10;
  }
  return factor;
}

static void sum_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  (void)n_args;
  sum_state *const s = sqlite3_aggregate_context(context, sizeof *s);
  const int type = sqlite3_value_numeric_type(args[0]);
  if (!s || type == SQLITE_NULL) {
    return;
  }
  s->scale = sqlite3_value_int(args[1]);
  const double factor = scale_factor(s->scale);
  if (type == SQLITE_INTEGER) {
    s->sum += (__int128)sqlite3_value_int64(args[0]) * (int64_t)factor;
  } else if (type == SQLITE_FLOAT) {
    const double scaled = sqlite3_value_double(args[0]) * factor;
    const double whole = nearbyint(scaled);
    if (fabs(scaled) > 9e15 || fabs(scaled - whole) > 1e-3) {
      sqlite3_result_error(context, "a value does not fit the declared scale of its DECIMAL column", -1);
      return;
    }
    s->sum += (int64_t)whole;
  } else {
    return;
  }
  s->n++;
}

static void result_number(sqlite3_context *context, const stoa_number *number)
{
  stoa_buf text = {0};
  stoa_number_write_decimal(number->mantissa, number->scale, false, &text);
  sqlite3_result_text(context, stoa_buf_string(&text), (int)text.length, SQLITE_TRANSIENT);
  stoa_buf_done(&text);
}

static void sum_final(sqlite3_context *context)
{
  const sum_state *const s = sqlite3_aggregate_context(context, 0);
  if (s && s->n) {
    const stoa_number sum = {.mantissa = s->sum, .scale = (uint32_t)s->scale};
    result_number(context, &sum);
  }
}

static void average_final(sqlite3_context *context)
{
  const sum_state *const s = sqlite3_aggregate_context(context, 0);
  if (!s || !s->n) {
    return;
  }
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const stoa_number sum = {.kind = STOA_NUMBER_DECIMAL, .mantissa = s->sum, .scale = (uint32_t)s->scale};
  const stoa_number n = {.mantissa = s->n};
  stoa_number average;
  if (stoa_number_apply('/', &sum, &n, &arena, &average)) {
    result_number(context, &average);
  }
  stoa_arena_done(&arena);
}

static bool read_instant(sqlite3_value *value, stoa_instant *out)
{
  if (sqlite3_value_type(value) != SQLITE_TEXT) {
    return false;
  }
  const stoa_slice text = {(const char *)sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value)};
  stoa_buf again = {0};
  stoa_xsd_datetime_of_sql(text, &again);
  const stoa_slice datetime = {again.data ? again.data : "", again.length};
  const bool good = stoa_xsd_datetime_read(datetime, out) || stoa_xsd_date_read(text, out);
  stoa_buf_done(&again);
  return good;
}

static void time_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  stoa_instant instant;
  (void)n_args;
  if (read_instant(args[0], &instant)) {
    sqlite3_result_int64(context, instant.us);
  }
}

// The same, to be compared with an instant that has a zone or not: NULL where XSD leaves the order open.
static void time_near(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  const stoa_instant other = {sqlite3_value_int64(args[1]), sqlite3_value_int(args[2]) != 0, 0};
  stoa_instant instant;
  (void)n_args;
  if (read_instant(args[0], &instant) && stoa_instant_compare(instant, other) != 2) {
    sqlite3_result_int64(context, instant.us);
  }
}

// The day of an instant so many days on, as SQLite keeps dates.  A text of a date or a timestamp begins with its day in
// some zone, which is at most one day off that of UTC.
static void day_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  const int64_t day_us = INT64_C(86400000000);
  stoa_buf text = {0};
  (void)n_args;
  if (sqlite3_value_type(args[0]) != SQLITE_INTEGER) {
    return;
  }
  const int64_t us = sqlite3_value_int64(args[0]) + sqlite3_value_int(args[1]) * day_us;
  const int64_t day = us / day_us - (us % day_us < 0);
  stoa_xsd_date_write((stoa_instant){.us = day * day_us}, &text);
  sqlite3_result_text(context, stoa_buf_string(&text), (int)text.length, SQLITE_TRANSIENT);
  stoa_buf_done(&text);
}

void stoa_sqlite_functions(struct sqlite3 *db)
{
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function(db, "stoa_sum", 2, flags, NULL, NULL, sum_step, sum_final);
  sqlite3_create_function(db, "stoa_avg", 2, flags, NULL, NULL, sum_step, average_final);
  sqlite3_create_function(db, "stoa_time", 1, flags, NULL, time_of, NULL, NULL);
  sqlite3_create_function(db, "stoa_day", 2, flags, NULL, day_of, NULL, NULL);
  sqlite3_create_function(db, "stoa_time", 3, flags, NULL, time_near, NULL, NULL);
}
