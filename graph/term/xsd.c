// Dates and times of XML Schema (Part 2, sections 3.3.7 and 3.3.9), read as strictly as it writes them.
#include "graph/term/xsd.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *at, *end;
} reader;

static bool take(reader *r, char c)
{
  const bool there = r->at < r->end && *r->at == c;
  r->at += there;
  return there;
}

// Exactly n digits, of a value within bounds.
static bool take_number(reader *r, int n, int least, int most, int *out)
{
  *out = 0;
  for (int i = 0; i < n; ++i, ++r->at) {
    if (r->at >= r->end || *r->at < '0' || *r->at > '9') {
      return false;
    }
    *out = *out * 10 + (*r->at - '0');
  }
  return *out >= least && *out <= most;
}

// Four digits, or more of which the first is no nought.
static bool take_year(reader *r, int64_t *out)
{
  const bool negative = take(r, '-');
  const char *const start = r->at;
  int64_t year = 0;
  while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - start < 9) {
    year = year * 10 + (*r->at++ - '0');
  }
  const ptrdiff_t n = r->at - start;
  *out = negative ? -year : year;
  return n >= 4 && (n == 4 || *start != '0');
}

static int days_in(int64_t year, int month)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return days[month - 1] + (month == 2 && leap);
}

// Howard Hinnant's days_from_civil (public domain).
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t yoe = year - era * 400;
  const int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t stoa_xsd_days(int64_t year, int month, int day)
{
  const int most = days_in(year, month);
  return days_from_civil(year, month, day < most ? day : most);
}

// Days of the year 292,000 are the last that microseconds of 64 bits hold.
enum { MOST_YEAR = 290000 };

static const int64_t day_us = INT64_C(86400000000);

// What clocks show is within the years that are read; 24:00:00 of the last day is not, and could not be read again.
static bool is_in_years(int64_t local_us)
{
  return local_us < days_from_civil(MOST_YEAR + 1, 1, 1) * day_us;
}

static bool take_day(reader *r, int64_t *days)
{
  int64_t year;
  int month, day;
  if (!take_year(r, &year) || !take(r, '-') || !take_number(r, 2, 1, 12, &month) || !take(r, '-') ||
      !take_number(r, 2, 1, days_in(year, month), &day) || year > MOST_YEAR || year < -MOST_YEAR) {
    return false;
  }
  *days = days_from_civil(year, month, day);
  return true;
}

// Digits beyond microseconds are cut off.
static bool take_fraction(reader *r, int *us)
{
  *us = 0;
  if (!take(r, '.')) {
    return true;
  }
  const char *const start = r->at;
  int unit = 100000;
  for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; ++r->at, unit /= 10) {
    *us += (*r->at - '0') * unit;
  }
  return r->at > start;
}

// 24:00:00 is the next day's beginning.
static bool take_time(reader *r, int64_t *us)
{
  int hour, minute, second, fraction;
  if (!take_number(r, 2, 0, 24, &hour) || !take(r, ':') || !take_number(r, 2, 0, 59, &minute) || !take(r, ':') ||
      !take_number(r, 2, 0, 59, &second) || !take_fraction(r, &fraction) ||
      (hour == 24 && minute + second + fraction > 0)) {
    return false;
  }
  *us = (hour * INT64_C(3600) + minute * 60 + second) * 1000000 + fraction;
  return true;
}

static bool take_zone(reader *r, stoa_instant *out)
{
  out->has_zone = r->at < r->end;
  out->zone = 0;
  if (!out->has_zone || take(r, 'Z')) {
    return r->at == r->end;
  }
  int hours, minutes;
  const bool east = take(r, '+');
  if ((!east && !take(r, '-')) || !take_number(r, 2, 0, 14, &hours) || !take(r, ':') ||
      !take_number(r, 2, 0, hours == 14 ? 0 : 59, &minutes)) {
    return false;
  }
  out->zone = (hours * 60 + minutes) * (east ? 1 : -1);
  return r->at == r->end;
}

bool stoa_xsd_datetime_read(stoa_slice lexical, stoa_instant *out)
{
  reader r = {lexical.data, lexical.data + lexical.length};
  int64_t days, us;
  if (!take_day(&r, &days) || !take(&r, 'T') || !take_time(&r, &us) || !take_zone(&r, out)) {
    return false;
  }
  out->us = days * day_us + us - (int64_t)out->zone * 60000000;
  return is_in_years(days * day_us + us);
}

bool stoa_xsd_date_read(stoa_slice lexical, stoa_instant *out)
{
  reader r = {lexical.data, lexical.data + lexical.length};
  int64_t days;
  if (!take_day(&r, &days) || !take_zone(&r, out)) {
    return false;
  }
  out->us = days * day_us - (int64_t)out->zone * 60000000;
  return true;
}

// A zone as databases write it: +02, +0200, +02:00 or Z; false for anything else.
static bool write_sql_zone(stoa_slice zone, stoa_buf *out)
{
  const bool colon = zone.length == 6 && zone.data[3] == ':';
  if (zone.length == 0 || stoa_slice_is(zone, "Z")) {
    stoa_buf_slice(out, zone);
    return true;
  }
  if ((zone.data[0] != '+' && zone.data[0] != '-') || (zone.length != 3 && zone.length != 5 && !colon)) {
    return false;
  }
  stoa_buf_add(out, zone.data, 3);
  stoa_buf_byte(out, ':');
  stoa_buf_add(out, zone.length == 3 ? "00" : zone.data + zone.length - 2, 2);
  return true;
}

void stoa_xsd_datetime_of_sql(stoa_slice text, stoa_buf *out)
{
  enum { DAY = 10, SECOND = 19 };
  const size_t start = out->length;
  size_t at = SECOND;
  if (text.length >= SECOND && (text.data[DAY] == ' ' || text.data[DAY] == 'T')) {
    while (at < text.length && (text.data[at] == '.' || (text.data[at] >= '0' && text.data[at] <= '9'))) {
      ++at;
    }
    stoa_buf_add(out, text.data, at);
    out->data[start + DAY] = 'T';
    while (at < text.length && text.data[at] == ' ') {
      ++at;
    }
    if (write_sql_zone((stoa_slice){text.data + at, text.length - at}, out)) {
      return;
    }
  }
  out->length = start;
  stoa_buf_slice(out, text);
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

// A number below 100 with what stands before it.
static void write_two(char before, int number, stoa_buf *out)
{
  const char text[] = {before, (char)('0' + number / 10), (char)('0' + number % 10)};
  stoa_buf_add(out, text, sizeof text);
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
  write_two(instant.zone < 0 ? '-' : '+', minutes / 60, out);
  write_two(':', minutes % 60, out);
}

static void write_day(const stoa_calendar *c, stoa_buf *out)
{
  const int year = abs(c->year);
  if (c->year < 0) {
    stoa_buf_byte(out, '-');
  }
  if (year < 10000) {
    const char digits[] = {(char)('0' + year / 1000), (char)('0' + year / 100 % 10), (char)('0' + year / 10 % 10),
                           (char)('0' + year % 10)};
    stoa_buf_add(out, digits, sizeof digits);
  } else {
    stoa_buf_integer(out, year);
  }
  write_two('-', c->month, out);
  write_two('-', c->day, out);
}

void stoa_xsd_datetime_write(stoa_instant instant, stoa_buf *out)
{
  const stoa_calendar c = stoa_xsd_calendar(instant);
  write_day(&c, out);
  write_two('T', c.hour, out);
  write_two(':', c.minute, out);
  write_two(':', c.second, out);
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
