// What stands above a group: GROUP BY, DISTINCT, ORDER BY, LIMIT, and the columns that are wanted.  Each stays in the
// statement where SQL says what SPARQL means.
#include "graph/plan/modifiers.h"
#include "graph/plan/grouping.h"
#include "graph/plan/statement.h"

// ---- GROUP BY

static stoa_piece grouped(stoa_planner *p, const stoa_node *node, stoa_piece input)
{
  const stoa_rel *rel;
  if (input.rel && input.rel->blocks.n && stoa_rel_group(&p->rels, input.rel, node, &rel) != STOA_CANNOT_SAY) {
    return (stoa_piece){.rel = rel};
  }
  const stoa_piece whole = {.node = stoa_piece_node(p, &input)};
  const stoa_plan_node *const parts = stoa_group_in_parts(p, node, whole.node);
  return (stoa_piece){.node = parts ? parts : stoa_group_node(p, node, &whole)};
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
    const stoa_plan_node *const input = node->inputs[0];
    const stoa_rel *first;
    copy->limit = (uint32_t)limit;
    if (input->kind == STOA_PLAN_SQL && !input->sql.bound &&
        stoa_rel_first(&p->rels, input->sql.rel, node->node, limit, &first) != STOA_CANNOT_SAY) {
      copy->inputs[0] = stoa_plan_statement(p, first);
    }
  }
  return copy;
}

static stoa_piece sliced(stoa_planner *p, const stoa_node *node, stoa_piece input)
{
  const stoa_rel *rel;
  if (input.rel && stoa_rel_slice(&p->rels, input.rel, node->offset, node->limit, &rel) != STOA_CANNOT_SAY) {
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
  const stoa_rel *rel;
  if (input->rel && stoa_rel_project(&p->rels, input->rel, node->vars, node->n_vars, &rel) != STOA_CANNOT_SAY) {
    return (stoa_piece){.rel = rel};
  }
  stoa_plan_node *const project = stoa_piece_over(p, STOA_PLAN_PROJECT, node, input);
  project->vars = node->vars;
  project->n_vars = node->n_vars;
  return (stoa_piece){.node = project};
}

stoa_piece stoa_modified(stoa_planner *p, const stoa_node *node, const stoa_piece *input)
{
  const stoa_rel *rel;
  stoa_said said = STOA_CANNOT_SAY;
  switch (node->kind) {
    case STOA_NODE_GROUP:
      return grouped(p, node, *input);
    case STOA_NODE_SLICE:
      return sliced(p, node, *input);
    case STOA_NODE_PROJECT:
      return projected(p, node, input);
    case STOA_NODE_DISTINCT:
      said = input->rel ? stoa_rel_distinct(&p->rels, input->rel, &rel) : STOA_CANNOT_SAY;
      break;
    default:
      said = input->rel ? stoa_rel_order(&p->rels, input->rel, node, &rel) : STOA_CANNOT_SAY;
      break;
  }
  const stoa_plan_kind kind = node->kind == STOA_NODE_DISTINCT ? STOA_PLAN_DISTINCT : STOA_PLAN_ORDER;
  return said != STOA_CANNOT_SAY ? (stoa_piece){.rel = rel}
                                 : (stoa_piece){.node = stoa_piece_over(p, kind, node, input)};
}
