// The plan without rules.
#include "graph/plan/plain.h"
#include "graph/plan/alternatives.h"
#include "graph/plan/modifiers.h"
#include "graph/plan/patterns.h"
#include "graph/plan/tails.h"
#include "graph/plan/walk.h"

static const stoa_plan_node *join(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  const stoa_piece x = {.node = a}, y = {.node = b};
  return a ? stoa_piece_join(p, &x, &y).node : b;
}

static stoa_status patterns(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out)
{
  stoa_group *const g = stoa_group_new(p, node);
  const stoa_plan_node *all = NULL;
  STOA_TRY(stoa_alternatives_find(p, g));
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_piece one = stoa_patterns_plain(p, &g->members.items[i]);
    all = join(p, all, stoa_piece_node(p, &one));
  }
  *out = all ? all : stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL);
  return STOA_OK;
}

// Both inputs, as pieces.
static stoa_status inputs(stoa_planner *p, const stoa_node *node, stoa_piece pieces[2])
{
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    pieces[i].rel = NULL;
    STOA_TRY(stoa_plan_plain(p, node->inputs[i], &pieces[i].node));
  }
  return STOA_OK;
}

static stoa_status tail(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out)
{
  stoa_piece pieces[2] = {0};
  stoa_tail t = {.node = node, .expr = node->expr};
  STOA_TRY(inputs(p, node, pieces));
  if (node->kind == STOA_NODE_LEFT_JOIN) {
    t.kind = STOA_TAIL_OPTIONAL;
    *out = stoa_tail_optional(p, &t, &pieces[0], &pieces[1]).node;
  } else if (node->kind == STOA_NODE_MINUS) {
    t.kind = STOA_TAIL_MINUS;
    *out = stoa_tail_minus(p, &t, &pieces[0], &pieces[1]).node;
  } else {
    t.kind = STOA_TAIL_EXTEND;
    *out = stoa_tail_extend(p, &t, &pieces[0]).node;
  }
  return STOA_OK;
}

static stoa_status path(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out)
{
  const stoa_group alone = {.node = node}; // no pattern beside it tells that its ends are nodes
  stoa_piece pieces[2] = {0};
  STOA_TRY(inputs(p, node, pieces));
  const stoa_walk walk = {.node = node, .steps = pieces[0], .nodes = pieces[1]};
  *out = stoa_walk_over(p, &walk, &alone, NULL).node;
  return STOA_OK;
}

// An endpoint on the right of a join is asked with the rows of its left.
static stoa_status joined(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out)
{
  stoa_piece pieces[2] = {0};
  if (node->inputs[1]->kind == STOA_NODE_SERVICE) {
    STOA_TRY(stoa_plan_plain(p, node->inputs[0], &pieces[0].node));
    *out = stoa_service_over(p, node->inputs[1], &pieces[0]).node;
    return STOA_OK;
  }
  STOA_TRY(inputs(p, node, pieces));
  *out = join(p, pieces[0].node, pieces[1].node);
  return STOA_OK;
}

stoa_status stoa_plan_plain(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out)
{
  stoa_piece pieces[2] = {0};
  if (!stoa_plan_goes_on(p)) {
    return p->stopped;
  }
  switch (node->kind) {
    case STOA_NODE_UNIT:
      *out = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL);
      return STOA_OK;
    case STOA_NODE_BGP:
      return patterns(p, node, out);
    case STOA_NODE_JOIN:
      return joined(p, node, out);
    case STOA_NODE_LEFT_JOIN:
    case STOA_NODE_MINUS:
    case STOA_NODE_EXTEND:
      return tail(p, node, out);
    case STOA_NODE_UNION:
      STOA_TRY(inputs(p, node, pieces));
      *out = stoa_plan_union(p, pieces[0].node, pieces[1].node);
      return STOA_OK;
    case STOA_NODE_FILTER:
      STOA_TRY(inputs(p, node, pieces));
      *out = stoa_piece_filtered(p, &pieces[0], node->expr).node;
      return STOA_OK;
    case STOA_NODE_VALUES:
      *out = stoa_plan_values(p, node);
      return STOA_OK;
    case STOA_NODE_PATH:
      return path(p, node, out);
    case STOA_NODE_SERVICE:
      *out = stoa_service_over(p, node, NULL).node;
      return STOA_OK;
    default:
      STOA_TRY(inputs(p, node, pieces));
      *out = stoa_modified(p, node, &pieces[0]).node;
      return STOA_OK;
  }
}
