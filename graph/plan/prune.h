#ifndef STOA_GRAPH_PLAN_PRUNE_H
#define STOA_GRAPH_PLAN_PRUNE_H

#include "graph/plan/group.h"

/// Leave out the alternatives from which no row can come, in the group and all below it, until nothing changes.  Asks
/// only what terms can be made, never what rows there are; each alternative that goes leaves a note.
void stoa_prune(stoa_planner *p, stoa_group *group);

#endif
