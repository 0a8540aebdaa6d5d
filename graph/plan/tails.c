// What comes after the joins of a group: OPTIONAL, MINUS, EXISTS and BIND, one after the other as the text has them.
//
// Each takes the rows on its left and changes them by a group of its own: adds what it binds (OPTIONAL, BIND), or keeps
// those with (EXISTS) or without (MINUS, NOT EXISTS) a compatible row.  There are three ways: as part of the SQL
// statement that gives the left side, when one source holds both; by a look-up in the native graph for each left row,
// which is cheap where rows are few or the pattern is selective; by an operator of the executor, which compares terms
// and is right for anything.  The first two must say the same as the third, and say so by declining where they would
// not.
#include "graph/plan/tails.h"
#include "graph/plan/bound.h"
#include "graph/plan/quads.h"

// MINUS within GRAPH ?g does not compare ?g (section 8.3.4), which SQL's EXISTS would.
static bool compares_graph(const stoa_tail *t)
{
  return t->kind == STOA_TAIL_MINUS && t->node->graph.var != STOA_NO_VAR;
}

// The relation operators end in CANNOT_SAY where SQL's left join or EXISTS would differ from SPARQL's (rel_join.c).
bool stoa_tail_in_sql(stoa_planner *p, const stoa_tail *t, const stoa_piece *left, const stoa_piece *right,
                      stoa_piece *out)
{
  stoa_said said = STOA_CANNOT_SAY;
  *out = (stoa_piece){.rel = NULL};
  switch (t->kind) {
    case STOA_TAIL_OPTIONAL:
      said = stoa_piece_in_sql(p, STOA_PLAN_LEFT_JOIN, left, right, t->expr, &out->rel);
      break;
    case STOA_TAIL_MINUS:
    case STOA_TAIL_EXISTS:
      said = compares_graph(t)
               ? STOA_CANNOT_SAY
               : stoa_piece_semi_join(p, left, right, t->kind == STOA_TAIL_MINUS || t->negated, &out->rel);
      break;
    case STOA_TAIL_EXTEND:
      said = left->rel ? stoa_rel_extend(&p->rels, left->rel, t->node->var, t->expr, &out->rel) : STOA_CANNOT_SAY;
      break;
  }
  return said != STOA_CANNOT_SAY;
}

// A pattern of a native graph is asked for each row.
static stoa_plan_node *each_row(stoa_planner *p, const stoa_piece *left, const stoa_piece *right, stoa_quads_how how)
{
  const bool asks = !p->options.plain && right->node && stoa_quads_is_scan(right->node);
  return asks ? stoa_quads_for(p, stoa_piece_node(p, left), right->node, how) : NULL;
}

// The same as one node, which has a condition.
static stoa_plan_node *each_row_of(stoa_planner *p, const stoa_piece *left, const stoa_piece *right, stoa_quads_how how)
{
  const bool asks = !p->options.plain && right->node && stoa_quads_is_scan(right->node);
  return asks ? stoa_quads_over(p, stoa_piece_node(p, left), right->node, how) : NULL;
}

enum { MOST_BRANCHES = 4 };

// What an OPTIONAL asks for: a scan, and the OPTIONALs within, which add to its rows and leave none out.
static const stoa_plan_node *scan_of(const stoa_plan_node *node)
{
  while (node->kind == STOA_PLAN_QUADS && node->quads.how == STOA_QUADS_LEFT && !node->expr && node->inputs[0]) {
    node = node->inputs[0];
  }
  return stoa_quads_is_scan(node) ? node : NULL;
}

// The branches of a union of nothing but those.  0: it is none.
static uint32_t scans_of(const stoa_plan_node *node, const stoa_plan_node **out, uint32_t n)
{
  if (node->kind == STOA_PLAN_UNION) {
    n = scans_of(node->inputs[0], out, n);
    return n ? scans_of(node->inputs[1], out, n) : 0;
  }
  if (!scan_of(node) || n == MOST_BRANCHES) {
    return 0;
  }
  out[n] = node;
  return n + 1;
}

// The rows with what a branch has.  An OPTIONAL within may share with the rows only what its scan binds, or it would be
// asked for less than it is asked for alone.
static const stoa_plan_node *with_branch(stoa_planner *p, const stoa_plan_node *rows, const stoa_plan_node *branch)
{
  const stoa_plan_node *const scan = scan_of(branch);
  if (branch == scan) {
    const stoa_plan_node *const joined = stoa_quads_joined(p, rows, scan);
    return joined ? joined : stoa_quads_over(p, rows, scan, STOA_QUADS_JOIN);
  }
  const stoa_plan_node *const below = with_branch(p, rows, branch->inputs[0]);
  for (uint32_t i = 0; below && i < rows->n_vars; ++i) {
    if (stoa_quads_mention(branch, rows->vars[i]) && stoa_plan_column(scan, rows->vars[i]) < 0) {
      return NULL;
    }
  }
  stoa_plan_node alone = *branch;
  alone.inputs[0] = NULL;
  return below ? stoa_quads_for(p, below, &alone, STOA_QUADS_LEFT) : NULL;
}

// May the expression give another value each time?
bool stoa_expr_is_volatile(const stoa_expr *e)
{
  bool found = e->kind == STOA_EXPR_CALL && stoa_function_is_volatile(e->function);
  for (uint32_t i = 0; i < e->n_args && !found; ++i) {
    found = stoa_expr_is_volatile(e->args[i]);
  }
  return found;
}

// Would reading the rows twice give others? (RAND, UUID, BNODE)
static bool is_volatile(const stoa_plan_node *node)
{
  bool found = node->expr && stoa_expr_is_volatile(node->expr);
  for (uint32_t i = 0; node->kind == STOA_PLAN_GROUP && i < node->node->n_aggregates && !found; ++i) {
    found = node->node->aggregates[i].expr && stoa_expr_is_volatile(node->node->aggregates[i].expr);
  }
  for (int i = 0; i < 2 && node->inputs[i] && !found; ++i) {
    found = is_volatile(node->inputs[i]);
  }
  return found;
}

// OPTIONAL over a union of scans: A leftjoin (B union C) = (A join B) union (A join C) union those of A that neither
// has, all by look-ups.  A is read once for each part, so its rows must come the same each time.
static const stoa_plan_node *optional_scans(stoa_planner *p, const stoa_tail *t, const stoa_piece *left,
                                            const stoa_piece *right)
{
  const stoa_plan_node *scans[MOST_BRANCHES], *all = NULL;
  const stoa_plan_node *const rows = stoa_piece_node(p, left), *none = rows;
  const bool is_union = !p->options.plain && !t->expr && right->node && right->node->kind == STOA_PLAN_UNION &&
                        !is_volatile(rows);
  const uint32_t n = is_union ? scans_of(right->node->inputs[0], scans, 0) : 0;
  const uint32_t n_all = n ? scans_of(right->node->inputs[1], scans, n) : 0;
  for (uint32_t i = 0; i < n_all; ++i) {
    const stoa_plan_node *const with = with_branch(p, rows, scans[i]);
    none = none ? stoa_quads_for(p, none, scan_of(scans[i]), STOA_QUADS_ANTI) : NULL;
    if (!with || !none) {
      return NULL;
    }
    all = stoa_plan_union(p, all, with);
  }
  return all ? stoa_plan_union(p, all, none) : NULL;
}

// A left join; a condition within OPTIONAL belongs to the join (section 18.2.2.2) and goes with it.
stoa_piece stoa_tail_optional(stoa_planner *p, const stoa_tail *t, const stoa_piece *left, const stoa_piece *right)
{
  stoa_piece out;
  if (stoa_tail_in_sql(p, t, left, right, &out)) {
    return out;
  }
  const stoa_plan_node *const parts = optional_scans(p, t, left, right);
  if (parts) {
    return (stoa_piece){.node = parts};
  }
  const stoa_quads_how how = p->options.fault ? STOA_QUADS_JOIN : STOA_QUADS_LEFT;
  stoa_plan_node *join = t->expr ? each_row_of(p, left, right, how) : each_row(p, left, right, how);
  if (!join) {
    join =
      stoa_plan_node_new(p, STOA_PLAN_LEFT_JOIN, stoa_piece_node(p, left), stoa_piece_node(p, right));
    stoa_plan_merge_vars(p, join);
    stoa_plan_bind_right(p, join);
  }
  join->expr = t->expr;
  return (stoa_piece){.node = join};
}

// The columns are the left side's alone.
static stoa_plan_node *left_alone(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *left, const stoa_piece *right)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, kind, stoa_piece_node(p, left), NULL);
  stoa_plan_merge_vars(p, node);
  node->inputs[1] = stoa_piece_node(p, right);
  stoa_plan_bind_right(p, node);
  return node;
}

// Rows without a compatible row that shares a bound variable.
stoa_piece stoa_tail_minus(stoa_planner *p, const stoa_tail *t, const stoa_piece *left, const stoa_piece *right)
{
  stoa_piece out;
  if (stoa_tail_in_sql(p, t, left, right, &out)) {
    return out;
  }
  stoa_plan_node *const minus = left_alone(p, STOA_PLAN_MINUS, left, right);
  minus->node = t->node;
  return (stoa_piece){.node = minus};
}

// A FILTER [NOT] EXISTS that reads nothing from outside but what it shares is a semi-join: it asks for a compatible
// row.
stoa_piece stoa_tail_exists(stoa_planner *p, const stoa_tail *t, const stoa_piece *left, const stoa_piece *right)
{
  stoa_piece out;
  if (stoa_tail_in_sql(p, t, left, right, &out)) {
    return out;
  }
  stoa_plan_node *const each = each_row(p, left, right, t->negated ? STOA_QUADS_ANTI : STOA_QUADS_SEMI);
  if (each) {
    return (stoa_piece){.node = each};
  }
  stoa_plan_node *const semi = left_alone(p, STOA_PLAN_SEMI_JOIN, left, right);
  semi->join.negated = t->negated;
  return (stoa_piece){.node = semi};
}

// BIND adds a column to each row.
stoa_piece stoa_tail_extend(stoa_planner *p, const stoa_tail *t, const stoa_piece *left)
{
  stoa_piece out;
  if (!p->options.plain && stoa_tail_in_sql(p, t, left, NULL, &out)) {
    return out;
  }
  stoa_plan_node *const extend = stoa_piece_over(p, STOA_PLAN_EXTEND, t->node, left);
  stoa_plan_append_var(p, extend, t->node->var);
  return (stoa_piece){.node = extend};
}
