// Which variables a relation binds: one more (BIND), or fewer (projection).
//
// A variable is a binding of each block: a term map over columns.  BIND of a variable, a constant, or an expression
// that SQL computes with SPARQL's meaning adds a binding and no table; projection takes bindings away and leaves the
// rows.
#include "graph/plan/needs.h"
#include "graph/plan/rel.h"

typedef struct {
  const stoa_block *block;
  const stoa_kinds *kinds;
  bool errs;
} erring;

static void look_at(stoa_var var, void *data)
{
  erring *const e = data;
  const stoa_binding *const b = stoa_block_find(e->block, var);
  e->errs |= b && !(stoa_ctor_kinds(b->ctor) & e->kinds[var]);
}

// Is the value an error for every row, as the year of an IRI is?  Then BIND binds nothing.
static bool always_errs(stoa_rels *r, const stoa_block *block, const stoa_expr *e)
{
  const uint32_t n = r->query->n_vars;
  stoa_kinds *const kinds = STOA_NEWS(r->arena, stoa_kinds, n + 1);
  erring look = {block, kinds, false};
  for (stoa_var v = 0; v < n; ++v) {
    kinds[v] = STOA_KIND_ANY;
  }
  stoa_needs_value(e, kinds);
  stoa_expr_vars(e, look_at, &look);
  return look.errs;
}

// BIND gives the variable the expression's value, and leaves it unbound where that is an error (section 18.5, Extend).
// Another variable's binding is copied; a constant is a term map without columns.
static stoa_said extend_block(stoa_rels *r, const stoa_block *a, stoa_var var, const stoa_expr *expr, stoa_block **out)
{
  stoa_block *const block = stoa_block_copy(r, a);
  stoa_binding b = {0};
  if (expr->kind == STOA_EXPR_VAR) {
    const stoa_binding *const from = stoa_block_find(a, expr->var);
    if (!from) {
      return STOA_CANNOT_SAY;
    }
    b = *from;
  } else if (expr->kind == STOA_EXPR_CALL && always_errs(r, a, expr)) {
    *out = block;
    return STOA_SAID_UNCHANGED;
  } else if (stoa_binding_of(r, a, expr, var, &b) == STOA_SAID) {
    b.var = var;
  } else if (expr->kind != STOA_EXPR_TERM) {
    const stoa_sx *packed;
    if (stoa_hosted_term(r, a, expr, &packed) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    b = stoa_hosted_binding(r, var, packed);
  } else {
    stoa_ctor *const ctor = STOA_NEW(r->arena, stoa_ctor);
    stoa_shape_fix(r->shape, expr->constant);
    ctor->constant = expr->term;
    ctor->makes = stoa_term_is_iri(expr->term) ? STOA_TERM_IRI : STOA_TERM_TYPED;
    b.ctor = ctor;
  }
  b.var = var;
  STOA_PUSH(r->arena, &block->bindings, b);
  *out = block;
  return STOA_SAID;
}

stoa_said stoa_rel_extend(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_expr *expr, const stoa_rel **out)
{
  const stoa_rel *x;
  stoa_rels_speak(r, a->source);
  if (stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    stoa_block *block = NULL;
    if (extend_block(r, x->blocks.items[i], var, expr, &block) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return stoa_rel_said(rel, out);
}

// Rule 22: a variable that is not asked for is not made, and its columns are not read.  The number of rows stays, so
// only DISTINCT, whose rows would become equal, is wrapped first or refused.
stoa_said stoa_rel_project(stoa_rels *r, const stoa_rel *a, const stoa_var *vars, uint32_t n_vars, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  const stoa_rel *x = a;
  const bool opens = a->set || (r->hosted && a->blocks.n && a->blocks.items[0]->distinct);
  if (opens && stoa_rel_opened(r, a, &x) == STOA_CANNOT_SAY) {
    return STOA_CANNOT_SAY;
  }
  for (uint32_t i = 0; i < x->blocks.n; ++i) {
    const stoa_block *from = x->blocks.items[i];
    if (from->distinct) {
      return STOA_CANNOT_SAY;
    }
    stoa_block *const block = stoa_block_copy(r, from);
    block->bindings.n = 0;
    for (uint32_t k = 0; k < n_vars; ++k) {
      const stoa_binding *const b = stoa_block_find(from, vars[k]);
      if (b) {
        STOA_PUSH(r->arena, &block->bindings, *b);
      }
    }
    stoa_block_drop_optionals(r, block);
    STOA_PUSH(r->arena, &rel->blocks, block);
  }
  return stoa_rel_said(rel, out);
}
