// A finished plan as one relation of its source, with what SQL cannot say handed back to the engine: for
// joins above it.  At the top of a query the executor is the faster place, so this is asked only when a
// join would otherwise need a second statement of the same source.
#include "graph/plan/hosted.h"
#include "graph/plan/rel.h"

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

static stoa_said hosted_two(stoa_planner *p, stoa_source *source, const stoa_plan_node *node, const stoa_rel **out)
{
  const stoa_rel *a, *b;
  if (stoa_plan_hosted(p, source, node->inputs[0], &a) == STOA_CANNOT_SAY ||
      stoa_plan_hosted(p, source, node->inputs[1], &b) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  switch (node->kind) {
    case STOA_PLAN_JOIN:
      return stoa_rel_join(&p->rels, a, b, out);
    case STOA_PLAN_LEFT_JOIN:
      return stoa_rel_left_join(&p->rels, a, b, node->expr, out);
    default:
      return stoa_rel_union(&p->rels, a, b, out);
  }
}

static stoa_said hosted_one(stoa_planner *p, stoa_source *source, const stoa_plan_node *node, const stoa_rel **out)
{
  const stoa_rel *a;
  if (stoa_plan_hosted(p, source, node->inputs[0], &a) == STOA_CANNOT_SAY || a->blocks.n == 0) {
    return STOA_CANNOT_SAY;
  }
  switch (node->kind) {
    case STOA_PLAN_FILTER:
      return stoa_rel_filter(&p->rels, a, node->expr, out);
    case STOA_PLAN_EXTEND:
      return stoa_rel_extend(&p->rels, a, node->node->var, node->expr, out);
    case STOA_PLAN_GROUP:
      return stoa_rel_group(&p->rels, a, node->node, out);
    case STOA_PLAN_DISTINCT:
      return stoa_rel_distinct(&p->rels, a, out);
    case STOA_PLAN_ORDER:
      return stoa_rel_order(&p->rels, a, node->node, out);
    case STOA_PLAN_SLICE:
      return stoa_rel_slice(&p->rels, a, node->node->offset, node->node->limit, out);
    default:
      return stoa_rel_project(&p->rels, a, node->vars, node->n_vars, out);
  }
}

stoa_said stoa_plan_hosted(stoa_planner *p, stoa_source *source, const stoa_plan_node *node, const stoa_rel **out)
{
  switch (node->kind) {
    case STOA_PLAN_SQL:
      return node->source == source ? stoa_rel_said(node->sql.rel, out) : STOA_CANNOT_SAY;
    case STOA_PLAN_VALUES:
      return stoa_rel_said(stoa_hosted_values(&p->rels, source, node->node), out);
    case STOA_PLAN_JOIN:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_UNION:
      return hosted_two(p, source, node, out);
    case STOA_PLAN_FILTER:
    case STOA_PLAN_EXTEND:
    case STOA_PLAN_GROUP:
    case STOA_PLAN_ORDER:
    case STOA_PLAN_DISTINCT:
    case STOA_PLAN_SLICE:
    case STOA_PLAN_PROJECT:
      return hosted_one(p, source, node, out);
    default:
      return STOA_CANNOT_SAY;
  }
}
