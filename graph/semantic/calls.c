#include "graph/semantic/calls.h"
#include "graph/base/file.h"
#include "graph/semantic/literal.h"
#include "graph/term/duration.h"
#include "graph/term/vocab.h"
#include <strings.h>

static const stoa_expr *number_expr(stoa_semantic_builder *b, int64_t n)
{
  return stoa_semantic_term_expr(b, stoa_term_integer(n));
}

static const stoa_expr *string_expr(stoa_semantic_builder *b, const char *text)
{
  return stoa_semantic_term_expr(b, stoa_term_string(stoa_slice_of(text)));
}

// ---- LIKE

/// A pattern without its escapes, and where its wildcards stand.
typedef struct {
  char *letters;
  bool *wild;
  size_t n;
} like_pattern;

static like_pattern read_pattern(stoa_slice text, stoa_arena *arena)
{
  like_pattern p = {stoa_arena_alloc(arena, text.length + 1), STOA_NEWS(arena, bool, text.length + 1), 0};
  for (size_t i = 0; i < text.length; ++i) {
    const bool escaped = text.data[i] == '\\' && i + 1 < text.length;
    i += escaped;
    p.wild[p.n] = !escaped && (text.data[i] == '%' || text.data[i] == '_');
    p.letters[p.n++] = text.data[i];
  }
  return p;
}

// As a regular expression of XPath.
static const char *regex_of(const like_pattern *p, stoa_arena *arena)
{
  stoa_buf out = {0};
  stoa_buf_byte(&out, '^');
  for (size_t i = 0; i < p->n; ++i) {
    const char letter = p->letters[i];
    if (p->wild[i]) {
      stoa_buf_text(&out, letter == '%' ? ".*" : ".");
    } else {
      if (letter && strchr("\\^$.|?*+()[]{}-", letter)) {
        stoa_buf_byte(&out, '\\');
      }
      stoa_buf_byte(&out, letter);
    }
  }
  stoa_buf_byte(&out, '$');
  const char *const text = stoa_arena_copy(arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return text;
}

stoa_status stoa_semantic_like(stoa_semantic_builder *b, stoa_semantic_value *v, stoa_slice pattern, bool any_case,
                               stoa_semantic_value *out)
{
  const like_pattern p = read_pattern(pattern, b->arena);
  const bool first = p.n && p.wild[0] && p.letters[0] == '%',
             last = p.n > first && p.wild[p.n - 1] && p.letters[p.n - 1] == '%';
  bool within = any_case;
  if (!(v->kinds & (STOA_SEM_TEXTS | STOA_KIND_IRI))) {
    return stoa_error_at(b->err, STOA_BAD_TYPE, b->place, "LIKE is of texts, and this is %s; CAST it AS text",
                         stoa_semantic_kind_name(v));
  }
  for (size_t i = first; i < p.n - last; ++i) {
    within |= p.wild[i];
  }
  const stoa_semantic_value text = stoa_semantic_all(v, STOA_SEM_TEXTS) ? *v : stoa_semantic_as_text(b, v);
  const stoa_semantic_value letters = stoa_semantic_as_text(b, v);
  const char *const plain = stoa_arena_copy(b->arena, (stoa_slice){p.letters + first, p.n - first - last});
  const stoa_expr *e;
  if (within) {
    e = stoa_semantic_call(b, STOA_FN_REGEX, text.expr, string_expr(b, regex_of(&p, b->arena)),
                           string_expr(b, any_case ? "si" : "s"));
  } else {
    const stoa_function f = first && last ? STOA_FN_CONTAINS
                            : last        ? STOA_FN_STRSTARTS
                            : first       ? STOA_FN_STRENDS
                                          : STOA_FN_EQ;
    e = stoa_semantic_call(b, f, f == STOA_FN_EQ ? letters.expr : text.expr, string_expr(b, plain), NULL);
  }
  *out = stoa_semantic_truth(e, v->nullable || !stoa_semantic_all(v, STOA_SEM_TEXTS | STOA_KIND_IRI));
  return STOA_OK;
}

// ---- functions

typedef enum { TAKES_TEXT, TAKES_NUMBER, TAKES_TIME } taken;

static const struct {
  const char *name;
  stoa_function function;
  uint32_t least, most;
  taken first;      ///< what the first argument is
  stoa_kinds gives; ///< 0: what the first argument is
} functions[] = {{"upper", STOA_FN_UCASE, 1, 1, TAKES_TEXT, STOA_KIND_STRING},
                 {"lower", STOA_FN_LCASE, 1, 1, TAKES_TEXT, STOA_KIND_STRING},
                 {"length", STOA_FN_STRLEN, 1, 1, TAKES_TEXT, STOA_KIND_NUMBER},
                 {"char_length", STOA_FN_STRLEN, 1, 1, TAKES_TEXT, STOA_KIND_NUMBER},
                 {"character_length", STOA_FN_STRLEN, 1, 1, TAKES_TEXT, STOA_KIND_NUMBER},
                 {"substr", STOA_FN_SUBSTR, 2, 3, TAKES_TEXT, STOA_KIND_STRING},
                 {"substring", STOA_FN_SUBSTR, 2, 3, TAKES_TEXT, STOA_KIND_STRING},
                 {"starts_with", STOA_FN_STRSTARTS, 2, 2, TAKES_TEXT, STOA_KIND_BOOLEAN},
                 {"md5", STOA_FN_MD5, 1, 1, TAKES_TEXT, STOA_KIND_STRING},
                 {"abs", STOA_FN_ABS, 1, 1, TAKES_NUMBER, 0},
                 {"ceil", STOA_FN_CEIL, 1, 1, TAKES_NUMBER, 0},
                 {"ceiling", STOA_FN_CEIL, 1, 1, TAKES_NUMBER, 0},
                 {"floor", STOA_FN_FLOOR, 1, 1, TAKES_NUMBER, 0},
                 {"round", STOA_FN_ROUND, 1, 1, TAKES_NUMBER, 0}};
/// Those that are no call of one function.
static const char *const others[] = {"concat", "left", "replace", "extract", "date_part"};

bool stoa_semantic_is_strict(const char *name)
{
  return strcmp(name, "concat") != 0;
}

static stoa_status refuse_name(const stoa_semantic_builder *b, const char *name)
{
  enum { N = sizeof functions / sizeof *functions, OTHERS = sizeof others / sizeof *others };
  const char *names[N + OTHERS];
  for (size_t i = 0; i < N + OTHERS; ++i) {
    names[i] = i < N ? functions[i].name : others[i - N];
  }
  const char *const near = stoa_nearest(name, names, N + OTHERS);
  return stoa_error_at(b->err, STOA_NOT_FOUND, b->place, "there is no function %s in semantic SQL%s%s%s", name,
                       near ? "; did you mean " : "; CASE, COALESCE, NULLIF, EXTRACT and what stoa-sql(5) lists are",
                       near ? near : "", near ? "?" : "");
}

static stoa_status refuse_argument(const stoa_semantic_builder *b, const char *name, const char *what,
                                   const stoa_semantic_value *v)
{
  return stoa_error_at(b->err, STOA_BAD_TYPE, b->place, "%s takes %s, and this is %s; CAST it", name, what,
                       stoa_semantic_kind_name(v));
}

static stoa_status take(stoa_semantic_builder *b, const char *name, taken first, stoa_semantic_value *v)
{
  const stoa_semantic_value number = {.kinds = STOA_KIND_NUMBER};
  switch (first) {
    case TAKES_TEXT:
      if (!(v->kinds & (STOA_SEM_TEXTS | STOA_KIND_IRI))) {
        return refuse_argument(b, name, "a text", v);
      }
      *v = stoa_semantic_as_text(b, v);
      return STOA_OK;
    case TAKES_NUMBER:
      STOA_TRY(stoa_semantic_coerce(b, v, &number));
      return v->kinds & STOA_KIND_NUMBER ? STOA_OK : refuse_argument(b, name, "a number", v);
    default:
      return v->kinds & (STOA_SEM_TIMES) || v->lasts
               ? STOA_OK
               : refuse_argument(b, name, "a date, a timestamp or an interval", v);
  }
}

static bool any_nullable(const stoa_semantic_value *args, uint32_t n)
{
  bool any = false;
  for (uint32_t i = 0; i < n; ++i) {
    any |= args[i].nullable;
  }
  return any;
}

// CONCAT leaves NULLs out, || does not.
static stoa_status concat(stoa_semantic_builder *b, stoa_semantic_value *args, uint32_t n, stoa_semantic_value *out)
{
  const stoa_expr **const parts = STOA_NEWS(b->arena, const stoa_expr *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    parts[i] = stoa_semantic_as_text(b, &args[i]).expr;
    parts[i] =
      args[i].nullable ? stoa_semantic_call(b, STOA_FN_COALESCE, parts[i], string_expr(b, ""), NULL) : parts[i];
  }
  *out = (stoa_semantic_value){.expr = stoa_semantic_calls(b, STOA_FN_CONCAT, parts, n), .kinds = STOA_KIND_STRING};
  return STOA_OK;
}

static stoa_status left(stoa_semantic_builder *b, stoa_semantic_value *args, stoa_semantic_value *out)
{
  STOA_TRY(take(b, "left", TAKES_TEXT, &args[0]));
  *out =
    (stoa_semantic_value){.expr = stoa_semantic_call(b, STOA_FN_SUBSTR, args[0].expr, number_expr(b, 1), args[1].expr),
                          .kinds = STOA_KIND_STRING,
                          .nullable = any_nullable(args, 2)};
  return STOA_OK;
}

// The text as a pattern that means it letter by letter, or as what takes its place.
static const stoa_expr *quoted(stoa_semantic_builder *b, stoa_slice text, const char *escaped)
{
  stoa_buf out = {0};
  for (size_t i = 0; i < text.length; ++i) {
    if (strchr(escaped, text.data[i])) {
      stoa_buf_byte(&out, '\\');
    }
    stoa_buf_byte(&out, text.data[i]);
  }
  const stoa_slice copy = stoa_arena_slice(b->arena, (stoa_slice){out.data ? out.data : "", out.length});
  stoa_buf_done(&out);
  return stoa_semantic_term_expr(b, stoa_term_string(copy));
}

static stoa_status replace(stoa_semantic_builder *b, stoa_semantic_value *args, stoa_semantic_value *out)
{
  STOA_TRY(take(b, "replace", TAKES_TEXT, &args[0]));
  if (!args[1].untyped || !args[2].untyped || args[1].expr->term.length == 0) {
    return stoa_error_at(b->err, STOA_UNSUPPORTED, b->place,
                         "REPLACE takes constant texts in semantic SQL, the first of at least one letter");
  }
  *out =
    (stoa_semantic_value){.expr = stoa_semantic_call(b, STOA_FN_REPLACE, args[0].expr,
                                                     quoted(b, stoa_term_text(args[1].expr->term), "\\^$.|?*+()[]{}-"),
                                                     quoted(b, stoa_term_text(args[2].expr->term), "\\$")),
                          .kinds = STOA_KIND_STRING,
                          .nullable = args[0].nullable};
  return STOA_OK;
}

// ---- EXTRACT

static const stoa_expr *span_expr(stoa_semantic_builder *b, int64_t us)
{
  const stoa_duration d = {.kind = STOA_DURATION_DAY_TIME, .us = us};
  return stoa_semantic_term_expr(b, stoa_term_copy(stoa_duration_term(&d, b->arena), b->arena));
}

// Of an interval: EPOCH is its seconds, DAY its whole days.
static stoa_status extract_span(stoa_semantic_builder *b, stoa_slice field, const stoa_semantic_value *v,
                                stoa_semantic_value *out)
{
  const bool day = stoa_slice_is(field, "day");
  if (!day && !stoa_slice_is(field, "epoch")) {
    return stoa_error_at(b->err, STOA_UNSUPPORTED, b->place,
                         "EXTRACT(%.*s FROM interval) is not supported; take DAY or EPOCH", (int)field.length,
                         field.data);
  }
  const stoa_expr *const n =
    stoa_semantic_call(b, STOA_FN_DIVIDE, v->expr, span_expr(b, INT64_C(1000000) * (day ? 86400 : 1)), NULL);
  *out = (stoa_semantic_value){.expr = day ? stoa_semantic_cast(b, STOA_XSD "integer", n) : n,
                               .kinds = STOA_KIND_NUMBER,
                               .whole = day,
                               .nullable = v->nullable};
  return STOA_OK;
}

static stoa_status extract(stoa_semantic_builder *b, stoa_semantic_value *args, stoa_semantic_value *out)
{
  static const struct {
    const char *field;
    stoa_function function;
  } fields[] = {{"year", STOA_FN_YEAR},  {"month", STOA_FN_MONTH},    {"day", STOA_FN_DAY},
                {"hour", STOA_FN_HOURS}, {"minute", STOA_FN_MINUTES}, {"second", STOA_FN_SECONDS}};
  const stoa_slice field = args[0].untyped ? stoa_term_text(args[0].expr->term) : (stoa_slice){"", 0};
  stoa_semantic_value *const v = &args[1];
  STOA_TRY(take(b, "EXTRACT", TAKES_TIME, v));
  if (v->lasts) {
    return extract_span(b, field, v, out);
  }
  for (size_t i = 0; i < sizeof fields / sizeof *fields; ++i) {
    if (field.length == strlen(fields[i].field) && strncasecmp(field.data, fields[i].field, field.length) == 0) {
      const bool by_day = fields[i].function <= STOA_FN_DAY;
      if (!by_day && stoa_semantic_all(v, STOA_KIND_DATE)) {
        return refuse_argument(b, fields[i].field, "a timestamp", v);
      }
      const stoa_expr *const of = v->today ? stoa_semantic_now(b, v->offset_us) : v->expr;
      *out = (stoa_semantic_value){.expr = stoa_semantic_call(b, fields[i].function, of, NULL, NULL),
                                   .kinds = STOA_KIND_NUMBER,
                                   .whole = fields[i].function != STOA_FN_SECONDS,
                                   .nullable = v->nullable || (v->kinds & ~(STOA_SEM_TIMES))};
      return STOA_OK;
    }
  }
  return stoa_error_at(
    b->err, STOA_UNSUPPORTED, b->place,
    "EXTRACT(%.*s ...) is not supported; take YEAR, MONTH, DAY, HOUR, MINUTE or SECOND, and EPOCH of "
    "an interval",
    (int)(field.length < 40 ? field.length : 40), field.data);
}

static stoa_status need(const stoa_semantic_builder *b, const stoa_semantic_expr *call, uint32_t least, uint32_t most)
{
  return call->n_args >= least && call->n_args <= most
           ? STOA_OK
           : stoa_error_at(b->err, STOA_BAD_SYNTAX, b->place, "%s takes %u to %u arguments, found %u", call->name,
                           least, most, call->n_args);
}

static stoa_status apply_other(stoa_semantic_builder *b, const stoa_semantic_expr *call, stoa_semantic_value *args,
                               stoa_semantic_value *out)
{
  const char *const name = call->name;
  if (strcmp(name, "concat") == 0) {
    STOA_TRY(need(b, call, 1, 100));
    return concat(b, args, call->n_args, out);
  }
  if (strcmp(name, "replace") == 0) {
    STOA_TRY(need(b, call, 3, 3));
    return replace(b, args, out);
  }
  if (strcmp(name, "left") == 0 || strcmp(name, "extract") == 0 || strcmp(name, "date_part") == 0) {
    STOA_TRY(need(b, call, 2, 2));
    return name[0] == 'l' ? left(b, args, out) : extract(b, args, out);
  }
  return refuse_name(b, name);
}

stoa_status stoa_semantic_apply(stoa_semantic_builder *b, const stoa_semantic_expr *call, stoa_semantic_value *args,
                                stoa_semantic_value *out)
{
  size_t i = 0;
  while (i < sizeof functions / sizeof *functions && strcmp(functions[i].name, call->name) != 0) {
    ++i;
  }
  if (i == sizeof functions / sizeof *functions) {
    return apply_other(b, call, args, out);
  }
  STOA_TRY(need(b, call, functions[i].least, functions[i].most));
  STOA_TRY(take(b, call->name, functions[i].first, &args[0]));
  const stoa_expr *exprs[3];
  for (uint32_t k = 0; k < call->n_args; ++k) {
    exprs[k] = args[k].expr;
  }
  const bool keeps = functions[i].gives == 0;
  *out = (stoa_semantic_value){.expr = stoa_semantic_calls(b, functions[i].function, exprs, call->n_args),
                               .kinds = keeps ? STOA_KIND_NUMBER : functions[i].gives,
                               .whole = functions[i].function == STOA_FN_STRLEN || (keeps && args[0].whole),
                               .nullable = any_nullable(args, call->n_args)};
  return STOA_OK;
}

// ---- casts

static bool is_rounded(const stoa_semantic_value *v)
{
  const stoa_function f = v->expr->kind == STOA_EXPR_CALL ? v->expr->function : STOA_FN_OR;
  return v->whole || f == STOA_FN_ROUND || f == STOA_FN_FLOOR || f == STOA_FN_CEIL;
}

// A cast of a fraction rounds in SQL, and cuts it off in XPath.
static stoa_status to_integer(stoa_semantic_builder *b, stoa_semantic_value *v, stoa_semantic_value *out)
{
  if ((v->kinds & STOA_KIND_NUMBER) && !is_rounded(v)) {
    return stoa_error_at(b->err, STOA_BAD_TYPE, b->place,
                         "a number is cast to an integer; say how: CAST(ROUND(x) AS integer), FLOOR or CEIL");
  }
  *out = *v;
  out->expr = v->whole ? v->expr : stoa_semantic_cast(b, STOA_XSD "integer", v->expr);
  out->kinds = STOA_KIND_NUMBER;
  out->whole = true;
  return STOA_OK;
}

static stoa_status to_date(stoa_semantic_builder *b, stoa_semantic_value *v, stoa_semantic_value *out)
{
  if (v->now || stoa_semantic_all(v, STOA_KIND_DATE)) {
    *out = v->now ? stoa_semantic_today_value(b, v->offset_us) : *v;
    return STOA_OK;
  }
  if (!(v->kinds & (STOA_SEM_TEXTS | STOA_KIND_DATETIME))) {
    return refuse_argument(b, "CAST AS date", "a timestamp or a text", v);
  }
  const stoa_expr *const text = stoa_semantic_call(b, STOA_FN_STR, v->expr, NULL, NULL);
  const stoa_expr *const day = stoa_semantic_call(b, STOA_FN_SUBSTR, text, number_expr(b, 1), number_expr(b, 10));
  *out = (stoa_semantic_value){
    .expr = stoa_semantic_cast(b, STOA_XSD "date", day), .kinds = STOA_KIND_DATE, .zoneless = true};
  return STOA_OK;
}

static stoa_status to_timestamp(stoa_semantic_builder *b, stoa_semantic_value *v, stoa_semantic_value *out)
{
  if (stoa_semantic_all(v, STOA_SEM_TIMES)) {
    *out = stoa_semantic_as_instant(b, v);
    return STOA_OK;
  }
  if (!(v->kinds & STOA_SEM_TEXTS)) {
    return refuse_argument(b, "CAST AS timestamp", "a date or a text", v);
  }
  *out =
    (stoa_semantic_value){.expr = stoa_semantic_cast(b, STOA_XSD "dateTime", v->expr), .kinds = STOA_KIND_DATETIME};
  return STOA_OK;
}

stoa_status stoa_semantic_convert(stoa_semantic_builder *b, stoa_semantic_type type, stoa_semantic_value *v,
                                  stoa_semantic_value *out)
{
  static const struct {
    const char *iri;
    stoa_kinds kinds;
  } simple[] = {[STOA_SEM_DECIMAL] = {STOA_XSD "decimal", STOA_KIND_NUMBER},
                [STOA_SEM_DOUBLE] = {STOA_XSD "double", STOA_KIND_NUMBER},
                [STOA_SEM_BOOLEAN] = {STOA_XSD "boolean", STOA_KIND_BOOLEAN}};
  stoa_status status = STOA_OK;
  switch (type) {
    case STOA_SEM_TEXT:
      *out = stoa_semantic_as_text(b, v);
      return STOA_OK;
    case STOA_SEM_INTEGER:
      status = to_integer(b, v, out);
      break;
    case STOA_SEM_DATE:
      status = to_date(b, v, out);
      break;
    case STOA_SEM_TIMESTAMP:
      status = to_timestamp(b, v, out);
      break;
    default:
      if (!(v->kinds & (STOA_SEM_TEXTS | STOA_KIND_NUMBER | STOA_KIND_BOOLEAN))) {
        return refuse_argument(b, "this CAST", "a text or a number", v);
      }
      *out =
        (stoa_semantic_value){.expr = stoa_semantic_cast(b, simple[type].iri, v->expr), .kinds = simple[type].kinds};
      break;
  }
  out->nullable |= v->nullable || (v->kinds & ~(STOA_KIND_NUMBER | STOA_SEM_TIMES | STOA_KIND_BOOLEAN));
  return status;
}
