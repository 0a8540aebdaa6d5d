// What a FILTER says about the values that a native graph is asked for: such an object is sought by value.  The
// FILTER stays where it is, so a range may be too wide.
#include "graph/plan/quads.h"
#include "graph/plan/shape.h"

static stoa_plan_range *range_of(stoa_planner *p, stoa_plan_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->quads.n_ranges; ++i) {
    if (node->quads.ranges[i].var == var) {
      return &node->quads.ranges[i];
    }
  }
  stoa_plan_range *const ranges = STOA_NEWS(p->arena, stoa_plan_range, node->quads.n_ranges + 1);
  if (node->quads.n_ranges) {
    memcpy(ranges, node->quads.ranges, node->quads.n_ranges * sizeof *ranges);
  }
  node->quads.ranges = ranges;
  ranges[node->quads.n_ranges] = (stoa_plan_range){.var = var};
  return &ranges[node->quads.n_ranges++];
}

static stoa_function mirrored(stoa_function f)
{
  switch (f) {
    case STOA_FN_LT:
      return STOA_FN_GT;
    case STOA_FN_GT:
      return STOA_FN_LT;
    case STOA_FN_LE:
      return STOA_FN_GE;
    case STOA_FN_GE:
      return STOA_FN_LE;
    default:
      return f;
  }
}

// Only values that are ordered as their terms are: numbers and times.
static bool has_order(stoa_term t)
{
  return t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_DECIMAL || t.kind == STOA_TERM_DOUBLE ||
         t.kind == STOA_TERM_DATE || t.kind == STOA_TERM_DATETIME;
}

static bool is_comparison(const stoa_expr *e, stoa_var *var, stoa_function *f, const stoa_expr **bound)
{
  if (!e || e->kind != STOA_EXPR_CALL || e->n_args != 2) {
    return false;
  }
  const bool right = e->args[0]->kind == STOA_EXPR_VAR;
  const stoa_expr *const variable = e->args[right ? 0 : 1], *const constant = e->args[right ? 1 : 0];
  if (variable->kind != STOA_EXPR_VAR || constant->kind != STOA_EXPR_TERM || !has_order(constant->term)) {
    return false;
  }
  *var = variable->var;
  *bound = constant;
  *f = right ? e->function : mirrored(e->function);
  return *f == STOA_FN_EQ || *f == STOA_FN_LT || *f == STOA_FN_LE || *f == STOA_FN_GT || *f == STOA_FN_GE;
}

const stoa_plan_node *stoa_quads_ranged(stoa_planner *p, const stoa_conjuncts *filters, const stoa_plan_node *of)
{
  if (of->kind != STOA_PLAN_QUADS || of->quads.how != STOA_QUADS_JOIN) {
    return of;
  }
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  *node = *of;
  for (uint32_t i = 0; i < filters->n; ++i) {
    stoa_var var;
    stoa_function f;
    const stoa_expr *bound;
    if (is_comparison(filters->items[i], &var, &f, &bound) && stoa_plan_column(node, var) >= 0) {
      stoa_plan_range *const range = range_of(p, node, var);
      stoa_shape_fix(p->rels.shape, bound->constant);
      if (f != STOA_FN_LT && f != STOA_FN_LE) {
        range->least = stoa_term_is_bound(range->least) ? range->least : bound->term;
      }
      if (f != STOA_FN_GT && f != STOA_FN_GE) {
        range->most = stoa_term_is_bound(range->most) ? range->most : bound->term;
      }
    }
  }
  return node;
}
