// Relations: expressions and blocks, and the leaves they start from (rule 6 of the optimiser's list).
//
// A triple pattern over one triples map becomes a block: the map's table in FROM, and for each variable of the pattern
// a binding that says by which term map, from which columns, its terms are made.  A constant of the pattern is taken
// apart into the column values that would make it, so that SQL compares columns and never builds an IRI.  That is right
// because an exact term map makes a term from one row of column values only; where it is not exact, or the column's "="
// is not the identity of terms, nothing is said, and the executor compares the terms themselves.
#include "graph/plan/rel.h"
#include "graph/base/assert.h"
#include "graph/term/equality.h"

const stoa_table_info *stoa_from_info(const stoa_from *from)
{
  return from->kind == STOA_FROM_TABLE ? from->table.info : NULL;
}

const stoa_binding *stoa_block_find(const stoa_block *block, stoa_var var)
{
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    if (block->bindings.items[i].var == var) {
      return &block->bindings.items[i];
    }
  }
  return NULL;
}

const stoa_sx *stoa_sx_column(stoa_rels *r, uint32_t alias, const stoa_column_info *info)
{
  stoa_sx *const sx = STOA_NEW(r->arena, stoa_sx);
  sx->kind = STOA_SX_COLUMN;
  sx->alias = alias;
  sx->info = info;
  return sx;
}

const stoa_sx *stoa_sx_param(stoa_rels *r, stoa_param param)
{
  stoa_sx *const sx = STOA_NEW(r->arena, stoa_sx);
  sx->kind = STOA_SX_PARAM;
  sx->param = param;
  return sx;
}

const stoa_sx *stoa_sx_call_of(stoa_rels *r, stoa_sql_op op, const stoa_sx *const *args, uint32_t n)
{
  stoa_sx *const sx = STOA_NEW(r->arena, stoa_sx);
  STOA_ASSERT(stoa_sql_op_args(op) == STOA_OP_ANY_ARGS || stoa_sql_op_args(op) == (int)n);
  sx->kind = STOA_SX_CALL;
  sx->op = op;
  sx->args = STOA_NEWS(r->arena, const stoa_sx *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    sx->args[i] = args[i];
  }
  sx->n_args = n;
  return sx;
}

const stoa_sx *stoa_sx_call(stoa_rels *r, stoa_sql_op op, const stoa_sx *a, const stoa_sx *b)
{
  const stoa_sx *const args[] = {a, b};
  return stoa_sx_call_of(r, op, args, b ? 2 : a ? 1 : 0);
}

const stoa_sx *stoa_sx_number(stoa_rels *r, int64_t number)
{
  stoa_sx *const sx = STOA_NEW(r->arena, stoa_sx);
  *sx = (stoa_sx){.kind = STOA_SX_CALL, .op = STOA_OP_NUMBER, .number = number};
  return sx;
}

const stoa_sx *stoa_sx_as(stoa_rels *r, const stoa_sx *sx, const stoa_column_info *info)
{
  stoa_sx *const copy = STOA_NEW(r->arena, stoa_sx);
  *copy = *sx;
  copy->info = info;
  return copy;
}

void stoa_rels_speak(stoa_rels *r, const stoa_source *source)
{
  if (source && source->dialect) {
    r->dialect = source->dialect;
  }
}

static bool same_value(const stoa_value *a, const stoa_value *b)
{
  return a->kind == b->kind && stoa_slice_equal(a->text, b->text) &&
         (a->kind == STOA_VALUE_TEXT || a->kind == STOA_VALUE_DECIMAL || a->as.integer == b->as.integer);
}

static bool same_param(const stoa_param *a, const stoa_param *b)
{
  if (a->kind != b->kind) {
    return false;
  }
  switch (a->kind) {
    case STOA_PARAM_NOW:
      return a->offset_us == b->offset_us;
    case STOA_PARAM_SLOT:
      return a->slot == b->slot && a->part == b->part && a->many == b->many;
    case STOA_PARAM_ROWS:
      return a->values == b->values;
    case STOA_PARAM_KEYS:
      return a->part == b->part && a->ctor == b->ctor;
    case STOA_PARAM_HOSTED:
      return a->hosted == b->hosted;
    default:
      return a->use || b->use ? a->use == b->use && a->part == b->part : same_value(&a->value, &b->value);
  }
}

bool stoa_sx_same(const stoa_sx *a, const stoa_sx *b)
{
  if (a == b) {
    return true;
  }
  if (a->kind != b->kind) {
    return false;
  }
  if (a->kind == STOA_SX_PARAM) {
    return same_param(&a->param, &b->param);
  }
  if (a->kind == STOA_SX_COLUMN) {
    return a->alias == b->alias && strcmp(a->info->name, b->info->name) == 0;
  }
  if (a->kind == STOA_SX_EXISTS) {
    return a->sub == b->sub;
  }
  if (a->op != b->op || a->number != b->number || a->n_args != b->n_args) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_args; ++i) {
    if (!stoa_sx_same(a->args[i], b->args[i])) {
      return false;
    }
  }
  return true;
}

bool stoa_sx_is(const stoa_sx *sx, stoa_sql_op op)
{
  return sx->kind == STOA_SX_CALL && sx->op == op;
}

bool stoa_sx_is_equation(const stoa_sx *sx)
{
  return stoa_sx_is(sx, STOA_OP_EQ);
}

bool stoa_sx_reads_only(const stoa_sx *sx, uint32_t alias)
{
  if (sx->kind == STOA_SX_COLUMN) {
    return sx->alias == alias;
  }
  bool only = sx->kind != STOA_SX_EXISTS;
  for (uint32_t i = 0; i < sx->n_args && only; ++i) {
    only = stoa_sx_reads_only(sx->args[i], alias);
  }
  return only;
}

bool stoa_sx_deeper(const stoa_sx *sx, int levels)
{
  bool deeper = levels < 0 || (sx->kind == STOA_SX_EXISTS && stoa_rel_deeper(sx->sub, levels - 2));
  for (uint32_t i = 0; sx->kind == STOA_SX_CALL && i < sx->n_args && !deeper; ++i) {
    deeper = stoa_sx_deeper(sx->args[i], levels - 1);
  }
  return deeper;
}

static bool any_deeper(const stoa_sx_list *list, int levels)
{
  bool deeper = false;
  for (uint32_t i = 0; i < list->n && !deeper; ++i) {
    deeper = stoa_sx_deeper(list->items[i], levels);
  }
  return deeper;
}

bool stoa_rel_deeper(const stoa_rel *rel, int levels)
{
  bool deeper = levels < 0;
  for (uint32_t i = 0; i < rel->blocks.n && !deeper; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    deeper = any_deeper(&block->where, levels);
    for (uint32_t k = 0; k < block->from.n && !deeper; ++k) {
      const stoa_from *const from = &block->from.items[k];
      deeper = any_deeper(&from->on, levels) ||
               (from->kind == STOA_FROM_SUB && stoa_rel_deeper(from->sub, levels - 2)) ||
               (from->kind == STOA_FROM_CLOSURE && stoa_rel_deeper(from->closure->steps, levels - 2));
    }
  }
  return deeper;
}

void stoa_block_add(stoa_rels *r, stoa_sx_list *list, const stoa_sx *sx)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (stoa_sx_same(list->items[i], sx)) {
      return;
    }
  }
  STOA_PUSH(r->arena, list, sx);
}

stoa_rel *stoa_rel_new(stoa_rels *r, stoa_source *source)
{
  stoa_rel *const rel = STOA_NEW(r->arena, stoa_rel);
  rel->source = source;
  stoa_rels_speak(r, source);
  return rel;
}

stoa_block *stoa_block_new(stoa_rels *r)
{
  stoa_block *const block = STOA_NEW(r->arena, stoa_block);
  block->limit = UINT64_MAX;
  return block;
}

const stoa_from *stoa_block_from(const stoa_block *block, uint32_t alias)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (block->from.items[i].alias == alias) {
      return &block->from.items[i];
    }
  }
  return NULL;
}

stoa_rel *stoa_rel_of_block(stoa_rels *r, stoa_source *source, const stoa_block *block)
{
  stoa_rel *const rel = stoa_rel_new(r, source);
  STOA_PUSH(r->arena, &rel->blocks, block);
  return rel;
}

// ---- what a block binds

// The columns of a block: each binding's, then its guard; constants that may be absent get a guard.
void stoa_block_columns(stoa_rels *r, const stoa_block *block, stoa_sx_list *out)
{
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      STOA_PUSH(r->arena, out, b->columns[k]);
    }
    if (b->guard) {
      STOA_PUSH(r->arena, out, b->guard);
    }
  }
}

bool stoa_binding_alike(const stoa_binding *a, const stoa_binding *b)
{
  if (!b || (a->guard != NULL) != (b->guard != NULL)) {
    return false;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT) {
    return b->ctor->kind == STOA_CTOR_CONSTANT && stoa_term_same(a->ctor->constant, b->ctor->constant);
  }
  return stoa_ctor_alike(a->ctor, b->ctor);
}

bool stoa_binding_exact(const stoa_binding *b)
{
  return stoa_ctor_exact(b->ctor);
}

bool stoa_block_exact(const stoa_block *block)
{
  for (uint32_t k = 0; k < block->bindings.n; ++k) {
    if (!stoa_binding_exact(&block->bindings.items[k])) {
      return false;
    }
  }
  return true;
}

// ---- leaves

// R2RML (section 10) makes no term from a NULL, so a row with one gives no triple and may be left out; so may one whose
// column of numbers holds something else, which some databases allow.
static void need_columns(stoa_rels *r, stoa_block *block, const stoa_binding *b)
{
  for (uint32_t i = 0; i < b->ctor->n_columns; ++i) {
    const stoa_column_info *const info = b->columns[i]->info;
    const bool number =
      b->ctor->kind == STOA_CTOR_COLUMN && b->ctor->makes == STOA_TERM_TYPED &&
      (info->type == STOA_SQL_INTEGER || info->type == STOA_SQL_DECIMAL || info->type == STOA_SQL_REAL);
    if (number && stoa_sql_op_said(STOA_OP_IS_NUMBER, r->dialect)) {
      stoa_block_add(r, &block->where, stoa_sx_call(r, STOA_OP_IS_NUMBER, b->columns[i], NULL));
    } else if (!info->not_null) {
      stoa_block_add(r, &block->where, stoa_sx_call(r, STOA_OP_IS_NOT_NULL, b->columns[i], NULL));
    }
  }
}

static stoa_binding bind_ctor(stoa_rels *r, stoa_var var, const stoa_ctor *ctor, const uint32_t *aliases)
{
  stoa_binding b = {.var = var, .ctor = ctor};
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    b.columns[i] = stoa_sx_column(r, aliases[ctor->table], ctor->columns[i]);
  }
  return b;
}

const stoa_sx *stoa_sx_equals_param(stoa_rels *r, const stoa_sx *column, stoa_param param)
{
  return stoa_sx_call(r, STOA_OP_EQ, column, stoa_sx_param(r, param));
}

const stoa_sx *stoa_sx_equals_column(stoa_rels *r, const stoa_sx *a, const stoa_sx *b)
{
  const bool a_text = a->info->type == STOA_SQL_TEXT, b_text = b->info->type == STOA_SQL_TEXT;
  if (a_text != b_text) {
    // An integer and a text make the same IRI only when the text is the integer's own digits.
    const stoa_sx *const digits = stoa_sx_call(r, STOA_OP_INTEGER_TEXT, a_text ? b : a, NULL);
    return a_text ? stoa_sx_call(r, STOA_OP_EQ, a, digits) : stoa_sx_call(r, STOA_OP_EQ, digits, b);
  }
  return stoa_sx_call(r, STOA_OP_EQ, a, b);
}

// Match one place of the pattern with its term map.  A constant asks for the column values that make it; a variable
// that stands in the pattern already asks for equal columns, which is the same as equal terms where both term maps are
// alike.
static stoa_said match_slot(stoa_rels *r, stoa_block *block, const stoa_slot *slot, const stoa_ctor *ctor,
                            const uint32_t *aliases)
{
  if (slot->var == STOA_NO_VAR && ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_shape_same(r, ctor->constant, slot->term, slot->constant) ? STOA_SAID : STOA_SAID_NEVER;
  }
  stoa_binding b = bind_ctor(r, slot->var, ctor, aliases);
  if (slot->var == STOA_NO_VAR) {
    stoa_param params[STOA_TEMPLATE_COLUMNS];
    const stoa_said said = stoa_shape_invert(r, ctor, slot->term, slot->constant, params);
    for (uint32_t i = 0; said == STOA_SAID && i < ctor->n_columns; ++i) {
      stoa_block_add(r, &block->where, stoa_sx_equals_param(r, b.columns[i], params[i]));
    }
    return said;
  }
  need_columns(r, block, &b);
  const stoa_binding *const before = stoa_block_find(block, slot->var);
  if (!before) {
    STOA_PUSH(r->arena, &block->bindings, b);
    return STOA_SAID;
  }
  if (before->ctor->kind == STOA_CTOR_CONSTANT && ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(before->ctor->constant, ctor->constant) ? STOA_SAID : STOA_SAID_NEVER;
  }
  if (!stoa_ctor_alike(before->ctor, ctor)) {
    return before->ctor->makes != ctor->makes ? STOA_SAID_NEVER : STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    stoa_block_add(r, &block->where, stoa_sx_equals_column(r, before->columns[i], b.columns[i]));
  }
  return STOA_SAID;
}

// A table as a subquery that SQLite keeps and indexes while it joins.
static const char *read_once(stoa_rels *r, const char *table)
{
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "SELECT * FROM ");
  stoa_sql_name(table, &sql);
  stoa_buf_text(&sql, " LIMIT -1");
  const char *const text = stoa_arena_copy(r->arena, (stoa_slice){sql.data, sql.length});
  stoa_buf_done(&sql);
  return text;
}

stoa_said stoa_rel_said(const stoa_rel *rel, const stoa_rel **out)
{
  *out = rel;
  return rel->blocks.n ? STOA_SAID : STOA_SAID_NEVER;
}

stoa_said stoa_rel_leaf(stoa_rels *r, const stoa_pattern *pattern, const stoa_leaf *leaf, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, leaf->source);
  stoa_block *const block = stoa_block_new(r);
  uint32_t aliases[2] = {0, 0};
  for (uint32_t i = 0; i < leaf->n_tables; ++i) {
    aliases[i] = r->n_aliases++;
    stoa_from from = {.table = leaf->tables[i], .alias = aliases[i]};
    if (leaf->source->klass->scans && leaf->n_tables > 1 && !from.table.view) {
      from.table.view = read_once(r, from.table.table);
    }
    STOA_PUSH(r->arena, &block->from, from);
  }
  for (uint32_t i = 0; i < leaf->n_joins; ++i) {
    stoa_block_add(r, &block->where,
                   stoa_sx_call(r, STOA_OP_EQ, stoa_sx_column(r, aliases[0], leaf->joins[i].child),
                                stoa_sx_column(r, aliases[1], leaf->joins[i].parent)));
  }
  const stoa_slot *const slots[] = {&pattern->subject, &pattern->predicate, &pattern->object, &pattern->graph};
  const stoa_ctor *const ctors[] = {&leaf->subject, &leaf->predicate, &leaf->object, &leaf->graph};
  for (int i = 0; i < 4; ++i) {
    const stoa_said said = match_slot(r, block, slots[i], ctors[i], aliases);
    if (said != STOA_SAID) {
      return said == STOA_SAID_NEVER ? stoa_rel_said(rel, out) : STOA_CANNOT_SAY;
    }
  }
  const stoa_binding witness = bind_ctor(r, STOA_NO_VAR, &leaf->witness, aliases);
  need_columns(r, block, &witness);
  STOA_PUSH(r->arena, &rel->blocks, block);
  return stoa_rel_said(rel, out);
}

// ---- renaming aliases

const stoa_sx *stoa_sx_renamed(stoa_rels *r, const stoa_sx *sx, uint32_t from, uint32_t to)
{
  if (!sx || sx->kind == STOA_SX_PARAM || (sx->kind == STOA_SX_COLUMN && sx->alias != from)) {
    return sx;
  }
  stoa_sx *const copy = STOA_NEW(r->arena, stoa_sx);
  *copy = *sx;
  if (sx->kind == STOA_SX_COLUMN) {
    copy->alias = to;
  }
  if (sx->kind == STOA_SX_EXISTS) {
    stoa_rel *const sub = stoa_rel_new(r, sx->sub->source);
    for (uint32_t i = 0; i < sx->sub->blocks.n; ++i) {
      stoa_block *const block = stoa_block_copy(r, sx->sub->blocks.items[i]);
      stoa_block_rename(r, block, from, to);
      STOA_PUSH(r->arena, &sub->blocks, block);
    }
    copy->sub = sub;
  }
  if (sx->kind == STOA_SX_CALL) {
    copy->args = STOA_NEWS(r->arena, const stoa_sx *, sx->n_args + 1);
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    copy->args[i] = stoa_sx_renamed(r, sx->args[i], from, to);
  }
  return copy;
}

void stoa_sx_rename_list(stoa_rels *r, stoa_sx_list *list, uint32_t from, uint32_t to)
{
  stoa_sx_list fresh = {0};
  for (uint32_t i = 0; i < list->n; ++i) {
    STOA_PUSH(r->arena, &fresh, stoa_sx_renamed(r, list->items[i], from, to));
  }
  *list = fresh;
}

void stoa_block_rename(stoa_rels *r, stoa_block *block, uint32_t from, uint32_t to)
{
  stoa_sx_rename_list(r, &block->where, from, to);
  for (uint32_t i = 0; i < block->from.n; ++i) {
    stoa_sx_rename_list(r, &block->from.items[i].on, from, to);
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      b->columns[k] = stoa_sx_renamed(r, b->columns[k], from, to);
    }
    b->guard = stoa_sx_renamed(r, b->guard, from, to);
  }
}

// ---- copies

stoa_block *stoa_block_copy(stoa_rels *r, const stoa_block *a)
{
  stoa_block *const copy = stoa_block_new(r);
  *copy = *a;
  copy->from.items = NULL, copy->from.n = copy->from.capacity = 0;
  copy->where.items = NULL, copy->where.n = copy->where.capacity = 0;
  copy->bindings.items = NULL, copy->bindings.n = copy->bindings.capacity = 0;
  for (uint32_t i = 0; i < a->from.n; ++i) {
    STOA_PUSH(r->arena, &copy->from, a->from.items[i]);
  }
  for (uint32_t i = 0; i < a->where.n; ++i) {
    STOA_PUSH(r->arena, &copy->where, a->where.items[i]);
  }
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    STOA_PUSH(r->arena, &copy->bindings, a->bindings.items[i]);
  }
  return copy;
}

// A block whose aliases are its own, so that one relation may stand in a join twice.
stoa_block *stoa_block_fresh(stoa_rels *r, const stoa_block *a)
{
  stoa_block *const copy = stoa_block_copy(r, a);
  for (uint32_t i = 0; i < copy->from.n; ++i) {
    const uint32_t alias = r->n_aliases++;
    stoa_block_rename(r, copy, copy->from.items[i].alias, alias);
    copy->from.items[i].alias = alias;
  }
  return copy;
}
