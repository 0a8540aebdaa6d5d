// Joins, left joins, semi-joins and unions of relations, by unification of term maps.  (Rules 6, 8 and 17.)
//
// SPARQL joins rows whose shared variables have the same term.  The term of a variable is made from columns, so two
// blocks are joined by comparing the columns, when that is known to say the same: both term maps must make their terms
// alike (a template meets itself; one term map makes no term of another's: the pair is never).  A relation is a union
// of blocks, and a join of two unions is the union of the joins of each pair: pairs that can never meet are left out,
// so few are left.
//
// SPARQL calls rows compatible when a shared variable is unbound in one of them (after an OPTIONAL).  SQL has no such
// comparison that an index serves, so a variable that may be unbound is not compared here, unless the source calls back
// into the engine (`hosted`): then the block is split into the rows that bind it and those that do not.
#include "graph/plan/rel.h"
#include "graph/base/assert.h"
#include "graph/term/equality.h"

// Compare two bindings by SQL's own "=".  Right because stoa_ctors_compare says when equal columns and equal terms are
// the same thing; a constant is compared as the column values that would make it.
static stoa_said unify_columns(stoa_rels *r, const stoa_binding *a, const stoa_binding *b, stoa_sx_list *out)
{
  if (a->nullable || b->nullable) {
    return STOA_CANNOT_SAY;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT && b->ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(a->ctor->constant, b->ctor->constant) ? STOA_SAID : STOA_SAID_NEVER;
  }
  if (a->ctor->kind == STOA_CTOR_CONSTANT || b->ctor->kind == STOA_CTOR_CONSTANT) {
    const stoa_binding *const constant = a->ctor->kind == STOA_CTOR_CONSTANT ? a : b;
    const stoa_binding *const made = constant == a ? b : a;
    stoa_param params[STOA_TEMPLATE_COLUMNS];
    const stoa_said said = stoa_shape_invert(r, made->ctor, constant->ctor->constant, 0, params);
    for (uint32_t i = 0; said == STOA_SAID && i < made->ctor->n_columns; ++i) {
      stoa_block_add(r, out, stoa_sx_equals_param(r, made->columns[i], params[i]));
    }
    return said;
  }
  const stoa_column_info *x[STOA_TEMPLATE_COLUMNS], *y[STOA_TEMPLATE_COLUMNS];
  for (uint32_t i = 0; i < a->ctor->n_columns && i < b->ctor->n_columns; ++i) {
    x[i] = a->columns[i]->info;
    y[i] = b->columns[i]->info;
  }
  const stoa_said said = stoa_ctors_compare(a->ctor, b->ctor, x, y, r->dialect->one_writing);
  if (said != STOA_SAID) {
    return said;
  }
  for (uint32_t i = 0; i < a->ctor->n_columns; ++i) {
    stoa_block_add(r, out, stoa_sx_equals_column(r, a->columns[i], b->columns[i]));
  }
  return STOA_SAID;
}

// Conditions under which two bindings of a shared variable make the same term.  A binding of `b` that may be
// unbound is compatible where it is.
static stoa_said unify(stoa_rels *r, const stoa_binding *a, const stoa_binding *b, stoa_sx_list *out)
{
  const stoa_said said = unify_columns(r, a, b, out);
  if (said != STOA_CANNOT_SAY || !r->hosted || a->nullable) {
    return said;
  }
  const stoa_sx *const x = stoa_hosted_term_of(r, a), *const y = stoa_hosted_term_of(r, b);
  stoa_block_add(r, out, stoa_sx_call(r, b->nullable ? STOA_OP_EQ_OR_NULL : STOA_OP_EQ, x, y));
  return STOA_SAID;
}

// Both FROMs side by side with both WHEREs, and each shared variable compared: the rows that this gives are the pairs
// of compatible rows.
static stoa_said join_blocks(stoa_rels *r, const stoa_block *a, const stoa_block *b, const stoa_block **out)
{
  stoa_block *const joined = stoa_block_copy(r, a);
  const stoa_block *const other = stoa_block_fresh(r, b);
  for (uint32_t i = 0; i < other->from.n; ++i) {
    STOA_PUSH(r->arena, &joined->from, other->from.items[i]);
  }
  for (uint32_t i = 0; i < other->where.n; ++i) {
    stoa_block_add(r, &joined->where, other->where.items[i]);
  }
  for (uint32_t i = 0; i < other->bindings.n; ++i) {
    const stoa_binding *const b2 = &other->bindings.items[i];
    const stoa_binding *const b1 = stoa_block_find(a, b2->var);
    if (!b1) {
      STOA_PUSH(r->arena, &joined->bindings, *b2);
      continue;
    }
    const stoa_said said = unify(r, b1, b2, &joined->where);
    if (said != STOA_SAID) {
      return said;
    }
  }
  stoa_block_merge_self_joins(r, joined);
  stoa_block_drop_parents(r, joined);
  *out = joined;
  return STOA_SAID;
}

// The block without the rows in which `var` is unbound, and the block of those rows alone: each row is in one of them,
// so that their union is the block.
static void split_block(stoa_rels *r, const stoa_block *a, stoa_var var, stoa_rel *out)
{
  const stoa_sx *const bound = stoa_sx_bound(r, stoa_block_find(a, var));
  stoa_block *const with = stoa_block_copy(r, a), *const without = stoa_block_copy(r, a);
  STOA_PUSH(r->arena, &with->where, bound);
  STOA_PUSH(r->arena, &without->where, stoa_sx_call(r, STOA_OP_NOT, bound, NULL));
  without->bindings.n = 0;
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    if (a->bindings.items[i].var == var) {
      with->bindings.items[i].nullable = false;
    } else {
      STOA_PUSH(r->arena, &without->bindings, a->bindings.items[i]);
    }
  }
  STOA_PUSH(r->arena, &out->blocks, with);
  STOA_PUSH(r->arena, &out->blocks, without);
}

// A variable of the block that may be unbound and that `other` binds too.
static stoa_var shared_nullable(const stoa_block *block, const stoa_rel *other)
{
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    for (uint32_t k = 0; block->bindings.items[i].nullable && k < other->blocks.n; ++k) {
      if (stoa_block_find(other->blocks.items[k], block->bindings.items[i].var)) {
        return block->bindings.items[i].var;
      }
    }
  }
  return STOA_NO_VAR;
}

// Variables shared with `other` that may be unbound become certainly bound or not bound at all, block by
// block, so that the rest is compared by equality, which SQL engines can join by.
static const stoa_rel *split_nullable(stoa_rels *r, const stoa_rel *a, const stoa_rel *other)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  bool changed = false;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_var var = shared_nullable(a->blocks.items[i], other);
    if (var == STOA_NO_VAR) {
      STOA_PUSH(r->arena, &rel->blocks, a->blocks.items[i]);
    } else {
      split_block(r, a->blocks.items[i], var, rel);
      changed = true;
    }
  }
  return changed && rel->blocks.n <= 16 ? split_nullable(r, rel, other) : rel;
}

enum { MOST_BLOCKS = 200, MOST_TABLES = 60 };

stoa_said stoa_rel_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_rel **out)
{
  const stoa_rel *x, *y;
  stoa_rels_speak(r, a->source);
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY || stoa_rel_opened(r, b, &y) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  if (r->hosted) {
    x = split_nullable(r, x, y);
    y = split_nullable(r, y, x);
  }
  if (x->blocks.n * y->blocks.n > MOST_BLOCKS) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  // Without indexes each row of one table would read the other again: the executor joins, and does so by hash.
  const uint32_t most = a->source->klass->scans ? 1 : MOST_TABLES;
  const bool whole = x->blocks.n == a->blocks.n && y->blocks.n == b->blocks.n && !a->set && !b->set;
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    for (uint32_t j = 0; j < y->blocks.n; ++j) {
      const stoa_block *joined = whole ? stoa_block_join_sets(r, a->blocks.items[i], b->blocks.items[j]) : NULL;
      const stoa_said said = joined ? STOA_SAID : join_blocks(r, x->blocks.items[i], y->blocks.items[j], &joined);
      if (said == STOA_CANNOT_SAY || (joined && joined->from.n > most)) {
        return STOA_CANNOT_SAY;
      }
      if (said == STOA_SAID) {
        STOA_PUSH(r->arena, &rel->blocks, joined);
      }
    }
  }
  return stoa_rel_said(rel, out);
}

stoa_said stoa_rel_union(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_rel **out)
{
  const stoa_rel *x, *y;
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY || stoa_rel_opened(r, b, &y) == STOA_CANNOT_SAY ||
      x->blocks.n + y->blocks.n > MOST_BLOCKS) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    STOA_PUSH(r->arena, &rel->blocks, x->blocks.items[i]);
  }
  for (uint32_t i = 0; i < y->blocks.n; ++i) {
    STOA_PUSH(r->arena, &rel->blocks, y->blocks.items[i]);
  }
  return stoa_rel_said(rel, out);
}

// ---- left joins

// One table (or recursion), which can stand behind LEFT JOIN as it is.
static bool is_plain(const stoa_block *b)
{
  return b->from.n == 1 && b->from.items[0].kind != STOA_FROM_SUB && b->from.items[0].kind != STOA_FROM_ROWS;
}

// A column that is NULL only in rows that a left join made up, for a binding that is always bound needs it.
static const stoa_sx *first_column(const stoa_block *b)
{
  for (uint32_t i = 0; i < b->bindings.n; ++i) {
    if (b->bindings.items[i].ctor->n_columns && !b->bindings.items[i].nullable) {
      return b->bindings.items[i].columns[0];
    }
  }
  return NULL;
}

// The flag that tells whether a constant is bound, typed as a number so that the flags of several blocks of a UNION may
// stand in one column.
static const stoa_sx *guard_of(stoa_rels *r, stoa_sql_op op, const stoa_sx *marker)
{
  static const stoa_column_info flag = {.name = "guard", .type = STOA_SQL_INTEGER};
  return stoa_sx_as(r, stoa_sx_call(r, op, marker, NULL), &flag);
}

typedef STOA_LIST(stoa_binding) bindings;

// What the right side binds besides what both do; those are compared in `on`.
static stoa_said left_bindings(stoa_rels *r, const stoa_block *a, const stoa_block *b, stoa_sx_list *on, bindings *out)
{
  for (uint32_t i = 0; i < b->bindings.n; ++i) {
    const stoa_binding *const shared = stoa_block_find(a, b->bindings.items[i].var);
    if (!shared) {
      STOA_PUSH(r->arena, out, b->bindings.items[i]);
      continue;
    }
    const stoa_said said = unify(r, shared, &b->bindings.items[i], on);
    if (said != STOA_SAID) {
      return said;
    }
  }
  return STOA_SAID;
}

static bool is_not_null(const stoa_sx *condition, const stoa_sx *column)
{
  return stoa_sx_is(condition, STOA_OP_IS_NOT_NULL) && stoa_sx_same(condition->args[0], column);
}

// Rule 17: what an OPTIONAL asks of the very row that is there already needs no second table.  Its variables are bound
// where its conditions hold, which a CASE says; without conditions they are always bound.
static void bind_self(stoa_rels *r, stoa_block *joined, const bindings *own, const stoa_sx *condition)
{
  for (uint32_t i = 0; i < own->n; ++i) {
    stoa_binding b = own->items[i];
    const bool plain = !condition || (own->n == 1 && b.ctor->n_columns == 1 && is_not_null(condition, b.columns[0]));
    for (uint32_t c = 0; c < b.ctor->n_columns && !plain; ++c) {
      b.columns[c] = stoa_sx_as(r, stoa_sx_call(r, STOA_OP_WHEN, condition, b.columns[c]), b.columns[c]->info);
    }
    if (b.ctor->kind == STOA_CTOR_CONSTANT && condition) {
      b.guard = guard_of(r, STOA_OP_FLAG, condition);
    }
    b.nullable |= condition != NULL;
    STOA_PUSH(r->arena, &joined->bindings, b);
  }
}

// What comes from the right side of a left join may be unbound, since SQL gives NULLs where no row matches.
static void bind_joined(stoa_rels *r, stoa_block *joined, const bindings *own, const stoa_sx *marker)
{
  for (uint32_t i = 0; i < own->n; ++i) {
    stoa_binding b = own->items[i];
    if (b.ctor->kind == STOA_CTOR_CONSTANT && !b.guard) {
      b.guard = r->dialect->typed ? guard_of(r, STOA_OP_FLAG_OF_A_VALUE, marker) : marker;
    }
    b.nullable = true; // a constant is told from an absent one by its guard
    STOA_PUSH(r->arena, &joined->bindings, b);
  }
}

// One block of the left side with the right side behind LEFT JOIN ... ON: SQL's left join keeps each left row, with
// NULLs where the condition holds for no right row, as OPTIONAL does.  The right side must bind something that is never
// NULL, or a match could not be told from none.
static stoa_said left_join_block(stoa_rels *r, const stoa_block *a, const stoa_block *right, const stoa_expr *condition,
                                 stoa_block **out)
{
  stoa_block *const joined = stoa_block_copy(r, a);
  const stoa_block *b = stoa_block_fresh(r, right);
  bindings own = {0};
  if (!first_column(b)) {
    return STOA_CANNOT_SAY;
  }
  if (!is_plain(b) && stoa_rel_open(r, stoa_rel_of_block(r, NULL, b), &b) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  const stoa_sx *const marker = first_column(b) ? first_column(b) : b->bindings.items[0].columns[0];
  stoa_from from = b->from.items[0];
  from.left = true;
  for (uint32_t i = 0; i < b->where.n; ++i) {
    STOA_PUSH(r->arena, &from.on, b->where.items[i]);
  }
  const stoa_said said = left_bindings(r, a, b, &from.on, &own);
  if (said != STOA_SAID) {
    return said;
  }
  *out = joined;
  const stoa_sx *also = NULL;
  if (!condition && stoa_block_self(r, a, &from, own.items, own.n, &also) != STOA_CANNOT_SAY) {
    bind_self(r, joined, &own, also);
    return STOA_SAID;
  }
  bind_joined(r, joined, &own, marker);
  if (condition) {
    if (stoa_sx_condition(r, stoa_block_copy(r, joined), condition, &also) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &from.on, also);
  }
  STOA_PUSH(r->arena, &joined->from, from);
  return STOA_SAID;
}

enum { MOST_RIGHT = 4 };

// A leftjoin (B union C) = (A join B) union (A join C) union those of A that neither has: each part finds its rows by
// the indexes of its tables, where a union that is joined as a whole would be read as a whole.
static stoa_said left_join_union(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_rel **out)
{
  const stoa_rel *with, *without;
  if (b->set || b->blocks.n < 2 || b->blocks.n > MOST_RIGHT || stoa_rel_join(r, a, b, &with) != STOA_SAID ||
      stoa_rel_semi_join(r, a, b, true, &without) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  return stoa_rel_union(r, with, without, out);
}

stoa_said stoa_rel_left_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_expr *condition,
                             const stoa_rel **out)
{
  const stoa_rel *x;
  stoa_rels_speak(r, a->source);
  if (!condition && !a->source->klass->scans && left_join_union(r, a, b, out) == STOA_SAID) {
    return STOA_SAID;
  }
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  x = r->hosted ? split_nullable(r, x, b) : x;
  if (b->blocks.n == 0) {
    *out = x;
    return STOA_SAID_UNCHANGED;
  }
  if (a->source->klass->scans) {
    return STOA_CANNOT_SAY;
  }
  const stoa_block *right = b->blocks.items[0];
  const bool plain = b->blocks.n == 1 && !right->closed && !b->set;
  if (!plain && stoa_rel_open(r, b, &right) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  bool changed = false;
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *joined = NULL;
    const stoa_said said = left_join_block(r, x->blocks.items[i], right, condition, &joined);
    if (said == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &rel->blocks, said == STOA_SAID ? joined : x->blocks.items[i]);
    changed |= said == STOA_SAID;
  }
  *out = rel;
  return changed ? STOA_SAID : STOA_SAID_UNCHANGED;
}

// ---- semi-joins

// A block as what can only be there or not: which rows are equal does not matter then.
static stoa_said any_row(stoa_rels *r, const stoa_block *block, const stoa_block **out)
{
  if (block->grouped || block->limit != UINT64_MAX || block->offset) {
    return stoa_rel_open(r, stoa_rel_of_block(r, NULL, block), out);
  }
  stoa_block *const open = stoa_block_fresh(r, block);
  open->closed = open->distinct = false;
  open->order.n = 0;
  *out = open;
  return STOA_SAID;
}

// The rows of `b` that are compatible with a row of `a`, as a subquery's blocks.  NEVER: no term of a shared variable
// can be made by both.  Without a shared variable it would be no question about the row, and MINUS and EXISTS would
// differ.
static stoa_said matching(stoa_rels *r, const stoa_block *a, const stoa_rel *b, stoa_rel *out)
{
  for (uint32_t i = 0; i < b->blocks.n; ++i) {
    const stoa_block *any;
    if (any_row(r, b->blocks.items[i], &any) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    stoa_block *const block = stoa_block_copy(r, any);
    stoa_said all = STOA_SAID;
    bool shares = false;
    for (uint32_t k = 0; k < any->bindings.n && all == STOA_SAID; ++k) {
      const stoa_binding *const outer = stoa_block_find(a, any->bindings.items[k].var);
      if (outer) {
        shares = true;
        all = unify(r, outer, &any->bindings.items[k], &block->where);
      }
    }
    if (all == STOA_CANNOT_SAY || !shares) {
      return STOA_CANNOT_SAY;
    }
    if (all == STOA_SAID) {
      STOA_PUSH(r->arena, &out->blocks, block);
    }
  }
  return out->blocks.n ? STOA_SAID : STOA_SAID_NEVER;
}

// The condition that holds where another does not, be it false or unknown (NULL): NOT EXISTS keeps a row unless a match
// is certain, and SQL's NOT of NULL would drop it.
static const stoa_sx *denied(stoa_rels *r, const stoa_sx *sx)
{
  if (sx->kind == STOA_SX_EXISTS) {
    return stoa_sx_call(r, STOA_OP_NOT_EXISTS, sx, NULL);
  }
  const stoa_sql_op own = sx->kind == STOA_SX_CALL ? stoa_sql_op_denied(sx->op) : STOA_OP_NONE;
  return own != STOA_OP_NONE ? stoa_sx_call_of(r, own, sx->args, sx->n_args)
                             : stoa_sx_call(r, STOA_OP_NOT_TRUE, sx, NULL);
}

// What is asked of the row itself needs no look; a condition that is unknown does not hold.
static const stoa_sx *there_is(stoa_rels *r, const stoa_block *block, const stoa_rel *sub, bool negated)
{
  const stoa_sx *all = NULL;
  stoa_rel *const others = stoa_rel_new(r, sub->source);
  for (uint32_t i = 0; i < sub->blocks.n; ++i) {
    const stoa_sx *own = NULL;
    const stoa_said said = stoa_block_self_exists(r, block, sub->blocks.items[i], &own);
    if (said == STOA_CANNOT_SAY) {
      STOA_PUSH(r->arena, &others->blocks, sub->blocks.items[i]);
      continue;
    }
    const stoa_sx *const one = !own      ? stoa_sx_call(r, negated ? STOA_OP_FALSE : STOA_OP_TRUE, NULL, NULL)
                               : negated ? denied(r, own)
                                         : own;
    all = all ? stoa_sx_call(r, negated ? STOA_OP_AND : STOA_OP_OR, all, one) : one;
  }
  if (others->blocks.n) {
    stoa_sx *const exists = STOA_NEW(r->arena, stoa_sx);
    *exists = (stoa_sx){.kind = STOA_SX_EXISTS, .sub = others};
    const stoa_sx *const one = negated ? stoa_sx_call(r, STOA_OP_NOT_EXISTS, exists, NULL) : exists;
    all = all ? stoa_sx_call(r, negated ? STOA_OP_AND : STOA_OP_OR, all, one) : one;
  }
  return all;
}

stoa_said stoa_rel_semi_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, bool negated, const stoa_rel **out)
{
  stoa_rels_speak(r, a->source);
  STOA_ASSERT(b->blocks.n > 0);
  bool takes = !a->set;
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    takes &= stoa_block_takes_conditions(a->blocks.items[i]);
  }
  const stoa_rel *x = a;
  if ((!takes && stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) || a->source->klass->scans ||
      stoa_rel_deeper(b, STOA_SX_DEEPEST - 2)) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_rel *const sub = stoa_rel_new(r, a->source);
    stoa_block *const block = stoa_block_copy(r, x->blocks.items[i]);
    const stoa_said said = matching(r, block, b, sub);
    if (said == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    if (said == STOA_SAID) {
      const stoa_sx *const condition = there_is(r, block, sub, negated);
      STOA_PUSH(r->arena, &block->where, condition);
    }
    if (said == STOA_SAID || negated) {
      STOA_PUSH(r->arena, &rel->blocks, block);
    }
  }
  return stoa_rel_said(rel, out);
}
