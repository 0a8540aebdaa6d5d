// Terms from the values of a row, by the term constructors of a mapping (R2RML, sections 7 and 10).
#include "graph/exec/make.h"
#include "graph/base/code.h"
#include "graph/base/iri.h"
#include "graph/term/number.h"
#include "graph/term/packed.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <math.h>

// The text of a value in a template: what SQL's cast to text would give, numbers canonical, bytes as hexBinary.
static stoa_slice value_text(const stoa_value *v, stoa_arena *arena)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    char *const digits = stoa_arena_raw(arena, STOA_INTEGER_DIGITS + 1);
    const size_t n = stoa_integer_write(v->as.integer, digits);
    digits[n] = '\0';
    return (stoa_slice){digits, n};
  }
  if (v->kind == STOA_VALUE_REAL) {
    if (v->as.real == nearbyint(v->as.real) && fabs(v->as.real) < 1e15) {
      return stoa_slice_of(stoa_arena_print(arena, "%.0f", v->as.real));
    }
    return stoa_slice_of(stoa_arena_print(arena, "%.15g", v->as.real));
  }
  return v->kind == STOA_VALUE_BLOB ? stoa_hex_write(v->text, STOA_HEX_CAPITAL, arena) : v->text;
}

// An exact number; beyond 38 digits its lexical form stays a text.
static void exact_term(const stoa_value *v, bool integer, stoa_arena *arena, stoa_term *out)
{
  stoa_number number;
  if (!stoa_number_read_decimal(v->text, &number)) {
    *out = stoa_term_literal(arena, v->text, stoa_slice_of(integer ? STOA_XSD "integer" : STOA_XSD "decimal"));
    return;
  }
  number.kind = integer ? STOA_NUMBER_INTEGER : STOA_NUMBER_DECIMAL;
  *out = stoa_number_term(&number, arena);
}

// Lexical forms that aggregates gave: of a decimal, or of a sum and a count with "/" between.
static stoa_term lexical_term(const stoa_value *v, stoa_arena *arena)
{
  const stoa_slice text = value_text(v, arena);
  const char *const slash = memchr(text.data, '/', text.length);
  stoa_number sum, count, quotient;
  if (!slash) {
    sum.kind = STOA_NUMBER_DECIMAL;
    return stoa_number_read_decimal(text, &sum) ? (sum.kind = STOA_NUMBER_DECIMAL, stoa_number_term(&sum, arena))
                                                : stoa_term_literal(arena, text, stoa_slice_of(STOA_XSD "decimal"));
  }
  const size_t n = (size_t)(slash - text.data);
  const bool good = stoa_number_read_decimal((stoa_slice){text.data, n}, &sum) &&
                    stoa_number_read_decimal((stoa_slice){slash + 1, text.length - n - 1}, &count) &&
                    stoa_number_apply('/', &sum, &count, arena, &quotient);
  return good ? stoa_number_term(&quotient, arena) : (stoa_term){0};
}

// Money: the double is read as a whole number at the declared scale; what does not fit is an error.
static stoa_status decimal_term(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                                stoa_error *err)
{
  double factor = 1;
  for (int i = 0; i < info->scale; ++i) {
    factor *= 10;
  }
  stoa_number number = {.kind = STOA_NUMBER_DECIMAL, .scale = (uint32_t)info->scale};
  if (v->kind == STOA_VALUE_DECIMAL) {
    return exact_term(v, false, arena, out), STOA_OK;
  }
  if (v->kind == STOA_VALUE_INTEGER) {
    number.mantissa = v->as.integer;
    number.scale = 0;
  } else {
    const double scaled = v->as.real * factor, whole = nearbyint(scaled);
    if (fabs(scaled) > 9e15 || fabs(scaled - whole) > 1e-3) {
      return stoa_error_set(err, STOA_BAD_TYPE, "column %s holds %.17g, which does not fit its declared scale of %d",
                            info->name, v->as.real, info->scale);
    }
    number.mantissa = (int64_t)whole;
  }
  *out = stoa_number_term(&number, arena);
  return STOA_OK;
}

static stoa_term boolean_term(const stoa_value *v)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    return stoa_term_boolean(v->as.integer != 0);
  }
  static const char *const yes[] = {"true", "t", "TRUE", "1"}, *const no[] = {"false", "f", "FALSE", "0"};
  for (int i = 0; i < 4; ++i) {
    if (stoa_slice_is(v->text, yes[i]) || stoa_slice_is(v->text, no[i])) {
      return stoa_term_boolean(stoa_slice_is(v->text, yes[i]));
    }
  }
  return (stoa_term){0};
}

static stoa_term time_term(const stoa_value *v, stoa_sql_type type, stoa_arena *arena)
{
  if (v->kind != STOA_VALUE_TEXT) {
    return (stoa_term){0};
  }
  if (type == STOA_SQL_DATE) {
    return stoa_term_literal(arena, v->text, stoa_slice_of(STOA_XSD "date"));
  }
  stoa_buf text = {0};
  stoa_xsd_datetime_of_sql(v->text, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data ? text.data : "", text.length});
  stoa_buf_done(&text);
  return stoa_term_literal(arena, copy, stoa_slice_of(STOA_XSD "dateTime"));
}

// R2RML, section 10.2: the natural mapping of SQL values.
static stoa_status natural_term(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                                stoa_error *err)
{
  const bool number = v->kind == STOA_VALUE_INTEGER || v->kind == STOA_VALUE_REAL || v->kind == STOA_VALUE_DECIMAL;
  *out = (stoa_term){0};
  switch (info->type) {
    case STOA_SQL_INTEGER:
      if (v->kind == STOA_VALUE_INTEGER) {
        *out = stoa_term_integer(v->as.integer);
      } else if (v->kind == STOA_VALUE_DECIMAL) {
        exact_term(v, true, arena, out);
      }
      return STOA_OK;
    case STOA_SQL_DECIMAL:
      return number ? decimal_term(info, v, arena, out, err) : STOA_OK;
    case STOA_SQL_LEXICAL:
      if (v->kind == STOA_VALUE_TEXT || number) {
        *out = lexical_term(v, arena);
      }
      return STOA_OK;
    case STOA_SQL_REAL:
      if (number) {
        *out = stoa_term_double(v->kind == STOA_VALUE_REAL ? v->as.real : (double)v->as.integer);
      }
      return STOA_OK;
    case STOA_SQL_BOOLEAN:
      *out = boolean_term(v);
      return STOA_OK;
    case STOA_SQL_DATE:
    case STOA_SQL_DATETIME:
      *out = time_term(v, info->type, arena);
      return STOA_OK;
    case STOA_SQL_BLOB:
      *out =
        stoa_term_literal(arena, stoa_hex_write(v->text, STOA_HEX_CAPITAL, arena), stoa_slice_of(STOA_XSD "hexBinary"));
      return STOA_OK;
    case STOA_SQL_ANY:
      if (v->kind == STOA_VALUE_INTEGER) {
        *out = stoa_term_integer(v->as.integer);
        return STOA_OK;
      }
      if (v->kind == STOA_VALUE_REAL) {
        *out = stoa_term_double(v->as.real);
        return STOA_OK;
      }
      break;
    case STOA_SQL_TIME:
      *out = stoa_term_literal(arena, value_text(v, arena), stoa_slice_of(STOA_XSD "time"));
      return STOA_OK;
    case STOA_SQL_TEXT:
    case STOA_SQL_CHAR:
    case STOA_SQL_PACKED:
    case STOA_SQL_TYPES:
      break;
  }
  *out = stoa_term_string(value_text(v, arena));
  return STOA_OK;
}

static stoa_status literal_term(const stoa_ctor *ctor, const stoa_column_info *info, const stoa_value *v,
                                stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  STOA_TRY(natural_term(info, v, arena, out, err));
  if (!stoa_term_is_bound(*out)) {
    return STOA_OK;
  }
  if (ctor->language.length) {
    *out = stoa_term_lang(arena, stoa_term_lexical(*out, arena), ctor->language);
  } else if (ctor->datatype.length && !stoa_slice_equal(ctor->datatype, stoa_term_datatype(*out))) {
    // A literal of the column's own lexical form and the mapping's datatype.
    *out = stoa_term_literal(arena, stoa_term_lexical(*out, arena), ctor->datatype);
  }
  return STOA_OK;
}

// R2RML, section 11.2: what makes no IRI is a data error, and is told.
static stoa_status iri_term(const stoa_binding *b, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                            stoa_error *err)
{
  stoa_slice text = value_text(v, arena);
  if (b->ctor->base && !stoa_iri_is_absolute(text)) {
    text = stoa_slice_of(stoa_arena_print(arena, "%s%.*s", b->ctor->base, (int)text.length, text.data));
  }
  if (!stoa_iri_is_clean(text)) {
    const stoa_slice held = value_text(v, arena);
    return stoa_error_at(err, STOA_BAD_TYPE, b->ctor->place,
                         "column %s holds \"%.*s\", which makes no IRI; use a rr:template, which encodes it",
                         b->ctor->columns[0]->name, (int)(held.length < 80 ? held.length : 80), held.data);
  }
  *out = stoa_term_iri(text);
  return STOA_OK;
}

static stoa_term blank_term(stoa_slice text, stoa_arena *arena)
{
  stoa_buf label = {0};
  stoa_label_write(text, &label);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){label.data, label.length});
  stoa_buf_done(&label);
  return stoa_term_blank(copy);
}

static stoa_term template_term(const stoa_ctor *ctor, const stoa_value *const *row, stoa_arena *arena)
{
  stoa_slice texts[STOA_TEMPLATE_COLUMNS];
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    texts[k] = value_text(row[k], arena);
  }
  if (ctor->makes == STOA_TERM_IRI) {
    return stoa_term_built(arena, ctor->tmpl, texts);
  }
  stoa_buf text = {0};
  stoa_template_write(ctor->tmpl, texts, false, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  if (ctor->makes == STOA_TERM_BLANK) {
    return blank_term(copy, arena);
  }
  return ctor->language.length ? stoa_term_lang(arena, copy, ctor->language)
                               : stoa_term_literal(arena, copy, stoa_ctor_datatype(ctor));
}

stoa_status stoa_make_term(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                           stoa_error *err)
{
  const stoa_ctor *const ctor = b->ctor;
  *out = (stoa_term){0};
  if (b->guard && row[ctor->n_columns]->kind == STOA_VALUE_NULL) {
    return STOA_OK;
  }
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    if (row[k]->kind == STOA_VALUE_NULL) {
      return STOA_OK;
    }
  }
  switch (ctor->kind) {
    case STOA_CTOR_CONSTANT:
      *out = ctor->constant;
      return STOA_OK;
    case STOA_CTOR_TEMPLATE:
      *out = template_term(ctor, row, arena);
      return STOA_OK;
    case STOA_CTOR_PACKED:
      *out = stoa_term_unpack(row[0]->text, arena);
      return STOA_OK;
    case STOA_CTOR_COLUMN:
      break;
  }
  if (ctor->makes == STOA_TERM_IRI) {
    return iri_term(b, row[0], arena, out, err);
  }
  if (ctor->makes == STOA_TERM_BLANK) {
    *out = blank_term(value_text(row[0], arena), arena);
    return STOA_OK;
  }
  return literal_term(ctor, b->columns[0]->info, row[0], arena, out, err);
}

uint32_t stoa_make_width(const stoa_binding *b)
{
  return b->ctor->n_columns + (b->guard ? 1 : 0);
}
