#ifndef STOA_GRAPH_PLAN_PLANNER_H
#define STOA_GRAPH_PLAN_PLANNER_H

#include "graph/plan/planning.h"
#include "graph/plan/rels.h"

/// What planning carries from stage to stage, and how nodes of a plan are made.
///
///     algebra --group.h--> join groups --alternatives.h--> what each member can make --prune.h--> what is left
///             --spread.h--> groups over one source each --patterns.h--> pieces --order.h, tails.h--> one piece
///
/// planner.c calls the stages, and alone calls itself; no stage calls back.

typedef STOA_LIST(const stoa_expr *) stoa_conjuncts;
typedef STOA_LIST(const char *) stoa_plan_lines;

typedef struct {
  stoa_rels rels;
  const stoa_rewriter *rewriter;
  const stoa_context *context;
  stoa_error *err;
  stoa_arena *arena;
  STOA_LIST(const char *) extra_names; ///< variables added by the planner
  stoa_plan_lines notes, warnings;     ///< of the plan
  const struct stoa_apart *apart;      ///< what is assumed of values (apart.h), or NULL
  stoa_plan_options options;
  stoa_status stopped; ///< why planning ends early; told in err
} stoa_planner;

/// False when planning must end: the request was cancelled, is late, or the plan is larger than the request's memory.
/// What is built then must only be whole enough to be thrown away.
bool stoa_plan_goes_on(stoa_planner *p);
/// Note why something was left out, for --explain=plan.
void stoa_plan_note(stoa_planner *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Tell who asks of what may be a mistake.
void stoa_plan_warn(stoa_planner *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// A variable that the query does not have, and how many there are with it.
stoa_var stoa_plan_extra_var(stoa_planner *p);
uint32_t stoa_plan_n_vars(const stoa_planner *p);

stoa_plan_node *stoa_plan_node_new(stoa_planner *p, stoa_plan_kind kind, const stoa_plan_node *a,
                                   const stoa_plan_node *b);
/// Set the columns of a node to all of its inputs' columns.
void stoa_plan_merge_vars(stoa_planner *p, stoa_plan_node *node);
/// Give a node one more column, where it does not have it.
void stoa_plan_append_var(stoa_planner *p, stoa_plan_node *node, stoa_var var);
/// A node without rows; the rows of VALUES.
stoa_plan_node *stoa_plan_empty(stoa_planner *p);
stoa_plan_node *stoa_plan_values(stoa_planner *p, const stoa_node *node);
/// The rows of both; NULL is none.
const stoa_plan_node *stoa_plan_union(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b);

#endif
