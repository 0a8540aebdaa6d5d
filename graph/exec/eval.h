#ifndef STOA_GRAPH_EXEC_EVAL_H
#define STOA_GRAPH_EXEC_EVAL_H

#include "graph/exec/op.h"

/// Where an expression is evaluated: one row of a batch whose columns are those of `node`.
typedef struct {
  const stoa_plan_node *node;
  const stoa_batch *batch;
  uint32_t row;
  stoa_arena *arena;
  stoa_run *run;
  uint64_t first_row; ///< rows before this batch, for BNODE(text)
} stoa_scope;

/// Evaluate; an unbound term is SPARQL's error (or an unbound variable).
stoa_term stoa_eval(const stoa_expr *expr, const stoa_scope *scope);
/// Evaluate a condition: 1 true, 0 false, -1 error (effective boolean value, section 17.2.2).
int stoa_eval_condition(const stoa_expr *expr, const stoa_scope *scope);
/// EXISTS for one row: 1 or 0.  A failure is kept in the run.
int stoa_exists_apply(const stoa_expr *exists, const stoa_scope *scope);

#endif
