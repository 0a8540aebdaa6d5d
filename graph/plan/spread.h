#ifndef STOA_GRAPH_PLAN_SPREAD_H
#define STOA_GRAPH_PLAN_SPREAD_H

#include "graph/plan/group.h"

/// Spread a pruned group over the sources that its alternatives lie in: its rows are those of the groups in `out`
/// together, each of which has its own cheapest join.  Where the alternatives of a pattern in two sources may tell the
/// same triple they stay together, unless `sets`: rows that come twice do not matter.  None: the group is empty.
void stoa_spread(stoa_planner *p, stoa_group *group, bool sets, stoa_groups *out);

#endif
