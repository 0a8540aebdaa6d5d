// Pieces of a plan: relations as long as SQL can say what is wanted, else nodes of the executor.
#include "graph/plan/piece.h"
#include "graph/plan/bound.h"
#include "graph/plan/cost.h"
#include "graph/plan/hosted.h"
#include "graph/plan/quads.h"
#include "graph/plan/statement.h"

const stoa_plan_node *stoa_piece_node(stoa_planner *p, const stoa_piece *piece)
{
  return piece->rel ? stoa_plan_statement(p, piece->rel) : piece->node;
}

bool stoa_piece_is_empty(const stoa_piece *piece)
{
  return piece->rel ? piece->rel->blocks.n == 0 : piece->node->kind == STOA_PLAN_EMPTY;
}

bool stoa_piece_has(const stoa_piece *piece, stoa_var var)
{
  if (!piece->rel) {
    return piece->node && stoa_plan_column(piece->node, var) >= 0;
  }
  for (uint32_t i = 0; i < piece->rel->blocks.n; ++i) {
    if (!stoa_block_find(piece->rel->blocks.items[i], var)) {
      return false;
    }
  }
  return piece->rel->blocks.n > 0;
}

bool stoa_piece_shares(const stoa_piece *a, const stoa_piece *b)
{
  if (a->rel) {
    for (uint32_t i = 0; a->rel->blocks.n && i < a->rel->blocks.items[0]->bindings.n; ++i) {
      if (stoa_piece_has(b, a->rel->blocks.items[0]->bindings.items[i].var)) {
        return true;
      }
    }
    return false;
  }
  for (uint32_t i = 0; i < a->node->n_vars; ++i) {
    if (stoa_piece_has(b, a->node->vars[i])) {
      return true;
    }
  }
  return false;
}

double stoa_piece_rows(const stoa_piece *piece)
{
  return piece->rel ? stoa_cost_rel(piece->rel) : stoa_cost_node(piece->node);
}

stoa_piece stoa_piece_restricted(stoa_planner *p, stoa_piece piece, const stoa_restriction *restrictions)
{
  for (; restrictions; restrictions = restrictions->next) {
    if (piece.rel && stoa_piece_has(&piece, restrictions->values->vars[0])) {
      stoa_rel_restrict(&p->rels, piece.rel, restrictions->values, &piece.rel); // else the VALUES alone restrict it
    }
  }
  return piece;
}

stoa_plan_node *stoa_piece_over(stoa_planner *p, stoa_plan_kind kind, const stoa_node *node, const stoa_piece *input)
{
  stoa_plan_node *const n = stoa_plan_node_new(p, kind, stoa_piece_node(p, input), NULL);
  n->node = node;
  n->expr = node ? node->expr : NULL;
  stoa_plan_merge_vars(p, n);
  return n;
}

// A native graph looks for terms of a kind by itself, also as one branch of a union: a condition of the union's rows is
// one of each branch's.
static const stoa_plan_node *filtered_by_kind(stoa_planner *p, const stoa_plan_node *node, const stoa_expr *condition)
{
  if (node->kind != STOA_PLAN_UNION) {
    return stoa_quads_of_kind(p, node, condition);
  }
  const stoa_plan_node *sides[2];
  bool any = false;
  for (int i = 0; i < 2; ++i) {
    sides[i] = filtered_by_kind(p, node->inputs[i], condition);
    any |= sides[i] != NULL;
  }
  for (int i = 0; i < 2 && any; ++i) {
    const stoa_piece side = {.node = node->inputs[i]};
    const stoa_piece asked = sides[i] ? (stoa_piece){.node = sides[i]} : stoa_piece_filtered(p, &side, condition);
    sides[i] = asked.node;
  }
  return any ? stoa_plan_union(p, sides[0], sides[1]) : NULL;
}

stoa_piece stoa_piece_filtered(stoa_planner *p, const stoa_piece *piece, const stoa_expr *condition)
{
  static const stoa_node filter = {.kind = STOA_NODE_FILTER};
  const stoa_rel *rel;
  if (piece->rel && !p->options.plain && stoa_rel_filter(&p->rels, piece->rel, condition, &rel) != STOA_CANNOT_SAY) {
    return (stoa_piece){.rel = rel};
  }
  const stoa_plan_node *const of_kind =
    piece->node && !p->options.plain ? filtered_by_kind(p, piece->node, condition) : NULL;
  if (of_kind) {
    return (stoa_piece){.node = of_kind};
  }
  stoa_plan_node *const node = stoa_piece_over(p, STOA_PLAN_FILTER, &filter, piece);
  node->expr = condition;
  return (stoa_piece){.node = node};
}

static stoa_source *source_of(const stoa_piece *piece)
{
  return piece->rel ? piece->rel->source : stoa_plan_source_of(piece->node);
}

// Both as relations of their one source, with what SQL cannot say handed back to the engine; true: p->rels.hosted is
// on for the operator that the caller then builds, and is to be turned off after it.
static bool host(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, const stoa_rel **x, const stoa_rel **y)
{
  stoa_source *const source = source_of(a);
  if (!source || source != source_of(b) || !source->klass->calls) {
    return false;
  }
  p->rels.hosted = true;
  *x = a->rel;
  *y = b->rel;
  p->rels.hosted = (*x || stoa_plan_hosted(p, source, a->node, x) != STOA_CANNOT_SAY) &&
                   (*y || stoa_plan_hosted(p, source, b->node, y) != STOA_CANNOT_SAY);
  return p->rels.hosted;
}

static stoa_said apply(stoa_planner *p, stoa_plan_kind kind, const stoa_rel *a, const stoa_rel *b,
                       const stoa_expr *condition, const stoa_rel **out)
{
  switch (kind) {
    case STOA_PLAN_JOIN:
      return stoa_rel_join(&p->rels, a, b, out);
    case STOA_PLAN_LEFT_JOIN:
      return stoa_rel_left_join(&p->rels, a, b, condition, out);
    default:
      return stoa_rel_union(&p->rels, a, b, out);
  }
}

stoa_said stoa_piece_in_sql(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *a, const stoa_piece *b,
                            const stoa_expr *condition, const stoa_rel **out)
{
  const stoa_rel *x = a->rel, *y = b->rel;
  stoa_said said = STOA_CANNOT_SAY;
  if (p->options.plain) {
    return STOA_CANNOT_SAY;
  }
  if (x && y && x->source == y->source) {
    said = apply(p, kind, x, y, condition, out);
  }
  if (said == STOA_CANNOT_SAY && host(p, a, b, &x, &y)) {
    said = apply(p, kind, x, y, condition, out);
    p->rels.hosted = false;
  }
  return said;
}

stoa_said stoa_piece_semi_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, bool negated,
                               const stoa_rel **out)
{
  const bool together = !p->options.plain && a->rel && b->rel && a->rel->source == b->rel->source;
  const bool may = together && a->rel->blocks.n && b->rel->blocks.n;
  return may ? stoa_rel_semi_join(&p->rels, a->rel, b->rel, negated, out) : STOA_CANNOT_SAY;
}

static stoa_piece no_rows(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  stoa_plan_node *const none = stoa_plan_node_new(p, STOA_PLAN_EMPTY, a, b);
  stoa_plan_merge_vars(p, none);
  none->inputs[0] = none->inputs[1] = NULL;
  return (stoa_piece){.node = none};
}

// Patterns of a native graph: one scan of both, or a look-up for each row of the other side.
static const stoa_plan_node *native_join(stoa_planner *p, const stoa_plan_node *x, const stoa_plan_node *y)
{
  const stoa_plan_node *const both = stoa_quads_joined(p, x, y);
  if (both) {
    return both;
  }
  const stoa_plan_node *over = stoa_quads_is_scan(y) ? stoa_quads_over(p, x, y, STOA_QUADS_JOIN) : NULL;
  if (!over && stoa_quads_is_scan(x)) {
    over = stoa_quads_over(p, y, x, STOA_QUADS_JOIN);
  }
  return over;
}

// The side that costs less asks, the other one is read, and perhaps only for what the first has.
static double costs(const stoa_plan_node *node)
{
  const double rows = stoa_cost_node(node);
  return node->kind == STOA_PLAN_SQL ? stoa_cost_read(node->sql.rel) + rows : rows;
}

stoa_piece stoa_piece_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b)
{
  const stoa_rel *rel;
  if (stoa_piece_in_sql(p, STOA_PLAN_JOIN, a, b, NULL, &rel) != STOA_CANNOT_SAY) {
    return (stoa_piece){.rel = rel};
  }
  const stoa_plan_node *const x = stoa_piece_node(p, a), *const y = stoa_piece_node(p, b);
  if (x->kind == STOA_PLAN_EMPTY || y->kind == STOA_PLAN_EMPTY) {
    return no_rows(p, x, y);
  }
  const stoa_plan_node *const native = p->options.plain ? NULL : native_join(p, x, y);
  if (native) {
    return (stoa_piece){.node = native};
  }
  const bool turned = !p->options.plain && costs(y) < costs(x);
  stoa_plan_node *const join = stoa_plan_node_new(p, STOA_PLAN_JOIN, turned ? y : x, turned ? x : y);
  stoa_plan_merge_vars(p, join);
  stoa_plan_bind_right(p, join);
  return (stoa_piece){.node = join};
}
