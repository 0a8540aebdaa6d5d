#ifndef STOA_GRAPH_PLAN_STATEMENT_H
#define STOA_GRAPH_PLAN_STATEMENT_H

#include "graph/plan/planner.h"

/// Finish a relation as a node that runs its statement; a set that SQL cannot compare is made one by the executor.
const stoa_plan_node *stoa_plan_statement(stoa_planner *p, const stoa_rel *rel);

#endif
