// VALUES as a condition (rule 30).
//
// A join with rows of VALUES that are all different and bind all their variables keeps a row of the other side once, if
// its terms are one of these rows, and drops it otherwise: which is a filter, and SQL can group or sort what it leaves.
#include "graph/plan/rel.h"
#include "graph/term/equality.h"

enum { MOST_ROWS = 64 };

static const stoa_term *row_of(const stoa_node *values, uint32_t row)
{
  return &values->rows[(size_t)row * values->n_vars];
}

static bool same_rows(const stoa_node *values, uint32_t a, uint32_t b)
{
  bool same = true;
  for (uint32_t k = 0; k < values->n_vars && same; ++k) {
    same = stoa_term_same(row_of(values, a)[k], row_of(values, b)[k]);
  }
  return same;
}

static bool is_filter(const stoa_node *values)
{
  bool filter = !values->slot && values->n_rows > 0 && values->n_rows <= MOST_ROWS && values->n_vars > 0;
  for (uint32_t i = 0; i < values->n_rows && filter; ++i) {
    for (uint32_t k = 0; k < values->n_vars && filter; ++k) {
      filter = stoa_term_is_bound(row_of(values, i)[k]);
    }
    for (uint32_t k = 0; k < i && filter; ++k) {
      filter = !same_rows(values, i, k);
    }
  }
  return filter;
}

static const stoa_sx *both(stoa_rels *r, const stoa_sx *a, const stoa_sx *b)
{
  return a ? stoa_sx_call(r, STOA_OP_AND, a, b) : b;
}

// The term of a binding is this one, as a pattern with the term in this place would have it.
static stoa_said is_term(stoa_rels *r, const stoa_binding *b, stoa_term term, const stoa_sx **all)
{
  stoa_param params[STOA_TEMPLATE_COLUMNS];
  if (b->ctor->kind == STOA_CTOR_CONSTANT) {
    return stoa_term_same(b->ctor->constant, term) ? STOA_SAID_UNCHANGED : STOA_SAID_NEVER;
  }
  const stoa_said said = stoa_shape_invert(r, b->ctor, term, 0, params);
  for (uint32_t k = 0; k < b->ctor->n_columns && said == STOA_SAID; ++k) {
    *all = both(r, *all, stoa_sx_equals_param(r, b->columns[k], params[k]));
  }
  return said;
}

// The binding of a variable where equal columns are equal terms, and it is always bound; else NULL.
static const stoa_binding *comparable(const stoa_rels *r, const stoa_block *block, stoa_var var)
{
  const stoa_binding *const b = stoa_block_find(block, var);
  const bool folds = stoa_sql_op_said(STOA_OP_SAME_TEXT, r->dialect); // "=" may take two texts for one
  const bool can = b && !b->nullable && !b->guard && !folds && b->ctor->kind != STOA_CTOR_PACKED && stoa_binding_exact(b);
  return can ? b : NULL;
}

static stoa_said is_row(stoa_rels *r, const stoa_block *block, const stoa_node *values, uint32_t row,
                        const stoa_sx **out)
{
  *out = NULL;
  for (uint32_t k = 0; k < values->n_vars; ++k) {
    const stoa_binding *const b = comparable(r, block, values->vars[k]);
    if (!b) {
      return STOA_CANNOT_SAY;
    }
    const stoa_said said = is_term(r, b, row_of(values, row)[k], out);
    if (said == STOA_CANNOT_SAY || said == STOA_SAID_NEVER) {
      return said;
    }
  }
  return *out ? STOA_SAID : STOA_SAID_UNCHANGED;
}

// NEVER: no row of the block; UNCHANGED: all of them, for one of VALUES is what the block says of constants alone.
static stoa_said condition_of(stoa_rels *r, const stoa_block *block, const stoa_node *values, const stoa_sx **out)
{
  const stoa_binding *const only = values->n_vars == 1 ? comparable(r, block, values->vars[0]) : NULL;
  const stoa_sx *any = NULL;
  if (only && stoa_sx_among(r, only, values->rows, values->n_rows, out) == STOA_SAID) {
    return STOA_SAID; // as one parameter; it may stand there already
  }
  for (uint32_t i = 0; i < values->n_rows; ++i) {
    const stoa_sx *one;
    const stoa_said said = is_row(r, block, values, i, &one);
    if (said == STOA_CANNOT_SAY || said == STOA_SAID_UNCHANGED) {
      return said;
    }
    if (said == STOA_SAID) {
      any = any ? stoa_sx_call(r, STOA_OP_OR, any, one) : one;
    }
  }
  *out = any;
  return any ? STOA_SAID : STOA_SAID_NEVER;
}

stoa_said stoa_rel_values(stoa_rels *r, const stoa_rel *a, const stoa_node *values, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  rel->set = a->set;
  if (!is_filter(values)) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_block *const block = a->blocks.items[i];
    const stoa_sx *condition;
    const stoa_said said =
      stoa_block_takes_conditions(block) ? condition_of(r, block, values, &condition) : STOA_CANNOT_SAY;
    if (said == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    if (said == STOA_SAID_NEVER) {
      continue;
    }
    stoa_block *const narrowed = stoa_block_copy(r, block);
    if (said == STOA_SAID) {
      stoa_block_add(r, &narrowed->where, condition);
    }
    STOA_PUSH(r->arena, &rel->blocks, narrowed);
  }
  return stoa_rel_said(rel, out);
}
