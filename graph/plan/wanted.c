// Groups that are wanted for few rows alone, of a native graph (what rel_lateral.c is to SQL).
//
// A sub-select that groups is worked out before it is joined, though what it is joined with may have few rows.  Of the
// rows that it groups only those are looked up whose keys these few have: the groups of the others would be joined to
// nothing, and no group has rows of two keys.  The few are read twice for it.
#include "graph/plan/wanted.h"
#include "graph/plan/cost.h"
#include "graph/plan/quads.h"

enum { FEWER = 8 };

static const stoa_plan_node *group_below(const stoa_plan_node *node)
{
  while (node && (node->kind == STOA_PLAN_PROJECT || node->kind == STOA_PLAN_EXTEND || node->kind == STOA_PLAN_FILTER)) {
    node = node->inputs[0];
  }
  return node && node->kind == STOA_PLAN_GROUP && stoa_quads_is_scan(node->inputs[0]) ? node : NULL;
}

// A scan binds all its variables, whatever is asked of its rows.
static bool is_scan(const stoa_plan_node *node)
{
  while (node && node->kind == STOA_PLAN_FILTER) {
    node = node->inputs[0];
  }
  return node && stoa_quads_is_scan(node);
}

// The keys that both have, each once; NULL: there are none.
static const stoa_plan_node *keys_of(stoa_planner *p, const stoa_plan_node *grouped, const stoa_node *group,
                                     const stoa_plan_node *few)
{
  static const stoa_node project = {.kind = STOA_NODE_PROJECT}, distinct = {.kind = STOA_NODE_DISTINCT};
  const stoa_piece piece = {.node = few};
  stoa_plan_node *const keys = stoa_piece_over(p, STOA_PLAN_PROJECT, &project, &piece);
  keys->n_vars = 0;
  keys->vars = NULL;
  for (uint32_t i = 0; i < group->n_vars; ++i) {
    if (stoa_plan_column(few, group->vars[i]) >= 0 && stoa_plan_column(grouped, group->vars[i]) >= 0) {
      stoa_plan_append_var(p, keys, group->vars[i]);
    }
  }
  const stoa_piece projected = {.node = keys};
  return keys->n_vars ? stoa_piece_over(p, STOA_PLAN_DISTINCT, &distinct, &projected) : NULL;
}

// The nodes down to the group again, over other rows.
static const stoa_plan_node *over_rows(stoa_planner *p, const stoa_plan_node *node, const stoa_plan_node *rows)
{
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  copy->inputs[0] = node->kind == STOA_PLAN_GROUP ? rows : over_rows(p, node->inputs[0], rows);
  return copy;
}

static bool ask_for_few(stoa_planner *p, stoa_piece *piece, const stoa_plan_node *few)
{
  const stoa_plan_node *const group = piece->node ? group_below(piece->node) : NULL;
  if (!group || stoa_cost_node(few) * FEWER > stoa_cost_node(group->inputs[0])) {
    return false;
  }
  const stoa_plan_node *const keys = keys_of(p, piece->node, group->node, few);
  const stoa_plan_node *const rows = keys ? stoa_quads_over(p, keys, group->inputs[0], STOA_QUADS_JOIN) : NULL;
  if (rows) {
    piece->node = over_rows(p, piece->node, rows);
  }
  return rows != NULL;
}

void stoa_wanted_groups(stoa_planner *p, stoa_pieces *list)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    bool done = p->options.plain;
    for (uint32_t k = 0; k < list->n && !done; ++k) {
      const stoa_plan_node *const few = list->items[k].node;
      done = k != i && is_scan(few) && ask_for_few(p, &list->items[i], few);
    }
  }
}
