// What stands above a group: GROUP BY, DISTINCT, ORDER BY, LIMIT, and the columns that are wanted.  Each stays in the
// statement where SQL says what SPARQL means.
#include "graph/plan/modifiers.h"

// ---- GROUP BY: over a union of several sources a group of each one's groups (rule 26)

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
    all = stoa_plan_union(p, all, node);
  }
  return all;
}

static stoa_piece grouped(stoa_planner *p, const stoa_node *node, stoa_piece input)
{
  const stoa_rel *const rel = input.rel && input.rel->blocks.n ? stoa_rel_group(&p->rels, input.rel, node) : NULL;
  if (rel) {
    return (stoa_piece){.rel = rel};
  }
  stoa_node *const outer = STOA_NEW(p->arena, stoa_node);
  const stoa_plan_node *const parts = groups_of_branches(p, node, stoa_piece_node(p, &input), outer);
  input = parts ? (stoa_piece){.node = parts} : input;
  stoa_plan_node *const group = stoa_piece_over(p, STOA_PLAN_GROUP, parts ? outer : node, &input);
  group->n_vars = 0;
  group->vars = NULL;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    stoa_plan_append_var(p, group, node->vars[i]);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    stoa_plan_append_var(p, group, node->aggregates[i].out);
  }
  return (stoa_piece){.node = group};
}

// ---- ORDER BY under LIMIT

enum { MOST_KEPT = 100000 };

// ORDER BY under LIMIT keeps only what can be in the answer.
static const stoa_plan_node *limited(stoa_planner *p, const stoa_plan_node *node, uint64_t limit)
{
  const bool passes = node->kind == STOA_PLAN_PROJECT || node->kind == STOA_PLAN_EXTEND;
  if ((!passes && node->kind != STOA_PLAN_ORDER) || limit > MOST_KEPT || limit == 0) {
    return node;
  }
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  if (passes) {
    copy->inputs[0] = limited(p, node->inputs[0], limit);
  } else {
    copy->limit = (uint32_t)limit;
  }
  return copy;
}

static stoa_piece sliced(stoa_planner *p, const stoa_node *node, stoa_piece input)
{
  const stoa_rel *const rel = input.rel ? stoa_rel_slice(&p->rels, input.rel, node->offset, node->limit) : NULL;
  if (rel) {
    return (stoa_piece){.rel = rel};
  }
  if (!p->options.plain && node->limit <= MOST_KEPT && node->offset <= MOST_KEPT) {
    input = (stoa_piece){.node = limited(p, stoa_piece_node(p, &input), node->offset + node->limit)};
  }
  return (stoa_piece){.node = stoa_piece_over(p, STOA_PLAN_SLICE, node, &input)};
}

// ---- the others

static stoa_piece projected(stoa_planner *p, const stoa_node *node, const stoa_piece *input)
{
  const stoa_rel *const rel = input->rel ? stoa_rel_project(&p->rels, input->rel, node->vars, node->n_vars) : NULL;
  if (rel) {
    return (stoa_piece){.rel = rel};
  }
  stoa_plan_node *const project = stoa_piece_over(p, STOA_PLAN_PROJECT, node, input);
  project->vars = node->vars;
  project->n_vars = node->n_vars;
  return (stoa_piece){.node = project};
}

stoa_piece stoa_modified(stoa_planner *p, const stoa_node *node, const stoa_piece *input)
{
  const stoa_rel *rel = NULL;
  switch (node->kind) {
    case STOA_NODE_GROUP:
      return grouped(p, node, *input);
    case STOA_NODE_SLICE:
      return sliced(p, node, *input);
    case STOA_NODE_PROJECT:
      return projected(p, node, input);
    case STOA_NODE_DISTINCT:
      rel = input->rel ? stoa_rel_distinct(&p->rels, input->rel) : NULL;
      break;
    default:
      rel = input->rel ? stoa_rel_order(&p->rels, input->rel, node) : NULL;
      break;
  }
  const stoa_plan_kind kind = node->kind == STOA_NODE_DISTINCT ? STOA_PLAN_DISTINCT : STOA_PLAN_ORDER;
  return rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = stoa_piece_over(p, kind, node, input)};
}
