// Term constructors: which are alike, and how a constant is taken apart.
#include "graph/base/utf8.h"
#include "graph/plan/sqlx.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include <stdio.h>

stoa_slice stoa_ctor_datatype(const stoa_ctor *ctor)
{
  if (ctor->makes != STOA_TERM_TYPED || ctor->language.length) {
    return (stoa_slice){"", 0};
  }
  if (ctor->datatype.length) {
    return ctor->datatype;
  }
  if (ctor->kind != STOA_CTOR_COLUMN) {
    return stoa_slice_of(STOA_XSD "string");
  }
  static const char *const natural[] = {[STOA_SQL_TEXT] = STOA_XSD "string",
                                        [STOA_SQL_INTEGER] = STOA_XSD "integer",
                                        [STOA_SQL_DECIMAL] = STOA_XSD "decimal",
                                        [STOA_SQL_REAL] = STOA_XSD "double",
                                        [STOA_SQL_BOOLEAN] = STOA_XSD "boolean",
                                        [STOA_SQL_DATE] = STOA_XSD "date",
                                        [STOA_SQL_DATETIME] = STOA_XSD "dateTime",
                                        [STOA_SQL_BLOB] = STOA_XSD "hexBinary",
                                        [STOA_SQL_ANY] = "",
                                        [STOA_SQL_LEXICAL] = STOA_XSD "decimal",
                                        [STOA_SQL_PACKED] = "",
                                        [STOA_SQL_CHAR] = STOA_XSD "string",
                                        [STOA_SQL_TIME] = STOA_XSD "time"};
  return stoa_slice_of(natural[ctor->columns[0]->type]);
}

bool stoa_ctor_alike(const stoa_ctor *a, const stoa_ctor *b)
{
  if (a->kind != b->kind || a->makes != b->makes || a->kind == STOA_CTOR_CONSTANT) {
    return false;
  }
  if (a->kind == STOA_CTOR_TEMPLATE && (strcmp(a->tmpl->shape, b->tmpl->shape) != 0 || !a->tmpl->exact)) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_columns; ++i) {
    if (a->columns[i]->type != b->columns[i]->type || a->columns[i]->scale != b->columns[i]->scale) {
      return false;
    }
  }
  return stoa_slice_equal(stoa_ctor_datatype(a), stoa_ctor_datatype(b)) &&
         stoa_language_equal(a->language, b->language) &&
         (a->makes != STOA_TERM_IRI || a->kind != STOA_CTOR_COLUMN || a->base == b->base ||
          (a->base && b->base && strcmp(a->base, b->base) == 0));
}

stoa_value stoa_value_decimal(const stoa_number *number, stoa_arena *arena)
{
  stoa_buf digits = {0};
  stoa_number_write_decimal(number->mantissa, number->scale, false, &digits);
  const stoa_value value = {.kind = STOA_VALUE_DECIMAL,
                            .text = stoa_slice_of(stoa_arena_copy(arena, (stoa_slice){digits.data, digits.length}))};
  stoa_buf_done(&digits);
  return value;
}

// Letters with their padding; no database that pads holds any other text.  NUL ends texts in most of them.
static stoa_inverse text_value(const stoa_column_info *info, stoa_slice text)
{
  if (memchr(text.data, 0, text.length)) {
    return info->type == STOA_SQL_TEXT ? STOA_INVERSE_UNKNOWN : STOA_INVERSE_NEVER;
  }
  if (info->type == STOA_SQL_CHAR) {
    return stoa_utf8_count(text.data, text.length) == (size_t)info->scale ? STOA_INVERSE_EXACT : STOA_INVERSE_NEVER;
  }
  return info->type == STOA_SQL_TEXT ? STOA_INVERSE_EXACT : STOA_INVERSE_UNKNOWN;
}

// A text as a value of the column: an integer column takes only what prints back the same.
static stoa_inverse column_value(const stoa_column_info *info, stoa_slice text, stoa_value *out)
{
  stoa_number number;
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = text};
  if (info->type == STOA_SQL_INTEGER) {
    if (!stoa_number_read_decimal(text, &number) || number.kind != STOA_NUMBER_INTEGER || number.mantissa > INT64_MAX ||
        number.mantissa < INT64_MIN) {
      return STOA_INVERSE_NEVER;
    }
    char again[32];
    const int n = snprintf(again, sizeof again, "%lld", (long long)number.mantissa);
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = (int64_t)number.mantissa};
    return (size_t)n == text.length && memcmp(again, text.data, text.length) == 0 ? STOA_INVERSE_EXACT
                                                                                  : STOA_INVERSE_NEVER;
  }
  return text_value(info, text);
}

static bool same_type(const stoa_ctor *ctor, stoa_term term)
{
  if (ctor->language.length || term.kind == STOA_TERM_LANG) {
    return stoa_language_equal(stoa_term_language(term), ctor->language);
  }
  const stoa_slice type = stoa_ctor_datatype(ctor);
  return stoa_term_is_literal(term) && (!type.length || stoa_slice_equal(stoa_term_datatype(term), type));
}

static stoa_inverse invert_template(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  const bool is_iri = ctor->makes == STOA_TERM_IRI;
  const bool fits = is_iri ? stoa_term_is_iri(term) : ctor->makes == STOA_TERM_TYPED && same_type(ctor, term);
  if (!fits || !stoa_template_invert(ctor->tmpl, stoa_term_lexical(term, arena), is_iri, arena, values)) {
    return STOA_INVERSE_NEVER;
  }
  if (!ctor->tmpl->exact) {
    return STOA_INVERSE_UNKNOWN; // there may be other ways to take it apart
  }
  stoa_inverse all = STOA_INVERSE_EXACT;
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    const stoa_inverse one = column_value(ctor->columns[i], values[i], &out[i]);
    if (one == STOA_INVERSE_NEVER) {
      return one;
    }
    all = one == STOA_INVERSE_UNKNOWN ? one : all;
  }
  return all;
}

static stoa_inverse invert_literal(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  stoa_number number;
  const stoa_sql_type type = ctor->columns[0]->type;
  if (!same_type(ctor, term)) {
    return STOA_INVERSE_NEVER;
  }
  if (type == STOA_SQL_INTEGER && term.kind == STOA_TERM_INTEGER) {
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = term.as.integer};
    return STOA_INVERSE_EXACT;
  }
  if (type == STOA_SQL_DECIMAL && term.kind == STOA_TERM_DECIMAL && stoa_number_of(term, &number)) {
    *out = stoa_value_decimal(&number, arena);
    return STOA_INVERSE_EXACT;
  }
  if (type == STOA_SQL_REAL && term.kind == STOA_TERM_DOUBLE) {
    *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = term.as.real};
    return STOA_INVERSE_EXACT;
  }
  if ((type == STOA_SQL_TEXT || type == STOA_SQL_CHAR) &&
      (term.kind == STOA_TERM_STRING || term.kind == STOA_TERM_LANG)) {
    *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                        .text = term.kind == STOA_TERM_LANG ? term.as.literal->text : stoa_term_text(term)};
    return text_value(ctor->columns[0], out->text);
  }
  return STOA_INVERSE_UNKNOWN;
}

stoa_inverse stoa_ctor_invert(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  switch (ctor->kind) {
    case STOA_CTOR_CONSTANT:
    case STOA_CTOR_PACKED:
      return STOA_INVERSE_UNKNOWN;
    case STOA_CTOR_TEMPLATE:
      return invert_template(ctor, term, arena, out);
    default:
      break;
  }
  if (ctor->makes == STOA_TERM_IRI) {
    if (!stoa_term_is_iri(term)) {
      return STOA_INVERSE_NEVER;
    }
    *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_term_lexical(term, arena)};
    // A relative IRI in the column would be completed with the base: only then texts differ.
    const size_t n = ctor->base ? strlen(ctor->base) : 0;
    const bool relative = n && out->text.length >= n && memcmp(out->text.data, ctor->base, n) == 0;
    return ctor->columns[0]->type == STOA_SQL_TEXT && !relative ? STOA_INVERSE_EXACT : STOA_INVERSE_UNKNOWN;
  }
  return ctor->makes == STOA_TERM_BLANK ? STOA_INVERSE_NEVER : invert_literal(ctor, term, arena, out);
}
