#include "graph/base/zone.h"
#include "graph/base/file.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DAY = 86400 };

stoa_zone stoa_zone_fixed(int minutes)
{
  return (stoa_zone){.first = minutes * 60};
}

// ---- POSIX rules, for what lies behind the last change

static bool read_number(const char **at, int least, int most, int *out)
{
  char *end;
  const long n = isdigit((unsigned char)**at) ? strtol(*at, &end, 10) : -1;
  if (n < least || n > most) {
    return false;
  }
  *at = end;
  *out = (int)n;
  return true;
}

// hh[:mm[:ss]] with a sign.
static bool read_time(const char **at, int32_t *out)
{
  const int sign = **at == '-' ? -1 : 1;
  int hour, minute = 0, second = 0;
  *at += **at == '-' || **at == '+';
  if (!read_number(at, 0, 167, &hour)) {
    return false;
  }
  if (**at == ':' && (++*at, !read_number(at, 0, 59, &minute))) {
    return false;
  }
  if (**at == ':' && (++*at, !read_number(at, 0, 59, &second))) {
    return false;
  }
  *out = sign * (hour * 3600 + minute * 60 + second);
  return true;
}

// The abbreviation, which tells nothing: letters, or anything within <>.
static bool skip_name(const char **at)
{
  const char *const start = *at;
  if (*start == '<') {
    const char *const end = strchr(start, '>');
    *at = end ? end + 1 : start;
    return end != NULL;
  }
  while (isalpha((unsigned char)**at)) {
    ++*at;
  }
  return *at - start >= 3;
}

static bool read_day(const char **at, stoa_zone_day *out)
{
  *out = (stoa_zone_day){.kind = 'D', .second = 7200};
  if (*(*at)++ != ',') {
    return false;
  }
  if (**at == 'M' || **at == 'J') {
    out->kind = *(*at)++;
  }
  if (out->kind == 'M') {
    if (!read_number(at, 1, 12, &out->month) || *(*at)++ != '.' || !read_number(at, 1, 5, &out->week) ||
        *(*at)++ != '.' || !read_number(at, 0, 6, &out->day)) {
      return false;
    }
  } else if (!read_number(at, out->kind == 'J', 365, &out->day)) {
    return false;
  }
  return **at != '/' || (++*at, read_time(at, &out->second));
}

// POSIX counts west of UTC.
static bool read_rule(const char *at, stoa_zone *out)
{
  if (!skip_name(&at) || !read_time(&at, &out->standard)) {
    return false;
  }
  out->standard = -out->standard;
  out->has_rule = true;
  if (!*at) {
    return true;
  }
  out->summer = out->standard + 3600;
  if (!skip_name(&at)) {
    return false;
  }
  if (*at && *at != ',') {
    if (!read_time(&at, &out->summer)) {
      return false;
    }
    out->summer = -out->summer;
  }
  out->has_summer = true;
  return read_day(&at, &out->begins) && read_day(&at, &out->ends) && !*at;
}

// ---- days of the calendar

static bool is_leap(int64_t year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

// Howard Hinnant's days_from_civil (public domain).
static int64_t days_of(int64_t year, int month, int day)
{
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400, yoe = year - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

static int64_t year_of(int64_t second)
{
  const int64_t days = floor_div(second, DAY);
  int64_t year = 1970 + floor_div(days * 400, 146097);
  while (days_of(year, 1, 1) > days) {
    --year;
  }
  while (days_of(year + 1, 1, 1) <= days) {
    ++year;
  }
  return year;
}

// The second at which clocks change in a year, by the clocks before.
static int64_t change_of(const stoa_zone_day *d, int64_t year)
{
  static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int64_t days = days_of(year, 1, 1) + d->day;
  if (d->kind == 'J') {
    days += (is_leap(year) && d->day >= 60) - 1;
  } else if (d->kind == 'M') {
    const int64_t first = days_of(year, d->month, 1);
    const int length = lengths[d->month - 1] + (d->month == 2 && is_leap(year));
    const int weekday = (int)(((first + 4) % 7 + 7) % 7); // 1970-01-01 was a Thursday
    int day = (d->day - weekday + 7) % 7 + (d->week - 1) * 7;
    while (day >= length) {
      day -= 7;
    }
    days = first + day;
  }
  return days * DAY + d->second;
}

static int32_t offset_by_rule(const stoa_zone *z, int64_t utc)
{
  if (!z->has_summer) {
    return z->standard;
  }
  const int64_t year = year_of(utc + z->standard);
  const int64_t begins = change_of(&z->begins, year) - z->standard, ends = change_of(&z->ends, year) - z->summer;
  const bool is_summer = begins < ends ? utc >= begins && utc < ends : utc >= begins || utc < ends;
  return is_summer ? z->summer : z->standard;
}

static int32_t offset_at(const stoa_zone *z, int64_t utc)
{
  uint32_t low = 0, high = z->n;
  while (low < high) { // how many changes are not after it
    const uint32_t middle = low + (high - low) / 2;
    if (z->changes[middle] <= utc) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low == z->n && z->has_rule ? offset_by_rule(z, utc) : low ? z->offsets[low - 1] : z->first;
}

int32_t stoa_zone_offset(const stoa_zone *z, int64_t local_us)
{
  const int64_t local = floor_div(local_us, 1000000);
  const int32_t before = offset_at(z, local - z->first - DAY), after = offset_at(z, local - z->first + DAY);
  return offset_at(z, local - before) == before ? before : offset_at(z, local - after) == after ? after : before;
}

// ---- the system's database: TZif, version 2 and above (RFC 8536)

static int64_t big(const char *bytes, int n)
{
  uint64_t value = 0;
  for (int i = 0; i < n; ++i) {
    value = value << 8 | (unsigned char)bytes[i];
  }
  return n == 4 ? (int32_t)value : (int64_t)value;
}

enum { HEADER = 44 };

typedef struct {
  int64_t utc, standard, leaps, changes, types, letters;
} counts;

static bool read_counts(stoa_slice file, size_t at, counts *out)
{
  if (file.length < at + HEADER || memcmp(file.data + at, "TZif", 4) != 0 || file.data[at + 4] < '2') {
    return false;
  }
  const char *const n = file.data + at + 20;
  *out = (counts){big(n, 4), big(n + 4, 4), big(n + 8, 4), big(n + 12, 4), big(n + 16, 4), big(n + 20, 4)};
  const int64_t all[] = {out->utc, out->standard, out->leaps, out->changes, out->types, out->letters};
  for (int i = 0; i < 6; ++i) {
    if (all[i] < 0 || all[i] > 65536) {
      return false;
    }
  }
  return out->types > 0;
}

static size_t body_bytes(const counts *c, int64_t time_bytes)
{
  return (size_t)(c->changes * (time_bytes + 1) + c->types * 6 + c->letters + c->leaps * (time_bytes + 4) +
                  c->standard + c->utc);
}

static bool read_zone_file(stoa_slice file, stoa_arena *arena, stoa_zone *out)
{
  counts c;
  if (!read_counts(file, 0, &c)) {
    return false;
  }
  const size_t second = HEADER + body_bytes(&c, 4); // the first block is of 32 bits, for older programs
  if (!read_counts(file, second, &c) || file.length < second + HEADER + body_bytes(&c, 8)) {
    return false;
  }
  const char *const changes = file.data + second + HEADER, *const index = changes + c.changes * 8,
                    *const types = index + c.changes;
  int64_t *const at = STOA_NEWS(arena, int64_t, (size_t)c.changes + 1);
  int32_t *const offsets = STOA_NEWS(arena, int32_t, (size_t)c.changes + 1);
  for (int64_t i = 0; i < c.changes; ++i) {
    const unsigned char type = (unsigned char)index[i];
    if (type >= c.types) {
      return false;
    }
    at[i] = big(changes + i * 8, 8);
    offsets[i] = (int32_t)big(types + type * 6, 4);
  }
  *out = (stoa_zone){.changes = at, .offsets = offsets, .n = (uint32_t)c.changes, .first = (int32_t)big(types, 4)};
  // Behind the block, between two line ends: what holds from the last change on.
  const char *const footer = file.data + second + HEADER + body_bytes(&c, 8);
  const size_t left = (size_t)(file.data + file.length - footer);
  const char *const end = left > 1 ? memchr(footer + 1, '\n', left - 1) : NULL;
  return end && (end == footer + 1 ||
                 read_rule(stoa_arena_copy(arena, (stoa_slice){footer + 1, (size_t)(end - footer) - 1}), out));
}

// A name of the database is no way out of its folder.
static bool is_zone_name(const char *text)
{
  return isalpha((unsigned char)text[0]) && strlen(text) < 64 && !strstr(text, "..") &&
         text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/")] == '\0';
}

static bool read_named(const char *text, stoa_arena *arena, stoa_zone *out)
{
  static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"};
  for (size_t i = 0; is_zone_name(text) && i < sizeof folders / sizeof *folders; ++i) {
    stoa_error ignored = {0};
    stoa_slice file;
    if (stoa_file_read(stoa_file_join(arena, folders[i], text), arena, &file, &ignored) == STOA_OK) {
      return read_zone_file(file, arena, out);
    }
  }
  return false;
}

static bool read_offset(const char *text, stoa_zone *out)
{
  int hours, minutes, n = 0;
  if ((text[0] != '+' && text[0] != '-') || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || n != 5 ||
      text[6] || hours < 0 || minutes < 0 || minutes > 59 || hours * 60 + minutes > 14 * 60) {
    return false;
  }
  *out = stoa_zone_fixed((text[0] == '-' ? -1 : 1) * (hours * 60 + minutes));
  return true;
}

stoa_status stoa_zone_read(const char *text, stoa_arena *arena, stoa_zone *out, stoa_error *err)
{
  if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0) {
    *out = stoa_zone_fixed(0);
    return STOA_OK;
  }
  return read_offset(text, out) || read_named(text, arena, out)
           ? STOA_OK
           : stoa_error_set(
               err, STOA_BAD_ARG,
               "\"%s\" is no time zone; use UTC, an offset such as +01:00, or a name such as Europe/Prague", text);
}
