// PostgreSQL's binary forms (src/backend/utils/adt of PostgreSQL, the *send functions) as values, and
// parameters as text.
#include "graph/base/utf8.h"
#include "graph/source/postgres.h"
#include "graph/term/xsd.h"
#include <endian.h>
#include <libpq-fe.h>
#include <math.h>
#include <stdlib.h>

enum {
  OID_BOOL = 16,
  OID_BYTEA = 17,
  OID_INT8 = 20,
  OID_INT2 = 21,
  OID_INT4 = 23,
  OID_OID = 26,
  OID_FLOAT4 = 700,
  OID_FLOAT8 = 701,
  OID_DATE = 1082,
  OID_TIMESTAMP = 1114,
  OID_TIMESTAMPTZ = 1184,
  OID_NUMERIC = 1700
};

static const int64_t day_us = INT64_C(86400000000), epoch_2000_us = INT64_C(946684800000000);

static uint16_t read16(const char *bytes)
{
  uint16_t x;
  memcpy(&x, bytes, sizeof x);
  return be16toh(x);
}

static uint32_t read32(const char *bytes)
{
  uint32_t x;
  memcpy(&x, bytes, sizeof x);
  return be32toh(x);
}

static uint64_t read64(const char *bytes)
{
  uint64_t x;
  memcpy(&x, bytes, sizeof x);
  return be64toh(x);
}

static void set_integer(stoa_value *out, int64_t integer)
{
  out->kind = STOA_VALUE_INTEGER;
  out->as.integer = integer;
}

static void set_real(stoa_value *out, const char *bytes, bool single)
{
  out->kind = STOA_VALUE_REAL;
  if (single) {
    const uint32_t bits = read32(bytes);
    float real;
    memcpy(&real, &bits, sizeof real);
    out->as.real = real;
  } else {
    const uint64_t bits = read64(bytes);
    memcpy(&out->as.real, &bits, sizeof out->as.real);
  }
}

// Write the decimal digits of one digit in base 10,000, four of them or as many as it has; return the place behind.
static char *put_digits(char *at, unsigned digits, bool all)
{
  for (unsigned unit = 1000; unit; unit /= 10) {
    if (all || digits >= unit || unit == 1) {
      *at++ = (char)('0' + digits / unit % 10);
    }
  }
  return at;
}

// Digits in base 10,000: their number, the weight of the first, the sign, and the scale that is shown.
static void set_numeric(stoa_value *out, const char *bytes, stoa_arena *arena)
{
  const int n = read16(bytes), weight = (int16_t)read16(bytes + 2), scale = read16(bytes + 6);
  const unsigned sign = read16(bytes + 4);
  out->kind = STOA_VALUE_DECIMAL;
  if (sign != 0 && sign != 0x4000) { // NaN and the infinities
    out->text = stoa_slice_of(sign == 0xC000 ? "NaN" : sign == 0xD000 ? "INF" : "-INF");
    return;
  }
  char *const text = stoa_arena_raw(arena, (size_t)((weight < 0 ? 0 : weight + 1) + scale / 4) * 4 + 12);
  char *at = text;
  if (sign) {
    *at++ = '-';
  }
  if (weight < 0) {
    *at++ = '0';
  }
  for (int place = weight; place >= 0; --place) {
    const int i = weight - place;
    at = put_digits(at, i < n ? read16(bytes + 8 + 2 * i) : 0, place != weight);
  }
  if (scale) {
    *at++ = '.';
  }
  const char *const end = at + scale;
  for (int i = weight + 1; at < end; ++i) {
    at = put_digits(at, i >= 0 && i < n ? read16(bytes + 8 + 2 * i) : 0, true);
  }
  out->text = (stoa_slice){text, (size_t)(end - text)};
}

static void set_plain(stoa_value *out, const char *text)
{
  out->kind = STOA_VALUE_TEXT;
  out->text = stoa_slice_of(text);
}

// PostgreSQL's days and microseconds reach further than 64 bits of microseconds since 1970 do: what is far away is
// brought near (1600 to 2399) by whole cycles of the calendar, of 400 years each, which the year is given back.
static void set_time(stoa_value *out, int64_t days, int64_t us, bool date, bool zoned, stoa_arena *arena,
                     stoa_buf *scratch)
{
  enum { CYCLE_DAYS = 146097, CYCLE_YEARS = 400 };
  const int64_t cycles = days / CYCLE_DAYS;
  const stoa_instant near = {.us = (days % CYCLE_DAYS) * day_us + us + epoch_2000_us, .has_zone = zoned};
  scratch->length = 0;
  if (date) {
    stoa_xsd_date_write(near, scratch);
  } else {
    stoa_xsd_datetime_write(near, scratch);
  }
  out->kind = STOA_VALUE_TEXT;
  out->text = stoa_arena_slice(arena, (stoa_slice){scratch->data, scratch->length});
  if (cycles) {
    const int64_t year = stoa_xsd_calendar(near).year + cycles * CYCLE_YEARS;
    out->text = stoa_slice_of(
      stoa_arena_print(arena, "%s%04lld%s", year < 0 ? "-" : "", (long long)llabs(year), strchr(out->text.data, '-')));
  }
}

static void set_date(stoa_value *out, int32_t days, stoa_arena *arena, stoa_buf *scratch)
{
  if (days == INT32_MAX || days == INT32_MIN) {
    set_plain(out, days > 0 ? "infinity" : "-infinity");
    return;
  }
  set_time(out, days, 0, true, false, arena, scratch);
}

static void set_timestamp(stoa_value *out, int64_t us, bool zoned, stoa_arena *arena, stoa_buf *scratch)
{
  if (us == INT64_MAX || us == INT64_MIN) {
    set_plain(out, us > 0 ? "infinity" : "-infinity");
    return;
  }
  set_time(out, us / day_us, us % day_us, false, zoned, arena, scratch);
}

void stoa_postgres_value(const struct pg_result *result, int row, int column, stoa_arena *arena, stoa_buf *scratch,
                         stoa_value *out)
{
  const char *const bytes = PQgetvalue(result, row, column);
  *out = (stoa_value){.kind = STOA_VALUE_NULL};
  if (PQgetisnull(result, row, column)) {
    return;
  }
  switch (PQftype(result, column)) {
    case OID_BOOL:
      set_integer(out, bytes[0] != 0);
      return;
    case OID_INT2:
      set_integer(out, (int16_t)read16(bytes));
      return;
    case OID_INT4:
      set_integer(out, (int32_t)read32(bytes));
      return;
    case OID_OID:
      set_integer(out, read32(bytes));
      return;
    case OID_INT8:
      set_integer(out, (int64_t)read64(bytes));
      return;
    case OID_FLOAT4:
    case OID_FLOAT8:
      set_real(out, bytes, PQftype(result, column) == OID_FLOAT4);
      return;
    case OID_NUMERIC:
      set_numeric(out, bytes, arena);
      return;
    case OID_DATE:
      set_date(out, (int32_t)read32(bytes), arena, scratch);
      return;
    case OID_TIMESTAMP:
    case OID_TIMESTAMPTZ:
      set_timestamp(out, (int64_t)read64(bytes), PQftype(result, column) == OID_TIMESTAMPTZ, arena, scratch);
      return;
    default:
      out->kind = PQftype(result, column) == OID_BYTEA ? STOA_VALUE_BLOB : STOA_VALUE_TEXT;
      out->text = stoa_arena_slice(arena, (stoa_slice){bytes, (size_t)PQgetlength(result, row, column)});
  }
}

// A text that PostgreSQL cannot hold equals none that it does.
static bool is_possible(stoa_slice text)
{
  for (size_t i = 0; i < text.length;) {
    const size_t n = (size_t)stoa_utf8_valid(text.data + i, text.length - i);
    if (n == 0 || text.data[i] == '\0') {
      return false;
    }
    i += n;
  }
  return true;
}

const char *stoa_postgres_param(const stoa_value *value, stoa_arena *arena)
{
  switch (value->kind) {
    case STOA_VALUE_INTEGER:
      return stoa_arena_print(arena, "%lld", (long long)value->as.integer);
    case STOA_VALUE_REAL:
      return isinf(value->as.real) ? value->as.real > 0 ? "Infinity" : "-Infinity"
                                   : stoa_arena_print(arena, "%.17g", value->as.real);
    case STOA_VALUE_DECIMAL:
    case STOA_VALUE_TEXT:
      return is_possible(value->text) ? stoa_arena_copy(arena, value->text) : NULL;
    default:
      return NULL;
  }
}

stoa_status stoa_postgres_failed(const char *source, struct pg_conn *pg, const struct pg_result *result,
                                 stoa_error *err)
{
  const char *const state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
  const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
  stoa_status status = STOA_IO;
  if (!state || strncmp(state, "08", 2) == 0 || strncmp(state, "57P", 3) == 0 || strncmp(state, "53", 2) == 0 ||
      strncmp(state, "55", 2) == 0) { // 55P03: a lock that another holds
    status = STOA_UNAVAILABLE;
  } else if (strcmp(state, "57014") == 0) {
    status = STOA_TIMEOUT;
  } else if (strncmp(state, "42", 2) == 0) {
    status = STOA_BAD_MAPPING;
  } else if (strncmp(state, "22", 2) == 0) {
    status = STOA_BAD_TYPE;
  }
  text = text ? text : PQerrorMessage(pg);
  const size_t n = strcspn(text, "\n");
  return stoa_error_set(err, status, "source %s: %.*s", source, (int)(n < 400 ? n : 400), text);
}
