// Closures of paths over what is joined, and endpoints.
#include "graph/plan/walk.h"
#include "graph/plan/cost.h"
#include "graph/plan/rel.h"

enum { FEW_STEPS = 10000 };

// All pairs are found in SQL where they can be expected to be few: more steps are followed from what is joined already.
static bool may_pair(const stoa_node *path, const stoa_rel *steps)
{
  return path->ends[0].var == STOA_NO_VAR || path->ends[1].var == STOA_NO_VAR || stoa_cost_rel(steps) <= FEW_STEPS;
}

static stoa_expr *var_expr(stoa_planner *p, stoa_var var)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  *e = (stoa_expr){.kind = STOA_EXPR_VAR, .var = var};
  return e;
}

static bool binds_in_some_row(const stoa_rel *rel, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < rel->blocks.n && !found; ++i) {
    found = stoa_block_find(rel->blocks.items[i], var) != NULL;
  }
  return found;
}

// p* over rows that bind one end: each row with that end as the other one, and with what is reached from it.
static const stoa_rel *star_over(stoa_planner *p, const stoa_node *path, const stoa_piece *left, const stoa_rel *steps)
{
  const stoa_var a = path->ends[0].var, b = path->ends[1].var;
  const bool forward = stoa_piece_has(left, a);
  if (!path->zero || !path->many || !left->rel || left->rel->source != steps->source || a == STOA_NO_VAR ||
      b == STOA_NO_VAR || a == b || binds_in_some_row(left->rel, forward ? b : a)) {
    return NULL;
  }
  const stoa_rel *const pairs = stoa_rel_path_apart(&p->rels, steps, path);
  const stoa_rel *const self =
    pairs ? stoa_rel_extend(&p->rels, left->rel, forward ? b : a, var_expr(p, forward ? a : b)) : NULL;
  const stoa_rel *const others = self ? stoa_rel_join(&p->rels, left->rel, pairs) : NULL;
  return others ? stoa_rel_union(&p->rels, self, others) : NULL;
}

static bool ends_at_node(const stoa_group *g, const stoa_node *path)
{
  return stoa_group_has_node(g, path->ends[0], &path->graph) || stoa_group_has_node(g, path->ends[1], &path->graph);
}

// Rows from which a closure begins are read to begin it, and again to be joined to what it reaches.  Where few of many
// are wanted and no index finds them, they are made a table of their own first, which both read.
static const stoa_rel *read_once(stoa_planner *p, const stoa_rel *left)
{
  enum { DEAR = 1000 };
  const bool dear = stoa_cost_read(left) > DEAR + 10 * stoa_cost_rel(left);
  const stoa_rel *const kept = dear ? stoa_rel_apart(&p->rels, left) : NULL;
  return kept ? kept : left;
}

// From an end that few rows bind, only what is reached from there is worked out.
static const stoa_rel *from_rows(stoa_planner *p, const stoa_walk *w, const stoa_group *g, const stoa_piece *left)
{
  const stoa_node *const path = w->node;
  const stoa_rel *const steps = w->steps.rel;
  if (!left || !left->rel || left->rel->source != steps->source || path->ends[0].var == STOA_NO_VAR ||
      path->ends[1].var == STOA_NO_VAR || path->ends[0].var == path->ends[1].var ||
      stoa_cost_rel(left->rel) > 2 * stoa_cost_rel(steps) || (path->zero && !ends_at_node(g, path))) {
    return NULL;
  }
  const bool backward = !stoa_piece_has(left, path->ends[0].var);
  bool all;
  const stoa_rel *const from = read_once(p, left->rel);
  const stoa_rel *const pairs = stoa_rel_path_from(&p->rels, steps, path, from, backward, &all);
  const stoa_rel *const reached = pairs ? stoa_rel_join(&p->rels, from, pairs) : NULL;
  const stoa_var far = path->ends[!backward].var;
  if (!reached || !path->zero || all) {
    return reached;
  }
  const stoa_rel *const self = binds_in_some_row(from, far)
                                 ? NULL
                                 : stoa_rel_extend(&p->rels, from, far, var_expr(p, path->ends[backward].var));
  return self ? stoa_rel_union(&p->rels, self, reached) : NULL;
}

// The path in SQL, with what it follows; or nothing.
static bool in_sql(stoa_planner *p, const stoa_walk *w, const stoa_group *g, const stoa_piece *left, stoa_piece *out)
{
  const stoa_rel *const steps = w->steps.rel;
  if (!steps || !steps->blocks.n || p->options.plain) {
    return false;
  }
  const stoa_rel *rel = from_rows(p, w, g, left);
  if (rel || !may_pair(w->node, steps)) {
    *out = (stoa_piece){.rel = rel};
    return rel != NULL;
  }
  rel = stoa_rel_path(&p->rels, steps, w->node);
  if (rel) {
    const stoa_piece reached = {.rel = rel};
    *out = left ? stoa_piece_join(p, left, &reached) : reached;
    return true;
  }
  rel = left && ends_at_node(g, w->node) ? star_over(p, w->node, left, steps) : NULL;
  *out = (stoa_piece){.rel = rel};
  return rel != NULL;
}

// A closure over rows that bind one of its ends to a node of the graph; without them it begins at every node.
stoa_piece stoa_walk_over(stoa_planner *p, const stoa_walk *w, const stoa_group *g, const stoa_piece *left)
{
  stoa_piece from = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)}, out;
  if (in_sql(p, w, g, left, &out)) {
    return out;
  }
  if (w->node->inputs[1] && !ends_at_node(g, w->node)) {
    from = left ? stoa_piece_join(p, left, &w->nodes) : w->nodes;
  } else if (left) {
    from = *left;
  }
  stoa_plan_node *const path = stoa_plan_node_new(p, STOA_PLAN_PATH, stoa_piece_node(p, &from), NULL);
  path->node = w->node;
  stoa_plan_merge_vars(p, path);
  const stoa_slot *const slots[] = {&w->node->ends[0], &w->node->ends[1], &w->node->graph};
  for (int i = 0; i < 3; ++i) {
    if (slots[i]->var != STOA_NO_VAR) {
      stoa_plan_append_var(p, path, slots[i]->var);
    }
  }
  path->inputs[1] = stoa_piece_node(p, &w->steps);
  return (stoa_piece){.node = path};
}

stoa_piece stoa_service_over(stoa_planner *p, const stoa_node *node, const stoa_piece *left)
{
  const stoa_piece unit = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const seen = STOA_NEWS(p->arena, bool, n_vars + 1);
  stoa_plan_node *const service =
    stoa_plan_node_new(p, STOA_PLAN_SERVICE, stoa_piece_node(p, left ? left : &unit), NULL);
  service->node = node;
  stoa_plan_merge_vars(p, service);
  stoa_node_vars(node->inputs[0], seen);
  for (stoa_var v = 0; v < n_vars; ++v) {
    const char *const name = p->rels.query->names[v];
    if (seen[v] && strncmp(name, "_:", 2) != 0 && name[0] != '.') {
      stoa_plan_append_var(p, service, v);
    }
  }
  return (stoa_piece){.node = service};
}
