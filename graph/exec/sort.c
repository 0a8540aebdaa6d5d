// ORDER BY (stable, in memory under the query's cap) and DISTINCT.
#include "graph/exec/eval.h"
#include "graph/term/equality.h"
#include <stdlib.h>

typedef struct {
  stoa_table rows; ///< columns of the input, then the keys
  uint32_t *order;
  uint32_t at;
  bool built;
} order_state;

static stoa_status order_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  order_state *const s = STOA_NEW(&op->run->arena, order_state);
  s->rows.n_columns = op->node->n_vars + op->node->node->n_orders;
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static int compare_rows(const void *a, const void *b, void *data)
{
  const stoa_op *const op = data;
  const order_state *const s = op->state;
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  const stoa_term *const p = stoa_table_row(&s->rows, x) + op->node->n_vars;
  const stoa_term *const q = stoa_table_row(&s->rows, y) + op->node->n_vars;
  for (uint32_t i = 0; i < op->node->node->n_orders; ++i) {
    const int order = stoa_term_order(p[i], q[i]);
    if (order) {
      return op->node->node->orders[i].descending ? -order : order;
    }
  }
  return (x > y) - (x < y);
}

static stoa_status build(stoa_op *op, stoa_error *err)
{
  order_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  stoa_term *const row = STOA_NEWS(&op->run->arena, stoa_term, s->rows.n_columns + 1);
  const stoa_batch *in;
  for (;;) {
    STOA_TRY(stoa_op_pull(op, 0, &in, err));
    if (!in) {
      break;
    }
    STOA_TRY(stoa_op_check(op, err));
    stoa_arena_reset(&op->scratch);
    stoa_scope scope = {op->node->inputs[0], in, 0, &op->scratch, op->run, 0};
    for (scope.row = 0; scope.row < in->n_rows; ++scope.row) {
      for (uint32_t i = 0; i < op->node->n_vars; ++i) {
        row[i] = in->columns[i][scope.row];
      }
      for (uint32_t i = 0; i < node->n_orders; ++i) {
        row[op->node->n_vars + i] = stoa_eval(node->orders[i].expr, &scope);
      }
      stoa_table_add(&s->rows, &op->run->arena, row, 0);
    }
  }
  const uint32_t n = stoa_table_count(&s->rows);
  s->order = STOA_NEWS(&op->run->arena, uint32_t, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    s->order[i] = i;
  }
  qsort_r(s->order, n, sizeof *s->order, compare_rows, op);
  s->built = true;
  return STOA_OK;
}

static stoa_status order_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  order_state *const s = op->state;
  if (!s->built) {
    STOA_TRY(build(op, err));
  }
  uint32_t n = 0;
  for (; s->at < stoa_table_count(&s->rows) && n < STOA_BATCH_ROWS; ++s->at, ++n) {
    for (uint32_t i = 0; i < op->node->n_vars; ++i) {
      op->batch.columns[i][n] = stoa_table_row(&s->rows, s->order[s->at])[i];
    }
  }
  op->batch.n_rows = n;
  *out = n ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_order = {"order", order_open, order_next, NULL};

static stoa_status distinct_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  stoa_table *const seen = STOA_NEW(&op->run->arena, stoa_table);
  seen->n_columns = op->node->n_vars;
  op->state = seen;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static stoa_status distinct_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  stoa_table *const seen = op->state;
  *out = NULL;
  for (;;) {
    const stoa_batch *in;
    STOA_TRY(stoa_op_pull(op, 0, &in, err));
    if (!in) {
      return STOA_OK;
    }
    STOA_TRY(stoa_op_check(op, err));
    stoa_arena_reset(&op->scratch);
    stoa_term *const row = STOA_NEWS(&op->scratch, stoa_term, seen->n_columns + 1);
    op->batch.n_rows = 0;
    for (uint32_t r = 0; r < in->n_rows; ++r) {
      for (uint32_t i = 0; i < seen->n_columns; ++i) {
        row[i] = in->columns[i][r];
      }
      bool is_new;
      stoa_table_intern(seen, &op->run->arena, row, &is_new);
      for (uint32_t i = 0; is_new && i < seen->n_columns; ++i) {
        op->batch.columns[i][op->batch.n_rows] = row[i];
      }
      op->batch.n_rows += is_new;
    }
    if (op->batch.n_rows) {
      *out = &op->batch;
      return STOA_OK;
    }
  }
}

const stoa_op_class stoa_op_distinct = {"distinct", distinct_open, distinct_next, NULL};
