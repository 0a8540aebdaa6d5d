// SQL, whose columns become terms by the constructors of its blocks.
#include "graph/exec/hosted.h"
#include "graph/exec/make.h"
#include "graph/exec/op.h"
#include "graph/plan/makes.h"
#include "graph/term/equality.h"

typedef struct {
  const stoa_plan_node *node; ///< the statement: the operator's, or the one for given terms
  stoa_cursor *cursor;
  const stoa_block **blocks;
  uint32_t **starts; ///< starts[block][binding]: its first column among the block's
} sql_state;

static void add_key(const stoa_value *part, stoa_buf *json)
{
  if (part->kind == STOA_VALUE_INTEGER) {
    stoa_buf_print(json, "%lld", (long long)part->as.integer);
  } else {
    stoa_buf_json(json, part->text);
  }
}

// The terms that a join sends, taken apart, as a list.  False when one of them cannot be told by this column: then the
// list would leave out rows that the join is to find, and nothing may be asked by it.
static bool bind_keys(stoa_op *op, const stoa_param *param, stoa_value *out)
{
  stoa_buf json = {0};
  bool all = true;
  stoa_arena scratch;
  stoa_arena_init(&scratch, 0);
  stoa_buf_byte(&json, '[');
  for (uint32_t i = 0; i < op->keys->n_rows && all; ++i) {
    stoa_value part;
    const stoa_said said = stoa_ctor_invert_part(param->ctor, op->keys->terms[i], param->part, &scratch, &part);
    all = said != STOA_CANNOT_SAY;
    if (said == STOA_SAID) {
      stoa_buf_text(&json, json.length > 1 ? "," : "");
      add_key(&part, &json);
    }
    stoa_arena_reset(&scratch);
  }
  stoa_buf_byte(&json, ']');
  stoa_arena_done(&scratch);
  *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                      .text = stoa_arena_slice(&op->run->arena, (stoa_slice){json.data, json.length})};
  stoa_buf_done(&json);
  return all;
}

static void bind_slot(stoa_op *op, const stoa_param *param, stoa_value *out)
{
  const stoa_slot_rows rows = op->run->slots[param->slot - 1];
  stoa_value parts[STOA_TEMPLATE_COLUMNS];
  if (!param->many) {
    const bool exact =
      rows.n_rows == 1 && stoa_ctor_invert(param->ctor, rows.terms[0], &op->run->arena, parts) == STOA_SAID;
    *out = exact ? parts[param->part] : (stoa_value){.kind = STOA_VALUE_NULL};
    return;
  }
  stoa_buf json = {0};
  stoa_buf_byte(&json, '[');
  for (uint32_t i = 0; i < rows.n_rows; ++i) {
    if (stoa_ctor_invert(param->ctor, rows.terms[i], &op->run->arena, parts) != STOA_SAID) {
      continue;
    }
    if (json.length > 1) {
      stoa_buf_byte(&json, ',');
    }
    add_key(&parts[0], &json);
  }
  stoa_buf_byte(&json, ']');
  *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                      .text = stoa_arena_slice(&op->run->arena, (stoa_slice){json.data, json.length})};
  stoa_buf_done(&json);
}

// "[0,1,2]" for three rows of VALUES.
static void bind_rows(stoa_op *op, const stoa_node *values, stoa_value *out)
{
  const stoa_slot_rows rows = stoa_run_rows(op->run, values);
  stoa_buf json = {0};
  for (uint32_t i = 0; i < rows.n_rows; ++i) {
    stoa_buf_print(&json, "%c%u", i ? ',' : '[', i);
  }
  stoa_buf_text(&json, rows.n_rows ? "]" : "[]");
  *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                      .text = stoa_arena_slice(&op->run->arena, (stoa_slice){json.data, json.length})};
  stoa_buf_done(&json);
}

// NULL: the statement asks for keys that cannot all be told.
static const stoa_value *bind_params(stoa_op *op, const stoa_plan_node *node)
{
  stoa_value *const values = STOA_NEWS(&op->run->arena, stoa_value, node->sql.n_params);
  const stoa_value *const given = op->run->plan->values;
  for (uint32_t i = 0; i < node->sql.n_params; ++i) {
    const stoa_param *const param = &node->sql.params[i];
    if (param->kind == STOA_PARAM_VALUE) {
      values[i] =
        param->use && given ? given[(size_t)(param->use - 1) * STOA_TEMPLATE_COLUMNS + param->part] : param->value;
    } else if (param->kind == STOA_PARAM_NOW) {
      values[i] = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = op->run->context->now_us + param->offset_us};
    } else if (param->kind == STOA_PARAM_HOSTED) {
      values[i] = (stoa_value){.kind = STOA_VALUE_CALL, .as.call = stoa_hosted_call_new(op->run, param->hosted)};
    } else if (param->kind == STOA_PARAM_KEYS) {
      if (!bind_keys(op, param, &values[i])) {
        return NULL;
      }
    } else if (param->kind == STOA_PARAM_ROWS) {
      bind_rows(op, param->values, &values[i]);
    } else {
      bind_slot(op, param, &values[i]);
    }
  }
  return values;
}

static void lay_out(stoa_op *op, sql_state *s)
{
  const stoa_rel *const rel = s->node->sql.rel;
  s->blocks = rel->blocks.items;
  s->starts = STOA_NEWS(&op->run->arena, uint32_t *, rel->blocks.n);
  for (uint32_t b = 0; b < rel->blocks.n; ++b) {
    uint32_t at = 0;
    s->starts[b] = STOA_NEWS(&op->run->arena, uint32_t, rel->blocks.items[b]->bindings.n);
    for (uint32_t i = 0; i < rel->blocks.items[b]->bindings.n; ++i) {
      const stoa_binding *const binding = &rel->blocks.items[b]->bindings.items[i];
      s->starts[b][i] = at;
      at += stoa_make_width(binding);
    }
  }
}

static stoa_status start(stoa_op *op, stoa_error *err)
{
  sql_state *const s = op->state;
  const stoa_value *const keyed = op->keys ? bind_params(op, op->node->sql.bound) : NULL;
  s->node = keyed ? op->node->sql.bound : op->node;
  lay_out(op, s);
  const stoa_fragment fragment = {.sql = s->node->sql.text,
                                  .params = keyed ? keyed : bind_params(op, s->node),
                                  .n_params = s->node->sql.n_params,
                                  .columns = s->node->sql.layout.cells,
                                  .n_columns = s->node->sql.layout.width};
  return op->node->source->klass->open(stoa_op_connection(op), &fragment, op->run->context, &s->cursor, err);
}

// What a join may restrict is begun when its first row is wanted.
static stoa_status sql_open(stoa_op *op, stoa_error *err)
{
  op->state = STOA_NEW(&op->run->arena, sql_state);
  op->batch.n_columns = op->node->n_vars;
  op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
  return op->node->sql.bound ? STOA_OK : start(op, err);
}

static stoa_status sql_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  sql_state *const s = op->state;
  stoa_rows rows;
  STOA_TRY(stoa_op_check(op, err));
  STOA_TRY(s->cursor ? STOA_OK : start(op, err));
  const stoa_rel_layout *const layout = &s->node->sql.layout;
  stoa_arena_reset(&op->scratch);
  STOA_TRY(op->node->source->klass->next(s->cursor, &op->scratch, &rows, err));
  *out = NULL;
  if (rows.n_rows == 0) {
    return STOA_OK;
  }
  for (uint32_t i = 0; i < op->node->n_vars; ++i) {
    op->batch.columns[i] = STOA_NEWS(&op->scratch, stoa_term, rows.n_rows);
  }
  for (uint32_t row = 0; row < rows.n_rows; ++row) {
    const uint32_t tag = layout->tagged ? (uint32_t)rows.values[0][row].as.integer : 0;
    const stoa_block *const block = s->blocks[tag];
    for (uint32_t i = 0; i < block->bindings.n; ++i) {
      const stoa_binding *const b = &block->bindings.items[i];
      const int column = layout->tagged || op->keys ? stoa_plan_column(op->node, b->var) : (int)i;
      const stoa_value *values[STOA_MAKE_COLUMNS];
      for (uint32_t k = 0; k < stoa_make_width(b); ++k) {
        values[k] = &rows.values[layout->places[tag][s->starts[tag][i] + k]][row];
      }
      STOA_TRY(stoa_make_term(b, values, &op->scratch, &op->batch.columns[column][row], err));
    }
  }
  op->batch.n_rows = rows.n_rows;
  *out = &op->batch;
  return STOA_OK;
}

static void sql_close(stoa_op *op)
{
  sql_state *const s = op->state;
  if (s && s->cursor) {
    op->node->source->klass->close(s->cursor);
  }
}

const stoa_op_class stoa_op_sql = {"sql", sql_open, sql_next, sql_close};
