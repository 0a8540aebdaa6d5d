// Rule 28 for unions: blocks that read the same tables and differ in one constant alone are one block with a list of
// constants.  { ?p :feature :a } UNION { ?p :feature :b } reads its tables once.  A row that meets two of the constants
// comes once and not twice, so that it is for who makes nothing of rows that come twice.
#include "graph/plan/rel.h"

static bool is_plain(const stoa_from *from)
{
  return from->kind == STOA_FROM_TABLE && !from->left && !from->on.n;
}

// The cheap questions first: a union may have hundreds of blocks.
static bool reads_the_same(const stoa_block *a, const stoa_block *b)
{
  bool same =
    !a->closed && !b->closed && a->from.n == b->from.n && a->where.n == b->where.n && a->bindings.n == b->bindings.n;
  for (uint32_t i = 0; same && i < a->from.n; ++i) {
    same = is_plain(&a->from.items[i]) && is_plain(&b->from.items[i]) &&
           stoa_from_same_table(&a->from.items[i], &b->from.items[i]);
  }
  return same;
}

// `b` with the aliases of `a`.
static stoa_block *named_as(stoa_rels *r, const stoa_block *a, const stoa_block *b)
{
  stoa_block *const named = stoa_block_fresh(r, b);
  for (uint32_t i = 0; i < a->from.n; ++i) {
    stoa_block_rename(r, named, named->from.items[i].alias, a->from.items[i].alias);
    named->from.items[i].alias = a->from.items[i].alias;
  }
  return named;
}

static bool makes_the_same(const stoa_block *a, const stoa_block *b)
{
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    const stoa_binding *const x = &a->bindings.items[i], *const y = stoa_block_find(b, x->var);
    if (!stoa_binding_alike(x, y) || x->nullable != y->nullable || (x->guard && !stoa_sx_same(x->guard, y->guard))) {
      return false;
    }
    for (uint32_t k = 0; k < x->ctor->n_columns; ++k) {
      if (!stoa_sx_same(x->columns[k], y->columns[k])) {
        return false;
      }
    }
  }
  return true;
}

// How many conditions of `a` does `b` not have?  *out: the last of them.
static uint32_t missing(const stoa_block *a, const stoa_block *b, const stoa_sx **out)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < a->where.n; ++i) {
    bool has = false;
    for (uint32_t k = 0; k < b->where.n && !has; ++k) {
      has = stoa_sx_same(a->where.items[i], b->where.items[k]);
    }
    if (!has) {
      *out = a->where.items[i];
      ++n;
    }
  }
  return n;
}

static bool is_value(const stoa_sx *sx)
{
  return stoa_sx_is_equation(sx) && sx->args[0]->kind == STOA_SX_COLUMN && sx->args[1]->kind == STOA_SX_PARAM &&
         sx->args[1]->param.kind == STOA_PARAM_VALUE;
}

// One condition of each, the value of one column, is all that they differ in.
static bool differ_in_a_value(const stoa_block *a, const stoa_block *b, const stoa_sx **of_a, const stoa_sx **of_b)
{
  return missing(a, b, of_a) == 1 && missing(b, a, of_b) == 1 && is_value(*of_a) && is_value(*of_b) &&
         stoa_sx_same((*of_a)->args[0], (*of_b)->args[0]);
}

static const stoa_block *with_any(stoa_rels *r, const stoa_block *a, const stoa_sx *value, stoa_sx_list *values)
{
  stoa_block *const block = stoa_block_copy(r, a);
  for (uint32_t i = 0; i < block->where.n; ++i) {
    if (block->where.items[i] == value) {
      block->where.items[i] = stoa_sx_any(r, values->items, values->n);
    }
  }
  return block;
}

void stoa_rel_gather(stoa_rels *r, const stoa_rel *a, const stoa_rel **out)
{
  stoa_rel *const rel = stoa_rel_new(r, a->source);
  bool *const taken = STOA_NEWS(r->arena, bool, a->blocks.n + 1);
  rel->set = a->set;
  stoa_rels_speak(r, a->source);
  for (uint32_t i = 0; i < a->blocks.n; ++i) {
    const stoa_block *const block = a->blocks.items[i];
    const stoa_sx *value = NULL;
    stoa_sx_list values = {0};
    for (uint32_t k = i + 1; k < a->blocks.n && !taken[i]; ++k) {
      const stoa_sx *own, *other;
      if (taken[k] || !reads_the_same(block, a->blocks.items[k])) {
        continue;
      }
      const stoa_block *const named = named_as(r, block, a->blocks.items[k]);
      if (makes_the_same(block, named) && differ_in_a_value(block, named, &own, &other) && (!value || value == own)) {
        if (!value) {
          STOA_PUSH(r->arena, &values, own);
        }
        value = own;
        STOA_PUSH(r->arena, &values, other);
        taken[k] = true;
      }
    }
    if (!taken[i]) {
      STOA_PUSH(r->arena, &rel->blocks, value ? with_any(r, block, value, &values) : block);
    }
  }
  *out = rel;
}
