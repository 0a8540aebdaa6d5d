// Functions of SPARQL 1.1, sections 17.4 and 17.5, on terms that are bound.
#include "graph/base/iri.h"
#include "graph/base/utf8.h"
#include "graph/exec/digest.h"
#include "graph/exec/eval.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/value.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const stoa_term failure = {0};

static bool is_text(stoa_term t)
{
  return t.kind == STOA_TERM_STRING || t.kind == STOA_TERM_LANG;
}

static stoa_slice text_of(stoa_term t)
{
  return t.kind == STOA_TERM_LANG ? t.as.literal->text : stoa_term_text(t);
}

// A string with the language of `like`.
static stoa_term text_like(stoa_term like, stoa_slice text, stoa_arena *arena)
{
  return like.kind == STOA_TERM_LANG ? stoa_term_lang(arena, text, like.as.literal->tag) : stoa_term_string(text);
}

// Argument compatibility, section 17.4.3.1.2.
static bool compatible(stoa_term a, stoa_term b)
{
  return is_text(a) && is_text(b) &&
         (b.kind == STOA_TERM_STRING ||
          (a.kind == STOA_TERM_LANG && stoa_language_equal(a.as.literal->tag, b.as.literal->tag)));
}

static stoa_term arithmetic(char op, stoa_term a, stoa_term b, stoa_arena *arena)
{
  stoa_number x, y, result;
  if (!stoa_number_of(a, &x) || !stoa_number_of(b, &y) || !stoa_number_apply(op, &x, &y, arena, &result)) {
    return failure;
  }
  return stoa_number_term(&result, arena);
}

static stoa_term rounded(char how, stoa_term a, stoa_arena *arena)
{
  stoa_number x, result;
  if (!stoa_number_of(a, &x) || !stoa_number_round(how, &x, &result)) {
    return failure;
  }
  return stoa_number_term(&result, arena);
}

static stoa_term search(stoa_function f, stoa_term a, stoa_term b)
{
  if (!compatible(a, b)) {
    return failure;
  }
  const stoa_slice x = text_of(a), y = text_of(b);
  if (f == STOA_FN_STRSTARTS) {
    return stoa_term_boolean(stoa_slice_starts(x, y));
  }
  if (f == STOA_FN_STRENDS) {
    return stoa_term_boolean(x.length >= y.length &&
                             (y.length == 0 || memcmp(x.data + x.length - y.length, y.data, y.length) == 0));
  }
  return stoa_term_boolean(y.length == 0 || memmem(x.data, x.length, y.data, y.length) != NULL);
}

static stoa_term before_after(stoa_function f, stoa_term a, stoa_term b, stoa_arena *arena)
{
  if (!compatible(a, b)) {
    return failure;
  }
  const stoa_slice x = text_of(a), y = text_of(b);
  const char *const at = y.length ? memmem(x.data, x.length, y.data, y.length) : x.data;
  if (!at) {
    return stoa_term_string((stoa_slice){"", 0});
  }
  const size_t n = (size_t)(at - x.data);
  return text_like(
    a, f == STOA_FN_STRBEFORE ? (stoa_slice){x.data, n} : (stoa_slice){at + y.length, x.length - n - y.length}, arena);
}

// Characters [start, start + length) of fn:substring: positions are rounded and begin at 1.
static stoa_term substring(const stoa_term *args, uint32_t n_args, stoa_arena *arena)
{
  stoa_number start, length = {.kind = STOA_NUMBER_DOUBLE, .real = INFINITY};
  if (!is_text(args[0]) || !stoa_number_of(args[1], &start) || (n_args == 3 && !stoa_number_of(args[2], &length))) {
    return failure;
  }
  const double first = floor(stoa_number_real(&start) + 0.5);
  const double last = first + (n_args == 3 ? floor(stoa_number_real(&length) + 0.5) : INFINITY);
  const stoa_slice x = text_of(args[0]);
  size_t from = x.length, to = 0;
  double position = 1;
  for (size_t i = 0; i < x.length; position += 1) {
    uint32_t code;
    const size_t n = stoa_utf8_read(x.data + i, x.length - i, &code);
    if (position >= first && position < last) {
      from = i < from ? i : from;
      to = i + n;
    }
    i += n;
  }
  return text_like(args[0], to > from ? (stoa_slice){x.data + from, to - from} : (stoa_slice){"", 0}, arena);
}

static uint32_t change_case(uint32_t c, bool upper)
{
  if (c < 0x80) {
    return (uint32_t)(upper ? toupper((int)c) : tolower((int)c));
  }
  // Latin-1 and Latin Extended-A, Greek and Cyrillic, without asking the locale.
  if ((c >= 0xC0 && c <= 0xDE && c != 0xD7 && !upper) || (c >= 0xE0 && c <= 0xFE && c != 0xF7 && upper)) {
    return upper ? c - 32 : c + 32;
  }
  if (c >= 0x100 && c <= 0x17E && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149 && c != 0x178) {
    const bool odd_upper = (c >= 0x139 && c <= 0x148) || c >= 0x179;
    const bool is_upper = (c & 1) == odd_upper;
    return upper ? (is_upper ? c : c - 1) : (is_upper ? c + 1 : c);
  }
  if ((c >= 0x391 && c <= 0x3A9 && !upper) || (c >= 0x3B1 && c <= 0x3C9 && c != 0x3C2 && upper) ||
      (c >= 0x410 && c <= 0x42F && !upper) || (c >= 0x430 && c <= 0x44F && upper)) {
    return upper ? c - 32 : c + 32;
  }
  return c;
}

static stoa_term cased(stoa_term a, bool upper, stoa_arena *arena)
{
  if (!is_text(a)) {
    return failure;
  }
  const stoa_slice x = text_of(a);
  char *const out = stoa_arena_alloc(arena, x.length * 2 + 4);
  size_t n = 0;
  for (size_t i = 0; i < x.length;) {
    uint32_t code;
    i += stoa_utf8_read(x.data + i, x.length - i, &code);
    n += stoa_utf8_write(change_case(code, upper), out + n);
  }
  return text_like(a, (stoa_slice){out, n}, arena);
}

static stoa_term concat(const stoa_term *args, uint32_t n_args, stoa_arena *arena)
{
  stoa_buf text = {0};
  bool same_lang = n_args > 0;
  for (uint32_t i = 0; i < n_args; ++i) {
    if (!is_text(args[i])) {
      stoa_buf_done(&text);
      return failure;
    }
    stoa_buf_slice(&text, text_of(args[i]));
    same_lang &=
      args[i].kind == STOA_TERM_LANG && stoa_language_equal(stoa_term_language(args[i]), stoa_term_language(args[0]));
  }
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return same_lang ? text_like(args[0], copy, arena) : stoa_term_string(copy);
}

// A pattern is compiled for each call; match limits bound hostile patterns.
static pcre2_code *compile(stoa_term pattern, const stoa_term *flags)
{
  uint32_t options = PCRE2_UTF;
  int code;
  PCRE2_SIZE at;
  if (!is_text(pattern) || (flags && !is_text(*flags))) {
    return NULL;
  }
  for (size_t i = 0; flags && i < text_of(*flags).length; ++i) {
    const char c = text_of(*flags).data[i];
    options |= c == 'i'   ? PCRE2_CASELESS
               : c == 'm' ? PCRE2_MULTILINE
               : c == 's' ? PCRE2_DOTALL
               : c == 'x' ? PCRE2_EXTENDED
               : c == 'q' ? PCRE2_LITERAL
                          : 0;
  }
  const stoa_slice x = text_of(pattern);
  return pcre2_compile((PCRE2_SPTR)(x.data ? x.data : ""), x.length, options, &code, &at, NULL);
}

static stoa_term regex(const stoa_term *args, uint32_t n_args)
{
  pcre2_code *const code = is_text(args[0]) ? compile(args[1], n_args == 3 ? &args[2] : NULL) : NULL;
  if (!code) {
    return failure;
  }
  pcre2_match_context *const limits = pcre2_match_context_create(NULL);
  pcre2_match_data *const data = pcre2_match_data_create_from_pattern(code, NULL);
  pcre2_set_match_limit(limits, 100000);
  const stoa_slice x = text_of(args[0]);
  const int found = pcre2_match(code, (PCRE2_SPTR)x.data, x.length, 0, 0, data, limits);
  pcre2_match_data_free(data);
  pcre2_match_context_free(limits);
  pcre2_code_free(code);
  return found >= 0 || found == PCRE2_ERROR_NOMATCH ? stoa_term_boolean(found >= 0) : failure;
}

static stoa_term replace(const stoa_term *args, uint32_t n_args, stoa_arena *arena)
{
  pcre2_code *const code =
    is_text(args[0]) && is_text(args[2]) ? compile(args[1], n_args == 4 ? &args[3] : NULL) : NULL;
  if (!code) {
    return failure;
  }
  const stoa_slice x = text_of(args[0]), with = text_of(args[2]);
  PCRE2_SIZE size = x.length * 2 + with.length * 4 + 256;
  char *out = stoa_arena_alloc(arena, size);
  const uint32_t how = PCRE2_SUBSTITUTE_GLOBAL | PCRE2_SUBSTITUTE_OVERFLOW_LENGTH | PCRE2_SUBSTITUTE_UNSET_EMPTY;
  int n = pcre2_substitute(code, (PCRE2_SPTR)x.data, x.length, 0, how, NULL, NULL, (PCRE2_SPTR)with.data, with.length,
                           (PCRE2_UCHAR *)out, &size);
  if (n == PCRE2_ERROR_NOMEMORY && size < (16U << 20)) {
    out = stoa_arena_alloc(arena, size);
    n = pcre2_substitute(code, (PCRE2_SPTR)x.data, x.length, 0, how, NULL, NULL, (PCRE2_SPTR)with.data, with.length,
                         (PCRE2_UCHAR *)out, &size);
  }
  pcre2_code_free(code);
  return n < 0 ? failure : text_like(args[0], (stoa_slice){out, size}, arena);
}

// TIMEZONE, as an xsd:dayTimeDuration in its canonical form.
static stoa_term zone_duration(int minutes, stoa_arena *arena)
{
  const int m = abs(minutes);
  const char *const sign = minutes < 0 ? "-" : "";
  const char *const text = m == 0        ? "PT0S"
                           : m % 60 == 0 ? stoa_arena_print(arena, "%sPT%dH", sign, m / 60)
                           : m < 60      ? stoa_arena_print(arena, "%sPT%dM", sign, m)
                                         : stoa_arena_print(arena, "%sPT%dH%dM", sign, m / 60, m % 60);
  return stoa_term_literal(arena, stoa_slice_of(text), stoa_slice_of(STOA_XSD "dayTimeDuration"));
}

static stoa_term calendar_part(stoa_function f, stoa_term t, stoa_arena *arena)
{
  stoa_instant instant;
  bool is_date;
  if (!stoa_term_instant(t, &instant, &is_date)) {
    return failure;
  }
  const stoa_calendar c = stoa_xsd_calendar(instant);
  switch (f) {
    case STOA_FN_YEAR:
      return stoa_term_integer(c.year);
    case STOA_FN_MONTH:
      return stoa_term_integer(c.month);
    case STOA_FN_DAY:
      return stoa_term_integer(c.day);
    case STOA_FN_HOURS:
      return stoa_term_integer(c.hour);
    case STOA_FN_MINUTES:
      return stoa_term_integer(c.minute);
    case STOA_FN_SECONDS: {
      const stoa_number s = {
        .kind = STOA_NUMBER_DECIMAL, .mantissa = (__int128)c.second * 1000000 + c.microsecond, .scale = 6};
      return stoa_number_term(&s, arena);
    }
    case STOA_FN_TIMEZONE:
      return instant.has_zone ? zone_duration(instant.zone, arena) : failure;
    default: {
      const int zone = instant.zone, m = abs(zone);
      return stoa_term_string(
        stoa_slice_of(!instant.has_zone ? ""
                      : zone == 0       ? "Z"
                                  : stoa_arena_print(arena, "%c%02d:%02d", zone < 0 ? '-' : '+', m / 60, m % 60)));
    }
  }
}

static stoa_term cast_number(const char *type, stoa_number n, stoa_arena *arena)
{
  const bool whole = strcmp(type, "integer") == 0, exact = whole || strcmp(type, "decimal") == 0;
  if (!exact) {
    n.real = stoa_number_real(&n);
    n.kind = strcmp(type, "float") == 0 ? STOA_NUMBER_FLOAT : STOA_NUMBER_DOUBLE;
    return stoa_number_term(&n, arena);
  }
  if (n.kind >= STOA_NUMBER_FLOAT) {
    if (!isfinite(n.real) || fabs(n.real) > 1e30) {
      return failure;
    }
    char text[80];
    snprintf(text, sizeof text, "%.17f", n.real);
    if (!stoa_number_read_decimal(stoa_slice_of(text), &n)) {
      return failure;
    }
  }
  if (whole) {
    const bool negative = n.mantissa < 0;
    n.mantissa = negative ? -n.mantissa : n.mantissa;
    stoa_number_round('f', &n, &n);
    n.mantissa = negative ? -n.mantissa : n.mantissa;
  }
  n.kind = whole ? STOA_NUMBER_INTEGER : STOA_NUMBER_DECIMAL;
  return stoa_number_term(&n, arena);
}

// XPath and XQuery Functions, section 17.1.1: numbers without trailing zeros, doubles near 1 as decimals.
static stoa_slice cast_text(stoa_term a, stoa_arena *arena)
{
  stoa_number n;
  bool truth;
  if (stoa_term_boolean_value(a, &truth)) {
    return stoa_slice_of(truth ? "true" : "false");
  }
  if (!stoa_number_of(a, &n)) {
    return stoa_term_lexical(a, arena);
  }
  const double real = fabs(stoa_number_real(&n));
  if (n.kind >= STOA_NUMBER_FLOAT && (!isfinite(real) || (real != 0 && (real < 1e-6 || real >= 1e6)))) {
    return stoa_term_lexical(stoa_number_term(&n, arena), arena);
  }
  const stoa_term decimal = cast_number("decimal", n, arena);
  const stoa_slice text = stoa_term_lexical(decimal, arena);
  return text;
}

static stoa_term cast(stoa_term type, stoa_term a, stoa_arena *arena)
{
  bool truth;
  const char *const name = strchr(type.as.text, '#') + 1;
  stoa_number number;
  double real;
  if (strcmp(name, "string") == 0) {
    return stoa_term_string(cast_text(a, arena));
  }
  if (!stoa_term_is_literal(a)) {
    return failure;
  }
  if (strcmp(name, "boolean") == 0) {
    const stoa_slice x = stoa_term_lexical(a, arena);
    if (stoa_number_of(a, &number)) {
      return stoa_term_boolean(stoa_term_truth(a) == 1);
    }
    if (stoa_term_boolean_value(a, &truth)) {
      return stoa_term_boolean(truth);
    }
    const bool yes = stoa_slice_is(x, "true") || stoa_slice_is(x, "1"),
               no = stoa_slice_is(x, "false") || stoa_slice_is(x, "0");
    return yes || no ? stoa_term_boolean(yes) : failure;
  }
  if (strcmp(name, "dateTime") == 0 || strcmp(name, "date") == 0) {
    stoa_instant i;
    const stoa_slice x = stoa_term_lexical(a, arena);
    const bool day = strcmp(name, "date") == 0;
    if (!stoa_xsd_datetime_read(x, &i) && !stoa_xsd_date_read(x, &i)) {
      return failure;
    }
    stoa_term t = stoa_term_datetime(i.us, i.has_zone, i.zone);
    if (day) {
      const int64_t shift = (int64_t)i.zone * 60000000, local = i.us + shift;
      const int64_t days = local / 86400000000 - (local % 86400000000 < 0);
      t.as.integer = days * 86400000000 - shift;
      t.kind = STOA_TERM_DATE;
    }
    return t;
  }
  if (stoa_term_boolean_value(a, &truth)) {
    number = (stoa_number){.mantissa = truth};
    return cast_number(name, number, arena);
  }
  if (stoa_number_of(a, &number)) {
    return cast_number(name, number, arena);
  }
  if (a.kind != STOA_TERM_STRING) {
    return failure;
  }
  if (stoa_number_read_decimal(stoa_term_text(a), &number)) {
    const bool has_point = memchr(a.as.text, '.', a.length) != NULL;
    return strcmp(name, "integer") == 0 && has_point ? failure : cast_number(name, number, arena);
  }
  if ((strcmp(name, "double") == 0 || strcmp(name, "float") == 0) &&
      stoa_number_read_double(stoa_term_text(a), &real)) {
    number = (stoa_number){.kind = STOA_NUMBER_DOUBLE, .real = real};
    return cast_number(name, number, arena);
  }
  return failure;
}

static stoa_term lang_matches(stoa_term tag, stoa_term range)
{
  if (tag.kind != STOA_TERM_STRING || range.kind != STOA_TERM_STRING) {
    return failure;
  }
  const stoa_slice t = stoa_term_text(tag), r = stoa_term_text(range);
  if (stoa_slice_is(r, "*")) {
    return stoa_term_boolean(t.length > 0);
  }
  const bool prefix = t.length >= r.length && strncasecmp(t.data, r.data, r.length) == 0;
  return stoa_term_boolean(prefix && (t.length == r.length || t.data[r.length] == '-'));
}

static stoa_term encode(stoa_term a, stoa_arena *arena)
{
  if (!is_text(a)) {
    return failure;
  }
  static const char hex[] = "0123456789ABCDEF";
  const stoa_slice x = text_of(a);
  char *const out = stoa_arena_alloc(arena, x.length * 3 + 1);
  size_t n = 0;
  for (size_t i = 0; i < x.length; ++i) {
    const unsigned char c = (unsigned char)x.data[i];
    if (isalnum(c) || memchr("-_.~", c, 4)) {
      out[n++] = (char)c;
    } else {
      out[n++] = '%';
      out[n++] = hex[c >> 4];
      out[n++] = hex[c & 15];
    }
  }
  return stoa_term_string((stoa_slice){out, n});
}

static stoa_term make_literal(stoa_function f, stoa_term a, stoa_term b, stoa_arena *arena)
{
  if (a.kind != STOA_TERM_STRING) {
    return failure;
  }
  if (f == STOA_FN_STRLANG) {
    return b.kind == STOA_TERM_STRING && b.length ? stoa_term_lang(arena, stoa_term_text(a), stoa_term_text(b))
                                                  : failure;
  }
  return stoa_term_is_iri(b) ? stoa_term_literal(arena, stoa_term_text(a), stoa_term_lexical(b, arena)) : failure;
}

// IRI() resolves against the BASE of the query, which the parser leaves in the call.
static const char *base_of(const stoa_expr *call)
{
  return stoa_term_is_iri(call->term) ? call->term.as.text : NULL;
}

// Operators (section 17.3), and functions of numbers (17.4.4) and of time (17.4.5).
static stoa_term apply_value(stoa_function f, const stoa_term *args, stoa_arena *arena)
{
  const int truth = f >= STOA_FN_EQ && f <= STOA_FN_GE ? stoa_term_compare(f, args[0], args[1]) : 0;
  switch (f) {
    case STOA_FN_EQ:
    case STOA_FN_NE:
    case STOA_FN_LT:
    case STOA_FN_GT:
    case STOA_FN_LE:
    case STOA_FN_GE:
      return truth < 0 ? failure : stoa_term_boolean(truth);
    case STOA_FN_ADD:
      return arithmetic('+', args[0], args[1], arena);
    case STOA_FN_SUBTRACT:
      return arithmetic('-', args[0], args[1], arena);
    case STOA_FN_MULTIPLY:
      return arithmetic('*', args[0], args[1], arena);
    case STOA_FN_DIVIDE:
      return arithmetic('/', args[0], args[1], arena);
    case STOA_FN_NEGATE:
      return arithmetic('-', stoa_term_integer(0), args[0], arena);
    case STOA_FN_ABS:
      return rounded('a', args[0], arena);
    case STOA_FN_CEIL:
      return rounded('c', args[0], arena);
    case STOA_FN_FLOOR:
      return rounded('f', args[0], arena);
    case STOA_FN_ROUND:
      return rounded('r', args[0], arena);
    case STOA_FN_YEAR:
    case STOA_FN_MONTH:
    case STOA_FN_DAY:
    case STOA_FN_HOURS:
    case STOA_FN_MINUTES:
    case STOA_FN_SECONDS:
    case STOA_FN_TZ:
    case STOA_FN_TIMEZONE:
      return calendar_part(f, args[0], arena);
    default:
      return failure;
  }
}

// Functions of terms (section 17.4.2).
static stoa_term apply_term(const stoa_expr *call, const stoa_term *args, stoa_arena *arena)
{
  stoa_number number;
  switch (call->function) {
    case STOA_FN_STR:
      return args[0].kind == STOA_TERM_BLANK ? failure : stoa_term_string(stoa_term_lexical(args[0], arena));
    case STOA_FN_LANG:
      return stoa_term_is_literal(args[0]) ? stoa_term_string(stoa_term_language(args[0])) : failure;
    case STOA_FN_LANGMATCHES:
      return lang_matches(args[0], args[1]);
    case STOA_FN_DATATYPE:
      return stoa_term_is_literal(args[0]) ? stoa_term_iri(stoa_term_datatype(args[0])) : failure;
    case STOA_FN_IRI:
    case STOA_FN_URI:
      return stoa_term_is_iri(args[0]) ? args[0]
             : args[0].kind == STOA_TERM_STRING
               ? stoa_term_iri(stoa_iri_resolve(base_of(call), stoa_term_text(args[0]), arena))
               : failure;
    case STOA_FN_ISIRI:
    case STOA_FN_ISURI:
      return stoa_term_boolean(stoa_term_is_iri(args[0]));
    case STOA_FN_ISBLANK:
      return stoa_term_boolean(args[0].kind == STOA_TERM_BLANK);
    case STOA_FN_ISLITERAL:
      return stoa_term_boolean(stoa_term_is_literal(args[0]));
    case STOA_FN_ISNUMERIC:
      return stoa_term_boolean(stoa_number_of(args[0], &number));
    case STOA_FN_SAMETERM:
      return stoa_term_boolean(stoa_term_same(args[0], args[1]));
    case STOA_FN_STRDT:
    case STOA_FN_STRLANG:
      return make_literal(call->function, args[0], args[1], arena);
    case STOA_FN_CAST:
      return cast(call->term, args[0], arena);
    default:
      return failure;
  }
}

// Functions of strings (section 17.4.3).
static stoa_term apply_text(stoa_function f, const stoa_term *args, uint32_t n_args, stoa_arena *arena)
{
  switch (f) {
    case STOA_FN_STRLEN:
      return is_text(args[0])
               ? stoa_term_integer((int64_t)stoa_utf8_count(text_of(args[0]).data, text_of(args[0]).length))
               : failure;
    case STOA_FN_SUBSTR:
      return substring(args, n_args, arena);
    case STOA_FN_UCASE:
    case STOA_FN_LCASE:
      return cased(args[0], f == STOA_FN_UCASE, arena);
    case STOA_FN_STRSTARTS:
    case STOA_FN_STRENDS:
    case STOA_FN_CONTAINS:
      return search(f, args[0], args[1]);
    case STOA_FN_STRBEFORE:
    case STOA_FN_STRAFTER:
      return before_after(f, args[0], args[1], arena);
    case STOA_FN_CONCAT:
      return concat(args, n_args, arena);
    case STOA_FN_ENCODE_FOR_URI:
      return encode(args[0], arena);
    case STOA_FN_REGEX:
      return regex(args, n_args);
    case STOA_FN_REPLACE:
      return replace(args, n_args, arena);
    default:
      return failure;
  }
}

stoa_term stoa_function_apply(const stoa_expr *call, const stoa_term *args, uint32_t n_args, const stoa_scope *scope)
{
  const stoa_function f = call->function;
  if (stoa_function_is_volatile(f)) {
    return stoa_volatile_apply(f, args, n_args, scope);
  }
  if (f == STOA_FN_NOW) {
    return stoa_term_datetime(scope->run->context->now_us + call->term.as.integer, true, 0);
  }
  if (f >= STOA_FN_MD5 && f <= STOA_FN_SHA512) {
    return args[0].kind == STOA_TERM_STRING ? stoa_digest(f, stoa_term_text(args[0]), scope->arena) : failure;
  }
  if (f >= STOA_FN_STRLEN && f <= STOA_FN_REPLACE) {
    return apply_text(f, args, n_args, scope->arena);
  }
  const bool of_term =
    (f >= STOA_FN_STR && f <= STOA_FN_SAMETERM) || f == STOA_FN_STRDT || f == STOA_FN_STRLANG || f == STOA_FN_CAST;
  return of_term ? apply_term(call, args, scope->arena) : apply_value(f, args, scope->arena);
}
