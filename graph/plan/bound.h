#ifndef STOA_GRAPH_PLAN_BOUND_H
#define STOA_GRAPH_PLAN_BOUND_H

#include "graph/plan/planner.h"

/// Let a join send what its left side gives to the right, where that is possible.
/// A scan of a native graph that may be asked for given terms of `var`, again and again; NULL when it does not have the
/// variable in its first patterns.
const stoa_plan_node *stoa_plan_keyed(stoa_planner *p, const stoa_plan_node *scan, stoa_var var);
void stoa_plan_bind_right(stoa_planner *p, stoa_plan_node *join);

#endif
