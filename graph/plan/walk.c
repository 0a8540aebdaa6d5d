// Closures of property paths (p+, p*, p?) and endpoints of SERVICE: what has no rows of its own until it is told where
// to begin.
//
// A closure can be followed from either end, or worked out as all pairs, which may be as many as the square of the
// nodes. So it is placed over the rows that are joined already: in one SQL statement with them where the source can
// recurse (rel_path.c), beginning at the values that the rows have; else the executor follows it from each row, breadth
// first. A path that may take no step at all (p*, p?) relates every node of the graph to itself (section 18.4), which
// rows tell only where they bind an end to something that is a node.
#include "graph/plan/walk.h"
#include "graph/plan/bound.h"
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

// Binds some block the variable?
static bool binds_in_some_row(const stoa_rel *rel, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < rel->blocks.n && !found; ++i) {
    found = stoa_block_find(rel->blocks.items[i], var) != NULL;
  }
  return found;
}

// p* over rows that bind one end: each row with that end as the other one (no step), and with the other nodes that are
// reached from it (some steps).  The two have no pair in common, for a closure's pairs come once.
static stoa_said star_over(stoa_planner *p, const stoa_node *path, const stoa_piece *left, const stoa_rel *steps,
                           const stoa_rel **out)
{
  const stoa_var a = path->ends[0].var, b = path->ends[1].var;
  const bool forward = stoa_piece_has(left, a);
  if (!path->zero || !path->many || !left->rel || left->rel->source != steps->source || a == STOA_NO_VAR ||
      b == STOA_NO_VAR || a == b || binds_in_some_row(left->rel, forward ? b : a)) {
    return STOA_CANNOT_SAY;
  }
  const stoa_rel *pairs, *self, *others;
  const stoa_expr *const own = var_expr(p, forward ? a : b);
  if (stoa_rel_path_apart(&p->rels, steps, path, &pairs) == STOA_CANNOT_SAY ||
      stoa_rel_extend(&p->rels, left->rel, forward ? b : a, own, &self) == STOA_CANNOT_SAY ||
      stoa_rel_join(&p->rels, left->rel, pairs, &others) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  return stoa_rel_union(&p->rels, self, others, out);
}

// Is one end a term that stands in a triple of the group's patterns, so that it is a node?
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
  const stoa_rel *kept;
  return dear && stoa_rel_apart(&p->rels, left, &kept) == STOA_SAID ? kept : left;
}

// From an end that few rows bind, only what is reached from there is worked out: other pairs would not be joined to any
// row.
static stoa_said from_rows(stoa_planner *p, const stoa_walk *w, const stoa_group *g, const stoa_piece *left,
                           const stoa_rel **out)
{
  const stoa_node *const path = w->node;
  const stoa_rel *const steps = w->steps.rel;
  if (!left || !left->rel || left->rel->source != steps->source || path->ends[0].var == STOA_NO_VAR ||
      path->ends[1].var == STOA_NO_VAR || path->ends[0].var == path->ends[1].var ||
      stoa_cost_rel(left->rel) > 2 * stoa_cost_rel(steps) || (path->zero && !ends_at_node(g, path))) {
    return STOA_CANNOT_SAY;
  }
  const bool backward = !stoa_piece_has(left, path->ends[0].var);
  bool all;
  const stoa_rel *const from = read_once(p, left->rel);
  const stoa_rel *pairs, *reached, *self;
  if (stoa_rel_path_from(&p->rels, steps, path, from, backward, &all, &pairs) == STOA_CANNOT_SAY ||
      stoa_rel_join(&p->rels, from, pairs, &reached) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  if (!path->zero || all) {
    return stoa_rel_said(reached, out);
  }
  const stoa_var far = path->ends[!backward].var;
  const stoa_expr *const own = var_expr(p, path->ends[backward].var);
  if (binds_in_some_row(from, far) || stoa_rel_extend(&p->rels, from, far, own, &self) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  return stoa_rel_union(&p->rels, self, reached, out);
}

// The path in SQL, with what it follows; or nothing.
static bool in_sql(stoa_planner *p, const stoa_walk *w, const stoa_group *g, const stoa_piece *left, stoa_piece *out)
{
  const stoa_rel *const steps = w->steps.rel;
  if (!steps || !steps->blocks.n || p->options.plain) {
    return false;
  }
  *out = (stoa_piece){.rel = NULL};
  const stoa_said said = from_rows(p, w, g, left, &out->rel);
  if (said != STOA_CANNOT_SAY || !may_pair(w->node, steps)) {
    return said != STOA_CANNOT_SAY;
  }
  stoa_piece reached = {.rel = NULL};
  if (stoa_rel_path(&p->rels, steps, w->node, &reached.rel) != STOA_CANNOT_SAY) {
    *out = left ? stoa_piece_join(p, left, &reached) : reached;
    return true;
  }
  return left && ends_at_node(g, w->node) && star_over(p, w->node, left, steps, &out->rel) != STOA_CANNOT_SAY;
}

// From a constant end a native graph is asked, step by step, for what the nodes that were reached have beside them: the
// steps of other nodes are not read.
static void step_by_step(stoa_planner *p, stoa_plan_node *path)
{
  const stoa_node *const node = path->node;
  const bool forward = node->ends[0].var == STOA_NO_VAR;
  const bool from_constant =
    forward || (node->ends[1].var == STOA_NO_VAR && stoa_plan_column(path->inputs[0], node->ends[0].var) < 0);
  const stoa_plan_node *const steps = path->inputs[1];
  if (!from_constant || node->graph.var != STOA_NO_VAR || steps->kind != STOA_PLAN_QUADS || steps->inputs[0] ||
      p->options.plain) {
    return;
  }
  const stoa_var var = node->step[!forward];
  const stoa_plan_node *const keyed = stoa_plan_keyed(p, steps, var);
  if (keyed) {
    path->inputs[1] = keyed;
    path->join.sends = true;
    path->join.var = var;
  }
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
  step_by_step(p, path);
  return (stoa_piece){.node = path};
}

// An endpoint is asked with the rows that are there; which variables it binds is known only from the text, so its
// columns are all those of its pattern that have a name.
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
