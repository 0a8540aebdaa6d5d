// Values as features: by what they say, however a source has written them.
#include "features/feature.h"
#include "graph/base/code.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"
#include <stdio.h>

// "decimal(p,s)": the value is exact at any scale; s is the number of digits that it is written with at least.
static bool is_decimal(const char *text, int *scale)
{
  int precision = 0, n = 0;
  return sscanf(text, "decimal(%2d,%2d)%n", &precision, scale, &n) == 2 && (size_t)n == strlen(text) && precision > 0 &&
         *scale >= 0 && *scale <= precision;
}

const char *stoa_feature_type_name(stoa_feature_type type)
{
  static const char *const names[] = {"any",     "int64", "double",    "decimal", "string",
                                      "boolean", "float", "timestamp", "bytes",   "list"};
  return names[type];
}

static bool read_plain(const char *word, size_t length, stoa_feature *out, const char **nearest)
{
  static const struct {
    const char *name;
    stoa_feature_type type;
  } types[] = {
    {"int", STOA_FEATURE_INTEGER},     {"int32", STOA_FEATURE_INTEGER},   {"int64", STOA_FEATURE_INTEGER},
    {"integer", STOA_FEATURE_INTEGER}, {"double", STOA_FEATURE_DOUBLE},   {"float", STOA_FEATURE_FLOAT},
    {"float32", STOA_FEATURE_FLOAT},   {"decimal", STOA_FEATURE_DECIMAL}, {"string", STOA_FEATURE_STRING},
    {"boolean", STOA_FEATURE_BOOLEAN}, {"bool", STOA_FEATURE_BOOLEAN},    {"timestamp", STOA_FEATURE_TIMESTAMP},
    {"bytes", STOA_FEATURE_BYTES}};
  enum { N = sizeof types / sizeof *types, LONGEST = 40 };
  const char *names[N];
  char plain[LONGEST + 1];
  int scale = 0;
  *nearest = NULL;
  if (length > LONGEST) {
    return false;
  }
  memcpy(plain, word, length);
  plain[length] = '\0';
  for (size_t i = 0; i < N; ++i) {
    names[i] = types[i].name;
    if (strcmp(plain, types[i].name) == 0) {
      out->type = types[i].type;
      return true;
    }
  }
  if (is_decimal(plain, &scale)) {
    out->type = STOA_FEATURE_DECIMAL;
    out->scale = scale;
    return true;
  }
  *nearest = stoa_nearest(plain, names, N);
  return false;
}

bool stoa_feature_type_read(const char *word, stoa_feature *out, const char **nearest)
{
  static const char list[] = "list(";
  const size_t length = strlen(word), n = sizeof list - 1;
  const bool is_list = length > n && strncmp(word, list, n) == 0 && word[length - 1] == ')';
  out->word = word;
  if (!is_list) {
    return read_plain(word, length, out, nearest);
  }
  if (!read_plain(word + n, length - n - 1, out, nearest)) {
    return false;
  }
  out->element = out->type;
  out->type = STOA_FEATURE_LIST;
  return true;
}

stoa_term stoa_feature_of_text(stoa_feature_type type, const char *text, stoa_arena *arena)
{
  static const char *const datatypes[] = {STOA_XSD "decimal", STOA_XSD "integer",  STOA_XSD "double",
                                          STOA_XSD "decimal", STOA_XSD "string",   STOA_XSD "boolean",
                                          STOA_XSD "double",  STOA_XSD "dateTime", STOA_XSD "base64Binary"};
  const stoa_feature plain = {.type = type};
  const stoa_term value =
    stoa_feature_convert(&plain, stoa_term_literal(arena, stoa_slice_of(text), stoa_slice_of(datatypes[type])), arena);
  if (type == STOA_FEATURE_TIMESTAMP && !stoa_term_is_bound(value)) { // a day is one too
    return stoa_feature_convert(&plain, stoa_term_literal(arena, stoa_slice_of(text), stoa_slice_of(STOA_XSD "date")), arena);
  }
  return value;
}

stoa_term stoa_feature_of_json(const stoa_feature *feature, const stoa_json *cell, stoa_arena *arena)
{
  stoa_term value = {0};
  if (cell->kind == STOA_JSON_INTEGER) {
    value = stoa_term_integer(cell->integer);
  } else if (cell->kind == STOA_JSON_REAL) {
    value = stoa_term_double(cell->real);
  } else if (cell->kind == STOA_JSON_BOOLEAN) {
    value = stoa_term_boolean(cell->integer != 0);
  } else if (cell->kind == STOA_JSON_STRING) {
    return stoa_feature_of_text(feature->type, stoa_arena_copy(arena, cell->text), arena);
  }
  return stoa_feature_convert(feature, value, arena);
}

bool stoa_feature_bytes(stoa_term value, stoa_arena *arena, stoa_slice *out)
{
  if (value.kind != STOA_TERM_TYPED) {
    return false;
  }
  const stoa_literal *const literal = value.as.literal;
  return stoa_slice_is(literal->tag, STOA_XSD "base64Binary")
           ? stoa_base64_read(literal->text, arena, out)
           : stoa_slice_is(literal->tag, STOA_XSD "hexBinary") && stoa_hex_read(literal->text, arena, out);
}

static stoa_term bytes_term(stoa_term value, stoa_arena *arena)
{
  stoa_slice bytes;
  stoa_buf text = {0};
  if (!stoa_feature_bytes(value, arena, &bytes)) {
    return (stoa_term){0};
  }
  stoa_base64_write(bytes, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data ? text.data : "", text.length});
  stoa_buf_done(&text);
  return stoa_term_literal(arena, copy, stoa_slice_of(STOA_XSD "base64Binary"));
}

// JSON is written as it is where a list is served: what came from elsewhere is a text like others.
static stoa_term any_term(stoa_term value, stoa_arena *arena)
{
  const bool is_json = value.kind == STOA_TERM_TYPED && stoa_slice_is(value.as.literal->tag, STOA_RDF_JSON);
  return is_json ? stoa_term_string(value.as.literal->text) : stoa_feature_canonical(value, arena);
}

bool stoa_feature_instant(stoa_term at, const stoa_zone *timezone, int64_t *us)
{
  stoa_instant instant;
  bool is_date;
  if (!stoa_term_instant(at, &instant, &is_date)) {
    return false;
  }
  *us = instant.us - (instant.has_zone ? 0 : stoa_zone_offset(timezone, instant.us) * INT64_C(1000000));
  return true;
}

stoa_term stoa_feature_canonical(stoa_term value, stoa_arena *arena)
{
  stoa_number number;
  stoa_instant instant;
  bool truth, is_date;
  if (value.kind != STOA_TERM_TYPED) {
    return value;
  }
  if (stoa_number_of(value, &number)) {
    return stoa_number_term(&number, arena);
  }
  if (stoa_term_boolean_value(value, &truth)) {
    return stoa_term_boolean(truth);
  }
  if (!stoa_term_instant(value, &instant, &is_date)) {
    return value;
  }
  stoa_buf text = {0};
  (is_date ? stoa_xsd_date_write : stoa_xsd_datetime_write)(instant, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return stoa_term_literal(arena, copy, stoa_slice_of(is_date ? STOA_XSD "date" : STOA_XSD "dateTime"));
}

stoa_term stoa_feature_misfit(const stoa_feature *feature, const char *why, stoa_context *context)
{
  context->n_misfits++;
  context->misfit = feature->name;
  snprintf(context->misfit_why, sizeof context->misfit_why, "%s", why);
  return (stoa_term){0};
}

const char *stoa_misfits_print(const stoa_context *context, char *out, size_t n_bytes)
{
  const bool one = context->n_misfits == 1, is_told = context->misfit_why[0];
  snprintf(out, n_bytes,
           "%llu value%s of features do%s not fit %s declared type%s, such as of %s%s%s%s: none is served (stoa check "
           "tells more)",
           (unsigned long long)context->n_misfits, one ? "" : "s", one ? "es" : "", one ? "its" : "their",
           one ? "" : "s", context->misfit, is_told ? " (it " : "", context->misfit_why, is_told ? ")" : "");
  return out;
}

stoa_term stoa_feature_convert(const stoa_feature *feature, stoa_term value, stoa_arena *arena)
{
  stoa_number n;
  bool truth;
  if (!stoa_term_is_bound(value)) {
    return value;
  }
  if (feature->type == STOA_FEATURE_ANY) {
    return any_term(value, arena);
  }
  if (feature->type == STOA_FEATURE_BYTES) {
    return bytes_term(value, arena);
  }
  if (feature->type == STOA_FEATURE_STRING) {
    return stoa_term_string(stoa_term_lexical(value, arena));
  }
  if (feature->type == STOA_FEATURE_BOOLEAN) {
    return stoa_term_boolean_value(value, &truth) ? stoa_term_boolean(truth) : (stoa_term){0};
  }
  if (feature->type == STOA_FEATURE_TIMESTAMP) {
    stoa_instant instant;
    bool is_date;
    return stoa_term_instant(value, &instant, &is_date) ? stoa_feature_canonical(value, arena) : (stoa_term){0};
  }
  if (stoa_term_boolean_value(value, &truth)) {
    n = (stoa_number){.mantissa = truth};
  } else if (!stoa_number_of(value, &n)) {
    return (stoa_term){0};
  }
  if (feature->type == STOA_FEATURE_DOUBLE) {
    return stoa_term_double(stoa_number_real(&n));
  }
  if (feature->type == STOA_FEATURE_FLOAT) {
    return stoa_term_double((double)(float)stoa_number_real(&n));
  }
  if (feature->type == STOA_FEATURE_DECIMAL) {
    n.kind = n.kind <= STOA_NUMBER_DECIMAL ? STOA_NUMBER_DECIMAL : n.kind;
    return stoa_number_term(&n, arena);
  }
  if (n.kind >= STOA_NUMBER_FLOAT) {
    return n.real == floor(n.real) && fabs(n.real) < 9e18 ? stoa_term_integer((int64_t)n.real) : (stoa_term){0};
  }
  n.kind = STOA_NUMBER_INTEGER;
  return n.scale == 0 && !n.digits.data ? stoa_number_term(&n, arena) : (stoa_term){0};
}
