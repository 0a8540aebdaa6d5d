#ifndef STOA_GRAPH_PLAN_ALTERNATIVES_H
#define STOA_GRAPH_PLAN_ALTERNATIVES_H

#include "graph/plan/group.h"

/// The alternatives of a pattern: the leaves that may tell it, and what each makes at each variable.

/// Ask the rewriter for the leaves of every pattern in the group and below it; those that cannot make a constant of
/// their pattern are left out.
stoa_status stoa_alternatives_find(stoa_planner *p, stoa_group *group);

/// What an alternative makes at a variable: terms of `kinds`; by `ctor` (NULL: any of those), or what stands at `place`
/// of the quads of a native graph that match the pattern (0 subject, 2 object).
typedef struct {
  stoa_kinds kinds;
  const stoa_ctor *ctor;
  stoa_source *native;
  const stoa_pattern *pattern;
  int place;
} stoa_made;

typedef STOA_LIST(stoa_made) stoa_mades;

/// What a leaf makes at a place of its pattern: 0 subject, 1 predicate, 2 object, 3 graph.
stoa_made stoa_leaf_made(const stoa_leaf *leaf, const stoa_pattern *pattern, int place);
/// False when no term is made by both.
bool stoa_mades_meet(const stoa_made *a, const stoa_made *b);
/// The slot of a pattern at a place.
const stoa_slot *stoa_pattern_slot(const stoa_pattern *pattern, int place);
/// Can leaves of two sources tell the same triple?
bool stoa_leaves_coincide(const stoa_leaf *a, const stoa_leaf *b);
/// By leaf: may it tell what another source tells, or what such a leaf of its own source tells?  The rows of these are
/// made distinct together.
bool *stoa_leaves_shared(stoa_planner *p, const stoa_leaves *leaves);

#endif
