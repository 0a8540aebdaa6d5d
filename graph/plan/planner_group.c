// GROUP BY: in SQL, or by the executor; over a union of several sources a group of each one's groups (rule 26).
#include "graph/plan/planner.h"

typedef STOA_LIST(const stoa_plan_node *) branches;

// The branches of a union of several sources' statements; false where something else is among them.
static bool all_branches(stoa_planner *p, const stoa_plan_node *node, branches *out)
{
  if (node->kind == STOA_PLAN_UNION) {
    return all_branches(p, node->inputs[0], out) && all_branches(p, node->inputs[1], out);
  }
  STOA_PUSH(p->arena, out, node);
  return node->kind == STOA_PLAN_SQL && node->rel && !node->bound;
}

// What an aggregate of aggregates is: without keys MIN and MAX of a branch that has no rows would be errors.
static bool combines(const stoa_node *group)
{
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_aggregate *const one = &group->aggregates[i];
    const bool picks = (one->kind == STOA_AGG_MIN || one->kind == STOA_AGG_MAX) && group->n_vars > 0;
    const bool adds = (one->kind == STOA_AGG_COUNT || one->kind == STOA_AGG_SUM) && !one->distinct;
    if (!picks && !adds) {
      return false;
    }
  }
  return group->n_aggregates > 0;
}

// The group of each branch, whose aggregates have names of their own, and the group over them.
static void split(stoa_planner *p, const stoa_node *group, stoa_node *inner, stoa_node *outer)
{
  stoa_aggregate *const parts = STOA_NEWS(p->arena, stoa_aggregate, group->n_aggregates);
  stoa_aggregate *const wholes = STOA_NEWS(p->arena, stoa_aggregate, group->n_aggregates);
  *inner = *outer = *group;
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    stoa_expr *const part = STOA_NEW(p->arena, stoa_expr);
    parts[i] = wholes[i] = group->aggregates[i];
    parts[i].out = stoa_plan_extra_var(p);
    *part = (stoa_expr){.kind = STOA_EXPR_VAR, .var = parts[i].out, .place = wholes[i].place};
    wholes[i].expr = part;
    wholes[i].kind = wholes[i].kind == STOA_AGG_COUNT ? STOA_AGG_SUM : wholes[i].kind;
    wholes[i].distinct = false;
  }
  inner->aggregates = parts;
  outer->aggregates = wholes;
}

static const stoa_plan_node *groups_of_branches(stoa_planner *p, const stoa_node *group, const stoa_plan_node *input,
                                                stoa_node *outer)
{
  branches list = {0};
  stoa_node *const inner = STOA_NEW(p->arena, stoa_node);
  const stoa_plan_node *all = NULL;
  if (p->options.plain || input->kind != STOA_PLAN_UNION || !combines(group) || !all_branches(p, input, &list)) {
    return NULL;
  }
  split(p, group, inner, outer);
  for (uint32_t i = 0; i < list.n; ++i) {
    const stoa_piece one = {.rel = stoa_rel_group(&p->rels, list.items[i]->rel, inner)};
    if (!one.rel) {
      return NULL;
    }
    const stoa_plan_node *const node = stoa_piece_node(p, &one);
    stoa_plan_node *const both = all ? stoa_plan_node_new(p, STOA_PLAN_UNION, all, node) : NULL;
    if (both) {
      stoa_plan_merge_vars(p, both);
    }
    all = both ? both : node;
  }
  return all;
}

stoa_status stoa_plan_group(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                            stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(
    stoa_plan_algebra(p, node->inputs[0], stoa_plan_keep(p, restrictions, NULL, node->vars, node->n_vars), &input));
  const stoa_rel *const rel = input.rel && input.rel->blocks.n ? stoa_rel_group(&p->rels, input.rel, node) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_node *const outer = STOA_NEW(p->arena, stoa_node);
  const stoa_plan_node *const parts = groups_of_branches(p, node, stoa_piece_node(p, &input), outer);
  input = parts ? (stoa_piece){.node = parts} : input;
  stoa_plan_node *const group = stoa_plan_over(p, STOA_PLAN_GROUP, parts ? outer : node, &input);
  group->n_vars = 0;
  group->vars = NULL;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    stoa_plan_append_var(p, group, node->vars[i]);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    stoa_plan_append_var(p, group, node->aggregates[i].out);
  }
  *out = (stoa_piece){.node = group};
  return STOA_OK;
}
