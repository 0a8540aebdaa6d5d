// A join over a union of sources is the union of the joins.
//
// Where a pattern can be told by two sources, say native triples and the state database, reading the union of both
// before it is joined costs all rows of both.  The group is instead written once for each choice of one source, and
// each of these is pruned again: most choices cannot have rows, since terms of one source rarely meet those of another.
#include "graph/plan/spread.h"
#include "graph/plan/alternatives.h"
#include "graph/plan/prune.h"

enum { MOST_GROUPS = 8, MOST_BRANCHES = 4 };

typedef struct {
  stoa_planner *p;
  bool sets;
  stoa_groups *out;
} spreader;

// ---- is it all in one source that speaks SQL?

static bool in_one_source(const stoa_group *g, stoa_source **source)
{
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    for (uint32_t k = 0; k < m->leaves.n; ++k) {
      const stoa_leaf *const leaf = m->leaves.items[k];
      *source = *source ? *source : leaf->source;
      if (leaf->native || leaf->source != *source) {
        return false;
      }
    }
    for (uint32_t k = 0; k < m->parts.n; ++k) {
      if (!in_one_source(m->parts.items[k], source)) {
        return false;
      }
    }
    if (m->kind == STOA_MEMBER_SERVICE) {
      return false;
    }
  }
  return true;
}

// ---- choosing

static bool coincide(const stoa_member *m, uint32_t a)
{
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source != m->leaves.items[a]->source &&
        stoa_leaves_coincide(m->leaves.items[a], m->leaves.items[i])) {
      return true;
    }
  }
  return false;
}

/// A choice among the leaves of a pattern: chosen[i] is the number of the choice that leaf i belongs to.
typedef struct {
  uint32_t *chosen, n;
} choices;

// One choice for each source; what two sources may both tell is one choice together.
static choices choices_of(const spreader *s, const stoa_member *m)
{
  choices c = {STOA_NEWS(s->p->arena, uint32_t, m->leaves.n + 1), 0};
  uint32_t together = UINT32_MAX;
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    const bool shared = !s->sets && coincide(m, i);
    uint32_t same = UINT32_MAX;
    for (uint32_t k = 0; k < i && !shared && same == UINT32_MAX; ++k) {
      same = m->leaves.items[k]->source == m->leaves.items[i]->source && c.chosen[k] != together ? c.chosen[k] : same;
    }
    if (shared) {
      together = together == UINT32_MAX ? c.n++ : together;
    }
    c.chosen[i] = shared ? together : same != UINT32_MAX ? same : c.n++;
  }
  return c;
}

static void spread(const spreader *s, stoa_group *g, uint32_t from);

static void spread_pattern(const spreader *s, const stoa_group *g, uint32_t at, const choices *c)
{
  for (uint32_t k = 0; k < c->n && stoa_plan_goes_on(s->p); ++k) {
    stoa_group *const copy = stoa_group_copy(s->p, g);
    stoa_leaves *const leaves = &copy->members.items[at].leaves;
    leaves->n = 0;
    for (uint32_t i = 0; i < g->members.items[at].leaves.n; ++i) {
      if (c->chosen[i] == k) {
        STOA_PUSH(s->p->arena, leaves, g->members.items[at].leaves.items[i]);
      }
    }
    stoa_prune(s->p, copy);
    spread(s, copy, at + 1);
  }
}

static bool is_bare(stoa_planner *p, const stoa_group *branch)
{
  bool *const reads = STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
  for (uint32_t i = 0; i < branch->conditions.n; ++i) {
    stoa_expr_reads(branch->conditions.items[i].expr, reads);
  }
  for (uint32_t v = 0; v < p->rels.query->n_vars; ++v) {
    if (reads[v] && !stoa_members_bind(branch, v)) {
      return false;
    }
  }
  return branch->tails.n == 0;
}

// One branch instead of the union: its members and conditions side by side with the others', or as a group.
static stoa_group *with_branch(stoa_planner *p, const stoa_group *g, uint32_t at, uint32_t which)
{
  stoa_group *const copy = stoa_group_copy(p, g);
  stoa_group *const branch = copy->members.items[at].parts.items[which];
  stoa_member *const m = &copy->members.items[at];
  if (!is_bare(p, branch)) {
    *m = (stoa_member){.kind = STOA_MEMBER_GROUP, .node = branch->node};
    STOA_PUSH(p->arena, &m->parts, branch);
    return copy;
  }
  memmove(m, m + 1, (copy->members.n - at - 1) * sizeof *m);
  copy->members.n--;
  for (uint32_t i = 0; i < branch->members.n; ++i) {
    STOA_PUSH(p->arena, &copy->members, branch->members.items[i]);
  }
  for (uint32_t i = 0; i < branch->conditions.n; ++i) {
    STOA_PUSH(p->arena, &copy->conditions, ((stoa_condition){branch->conditions.items[i].expr, 0}));
  }
  return copy;
}

static void spread_union(const spreader *s, const stoa_group *g, uint32_t at)
{
  for (uint32_t k = 0; k < g->members.items[at].parts.n && stoa_plan_goes_on(s->p); ++k) {
    stoa_group *const copy = with_branch(s->p, g, at, k);
    stoa_prune(s->p, copy);
    spread(s, copy, at);
  }
}

static void spread(const spreader *s, stoa_group *g, uint32_t from)
{
  stoa_source *source = NULL;
  if (g->empty) {
    return;
  }
  const bool whole = in_one_source(g, &source);
  for (uint32_t i = from; i < g->members.n && !whole && s->out->n < MOST_GROUPS; ++i) {
    const stoa_member *const m = &g->members.items[i];
    if (m->kind == STOA_MEMBER_UNION && m->parts.n <= MOST_BRANCHES && (g->members.n > 1 || g->tails.n)) {
      spread_union(s, g, i);
      return;
    }
    const choices c = m->kind == STOA_MEMBER_PATTERN ? choices_of(s, m) : (choices){NULL, 0};
    if (c.n > 1) {
      spread_pattern(s, g, i, &c);
      return;
    }
  }
  STOA_PUSH(s->p->arena, s->out, g);
}

void stoa_spread(stoa_planner *p, stoa_group *group, bool sets, stoa_groups *out)
{
  const spreader s = {p, sets, out};
  spread(&s, group, 0);
}
