// A row for each datatype: how its texts begin and go on is told by a few readers, integers differ in their bounds.
#include "graph/term/lexical.h"
#include "graph/base/code.h"
#include "graph/base/file.h"
#include "graph/term/duration.h"
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

// Digits without noughts before them, of one sign, by value.
static bool is_beyond(stoa_slice digits, const char *bound)
{
  const size_t n = strlen(bound);
  return digits.length != n ? digits.length > n : memcmp(digits.data, bound, n) > 0;
}

// Bounds: the greatest size of a negative and of a positive one; NULL for none.
static bool fits_integer(reader *r, const char *least, const char *most)
{
  const bool negative = take(r, '-');
  if (!negative) {
    take(r, '+');
  }
  const char *const start = r->at;
  const size_t n = take_digits(r);
  stoa_slice digits = {start, n};
  while (digits.length > 1 && *digits.data == '0') {
    digits = (stoa_slice){digits.data + 1, digits.length - 1};
  }
  const bool nought = stoa_slice_is(digits, "0");
  const char *const bound = negative && !nought ? least : most;
  return n > 0 && at_end(r) && !(bound && is_beyond(digits, bound));
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
  const char *least, *most; ///< of INTEGER: the size of the least one, and the greatest
} types[] = {{"string", ANY_TEXT, NULL, NULL},
             {"boolean", BOOLEAN, NULL, NULL},
             {"decimal", DECIMAL, NULL, NULL},
             {"integer", INTEGER, NULL, NULL},
             {"double", REAL, NULL, NULL},
             {"float", REAL, NULL, NULL},
             {"date", DATE, NULL, NULL},
             {"time", TIME, NULL, NULL},
             {"dateTime", DATE_TIME, NULL, NULL},
             {"dateTimeStamp", DATE_TIME_STAMP, NULL, NULL},
             {"gYear", YEAR, NULL, NULL},
             {"gMonth", MONTH, NULL, NULL},
             {"gDay", DAY, NULL, NULL},
             {"gYearMonth", YEAR_MONTH, NULL, NULL},
             {"gMonthDay", MONTH_DAY, NULL, NULL},
             {"duration", DURATION, NULL, NULL},
             {"yearMonthDuration", DURATION, NULL, NULL},
             {"dayTimeDuration", DURATION, NULL, NULL},
             {"byte", INTEGER, "128", "127"},
             {"short", INTEGER, "32768", "32767"},
             {"int", INTEGER, "2147483648", "2147483647"},
             {"long", INTEGER, "9223372036854775808", "9223372036854775807"},
             {"unsignedByte", INTEGER, "0", "255"},
             {"unsignedShort", INTEGER, "0", "65535"},
             {"unsignedInt", INTEGER, "0", "4294967295"},
             {"unsignedLong", INTEGER, "0", "18446744073709551615"},
             {"positiveInteger", INTEGER, "0", NULL},
             {"nonNegativeInteger", INTEGER, "0", NULL},
             {"negativeInteger", INTEGER, NULL, "0"},
             {"nonPositiveInteger", INTEGER, NULL, "0"},
             {"hexBinary", HEX, NULL, NULL},
             {"base64Binary", BASE64, NULL, NULL},
             {"anyURI", ANY_TEXT, NULL, NULL},
             {"language", ANY_TEXT, NULL, NULL},
             {"normalizedString", ANY_TEXT, NULL, NULL},
             {"token", ANY_TEXT, NULL, NULL},
             {"NMTOKEN", ANY_TEXT, NULL, NULL},
             {"NMTOKENS", ANY_TEXT, NULL, NULL},
             {"Name", ANY_TEXT, NULL, NULL},
             {"NCName", ANY_TEXT, NULL, NULL},
             {"QName", ANY_TEXT, NULL, NULL},
             {"NOTATION", ANY_TEXT, NULL, NULL},
             {"ID", ANY_TEXT, NULL, NULL},
             {"IDREF", ANY_TEXT, NULL, NULL},
             {"IDREFS", ANY_TEXT, NULL, NULL},
             {"ENTITY", ANY_TEXT, NULL, NULL},
             {"ENTITIES", ANY_TEXT, NULL, NULL},
             {"anySimpleType", ANY_TEXT, NULL, NULL},
             {"anyAtomicType", ANY_TEXT, NULL, NULL}};

enum { N_TYPES = sizeof types / sizeof *types };

// Where neither nought nor its sign is excluded by a bound.
static bool is_excluded(const char *name, stoa_slice text)
{
  const bool strict = strcmp(name, "positiveInteger") == 0 || strcmp(name, "negativeInteger") == 0;
  for (size_t i = 0; i < text.length; ++i) {
    if (text.data[i] > '0' && text.data[i] <= '9') {
      return false;
    }
  }
  return strict;
}

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
      return fits_integer(&r, types[type].least, types[type].most) && !is_excluded(types[type].name, text);
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
