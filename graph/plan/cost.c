// How many rows a relation or a node gives, roughly.
#include "graph/plan/cost.h"
#include "graph/plan/rel.h"

enum { UNKNOWN_ROWS = 1000000 };

static bool is_equality(const stoa_sx *sx, uint32_t alias, const stoa_column_info **column)
{
  if (!stoa_sx_is_equation(sx)) {
    return false;
  }
  for (int i = 0; i < 2; ++i) {
    const stoa_sx *const a = sx->args[i], *const b = sx->args[1 - i];
    if (a->kind == STOA_SX_COLUMN && a->alias == alias && b->kind == STOA_SX_PARAM) {
      *column = a->info;
      return true;
    }
  }
  return false;
}

static bool reads(const stoa_sx *sx, uint32_t alias)
{
  if (sx->kind == STOA_SX_COLUMN) {
    return sx->alias == alias;
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    if (reads(sx->args[i], alias)) {
      return true;
    }
  }
  return false;
}

static bool compares_value(const stoa_sx *sx)
{
  if (sx->kind == STOA_SX_PARAM) {
    return true;
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    if (compares_value(sx->args[i])) {
      return true;
    }
  }
  return false;
}

// The share of a table's rows that the conditions on it alone leave: a key leaves one, an equality one in a
// hundred, any other comparison a third.
static double rows_of_table(const stoa_block *block, const stoa_from *from)
{
  const stoa_table_info *const info = from->table.info;
  double rows = info && info->rows > 0 ? info->rows : UNKNOWN_ROWS;
  stoa_column_set fixed = 0;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    const stoa_column_info *column;
    if (is_equality(sx, from->alias, &column)) {
      fixed |= info ? stoa_table_bit(info, column->name) : 0;
      rows /= 100;
    } else if (reads(sx, from->alias) && compares_value(sx)) {
      rows /= 3;
    }
  }
  for (uint32_t i = 0; info && i < info->n_keys; ++i) {
    rows = (info->keys[i] & ~fixed) == 0 ? 1 : rows;
  }
  return rows < 1 ? 1 : rows;
}

// Joins follow keys, as a rule: the fewest rows of the tables that values restrict, the most of those that they do
// not.
static double rows_of_block(const stoa_block *block)
{
  double least = UNKNOWN_ROWS * 1000.0, most = 1;
  bool restricted = false;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    if (from->kind == STOA_FROM_LEFT) {
      continue;
    }
    const double all = from->closure                                    ? 100
                       : from->sub                                      ? stoa_cost_rel(from->sub)
                       : from->table.info && from->table.info->rows > 0 ? from->table.info->rows
                                                                        : UNKNOWN_ROWS;
    const double some = from->sub || from->closure ? all : rows_of_table(block, from);
    restricted |= some < all;
    least = some < least ? some : least;
    most = all > most ? all : most;
  }
  double rows = restricted ? least * 10 : most;
  rows = restricted && least <= 1 ? 1 : rows;
  return block->limit < rows ? (double)block->limit : rows;
}

double stoa_cost_rel(const stoa_rel *rel)
{
  double rows = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    rows += rows_of_block(rel->blocks.items[i]);
  }
  return rows;
}

double stoa_cost_node(const stoa_plan_node *node)
{
  double least = UNKNOWN_ROWS;
  switch (node->kind) {
    case STOA_PLAN_EMPTY:
      return 0;
    case STOA_PLAN_UNIT:
      return 1;
    case STOA_PLAN_VALUES:
      return node->node->slot ? 10 : node->node->n_rows;
    case STOA_PLAN_SQL:
      return stoa_cost_rel(node->rel);
    case STOA_PLAN_UNION:
      return stoa_cost_node(node->inputs[0]) + stoa_cost_node(node->inputs[1]);
    case STOA_PLAN_FILTER:
      return stoa_cost_node(node->inputs[0]) / 3;
    case STOA_PLAN_JOIN:
      for (int i = 0; i < 2; ++i) {
        const double rows = stoa_cost_node(node->inputs[i]);
        least = rows < least ? rows : least;
      }
      return least;
    default:
      return node->inputs[0] ? stoa_cost_node(node->inputs[0]) : UNKNOWN_ROWS;
  }
}


void stoa_cost_expect(stoa_plan_node *root)
{
  root->rows = stoa_cost_node(root);
  for (int i = 0; i < 2 && root->inputs[i]; ++i) {
    stoa_cost_expect((stoa_plan_node *)root->inputs[i]); // the planner's own, and not yet shared
  }
}
