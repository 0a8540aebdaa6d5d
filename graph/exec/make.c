// Terms from the values of a row, by the term constructors of a mapping (R2RML, sections 7 and 10).
#include "graph/exec/make.h"
#include "graph/base/code.h"
#include "graph/base/iri.h"
#include "graph/base/utf8.h"
#include "graph/exec/fault.h"
#include "graph/plan/makes.h"
#include "graph/term/lexical.h"
#include "graph/term/number.h"
#include "graph/term/packed.h"
#include "graph/term/stored.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <math.h>
#include <stdio.h>

// ---- values

static bool read_boolean(const stoa_value *v, bool *out)
{
  static const char *const yes[] = {"true", "t", "TRUE", "1"}, *const no[] = {"false", "f", "FALSE", "0"};
  if (v->kind == STOA_VALUE_INTEGER) {
    *out = v->as.integer != 0;
    return v->as.integer == 0 || v->as.integer == 1;
  }
  for (int i = 0; i < 4 && v->kind == STOA_VALUE_TEXT; ++i) {
    if (stoa_slice_is(v->text, yes[i]) || stoa_slice_is(v->text, no[i])) {
      *out = stoa_slice_is(v->text, yes[i]);
      return true;
    }
  }
  return false;
}

static bool is_natural(stoa_sql_type type, stoa_slice datatype)
{
  switch (type) {
    case STOA_SQL_INTEGER:
      return stoa_slice_is(datatype, STOA_XSD "integer");
    case STOA_SQL_DECIMAL:
    case STOA_SQL_LEXICAL:
      return stoa_slice_is(datatype, STOA_XSD "decimal");
    case STOA_SQL_REAL:
      return stoa_slice_is(datatype, STOA_XSD "double");
    case STOA_SQL_BOOLEAN:
      return stoa_slice_is(datatype, STOA_XSD "boolean");
    case STOA_SQL_DATE:
      return stoa_slice_is(datatype, STOA_XSD "date");
    case STOA_SQL_DATETIME:
      return stoa_slice_is(datatype, STOA_XSD "dateTime");
    case STOA_SQL_TIME:
      return stoa_slice_is(datatype, STOA_XSD "time");
    case STOA_SQL_BLOB:
      return stoa_slice_is(datatype, STOA_XSD "hexBinary");
    case STOA_SQL_TEXT:
    case STOA_SQL_CHAR:
      return stoa_slice_is(datatype, STOA_XSD "string");
    default:
      return false;
  }
}

// ---- texts

// A value that makes no term, or one that its datatype does not allow (R2RML, section 4.3: a data error).
static stoa_status misfit(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v, const char *why,
                          stoa_error *err)
{
  enum { SHOWN = 80 };
  stoa_buf told = {0};
  stoa_value shown = *v;
  if ((v->kind == STOA_VALUE_TEXT || v->kind == STOA_VALUE_DECIMAL) && v->text.length > SHOWN) {
    shown.text.length = SHOWN;
  }
  stoa_value_print(&shown, &told);
  const char *const table = b->ctor->home ? b->ctor->home->table.table : NULL;
  const stoa_status status =
    stoa_error_at(err, STOA_BAD_TYPE, b->ctor->place, "column %s%s%s holds %s, which %s", info->name,
                  table ? " of " : "", table ? table : "", stoa_buf_string(&told), why);
  stoa_buf_done(&told);
  return status;
}

static bool is_utf8(stoa_slice text)
{
  size_t i = 0;
  while (i < text.length) {
    uint64_t eight;
    if (text.length - i >= sizeof eight) { // most texts are ASCII
      memcpy(&eight, text.data + i, sizeof eight);
      if ((eight & UINT64_C(0x8080808080808080)) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const size_t n = stoa_utf8_valid(text.data + i, text.length - i);
    if (n == 0) {
      return false;
    }
    i += n;
  }
  return true;
}

static stoa_slice integer_text(int64_t integer, stoa_arena *arena)
{
  char *const digits = stoa_arena_raw(arena, STOA_INTEGER_DIGITS + 1);
  const size_t n = stoa_integer_write(integer, digits);
  digits[n] = '\0';
  return (stoa_slice){digits, n};
}

static stoa_slice taken(stoa_buf *text, stoa_arena *arena)
{
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text->data ? text->data : "", text->length});
  stoa_buf_done(text);
  return copy;
}

static stoa_slice exact_text(const stoa_number *number, stoa_arena *arena)
{
  stoa_buf text = {0};
  stoa_number_write_exact(number, &text);
  return taken(&text, arena);
}

// Without an exponent where it has no more than 15 digits before the point.
static stoa_slice real_text(double real, stoa_arena *arena)
{
  stoa_number number;
  if (fabs(real) < 1e15 && (fabs(real) >= 1e-6 || real == 0) && stoa_stored_decimal(real, arena, &number)) {
    return exact_text(&number, arena);
  }
  stoa_buf text = {0};
  stoa_number_write_double(real, &text);
  return taken(&text, arena);
}

// The exact number that a value of a column of numbers stands for.
static bool exact_number(const stoa_value *v, stoa_arena *arena, stoa_number *out)
{
  double real;
  switch (v->kind) {
    case STOA_VALUE_INTEGER:
      *out = (stoa_number){.kind = STOA_NUMBER_INTEGER, .mantissa = v->as.integer};
      return true;
    case STOA_VALUE_REAL:
      return stoa_stored_decimal(v->as.real, arena, out);
    case STOA_VALUE_DECIMAL:
    case STOA_VALUE_TEXT: // drivers write some with an exponent
      return stoa_number_read_decimal(v->text, out) ||
             (stoa_number_read_double(v->text, &real) && stoa_stored_decimal(real, arena, out));
    default:
      return false;
  }
}

// The natural RDF lexical form of a value (R2RML, section 10.2): in templates, in IRIs, in literals of another
// datatype.
static stoa_slice plain_text(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena)
{
  const bool exact = info->type == STOA_SQL_DECIMAL || info->type == STOA_SQL_LEXICAL;
  stoa_number number;
  stoa_buf text = {0};
  bool truth;
  if (info->type == STOA_SQL_BOOLEAN && read_boolean(v, &truth)) {
    return stoa_slice_of(truth ? "true" : "false");
  }
  if (exact && v->kind != STOA_VALUE_BLOB && exact_number(v, arena, &number)) {
    return exact_text(&number, arena);
  }
  if (info->type == STOA_SQL_DATETIME && v->kind == STOA_VALUE_TEXT) {
    stoa_xsd_datetime_of_sql(v->text, &text);
    return taken(&text, arena);
  }
  switch (v->kind) {
    case STOA_VALUE_INTEGER:
      return integer_text(v->as.integer, arena);
    case STOA_VALUE_REAL:
      return real_text(v->as.real, arena);
    case STOA_VALUE_BLOB:
      return stoa_hex_write(v->text, STOA_HEX_CAPITAL, arena);
    default:
      return v->text;
  }
}

static stoa_status value_text(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                              stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  *out = plain_text(info, v, arena);
  return v->kind != STOA_VALUE_TEXT || is_utf8(*out) ? STOA_OK
                                                     : misfit(b, info, v, "is not UTF-8; no term can hold it", err);
}

// ---- literals

// The literal of a text that the datatype must allow.
static stoa_status typed_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v, stoa_slice text,
                              stoa_slice datatype, stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  *out = stoa_term_literal(arena, text, datatype);
  if (out->kind == STOA_TERM_TYPED && !stoa_lexical_fits(text, datatype)) {
    const char *const name = memrchr(datatype.data, '#', datatype.length);
    char why[200];
    snprintf(why, sizeof why, "is no xsd:%.*s; %s", name ? (int)(datatype.data + datatype.length - name - 1) : 0,
             name ? name + 1 : "",
             b->ctor->datatype.length
               ? "leave rr:datatype out, or convert it in an rr:sqlQuery"
               : "give the column a fitting rr:datatype, or leave such rows out in an rr:sqlQuery");
    return misfit(b, info, v, why, err);
  }
  return STOA_OK;
}

// A decimal, or an integer of a column of those.
static stoa_status exact_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                              const char *datatype, stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  const bool integer = info->type == STOA_SQL_INTEGER;
  stoa_number number;
  if (!exact_number(v, arena, &number)) {
    return typed_term(b, info, v, plain_text(info, v, arena), stoa_slice_of(datatype), arena, out, err);
  }
  if (integer && (number.scale > 0 || (number.digits.data && memchr(number.digits.data, '.', number.digits.length)))) {
    return misfit(b, info, v, "is no xsd:integer; rr:datatype xsd:decimal takes it", err);
  }
  number.kind = integer ? STOA_NUMBER_INTEGER : STOA_NUMBER_DECIMAL;
  *out = stoa_number_term(&number, arena);
  return STOA_OK;
}

// Money that SQLite keeps as a double: the number of the declared scale that is kept as that double, found by one
// multiplication.  With more than 15 digits there may be others.
static bool scaled_term(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena, stoa_term *out)
{
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
  if (v->kind != STOA_VALUE_REAL || info->scale < 0 || info->scale > 9) {
    return false;
  }
  const double whole = nearbyint(v->as.real * powers[info->scale]);
  if (!(fabs(whole) < 9007199254740992.0) || whole / powers[info->scale] != v->as.real) {
    return false;
  }
  const stoa_number number = {.kind = STOA_NUMBER_DECIMAL, .mantissa = (int64_t)whole, .scale = (uint32_t)info->scale};
  *out = stoa_number_term(&number, arena);
  return true;
}

// Lexical forms that aggregates gave: of a decimal, or of a sum and a count with "/" between.
static stoa_status lexical_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                                stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  const char *const slash = v->kind == STOA_VALUE_TEXT ? memchr(v->text.data, '/', v->text.length) : NULL;
  stoa_number sum, count, quotient;
  if (!slash) {
    return exact_term(b, info, v, STOA_XSD "decimal", arena, out, err);
  }
  const size_t n = (size_t)(slash - v->text.data);
  if (!stoa_number_read_decimal((stoa_slice){v->text.data, n}, &sum) ||
      !stoa_number_read_decimal((stoa_slice){slash + 1, v->text.length - n - 1}, &count)) {
    return misfit(b, info, v, "is the sum of values that are not all numbers", err);
  }
  *out = stoa_number_apply('/', &sum, &count, arena, &quotient) ? stoa_number_term(&quotient, arena) : (stoa_term){0};
  return STOA_OK;
}

static stoa_status real_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                             stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  double real;
  if (v->kind == STOA_VALUE_REAL || v->kind == STOA_VALUE_INTEGER) {
    *out = stoa_term_double(v->kind == STOA_VALUE_REAL ? v->as.real : (double)v->as.integer);
    return STOA_OK;
  }
  if (v->kind == STOA_VALUE_DECIMAL && stoa_number_read_double(v->text, &real)) {
    *out = stoa_term_double(real);
    return STOA_OK;
  }
  return typed_term(b, info, v, plain_text(info, v, arena), stoa_slice_of(STOA_XSD "double"), arena, out, err);
}

// R2RML, section 10.2: the natural mapping of SQL values.
static stoa_status natural_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                                stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  static const char *const of_text[] = {[STOA_SQL_BOOLEAN] = STOA_XSD "boolean",
                                        [STOA_SQL_DATE] = STOA_XSD "date",
                                        [STOA_SQL_DATETIME] = STOA_XSD "dateTime",
                                        [STOA_SQL_BLOB] = STOA_XSD "hexBinary",
                                        [STOA_SQL_TIME] = STOA_XSD "time"};
  stoa_slice text;
  bool truth;
  switch (info->type) {
    case STOA_SQL_INTEGER:
      if (v->kind == STOA_VALUE_INTEGER) {
        *out = stoa_term_integer(v->as.integer);
        return STOA_OK;
      }
      return exact_term(b, info, v, STOA_XSD "integer", arena, out, err);
    case STOA_SQL_DECIMAL:
      return scaled_term(info, v, arena, out) ? STOA_OK : exact_term(b, info, v, STOA_XSD "decimal", arena, out, err);
    case STOA_SQL_LEXICAL:
      return lexical_term(b, info, v, arena, out, err);
    case STOA_SQL_REAL:
      return real_term(b, info, v, arena, out, err);
    case STOA_SQL_BOOLEAN:
      if (read_boolean(v, &truth)) {
        *out = stoa_term_boolean(truth);
        return STOA_OK;
      }
      // fallthrough
    case STOA_SQL_DATE:
    case STOA_SQL_DATETIME:
    case STOA_SQL_TIME:
    case STOA_SQL_BLOB:
      text = info->type == STOA_SQL_BLOB && v->kind == STOA_VALUE_TEXT
               ? stoa_hex_write(v->text, STOA_HEX_CAPITAL, arena)
               : plain_text(info, v, arena);
      return typed_term(b, info, v, text, stoa_slice_of(of_text[info->type]), arena, out, err);
    case STOA_SQL_ANY:
      if (v->kind == STOA_VALUE_INTEGER || v->kind == STOA_VALUE_REAL) {
        *out = v->kind == STOA_VALUE_INTEGER ? stoa_term_integer(v->as.integer) : stoa_term_double(v->as.real);
        return STOA_OK;
      }
      break;
    case STOA_SQL_TEXT:
    case STOA_SQL_CHAR:
    case STOA_SQL_PACKED:
    case STOA_SQL_TYPES:
      break;
  }
  STOA_TRY(value_text(b, info, v, arena, &text, err));
  *out = stoa_term_string(text);
  return STOA_OK;
}

// The text that another datatype than the column's own is given: of a double its canonical form, but digits where a
// decimal is wanted.
static stoa_status override_text(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                                 stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  const bool decimal = stoa_slice_is(b->ctor->datatype, STOA_XSD "decimal");
  stoa_number number;
  if (v->kind == STOA_VALUE_REAL && (info->type == STOA_SQL_REAL || info->type == STOA_SQL_ANY)) {
    const bool whole = nearbyint(v->as.real) == v->as.real && stoa_number_is_type(b->ctor->datatype);
    if ((decimal || whole) && stoa_stored_decimal(v->as.real, arena, &number)) {
      *out = exact_text(&number, arena);
      return STOA_OK;
    }
    *out = stoa_term_lexical(stoa_term_double(v->as.real), arena);
    return STOA_OK;
  }
  if (v->kind == STOA_VALUE_REAL && info->type == STOA_SQL_INTEGER && exact_number(v, arena, &number)) {
    *out = exact_text(&number, arena);
    return STOA_OK;
  }
  return value_text(b, info, v, arena, out, err);
}

static stoa_status literal_term(const stoa_binding *b, const stoa_column_info *info, const stoa_value *v,
                                stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  const stoa_ctor *const ctor = b->ctor;
  stoa_slice text;
  if (ctor->language.length) {
    STOA_TRY(value_text(b, info, v, arena, &text, err));
    *out = stoa_term_lang(arena, text, ctor->language);
    return STOA_OK;
  }
  if (!ctor->datatype.length || is_natural(info->type, ctor->datatype)) {
    return natural_term(b, info, v, arena, out, err);
  }
  STOA_TRY(override_text(b, info, v, arena, &text, err));
  return typed_term(b, info, v, text, ctor->datatype, arena, out, err);
}

// ---- IRIs and blank nodes

// R2RML, section 11.2: what makes no IRI is a data error, and is told.
static stoa_status iri_term(const stoa_binding *b, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                            stoa_error *err)
{
  stoa_slice text;
  STOA_TRY(value_text(b, b->columns[0]->info, v, arena, &text, err));
  if (b->ctor->base && !stoa_iri_is_absolute(text)) {
    text = stoa_slice_of(stoa_arena_print(arena, "%s%.*s", b->ctor->base, (int)text.length, text.data));
  }
  if (!stoa_iri_is_clean(text)) {
    return misfit(b, b->columns[0]->info, v, "makes no IRI; use a rr:template, which encodes it", err);
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

static stoa_status template_term(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                                 stoa_error *err)
{
  const stoa_ctor *const ctor = b->ctor;
  stoa_slice texts[STOA_TEMPLATE_COLUMNS];
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    STOA_TRY(value_text(b, b->columns[k]->info, row[k], arena, &texts[k], err));
  }
  if (ctor->makes == STOA_TERM_IRI) {
    *out = stoa_term_built(arena, ctor->tmpl, texts);
    return STOA_OK;
  }
  stoa_buf text = {0};
  stoa_template_write(ctor->tmpl, texts, false, &text);
  const stoa_slice whole = taken(&text, arena);
  if (ctor->makes == STOA_TERM_BLANK) {
    *out = blank_term(whole, arena);
  } else if (ctor->language.length) {
    *out = stoa_term_lang(arena, whole, ctor->language);
  } else {
    const stoa_value value = {.kind = STOA_VALUE_TEXT, .text = whole};
    const stoa_column_info as_whole = {.name = ctor->tmpl->pattern, .type = STOA_SQL_TEXT};
    return typed_term(b, &as_whole, &value, whole, stoa_ctor_datatype(ctor), arena, out, err);
  }
  return STOA_OK;
}

// ---- terms

stoa_status stoa_make_plain(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                            stoa_error *err)
{
  const stoa_ctor *const ctor = b->ctor;
  stoa_slice text;
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
      return template_term(b, row, arena, out, err);
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
    STOA_TRY(value_text(b, b->columns[0]->info, row[0], arena, &text, err));
    *out = blank_term(text, arena);
    return STOA_OK;
  }
  return literal_term(b, b->columns[0]->info, row[0], arena, out, err);
}

stoa_status stoa_make_term(const stoa_binding *b, const stoa_value *const *row, stoa_arena *arena, stoa_term *out,
                           stoa_error *err)
{
  const stoa_status status = stoa_make_plain(b, row, arena, out, err);
  if (status != STOA_OK) {
    stoa_fault_locate(b->ctor, err);
  }
  return status;
}

uint32_t stoa_make_width(const stoa_binding *b)
{
  return b->ctor->n_columns + (b->guard ? 1 : 0);
}
