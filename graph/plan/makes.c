// Term constructors: what they can make, which are alike, and how a term is taken apart.
#include "graph/plan/makes.h"
#include "graph/base/assert.h"
#include "graph/base/code.h"
#include "graph/base/utf8.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <ctype.h>
#include <stdio.h>

// ---- kinds

stoa_kinds stoa_kind_of_datatype(stoa_slice datatype)
{
  static const char *const numeric[] = {"integer", "decimal", "double", "float", "int", "long", "short", "byte",
                                        "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
                                        "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort",
                                        "unsignedByte"};
  const size_t n = sizeof STOA_XSD - 1;
  if (!stoa_slice_starts(datatype, stoa_slice_of(STOA_XSD))) {
    return stoa_slice_is(datatype, STOA_RDF_LANGSTRING) ? STOA_KIND_LANG : STOA_KIND_OTHER;
  }
  const stoa_slice name = {datatype.data + n, datatype.length - n};
  for (size_t i = 0; i < sizeof numeric / sizeof *numeric; ++i) {
    if (stoa_slice_is(name, numeric[i])) {
      return STOA_KIND_NUMBER;
    }
  }
  return stoa_slice_is(name, "string")     ? STOA_KIND_STRING
         : stoa_slice_is(name, "boolean")  ? STOA_KIND_BOOLEAN
         : stoa_slice_is(name, "dateTime") ? STOA_KIND_DATETIME
         : stoa_slice_is(name, "date")     ? STOA_KIND_DATE
                                           : STOA_KIND_OTHER;
}

stoa_kinds stoa_kind_of_term(stoa_term term)
{
  return term.kind == STOA_TERM_UNBOUND   ? STOA_KIND_ANY
         : stoa_term_is_iri(term)         ? STOA_KIND_IRI
         : term.kind == STOA_TERM_BLANK   ? STOA_KIND_BLANK
         : term.kind == STOA_TERM_LANG    ? STOA_KIND_LANG
                                          : stoa_kind_of_datatype(stoa_term_datatype(term));
}

// Values that tell their own type (columns without a declared one) are texts and numbers.
stoa_kinds stoa_ctor_kinds(const stoa_ctor *ctor)
{
  if (ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_kind_of_term(ctor->constant);
  }
  if (ctor->kind == STOA_CTOR_PACKED) {
    return STOA_KIND_ANY;
  }
  if (ctor->makes != STOA_TERM_TYPED) {
    return ctor->makes == STOA_TERM_IRI ? STOA_KIND_IRI : STOA_KIND_BLANK;
  }
  const stoa_slice datatype = stoa_ctor_datatype(ctor);
  return ctor->language.length ? STOA_KIND_LANG : datatype.length ? stoa_kind_of_datatype(datatype) : STOA_KIND_LITERAL;
}

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

// ---- exactness

// Numbers and dates are made of digits and "-" alone, so that a letter which is neither ends them.  Any other value may
// hold any letter: it is free.
static bool is_free(const stoa_column_info *info)
{
  return info->type != STOA_SQL_INTEGER && info->type != STOA_SQL_DATE;
}

static bool is_of_value(char c)
{
  return isdigit((unsigned char)c) || c == '-';
}

// From the left a number ends before the first letter that is no digit, but for a sign in front; so "-" may follow an
// integer.  A date has "-" within.
static bool ends_before(const stoa_column_info *info, stoa_slice next)
{
  return next.length && !isdigit((unsigned char)next.data[0]) &&
         (info->type == STOA_SQL_INTEGER || !is_of_value(next.data[0]));
}

static bool begins_after(stoa_slice before)
{
  return before.length && !is_of_value(before.data[before.length - 1]);
}

// A text tells the values of a template if at most one of them is free: those before it are read from the left, those
// after it from the right, and the free one is what is left.
static bool columns_tell(const stoa_ctor *ctor)
{
  uint32_t left = 0, right = ctor->n_columns;
  while (left < ctor->n_columns && !is_free(ctor->columns[left]) &&
         (left + 1 == ctor->n_columns || ends_before(ctor->columns[left], ctor->tmpl->texts[left + 1]))) {
    ++left;
  }
  while (right > left + 1 && !is_free(ctor->columns[right - 1]) && begins_after(ctor->tmpl->texts[right - 1])) {
    --right;
  }
  return left >= ctor->n_columns || right == left + 1;
}

bool stoa_ctor_exact(const stoa_ctor *ctor)
{
  return ctor->kind != STOA_CTOR_TEMPLATE || ctor->tmpl->exact || ctor->apart || columns_tell(ctor);
}

static uint32_t count_of(char letter, stoa_slice text)
{
  uint32_t n = 0;
  for (size_t i = 0; i < text.length; ++i) {
    n += text.data[i] == letter;
  }
  return n;
}

// How often the template itself writes the letter.
static uint32_t letters_of(const stoa_template *t, char letter)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i <= t->n_columns; ++i) {
    n += count_of(letter, t->texts[i]);
  }
  return n;
}

// Numbers and dates have digits and "-", percent-encoding has digits and capital letters.
static bool may_tell(const stoa_ctor *ctor, char letter)
{
  bool may = islower((unsigned char)letter) || (letter && strchr("-_.~|:;,/+*=&$!@^# ", letter));
  for (uint32_t i = 1; i < ctor->n_columns && may; ++i) {
    may = count_of(letter, ctor->tmpl->texts[i]) > 0;
  }
  for (uint32_t i = 0; i < ctor->n_columns && may; ++i) {
    const stoa_sql_type type = ctor->columns[i]->type;
    may = type == STOA_SQL_TEXT || (type == STOA_SQL_CHAR && letter != ' ') ||
          (letter != '-' && (type == STOA_SQL_INTEGER || type == STOA_SQL_DATE));
  }
  return may;
}

char stoa_ctor_letter(const stoa_ctor *ctor)
{
  char letter = 0;
  if (ctor->kind != STOA_CTOR_TEMPLATE || ctor->tmpl->exact || ctor->n_columns < 2) {
    return 0;
  }
  const stoa_slice between = ctor->tmpl->texts[1];
  for (size_t i = 0; i < between.length && !letter; ++i) {
    letter = may_tell(ctor, between.data[i]) ? between.data[i] : 0;
  }
  return letter;
}

// How long the value at the beginning, or at the end, of a text is.
static size_t length_at_start(const stoa_column_info *info, stoa_slice text)
{
  size_t n = text.length && text.data[0] == '-';
  while (n < text.length && (isdigit((unsigned char)text.data[n]) ||
                             (info->type == STOA_SQL_DATE && text.data[n] == '-'))) {
    ++n;
  }
  return n;
}

static size_t length_at_end(stoa_slice text)
{
  size_t n = 0;
  while (n < text.length && is_of_value(text.data[text.length - n - 1])) {
    ++n;
  }
  return n;
}

// The values of which the template made the text, by what its columns can hold.  False: it made no such text.
static bool take_apart(const stoa_ctor *ctor, stoa_slice text, stoa_slice *values)
{
  const stoa_template *const t = ctor->tmpl;
  uint32_t left = 0, right = ctor->n_columns;
  const stoa_slice last = t->texts[right];
  if (!stoa_slice_starts(text, t->texts[0]) || text.length < t->texts[0].length + last.length ||
      memcmp(text.data + text.length - last.length, last.data, last.length) != 0) {
    return false;
  }
  text = (stoa_slice){text.data + t->texts[0].length, text.length - t->texts[0].length - last.length};
  while (left + 1 < right && !is_free(ctor->columns[left]) && ends_before(ctor->columns[left], t->texts[left + 1])) {
    const size_t n = length_at_start(ctor->columns[left], text);
    values[left] = (stoa_slice){text.data, n};
    text = (stoa_slice){text.data + n, text.length - n};
    if (!stoa_slice_starts(text, t->texts[++left])) {
      return false;
    }
    text = (stoa_slice){text.data + t->texts[left].length, text.length - t->texts[left].length};
  }
  while (right > left + 1) {
    const size_t n = length_at_end(text);
    const stoa_slice before = t->texts[--right];
    values[right] = (stoa_slice){text.data + text.length - n, n};
    text.length -= n;
    if (text.length < before.length ||
        memcmp(text.data + text.length - before.length, before.data, before.length) != 0) {
      return false;
    }
    text.length -= before.length;
  }
  values[left] = text;
  return true;
}

static bool same_base(const stoa_ctor *a, const stoa_ctor *b)
{
  return a->base == b->base || (a->base && b->base && strcmp(a->base, b->base) == 0);
}

bool stoa_ctor_alike(const stoa_ctor *a, const stoa_ctor *b)
{
  if (a->kind != b->kind || a->makes != b->makes || a->apart != b->apart || a->kind == STOA_CTOR_CONSTANT) {
    return false;
  }
  if (a->kind == STOA_CTOR_TEMPLATE && (strcmp(a->tmpl->shape, b->tmpl->shape) != 0 || !stoa_ctor_exact(a))) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_columns; ++i) {
    if (a->columns[i]->type != b->columns[i]->type || a->columns[i]->scale != b->columns[i]->scale) {
      return false;
    }
  }
  return stoa_slice_equal(stoa_ctor_datatype(a), stoa_ctor_datatype(b)) &&
         stoa_language_equal(a->language, b->language) &&
         (a->makes != STOA_TERM_IRI || a->kind != STOA_CTOR_COLUMN || same_base(a, b));
}

// ---- two constructors

static bool constant_meets(const stoa_ctor *constant, const stoa_ctor *other)
{
  stoa_value parts[STOA_TEMPLATE_COLUMNS];
  stoa_arena scratch;
  stoa_arena_init(&scratch, 0);
  const bool meets = stoa_ctor_invert(other, constant->constant, &scratch, parts) != STOA_SAID_NEVER;
  stoa_arena_done(&scratch);
  return meets;
}

bool stoa_ctors_meet(const stoa_ctor *a, const stoa_ctor *b)
{
  if (a->kind == STOA_CTOR_PACKED || b->kind == STOA_CTOR_PACKED) {
    return true;
  }
  if (a->kind == STOA_CTOR_CONSTANT && b->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(a->constant, b->constant);
  }
  if (!(stoa_ctor_kinds(a) & stoa_ctor_kinds(b))) {
    return false;
  }
  if (a->kind == STOA_CTOR_CONSTANT || b->kind == STOA_CTOR_CONSTANT) {
    return a->kind == STOA_CTOR_CONSTANT ? constant_meets(a, b) : constant_meets(b, a);
  }
  // Each text has the letter just as often as its template.
  if (a->apart && a->apart == b->apart && letters_of(a->tmpl, a->apart) != letters_of(b->tmpl, b->apart)) {
    return false;
  }
  if (a->makes != STOA_TERM_TYPED) {
    return a->kind != STOA_CTOR_TEMPLATE || b->kind != STOA_CTOR_TEMPLATE || a->makes != STOA_TERM_IRI ||
           stoa_template_overlap(a->tmpl, b->tmpl);
  }
  const stoa_slice x = stoa_ctor_datatype(a), y = stoa_ctor_datatype(b);
  return stoa_language_equal(a->language, b->language) && (!x.length || !y.length || stoa_slice_equal(x, y));
}

// Are values of two columns equal in SQL just when their terms are?  SQLite's DATE has one writing that makes an
// xsd:date, but its TIMESTAMP and BOOLEAN have several.  Others hold two zeros, which are equal and two terms.
static bool same_values(const stoa_column_info *x, const stoa_column_info *y, bool one_writing)
{
  if (x->type != y->type) {
    return false;
  }
  switch (x->type) {
    case STOA_SQL_TEXT:
    case STOA_SQL_INTEGER:
    case STOA_SQL_PACKED:
    case STOA_SQL_DATE:
      return true;
    case STOA_SQL_REAL:
      return !one_writing;
    case STOA_SQL_DECIMAL:
    case STOA_SQL_CHAR:
      return x->scale == y->scale;
    case STOA_SQL_DATETIME:
      return one_writing && x->zoned == y->zoned;
    case STOA_SQL_BOOLEAN:
    case STOA_SQL_TIME:
      return one_writing;
    default:
      return false;
  }
}

static bool is_plain(stoa_sql_type type)
{
  return type == STOA_SQL_TEXT || type == STOA_SQL_INTEGER;
}

stoa_said stoa_ctors_compare(const stoa_ctor *a, const stoa_ctor *b, const stoa_column_info *const *x,
                             const stoa_column_info *const *y, bool one_writing)
{
  if (!stoa_ctors_meet(a, b)) {
    return STOA_SAID_NEVER;
  }
  const bool templates = a->kind == STOA_CTOR_TEMPLATE;
  if (a->kind != b->kind || a->n_columns != b->n_columns ||
      (templates && (!stoa_ctor_exact(a) || !stoa_ctor_exact(b) || strcmp(a->tmpl->shape, b->tmpl->shape) != 0))) {
    return STOA_CANNOT_SAY;
  }
  // "x" and "http://base/x" in such a column are one IRI.
  if (a->kind == STOA_CTOR_COLUMN && a->makes == STOA_TERM_IRI && (a->base || b->base)) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < a->n_columns; ++i) {
    const bool same = same_values(x[i], y[i], one_writing);
    if (!same && !(templates && is_plain(x[i]->type) && is_plain(y[i]->type))) {
      return STOA_CANNOT_SAY;
    }
  }
  return STOA_SAID;
}

bool stoa_ctor_ordered(const stoa_ctor *ctor, const stoa_column_info *column, bool one_writing)
{
  if (ctor->kind != STOA_CTOR_COLUMN || ctor->makes != STOA_TERM_TYPED) {
    return false;
  }
  const stoa_kinds kinds = stoa_ctor_kinds(ctor);
  switch (column->type) {
    case STOA_SQL_TEXT:
    case STOA_SQL_CHAR:
      return kinds == STOA_KIND_STRING;
    case STOA_SQL_INTEGER:
    case STOA_SQL_DECIMAL:
    case STOA_SQL_REAL:
      return kinds == STOA_KIND_NUMBER;
    case STOA_SQL_DATE:
      return kinds == STOA_KIND_DATE;
    case STOA_SQL_DATETIME:
      return one_writing && kinds == STOA_KIND_DATETIME;
    case STOA_SQL_BOOLEAN:
      return one_writing && kinds == STOA_KIND_BOOLEAN;
    default:
      return false;
  }
}

// ---- taking terms apart

stoa_value stoa_value_decimal(const stoa_number *number, stoa_arena *arena)
{
  stoa_buf digits = {0};
  stoa_number_write_exact(number, &digits);
  const stoa_value value = {.kind = STOA_VALUE_DECIMAL,
                            .text = stoa_slice_of(stoa_arena_copy(arena, (stoa_slice){digits.data, digits.length}))};
  stoa_buf_done(&digits);
  return value;
}

// Letters with their padding; no database that pads holds any other text.  NUL ends texts in most of them.
static stoa_said text_value(const stoa_column_info *info, stoa_slice text)
{
  if (memchr(text.data, 0, text.length)) {
    return info->type == STOA_SQL_TEXT ? STOA_CANNOT_SAY : STOA_SAID_NEVER;
  }
  if (info->type == STOA_SQL_CHAR) {
    return stoa_utf8_count(text.data, text.length) == (size_t)info->scale ? STOA_SAID : STOA_SAID_NEVER;
  }
  return info->type == STOA_SQL_TEXT ? STOA_SAID : STOA_CANNOT_SAY;
}

// Only a day of four digits' year is the text of a date everywhere, and the year 0 of none: others are left to the
// executor.
static stoa_said date_value(stoa_slice text)
{
  stoa_instant instant;
  if (!stoa_xsd_date_read(text, &instant)) {
    return STOA_CANNOT_SAY;
  }
  return text.length == 10 && text.data[0] != '-' && strncmp(text.data, "0000", 4) != 0 ? STOA_SAID : STOA_CANNOT_SAY;
}

// A text as a value of the column: an integer column takes only what prints back the same.
static stoa_said column_value(const stoa_column_info *info, stoa_slice text, stoa_value *out)
{
  stoa_number number;
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = text};
  if (info->type == STOA_SQL_INTEGER) {
    if (!stoa_number_read_decimal(text, &number) || number.kind != STOA_NUMBER_INTEGER) {
      return STOA_SAID_NEVER;
    }
    if (number.mantissa > INT64_MAX || number.mantissa < INT64_MIN) {
      return STOA_CANNOT_SAY; // integers of MariaDB may have no sign
    }
    char again[32];
    const int n = snprintf(again, sizeof again, "%lld", (long long)number.mantissa);
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = (int64_t)number.mantissa};
    return (size_t)n == text.length && memcmp(again, text.data, text.length) == 0 ? STOA_SAID : STOA_SAID_NEVER;
  }
  return info->type == STOA_SQL_DATE ? date_value(text) : text_value(info, text);
}

static bool same_type(const stoa_ctor *ctor, stoa_term term)
{
  if (ctor->language.length || term.kind == STOA_TERM_LANG) {
    return stoa_language_equal(stoa_term_language(term), ctor->language);
  }
  const stoa_slice type = stoa_ctor_datatype(ctor);
  return stoa_term_is_literal(term) && (!type.length || stoa_slice_equal(stoa_term_datatype(term), type));
}

// The text of which a template or a column made the term.  False: it makes no such term.
static bool text_of(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_slice *out)
{
  if (ctor->makes == STOA_TERM_BLANK) {
    return term.kind == STOA_TERM_BLANK && stoa_label_read(stoa_term_text(term), arena, out);
  }
  *out = stoa_term_lexical(term, arena);
  return ctor->makes == STOA_TERM_IRI ? stoa_term_is_iri(term) : same_type(ctor, term);
}

// Values are percent-encoded in IRIs; where the columns' types take the text apart, the free one may be.
static bool values_of(const stoa_ctor *ctor, stoa_slice text, stoa_arena *arena, stoa_slice *values)
{
  const bool encoded = ctor->makes == STOA_TERM_IRI;
  if (ctor->apart && count_of(ctor->apart, text) != letters_of(ctor->tmpl, ctor->apart)) {
    return false;
  }
  if (ctor->tmpl->exact || !columns_tell(ctor)) {
    return stoa_template_invert(ctor->tmpl, text, encoded, arena, values);
  }
  return take_apart(ctor, text, values) &&
         (!encoded || stoa_template_decode(ctor->tmpl, values, text, arena));
}

static stoa_said invert_template(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out,
                                 stoa_said *parts)
{
  stoa_slice values[STOA_TEMPLATE_COLUMNS], text;
  const bool exact = stoa_ctor_exact(ctor); // else there may be other ways to take it apart
  if (!text_of(ctor, term, arena, &text) || !values_of(ctor, text, arena, values)) {
    return STOA_SAID_NEVER;
  }
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    parts[i] = exact ? column_value(ctor->columns[i], values[i], &out[i]) : STOA_CANNOT_SAY;
    if (parts[i] == STOA_SAID_NEVER) {
      return STOA_SAID_NEVER;
    }
  }
  return STOA_SAID;
}

static stoa_said invert_literal(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  stoa_number number;
  const stoa_sql_type type = ctor->columns[0]->type;
  if (!same_type(ctor, term)) {
    return STOA_SAID_NEVER;
  }
  if (type == STOA_SQL_INTEGER && term.kind == STOA_TERM_INTEGER) {
    *out = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = term.as.integer};
    return STOA_SAID;
  }
  if (type == STOA_SQL_DECIMAL && term.kind == STOA_TERM_DECIMAL && stoa_number_of(term, &number)) {
    *out = stoa_value_decimal(&number, arena);
    return STOA_SAID;
  }
  if (type == STOA_SQL_REAL && term.kind == STOA_TERM_DOUBLE && term.as.real != 0) { // of which there may be two
    *out = (stoa_value){.kind = STOA_VALUE_REAL, .as.real = term.as.real};
    return STOA_SAID;
  }
  const stoa_slice lexical = stoa_term_lexical(term, arena);
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = lexical};
  if (type == STOA_SQL_DATE && stoa_kind_of_datatype(stoa_ctor_datatype(ctor)) == STOA_KIND_DATE) {
    return date_value(lexical);
  }
  // A text of any datatype or language is its literal's lexical form (R2RML section 10.3).
  return type == STOA_SQL_TEXT || type == STOA_SQL_CHAR ? text_value(ctor->columns[0], lexical) : STOA_CANNOT_SAY;
}

// A relative IRI in the column would be completed with the base: only then texts differ.
static stoa_said invert_iri(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  if (!stoa_term_is_iri(term)) {
    return STOA_SAID_NEVER;
  }
  *out = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_term_lexical(term, arena)};
  const size_t n = ctor->base ? strlen(ctor->base) : 0;
  const bool relative = n && out->text.length >= n && memcmp(out->text.data, ctor->base, n) == 0;
  return ctor->columns[0]->type == STOA_SQL_TEXT && !relative ? STOA_SAID : STOA_CANNOT_SAY;
}

static stoa_said invert_blank(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  stoa_slice text;
  return text_of(ctor, term, arena, &text) ? column_value(ctor->columns[0], text, out) : STOA_SAID_NEVER;
}

// Each column's answer in `parts`; NEVER as a whole when the term is none that the constructor makes.
static stoa_said invert(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out, stoa_said *parts)
{
  switch (ctor->kind) {
    case STOA_CTOR_CONSTANT:
      return stoa_term_same(ctor->constant, term) ? STOA_SAID : STOA_SAID_NEVER;
    case STOA_CTOR_PACKED:
      parts[0] = STOA_CANNOT_SAY;
      return STOA_SAID;
    case STOA_CTOR_TEMPLATE:
      return invert_template(ctor, term, arena, out, parts);
    default:
      parts[0] = ctor->makes == STOA_TERM_IRI     ? invert_iri(ctor, term, arena, out)
                 : ctor->makes == STOA_TERM_BLANK ? invert_blank(ctor, term, arena, out)
                                                  : invert_literal(ctor, term, arena, out);
      return parts[0] == STOA_SAID_NEVER ? STOA_SAID_NEVER : STOA_SAID;
  }
}

stoa_said stoa_ctor_invert(const stoa_ctor *ctor, stoa_term term, stoa_arena *arena, stoa_value *out)
{
  stoa_said parts[STOA_TEMPLATE_COLUMNS];
  stoa_said all = ctor->kind == STOA_CTOR_CONSTANT ? STOA_CANNOT_SAY : invert(ctor, term, arena, out, parts);
  for (uint32_t i = 0; all == STOA_SAID && i < ctor->n_columns; ++i) {
    all = parts[i];
  }
  return all;
}

stoa_said stoa_ctor_invert_part(const stoa_ctor *ctor, stoa_term term, uint32_t part, stoa_arena *arena,
                                stoa_value *out)
{
  stoa_value values[STOA_TEMPLATE_COLUMNS];
  stoa_said parts[STOA_TEMPLATE_COLUMNS];
  STOA_ASSERT(part < ctor->n_columns);
  if (invert(ctor, term, arena, values, parts) == STOA_SAID_NEVER) {
    return STOA_SAID_NEVER;
  }
  *out = values[part];
  return parts[part];
}

// Asked of the column's type alone: what it holds is not known.  A text with NUL is told when it is sent.
bool stoa_ctor_inverts(const stoa_ctor *ctor, uint32_t part)
{
  const stoa_column_info *const info = ctor->columns[part];
  if (ctor->kind == STOA_CTOR_TEMPLATE || ctor->makes == STOA_TERM_BLANK) {
    return stoa_ctor_exact(ctor) && is_plain(info->type);
  }
  if (ctor->kind != STOA_CTOR_COLUMN || ctor->makes == STOA_TERM_IRI) {
    return ctor->kind == STOA_CTOR_COLUMN && !ctor->base && info->type == STOA_SQL_TEXT;
  }
  return info->type == STOA_SQL_TEXT ||
         (info->type == STOA_SQL_INTEGER && stoa_slice_is(stoa_ctor_datatype(ctor), STOA_XSD "integer"));
}
