// Relations: leaves, joins with unification of term constructors, self-joins on keys merged away,
// unions and projections.  (Rules 6, 7, 8, 10 and 13 of the optimiser's list live here.)
#include "graph/plan/sqlx.h"
#include "graph/term/equality.h"

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

const stoa_sx *stoa_sx_call(stoa_rels *r, const char *text, const stoa_sx *a, const stoa_sx *b)
{
  stoa_sx *const sx = STOA_NEW(r->arena, stoa_sx);
  sx->kind = STOA_SX_CALL;
  sx->text = text;
  sx->args[0] = a;
  sx->args[1] = b;
  sx->n_args = b ? 2 : a ? 1 : 0;
  return sx;
}

static bool same_param(const stoa_param *a, const stoa_param *b)
{
  if (a->kind != b->kind) {
    return false;
  }
  if (a->kind == STOA_PARAM_SLOT) {
    return a->slot == b->slot && a->part == b->part && a->many == b->many;
  }
  return a->offset_us == b->offset_us && a->value.kind == b->value.kind &&
         stoa_slice_equal(a->value.text, b->value.text) &&
         (a->value.kind == STOA_VALUE_TEXT || a->value.as.integer == b->value.as.integer);
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
  if (a->n_args != b->n_args || strcmp(a->text, b->text) != 0) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_args; ++i) {
    if (!stoa_sx_same(a->args[i], b->args[i])) {
      return false;
    }
  }
  return true;
}

static void add_condition(stoa_rels *r, stoa_sx_list *list, const stoa_sx *sx)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (stoa_sx_same(list->items[i], sx)) {
      return;
    }
  }
  STOA_PUSH(r->arena, list, sx);
}

static stoa_rel *rel_new(stoa_rels *r, stoa_source *source)
{
  stoa_rel *const rel = STOA_NEW(r->arena, stoa_rel);
  rel->source = source;
  return rel;
}

static stoa_block *block_new(stoa_rels *r)
{
  stoa_block *const block = STOA_NEW(r->arena, stoa_block);
  block->limit = UINT64_MAX;
  return block;
}

// ---- leaves

// A term needs its columns: not NULL, and numbers in a column of numbers.
static void need_columns(stoa_rels *r, stoa_block *block, const stoa_binding *b)
{
  for (uint32_t i = 0; i < b->ctor->n_columns; ++i) {
    const stoa_column_info *const info = b->columns[i]->info;
    const bool number =
      b->ctor->kind == STOA_CTOR_COLUMN && b->ctor->makes == STOA_TERM_TYPED &&
      (info->type == STOA_SQL_INTEGER || info->type == STOA_SQL_DECIMAL || info->type == STOA_SQL_REAL);
    if (number) {
      add_condition(r, &block->where, stoa_sx_call(r, "typeof(%0) IN ('integer', 'real')", b->columns[i], NULL));
    } else if (!info->not_null) {
      add_condition(r, &block->where, stoa_sx_call(r, "%0 IS NOT NULL", b->columns[i], NULL));
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

static const stoa_sx *equals_value(stoa_rels *r, const stoa_sx *column, stoa_value value)
{
  return stoa_sx_call(r, "%0 = %1", column, stoa_sx_param(r, (stoa_param){.kind = STOA_PARAM_VALUE, .value = value}));
}

static const stoa_sx *equals_column(stoa_rels *r, const stoa_sx *a, const stoa_sx *b)
{
  const bool a_text = a->info->type == STOA_SQL_TEXT, b_text = b->info->type == STOA_SQL_TEXT;
  if (a_text != b_text) {
    // An integer and a text make the same IRI only when the text is the integer's own.
    return a_text ? stoa_sx_call(r, "%0 = CAST(%1 AS TEXT)", a, b) : stoa_sx_call(r, "CAST(%0 AS TEXT) = %1", a, b);
  }
  return stoa_sx_call(r, "%0 = %1", a, b);
}

// Match one place of the pattern with its constructor.
static stoa_inverse match_slot(stoa_rels *r, stoa_block *block, const stoa_slot *slot, const stoa_ctor *ctor,
                               const uint32_t *aliases)
{
  if (slot->var == STOA_NO_VAR && ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(slot->term, ctor->constant) ? STOA_INVERSE_EXACT : STOA_INVERSE_NEVER;
  }
  stoa_binding b = bind_ctor(r, slot->var, ctor, aliases);
  if (slot->var == STOA_NO_VAR) {
    stoa_value values[STOA_TEMPLATE_COLUMNS];
    const stoa_inverse inverse = stoa_ctor_invert(ctor, slot->term, r->arena, values);
    for (uint32_t i = 0; inverse == STOA_INVERSE_EXACT && i < ctor->n_columns; ++i) {
      add_condition(r, &block->where, equals_value(r, b.columns[i], values[i]));
    }
    return inverse;
  }
  need_columns(r, block, &b);
  const stoa_binding *const before = stoa_block_find(block, slot->var);
  if (!before) {
    STOA_PUSH(r->arena, &block->bindings, b);
    return STOA_INVERSE_EXACT;
  }
  if (before->ctor->kind == STOA_CTOR_CONSTANT && ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(before->ctor->constant, ctor->constant) ? STOA_INVERSE_EXACT : STOA_INVERSE_NEVER;
  }
  if (!stoa_ctor_alike(before->ctor, ctor)) {
    return before->ctor->makes != ctor->makes ? STOA_INVERSE_NEVER : STOA_INVERSE_UNKNOWN;
  }
  for (uint32_t i = 0; i < ctor->n_columns; ++i) {
    add_condition(r, &block->where, equals_column(r, before->columns[i], b.columns[i]));
  }
  return STOA_INVERSE_EXACT;
}

stoa_rel *stoa_rel_leaf(stoa_rels *r, const stoa_pattern *pattern, const stoa_leaf *leaf)
{
  stoa_rel *const rel = rel_new(r, leaf->source);
  stoa_block *const block = block_new(r);
  uint32_t aliases[2] = {0, 0};
  for (uint32_t i = 0; i < leaf->n_tables; ++i) {
    aliases[i] = r->n_aliases++;
    const stoa_from from = {.table = leaf->tables[i], .alias = aliases[i]};
    STOA_PUSH(r->arena, &block->from, from);
  }
  for (uint32_t i = 0; i < leaf->n_joins; ++i) {
    add_condition(r, &block->where,
                  stoa_sx_call(r, "%0 = %1", stoa_sx_column(r, aliases[0], leaf->joins[i].child),
                               stoa_sx_column(r, aliases[1], leaf->joins[i].parent)));
  }
  const stoa_slot *const slots[] = {&pattern->subject, &pattern->predicate, &pattern->object, &pattern->graph};
  const stoa_ctor *const ctors[] = {&leaf->subject, &leaf->predicate, &leaf->object, &leaf->graph};
  for (int i = 0; i < 4; ++i) {
    const stoa_inverse inverse = match_slot(r, block, slots[i], ctors[i], aliases);
    if (inverse == STOA_INVERSE_NEVER) {
      return rel;
    }
    if (inverse == STOA_INVERSE_UNKNOWN) {
      return NULL;
    }
  }
  STOA_PUSH(r->arena, &rel->blocks, block);
  return rel;
}

// ---- renaming aliases, for merging self-joins

static const stoa_sx *renamed(stoa_rels *r, const stoa_sx *sx, uint32_t from, uint32_t to)
{
  if (!sx || sx->kind == STOA_SX_PARAM || (sx->kind == STOA_SX_COLUMN && sx->alias != from)) {
    return sx;
  }
  stoa_sx *const copy = STOA_NEW(r->arena, stoa_sx);
  *copy = *sx;
  if (sx->kind == STOA_SX_COLUMN) {
    copy->alias = to;
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    copy->args[i] = renamed(r, sx->args[i], from, to);
  }
  return copy;
}

static void rename_list(stoa_rels *r, stoa_sx_list *list, uint32_t from, uint32_t to)
{
  stoa_sx_list fresh = {0};
  for (uint32_t i = 0; i < list->n; ++i) {
    STOA_PUSH(r->arena, &fresh, renamed(r, list->items[i], from, to));
  }
  *list = fresh;
}

static void rename_block(stoa_rels *r, stoa_block *block, uint32_t from, uint32_t to)
{
  rename_list(r, &block->where, from, to);
  for (uint32_t i = 0; i < block->from.n; ++i) {
    rename_list(r, &block->from.items[i].on, from, to);
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      b->columns[k] = renamed(r, b->columns[k], from, to);
    }
    b->guard = renamed(r, b->guard, from, to);
  }
}

static void drop_from(stoa_block *block, uint32_t alias)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (block->from.items[i].alias != alias) {
      block->from.items[kept++] = block->from.items[i];
    }
  }
  block->from.n = kept;
}

static bool same_table(const stoa_leaf_table *a, const stoa_leaf_table *b)
{
  if (a->info != b->info || !a->info) {
    return false;
  }
  return a->table ? b->table && strcmp(a->table, b->table) == 0 : !b->table && strcmp(a->view, b->view) == 0;
}

// The columns on which `where` equates two aliases.
static stoa_column_set equated(const stoa_block *block, const stoa_table_info *info, uint32_t a, uint32_t b)
{
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    if (sx->kind != STOA_SX_CALL || strcmp(sx->text, "%0 = %1") != 0 || sx->args[0]->kind != STOA_SX_COLUMN ||
        sx->args[1]->kind != STOA_SX_COLUMN || strcmp(sx->args[0]->info->name, sx->args[1]->info->name) != 0) {
      continue;
    }
    const uint32_t x = sx->args[0]->alias, y = sx->args[1]->alias;
    if ((x == a && y == b) || (x == b && y == a)) {
      set |= stoa_table_bit(info, sx->args[0]->info->name);
    }
  }
  return set;
}

// The columns that `where` fixes to the same parameter for both is not looked for: constants are
// propagated by SQL engines themselves.
static bool covers_key(const stoa_table_info *info, stoa_column_set set)
{
  for (uint32_t i = 0; i < info->n_keys; ++i) {
    if ((info->keys[i] & ~set) == 0) {
      return true;
    }
  }
  return false;
}

static void drop_trivial(stoa_block *block)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    const bool trivial =
      sx->kind == STOA_SX_CALL && strcmp(sx->text, "%0 = %1") == 0 && stoa_sx_same(sx->args[0], sx->args[1]);
    bool again = false;
    for (uint32_t j = 0; j < kept && !again; ++j) {
      again = stoa_sx_same(block->where.items[j], sx);
    }
    if (!trivial && !again) {
      block->where.items[kept++] = sx;
    }
  }
  block->where.n = kept;
}

// Rule 10: two rows of one table that agree on a key are one row.
static void merge_self_joins(stoa_rels *r, stoa_block *block)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t j = i + 1; j < block->from.n; ++j) {
      const stoa_from a = block->from.items[i], b = block->from.items[j];
      if (a.sub || b.sub || a.kind != STOA_FROM_INNER || b.kind != STOA_FROM_INNER || !same_table(&a.table, &b.table) ||
          !covers_key(a.table.info, equated(block, a.table.info, a.alias, b.alias))) {
        continue;
      }
      drop_from(block, b.alias);
      rename_block(r, block, b.alias, a.alias);
      drop_trivial(block);
      --j;
    }
  }
}

// ---- joins

// Rule 7: constructors that can never make the same term prune the pair.
static bool disjoint(const stoa_ctor *a, const stoa_ctor *b)
{
  if (a->makes != b->makes && !(a->kind == STOA_CTOR_CONSTANT || b->kind == STOA_CTOR_CONSTANT)) {
    return true;
  }
  if (a->kind == STOA_CTOR_TEMPLATE && b->kind == STOA_CTOR_TEMPLATE && a->makes == STOA_TERM_IRI) {
    return !stoa_template_overlap(a->tmpl, b->tmpl);
  }
  if (a->makes == STOA_TERM_TYPED && b->makes == STOA_TERM_TYPED && a->kind != STOA_CTOR_CONSTANT &&
      b->kind != STOA_CTOR_CONSTANT) {
    const stoa_slice x = stoa_ctor_datatype(a), y = stoa_ctor_datatype(b);
    return !stoa_slice_equal(a->language, b->language) || (x.length && y.length && !stoa_slice_equal(x, y));
  }
  return false;
}

static bool comparable(const stoa_binding *a, const stoa_binding *b)
{
  for (uint32_t i = 0; i < a->ctor->n_columns; ++i) {
    const stoa_sql_type x = a->columns[i]->info->type, y = b->columns[i]->info->type;
    const bool x_plain = x == STOA_SQL_TEXT || x == STOA_SQL_INTEGER,
               y_plain = y == STOA_SQL_TEXT || y == STOA_SQL_INTEGER;
    const bool exact = x == y && (x_plain || x == STOA_SQL_REAL ||
                                  (x == STOA_SQL_DECIMAL && a->columns[i]->info->scale == b->columns[i]->info->scale));
    if (!exact && !(a->ctor->kind == STOA_CTOR_TEMPLATE && x_plain && y_plain)) {
      return false;
    }
  }
  return true;
}

// Conditions under which two bindings of a shared variable make the same term.
static stoa_inverse unify(stoa_rels *r, const stoa_binding *a, const stoa_binding *b, stoa_sx_list *out)
{
  if (a->nullable || b->nullable) {
    return STOA_INVERSE_UNKNOWN;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT && b->ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(a->ctor->constant, b->ctor->constant) ? STOA_INVERSE_EXACT : STOA_INVERSE_NEVER;
  }
  if (disjoint(a->ctor, b->ctor)) {
    return STOA_INVERSE_NEVER;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT || b->ctor->kind == STOA_CTOR_CONSTANT) {
    const stoa_binding *const constant = a->ctor->kind == STOA_CTOR_CONSTANT ? a : b;
    const stoa_binding *const made = constant == a ? b : a;
    stoa_value values[STOA_TEMPLATE_COLUMNS];
    const stoa_inverse inverse = stoa_ctor_invert(made->ctor, constant->ctor->constant, r->arena, values);
    for (uint32_t i = 0; inverse == STOA_INVERSE_EXACT && i < made->ctor->n_columns; ++i) {
      add_condition(r, out, equals_value(r, made->columns[i], values[i]));
    }
    return inverse;
  }
  const bool shapes = a->ctor->kind == b->ctor->kind &&
                      (a->ctor->kind == STOA_CTOR_COLUMN || strcmp(a->ctor->tmpl->shape, b->ctor->tmpl->shape) == 0);
  if (!shapes || !comparable(a, b)) {
    return STOA_INVERSE_UNKNOWN;
  }
  for (uint32_t i = 0; i < a->ctor->n_columns; ++i) {
    add_condition(r, out, equals_column(r, a->columns[i], b->columns[i]));
  }
  return STOA_INVERSE_EXACT;
}

static stoa_block *copy_block(stoa_rels *r, const stoa_block *a)
{
  stoa_block *const copy = block_new(r);
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
static stoa_block *fresh_block(stoa_rels *r, const stoa_block *a)
{
  stoa_block *const copy = copy_block(r, a);
  for (uint32_t i = 0; i < copy->from.n; ++i) {
    const uint32_t alias = r->n_aliases++;
    rename_block(r, copy, copy->from.items[i].alias, alias);
    copy->from.items[i].alias = alias;
  }
  return copy;
}

static stoa_inverse join_blocks(stoa_rels *r, const stoa_block *a, const stoa_block *b, stoa_block **out)
{
  stoa_block *const joined = copy_block(r, a);
  const stoa_block *const other = fresh_block(r, b);
  for (uint32_t i = 0; i < other->from.n; ++i) {
    STOA_PUSH(r->arena, &joined->from, other->from.items[i]);
  }
  for (uint32_t i = 0; i < other->where.n; ++i) {
    add_condition(r, &joined->where, other->where.items[i]);
  }
  for (uint32_t i = 0; i < other->bindings.n; ++i) {
    const stoa_binding *const b2 = &other->bindings.items[i];
    const stoa_binding *const b1 = stoa_block_find(a, b2->var);
    if (!b1) {
      STOA_PUSH(r->arena, &joined->bindings, *b2);
      continue;
    }
    const stoa_inverse inverse = unify(r, b1, b2, &joined->where);
    if (inverse != STOA_INVERSE_EXACT) {
      return inverse;
    }
  }
  merge_self_joins(r, joined);
  *out = joined;
  return STOA_INVERSE_EXACT;
}

static bool is_open(const stoa_rel *a)
{
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    if (a->blocks.items[i]->closed) {
      return false;
    }
  }
  return !a->set;
}

static const stoa_rel *opened(stoa_rels *r, const stoa_rel *a)
{
  if (is_open(a)) {
    return a;
  }
  const stoa_block *const block = stoa_rel_open(r, a);
  if (!block) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  STOA_PUSH(r->arena, &rel->blocks, block);
  return rel;
}

enum { MOST_BLOCKS = 200, MOST_TABLES = 60 };

stoa_rel *stoa_rel_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b)
{
  const stoa_rel *const x = opened(r, a), *const y = opened(r, b);
  if (!x || !y || x->blocks.n * y->blocks.n > MOST_BLOCKS) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    for (uint32_t j = 0; j < y->blocks.n; ++j) {
      stoa_block *joined = NULL;
      const stoa_inverse inverse = join_blocks(r, x->blocks.items[i], y->blocks.items[j], &joined);
      if (inverse == STOA_INVERSE_UNKNOWN || (joined && joined->from.n > MOST_TABLES)) {
        return NULL;
      }
      if (inverse == STOA_INVERSE_EXACT) {
        STOA_PUSH(r->arena, &rel->blocks, joined);
      }
    }
  }
  return rel;
}

stoa_rel *stoa_rel_union(stoa_rels *r, const stoa_rel *a, const stoa_rel *b)
{
  const stoa_rel *const x = opened(r, a), *const y = opened(r, b);
  if (!x || !y || x->blocks.n + y->blocks.n > MOST_BLOCKS) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    STOA_PUSH(r->arena, &rel->blocks, x->blocks.items[i]);
  }
  for (uint32_t i = 0; i < y->blocks.n; ++i) {
    STOA_PUSH(r->arena, &rel->blocks, y->blocks.items[i]);
  }
  return rel;
}

// ---- wrapping

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

static bool binding_alike(const stoa_binding *a, const stoa_binding *b)
{
  if (!b || (a->guard != NULL) != (b->guard != NULL)) {
    return false;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT) {
    return b->ctor->kind == STOA_CTOR_CONSTANT && stoa_term_same(a->ctor->constant, b->ctor->constant);
  }
  return stoa_ctor_alike(a->ctor, b->ctor);
}

// Every block binds the same variables in the same order by constructors that are alike.
static bool uniform(const stoa_rel *rel)
{
  const stoa_block *const first = rel->blocks.items[0];
  for (uint32_t i = 1; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    if (block->bindings.n != first->bindings.n) {
      return false;
    }
    for (uint32_t k = 0; k < first->bindings.n; ++k) {
      if (first->bindings.items[k].var != block->bindings.items[k].var ||
          !binding_alike(&first->bindings.items[k], &block->bindings.items[k])) {
        return false;
      }
    }
  }
  return true;
}

// Put the bindings of all blocks into the order of the first.
static stoa_rel *ordered(stoa_rels *r, const stoa_rel *a)
{
  stoa_rel *const rel = rel_new(r, a->source);
  rel->set = a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    stoa_block *const block = copy_block(r, a->blocks.items[i]);
    block->bindings.n = 0;
    for (uint32_t k = 0; k < a->blocks.items[0]->bindings.n; ++k) {
      const stoa_binding *const b = stoa_block_find(a->blocks.items[i], a->blocks.items[0]->bindings.items[k].var);
      if (!b || a->blocks.items[i]->bindings.n != a->blocks.items[0]->bindings.n) {
        return NULL;
      }
      STOA_PUSH(r->arena, &block->bindings, *b);
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return rel;
}

static const stoa_column_info *outer_column(stoa_rels *r, const stoa_sx *sx, uint32_t number)
{
  stoa_column_info *const info = STOA_NEW(r->arena, stoa_column_info);
  if (sx->info) {
    *info = *sx->info;
  } else {
    info->type = STOA_SQL_INTEGER;
  }
  info->name = stoa_arena_print(r->arena, "c%u", number);
  info->not_null = false;
  return info;
}

const stoa_block *stoa_rel_open(stoa_rels *r, const stoa_rel *a)
{
  if (a->blocks.n == 0) {
    return NULL;
  }
  const stoa_rel *const sub = ordered(r, a);
  if (!sub || !uniform(sub)) {
    return NULL;
  }
  stoa_block *const block = block_new(r);
  const stoa_block *const first = sub->blocks.items[0];
  const stoa_from from = {.sub = sub, .alias = r->n_aliases++};
  uint32_t n = 0;
  STOA_PUSH(r->arena, &block->from, from);
  for (uint32_t i = 0; i < first->bindings.n; ++i) {
    stoa_binding b = first->bindings.items[i];
    stoa_ctor *const ctor = STOA_NEW(r->arena, stoa_ctor);
    *ctor = *b.ctor;
    for (uint32_t k = 0; k < ctor->n_columns; ++k) {
      ctor->columns[k] = outer_column(r, b.columns[k], n++);
      b.columns[k] = stoa_sx_column(r, from.alias, ctor->columns[k]);
    }
    if (b.guard) {
      b.guard = stoa_sx_column(r, from.alias, outer_column(r, b.guard, n++));
    }
    for (uint32_t j = 0; j < sub->blocks.n; ++j) {
      b.nullable |= sub->blocks.items[j]->bindings.items[i].nullable;
    }
    b.ctor = ctor;
    STOA_PUSH(r->arena, &block->bindings, b);
  }
  return block;
}

// ---- left joins

static bool is_plain(const stoa_block *b)
{
  return b->from.n == 1 && !b->from.items[0].sub;
}

static const stoa_sx *first_column(const stoa_block *b)
{
  for (uint32_t i = 0; i < b->bindings.n; ++i) {
    if (b->bindings.items[i].ctor->n_columns && !b->bindings.items[i].nullable) {
      return b->bindings.items[i].columns[0];
    }
  }
  return NULL;
}

static stoa_inverse left_join_block(stoa_rels *r, const stoa_block *a, const stoa_block *right,
                                    const stoa_expr *condition, stoa_block **out)
{
  stoa_block *const joined = copy_block(r, a);
  const stoa_block *b = fresh_block(r, right);
  const stoa_sx *const marker_before = first_column(b);
  if (!marker_before) {
    return STOA_INVERSE_UNKNOWN;
  }
  if (!is_plain(b)) {
    stoa_rel *const rel = rel_new(r, NULL);
    STOA_PUSH(r->arena, &rel->blocks, b);
    b = stoa_rel_open(r, rel);
  }
  const stoa_sx *const marker = first_column(b) ? first_column(b) : b->bindings.items[0].columns[0];
  stoa_from from = b->from.items[0];
  from.kind = STOA_FROM_LEFT;
  for (uint32_t i = 0; i < b->where.n; ++i) {
    STOA_PUSH(r->arena, &from.on, b->where.items[i]);
  }
  for (uint32_t i = 0; i < b->bindings.n; ++i) {
    stoa_binding b2 = b->bindings.items[i];
    const stoa_binding *const b1 = stoa_block_find(a, b2.var);
    if (b1) {
      const stoa_inverse inverse = unify(r, b1, &b2, &from.on);
      if (inverse != STOA_INVERSE_EXACT) {
        return inverse;
      }
      continue;
    }
    if (b2.ctor->kind == STOA_CTOR_CONSTANT && !b2.guard) {
      b2.guard = marker;
    }
    b2.nullable = true; // a constant is told from an absent one by its guard
    STOA_PUSH(r->arena, &joined->bindings, b2);
  }
  if (condition) {
    stoa_block *const scope = copy_block(r, joined);
    const stoa_sx *const on = stoa_sx_condition(r, scope, condition);
    if (!on) {
      return STOA_INVERSE_UNKNOWN;
    }
    STOA_PUSH(r->arena, &from.on, on);
  }
  STOA_PUSH(r->arena, &joined->from, from);
  *out = joined;
  return STOA_INVERSE_EXACT;
}

stoa_rel *stoa_rel_left_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_expr *condition)
{
  const stoa_rel *const x = opened(r, a);
  if (!x || b->blocks.n == 0) {
    return x ? (stoa_rel *)x : NULL;
  }
  const stoa_block *right = b->blocks.items[0];
  if (b->blocks.n > 1 || right->closed || b->set) {
    right = stoa_rel_open(r, b);
  }
  if (!right) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *joined = NULL;
    const stoa_inverse inverse = left_join_block(r, x->blocks.items[i], right, condition, &joined);
    if (inverse == STOA_INVERSE_UNKNOWN) {
      return NULL;
    }
    STOA_PUSH(r->arena, &rel->blocks, inverse == STOA_INVERSE_EXACT ? joined : x->blocks.items[i]);
  }
  return rel;
}

// ---- extend, project, restrict

static stoa_inverse extend_block(stoa_rels *r, const stoa_block *a, stoa_var var, const stoa_expr *expr,
                                 stoa_block **out)
{
  stoa_block *const block = copy_block(r, a);
  stoa_binding b = {0};
  if (expr->kind == STOA_EXPR_VAR) {
    const stoa_binding *const from = stoa_block_find(a, expr->var);
    if (!from) {
      return STOA_INVERSE_UNKNOWN;
    }
    b = *from;
  } else {
    stoa_ctor *const ctor = STOA_NEW(r->arena, stoa_ctor);
    ctor->constant = expr->term;
    ctor->makes = stoa_term_is_iri(expr->term) ? STOA_TERM_IRI : STOA_TERM_TYPED;
    b.ctor = ctor;
  }
  b.var = var;
  STOA_PUSH(r->arena, &block->bindings, b);
  *out = block;
  return STOA_INVERSE_EXACT;
}

stoa_rel *stoa_rel_extend(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_expr *expr)
{
  if ((expr->kind != STOA_EXPR_VAR && expr->kind != STOA_EXPR_TERM)) {
    return NULL;
  }
  const stoa_rel *const x = opened(r, a);
  if (!x) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *block = NULL;
    if (extend_block(r, x->blocks.items[i], var, expr, &block) != STOA_INVERSE_EXACT) {
      return NULL;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return rel;
}

stoa_rel *stoa_rel_project(stoa_rels *r, const stoa_rel *a, const stoa_var *vars, uint32_t n_vars)
{
  stoa_rel *const rel = rel_new(r, a->source);
  const stoa_rel *x = a;
  if (a->set) {
    x = opened(r, a);
  }
  for (uint32_t i = 0; x && i < x->blocks.n; ++i) {
    const stoa_block *from = x->blocks.items[i];
    if (from->distinct) {
      return NULL;
    }
    stoa_block *const block = copy_block(r, from);
    block->bindings.n = 0;
    for (uint32_t k = 0; k < n_vars; ++k) {
      const stoa_binding *const b = stoa_block_find(from, vars[k]);
      if (b) {
        STOA_PUSH(r->arena, &block->bindings, *b);
      }
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return x ? rel : NULL;
}

static stoa_param slot_param(const stoa_node *values, const stoa_ctor *ctor, uint32_t part, bool many)
{
  return (stoa_param){.kind = STOA_PARAM_SLOT, .slot = values->slot, .part = part, .many = many, .ctor = ctor};
}

static void json_value(const stoa_value *v, stoa_buf *out)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    stoa_buf_print(out, "%lld", (long long)v->as.integer);
  } else if (v->kind == STOA_VALUE_REAL) {
    stoa_buf_number(out, v->as.real);
  } else {
    stoa_buf_json(out, v->text);
  }
}

// The rows of VALUES as one JSON array: the statement's text does not depend on their number.
static stoa_inverse values_param(stoa_rels *r, const stoa_ctor *ctor, const stoa_node *values, stoa_param *out)
{
  stoa_buf json = {0};
  stoa_buf_byte(&json, '[');
  stoa_inverse all = STOA_INVERSE_EXACT;
  for (uint32_t i = 0; i < values->n_rows; ++i) {
    stoa_value parts[STOA_TEMPLATE_COLUMNS];
    const stoa_inverse one = stoa_ctor_invert(ctor, values->rows[i], r->arena, parts);
    if (one == STOA_INVERSE_UNKNOWN) {
      all = one;
    } else if (one == STOA_INVERSE_EXACT) {
      if (json.length > 1) {
        stoa_buf_byte(&json, ',');
      }
      json_value(&parts[0], &json);
    }
  }
  stoa_buf_byte(&json, ']');
  *out = (stoa_param){
    .kind = STOA_PARAM_VALUE,
    .value = {.kind = STOA_VALUE_TEXT, .text = stoa_arena_slice(r->arena, (stoa_slice){json.data, json.length})}};
  stoa_buf_done(&json);
  return all;
}

static stoa_inverse restrict_block(stoa_rels *r, stoa_block *block, const stoa_node *values)
{
  static const char in_json[] = "%0 IN (SELECT value FROM json_each(%1))";
  const stoa_binding *const b = stoa_block_find(block, values->vars[0]);
  if (!b || b->nullable || b->ctor->kind == STOA_CTOR_CONSTANT) {
    return STOA_INVERSE_UNKNOWN;
  }
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    const stoa_sql_type type = b->columns[k]->info->type;
    if (type != STOA_SQL_INTEGER && type != STOA_SQL_TEXT) {
      return STOA_INVERSE_UNKNOWN;
    }
  }
  if (values->slot) {
    const bool many = values->slot_many;
    if (many && b->ctor->n_columns != 1) {
      return STOA_INVERSE_UNKNOWN;
    }
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      const stoa_sx *const param = stoa_sx_param(r, slot_param(values, b->ctor, k, many));
      add_condition(r, &block->where, stoa_sx_call(r, many ? in_json : "%0 = %1", b->columns[k], param));
    }
    return STOA_INVERSE_EXACT;
  }
  stoa_param param;
  if (b->ctor->n_columns != 1 || values_param(r, b->ctor, values, &param) != STOA_INVERSE_EXACT) {
    return STOA_INVERSE_UNKNOWN;
  }
  add_condition(r, &block->where, stoa_sx_call(r, in_json, b->columns[0], stoa_sx_param(r, param)));
  return STOA_INVERSE_EXACT;
}

stoa_rel *stoa_rel_restrict(stoa_rels *r, const stoa_rel *a, const stoa_node *values)
{
  const stoa_rel *const x = opened(r, a);
  if (!x || values->n_vars != 1) {
    return NULL;
  }
  stoa_rel *const rel = rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *const block = copy_block(r, x->blocks.items[i]);
    if (restrict_block(r, block, values) != STOA_INVERSE_EXACT) {
      return NULL;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return rel;
}
