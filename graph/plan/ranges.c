// What a FILTER says about the values and texts that a native graph is asked for: such an object is sought by value, and a
// term by how it begins.  The FILTER stays where it is, so a range may be too wide.
#include "graph/plan/quads.h"
#include "graph/plan/shape.h"
#include "graph/term/arithmetic.h"
#include "graph/term/number.h"
#include "graph/term/xregex.h"

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

// Only values that are ordered as their terms are: numbers and times.
static bool has_order(stoa_term t)
{
  return t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_DECIMAL || t.kind == STOA_TERM_DOUBLE ||
         t.kind == STOA_TERM_DATE || t.kind == STOA_TERM_DATETIME;
}

static char operator_of(stoa_function f)
{
  return f == STOA_FN_ADD ? '+' : f == STOA_FN_SUBTRACT ? '-' : f == STOA_FN_MULTIPLY ? '*' : f == STOA_FN_DIVIDE ? '/' : 0;
}

// A string that is cast has the value of the literal that is written so; where it is none, there is no bound.
static stoa_term cast(stoa_term datatype, stoa_term of, stoa_arena *arena)
{
  const bool is_string = of.kind == STOA_TERM_STRING;
  return is_string ? stoa_term_literal(arena, stoa_term_lexical(of, arena), stoa_term_lexical(datatype, arena))
                   : (stoa_term){0};
}

// What an expression without variables comes to, as the executor would find it: numbers and times under arithmetic, and
// strings that are cast.  Unbound: it is no such expression, or an error.
static stoa_term value_of(const stoa_expr *e, stoa_arena *arena)
{
  const stoa_term none = {0};
  if (e->kind == STOA_EXPR_TERM) {
    return e->term;
  }
  if (e->kind != STOA_EXPR_CALL || e->n_args == 0 || e->n_args > 2) {
    return none;
  }
  const stoa_term a = value_of(e->args[0], arena), b = e->n_args == 2 ? value_of(e->args[1], arena) : none;
  const char op = operator_of(e->function);
  stoa_number n;
  if (op && e->n_args == 2) {
    return stoa_term_is_bound(a) && stoa_term_is_bound(b) ? stoa_term_arithmetic(op, a, b, arena) : none;
  }
  if (e->function == STOA_FN_CAST) {
    return cast(e->term, a, arena);
  }
  if (e->function == STOA_FN_NEGATE && stoa_number_of(a, &n)) {
    stoa_number_negate(&n, arena, &n);
    return stoa_number_term(&n, arena);
  }
  return none;
}

// The answer reads all of the constants.
static void fix_constants(stoa_planner *p, const stoa_expr *e)
{
  if (e->kind == STOA_EXPR_TERM) {
    stoa_shape_fix(p->rels.shape, e->constant);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    fix_constants(p, e->args[i]);
  }
}

static bool is_comparison(stoa_planner *p, const stoa_expr *e, stoa_var *var, stoa_function *f, stoa_term *bound,
                          const stoa_expr **arg)
{
  if (!e || e->kind != STOA_EXPR_CALL || e->n_args != 2) {
    return false;
  }
  const bool right = e->args[0]->kind == STOA_EXPR_VAR;
  const stoa_expr *const variable = e->args[right ? 0 : 1], *const constant = e->args[right ? 1 : 0];
  if (variable->kind != STOA_EXPR_VAR) {
    return false;
  }
  *bound = value_of(constant, p->arena);
  *arg = constant;
  if (!has_order(*bound)) {
    return false;
  }
  *var = variable->var;
  *f = right ? e->function : stoa_function_mirrored(e->function);
  return *f == STOA_FN_EQ || *f == STOA_FN_LT || *f == STOA_FN_LE || *f == STOA_FN_GT || *f == STOA_FN_GE;
}

// A constant text, or none.
static stoa_slice constant_text(stoa_planner *p, const stoa_expr *e)
{
  const bool is_text = e->kind == STOA_EXPR_TERM && (e->term.kind == STOA_TERM_STRING || e->term.kind == STOA_TERM_LANG);
  return is_text ? stoa_term_lexical(e->term, p->arena) : (stoa_slice){0};
}

static stoa_slice pattern_prefix(stoa_planner *p, const stoa_expr *e)
{
  stoa_buf text = {0};
  stoa_xregex_flags flags = {0};
  const bool known = e->n_args == 2 || (e->args[2]->kind == STOA_EXPR_TERM && e->args[2]->term.kind == STOA_TERM_STRING &&
                                        stoa_xregex_flags_read(stoa_term_text(e->args[2]->term), &flags));
  const bool has = known && stoa_xregex_prefix(constant_text(p, e->args[1]), &flags, &text);
  const stoa_slice out = has ? stoa_arena_slice(p->arena, (stoa_slice){text.data, text.length}) : (stoa_slice){0};
  stoa_buf_done(&text);
  return out;
}

// STRSTARTS of a variable or its STR, or a REGEX that begins with characters that stand for themselves.
static bool is_prefix(stoa_planner *p, const stoa_expr *e, stoa_plan_range *out)
{
  if (!e || e->kind != STOA_EXPR_CALL || (e->function != STOA_FN_STRSTARTS && e->function != STOA_FN_REGEX)) {
    return false;
  }
  const stoa_expr *of = e->args[0];
  out->of_str = of->kind == STOA_EXPR_CALL && of->function == STOA_FN_STR;
  of = out->of_str ? of->args[0] : of;
  out->prefix = e->function == STOA_FN_REGEX ? pattern_prefix(p, e) : constant_text(p, e->args[1]);
  out->var = of->var;
  return of->kind == STOA_EXPR_VAR && out->prefix.length;
}

// A row that a condition above leaves out may as well not come from below: so the bounds go down through unions, and
// through OPTIONALs to the rows on their left.
static const stoa_plan_node *ranged_below(stoa_planner *p, const stoa_conjuncts *filters, const stoa_plan_node *of)
{
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  *node = *of;
  for (int i = 0; i < (of->kind == STOA_PLAN_UNION ? 2 : 1); ++i) {
    node->inputs[i] = stoa_quads_ranged(p, filters, of->inputs[i]);
  }
  return node;
}

const stoa_plan_node *stoa_quads_ranged(stoa_planner *p, const stoa_conjuncts *filters, const stoa_plan_node *of)
{
  if (filters->n && (of->kind == STOA_PLAN_UNION ||
                     (of->kind == STOA_PLAN_QUADS && of->quads.how == STOA_QUADS_LEFT && of->inputs[0]))) {
    return ranged_below(p, filters, of);
  }
  if (of->kind != STOA_PLAN_QUADS || of->quads.how != STOA_QUADS_JOIN) {
    return of;
  }
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  *node = *of;
  for (uint32_t i = 0; i < filters->n; ++i) {
    stoa_var var;
    stoa_function f;
    stoa_term bound;
    const stoa_expr *constant;
    stoa_plan_range text = {0};
    if (is_prefix(p, filters->items[i], &text) && stoa_plan_column(node, text.var) >= 0) {
      fix_constants(p, filters->items[i]);
      stoa_plan_range *const range = range_of(p, node, text.var);
      if (text.prefix.length > range->prefix.length) { // the longer one leaves fewer
        range->prefix = text.prefix;
        range->of_str = text.of_str;
      }
    } else if (is_comparison(p, filters->items[i], &var, &f, &bound, &constant) && stoa_plan_column(node, var) >= 0) {
      fix_constants(p, constant);
      stoa_plan_range *const range = range_of(p, node, var);
      if (f != STOA_FN_LT && f != STOA_FN_LE) {
        range->least = stoa_term_is_bound(range->least) ? range->least : bound;
      }
      if (f != STOA_FN_GT && f != STOA_FN_GE) {
        range->most = stoa_term_is_bound(range->most) ? range->most : bound;
      }
    }
  }
  return node;
}
