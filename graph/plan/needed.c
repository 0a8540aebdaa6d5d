// Rule 22: a statement gives the columns that something above it reads, and no others.
//
// The finished plan is walked from the top with the set of variables that are needed.  Each operator adds what it reads
// itself (a join its shared variables, FILTER those of its expression) and hands the set on to its inputs.  It is right
// because a column that nobody reads changes no other column and no number of rows; operators that compare whole rows
// (DISTINCT, COUNT(DISTINCT *)) therefore ask for all of them.  Scans of a
// native graph give rows with weights where their number is all that counts.
#include "graph/plan/needed.h"
#include "graph/plan/quads.h"
#include "graph/plan/statement.h"
#include "graph/plan/tails.h"

typedef struct {
  stoa_planner *p;
  uint32_t n_vars; ///< the query's and the planner's own
} narrower;

static bool *set_new(const narrower *w)
{
  return STOA_NEWS(w->p->arena, bool, w->n_vars + 1);
}

static void add_var(stoa_var var, void *data)
{
  ((bool *)data)[var] = true;
}

static bool has_exists(const stoa_expr *e)
{
  bool found = e->kind == STOA_EXPR_EXISTS;
  for (uint32_t i = 0; i < e->n_args; ++i) {
    found |= has_exists(e->args[i]);
  }
  return found;
}

// All columns of a node are needed.
static void add_all(const stoa_plan_node *node, bool *set)
{
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    set[node->vars[i]] = true;
  }
}

// EXISTS puts the row's terms into a pattern: any of them may count.
static void add_expr(const stoa_plan_node *node, const stoa_expr *e, bool *set)
{
  if (e && has_exists(e)) {
    for (int i = 0; i < 2 && node->inputs[i]; ++i) {
      add_all(node->inputs[i], set);
    }
  } else if (e) {
    stoa_expr_vars(e, add_var, set);
  }
}

// A join compares the variables that both of its sides have.
static void add_shared(const stoa_plan_node *node, bool *set)
{
  for (uint32_t i = 0; i < node->inputs[0]->n_vars; ++i) {
    const stoa_var var = node->inputs[0]->vars[i];
    if (stoa_plan_column(node->inputs[1], var) >= 0) {
      set[var] = true;
    }
  }
}

// What the node itself reads, besides what is needed of it.  False: all that its inputs give.
static bool add_own(const stoa_plan_node *node, bool *set)
{
  switch (node->kind) {
    case STOA_PLAN_FILTER:
    case STOA_PLAN_EXTEND:
      add_expr(node, node->expr, set);
      return true;
    case STOA_PLAN_JOIN:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_SEMI_JOIN:
    case STOA_PLAN_MINUS:
      add_shared(node, set);
      add_expr(node, node->expr, set);
      return node->kind != STOA_PLAN_MINUS || node->node->graph.var == STOA_NO_VAR;
    case STOA_PLAN_GROUP:
      for (uint32_t i = 0; i < node->node->n_vars; ++i) {
        set[node->node->vars[i]] = true;
      }
      for (uint32_t i = 0; i < node->node->n_aggregates; ++i) {
        const stoa_aggregate *const a = &node->node->aggregates[i];
        if (!a->expr && a->distinct) {
          return false;
        }
        add_expr(node, a->expr, set);
      }
      return true;
    case STOA_PLAN_ORDER:
      for (uint32_t i = 0; i < node->node->n_orders; ++i) {
        add_expr(node, node->node->orders[i].expr, set);
      }
      return true;
    case STOA_PLAN_UNION:
    case STOA_PLAN_SLICE:
    case STOA_PLAN_PROJECT:
      return true;
    default:
      return false;
  }
}

static const stoa_plan_node *narrowed(const narrower *w, const stoa_plan_node *node, const bool *needed, bool weighs);

// A statement is printed again for the columns that are left, and so is the one for given keys, which must keep their
// variable; where either cannot be said, both stay.
static const stoa_plan_node *narrowed_sql(const narrower *w, const stoa_plan_node *node, const bool *needed)
{
  stoa_var *const vars = STOA_NEWS(w->p->arena, stoa_var, node->n_vars + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (needed[node->vars[i]] || (node->sql.bound && node->vars[i] == node->sql.bound_var)) {
      vars[n++] = node->vars[i];
    }
  }
  const stoa_rel *rel, *bound = NULL;
  if (n == node->n_vars || stoa_rel_project(&w->p->rels, node->sql.rel, vars, n, &rel) == STOA_CANNOT_SAY ||
      (node->sql.bound &&
       stoa_rel_project(&w->p->rels, node->sql.bound->sql.rel, vars, n, &bound) == STOA_CANNOT_SAY)) {
    return node;
  }
  const stoa_plan_node *const narrow = stoa_plan_statement(w->p, rel);
  if (narrow->kind != STOA_PLAN_SQL) {
    return node;
  }
  stoa_plan_node *const copy = STOA_NEW(w->p->arena, stoa_plan_node);
  *copy = *narrow;
  copy->sql.bound = bound ? stoa_plan_statement(w->p, bound) : NULL;
  copy->sql.bound_var = node->sql.bound_var;
  return copy;
}

// The node's own columns: those that are needed of it, and what it reads of the joined row.
static void keep_vars(const narrower *w, stoa_plan_node *node, const bool *set)
{
  stoa_var *const vars = STOA_NEWS(w->p->arena, stoa_var, node->n_vars + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (set[node->vars[i]]) {
      vars[n++] = node->vars[i];
    }
  }
  node->vars = vars;
  node->n_vars = n;
}

// Operators that hand their input's columns on by place have just these; joins and unions choose by name.
static void set_vars(const narrower *w, stoa_plan_node *node, const bool *set)
{
  const stoa_plan_node *const input = node->inputs[0];
  switch (node->kind) {
    case STOA_PLAN_FILTER:
    case STOA_PLAN_ORDER:
    case STOA_PLAN_SLICE:
    case STOA_PLAN_DISTINCT:
      node->vars = input->vars;
      node->n_vars = input->n_vars;
      break;
    case STOA_PLAN_EXTEND: {
      stoa_var *const vars = STOA_NEWS(w->p->arena, stoa_var, input->n_vars + 1);
      if (input->n_vars) {
        memcpy(vars, input->vars, input->n_vars * sizeof *vars);
      }
      vars[input->n_vars] = node->node->var;
      node->vars = vars;
      node->n_vars = input->n_vars + 1;
      break;
    }
    case STOA_PLAN_JOIN:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_SEMI_JOIN:
    case STOA_PLAN_MINUS:
    case STOA_PLAN_UNION:
      keep_vars(w, node, set);
      break;
    default:
      break;
  }
}

// ---- rows with weights
//
// Who counts rows, adds up values or makes a set does not ask which of equal rows is which: a native graph may give each
// once, and say how often (stoa_batch.weights).  What stands between, a condition or a value made of the row, is the
// same for all of them, unless it is another at each call.

// Does the aggregate come to the same for a row that is given once with its number?
static bool takes_weight(const stoa_aggregate *a)
{
  return a->kind != STOA_AGG_GROUP_CONCAT && !(a->expr && stoa_expr_is_volatile(a->expr));
}

static bool group_takes_weights(const stoa_node *group)
{
  bool takes = true;
  for (uint32_t i = 0; i < group->n_aggregates && takes; ++i) {
    takes = takes_weight(&group->aggregates[i]);
  }
  return takes;
}

// May its input give rows with weights?
static bool weighs_below(const stoa_plan_node *node, bool weighs)
{
  switch (node->kind) {
    case STOA_PLAN_GROUP:
      return group_takes_weights(node->node);
    case STOA_PLAN_DISTINCT:
      return true;
    case STOA_PLAN_FILTER:
    case STOA_PLAN_EXTEND:
      return weighs && !stoa_expr_is_volatile(node->expr);
    case STOA_PLAN_UNION:
    case STOA_PLAN_PROJECT:
      return weighs;
    default:
      return false;
  }
}

// Is the variable bound in every row?
static bool certainly_binds(const stoa_plan_node *node, stoa_var var)
{
  switch (node->kind) {
    case STOA_PLAN_QUADS:
      return (node->quads.how == STOA_QUADS_JOIN && stoa_quads_mention(node, var)) ||
             (node->inputs[0] && certainly_binds(node->inputs[0], var));
    case STOA_PLAN_UNION:
      return certainly_binds(node->inputs[0], var) && certainly_binds(node->inputs[1], var);
    case STOA_PLAN_FILTER:
      return certainly_binds(node->inputs[0], var);
    case STOA_PLAN_EXTEND:
      return var != node->node->var && certainly_binds(node->inputs[0], var);
    default:
      return false;
  }
}

// COUNT(?x) of what every row binds is COUNT(*), and reads nothing.
static const stoa_node *count_rows(const narrower *w, const stoa_plan_node *node)
{
  stoa_node *const group = STOA_NEW(w->p->arena, stoa_node);
  stoa_aggregate *const all = STOA_NEWS(w->p->arena, stoa_aggregate, node->node->n_aggregates + 1);
  *group = *node->node;
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    all[i] = group->aggregates[i];
    const bool counts = all[i].kind == STOA_AGG_COUNT && !all[i].distinct && all[i].expr;
    if (counts && all[i].expr->kind == STOA_EXPR_VAR && certainly_binds(node->inputs[0], all[i].expr->var)) {
      all[i].expr = NULL;
    }
  }
  group->aggregates = all;
  return group;
}

// The terms of one variable of a native graph are all that a group counts: its cursor counts them by number.
static const stoa_plan_node *counted_terms(const narrower *w, const stoa_plan_node *node)
{
  const stoa_plan_node *const scan = node->inputs[0];
  const stoa_aggregate *const count = node->node->n_aggregates == 1 ? &node->node->aggregates[0] : NULL;
  const bool is_one = count && node->node->n_vars == 0 && count->kind == STOA_AGG_COUNT && count->distinct &&
                      count->expr && count->expr->kind == STOA_EXPR_VAR;
  if (!is_one || scan->kind != STOA_PLAN_QUADS || stoa_plan_quads_bottom(scan)->inputs[0] ||
      !certainly_binds(scan, count->expr->var)) {
    return NULL;
  }
  stoa_plan_node *const group = STOA_NEW(w->p->arena, stoa_plan_node), *const terms = STOA_NEW(w->p->arena, stoa_plan_node);
  stoa_node *const counting = STOA_NEW(w->p->arena, stoa_node);
  stoa_aggregate *const rows = STOA_NEW(w->p->arena, stoa_aggregate);
  *rows = *count;
  rows->distinct = false;
  rows->expr = NULL;
  *counting = *node->node;
  counting->aggregates = rows;
  *terms = *scan;
  terms->quads.weighted = terms->quads.counts_terms = true;
  terms->quads.counted = count->expr->var;
  terms->n_vars = 0;
  *group = *node;
  group->node = counting;
  group->inputs[0] = terms;
  return group;
}

// A scan, or a chain of look-ups over one: only what is read of its rows becomes terms.
static const stoa_plan_node *narrowed_quads(const narrower *w, const stoa_plan_node *node, const bool *needed,
                                            bool weighs)
{
  stoa_plan_node *const copy = STOA_NEW(w->p->arena, stoa_plan_node);
  *copy = *node;
  keep_vars(w, copy, needed);
  copy->quads.weighted = weighs && copy->n_vars < node->n_vars;
  return copy->quads.weighted ? copy : node;
}

static const stoa_plan_node *narrowed(const narrower *w, const stoa_plan_node *node, const bool *needed, bool weighs)
{
  if (node->kind == STOA_PLAN_SQL) {
    return narrowed_sql(w, node, needed);
  }
  if (node->kind == STOA_PLAN_QUADS && !stoa_plan_quads_bottom(node)->inputs[0]) {
    return narrowed_quads(w, node, needed, weighs);
  }
  const bool below = weighs_below(node, weighs);
  if (node->kind == STOA_PLAN_GROUP && below) {
    const stoa_plan_node *const terms = counted_terms(w, node);
    if (terms) {
      return terms;
    }
  }
  stoa_plan_node *const copy = STOA_NEW(w->p->arena, stoa_plan_node);
  bool *const set = set_new(w);
  *copy = *node;
  if (node->kind != STOA_PLAN_GROUP) {
    memcpy(set, needed, w->n_vars * sizeof *set);
  } else if (below) {
    copy->node = count_rows(w, node);
  }
  const bool some = add_own(copy, set);
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    if (!some) {
      add_all(node->inputs[i], set);
    }
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    copy->inputs[i] = narrowed(w, node->inputs[i], set, below);
  }
  set_vars(w, copy, set);
  return copy;
}

const stoa_plan_node *stoa_plan_narrow(stoa_planner *p, const stoa_plan_node *root)
{
  const narrower w = {p, p->rels.query->n_vars + p->extra_names.n};
  bool *const all = set_new(&w);
  add_all(root, all);
  return narrowed(&w, root, all, false);
}
