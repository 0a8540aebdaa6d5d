// Values as features: by what they say, however a source has written them.
#include "features/feature.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"

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

stoa_term stoa_feature_convert(const stoa_feature *feature, stoa_term value, stoa_arena *arena)
{
  stoa_number n;
  bool truth;
  if (!stoa_term_is_bound(value)) {
    return value;
  }
  if (feature->type == STOA_FEATURE_ANY) {
    return stoa_feature_canonical(value, arena);
  }
  if (feature->type == STOA_FEATURE_STRING) {
    return stoa_term_string(stoa_term_lexical(value, arena));
  }
  if (feature->type == STOA_FEATURE_BOOLEAN) {
    return stoa_term_boolean_value(value, &truth) ? stoa_term_boolean(truth) : (stoa_term){0};
  }
  if (stoa_term_boolean_value(value, &truth)) {
    n = (stoa_number){.mantissa = truth};
  } else if (!stoa_number_of(value, &n)) {
    return (stoa_term){0};
  }
  if (feature->type == STOA_FEATURE_DOUBLE) {
    return stoa_term_double(stoa_number_real(&n));
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
