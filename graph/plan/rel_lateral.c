// Groups that are wanted for few rows alone.
//
// A grouped subquery, or a view that groups, is worked out whole by a database that joins it to other tables, though
// these may have few rows, and each asks for one group.  Where the join compares what it is grouped by, the same rows
// come when only the group of each row is worked out: the other groups would be joined to nothing.  SQL says that with
// LATERAL, which few databases have; the others are asked as before.
#include "graph/plan/cost.h"
#include "graph/plan/rel.h"
#include <stdlib.h>

enum { FEW_ROWS = 100, FEWER = 10 };

// Is the column of the subquery one that it is grouped by?
static bool is_group_column(stoa_rels *r, const stoa_rel *sub, const char *name)
{
  stoa_sx_list columns = {0};
  const stoa_block *const block = sub->blocks.n == 1 ? sub->blocks.items[0] : NULL;
  if (!block || !block->grouped || block->order.n || block->offset || block->limit != UINT64_MAX || name[0] != 'c') {
    return false;
  }
  stoa_block_columns(r, block, &columns);
  const unsigned long at = strtoul(name + 1, NULL, 10);
  bool found = false;
  for (uint32_t i = 0; at < columns.n && i < block->group.n && !found; ++i) {
    found = stoa_sx_same(columns.items[at], block->group.items[i]);
  }
  return found;
}

// Nothing is counted of a view; the one row that it has for a key is that of a group.
static bool tells_group(stoa_rels *r, const stoa_from *from, const stoa_sx *own)
{
  if (from->kind == STOA_FROM_SUB) {
    return is_group_column(r, from->sub, own->info->name);
  }
  const stoa_table_info *const info = stoa_from_info(from);
  const stoa_column_set bit = info ? stoa_table_bit(info, own->info->name) : 0;
  return info && info->rows <= 0 && bit && stoa_table_covers_key(info, bit);
}

static bool is_stored(const stoa_block *block, uint32_t alias)
{
  const stoa_from *const from = stoa_block_from(block, alias);
  const stoa_table_info *const info = from && !from->left ? stoa_from_info(from) : NULL;
  return info && info->rows > 0;
}

static double rows_of_others(stoa_rels *r, const stoa_block *block, uint32_t alias)
{
  stoa_block *const others = stoa_block_copy(r, block);
  others->closed = others->grouped = others->distinct = false;
  others->group.n = others->order.n = others->where.n = 0;
  others->limit = UINT64_MAX;
  stoa_block_drop_from(others, alias);
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (!stoa_sx_mentions(block->where.items[i], alias)) {
      STOA_PUSH(r->arena, &others->where, block->where.items[i]);
    }
  }
  return stoa_cost_rel(stoa_rel_of_block(r, NULL, others));
}

bool stoa_block_wants_groups(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_sx_list *out)
{
  const stoa_sx_list *const conditions = from->left ? &from->on : &block->where;
  if (!r->dialect->lateral || from->kind == STOA_FROM_CLOSURE || from->kind == STOA_FROM_ROWS) {
    return false;
  }
  for (uint32_t i = 0; i < conditions->n; ++i) {
    const stoa_sx *const sx = conditions->items[i];
    for (int side = 0; side < 2 && stoa_sx_is_equation(sx); ++side) {
      const stoa_sx *const own = sx->args[side], *const other = sx->args[1 - side];
      if (own->kind == STOA_SX_COLUMN && own->alias == from->alias && other->kind == STOA_SX_COLUMN &&
          is_stored(block, other->alias) && tells_group(r, from, own)) {
        STOA_PUSH(r->arena, out, sx);
      }
    }
  }
  const double groups = from->kind == STOA_FROM_SUB ? stoa_cost_rel(from->sub) : FEW_ROWS * FEWER;
  return out->n > 0 && rows_of_others(r, block, from->alias) * FEWER < groups;
}
