// Hash join, left join, MINUS and EXISTS over one build of the right side.  The key is the shared
// variables that every built row binds; a row that leaves a key variable unbound is compatible with any
// value there (section 18.3), so such a probe looks at every built row.
#include "graph/exec/eval.h"
#include "graph/term/equality.h"

enum { CHECK_ROWS = 32768 }; ///< between two looks at the context

typedef struct {
  stoa_table table;
  bool built;
  uint32_t n_shared;
  int *left, *right; ///< columns of the shared variables
  bool *is_key;
  const stoa_batch *probe;
  uint32_t row, at; ///< at: next candidate + 1, 0 when the row is new
  bool row_open, matched, scan_all;
  stoa_table first; ///< rows of the left side that were read before the right side was
  uint32_t n_given; ///< of them, to the probe
  bool left_ended;
  stoa_slot_rows keys; ///< what they have for the variable that is sent
  stoa_batch given;
  uint32_t aside; ///< of MINUS within GRAPH ?g: the shared column that is the graph, which does not count
} join_state;

static stoa_status join_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  join_state *const s = STOA_NEW(&op->run->arena, join_state);
  s->aside = UINT32_MAX;
  const stoa_plan_node *const left = op->node->inputs[0];
  const stoa_plan_node *const right = op->node->inputs[1];
  s->left = STOA_NEWS(&op->run->arena, int, left->n_vars + 1);
  s->right = STOA_NEWS(&op->run->arena, int, left->n_vars + 1);
  s->is_key = STOA_NEWS(&op->run->arena, bool, left->n_vars + 1);
  for (uint32_t i = 0; i < left->n_vars; ++i) {
    const int column = stoa_plan_column(right, left->vars[i]);
    if (column >= 0) {
      const stoa_node *const node = op->node->node;
      s->aside = node && node->graph.var == left->vars[i] ? s->n_shared : s->aside;
      s->left[s->n_shared] = (int)i;
      s->right[s->n_shared] = column;
      s->is_key[s->n_shared++] = true;
    }
  }
  s->table.n_columns = right->n_vars;
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

static uint64_t key_hash(const join_state *s, const int *columns, const stoa_term *row)
{
  uint64_t hash = 1;
  for (uint32_t i = 0; i < s->n_shared; ++i) {
    if (s->is_key[i]) {
      hash = hash * 31 + stoa_term_hash(row[columns[i]]);
    }
  }
  return hash;
}

enum { MOST_SENT = 10000 };

// Read the first rows of the left side; when they are all of them, and few against what the right side has, their
// terms are sent there.  So the right side gives what can be joined, not all that it has.
static stoa_status send_left(stoa_op *op, stoa_error *err)
{
  join_state *const s = op->state;
  const stoa_plan_node *const left = op->node->inputs[0];
  const int column = stoa_plan_column(left, op->node->join.var);
  stoa_term *const row = STOA_NEWS(&op->run->arena, stoa_term, left->n_vars + 1);
  stoa_table seen = {.n_columns = 1};
  bool all_bound = true;
  const stoa_batch *in = NULL;
  s->first.n_columns = left->n_vars;
  while (stoa_table_count(&s->first) < MOST_SENT && !s->left_ended) {
    STOA_TRY(stoa_op_pull(op, 0, &in, err));
    STOA_TRY(stoa_op_check(op, err));
    s->left_ended = !in;
    for (uint32_t r = 0; in && r < in->n_rows; ++r) {
      bool is_new;
      for (uint32_t i = 0; i < left->n_vars; ++i) {
        row[i] = in->columns[i][r];
      }
      stoa_table_append(&s->first, &op->run->arena, row);
      all_bound &= stoa_term_is_bound(row[column]);
      stoa_table_intern(&seen, &op->run->arena, &row[column], &is_new);
    }
  }
  stoa_term *const terms = STOA_NEWS(&op->run->arena, stoa_term, stoa_table_count(&seen) + 1);
  s->keys = (stoa_slot_rows){.terms = terms, .n_rows = stoa_table_count(&seen)};
  for (uint32_t i = 0; i < s->keys.n_rows; ++i) {
    terms[i] = *stoa_table_row(&seen, i);
  }
  if (s->left_ended && all_bound && s->keys.n_rows < op->node->join.most_sent) {
    stoa_op_want(op->inputs[1], op->node->join.var, &s->keys);
  }
  return STOA_OK;
}

// The next rows of the left side: those that were read first, then the others.
static stoa_status pull_left(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  join_state *const s = op->state;
  const uint32_t n = stoa_table_count(&s->first) - s->n_given;
  if (n == 0) {
    *out = NULL;
    return s->left_ended ? STOA_OK : stoa_op_pull(op, 0, out, err);
  }
  if (!s->given.columns) {
    stoa_batch_init(&s->given, op->node->inputs[0]->n_vars, &op->run->arena);
  }
  s->given.n_rows = n < STOA_BATCH_ROWS ? n : STOA_BATCH_ROWS;
  for (uint32_t r = 0; r < s->given.n_rows; ++r) {
    const stoa_term *const row = stoa_table_row(&s->first, s->n_given++);
    for (uint32_t i = 0; i < s->given.n_columns; ++i) {
      s->given.columns[i][r] = row[i];
    }
  }
  *out = &s->given;
  return STOA_OK;
}

// Read the right side whole; hashes are set afterwards, when it is known which columns are keys.
static stoa_status build(stoa_op *op, stoa_error *err)
{
  join_state *const s = op->state;
  const uint32_t n_columns = s->table.n_columns;
  stoa_table *const rows = &s->table;
  stoa_term *const row = STOA_NEWS(&op->run->arena, stoa_term, n_columns + 1);
  const stoa_batch *in;
  for (;;) {
    STOA_TRY(stoa_op_pull(op, 1, &in, err));
    if (!in) {
      break;
    }
    STOA_TRY(stoa_op_check(op, err));
    for (uint32_t r = 0; r < in->n_rows; ++r) {
      for (uint32_t i = 0; i < n_columns; ++i) {
        row[i] = in->columns[i][r];
      }
      stoa_table_append(rows, &op->run->arena, row);
      for (uint32_t i = 0; i < s->n_shared; ++i) {
        s->is_key[i] &= stoa_term_is_bound(in->columns[s->right[i]][r]);
      }
    }
  }
  stoa_table_room(rows, &op->run->arena, stoa_table_count(rows) + 1);
  for (uint32_t r = 0; r < stoa_table_count(rows); ++r) {
    if (r % CHECK_ROWS == 0) {
      STOA_TRY(stoa_op_check(op, err));
    }
    rows->hashes.items[r] = key_hash(s, s->right, stoa_table_row(rows, r));
    stoa_table_link(rows, r);
  }
  s->built = true;
  return STOA_OK;
}

static void read_probe(const join_state *s, uint32_t n_left, stoa_term *row)
{
  for (uint32_t i = 0; i < n_left; ++i) {
    row[i] = s->probe->columns[i][s->row];
  }
}

static bool compatible(const join_state *s, const stoa_term *right, bool *shares)
{
  *shares = false;
  for (uint32_t i = 0; i < s->n_shared; ++i) {
    const stoa_term a = s->probe->columns[s->left[i]][s->row], b = right[s->right[i]];
    if (!stoa_term_is_bound(a) || !stoa_term_is_bound(b)) {
      continue;
    }
    if (!stoa_term_same(a, b)) {
      return false;
    }
    *shares |= i != s->aside;
  }
  return true;
}

static void start_row(stoa_op *op, stoa_term *row)
{
  join_state *const s = op->state;
  read_probe(s, op->node->inputs[0]->n_vars, row);
  s->scan_all = false;
  for (uint32_t i = 0; i < s->n_shared; ++i) {
    s->scan_all |= s->is_key[i] && !stoa_term_is_bound(row[s->left[i]]);
  }
  s->at = s->scan_all ? (stoa_table_count(&s->table) ? 1 : 0) : stoa_table_first(&s->table, key_hash(s, s->left, row));
  s->row_open = true;
  s->matched = false;
}

static void step_candidate(join_state *s)
{
  if (s->scan_all) {
    s->at = s->at < stoa_table_count(&s->table) ? s->at + 1 : 0;
  } else {
    s->at = stoa_table_next(&s->table, s->at);
  }
}

// Write the joined row behind the batch's last; right NULL leaves its variables unbound.
static void write_row(stoa_op *op, const stoa_term *right)
{
  const join_state *const s = op->state;
  const stoa_plan_node *const left = op->node->inputs[0];
  const stoa_plan_node *const r_node = op->node->inputs[1];
  const uint32_t n = op->batch.n_rows;
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    const stoa_var var = op->node->vars[i];
    const int l = stoa_plan_column(left, var), r = stoa_plan_column(r_node, var);
    stoa_term t = l >= 0 ? s->probe->columns[l][s->row] : (stoa_term){0};
    if (!stoa_term_is_bound(t) && right && r >= 0) {
      t = right[r];
    }
    op->batch.columns[i][n] = t;
  }
  op->batch.n_rows++;
}

// A left join's condition sees the joined row.
static bool condition_holds(stoa_op *op)
{
  if (!op->node->expr) {
    return true;
  }
  const stoa_scope scope = {op->node, &op->batch, op->batch.n_rows - 1, &op->scratch, op->run, 0};
  return stoa_eval_condition(op->node->expr, &scope) == 1;
}

static bool is_existential(const stoa_op *op)
{
  return op->node->kind == STOA_PLAN_MINUS || op->node->kind == STOA_PLAN_SEMI_JOIN;
}

static void try_candidate(stoa_op *op)
{
  join_state *const s = op->state;
  const stoa_term *const right = stoa_table_row(&s->table, s->at - 1);
  bool shares;
  if (!compatible(s, right, &shares)) {
    return;
  }
  if (is_existential(op)) {
    s->matched |= op->node->kind == STOA_PLAN_SEMI_JOIN || shares;
    return;
  }
  write_row(op, right);
  if (condition_holds(op)) {
    s->matched = true;
  } else {
    op->batch.n_rows--;
  }
}

static void end_row(stoa_op *op)
{
  join_state *const s = op->state;
  const stoa_plan_kind kind = op->node->kind;
  const bool wants = kind == STOA_PLAN_SEMI_JOIN && !op->node->join.negated ? s->matched : !s->matched;
  if (kind != STOA_PLAN_JOIN && wants) {
    write_row(op, NULL);
  }
  s->row_open = false;
  s->row++;
}

static stoa_status fill(stoa_op *op, stoa_term *row, stoa_error *err)
{
  join_state *const s = op->state;
  while (op->batch.n_rows < STOA_BATCH_ROWS) {
    if (!s->probe || s->row >= s->probe->n_rows) {
      if (op->batch.n_rows) {
        return STOA_OK; // lent terms live until the input is pulled again
      }
      STOA_TRY(pull_left(op, &s->probe, err));
      s->row = 0;
      if (!s->probe) {
        return STOA_OK;
      }
      STOA_TRY(stoa_op_check(op, err));
    }
    if (!s->row_open) {
      start_row(op, row);
    }
    uint32_t n_tried = 0;
    for (; s->at && op->batch.n_rows < STOA_BATCH_ROWS && !(is_existential(op) && s->matched); step_candidate(s)) {
      try_candidate(op);
      if (++n_tried % 65536 == 0) {
        STOA_TRY(stoa_op_check(op, err));
      }
    }
    if (s->at == 0 || (is_existential(op) && s->matched)) {
      if (op->batch.n_rows == STOA_BATCH_ROWS) {
        return STOA_OK; // the row is ended next time, when there is room for it
      }
      end_row(op);
    }
  }
  return STOA_OK;
}

static stoa_status join_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  join_state *const s = op->state;
  if (!s->built) {
    STOA_TRY(op->node->join.sends ? send_left(op, err) : STOA_OK);
    STOA_TRY(build(op, err));
  }
  stoa_arena_reset(&op->scratch);
  stoa_term *const row = STOA_NEWS(&op->scratch, stoa_term, op->node->inputs[0]->n_vars + 1);
  op->batch.n_rows = 0;
  STOA_TRY(fill(op, row, err));
  *out = op->batch.n_rows ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_join = {"join", join_open, join_next, NULL};
