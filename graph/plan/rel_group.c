// Grouping, DISTINCT, ORDER BY and LIMIT in SQL (rules 3, 23, 24, 26 and 27).
//
// SPARQL groups and orders terms, SQL groups and orders columns.  A column may stand for the term that is made from it
// only where equal columns make equal terms and the other way round (`faithful`), and for ORDER BY, MIN and MAX only
// where its order is that of the terms as well (`is_ordered`).  Dates, booleans and columns without a declared type can
// write one value in two ways in some databases, so they stay in the executor there.  Aggregates have a second trap:
// SQL leaves NULLs out, while an unbound argument is an error in SPARQL that makes the whole aggregate one, except in
// COUNT.
#include "graph/plan/unique.h"
#include "graph/plan/rel.h"
#include "graph/base/assert.h"
#include "graph/term/vocab.h"

// Two zeros are equal and two terms, but of one value: their order is the same.
static bool faithful_column(const stoa_rels *r, const stoa_sx *sx, bool by_value)
{
  const stoa_sql_type type = sx->info ? sx->info->type : STOA_SQL_ANY;
  if (type == STOA_SQL_TEXT && stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect)) {
    return false; // equal texts may be of different letters
  }
  const bool typed = type == STOA_SQL_DATETIME || type == STOA_SQL_BOOLEAN;
  return type == STOA_SQL_INTEGER || type == STOA_SQL_DATE || type == STOA_SQL_TEXT || type == STOA_SQL_DECIMAL ||
         (type == STOA_SQL_REAL && (by_value || !r->dialect->one_writing)) || type == STOA_SQL_PACKED ||
         type == STOA_SQL_CHAR ||
         (r->dialect->one_writing && typed);
}

static bool columns_faithful(const stoa_rels *r, const stoa_binding *b, bool by_value)
{
  if (!stoa_binding_exact(b)) {
    return false;
  }
  for (uint32_t k = 0; k < b->ctor->n_columns; ++k) {
    if (!faithful_column(r, b->columns[k], by_value)) {
      return false;
    }
  }
  return true;
}

// Are equal columns equal terms, and different ones different terms?
static bool faithful(const stoa_rels *r, const stoa_binding *b)
{
  return columns_faithful(r, b, false);
}

// Does SQL's order of the column choose the same term as SPARQL's order of terms?  A number written into a text, or a
// text into a number, is ordered otherwise by each.
static bool is_ordered(const stoa_rels *r, const stoa_binding *b)
{
  return b->ctor->n_columns && columns_faithful(r, b, true) && // a constant has no column
         stoa_ctor_ordered(b->ctor, b->columns[0]->info, r->dialect->one_writing);
}

// One open block for all rows.
static stoa_said single(stoa_rels *r, const stoa_rel *a, const stoa_block **out)
{
  if (a->blocks.n == 1 && !a->blocks.items[0]->closed && !a->set) {
    *out = a->blocks.items[0];
    return STOA_SAID_UNCHANGED;
  }
  return stoa_rel_open(r, a, out);
}

// A copy that binds nothing yet.
static stoa_block *reshaped(stoa_rels *r, const stoa_block *a)
{
  stoa_block *const block = stoa_block_copy(r, a);
  block->bindings.items = NULL;
  block->bindings.n = block->bindings.capacity = 0;
  return block;
}

static const stoa_sx *scale_of(stoa_rels *r, const stoa_sx *column)
{
  return stoa_sx_number(r, column->info->scale);
}

// COUNT(*) counts rows, COUNT(?x) those in which ?x is bound, as SQL's COUNT of a column does; DISTINCT counts terms,
// and so columns where these are faithful.
static stoa_said add_count(stoa_rels *r, const stoa_aggregate *a, const stoa_binding *b, stoa_binding *out)
{
  const stoa_sx *sx = NULL;
  if (!a->expr) {
    sx = a->distinct ? NULL : stoa_sx_call(r, STOA_OP_COUNT_ROWS, NULL, NULL);
  } else if (b && b->ctor->n_columns == 1 && !b->guard) {
    sx = a->distinct ? (faithful(r, b) ? stoa_sx_call(r, STOA_OP_COUNT_DISTINCT, b->columns[0], NULL) : NULL)
                     : stoa_sx_call(r, STOA_OP_COUNT, b->columns[0], NULL);
  } else if (b && !a->distinct && !b->nullable) {
    sx = stoa_sx_call(r, STOA_OP_COUNT_ROWS, NULL, NULL);
  }
  if (!sx) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_binding_computed(r, a->out, sx, STOA_SQL_INTEGER, STOA_XSD "integer", false);
  return STOA_SAID;
}

// Sums are exact where the column is: whole numbers and decimals.  Doubles depend on the order of adding, and are left
// to the executor.
static stoa_said add_sum(stoa_rels *r, const stoa_aggregate *a, const stoa_binding *b, stoa_binding *out)
{
  const stoa_sx *const c = b->columns[0];
  const stoa_sql_type type = c->info->type;
  const bool average = a->kind == STOA_AGG_AVG;
  const stoa_slice datatype = stoa_ctor_datatype(b->ctor);
  if (a->distinct || (average && !stoa_sql_op_said(STOA_OP_AVERAGE, r->dialect))) {
    return STOA_CANNOT_SAY;
  }
  if (type == STOA_SQL_INTEGER && stoa_slice_is(datatype, STOA_XSD "integer") && a->of_bound && !average) {
    if (!stoa_sql_op_said(STOA_OP_SUM_OR_NULL, r->dialect)) {
      return STOA_CANNOT_SAY;
    }
    *out = stoa_binding_computed(r, a->out, stoa_sx_call(r, STOA_OP_SUM_OR_NULL, c, NULL), STOA_SQL_LEXICAL,
                                 STOA_XSD "integer", true);
    return STOA_SAID;
  }
  if (type == STOA_SQL_INTEGER && stoa_slice_is(datatype, STOA_XSD "integer")) {
    const bool wide = stoa_sql_op_said(STOA_OP_WIDE_SUM, r->dialect);
    *out = average ? stoa_binding_computed(r, a->out, stoa_sx_call(r, STOA_OP_AVERAGE, c, scale_of(r, c)),
                                           STOA_SQL_LEXICAL, STOA_XSD "decimal", true)
           : wide  ? stoa_binding_computed(r, a->out, stoa_sx_call(r, STOA_OP_WIDE_SUM, c, NULL), STOA_SQL_LEXICAL,
                                           STOA_XSD "integer", false)
                   : stoa_binding_computed(r, a->out, stoa_sx_call(r, STOA_OP_INTEGER_SUM, c, NULL), STOA_SQL_INTEGER,
                                           STOA_XSD "integer", false);
    return STOA_SAID;
  }
  if (type == STOA_SQL_DECIMAL && stoa_slice_is(datatype, STOA_XSD "decimal") &&
      stoa_sql_op_said(STOA_OP_DECIMAL_SUM, r->dialect)) {
    *out = stoa_binding_computed(r, a->out,
                                 stoa_sx_call(r, average ? STOA_OP_AVERAGE : STOA_OP_DECIMAL_SUM, c, scale_of(r, c)),
                                 STOA_SQL_LEXICAL, STOA_XSD "decimal", true);
    return STOA_SAID;
  }
  return STOA_CANNOT_SAY;
}

// PostgreSQL has no least of two truths by that name.
static stoa_sql_op extreme_of(const stoa_rels *r, stoa_aggregate_kind kind, const stoa_column_info *info)
{
  const bool truth = info && info->type == STOA_SQL_BOOLEAN && stoa_sql_op_said(STOA_OP_LEAST_TRUTH, r->dialect);
  return kind == STOA_AGG_MIN ? (truth ? STOA_OP_LEAST_TRUTH : STOA_OP_MIN)
                              : (truth ? STOA_OP_GREATEST_TRUTH : STOA_OP_MAX);
}

// SPARQL orders texts by code points (section 15.1), SQL by a collation: the dialect says how to get the first.
static stoa_said by_code_point(stoa_rels *r, const stoa_sx *column, const stoa_sx **out)
{
  const bool text = column->info && (column->info->type == STOA_SQL_TEXT || column->info->type == STOA_SQL_CHAR);
  if (!text || stoa_sql_op_adds_nothing(STOA_OP_BY_CODE_POINT, r->dialect)) {
    *out = column;
    return STOA_SAID;
  }
  if (!stoa_sql_op_said(STOA_OP_BY_CODE_POINT, r->dialect)) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_as(r, stoa_sx_call(r, STOA_OP_BY_CODE_POINT, column, NULL), column->info);
  return STOA_SAID;
}

static stoa_said add_extreme(stoa_rels *r, const stoa_aggregate *a, const stoa_binding *b, bool has_keys,
                             stoa_binding *out)
{
  const stoa_sx *ordered;
  if ((b->nullable && !a->of_bound) || !is_ordered(r, b) || by_code_point(r, b->columns[0], &ordered) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  const stoa_column_info *const info = b->columns[0]->info;
  *out = *b;
  out->var = a->out;
  out->nullable = !has_keys || b->nullable; // a group with keys has a row
  out->columns[0] = stoa_sx_as(r, stoa_sx_call(r, extreme_of(r, a->kind, info), ordered, NULL), info);
  return STOA_SAID;
}

// A sum of no rows is the integer 0 and an average of no rows too: grouped rows are never none, but a
// nullable argument can be, so those are left to the executor unless they cannot be NULL.  An unbound argument is an
// error, and the aggregate with it, where SQL would leave it out: an aggregate `of_bound` is SQL's own.
static stoa_said add_aggregate(stoa_rels *r, const stoa_block *block, const stoa_aggregate *a, bool has_keys,
                               stoa_binding *out)
{
  const stoa_binding *b = a->expr && a->expr->kind == STOA_EXPR_VAR ? stoa_block_find(block, a->expr->var) : NULL;
  stoa_binding made;
  if (a->kind == STOA_AGG_COUNT) {
    return !a->expr || a->expr->kind == STOA_EXPR_VAR ? add_count(r, a, b, out) : STOA_CANNOT_SAY;
  }
  if (a->expr && !b && stoa_binding_of(r, block, a->expr, a->out, &made) == STOA_SAID) {
    b = &made;
  }
  if (!b || b->ctor->kind != STOA_CTOR_COLUMN || b->ctor->makes != STOA_TERM_TYPED || b->ctor->language.length ||
      b->guard) {
    return STOA_CANNOT_SAY;
  }
  const bool certain = (has_keys && !b->nullable) || a->of_bound;
  switch (a->kind) {
    case STOA_AGG_SUM: {
      const bool or_none = !b->nullable && b->columns[0]->info->type == STOA_SQL_INTEGER;
      return certain || or_none ? add_sum(r, a, b, out) : STOA_CANNOT_SAY;
    }
    case STOA_AGG_AVG:
      return certain ? add_sum(r, a, b, out) : STOA_CANNOT_SAY;
    case STOA_AGG_MIN:
    case STOA_AGG_MAX:
      return add_extreme(r, a, b, has_keys, out);
    default:
      return STOA_CANNOT_SAY;
  }
}

// COUNT has always a value; MIN, MAX and SAMPLE of a variable that is bound in every row of every group too.
static bool is_certain(const stoa_block *block, const stoa_aggregate *a, bool has_keys)
{
  const stoa_binding *const b = a->expr && a->expr->kind == STOA_EXPR_VAR ? stoa_block_find(block, a->expr->var) : NULL;
  const bool picks = a->kind == STOA_AGG_MIN || a->kind == STOA_AGG_MAX || a->kind == STOA_AGG_SAMPLE;
  return a->kind == STOA_AGG_COUNT || (picks && has_keys && b && !b->nullable);
}

// What SQL cannot say, the engine computes from inside the statement, where the source calls back.
static stoa_said add_fold(stoa_rels *r, const stoa_block *block, const stoa_aggregate *a, bool has_keys,
                          stoa_binding *out)
{
  const stoa_sx *fold;
  if (stoa_hosted_fold(r, block, a, &fold) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_hosted_binding(r, a->out, fold);
  out->nullable = !is_certain(block, a, has_keys);
  return STOA_SAID;
}

// A key of a group: its columns where they are faithful, else the packed term, which is equal when the term is.
static stoa_said group_key(stoa_rels *r, const stoa_block *block, stoa_var var, stoa_binding *out)
{
  const stoa_binding *const b = stoa_block_find(block, var);
  if (b && faithful(r, b) && !b->guard) {
    *out = *b;
    return STOA_SAID;
  }
  if (!r->hosted) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_hosted_binding(r, var, b ? stoa_hosted_term_of(r, b) : stoa_sx_call(r, STOA_OP_NULL, NULL, NULL));
  out->nullable = !b || b->nullable;
  return STOA_SAID;
}

// ---- rule 26: a group over a union is a group of the groups of its blocks

// Is the variable bound in every row?
static bool certain_everywhere(const stoa_rel *a, stoa_var var)
{
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_binding *const b = stoa_block_find(a->blocks.items[i], var);
    if (!b || b->nullable) {
      return false;
    }
  }
  return true;
}

// COUNT(?x) of what is always bound counts rows; then ?x itself need not be read.
static stoa_node *counting_rows(stoa_rels *r, const stoa_rel *a, const stoa_node *group)
{
  stoa_node *const node = STOA_NEW(r->arena, stoa_node);
  stoa_aggregate *const aggregates = STOA_NEWS(r->arena, stoa_aggregate, group->n_aggregates + 1);
  *node = *group;
  node->aggregates = aggregates;
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    aggregates[i] = group->aggregates[i];
    const stoa_expr *const e = aggregates[i].expr;
    if (aggregates[i].kind == STOA_AGG_COUNT && !aggregates[i].distinct && e && e->kind == STOA_EXPR_VAR &&
        certain_everywhere(a, e->var)) {
      aggregates[i].expr = NULL;
    }
  }
  return node;
}

// Aggregates of parts that give the aggregate of all: COUNT adds up, the least of the least is the least.
static bool combines(const stoa_node *group)
{
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_aggregate *const one = &group->aggregates[i];
    const bool picks = one->kind == STOA_AGG_MIN || one->kind == STOA_AGG_MAX;
    if ((one->kind != STOA_AGG_COUNT && !picks) || (one->distinct && !picks)) {
      return false;
    }
  }
  return true;
}

// COUNT of all is the sum of the parts' counts, MIN and MAX those of the parts' own.
static stoa_said combine(stoa_rels *r, const stoa_aggregate *a, const stoa_binding *part, stoa_binding *out)
{
  const bool counts = a->kind == STOA_AGG_COUNT;
  const stoa_column_info *const info = part->columns[0]->info;
  const stoa_sx *column = part->columns[0];
  if (!counts && by_code_point(r, part->columns[0], &column) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sql_op op = counts ? STOA_OP_INTEGER_SUM : extreme_of(r, a->kind, info);
  *out = *part;
  out->columns[0] = stoa_sx_as(r, stoa_sx_call(r, op, column, NULL), info);
  return STOA_SAID;
}

static stoa_said group_of(stoa_rels *r, const stoa_rel *a, const stoa_node *all, const stoa_rel **out);

// Rule 26: each block is grouped by itself, and the few groups that come of it once more: right for aggregates that
// combine, and each block's group can be found by its own indexes.
static stoa_said group_of_groups(stoa_rels *r, const stoa_rel *a, const stoa_node *group, const stoa_rel **out)
{
  stoa_rel *const parts = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_rel *part;
    if (a->blocks.items[i]->closed ||
        group_of(r, stoa_rel_of_block(r, a->source, a->blocks.items[i]), group, &part) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &parts->blocks, part->blocks.items[0]);
  }
  const stoa_block *input;
  if (stoa_rel_open(r, parts, &input) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const block = reshaped(r, input);
  block->closed = block->grouped = true;
  for (uint32_t i = 0; i < input->bindings.n; ++i) {
    stoa_binding b = input->bindings.items[i];
    if (i < group->n_vars) {
      for (uint32_t k = 0; k < b.ctor->n_columns; ++k) {
        STOA_PUSH(r->arena, &block->group, b.columns[k]);
      }
    } else if (combine(r, &group->aggregates[i - group->n_vars], &b, &b) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &block->bindings, b);
  }
  block->of_rows = group->n_vars && !block->group.n;
  return stoa_rel_said(stoa_rel_of_block(r, a->source, block), out);
}

// One GROUP BY over one block: its rows are SPARQL's solutions, so its groups are SPARQL's.
static stoa_said group_of(stoa_rels *r, const stoa_rel *a, const stoa_node *all, const stoa_rel **out)
{
  const stoa_node *const group = counting_rows(r, a, all);
  if (a->blocks.n > 1 && !a->set && combines(group) && !r->hosted &&
      stoa_sql_op_said(STOA_OP_BY_CODE_POINT, r->dialect)) {
    if (group_of_groups(r, a, group, out) == STOA_SAID) {
      return STOA_SAID;
    }
  }
  const stoa_block *input;
  if (single(r, a, &input) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const block = reshaped(r, input);
  block->closed = block->grouped = true;
  for (uint32_t i = 0; i < group->n_vars; ++i) {
    stoa_binding key;
    if (group_key(r, input, group->vars[i], &key) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &block->bindings, key);
    for (uint32_t k = 0; k < key.ctor->n_columns; ++k) {
      STOA_PUSH(r->arena, &block->group, key.columns[k]);
    }
  }
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    stoa_binding b;
    if (add_aggregate(r, input, &group->aggregates[i], group->n_vars > 0, &b) == STOA_CANNOT_SAY &&
        add_fold(r, input, &group->aggregates[i], group->n_vars > 0, &b) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &block->bindings, b);
  }
  block->of_rows = group->n_vars && !block->group.n;
  stoa_block_drop_optionals(r, block);
  return stoa_rel_said(stoa_rel_of_block(r, a->source, block), out);
}

// ---- groups that cannot mix

// Can a row of each be in one group?  Not where some key's terms cannot be the same.
static bool may_mix(const stoa_block *a, const stoa_block *b, const stoa_node *group)
{
  for (uint32_t i = 0; i < group->n_vars; ++i) {
    const stoa_binding *const x = stoa_block_find(a, group->vars[i]), *const y = stoa_block_find(b, group->vars[i]);
    if (x && y && !x->nullable && !y->nullable && !stoa_ctors_meet(x->ctor, y->ctor)) {
      return false;
    }
  }
  return true;
}

// Blocks of one part may mix, those of two parts cannot: parts[i] is the part of block i.  Returns how many there are.
static uint32_t parts_of(stoa_rels *r, const stoa_rel *a, const stoa_node *group, uint32_t **out)
{
  uint32_t *const parts = STOA_NEWS(r->arena, uint32_t, a->blocks.n + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    parts[i] = n++;
    for (uint32_t k = 0; k < i; ++k) {
      const uint32_t other = parts[k], own = parts[i];
      if (other == own || !may_mix(a->blocks.items[k], a->blocks.items[i], group)) {
        continue;
      }
      for (uint32_t j = 0; j <= i; ++j) {
        parts[j] = parts[j] == own || parts[j] == other ? (own < other ? own : other) : parts[j];
      }
    }
  }
  *out = parts;
  return n;
}

// The groups of each part, side by side.  So blocks that make their keys differently need not be made alike.
static stoa_said groups_of_parts(stoa_rels *r, const stoa_rel *a, const stoa_node *group, const stoa_rel **out)
{
  uint32_t *parts;
  stoa_rel *const all = stoa_rel_new(r, a->source);
  const uint32_t n = parts_of(r, a, group, &parts);
  uint32_t n_parts = 0;
  for (uint32_t part = 0; part < n; ++part) {
    stoa_rel *const one = stoa_rel_new(r, a->source);
    for (uint32_t i = 0; i < a->blocks.n; ++i) {
      if (parts[i] == part) {
        STOA_PUSH(r->arena, &one->blocks, a->blocks.items[i]);
      }
    }
    if (!one->blocks.n) {
      continue;
    }
    const stoa_rel *grouped;
    if (group_of(r, one, group, &grouped) == STOA_CANNOT_SAY || one->blocks.n == a->blocks.n) {
      return STOA_CANNOT_SAY;
    }
    ++n_parts;
    for (uint32_t i = 0; i < grouped->blocks.n; ++i) {
      STOA_PUSH(r->arena, &all->blocks, grouped->blocks.items[i]);
    }
  }
  return n_parts > 1 ? stoa_rel_said(all, out) : STOA_CANNOT_SAY;
}

stoa_said stoa_rel_group(stoa_rels *r, const stoa_rel *a, const stoa_node *group, const stoa_rel **out)
{
  stoa_rels_speak(r, a->source);
  STOA_ASSERT(a->blocks.n > 0); // without keys no rows are a group too
  const bool parts = a->blocks.n > 1 && !a->set && group->n_vars;
  if (parts && groups_of_parts(r, a, group, out) == STOA_SAID) {
    return STOA_SAID;
  }
  return group_of(r, a, group, out);
}

static uint32_t place_of(const stoa_sx_list *columns, const stoa_sx *sx)
{
  uint32_t at = 0;
  while (at < columns->n && !stoa_sx_same(columns->items[at], sx)) {
    ++at;
  }
  return at;
}

// Rows that are made distinct stay in their order, whose keys must be among the columns then.
static bool is_order_selected(stoa_rels *r, const stoa_block *block)
{
  stoa_sx_list columns = {0};
  stoa_block_columns(r, block, &columns);
  for (uint32_t i = 0; i < block->order.n; ++i) {
    if (place_of(&columns, block->order.items[i].sx) == columns.n) {
      return false;
    }
  }
  return true;
}

// `out` opens `ordered`, and a subquery need not keep its order.
static stoa_said repeat_order(stoa_rels *r, const stoa_block *ordered, stoa_block *out)
{
  stoa_sx_list inner = {0}, outer = {0};
  stoa_block_columns(r, ordered, &inner);
  stoa_block_columns(r, out, &outer);
  for (uint32_t i = 0; i < ordered->order.n; ++i) {
    const uint32_t at = place_of(&inner, ordered->order.items[i].sx);
    if (at == inner.n || inner.n != outer.n) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &out->order, ((stoa_sx_order){outer.items[at], ordered->order.items[i].descending}));
  }
  return STOA_SAID;
}

// DISTINCT of faithful columns is DISTINCT of terms.  Rule 23: where a key of every table is among what the block
// binds, no two rows are equal, and nothing need be said.
stoa_said stoa_rel_distinct(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rels_speak(r, a->source);
  const stoa_block *const only = a->blocks.n == 1 && !a->set ? a->blocks.items[0] : NULL;
  const stoa_block *block = only;
  if (block && (block->distinct || block->limit != UINT64_MAX || block->offset || !is_order_selected(r, block))) {
    block = NULL;
  }
  const bool opened = !block;
  if (opened && stoa_rel_open(r, a, &block) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; block && i < block->bindings.n; ++i) {
    const stoa_binding *const b = &block->bindings.items[i];
    if (b->guard || (b->ctor->n_columns && !faithful(r, b))) {
      block = r->hosted ? stoa_hosted_block(r, block) : NULL;
    }
  }
  if (!block) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const distinct = stoa_block_copy(r, block);
  if (opened && only && repeat_order(r, only, distinct) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  distinct->closed = distinct->distinct = true;
  stoa_block_drop_optionals(r, distinct);
  stoa_block_drop_repeats(r, distinct);
  if (!opened && !distinct->grouped && stoa_block_unique(distinct) && stoa_block_exact(distinct)) {
    distinct->distinct = false; // rule 23
    distinct->closed = only->closed;
  }
  *out = stoa_rel_of_block(r, a->source, distinct);
  return distinct->distinct ? STOA_SAID : STOA_SAID_UNCHANGED;
}

// Rule 27: a column in SPARQL's order, with unbound (NULL) first, as section 15.1 has it.
static stoa_said own_order_key(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_binding *const b = e->kind == STOA_EXPR_VAR ? stoa_block_find(block, e->var) : NULL;
  const bool sayable = b && !b->guard && !(b->nullable && r->dialect->nulls_unknown) && is_ordered(r, b);
  return sayable ? by_code_point(r, b->columns[0], out) : STOA_CANNOT_SAY;
}

// ... or the packed term, compared by a collation of the engine's.
static stoa_said order_key(stoa_rels *r, const stoa_block *block, const stoa_expr *e, const stoa_sx **out)
{
  const stoa_sx *packed;
  if (own_order_key(r, block, e, out) == STOA_SAID) {
    return STOA_SAID;
  }
  if (stoa_hosted_term(r, block, e, &packed) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  *out = stoa_sx_call(r, STOA_OP_BY_TERM, packed, NULL);
  return STOA_SAID;
}

// All keys of ORDER BY, or none: rows that are equal by the keys that SQL can say would not be in the order of the
// others.
stoa_said stoa_rel_order(stoa_rels *r, const stoa_rel *a, const stoa_node *order, const stoa_rel **out)
{
  stoa_rels_speak(r, a->source);
  const stoa_block *input = a->blocks.n == 1 && !a->set ? a->blocks.items[0] : NULL;
  const bool plain = input && !input->distinct && input->limit == UINT64_MAX && !input->offset;
  if (!plain && stoa_rel_open(r, a, &input) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const block = STOA_NEW(r->arena, stoa_block);
  *block = *input;
  block->closed = true;
  block->order.items = NULL;
  block->order.n = block->order.capacity = 0;
  for (uint32_t i = 0; i < order->n_orders; ++i) {
    const stoa_sx *key = NULL;
    if (order_key(r, input, order->orders[i].expr, &key) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    const stoa_sx_order item = {key, order->orders[i].descending};
    STOA_PUSH(r->arena, &block->order, item);
  }
  return stoa_rel_said(stoa_rel_of_block(r, a->source, block), out);
}

// Rule 24: LIMIT and OFFSET count rows, which are SPARQL's solutions here.
stoa_said stoa_rel_slice(stoa_rels *r, const stoa_rel *a, uint64_t offset, uint64_t limit, const stoa_rel **out)
{
  stoa_rels_speak(r, a->source);
  if (!r->dialect->all_rows) {
    return STOA_CANNOT_SAY;
  }
  const bool plain =
    a->blocks.n == 1 && !a->set && a->blocks.items[0]->limit == UINT64_MAX && a->blocks.items[0]->offset == 0;
  const stoa_block *input = plain ? a->blocks.items[0] : NULL;
  if (!plain && stoa_rel_open(r, a, &input) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const block = STOA_NEW(r->arena, stoa_block);
  *block = *input;
  block->closed = true;
  block->offset = offset;
  block->limit = limit;
  return stoa_rel_said(stoa_rel_of_block(r, a->source, block), out);
}

// Rows that are greater than the last of the first `limit` by the first keys are greater by all of them.
stoa_said stoa_rel_first(stoa_rels *r, const stoa_rel *a, const stoa_node *order, uint64_t limit, const stoa_rel **out)
{
  stoa_node first = *order;
  const stoa_rel *ordered = NULL;
  stoa_rels_speak(r, a->source);
  for (first.n_orders = order->n_orders; r->dialect->with_ties && first.n_orders > 1 && !ordered;) {
    first.n_orders--;
    stoa_rel_order(r, a, &first, &ordered); // untouched where it cannot be said
  }
  if (!ordered) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const block = STOA_NEW(r->arena, stoa_block);
  *block = *ordered->blocks.items[0];
  block->limit = limit;
  block->with_ties = true;
  return stoa_rel_said(stoa_rel_of_block(r, a->source, block), out);
}
