// Functions for generated SQL.  SQLite keeps DECIMAL columns as doubles, and a sum of doubles is off by cents after a
// million rows; so each value is read as the decimal that was written (stored.h) and summed as a whole number of 128
// bits at the declared scale.  What does not fit there is summed beside it, exactly too.
#include "graph/source/sqlite.h"
#include "graph/term/stored.h"
#include "graph/term/value.h"
#include "graph/term/xsd.h"
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>

// SQLite aligns its aggregate contexts to 8 bytes.
typedef __int128 wide __attribute__((aligned(8)));

typedef struct {
  stoa_arena arena;
  stoa_number sum;
  bool endless; ///< one of them is infinite
} odd_sum;

typedef struct {
  wide sum;
  int64_t n;
  int scale;
  odd_sum *odd; ///< of values with more digits than the declared scale has room for; or NULL
} sum_state;

enum { MOST_SCALE = 9 };
static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

// The number of the declared scale that is kept as this double, as exec/make.c reads it.
static bool fits_scale(double value, int scale, int64_t *out)
{
  const double whole = scale >= 0 && scale <= MOST_SCALE ? nearbyint(value * powers[scale]) : INFINITY;
  if (!(fabs(whole) < 9007199254740992.0) || whole / powers[scale] != value) {
    return false;
  }
  *out = (int64_t)whole;
  return true;
}

static void add_odd(sum_state *s, sqlite3_value *value)
{
  stoa_arena scratch;
  stoa_number number = {.kind = STOA_NUMBER_DECIMAL, .mantissa = sqlite3_value_int64(value)}, sum;
  if (!s->odd) {
    s->odd = malloc(sizeof *s->odd); // SQLite aligns to 8 bytes alone
    if (!s->odd) {
      return;
    }
    stoa_arena_init(&s->odd->arena, 0);
    s->odd->sum = (stoa_number){.kind = STOA_NUMBER_DECIMAL};
    s->odd->endless = false;
  }
  stoa_arena_init(&scratch, 0);
  const bool exact =
    sqlite3_value_type(value) == SQLITE_INTEGER || stoa_stored_decimal(sqlite3_value_double(value), &scratch, &number);
  s->odd->endless |= !exact;
  if (exact && stoa_number_apply('+', &s->odd->sum, &number, &s->odd->arena, &sum)) {
    s->odd->sum = sum;
  }
  stoa_arena_done(&scratch);
}

static void sum_step(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  (void)n_args;
  sum_state *const s = sqlite3_aggregate_context(context, sizeof *s);
  const int type = sqlite3_value_numeric_type(args[0]);
  int64_t whole;
  if (!s || (type != SQLITE_INTEGER && type != SQLITE_FLOAT)) {
    return;
  }
  s->scale = sqlite3_value_int(args[1]);
  s->n++;
  if (type == SQLITE_FLOAT && fits_scale(sqlite3_value_double(args[0]), s->scale, &whole)) {
    s->sum += whole;
  } else if (type == SQLITE_INTEGER && s->scale >= 0 && s->scale <= MOST_SCALE) {
    s->sum += (__int128)sqlite3_value_int64(args[0]) * (int64_t)powers[s->scale];
  } else {
    add_odd(s, args[0]);
  }
}

static stoa_number total_of(const sum_state *s, stoa_arena *arena)
{
  stoa_number total = {.kind = STOA_NUMBER_DECIMAL, .mantissa = s->sum, .scale = (uint32_t)s->scale}, both;
  return s->odd && stoa_number_apply('+', &total, &s->odd->sum, arena, &both) ? both : total;
}

static void give(sqlite3_context *context, sum_state *s, const stoa_number *number)
{
  stoa_buf text = {0};
  if (s->odd && s->odd->endless) {
    stoa_buf_text(&text, "INF"); // no decimal: the one who makes the term tells
  } else {
    stoa_number_write_exact(number, &text);
  }
  sqlite3_result_text(context, stoa_buf_string(&text), (int)text.length, SQLITE_TRANSIENT);
  stoa_buf_done(&text);
  if (s->odd) {
    stoa_arena_done(&s->odd->arena);
    free(s->odd);
    s->odd = NULL;
  }
}

static void finish(sqlite3_context *context, bool average)
{
  sum_state *const s = sqlite3_aggregate_context(context, 0);
  if (!s || !s->n) {
    return;
  }
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_number result = total_of(s, &arena), quotient;
  const stoa_number n = {.mantissa = s->n};
  if (average && stoa_number_apply('/', &result, &n, &arena, &quotient)) {
    result = quotient;
  }
  give(context, s, &result);
  stoa_arena_done(&arena);
}

static void sum_final(sqlite3_context *context)
{
  finish(context, false);
}

static void average_final(sqlite3_context *context)
{
  finish(context, true);
}

static bool read_instant(sqlite3_value *value, stoa_instant *out)
{
  if (sqlite3_value_type(value) != SQLITE_TEXT) {
    return false;
  }
  const stoa_slice text = {(const char *)sqlite3_value_text(value), (size_t)sqlite3_value_bytes(value)};
  stoa_buf again = {0};
  if (stoa_xsd_datetime_read(text, out)) {
    return true; // as most are written
  }
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

// The beginning of the text of an instant so many hours on.  SQLite's own texts have a blank between day and hour,
// XSD's a "T", which sorts after it: the text of an hour before is the least of both, of one after the greatest.
static void near_of(sqlite3_context *context, int n_args, sqlite3_value **args)
{
  const int64_t hour_us = INT64_C(3600000000), hours = sqlite3_value_int64(args[1]);
  stoa_buf text = {0};
  (void)n_args;
  if (sqlite3_value_type(args[0]) != SQLITE_INTEGER) {
    return;
  }
  const int64_t us = sqlite3_value_int64(args[0]) + hours * hour_us;
  const int64_t day = us / (24 * hour_us) - (us % (24 * hour_us) < 0);
  stoa_xsd_date_write((stoa_instant){.us = day * 24 * hour_us}, &text);
  stoa_buf_print(&text, hours < 0 ? " %02d" : "T%02d", (int)((us - day * 24 * hour_us) / hour_us));
  sqlite3_result_text(context, stoa_buf_string(&text), (int)text.length, SQLITE_TRANSIENT);
  stoa_buf_done(&text);
}

void stoa_sqlite_functions(struct sqlite3 *db)
{
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  sqlite3_create_function(db, "stoa_sum", 2, flags, NULL, NULL, sum_step, sum_final);
  sqlite3_create_function(db, "stoa_avg", 2, flags, NULL, NULL, sum_step, average_final);
  sqlite3_create_function(db, "stoa_time", 1, flags, NULL, time_of, NULL, NULL);
  sqlite3_create_function(db, "stoa_near", 2, flags, NULL, near_of, NULL, NULL);
  sqlite3_create_function(db, "stoa_time", 3, flags, NULL, time_near, NULL, NULL);
}
