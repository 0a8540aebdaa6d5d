// ORDER BY (stable, in memory under the query's cap; under a LIMIT only the rows that can be in the answer are
// kept, in a heap) and DISTINCT.
#include "graph/exec/eval.h"
#include "graph/term/equality.h"
#include <stdlib.h>

enum { SORT_RUN = 4096 }; ///< rows that are sorted or merged between two looks at the context

typedef struct {
  stoa_table rows; ///< columns of the input, then the keys
  uint32_t *order; ///< rows in order; while a LIMIT is filled, a heap with the last one on top
  uint64_t *arrival;
  uint64_t n_seen;
  uint32_t at, most; ///< most: of a LIMIT, or 0
  bool built;
} order_state;

static stoa_status order_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  order_state *const s = STOA_NEW(&op->run->arena, order_state);
  s->rows.n_columns = op->node->n_vars + op->node->node->n_orders;
  s->most = op->node->limit;
  s->arrival = STOA_NEWS(&op->run->arena, uint64_t, s->most + 1);
  s->order = STOA_NEWS(&op->run->arena, uint32_t, s->most + 1);
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static int compare_keys(const stoa_op *op, const stoa_term *p, const stoa_term *q)
{
  for (uint32_t i = 0; i < op->node->node->n_orders; ++i) {
    const int order = stoa_term_order(p[i], q[i]);
    if (order) {
      return op->node->node->orders[i].descending ? -order : order;
    }
  }
  return 0;
}

static const stoa_term *keys_of(const stoa_op *op, uint32_t row)
{
  return stoa_table_row(&((const order_state *)op->state)->rows, row) + op->node->n_vars;
}

static int compare_rows(const void *a, const void *b, void *data)
{
  const stoa_op *const op = data;
  const order_state *const s = op->state;
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  const int order = compare_keys(op, keys_of(op, x), keys_of(op, y));
  if (order) {
    return order;
  }
  return s->most ? (s->arrival[x] > s->arrival[y]) - (s->arrival[x] < s->arrival[y]) : (x > y) - (x < y);
}

static void sink_top(stoa_op *op, uint32_t n)
{
  order_state *const s = op->state;
  uint32_t at = 0;
  for (;;) {
    uint32_t last = at;
    for (uint32_t child = at * 2 + 1; child <= at * 2 + 2 && child < n; ++child) {
      last = compare_rows(&s->order[child], &s->order[last], op) > 0 ? child : last;
    }
    if (last == at) {
      return;
    }
    const uint32_t row = s->order[at];
    s->order[at] = s->order[last];
    s->order[last] = row;
    at = last;
  }
}

static void rise(stoa_op *op, uint32_t at)
{
  order_state *const s = op->state;
  while (at > 0 && compare_rows(&s->order[at], &s->order[(at - 1) / 2], op) > 0) {
    const uint32_t row = s->order[at];
    s->order[at] = s->order[(at - 1) / 2];
    s->order[(at - 1) / 2] = row;
    at = (at - 1) / 2;
  }
}

// Keep a row if it comes before the last of those kept.
static void keep_first(stoa_op *op, const stoa_term *row)
{
  order_state *const s = op->state;
  const uint32_t n = stoa_table_count(&s->rows);
  ++s->n_seen;
  if (n < s->most) {
    s->arrival[n] = s->n_seen;
    stoa_table_append(&s->rows, &op->run->arena, row);
    s->order[n] = n;
    rise(op, n);
    return;
  }
  const uint32_t last = s->order[0];
  if (compare_keys(op, row + op->node->n_vars, keys_of(op, last)) >= 0) {
    return;
  }
  for (uint32_t i = 0; i < s->rows.n_columns; ++i) {
    stoa_table_row(&s->rows, last)[i] = stoa_term_copy(row[i], &op->run->arena);
  }
  s->arrival[last] = s->n_seen;
  sink_top(op, n);
}

// Merge the sorted [first, middle) and [middle, last) of `from` into `to`.
static stoa_status merge(stoa_op *op, const uint32_t *from, uint32_t first, uint32_t middle, uint32_t last,
                         uint32_t *to, stoa_error *err)
{
  uint32_t a = first, b = middle;
  for (uint32_t out = first; out < last; ++out) {
    if (out % SORT_RUN == 0) {
      STOA_TRY(stoa_op_check(op, err));
    }
    const bool takes_a = a < middle && (b == last || compare_rows(&from[a], &from[b], op) <= 0);
    to[out] = takes_a ? from[a++] : from[b++];
  }
  return STOA_OK;
}

// Sort s->order: runs, then merges of twice their length, so that a cancelled query ends at once.
static stoa_status sort_rows(stoa_op *op, uint32_t n, stoa_error *err)
{
  order_state *const s = op->state;
  for (uint32_t first = 0; first < n; first += SORT_RUN) {
    const uint32_t length = n - first < SORT_RUN ? n - first : SORT_RUN;
    qsort_r(s->order + first, length, sizeof *s->order, compare_rows, op);
    STOA_TRY(stoa_op_check(op, err));
  }
  uint32_t *other = n > SORT_RUN ? STOA_NEWS(&op->run->arena, uint32_t, n) : NULL;
  for (uint64_t length = SORT_RUN; length < n; length *= 2) {
    for (uint64_t first = 0; first < n; first += length * 2) {
      const uint64_t middle = first + length < n ? first + length : n;
      const uint64_t last = first + length * 2 < n ? first + length * 2 : n;
      STOA_TRY(merge(op, s->order, (uint32_t)first, (uint32_t)middle, (uint32_t)last, other, err));
    }
    uint32_t *const sorted = other;
    other = s->order;
    s->order = sorted;
  }
  return STOA_OK;
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
      if (s->most) {
        keep_first(op, row);
      } else {
        stoa_table_append(&s->rows, &op->run->arena, row);
      }
      if (!stoa_run_may_go_on(op->run)) {
        break; // a row may be long
      }
    }
    STOA_TRY(stoa_op_check(op, err));
  }
  const uint32_t n = stoa_table_count(&s->rows);
  if (!s->most) {
    s->order = STOA_NEWS(&op->run->arena, uint32_t, n + 1);
    for (uint32_t i = 0; i < n; ++i) {
      s->order[i] = i;
    }
  }
  STOA_TRY(sort_rows(op, n, err));
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
