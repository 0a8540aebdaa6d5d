#include "graph/semantic/nulls.h"
#include "graph/semantic/calls.h"

typedef bool (*null_test)(const stoa_semantic_column *, const void *);

static bool is_null(const stoa_semantic_expr *e, null_test null, const void *data);

static bool any_null(const stoa_semantic_expr *e, null_test null, const void *data)
{
  bool any = false;
  for (uint32_t i = 0; i < e->n_args && !any; ++i) {
    any = is_null(e->args[i], null, data);
  }
  return any;
}

static bool all_null(const stoa_semantic_expr *e, null_test null, const void *data)
{
  bool all = e->n_args > 0;
  for (uint32_t i = 0; i < e->n_args && all; ++i) {
    all = is_null(e->args[i], null, data);
  }
  return all;
}

// True when the expression is NULL, for certain.
static bool is_null(const stoa_semantic_expr *e, null_test null, const void *data)
{
  switch (e->kind) {
    case STOA_SEM_COLUMN:
      return e->column && null(e->column, data);
    case STOA_SEM_NULL:
      return true;
    case STOA_SEM_NOT:
    case STOA_SEM_COMPARE:
    case STOA_SEM_COMPUTE:
    case STOA_SEM_NEGATE:
    case STOA_SEM_JOIN_TEXT:
    case STOA_SEM_LIKE:
    case STOA_SEM_CAST:
      return any_null(e, null, data);
    case STOA_SEM_CALL:
      return stoa_semantic_is_strict(e->name) && any_null(e, null, data);
    case STOA_SEM_AND:
    case STOA_SEM_OR:
    case STOA_SEM_COALESCE:
      return all_null(e, null, data);
    case STOA_SEM_IN:
    case STOA_SEM_NULLIF:
      return is_null(e->args[0], null, data);
    default:
      return false;
  }
}

bool stoa_semantic_rejects(const stoa_semantic_expr *e, null_test null, const void *data)
{
  bool rejects;
  switch (e->kind) {
    case STOA_SEM_AND:
      rejects = false;
      for (uint32_t i = 0; i < e->n_args && !rejects; ++i) {
        rejects = stoa_semantic_rejects(e->args[i], null, data);
      }
      return rejects;
    case STOA_SEM_OR:
      rejects = true;
      for (uint32_t i = 0; i < e->n_args && rejects; ++i) {
        rejects = stoa_semantic_rejects(e->args[i], null, data);
      }
      return rejects;
    case STOA_SEM_IS_NULL:
      return e->negated && is_null(e->args[0], null, data);
    case STOA_SEM_IS_TRUE:
      return !e->negated && stoa_semantic_rejects(e->args[0], null, data);
    case STOA_SEM_IS_FALSE:
    case STOA_SEM_IN_SELECT:
      return !e->negated && is_null(e->args[0], null, data);
    default:
      return is_null(e, null, data);
  }
}

// ---- tables below a join

static bool is_below(const stoa_semantic_column *column, const void *from)
{
  return stoa_semantic_has_table(from, column->table);
}

// ---- outer joins whose rows without a match go anyway

/// The conditions that a row must meet in the end, from the innermost.
typedef struct conditions {
  const stoa_semantic_expr *condition;
  const struct conditions *rest;
} conditions;

static bool goes(const stoa_semantic_from *side, const conditions *above)
{
  bool goes = false;
  for (; above && !goes; above = above->rest) {
    goes = above->condition && stoa_semantic_rejects(above->condition, is_below, side);
  }
  return goes;
}

static bool simplify(stoa_semantic_from *f, const conditions *above)
{
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return false;
  }
  const bool changed = f->outer && goes(f->right, above);
  f->outer = f->outer && !changed;
  const conditions own = {f->on, above};
  const bool left = simplify(f->left, f->outer ? above : &own);
  return simplify(f->right, &own) || left || changed;
}

// ---- an outer join by a column of another's far side belongs there:
// (a LEFT JOIN b) LEFT JOIN c ON c.x = b.y  is  a LEFT JOIN (b LEFT JOIN c ON c.x = b.y),
// since the condition holds for no row without b (Galindo-Legaria and Rosenthal, 1997).

/// What of the columns that the condition of `join` speaks of lies within a part of its near side.
typedef struct {
  const stoa_semantic_from *join, *within;
  bool any, all;
} census;

static void count(const stoa_semantic_expr *e, census *c)
{
  if (e->kind == STOA_SEM_COLUMN && e->column && stoa_semantic_has_table(c->join->left, e->column->table)) {
    const bool in = stoa_semantic_has_table(c->within, e->column->table);
    c->any |= in;
    c->all &= in;
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    count(e->args[i], c);
  }
  if (e->select) { // it may speak of any
    c->any = true;
    c->all = false;
  }
}

static census columns_in(const stoa_semantic_from *within, const stoa_semantic_from *join)
{
  census c = {join, within, false, true};
  count(join->on, &c);
  return c;
}

// Move `join` from above *at to where what it speaks of always has a row.
static bool sink(stoa_semantic_from **at, stoa_semantic_from *join)
{
  stoa_semantic_from *const f = *at;
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return false;
  }
  const census left = columns_in(f->left, join), right = columns_in(f->right, join);
  const bool to_right = right.any && right.all && (!f->outer || stoa_semantic_rejects(join->on, is_below, f->right));
  if (!to_right && !(left.any && left.all)) {
    return false;
  }
  stoa_semantic_from **const side = to_right ? &f->right : &f->left;
  if (!sink(side, join)) {
    stoa_semantic_from *const below = *side;
    *side = join;
    join->left = below;
  }
  return true;
}

static bool on_far_side(const stoa_semantic_from *f, const stoa_semantic_from *join)
{
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return false;
  }
  return (f->outer && columns_in(f->right, join).any) || on_far_side(f->left, join) || on_far_side(f->right, join);
}

static void settle_outer(stoa_semantic_from **at)
{
  stoa_semantic_from *const f = *at;
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return;
  }
  settle_outer(&f->left);
  settle_outer(&f->right);
  stoa_semantic_from *const left = f->left;
  if (f->outer && f->on && on_far_side(left, f) && sink(&f->left, f)) {
    *at = left;
  }
}

// ---- columns that must have a value

static bool is_same(const stoa_semantic_column *column, const void *other)
{
  return column == other;
}

static void require_below(const stoa_semantic_from *f, const stoa_semantic_expr *condition)
{
  if (f->kind == STOA_SEM_FROM_JOIN) {
    require_below(f->left, condition);
    require_below(f->right, condition);
    return;
  }
  for (uint32_t i = 0; i < f->table->columns.n; ++i) {
    stoa_semantic_column *const column = f->table->columns.items[i];
    column->required = column->required || stoa_semantic_rejects(condition, is_same, column);
  }
}

static void require_on(const stoa_semantic_from *f)
{
  if (f->kind != STOA_SEM_FROM_JOIN) {
    return;
  }
  require_on(f->left);
  require_on(f->right);
  if (f->on) {
    require_below(f->right, f->on);
  }
  if (f->on && !f->outer) {
    require_below(f->left, f->on);
  }
}

void stoa_semantic_require(stoa_semantic_select *s)
{
  if (!s->from) {
    return;
  }
  const conditions where = {s->where, NULL};
  while (simplify(s->from, s->where ? &where : NULL)) {
  }
  settle_outer(&s->from);
  require_on(s->from);
  if (s->where) {
    require_below(s->from, s->where);
  }
}

// What is left out would be left out above: a row, or the one group of the rows whose key is NULL.
void stoa_semantic_require_item(stoa_semantic_select *s, uint32_t item)
{
  if (s->limit != UINT64_MAX || s->offset) { // other rows would come instead
    return;
  }
  if (s->sides[0]) {
    stoa_semantic_require_item(s->sides[0], item);
    stoa_semantic_require_item(s->sides[1], item);
    return;
  }
  const stoa_semantic_expr *const e = s->items.items[item].expr;
  if (e->kind == STOA_SEM_COLUMN && s->from && stoa_semantic_has_table(s->from, e->column->table)) {
    e->column->required = true;
  }
}
