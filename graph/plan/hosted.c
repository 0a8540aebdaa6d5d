// A finished plan as one relation of its source, with what SQL cannot say handed back to the engine: for
// joins above it.  At the top of a query the executor is the faster place, so this is asked only when a
// join would otherwise need a second statement of the same source.
#include "graph/plan/hosted.h"

stoa_source *stoa_plan_source_of(const stoa_plan_node *node)
{
  if (node->source) {
    return node->source;
  }
  stoa_source *source = NULL;
  for (int i = 0; i < 2 && node->inputs[i] && !source; ++i) {
    source = stoa_plan_source_of(node->inputs[i]);
  }
  return source;
}

static const stoa_rel *hosted_two(stoa_planner *p, stoa_source *source, const stoa_plan_node *node)
{
  const stoa_rel *const a = stoa_plan_hosted(p, source, node->inputs[0]);
  const stoa_rel *const b = a ? stoa_plan_hosted(p, source, node->inputs[1]) : NULL;
  if (!b) {
    return NULL;
  }
  switch (node->kind) {
    case STOA_PLAN_JOIN:
      return stoa_rel_join(&p->rels, a, b);
    case STOA_PLAN_LEFT_JOIN:
      return stoa_rel_left_join(&p->rels, a, b, node->expr);
    default:
      return stoa_rel_union(&p->rels, a, b);
  }
}

static const stoa_rel *hosted_one(stoa_planner *p, stoa_source *source, const stoa_plan_node *node)
{
  const stoa_rel *const a = stoa_plan_hosted(p, source, node->inputs[0]);
  if (!a || a->blocks.n == 0) {
    return NULL;
  }
  switch (node->kind) {
    case STOA_PLAN_FILTER:
      return stoa_rel_filter(&p->rels, a, node->expr);
    case STOA_PLAN_EXTEND:
      return stoa_rel_extend(&p->rels, a, node->node->var, node->expr);
    case STOA_PLAN_GROUP:
      return stoa_rel_group(&p->rels, a, node->node);
    case STOA_PLAN_DISTINCT:
      return stoa_rel_distinct(&p->rels, a);
    case STOA_PLAN_ORDER:
      return stoa_rel_order(&p->rels, a, node->node);
    case STOA_PLAN_SLICE:
      return stoa_rel_slice(&p->rels, a, node->node->offset, node->node->limit);
    default:
      return stoa_rel_project(&p->rels, a, node->vars, node->n_vars);
  }
}

const stoa_rel *stoa_plan_hosted(stoa_planner *p, stoa_source *source, const stoa_plan_node *node)
{
  switch (node->kind) {
    case STOA_PLAN_SQL:
      return node->source == source ? node->rel : NULL;
    case STOA_PLAN_VALUES:
      return stoa_hosted_values(&p->rels, source, node->node);
    case STOA_PLAN_JOIN:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_UNION:
      return hosted_two(p, source, node);
    case STOA_PLAN_FILTER:
    case STOA_PLAN_EXTEND:
    case STOA_PLAN_GROUP:
    case STOA_PLAN_ORDER:
    case STOA_PLAN_DISTINCT:
    case STOA_PLAN_SLICE:
    case STOA_PLAN_PROJECT:
      return hosted_one(p, source, node);
    default:
      return NULL;
  }
}
