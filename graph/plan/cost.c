// How many rows a relation or a node gives, roughly (Selinger et al., 1979): the rows of the tables, times the share
// that each condition leaves.  An equality leaves one of the column's distinct values, a join one of the greater number
// of the two.  Where nothing is known of a column, a key has as many values as rows and another a hundredth of them.
#include "graph/plan/cost.h"
#include "graph/base/hash.h"
#include "graph/plan/interval.h"
#include "graph/plan/rel.h"
#include <stdio.h>

enum { UNKNOWN_ROWS = 1000000, FEW_KEYS = 10 };

static double at_least_one(double rows)
{
  return rows < 1 ? 1 : rows;
}

static double rows_of_from(const stoa_from *from)
{
  switch (from->kind) {
    case STOA_FROM_CLOSURE:
      return 100;
    case STOA_FROM_ROWS:
      return from->rows->slot ? 10 : from->rows->n_rows;
    case STOA_FROM_SUB:
      return stoa_cost_rel(from->sub);
    default:
      return from->table.info && from->table.info->rows > 0 ? from->table.info->rows : UNKNOWN_ROWS;
  }
}

static bool is_key(const stoa_table_info *info, const stoa_column_info *column)
{
  const stoa_column_set bit = info ? stoa_table_bit(info, column->name) : 0;
  for (uint32_t i = 0; bit && i < info->n_keys; ++i) {
    if (info->keys[i] == bit) {
      return true;
    }
  }
  return false;
}

// How many values differ in a column of a block's tables; 0: there is no such table.
static double distinct_values(const stoa_block *block, const stoa_sx *sx)
{
  const stoa_from *const from = sx->kind == STOA_SX_COLUMN ? stoa_block_from(block, sx->alias) : NULL;
  if (!from) {
    return 0;
  }
  const double rows = rows_of_from(from);
  if (sx->info->n_distinct > 0) {
    return sx->info->n_distinct < rows ? sx->info->n_distinct : at_least_one(rows);
  }
  return from->kind == STOA_FROM_SUB || is_key(stoa_from_info(from), sx->info) ? at_least_one(rows)
                                                                               : at_least_one(rows / 100);
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

// How often a column has a constant, where its common values are known; 0: they are not.
static double share_of_value(const stoa_block *block, const stoa_sx *column, const stoa_sx *value)
{
  char digits[24];
  if (column->kind != STOA_SX_COLUMN || value->kind != STOA_SX_PARAM || value->param.kind != STOA_PARAM_VALUE ||
      column->info->other_share <= 0 || !stoa_block_from(block, column->alias)) {
    return 0;
  }
  stoa_slice text = value->param.value.text;
  if (value->param.value.kind == STOA_VALUE_INTEGER) {
    text =
      (stoa_slice){digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)value->param.value.as.integer)};
  } else if (value->param.value.kind != STOA_VALUE_TEXT) {
    return 0;
  }
  const uint64_t hash = stoa_hash_text(0, text.data, text.length);
  for (uint32_t i = 0; i < column->info->n_common; ++i) {
    if (column->info->common[i].hash == hash) {
      return column->info->common[i].share;
    }
  }
  return column->info->other_share;
}

static double share_of_equation(const stoa_block *block, const stoa_sx *a, const stoa_sx *b)
{
  const double known = share_of_value(block, a, b);
  if (known > 0) {
    return known;
  }
  const double x = distinct_values(block, a), y = distinct_values(block, b);
  return x || y ? 1 / (x > y ? x : y) : 0.1;
}

static double share_of_list(const stoa_block *block, const stoa_sx *column, const stoa_sx *list)
{
  double share = 0;
  for (uint32_t i = 0; i < list->n_args; ++i) {
    share += share_of_equation(block, column, list->args[i]);
  }
  return share < 1 ? share : 1;
}

// The share of the rows that a condition leaves, taken alone.
static double share_of(const stoa_block *block, const stoa_sx *sx)
{
  if (sx->kind == STOA_SX_EXISTS) {
    return 0.5;
  }
  if (stoa_sx_is_equation(sx)) {
    return share_of_equation(block, sx->args[0], sx->args[1]);
  }
  if (stoa_sx_is(sx, STOA_OP_IN)) {
    return share_of_list(block, sx->args[0], sx->args[1]);
  }
  if (sx->n_args == 2 && sx->args[0]->kind == STOA_SX_COLUMN && sx->args[1]->kind == STOA_SX_PARAM &&
      (sx->args[1]->param.kind == STOA_PARAM_KEYS || sx->args[1]->param.kind == STOA_PARAM_SLOT)) {
    const double values = distinct_values(block, sx->args[0]);
    return values > FEW_KEYS ? FEW_KEYS / values : 1;
  }
  if (stoa_sx_is(sx, STOA_OP_IS_NOT_NULL) && sx->args[0]->kind == STOA_SX_COLUMN) {
    const double nulls = sx->args[0]->info->null_fraction;
    return nulls > 0 ? 1 - nulls : 1;
  }
  stoa_interval interval;
  if (stoa_interval_of(sx, &interval)) {
    return stoa_interval_share(&interval);
  }
  if (stoa_sx_is(sx, STOA_OP_AND) || stoa_sx_is(sx, STOA_OP_ALSO)) {
    return share_of(block, sx->args[0]) * share_of(block, sx->args[1]);
  }
  // A bound of hours stands beside the comparison of the instant; who asks for a time asks for a small part of all.
  const bool near = sx->kind == STOA_SX_CALL && stoa_sql_op_is_bound(sx->op);
  return !compares_value(sx) ? 1 : near ? 0.4 : 1.0 / 3;
}

// Do both equate a column of one table with one of another, the same two?
static bool same_tables(const stoa_sx *a, const stoa_sx *b)
{
  const bool columns = stoa_sx_is_equation(a) && stoa_sx_is_equation(b) && a->args[0]->kind == STOA_SX_COLUMN &&
                       a->args[1]->kind == STOA_SX_COLUMN && b->args[0]->kind == STOA_SX_COLUMN &&
                       b->args[1]->kind == STOA_SX_COLUMN;
  const uint32_t x = columns ? a->args[0]->alias : 0, y = columns ? a->args[1]->alias : 0;
  return x != y &&
         ((b->args[0]->alias == x && b->args[1]->alias == y) || (b->args[0]->alias == y && b->args[1]->alias == x));
}

// Which of a block's conditions are counted; `from` is the table that is asked about, or NULL.
typedef bool (*is_counted)(const stoa_sx *sx, const stoa_from *from);

static bool all(const stoa_sx *sx, const stoa_from *from)
{
  (void)sx;
  (void)from;
  return true;
}

// Two bounds of one column leave what lies between them.
static double share_between(const stoa_block *block, uint32_t at, stoa_interval interval, is_counted counted,
                            const stoa_from *from)
{
  stoa_interval other;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    const stoa_sx *const sx = block->where.items[i];
    if (i == at || !counted(sx, from) || !stoa_interval_of(sx, &other) ||
        !stoa_sx_same(other.column, interval.column)) {
      continue;
    }
    if (i < at) {
      return 1; // the first of them speaks for all
    }
    stoa_interval_meet(&interval, &other);
  }
  return stoa_interval_share(&interval);
}

// Is it that a column is not NULL, which a bound of it tells as well?
static bool is_told(const stoa_block *block, const stoa_sx *sx, is_counted counted, const stoa_from *from)
{
  stoa_interval interval;
  bool told = false;
  for (uint32_t i = 0; stoa_sx_is(sx, STOA_OP_IS_NOT_NULL) && i < block->where.n && !told; ++i) {
    const stoa_sx *const other = block->where.items[i];
    told = counted(other, from) && stoa_interval_of(other, &interval) && stoa_sx_same(interval.column, sx->args[0]);
  }
  return told;
}

// Columns that are compared together are seldom independent: a key of several columns has no more values than its table
// has rows, and so a row finds about one.
static double share_of_where(const stoa_block *block, uint32_t at, is_counted counted, const stoa_from *from)
{
  const stoa_sx *const sx = block->where.items[at];
  stoa_interval interval;
  if (stoa_interval_of(sx, &interval)) {
    return share_between(block, at, interval, counted, from);
  }
  if (is_told(block, sx, counted, from)) {
    return 1;
  }
  double share = share_of(block, sx);
  bool several = false;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (i == at || !same_tables(sx, block->where.items[i])) {
      continue;
    }
    if (i < at) {
      return 1; // the first of them speaks for all
    }
    share *= share_of(block, block->where.items[i]);
    several = true;
  }
  const stoa_from *const x = several ? stoa_block_from(block, sx->args[0]->alias) : NULL;
  const stoa_from *const y = several ? stoa_block_from(block, sx->args[1]->alias) : NULL;
  if (!x || !y) {
    return share;
  }
  const double a = at_least_one(rows_of_from(x)), b = at_least_one(rows_of_from(y)), least = 1 / (a > b ? a : b);
  return share > least ? share : least;
}

static double share_of_conditions(const stoa_block *block, is_counted counted, const stoa_from *from)
{
  double share = 1;
  for (uint32_t i = 0; i < block->where.n; ++i) {
    share *= counted(block->where.items[i], from) ? share_of_where(block, i, counted, from) : 1;
  }
  return share;
}

// A group, or rows that are made distinct: so many as their columns have values, if all of them occur together.
static double groups_of(const stoa_block *block, const stoa_sx *const *columns, uint32_t n, double rows)
{
  double groups = 1;
  for (uint32_t i = 0; i < n; ++i) {
    const double values = columns[i]->kind == STOA_SX_COLUMN ? distinct_values(block, columns[i]) : 0;
    groups *= values ? values : at_least_one(rows / 10);
  }
  return groups < rows ? groups : rows;
}

static double rows_of_block(const stoa_block *block)
{
  double rows = 1;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    rows *= !block->from.items[i].left ? at_least_one(rows_of_from(&block->from.items[i])) : 1;
  }
  rows = at_least_one(rows * share_of_conditions(block, all, NULL));
  if (block->grouped) {
    rows = groups_of(block, block->group.items, block->group.n, rows);
  }
  return block->limit < rows ? (double)block->limit : rows;
}

static bool is_its_own(const stoa_sx *sx, const stoa_from *from)
{
  return stoa_sx_reads_only(sx, from->alias);
}

double stoa_cost_table(const stoa_block *block, uint32_t alias)
{
  const stoa_from *const from = stoa_block_from(block, alias);
  return from ? at_least_one(at_least_one(rows_of_from(from)) * share_of_conditions(block, is_its_own, from)) : 1;
}

static bool is_narrowed(const stoa_sx *sx, const stoa_from *from)
{
  const stoa_table_info *const info = stoa_from_info(from);
  return sx->kind == STOA_SX_CALL && sx->n_args == 2 && sx->args[0]->kind == STOA_SX_COLUMN &&
         sx->args[0]->alias == from->alias && compares_value(sx) && info &&
         (info->leading & stoa_table_bit(info, sx->args[0]->info->name));
}

double stoa_cost_found(const stoa_block *block, uint32_t alias)
{
  const stoa_from *const from = stoa_block_from(block, alias);
  return from ? at_least_one(at_least_one(rows_of_from(from)) * share_of_conditions(block, is_narrowed, from)) : 1;
}

// The database begins with the table of which it has to read the fewest rows, and finds the others by their indexes.
static double read_of_block(const stoa_block *block)
{
  double least = UNKNOWN_ROWS * 1000.0;
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    bool narrowed = from->kind != STOA_FROM_TABLE;
    for (uint32_t k = 0; k < block->where.n && !narrowed; ++k) {
      narrowed = is_narrowed(block->where.items[k], from);
    }
    const double rows = narrowed ? stoa_cost_table(block, from->alias) : rows_of_from(from);
    least = !from->left && rows < least ? rows : least;
  }
  return least + rows_of_block(block);
}

double stoa_cost_read(const stoa_rel *rel)
{
  double rows = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    rows += read_of_block(rel->blocks.items[i]);
  }
  return rows;
}

double stoa_cost_rel(const stoa_rel *rel)
{
  double rows = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    rows += rows_of_block(rel->blocks.items[i]);
  }
  return rows;
}

double stoa_cost_values(const stoa_rel *rel, stoa_var var)
{
  double all = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    const stoa_binding *const b = stoa_block_find(block, var);
    const double rows = rows_of_block(block);
    double values = 1;
    for (uint32_t k = 0; b && k < b->ctor->n_columns; ++k) {
      const double of_column = distinct_values(block, b->columns[k]);
      values *= of_column ? of_column : rows;
    }
    all += values < rows ? values : rows;
  }
  return all;
}

bool stoa_cost_finds(const stoa_rel *rel, stoa_var var)
{
  bool found = rel->blocks.n > 0;
  for (uint32_t i = 0; i < rel->blocks.n && found; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    const stoa_binding *const b = stoa_block_find(block, var);
    found = false;
    for (uint32_t k = 0; b && k < b->ctor->n_columns && !found; ++k) {
      const stoa_sx *const column = b->columns[k];
      const stoa_from *const from = column->kind == STOA_SX_COLUMN ? stoa_block_from(block, column->alias) : NULL;
      const stoa_table_info *const info = from ? stoa_from_info(from) : NULL;
      found = info && (info->leading & stoa_table_bit(info, column->info->name));
    }
  }
  return found;
}

double stoa_cost_pattern(const stoa_source *source, const stoa_pattern *t)
{
  const stoa_slot *const slots[] = {&t->subject, &t->predicate, &t->object};
  stoa_term terms[3];
  for (int i = 0; i < 3; ++i) {
    terms[i] = slots[i]->var == STOA_NO_VAR ? slots[i]->term : (stoa_term){0};
  }
  return stoa_source_native_matching(source, terms[0], terms[1], terms[2]);
}

// A pattern whose objects are bounded is counted between the bounds.
static double rows_of_pattern(const stoa_plan_node *node, const stoa_pattern *t)
{
  double rows = stoa_cost_pattern(node->source, t);
  for (uint32_t i = 0; i < node->quads.n_ranges && t->predicate.var == STOA_NO_VAR; ++i) {
    const stoa_plan_range *const range = &node->quads.ranges[i];
    if (t->object.var == range->var) {
      const double between = stoa_source_native_between(node->source, t->predicate.term, range->least, range->most);
      rows = between < rows ? between : rows;
    }
  }
  return rows;
}

// Patterns of one scan share variables, as a rule: the rarest tells how many rows they have together.
static double rows_of_quads(const stoa_plan_node *node)
{
  double least = UNKNOWN_ROWS * 1000.0;
  for (uint32_t i = 0; i < node->quads.n_patterns; ++i) {
    const double rows = rows_of_pattern(node, node->quads.patterns[i]);
    least = rows < least ? rows : least;
  }
  const double left = node->inputs[0] ? stoa_cost_node(node->inputs[0]) : least;
  return left < least ? left : least;
}

double stoa_cost_node(const stoa_plan_node *node)
{
  double a, b;
  switch (node->kind) {
    case STOA_PLAN_EMPTY:
      return 0;
    case STOA_PLAN_UNIT:
      return 1;
    case STOA_PLAN_VALUES:
      return node->node->slot ? 10 : node->node->n_rows;
    case STOA_PLAN_SQL:
      return stoa_cost_rel(node->sql.rel);
    case STOA_PLAN_QUADS:
      return rows_of_quads(node);
    case STOA_PLAN_UNION:
      return stoa_cost_node(node->inputs[0]) + stoa_cost_node(node->inputs[1]);
    case STOA_PLAN_FILTER:
      return stoa_cost_node(node->inputs[0]) / 3;
    case STOA_PLAN_JOIN:
      a = stoa_cost_node(node->inputs[0]);
      b = stoa_cost_node(node->inputs[1]);
      return a < b ? a : b;
    case STOA_PLAN_ORDER:
      a = stoa_cost_node(node->inputs[0]);
      return node->limit && node->limit < a ? node->limit : a;
    case STOA_PLAN_SLICE:
      a = stoa_cost_node(node->inputs[0]);
      return node->node->limit < a ? (double)node->node->limit : a;
    default:
      return node->inputs[0] ? stoa_cost_node(node->inputs[0]) : UNKNOWN_ROWS;
  }
}

// What is read for all rows of the statements below that can be asked for given terms, and for each of these.
static void read_below(const stoa_plan_node *node, double *all, double *each)
{
  if (node->kind == STOA_PLAN_SQL && node->sql.bound) {
    *all += stoa_cost_read(node->sql.rel);
    *each += stoa_cost_read(node->sql.bound->sql.rel) / FEW_KEYS;
  }
  if (node->kind == STOA_PLAN_QUADS && node->quads.keyed) {
    *all += stoa_cost_node(node);
    *each += 1;
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    read_below(node->inputs[i], all, each);
  }
}

// A row that is found by an index costs as much as some that are read in their order.  Where no index finds them, the
// rows that do not come save something all the same.
static double most_sent(const stoa_plan_node *right)
{
  enum { DEARER = 4 };
  double all = 0, each = 0;
  read_below(right, &all, &each);
  const double found = each > 0 ? all / each : 0;
  return (found > right->rows ? found : right->rows) / DEARER;
}

void stoa_cost_expect(stoa_plan_node *root)
{
  root->rows = stoa_cost_node(root);
  for (int i = 0; i < 2 && root->inputs[i]; ++i) {
    stoa_cost_expect((stoa_plan_node *)root->inputs[i]); // the planner's own, and not yet shared
  }
  if (stoa_plan_is_join(root) && root->join.sends) {
    root->join.most_sent = most_sent(root->inputs[1]);
  }
}
