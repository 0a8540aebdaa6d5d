#ifndef STOA_GRAPH_PLAN_SPREAD_H
#define STOA_GRAPH_PLAN_SPREAD_H

#include "graph/plan/group.h"

/// A group over one source for each of its patterns.  `set`: 0, or a number that it has in common with the groups that
/// may tell the same rows.
typedef struct {
  stoa_group *group;
  uint32_t set;
} stoa_spread_group;

typedef STOA_LIST(stoa_spread_group) stoa_spread_groups;

/// Spread a pruned group over the sources that its alternatives lie in: its rows are those of the groups in `out`
/// together, each of which has its own cheapest join; of those of one set, each row once.  None: the group is empty.
/// `sets`: rows that come twice do not matter: all are of set 0.
void stoa_spread(stoa_planner *p, stoa_group *group, bool sets, stoa_spread_groups *out);

#endif
