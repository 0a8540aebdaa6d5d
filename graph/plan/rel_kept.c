// Rows of a table that many alternatives look for by one column, such as the property of a table of attributes, are
// read once.  It changes no rows: the same conditions are asked of the kept rows as of the table, and only rows that no
// place could use are not among them.
//
// Behind each property of an ontology may stand a row of such a table, and a star of properties is as many branches as
// there are ways to choose.  Where no index begins with the column, each branch would read the whole table to find that
// it has no such row.  The statement then begins with the rows for all the values that any branch asks for; and with
// the rows that several branches ask for by the same conditions.
#include "graph/plan/cost.h"
#include "graph/plan/rel.h"

enum { FEW_ROWS = 1000, FEW_FOUND = 20 };

// The value that a condition wants of a column of the table.
static const stoa_sx *value_of(const stoa_sx *sx, uint32_t alias, const stoa_column_info **column)
{
  const bool asks = stoa_sx_is_equation(sx) && sx->args[0]->kind == STOA_SX_COLUMN && sx->args[0]->alias == alias &&
                    sx->args[1]->kind == STOA_SX_PARAM && sx->args[1]->param.kind == STOA_PARAM_VALUE;
  *column = asks ? sx->args[0]->info : NULL;
  return asks ? sx->args[1] : NULL;
}

// Does some index begin with the column, so that its rows are found without reading all?
static bool leads_index(const stoa_table_info *info, const stoa_column_info *column)
{
  return (info->leading & stoa_table_bit(info, column->name)) != 0;
}

static bool has_param(const stoa_sx *sx)
{
  bool found = sx->kind == STOA_SX_PARAM;
  for (uint32_t i = 0; i < sx->n_args && !found; ++i) {
    found = has_param(sx->args[i]);
  }
  return found;
}

// Has the table an index for some value, or list of values, that it is asked for?
static bool is_found(const stoa_block *block, const stoa_from *from)
{
  bool found = false;
  for (uint32_t i = 0; i < block->where.n && !found; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    found = sx->kind == STOA_SX_CALL && sx->n_args && sx->args[0]->kind == STOA_SX_COLUMN &&
            sx->args[0]->alias == from->alias && has_param(sx) && leads_index(stoa_from_info(from), sx->args[0]->info);
  }
  return found;
}

static bool is_unique(const stoa_table_info *info, const stoa_column_info *column)
{
  const stoa_column_set bit = stoa_table_bit(info, column->name);
  return bit && stoa_table_covers_key(info, bit);
}

enum { LONGEST_CHAIN = 4 };

// Few rows of a table that it is joined to find theirs by an index, or are found themselves, by a key, from few rows of
// another one; many would read as much as the table has.
static bool has_few_others(const stoa_block *block, const stoa_from *from, double most, int depth)
{
  bool few = false;
  for (uint32_t i = 0; i < block->where.n && !few && depth < LONGEST_CHAIN; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    for (int side = 0; side < 2 && stoa_sx_is_equation(sx) && !few; ++side) {
      const stoa_sx *const own = sx->args[side], *const other = sx->args[1 - side];
      if (own->kind != STOA_SX_COLUMN || own->alias != from->alias || other->kind != STOA_SX_COLUMN ||
          other->alias == from->alias || !stoa_from_info(from) || !leads_index(from->table.info, own->info)) {
        continue;
      }
      const stoa_from *const next = stoa_block_from(block, other->alias);
      const bool each_once = depth == 0 || is_unique(from->table.info, own->info);
      few = each_once && (stoa_cost_table(block, other->alias) < most ||
                          (next && has_few_others(block, next, most, depth + 1)));
    }
  }
  return few;
}

static bool is_great_table(const stoa_from *from)
{
  const stoa_table_info *const info = stoa_from_info(from);
  return !from->left && info && from->table.table && info->rows >= FEW_ROWS;
}

static stoa_kept *kept_of(stoa_rels *r, stoa_kept_list *all, const stoa_from *from, const stoa_column_info *column)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    stoa_kept *const one = &all->items[i];
    if (one->column && stoa_table_same(&one->table, &from->table) && strcmp(one->column->name, column->name) == 0) {
      return one;
    }
  }
  STOA_PUSH(r->arena, all, ((stoa_kept){.table = from->table, .column = column}));
  return &all->items[all->n - 1];
}

// Note the tables that the block would read whole to find the rows of one value.
static void look_at(stoa_rels *r, const stoa_block *block, stoa_kept_list *all)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    const stoa_column_info *column = NULL;
    const stoa_sx *value = NULL;
    if (!is_great_table(from) || is_found(block, from)) {
      continue;
    }
    for (uint32_t k = 0; k < block->where.n && !value; ++k) {
      value = value_of(block->where.items[k], from->alias, &column);
    }
    if (value && !has_few_others(block, from, from->table.info->rows / 10, 0)) {
      stoa_kept *const one = kept_of(r, all, from, column);
      const uint32_t n_values = one->values.n;
      stoa_block_add(r, &one->values, value);
      one->rows += one->values.n > n_values ? stoa_cost_table(block, from->alias) : 0;
      STOA_PUSH(r->arena, &one->places, from);
    }
  }
}

// ---- the same rows again and again

enum { MOST_ROWS = 20000 };

// The conditions with values that are asked of one table alone, as if it had the alias 0.
static stoa_sx_list own_conditions(stoa_rels *r, const stoa_block *block, const stoa_from *from)
{
  stoa_sx_list own = {0};
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    if (sx->kind == STOA_SX_CALL && has_param(sx) && stoa_sx_reads_only(sx, from->alias)) {
      STOA_PUSH(r->arena, &own, stoa_sx_renamed(r, sx, from->alias, 0));
    }
  }
  return own;
}

static bool same_list(const stoa_sx_list *a, const stoa_sx_list *b)
{
  bool same = a->n == b->n;
  for (uint32_t i = 0; i < a->n && same; ++i) {
    same = stoa_sx_same(a->items[i], b->items[i]);
  }
  return same;
}

bool stoa_block_finds_by(const stoa_block *block, uint32_t alias)
{
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    for (int side = 0; side < 2 && stoa_sx_is_equation(sx); ++side) {
      const stoa_sx *const own = sx->args[side], *const other = sx->args[1 - side];
      if (own->kind != STOA_SX_COLUMN || own->alias != alias || other->kind != STOA_SX_COLUMN) {
        continue;
      }
      for (uint32_t k = 0; k < block->from.n; ++k) {
        const stoa_table_info *const info = stoa_from_info(&block->from.items[k]);
        if (block->from.items[k].alias == other->alias && info && leads_index(info, other->info)) {
          return true;
        }
      }
    }
  }
  return false;
}

// A database that takes kept rows for many reads what they are joined to whole, unless it is told to begin with them and
// finds the others by an index.
static bool may_keep(const stoa_rels *r, const stoa_block *block, const stoa_from *from)
{
  return r->dialect->keeps_same ||
         (r->dialect->join_after && (block->from.n == 1 || stoa_block_finds_by(block, from->alias)));
}

// Branches that begin with the same rows of a table: those that a time leaves, say, each with another alternative of
// another property.
static void look_for_same(stoa_rels *r, const stoa_block *block, stoa_kept_list *all)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    if (!is_great_table(from) || !may_keep(r, block, from)) {
      continue;
    }
    const double rows = stoa_cost_table(block, from->alias);
    const stoa_sx_list own = own_conditions(r, block, from);
    stoa_kept *one = NULL;
    if (own.n == 0 || stoa_cost_found(block, from->alias) < FEW_FOUND || rows > MOST_ROWS || rows * 4 > from->table.info->rows) {
      continue;
    }
    for (uint32_t k = 0; k < all->n && !one; ++k) {
      stoa_kept *const other = &all->items[k];
      one = !other->column && stoa_table_same(&other->table, &from->table) && same_list(&other->values, &own) ? other
                                                                                                              : NULL;
    }
    if (!one) {
      STOA_PUSH(r->arena, all, ((stoa_kept){.table = from->table, .values = own}));
      one = &all->items[all->n - 1];
    }
    STOA_PUSH(r->arena, &one->places, from);
  }
}

static void look_below(stoa_rels *r, const stoa_rel *rel, stoa_kept_list *all)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    look_at(r, block, all);
    look_for_same(r, block, all);
    for (uint32_t k = 0; k < block->from.n; ++k) {
      if (block->from.items[k].kind == STOA_FROM_SUB) {
        look_below(r, block->from.items[k].sub, all);
      }
    }
  }
}

// To keep the rows for all values costs one reading of the table and, for each kept row, about two to write it and one in
// each place; without it each place reads the table.
static bool is_worth_it(const stoa_kept *one)
{
  const double places = one->places.n;
  if (!one->column) {
    return one->places.n > 2;
  }
  return one->places.n > 1 && one->table.info->rows * (places - 1) > one->rows * (places + 2);
}

void stoa_rel_kept(stoa_rels *r, const stoa_rel *rel, stoa_kept_list *out)
{
  stoa_kept_list all = {0};
  look_below(r, rel, &all);
  for (uint32_t i = 0; i < all.n; ++i) {
    if (is_worth_it(&all.items[i])) {
      STOA_PUSH(r->arena, out, all.items[i]);
    }
  }
}
