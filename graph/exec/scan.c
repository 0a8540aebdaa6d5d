// The leaves of a plan: SQL whose columns become terms by the constructors of its blocks, and scans of
// quads.
#include "graph/exec/op.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include <math.h>

typedef struct {
  stoa_cursor *cursor;
  bool tagged;
  const stoa_block **blocks;
  uint32_t **starts; ///< starts[block][binding]: its first column
} sql_state;

static void bind_slot(stoa_op *op, const stoa_param *param, stoa_value *out)
{
  const stoa_slot_rows rows = op->run->slots[param->slot - 1];
  stoa_value parts[STOA_TEMPLATE_COLUMNS];
  if (!param->many) {
    const bool exact =
      rows.n_rows == 1 && stoa_ctor_invert(param->ctor, rows.terms[0], &op->run->arena, parts) == STOA_INVERSE_EXACT;
    *out = exact ? parts[param->part] : (stoa_value){.kind = STOA_VALUE_NULL};
    return;
  }
  stoa_buf json = {0};
  stoa_buf_byte(&json, '[');
  for (uint32_t i = 0; i < rows.n_rows; ++i) {
    if (stoa_ctor_invert(param->ctor, rows.terms[i], &op->run->arena, parts) != STOA_INVERSE_EXACT) {
      continue;
    }
    if (json.length > 1) {
      stoa_buf_byte(&json, ',');
    }
    if (parts[0].kind == STOA_VALUE_INTEGER) {
      stoa_buf_print(&json, "%lld", (long long)parts[0].as.integer);
    } else {
      stoa_buf_json(&json, parts[0].text);
    }
  }
  stoa_buf_byte(&json, ']');
  *out = (stoa_value){.kind = STOA_VALUE_TEXT,
                      .text = stoa_arena_slice(&op->run->arena, (stoa_slice){json.data, json.length})};
  stoa_buf_done(&json);
}

static const stoa_value *bind_params(stoa_op *op)
{
  stoa_value *const values = STOA_NEWS(&op->run->arena, stoa_value, op->node->n_params);
  for (uint32_t i = 0; i < op->node->n_params; ++i) {
    const stoa_param *const param = &op->node->params[i];
    if (param->kind == STOA_PARAM_VALUE) {
      values[i] = param->value;
    } else if (param->kind == STOA_PARAM_NOW) {
      values[i] = (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = op->run->context->now_us + param->offset_us};
    } else {
      bind_slot(op, param, &values[i]);
    }
  }
  return values;
}

static void lay_out(stoa_op *op, sql_state *s)
{
  const stoa_rel *const rel = op->node->rel;
  s->tagged = rel->blocks.n > 1;
  s->blocks = rel->blocks.items;
  s->starts = STOA_NEWS(&op->run->arena, uint32_t *, rel->blocks.n);
  for (uint32_t b = 0; b < rel->blocks.n; ++b) {
    uint32_t at = s->tagged ? 1 : 0;
    s->starts[b] = STOA_NEWS(&op->run->arena, uint32_t, rel->blocks.items[b]->bindings.n);
    for (uint32_t i = 0; i < rel->blocks.items[b]->bindings.n; ++i) {
      const stoa_binding *const binding = &rel->blocks.items[b]->bindings.items[i];
      s->starts[b][i] = at;
      at += binding->ctor->n_columns + (binding->guard ? 1 : 0);
    }
  }
}

static stoa_status sql_open(stoa_op *op, stoa_error *err)
{
  sql_state *const s = STOA_NEW(&op->run->arena, sql_state);
  op->state = s;
  lay_out(op, s);
  op->batch.n_columns = op->node->n_vars;
  op->batch.columns = STOA_NEWS(&op->run->arena, stoa_term *, op->node->n_vars);
  const stoa_fragment fragment = {.sql = op->node->sql, .params = bind_params(op), .n_params = op->node->n_params};
  return op->node->source->klass->open(stoa_op_connection(op), &fragment, op->run->context, &s->cursor, err);
}

// The text of a value in a template: what SQL's cast to text would give, numbers canonical.
static stoa_slice value_text(const stoa_value *v, stoa_arena *arena)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    return stoa_slice_of(stoa_arena_print(arena, "%lld", (long long)v->as.integer));
  }
  if (v->kind == STOA_VALUE_REAL) {
    if (v->as.real == nearbyint(v->as.real) && fabs(v->as.real) < 1e15) {
      return stoa_slice_of(stoa_arena_print(arena, "%.0f", v->as.real));
    }
    return stoa_slice_of(stoa_arena_print(arena, "%.15g", v->as.real));
  }
  return v->text;
}

static stoa_term hex_binary(stoa_slice bytes, stoa_arena *arena)
{
  static const char hex[] = "0123456789ABCDEF";
  char *const text = stoa_arena_alloc(arena, bytes.length * 2 + 1);
  for (size_t i = 0; i < bytes.length; ++i) {
    text[i * 2] = hex[(unsigned char)bytes.data[i] >> 4];
    text[i * 2 + 1] = hex[(unsigned char)bytes.data[i] & 15];
  }
  return stoa_term_literal(arena, (stoa_slice){text, bytes.length * 2}, stoa_slice_of(STOA_XSD "hexBinary"));
}

// Money: the double is read as a whole number at the declared scale; what does not fit is an error.
static stoa_status decimal_term(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                                stoa_error *err)
{
  double factor = 1;
  for (int i = 0; i < info->scale; ++i) {
    factor *= 10;
  }
  stoa_number number = {.kind = STOA_NUMBER_DECIMAL, .scale = (uint32_t)info->scale};
  if (v->kind == STOA_VALUE_INTEGER) {
    number.mantissa = v->as.integer;
    number.scale = 0;
  } else {
    const double scaled = v->as.real * factor, whole = nearbyint(scaled);
    if (fabs(scaled) > 9e15 || fabs(scaled - whole) > 1e-3) {
      return stoa_error_set(err, STOA_BAD_TYPE, "column %s holds %.17g, which does not fit its declared scale of %d",
                            info->name, v->as.real, info->scale);
    }
    number.mantissa = (int64_t)whole;
  }
  *out = stoa_number_term(&number, arena);
  return STOA_OK;
}

static stoa_term boolean_term(const stoa_value *v)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    return stoa_term_boolean(v->as.integer != 0);
  }
  static const char *const yes[] = {"true", "t", "TRUE", "1"}, *const no[] = {"false", "f", "FALSE", "0"};
  for (int i = 0; i < 4; ++i) {
    if (stoa_slice_is(v->text, yes[i]) || stoa_slice_is(v->text, no[i])) {
      return stoa_term_boolean(stoa_slice_is(v->text, yes[i]));
    }
  }
  return (stoa_term){0};
}

static stoa_term time_term(const stoa_value *v, stoa_sql_type type, stoa_arena *arena)
{
  if (v->kind != STOA_VALUE_TEXT) {
    return (stoa_term){0};
  }
  stoa_slice text = v->text;
  if (type == STOA_SQL_DATETIME && text.length > 10 && text.data[10] == ' ') {
    char *const copy = stoa_arena_copy(arena, text);
    copy[10] = 'T';
    text.data = copy;
  }
  return stoa_term_literal(arena, text, stoa_slice_of(type == STOA_SQL_DATE ? STOA_XSD "date" : STOA_XSD "dateTime"));
}

// R2RML, section 10.2: the natural mapping of SQL values.
static stoa_status natural_term(const stoa_column_info *info, const stoa_value *v, stoa_arena *arena, stoa_term *out,
                                stoa_error *err)
{
  const bool number = v->kind == STOA_VALUE_INTEGER || v->kind == STOA_VALUE_REAL;
  *out = (stoa_term){0};
  switch (info->type) {
    case STOA_SQL_INTEGER:
      if (v->kind == STOA_VALUE_INTEGER) {
        *out = stoa_term_integer(v->as.integer);
      }
      return STOA_OK;
    case STOA_SQL_DECIMAL:
      return number ? decimal_term(info, v, arena, out, err) : STOA_OK;
    case STOA_SQL_LEXICAL:
      if (v->kind == STOA_VALUE_TEXT || number) {
        *out = stoa_term_literal(arena, value_text(v, arena), stoa_slice_of(STOA_XSD "decimal"));
      }
      return STOA_OK;
    case STOA_SQL_REAL:
      if (number) {
        *out = stoa_term_double(v->kind == STOA_VALUE_REAL ? v->as.real : (double)v->as.integer);
      }
      return STOA_OK;
    case STOA_SQL_BOOLEAN:
      *out = boolean_term(v);
      return STOA_OK;
    case STOA_SQL_DATE:
    case STOA_SQL_DATETIME:
      *out = time_term(v, info->type, arena);
      return STOA_OK;
    case STOA_SQL_BLOB:
      *out = hex_binary(v->text, arena);
      return STOA_OK;
    case STOA_SQL_ANY:
      if (v->kind == STOA_VALUE_INTEGER) {
        *out = stoa_term_integer(v->as.integer);
        return STOA_OK;
      }
      if (v->kind == STOA_VALUE_REAL) {
        *out = stoa_term_double(v->as.real);
        return STOA_OK;
      }
      break;
    case STOA_SQL_TEXT:
      break;
  }
  *out = stoa_term_string(value_text(v, arena));
  return STOA_OK;
}

static stoa_status literal_term(const stoa_ctor *ctor, const stoa_column_info *info, const stoa_value *v,
                                stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  STOA_TRY(natural_term(info, v, arena, out, err));
  if (!stoa_term_is_bound(*out)) {
    return STOA_OK;
  }
  if (ctor->language.length) {
    *out = stoa_term_lang(arena, stoa_term_lexical(*out, arena), ctor->language);
  } else if (ctor->datatype.length && !stoa_slice_equal(ctor->datatype, stoa_term_datatype(*out))) {
    // A literal of the column's own lexical form and the mapping's datatype.
    *out = stoa_term_literal(arena, stoa_term_lexical(*out, arena), ctor->datatype);
  }
  return STOA_OK;
}

static bool has_scheme(stoa_slice text)
{
  const char *const colon = memchr(text.data, ':', text.length);
  return colon && colon > text.data && !memchr(text.data, '/', (size_t)(colon - text.data));
}

static stoa_term iri_term(const stoa_ctor *ctor, const stoa_value *v, stoa_arena *arena)
{
  stoa_slice text = value_text(v, arena);
  if (ctor->base && !has_scheme(text)) {
    text = stoa_slice_of(stoa_arena_print(arena, "%s%.*s", ctor->base, (int)text.length, text.data));
  }
  return stoa_term_iri(text);
}

static stoa_term template_term(const stoa_ctor *ctor, const stoa_value *const *row, stoa_arena *arena)
{
  stoa_slice texts[STOA_TEMPLATE_COLUMNS];
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    texts[k] = value_text(row[k], arena);
  }
  if (ctor->makes == STOA_TERM_IRI) {
    return stoa_term_built(arena, ctor->tmpl, texts);
  }
  stoa_buf text = {0};
  stoa_template_write(ctor->tmpl, texts, false, &text);
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  if (ctor->makes == STOA_TERM_BLANK) {
    return stoa_term_blank(copy);
  }
  return ctor->language.length ? stoa_term_lang(arena, copy, ctor->language)
                               : stoa_term_literal(arena, copy, stoa_ctor_datatype(ctor));
}

static stoa_status make_term(const stoa_binding *b, const stoa_rows *rows, uint32_t start, uint32_t row,
                             stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  const stoa_ctor *const ctor = b->ctor;
  const stoa_value *values[STOA_TEMPLATE_COLUMNS];
  *out = (stoa_term){0};
  if (b->guard && rows->values[start + ctor->n_columns][row].kind == STOA_VALUE_NULL) {
    return STOA_OK;
  }
  for (uint32_t k = 0; k < ctor->n_columns; ++k) {
    values[k] = &rows->values[start + k][row];
    if (values[k]->kind == STOA_VALUE_NULL) {
      return STOA_OK;
    }
  }
  switch (ctor->kind) {
    case STOA_CTOR_CONSTANT:
      *out = ctor->constant;
      return STOA_OK;
    case STOA_CTOR_TEMPLATE:
      *out = template_term(ctor, values, arena);
      return STOA_OK;
    case STOA_CTOR_COLUMN:
      break;
  }
  if (ctor->makes == STOA_TERM_IRI) {
    *out = iri_term(ctor, values[0], arena);
    return STOA_OK;
  }
  if (ctor->makes == STOA_TERM_BLANK) {
    *out = stoa_term_blank(value_text(values[0], arena));
    return STOA_OK;
  }
  return literal_term(ctor, b->columns[0]->info, values[0], arena, out, err);
}

static stoa_status sql_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  sql_state *const s = op->state;
  stoa_rows rows;
  STOA_TRY(stoa_op_check(op, err));
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
    const uint32_t tag = s->tagged ? (uint32_t)rows.values[0][row].as.integer : 0;
    const stoa_block *const block = s->blocks[tag];
    for (uint32_t i = 0; i < block->bindings.n; ++i) {
      const stoa_binding *const b = &block->bindings.items[i];
      const int column = s->tagged ? stoa_plan_column(op->node, b->var) : (int)i;
      STOA_TRY(make_term(b, &rows, s->starts[tag][i], row, &op->scratch, &op->batch.columns[column][row], err));
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

// ---- quads

typedef struct {
  stoa_cursor *cursor;
} quads_state;

static stoa_status quads_open(stoa_op *op, stoa_error *err)
{
  quads_state *const s = STOA_NEW(&op->run->arena, quads_state);
  const stoa_pattern *const p = &op->node->pattern;
  const stoa_slot *const slots[] = {&p->subject, &p->predicate, &p->object, &p->graph};
  stoa_fragment fragment = {.any_graph = p->graph.var != STOA_NO_VAR};
  for (int i = 0; i < 4; ++i) {
    if (slots[i]->var == STOA_NO_VAR) {
      fragment.quad[i] = slots[i]->term;
    }
  }
  op->state = s;
  stoa_batch_init(&op->batch, op->node->n_vars, &op->run->arena);
  return op->node->source->klass->open(stoa_op_connection(op), &fragment, op->run->context, &s->cursor, err);
}

// Put a quad into the batch; false when a repeated variable would stand for two terms.
static bool take_quad(stoa_op *op, const stoa_rows *rows, uint32_t row, uint32_t n)
{
  const stoa_pattern *const p = &op->node->pattern;
  const stoa_slot *const slots[] = {&p->subject, &p->predicate, &p->object, &p->graph};
  for (int i = 0; i < 4; ++i) {
    if (slots[i]->var == STOA_NO_VAR) {
      continue;
    }
    const int column = stoa_plan_column(op->node, slots[i]->var);
    for (int j = 0; j < i; ++j) {
      if (slots[j]->var == slots[i]->var && !stoa_term_same(rows->terms[i][row], rows->terms[j][row])) {
        return false;
      }
    }
    op->batch.columns[column][n] = rows->terms[i][row];
  }
  return true;
}

static stoa_status quads_next(stoa_op *op, const stoa_batch **out, stoa_error *err)
{
  quads_state *const s = op->state;
  *out = NULL;
  for (;;) {
    stoa_rows rows;
    uint32_t n = 0;
    stoa_arena_reset(&op->scratch);
    STOA_TRY(stoa_op_check(op, err));
    STOA_TRY(op->node->source->klass->next(s->cursor, &op->scratch, &rows, err));
    if (rows.n_rows == 0) {
      return STOA_OK;
    }
    for (uint32_t row = 0; row < rows.n_rows; ++row) {
      n += take_quad(op, &rows, row, n);
    }
    if (n) {
      op->batch.n_rows = n;
      *out = &op->batch;
      return STOA_OK;
    }
  }
}

static void quads_close(stoa_op *op)
{
  quads_state *const s = op->state;
  if (s && s->cursor) {
    op->node->source->klass->close(s->cursor);
  }
}

const stoa_op_class stoa_op_quads = {"quads", quads_open, quads_next, quads_close};
