#ifndef STOA_GRAPH_PLAN_PLAIN_H
#define STOA_GRAPH_PLAN_PLAIN_H

#include "graph/plan/planner.h"

/// Plan without any rule: every pattern is read whole, and the executor does the rest, node by node as the algebra
/// says.  What tests hold the planner's own plans against.
stoa_status stoa_plan_plain(stoa_planner *p, const stoa_node *node, const stoa_plan_node **out);

#endif
