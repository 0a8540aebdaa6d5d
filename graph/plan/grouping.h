#ifndef STOA_GRAPH_PLAN_GROUPING_H
#define STOA_GRAPH_PLAN_GROUPING_H

#include "graph/plan/piece.h"

/// GROUP by the executor.
stoa_plan_node *stoa_group_node(stoa_planner *p, const stoa_node *group, const stoa_piece *input);
/// GROUP of what SQL has grouped of the input's parts.  NULL: no part of it can be grouped by SQL.
const stoa_plan_node *stoa_group_in_parts(stoa_planner *p, const stoa_node *group, const stoa_plan_node *input);

#endif
