// Basic graph patterns: each pattern is unfolded by the rewriter; patterns that meet in one source
// become one relation, those of different sources are joined by the executor.
//
// Patterns are taken in stars (one subject).  Where a star lies in several sources whose subjects can
// never be the same, it is the union of one star per source: no row of one source can complete a row
// of another.  Where subjects may be the same, the executor joins pattern by pattern.
#include "graph/plan/planner.h"
#include "graph/plan/rel.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"

typedef struct {
  const stoa_pattern *pattern;
  stoa_leaves leaves;
  bool taken;
} member;

typedef STOA_LIST(stoa_source *) sources;

static const stoa_plan_node *empty_node(stoa_planner *p)
{
  return stoa_plan_node_new(p, STOA_PLAN_EMPTY, NULL, NULL);
}

static void add_var(stoa_planner *p, const stoa_slot *slot, stoa_plan_node *node, stoa_var *vars)
{
  (void)p;
  if (slot->var == STOA_NO_VAR) {
    return;
  }
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (vars[i] == slot->var) {
      return;
    }
  }
  vars[node->n_vars++] = slot->var;
}

static const stoa_plan_node *quads_node(stoa_planner *p, const stoa_pattern *const *patterns, uint32_t n,
                                        stoa_source *source)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, STOA_PLAN_QUADS, NULL, NULL);
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, n * 4);
  node->source = source;
  node->patterns = patterns;
  node->n_patterns = n;
  for (uint32_t i = 0; i < n; ++i) {
    add_var(p, &patterns[i]->subject, node, vars);
    add_var(p, &patterns[i]->predicate, node, vars);
    add_var(p, &patterns[i]->object, node, vars);
    add_var(p, &patterns[i]->graph, node, vars);
  }
  node->vars = vars;
  return node;
}

static const stoa_plan_node *quads_node_of_one(stoa_planner *p, const stoa_pattern *pattern, stoa_source *source)
{
  const stoa_pattern **const patterns = STOA_NEWS(p->arena, const stoa_pattern *, 1);
  patterns[0] = pattern;
  return quads_node(p, patterns, 1, source);
}

const stoa_plan_node *stoa_piece_quads(const stoa_piece *piece)
{
  return piece->node && piece->node->kind == STOA_PLAN_QUADS && !piece->node->inputs[0] ? piece->node : NULL;
}

const stoa_plan_node *stoa_quads_merged(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  if (!a || !b || a->source != b->source) {
    return NULL;
  }
  const stoa_pattern **const all = STOA_NEWS(p->arena, const stoa_pattern *, a->n_patterns + b->n_patterns);
  memcpy(all, a->patterns, a->n_patterns * sizeof *all);
  memcpy(all + a->n_patterns, b->patterns, b->n_patterns * sizeof *all);
  return quads_node(p, all, a->n_patterns + b->n_patterns, a->source);
}

stoa_plan_node *stoa_quads_over(stoa_planner *p, const stoa_plan_node *left, const stoa_plan_node *quads,
                                stoa_quads_how how)
{
  bool shares = false;
  for (uint32_t i = 0; i < quads->n_vars; ++i) {
    shares |= stoa_plan_column(left, quads->vars[i]) >= 0;
  }
  if (!shares) {
    return NULL;
  }
  stoa_plan_node *const node = stoa_plan_node_new(p, STOA_PLAN_QUADS, left, NULL);
  node->source = quads->source;
  node->patterns = quads->patterns;
  node->n_patterns = quads->n_patterns;
  node->how = how;
  stoa_plan_merge_vars(p, node);
  if (how == STOA_QUADS_JOIN || how == STOA_QUADS_LEFT) {
    stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, node->n_vars + quads->n_vars);
    memcpy(vars, node->vars, node->n_vars * sizeof *vars);
    node->vars = vars;
    for (uint32_t i = 0; i < quads->n_vars; ++i) {
      if (stoa_plan_column(node, quads->vars[i]) < 0) {
        vars[node->n_vars++] = quads->vars[i];
      }
    }
  }
  return node;
}

// Make the rows of a pattern a set.
static const stoa_rel *as_set(stoa_planner *p, const stoa_rel *rel)
{
  bool disjoint = true;
  for (uint32_t i = 0; i < rel->blocks.n && disjoint; ++i) {
    for (uint32_t j = 0; j < i && disjoint; ++j) {
      disjoint = stoa_blocks_disjoint(rel->blocks.items[i], rel->blocks.items[j]);
    }
  }
  for (uint32_t i = 0; i < rel->blocks.n && disjoint; ++i) {
    // Equal terms of different columns are dropped by the executor.
    disjoint = stoa_block_unique(rel->blocks.items[i]) || stoa_block_exact(rel->blocks.items[i]);
  }
  stoa_rel *const out = STOA_NEW(p->arena, stoa_rel);
  out->source = rel->source;
  out->set = !disjoint;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    const stoa_block *block = rel->blocks.items[i];
    if (disjoint && !stoa_block_unique(block)) {
      stoa_block *const distinct = STOA_NEW(p->arena, stoa_block);
      *distinct = *block;
      distinct->closed = distinct->distinct = true;
      if (block->bindings.n == 0) {
        distinct->limit = 1;
      }
      block = distinct;
    }
    STOA_PUSH(p->arena, &out->blocks, block);
  }
  return out;
}

// The relation of a pattern over its leaves in one source.  NULL in `out`: no leaf can meet it.
static bool pattern_rel(stoa_planner *p, const member *m, stoa_source *source, const stoa_rel **out)
{
  stoa_rel *const all = STOA_NEW(p->arena, stoa_rel);
  all->source = source;
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source != source) {
      continue;
    }
    const stoa_rel *const one = stoa_rel_leaf(&p->rels, m->pattern, m->leaves.items[i]);
    if (!one) {
      return false;
    }
    for (uint32_t k = 0; k < one->blocks.n; ++k) {
      STOA_PUSH(p->arena, &all->blocks, one->blocks.items[k]);
    }
  }
  *out = as_set(p, all);
  return true;
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

static const stoa_plan_node *with_checks(stoa_planner *p, const stoa_plan_node *node, const stoa_conjuncts *checks)
{
  for (uint32_t i = 0; i < checks->n; ++i) {
    stoa_plan_node *const filter = stoa_plan_node_new(p, STOA_PLAN_FILTER, node, NULL);
    filter->expr = checks->items[i];
    stoa_plan_merge_vars(p, filter);
    node = filter;
  }
  return node;
}

// One pattern in one source.
static stoa_piece pattern_piece(stoa_planner *p, const member *m, stoa_source *source)
{
  const stoa_rel *rel = NULL;
  stoa_conjuncts checks = {0};
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source == source && m->leaves.items[i]->native) {
      return (stoa_piece){.node = quads_node_of_one(p, m->pattern, source)};
    }
  }
  if (pattern_rel(p, m, source, &rel)) {
    return (stoa_piece){.rel = rel};
  }
  member loose = *m;
  loose.pattern = loosened(p, m->pattern, &checks);
  if (!pattern_rel(p, &loose, source, &rel)) {
    return (stoa_piece){.node = NULL};
  }
  const stoa_piece piece = {.rel = rel};
  return (stoa_piece){.node = with_checks(p, stoa_piece_node(p, &piece), &checks)};
}

static stoa_piece restricted(stoa_planner *p, stoa_piece piece, const stoa_restriction *restrictions)
{
  for (; restrictions; restrictions = restrictions->next) {
    if (piece.rel && stoa_piece_has(&piece, restrictions->values->vars[0])) {
      const stoa_rel *const rel = stoa_rel_restrict(&p->rels, piece.rel, restrictions->values);
      piece.rel = rel ? rel : piece.rel;
    }
  }
  return piece;
}

static void add_source(stoa_planner *p, sources *list, stoa_source *source)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (list->items[i] == source) {
      return;
    }
  }
  STOA_PUSH(p->arena, list, source);
}

static bool has_source(const member *m, const stoa_source *source)
{
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source == source) {
      return true;
    }
  }
  return false;
}

static stoa_term constant_of(const stoa_slot *slot)
{
  return slot->var == STOA_NO_VAR ? slot->term : (stoa_term){0};
}

// Can the terms of `a` at its place (subject or object) meet those of `b` at its own?
static bool can_meet(const member *ma, const stoa_leaf *a, int place_a, const stoa_leaf *b, int place_b)
{
  if (a->native && b->native) {
    return true;
  }
  if (b->native) {
    return true; // judged from the native side
  }
  const stoa_ctor *const cb = place_b == 0 ? &b->subject : &b->object;
  if (a->native) {
    // Judged by the terms that the graph holds there, which is worth it for one predicate only.
    const bool judged =
      cb->kind == STOA_CTOR_TEMPLATE && cb->makes == STOA_TERM_IRI && ma->pattern->predicate.var == STOA_NO_VAR;
    return !judged || stoa_source_native_fits(a->source, constant_of(&ma->pattern->predicate),
                                              constant_of(&ma->pattern->object), place_a, cb->tmpl);
  }
  return stoa_ctors_meet(place_a == 0 ? &a->subject : &a->object, cb);
}

// Can a subject made by one leaf be made by the other?  `ma` and `mb` are their patterns.
static bool subjects_overlap(const member *ma, const stoa_leaf *a, const member *mb, const stoa_leaf *b)
{
  if (a->native && b->native) {
    return true;
  }
  if (ma->pattern->subject.var == STOA_NO_VAR) {
    return true;
  }
  if (a->native || b->native) {
    return can_meet(a->native ? ma : mb, a->native ? a : b, 0, a->native ? b : a, 0);
  }
  if (a->subject.makes != b->subject.makes) {
    return false;
  }
  return a->subject.kind != STOA_CTOR_TEMPLATE || b->subject.kind != STOA_CTOR_TEMPLATE ||
         a->subject.makes != STOA_TERM_IRI || stoa_template_overlap(a->subject.tmpl, b->subject.tmpl);
}

static bool sources_overlap(const member *const *star, uint32_t n)
{
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t j = 0; j < n; ++j) {
      for (uint32_t k = 0; k < star[i]->leaves.n; ++k) {
        for (uint32_t l = 0; l < star[j]->leaves.n; ++l) {
          const stoa_leaf *const a = star[i]->leaves.items[k], *const b = star[j]->leaves.items[l];
          if (a->source != b->source && subjects_overlap(star[i], a, star[j], b)) {
            return true;
          }
        }
      }
    }
  }
  return false;
}

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

static stoa_piece star_in_source(stoa_planner *p, const member *const *star, uint32_t n, stoa_source *source,
                                 const stoa_restriction *restrictions)
{
  stoa_piece all = {0};
  for (uint32_t i = 0; i < n; ++i) {
    if (!has_source(star[i], source) || !stoa_plan_goes_on(p)) {
      return (stoa_piece){.node = empty_node(p)};
    }
    const stoa_piece one = restricted(p, pattern_piece(p, star[i], source), restrictions);
    all = i ? join_in_star(p, &all, &one) : one;
  }
  return restricted(p, all, restrictions);
}

static stoa_piece union_pieces(stoa_planner *p, const stoa_piece *a, const stoa_piece *b)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, STOA_PLAN_UNION, stoa_piece_node(p, a), stoa_piece_node(p, b));
  stoa_plan_merge_vars(p, node);
  return (stoa_piece){.node = node};
}

// Can leaves of two sources tell the same triple?  A native graph is asked what it holds.
static bool may_coincide(const stoa_leaf *a, const stoa_leaf *b)
{
  if (b->native && !a->native) {
    return may_coincide(b, a);
  }
  if (a->native) {
    const bool of_class = b->object.kind == STOA_CTOR_CONSTANT;
    return b->predicate.kind != STOA_CTOR_CONSTANT ||
           stoa_source_native_matches(a->source, (stoa_term){0}, b->predicate.constant,
                                      of_class ? b->object.constant : (stoa_term){0});
  }
  return stoa_ctors_meet(&a->subject, &b->subject) && stoa_ctors_meet(&a->predicate, &b->predicate) &&
         stoa_ctors_meet(&a->object, &b->object) && stoa_ctors_meet(&a->graph, &b->graph);
}

static bool is_shared(const member *m, const stoa_leaf *leaf)
{
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (m->leaves.items[i]->source != leaf->source && may_coincide(leaf, m->leaves.items[i])) {
      return true;
    }
  }
  return false;
}

// The leaves of a pattern that some other source may tell too, or those that none can.
static member part_of(stoa_planner *p, const member *m, bool shared)
{
  member part = {.pattern = m->pattern};
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    if (is_shared(m, m->leaves.items[i]) == shared) {
      STOA_PUSH(p->arena, &part.leaves, m->leaves.items[i]);
    }
  }
  return part;
}

static stoa_piece union_of_sources(stoa_planner *p, const member *m, const stoa_restriction *restrictions)
{
  sources list = {0};
  stoa_piece all = {0};
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    add_source(p, &list, m->leaves.items[i]->source);
  }
  for (uint32_t i = 0; i < list.n; ++i) {
    const stoa_piece one = restricted(p, pattern_piece(p, m, list.items[i]), restrictions);
    all = i ? union_pieces(p, &all, &one) : one;
  }
  return all;
}

// One pattern over several sources: what two of them may tell is made a set.
static stoa_piece pattern_everywhere(stoa_planner *p, const member *m, const stoa_restriction *restrictions)
{
  const member shared = part_of(p, m, true), own = part_of(p, m, false);
  stoa_piece all = {0};
  if (m->leaves.n == 0) {
    return (stoa_piece){.node = empty_node(p)};
  }
  if (shared.leaves.n) {
    const stoa_piece some = union_of_sources(p, &shared, restrictions);
    stoa_plan_node *const distinct = stoa_plan_node_new(p, STOA_PLAN_DISTINCT, stoa_piece_node(p, &some), NULL);
    stoa_plan_merge_vars(p, distinct);
    all = (stoa_piece){.node = distinct};
  }
  if (own.leaves.n) {
    const stoa_piece some = union_of_sources(p, &own, restrictions);
    all = shared.leaves.n ? union_pieces(p, &all, &some) : some;
  }
  return all;
}

static void plan_star(stoa_planner *p, const member *const *star, uint32_t n, const stoa_restriction *restrictions,
                      stoa_pieces *out)
{
  sources list = {0};
  for (uint32_t i = 0; i < n; ++i) {
    for (uint32_t k = 0; k < star[i]->leaves.n; ++k) {
      add_source(p, &list, star[i]->leaves.items[k]->source);
    }
  }
  if (list.n > 1 && sources_overlap(star, n)) {
    // Patterns of one and the same source are still one relation.
    for (uint32_t i = 0; i < n && stoa_plan_goes_on(p); ++i) {
      const stoa_piece one = pattern_everywhere(p, star[i], restrictions);
      STOA_PUSH(p->arena, out, one);
    }
    return;
  }
  stoa_piece all = {.node = empty_node(p)};
  bool any = false;
  for (uint32_t i = 0; i < list.n; ++i) {
    const stoa_piece one = star_in_source(p, star, n, list.items[i], restrictions);
    const bool nothing = (one.node && one.node->kind == STOA_PLAN_EMPTY) || (one.rel && one.rel->blocks.n == 0);
    if (!nothing) {
      all = any ? union_pieces(p, &all, &one) : one;
      any = true;
    }
  }
  STOA_PUSH(p->arena, out, all);
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

static void plan_stars(stoa_planner *p, member *members, uint32_t n, const stoa_restriction *restrictions,
                       stoa_pieces *out)
{
  for (uint32_t i = 0; i < n; ++i) {
    const member **const star = STOA_NEWS(p->arena, const member *, n);
    uint32_t n_star = 0;
    for (uint32_t j = i; j < n; ++j) {
      if (!members[j].taken && same_slot(p, &members[i].pattern->subject, &members[j].pattern->subject)) {
        members[j].taken = true;
        star[n_star++] = &members[j];
      }
    }
    if (n_star) {
      plan_star(p, star, n_star, restrictions, out);
    }
  }
}

typedef struct {
  const stoa_piece *piece;
  bool all;
} var_check;

static void check_var(stoa_var var, void *data)
{
  var_check *const c = data;
  c->all &= stoa_piece_has(c->piece, var);
}

// Push each conjunct to the piece that binds all of its variables, if SQL can say it there.
static void push_filters(stoa_planner *p, stoa_pieces *list, stoa_conjuncts *filters)
{
  for (uint32_t f = 0; f < filters->n; ++f) {
    for (uint32_t i = 0; i < list->n && filters->items[f]; ++i) {
      var_check check = {&list->items[i], true};
      stoa_expr_vars(filters->items[f], check_var, &check);
      const stoa_rel *const rel =
        check.all && list->items[i].rel ? stoa_rel_filter(&p->rels, list->items[i].rel, filters->items[f]) : NULL;
      if (rel) {
        list->items[i].rel = rel;
        filters->items[f] = NULL;
      }
    }
  }
}

static bool shares_var(const stoa_piece *a, const stoa_piece *b)
{
  if (a->rel) {
    for (uint32_t i = 0; a->rel->blocks.n && i < a->rel->blocks.items[0]->bindings.n; ++i) {
      if (stoa_piece_has(b, a->rel->blocks.items[0]->bindings.items[i].var)) {
        return true;
      }
    }
    return false;
  }
  for (uint32_t i = 0; i < a->node->n_vars; ++i) {
    if (stoa_piece_has(b, a->node->vars[i])) {
      return true;
    }
  }
  return false;
}

static void take_out(stoa_pieces *list, uint32_t at)
{
  memmove(&list->items[at], &list->items[at + 1], (list->n - at - 1) * sizeof *list->items);
  list->n--;
}

// First join what SQL can join in its own source, then fold the rest, connected pieces first.
stoa_piece stoa_piece_join_all(stoa_planner *p, stoa_pieces *list)
{
  for (uint32_t i = 0; i < list->n && stoa_plan_goes_on(p); ++i) {
    for (uint32_t j = i + 1; j < list->n && p->stopped == STOA_OK; ++j) {
      const stoa_piece a = list->items[i], b = list->items[j];
      if (!a.rel || !b.rel || a.rel->source != b.rel->source || !shares_var(&a, &b)) {
        continue;
      }
      const stoa_rel *const rel = stoa_rel_join(&p->rels, a.rel, b.rel);
      if (rel) {
        list->items[i] = (stoa_piece){.rel = rel};
        take_out(list, j);
        j = i;
        stoa_plan_goes_on(p);
      }
    }
  }
  stoa_piece all = list->items[0];
  take_out(list, 0);
  while (list->n && stoa_plan_goes_on(p)) {
    uint32_t next = 0;
    while (next < list->n && !shares_var(&all, &list->items[next])) {
      ++next;
    }
    next = next == list->n ? 0 : next;
    all = stoa_piece_join(p, &all, &list->items[next]);
    take_out(list, next);
  }
  return all;
}

// ---- pruning: a leaf whose term for a shared variable no leaf of another pattern can make

static const stoa_slot *slot_at(const member *m, int place)
{
  return place == 0 ? &m->pattern->subject : &m->pattern->object;
}

static bool has_partner(const member *ma, const stoa_leaf *leaf, int place, const member *mb)
{
  for (int other = 0; other <= 2; other += 2) {
    if (slot_at(mb, other)->var != slot_at(ma, place)->var) {
      continue;
    }
    bool any = false;
    for (uint32_t k = 0; k < mb->leaves.n && !any; ++k) {
      any = can_meet(ma, leaf, place, mb->leaves.items[k], other);
    }
    if (!any) {
      return false;
    }
  }
  return true;
}

static bool is_possible(const member *members, uint32_t n, uint32_t i, const stoa_leaf *leaf)
{
  for (int place = 0; place <= 2; place += 2) {
    for (uint32_t j = 0; slot_at(&members[i], place)->var != STOA_NO_VAR && j < n; ++j) {
      if (j != i && !has_partner(&members[i], leaf, place, &members[j])) {
        return false;
      }
    }
  }
  return true;
}

static void prune_leaves(stoa_planner *p, member *members, uint32_t n)
{
  bool changed = true;
  while (changed) {
    changed = false;
    for (uint32_t i = 0; i < n && stoa_plan_goes_on(p); ++i) {
      uint32_t kept = 0;
      for (uint32_t k = 0; k < members[i].leaves.n && stoa_plan_goes_on(p); ++k) {
        if (is_possible(members, n, i, members[i].leaves.items[k])) {
          members[i].leaves.items[kept++] = members[i].leaves.items[k];
        }
      }
      changed |= kept < members[i].leaves.n;
      members[i].leaves.n = kept;
    }
  }
}

// Patterns that only the native graph can answer are one scan of it, whatever their subjects.
static void plan_native(stoa_planner *p, member *members, uint32_t n, stoa_pieces *out)
{
  const stoa_pattern **const patterns = STOA_NEWS(p->arena, const stoa_pattern *, n);
  stoa_source *source = NULL;
  uint32_t n_native = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (members[i].leaves.n == 1 && members[i].leaves.items[0]->native) {
      source = members[i].leaves.items[0]->source;
      patterns[n_native++] = members[i].pattern;
      members[i].taken = true;
    }
  }
  if (n_native) {
    const stoa_piece one = {.node = quads_node(p, patterns, n_native, source)};
    STOA_PUSH(p->arena, out, one);
  }
}

// What defines a pattern may depend on its constants: on those of a class, and on what a native graph holds of them.
static stoa_status define(stoa_planner *p, member *m)
{
  const stoa_pattern *const pattern = m->pattern;
  stoa_pattern any = *pattern;
  stoa_leaves leaves = {0};
  const bool of_class =
    pattern->predicate.var != STOA_NO_VAR || stoa_slice_is(stoa_term_text(pattern->predicate.term), STOA_RDF_TYPE);
  if (of_class) {
    stoa_shape_fix(p->rels.shape, pattern->object.constant);
  }
  if (pattern->subject.constant || pattern->object.constant) {
    any.subject = pattern->subject.constant ? (stoa_slot){.var = stoa_plan_extra_var(p)} : pattern->subject;
    any.object = pattern->object.constant && !of_class ? (stoa_slot){.var = stoa_plan_extra_var(p)} : pattern->object;
    STOA_TRY(p->rewriter->define(p->rewriter, &any, p->context, p->arena, &leaves, p->err));
  }
  for (uint32_t i = 0; i < leaves.n; ++i) {
    if (leaves.items[i]->native) {
      stoa_shape_fix_pattern(p->rels.shape, pattern);
    }
  }
  return p->rewriter->define(p->rewriter, pattern, p->context, p->arena, &m->leaves, p->err);
}

stoa_status stoa_plan_bgp(stoa_planner *p, const stoa_node *bgp, const stoa_restriction *restrictions,
                          stoa_conjuncts *filters, stoa_piece *out)
{
  member *const members = STOA_NEWS(p->arena, member, bgp->n_patterns);
  stoa_pieces list = {0};
  for (uint32_t i = 0; i < bgp->n_patterns && stoa_plan_goes_on(p); ++i) {
    members[i].pattern = &bgp->patterns[i];
    STOA_TRY(define(p, &members[i]));
  }
  STOA_TRY(p->stopped);
  if (p->options.plain) {
    for (uint32_t i = 0; i < bgp->n_patterns; ++i) {
      const stoa_piece one = pattern_everywhere(p, &members[i], NULL);
      const stoa_piece node = {.node = stoa_piece_node(p, &one)};
      *out = i ? stoa_piece_join(p, out, &node) : node;
    }
    return STOA_OK;
  }
  prune_leaves(p, members, bgp->n_patterns);
  plan_native(p, members, bgp->n_patterns, &list);
  plan_stars(p, members, bgp->n_patterns, restrictions, &list);
  STOA_TRY(p->stopped);
  if (filters) {
    push_filters(p, &list, filters);
  }
  *out = stoa_piece_join_all(p, &list);
  if (filters && out->rel) {
    stoa_pieces one = {0};
    STOA_PUSH(p->arena, &one, *out);
    push_filters(p, &one, filters);
    *out = one.items[0];
  }
  return STOA_OK;
}
