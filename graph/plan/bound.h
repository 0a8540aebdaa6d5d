#ifndef STOA_GRAPH_PLAN_BOUND_H
#define STOA_GRAPH_PLAN_BOUND_H

#include "graph/plan/planner.h"

/// Let a join send what its left side gives to the right, where that is possible.
void stoa_plan_bind_right(stoa_planner *p, stoa_plan_node *join);

#endif
