// Relations: expressions and blocks, the leaves they start from, and self-joins on keys merged away.
// (Rules 6, 8 and 10 of the optimiser's list live here.)
#include "graph/plan/rel.h"
#include "graph/term/equality.h"
#include <strings.h>

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
  sx->args = STOA_NEWS(r->arena, const stoa_sx *, 2);
  sx->args[0] = a;
  sx->args[1] = b;
  sx->n_args = b ? 2 : a ? 1 : 0;
  return sx;
}

void stoa_rels_speak(stoa_rels *r, const stoa_source *source)
{
  if (source && source->dialect) {
    r->dialect = source->dialect;
  }
}

static bool same_param(const stoa_param *a, const stoa_param *b)
{
  if (a->kind != b->kind) {
    return false;
  }
  if (a->kind == STOA_PARAM_HOSTED || a->kind == STOA_PARAM_ROWS) {
    return a->hosted == b->hosted && a->values == b->values;
  }
  if (a->kind == STOA_PARAM_KEYS) {
    return a->part == b->part && a->ctor == b->ctor;
  }
  if (a->kind == STOA_PARAM_SLOT) {
    return a->slot == b->slot && a->part == b->part && a->many == b->many;
  }
  if (a->use || b->use) {
    return a->use == b->use && a->part == b->part;
  }
  return a->offset_us == b->offset_us && a->value.kind == b->value.kind &&
         stoa_slice_equal(a->value.text, b->value.text) &&
         (a->value.kind == STOA_VALUE_TEXT || a->value.kind == STOA_VALUE_DECIMAL ||
          a->value.as.integer == b->value.as.integer);
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

stoa_rel *stoa_rel_of_block(stoa_rels *r, stoa_source *source, const stoa_block *block)
{
  stoa_rel *const rel = stoa_rel_new(r, source);
  STOA_PUSH(r->arena, &rel->blocks, block);
  return rel;
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
    if (number && r->dialect->is_number) {
      stoa_block_add(r, &block->where, stoa_sx_call(r, r->dialect->is_number, b->columns[i], NULL));
    } else if (!info->not_null) {
      stoa_block_add(r, &block->where, stoa_sx_call(r, "%0 IS NOT NULL", b->columns[i], NULL));
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
  return stoa_sx_call(r, "%0 = %1", column, stoa_sx_param(r, param));
}

const stoa_sx *stoa_sx_equals_column(stoa_rels *r, const stoa_sx *a, const stoa_sx *b)
{
  const bool a_text = a->info->type == STOA_SQL_TEXT, b_text = b->info->type == STOA_SQL_TEXT;
  if (a_text != b_text) {
    // An integer and a text make the same IRI only when the text is the integer's own.
    const stoa_sx *const digits = stoa_sx_call(r, r->dialect->integer_text, a_text ? b : a, NULL);
    return a_text ? stoa_sx_call(r, "%0 = %1", a, digits) : stoa_sx_call(r, "%0 = %1", digits, b);
  }
  return stoa_sx_call(r, "%0 = %1", a, b);
}

// Match one place of the pattern with its constructor.
static stoa_inverse match_slot(stoa_rels *r, stoa_block *block, const stoa_slot *slot, const stoa_ctor *ctor,
                               const uint32_t *aliases)
{
  if (slot->var == STOA_NO_VAR && ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_shape_same(r, ctor->constant, slot->term, slot->constant) ? STOA_INVERSE_EXACT : STOA_INVERSE_NEVER;
  }
  stoa_binding b = bind_ctor(r, slot->var, ctor, aliases);
  if (slot->var == STOA_NO_VAR) {
    stoa_param params[STOA_TEMPLATE_COLUMNS];
    const stoa_inverse inverse = stoa_shape_invert(r, ctor, slot->term, slot->constant, params);
    for (uint32_t i = 0; inverse == STOA_INVERSE_EXACT && i < ctor->n_columns; ++i) {
      stoa_block_add(r, &block->where, stoa_sx_equals_param(r, b.columns[i], params[i]));
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
    stoa_block_add(r, &block->where, stoa_sx_equals_column(r, before->columns[i], b.columns[i]));
  }
  return STOA_INVERSE_EXACT;
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

stoa_rel *stoa_rel_leaf(stoa_rels *r, const stoa_pattern *pattern, const stoa_leaf *leaf)
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
  const stoa_binding witness = bind_ctor(r, STOA_NO_VAR, &leaf->witness, aliases);
  need_columns(r, block, &witness);
  STOA_PUSH(r->arena, &rel->blocks, block);
  return rel;
}

// ---- renaming aliases, for merging self-joins

static void rename_block(stoa_rels *r, stoa_block *block, uint32_t from, uint32_t to);

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
  if (sx->kind == STOA_SX_EXISTS) {
    stoa_rel *const sub = stoa_rel_new(r, sx->sub->source);
    for (uint32_t i = 0; i < sx->sub->blocks.n; ++i) {
      stoa_block *const block = stoa_block_copy(r, sx->sub->blocks.items[i]);
      rename_block(r, block, from, to);
      STOA_PUSH(r->arena, &sub->blocks, block);
    }
    copy->sub = sub;
  }
  copy->args = STOA_NEWS(r->arena, const stoa_sx *, sx->n_args);
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

static const stoa_sx *value_of(const stoa_sx *sx, uint32_t alias)
{
  const bool fixes = sx->kind == STOA_SX_CALL && strcmp(sx->text, "%0 = %1") == 0 &&
                     sx->args[0]->kind == STOA_SX_COLUMN && sx->args[0]->alias == alias &&
                     sx->args[1]->kind == STOA_SX_PARAM;
  return fixes ? sx->args[1] : NULL;
}

// The columns that both aliases have the same value for.
static stoa_column_set equated_by_value(const stoa_sx_list *where, const stoa_table_info *info, uint32_t a, uint32_t b)
{
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_sx *const value = value_of(where->items[i], a);
    for (uint32_t k = 0; value && k < where->n; ++k) {
      const stoa_sx *const other = value_of(where->items[k], b);
      if (other && stoa_sx_same(value, other) &&
          strcmp(where->items[i]->args[0]->info->name, where->items[k]->args[0]->info->name) == 0) {
        set |= stoa_table_bit(info, where->items[i]->args[0]->info->name);
      }
    }
  }
  return set;
}

// The columns on which `where` equates two aliases.
static stoa_column_set equated(const stoa_sx_list *where, const stoa_table_info *info, uint32_t a, uint32_t b)
{
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_sx *const sx = where->items[i];
    if (sx->kind != STOA_SX_CALL || strcmp(sx->text, "%0 = %1") != 0 || sx->args[0]->kind != STOA_SX_COLUMN ||
        sx->args[1]->kind != STOA_SX_COLUMN || strcmp(sx->args[0]->info->name, sx->args[1]->info->name) != 0) {
      continue;
    }
    const uint32_t x = sx->args[0]->alias, y = sx->args[1]->alias;
    if ((x == a && y == b) || (x == b && y == a)) {
      set |= stoa_table_bit(info, sx->args[0]->info->name);
    }
  }
  return set | equated_by_value(where, info, a, b);
}

static bool covers_key(const stoa_table_info *info, stoa_column_set set)
{
  for (uint32_t i = 0; i < info->n_keys; ++i) {
    if ((info->keys[i] & ~set) == 0) {
      return true;
    }
  }
  return false;
}

static void drop_trivial(stoa_sx_list *where)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_sx *const sx = where->items[i];
    const bool trivial =
      sx->kind == STOA_SX_CALL && strcmp(sx->text, "%0 = %1") == 0 && stoa_sx_same(sx->args[0], sx->args[1]);
    bool again = false;
    for (uint32_t j = 0; j < kept && !again; ++j) {
      again = stoa_sx_same(where->items[j], sx);
    }
    if (!trivial && !again) {
      where->items[kept++] = sx;
    }
  }
  where->n = kept;
}

// Rule 10: two rows of one table that agree on a key are one row.
void stoa_block_merge_self_joins(stoa_rels *r, stoa_block *block)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t j = i + 1; j < block->from.n; ++j) {
      const stoa_from a = block->from.items[i], b = block->from.items[j];
      if (a.sub || b.sub || a.rows || b.rows || a.kind != STOA_FROM_INNER || b.kind != STOA_FROM_INNER ||
          !same_table(&a.table, &b.table) ||
          !covers_key(a.table.info, equated(&block->where, a.table.info, a.alias, b.alias))) {
        continue;
      }
      drop_from(block, b.alias);
      rename_block(r, block, b.alias, a.alias);
      drop_trivial(&block->where);
      --j;
    }
  }
}

// ---- rule 13

static bool mentions(const stoa_sx *sx, uint32_t alias);

static bool block_mentions(const stoa_block *block, uint32_t alias)
{
  bool found = false;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    found |= mentions(block->where.items[i], alias);
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t k = 0; k < block->from.items[i].on.n; ++k) {
      found |= mentions(block->from.items[i].on.items[k], alias);
    }
  }
  return found;
}

static bool mentions(const stoa_sx *sx, uint32_t alias)
{
  bool found = sx->kind == STOA_SX_COLUMN && sx->alias == alias;
  for (uint32_t i = 0; i < sx->n_args && !found; ++i) {
    found = mentions(sx->args[i], alias);
  }
  for (uint32_t i = 0; sx->kind == STOA_SX_EXISTS && i < sx->sub->blocks.n && !found; ++i) {
    found = block_mentions(sx->sub->blocks.items[i], alias);
  }
  return found;
}

// The child's column that a condition equates with the parent's, when it does no more.
static const stoa_sx *child_column(const stoa_sx *sx, uint32_t child, uint32_t parent, const char **key)
{
  if (sx->kind != STOA_SX_CALL || strcmp(sx->text, "%0 = %1") != 0) {
    return NULL;
  }
  for (int i = 0; i < 2; ++i) {
    const stoa_sx *const a = sx->args[i], *const b = sx->args[1 - i];
    if (a->kind == STOA_SX_COLUMN && b->kind == STOA_SX_COLUMN && a->alias == child && b->alias == parent) {
      *key = b->info->name;
      return a;
    }
  }
  return NULL;
}

typedef struct {
  const stoa_sx *child[8];
  const char *key[8];
  uint32_t n;
} references;

static const stoa_sx *referring(const references *refs, const char *key)
{
  for (uint32_t i = 0; i < refs->n; ++i) {
    if (strcmp(refs->key[i], key) == 0) {
      return refs->child[i];
    }
  }
  return NULL;
}

static bool is_reference(const stoa_table_info *child, const stoa_table_info *parent, const references *refs)
{
  for (uint32_t f = 0; f < child->n_foreign; ++f) {
    const stoa_foreign_key *const key = &child->foreign[f];
    bool fits = key->n == refs->n && strcasecmp(key->table, parent->name) == 0;
    for (uint32_t i = 0; fits && i < key->n; ++i) {
      const char *const to = key->to[i][0] ? key->to[i] : i < parent->n_primary ? parent->primary[i] : "";
      const stoa_sx *const column = referring(refs, to);
      fits = column && strcmp(column->info->name, key->from[i]) == 0;
    }
    if (fits) {
      return true;
    }
  }
  return false;
}

// The equations with the parent, when nothing else speaks of it but terms made of its key.
static bool only_referred(const stoa_block *block, uint32_t child, uint32_t parent, references *refs)
{
  *refs = (references){.n = 0};
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    const char *key;
    const stoa_sx *const column = child_column(sx, child, parent, &key);
    if (column && refs->n < 8) {
      refs->child[refs->n] = column;
      refs->key[refs->n++] = key;
    } else if (mentions(sx, parent)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t k = 0; k < block->from.items[i].on.n; ++k) {
      if (mentions(block->from.items[i].on.items[k], parent)) {
        return false;
      }
    }
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      const stoa_sx *const c = b->columns[k];
      const bool own = c->kind == STOA_SX_COLUMN && c->alias == parent;
      if (own ? !referring(refs, c->info->name) : mentions(c, parent)) {
        return false;
      }
    }
    if (b->guard && mentions(b->guard, parent)) {
      return false;
    }
  }
  return true;
}

static void drop_parent(stoa_rels *r, stoa_block *block, uint32_t parent, const references *refs)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (!mentions(block->where.items[i], parent)) {
      block->where.items[kept++] = block->where.items[i];
    }
  }
  block->where.n = kept;
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      if (b->columns[k]->kind == STOA_SX_COLUMN && b->columns[k]->alias == parent) {
        b->columns[k] = referring(refs, b->columns[k]->info->name);
      }
    }
  }
  for (uint32_t i = 0; i < refs->n; ++i) {
    if (!refs->child[i]->info->not_null) {
      stoa_block_add(r, &block->where, stoa_sx_call(r, "%0 IS NOT NULL", refs->child[i], NULL));
    }
  }
  drop_from(block, parent);
}

void stoa_block_drop_parents(stoa_rels *r, stoa_block *block)
{
  for (uint32_t p = 0; p < block->from.n; ++p) {
    for (uint32_t c = 0; c < block->from.n; ++c) {
      const stoa_from *const parent = &block->from.items[p], *const child = &block->from.items[c];
      references refs;
      if (p == c || parent->kind != STOA_FROM_INNER || child->kind != STOA_FROM_INNER || !parent->table.table ||
          !child->table.table || !parent->table.info || !child->table.info || parent->sub || child->sub ||
          !only_referred(block, child->alias, parent->alias, &refs) || !refs.n ||
          !is_reference(child->table.info, parent->table.info, &refs)) {
        continue;
      }
      drop_parent(r, block, parent->alias, &refs);
      p = UINT32_MAX; // from the start: one less
      break;
    }
  }
}

static const stoa_sx *conjunction(stoa_rels *r, const stoa_sx_list *list)
{
  const stoa_sx *all = NULL;
  for (uint32_t i = 0; i < list->n; ++i) {
    all = all ? stoa_sx_call(r, "%0 AND %1", all, list->items[i]) : list->items[i];
  }
  return all;
}

// What a left join's condition equates, and what WHERE says of the left row.
static stoa_column_set equated_for(stoa_rels *r, const stoa_block *block, const stoa_from *from, uint32_t alias)
{
  stoa_sx_list both = {0};
  for (uint32_t i = 0; i < from->on.n; ++i) {
    STOA_PUSH(r->arena, &both, from->on.items[i]);
  }
  for (uint32_t i = 0; i < block->where.n; ++i) {
    STOA_PUSH(r->arena, &both, block->where.items[i]);
  }
  return equated(&both, from->table.info, alias, from->alias);
}

static void drop_known(stoa_sx_list *list, const stoa_sx_list *known)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < list->n; ++i) {
    bool is_known = false;
    for (uint32_t k = 0; k < known->n && !is_known; ++k) {
      is_known = stoa_sx_same(list->items[i], known->items[k]);
    }
    if (!is_known) {
      list->items[kept++] = list->items[i];
    }
  }
  list->n = kept;
}

const stoa_sx *stoa_block_self(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_binding *bindings,
                               uint32_t n, bool *self)
{
  *self = false;
  for (uint32_t i = 0; i < block->from.n && !from->sub && !from->rows && from->table.info; ++i) {
    const stoa_from *const row = &block->from.items[i];
    if (row->sub || row->rows || row->kind != STOA_FROM_INNER || !same_table(&row->table, &from->table) ||
        !covers_key(from->table.info, equated_for(r, block, from, row->alias))) {
      continue;
    }
    stoa_sx_list on = from->on;
    rename_list(r, &on, from->alias, row->alias);
    drop_trivial(&on);
    drop_known(&on, &block->where);
    for (uint32_t k = 0; k < n; ++k) {
      for (uint32_t c = 0; c < bindings[k].ctor->n_columns; ++c) {
        bindings[k].columns[c] = renamed(r, bindings[k].columns[c], from->alias, row->alias);
      }
      bindings[k].guard = renamed(r, bindings[k].guard, from->alias, row->alias);
    }
    *self = true;
    return conjunction(r, &on);
  }
  return NULL;
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
    rename_block(r, copy, copy->from.items[i].alias, alias);
    copy->from.items[i].alias = alias;
  }
  return copy;
}
