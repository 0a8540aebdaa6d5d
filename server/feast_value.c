// Values and times as Feast's JSON has them.
#include "graph/term/xsd.h"
#include "server/feast.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

// The digits of a number below 10^n.
static char *write_digits(char *at, int value, int n)
{
  for (int i = n - 1; i >= 0; --i) {
    at[i] = (char)('0' + value % 10);
    value /= 10;
  }
  return at + n;
}

static char *write_part(char *at, char before, int value, int n)
{
  *at = before;
  return write_digits(at + 1, value, n);
}

void stoa_feast_time(int64_t us, stoa_buf *out)
{
  char text[40], *at = text;
  if (us == STOA_NO_TIME) {
    stoa_buf_text(out, "\"1970-01-01T00:00:00Z\"");
    return;
  }
  const stoa_calendar c = stoa_xsd_calendar((stoa_instant){.us = us, .has_zone = true});
  if (c.year < 1 || c.year > 9999) {
    stoa_buf_text(out, "\"1970-01-01T00:00:00Z\"");
    return;
  }
  at = write_part(at, '"', (int)c.year, 4);
  at = write_part(at, '-', c.month, 2);
  at = write_part(at, '-', c.day, 2);
  at = write_part(at, 'T', c.hour, 2);
  at = write_part(at, ':', c.minute, 2);
  at = write_part(at, ':', c.second, 2);
  if (c.microsecond % 1000) {
    at = write_part(at, '.', c.microsecond, 6);
  } else if (c.microsecond) {
    at = write_part(at, '.', c.microsecond / 1000, 3);
  }
  *at++ = 'Z';
  *at++ = '"';
  stoa_buf_add(out, text, (size_t)(at - text));
}

// The shortest digits that read back equal, in the layout that Python's JSON gives them: 3.0, 1e+22, 1e-05.
void stoa_feast_double(double value, stoa_buf *out)
{
  char text[40], digits[24];
  if (fabs(value) < 1e15 && value == floor(value) && !(value == 0 && signbit(value))) {
    stoa_buf_integer(out, (int64_t)value);
    stoa_buf_text(out, ".0");
    return;
  }
  for (int precision = 14; precision <= 16; ++precision) {
    snprintf(text, sizeof text, "%.*e", precision, value);
    if (strtod(text, NULL) == value) {
      break;
    }
  }
  const char *const e = strchr(text, 'e');
  const int exponent = atoi(e + 1);
  int n = 0;
  for (const char *at = text; at < e; ++at) {
    if (*at >= '0' && *at <= '9') {
      digits[n++] = *at;
    }
  }
  while (n > 1 && digits[n - 1] == '0') {
    --n;
  }
  stoa_buf_text(out, value < 0 || signbit(value) ? "-" : "");
  if (exponent < -4 || exponent >= 16) {
    stoa_buf_print(out, "%c%s%.*se%+03d", digits[0], n > 1 ? "." : "", n - 1, digits + 1, exponent);
  } else if (exponent < 0) {
    stoa_buf_print(out, "0.%.*s%.*s", -exponent - 1, "0000", n, digits);
  } else {
    for (int i = 0; i < n || i <= exponent; ++i) {
      stoa_buf_text(out, i == exponent + 1 ? "." : "");
      stoa_buf_byte(out, i < n ? digits[i] : '0');
    }
    stoa_buf_text(out, n <= exponent + 1 ? ".0" : "");
  }
}

// decimal(p,s) has s digits of fraction at least, as money is written.
static void write_decimal(stoa_term value, int scale, stoa_buf *out)
{
  stoa_buf text = {0};
  stoa_term_write_lexical(value, &text);
  const char *const point = memchr(text.data, '.', text.length);
  const int n = point ? (int)(text.data + text.length - point - 1) : 0;
  stoa_buf_byte(out, '"');
  stoa_buf_slice(out, (stoa_slice){text.data, text.length});
  stoa_buf_text(out, !point && scale ? "." : "");
  for (int i = n; i < scale; ++i) {
    stoa_buf_byte(out, '0');
  }
  stoa_buf_byte(out, '"');
  stoa_buf_done(&text);
}

static int64_t seconds_of(int64_t us)
{
  return us / 1000000 - (us % 1000000 < 0);
}

// As it is kept, but of times and decimals, which stand there as dateTimes and as numbers.  Neither has a comma within.
static void write_list(stoa_term list, const stoa_feature *feature, stoa_buf *out)
{
  const stoa_feature of_element = {.type = feature->element, .scale = feature->scale};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_slice rest = stoa_term_lexical(list, &arena);
  if (of_element.type != STOA_FEATURE_TIMESTAMP && of_element.type != STOA_FEATURE_DECIMAL) {
    stoa_buf_slice(out, rest);
    stoa_arena_done(&arena);
    return;
  }
  stoa_buf_byte(out, '[');
  rest = (stoa_slice){rest.data + 1, rest.length - 2};
  for (bool first = true; rest.length; first = false) {
    const size_t quote = rest.data[0] == '"';
    const char *const comma = memchr(rest.data, ',', rest.length);
    const size_t length = comma ? (size_t)(comma - rest.data) : rest.length;
    const char *const text = stoa_arena_copy(&arena, (stoa_slice){rest.data + quote, length - 2 * quote});
    stoa_buf_text(out, first ? "" : ",");
    stoa_feast_value(stoa_feature_of_text(of_element.type, text, &arena), &of_element, out);
    rest = comma ? (stoa_slice){comma + 1, rest.length - length - 1} : (stoa_slice){0};
  }
  stoa_buf_byte(out, ']');
  stoa_arena_done(&arena);
}

bool stoa_feast_value(stoa_term value, const stoa_feature *feature, stoa_buf *out)
{
  if (value.kind == STOA_TERM_DOUBLE && !isfinite(value.as.real)) {
    stoa_buf_text(out, "null");
    return false;
  }
  if (feature->type == STOA_FEATURE_LIST && stoa_term_is_bound(value)) {
    write_list(value, feature, out);
  } else if (value.kind == STOA_TERM_DOUBLE) {
    stoa_feast_double(value.as.real, out);
  } else if (value.kind == STOA_TERM_DECIMAL || (feature->type == STOA_FEATURE_DECIMAL && stoa_term_is_bound(value))) {
    write_decimal(value, feature->scale, out);
  } else if (value.kind == STOA_TERM_DATETIME ||
             (value.kind == STOA_TERM_DATE && feature->type == STOA_FEATURE_TIMESTAMP)) {
    stoa_buf_integer(out, seconds_of(value.as.integer));
  } else {
    stoa_value_json(value, out);
  }
  return true;
}
