// FILTER keeps rows, EXTEND adds a column.
#include "graph/exec/eval.h"

static stoa_status filter_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  op->state = stoa_arena_raw(&op->run->arena, STOA_BATCH_ROWS * sizeof(uint64_t)); // weights
  return STOA_OK;
}

static void keep_row(stoa_op *op, const stoa_batch *in, uint32_t row)
{
  if (in->weights) {
    ((uint64_t *)op->state)[op->batch.n_rows] = in->weights[row];
  }
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    op->batch.columns[i][op->batch.n_rows] = in->columns[i][row];
  }
  op->batch.n_rows++;
}

static stoa_status filter_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  *out = NULL;
  for (;;) {
    const stoa_batch *in;
    STOA_TRY(stoa_op_pull(op, 0, &in, err));
    if (!in) {
      return STOA_OK;
    }
    STOA_TRY(stoa_op_check(op, err));
    op->batch.n_rows = 0;
    op->batch.weights = in->weights ? op->state : NULL;
    stoa_arena_reset(&op->scratch);
    stoa_scope scope = {op->node->inputs[0], in, 0, &op->scratch, op->run, 0};
    for (scope.row = 0; scope.row < in->n_rows; ++scope.row) {
      if (stoa_eval_condition(op->node->expr, &scope) == 1) {
        keep_row(op, in, scope.row);
      }
    }
    STOA_TRY(stoa_op_check(op, err));
    if (op->batch.n_rows) {
      *out = &op->batch;
      return STOA_OK;
    }
  }
}

const stoa_op_class stoa_op_filter = {"filter", filter_open, filter_next, NULL};

typedef struct {
  stoa_term *computed;
  uint64_t n_rows; ///< so far
} extend_state;

static stoa_status extend_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  op->batch.n_columns = op->node->n_vars;
  op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
  extend_state *const s = STOA_NEW(&op->run->arena, extend_state);
  s->computed = stoa_arena_raw(&op->run->arena, STOA_BATCH_ROWS * sizeof(stoa_term));
  op->state = s;
  return STOA_OK;
}

static stoa_status extend_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  const stoa_batch *in;
  *out = NULL;
  STOA_TRY(stoa_op_pull(op, 0, &in, err));
  if (!in) {
    return STOA_OK;
  }
  STOA_TRY(stoa_op_check(op, err));
  stoa_arena_reset(&op->scratch);
  extend_state *const s = op->state;
  stoa_term *const computed = s->computed;
  stoa_scope scope = {op->node->inputs[0], in, 0, &op->scratch, op->run, s->n_rows};
  s->n_rows += in->n_rows;
  for (scope.row = 0; scope.row < in->n_rows; ++scope.row) {
    computed[scope.row] = stoa_eval(op->node->expr, &scope);
  }
  STOA_TRY(stoa_op_check(op, err));
  const int target = stoa_plan_column(op->node, op->node->node->var);
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    op->batch.columns[i] = (int)i == target ? computed : in->columns[i];
  }
  op->batch.n_rows = in->n_rows;
  op->batch.weights = in->weights;
  *out = &op->batch;
  return STOA_OK;
}

const stoa_op_class stoa_op_extend = {"extend", extend_open, extend_next, NULL};
