// Closures of property paths (section 18.4): the pairs of one step are read once and become lists of
// neighbours by number; each start is followed breadth first, every node once.
#include "graph/exec/op.h"
#include "graph/term/equality.h"

typedef struct {
  uint32_t *first; ///< into `to`, n_nodes + 1
  uint32_t *to;
} neighbours;

typedef struct {
  stoa_table nodes; ///< graph, term
  STOA_LIST(uint32_t) from, to;
  neighbours forward, backward;
  bool built, has_graph;
  uint32_t *stamps, stamp, n_stamps;
  STOA_LIST(uint32_t) found; ///< pairs start, end that wait to be written
  uint32_t at;
  const stoa_batch *in;
  uint32_t row;
  int ends[2], graph; ///< columns of the left side, or -1
  uint32_t start;     ///< next start when no end is known
  bool scanning;
} path_state;

static const stoa_term nothing = {0};

static int left_column(const stoa_op *op, stoa_slot slot)
{
  return slot.var == STOA_NO_VAR ? -1 : stoa_plan_column(op->node->inputs[0], slot.var);
}

static stoa_status path_open(stoa_op *op, stoa_error *err)
{
  path_state *const s = STOA_NEW(&op->run->arena, path_state);
  const stoa_node *const node = op->node->node;
  (void)err;
  s->nodes.n_columns = 2;
  s->has_graph = node->graph.var != STOA_NO_VAR;
  s->ends[0] = left_column(op, node->ends[0]);
  s->ends[1] = left_column(op, node->ends[1]);
  s->graph = left_column(op, node->graph);
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static uint32_t number_of(stoa_op *op, stoa_term graph, stoa_term term)
{
  path_state *const s = op->state;
  bool is_new;
  const stoa_term row[] = {graph, term};
  return stoa_table_intern(&s->nodes, &op->run->arena, row, &is_new);
}

static void list_neighbours(stoa_op *op, const uint32_t *from, const uint32_t *to, uint32_t n_pairs, neighbours *out)
{
  const uint32_t n = stoa_table_count(&((path_state *)op->state)->nodes);
  out->first = STOA_NEWS(&op->run->arena, uint32_t, n + 2);
  out->to = STOA_NEWS(&op->run->arena, uint32_t, n_pairs + 1);
  for (uint32_t i = 0; i < n_pairs; ++i) {
    out->first[from[i] + 2]++;
  }
  for (uint32_t i = 2; i < n + 2; ++i) {
    out->first[i] += out->first[i - 1];
  }
  for (uint32_t i = 0; i < n_pairs; ++i) {
    out->to[out->first[from[i] + 1]++] = to[i];
  }
}

// Read the steps that the input has, or those that it has for the terms it was sent.
static stoa_status read_steps(stoa_op *op, stoa_error *err)
{
  path_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  const stoa_plan_node *const edges = op->node->inputs[1];
  const int from = stoa_plan_column(edges, node->step[0]), to = stoa_plan_column(edges, node->step[1]);
  const int graph = s->has_graph ? stoa_plan_column(edges, node->graph.var) : -1;
  for (;;) {
    const stoa_batch *in;
    STOA_TRY(stoa_op_pull(op, 1, &in, err));
    if (!in) {
      return STOA_OK;
    }
    STOA_TRY(stoa_op_check(op, err));
    for (uint32_t r = 0; from >= 0 && to >= 0 && r < in->n_rows; ++r) {
      const stoa_term g = graph < 0 ? nothing : in->columns[graph][r];
      const uint32_t a = number_of(op, g, in->columns[from][r]), b = number_of(op, g, in->columns[to][r]);
      STOA_PUSH(&op->run->arena, &s->from, a);
      STOA_PUSH(&op->run->arena, &s->to, b);
    }
  }
}

// The steps from the one constant end on: what is reached by a step and was not known is asked for its own next.
static stoa_status read_reached(stoa_op *op, stoa_error *err)
{
  path_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  const bool forward = op->node->join.var == node->step[0];
  uint32_t first = number_of(op, nothing, node->ends[!forward].term), end = first + 1;
  for (bool more = true; more; more = node->many && first < end) {
    stoa_slot_rows *const keys = STOA_NEW(&op->run->arena, stoa_slot_rows);
    stoa_term *const terms = STOA_NEWS(&op->run->arena, stoa_term, end - first);
    for (uint32_t i = first; i < end; ++i) {
      terms[i - first] = stoa_table_row(&s->nodes, i)[1];
    }
    *keys = (stoa_slot_rows){.terms = terms, .n_rows = end - first};
    stoa_op_want(op->inputs[1], op->node->join.var, keys);
    STOA_TRY(read_steps(op, err));
    first = end;
    end = stoa_table_count(&s->nodes);
  }
  return STOA_OK;
}

static stoa_status build(stoa_op *op, stoa_error *err)
{
  path_state *const s = op->state;
  STOA_TRY(op->node->join.sends ? read_reached(op, err) : read_steps(op, err));
  list_neighbours(op, s->from.items, s->to.items, s->from.n, &s->forward);
  list_neighbours(op, s->to.items, s->from.items, s->from.n, &s->backward);
  s->n_stamps = stoa_table_count(&s->nodes);
  s->stamps = STOA_NEWS(&op->run->arena, uint32_t, s->n_stamps + 1);
  s->built = true;
  return STOA_OK;
}

static void add_found(stoa_op *op, uint32_t start, uint32_t end, bool reverse)
{
  path_state *const s = op->state;
  STOA_PUSH(&op->run->arena, &s->found, reverse ? end : start);
  STOA_PUSH(&op->run->arena, &s->found, reverse ? start : end);
}

// Follow one start; what it reaches waits in `found`.  A node made known only by the query has no
// neighbours: it is beyond the stamps.
static void follow(stoa_op *op, uint32_t start, bool reverse)
{
  path_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  const neighbours *const next = reverse ? &s->backward : &s->forward;
  STOA_LIST(uint32_t) queue = {0};
  if (node->zero) {
    add_found(op, start, start, reverse);
  }
  if (start >= s->n_stamps) {
    return;
  }
  ++s->stamp;
  if (node->zero) {
    s->stamps[start] = s->stamp;
  }
  STOA_PUSH(&op->scratch, &queue, start);
  for (uint32_t i = 0; i < queue.n; ++i) {
    const uint32_t at = queue.items[i];
    for (uint32_t k = next->first[at]; k < next->first[at + 1]; ++k) {
      const uint32_t to = next->to[k];
      if (s->stamps[to] != s->stamp) {
        s->stamps[to] = s->stamp;
        add_found(op, start, to, reverse);
        if (node->many) {
          STOA_PUSH(&op->scratch, &queue, to);
        }
      }
    }
  }
}

static stoa_term left_value(const path_state *s, int column)
{
  return column < 0 ? nothing : s->in->columns[column][s->row];
}

static stoa_term end_value(const stoa_op *op, int i)
{
  const path_state *const s = op->state;
  const stoa_slot *const slot = &op->node->node->ends[i];
  return slot->var == STOA_NO_VAR ? slot->term : left_value(s, s->ends[i]);
}

// The graphs that a start may be in: the left row's, or every graph with a step.
static void follow_term(stoa_op *op, stoa_term term, bool reverse)
{
  path_state *const s = op->state;
  const stoa_term graph = left_value(s, s->graph);
  if (!s->has_graph || stoa_term_is_bound(graph)) {
    follow(op, number_of(op, graph, term), reverse);
    return;
  }
  stoa_table graphs = {.n_columns = 1};
  for (uint32_t i = 0; i < s->n_stamps; ++i) {
    bool is_new;
    const stoa_term g = stoa_table_row(&s->nodes, i)[0];
    stoa_table_intern(&graphs, &op->run->arena, &g, &is_new);
    if (is_new) {
      follow(op, number_of(op, g, term), reverse);
    }
  }
}

// Begin the next left row: one end known, or every start in turn.
static void begin_row(stoa_op *op)
{
  path_state *const s = op->state;
  const stoa_term a = end_value(op, 0), b = end_value(op, 1);
  s->found.n = s->at = 0;
  s->scanning = false;
  if (stoa_term_is_bound(a)) {
    follow_term(op, a, false);
  } else if (stoa_term_is_bound(b)) {
    follow_term(op, b, true);
  } else {
    s->scanning = true;
    s->start = 0;
  }
}

static bool set_column(stoa_op *op, stoa_slot slot, stoa_term value, uint32_t n)
{
  if (slot.var == STOA_NO_VAR) {
    return !stoa_term_is_bound(slot.term) || stoa_term_same(slot.term, value);
  }
  stoa_term *const cell = &op->batch.columns[stoa_plan_column(op->node, slot.var)][n];
  if (stoa_term_is_bound(*cell)) {
    return stoa_term_same(*cell, value);
  }
  *cell = value;
  return true;
}

// One pair beside the left row, unless it contradicts it (or ?x path ?x).
static void write_pair(stoa_op *op, uint32_t from, uint32_t to)
{
  path_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  const uint32_t n = op->batch.n_rows;
  const stoa_term *const a = stoa_table_row(&s->nodes, from), *const b = stoa_table_row(&s->nodes, to);
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    op->batch.columns[i][n] = left_value(s, stoa_plan_column(op->node->inputs[0], op->node->vars[i]));
  }
  bool fits = set_column(op, node->ends[0], a[1], n) && set_column(op, node->ends[1], b[1], n);
  fits = fits && (!s->has_graph || set_column(op, node->graph, a[0], n));
  op->batch.n_rows += fits;
}

static bool has_steps(const path_state *s, uint32_t start)
{
  return s->forward.first[start] < s->forward.first[start + 1];
}

static bool row_done(stoa_op *op)
{
  path_state *const s = op->state;
  if (s->at < s->found.n) {
    return false;
  }
  s->found.n = s->at = 0;
  while (s->scanning && s->start < s->n_stamps) {
    const uint32_t start = s->start++;
    if (has_steps(s, start)) {
      follow(op, start, false);
      return false;
    }
  }
  return true;
}

static stoa_status next_left(stoa_op *op, stoa_error *err)
{
  path_state *const s = op->state;
  if (s->in && ++s->row < s->in->n_rows) {
    begin_row(op);
    return STOA_OK;
  }
  STOA_TRY(stoa_op_pull(op, 0, &s->in, err));
  s->row = 0;
  if (s->in) {
    STOA_TRY(stoa_op_check(op, err));
    begin_row(op);
  }
  return STOA_OK;
}

static stoa_status path_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  path_state *const s = op->state;
  op->batch.n_rows = 0;
  *out = NULL;
  stoa_arena_reset(&op->scratch);
  if (!s->built) {
    STOA_TRY(build(op, err));
    STOA_TRY(next_left(op, err));
  }
  while (s->in && op->batch.n_rows < STOA_BATCH_ROWS) {
    if (!row_done(op)) {
      write_pair(op, s->found.items[s->at], s->found.items[s->at + 1]);
      s->at += 2;
      continue;
    }
    if (op->batch.n_rows && s->row + 1 >= s->in->n_rows) {
      break; // lent terms live until the input is pulled again
    }
    STOA_TRY(next_left(op, err));
  }
  *out = op->batch.n_rows ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_path = {"path", path_open, path_next, NULL};
