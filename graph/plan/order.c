// Order and placement: which pieces of a group are joined first, and where conditions, paths and tails are put.
//
// Joins may be done in any order and give the same rows, but not at the same cost: a piece with few rows first keeps
// what is joined to it small.  Moving something else needs a reason each time: a condition may be asked of any piece
// that binds, in every row, all that it reads, since joining adds no terms to these variables; a tail may go below a
// join when the piece that it goes to binds all that the tail shares with the others.
//
// What one source can join is joined there first: its own planner knows its indexes.  Pieces of several sources, and
// of the native graph, are joined from the one with the fewest rows on, always to one that shares a variable with what
// is joined already.  A condition is asked of the lowest piece that binds what it reads; a path starts from the end
// that fewer rows bind; a tail that one piece can take in its own source goes there.
#include "graph/plan/order.h"
#include "graph/plan/quads.h"
#include "graph/plan/sequence.h"
#include "graph/plan/wanted.h"
#include "graph/plan/tails.h"

typedef struct {
  stoa_planner *p;
  stoa_work *w;
  bool *firm; ///< variables that every member that knows them binds in all its rows
} orderer;

// ---- conditions

// A variable is firm when each member that mentions it binds it always: its term is then the same in every piece.
static void mark_firm(const orderer *o)
{
  const stoa_group *const g = o->w->group;
  const uint32_t n_vars = o->p->rels.query->n_vars;
  for (stoa_var v = 0; v < n_vars; ++v) {
    o->firm[v] = stoa_members_bind(g, v);
  }
  for (uint32_t i = 0; i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    bool *const seen = STOA_NEWS(o->p->arena, bool, n_vars + 1);
    if (m->kind != STOA_MEMBER_PATTERN) {
      stoa_node_vars(m->node, seen);
    }
    for (stoa_var v = 0; v < n_vars; ++v) {
      o->firm[v] &= !seen[v] || stoa_member_binds(m, v);
    }
  }
}

// Does the piece bind, in every row, all that the condition reads?  `any`: is there anything that it reads?
static bool reads_of(const orderer *o, const stoa_expr *e, const stoa_piece *piece, bool *any)
{
  const uint32_t n_vars = o->p->rels.query->n_vars;
  bool *const seen = STOA_NEWS(o->p->arena, bool, n_vars + 1);
  bool all = true;
  stoa_expr_reads(e, seen);
  *any = false;
  for (stoa_var v = 0; v < n_vars && all; ++v) {
    *any |= seen[v];
    all = !seen[v] || (o->firm[v] && stoa_piece_has(piece, v));
  }
  return all;
}

// In SQL where it can be said there; scans of a native graph at least look for the values that may do.
static void push_conditions(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  for (uint32_t c = 0; c < o->w->conditions.n; ++c) {
    for (uint32_t i = 0; i < list->n && o->w->conditions.items[c]; ++i) {
      bool any;
      const stoa_expr *const e = o->w->conditions.items[c];
      const stoa_rel *rel;
      if (list->items[i].rel && reads_of(o, e, &list->items[i], &any) && any &&
          stoa_rel_filter(&o->p->rels, list->items[i].rel, e, &rel) != STOA_CANNOT_SAY) {
        list->items[i].rel = rel;
        o->w->conditions.items[c] = NULL;
      }
    }
  }
}

// What cannot be said in SQL stays, and is asked of fewer rows.
static void narrow(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  for (uint32_t c = 0; c < o->w->conditions.n; ++c) {
    const stoa_expr *const e = o->w->conditions.items[c];
    for (uint32_t i = 0; i < list->n && e; ++i) {
      bool any;
      if (list->items[i].rel && !o->p->options.plain && reads_of(o, e, &list->items[i], &any) && any) {
        stoa_rel_narrow(&o->p->rels, list->items[i].rel, e, &list->items[i].rel);
      }
    }
  }
}

// The conditions stay; scans only leave out values that would not meet them.
static void push_ranges(const orderer *o)
{
  stoa_conjuncts firm = {0};
  for (uint32_t c = 0; c < o->w->conditions.n; ++c) {
    const stoa_expr *const e = o->w->conditions.items[c];
    if (e) {
      STOA_PUSH(o->p->arena, &firm, e);
    }
  }
  for (uint32_t i = 0; i < o->w->pieces.n; ++i) {
    stoa_piece *const piece = &o->w->pieces.items[i];
    if (piece->node) {
      piece->node = stoa_quads_ranged(o->p, &firm, piece->node);
    }
  }
}

// How many rows the joins would give, roughly: the greatest piece's, if the others leave out none.
static double most_rows(const stoa_pieces *list)
{
  double most = 0;
  for (uint32_t i = 0; i < list->n; ++i) {
    const double rows = stoa_piece_rows(&list->items[i]);
    most = rows > most ? rows : most;
  }
  return most;
}

// A source that calls back into the engine asks the condition itself.  A piece that is small beside the others is made a
// table of its own first, so that each of its rows is asked once and not once for each row that it is joined to.
static bool ask_in_source(const orderer *o, stoa_piece *piece, const stoa_expr *e, bool small)
{
  stoa_rels *const r = &o->p->rels;
  if (!piece->rel || !piece->rel->source->klass->calls) {
    return false;
  }
  r->hosted = true;
  const stoa_said said = stoa_rel_filter(r, piece->rel, e, &piece->rel);
  r->hosted = false;
  if (said != STOA_CANNOT_SAY && small) {
    stoa_rel_slice(r, piece->rel, 0, INT64_MAX, &piece->rel);
  }
  return said != STOA_CANNOT_SAY;
}

// What SQL cannot say is asked of a small piece before it is joined to a great one, else of the rows that are left.
static void place_conditions(const orderer *o)
{
  const double most = most_rows(&o->w->pieces);
  for (uint32_t c = 0; c < o->w->conditions.n; ++c) {
    for (uint32_t i = 0; i < o->w->pieces.n && o->w->conditions.items[c]; ++i) {
      bool any;
      const stoa_expr *const e = o->w->conditions.items[c];
      stoa_piece *const piece = &o->w->pieces.items[i];
      const double rows = stoa_piece_rows(piece);
      if (e->kind == STOA_EXPR_EXISTS || o->w->pieces.n == 1 || !reads_of(o, e, piece, &any) || !any) {
        continue;
      }
      const bool small = rows * 4 < most, asked = ask_in_source(o, piece, e, small);
      if (!asked && small) {
        *piece = stoa_piece_filtered(o->p, piece, e);
      }
      if (asked || small) {
        o->w->conditions.items[c] = NULL;
      }
    }
  }
}

// All that the condition reads is bound before any tail: so it may be asked after later ones as well.
static bool may_wait(const orderer *o, const stoa_expr *e)
{
  const uint32_t n_vars = o->p->rels.query->n_vars;
  bool *const seen = STOA_NEWS(o->p->arena, bool, n_vars + 1);
  stoa_expr_reads(e, seen);
  for (stoa_var v = 0; v < n_vars; ++v) {
    if (seen[v] && !stoa_members_bind(o->w->group, v)) {
      return false;
    }
  }
  return true;
}

// Ask the conditions that hold after so many tails.  `sql`: where SQL cannot say it, a condition that may wait does.
static stoa_piece ask_rest(const orderer *o, stoa_piece piece, uint32_t n_tails, bool sql)
{
  for (uint32_t c = 0; c < o->w->conditions.n; ++c) {
    const stoa_expr *const e = o->w->conditions.items[c];
    if (!e || o->w->group->conditions.items[c].after > n_tails) {
      continue;
    }
    const stoa_piece asked = stoa_piece_filtered(o->p, &piece, e);
    if (!sql || asked.rel || !piece.rel || !may_wait(o, e)) {
      piece = asked;
      o->w->conditions.items[c] = NULL;
    }
  }
  return piece;
}

// ---- joins

static void take_out(stoa_pieces *list, uint32_t at)
{
  memmove(&list->items[at], &list->items[at + 1], (list->n - at - 1) * sizeof *list->items);
  list->n--;
}

// Rows of VALUES, whose variables one piece binds in all its rows, are a condition on these.
static bool absorbs(const orderer *o, stoa_piece *piece, const stoa_node *values)
{
  return piece->rel && stoa_rel_values(&o->p->rels, piece->rel, values, &piece->rel) != STOA_CANNOT_SAY;
}

static void absorb_values(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  for (uint32_t i = list->n; i-- > 0 && !o->p->options.plain;) {
    const stoa_plan_node *const node = list->items[i].node;
    bool absorbed = false;
    for (uint32_t k = 0; node && node->kind == STOA_PLAN_VALUES && k < list->n && !absorbed; ++k) {
      absorbed = absorbs(o, &list->items[k], node->node);
    }
    if (absorbed) {
      take_out(list, i);
    }
  }
}

// Join what SQL can join in its own source.
static void join_in_sources(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  for (uint32_t i = 0; i < list->n && stoa_plan_goes_on(o->p); ++i) {
    for (uint32_t j = i + 1; j < list->n && o->p->stopped == STOA_OK; ++j) {
      const stoa_piece a = list->items[i], b = list->items[j];
      if (!a.rel || !b.rel || a.rel->source != b.rel->source || !stoa_piece_shares(&a, &b)) {
        continue;
      }
      const stoa_rel *rel;
      if (stoa_rel_join(&o->p->rels, a.rel, b.rel, &rel) != STOA_CANNOT_SAY) {
        list->items[i] = (stoa_piece){.rel = rel};
        take_out(list, j);
        j = i;
        stoa_plan_goes_on(o->p);
      }
    }
  }
}

// Rules 11 and 28 where rows that come twice do not matter: a table without a key is not joined with itself for each
// property, nor read for each constant of a union.
static void drop_repeats(const orderer *o)
{
  for (uint32_t i = 0; i < o->w->pieces.n && o->w->sets; ++i) {
    if (o->w->pieces.items[i].rel) {
      stoa_rel_drop_repeats(&o->p->rels, o->w->pieces.items[i].rel, &o->w->pieces.items[i].rel);
      stoa_rel_gather(&o->p->rels, o->w->pieces.items[i].rel, &o->w->pieces.items[i].rel);
    }
  }
}

// ---- paths

// Does the piece bind the variable at an end of a path?
static bool binds_end(const stoa_piece *piece, stoa_slot end)
{
  return end.var != STOA_NO_VAR && stoa_piece_has(piece, end.var);
}

// The piece with the fewest rows that binds an end of the path; list->n: none.
static uint32_t nearest(const stoa_pieces *list, const stoa_node *path)
{
  uint32_t best = list->n;
  for (uint32_t i = 0; i < list->n; ++i) {
    const stoa_piece *const piece = &list->items[i];
    if ((binds_end(piece, path->ends[0]) || binds_end(piece, path->ends[1])) &&
        (best == list->n || stoa_piece_rows(piece) < stoa_piece_rows(&list->items[best]))) {
      best = i;
    }
  }
  return best;
}

static bool has_constant_end(const stoa_node *path)
{
  return path->ends[0].var == STOA_NO_VAR || path->ends[1].var == STOA_NO_VAR;
}

enum { FEW_ROWS = 50 };

// A path between two pieces, of which one has few rows, is followed from that one before the two meet; one from or to a
// constant is a piece of its own, unless few rows bind its other end.
static void begin_walks(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  for (uint32_t i = 0; i < o->w->walks.n && stoa_plan_goes_on(o->p); ++i) {
    stoa_walk *const walk = &o->w->walks.items[i];
    const uint32_t at = nearest(list, walk->node);
    if (has_constant_end(walk->node) && at < list->n && stoa_piece_rows(&list->items[at]) > FEW_ROWS) {
      const stoa_piece reached = stoa_walk_over(o->p, walk, o->w->group, NULL);
      STOA_PUSH(o->p->arena, list, reached);
      walk->done = true;
      continue;
    }
    if (list->n < 2 || at == list->n || has_constant_end(walk->node) ||
        stoa_piece_rows(&list->items[at]) * 10 > most_rows(list)) {
      continue;
    }
    list->items[at] = stoa_walk_over(o->p, walk, o->w->group, &list->items[at]);
    walk->done = true;
  }
}

static bool is_connected(const stoa_piece *all, const stoa_walk *walk)
{
  return has_constant_end(walk->node) ||
         (all && (binds_end(all, walk->node->ends[0]) || binds_end(all, walk->node->ends[1])));
}

// The others follow what is joined, those with a bound end first.
static stoa_piece finish_walks(const orderer *o, stoa_piece all, bool *any)
{
  for (uint32_t n = 0; n < o->w->walks.n; ++n) {
    stoa_walk *next = NULL;
    for (uint32_t i = o->w->walks.n; i-- > 0;) {
      stoa_walk *const walk = &o->w->walks.items[i];
      if (!walk->done && (!next || is_connected(*any ? &all : NULL, walk))) {
        next = walk;
      }
    }
    if (!next) {
      return all;
    }
    all = stoa_walk_over(o->p, next, o->w->group, *any ? &all : NULL);
    next->done = *any = true;
  }
  return all;
}

// ---- tails

static bool knows(const stoa_piece *piece, const bool *shared, uint32_t n_vars)
{
  for (stoa_var v = 0; v < n_vars; ++v) {
    if (shared[v] && !stoa_piece_has(piece, v)) {
      return false;
    }
  }
  return true;
}

// What the tail with this number shares with the rows on its left: with members, and with the OPTIONALs before it.
// NULL: not all that it shares with members is firm.
static bool *shared_vars(const orderer *o, uint32_t number)
{
  const uint32_t n_vars = o->p->rels.query->n_vars;
  const stoa_tail *const t = o->w->tails.items[number].tail;
  bool *const inner = STOA_NEWS(o->p->arena, bool, n_vars + 1);
  bool *const outer = STOA_NEWS(o->p->arena, bool, n_vars + 1);
  stoa_group_vars(t->group, inner);
  if (t->expr) {
    stoa_expr_reads(t->expr, inner);
  }
  for (uint32_t i = 0; i < o->w->group->members.n; ++i) {
    const stoa_member *const m = &o->w->group->members.items[i];
    stoa_node_vars(m->node, outer);
  }
  for (stoa_var v = 0; v < n_vars; ++v) {
    if (inner[v] && outer[v] && !o->firm[v]) {
      return NULL;
    }
  }
  for (uint32_t i = 0; i < number; ++i) {
    const stoa_tail *const before = o->w->tails.items[i].tail;
    if (before->kind == STOA_TAIL_OPTIONAL) {
      stoa_group_vars(before->group, outer);
    }
  }
  for (stoa_var v = 0; v < n_vars; ++v) {
    inner[v] &= outer[v];
  }
  return inner;
}

// (A join B) leftjoin C = A join (B leftjoin C) when B certainly binds whatever C shares with A, or binds it by a tail
// of its own: so a tail goes to the piece of its own source, which stays one statement.  Only the first tails may.
static void sink_tails(const orderer *o)
{
  stoa_pieces *const list = &o->w->pieces;
  const uint32_t n_vars = o->p->rels.query->n_vars;
  bool sinks = list->n > 1 && !o->p->options.plain;
  for (uint32_t i = 0; i < o->w->tails.n && sinks; ++i) {
    stoa_planned_tail *const t = &o->w->tails.items[i];
    sinks = false;
    if (t->tail->kind == STOA_TAIL_EXTEND) {
      return;
    }
    const bool *const shared = shared_vars(o, i);
    if (!shared) {
      return;
    }
    for (uint32_t k = 0; k < list->n && !t->done; ++k) {
      stoa_piece out;
      if (list->items[k].rel && t->right.rel && knows(&list->items[k], shared, n_vars) &&
          stoa_tail_in_sql(o->p, t->tail, &list->items[k], &t->right, &out)) {
        list->items[k] = out;
        t->done = sinks = true;
      }
    }
  }
}

// MINUS is NOT EXISTS where some variable is certainly bound on both sides: then no two rows are apart.
static bool shares_bound(const stoa_group *g, const stoa_tail *t, uint32_t n_vars)
{
  for (stoa_var v = 0; v < n_vars; ++v) {
    if (stoa_members_bind(g, v) && stoa_members_bind(t->group, v)) {
      return true;
    }
  }
  return false;
}

// The tail over all that is joined.
static stoa_piece with_tail(const orderer *o, const stoa_planned_tail *t, const stoa_piece *all)
{
  switch (t->tail->kind) {
    case STOA_TAIL_OPTIONAL:
      return stoa_tail_optional(o->p, t->tail, all, &t->right);
    case STOA_TAIL_EXISTS:
      return stoa_tail_exists(o->p, t->tail, all, &t->right);
    case STOA_TAIL_EXTEND:
      return stoa_tail_extend(o->p, t->tail, all);
    default:
      break;
  }
  if (t->tail->node->graph.var == STOA_NO_VAR && t->right.node &&
      shares_bound(o->w->group, t->tail, o->p->rels.query->n_vars)) {
    stoa_tail denied = *t->tail;
    denied.kind = STOA_TAIL_EXISTS;
    denied.negated = true;
    return stoa_tail_exists(o->p, &denied, all, &t->right);
  }
  return stoa_tail_minus(o->p, t->tail, all, &t->right);
}

stoa_piece stoa_order_join(stoa_planner *p, stoa_work *work)
{
  const orderer o = {p, work, STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1)};
  stoa_piece all = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
  bool any = work->pieces.n > 0;
  mark_firm(&o);
  push_conditions(&o);
  narrow(&o);
  push_ranges(&o);
  begin_walks(&o);
  place_conditions(&o);
  absorb_values(&o);
  join_in_sources(&o);
  drop_repeats(&o);
  absorb_values(&o);
  push_conditions(&o);
  sink_tails(&o);
  stoa_wanted_groups(p, &work->pieces);
  all = any ? stoa_sequence_join(p, &work->pieces) : all;
  all = finish_walks(&o, all, &any);
  for (uint32_t i = 0; i < work->services.n; ++i, any = true) {
    all = stoa_service_over(p, work->services.items[i], any ? &all : NULL);
  }
  for (uint32_t i = 0; i < work->tails.n && stoa_plan_goes_on(p); ++i) {
    const stoa_planned_tail *const t = &work->tails.items[i];
    stoa_piece grown;
    all = ask_rest(&o, all, i, true);
    if (t->done) {
      continue;
    }
    if (all.rel && stoa_tail_in_sql(p, t->tail, &all, &t->right, &grown)) {
      all = grown; // one statement still, and what it cannot say is asked of its rows
    } else {
      all = ask_rest(&o, all, i, false);
      all = with_tail(&o, t, &all);
    }
  }
  return ask_rest(&o, all, work->tails.n, false);
}
