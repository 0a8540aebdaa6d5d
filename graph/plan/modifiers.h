#ifndef STOA_GRAPH_PLAN_MODIFIERS_H
#define STOA_GRAPH_PLAN_MODIFIERS_H

#include "graph/plan/piece.h"

/// GROUP, DISTINCT, ORDER, SLICE or PROJECT over its input.
stoa_piece stoa_modified(stoa_planner *p, const stoa_node *node, const stoa_piece *input);

#endif
