#include "graph/term/term.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <stdio.h>
#include <stdlib.h>

stoa_term stoa_term_iri(stoa_slice text)
{
  return (stoa_term){.kind = STOA_TERM_IRI, .length = (uint32_t)text.length, .as.text = text.data};
}

stoa_term stoa_term_blank(stoa_slice label)
{
  return (stoa_term){.kind = STOA_TERM_BLANK, .length = (uint32_t)label.length, .as.text = label.data};
}

stoa_term stoa_term_string(stoa_slice text)
{
  return (stoa_term){.kind = STOA_TERM_STRING, .length = (uint32_t)text.length, .as.text = text.data};
}

stoa_term stoa_term_integer(int64_t value)
{
  return (stoa_term){.kind = STOA_TERM_INTEGER, .as.integer = value};
}

stoa_term stoa_term_double(double value)
{
  return (stoa_term){.kind = STOA_TERM_DOUBLE, .as.real = value};
}

stoa_term stoa_term_boolean(bool value)
{
  return (stoa_term){.kind = STOA_TERM_BOOLEAN, .as.integer = value};
}

static stoa_term qualified(stoa_arena *arena, stoa_term_kind kind, stoa_slice text, stoa_slice tag)
{
  stoa_literal *const literal = STOA_NEW(arena, stoa_literal);
  *literal = (stoa_literal){text, tag};
  return (stoa_term){.kind = (uint8_t)kind, .as.literal = literal};
}

stoa_term stoa_term_lang(stoa_arena *arena, stoa_slice text, stoa_slice language)
{
  return qualified(arena, STOA_TERM_LANG, text, language);
}

stoa_term stoa_term_datetime(int64_t us, bool has_zone, int zone)
{
  return (stoa_term){
    .kind = STOA_TERM_DATETIME, .flags = has_zone ? STOA_TERM_HAS_ZONE : 0, .zone = (int16_t)zone, .as.integer = us};
}

stoa_term stoa_term_built(stoa_arena *arena, const stoa_template *tmpl, const stoa_slice *values)
{
  const size_t n = tmpl->n_columns * sizeof *values;
  stoa_built *const built = stoa_arena_alloc(arena, sizeof *built + n);
  built->tmpl = tmpl;
  memcpy(built->values, values, n);
  return (stoa_term){.kind = STOA_TERM_BUILT, .as.built = built};
}

void stoa_term_write_lexical(stoa_term t, stoa_buf *out)
{
  switch ((stoa_term_kind)t.kind) {
    case STOA_TERM_UNBOUND:
      break;
    case STOA_TERM_BLANK:
    case STOA_TERM_IRI:
    case STOA_TERM_STRING:
      stoa_buf_slice(out, stoa_term_text(t));
      break;
    case STOA_TERM_BUILT:
      stoa_template_write(t.as.built->tmpl, t.as.built->values, true, out);
      break;
    case STOA_TERM_LANG:
    case STOA_TERM_TYPED:
      stoa_buf_slice(out, t.as.literal->text);
      break;
    case STOA_TERM_BOOLEAN:
      stoa_buf_text(out, t.as.integer ? "true" : "false");
      break;
    case STOA_TERM_INTEGER:
      stoa_buf_integer(out, t.as.integer);
      break;
    case STOA_TERM_DECIMAL:
      stoa_number_write_decimal(t.as.integer, t.length, false, out);
      break;
    case STOA_TERM_DOUBLE:
      stoa_number_write_double(t.as.real, out);
      break;
    case STOA_TERM_DATETIME:
      stoa_xsd_datetime_write(stoa_term_inline_instant(t), out);
      break;
    case STOA_TERM_DATE:
      stoa_xsd_date_write(stoa_term_inline_instant(t), out);
      break;
  }
}

stoa_slice stoa_term_lexical(stoa_term t, stoa_arena *arena)
{
  if (t.kind == STOA_TERM_STRING || t.kind == STOA_TERM_IRI || t.kind == STOA_TERM_BLANK) {
    return stoa_term_text(t);
  }
  if (t.kind == STOA_TERM_LANG || t.kind == STOA_TERM_TYPED) {
    return t.as.literal->text;
  }
  stoa_buf buf = {0};
  stoa_term_write_lexical(t, &buf);
  const stoa_slice text = stoa_arena_slice(arena, (stoa_slice){buf.data, buf.length});
  stoa_buf_done(&buf);
  return text;
}

// Bytes that N-Triples escapes: 1 within quotes (section 7: only these are canonical), 2 within angle brackets.
static const unsigned char escaped[256] = {
  [0 ... 9] = 2, ['\n'] = 3, [11 ... 12] = 2, ['\r'] = 3, [14 ... ' '] = 2, ['"'] = 3, ['\\'] = 3,
  ['<'] = 2,     ['>'] = 2,  ['{'] = 2,       ['}'] = 2,  ['|'] = 2,        ['^'] = 2, ['`'] = 2};

static void write_quoted(stoa_slice text, stoa_buf *out)
{
  size_t start = 0;
  stoa_buf_byte(out, '"');
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    if (!(escaped[(unsigned char)c] & 1)) {
      continue;
    }
    stoa_buf_add(out, text.data + start, i - start);
    stoa_buf_byte(out, '\\');
    stoa_buf_byte(out, c == '\n' ? 'n' : c == '\r' ? 'r' : c);
    start = i + 1;
  }
  if (start < text.length) {
    stoa_buf_add(out, text.data + start, text.length - start);
  }
  stoa_buf_byte(out, '"');
}

static void write_iri(stoa_term t, stoa_buf *out)
{
  const size_t start = out->length;
  stoa_term_write_lexical(t, out);
  for (size_t i = start; i < out->length; ++i) {
    const unsigned char c = (unsigned char)out->data[i];
    if (!(escaped[c] & 2)) {
      continue;
    }
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04X", c);
    const stoa_slice rest = {strndup(out->data + i + 1, out->length - i - 1), out->length - i - 1};
    out->length = i;
    stoa_buf_add(out, escape, 6);
    stoa_buf_slice(out, rest);
    free((char *)rest.data);
    i += 5;
  }
}

void stoa_term_write(stoa_term t, stoa_buf *out)
{
  if (t.kind == STOA_TERM_UNBOUND) {
    stoa_buf_text(out, "UNDEF");
  } else if (stoa_term_is_iri(t)) {
    stoa_buf_byte(out, '<');
    write_iri(t, out);
    stoa_buf_byte(out, '>');
  } else if (t.kind == STOA_TERM_BLANK) {
    stoa_buf_text(out, "_:");
    stoa_buf_slice(out, stoa_term_text(t));
  } else if (t.kind == STOA_TERM_STRING) {
    write_quoted(stoa_term_text(t), out);
  } else if (t.kind == STOA_TERM_LANG) {
    write_quoted(t.as.literal->text, out);
    stoa_buf_byte(out, '@');
    stoa_buf_slice(out, t.as.literal->tag);
  } else {
    stoa_buf_byte(out, '"');
    if (t.kind == STOA_TERM_TYPED) {
      out->length--;
      write_quoted(t.as.literal->text, out);
    } else {
      stoa_term_write_lexical(t, out);
      stoa_buf_byte(out, '"');
    }
    stoa_buf_text(out, "^^<");
    stoa_buf_slice(out, stoa_term_datatype(t));
    stoa_buf_byte(out, '>');
  }
}

stoa_slice stoa_term_datatype(stoa_term t)
{
  static const char *const names[] = {
    [STOA_TERM_STRING] = STOA_XSD "string",     [STOA_TERM_LANG] = STOA_RDF_LANGSTRING,
    [STOA_TERM_BOOLEAN] = STOA_XSD "boolean",   [STOA_TERM_INTEGER] = STOA_XSD "integer",
    [STOA_TERM_DECIMAL] = STOA_XSD "decimal",   [STOA_TERM_DOUBLE] = STOA_XSD "double",
    [STOA_TERM_DATETIME] = STOA_XSD "dateTime", [STOA_TERM_DATE] = STOA_XSD "date"};
  if (t.kind == STOA_TERM_TYPED) {
    return t.as.literal->tag;
  }
  return stoa_slice_of(names[t.kind]);
}

stoa_slice stoa_term_language(stoa_term t)
{
  return t.kind == STOA_TERM_LANG ? t.as.literal->tag : (stoa_slice){"", 0};
}

stoa_term stoa_term_copy(stoa_term t, stoa_arena *arena)
{
  if (t.kind == STOA_TERM_BLANK || t.kind == STOA_TERM_IRI || t.kind == STOA_TERM_STRING) {
    t.as.text = stoa_arena_copy(arena, stoa_term_text(t));
  } else if (t.kind == STOA_TERM_LANG || t.kind == STOA_TERM_TYPED) {
    return qualified(arena, t.kind, stoa_arena_slice(arena, t.as.literal->text),
                     stoa_arena_slice(arena, t.as.literal->tag));
  } else if (t.kind == STOA_TERM_BUILT) {
    stoa_slice values[STOA_TEMPLATE_COLUMNS];
    for (uint32_t i = 0; i < t.as.built->tmpl->n_columns; ++i) {
      values[i] = stoa_arena_slice(arena, t.as.built->values[i]);
    }
    return stoa_term_built(arena, t.as.built->tmpl, values);
  }
  return t;
}

// Read the value of a literal of a type that has an inline kind.
static bool read_inline(stoa_slice lexical, stoa_slice type, stoa_term *out)
{
  stoa_number number;
  stoa_instant instant;
  double real;
  if (stoa_slice_is(type, "integer") || stoa_slice_is(type, "decimal")) {
    if (!stoa_number_read_decimal(lexical, &number) || number.scale > 18 || number.mantissa > INT64_MAX ||
        number.mantissa < INT64_MIN) {
      return false;
    }
    *out = stoa_term_integer((int64_t)number.mantissa);
    out->kind = type.data[0] == 'i' ? STOA_TERM_INTEGER : STOA_TERM_DECIMAL;
    out->length = number.scale;
    return number.scale == 0 || out->kind == STOA_TERM_DECIMAL;
  }
  if (stoa_slice_is(type, "double")) {
    const bool good = stoa_number_read_double(lexical, &real);
    *out = stoa_term_double(good ? real : 0);
    return good;
  }
  if (stoa_slice_is(type, "boolean")) {
    *out = stoa_term_boolean(stoa_slice_is(lexical, "true"));
    return out->as.integer || stoa_slice_is(lexical, "false");
  }
  if (stoa_slice_is(type, "dateTime") && stoa_xsd_datetime_read(lexical, &instant)) {
    *out = stoa_term_datetime(instant.us, instant.has_zone, instant.zone);
    return true;
  }
  if (stoa_slice_is(type, "date") && stoa_xsd_date_read(lexical, &instant)) {
    *out = stoa_term_datetime(instant.us, instant.has_zone, instant.zone);
    out->kind = STOA_TERM_DATE;
    return true;
  }
  return false;
}

stoa_term stoa_term_literal(stoa_arena *arena, stoa_slice lexical, stoa_slice datatype)
{
  const stoa_slice xsd = {STOA_XSD, sizeof STOA_XSD - 1};
  if (stoa_slice_starts(datatype, xsd)) {
    const stoa_slice type = {datatype.data + xsd.length, datatype.length - xsd.length};
    stoa_term term;
    if (stoa_slice_is(type, "string")) {
      return stoa_term_string(lexical);
    }
    if (read_inline(lexical, type, &term)) {
      stoa_buf again = {0};
      stoa_term_write_lexical(term, &again);
      const bool canonical = stoa_slice_equal((stoa_slice){again.data, again.length}, lexical);
      stoa_buf_done(&again);
      if (canonical) {
        return term;
      }
    }
  }
  return qualified(arena, STOA_TERM_TYPED, lexical, datatype);
}
