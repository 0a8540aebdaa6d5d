#ifndef STOA_GRAPH_PLAN_PATTERNS_H
#define STOA_GRAPH_PLAN_PATTERNS_H

#include "graph/plan/group.h"
#include "graph/plan/piece.h"

/// Append the pieces of the group's triple patterns, each star of one source one piece, restricted where SQL can say
/// it.  `sets`: rows that come twice do not matter to who reads them.
void stoa_patterns_pieces(stoa_planner *p, const stoa_group *group, const stoa_restriction *restrictions, bool sets,
                          stoa_pieces *out);
/// One pattern over all its leaves, read whole.
stoa_piece stoa_patterns_plain(stoa_planner *p, const stoa_member *member);

#endif
