// Expressions.  NULL is SPARQL's error: operators take both alike, so that only what asks for NULL by name, and what
// goes on after one, is said in other words.
#include "graph/semantic/calls.h"
#include "graph/semantic/compile.h"
#include "graph/semantic/nulls.h"
#include "graph/term/equality.h"
#include <stdlib.h>

static stoa_status expression(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out);

// ---- columns

bool stoa_semantic_certain(const stoa_semantic_column *column)
{
  return !column->table->outer && (column->property.always || column->required);
}

// A variable that is bound where the table has a row.  Its own IRI is one, unless a join made it another column's too.
static const stoa_expr *is_there(stoa_semantic_builder *b, stoa_semantic_table *t)
{
  const stoa_semantic_column *const id = t->select ? NULL : t->columns.items[0];
  stoa_var var = id && !id->guarded ? id->var : t->marker;
  if (var == STOA_NO_VAR) {
    var = t->marker = stoa_semantic_var(b, stoa_arena_print(b->arena, ".%s?", t->alias));
    t->outer->inputs[1] =
      stoa_semantic_extend(b, t->outer->inputs[1], var, stoa_semantic_term_expr(b, stoa_term_boolean(true)));
  }
  return stoa_semantic_call(b, STOA_FN_BOUND, stoa_semantic_var_expr(b, var), NULL, NULL);
}

static stoa_semantic_value column_value(stoa_semantic_builder *b, stoa_semantic_column *column)
{
  stoa_semantic_value v = {.expr = stoa_semantic_var_expr(b, column->var),
                           .kinds = column->property.kinds,
                           .whole = column->property.whole,
                           .zoneless = column->property.zoneless,
                           .lasts = column->lasts,
                           .nullable = !stoa_semantic_certain(column)};
  if (column->guarded) {
    v.expr = stoa_semantic_call(b, STOA_FN_IF, is_there(b, column->table), v.expr, stoa_semantic_null_expr(b));
  }
  return v;
}

// ---- NULL

// Nothing equals NULL: where it stands as an operand, IS NULL was meant.
static stoa_status operand(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  return e->kind == STOA_SEM_NULL
           ? stoa_error_at(c->build->err, STOA_BAD_TYPE, e->place,
                           "NULL here makes all of it NULL, whatever the rest is; write IS NULL or IS NOT NULL")
           : expression(c, e, out);
}

static const stoa_expr *is_null(stoa_semantic_builder *b, const stoa_semantic_value *v)
{
  if (!v->nullable) {
    return stoa_semantic_term_expr(b, stoa_term_boolean(false));
  }
  const stoa_expr *const there =
    v->expr->kind == STOA_EXPR_VAR
      ? stoa_semantic_call(b, STOA_FN_BOUND, v->expr, NULL, NULL)
      : stoa_semantic_call(b, STOA_FN_COALESCE, stoa_semantic_call(b, STOA_FN_SAMETERM, v->expr, v->expr, NULL),
                           stoa_semantic_term_expr(b, stoa_term_boolean(false)), NULL);
  return stoa_semantic_call(b, STOA_FN_NOT, there, NULL, NULL);
}

// NULL counts as false.
static const stoa_expr *or_false(stoa_semantic_builder *b, const stoa_semantic_value *v)
{
  return v->nullable ? stoa_semantic_call(b, STOA_FN_COALESCE, v->expr,
                                          stoa_semantic_term_expr(b, stoa_term_boolean(false)), NULL)
                     : v->expr;
}

static const stoa_expr *negated_if(stoa_semantic_builder *b, const stoa_expr *e, bool negated)
{
  if (!negated) {
    return e;
  }
  if (e->kind == STOA_EXPR_TERM && e->term.kind == STOA_TERM_BOOLEAN) {
    return stoa_semantic_term_expr(b, stoa_term_boolean(!e->term.as.integer));
  }
  return e->kind == STOA_EXPR_CALL && e->function == STOA_FN_NOT ? e->args[0]
                                                                 : stoa_semantic_call(b, STOA_FN_NOT, e, NULL, NULL);
}

static stoa_status null_test(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_column *const column = e->args[0]->kind == STOA_SEM_COLUMN && !c->group ? e->args[0]->column : NULL;
  stoa_semantic_value v;
  if (column && column->guarded) { // it is NULL where its table has no row
    const stoa_expr *const none = stoa_semantic_call(b, STOA_FN_NOT, is_there(b, column->table), NULL, NULL);
    *out = stoa_semantic_truth(negated_if(b, none, e->negated), false);
    return STOA_OK;
  }
  STOA_TRY(expression(c, e->args[0], &v));
  *out = stoa_semantic_truth(negated_if(b, is_null(b, &v), e->negated), false);
  return STOA_OK;
}

static stoa_status truth_test(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_value v;
  STOA_TRY(stoa_semantic_condition(c, e->args[0], &v));
  if (e->kind == STOA_SEM_IS_FALSE) {
    v.expr = negated_if(b, v.expr, true);
  }
  *out = stoa_semantic_truth(negated_if(b, or_false(b, &v), e->negated), false);
  return STOA_OK;
}

// ---- operators

static stoa_status logic(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  const stoa_expr **const parts = STOA_NEWS(c->build->arena, const stoa_expr *, e->n_args);
  bool nullable = false;
  for (uint32_t i = 0; i < e->n_args; ++i) {
    stoa_semantic_value v;
    STOA_TRY(stoa_semantic_condition(c, e->args[i], &v));
    parts[i] = v.expr;
    nullable |= v.nullable;
  }
  const stoa_function f = e->kind == STOA_SEM_AND ? STOA_FN_AND : STOA_FN_OR;
  *out = stoa_semantic_truth(stoa_semantic_chain(c->build, f, parts, e->n_args), nullable);
  return STOA_OK;
}

static stoa_status two(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_value x, y;
  STOA_TRY(operand(c, e->args[0], &x));
  STOA_TRY(operand(c, e->args[1], &y));
  c->build->place = e->place;
  return e->kind == STOA_SEM_COMPARE ? stoa_semantic_compare(c->build, e->function, &x, &y, out)
                                     : stoa_semantic_compute(c->build, e->function, &x, &y, out);
}

static stoa_status negate(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  const stoa_semantic_value number = {.kinds = STOA_KIND_NUMBER};
  stoa_semantic_value v;
  STOA_TRY(operand(c, e->args[0], &v));
  STOA_TRY(stoa_semantic_coerce(c->build, &v, &number));
  c->build->place = e->place;
  if (!(v.kinds & STOA_KIND_NUMBER)) {
    return stoa_error_at(c->build->err, STOA_BAD_TYPE, e->place, "a number is needed behind a minus, and this is %s",
                         stoa_semantic_kind_name(&v));
  }
  *out = v;
  out->expr = stoa_semantic_call(c->build, STOA_FN_NEGATE, v.expr, NULL, NULL);
  out->constant = out->untyped = false;
  return STOA_OK;
}

// a || b || c is one call.
static stoa_status collect_texts(stoa_semantic_compiler *c, const stoa_semantic_expr *e, const stoa_expr **parts,
                                 uint32_t *n, bool *nullable)
{
  if (e->kind == STOA_SEM_JOIN_TEXT && *n < 100) {
    STOA_TRY(collect_texts(c, e->args[0], parts, n, nullable));
    return collect_texts(c, e->args[1], parts, n, nullable);
  }
  stoa_semantic_value v;
  STOA_TRY(operand(c, e, &v));
  parts[(*n)++] = stoa_semantic_as_text(c->build, &v).expr;
  *nullable |= v.nullable;
  return STOA_OK;
}

static stoa_status join_text(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  const stoa_expr **const parts = STOA_NEWS(c->build->arena, const stoa_expr *, 512);
  uint32_t n = 0;
  bool nullable = false;
  STOA_TRY(collect_texts(c, e, parts, &n, &nullable));
  c->build->place = e->place;
  *out = (stoa_semantic_value){
    .expr = stoa_semantic_calls(c->build, STOA_FN_CONCAT, parts, n), .kinds = STOA_KIND_STRING, .nullable = nullable};
  return STOA_OK;
}

// ---- IN

enum { LONG_LIST = 16 };

// A long list whose terms can only be the same or not: it is searched instead of read (stoa_expr.sorted).
static const stoa_term *sorted_list(stoa_semantic_builder *b, const stoa_expr *const *items, uint32_t n)
{
  if (n < LONG_LIST) {
    return NULL;
  }
  stoa_term *const terms = STOA_NEWS(b->arena, stoa_term, n);
  for (uint32_t i = 0; i < n; ++i) {
    terms[i] = items[i]->term;
    if (items[i]->kind != STOA_EXPR_TERM || (!stoa_term_is_iri(terms[i]) && terms[i].kind != STOA_TERM_STRING)) {
      return NULL;
    }
  }
  qsort(terms, n, sizeof *terms, stoa_term_order_at);
  return terms;
}

// Each value compared by itself; where all comparisons are of one expression they are an IN.
static stoa_status in_list(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  const uint32_t n = e->n_args - 1;
  const stoa_expr **const equal = STOA_NEWS(b->arena, const stoa_expr *, n + 1);
  const stoa_expr **const args = STOA_NEWS(b->arena, const stoa_expr *, n + 1);
  stoa_semantic_value value, one;
  bool nullable = false, same = true;
  STOA_TRY(operand(c, e->args[0], &value));
  for (uint32_t i = 0; i < n; ++i) {
    STOA_TRY(operand(c, e->args[i + 1], &one));
    b->place = e->args[i + 1]->place;
    stoa_semantic_value is;
    STOA_TRY(stoa_semantic_compare(b, STOA_FN_EQ, &value, &one, &is));
    equal[i] = is.expr;
    args[i + 1] = is.expr->args[1];
    nullable |= is.nullable;
    same = same && is.expr->function == STOA_FN_EQ && stoa_semantic_alike(b, is.expr->args[0], equal[0]->args[0]);
  }
  b->place = e->place;
  if (same) {
    args[0] = equal[0]->args[0];
    stoa_expr *const in = (stoa_expr *)stoa_semantic_calls(b, e->negated ? STOA_FN_NOT_IN : STOA_FN_IN, args, n + 1);
    in->sorted = sorted_list(b, args + 1, n);
    *out = stoa_semantic_truth(in, nullable);
    return STOA_OK;
  }
  *out = stoa_semantic_truth(negated_if(b, stoa_semantic_chain(b, STOA_FN_OR, equal, n), e->negated), nullable);
  return STOA_OK;
}

// ---- choices

typedef struct {
  stoa_semantic_value all; ///< what is known of every choice
  bool first;
} choices;

static void add_choice(choices *u, const stoa_semantic_value *v)
{
  const bool numbers = (v->kinds & STOA_KIND_NUMBER) != 0;
  u->all.whole = (u->first || u->all.whole || !(u->all.kinds & STOA_KIND_NUMBER)) && (v->whole || !numbers);
  u->all.zoneless = (u->first || u->all.zoneless) && v->zoneless;
  u->all.lasts |= v->lasts;
  u->all.kinds |= v->kinds;
  u->first = false;
}

// The values of CASE and COALESCE, constant texts among them as what the others are.
static stoa_status settle_choices(stoa_semantic_builder *b, stoa_semantic_value *values, uint32_t n, choices *u)
{
  u->first = true;
  for (uint32_t i = 0; i < n; ++i) {
    if (values[i].kinds && !values[i].untyped) {
      add_choice(u, &values[i]);
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (values[i].untyped) {
      STOA_TRY(stoa_semantic_coerce(b, &values[i], &u->all));
      add_choice(u, &values[i]);
    }
  }
  return STOA_OK;
}

// WHEN of what is NULL does not hold, while IF of an error is one.
static stoa_status choose(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  const uint32_t n = e->n_args / 2 + 1;
  const stoa_expr **const conditions = STOA_NEWS(b->arena, const stoa_expr *, n);
  stoa_semantic_value *const values = STOA_NEWS(b->arena, stoa_semantic_value, n);
  choices u = {0};
  for (uint32_t i = 0; i < n; ++i) {
    if (i + 1 < n) {
      stoa_semantic_value v;
      STOA_TRY(stoa_semantic_condition(c, e->args[2 * i], &v));
      conditions[i] = or_false(b, &v);
    }
    STOA_TRY(expression(c, e->args[i + 1 < n ? 2 * i + 1 : 2 * i], &values[i]));
  }
  STOA_TRY(settle_choices(b, values, n, &u));
  b->place = e->place;
  const stoa_expr *all = values[n - 1].expr;
  for (uint32_t i = n - 1; i-- > 0;) {
    all = stoa_semantic_call(b, STOA_FN_IF, conditions[i], values[i].expr, all);
  }
  *out = u.all;
  out->expr = all;
  for (uint32_t i = 0; i < n; ++i) {
    out->nullable |= values[i].nullable;
  }
  return STOA_OK;
}

static stoa_status coalesce(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_value *const values = STOA_NEWS(b->arena, stoa_semantic_value, e->n_args);
  const stoa_expr **const parts = STOA_NEWS(b->arena, const stoa_expr *, e->n_args);
  choices u = {0};
  for (uint32_t i = 0; i < e->n_args; ++i) {
    STOA_TRY(expression(c, e->args[i], &values[i]));
  }
  STOA_TRY(settle_choices(b, values, e->n_args, &u));
  b->place = e->place;
  *out = u.all;
  out->nullable = true;
  for (uint32_t i = 0; i < e->n_args; ++i) {
    parts[i] = values[i].expr;
    out->nullable = out->nullable && values[i].nullable;
  }
  out->expr = stoa_semantic_calls(b, STOA_FN_COALESCE, parts, e->n_args);
  return STOA_OK;
}

static stoa_status nullif(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_value x, y, same;
  STOA_TRY(operand(c, e->args[0], &x));
  STOA_TRY(operand(c, e->args[1], &y));
  b->place = e->place;
  STOA_TRY(stoa_semantic_compare(b, STOA_FN_EQ, &x, &y, &same));
  *out = x;
  out->expr = stoa_semantic_call(b, STOA_FN_IF, or_false(b, &same), stoa_semantic_null_expr(b), x.expr);
  out->nullable = true;
  out->constant = out->untyped = out->now = out->today = false;
  return STOA_OK;
}

static stoa_status call(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_value *const args = STOA_NEWS(c->build->arena, stoa_semantic_value, e->n_args + 1);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    STOA_TRY(operand(c, e->args[i], &args[i]));
  }
  c->build->place = e->place;
  return stoa_semantic_apply(c->build, e, args, out);
}

static stoa_status cast(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_value v;
  STOA_TRY(operand(c, e->args[0], &v));
  c->build->place = e->place;
  return stoa_semantic_convert(c->build, e->type, &v, out);
}

static stoa_status like(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_value v;
  STOA_TRY(operand(c, e->args[0], &v));
  c->build->place = e->place;
  STOA_TRY(stoa_semantic_like(c->build, &v, stoa_term_text(e->args[1]->term), e->any_case, out));
  out->expr = negated_if(c->build, out->expr, e->negated);
  return STOA_OK;
}

// ---- EXISTS

static stoa_status exists(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_expr *const value = e->kind == STOA_SEM_IN_SELECT ? e->args[0] : NULL;
  const bool positive = c->positive;
  const stoa_node *pattern;
  bool sure = true;
  if (c->group) {
    return stoa_error_at(
      c->build->err, STOA_UNSUPPORTED, e->place,
      "a sub-select beside aggregates is not supported in semantic SQL; write it in WHERE, or group in "
      "a sub-select of FROM");
  }
  if (value && positive && !e->negated) { // where only being true counts, a NULL is as no row
    stoa_semantic_require_item(e->select, 0);
  }
  STOA_TRY(c->matches(c, e->select, value, &pattern, &sure));
  c->build->place = e->place;
  if (!sure && (e->negated || !positive)) {
    return stoa_error_at(
      c->build->err, STOA_UNSUPPORTED, e->place,
      "IN of a sub-select with NULLs is NULL itself where it finds nothing; write %sEXISTS (SELECT 1 "
      "FROM ... WHERE ... = ...)%s",
      e->negated ? "NOT " : "", e->negated ? ", or IS NOT NULL of both sides" : "");
  }
  stoa_expr *const made = STOA_NEW(c->build->arena, stoa_expr);
  *made = (stoa_expr){.kind = STOA_EXPR_EXISTS, .place = e->place, .pattern = pattern, .negated = e->negated};
  *out = stoa_semantic_truth(made, false);
  return STOA_OK;
}

// ---- aggregates

bool stoa_semantic_aggregates(const stoa_semantic_expr *e)
{
  bool any = e->kind == STOA_SEM_AGGREGATE;
  for (uint32_t i = 0; i < e->n_args && !any; ++i) {
    any = stoa_semantic_aggregates(e->args[i]);
  }
  return any;
}

// What is added up of a row; COUNT(*) with a FILTER counts ones.
static stoa_status added(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_value condition;
  *out = (stoa_semantic_value){0};
  if (e->n_args) {
    STOA_TRY(operand(c, e->args[0], out));
  }
  if (!e->condition) {
    return STOA_OK;
  }
  STOA_TRY(stoa_semantic_condition(c, e->condition, &condition));
  b->place = e->place;
  const stoa_expr *const value = out->expr ? out->expr : stoa_semantic_term_expr(b, stoa_term_integer(1));
  out->expr = stoa_semantic_call(b, STOA_FN_IF, or_false(b, &condition), value, stoa_semantic_null_expr(b));
  out->nullable = true;
  return STOA_OK;
}

static stoa_status check_added(const stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *v)
{
  const bool adds = e->aggregate == STOA_AGG_SUM || e->aggregate == STOA_AGG_AVG;
  return !adds || v->kinds & STOA_KIND_NUMBER || v->lasts
           ? STOA_OK
           : stoa_error_at(c->build->err, STOA_BAD_TYPE, e->place, "%s is of numbers, and this is %s; CAST it",
                           stoa_aggregate_name(e->aggregate), stoa_semantic_kind_name(v));
}

static stoa_status aggregate(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_group *const group = c->group;
  stoa_semantic_value v;
  if (!group || c->within_aggregate) {
    return stoa_error_at(b->err, STOA_BAD_SYNTAX, e->place,
                         c->within_aggregate ? "an aggregate within an aggregate; group in a sub-select of FROM"
                                             : "an aggregate cannot stand here; HAVING takes conditions on groups");
  }
  c->group = NULL;
  c->within_aggregate = true;
  STOA_TRY(added(c, e, &v));
  c->within_aggregate = false;
  c->group = group;
  STOA_TRY(check_added(c, e, &v));
  const bool adds = e->aggregate == STOA_AGG_SUM || e->aggregate == STOA_AGG_AVG;
  const bool counts = e->aggregate == STOA_AGG_COUNT;
  const stoa_aggregate made = {.kind = e->aggregate,
                               .distinct = e->distinct,
                               .of_bound = !counts && (v.nullable || (adds && !group->has_keys)),
                               .expr = v.expr,
                               .out = stoa_semantic_var(b, stoa_arena_print(b->arena, ".agg%u", b->vars.n)),
                               .place = e->place};
  STOA_PUSH(b->arena, &group->aggregates, made);
  b->place = e->place;
  *out = (stoa_semantic_value){.expr = stoa_semantic_var_expr(b, made.out),
                               .kinds = counts ? STOA_KIND_NUMBER : v.kinds,
                               .whole = counts || (v.whole && e->aggregate != STOA_AGG_AVG),
                               .zoneless = v.zoneless,
                               .lasts = v.lasts && !counts,
                               .nullable = !counts && (v.nullable || !group->has_keys)};
  return STOA_OK;
}

// ---- rows that are groups

static bool has_column(const stoa_semantic_expr *e)
{
  bool any = e->kind == STOA_SEM_COLUMN;
  for (uint32_t i = 0; i < e->n_args && !any; ++i) {
    any = has_column(e->args[i]);
  }
  return any;
}

static bool has_select(const stoa_semantic_expr *e)
{
  bool any = e->select != NULL;
  for (uint32_t i = 0; i < e->n_args && !any; ++i) {
    any = has_select(e->args[i]);
  }
  return any;
}

static void take_key(stoa_semantic_compiler *c, const stoa_semantic_expr *e, uint32_t key, stoa_semantic_value *out)
{
  *out = c->group->keys.items[key];
  c->build->place = e->place;
  out->expr = stoa_semantic_var_expr(c->build, c->group->vars.items[key]);
}

// True for an expression that is a key, by itself or by what it says: it is read from the group.
static stoa_status find_key(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out,
                            bool *found)
{
  stoa_semantic_group *const group = c->group;
  stoa_semantic_builder *const b = c->build;
  const uint32_t n_arithmetic = b->n_arithmetic;
  *found = false;
  for (uint32_t i = 0; i < group->keys.n && !*found; ++i) {
    *found = group->exprs.items[i] == e;
    if (*found) {
      take_key(c, e, i, out);
      return STOA_OK;
    }
  }
  if (!has_column(e) || stoa_semantic_aggregates(e) || has_select(e)) {
    return STOA_OK;
  }
  c->group = NULL;
  const stoa_status status = expression(c, e, out);
  c->group = group;
  STOA_TRY(status);
  for (uint32_t i = 0; i < group->keys.n && !*found; ++i) {
    if (stoa_semantic_alike(b, group->keys.items[i].expr, out->expr)) {
      take_key(c, e, i, out);
      *found = true;
    }
  }
  b->n_arithmetic = *found ? b->n_arithmetic : n_arithmetic; // what was made is forgotten
  return STOA_OK;
}

static stoa_status refuse_column(const stoa_semantic_compiler *c, const stoa_semantic_expr *e)
{
  const char *const alias = e->column->table->alias, *const name = e->column->name;
  return stoa_error_at(c->build->err, STOA_BAD_SYNTAX, e->place,
                       "%s.%s stands outside GROUP BY; add it there, or put it into an aggregate such as MIN(%s.%s)",
                       alias, name, alias, name);
}

static stoa_status dispatch(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  stoa_semantic_builder *const b = c->build;
  switch (e->kind) {
    case STOA_SEM_COLUMN:
      if (c->group) {
        return refuse_column(c, e);
      }
      *out = column_value(b, e->column);
      return STOA_OK;
    case STOA_SEM_TERM:
      *out = stoa_semantic_constant(b, e->term, e->untyped);
      return STOA_OK;
    case STOA_SEM_NULL:
      *out = (stoa_semantic_value){.expr = stoa_semantic_null_expr(b), .nullable = true};
      return STOA_OK;
    case STOA_SEM_NOW:
      *out = stoa_semantic_now_value(b, 0);
      return STOA_OK;
    case STOA_SEM_TODAY:
      *out = stoa_semantic_today_value(b, 0);
      return STOA_OK;
    case STOA_SEM_AND:
    case STOA_SEM_OR:
      return logic(c, e, out);
    case STOA_SEM_NOT:
      STOA_TRY(stoa_semantic_condition(c, e->args[0], out));
      out->expr = negated_if(b, out->expr, true);
      return STOA_OK;
    case STOA_SEM_COMPARE:
    case STOA_SEM_COMPUTE:
      return two(c, e, out);
    case STOA_SEM_NEGATE:
      return negate(c, e, out);
    case STOA_SEM_JOIN_TEXT:
      return join_text(c, e, out);
    case STOA_SEM_IN:
      return in_list(c, e, out);
    case STOA_SEM_LIKE:
      return like(c, e, out);
    case STOA_SEM_IS_NULL:
      return null_test(c, e, out);
    case STOA_SEM_IS_TRUE:
    case STOA_SEM_IS_FALSE:
      return truth_test(c, e, out);
    case STOA_SEM_CASE:
      return choose(c, e, out);
    case STOA_SEM_COALESCE:
      return coalesce(c, e, out);
    case STOA_SEM_NULLIF:
      return nullif(c, e, out);
    case STOA_SEM_CAST:
      return cast(c, e, out);
    case STOA_SEM_CALL:
      return call(c, e, out);
    case STOA_SEM_AGGREGATE:
      return aggregate(c, e, out);
    case STOA_SEM_EXISTS:
    case STOA_SEM_IN_SELECT:
      return exists(c, e, out);
  }
  return STOA_OK;
}

static stoa_status expression(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  const bool positive = c->positive;
  const bool keeps = e->kind == STOA_SEM_AND || e->kind == STOA_SEM_OR || e->kind == STOA_SEM_IN_SELECT;
  bool found = false;
  if (c->group) {
    STOA_TRY(find_key(c, e, out, &found));
    if (found) {
      return STOA_OK;
    }
  }
  c->positive = positive && keeps;
  c->build->place = e->place;
  *out = (stoa_semantic_value){0};
  const stoa_status status = dispatch(c, e, out);
  c->positive = positive;
  return status;
}

stoa_status stoa_semantic_expression(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  STOA_TRY(expression(c, e, out));
  return stoa_semantic_size(c->build);
}

stoa_status stoa_semantic_condition(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out)
{
  const stoa_semantic_value truth = {.kinds = STOA_KIND_BOOLEAN};
  STOA_TRY(expression(c, e, out));
  STOA_TRY(stoa_semantic_coerce(c->build, out, &truth));
  if (out->kinds && !(out->kinds & STOA_KIND_BOOLEAN)) {
    return stoa_error_at(c->build->err, STOA_BAD_TYPE, e->place, "a condition is needed, and this is %s%s",
                         stoa_semantic_kind_name(out),
                         stoa_semantic_all(out, STOA_KIND_NUMBER)                 ? "; compare it, as in x = 1"
                         : stoa_semantic_all(out, STOA_SEM_IRIS | STOA_SEM_TEXTS) ? "; compare it"
                                                                                  : "");
  }
  // A value that may be no truth value is an error where it is none.
  out->nullable |= !stoa_semantic_all(out, STOA_KIND_BOOLEAN);
  return STOA_OK;
}
