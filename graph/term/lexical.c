// A row for each datatype: how its texts begin and go on is told by a few readers, integers differ in their bounds, which
// number.c has.
#include "graph/term/lexical.h"
#include "graph/base/code.h"
#include "graph/base/file.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include <string.h>

typedef struct {
  const char *at, *end;
} reader;

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool take(reader *r, char c)
{
  const bool there = r->at < r->end && *r->at == c;
  r->at += there;
  return there;
}

static bool at_end(const reader *r)
{
  return r->at == r->end;
}

static size_t take_digits(reader *r)
{
  const char *const start = r->at;
  while (r->at < r->end && is_digit(*r->at)) {
    ++r->at;
  }
  return (size_t)(r->at - start);
}

static bool take_sign(reader *r)
{
  return take(r, '-') || take(r, '+');
}

// ---- numbers

static bool take_decimal(reader *r)
{
  take_sign(r);
  const size_t whole = take_digits(r);
  const size_t fraction = take(r, '.') ? take_digits(r) : 0;
  return whole + fraction > 0;
}

static bool fits_decimal(reader *r)
{
  return take_decimal(r) && at_end(r);
}

static bool is_rest(const reader *r, const char *text)
{
  return stoa_slice_is((stoa_slice){r->at, (size_t)(r->end - r->at)}, text);
}

static bool fits_real(reader *r)
{
  if (is_rest(r, "INF") || is_rest(r, "+INF") || is_rest(r, "-INF") || is_rest(r, "NaN")) {
    return true;
  }
  if (!take_decimal(r)) {
    return false;
  }
  if (take(r, 'e') || take(r, 'E')) {
    take_sign(r);
    return take_digits(r) > 0 && at_end(r);
  }
  return at_end(r);
}

static bool fits_integer(reader *r)
{
  take_sign(r);
  return take_digits(r) > 0 && at_end(r);
}

// ---- times

static bool take_exactly(reader *r, int n, int least, int most)
{
  int value = 0;
  for (int i = 0; i < n; ++i, ++r->at) {
    if (r->at >= r->end || !is_digit(*r->at)) {
      return false;
    }
    value = value * 10 + (*r->at - '0');
  }
  return value >= least && value <= most;
}

static bool fits_zone(reader *r, bool needed)
{
  if (at_end(r) || (take(r, 'Z') && at_end(r))) {
    return !needed || r->at[-1] == 'Z';
  }
  return take_sign(r) && take_exactly(r, 2, 0, 14) && take(r, ':') && take_exactly(r, 2, 0, 59) && at_end(r) &&
         (memcmp(r->end - 5, "14", 2) != 0 || memcmp(r->end - 2, "00", 2) == 0);
}

// *leap: what is left of the year when divided by 400, as its last digits tell.
static bool take_year(reader *r, bool *leap)
{
  take(r, '-');
  const char *const start = r->at;
  const size_t n = take_digits(r);
  int rest = 0;
  for (const char *c = start; c < r->at; ++c) {
    rest = (rest * 10 + (*c - '0')) % 400;
  }
  *leap = rest % 4 == 0 && (rest % 100 != 0 || rest == 0);
  return n == 4 || (n > 4 && *start != '0');
}

static bool take_month_day(reader *r, bool leap)
{
  static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const char *const start = r->at;
  if (!take_exactly(r, 2, 1, 12) || !take(r, '-')) {
    return false;
  }
  const int month = (start[0] - '0') * 10 + start[1] - '0';
  return take_exactly(r, 2, 1, days[month - 1] + (month == 2 && leap));
}

static bool take_date(reader *r)
{
  bool leap;
  return take_year(r, &leap) && take(r, '-') && take_month_day(r, leap);
}

static bool take_time(reader *r)
{
  const char *const start = r->at;
  if (!take_exactly(r, 2, 0, 24) || !take(r, ':') || !take_exactly(r, 2, 0, 59) || !take(r, ':') ||
      !take_exactly(r, 2, 0, 59)) {
    return false;
  }
  const bool midnight = start[0] == '2' && start[1] == '4';
  const size_t n_fraction = take(r, '.') ? take_digits(r) : 1;
  bool nought = true; // 24:00:00 is the day's end; no time is later
  for (const char *c = start + 2; c < r->at; ++c) {
    nought &= !is_digit(*c) || *c == '0';
  }
  return n_fraction > 0 && (!midnight || nought);
}

// ---- the rest

static bool fits_binary(stoa_slice text)
{
  bool hex = text.length % 2 == 0;
  for (size_t i = 0; i < text.length; ++i) {
    hex &= stoa_hex_value(text.data[i]) >= 0;
  }
  return hex;
}

// RFC 4648, section 4: groups of four, the last one filled up with "=".
static bool fits_base64(stoa_slice text)
{
  size_t n = 0, fill = 0;
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    const bool letter = is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '+' || c == '/';
    if (c == ' ') {
      continue;
    }
    if ((!letter && c != '=') || (letter && fill)) {
      return false;
    }
    fill += c == '=';
    ++n;
  }
  return n % 4 == 0 && fill <= 2;
}

typedef enum {
  ANY_TEXT,
  BOOLEAN,
  DECIMAL,
  INTEGER,
  BOUNDED, ///< an integer between the bounds that number.c has for the type
  REAL,
  DATE_TIME,
  DATE_TIME_STAMP,
  DATE,
  TIME,
  YEAR,
  YEAR_MONTH,
  MONTH,
  MONTH_DAY,
  DAY,
  DURATION,
  HEX,
  BASE64
} shape;

static const struct {
  const char *name;
  shape shape;
} types[] = {{"string", ANY_TEXT},
             {"boolean", BOOLEAN},
             {"decimal", DECIMAL},
             {"integer", INTEGER},
             {"double", REAL},
             {"float", REAL},
             {"date", DATE},
             {"time", TIME},
             {"dateTime", DATE_TIME},
             {"dateTimeStamp", DATE_TIME_STAMP},
             {"gYear", YEAR},
             {"gMonth", MONTH},
             {"gDay", DAY},
             {"gYearMonth", YEAR_MONTH},
             {"gMonthDay", MONTH_DAY},
             {"duration", DURATION},
             {"yearMonthDuration", DURATION},
             {"dayTimeDuration", DURATION},
             {"byte", BOUNDED},
             {"short", BOUNDED},
             {"int", BOUNDED},
             {"long", BOUNDED},
             {"unsignedByte", BOUNDED},
             {"unsignedShort", BOUNDED},
             {"unsignedInt", BOUNDED},
             {"unsignedLong", BOUNDED},
             {"positiveInteger", BOUNDED},
             {"nonNegativeInteger", BOUNDED},
             {"negativeInteger", BOUNDED},
             {"nonPositiveInteger", BOUNDED},
             {"hexBinary", HEX},
             {"base64Binary", BASE64},
             {"anyURI", ANY_TEXT},
             {"language", ANY_TEXT},
             {"normalizedString", ANY_TEXT},
             {"token", ANY_TEXT},
             {"NMTOKEN", ANY_TEXT},
             {"NMTOKENS", ANY_TEXT},
             {"Name", ANY_TEXT},
             {"NCName", ANY_TEXT},
             {"QName", ANY_TEXT},
             {"NOTATION", ANY_TEXT},
             {"ID", ANY_TEXT},
             {"IDREF", ANY_TEXT},
             {"IDREFS", ANY_TEXT},
             {"ENTITY", ANY_TEXT},
             {"ENTITIES", ANY_TEXT},
             {"anySimpleType", ANY_TEXT},
             {"anyAtomicType", ANY_TEXT}};

enum { N_TYPES = sizeof types / sizeof *types };

static bool fits(size_t type, stoa_slice text, stoa_slice datatype)
{
  reader r = {text.data, text.data + text.length};
  stoa_duration_kind kind;
  stoa_duration duration;
  bool leap;
  switch (types[type].shape) {
    case ANY_TEXT:
      return true;
    case BOOLEAN:
      return is_rest(&r, "true") || is_rest(&r, "false") || is_rest(&r, "1") || is_rest(&r, "0");
    case DECIMAL:
      return fits_decimal(&r);
    case INTEGER:
      return fits_integer(&r);
    case BOUNDED:
      return fits_integer(&r) && stoa_number_is_within(stoa_slice_of(types[type].name), text);
    case REAL:
      return fits_real(&r);
    case DATE_TIME:
    case DATE_TIME_STAMP:
      return take_date(&r) && take(&r, 'T') && take_time(&r) && fits_zone(&r, types[type].shape == DATE_TIME_STAMP);
    case DATE:
      return take_date(&r) && fits_zone(&r, false);
    case TIME:
      return take_time(&r) && fits_zone(&r, false);
    case YEAR:
      return take_year(&r, &leap) && fits_zone(&r, false);
    case YEAR_MONTH:
      return take_year(&r, &leap) && take(&r, '-') && take_exactly(&r, 2, 1, 12) && fits_zone(&r, false);
    case MONTH:
      return take(&r, '-') && take(&r, '-') && take_exactly(&r, 2, 1, 12) && fits_zone(&r, false);
    case MONTH_DAY:
      return take(&r, '-') && take(&r, '-') && take_month_day(&r, true) && fits_zone(&r, false);
    case DAY:
      return take(&r, '-') && take(&r, '-') && take(&r, '-') && take_exactly(&r, 2, 1, 31) && fits_zone(&r, false);
    case DURATION:
      return stoa_duration_kind_of(datatype, &kind) && stoa_duration_read(text, kind, &duration);
    case HEX:
      return fits_binary(text);
    case BASE64:
      return fits_base64(text);
  }
  return true;
}

static size_t find(stoa_slice name)
{
  size_t i = 0;
  while (i < N_TYPES && !stoa_slice_is(name, types[i].name)) {
    ++i;
  }
  return i;
}

bool stoa_lexical_fits(stoa_slice lexical, stoa_slice datatype)
{
  const size_t n = sizeof STOA_XSD - 1;
  if (!stoa_slice_starts(datatype, (stoa_slice){STOA_XSD, n})) {
    return true;
  }
  const size_t type = find((stoa_slice){datatype.data + n, datatype.length - n});
  return type == N_TYPES || fits(type, lexical, datatype);
}

bool stoa_lexical_knows(const char *datatype)
{
  const size_t n = sizeof STOA_XSD - 1;
  return strncmp(datatype, STOA_XSD, n) != 0 || find(stoa_slice_of(datatype + n)) < N_TYPES;
}

const char *stoa_lexical_nearest(const char *datatype)
{
  const size_t n = sizeof STOA_XSD - 1;
  const char *names[N_TYPES];
  for (size_t i = 0; i < N_TYPES; ++i) {
    names[i] = types[i].name;
  }
  return strncmp(datatype, STOA_XSD, n) == 0 ? stoa_nearest(datatype + n, names, N_TYPES) : NULL;
}
