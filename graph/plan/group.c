// From algebra to join groups.
//
// Join(LeftJoin(A, B), C) may be LeftJoin(Join(A, C), B) when C speaks of nothing that B binds alone: of each variable
// that the tail B and C have in common, A must bind it in every row.  The same holds of MINUS, of BIND (whose variable
// C must not know), and of conditions.  Where it does not hold, A stays a group of its own within the group.
#include "graph/plan/group.h"
#include "graph/term/equality.h"

static void see_var(stoa_var var, void *data)
{
  ((bool *)data)[var] = true;
}

void stoa_node_reads(const stoa_node *node, bool *seen)
{
  if (node->expr) {
    stoa_expr_reads(node->expr, seen);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    stoa_node_reads(node->inputs[i], seen);
  }
}

void stoa_expr_reads(const stoa_expr *e, bool *seen)
{
  stoa_expr_vars(e, see_var, seen);
  if (e->kind == STOA_EXPR_EXISTS) {
    stoa_node_reads(e->pattern, seen);
    stoa_node_vars(e->pattern, seen);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    stoa_expr_reads(e->args[i], seen);
  }
}

// ---- what a group binds

bool stoa_member_binds(const stoa_member *m, stoa_var var)
{
  if (m->kind == STOA_MEMBER_PATTERN) {
    const stoa_pattern *const t = m->pattern;
    return t->subject.var == var || t->predicate.var == var || t->object.var == var || t->graph.var == var;
  }
  return stoa_node_binds(m->node, var);
}

bool stoa_members_bind(const stoa_group *g, stoa_var var)
{
  for (uint32_t i = 0; i < g->members.n; ++i) {
    if (stoa_member_binds(&g->members.items[i], var)) {
      return true;
    }
  }
  return false;
}

bool stoa_group_binds(const stoa_group *g, stoa_var var)
{
  return stoa_node_binds(g->node, var);
}

void stoa_group_vars(const stoa_group *g, bool *seen)
{
  stoa_node_vars(g->node, seen);
}

static bool is_end_of(const stoa_pattern *pattern, stoa_var var, const stoa_slot *graph)
{
  return (pattern->subject.var == var || pattern->object.var == var) && pattern->graph.var == graph->var &&
         (graph->var != STOA_NO_VAR || stoa_term_same(pattern->graph.term, graph->term));
}

bool stoa_group_has_node(const stoa_group *g, stoa_slot end, const stoa_slot *graph)
{
  for (uint32_t i = 0; end.var != STOA_NO_VAR && i < g->members.n; ++i) {
    const stoa_member *const m = &g->members.items[i];
    if ((m->kind == STOA_MEMBER_PATTERN && is_end_of(m->pattern, end.var, graph)) ||
        (m->kind == STOA_MEMBER_GROUP && stoa_group_has_node(m->parts.items[0], end, graph))) {
      return true;
    }
  }
  return false;
}

// ---- building

static void split(stoa_planner *p, const stoa_expr *e, stoa_group *g)
{
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_AND) {
    split(p, e->args[0], g);
    split(p, e->args[1], g);
  } else {
    STOA_PUSH(p->arena, &g->conditions, ((stoa_condition){e, g->tails.n}));
  }
}

static bool has_modifiers(const stoa_node *node)
{
  bool found = node->kind == STOA_NODE_MINUS || node->kind == STOA_NODE_SLICE || node->kind == STOA_NODE_GROUP;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    found |= has_modifiers(node->inputs[i]);
  }
  return found;
}

// EXISTS is a semi-join only when putting the outer row into its pattern (section 18.6) is the same as looking for a
// compatible row of it.  It is when the pattern certainly binds whatever it shares with the row or its expressions
// read: a variable that only an OPTIONAL or a BIND in it binds would be met before it is bound.
static bool is_closed(stoa_planner *p, const stoa_expr *e, const stoa_node *outer)
{
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const inner = STOA_NEWS(p->arena, bool, n_vars + 1);
  bool *const read = STOA_NEWS(p->arena, bool, n_vars + 1);
  bool *const given = STOA_NEWS(p->arena, bool, n_vars + 1);
  stoa_node_reads(e->pattern, read);
  stoa_node_vars(e->pattern, inner);
  stoa_node_vars(outer, given);
  for (uint32_t v = 0; v < n_vars; ++v) {
    if ((read[v] || (inner[v] && given[v])) && !stoa_node_binds(e->pattern, v)) {
      return false;
    }
  }
  return !has_modifiers(e->pattern);
}

static void add_filter(stoa_planner *p, const stoa_node *node, stoa_group *g)
{
  const uint32_t first = g->conditions.n;
  uint32_t kept = first;
  split(p, node->expr, g);
  for (uint32_t i = first; i < g->conditions.n; ++i) {
    const stoa_expr *const e = g->conditions.items[i].expr;
    if (e->kind == STOA_EXPR_EXISTS && is_closed(p, e, node->inputs[0])) {
      const stoa_tail tail = {
        .kind = STOA_TAIL_EXISTS, .node = node, .negated = e->negated, .group = stoa_group_new(p, e->pattern)};
      STOA_PUSH(p->arena, &g->tails, tail);
    } else {
      g->conditions.items[kept++] = g->conditions.items[i];
    }
  }
  g->conditions.n = kept;
}

static stoa_group *empty_group(stoa_planner *p, const stoa_node *node)
{
  stoa_group *const g = STOA_NEW(p->arena, stoa_group);
  g->node = node;
  return g;
}

static void add_member(stoa_planner *p, stoa_group *g, stoa_member_kind kind, const stoa_node *node)
{
  STOA_PUSH(p->arena, &g->members, ((stoa_member){.kind = kind, .node = node}));
}

static void add_part(stoa_planner *p, stoa_group *g, stoa_group *part)
{
  STOA_PUSH(p->arena, &g->members.items[g->members.n - 1].parts, part);
}

// A group of one member, which is `inner` as it is.
static stoa_group *wrapped(stoa_planner *p, stoa_group *inner)
{
  stoa_group *const g = empty_group(p, inner->node);
  add_member(p, g, STOA_MEMBER_GROUP, inner->node);
  add_part(p, g, inner);
  return g;
}

static void tail_vars(const stoa_tail *t, bool *seen)
{
  if (t->group) {
    stoa_group_vars(t->group, seen);
    stoa_node_reads(t->group->node, seen);
  }
  if (t->expr) {
    stoa_expr_reads(t->expr, seen);
  }
  if (t->kind == STOA_TAIL_EXTEND) {
    seen[t->node->var] = true;
  }
  if (t->kind == STOA_TAIL_MINUS && t->node->graph.var != STOA_NO_VAR) {
    seen[t->node->graph.var] = true;
  }
}

// May the tails and conditions of `a` come after `b` is joined?
static bool tails_may_wait(stoa_planner *p, const stoa_group *a, const stoa_group *b)
{
  const uint32_t n_vars = p->rels.query->n_vars;
  if (!a->tails.n && !a->conditions.n) {
    return true;
  }
  bool *const theirs = STOA_NEWS(p->arena, bool, n_vars + 1);
  bool *const ours = STOA_NEWS(p->arena, bool, n_vars + 1);
  stoa_group_vars(b, theirs);
  for (uint32_t i = 0; i < a->tails.n; ++i) {
    const stoa_tail *const t = &a->tails.items[i];
    tail_vars(t, ours);
    if (t->kind == STOA_TAIL_EXTEND && theirs[t->node->var]) {
      return false;
    }
  }
  for (uint32_t i = 0; i < a->conditions.n; ++i) {
    stoa_expr_reads(a->conditions.items[i].expr, ours);
  }
  for (uint32_t v = 0; v < n_vars; ++v) {
    if (ours[v] && theirs[v] && !stoa_members_bind(a, v)) {
      return false;
    }
  }
  return true;
}

const stoa_node *stoa_join_node(stoa_planner *p, const stoa_node *a, const stoa_node *b)
{
  stoa_node *const join = STOA_NEW(p->arena, stoa_node);
  *join = (stoa_node){.kind = STOA_NODE_JOIN, .inputs = {a, b}, .limit = UINT64_MAX};
  return join;
}

static stoa_group *joined(stoa_planner *p, stoa_group *a, stoa_group *b)
{
  a = tails_may_wait(p, a, b) ? a : wrapped(p, a);
  b = tails_may_wait(p, b, a) ? b : wrapped(p, b);
  const uint32_t n_tails = a->tails.n;
  a->node = stoa_join_node(p, a->node, b->node);
  for (uint32_t i = 0; i < b->members.n; ++i) {
    STOA_PUSH(p->arena, &a->members, b->members.items[i]);
  }
  for (uint32_t i = 0; i < b->tails.n; ++i) {
    STOA_PUSH(p->arena, &a->tails, b->tails.items[i]);
  }
  for (uint32_t i = 0; i < b->conditions.n; ++i) {
    const stoa_condition c = {b->conditions.items[i].expr, b->conditions.items[i].after + n_tails};
    STOA_PUSH(p->arena, &a->conditions, c);
  }
  return a;
}

static stoa_group *group_of_patterns(stoa_planner *p, const stoa_node *node)
{
  stoa_group *const g = empty_group(p, node);
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    add_member(p, g, STOA_MEMBER_PATTERN, node);
    g->members.items[i].pattern = &node->patterns[i];
  }
  return g;
}

static void add_branches(stoa_planner *p, stoa_group *g, const stoa_node *node)
{
  if (node->kind == STOA_NODE_UNION) {
    add_branches(p, g, node->inputs[0]);
    add_branches(p, g, node->inputs[1]);
  } else {
    add_part(p, g, stoa_group_new(p, node));
  }
}

static bool is_modifier(const stoa_node *node)
{
  return node->kind == STOA_NODE_PROJECT || node->kind == STOA_NODE_DISTINCT || node->kind == STOA_NODE_ORDER ||
         node->kind == STOA_NODE_SLICE || node->kind == STOA_NODE_GROUP;
}

const stoa_node *stoa_select_bottom(const stoa_node *node)
{
  while (is_modifier(node)) {
    node = node->inputs[0];
  }
  return node;
}

static stoa_group *group_of_select(stoa_planner *p, const stoa_node *node)
{
  stoa_group *const g = empty_group(p, node);
  add_member(p, g, STOA_MEMBER_SELECT, node);
  g->members.items[0].bottom = stoa_select_bottom(node);
  add_part(p, g, stoa_group_new(p, g->members.items[0].bottom));
  return g;
}

static stoa_group *group_of_path(stoa_planner *p, const stoa_node *node)
{
  stoa_group *const g = empty_group(p, node);
  add_member(p, g, STOA_MEMBER_PATH, node);
  add_part(p, g, stoa_group_new(p, node->inputs[0]));
  if (node->inputs[1]) {
    add_part(p, g, stoa_group_new(p, node->inputs[1]));
  }
  return g;
}

static stoa_group *with_tail(stoa_planner *p, const stoa_node *node, stoa_tail_kind kind)
{
  stoa_group *const g = stoa_group_new(p, node->inputs[0]);
  const stoa_tail tail = {.kind = kind,
                          .node = node,
                          .expr = node->expr,
                          .group = kind == STOA_TAIL_EXTEND ? NULL : stoa_group_new(p, node->inputs[1])};
  STOA_PUSH(p->arena, &g->tails, tail);
  g->node = node;
  return g;
}

stoa_group *stoa_group_new(stoa_planner *p, const stoa_node *node)
{
  stoa_group *g = NULL;
  switch (node->kind) {
    case STOA_NODE_BGP:
      return group_of_patterns(p, node);
    case STOA_NODE_JOIN: {
      stoa_group *const a = stoa_group_new(p, node->inputs[0]);
      return joined(p, a, stoa_group_new(p, node->inputs[1]));
    }
    case STOA_NODE_LEFT_JOIN:
      return with_tail(p, node, STOA_TAIL_OPTIONAL);
    case STOA_NODE_MINUS:
      return with_tail(p, node, STOA_TAIL_MINUS);
    case STOA_NODE_EXTEND:
      return with_tail(p, node, STOA_TAIL_EXTEND);
    case STOA_NODE_FILTER:
      g = stoa_group_new(p, node->inputs[0]);
      add_filter(p, node, g);
      g->node = node;
      return g;
    case STOA_NODE_UNION:
      g = empty_group(p, node);
      add_member(p, g, STOA_MEMBER_UNION, node);
      add_branches(p, g, node);
      return g;
    case STOA_NODE_PATH:
      return group_of_path(p, node);
    case STOA_NODE_VALUES:
    case STOA_NODE_SERVICE:
      g = empty_group(p, node);
      add_member(p, g, node->kind == STOA_NODE_VALUES ? STOA_MEMBER_VALUES : STOA_MEMBER_SERVICE, node);
      return g;
    case STOA_NODE_UNIT:
      return empty_group(p, node);
    default:
      return group_of_select(p, node);
  }
}

// ---- copies

static void copy_parts(stoa_planner *p, const stoa_groups *of, stoa_groups *out)
{
  *out = (stoa_groups){0};
  for (uint32_t i = 0; i < of->n; ++i) {
    STOA_PUSH(p->arena, out, stoa_group_copy(p, of->items[i]));
  }
}

static stoa_member copy_member(stoa_planner *p, const stoa_member *of)
{
  stoa_member copy = *of;
  copy.leaves = (stoa_leaves){0};
  for (uint32_t i = 0; i < of->leaves.n; ++i) {
    STOA_PUSH(p->arena, &copy.leaves, of->leaves.items[i]);
  }
  copy_parts(p, &of->parts, &copy.parts);
  return copy;
}

stoa_group *stoa_group_copy(stoa_planner *p, const stoa_group *of)
{
  stoa_group *const g = empty_group(p, of->node);
  g->empty = of->empty;
  for (uint32_t i = 0; i < of->members.n; ++i) {
    STOA_PUSH(p->arena, &g->members, copy_member(p, &of->members.items[i]));
  }
  for (uint32_t i = 0; i < of->tails.n; ++i) {
    stoa_tail tail = of->tails.items[i];
    tail.group = tail.group ? stoa_group_copy(p, tail.group) : NULL;
    STOA_PUSH(p->arena, &g->tails, tail);
  }
  for (uint32_t i = 0; i < of->conditions.n; ++i) {
    STOA_PUSH(p->arena, &g->conditions, of->conditions.items[i]);
  }
  return g;
}
