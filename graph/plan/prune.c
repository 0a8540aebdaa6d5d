// Pruning to a fixpoint (rules 7 and 9).
//
// Each triple pattern of a query has as many alternatives (leaves) as there are term maps of triples maps, or
// predicates of a native graph, that may give its triples.  Joined with one another they are many, and most can have no
// rows.  This stage leaves alternatives out by what terms they can make; it never looks at the data, so it is right
// whatever the rows.
//
// A row of a group has one term for each variable.  So an alternative of a member can only be of use if, for each of
// its variables, every other member that binds the variable in all its rows has an alternative that can make the same
// term, and every condition can hold with terms of the kinds that it makes.  What goes may take others with it.
//
// A tail (OPTIONAL, MINUS, EXISTS) only looks for rows that are compatible with those on its left: what these bind
// narrows the tail, and the tail narrows them only where a match is demanded (EXISTS).
#include "graph/plan/prune.h"
#include "graph/plan/alternatives.h"
#include "graph/plan/needs.h"
#include "graph/plan/shape.h"
#include "graph/term/equality.h"

enum { MOST_MADES = 64 }; ///< more different ones are taken for anything

/// What is made at a variable; `any`: there is no telling.
typedef struct {
  stoa_mades list;
  bool any;
} makes;

typedef struct {
  stoa_planner *p;
  uint32_t n_vars;
} pruner;

// ---- what is made at a variable

// Term maps of which one need not be kept beside the other: both meet the same ones.
static bool same_ctor(const stoa_ctor *a, const stoa_ctor *b)
{
  if (!a || !b || a == b) {
    return a == b;
  }
  if (a->kind != b->kind || a->makes != b->makes || a->apart != b->apart || !stoa_slice_equal(a->language, b->language) ||
      !stoa_slice_equal(stoa_ctor_datatype(a), stoa_ctor_datatype(b))) {
    return false;
  }
  return a->kind == STOA_CTOR_TEMPLATE   ? strcmp(a->tmpl->shape, b->tmpl->shape) == 0
         : a->kind == STOA_CTOR_CONSTANT ? stoa_term_same(a->constant, b->constant)
                                         : a->makes != STOA_TERM_IRI || (!a->base && !b->base);
}

static void add_made(const pruner *w, makes *out, const stoa_made *made)
{
  for (uint32_t i = 0; i < out->list.n; ++i) {
    const stoa_made *const other = &out->list.items[i];
    if (other->native == made->native && other->pattern == made->pattern && other->place == made->place &&
        other->kinds == made->kinds && same_ctor(other->ctor, made->ctor)) {
      return;
    }
  }
  if (out->list.n == MOST_MADES) {
    out->any = true;
    return;
  }
  STOA_PUSH(w->p->arena, &out->list, *made);
}

static void made_by_group(const pruner *w, const stoa_group *g, stoa_var var, makes *out);

// What the pattern's leaves make at the place where the variable stands.
static void made_by_pattern(const pruner *w, const stoa_member *m, stoa_var var, makes *out)
{
  int place = 0;
  while (place < 4 && stoa_pattern_slot(m->pattern, place)->var != var) {
    ++place;
  }
  for (uint32_t i = 0; i < m->leaves.n && !out->any; ++i) {
    const stoa_made made = stoa_leaf_made(m->leaves.items[i], m->pattern, place);
    add_made(w, out, &made);
  }
}

// The terms that stand in VALUES; those of a slot are not known before the query runs.
static void made_by_values(const pruner *w, const stoa_node *values, stoa_var var, makes *out)
{
  uint32_t column = 0;
  while (column < values->n_vars && values->vars[column] != var) {
    ++column;
  }
  out->any |= values->slot != 0;
  for (uint32_t i = 0; i < values->n_rows && !out->any; ++i) {
    stoa_ctor *const ctor = STOA_NEW(w->p->arena, stoa_ctor);
    ctor->constant = values->rows[i * values->n_vars + column];
    ctor->makes = stoa_term_is_iri(ctor->constant) ? STOA_TERM_IRI : STOA_TERM_TYPED;
    const stoa_made made = {.kinds = stoa_kind_of_term(ctor->constant), .ctor = ctor};
    add_made(w, out, &made);
  }
}

// The subjects and objects of the steps; with no step at all, any term that the others make.
static void made_by_path(const pruner *w, const stoa_member *m, stoa_var var, makes *out)
{
  const bool is_start = m->node->ends[0].var == var, is_end = m->node->ends[1].var == var;
  if (m->node->zero || is_start == is_end) {
    out->any = true;
    return;
  }
  made_by_group(w, m->parts.items[0], m->node->step[is_end], out);
}

// What a member that binds `var` in every row makes there.
static makes made_by(const pruner *w, const stoa_member *m, stoa_var var)
{
  makes out = {.any = false};
  switch (m->kind) {
    case STOA_MEMBER_PATTERN:
      made_by_pattern(w, m, var, &out);
      break;
    case STOA_MEMBER_UNION:
    case STOA_MEMBER_GROUP:
    case STOA_MEMBER_SELECT: // keys and columns are what its rows hold
      for (uint32_t i = 0; i < m->parts.n && !out.any; ++i) {
        made_by_group(w, m->parts.items[i], var, &out);
      }
      break;
    case STOA_MEMBER_VALUES:
      made_by_values(w, m->node, var, &out);
      break;
    case STOA_MEMBER_PATH:
      made_by_path(w, m, var, &out);
      break;
    case STOA_MEMBER_SERVICE:
      out.any = true;
      break;
  }
  return out;
}

// A row has a term that each member which binds the variable makes: so the narrowest of what they make holds of all.
static void made_by_group(const pruner *w, const stoa_group *g, stoa_var var, makes *out)
{
  makes best = {.any = true};
  for (uint32_t i = 0; i < g->members.n && !g->empty; ++i) {
    if (stoa_member_binds(&g->members.items[i], var)) {
      const makes one = made_by(w, &g->members.items[i], var);
      best = !one.any && (best.any || one.list.n < best.list.n) ? one : best;
    }
  }
  out->any |= best.any && !g->empty;
  for (uint32_t i = 0; i < best.list.n && !out->any && !g->empty; ++i) {
    add_made(w, out, &best.list.items[i]);
  }
}

// ---- narrowing

// Can the term be one of the others', and of one of the kinds?
static bool meets_any(const stoa_made *made, const makes *others, stoa_kinds kinds)
{
  if (!(made->kinds & kinds)) {
    return false;
  }
  bool any = !others || others->any;
  for (uint32_t i = 0; !any && i < others->list.n; ++i) {
    any = stoa_mades_meet(made, &others->list.items[i]);
  }
  return any;
}

static void note(const pruner *w, const stoa_member *m, const stoa_leaf *leaf, stoa_var var, bool kind)
{
  stoa_buf pattern = {0};
  const stoa_slot *const predicate = &m->pattern->predicate;
  if (predicate->var == STOA_NO_VAR) {
    stoa_term_write(predicate->term, &pattern);
  } else {
    stoa_buf_text(&pattern, "?");
  }
  stoa_plan_note(w->p, "%u:%u: %.*s from %s: left out, %s ?%s", m->pattern->place.line, m->pattern->place.column,
                 (int)pattern.length, pattern.data ? pattern.data : "", leaf->triples_map ? leaf->triples_map : "data",
                 kind ? "no condition can hold with what it makes for" : "nothing else can make its terms for",
                 var < w->p->rels.query->n_vars ? w->p->rels.query->names[var] : "_");
  stoa_buf_done(&pattern);
}

static bool narrow_group(const pruner *w, stoa_group *g, stoa_var var, const makes *others, stoa_kinds kinds);

// A leaf stays while at each place of the variable it can make a term that others make: a joined row has one term
// there.
static bool narrow_pattern(const pruner *w, stoa_member *m, stoa_var var, const makes *others, stoa_kinds kinds)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < m->leaves.n; ++i) {
    bool stays = true;
    for (int place = 0; place < 4 && stays; ++place) {
      if (stoa_pattern_slot(m->pattern, place)->var == var) {
        const stoa_made made = stoa_leaf_made(m->leaves.items[i], m->pattern, place);
        stays = meets_any(&made, others, kinds);
        if (!stays) {
          note(w, m, m->leaves.items[i], var, !(made.kinds & kinds));
        }
      }
    }
    m->leaves.items[kept] = m->leaves.items[i];
    kept += stays;
  }
  const bool changed = kept < m->leaves.n;
  m->leaves.n = kept;
  return changed;
}

// A branch without rows adds nothing to a union.
static bool narrow_union(const pruner *w, stoa_member *m, stoa_var var, const makes *others, stoa_kinds kinds)
{
  bool changed = false;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < m->parts.n; ++i) {
    stoa_group *const branch = m->parts.items[i];
    changed |= narrow_group(w, branch, var, others, kinds);
    if (!branch->empty) {
      m->parts.items[kept++] = branch;
    }
  }
  changed |= kept < m->parts.n;
  m->parts.n = kept;
  return changed;
}

// Rows of a sub-select that are left out change nothing of the others, unless it counts them (a LIMIT), or they belong
// to one group (only a key may be narrowed).
static bool passes(const stoa_member *m, stoa_var var)
{
  for (const stoa_node *n = m->node; n != m->bottom; n = n->inputs[0]) {
    bool listed = n->kind == STOA_NODE_DISTINCT || n->kind == STOA_NODE_ORDER;
    for (uint32_t i = 0; i < n->n_vars; ++i) {
      listed |= n->vars[i] == var;
    }
    if (!listed || n->kind == STOA_NODE_SLICE) {
      return false;
    }
  }
  return true;
}

static bool is_empty(const stoa_member *m)
{
  switch (m->kind) {
    case STOA_MEMBER_PATTERN:
      return m->leaves.n == 0;
    case STOA_MEMBER_UNION:
      return m->parts.n == 0;
    case STOA_MEMBER_GROUP:
      return m->parts.items[0]->empty;
    default:
      return false;
  }
}

// Leave out what cannot make a term of `kinds` that `others` make, of a member that binds `var` in every row.
static bool narrow(const pruner *w, stoa_member *m, stoa_var var, const makes *others, stoa_kinds kinds)
{
  switch (m->kind) {
    case STOA_MEMBER_PATTERN:
      return narrow_pattern(w, m, var, others, kinds);
    case STOA_MEMBER_UNION:
      return narrow_union(w, m, var, others, kinds);
    case STOA_MEMBER_GROUP:
      return narrow_group(w, m->parts.items[0], var, others, kinds);
    case STOA_MEMBER_SELECT:
      return passes(m, var) && narrow_group(w, m->parts.items[0], var, others, kinds);
    default:
      return false;
  }
}

// Each member that binds the variable in every row must make the term that the row has.  A member without rows leaves
// the join without any.
static bool narrow_group(const pruner *w, stoa_group *g, stoa_var var, const makes *others, stoa_kinds kinds)
{
  bool changed = false;
  for (uint32_t i = 0; i < g->members.n && !g->empty; ++i) {
    stoa_member *const m = &g->members.items[i];
    if (stoa_member_binds(m, var)) {
      changed |= narrow(w, m, var, others, kinds);
      g->empty |= is_empty(m);
    }
  }
  return changed;
}

// ---- closures

// What stands at one end of a path: its constant, or what the other members make there.
static makes made_at_end(const pruner *w, const stoa_group *g, const stoa_member *path, const stoa_slot *end)
{
  makes best = {.any = true};
  if (end->var == STOA_NO_VAR) {
    stoa_ctor *const ctor = STOA_NEW(w->p->arena, stoa_ctor);
    const stoa_made made = {.kinds = stoa_kind_of_term(end->term), .ctor = ctor};
    stoa_shape_fix(w->p->rels.shape, end->constant);
    ctor->constant = end->term;
    ctor->makes = stoa_term_is_iri(end->term) ? STOA_TERM_IRI : STOA_TERM_TYPED;
    best.any = false;
    add_made(w, &best, &made);
    return best;
  }
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    if (m != path && stoa_member_binds(m, end->var)) {
      const makes one = made_by(w, m, end->var);
      best = !one.any && (best.any || one.list.n < best.list.n) ? one : best;
    }
  }
  return best;
}

static int place_in(const stoa_pattern *pattern, stoa_var var)
{
  int place = 0;
  while (place < 4 && stoa_pattern_slot(pattern, place)->var != var) {
    ++place;
  }
  return place;
}

// Mark the leaves of a step that a closure can come by from `start`, and collect what it reaches.
static makes reached(const pruner *w, const stoa_member *step, int from, int to, const makes *start, bool *used)
{
  makes at = *start, out = {.any = false};
  bool changed = true;
  at.list.items = NULL, at.list.n = at.list.capacity = 0;
  for (uint32_t i = 0; i < start->list.n; ++i) {
    add_made(w, &at, &start->list.items[i]);
  }
  while (changed) {
    changed = false;
    for (uint32_t i = 0; i < step->leaves.n; ++i) {
      const stoa_made begin = stoa_leaf_made(step->leaves.items[i], step->pattern, from);
      const stoa_made end = stoa_leaf_made(step->leaves.items[i], step->pattern, to);
      if (!used[i] && meets_any(&begin, &at, STOA_KIND_ANY)) {
        used[i] = changed = true;
        add_made(w, &at, &end);
        add_made(w, &out, &end);
      }
    }
  }
  return out;
}

static bool drop_unused(const pruner *w, stoa_member *step, const bool *used, stoa_var var)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < step->leaves.n; ++i) {
    if (used[i]) {
      step->leaves.items[kept++] = step->leaves.items[i];
    } else {
      note(w, step, step->leaves.items[i], var, false);
    }
  }
  const bool changed = kept < step->leaves.n;
  step->leaves.n = kept;
  return changed;
}

// A closure from a known end comes only to steps that begin where it can be, and ends only where these lead: so other
// steps go, and what the far end's other members make elsewhere.
static bool meet_path(const pruner *w, stoa_group *g, stoa_member *path)
{
  stoa_group *const steps = path->parts.items[0];
  bool changed = false;
  if (steps->members.n != 1 || steps->members.items[0].kind != STOA_MEMBER_PATTERN || steps->tails.n) {
    return false;
  }
  stoa_member *const step = &steps->members.items[0];
  const int places[] = {place_in(step->pattern, path->node->step[0]), place_in(step->pattern, path->node->step[1])};
  for (int e = 0; e < 2 && places[0] < 4 && places[1] < 4 && !g->empty; ++e) {
    const makes start = made_at_end(w, g, path, &path->node->ends[e]);
    const stoa_var far = path->node->ends[1 - e].var;
    if (start.any) {
      continue;
    }
    bool *const used = STOA_NEWS(w->p->arena, bool, step->leaves.n + 1);
    makes out = reached(w, step, places[e], places[1 - e], &start, used);
    changed |= drop_unused(w, step, used, far == STOA_NO_VAR ? path->node->step[0] : far);
    steps->empty |= step->leaves.n == 0;
    for (uint32_t i = 0; path->node->zero && i < start.list.n; ++i) {
      add_made(w, &out, &start.list.items[i]);
    }
    for (uint32_t j = 0; far != STOA_NO_VAR && !out.any && j < g->members.n; ++j) {
      stoa_member *const m = &g->members.items[j];
      if (m != path && stoa_member_binds(m, far)) {
        changed |= narrow(w, m, far, &out, STOA_KIND_ANY);
        g->empty |= is_empty(m);
      }
    }
    g->empty |= steps->empty && !path->node->zero;
  }
  return changed;
}

static bool meet_paths(const pruner *w, stoa_group *g)
{
  bool changed = false;
  for (uint32_t i = 0; i < g->members.n && !g->empty; ++i) {
    if (g->members.items[i].kind == STOA_MEMBER_PATH) {
      changed |= meet_path(w, g, &g->members.items[i]);
    }
  }
  return changed;
}

// ---- a group

// What a member makes narrows every other one that binds the variable, for they are joined by it.
static bool meet_members(const pruner *w, stoa_group *g)
{
  bool changed = false;
  for (stoa_var var = 0; var < w->n_vars && !g->empty; ++var) {
    uint32_t n_binding = 0;
    for (uint32_t i = 0; i < g->members.n; ++i) {
      n_binding += stoa_member_binds(&g->members.items[i], var);
    }
    for (uint32_t i = 0; n_binding > 1 && i < g->members.n && stoa_plan_goes_on(w->p); ++i) {
      if (!stoa_member_binds(&g->members.items[i], var)) {
        continue;
      }
      const makes own = made_by(w, &g->members.items[i], var);
      for (uint32_t j = 0; !own.any && j < g->members.n && !g->empty; ++j) {
        if (j != i && stoa_member_binds(&g->members.items[j], var)) {
          changed |= narrow(w, &g->members.items[j], var, &own, STOA_KIND_ANY);
          g->empty |= is_empty(&g->members.items[j]);
        }
      }
    }
  }
  return changed;
}

static stoa_kinds *all_kinds(const pruner *w)
{
  stoa_kinds *const kinds = STOA_NEWS(w->p->arena, stoa_kinds, w->n_vars + 1);
  for (uint32_t v = 0; v < w->n_vars; ++v) {
    kinds[v] = STOA_KIND_ANY;
  }
  return kinds;
}

// What the conditions of the group want of its rows is wanted of every part that binds the variable: of OPTIONAL's too,
// for a row in which it is left unbound does not meet the condition either.
static bool meet_kinds(const pruner *w, stoa_group *g, const stoa_kinds *kinds)
{
  bool changed = false;
  for (stoa_var var = 0; var < w->n_vars && !g->empty; ++var) {
    if (kinds[var] != STOA_KIND_ANY) {
      changed |= narrow_group(w, g, var, NULL, kinds[var]);
    }
  }
  return changed;
}

// The kinds of terms that each variable must have for all conditions to hold: another kind is an error or false.
static void add_conditions(const stoa_group *g, stoa_kinds *kinds)
{
  for (uint32_t i = 0; i < g->conditions.n; ++i) {
    stoa_needs(g->conditions.items[i].expr, true, kinds);
  }
}

static bool prune_group(const pruner *w, stoa_group *g);

// Groups within the group: a union loses its empty branches.
static bool prune_parts(const pruner *w, stoa_group *g)
{
  bool changed = false;
  for (uint32_t i = 0; i < g->members.n && !g->empty; ++i) {
    stoa_member *const m = &g->members.items[i];
    for (uint32_t k = 0; k < m->parts.n; ++k) {
      changed |= prune_group(w, m->parts.items[k]);
    }
    uint32_t kept = 0;
    for (uint32_t k = 0; m->kind == STOA_MEMBER_UNION && k < m->parts.n; ++k) {
      if (!m->parts.items[k]->empty) {
        m->parts.items[kept++] = m->parts.items[k];
      }
    }
    changed |= m->kind == STOA_MEMBER_UNION && kept < m->parts.n;
    m->parts.n = m->kind == STOA_MEMBER_UNION ? kept : m->parts.n;
    g->empty |= is_empty(m);
  }
  return changed;
}

// Only what the group's members bind in every row is known to be compared: an unbound variable meets everything.
static bool prune_tail(const pruner *w, stoa_group *g, stoa_tail *t, const stoa_kinds *wanted)
{
  bool changed = false;
  for (stoa_var var = 0; var < w->n_vars && !t->group->empty; ++var) {
    makes left = {.any = true};
    if (stoa_members_bind(g, var) && stoa_group_binds(t->group, var)) {
      left.any = false;
      made_by_group(w, g, var, &left);
    }
    if (!left.any || wanted[var] != STOA_KIND_ANY) {
      changed |= narrow_group(w, t->group, var, &left, wanted[var]);
    }
  }
  changed |= prune_group(w, t->group);
  return changed;
}

// A match is demanded: what the tail makes narrows the group.
static bool demand(const pruner *w, stoa_group *g, const stoa_tail *t)
{
  bool changed = false;
  for (stoa_var var = 0; var < w->n_vars && !g->empty; ++var) {
    if (stoa_members_bind(g, var) && stoa_members_bind(t->group, var)) {
      makes right = {.any = false};
      made_by_group(w, t->group, var, &right);
      changed |= !right.any && narrow_group(w, g, var, &right, STOA_KIND_ANY);
    }
  }
  return changed;
}

// An OPTIONAL's own condition is one of its rows; what the group wants of a variable that OPTIONAL alone binds holds of
// its rows as well.
static const stoa_kinds *wanted_of_tail(const pruner *w, const stoa_group *g, const stoa_tail *t,
                                        const stoa_kinds *kinds)
{
  stoa_kinds *const wanted = all_kinds(w);
  if (t->kind == STOA_TAIL_OPTIONAL) {
    for (stoa_var v = 0; v < w->n_vars; ++v) {
      wanted[v] = stoa_members_bind(g, v) ? STOA_KIND_ANY : kinds[v];
    }
    if (t->expr) {
      stoa_needs(t->expr, true, wanted);
    }
  }
  return wanted;
}

// An OPTIONAL or MINUS that can never match leaves each row as it is, and is dropped; an EXISTS that cannot leaves
// none.
static bool prune_tails(const pruner *w, stoa_group *g, const stoa_kinds *kinds)
{
  bool changed = false;
  for (uint32_t i = 0; i < g->tails.n && !g->empty && stoa_plan_goes_on(w->p); ++i) {
    stoa_tail *const t = &g->tails.items[i];
    if (!t->group || t->dropped) {
      continue;
    }
    changed |= prune_tail(w, g, t, wanted_of_tail(w, g, t, kinds));
    if (t->kind == STOA_TAIL_EXISTS && !t->negated) {
      g->empty |= t->group->empty;
      changed |= demand(w, g, t);
    } else if (t->group->empty) {
      t->dropped = changed = true;
    }
  }
  return changed;
}

// Until nothing changes: each round leaves out at least one of finitely many alternatives.
static bool prune_group(const pruner *w, stoa_group *g)
{
  const bool was_empty = g->empty;
  bool any = false, changed = true;
  stoa_kinds *const kinds = all_kinds(w);
  add_conditions(g, kinds);
  for (uint32_t i = 0; i < g->members.n; ++i) {
    g->empty |= is_empty(&g->members.items[i]);
  }
  while (changed && !g->empty && stoa_plan_goes_on(w->p)) {
    changed = prune_parts(w, g);
    changed |= meet_members(w, g);
    changed |= meet_paths(w, g);
    changed |= meet_kinds(w, g, kinds);
    changed |= prune_tails(w, g, kinds);
    any |= changed;
  }
  return any || g->empty != was_empty;
}

void stoa_prune(stoa_planner *p, stoa_group *group)
{
  const pruner w = {p, p->rels.query->n_vars};
  prune_group(&w, group);
}
