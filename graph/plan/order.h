#ifndef STOA_GRAPH_PLAN_ORDER_H
#define STOA_GRAPH_PLAN_ORDER_H

#include "graph/plan/walk.h"

/// A tail with its own group planned.
typedef struct {
  const stoa_tail *tail;
  stoa_piece right; ///< of what is no BIND
  bool done;
} stoa_planned_tail;

/// A group whose members are planned, each as a piece or a walk.
typedef struct {
  const stoa_group *group;
  stoa_pieces pieces;
  stoa_walks walks;
  STOA_LIST(const stoa_node *) services;
  STOA_LIST(stoa_planned_tail) tails;
  stoa_conjuncts conditions; ///< in the order of the group's; NULL once asked
  bool sets;                 ///< rows that come twice do not matter
} stoa_work;

/// Join the pieces, cheapest first, with conditions, paths and tails where they cost least; `work` is used up.
stoa_piece stoa_order_join(stoa_planner *p, stoa_work *work);

#endif
