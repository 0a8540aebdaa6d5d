// Bound joins: what the left side of a join gives for a variable is sent to the source of the right side, so that a
// few rows here do not cost all rows there.  Whether it is done is decided when the left side's rows are known; here
// the second statement is made.
#include "graph/plan/bound.h"
#include "graph/base/assert.h"
#include "graph/plan/rel.h"
#include "graph/plan/statement.h"

// ---- the statement for some terms

static const stoa_plan_node *bound_sql(stoa_planner *p, const stoa_plan_node *node, stoa_var var)
{
  const stoa_rel *rel;
  if (node->sql.bound || stoa_rel_restrict_keys(&p->rels, node->sql.rel, var, &rel) == STOA_CANNOT_SAY) {
    return NULL;
  }
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  copy->sql.bound = stoa_plan_statement(p, rel);
  copy->sql.bound_var = var;
  return copy->sql.bound->kind == STOA_PLAN_SQL ? copy : NULL;
}

// A native graph looks the terms up that it is sent, if the first patterns of a scan have their variable.
const stoa_plan_node *stoa_plan_keyed(stoa_planner *p, const stoa_plan_node *node, stoa_var var)
{
  const stoa_plan_node *const bottom = stoa_plan_quads_bottom(node);
  bool has = false;
  for (uint32_t i = 0; i < bottom->quads.n_patterns && !has; ++i) {
    has = bottom->quads.patterns[i]->subject.var == var || bottom->quads.patterns[i]->object.var == var;
  }
  if (!has || bottom->inputs[0] || node->quads.keyed) {
    return NULL;
  }
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  copy->quads.keyed = true;
  copy->quads.key_var = var;
  return copy;
}

static const stoa_plan_node *bound_node(stoa_planner *p, const stoa_plan_node *node, stoa_var var)
{
  if (stoa_plan_column(node, var) < 0) {
    return NULL;
  }
  if (node->kind == STOA_PLAN_SQL) {
    return bound_sql(p, node, var);
  }
  if (node->kind == STOA_PLAN_QUADS && !stoa_plan_quads_bottom(node)->inputs[0]) {
    return stoa_plan_keyed(p, node, var);
  }
  const unsigned open = stoa_plan_open_inputs(node, var);
  stoa_plan_node *copy = NULL;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    const stoa_plan_node *const input = open >> i & 1 ? bound_node(p, node->inputs[i], var) : NULL;
    if (input && !copy) {
      copy = STOA_NEW(p->arena, stoa_plan_node);
      *copy = *node;
    }
    if (input) {
      copy->inputs[i] = input;
    }
  }
  return copy;
}

// One variable is enough: the join compares them all.
void stoa_plan_bind_right(stoa_planner *p, stoa_plan_node *join)
{
  STOA_ASSERT(stoa_plan_is_join(join));
  if (p->options.plain) {
    return;
  }
  for (uint32_t i = 0; i < join->inputs[0]->n_vars && !join->join.sends; ++i) {
    const stoa_var var = join->inputs[0]->vars[i];
    const stoa_plan_node *const bound = bound_node(p, join->inputs[1], var);
    if (bound) {
      join->inputs[1] = bound;
      join->join.sends = true;
      join->join.var = var;
    }
  }
}
