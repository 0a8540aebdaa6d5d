// FILTER, EXISTS and MINUS: conditions go down to where they can be asked, patterns become semi-joins.
#include "graph/plan/planner.h"

static void see_var(stoa_var var, void *data)
{
  ((bool *)data)[var] = true;
}

static void split(stoa_planner *p, const stoa_expr *e, stoa_conjuncts *out)
{
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_AND) {
    split(p, e->args[0], out);
    split(p, e->args[1], out);
  } else {
    STOA_PUSH(p->arena, out, e);
  }
}

// Variables that expressions inside `node` read.
static void read_vars(const stoa_node *node, bool *read);

static void read_vars_of(const stoa_expr *e, bool *read)
{
  stoa_expr_vars(e, see_var, read);
  if (e->kind == STOA_EXPR_EXISTS) {
    read_vars(e->pattern, read);
    stoa_node_vars(e->pattern, read);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    read_vars_of(e->args[i], read);
  }
}

static bool has_minus(const stoa_node *node)
{
  bool found = node->kind == STOA_NODE_MINUS || node->kind == STOA_NODE_SLICE || node->kind == STOA_NODE_GROUP;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    found |= has_minus(node->inputs[i]);
  }
  return found;
}

static void read_vars(const stoa_node *node, bool *read)
{
  if (node->expr) {
    read_vars_of(node->expr, read);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    read_vars(node->inputs[i], read);
  }
}

// EXISTS is a semi-join when its pattern reads no variable that only the outside binds.
static bool is_closed(stoa_planner *p, const stoa_expr *e)
{
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const read = STOA_NEWS(p->arena, bool, n_vars + 1);
  bool *const bound = STOA_NEWS(p->arena, bool, n_vars + 1);
  read_vars(e->pattern, read);
  stoa_node_vars(e->pattern, bound);
  for (uint32_t v = 0; v < n_vars; ++v) {
    if (read[v] && (!bound[v] || !stoa_node_binds(e->pattern, v))) {
      return false;
    }
  }
  return !has_minus(e->pattern);
}

// Both in one source: SQL's EXISTS.
static const stoa_rel *semi_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, bool negated)
{
  const bool together = !p->options.plain && a->rel && b->rel && a->rel->source == b->rel->source;
  return together && a->rel->blocks.n ? stoa_rel_semi_join(&p->rels, a->rel, b->rel, negated) : NULL;
}

static stoa_status plan_exists(stoa_planner *p, const stoa_node *node, const stoa_expr *e,
                               const stoa_restriction *restrictions, stoa_piece *a)
{
  stoa_piece b;
  STOA_TRY(stoa_plan_algebra(p, e->pattern, stoa_plan_keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = semi_join(p, a, &b, e->negated);
  if (rel) {
    *a = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  const stoa_plan_node *const quads = stoa_piece_quads(&b);
  const stoa_quads_how how = e->negated ? STOA_QUADS_ANTI : STOA_QUADS_SEMI;
  stoa_plan_node *const each = quads ? stoa_quads_over(p, stoa_piece_node(p, a), quads, how) : NULL;
  if (each) {
    *a = (stoa_piece){.node = each};
    return STOA_OK;
  }
  stoa_plan_node *const semi = stoa_plan_node_new(p, STOA_PLAN_SEMI_JOIN, stoa_piece_node(p, a), NULL);
  semi->negated = e->negated;
  stoa_plan_merge_vars(p, semi);
  semi->inputs[1] = stoa_piece_node(p, &b);
  stoa_plan_bind_right(p, semi);
  *a = (stoa_piece){.node = semi};
  return STOA_OK;
}

static bool mentions(stoa_planner *p, const stoa_expr *e, stoa_var var)
{
  bool *const read = STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
  read_vars_of(e, read);
  return read[var];
}

static const stoa_node *filter_node(stoa_planner *p, const stoa_node *like, const stoa_expr *e, const stoa_node *input)
{
  stoa_node *const filter = STOA_NEW(p->arena, stoa_node);
  *filter = *like;
  filter->expr = e;
  filter->inputs[0] = input;
  return filter;
}

// Rule 25: a condition that does not read what BIND gives is asked before it.
static const stoa_node *sunk_filter(stoa_planner *p, const stoa_node *node)
{
  const stoa_node *const extend = node->inputs[0];
  stoa_conjuncts parts = {0};
  const stoa_node *below = extend->inputs[0], *top;
  stoa_node *const copy = STOA_NEW(p->arena, stoa_node);
  bool any = false;
  if (extend->kind != STOA_NODE_EXTEND) {
    return NULL;
  }
  split(p, node->expr, &parts);
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (!mentions(p, parts.items[i], extend->var)) {
      below = filter_node(p, node, parts.items[i], below);
      parts.items[i] = NULL;
      any = true;
    }
  }
  *copy = *extend;
  copy->inputs[0] = below;
  top = copy;
  for (uint32_t i = 0; i < parts.n; ++i) {
    top = parts.items[i] ? filter_node(p, node, parts.items[i], top) : top;
  }
  return any ? top : NULL;
}

stoa_status stoa_plan_filter(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out)
{
  stoa_conjuncts parts = {0};
  const stoa_node *const sunk_one = p->options.plain ? NULL : sunk_filter(p, node);
  if (sunk_one) {
    return stoa_plan_algebra(p, sunk_one, restrictions, out);
  }
  split(p, node->expr, &parts);
  if (node->inputs[0]->kind == STOA_NODE_BGP) {
    STOA_TRY(stoa_plan_bgp(p, node->inputs[0], restrictions, &parts, out));
  } else {
    STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, out));
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    const stoa_rel *const rel = parts.items[i] && out->rel ? stoa_rel_filter(&p->rels, out->rel, parts.items[i]) : NULL;
    if (rel) {
      out->rel = rel;
      parts.items[i] = NULL;
    }
  }
  if (!p->options.plain) {
    stoa_plan_ranges(p, &parts, out);
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    const stoa_expr *const e = parts.items[i];
    if (e && e->kind == STOA_EXPR_EXISTS && !p->options.plain && is_closed(p, e)) {
      STOA_TRY(plan_exists(p, node, e, restrictions, out));
      parts.items[i] = NULL;
    }
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (parts.items[i]) {
      stoa_plan_node *const filter = stoa_plan_over(p, STOA_PLAN_FILTER, node, out);
      filter->expr = parts.items[i];
      *out = (stoa_piece){.node = filter};
    }
  }
  return STOA_OK;
}

stoa_status stoa_plan_minus(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                            stoa_piece *out)
{
  stoa_piece a, b;
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, &a));
  STOA_TRY(stoa_plan_algebra(p, node->inputs[1], stoa_plan_keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = node->graph.var == STOA_NO_VAR ? semi_join(p, &a, &b, true) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const minus = stoa_plan_node_new(p, STOA_PLAN_MINUS, stoa_piece_node(p, &a), NULL);
  minus->node = node;
  stoa_plan_merge_vars(p, minus);
  minus->inputs[1] = stoa_piece_node(p, &b);
  stoa_plan_bind_right(p, minus);
  *out = (stoa_piece){.node = minus};
  return STOA_OK;
}
