// Expressions: SPARQL 1.1 grammar, rules 110 to 128, by recursive descent.
#include "graph/base/yaml.h"
#include "graph/sparql/parser_internal.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { FORM, CALL };

static const struct {
  const char *name;
  bool is_call;
  uint32_t least, most;
} functions[] = {
#define X(name, text, form, least, most, computed_by) {text, (form) == CALL, least, most},
  STOA_FUNCTION_TABLE(X)
#undef X
};

static stoa_status read_unary(stoa_parser *p, const stoa_expr **out);

static stoa_status read_list(stoa_parser *p, stoa_exprs *list)
{
  STOA_TRY(stoa_parser_sign(p, "("));
  while (!stoa_parser_is_sign(p, ")")) {
    const stoa_expr *item;
    if (list->n > 0) {
      STOA_TRY(stoa_parser_sign(p, ","));
    }
    STOA_TRY(stoa_parser_expression(p, &item));
    STOA_PUSH(p->arena, list, item);
  }
  return stoa_parser_step(p);
}

static stoa_expr *term_expr(stoa_parser *p, stoa_term term, stoa_place place)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  e->kind = STOA_EXPR_TERM;
  e->place = place;
  e->term = term;
  return e;
}

static stoa_expr *constant_expr(stoa_parser *p, stoa_term term, stoa_place place)
{
  stoa_expr *const e = term_expr(p, term, place);
  e->constant = stoa_parser_constant(p, term);
  return e;
}

static stoa_expr *var_expr(stoa_parser *p, stoa_var var, stoa_place place)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  e->kind = STOA_EXPR_VAR;
  e->place = place;
  e->var = var;
  return e;
}

static stoa_status finish_call(stoa_parser *p, stoa_function f, stoa_place place, const stoa_exprs *args,
                               const stoa_expr **out)
{
  if (args->n < functions[f].least || args->n > functions[f].most) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, place, "%s takes %u to %u arguments, found %u", functions[f].name,
                         functions[f].least, functions[f].most, args->n);
  }
  stoa_expr *const call = stoa_parser_call(p, f, place, NULL, NULL);
  call->args = args->items;
  call->n_args = args->n;
  *out = call;
  return STOA_OK;
}

// The arguments of an extension function may be DISTINCT, as those of an aggregate.
static stoa_status read_arguments(stoa_parser *p, stoa_exprs *list)
{
  STOA_TRY(stoa_parser_sign(p, "("));
  if (stoa_parser_is_word(p, "DISTINCT")) {
    STOA_TRY(stoa_parser_step(p));
  }
  while (!stoa_parser_is_sign(p, ")")) {
    const stoa_expr *item;
    if (list->n > 0) {
      STOA_TRY(stoa_parser_sign(p, ","));
    }
    STOA_TRY(stoa_parser_expression(p, &item));
    STOA_PUSH(p->arena, list, item);
  }
  return stoa_parser_step(p);
}

// A name followed by a list: only the casts of XSD are known (section 17.5), those to durations among them.
static bool is_cast(stoa_slice iri)
{
  static const char *const casts[] = {"integer",  "decimal",         "double",           "float",
                                      "string",   "boolean",         "dateTime",         "date",
                                      "duration", "dayTimeDuration", "yearMonthDuration"};
  const stoa_slice xsd = {STOA_XSD, sizeof STOA_XSD - 1};
  for (size_t i = 0; stoa_slice_starts(iri, xsd) && i < sizeof casts / sizeof *casts; ++i) {
    if (stoa_slice_is((stoa_slice){iri.data + xsd.length, iri.length - xsd.length}, casts[i])) {
      return true;
    }
  }
  return false;
}

static stoa_status read_cast(stoa_parser *p, stoa_term name, stoa_place place, const stoa_expr **out)
{
  const bool known = is_cast(stoa_term_text(name));
  stoa_exprs args = {0};
  if (stoa_parser_is_sign(p, "(") && !known) {
    STOA_TRY(read_arguments(p, &args));
  } else {
    STOA_TRY(read_list(p, &args));
  }
  STOA_TRY(finish_call(p, known ? STOA_FN_CAST : STOA_FN_EXTENSION, place, &args, out));
  ((stoa_expr *)*out)->term = name;
  return STOA_OK;
}

static stoa_status read_separator(stoa_parser *p, stoa_slice *out)
{
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_word(p, "SEPARATOR"));
  STOA_TRY(stoa_parser_sign(p, "="));
  if (p->token.kind != STOA_TOKEN_STRING) {
    return stoa_parser_expected(p, "a string");
  }
  *out = stoa_arena_slice(p->arena, p->token.text);
  return stoa_parser_step(p);
}

static stoa_status read_aggregate_body(stoa_parser *p, stoa_aggregate *a)
{
  STOA_TRY(stoa_parser_sign(p, "("));
  if (stoa_parser_is_word(p, "DISTINCT")) {
    a->distinct = true;
    STOA_TRY(stoa_parser_step(p));
  }
  if (a->kind == STOA_AGG_COUNT && stoa_parser_is_sign(p, "*")) {
    STOA_TRY(stoa_parser_step(p));
  } else {
    STOA_TRY(stoa_parser_expression(p, &a->expr));
  }
  if (a->kind == STOA_AGG_GROUP_CONCAT && stoa_parser_is_sign(p, ";")) {
    STOA_TRY(read_separator(p, &a->separator));
  }
  return stoa_parser_sign(p, ")");
}

// An aggregate is computed by the group and stands in the expression as a variable.
static stoa_status read_aggregate(stoa_parser *p, stoa_aggregate_kind kind, const stoa_expr **out)
{
  const stoa_place place = p->token.place;
  if (!p->aggregates || p->inside_aggregate) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, place,
                         p->inside_aggregate ? "an aggregate inside an aggregate; use a sub-select"
                                             : "an aggregate may stand only in SELECT, HAVING and ORDER BY");
  }
  stoa_aggregate a = {.kind = kind, .separator = {" ", 1}, .place = place};
  STOA_TRY(stoa_parser_step(p));
  p->inside_aggregate = true;
  const stoa_status status = read_aggregate_body(p, &a);
  p->inside_aggregate = false;
  STOA_TRY(status);
  a.out = stoa_parser_fresh(p, ".agg");
  STOA_PUSH(p->arena, p->aggregates, a);
  *out = var_expr(p, a.out, place);
  return STOA_OK;
}

static stoa_status read_exists(stoa_parser *p, bool negated, const stoa_expr **out)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  e->kind = STOA_EXPR_EXISTS;
  e->place = p->token.place;
  e->negated = negated;
  STOA_TRY(stoa_parser_word(p, "EXISTS"));
  STOA_TRY(stoa_parser_group(p, &e->pattern));
  *out = e;
  return STOA_OK;
}

static stoa_status read_word(stoa_parser *p, const stoa_expr **out)
{
  const stoa_place place = p->token.place;
  if (stoa_parser_is_word(p, "EXISTS")) {
    return read_exists(p, false, out);
  }
  if (stoa_parser_is_word(p, "NOT")) {
    STOA_TRY(stoa_parser_step(p));
    return read_exists(p, true, out);
  }
  for (int kind = STOA_AGG_COUNT; kind <= STOA_AGG_GROUP_CONCAT; ++kind) {
    if (stoa_parser_is_word(p, stoa_aggregate_name((stoa_aggregate_kind)kind))) {
      return read_aggregate(p, (stoa_aggregate_kind)kind, out);
    }
  }
  for (size_t f = 0; f < sizeof functions / sizeof *functions; ++f) {
    if (functions[f].is_call && stoa_parser_is_word(p, functions[f].name)) {
      stoa_exprs args = {0};
      STOA_TRY(stoa_parser_step(p));
      STOA_TRY(read_list(p, &args));
      STOA_TRY(finish_call(p, (stoa_function)f, place, &args, out));
      if ((f == STOA_FN_IRI || f == STOA_FN_URI) && p->base) {
        ((stoa_expr *)*out)->term = stoa_term_iri(stoa_slice_of(p->base));
      }
      if (f == STOA_FN_BOUND && args.items[0]->kind != STOA_EXPR_VAR) {
        return stoa_error_at(p->err, STOA_BAD_SYNTAX, place, "BOUND takes a variable");
      }
      return STOA_OK;
    }
  }
  return stoa_parser_expected(p, "an expression");
}

// ?_asof_xsd_dateTime is the request's instant, ?_from_7d_xsd_dateTime seven days before it.
static bool is_instant(stoa_slice name, int64_t *out_us)
{
  char text[48];
  int64_t seconds = 0;
  const stoa_slice end = stoa_slice_of("_xsd_dateTime");
  *out_us = 0;
  if (stoa_slice_is(name, "_asof_xsd_dateTime")) {
    return true;
  }
  if (!stoa_slice_starts(name, stoa_slice_of("_from_")) || name.length <= 6 + end.length || name.length > sizeof text ||
      memcmp(name.data + name.length - end.length, end.data, end.length) != 0) {
    return false;
  }
  snprintf(text, sizeof text, "%.*s", (int)(name.length - 6 - end.length), name.data + 6);
  const bool good = stoa_yaml_span(text, &seconds);
  *out_us = -seconds * 1000000;
  return good;
}

static stoa_status read_primary(stoa_parser *p, const stoa_expr **out)
{
  const stoa_place place = p->token.place;
  stoa_term term;
  int64_t us;
  if (stoa_parser_is_sign(p, "(")) {
    return stoa_parser_bracketed(p, out);
  }
  if (p->token.kind == STOA_TOKEN_VAR) {
    if (is_instant(p->token.text, &us)) {
      stoa_expr *const now = stoa_parser_call(p, STOA_FN_NOW, place, NULL, NULL);
      now->term = stoa_term_integer(us);
      *out = now;
    } else {
      *out = var_expr(p, stoa_parser_var(p, p->token.text), place);
    }
    return stoa_parser_step(p);
  }
  if (stoa_parser_at_literal(p)) {
    STOA_TRY(stoa_parser_literal(p, &term));
    *out = constant_expr(p, term, place);
    return STOA_OK;
  }
  if (p->token.kind == STOA_TOKEN_IRI || p->token.kind == STOA_TOKEN_NAME) {
    STOA_TRY(stoa_parser_iri(p, &term));
    if (stoa_parser_is_sign(p, "(")) {
      return read_cast(p, term, place, out);
    }
    *out = constant_expr(p, term, place);
    return STOA_OK;
  }
  return p->token.kind == STOA_TOKEN_WORD ? read_word(p, out) : stoa_parser_expected(p, "an expression");
}

static stoa_status read_unary(stoa_parser *p, const stoa_expr **out)
{
  const stoa_place place = p->token.place;
  const bool is_not = stoa_parser_is_sign(p, "!"), is_minus = stoa_parser_is_sign(p, "-");
  if (!is_not && !is_minus && !stoa_parser_is_sign(p, "+")) {
    return read_primary(p, out);
  }
  const stoa_expr *inner;
  if (++p->depth > STOA_PARSER_DEEPEST) {
    return stoa_parser_refuse(p, "nesting this deep");
  }
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(is_not ? read_unary(p, &inner) : read_primary(p, &inner));
  p->depth--;
  *out = is_not     ? stoa_parser_call(p, STOA_FN_NOT, place, inner, NULL)
         : is_minus ? stoa_parser_call(p, STOA_FN_NEGATE, place, inner, NULL)
                    : inner;
  return STOA_OK;
}

// One level of left-associative operators; `next` reads what binds tighter.
static stoa_status read_left(stoa_parser *p, const stoa_function *ops, size_t n_ops,
                             stoa_status (*next)(stoa_parser *, const stoa_expr **), const stoa_expr **out)
{
  const stoa_expr *left, *right;
  STOA_TRY(next(p, &left));
  for (;;) {
    size_t i = 0;
    while (i < n_ops && !stoa_parser_is_sign(p, functions[ops[i]].name)) {
      ++i;
    }
    if (i == n_ops) {
      *out = left;
      return STOA_OK;
    }
    const stoa_place place = p->token.place;
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(next(p, &right));
    left = stoa_parser_call(p, ops[i], place, left, right);
  }
}

static stoa_status read_product(stoa_parser *p, const stoa_expr **out)
{
  static const stoa_function ops[] = {STOA_FN_MULTIPLY, STOA_FN_DIVIDE};
  return read_left(p, ops, 2, read_unary, out);
}

static bool at_signed_number(const stoa_parser *p)
{
  return p->token.kind >= STOA_TOKEN_INTEGER && p->token.kind <= STOA_TOKEN_DOUBLE &&
         (p->token.raw.data[0] == '+' || p->token.raw.data[0] == '-');
}

// In `?x -1` the second token is the number -1 (rule 116): it is added.
static stoa_status read_sum(stoa_parser *p, const stoa_expr **out)
{
  const stoa_expr *left, *right;
  STOA_TRY(read_product(p, &left));
  for (;;) {
    const bool plus = stoa_parser_is_sign(p, "+"), minus = stoa_parser_is_sign(p, "-");
    if (!plus && !minus && !at_signed_number(p)) {
      *out = left;
      return STOA_OK;
    }
    const stoa_place place = p->token.place;
    if (plus || minus) {
      STOA_TRY(stoa_parser_step(p));
    }
    STOA_TRY(read_product(p, &right));
    left = stoa_parser_call(p, minus ? STOA_FN_SUBTRACT : STOA_FN_ADD, place, left, right);
  }
}

enum { LONG_LIST = 16 };

// A long list whose terms can only be the same or not: it is searched instead of read.
static const stoa_term *sorted_list(stoa_parser *p, const stoa_exprs *list)
{
  if (list->n < LONG_LIST) {
    return NULL;
  }
  stoa_term *const terms = STOA_NEWS(p->arena, stoa_term, list->n);
  for (uint32_t i = 0; i < list->n; ++i) {
    terms[i] = list->items[i]->term;
    if (list->items[i]->kind != STOA_EXPR_TERM || (!stoa_term_is_iri(terms[i]) && terms[i].kind != STOA_TERM_STRING)) {
      return NULL;
    }
  }
  qsort(terms, list->n, sizeof *terms, stoa_term_order_at);
  return terms;
}

static stoa_status read_in(stoa_parser *p, stoa_function f, const stoa_expr *left, const stoa_expr **out)
{
  const stoa_place place = p->token.place;
  stoa_exprs list = {0};
  stoa_exprs all = {0};
  STOA_TRY(stoa_parser_word(p, "IN"));
  STOA_TRY(read_list(p, &list));
  STOA_PUSH(p->arena, &all, left);
  for (uint32_t i = 0; i < list.n; ++i) {
    STOA_PUSH(p->arena, &all, list.items[i]);
  }
  STOA_TRY(finish_call(p, f, place, &all, out));
  ((stoa_expr *)*out)->sorted = sorted_list(p, &list);
  return STOA_OK;
}

static stoa_status read_relation(stoa_parser *p, const stoa_expr **out)
{
  static const stoa_function ops[] = {STOA_FN_EQ, STOA_FN_NE, STOA_FN_LE, STOA_FN_GE, STOA_FN_LT, STOA_FN_GT};
  const stoa_expr *left, *right;
  STOA_TRY(read_sum(p, &left));
  for (size_t i = 0; i < sizeof ops / sizeof *ops; ++i) {
    if (stoa_parser_is_sign(p, functions[ops[i]].name)) {
      const stoa_place place = p->token.place;
      STOA_TRY(stoa_parser_step(p));
      STOA_TRY(read_sum(p, &right));
      *out = stoa_parser_call(p, ops[i], place, left, right);
      return STOA_OK;
    }
  }
  if (stoa_parser_is_word(p, "IN")) {
    return read_in(p, STOA_FN_IN, left, out);
  }
  if (stoa_parser_is_word(p, "NOT")) {
    STOA_TRY(stoa_parser_step(p));
    return read_in(p, STOA_FN_NOT_IN, left, out);
  }
  *out = left;
  return STOA_OK;
}

// && and || may be taken in any order (section 17.2), errors included: a chain of them becomes a tree no deeper than it
// must be, for the sake of databases that count depth.
const stoa_expr *stoa_parser_chain(stoa_parser *p, stoa_function f, const stoa_expr *const *parts, uint32_t n)
{
  if (n == 1) {
    return parts[0];
  }
  const uint32_t half = (n + 1) / 2;
  const stoa_expr *const left = stoa_parser_chain(p, f, parts, half);
  const stoa_expr *const right = stoa_parser_chain(p, f, parts + half, n - half);
  return stoa_parser_call(p, f, parts[half]->place, left, right);
}

static stoa_status read_chain(stoa_parser *p, stoa_function f, stoa_status (*next)(stoa_parser *, const stoa_expr **),
                              const stoa_expr **out)
{
  stoa_exprs parts = {0};
  bool more;
  do {
    const stoa_expr *part;
    STOA_TRY(next(p, &part));
    STOA_PUSH(p->arena, &parts, part);
    more = stoa_parser_is_sign(p, functions[f].name);
    if (more) {
      STOA_TRY(stoa_parser_step(p));
    }
  } while (more);
  *out = stoa_parser_chain(p, f, parts.items, parts.n);
  return STOA_OK;
}

static stoa_status read_and(stoa_parser *p, const stoa_expr **out)
{
  return read_chain(p, STOA_FN_AND, read_relation, out);
}

stoa_status stoa_parser_expression(stoa_parser *p, const stoa_expr **out)
{
  if (++p->depth > STOA_PARSER_DEEPEST) {
    return stoa_parser_refuse(p, "nesting this deep");
  }
  STOA_TRY(read_chain(p, STOA_FN_OR, read_and, out));
  p->depth--;
  return STOA_OK;
}

stoa_status stoa_parser_variable(stoa_parser *p, const stoa_expr **out)
{
  return read_primary(p, out);
}

stoa_status stoa_parser_bracketed(stoa_parser *p, const stoa_expr **out)
{
  STOA_TRY(stoa_parser_sign(p, "("));
  STOA_TRY(stoa_parser_expression(p, out));
  return stoa_parser_sign(p, ")");
}

stoa_status stoa_parser_constraint(stoa_parser *p, const stoa_expr **out)
{
  if (stoa_parser_is_sign(p, "(")) {
    return stoa_parser_bracketed(p, out);
  }
  if (p->token.kind == STOA_TOKEN_WORD || p->token.kind == STOA_TOKEN_NAME || p->token.kind == STOA_TOKEN_IRI) {
    return read_primary(p, out);
  }
  return stoa_parser_expected(p, "a condition in brackets or a function call");
}
