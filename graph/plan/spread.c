// A join over a union of sources is the union of the joins.
//
// Where a pattern can be told by two sources, say native triples and the state database, reading the union of both
// before it is joined costs all rows of both.  The group is instead written once for each choice of one source, and
// each of these is pruned again: most choices cannot have rows, since terms of one source rarely meet those of another.
//
// (A union B) join C has the rows of (A join C) union (B join C), each as often.  One thing must be seen to: a graph is
// a set, so a triple that two sources both tell is one triple.  Alternatives that another source may tell too make
// choices of their own, which are marked as shared, and rows of shared groups are made distinct together.  The number
// of groups is bounded: beyond it the union is read as a union.
#include "graph/plan/spread.h"
#include "graph/plan/alternatives.h"
#include "graph/plan/prune.h"

enum { MOST_GROUPS = 8, MOST_BRANCHES = 4 };

typedef struct {
  stoa_planner *p;
  bool sets;
  uint32_t n_sets; ///< groups without a union that were begun
  stoa_spread_groups *out;
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

// May another source tell a triple of this leaf?
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
  bool *shared; ///< by choice: it has a leaf that another source may tell too
} choices;

// For each source one choice of the leaves that it tells alone, and one of those that another source may tell too.
static choices choices_of(const spreader *s, const stoa_member *m)
{
  const uint32_t n = m->leaves.n + 1;
  choices c = {STOA_NEWS(s->p->arena, uint32_t, n), 0, STOA_NEWS(s->p->arena, bool, n)};
  const bool *const all_shared = s->sets ? NULL : stoa_leaves_shared(s->p, &m->leaves);
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    const bool shared = all_shared && all_shared[i];
    uint32_t same = UINT32_MAX;
    for (uint32_t k = 0; k < i && same == UINT32_MAX; ++k) {
      const bool alike = m->leaves.items[k]->source == m->leaves.items[i]->source && c.shared[c.chosen[k]] == shared;
      same = alike ? c.chosen[k] : same;
    }
    c.chosen[i] = same != UINT32_MAX ? same : c.n++;
    c.shared[c.chosen[i]] = shared;
  }
  return c;
}

static void spread(const spreader *s, stoa_group *g, uint32_t from, uint32_t set, bool shared);

// The group once for each choice of one pattern's leaves: a row has its triple from a leaf of one choice.
static void spread_pattern(const spreader *s, const stoa_group *g, uint32_t at, const choices *c, uint32_t set,
                           bool shared)
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
    spread(s, copy, at + 1, set, shared || c->shared[k]);
  }
}

// May the branch's members stand side by side with the others?  Its conditions must read only what its own members
// always bind, or they would see what the others bind; a tail must keep to its own left side.
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

// ---- sets of patterns

// Has some pattern a triple that two sources may tell?
static bool has_shared(const spreader *s, const stoa_group *g)
{
  bool found = false;
  for (uint32_t i = 0; i < g->members.n && !found && !s->sets; ++i) {
    const stoa_member *const m = &g->members.items[i];
    for (uint32_t k = 0; m->kind == STOA_MEMBER_PATTERN && k < m->leaves.n && !found; ++k) {
      found = coincide(m, k);
    }
  }
  return found;
}

// Nothing but patterns: then rows that are equal come from equal triples.
static bool has_patterns_alone(const stoa_group *g)
{
  bool alone = g->tails.n == 0;
  for (uint32_t i = 0; i < g->members.n && alone; ++i) {
    alone = g->members.items[i].kind == STOA_MEMBER_PATTERN;
  }
  return alone;
}

static const stoa_node *pattern_node(const spreader *s, const stoa_pattern *pattern)
{
  stoa_node *const node = STOA_NEW(s->p->arena, stoa_node);
  *node = (stoa_node){.kind = STOA_NODE_BGP, .patterns = pattern, .n_patterns = 1, .limit = UINT64_MAX};
  node->graph.var = STOA_NO_VAR;
  return node;
}

static const stoa_node *node_of_patterns(const spreader *s, const stoa_group *g)
{
  const stoa_node *all = NULL;
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_node *const one = pattern_node(s, g->members.items[i].pattern);
    all = all ? stoa_join_node(s->p, all, one) : one;
  }
  return all;
}

// Reads the condition only what the group's members bind in every row?
static bool reads_bound(const spreader *s, const stoa_group *g, const stoa_expr *e)
{
  bool *const reads = STOA_NEWS(s->p->arena, bool, s->p->rels.query->n_vars + 1);
  stoa_expr_reads(e, reads);
  for (stoa_var v = 0; v < s->p->rels.query->n_vars; ++v) {
    if (reads[v] && !stoa_members_bind(g, v)) {
      return false;
    }
  }
  return true;
}

// The patterns with the conditions on what they bind as a group within the group.  Made distinct, the rows of patterns
// are their solutions; rows of other members (a sub-select, VALUES) may rightly come twice, so they stay outside.
static stoa_group *with_patterns_apart(const spreader *s, const stoa_group *g)
{
  stoa_group *const outer = stoa_group_copy(s->p, g), *const inner = STOA_NEW(s->p->arena, stoa_group);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < outer->members.n; ++i) {
    if (outer->members.items[i].kind == STOA_MEMBER_PATTERN) {
      STOA_PUSH(s->p->arena, &inner->members, outer->members.items[i]);
    } else {
      outer->members.items[kept++] = outer->members.items[i];
    }
  }
  outer->members.n = kept;
  inner->node = node_of_patterns(s, inner);
  kept = 0;
  for (uint32_t i = 0; i < outer->conditions.n; ++i) {
    const stoa_condition c = outer->conditions.items[i];
    if (c.expr->kind != STOA_EXPR_EXISTS && reads_bound(s, inner, c.expr)) {
      STOA_PUSH(s->p->arena, &inner->conditions, ((stoa_condition){c.expr, 0}));
    } else {
      outer->conditions.items[kept++] = c;
    }
  }
  outer->conditions.n = kept;
  stoa_member m = {.kind = STOA_MEMBER_GROUP, .node = inner->node};
  STOA_PUSH(s->p->arena, &m.parts, inner);
  STOA_PUSH(s->p->arena, &outer->members, m);
  return outer;
}

// ---- spreading

// Choose for the first pattern from `from` on that has a choice, and go on with the others in each copy.
static void spread(const spreader *s, stoa_group *g, uint32_t from, uint32_t set, bool shared)
{
  stoa_source *source = NULL;
  if (g->empty) {
    return;
  }
  if (has_shared(s, g) && !has_patterns_alone(g)) {
    g = with_patterns_apart(s, g);
    from = 0;
  }
  const bool whole = in_one_source(g, &source);
  for (uint32_t i = from; i < g->members.n && !whole && s->out->n < MOST_GROUPS; ++i) {
    const stoa_member *const m = &g->members.items[i];
    const choices c = m->kind == STOA_MEMBER_PATTERN ? choices_of(s, m) : (choices){NULL, 0, NULL};
    if (c.n > 1) {
      spread_pattern(s, g, i, &c, set, shared);
      return;
    }
  }
  STOA_PUSH(s->p->arena, s->out, ((stoa_spread_group){g, shared ? set : 0}));
}

// The group once for each branch of its UNIONs: the join with a union is the union of the joins.  This comes before
// patterns are chosen for, since each branch gives its own rows: what two sources tell is one triple within a branch,
// and equal rows of two branches are two rows.
static void spread_unions(spreader *s, stoa_group *g, uint32_t from)
{
  stoa_source *source = NULL;
  const bool whole = g->empty || in_one_source(g, &source);
  for (uint32_t i = from; i < g->members.n && !whole && s->out->n < MOST_GROUPS; ++i) {
    const stoa_member *const m = &g->members.items[i];
    if (m->kind != STOA_MEMBER_UNION || m->parts.n > MOST_BRANCHES || (g->members.n == 1 && !g->tails.n)) {
      continue;
    }
    for (uint32_t k = 0; k < m->parts.n && stoa_plan_goes_on(s->p); ++k) {
      stoa_group *const copy = with_branch(s->p, g, i, k);
      stoa_prune(s->p, copy);
      spread_unions(s, copy, i);
    }
    return;
  }
  spread(s, g, 0, ++s->n_sets, false);
}

void stoa_spread(stoa_planner *p, stoa_group *group, bool sets, stoa_spread_groups *out)
{
  spreader s = {.p = p, .sets = sets, .out = out};
  spread_unions(&s, group, 0);
}
