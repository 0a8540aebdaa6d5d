// SQL text from blocks.  Constants are never printed: each becomes a "?" and a parameter.
#include "graph/plan/rel.h"
#include "graph/base/assert.h"
#include <stdio.h>

typedef struct {
  stoa_rels *r;
  const stoa_dialect *dialect;
  stoa_params *params;
  stoa_buf *out;
  const stoa_rel_shared_list *shared; ///< subqueries and recursions that stand before the statement
  const stoa_kept_list *kept;         ///< and rows of tables
  const stoa_wanted_groups *wanted;   ///< of a subquery that is printed; or NULL
} printer;

static void print_rel(const printer *p, const stoa_rel *rel, const stoa_rel_layout *layout, bool named);

static void print_column(const printer *p, const stoa_sx *sx)
{
  char alias[16];
  snprintf(alias, sizeof alias, "t%u", sx->alias);
  stoa_column_print(sx->info, alias, p->out);
}

static stoa_sql_type param_type(const stoa_param *param)
{
  switch (param->kind) {
    case STOA_PARAM_KEYS:
      return STOA_SQL_TEXT;
    case STOA_PARAM_SLOT:
      return param->many ? STOA_SQL_TEXT : param->ctor->columns[param->part]->type;
    case STOA_PARAM_NOW:
      return STOA_SQL_INTEGER;
    default:
      STOA_ASSERT(param->kind == STOA_PARAM_VALUE); // the others are of sources that do not cast
      return param->value.kind == STOA_VALUE_INTEGER   ? STOA_SQL_INTEGER
             : param->value.kind == STOA_VALUE_REAL    ? STOA_SQL_REAL
             : param->value.kind == STOA_VALUE_DECIMAL ? STOA_SQL_DECIMAL
                                                       : param->type;
  }
}

static void print_param(const printer *p, const stoa_param *param)
{
  STOA_PUSH(p->r->arena, p->params, *param);
  stoa_buf_text(p->out, p->dialect->cast ? "CAST(" : "");
  if (p->dialect->numbered) {
    stoa_buf_print(p->out, "$%u", p->params->n);
  } else {
    stoa_buf_byte(p->out, '?');
  }
  if (p->dialect->cast) {
    stoa_buf_print(p->out, " AS %s)", p->dialect->types[param_type(param)]);
  }
}

static bool is_text(const stoa_sx *sx)
{
  return sx->info && sx->info->type == STOA_SQL_TEXT;
}

static void print_exists(const printer *p, const stoa_rel *sub);

static void print_sx(const printer *p, const stoa_sx *sx)
{
  if (sx->kind == STOA_SX_COLUMN) {
    print_column(p, sx);
    return;
  }
  if (sx->kind == STOA_SX_PARAM) {
    print_param(p, &sx->param);
    return;
  }
  if (sx->kind == STOA_SX_EXISTS) {
    print_exists(p, sx->sub);
    return;
  }
  if (sx->op == STOA_OP_NUMBER) {
    stoa_buf_print(p->out, "%lld", (long long)sx->number);
    return;
  }
  const bool texts = stoa_sx_is_equation(sx) && (is_text(sx->args[0]) || is_text(sx->args[1]));
  const bool by_letter = texts && stoa_sql_op_said(STOA_OP_SAME_TEXT, p->dialect);
  const stoa_sql_type type = sx->n_args && sx->args[0]->info ? sx->args[0]->info->type : STOA_SQL_ANY;
  const char *const text = stoa_sql_op_text(by_letter ? STOA_OP_SAME_TEXT : sx->op, p->dialect, type);
  STOA_ASSERT(text);
  for (const char *c = text; *c; ++c) {
    if (*c == '%' && c[1] == '*') {
      for (uint32_t i = 0; i < sx->n_args; ++i) {
        stoa_buf_text(p->out, i ? ", " : "");
        print_sx(p, sx->args[i]);
      }
      ++c;
    } else if (*c == '%' && c[1] >= '0' && c[1] <= '2') {
      print_sx(p, sx->args[c[1] - '0']);
      ++c;
    } else {
      stoa_buf_byte(p->out, *c);
    }
  }
}

static void print_list(const printer *p, const stoa_sx_list *list)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (i) {
      stoa_buf_text(p->out, ", ");
    }
    print_sx(p, list->items[i]);
  }
}

enum { LONGEST_CHAIN = 256 };

// A long chain is a tree: SQLite reads none that is a thousand deep.
static void print_all_of(const printer *p, const stoa_sx *const *items, uint32_t n)
{
  if (n > LONGEST_CHAIN) {
    stoa_buf_byte(p->out, '(');
    print_all_of(p, items, n / 2);
    stoa_buf_text(p->out, ") AND (");
    print_all_of(p, items + n / 2, n - n / 2);
    stoa_buf_byte(p->out, ')');
    return;
  }
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(p->out, i ? " AND " : "");
    print_sx(p, items[i]);
  }
}

static void print_steps(const printer *p, const stoa_closure *c)
{
  stoa_rel_layout layout;
  stoa_rel_lay_out(p->r, c->steps, false, false, &layout);
  stoa_buf_byte(p->out, '(');
  print_rel(p, c->steps, &layout, true);
  stoa_buf_text(p->out, ") AS s");
}

static void print_columns(const printer *p, const char *of, uint32_t first, uint32_t width)
{
  for (uint32_t k = 0; k < width; ++k) {
    stoa_buf_print(p->out, "%s%s.c%u", k ? ", " : "", of, first + k);
  }
}

static void print_seed(const printer *p, const stoa_rel *seed)
{
  stoa_rel_layout layout;
  stoa_rel_lay_out(p->r, seed, false, false, &layout);
  stoa_buf_byte(p->out, '(');
  print_rel(p, seed, &layout, true);
  stoa_buf_text(p->out, ") AS k");
}

// From what the seed gives: by no step at all, or by the first.
static void print_seeded(const printer *p, const stoa_closure *c)
{
  print_columns(p, c->zero ? "k" : "s", c->zero ? 0 : c->start, c->width);
  stoa_buf_text(p->out, ", ");
  print_columns(p, c->zero ? "k" : "s", c->zero ? 0 : c->next, c->width);
  stoa_buf_text(p->out, " FROM ");
  print_seed(p, c->seed);
  if (c->zero) {
    return;
  }
  stoa_buf_text(p->out, " JOIN ");
  print_steps(p, c);
  for (uint32_t k = 0; k < c->width; ++k) {
    stoa_buf_print(p->out, "%ss.c%u = k.c%u", k ? " AND " : " ON ", c->start + k, k);
  }
}

static void print_first_steps(const printer *p, const stoa_closure *c)
{
  stoa_buf_text(p->out, "SELECT ");
  if (c->seed) {
    print_seeded(p, c);
    return;
  }
  if (c->zero) {
    print_list(p, &c->values);
    return;
  }
  if (!c->values.n) {
    print_columns(p, "s", c->start, c->width);
    stoa_buf_text(p->out, ", ");
  }
  print_columns(p, "s", c->next, c->width);
  stoa_buf_text(p->out, " FROM ");
  print_steps(p, c);
  for (uint32_t k = 0; k < c->values.n; ++k) {
    stoa_buf_print(p->out, "%ss.c%u = ", k ? " AND " : " WHERE ", c->start + k);
    print_sx(p, c->values.items[k]);
  }
}

static void print_closure(const printer *p, const stoa_closure *c)
{
  const uint32_t reached = c->values.n ? 0 : c->width;
  stoa_buf_text(p->out, "(WITH RECURSIVE p(");
  for (uint32_t k = 0; k < reached + c->width; ++k) {
    stoa_buf_print(p->out, "%sc%u", k ? ", " : "", k);
  }
  stoa_buf_text(p->out, ") AS (");
  print_first_steps(p, c);
  stoa_buf_text(p->out, " UNION SELECT ");
  if (reached) {
    print_columns(p, "p", 0, c->width);
    stoa_buf_text(p->out, ", ");
  }
  print_columns(p, "s", c->next, c->width);
  stoa_buf_text(p->out, " FROM p JOIN ");
  print_steps(p, c);
  for (uint32_t k = 0; k < c->width; ++k) {
    stoa_buf_print(p->out, "%ss.c%u = p.c%u", k ? " AND " : " ON ", c->start + k, reached + k);
  }
  stoa_buf_text(p->out, ") SELECT * FROM p)");
}

static void print_sub(const printer *p, const stoa_rel *sub)
{
  stoa_rel_layout layout;
  stoa_rel_lay_out(p->r, sub, false, false, &layout);
  stoa_buf_byte(p->out, '(');
  print_rel(p, sub, &layout, true);
  stoa_buf_byte(p->out, ')');
}

static void print_table_name(const printer *p, const stoa_leaf_table *table)
{
  if (table->view) {
    const bool comments = strstr(table->view, "--") != NULL; // one at the end would hide the bracket
    stoa_buf_print(p->out, comments ? "(%s\n)" : "(%s)", table->view);
  } else if (table->info && table->info->sql) {
    stoa_buf_text(p->out, table->info->sql);
  } else {
    stoa_sql_name(table->table, p->out);
  }
}

// Which of the kept rows stand for the table here; p->kept->n: none.
static uint32_t kept_at(const printer *p, const stoa_from *from)
{
  for (uint32_t i = 0; i < p->kept->n; ++i) {
    for (uint32_t k = 0; k < p->kept->items[i].places.n; ++k) {
      if (p->kept->items[i].places.items[k] == from) {
        return i;
      }
    }
  }
  return p->kept->n;
}

// Which of the shared subqueries and recursions stands for it; p->shared->n: none.
static uint32_t shared_at(const printer *p, const stoa_from *from)
{
  for (uint32_t i = 0; i < p->shared->n; ++i) {
    const stoa_rel_shared_one *const one = &p->shared->items[i];
    if ((from->kind == STOA_FROM_SUB && one->rel == from->sub) ||
        (from->kind == STOA_FROM_CLOSURE && one->closure == from->closure)) {
      return i;
    }
  }
  return p->shared->n;
}

static void print_own(const printer *p, const stoa_from *from)
{
  switch (from->kind) {
    case STOA_FROM_SUB:
      print_sub(p, from->sub);
      break;
    case STOA_FROM_CLOSURE:
      print_closure(p, from->closure);
      break;
    case STOA_FROM_ROWS:
      STOA_PUSH(p->r->arena, p->params, ((stoa_param){.kind = STOA_PARAM_ROWS, .values = from->rows}));
      stoa_buf_text(p->out, "json_each(?)");
      break;
    default:
      print_table_name(p, &from->table);
  }
}

static void print_table(const printer *p, const stoa_from *from)
{
  const uint32_t kept = kept_at(p, from), shared = shared_at(p, from);
  if (kept < p->kept->n) {
    stoa_buf_print(p->out, "h%u", kept);
  } else if (shared < p->shared->n) {
    stoa_buf_print(p->out, "k%u", shared);
  } else {
    print_own(p, from);
  }
  stoa_buf_print(p->out, " AS t%u", from->alias);
}

// A recursion gives few rows, and so do those that are kept by their conditions, which SQLite does not know: they stand
// first, and fix the order, where an index of the table that is joined to them finds that table's rows.
static bool leads(const printer *p, const stoa_block *block, const stoa_from *few)
{
  const uint32_t kept = kept_at(p, few);
  const bool found = kept < p->kept->n && !p->kept->items[kept].column;
  const bool reaches = few->kind == STOA_FROM_CLOSURE && (few->closure->values.n > 0 || few->closure->seed != NULL);
  return p->dialect->join_after && (found || reaches) && stoa_block_finds_by(block, few->alias);
}

// Is it asked for the groups of the other tables' rows alone, by `by`?
static bool is_asked_by_group(const printer *p, const stoa_block *block, const stoa_from *from, stoa_sx_list *by)
{
  return kept_at(p, from) == p->kept->n && shared_at(p, from) == p->shared->n &&
         stoa_block_wants_groups(p->r, block, from, by);
}

static bool is_lateral(const printer *p, const stoa_block *block, const stoa_from *from)
{
  stoa_sx_list by = {0};
  return p->dialect->lateral && is_asked_by_group(p, block, from, &by);
}

// A table where it stands in its block.  OFFSET 0 keeps PostgreSQL from making a join of LATERAL again.
static void print_joined(const printer *p, const stoa_block *block, const stoa_from *from)
{
  stoa_sx_list by = {0};
  stoa_wanted_groups wanted;
  printer inner = *p;
  if (!is_asked_by_group(p, block, from, &by)) {
    print_table(p, from);
  } else if (p->dialect->lateral) {
    stoa_buf_text(p->out, "LATERAL (SELECT * FROM ");
    print_table(p, from);
    stoa_buf_text(p->out, " WHERE ");
    print_all_of(p, by.items, by.n);
    stoa_buf_print(p->out, " OFFSET 0) AS t%u", from->alias);
  } else {
    stoa_block_wanted_groups(p->r, block, from, by.items[0], &wanted);
    inner.wanted = &wanted;
    print_table(&inner, from);
  }
}

// Inner tables first, then the left joins in order: their conditions may speak of all before them.
static void print_from(const printer *p, const stoa_block *block)
{
  bool any = false, led = false;
  for (uint32_t pass = 0; pass < 2; ++pass) {
    for (uint32_t i = 0; i < block->from.n; ++i) {
      const stoa_from *const from = &block->from.items[i];
      const bool first = leads(p, block, from);
      if (!from->left && first == (pass == 0) && !is_lateral(p, block, from)) {
        stoa_buf_text(p->out, !any ? " FROM " : led ? p->dialect->join_after : p->dialect->join);
        print_joined(p, block, from);
        any = true;
        led = pass == 0; // only the table after it must stay there
      }
    }
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    if (!block->from.items[i].left && is_lateral(p, block, &block->from.items[i])) {
      stoa_buf_text(p->out, p->dialect->join);
      print_joined(p, block, &block->from.items[i]);
    }
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    if (!from->left) {
      continue;
    }
    stoa_buf_text(p->out, any ? " LEFT JOIN " : " FROM (SELECT 1) AS one LEFT JOIN ");
    print_joined(p, block, from);
    stoa_buf_text(p->out, " ON ");
    if (from->on.n) {
      print_all_of(p, from->on.items, from->on.n);
    } else {
      stoa_buf_text(p->out, "TRUE");
    }
    any = true;
  }
}

static void print_exists(const printer *p, const stoa_rel *sub)
{
  stoa_buf_text(p->out, sub->blocks.n > 1 ? "(" : "");
  for (uint32_t i = 0; i < sub->blocks.n; ++i) {
    stoa_buf_text(p->out, i ? " OR EXISTS (SELECT 1" : "EXISTS (SELECT 1");
    print_from(p, sub->blocks.items[i]);
    if (sub->blocks.items[i]->where.n) {
      stoa_buf_text(p->out, " WHERE ");
      print_all_of(p, sub->blocks.items[i]->where.items, sub->blocks.items[i]->where.n);
    }
    stoa_buf_byte(p->out, ')');
  }
  stoa_buf_text(p->out, sub->blocks.n > 1 ? ")" : "");
}

static void print_order(const printer *p, const stoa_block *block)
{
  for (uint32_t i = 0; i < block->order.n; ++i) {
    stoa_buf_text(p->out, i ? ", " : " ORDER BY ");
    const bool descending = block->order.items[i].descending;
    print_sx(p, block->order.items[i].sx);
    stoa_buf_text(p->out, descending ? " DESC" : "");
    if (p->dialect->nulls_high) {
      stoa_buf_text(p->out, descending ? " NULLS LAST" : " NULLS FIRST");
    }
  }
  if (block->with_ties) {
    stoa_buf_print(p->out, " FETCH FIRST %llu ROWS WITH TIES", (unsigned long long)block->limit);
  } else if (block->limit > INT64_MAX && block->offset) {
    stoa_buf_print(p->out, " LIMIT %s", p->dialect->all_rows);
  } else if (block->limit <= INT64_MAX) {
    stoa_buf_print(p->out, " LIMIT %llu", (unsigned long long)block->limit);
  }
  if (block->offset) {
    stoa_buf_print(p->out, " OFFSET %llu", (unsigned long long)block->offset);
  }
}

// Would an index be followed through the whole table because DISTINCT wants its column in order?  The rows lie in
// another one, and are many.
static bool orders_distinct(const printer *p, const stoa_block *block, const stoa_sx *sx)
{
  const stoa_table_info *const info = block->from.n == 1 ? stoa_from_info(&block->from.items[0]) : NULL;
  return p->dialect->no_order && block->distinct && info && is_text(sx) && sx->kind == STOA_SX_COLUMN &&
         (info->leading & stoa_table_bit(info, sx->info->name));
}

static void print_cell(const printer *p, const stoa_block *block, uint32_t number, const stoa_rel_layout *layout,
                       uint32_t place)
{
  stoa_sx_list columns = {0};
  stoa_block_columns(p->r, block, &columns);
  if (layout->tagged && place == 0) {
    stoa_buf_print(p->out, "%u", number);
    return;
  }
  for (uint32_t i = 0; i < columns.n; ++i) {
    if (layout->places[number][i] == place) {
      stoa_buf_text(p->out, orders_distinct(p, block, columns.items[i]) ? p->dialect->no_order : "");
      print_sx(p, columns.items[i]);
      return;
    }
  }
  const stoa_column_info *const cell = &layout->cells[place];
  if (p->dialect->typed && p->dialect->types[cell->type]) {
    stoa_buf_text(p->out, "CAST(NULL AS ");
    stoa_buf_text(p->out, p->dialect->types[cell->type]);
    if (cell->type == STOA_SQL_DECIMAL && !p->dialect->wide_decimals) {
      stoa_buf_print(p->out, "(31, %d)", cell->scale); // the most that all databases know
    }
    stoa_buf_text(p->out, cell->zoned ? " with time zone)" : ")");
  } else {
    stoa_buf_text(p->out, "NULL");
  }
}

static bool has_param(const stoa_sx *sx, bool hosted)
{
  bool found = sx->kind == STOA_SX_PARAM && (sx->param.kind == STOA_PARAM_HOSTED) == hosted;
  for (uint32_t i = 0; i < sx->n_args && !found; ++i) {
    found = has_param(sx->args[i], hosted);
  }
  return found;
}

// Kept rows are those for which their conditions hold; a database that reads them again counts them twice.
static bool is_kept(const printer *p, const stoa_block *block, const stoa_sx *sx)
{
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    const uint32_t kept = kept_at(p, from);
    if (kept == p->kept->n || p->kept->items[kept].column) {
      continue;
    }
    const stoa_sx *const own = stoa_sx_reads_only(sx, from->alias) ? stoa_sx_renamed(p->r, sx, from->alias, 0) : NULL;
    for (uint32_t k = 0; own && k < p->kept->items[kept].values.n; ++k) {
      if (stoa_sx_same(own, p->kept->items[kept].values.items[k])) {
        return true;
      }
    }
  }
  return false;
}

static bool compares(const stoa_sx *sx, const stoa_sx *column)
{
  return stoa_sx_is_equation(sx) && (stoa_sx_same(sx->args[0], column) || stoa_sx_same(sx->args[1], column));
}

// A column that an equation holds for is not NULL.  It is not said again: SQLite takes a condition of one table for
// one that leaves out many of its rows, and reads the whole table into a filter before it looks any up.
static bool is_said_by_another(const stoa_sx *sx, const stoa_sx_list *where)
{
  bool said = false;
  if (stoa_sx_is(sx, STOA_OP_IS_NOT_NULL)) {
    for (uint32_t i = 0; i < where->n && !said; ++i) {
      said = compares(where->items[i], sx->args[0]);
    }
  }
  return said;
}

// Where the database asks conditions in the order of the text: values first, they leave the fewest rows, but not what
// calls back.
static bool print_where(const printer *p, const stoa_block *block, const stoa_sx_list *where)
{
  const stoa_sx **const ordered = STOA_NEWS(p->r->arena, const stoa_sx *, where->n + 1);
  uint32_t n = 0;
  for (int others = 0; others < 2; ++others) {
    for (uint32_t i = 0; i < where->n; ++i) {
      const stoa_sx *const sx = where->items[i];
      const bool first =
        !stoa_sql_op_said(STOA_OP_IS_NUMBER, p->dialect) || (has_param(sx, false) && !has_param(sx, true));
      if (first == !others && !is_said_by_another(sx, where) && !(block && is_kept(p, block, sx))) {
        ordered[n++] = sx;
      }
    }
  }
  if (n) {
    stoa_buf_text(p->out, " WHERE ");
    print_all_of(p, ordered, n);
  }
  return n > 0;
}

static void print_wanted(const printer *p, bool more)
{
  printer alone = *p;
  alone.wanted = NULL;
  stoa_buf_text(p->out, more ? " AND " : " WHERE ");
  print_sx(&alone, p->wanted->key);
  stoa_buf_text(p->out, " IN (SELECT ");
  print_sx(&alone, p->wanted->column);
  print_from(&alone, p->wanted->others);
  print_where(&alone, p->wanted->others, &p->wanted->others->where);
  stoa_buf_byte(p->out, ')');
}

static void print_block(const printer *p, const stoa_block *block, uint32_t number, const stoa_rel_layout *layout,
                        bool named)
{
  stoa_buf_text(p->out, block->distinct ? "SELECT DISTINCT " : "SELECT ");
  for (uint32_t i = 0; i < layout->width; ++i) {
    stoa_buf_text(p->out, i ? ", " : "");
    print_cell(p, block, number, layout, i);
    if (named) {
      stoa_buf_print(p->out, " AS c%u", i);
    }
  }
  if (layout->width == 0) {
    stoa_buf_text(p->out, "1");
  }
  print_from(p, block);
  const bool asks = print_where(p, block, &block->where);
  if (p->wanted && p->wanted->block == block) {
    print_wanted(p, asks);
  }
  if (block->group.n) {
    stoa_buf_text(p->out, " GROUP BY ");
    print_list(p, &block->group);
  }
  if (block->of_rows) {
    stoa_buf_text(p->out, " HAVING COUNT(*) > 0");
  }
  print_order(p, block);
}

static void print_rel(const printer *p, const stoa_rel *rel, const stoa_rel_layout *layout, bool named)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    const bool wrap = rel->blocks.n > 1 && (block->order.n || block->limit != UINT64_MAX || block->offset);
    if (i) {
      stoa_buf_text(p->out, rel->set ? " UNION " : " UNION ALL ");
    }
    if (wrap) {
      stoa_buf_text(p->out, "SELECT * FROM (");
    }
    print_block(p, block, i, layout, named);
    if (wrap) {
      stoa_buf_text(p->out, ") AS w");
    }
  }
}

static void print_kept(const printer *p)
{
  for (uint32_t i = 0; i < p->kept->n; ++i) {
    const stoa_kept *const one = &p->kept->items[i];
    stoa_buf_print(p->out, i ? ", h%u AS %s (SELECT * FROM " : "WITH h%u AS %s (SELECT * FROM ", i,
                   p->dialect->materialized);
    print_table_name(p, &one->table);
    if (!one->column) {
      stoa_buf_text(p->out, " AS t0");
      print_where(p, NULL, &one->values);
      stoa_buf_byte(p->out, ')');
      continue;
    }
    stoa_buf_text(p->out, " WHERE ");
    stoa_sql_name(one->column->name, p->out);
    stoa_buf_text(p->out, " IN (");
    print_list(p, &one->values);
    stoa_buf_text(p->out, "))");
  }
}

void stoa_rel_print(stoa_rels *r, const stoa_rel *rel, stoa_params *params, stoa_rel_layout *layout, stoa_buf *out)
{
  stoa_rel_shared_list all = {0}, shared = {0};
  stoa_kept_list kept = {0};
  const printer p = {.r = r,
                     .dialect = rel->source->dialect,
                     .params = params,
                     .out = out,
                     .shared = &shared,
                     .kept = &kept};
  stoa_rel_shared(r, rel, &all);
  if (p.dialect->materialized) {
    stoa_rel_kept(r, rel, &kept);
    print_kept(&p);
  }
  for (uint32_t i = 0; i < all.n; ++i) {
    stoa_buf_print(out, i || kept.n ? ", k%u AS " : "WITH k%u AS ", i);
    if (all.items[i].closure) {
      print_closure(&p, all.items[i].closure);
    } else {
      print_sub(&p, all.items[i].rel);
    }
    STOA_PUSH(r->arena, &shared, all.items[i]); // those after it may read it
  }
  stoa_buf_text(out, shared.n || kept.n ? " " : "");
  stoa_rel_lay_out(r, rel, rel->blocks.n > 1, rel->blocks.n > 1 && p.dialect->typed, layout);
  print_rel(&p, rel, layout, false);
}
