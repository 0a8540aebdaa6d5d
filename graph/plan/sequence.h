#ifndef STOA_GRAPH_PLAN_SEQUENCE_H
#define STOA_GRAPH_PLAN_SEQUENCE_H

#include "graph/plan/piece.h"

/// Join pieces of several sources, in the sequence that is expected to cost least; `list` is used up and not empty.
stoa_piece stoa_sequence_join(stoa_planner *p, stoa_pieces *list);

#endif
