#ifndef STOA_GRAPH_PLAN_HOSTED_H
#define STOA_GRAPH_PLAN_HOSTED_H

#include "graph/plan/planner.h"

/// The one source whose statements a plan runs, or the first of them; NULL: none.
stoa_source *stoa_plan_source_of(const stoa_plan_node *node);
/// A finished plan as a relation of `source`, which can call back into the engine.  p->rels.hosted must be on.
stoa_said stoa_plan_hosted(stoa_planner *p, stoa_source *source, const stoa_plan_node *node, const stoa_rel **out);

#endif
