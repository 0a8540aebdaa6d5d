#ifndef STOA_GRAPH_PLAN_WALK_H
#define STOA_GRAPH_PLAN_WALK_H

#include "graph/plan/group.h"
#include "graph/plan/piece.h"

/// What follows rows that are there already: closures of paths, and endpoints.

/// A path whose step is planned.
typedef struct {
  const stoa_node *node;
  stoa_piece steps;
  stoa_piece nodes; ///< binds the subject to every node; node NULL where it is not needed
  bool done;
} stoa_walk;

typedef STOA_LIST(stoa_walk) stoa_walks;

/// Follow a path over `left` (NULL: nothing), which belongs to `group`: its patterns tell which terms are nodes.
stoa_piece stoa_walk_over(stoa_planner *p, const stoa_walk *walk, const stoa_group *group, const stoa_piece *left);
/// Ask an endpoint with the rows of `left`; without them (NULL) once, for all that it has.
stoa_piece stoa_service_over(stoa_planner *p, const stoa_node *node, const stoa_piece *left);

#endif
