// Rule 32: subqueries that stand in a statement more than once, and that a database would work out each time.
//
// A relation of the query may be joined to several others, as when a join with a union is the union of joins; it is
// then one object that several blocks point to.  Such a subquery is given a name before the statement (WITH), which
// changes nothing of what it says: it reads no column from outside, since FROM never does.  Only what is work (groups,
// DISTINCT, recursions) is named; anything less a database looks through, and finds better ways to join.
#include "graph/plan/rel.h"

typedef struct {
  stoa_rel_shared_one what;
  uint32_t n;
} seen_rel;

typedef STOA_LIST(seen_rel) seen_rels;

static void visit(stoa_rels *r, const stoa_rel *rel, seen_rels *seen);

static void visit_sx(stoa_rels *r, const stoa_sx *sx, seen_rels *seen)
{
  if (sx->kind == STOA_SX_EXISTS) {
    visit(r, sx->sub, seen);
  }
  for (uint32_t i = 0; i < sx->n_args; ++i) {
    visit_sx(r, sx->args[i], seen);
  }
}

// What a subquery reads is noted before it, so that it may stand before it.
static void note(stoa_rels *r, stoa_rel_shared_one what, seen_rels *seen)
{
  for (uint32_t i = 0; i < seen->n; ++i) {
    if (seen->items[i].what.rel == what.rel && seen->items[i].what.closure == what.closure) {
      seen->items[i].n++;
      return;
    }
  }
  if (what.closure) {
    visit(r, what.closure->steps, seen);
    if (what.closure->seed) {
      visit(r, what.closure->seed, seen);
    }
  } else {
    visit(r, what.rel, seen);
  }
  STOA_PUSH(r->arena, seen, ((seen_rel){what, 1}));
}

static void visit(stoa_rels *r, const stoa_rel *rel, seen_rels *seen)
{
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *const block = rel->blocks.items[i];
    for (uint32_t k = 0; k < block->from.n; ++k) {
      const stoa_from *const from = &block->from.items[k];
      if (from->kind == STOA_FROM_SUB) {
        note(r, (stoa_rel_shared_one){.rel = from->sub}, seen);
      } else if (from->kind == STOA_FROM_CLOSURE) {
        note(r, (stoa_rel_shared_one){.closure = from->closure}, seen);
      }
      for (uint32_t c = 0; c < from->on.n; ++c) {
        visit_sx(r, from->on.items[c], seen);
      }
    }
    for (uint32_t k = 0; k < block->where.n; ++k) {
      visit_sx(r, block->where.items[k], seen);
    }
  }
}

// Work: groups, DISTINCT, joins.  A database looks through anything less.
static bool is_work(const stoa_rel *rel)
{
  bool work = rel->set;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    work |= rel->blocks.items[i]->closed;
  }
  return work;
}

void stoa_rel_shared(stoa_rels *r, const stoa_rel *rel, stoa_rel_shared_list *out)
{
  seen_rels seen = {0};
  visit(r, rel, &seen);
  for (uint32_t i = 0; i < seen.n; ++i) {
    if (seen.items[i].n > 1 && (seen.items[i].what.closure || is_work(seen.items[i].what.rel))) {
      STOA_PUSH(r->arena, out, seen.items[i].what);
    }
  }
}
