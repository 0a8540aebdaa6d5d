// Patterns whose alternatives are known, as pieces.
//
// Patterns are taken in stars (one subject).  What lies in one source is joined there at once; where a star lies in
// several sources, the executor joins pattern by pattern.  (Groups that lie in several sources as a whole were spread
// before: see spread.h.)
#include "graph/plan/patterns.h"
#include "graph/plan/alternatives.h"
#include "graph/plan/quads.h"
#include "graph/plan/rel.h"
#include "graph/plan/unique.h"
#include "graph/term/equality.h"

typedef STOA_LIST(stoa_source *) sources;

typedef struct {
  stoa_planner *p;
  const stoa_restriction *restrictions;
  bool sets; ///< rows that come twice do not matter
} builder;

// ---- sets: a graph tells each triple once

// A block whose equal terms are equal columns is made a set by DISTINCT; of any other the terms themselves are compared,
// by a source that calls back.
static stoa_said distinct_block(stoa_planner *p, const stoa_block *of, const stoa_block **out)
{
  if (stoa_block_unique(of)) {
    *out = of;
    return STOA_SAID;
  }
  const bool exact = stoa_block_exact(of);
  if (!exact && !p->rels.hosted) {
    return STOA_CANNOT_SAY;
  }
  stoa_block *const distinct = stoa_block_copy(&p->rels, of);
  for (uint32_t i = 0; i < of->bindings.n; ++i) {
    const stoa_binding *const b = &of->bindings.items[i];
    if (!stoa_binding_exact(b)) {
      distinct->bindings.items[i] = stoa_hosted_binding(&p->rels, b->var, stoa_hosted_term_of(&p->rels, b));
      distinct->bindings.items[i].nullable = b->nullable;
    }
  }
  distinct->closed = distinct->distinct = true;
  if (of->bindings.n == 0) {
    distinct->limit = 1;
  }
  *out = distinct;
  return STOA_SAID;
}

static bool overlaps(const stoa_rel *rel, uint32_t i)
{
  bool overlaps = false;
  for (uint32_t j = 0; j < rel->blocks.n && !overlaps; ++j) {
    overlaps = j != i && !stoa_blocks_disjoint(rel->blocks.items[i], rel->blocks.items[j]);
  }
  return overlaps;
}

// Blocks of which no two can give the same row are sets one by one; those that can are one subquery, whose UNION drops
// what is there twice.
static stoa_said sets_apart(stoa_planner *p, const stoa_rel *rel, const stoa_rel **out)
{
  stoa_rel *const apart = STOA_NEW(p->arena, stoa_rel), *const together = STOA_NEW(p->arena, stoa_rel);
  apart->source = together->source = rel->source;
  together->set = true;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    if (overlaps(rel, i)) {
      STOA_PUSH(p->arena, &together->blocks, rel->blocks.items[i]);
      continue;
    }
    const stoa_block *one;
    if (distinct_block(p, rel->blocks.items[i], &one) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(p->arena, &apart->blocks, one);
  }
  if (together->blocks.n && apart->blocks.n) {
    const stoa_block *one;
    if (stoa_rel_open(&p->rels, together, &one) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    STOA_PUSH(p->arena, &apart->blocks, one);
    *out = apart;
  } else {
    *out = together->blocks.n ? together : apart;
  }
  return STOA_SAID;
}

static const stoa_rel *as_set(stoa_planner *p, const stoa_rel *rel)
{
  const stoa_rel *apart;
  p->rels.hosted = rel->source->klass->calls;
  const stoa_said said = sets_apart(p, rel, &apart);
  p->rels.hosted = false;
  if (said == STOA_SAID) {
    return apart;
  }
  stoa_rel *const set = STOA_NEW(p->arena, stoa_rel);
  *set = *rel;
  set->set = true;
  return set;
}

// The relation of a pattern over its leaves in one source.
static stoa_said pattern_rel(const builder *b, const stoa_member *m, stoa_source *source, const stoa_rel **out)
{
  stoa_planner *const p = b->p;
  stoa_rel *const all = STOA_NEW(p->arena, stoa_rel);
  all->source = source;
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source != source) {
      continue;
    }
    const stoa_rel *one;
    if (stoa_rel_leaf(&p->rels, m->pattern, m->leaves.items[i], &one) == STOA_CANNOT_SAY) {
      return STOA_CANNOT_SAY;
    }
    for (uint32_t k = 0; k < one->blocks.n; ++k) {
      STOA_PUSH(p->arena, &all->blocks, one->blocks.items[k]);
    }
  }
  *out = b->sets ? all : as_set(p, all);
  return STOA_SAID;
}

static stoa_expr *same_term(stoa_planner *p, stoa_var var, stoa_term term, stoa_place place)
{
  stoa_expr *const call = STOA_NEW(p->arena, stoa_expr);
  stoa_expr *const v = STOA_NEW(p->arena, stoa_expr);
  stoa_expr *const t = STOA_NEW(p->arena, stoa_expr);
  *v = (stoa_expr){.kind = STOA_EXPR_VAR, .var = var, .place = place};
  *t = (stoa_expr){.kind = STOA_EXPR_TERM, .term = term, .place = place};
  call->kind = STOA_EXPR_CALL;
  call->function = STOA_FN_SAMETERM;
  call->place = place;
  call->args = STOA_NEWS(p->arena, const stoa_expr *, 2);
  call->args[0] = v;
  call->args[1] = t;
  call->n_args = 2;
  return call;
}

// A constant that SQL cannot compare is read as a variable and compared by the executor.
static const stoa_pattern *loosened(stoa_planner *p, const stoa_pattern *pattern, stoa_conjuncts *checks)
{
  stoa_pattern *const loose = STOA_NEW(p->arena, stoa_pattern);
  *loose = *pattern;
  stoa_slot *const slots[] = {&loose->subject, &loose->object};
  for (int i = 0; i < 2; ++i) {
    if (slots[i]->var == STOA_NO_VAR) {
      const stoa_var var = stoa_plan_extra_var(p);
      stoa_shape_fix(p->rels.shape, slots[i]->constant);
      STOA_PUSH(p->arena, checks, same_term(p, var, slots[i]->term, pattern->place));
      *slots[i] = (stoa_slot){.var = var};
    }
  }
  // ?x p ?x over two kinds of columns
  if (loose->subject.var == loose->object.var && pattern->subject.var != STOA_NO_VAR) {
    const stoa_var var = stoa_plan_extra_var(p);
    stoa_expr *const e = same_term(p, var, (stoa_term){0}, pattern->place);
    stoa_expr *const v = STOA_NEW(p->arena, stoa_expr);
    *v = (stoa_expr){.kind = STOA_EXPR_VAR, .var = loose->subject.var};
    e->args[1] = v;
    STOA_PUSH(p->arena, checks, e);
    loose->object = (stoa_slot){.var = var};
  }
  return loose;
}

// The checked variables go no further: rows of several sources that are made a set are compared by what is asked.
static const stoa_plan_node *without_extras(stoa_planner *p, const stoa_plan_node *node)
{
  stoa_plan_node *const project = stoa_plan_node_new(p, STOA_PLAN_PROJECT, node, NULL);
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (node->vars[i] < p->rels.query->n_vars) {
      stoa_plan_append_var(p, project, node->vars[i]);
    }
  }
  return project;
}

static const stoa_plan_node *with_checks(stoa_planner *p, const stoa_plan_node *node, const stoa_conjuncts *checks)
{
  for (uint32_t i = 0; i < checks->n; ++i) {
    stoa_plan_node *const filter = stoa_plan_node_new(p, STOA_PLAN_FILTER, node, NULL);
    filter->expr = checks->items[i];
    stoa_plan_merge_vars(p, filter);
    node = filter;
  }
  return without_extras(p, node);
}

// One pattern in one source.
static stoa_piece pattern_piece(const builder *b, const stoa_member *m, stoa_source *source)
{
  stoa_planner *const p = b->p;
  const stoa_rel *rel = NULL;
  stoa_conjuncts checks = {0};
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source == source && m->leaves.items[i]->native) {
      const stoa_pattern **const patterns = STOA_NEWS(p->arena, const stoa_pattern *, 1);
      patterns[0] = m->pattern;
      return (stoa_piece){.node = stoa_quads_new(p, patterns, 1, source)};
    }
  }
  if (pattern_rel(b, m, source, &rel) == STOA_SAID) {
    return stoa_piece_restricted(p, (stoa_piece){.rel = rel}, b->restrictions);
  }
  stoa_member loose = *m;
  loose.pattern = loosened(p, m->pattern, &checks);
  if (pattern_rel(b, &loose, source, &rel) == STOA_CANNOT_SAY) {
    return (stoa_piece){.node = stoa_plan_empty(p)};
  }
  const stoa_piece piece = {.rel = rel};
  return (stoa_piece){.node = with_checks(p, stoa_piece_node(p, &piece), &checks)};
}

static void add_source(const builder *b, sources *list, stoa_source *source)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (list->items[i] == source) {
      return;
    }
  }
  STOA_PUSH(b->p->arena, list, source);
}

static sources sources_of(const builder *b, const stoa_member *m)
{
  sources list = {0};
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    add_source(b, &list, m->leaves.items[i]->source);
  }
  return list;
}

// ---- over several sources

// The leaves of a pattern that some other source may tell too, or those that none can.
static stoa_member part_of(const builder *b, const stoa_member *m, bool shared)
{
  stoa_member part = {.kind = m->kind, .pattern = m->pattern};
  const bool *const all = stoa_leaves_shared(b->p, &m->leaves);
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (all[i] == shared) {
      STOA_PUSH(b->p->arena, &part.leaves, m->leaves.items[i]);
    }
  }
  return part;
}

static const stoa_plan_node *union_of_sources(const builder *b, const stoa_member *m)
{
  const sources list = sources_of(b, m);
  const stoa_plan_node *all = NULL;
  for (uint32_t i = 0; i < list.n; ++i) {
    const stoa_piece one = pattern_piece(b, m, list.items[i]);
    all = stoa_plan_union(b->p, all, stoa_piece_node(b->p, &one));
  }
  return all;
}

// What two sources may both tell is made a set.
static stoa_piece pattern_everywhere(const builder *b, const stoa_member *m)
{
  const stoa_member shared = part_of(b, m, true), own = part_of(b, m, false);
  const stoa_plan_node *all = NULL;
  if (shared.leaves.n && !b->sets) {
    stoa_plan_node *const distinct =
      stoa_plan_node_new(b->p, STOA_PLAN_DISTINCT, union_of_sources(b, &shared), NULL);
    stoa_plan_merge_vars(b->p, distinct);
    all = distinct;
  } else if (shared.leaves.n) {
    all = union_of_sources(b, &shared);
  }
  if (own.leaves.n) {
    all = stoa_plan_union(b->p, all, union_of_sources(b, &own));
  }
  return (stoa_piece){.node = all ? all : stoa_plan_empty(b->p)};
}

// ---- stars

// Rule 14: a union that the other piece implies, such as a class with many tables, is not read.
static stoa_piece join_in_star(stoa_planner *p, const stoa_piece *a, const stoa_piece *b)
{
  if (a->rel && b->rel && b->rel->blocks.n > 1 && stoa_rel_implied(&p->rels, b->rel, a->rel)) {
    return *a;
  }
  if (a->rel && b->rel && a->rel->blocks.n > 1 && stoa_rel_implied(&p->rels, a->rel, b->rel)) {
    return *b;
  }
  return stoa_piece_join(p, a, b);
}

// Equal constants that are written as one are known as one; others are equal by chance, and fixed.
static bool same_slot(stoa_planner *p, const stoa_slot *a, const stoa_slot *b)
{
  if (a->var != b->var || a->var != STOA_NO_VAR) {
    return a->var == b->var;
  }
  const bool same = stoa_term_same(a->term, b->term);
  if (same && a->constant != b->constant) {
    stoa_shape_fix(p->rels.shape, a->constant);
    stoa_shape_fix(p->rels.shape, b->constant);
  }
  return same;
}

// The other patterns of the subject that lie in the same source alone.
static stoa_piece star(const builder *b, const stoa_group *g, uint32_t first, stoa_source *source, bool *taken)
{
  stoa_piece all = pattern_piece(b, &g->members.items[first], source);
  for (uint32_t i = first + 1; i < g->members.n && stoa_plan_goes_on(b->p); ++i) {
    const stoa_member *const m = &g->members.items[i];
    const sources list = sources_of(b, m);
    if (taken[i] || m->kind != STOA_MEMBER_PATTERN || list.n != 1 || list.items[0] != source ||
        !same_slot(b->p, &g->members.items[first].pattern->subject, &m->pattern->subject)) {
      continue;
    }
    const stoa_piece one = pattern_piece(b, m, source);
    all = join_in_star(b->p, &all, &one);
    taken[i] = true;
  }
  return stoa_piece_restricted(b->p, all, b->restrictions);
}

static bool is_of(const stoa_member *m, const stoa_source *source)
{
  return m->kind == STOA_MEMBER_PATTERN && m->leaves.n == 1 && m->leaves.items[0]->native &&
         (!source || m->leaves.items[0]->source == source);
}

// Patterns that only one native graph can answer are one scan of it, whatever their subjects.
static void native_scans(const builder *b, const stoa_group *g, bool *taken, stoa_pieces *out)
{
  for (uint32_t first = 0; first < g->members.n; ++first) {
    if (taken[first] || !is_of(&g->members.items[first], NULL)) {
      continue;
    }
    stoa_source *const source = g->members.items[first].leaves.items[0]->source;
    const stoa_pattern **const patterns = STOA_NEWS(b->p->arena, const stoa_pattern *, g->members.n - first);
    uint32_t n = 0;
    for (uint32_t i = first; i < g->members.n; ++i) {
      if (!taken[i] && is_of(&g->members.items[i], source)) {
        patterns[n++] = g->members.items[i].pattern;
        taken[i] = true;
      }
    }
    STOA_PUSH(b->p->arena, out, ((stoa_piece){.node = stoa_quads_new(b->p, patterns, n, source)}));
  }
}

void stoa_patterns_pieces(stoa_planner *p, const stoa_group *g, const stoa_restriction *restrictions, bool sets,
                          stoa_pieces *out)
{
  const builder b = {p, restrictions, sets};
  bool *const taken = STOA_NEWS(p->arena, bool, g->members.n + 1);
  native_scans(&b, g, taken, out);
  for (uint32_t i = 0; i < g->members.n && stoa_plan_goes_on(p); ++i) {
    const stoa_member *const m = &g->members.items[i];
    if (m->kind != STOA_MEMBER_PATTERN || taken[i]) {
      continue;
    }
    const sources list = sources_of(&b, m);
    const stoa_piece one = list.n == 1 ? star(&b, g, i, list.items[0], taken) : pattern_everywhere(&b, m);
    STOA_PUSH(p->arena, out, one);
  }
}

stoa_piece stoa_patterns_plain(stoa_planner *p, const stoa_member *m)
{
  const builder b = {p, NULL, false};
  return pattern_everywhere(&b, m);
}
