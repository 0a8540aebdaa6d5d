// A record of the log is one subject with its triples.  In which solutions of a query can these triples take part?  When
// each pattern that could match them has the record in a variable ?s, and another pattern links ?s to the entity, a
// solution in which ?s is the record has the record's entity.  The walk below proves that for each operator of the
// algebra (SPARQL 1.1, section 18), or gives up: SPREADS is always a safe answer.
#include "features/link.h"

typedef enum {
  ABSENT,  ///< no pattern of the kind: records change nothing of it
  BARE,    ///< each row has the record bound, by patterns of the kind, and the entity is not known yet
  LINKED,  ///< each row has the record bound, and linked to the row's entity
  SETTLED, ///< a record changes only rows of its entity; records may be several, out of scope, or unbound
  SPREADS  ///< a record may change any row
} reach_kind;

typedef struct {
  reach_kind kind;
  stoa_var record; ///< of BARE and LINKED
  bool entity;      ///< each row has the entity bound
} reach;

typedef struct {
  const stoa_link_kind *kind;
  stoa_var entity;
} walk;

static reach of_node(const walk *w, const stoa_node *node);

static bool has_record(reach r)
{
  return r.kind == BARE || r.kind == LINKED;
}

static bool is_linked_by(const walk *w, const stoa_node *bgp, stoa_var record)
{
  bool linked = false;
  for (uint32_t i = 0; i < bgp->n_patterns && !linked; ++i) {
    const stoa_touch touch = w->kind->touches(&bgp->patterns[i], w->kind->data);
    linked = touch.how == STOA_TOUCH_RECORD && touch.record == record && touch.links;
  }
  return linked;
}

// What matches there is no record where another pattern of the solution would have to have one that never has.
static bool is_excluded(const walk *w, const stoa_node *bgp, const stoa_pattern *pattern, stoa_var record)
{
  for (uint32_t i = 0; i < bgp->n_patterns; ++i) {
    const stoa_pattern *const other = &bgp->patterns[i];
    const bool shares = other != pattern && (other->subject.var == record || other->object.var == record);
    if (shares && !w->kind->may_share(pattern, record, other, w->kind->data)) {
      return true;
    }
  }
  return false;
}

// One more pattern of a basic graph pattern.
static void add_pattern(const walk *w, const stoa_node *bgp, const stoa_pattern *pattern, reach *r)
{
  const stoa_touch touch = w->kind->touches(pattern, w->kind->data);
  if (touch.how == STOA_TOUCH_NONE || (touch.how == STOA_TOUCH_RECORD && is_excluded(w, bgp, pattern, touch.record))) {
    return;
  }
  const bool linked = touch.how == STOA_TOUCH_RECORD && is_linked_by(w, bgp, touch.record);
  if (touch.how == STOA_TOUCH_ANY) {
    r->kind = SPREADS;
  } else if (touch.how == STOA_TOUCH_RECORD && r->kind == ABSENT) {
    r->kind = linked ? LINKED : BARE;
    r->record = touch.record;
  } else if (touch.how == STOA_TOUCH_RECORD && has_record(*r) && touch.record == r->record) {
    return;
  } else { // several records, each of the entity
    r->kind = r->kind != BARE && (linked || touch.how == STOA_TOUCH_ENTITY) ? SETTLED : SPREADS;
  }
}

static reach of_bgp(const walk *w, const stoa_node *node)
{
  reach r = {ABSENT, STOA_NO_VAR, stoa_node_binds(node, w->entity)};
  for (uint32_t i = 0; i < node->n_patterns && r.kind != SPREADS; ++i) {
    add_pattern(w, node, &node->patterns[i], &r);
  }
  return r;
}

static bool is_of_entity(reach r)
{
  return r.kind == LINKED || r.kind == SETTLED;
}

// Rows of both sides that agree.  Where both know the record, it is one record, with one entity; where both have the
// entity, a record changes on either side only rows that meet rows of its entity.
static reach joined(reach a, reach b)
{
  reach r = {SPREADS, STOA_NO_VAR, a.entity || b.entity};
  if (a.kind == ABSENT || b.kind == ABSENT) {
    const reach *const other = a.kind == ABSENT ? &b : &a;
    r.kind = other->kind;
    r.record = other->record;
  } else if (has_record(a) && has_record(b) && a.record == b.record) {
    r.kind = a.kind == LINKED || b.kind == LINKED ? LINKED : BARE;
    r.record = a.record;
  } else if (is_of_entity(a) && is_of_entity(b) && a.entity && b.entity) {
    r.kind = SETTLED;
  }
  return r;
}

// What stands beside a row and binds nothing that those above could not do without: the right side of OPTIONAL, MINUS
// and EXISTS.
static reach beside(reach row, reach other)
{
  if (other.kind == ABSENT || row.kind == SPREADS) {
    return row;
  }
  if (has_record(row) && has_record(other) && row.record == other.record) {
    return row;
  }
  const bool apart = is_of_entity(other) && other.entity && row.entity && row.kind != BARE;
  return (reach){apart ? SETTLED : SPREADS, STOA_NO_VAR, row.entity};
}

static reach of_union(reach a, reach b)
{
  reach r = {SPREADS, STOA_NO_VAR, a.entity && b.entity};
  if (a.kind == ABSENT && b.kind == ABSENT) {
    r.kind = ABSENT;
  } else if (a.kind == LINKED && b.kind == LINKED && a.record == b.record) {
    r.kind = LINKED;
    r.record = a.record;
  } else if ((a.kind == ABSENT || is_of_entity(a)) && (b.kind == ABSENT || is_of_entity(b))) {
    r.kind = SETTLED;
  }
  return r;
}

static reach of_expr(const walk *w, reach row, const stoa_expr *e)
{
  if (e && e->kind == STOA_EXPR_EXISTS) {
    row = beside(row, of_node(w, e->pattern));
  }
  for (uint32_t i = 0; e && i < e->n_args; ++i) {
    row = of_expr(w, row, e->args[i]);
  }
  return row;
}

static bool has_var(const stoa_var *vars, uint32_t n, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < n; ++i) {
    found |= vars[i] == var;
  }
  return found;
}

// Rows of which only some variables stay, and perhaps one for many: those of an entity stay apart from others' where the
// entity is among the variables.
static reach of_few(const walk *w, reach a, const stoa_var *vars, uint32_t n, bool groups)
{
  const bool keeps = has_var(vars, n, w->entity);
  reach r = {a.kind, a.record, a.entity && keeps};
  if (a.kind == ABSENT || a.kind == SPREADS) {
    return r;
  }
  const bool keeps_record = has_record(a) && !groups && has_var(vars, n, a.record);
  r.kind = keeps && keeps_record ? a.kind : keeps && is_of_entity(a) ? SETTLED : SPREADS;
  return r;
}

static reach of_group(const walk *w, const stoa_node *node)
{
  reach a = of_node(w, node->inputs[0]);
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    a = of_expr(w, a, node->aggregates[i].expr);
  }
  return of_few(w, a, node->vars, node->n_vars, true);
}

// A closure goes through rows of any entity; which rows are among the first depends on all of them.
static reach of_whole(const walk *w, const stoa_node *node)
{
  reach r = of_node(w, node->inputs[0]);
  const bool absent = r.kind == ABSENT && (!node->inputs[1] || of_node(w, node->inputs[1]).kind == ABSENT);
  r.kind = absent ? ABSENT : SPREADS;
  r.entity &= node->kind == STOA_NODE_SLICE;
  return r;
}

static reach of_order(const walk *w, const stoa_node *node)
{
  reach a = of_node(w, node->inputs[0]);
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    a = of_expr(w, a, node->orders[i].expr);
  }
  return a;
}

static reach of_node(const walk *w, const stoa_node *node)
{
  switch (node->kind) {
    case STOA_NODE_UNIT:
    case STOA_NODE_VALUES:
    case STOA_NODE_SERVICE:
      return (reach){ABSENT, STOA_NO_VAR, stoa_node_binds(node, w->entity)};
    case STOA_NODE_BGP:
      return of_bgp(w, node);
    case STOA_NODE_JOIN:
      return joined(of_node(w, node->inputs[0]), of_node(w, node->inputs[1]));
    case STOA_NODE_LEFT_JOIN:
      return beside(of_expr(w, of_node(w, node->inputs[0]), node->expr), of_node(w, node->inputs[1]));
    case STOA_NODE_MINUS:
      return beside(of_node(w, node->inputs[0]), of_node(w, node->inputs[1]));
    case STOA_NODE_UNION:
      return of_union(of_node(w, node->inputs[0]), of_node(w, node->inputs[1]));
    case STOA_NODE_FILTER:
    case STOA_NODE_EXTEND:
      return of_expr(w, of_node(w, node->inputs[0]), node->expr);
    case STOA_NODE_GROUP:
      return of_group(w, node);
    case STOA_NODE_PROJECT:
      return of_few(w, of_node(w, node->inputs[0]), node->vars, node->n_vars, false);
    case STOA_NODE_ORDER:
      return of_order(w, node);
    case STOA_NODE_DISTINCT:
      return of_node(w, node->inputs[0]);
    case STOA_NODE_SLICE:
    case STOA_NODE_PATH:
      return of_whole(w, node);
  }
  return (reach){SPREADS, STOA_NO_VAR, false};
}

bool stoa_link_holds(const stoa_view *view, const stoa_link_kind *kind)
{
  const walk w = {kind, view->entity_var};
  const reach_kind whole = of_node(&w, view->query->root).kind;
  return whole == ABSENT || whole == LINKED || whole == SETTLED;
}

// Of what is projected away nothing is lost but the variable.
bool stoa_link_record(const stoa_view *view, const stoa_link_kind *kind, stoa_var *out)
{
  const walk w = {kind, view->entity_var};
  const stoa_node *node = view->query->root;
  if (node->kind != STOA_NODE_PROJECT || !has_var(node->vars, node->n_vars, view->entity_var)) {
    return false;
  }
  const reach r = of_node(&w, node->inputs[0]);
  *out = r.record;
  return r.kind == LINKED;
}
