// What keys and foreign keys say of tables that are joined (rules 10, 13, 15, 16, 18 and 20).
//
// Each triple pattern brings a table of its own, so ?c :name ?n ; :email ?e over one table reads it twice, joined by
// its key.  A key has each of its values in one row only: two rows of one table that agree on all columns of a key are
// the same row, and one of the two tables can go, with its columns read from the other.  The same holds where the
// second one is optional or asked for by EXISTS: then only its conditions stay.  A foreign key that the database
// enforces promises that the referred row is there: a join that reads nothing of that row but the key can go.
//
// A rule here needs the equations that the block asks; NULLs are no danger, for "=" never holds for one, and what drops
// an equation keeps that its column is not NULL.
#include "graph/plan/rel.h"
#include <strings.h>

void stoa_block_drop_from(stoa_block *block, uint32_t alias)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (block->from.items[i].alias != alias) {
      block->from.items[kept++] = block->from.items[i];
    }
  }
  block->from.n = kept;
}

bool stoa_table_same(const stoa_leaf_table *a, const stoa_leaf_table *b)
{
  if (a->info != b->info || !a->info) {
    return false;
  }
  return a->table ? b->table && strcmp(a->table, b->table) == 0 : !b->table && strcmp(a->view, b->view) == 0;
}

bool stoa_from_same_table(const stoa_from *a, const stoa_from *b)
{
  return a->kind == STOA_FROM_TABLE && b->kind == STOA_FROM_TABLE && stoa_table_same(&a->table, &b->table);
}

// What a column of the table `alias` is said to equal: a constant, or a column of a third table.  *column: which one.
// Texts that are equal to a third one by its collation need not be equal to each other, so columns are integers.
static const stoa_sx *equal_of(const stoa_sx *sx, uint32_t alias, uint32_t but, const stoa_column_info **column)
{
  for (int side = 0; side < 2 && stoa_sx_is_equation(sx); ++side) {
    const stoa_sx *const own = sx->args[side], *const other = sx->args[1 - side];
    if (own->kind == STOA_SX_COLUMN && own->alias == alias &&
        (other->kind == STOA_SX_PARAM ||
         (other->kind == STOA_SX_COLUMN && other->alias != but && own->info->type == STOA_SQL_INTEGER &&
          other->info->type == STOA_SQL_INTEGER))) {
      *column = own->info;
      return other;
    }
  }
  return NULL;
}

// What equals the same third value, or column, is equal.
static stoa_column_set equated_by_third(const stoa_sx_list *where, const stoa_table_info *info, uint32_t a, uint32_t b)
{
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_column_info *x = NULL, *y = NULL;
    const stoa_sx *const third = equal_of(where->items[i], a, b, &x);
    for (uint32_t k = 0; third && k < where->n; ++k) {
      const stoa_sx *const other = equal_of(where->items[k], b, a, &y);
      if (other && stoa_sx_same(third, other) && strcmp(x->name, y->name) == 0) {
        set |= stoa_table_bit(info, x->name);
      }
    }
  }
  return set;
}

// The columns for which both aliases have the same value.
static stoa_column_set equated(const stoa_sx_list *where, const stoa_table_info *info, uint32_t a, uint32_t b)
{
  stoa_column_set set = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_sx *const sx = where->items[i];
    if (!stoa_sx_is_equation(sx) || sx->args[0]->kind != STOA_SX_COLUMN || sx->args[1]->kind != STOA_SX_COLUMN ||
        strcmp(sx->args[0]->info->name, sx->args[1]->info->name) != 0) {
      continue;
    }
    const uint32_t x = sx->args[0]->alias, y = sx->args[1]->alias;
    if ((x == a && y == b) || (x == b && y == a)) {
      set |= stoa_table_bit(info, sx->args[0]->info->name);
    }
  }
  return set | equated_by_third(where, info, a, b);
}

bool stoa_table_covers_key(const stoa_table_info *info, stoa_column_set set)
{
  for (uint32_t i = 0; i < info->n_keys; ++i) {
    if ((info->keys[i] & ~set) == 0) {
      return true;
    }
  }
  return false;
}

// Drop conditions that have become "x = x", or that stand there twice.  "x = x" fails for NULL only, and that a column
// which makes a term is not NULL is asked besides (rel.c need_columns).
static void drop_trivial(stoa_sx_list *where)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < where->n; ++i) {
    const stoa_sx *const sx = where->items[i];
    const bool trivial = stoa_sx_is_equation(sx) && stoa_sx_same(sx->args[0], sx->args[1]);
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
      if (a.left || b.left || !stoa_from_same_table(&a, &b) ||
          !stoa_table_covers_key(a.table.info, equated(&block->where, a.table.info, a.alias, b.alias))) {
        continue;
      }
      stoa_block_drop_from(block, b.alias);
      stoa_block_rename(r, block, b.alias, a.alias);
      drop_trivial(&block->where);
      --j;
    }
  }
}

// ---- rule 13

bool stoa_block_mentions(const stoa_block *block, uint32_t alias)
{
  bool found = false;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    found |= stoa_sx_mentions(block->where.items[i], alias);
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t k = 0; k < block->from.items[i].on.n; ++k) {
      found |= stoa_sx_mentions(block->from.items[i].on.items[k], alias);
    }
  }
  return found;
}

bool stoa_sx_mentions(const stoa_sx *sx, uint32_t alias)
{
  bool found = sx->kind == STOA_SX_COLUMN && sx->alias == alias;
  for (uint32_t i = 0; i < sx->n_args && !found; ++i) {
    found = stoa_sx_mentions(sx->args[i], alias);
  }
  for (uint32_t i = 0; sx->kind == STOA_SX_EXISTS && i < sx->sub->blocks.n && !found; ++i) {
    found = stoa_block_mentions(sx->sub->blocks.items[i], alias);
  }
  return found;
}

// The child's column that a condition equates with the parent's, when it does no more.
static const stoa_sx *child_column(const stoa_sx *sx, uint32_t child, uint32_t parent, const char **key)
{
  if (!stoa_sx_is_equation(sx)) {
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

// The child's column that refers to the parent's `key`.
static const stoa_sx *referring(const references *refs, const char *key)
{
  for (uint32_t i = 0; i < refs->n; ++i) {
    if (strcmp(refs->key[i], key) == 0) {
      return refs->child[i];
    }
  }
  return NULL;
}

// Is what the two tables are compared by just one foreign key, all of its columns?
static bool is_reference(const stoa_table_info *child, const stoa_table_info *parent, const references *refs)
{
  for (uint32_t f = 0; f < child->n_foreign; ++f) {
    const stoa_foreign_key *const key = &child->foreign[f];
    bool fits = key->enforced && key->n == refs->n && strcasecmp(key->table, parent->name) == 0;
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
    } else if (stoa_sx_mentions(sx, parent)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t k = 0; k < block->from.items[i].on.n; ++k) {
      if (stoa_sx_mentions(block->from.items[i].on.items[k], parent)) {
        return false;
      }
    }
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      const stoa_sx *const c = b->columns[k];
      const bool own = c->kind == STOA_SX_COLUMN && c->alias == parent;
      if (own ? !referring(refs, c->info->name) : stoa_sx_mentions(c, parent)) {
        return false;
      }
    }
    if (b->guard && stoa_sx_mentions(b->guard, parent)) {
      return false;
    }
  }
  return true;
}

// The parent's key is read from the child's columns, which are equal to it; a row whose reference is NULL has no
// parent, and the join would have dropped it.
static void drop_parent(stoa_rels *r, stoa_block *block, uint32_t parent, const references *refs)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (!stoa_sx_mentions(block->where.items[i], parent)) {
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
      stoa_block_add(r, &block->where, stoa_sx_call(r, STOA_OP_IS_NOT_NULL, refs->child[i], NULL));
    }
  }
  stoa_block_drop_from(block, parent);
}

// Rule 13: for each row of the child the join finds the one row of the parent that the foreign key promises, and of
// which only the key is read: so it neither adds, nor drops, nor tells anything.
void stoa_block_drop_parents(stoa_rels *r, stoa_block *block)
{
  for (uint32_t p = 0; p < block->from.n; ++p) {
    for (uint32_t c = 0; c < block->from.n; ++c) {
      const stoa_from *const parent = &block->from.items[p], *const child = &block->from.items[c];
      references refs;
      if (p == c || parent->left || child->left || !stoa_from_info(parent) || !stoa_from_info(child) ||
          !parent->table.table || !child->table.table || !only_referred(block, child->alias, parent->alias, &refs) ||
          !refs.n || !is_reference(child->table.info, parent->table.info, &refs)) {
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
    all = all ? stoa_sx_call(r, STOA_OP_ALSO, all, list->items[i]) : list->items[i];
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

// Conditions that the block asks anyhow.
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

// The conditions that are left: UNCHANGED when there is none.
static stoa_said conditions_left(stoa_rels *r, const stoa_sx_list *list, const stoa_sx **out)
{
  *out = conjunction(r, list);
  return list->n ? STOA_SAID : STOA_SAID_UNCHANGED;
}

// Rules 15, 16, 18 and 20: an OPTIONAL that is compared with a row of its own table by a whole key can match that row
// only, or none.  So the row itself is read, and what is left of ON tells whether it matches.
stoa_said stoa_block_self(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_binding *bindings,
                          uint32_t n, const stoa_sx **out)
{
  for (uint32_t i = 0; i < block->from.n && stoa_from_info(from); ++i) {
    const stoa_from *const row = &block->from.items[i];
    if (row->left || !stoa_from_same_table(row, from) ||
        !stoa_table_covers_key(from->table.info, equated_for(r, block, from, row->alias))) {
      continue;
    }
    stoa_sx_list on = from->on;
    stoa_sx_rename_list(r, &on, from->alias, row->alias);
    drop_trivial(&on);
    drop_known(&on, &block->where);
    for (uint32_t k = 0; k < n; ++k) {
      for (uint32_t c = 0; c < bindings[k].ctor->n_columns; ++c) {
        bindings[k].columns[c] = stoa_sx_renamed(r, bindings[k].columns[c], from->alias, row->alias);
      }
      bindings[k].guard = stoa_sx_renamed(r, bindings[k].guard, from->alias, row->alias);
    }
    return conditions_left(r, &on, out);
  }
  return STOA_CANNOT_SAY;
}

// The same for EXISTS: only the row itself can be the one that is looked for, so its conditions decide.
stoa_said stoa_block_self_exists(stoa_rels *r, const stoa_block *block, const stoa_block *inner, const stoa_sx **out)
{
  const stoa_from *const from = inner->from.items;
  for (uint32_t i = 0; i < block->from.n && inner->from.n == 1 && !inner->closed && stoa_from_info(from); ++i) {
    const stoa_from *const row = &block->from.items[i];
    if (row->left || !stoa_from_same_table(row, from) ||
        !stoa_table_covers_key(from->table.info, equated(&inner->where, from->table.info, row->alias, from->alias))) {
      continue;
    }
    stoa_sx_list where = inner->where;
    stoa_sx_rename_list(r, &where, from->alias, row->alias);
    drop_trivial(&where);
    drop_known(&where, &block->where);
    return conditions_left(r, &where, out);
  }
  return STOA_CANNOT_SAY;
}

// ---- tables without a key

// One table whose rows are made distinct, and nothing else.
static bool is_plain_set(const stoa_block *block)
{
  const stoa_from *const from = block->from.items;
  return block->closed && block->distinct && !block->grouped && !block->order.n && !block->offset &&
         block->limit == UINT64_MAX && block->from.n == 1 && stoa_from_info(from);
}

static bool is_among(const stoa_sx *sx, const stoa_sx_list *columns)
{
  for (uint32_t i = 0; i < columns->n; ++i) {
    if (stoa_sx_same(columns->items[i], sx)) {
      return true;
    }
  }
  return false;
}

// Does an expression read only those columns?
static bool reads_only(const stoa_sx *sx, const stoa_sx_list *columns)
{
  if (sx->kind == STOA_SX_COLUMN) {
    return is_among(sx, columns);
  }
  bool only = sx->kind != STOA_SX_EXISTS;
  for (uint32_t i = 0; i < sx->n_args && only; ++i) {
    only = reads_only(sx->args[i], columns);
  }
  return only;
}

// The columns of the terms that both bind, as they stand in `a`; false where equal terms are not equal columns.
static bool shared_columns(stoa_rels *r, const stoa_block *a, const stoa_block *b, stoa_sx_list *out)
{
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    const stoa_binding *const x = &a->bindings.items[i], *const y = stoa_block_find(b, x->var);
    if (!y || x->ctor->kind == STOA_CTOR_CONSTANT) {
      if (y && !stoa_binding_alike(x, y)) {
        return false;
      }
      continue;
    }
    if (!stoa_binding_alike(x, y) || !stoa_binding_exact(x) || x->guard || x->nullable || y->nullable) {
      return false;
    }
    for (uint32_t k = 0; k < x->ctor->n_columns; ++k) {
      if (strcmp(x->columns[k]->info->name, y->columns[k]->info->name) != 0) {
        return false;
      }
      STOA_PUSH(r->arena, out, x->columns[k]);
    }
  }
  return true;
}

// `a` is told by its shared columns alone: all that it asks and makes reads no others.
static bool is_told_by(const stoa_block *a, const stoa_sx_list *columns)
{
  bool told = columns->n > 0;
  for (uint32_t i = 0; i < a->where.n && told; ++i) {
    told = reads_only(a->where.items[i], columns);
  }
  for (uint32_t i = 0; i < a->bindings.n && told; ++i) {
    const stoa_binding *const x = &a->bindings.items[i];
    for (uint32_t k = 0; k < x->ctor->n_columns && told; ++k) {
      told = reads_only(x->columns[k], columns);
    }
    told = told && !x->guard;
  }
  return told;
}

// The row of `b` with what `a` makes of it.
static const stoa_block *with_bindings(stoa_rels *r, const stoa_block *b, const stoa_block *a)
{
  stoa_block *const out = stoa_block_copy(r, b);
  const uint32_t from = a->from.items[0].alias, to = b->from.items[0].alias;
  for (uint32_t i = 0; i < a->where.n; ++i) {
    stoa_block_add(r, &out->where, stoa_sx_renamed(r, a->where.items[i], from, to));
  }
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    stoa_binding x = a->bindings.items[i];
    for (uint32_t k = 0; k < x.ctor->n_columns; ++k) {
      x.columns[k] = stoa_sx_renamed(r, x.columns[k], from, to);
    }
    if (!stoa_block_find(out, x.var)) {
      STOA_PUSH(r->arena, &out->bindings, x);
    }
  }
  return out;
}

// Two DISTINCT blocks of one table, where all that `a` asks and makes is read from the columns of the terms that both
// make: a row of `a` that is joined to a row of `b` has the same values there, so the row of `b` itself meets what `a`
// asks, and makes what `a` makes.  The join is `b` with the conditions and bindings of `a`.
const stoa_block *stoa_block_join_sets(stoa_rels *r, const stoa_block *a, const stoa_block *b)
{
  stoa_sx_list of_a = {0}, of_b = {0};
  if (!is_plain_set(a) || !is_plain_set(b) || !stoa_from_same_table(&a->from.items[0], &b->from.items[0]) ||
      !shared_columns(r, a, b, &of_a) || !shared_columns(r, b, a, &of_b)) {
    return NULL;
  }
  if (is_told_by(a, &of_a)) {
    return with_bindings(r, b, a);
  }
  return is_told_by(b, &of_b) ? with_bindings(r, a, b) : NULL;
}
