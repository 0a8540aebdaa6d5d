// Hash aggregation (section 18.5.1).
#include "graph/exec/fold.h"
#include "graph/exec/numbers.h"
#include "graph/term/equality.h"

/// Folds never move: they lie in chunks, each twice as long as the one before.
enum { FOLD_CHUNKS = 26, FIRST_FOLDS = 64 }; ///< groups of the first chunk

typedef struct {
  stoa_table keys;
  stoa_fold *folds[FOLD_CHUNKS]; ///< n_aggregates for each group
  stoa_table *seen;           ///< of DISTINCT aggregates: (group, term)
  stoa_numbers by_number;     ///< group + 1 by the numbers of its keys, where these are known
  stoa_numbers *seen_numbers; ///< of DISTINCT aggregates of a variable: (group, number of the term)
  uint32_t at;
  bool built;
} group_state;

static stoa_fold *folds_of(const group_state *s, uint32_t group, uint32_t n_aggregates)
{
  const uint32_t at = group + FIRST_FOLDS, chunk = 31 - (uint32_t)__builtin_clz(at) - 6;
  return s->folds[chunk] + (size_t)(at - (FIRST_FOLDS << chunk)) * n_aggregates;
}

static void add_group(stoa_op *op, group_state *s, uint32_t group)
{
  const uint32_t n = op->node->node->n_aggregates, at = group + FIRST_FOLDS, chunk = 31 - (uint32_t)__builtin_clz(at) - 6;
  if (!s->folds[chunk]) {
    s->folds[chunk] = stoa_arena_raw(&op->run->arena, ((size_t)FIRST_FOLDS << chunk) * (n + !n) * sizeof(stoa_fold));
  }
  stoa_fold *const folds = folds_of(s, group, n);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_fold_begin(&folds[i], &op->node->node->aggregates[i], &op->run->arena);
  }
}

static stoa_status group_open(stoa_op *op, stoa_error *err)
{
  (void)err;
  group_state *const s = STOA_NEW(&op->run->arena, group_state);
  s->keys.n_columns = op->node->node->n_vars;
  s->seen_numbers = STOA_NEWS(&op->run->arena, stoa_numbers, op->node->node->n_aggregates);
  s->seen = STOA_NEWS(&op->run->arena, stoa_table, op->node->node->n_aggregates);
  for (uint32_t i = 0; i < op->node->node->n_aggregates; ++i) {
    const bool whole = !op->node->node->aggregates[i].expr;
    s->seen[i].n_columns = whole ? op->node->inputs[0]->n_vars + 1 : 2;
  }
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return STOA_OK;
}

// The number of the term that the variable has in the row; 0: it is not known.
static uint32_t number_of(const stoa_op *op, const stoa_expr *e, const stoa_scope *scope)
{
  const int column = e && e->kind == STOA_EXPR_VAR ? stoa_plan_column(op->node->inputs[0], e->var) : -1;
  return scope->batch->ids && column >= 0 ? scope->batch->ids[column][scope->row] : 0;
}

static bool is_repeated(stoa_op *op, uint32_t aggregate, uint32_t group, stoa_term value, const stoa_scope *scope)
{
  group_state *const s = op->state;
  const uint32_t number = number_of(op, op->node->node->aggregates[aggregate].expr, scope);
  if (number) {
    uint32_t *const known =
      stoa_numbers_at(&s->seen_numbers[aggregate], (uint64_t)group << 32 | number, &op->run->arena);
    const bool repeated = *known > 0;
    *known = 1;
    return repeated;
  }
  stoa_table *const seen = &s->seen[aggregate];
  stoa_term *const row = STOA_NEWS(&op->scratch, stoa_term, seen->n_columns);
  bool is_new;
  row[0] = stoa_term_integer(group);
  if (op->node->node->aggregates[aggregate].expr) {
    row[1] = value;
  } else {
    for (uint32_t i = 1; i < seen->n_columns; ++i) {
      const char *const name = op->run->plan->query->names[op->node->inputs[0]->vars[i - 1]];
      const bool hidden = strncmp(name, "_:", 2) == 0 || name[0] == '.'; // no variable of the query: not in its solutions
      row[i] = hidden ? (stoa_term){0} : scope->batch->columns[i - 1][scope->row];
    }
  }
  stoa_table_intern(seen, &op->run->arena, row, &is_new);
  return !is_new;
}

static void add_row(stoa_op *op, uint32_t group, const stoa_scope *scope)
{
  group_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  const uint64_t weight = scope->batch->weights ? scope->batch->weights[scope->row] : 1;
  stoa_fold *const folds = folds_of(s, group, node->n_aggregates);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    const stoa_aggregate *const agg = &node->aggregates[i];
    stoa_fold *const fold = &folds[i];
    const stoa_term value = agg->expr ? stoa_eval(agg->expr, scope) : stoa_term_boolean(true);
    if (!agg->distinct || !stoa_term_is_bound(value) || !is_repeated(op, i, group, value, scope)) {
      stoa_fold_add(fold, agg, value, agg->distinct ? 1 : weight, &op->run->arena, &op->scratch);
    }
  }
}

static void read_key(const stoa_op *op, const stoa_batch *in, uint32_t row, stoa_term *key)
{
  const stoa_node *const node = op->node->node;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    const int column = stoa_plan_column(op->node->inputs[0], node->vars[i]);
    key[i] = column < 0 ? (stoa_term){0} : in->columns[column][row];
  }
}

// Make the keys that were known by number alone known by their terms too.
static void link_keys(stoa_op *op, group_state *s)
{
  const uint32_t n = stoa_table_count(&s->keys);
  if (s->keys.n_linked < n) {
    stoa_table_room(&s->keys, &op->run->arena, n);
  }
  for (uint32_t row = s->keys.n_linked; row < n; ++row) {
    s->keys.hashes.items[row] = stoa_table_hash(stoa_table_row(&s->keys, row), s->keys.n_columns);
    stoa_table_link(&s->keys, row);
  }
}

static uint32_t group_by_terms(stoa_op *op, const stoa_batch *in, uint32_t row, stoa_term *key)
{
  group_state *const s = op->state;
  bool is_new;
  link_keys(op, s);
  read_key(op, in, row, key);
  const uint32_t group = stoa_table_intern(&s->keys, &op->run->arena, key, &is_new);
  if (is_new) {
    add_group(op, s, group);
  }
  return group;
}

// A key whose number is new is a new group as long as all keys came with numbers; once one came without, it may be a term
// that is known.
static uint32_t group_of_new_number(stoa_op *op, const stoa_batch *in, uint32_t row, stoa_term *key)
{
  group_state *const s = op->state;
  if (s->keys.n_linked) {
    return group_by_terms(op, in, row, key);
  }
  read_key(op, in, row, key);
  const uint32_t group = stoa_table_append(&s->keys, &op->run->arena, key);
  add_group(op, s, group);
  return group;
}

// The group of a row: by the numbers of one or two keys where the input has them, else, and for the first row of each,
// by their terms.  Numbers are equal when terms are, so that both are the same group.
static uint32_t group_of(stoa_op *op, const stoa_batch *in, uint32_t row, stoa_term *key)
{
  group_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  if (!in->ids || node->n_vars == 0 || node->n_vars > 2) {
    return group_by_terms(op, in, row, key);
  }
  uint64_t number = 0;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    const int column = stoa_plan_column(op->node->inputs[0], node->vars[i]);
    number = number << 32 | (column < 0 ? 0 : in->ids[column][row]);
  }
  uint32_t *const known = stoa_numbers_at(&s->by_number, number, &op->run->arena);
  if (!*known) {
    *known = group_of_new_number(op, in, row, key) + 1;
  }
  return *known - 1;
}

static stoa_status build(stoa_op *op, stoa_error *err)
{
  group_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  stoa_term *const key = STOA_NEWS(&op->run->arena, stoa_term, node->n_vars + 1);
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
      const uint32_t group = group_of(op, in, scope.row, key);
      add_row(op, group, &scope);
      if (!stoa_run_may_go_on(op->run)) {
        break; // a row may be long
      }
    }
    STOA_TRY(stoa_op_check(op, err));
  }
  if (node->n_vars == 0 && stoa_table_count(&s->keys) == 0) {
    bool is_new;
    stoa_table_intern(&s->keys, &op->run->arena, key, &is_new);
    add_group(op, s, 0);
  }
  s->built = true;
  return STOA_OK;
}

static stoa_status group_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  group_state *const s = op->state;
  const stoa_node *const node = op->node->node;
  if (!s->built) {
    STOA_TRY(build(op, err));
  }
  stoa_arena_reset(&op->scratch);
  uint32_t n = 0;
  for (; s->at < stoa_table_count(&s->keys) && n < STOA_BATCH_ROWS; ++s->at, ++n) {
    for (uint32_t i = 0; i < node->n_vars; ++i) {
      op->batch.columns[i][n] = stoa_table_row(&s->keys, s->at)[i];
    }
    const stoa_fold *const folds = folds_of(s, s->at, node->n_aggregates);
    for (uint32_t i = 0; i < node->n_aggregates; ++i) {
      op->batch.columns[stoa_plan_column(op->node, node->aggregates[i].out)][n] =
        stoa_fold_result(&folds[i], &node->aggregates[i], &op->scratch);
    }
  }
  op->batch.n_rows = n;
  *out = n ? &op->batch : NULL;
  return STOA_OK;
}

const stoa_op_class stoa_op_group = {"group", group_open, group_next, NULL};
