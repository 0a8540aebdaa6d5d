// Casts: SPARQL 1.1, section 17.5, by XPath's rules (Functions and Operators, section 17); of durations besides.
#include "graph/exec/function.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"

static const stoa_term failure = {0};

// The lexical form of a value of the target: a text's without the white space around it (XML Schema Part 2, section
// 4.3.6; within it none is left in any of these types).
static stoa_slice trimmed(stoa_slice text)
{
  while (text.length && strchr(" \t\n\r", text.data[0]) && text.data[0]) {
    text = (stoa_slice){text.data + 1, text.length - 1};
  }
  while (text.length && strchr(" \t\n\r", text.data[text.length - 1]) && text.data[text.length - 1]) {
    text.length--;
  }
  return text;
}

static bool is_real(const stoa_number *n)
{
  return n->kind >= STOA_NUMBER_FLOAT;
}

// Section 17.1.2: real numbers from a millionth to a million as decimals, minus nought with its sign, others with
// exponents; exact ones without noughts at their end.
static stoa_slice number_text(const stoa_number *n, stoa_arena *arena)
{
  stoa_number decimal;
  const double size = is_real(n) ? fabs(n->real) : 0;
  if (is_real(n) && size == 0) {
    return stoa_slice_of(signbit(n->real) ? "-0" : "0");
  }
  if (is_real(n) && (size < 1e-6 || size >= 1e6 || !stoa_number_convert(n, STOA_NUMBER_DECIMAL, arena, &decimal))) {
    return stoa_term_lexical(stoa_number_term(n, arena), arena);
  }
  return stoa_term_lexical(stoa_number_term(is_real(n) ? &decimal : n, arena), arena);
}

static stoa_term to_string(stoa_term a, stoa_arena *arena)
{
  stoa_number number;
  bool truth;
  if (stoa_term_boolean_value(a, &truth)) {
    return stoa_term_string(stoa_slice_of(truth ? "true" : "false"));
  }
  return a.kind == STOA_TERM_BLANK
           ? failure
           : stoa_term_string(stoa_number_of(a, &number) ? number_text(&number, arena) : stoa_term_lexical(a, arena));
}

static stoa_term to_boolean(stoa_term a)
{
  stoa_number number;
  bool truth;
  if (stoa_number_of(a, &number)) {
    return stoa_term_boolean(stoa_number_is_true(&number));
  }
  if (stoa_term_boolean_value(a, &truth)) {
    return stoa_term_boolean(truth);
  }
  const stoa_slice x = a.kind == STOA_TERM_STRING ? trimmed(stoa_term_text(a)) : (stoa_slice){"", 0};
  const bool yes = stoa_slice_is(x, "true") || stoa_slice_is(x, "1");
  return yes || stoa_slice_is(x, "false") || stoa_slice_is(x, "0") ? stoa_term_boolean(yes) : failure;
}

// From a text, as its target reads it.
static bool read_number(stoa_slice text, stoa_number_kind kind, stoa_number *out)
{
  *out = (stoa_number){.kind = kind};
  switch (kind) {
    case STOA_NUMBER_DOUBLE:
      return stoa_number_read_double(text, &out->real);
    case STOA_NUMBER_FLOAT:
      return stoa_number_read_float(text, &out->real);
    default:
      return stoa_number_read_decimal(text, out) && (kind == STOA_NUMBER_DECIMAL || out->kind == STOA_NUMBER_INTEGER);
  }
}

static stoa_term to_number(stoa_term a, stoa_number_kind kind, stoa_arena *arena)
{
  stoa_number number;
  bool truth;
  if (a.kind == STOA_TERM_STRING) {
    if (!read_number(trimmed(stoa_term_text(a)), kind, &number)) {
      return failure;
    }
    number.kind = kind;
    return stoa_number_term(&number, arena);
  }
  if (stoa_term_boolean_value(a, &truth)) {
    number = (stoa_number){.mantissa = truth};
  } else if (!stoa_number_of(a, &number)) {
    return failure;
  }
  return stoa_number_convert(&number, kind, arena, &number) ? stoa_number_term(&number, arena) : failure;
}

// The day in its own zone.
static int64_t day_of(stoa_instant i)
{
  const int64_t day = INT64_C(86400000000), shift = (int64_t)i.zone * 60000000, local = i.us + shift;
  return (local / day - (local % day < 0)) * day - shift;
}

static stoa_term to_time(stoa_term a, bool day)
{
  stoa_instant i;
  bool is_date = day;
  const stoa_slice text = a.kind == STOA_TERM_STRING ? trimmed(stoa_term_text(a)) : (stoa_slice){"", 0};
  const bool read = a.kind != STOA_TERM_STRING ? stoa_term_instant(a, &i, &is_date)
                    : day                      ? stoa_xsd_date_read(text, &i)
                                               : stoa_xsd_datetime_read(text, &i);
  if (!read) {
    return failure;
  }
  stoa_term t = stoa_term_datetime(day ? day_of(i) : i.us, i.has_zone, i.zone);
  t.kind = day ? STOA_TERM_DATE : STOA_TERM_DATETIME;
  return t;
}

// A duration of another kind keeps what the target has: months, or time.
static stoa_term to_duration(stoa_term a, stoa_duration_kind kind, stoa_arena *arena)
{
  stoa_duration d;
  const bool read =
    a.kind == STOA_TERM_STRING ? stoa_duration_read(trimmed(stoa_term_text(a)), kind, &d) : stoa_duration_of(a, &d);
  if (!read) {
    return failure;
  }
  d.kind = kind;
  d.months = kind == STOA_DURATION_DAY_TIME ? 0 : d.months;
  d.us = kind == STOA_DURATION_YEAR_MONTH ? 0 : d.us;
  return stoa_duration_term(&d, arena);
}

stoa_term stoa_function_cast(const stoa_call *call)
{
  static const struct {
    const char *name;
    stoa_number_kind kind;
  } numbers[] = {{"integer", STOA_NUMBER_INTEGER},
                 {"decimal", STOA_NUMBER_DECIMAL},
                 {"double", STOA_NUMBER_DOUBLE},
                 {"float", STOA_NUMBER_FLOAT}};
  const stoa_slice type = stoa_term_text(call->expr->term);
  const stoa_slice name = {type.data + sizeof STOA_XSD - 1, type.length - (sizeof STOA_XSD - 1)};
  const stoa_term a = call->args[0];
  stoa_duration_kind kind;
  if (stoa_slice_is(name, "string")) {
    return to_string(a, call->arena);
  }
  if (!stoa_term_is_literal(a)) {
    return failure;
  }
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
    if (stoa_slice_is(name, numbers[i].name)) {
      return to_number(a, numbers[i].kind, call->arena);
    }
  }
  if (stoa_slice_is(name, "boolean")) {
    return to_boolean(a);
  }
  return stoa_duration_kind_of(type, &kind) ? to_duration(a, kind, call->arena)
                                            : to_time(a, stoa_slice_is(name, "date"));
}
