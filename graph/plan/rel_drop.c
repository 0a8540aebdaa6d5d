// What tells nothing new is not read (rules 11, 14 and 19).
//
// A table in FROM costs even where none of its columns are wanted.  It can go when taking it out leaves the same rows,
// as often: an OPTIONAL that nobody reads keeps every left row, and repeats it only where it matches more than once; a
// second row of a table, under DISTINCT, tells nothing where some other row of the block already meets all that is
// asked of it; a pattern such as "?x is a Customer" tells nothing where another pattern's rows come from the very table
// of customers.
#include "graph/plan/unique.h"
#include "graph/plan/rel.h"

// ---- rule 19

static bool binds(const stoa_block *block, uint32_t alias)
{
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      if (stoa_sx_mentions(b->columns[k], alias)) {
        return true;
      }
    }
    if (b->guard && stoa_sx_mentions(b->guard, alias)) {
      return true;
    }
  }
  return false;
}

// Does anything of the block but its own ON read a column of it?
static bool is_read(const stoa_block *block, const stoa_from *from)
{
  bool read = binds(block, from->alias);
  for (uint32_t i = 0; i < block->where.n && !read; ++i) {
    read = stoa_sx_mentions(block->where.items[i], from->alias);
  }
  for (uint32_t i = 0; i < block->from.n && !read; ++i) {
    const stoa_from *const other = &block->from.items[i];
    for (uint32_t k = 0; other != from && k < other->on.n && !read; ++k) {
      read = stoa_sx_mentions(other->on.items[k], from->alias);
    }
  }
  for (uint32_t i = 0; i < block->group.n && !read; ++i) {
    read = stoa_sx_mentions(block->group.items[i], from->alias);
  }
  for (uint32_t i = 0; i < block->order.n && !read; ++i) {
    read = stoa_sx_mentions(block->order.items[i].sx, from->alias);
  }
  return read;
}

// Does ON fix the column by something that is no column of the same table?
static bool is_equated(const stoa_from *from, const char *column)
{
  for (uint32_t i = 0; i < from->on.n; ++i) {
    const stoa_sx *const sx = from->on.items[i];
    for (int k = 0; k < 2 && stoa_sx_is_equation(sx); ++k) {
      const stoa_sx *const own = sx->args[k], *const other = sx->args[1 - k];
      if (own->kind == STOA_SX_COLUMN && own->alias == from->alias && strcmp(own->info->name, column) == 0 &&
          !stoa_sx_mentions(other, from->alias)) {
        return true;
      }
    }
  }
  return false;
}

// A subquery whose rows differ in the terms that are equated.
static bool sub_matches_one(stoa_rels *r, const stoa_from *from)
{
  uint32_t number = 0;
  if (from->sub->blocks.n != 1 || from->sub->blocks.items[0]->closed) {
    return false;
  }
  const stoa_block *const block = from->sub->blocks.items[0];
  stoa_block *const equated = stoa_block_copy(r, block);
  equated->bindings.n = 0;
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    bool all = !b->guard && !b->nullable;
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      all &= is_equated(from, stoa_arena_print(r->arena, "c%u", number++));
    }
    number += b->guard != NULL;
    if (all) {
      STOA_PUSH(r->arena, &equated->bindings, *b);
    }
  }
  return equated->bindings.n && stoa_block_unique(equated);
}

// A whole key is fixed by ON, and a key has its values in one row at most.
static bool matches_one_at_most(stoa_rels *r, const stoa_from *from)
{
  const stoa_table_info *const info = stoa_from_info(from);
  stoa_column_set set = 0;
  if (from->kind == STOA_FROM_SUB) {
    return sub_matches_one(r, from);
  }
  for (uint32_t i = 0; info && i < info->n_columns; ++i) {
    set |= is_equated(from, info->columns[i].name) ? stoa_table_bit(info, info->columns[i].name) : 0;
  }
  return info && stoa_table_covers_key(info, set);
}

// Rule 19: a left join that nothing reads keeps each row once where it matches one row at most, and how often does not
// matter under DISTINCT.
void stoa_block_drop_optionals(stoa_rels *r, stoa_block *block)
{
  for (uint32_t i = block->from.n; i-- > 0;) {
    const stoa_from *const from = &block->from.items[i];
    if (from->left && !is_read(block, from) && ((block->distinct && !block->grouped) || matches_one_at_most(r, from))) {
      stoa_block_drop_from(block, from->alias);
    }
  }
}

// ---- rule 11

static bool has_condition(const stoa_sx_list *where, const stoa_sx *sx)
{
  for (uint32_t i = 0; i < where->n; ++i) {
    if (stoa_sx_same(where->items[i], sx)) {
      return true;
    }
  }
  return false;
}

static bool is_trivial(const stoa_sx *sx)
{
  return stoa_sx_is_equation(sx) && stoa_sx_same(sx->args[0], sx->args[1]);
}

static bool are_equated(stoa_rels *r, const stoa_sx_list *where, const stoa_sx *a, const stoa_sx *b)
{
  return has_condition(where, stoa_sx_call(r, STOA_OP_EQ, a, b)) ||
         has_condition(where, stoa_sx_call(r, STOA_OP_EQ, b, a));
}

// Does each column of `drop` in a condition equal that of `keep`, by the block's other conditions?
static bool reads_equated(stoa_rels *r, const stoa_block *block, const stoa_sx *sx, uint32_t keep, uint32_t drop)
{
  bool equated = sx->kind != STOA_SX_EXISTS;
  if (sx->kind == STOA_SX_COLUMN && sx->alias == drop) {
    return are_equated(r, &block->where, stoa_sx_renamed(r, sx, drop, keep), sx);
  }
  for (uint32_t i = 0; sx->kind == STOA_SX_CALL && i < sx->n_args && equated; ++i) {
    equated = reads_equated(r, block, sx->args[i], keep, drop);
  }
  return equated;
}

// Does a row of `keep` meet all that is asked of the row of `drop`?  What is asked of columns in which both agree is
// asked of `keep` instead.  *out: the conditions that are left.
static bool stands_in(stoa_rels *r, const stoa_block *block, uint32_t keep, uint32_t drop, stoa_sx_list *out)
{
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (!stoa_sx_mentions(block->where.items[i], drop)) {
      STOA_PUSH(r->arena, out, block->where.items[i]);
    }
  }
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    if (!stoa_sx_mentions(sx, drop)) {
      continue;
    }
    const stoa_sx *const own = stoa_sx_renamed(r, sx, drop, keep);
    if (is_trivial(own)) {
      if (own->args[0]->kind != STOA_SX_COLUMN || !own->args[0]->info->not_null) {
        stoa_block_add(r, out, stoa_sx_call(r, STOA_OP_IS_NOT_NULL, own->args[0], NULL));
      }
    } else if (!has_condition(out, own)) {
      if (!reads_equated(r, block, sx, keep, drop)) {
        return false;
      }
      STOA_PUSH(r->arena, out, own);
    }
  }
  return true;
}

// Terms made of the row that is dropped are made of the other one's equal columns.
static bool move_bindings(stoa_rels *r, stoa_block *block, uint32_t keep, uint32_t drop)
{
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    stoa_binding *const b = &block->bindings.items[i];
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      if (!stoa_sx_mentions(b->columns[k], drop)) {
        continue;
      }
      const stoa_sx *const own = stoa_sx_renamed(r, b->columns[k], drop, keep);
      if (b->columns[k]->kind != STOA_SX_COLUMN || !are_equated(r, &block->where, own, b->columns[k])) {
        return false;
      }
      b->columns[k] = own;
    }
    if (b->guard && stoa_sx_mentions(b->guard, drop)) {
      return false;
    }
  }
  return true;
}

// Does some ON read the table?
static bool in_left_join(const stoa_block *block, uint32_t alias)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t k = 0; k < block->from.items[i].on.n; ++k) {
      if (stoa_sx_mentions(block->from.items[i].on.items[k], alias)) {
        return true;
      }
    }
  }
  return false;
}

// Rule 11: if `keep` meets every condition that is asked of `drop` (with the columns of one read for the other), then
// for each way to choose the row of `keep`, the same row is a way to choose that of `drop`: without `drop` the same
// different rows come, if its terms can be read from equal columns of `keep`.
static bool drop_one_repeat(stoa_rels *r, stoa_block *block)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    for (uint32_t j = 0; j < block->from.n; ++j) {
      const stoa_from a = block->from.items[i], b = block->from.items[j];
      stoa_sx_list where = {0};
      if (i == j || a.left || b.left || !stoa_from_same_table(&a, &b) || in_left_join(block, b.alias) ||
          !stands_in(r, block, a.alias, b.alias, &where)) {
        continue;
      }
      stoa_block *const moved = stoa_block_copy(r, block);
      if (move_bindings(r, moved, a.alias, b.alias)) {
        *block = *moved;
        block->where = where;
        stoa_block_drop_from(block, b.alias);
        return true;
      }
    }
  }
  return false;
}

void stoa_block_drop_repeats(stoa_rels *r, stoa_block *block)
{
  while (!block->grouped && !block->order.n && block->limit == UINT64_MAX && !block->offset &&
         drop_one_repeat(r, block)) {
  }
}

void stoa_rel_drop_repeats(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  rel->set = a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    stoa_block *const block = stoa_block_copy(r, a->blocks.items[i]);
    stoa_block_drop_repeats(r, block);
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  *out = rel;
}

// ---- rule 14

// Is there, for each row of `x`, the row of `u` that makes the same terms?
static bool is_among(stoa_rels *r, const stoa_block *u, const stoa_block *x, const stoa_from *row)
{
  const uint32_t alias = u->from.items[0].alias;
  for (uint32_t i = 0; i < u->where.n; ++i) {
    if (!has_condition(&x->where, stoa_sx_renamed(r, u->where.items[i], alias, row->alias))) {
      return false;
    }
  }
  for (uint32_t i = 0; i < u->bindings.n; ++i) {
    const stoa_binding *const b = &u->bindings.items[i], *const other = stoa_block_find(x, b->var);
    if (!other || other->nullable || b->nullable || b->guard || !stoa_binding_alike(b, other) ||
        !stoa_binding_exact(b)) {
      return false;
    }
    for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
      const stoa_sx *const own = stoa_sx_renamed(r, b->columns[k], alias, row->alias);
      if (!stoa_sx_same(own, other->columns[k]) && !are_equated(r, &x->where, own, other->columns[k])) {
        return false;
      }
    }
  }
  return true;
}

// Is some block of the union met by every row of `x`?
static bool block_implied(stoa_rels *r, const stoa_rel *u, const stoa_block *x)
{
  for (uint32_t i = 0; i < u->blocks.n; ++i) {
    const stoa_block *const one = u->blocks.items[i];
    if (one->from.n != 1 || one->grouped || one->limit != UINT64_MAX || one->offset) {
      continue;
    }
    for (uint32_t k = 0; k < x->from.n; ++k) {
      if (!x->from.items[k].left && stoa_from_same_table(&one->from.items[0], &x->from.items[k]) &&
          is_among(r, one, x, &x->from.items[k])) {
        return true;
      }
    }
  }
  return false;
}

// Rule 14: joining a set changes nothing where it has, for each row, just one that is compatible: it has one at most,
// being a set of terms that the rows bind all of, and one at least by `block_implied`.
bool stoa_rel_implied(stoa_rels *r, const stoa_rel *u, const stoa_rel *x)
{
  bool all = x->blocks.n > 0 && u->source == x->source && !x->set;
  for (uint32_t i = 0; i < x->blocks.n && all; ++i) {
    all = !x->blocks.items[i]->grouped && block_implied(r, u, x->blocks.items[i]);
  }
  return all;
}
