// The leaves of each pattern, and what they make.
#include "graph/plan/alternatives.h"
#include "graph/plan/apart.h"
#include "graph/plan/shape.h"
#include "graph/term/vocab.h"

const stoa_slot *stoa_pattern_slot(const stoa_pattern *t, int place)
{
  const stoa_slot *const slots[] = {&t->subject, &t->predicate, &t->object, &t->graph};
  return slots[place];
}

static const stoa_ctor *ctor_at(const stoa_leaf *leaf, int place)
{
  const stoa_ctor *const ctors[] = {&leaf->subject, &leaf->predicate, &leaf->object, &leaf->graph};
  return ctors[place];
}

stoa_made stoa_leaf_made(const stoa_leaf *leaf, const stoa_pattern *pattern, int place)
{
  if (!leaf->native) {
    return (stoa_made){.kinds = stoa_ctor_kinds(ctor_at(leaf, place)), .ctor = ctor_at(leaf, place)};
  }
  const stoa_kinds kinds = place == 2 ? STOA_KIND_ANY : STOA_KIND_IRI | STOA_KIND_BLANK;
  return (stoa_made){.kinds = kinds, .native = leaf->source, .pattern = pattern, .place = place};
}

static stoa_term constant_of(const stoa_slot *slot)
{
  return slot->var == STOA_NO_VAR ? slot->term : (stoa_term){0};
}

// Judged by the terms that the graph holds there, which is worth it for one predicate only.
static bool native_meets(const stoa_made *native, const stoa_made *other)
{
  const bool judged = other->ctor && other->ctor->kind == STOA_CTOR_TEMPLATE && other->ctor->makes == STOA_TERM_IRI &&
                      native->pattern->predicate.var == STOA_NO_VAR && (native->place == 0 || native->place == 2);
  return !judged || stoa_source_native_fits(native->native, constant_of(&native->pattern->predicate),
                                            constant_of(&native->pattern->object), native->place, other->ctor->tmpl);
}

bool stoa_mades_meet(const stoa_made *a, const stoa_made *b)
{
  if (!(a->kinds & b->kinds)) {
    return false;
  }
  if (a->native || b->native) {
    return a->native && b->native ? true : a->native ? native_meets(a, b) : native_meets(b, a);
  }
  return !a->ctor || !b->ctor || stoa_ctors_meet(a->ctor, b->ctor);
}

// A native graph is asked what it holds.
bool stoa_leaves_coincide(const stoa_leaf *a, const stoa_leaf *b)
{
  if (b->native && !a->native) {
    return stoa_leaves_coincide(b, a);
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

static bool coincides_with(const stoa_leaves *leaves, uint32_t i, const bool *shared)
{
  bool found = false;
  for (uint32_t k = 0; k < leaves->n && !found; ++k) {
    const bool counts = shared ? shared[k] : leaves->items[k]->source != leaves->items[i]->source;
    found = k != i && counts && stoa_leaves_coincide(leaves->items[i], leaves->items[k]);
  }
  return found;
}

bool *stoa_leaves_shared(stoa_planner *p, const stoa_leaves *leaves)
{
  bool *const shared = STOA_NEWS(p->arena, bool, leaves->n + 1);
  bool changed = true;
  for (uint32_t i = 0; i < leaves->n; ++i) {
    shared[i] = coincides_with(leaves, i, NULL);
  }
  while (changed) {
    changed = false;
    for (uint32_t i = 0; i < leaves->n; ++i) {
      if (!shared[i] && coincides_with(leaves, i, shared)) {
        shared[i] = changed = true;
      }
    }
  }
  return shared;
}

// ---- finding them

static bool can_make_constants(stoa_planner *p, const stoa_leaf *leaf, const stoa_pattern *pattern)
{
  for (int place = 0; place < 4 && !leaf->native; ++place) {
    const stoa_slot *const slot = stoa_pattern_slot(pattern, place);
    const stoa_ctor *const ctor = ctor_at(leaf, place);
    stoa_param params[STOA_TEMPLATE_COLUMNS];
    if (slot->var != STOA_NO_VAR || !stoa_term_is_bound(slot->term)) {
      continue;
    }
    const bool can = ctor->kind == STOA_CTOR_CONSTANT
                       ? stoa_shape_same(&p->rels, ctor->constant, slot->term, slot->constant)
                       : stoa_shape_invert(&p->rels, ctor, slot->term, slot->constant, params) != STOA_SAID_NEVER;
    if (!can) {
      return false;
    }
  }
  return true;
}

static bool makes_any(stoa_planner *p, const stoa_leaves *leaves, const stoa_pattern *pattern)
{
  bool any = false;
  for (uint32_t i = 0; i < leaves->n && !any; ++i) {
    any = leaves->items[i]->native || can_make_constants(p, leaves->items[i], pattern);
  }
  return any;
}

// A pattern without alternatives has no answers, as it should; a name that nothing knows is most often misspelt.  The
// warning holds for every query of the shape: predicates and classes are fixed.
static void warn_of_unknown(stoa_planner *p, const stoa_pattern *pattern, bool of_class, const stoa_leaves *any)
{
  const stoa_slot *const name = of_class ? &pattern->object : &pattern->predicate;
  const char *near = NULL;
  stoa_pattern named = *pattern;
  named.subject = (stoa_slot){.var = 0};
  named.object = of_class ? named.object : named.subject;
  if (!p->rewriter->knows || pattern->predicate.var != STOA_NO_VAR || name->var != STOA_NO_VAR ||
      !stoa_term_is_iri(name->term) || makes_any(p, any, &named) ||
      p->rewriter->knows(p->rewriter, of_class, name->term, p->arena, &near)) {
    return;
  }
  const stoa_slice text = stoa_term_text(name->term);
  stoa_plan_warn(p, "no mapping, ontology or data knows the %s <%.*s>%s%s%s", of_class ? "class" : "property",
                 (int)text.length, text.data, near ? "; did you mean <" : "", near ? near : "", near ? ">?" : "");
}

// What defines a pattern may depend on its constants: on those of a class, and on what a native graph holds of them.
static stoa_status define(stoa_planner *p, stoa_member *m)
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
  leaves = (stoa_leaves){0};
  STOA_TRY(p->rewriter->define(p->rewriter, pattern, p->context, p->arena, &leaves, p->err));
  for (uint32_t i = 0; i < leaves.n; ++i) {
    const stoa_leaf *const leaf = stoa_apart_assumed(p, leaves.items[i]);
    if (can_make_constants(p, leaf, pattern) && !stoa_apart_is_absent(p, leaves.items[i], pattern)) {
      STOA_PUSH(p->arena, &m->leaves, leaf);
    }
  }
  if (!m->leaves.n) {
    warn_of_unknown(p, pattern, of_class, &leaves);
  }
  return STOA_OK;
}

stoa_status stoa_alternatives_find(stoa_planner *p, stoa_group *g)
{
  for (uint32_t i = 0; i < g->members.n; ++i) {
    stoa_member *const m = &g->members.items[i];
    if (!stoa_plan_goes_on(p)) {
      return p->stopped;
    }
    if (m->kind == STOA_MEMBER_PATTERN) {
      STOA_TRY(define(p, m));
    }
    for (uint32_t k = 0; k < m->parts.n; ++k) {
      STOA_TRY(stoa_alternatives_find(p, m->parts.items[k]));
    }
  }
  for (uint32_t i = 0; i < g->tails.n; ++i) {
    if (g->tails.items[i].group) {
      STOA_TRY(stoa_alternatives_find(p, g->tails.items[i].group));
    }
  }
  return STOA_OK;
}
