// Conditions in SQL (rules 21, 25, 28 and 30).
//
// A FILTER keeps the rows for which its expression is true, and drops those for which it is false or an error
// (SPARQL 1.1, section 17.2).  WHERE does the same with false and NULL, and AND, OR and NOT treat SQL's NULL as SPARQL
// treats errors. So a condition may be said in SQL when each comparison in it can (rel_compare.c).  What cannot is left
// to the executor, as a whole condition: half of one could drop a row too many.
#include "graph/plan/rel.h"

// A variable is bound when all the columns of its term, and the guard, are there.
const stoa_sx *stoa_sx_bound(stoa_rels *r, const stoa_binding *b)
{
  if (!b->nullable) {
    return stoa_sx_call(r, STOA_OP_TRUE, NULL, NULL);
  }
  const stoa_sx *all = b->guard ? stoa_sx_call(r, STOA_OP_IS_NOT_NULL, b->guard, NULL) : NULL;
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sx *const one = stoa_sx_call(r, STOA_OP_IS_NOT_NULL, b->columns[k], NULL);
    all = all ? stoa_sx_call(r, STOA_OP_AND, all, one) : one;
  }
  return all;
}

// The variable may have been replaced by a row's term, in an EXISTS that is asked row by row.
static const stoa_sx *bound(stoa_rels *r, const stoa_block *block, const stoa_expr *of)
{
  if (of->kind == STOA_EXPR_TERM) {
    return stoa_sx_call(r, STOA_OP_TRUE, NULL, NULL);
  }
  const stoa_binding *const b = of->kind == STOA_EXPR_VAR ? stoa_block_find(block, of->var) : NULL;
  return b ? stoa_sx_bound(r, b) : stoa_sx_call(r, STOA_OP_FALSE, NULL, NULL);
}

// OR of many as a tree of small depth, for parsers bound it.
static const stoa_sx *any_of(stoa_rels *r, const stoa_sx *const *conditions, uint32_t n)
{
  if (n == 1) {
    return conditions[0];
  }
  const uint32_t half = (n + 1) / 2;
  return stoa_sx_call(r, STOA_OP_OR, any_of(r, conditions, half), any_of(r, conditions + half, n - half));
}

// Can both stand in one list of IN?  Values of different types would be made one type, and might be rounded.
static bool same_list(const stoa_sx *a, const stoa_sx *b)
{
  if (!stoa_sx_is_equation(a) || !stoa_sx_is_equation(b)) {
    return false;
  }
  const stoa_sx *const x = a->args[1], *const y = b->args[1];
  return x->kind == STOA_SX_PARAM && y->kind == STOA_SX_PARAM && x->param.kind == STOA_PARAM_VALUE &&
         y->param.kind == STOA_PARAM_VALUE && x->param.value.kind == y->param.value.kind &&
         x->param.type == y->param.type && stoa_sx_same(a->args[0], b->args[0]);
}

// Rule 28: from `at` on, the equations of one column and values of one type are one list; they are taken out.  IN
// compares texts as "=" does, which a database may do by a collation.
static const stoa_sx *gathered(stoa_rels *r, const stoa_sx **equations, uint32_t at, uint32_t n)
{
  const stoa_sx *const first = equations[at];
  if (stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect) && stoa_sx_is_equation(first) && first->args[0]->info &&
      first->args[0]->info->type == STOA_SQL_TEXT) {
    return first;
  }
  stoa_sx_list values = {0};
  for (uint32_t i = at; i < n; ++i) {
    if (equations[i] && same_list(first, equations[i])) {
      STOA_PUSH(r->arena, &values, equations[i]->args[1]);
      equations[i] = NULL;
    }
  }
  return values.n < 2
           ? first
           : stoa_sx_call(r, STOA_OP_IN, first->args[0], stoa_sx_call_of(r, STOA_OP_LIST, values.items, values.n));
}

// One list for each column and type of values.  What is certainly false adds nothing to an OR and is left out.
const stoa_sx *stoa_sx_any(stoa_rels *r, const stoa_sx **all, uint32_t n)
{
  uint32_t n_parts = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_sx *const part = all[i] ? gathered(r, all, i, n) : NULL;
    if (part && !stoa_sx_is(part, STOA_OP_FALSE)) {
      all[n_parts++] = part;
    }
  }
  return n_parts ? any_of(r, all, n_parts) : stoa_sx_call(r, STOA_OP_FALSE, NULL, NULL);
}

// More terms than these are one parameter, or the executor searches them: databases bound the parameters of a
// statement.
enum { MOST_LISTED = STOA_MOST_CONSTANTS };

// A long list of IN as one parameter: ?x IN (...) is true when one of the terms is ?x, which sameTerm decides for IRIs
// and plain texts.
static stoa_said among(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_binding *const b = e->args[0]->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->args[0]->var) : NULL;
  const stoa_sx *text;
  if (!e->sorted || !b || stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect)) {
    return STOA_CANNOT_SAY;
  }
  const bool plain_text = b->ctor->kind == STOA_CTOR_COLUMN && stoa_ctor_kinds(b->ctor) == STOA_KIND_STRING &&
                          stoa_sx_text(r, block, e->args[0], &text) == STOA_SAID;
  if ((b->ctor->makes != STOA_TERM_IRI && !plain_text) ||
      stoa_sx_among(r, b, e->sorted, e->n_args - 1, out) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 1; i < e->n_args; ++i) {
    stoa_shape_fix(r->shape, e->args[i]->constant);
  }
  return STOA_SAID;
}

// Each term of the list compared.
static stoa_said in_short_list(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const uint32_t n = e->n_args - 1;
  const stoa_sx **const all = STOA_NEWS(r->arena, const stoa_sx *, n + 1);
  stoa_said said = n ? STOA_SAID : STOA_CANNOT_SAY;
  for (uint32_t i = 0; i < n && said == STOA_SAID; ++i) {
    said = stoa_sx_compare(r, block, STOA_FN_EQ, e->args[0], e->args[i + 1], &all[i]);
  }
  if (said == STOA_SAID) {
    *out = stoa_sx_any(r, all, n);
  }
  return said;
}

// ?x IN (a, b) is ?x = a || ?x = b (section 17.4.1.9), NOT IN its denial.
static stoa_said in_list(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *any;
  const stoa_said said = e->n_args - 1 > MOST_LISTED ? among(r, block, e, &any) : in_short_list(r, block, e, &any);
  if (said == STOA_SAID) {
    *out = e->function == STOA_FN_NOT_IN ? stoa_sx_call(r, STOA_OP_NOT, any, NULL) : any;
  }
  return said;
}

// Rule 30: STRSTARTS, STRENDS and CONTAINS of a text column and a constant without a language, which may be part of a
// text of any language (section 17.4.3.1.2).
static stoa_said has_part(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sql_op op,
                          const stoa_sx **out)
{
  const stoa_expr *const part = e->args[1];
  const stoa_sx *x, *y;
  if (!stoa_sql_op_said(op, r->dialect) || part->kind != STOA_EXPR_TERM || part->term.kind != STOA_TERM_STRING ||
      stoa_term_text(part->term).length == 0 || stoa_sx_text(r, block, e->args[0], &x) == STOA_CANNOT_SAY ||
      stoa_sx_text(r, block, part, &y) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_call(r, op, x, y);
  return STOA_SAID;
}

static stoa_said condition_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out);

// The sides of ||, however they are nested.
static stoa_said add_alternatives(stoa_rels *r, const stoa_block *block, const stoa_expr *e, stoa_sx_list *out)
{
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_OR) {
    const stoa_said left = add_alternatives(r, block, e->args[0], out);
    return left == STOA_CANNOT_SAY ? left : add_alternatives(r, block, e->args[1], out);
  }
  const stoa_sx *one;
  const stoa_said said = condition_of(r, block, e, &one);
  if (said == STOA_SAID) {
    STOA_PUSH(r->arena, out, one);
  }
  return said;
}

static stoa_said one_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  stoa_sx_list all = {0};
  const stoa_said said = add_alternatives(r, block, e, &all);
  if (said == STOA_SAID) {
    *out = stoa_sx_any(r, all.items, all.n);
  }
  return said;
}

static stoa_said both(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *a, *b;
  if (condition_of(r, block, e->args[0], &a) == STOA_CANNOT_SAY ||
      condition_of(r, block, e->args[1], &b) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_call(r, STOA_OP_AND, a, b);
  return STOA_SAID;
}

static stoa_said denial_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_expr *const inner = e->args[0];
  if (inner->kind == STOA_EXPR_CALL && inner->function == STOA_FN_NOT) {
    return condition_of(r, block, inner->args[0], out);
  }
  const stoa_sx *denied;
  const stoa_said said = condition_of(r, block, inner, &denied);
  if (said == STOA_SAID) {
    *out = stoa_sx_call(r, STOA_OP_NOT, denied, NULL);
  }
  return said;
}

// A condition in SQL's own words.
static stoa_said own_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  if (e->kind != STOA_EXPR_CALL) {
    return STOA_CANNOT_SAY;
  }
  switch (e->function) {
    case STOA_FN_AND:
      return both(r, block, e, out);
    case STOA_FN_OR:
      return one_of(r, block, e, out);
    case STOA_FN_NOT:
      return denial_of(r, block, e, out);
    case STOA_FN_EQ:
    case STOA_FN_NE:
    case STOA_FN_LT:
    case STOA_FN_GT:
    case STOA_FN_LE:
    case STOA_FN_GE:
      return stoa_sx_compare(r, block, e->function, e->args[0], e->args[1], out);
    case STOA_FN_IN:
    case STOA_FN_NOT_IN:
      return in_list(r, block, e, out);
    case STOA_FN_BOUND:
      *out = bound(r, block, e->args[0]);
      return STOA_SAID;
    case STOA_FN_STRSTARTS:
      return has_part(r, block, e, STOA_OP_STARTS, out);
    case STOA_FN_STRENDS:
      return has_part(r, block, e, STOA_OP_ENDS, out);
    case STOA_FN_CONTAINS:
      return has_part(r, block, e, STOA_OP_CONTAINS, out);
    default:
      return STOA_CANNOT_SAY;
  }
}

static stoa_said condition_of(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *own;
  if (own_condition(r, block, e, &own) == STOA_CANNOT_SAY || stoa_sx_deeper(own, STOA_SX_DEEPEST)) {
    return stoa_hosted_truth(r, block, e, out);
  }
  *out = own;
  return STOA_SAID;
}

stoa_said stoa_sx_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *condition;
  if (condition_of(r, block, e, &condition) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = condition;
  return stoa_sx_is(condition, STOA_OP_FALSE)  ? STOA_SAID_NEVER
         : stoa_sx_is(condition, STOA_OP_TRUE) ? STOA_SAID_UNCHANGED
                                               : STOA_SAID;
}

// ---- filters

// The block with one more condition in WHERE, and with what lets an index find the rows.
static stoa_block *with_condition(stoa_rels *r, const stoa_block *a, const stoa_expr *e, const stoa_sx *condition)
{
  stoa_sx_list near = {0};
  stoa_block *const block = stoa_block_copy(r, a);
  stoa_sx_near(r, a, e, &near);
  for (uint32_t i = 0; i < near.n; ++i) {
    stoa_block_add(r, &block->where, near.items[i]);
  }
  stoa_block_add(r, &block->where, condition);
  return block;
}

// A condition on the terms of a row may be asked below DISTINCT, for equal rows meet it alike; not below a group or a
// slice, whose rows depend on others.
bool stoa_block_takes_conditions(const stoa_block *block)
{
  return !block->closed || (block->distinct && !block->grouped && block->limit == UINT64_MAX && !block->offset);
}

static bool all_take_conditions(const stoa_rel *a)
{
  bool all = !a->set;
  for (uint32_t i = 0; i < a->blocks.n && all; ++i) {
    all = stoa_block_takes_conditions(a->blocks.items[i]);
  }
  return all;
}

// Rule 25: a union is filtered block by block, each in the words of its own columns; a block for which the condition is
// false whatever its rows is left out.
stoa_said stoa_rel_filter(stoa_rels *r, const stoa_rel *a, const stoa_expr *expr, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  const stoa_rel *x = a;
  if (!all_take_conditions(a) && stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    const stoa_block *const block = x->blocks.items[i];
    const stoa_sx *condition;
    const stoa_said said = stoa_sx_condition(r, block, expr, &condition);
    if (said == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    if (said != STOA_SAID_NEVER) {
      STOA_PUSH(r->arena, &rel->blocks, with_condition(r, block, expr, condition));
    }
  }
  return stoa_rel_said(rel, out);
}
