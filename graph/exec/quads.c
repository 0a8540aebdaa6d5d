// Basic graph patterns on a native graph: alone, or once for each row of the left side with its bindings.  Joins, OPTIONAL,
// EXISTS and NOT EXISTS of such patterns are the cursor's own stages.  The left side may also be the terms that a join
// sends.
#include "graph/exec/eval.h"

typedef struct {
  stoa_cursor *cursor;
  const stoa_plan_node *lowest; ///< of the chain of nodes that the cursor goes through
  const stoa_var *vars;         ///< of the fragment
  uint32_t n_vars;
  stoa_term *seeds;
  int *left, *out; ///< columns of each variable, or -1
  bool keyed;           ///< the left side is op->keys
  stoa_batch keys;      ///< some of them
  uint32_t n_given;     ///< of them
  const stoa_slot_rows *asked; ///< op->keys when these were begun: others may follow
  const stoa_batch *in;
  uint32_t row;
  bool row_open, matched;
  stoa_rows found; ///< of the left row
  uint32_t **ids;  ///< of a scan, by column
  uint32_t at;
} quads_state;

static int number_of(stoa_var var, stoa_var *vars, uint32_t *n)
{
  for (uint32_t i = 0; i < *n; ++i) {
    if (vars[i] == var) {
      return (int)i;
    }
  }
  vars[*n] = var;
  return (int)(*n)++;
}

static uint8_t kinds_of(const stoa_plan_node *node, stoa_var var)
{
  uint8_t kinds = 0;
  for (uint32_t i = 0; i < node->quads.n_kinds; ++i) {
    if (node->quads.kinds[i].var == var) {
      kinds = kinds ? kinds & node->quads.kinds[i].kinds : node->quads.kinds[i].kinds;
      kinds = kinds ? kinds : STOA_IS_NONE;
    }
  }
  return kinds;
}

static void add_patterns(const stoa_plan_node *node, quads_state *s, stoa_fragment_pattern *out, stoa_var *vars)
{
  for (uint32_t i = 0; i < node->quads.n_patterns; ++i) {
    const stoa_pattern *const p = node->quads.patterns[i];
    const stoa_slot *const slots[] = {&p->subject, &p->predicate, &p->object, &p->graph};
    for (int k = 0; k < 4; ++k) {
      const bool is_var = slots[k]->var != STOA_NO_VAR;
      out[i].vars[k] = is_var ? number_of(slots[k]->var, vars, &s->n_vars) : -1;
      out[i].terms[k] = is_var ? (stoa_term){0} : slots[k]->term;
      out[i].kinds[k] = is_var ? kinds_of(node, slots[k]->var) : 0;
    }
  }
}

static void add_ranges(const stoa_plan_node *node, const quads_state *s, stoa_fragment *fragment,
                       stoa_fragment_range *ranges)
{
  for (uint32_t i = 0; i < node->quads.n_ranges; ++i) {
    const stoa_plan_range *const range = &node->quads.ranges[i];
    for (uint32_t v = 0; v < s->n_vars; ++v) {
      if (s->vars[v] == range->var) {
        ranges[fragment->n_ranges++] = (stoa_fragment_range){(int)v, range->least, range->most, range->prefix, range->of_str};
      }
    }
  }
}

// The stages of the chain, the lowest first.  A condition of OPTIONAL reads terms: then this operator says what a row
// without a match is.
static void add_stages(stoa_op *op, const stoa_plan_node *node, quads_state *s, stoa_fragment *f)
{
  stoa_arena *const arena = &op->run->arena;
  uint32_t n_patterns = 0, n_stages = 0, n_ranges = 0;
  for (const stoa_plan_node *n = node;; n = n->inputs[0]) {
    n_patterns += n->quads.n_patterns;
    n_ranges += n->quads.n_ranges;
    ++n_stages;
    if (n == s->lowest) {
      break;
    }
  }
  const stoa_plan_node **const chain = STOA_NEWS(arena, const stoa_plan_node *, n_stages);
  stoa_fragment_pattern *const patterns = STOA_NEWS(arena, stoa_fragment_pattern, n_patterns + 1);
  stoa_fragment_stage *const stages = STOA_NEWS(arena, stoa_fragment_stage, n_stages);
  stoa_fragment_range *const ranges = STOA_NEWS(arena, stoa_fragment_range, n_ranges + 1);
  stoa_var *const vars = STOA_NEWS(arena, stoa_var, n_patterns * 4 + 1);
  for (uint32_t i = n_stages; i > 0; node = node->inputs[0]) {
    chain[--i] = node;
  }
  s->vars = vars;
  for (uint32_t i = 0; i < n_stages; ++i) {
    add_patterns(chain[i], s, patterns + f->n_patterns, vars);
    f->n_patterns += chain[i]->quads.n_patterns;
    stages[i] = (stoa_fragment_stage){chain[i]->quads.n_patterns, chain[i]->expr ? STOA_QUADS_JOIN : chain[i]->quads.how};
  }
  for (uint32_t i = 0; i < n_stages; ++i) {
    add_ranges(chain[i], s, f, ranges);
  }
  f->patterns = patterns;
  f->stages = stages;
  f->n_stages = n_stages;
  f->ranges = ranges;
  f->n_vars = s->n_vars;
}

static const bool *wanted_vars(stoa_op *op, const quads_state *s, stoa_fragment *f)
{
  bool *const wanted = STOA_NEWS(&op->run->arena, bool, s->n_vars + 1);
  for (uint32_t i = 0; i < s->n_vars; ++i) {
    wanted[i] = s->out[i] >= 0;
    if (op->node->quads.counts_terms && s->vars[i] == op->node->quads.counted) {
      f->distinct = (int)i + 1;
    }
  }
  return wanted;
}

static bool has_left(const quads_state *s)
{
  return s->keyed || s->lowest->inputs[0];
}

// The column of the left side, or -1.
static int left_column(const stoa_op *op, stoa_var var)
{
  const quads_state *const s = op->state;
  if (s->keyed) {
    return var == op->node->quads.key_var ? 0 : -1;
  }
  return s->lowest->inputs[0] ? stoa_plan_column(s->lowest->inputs[0], var) : -1;
}

static stoa_status begin(stoa_op *op, stoa_error *err)
{
  quads_state *const s = op->state;
  stoa_fragment fragment = {0};
  s->keyed = op->keys != NULL;
  add_stages(op, op->node, s, &fragment);
  bool *const seeded = STOA_NEWS(&op->run->arena, bool, s->n_vars + 1);
  fragment.seeded = has_left(s) ? seeded : NULL;
  s->seeds = STOA_NEWS(&op->run->arena, stoa_term, s->n_vars + 1);
  s->left = STOA_NEWS(&op->run->arena, int, s->n_vars + 1);
  s->out = STOA_NEWS(&op->run->arena, int, s->n_vars + 1);
  for (uint32_t i = 0; i < s->n_vars; ++i) {
    s->left[i] = left_column(op, s->vars[i]);
    s->out[i] = stoa_plan_column(op->node, s->vars[i]);
    seeded[i] = s->left[i] >= 0;
  }
  fragment.wanted = op->node->quads.weighted ? wanted_vars(op, s, &fragment) : NULL;
  if (has_left(s)) {
    stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  } else {
    op->batch.n_columns = op->node->n_vars;
    op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
    s->ids = STOA_NEWS(&op->run->arena, uint32_t *, op->node->n_vars + 1);
  }
  return op->node->source->klass->open(stoa_op_connection(op), &fragment, op->run->context, &s->cursor, err);
}

// What a join may send terms to is begun when its first row is wanted.
static stoa_status quads_open(stoa_op *op, stoa_error *err)
{
  quads_state *const s = STOA_NEW(&op->run->arena, quads_state);
  op->state = s;
  s->lowest = stoa_plan_quads_bottom(op->node);
  return op->node->quads.keyed ? STOA_OK : begin(op, err);
}

static stoa_status fetch(stoa_op *op, stoa_error *err)
{
  quads_state *const s = op->state;
  s->at = 0;
  return op->node->source->klass->next(s->cursor, &op->scratch, &s->found, err);
}

static stoa_status next_alone(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  quads_state *const s = op->state;
  *out = NULL;
  STOA_TRY(stoa_op_check(op, err));
  STOA_TRY(fetch(op, err));
  for (uint32_t i = 0; i < s->n_vars; ++i) {
    if (s->out[i] >= 0) {
      op->batch.columns[s->out[i]] = s->found.terms[i];
      s->ids[s->out[i]] = s->found.ids ? s->found.ids[i] : NULL;
    }
  }
  op->batch.n_rows = s->found.n_rows;
  op->batch.ids = s->found.ids ? s->ids : NULL;
  op->batch.weights = s->found.weights;
  *out = s->found.n_rows ? &op->batch : NULL;
  return STOA_OK;
}

static stoa_status begin_row(stoa_op *op, stoa_error *err)
{
  quads_state *const s = op->state;
  for (uint32_t i = 0; i < s->n_vars; ++i) {
    s->seeds[i] = s->left[i] < 0 ? (stoa_term){0} : s->in->columns[s->left[i]][s->row];
  }
  op->node->source->klass->seed(s->cursor, s->seeds);
  s->row_open = true;
  s->matched = false;
  return fetch(op, err);
}

// The left row, with what was found beside it; `at` UINT32_MAX: nothing was.
static void write_row(stoa_op *op, uint32_t at)
{
  quads_state *const s = op->state;
  const uint32_t n = op->batch.n_rows++;
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    const int column = left_column(op, op->node->vars[i]);
    op->batch.columns[i][n] = column < 0 ? (stoa_term){0} : s->in->columns[column][s->row];
  }
  for (uint32_t i = 0; at != UINT32_MAX && i < s->n_vars; ++i) {
    if (s->out[i] >= 0 && !stoa_term_is_bound(op->batch.columns[s->out[i]][n])) {
      op->batch.columns[s->out[i]][n] = s->found.terms[i][at];
    }
  }
}

static bool condition_holds(stoa_op *op)
{
  const stoa_scope scope = {op->node, &op->batch, op->batch.n_rows - 1, &op->scratch, op->run, 0};
  return !op->node->expr || stoa_eval_condition(op->node->expr, &scope) == 1;
}

static void end_row(stoa_op *op)
{
  quads_state *const s = op->state;
  if (op->node->expr && op->node->quads.how == STOA_QUADS_LEFT && !s->matched) {
    write_row(op, UINT32_MAX);
  }
  s->row_open = false;
  s->row++;
}

// The next of the terms that were sent, as rows of one column.
static void next_keys(stoa_op *op)
{
  quads_state *const s = op->state;
  s->n_given = s->asked == op->keys ? s->n_given : 0;
  s->asked = op->keys;
  const uint32_t rest = op->keys->n_rows - s->n_given;
  if (!s->keys.columns) {
    stoa_batch_init(&s->keys, 1, &op->run->arena);
  }
  s->keys.n_rows = rest < STOA_BATCH_ROWS ? rest : STOA_BATCH_ROWS;
  memcpy(s->keys.columns[0], op->keys->terms + s->n_given, s->keys.n_rows * sizeof *op->keys->terms);
  s->n_given += s->keys.n_rows;
  s->in = s->keys.n_rows ? &s->keys : NULL;
}

static stoa_status next_left(stoa_op *op, stoa_error *err)
{
  quads_state *const s = op->state;
  if (s->keyed) {
    next_keys(op);
  } else {
    STOA_TRY(stoa_op_pull(op, 0, &s->in, err));
  }
  s->row = 0;
  return s->in ? stoa_op_check(op, err) : STOA_OK;
}

// All matches of the open left row that there is room for.
static stoa_status take_matches(stoa_op *op, stoa_error *err)
{
  quads_state *const s = op->state;
  while (s->found.n_rows && op->batch.n_rows < STOA_BATCH_ROWS) {
    if (s->at == s->found.n_rows) {
      STOA_TRY(fetch(op, err));
      continue;
    }
    write_row(op, s->at++);
    if (condition_holds(op)) {
      s->matched = true;
    } else {
      op->batch.n_rows--;
    }
  }
  return STOA_OK;
}

static stoa_status next_joined(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  quads_state *const s = op->state;
  op->batch.n_rows = 0;
  *out = NULL;
  stoa_arena_reset(&op->scratch);
  while (op->batch.n_rows < STOA_BATCH_ROWS) {
    if (!s->in || s->row >= s->in->n_rows) {
      if (op->batch.n_rows) {
        break; // lent terms live until the input is pulled again
      }
      STOA_TRY(next_left(op, err));
      if (!s->in) {
        return STOA_OK;
      }
    }
    if (!s->row_open) {
      STOA_TRY(begin_row(op, err));
    }
    STOA_TRY(take_matches(op, err));
    if (s->found.n_rows == 0 && op->batch.n_rows < STOA_BATCH_ROWS) {
      end_row(op);
    }
  }
  *out = op->batch.n_rows ? &op->batch : NULL;
  return STOA_OK;
}

static stoa_status quads_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  quads_state *const s = op->state;
  if (!s->cursor) {
    STOA_TRY(begin(op, err));
  }
  return has_left(s) ? next_joined(op, out, err) : next_alone(op, out, err);
}

static void quads_close(stoa_op *op)
{
  quads_state *const s = op->state;
  if (s && s->cursor) {
    op->node->source->klass->close(s->cursor);
  }
}

const stoa_op_class stoa_op_quads = {"quads", quads_open, quads_next, quads_close};
