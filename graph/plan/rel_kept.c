// Rows of a table that many alternatives look for by one column, such as the property of a table of attributes, are
// read once.
//
// Behind each property of an ontology may stand a row of such a table, and a star of properties is as many branches as
// there are ways to choose.  Where no index begins with the column, each branch would read the whole table to find that
// it has no such row.  The statement then begins with the rows for all the values that any branch asks for.
#include "graph/plan/cost.h"
#include "graph/plan/rel.h"

enum { FEW_ROWS = 1000 };

static const stoa_sx *value_of(const stoa_sx *sx, uint32_t alias, const stoa_column_info **column)
{
  const bool asks = stoa_sx_is_equation(sx) && sx->args[0]->kind == STOA_SX_COLUMN && sx->args[0]->alias == alias &&
                    sx->args[1]->kind == STOA_SX_PARAM && sx->args[1]->param.kind == STOA_PARAM_VALUE;
  *column = asks ? sx->args[0]->info : NULL;
  return asks ? sx->args[1] : NULL;
}

static bool leads_index(const stoa_table_info *info, const stoa_column_info *column)
{
  return (info->leading & stoa_table_bit(info, column->name)) != 0;
}

// Has the table an index for one of the values that it is asked for?
static bool is_found(const stoa_block *block, const stoa_from *from)
{
  const stoa_column_info *column;
  bool found = false;
  for (uint32_t i = 0; i < block->where.n && !found; ++i) {
    found = value_of(block->where.items[i], from->alias, &column) && leads_index(from->table.info, column);
  }
  return found;
}

// Few rows of the other tables find theirs by the column that joins them; many would read as much as the table has.
static bool has_few_others(stoa_rels *r, const stoa_block *block, const stoa_from *from)
{
  stoa_block *const rest = stoa_block_copy(r, block);
  rest->where.n = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (!stoa_sx_mentions(block->where.items[i], from->alias)) {
      STOA_PUSH(r->arena, &rest->where, block->where.items[i]);
    }
  }
  stoa_block_drop_from(rest, from->alias);
  return rest->from.n > 0 && stoa_cost_rel(stoa_rel_of_block(r, NULL, rest)) * 10 < from->table.info->rows;
}

static stoa_kept *kept_of(stoa_rels *r, stoa_kept_list *all, const stoa_from *from, const stoa_column_info *column)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    stoa_kept *const one = &all->items[i];
    if (stoa_from_same_table(&one->table, &from->table) && strcmp(one->column->name, column->name) == 0) {
      return one;
    }
  }
  STOA_PUSH(r->arena, all, ((stoa_kept){.table = from->table, .column = column}));
  return &all->items[all->n - 1];
}

static void look_at(stoa_rels *r, const stoa_block *block, stoa_kept_list *all)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    const stoa_column_info *column = NULL;
    const stoa_sx *value = NULL;
    if (from->kind != STOA_FROM_INNER || from->sub || from->rows || from->closure || !from->table.table ||
        !from->table.info || from->table.info->rows < FEW_ROWS || is_found(block, from)) {
      continue;
    }
    for (uint32_t k = 0; k < block->where.n && !value; ++k) {
      value = value_of(block->where.items[k], from->alias, &column);
    }
    if (value && !has_few_others(r, block, from)) {
      stoa_kept *const one = kept_of(r, all, from, column);
      stoa_block_add(r, &one->values, value);
      STOA_PUSH(r->arena, &one->places, from);
    }
  }
}

static void look_below(stoa_rels *r, const stoa_rel *rel, stoa_kept_list *all)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    look_at(r, block, all);
    for (uint32_t k = 0; k < block->from.n; ++k) {
      if (block->from.items[k].sub) {
        look_below(r, block->from.items[k].sub, all);
      }
    }
  }
}

void stoa_rel_kept(stoa_rels *r, const stoa_rel *rel, stoa_kept_list *out)
{
  stoa_kept_list all = {0};
  look_below(r, rel, &all);
  for (uint32_t i = 0; i < all.n; ++i) {
    if (all.items[i].places.n > 1) {
      STOA_PUSH(r->arena, out, all.items[i]);
    }
  }
}
