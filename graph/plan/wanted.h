#ifndef STOA_GRAPH_PLAN_WANTED_H
#define STOA_GRAPH_PLAN_WANTED_H

#include "graph/plan/piece.h"

/// Pieces of a join that group a native graph's rows are asked for the groups of those pieces that have few rows.
void stoa_wanted_groups(stoa_planner *p, stoa_pieces *list);

#endif
