#ifndef STOA_GRAPH_PLAN_QUADS_H
#define STOA_GRAPH_PLAN_QUADS_H

#include "graph/plan/planner.h"

/// Basic graph patterns of the native graph, as nodes.

/// One scan for patterns of one graph.
const stoa_plan_node *stoa_quads_new(stoa_planner *p, const stoa_pattern *const *patterns, uint32_t n,
                                     stoa_source *source);
/// True for a plain scan: patterns that are asked for no other rows.
bool stoa_quads_is_scan(const stoa_plan_node *node);
/// Ask for rows of a scan, or of look-ups over one, where a variable is of a kind (ISIRI, ISBLANK, ISLITERAL); NULL: the
/// condition asks something else, or the node is.  Exact: the condition need not be asked again.
const stoa_plan_node *stoa_quads_of_kind(stoa_planner *p, const stoa_plan_node *node, const stoa_expr *condition);
/// True when one of the node's own patterns has the variable.
bool stoa_quads_mention(const stoa_plan_node *node, stoa_var var);
/// One scan for two of one source; NULL when one of them is none.
const stoa_plan_node *stoa_quads_merged(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b);
/// The join of two that a native graph answers alone, scans and look-ups over them or unions of such: the union of all
/// joins of one branch of each.  NULL: one is something else, or there are many.
const stoa_plan_node *stoa_quads_joined(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b);
/// A pattern asked for each row of `left`: where that is a union of scans, for those of each branch, which the graph
/// then answers alone.  NULL when they share no variable.
stoa_plan_node *stoa_quads_for(stoa_planner *p, const stoa_plan_node *left, const stoa_plan_node *quads,
                               stoa_quads_how how);
/// Ask a pattern for each row of `left`, when they share a variable; NULL when they do not.
stoa_plan_node *stoa_quads_over(stoa_planner *p, const stoa_plan_node *left, const stoa_plan_node *quads,
                                stoa_quads_how how);
/// Hand the bounds that `filters` set to a pattern scan, or to a look-up that joins.  The filters stay.
const stoa_plan_node *stoa_quads_ranged(stoa_planner *p, const stoa_conjuncts *filters, const stoa_plan_node *node);

#endif
