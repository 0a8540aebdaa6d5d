#ifndef STOA_GRAPH_PLAN_NEEDED_H
#define STOA_GRAPH_PLAN_NEEDED_H

#include "graph/plan/planner.h"

/// Copy a finished plan whose statements give only the columns that are read above them.
const stoa_plan_node *stoa_plan_narrow(stoa_planner *p, const stoa_plan_node *root);

#endif
