// Groups that are wanted for few rows alone.
//
// A grouped subquery, or a view that groups, is worked out whole by a database that joins it to other tables, though
// these may have few rows, and each asks for one group.  Where the join compares what it is grouped by, the same rows
// come when only the groups of these rows are worked out: the other groups would be joined to nothing.  SQL says that
// with LATERAL where the database has it; else the rows that are grouped are those whose key the other tables give
// (the "magic set" of Bancilhon et al., 1986), for which these are read twice.
#include "graph/base/assert.h"
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

// The tables beside the one with this alias, those of OPTIONALs left out, which leave out no row.
static stoa_block *others_of(stoa_rels *r, const stoa_block *block, uint32_t alias)
{
  stoa_block *const others = stoa_block_copy(r, block);
  others->closed = others->grouped = others->distinct = false;
  others->group.n = others->order.n = others->where.n = others->from.n = others->bindings.n = 0;
  others->limit = UINT64_MAX;
  others->offset = 0;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (block->from.items[i].alias != alias && !block->from.items[i].left) {
      STOA_PUSH(r->arena, &others->from, block->from.items[i]);
    }
  }
  for (uint32_t i = 0; i < block->where.n; ++i) {
    bool of_others = !stoa_sx_mentions(block->where.items[i], alias);
    for (uint32_t k = 0; k < block->from.n && of_others; ++k) {
      of_others = !block->from.items[k].left || !stoa_sx_mentions(block->where.items[i], block->from.items[k].alias);
    }
    if (of_others) {
      STOA_PUSH(r->arena, &others->where, block->where.items[i]);
    }
  }
  return others;
}

bool stoa_block_wants_groups(stoa_rels *r, const stoa_block *block, const stoa_from *from, stoa_sx_list *out)
{
  const stoa_sx_list *const conditions = from->left ? &from->on : &block->where;
  const bool may = r->dialect->lateral ? from->kind == STOA_FROM_SUB || from->kind == STOA_FROM_TABLE
                                       : r->dialect->closures && from->kind == STOA_FROM_SUB;
  if (!may) {
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
  return out->n > 0 &&
         stoa_cost_rel(stoa_rel_of_block(r, NULL, others_of(r, block, from->alias))) * FEWER < groups;
}

void stoa_block_wanted_groups(stoa_rels *r, const stoa_block *block, const stoa_from *from, const stoa_sx *by,
                              stoa_wanted_groups *out)
{
  const int side = by->args[0]->kind == STOA_SX_COLUMN && by->args[0]->alias == from->alias ? 0 : 1;
  stoa_sx_list columns = {0};
  STOA_ASSERT(from->kind == STOA_FROM_SUB && from->sub->blocks.n == 1);
  stoa_block_columns(r, from->sub->blocks.items[0], &columns);
  *out = (stoa_wanted_groups){.block = from->sub->blocks.items[0],
                              .key = columns.items[strtoul(by->args[side]->info->name + 1, NULL, 10)],
                              .others = others_of(r, block, from->alias),
                              .column = by->args[1 - side]};
}
