// Operators that only pass rows on: nothing, one row, VALUES, UNION, projection, slices.
#include "graph/exec/op.h"

static stoa_status empty_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  (void)op;
  (void)err;
  *out = NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_empty = {"empty", NULL, empty_next, NULL};

static stoa_status unit_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  (void)err;
  op->batch.n_rows = 1;
  *out = op->state ? NULL : &op->batch;
  op->state = op;
  return STOA_OK;
}

const stoa_op_class stoa_op_unit = {"unit", NULL, unit_next, NULL};

typedef struct {
  uint32_t at;
} values_state;

stoa_slot_rows stoa_run_rows(const stoa_run *run, const stoa_node *node)
{
  if (node->slot && node->slot <= run->n_slots) {
    return run->slots[node->slot - 1];
  }
  return (stoa_slot_rows){node->rows, node->n_rows};
}

static stoa_status values_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  op->state = STOA_NEW(&op->run->arena, values_state);
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static stoa_status values_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  values_state *const s = op->state;
  const stoa_slot_rows rows = stoa_run_rows(op->run, op->node->node);
  const uint32_t n_vars = op->node->n_vars;
  uint32_t n = 0;
  (void)err;
  for (; s->at < rows.n_rows && n < STOA_BATCH_ROWS; ++s->at, ++n) {
    for (uint32_t i = 0; i < n_vars; ++i) {
      op->batch.columns[i][n] = rows.terms[s->at * n_vars + i];
    }
  }
  op->batch.n_rows = n;
  *out = n ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_values = {"values", values_open, values_next, NULL};

// ---- projection: columns are lent, an absent variable is a column of unbound terms

typedef struct {
  stoa_term *unbound;
  int side; ///< of a union: the input that is read now
} project_state;

static stoa_status project_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  project_state *const s = STOA_NEW(&op->run->arena, project_state);
  s->unbound = STOA_NEWS(&op->run->arena, stoa_term, STOA_BATCH_ROWS);
  op->batch.n_columns = op->node->n_vars;
  op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
  op->state = s;
  return STOA_OK;
}

static void lend_columns(stoa_op *op, const stoa_plan_node *from, const stoa_batch *in)
{
  const project_state *const s = op->state;
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    const int column = stoa_plan_column(from, op->node->vars[i]);
    op->batch.columns[i] = column >= 0 ? in->columns[column] : s->unbound;
  }
  op->batch.n_rows = in->n_rows;
  op->batch.weights = in->weights;
}

static stoa_status project_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  const stoa_batch *in;
  STOA_TRY(stoa_op_pull(op, 0, &in, err));
  if (in) {
    lend_columns(op, op->node->inputs[0], in);
  }
  *out = in ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_project = {"project", project_open, project_next, NULL};

static stoa_status union_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  project_state *const s = op->state;
  for (; s->side < 2; ++s->side) {
    const stoa_batch *in;
    STOA_TRY(stoa_op_pull(op, s->side, &in, err));
    if (in) {
      lend_columns(op, op->node->inputs[s->side], in);
      *out = &op->batch;
      return STOA_OK;
    }
  }
  *out = NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_union = {"union", project_open, union_next, NULL};

// ---- slices: LIMIT stops by not asking

typedef struct {
  uint64_t skipped, given;
} slice_state;

static stoa_status slice_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  op->state = STOA_NEW(&op->run->arena, slice_state);
  op->batch.n_columns = op->node->n_vars;
  op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
  return STOA_OK;
}

static stoa_status slice_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  slice_state *const s = op->state;
  const stoa_node *const lim = op->node->node;
  *out = NULL;
  while (s->given < lim->limit) {
    const stoa_batch *in;
    STOA_TRY(stoa_op_pull(op, 0, &in, err));
    if (!in) {
      return STOA_OK;
    }
    const uint64_t left = lim->offset - s->skipped;
    const uint32_t skip = left < in->n_rows ? (uint32_t)left : in->n_rows;
    const uint64_t want = lim->limit - s->given;
    const uint32_t rest = in->n_rows - skip;
    s->skipped += skip;
    if (rest == 0) {
      continue;
    }
    op->batch.n_rows = want < rest ? (uint32_t)want : rest;
    s->given += op->batch.n_rows;
    for (uint32_t i = 0; i < op->node->n_vars; ++i) {
      op->batch.columns[i] = in->columns[i] + skip;
    }
    *out = &op->batch;
    return STOA_OK;
  }
  return STOA_OK;
}

const stoa_op_class stoa_op_slice = {"slice", slice_open, slice_next, NULL};
