// Bound joins: what the left side of a join gives for a variable is sent to the source of the right side, so that a
// few rows here do not cost all rows there.  Whether it is done is decided when the left side's rows are known; here
// the second statement is made, and a guess which side gives fewer rows.
#include "graph/plan/plan.h"
#include "graph/plan/rel.h"

enum { UNKNOWN_ROWS = 1000000 };

// ---- how many rows

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
                       : from->sub                                      ? stoa_rel_rows(from->sub)
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

double stoa_rel_rows(const stoa_rel *rel)
{
  double rows = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    rows += rows_of_block(rel->blocks.items[i]);
  }
  return rows;
}

double stoa_plan_rows(const stoa_plan_node *node)
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
      return stoa_rel_rows(node->rel);
    case STOA_PLAN_UNION:
      return stoa_plan_rows(node->inputs[0]) + stoa_plan_rows(node->inputs[1]);
    case STOA_PLAN_FILTER:
      return stoa_plan_rows(node->inputs[0]) / 3;
    case STOA_PLAN_JOIN:
      for (int i = 0; i < 2; ++i) {
        const double rows = stoa_plan_rows(node->inputs[i]);
        least = rows < least ? rows : least;
      }
      return least;
    default:
      return node->inputs[0] ? stoa_plan_rows(node->inputs[0]) : UNKNOWN_ROWS;
  }
}

// ---- the statement for some terms

static const stoa_plan_node *bound_sql(stoa_planner *p, const stoa_plan_node *node, stoa_var var)
{
  const stoa_rel *const rel = node->bound ? NULL : stoa_rel_restrict_keys(&p->rels, node->rel, var);
  if (!rel) {
    return NULL;
  }
  const stoa_piece piece = {.rel = rel};
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  copy->bound = stoa_piece_node(p, &piece);
  copy->bound_var = var;
  return copy->bound->kind == STOA_PLAN_SQL ? copy : NULL;
}

unsigned stoa_plan_open_inputs(const stoa_plan_node *node, stoa_var var)
{
  switch (node->kind) {
    case STOA_PLAN_EXTEND:
      return node->node->var != var;
    case STOA_PLAN_FILTER:
    case STOA_PLAN_PROJECT:
    case STOA_PLAN_DISTINCT:
    case STOA_PLAN_LEFT_JOIN:
    case STOA_PLAN_SEMI_JOIN:
    case STOA_PLAN_MINUS:
      return 1;
    case STOA_PLAN_JOIN:
    case STOA_PLAN_UNION:
      return 3;
    default:
      return 0;
  }
}

const stoa_plan_node *stoa_plan_bound(stoa_planner *p, const stoa_plan_node *node, stoa_var var)
{
  if (stoa_plan_column(node, var) < 0) {
    return NULL;
  }
  if (node->kind == STOA_PLAN_SQL) {
    return bound_sql(p, node, var);
  }
  const unsigned open = stoa_plan_open_inputs(node, var);
  stoa_plan_node *copy = NULL;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    const stoa_plan_node *const input = open >> i & 1 ? stoa_plan_bound(p, node->inputs[i], var) : NULL;
    if (input && !copy) {
      copy = STOA_NEW(p->arena, stoa_plan_node);
      *copy = *node;
    }
    if (input) {
      copy->inputs[i] = input;
    }
  }
  return copy;
}

// One variable is enough: the join compares them all.
void stoa_plan_bind_right(stoa_planner *p, stoa_plan_node *join)
{
  if (p->options.plain) {
    return;
  }
  for (uint32_t i = 0; i < join->inputs[0]->n_vars && !join->sends; ++i) {
    const stoa_var var = join->inputs[0]->vars[i];
    const stoa_plan_node *const bound = stoa_plan_bound(p, join->inputs[1], var);
    if (bound) {
      join->inputs[1] = bound;
      join->sends = true;
      join->bound_var = var;
    }
  }
}
