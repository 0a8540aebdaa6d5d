#ifndef STOA_GRAPH_PLAN_PLANNING_H
#define STOA_GRAPH_PLAN_PLANNING_H

#include "graph/plan/plan.h"

/// From a query to its plan (planner.c).

/// How to plan: the choices of tests that hold the optimised plan against a plain one.
typedef struct {
  bool plain; ///< no rule: every pattern is read whole, the executor does the rest, EXISTS row by row
  bool fault; ///< a wrong rule on purpose: OPTIONAL on a native graph drops what does not match
} stoa_plan_options;

/// Plan a query over what `rewriter` defines.  The plan lives in `arena` and borrows the query.
stoa_status stoa_plan_make(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                           stoa_arena *arena, const stoa_plan **out, stoa_error *err);
/// The same with options.
stoa_status stoa_plan_make_with(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                                stoa_plan_options options, stoa_arena *arena, const stoa_plan **out, stoa_error *err);

#endif
