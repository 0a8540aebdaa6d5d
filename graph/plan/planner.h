#ifndef STOA_GRAPH_PLAN_PLANNER_H
#define STOA_GRAPH_PLAN_PLANNER_H

#include "graph/plan/plan.h"

/// What the files of the planner share; only they include this.

/// False when planning must end: the request was cancelled, is late, or the plan is larger than the request's memory.
/// What is built then must only be whole enough to be thrown away.
bool stoa_plan_goes_on(stoa_planner *p);
/// Plan any node of algebra.
stoa_status stoa_plan_algebra(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out);
stoa_status stoa_plan_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                           stoa_piece *out);
stoa_status stoa_plan_left_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                stoa_piece *out);
stoa_status stoa_plan_filter(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out);
stoa_status stoa_plan_minus(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                            stoa_piece *out);
/// A closure, and an endpoint, over rows that are there already (`left` NULL: none).
stoa_status stoa_plan_path(stoa_planner *p, const stoa_node *node, const stoa_piece *left, const stoa_node *left_node,
                           stoa_piece *out);
void stoa_plan_service(stoa_planner *p, const stoa_node *node, const stoa_piece *left, stoa_piece *out);
/// Two pieces of one source by an operator of relations; NULL when SQL cannot say it.
const stoa_rel *stoa_plan_in_sql(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *a, const stoa_piece *b,
                                 const stoa_expr *condition);
/// An operator of the executor over a piece.
stoa_plan_node *stoa_plan_over(stoa_planner *p, stoa_plan_kind kind, const stoa_node *node, const stoa_piece *input);
/// The restrictions whose variable `child` certainly binds, or is among `only`.
const stoa_restriction *stoa_plan_keep(stoa_planner *p, const stoa_restriction *all, const stoa_node *child,
                                       const stoa_var *only, uint32_t n_only);
/// Give a node one more column, where it does not have it.
void stoa_plan_append_var(stoa_planner *p, stoa_plan_node *node, stoa_var var);

/// Plan GROUP BY with its aggregates.
stoa_status stoa_plan_group(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                            stoa_piece *out);
/// A variable that the query does not have.
stoa_var stoa_plan_extra_var(stoa_planner *p);

#endif
