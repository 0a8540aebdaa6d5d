// Scans of the native graph and look-ups in it.
#include "graph/plan/quads.h"

static void add_var(const stoa_slot *slot, stoa_plan_node *node, stoa_var *vars)
{
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

const stoa_plan_node *stoa_quads_new(stoa_planner *p, const stoa_pattern *const *patterns, uint32_t n,
                                     stoa_source *source)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, STOA_PLAN_QUADS, NULL, NULL);
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, n * 4);
  node->source = source;
  node->quads.patterns = patterns;
  node->quads.n_patterns = n;
  for (uint32_t i = 0; i < n; ++i) {
    add_var(&patterns[i]->subject, node, vars);
    add_var(&patterns[i]->predicate, node, vars);
    add_var(&patterns[i]->object, node, vars);
    add_var(&patterns[i]->graph, node, vars);
  }
  node->vars = vars;
  return node;
}

bool stoa_quads_mention(const stoa_plan_node *node, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < node->quads.n_patterns && !found; ++i) {
    const stoa_pattern *const t = node->quads.patterns[i];
    found = t->subject.var == var || t->predicate.var == var || t->object.var == var || t->graph.var == var;
  }
  return found;
}

bool stoa_quads_is_scan(const stoa_plan_node *node)
{
  return node && node->kind == STOA_PLAN_QUADS && !node->inputs[0];
}

// A scan that asks both asks for the values of either.
static void add_ranges(stoa_planner *p, stoa_plan_node *node, const stoa_plan_node *of)
{
  stoa_plan_range *const ranges = STOA_NEWS(p->arena, stoa_plan_range, node->quads.n_ranges + of->quads.n_ranges + 1);
  for (uint32_t i = 0; i < node->quads.n_ranges; ++i) {
    ranges[i] = node->quads.ranges[i];
  }
  node->quads.ranges = ranges;
  for (uint32_t i = 0; i < of->quads.n_ranges; ++i) {
    bool known = false;
    for (uint32_t k = 0; k < node->quads.n_ranges; ++k) {
      known |= ranges[k].var == of->quads.ranges[i].var;
    }
    if (!known) {
      ranges[node->quads.n_ranges++] = of->quads.ranges[i];
    }
  }
}

static void add_kinds(stoa_planner *p, stoa_plan_node *node, const stoa_plan_kinds *more, uint32_t n)
{
  stoa_plan_kinds *const all = STOA_NEWS(p->arena, stoa_plan_kinds, node->quads.n_kinds + n + 1);
  for (uint32_t i = 0; i < node->quads.n_kinds; ++i) {
    all[i] = node->quads.kinds[i];
  }
  for (uint32_t i = 0; i < n; ++i) {
    all[node->quads.n_kinds++] = more[i];
  }
  node->quads.kinds = all;
}

const stoa_plan_node *stoa_quads_merged(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  if (!stoa_quads_is_scan(a) || !stoa_quads_is_scan(b) || a->source != b->source) {
    return NULL;
  }
  const stoa_pattern **const all = STOA_NEWS(p->arena, const stoa_pattern *, a->quads.n_patterns + b->quads.n_patterns);
  memcpy(all, a->quads.patterns, a->quads.n_patterns * sizeof *all);
  memcpy(all + a->quads.n_patterns, b->quads.patterns, b->quads.n_patterns * sizeof *all);
  stoa_plan_node *const both =
    (stoa_plan_node *)stoa_quads_new(p, all, a->quads.n_patterns + b->quads.n_patterns, a->source);
  add_ranges(p, both, a);
  add_ranges(p, both, b);
  add_kinds(p, both, a->quads.kinds, a->quads.n_kinds);
  add_kinds(p, both, b->quads.kinds, b->quads.n_kinds);
  return both;
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
  node->quads.patterns = quads->quads.patterns;
  node->quads.n_patterns = quads->quads.n_patterns;
  node->quads.how = how;
  node->quads.ranges = quads->quads.ranges;
  node->quads.n_ranges = quads->quads.n_ranges;
  node->quads.kinds = quads->quads.kinds;
  node->quads.n_kinds = quads->quads.n_kinds;
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

// ---- unions
//
// A join distributes over a union, and so do OPTIONAL, EXISTS and NOT EXISTS over that of their left sides: what becomes
// of a row does not depend on the others.

enum { MOST_BRANCHES = 4 };

static bool is_chain(const stoa_plan_node *node)
{
  return node->kind == STOA_PLAN_QUADS && !node->expr && !stoa_plan_quads_bottom(node)->inputs[0];
}

// The branches of a union of nothing but scans and look-ups over them; 0: it is none.
static uint32_t branches_of(const stoa_plan_node *node, const stoa_plan_node **out, uint32_t n)
{
  if (node->kind == STOA_PLAN_UNION) {
    n = branches_of(node->inputs[0], out, n);
    return n ? branches_of(node->inputs[1], out, n) : 0;
  }
  if (!is_chain(node) || n == MOST_BRANCHES) {
    return 0;
  }
  out[n] = node;
  return n + 1;
}

static const stoa_plan_node *join_chains(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  const stoa_plan_node *joined = stoa_quads_merged(p, a, b);
  if (!joined && a->source == b->source && stoa_quads_is_scan(b)) {
    joined = stoa_quads_over(p, a, b, STOA_QUADS_JOIN);
  }
  if (!joined && a->source == b->source && stoa_quads_is_scan(a)) {
    joined = stoa_quads_over(p, b, a, STOA_QUADS_JOIN);
  }
  return joined;
}

const stoa_plan_node *stoa_quads_joined(stoa_planner *p, const stoa_plan_node *a, const stoa_plan_node *b)
{
  const stoa_plan_node *as[MOST_BRANCHES], *bs[MOST_BRANCHES], *all = NULL;
  const uint32_t n_a = branches_of(a, as, 0), n_b = branches_of(b, bs, 0);
  if (n_a * n_b > MOST_BRANCHES) {
    return NULL;
  }
  for (uint32_t i = 0; i < n_a * n_b; ++i) {
    const stoa_plan_node *const one = join_chains(p, as[i / n_b], bs[i % n_b]);
    if (!one) {
      return NULL;
    }
    all = stoa_plan_union(p, all, one);
  }
  return all;
}

stoa_plan_node *stoa_quads_for(stoa_planner *p, const stoa_plan_node *left, const stoa_plan_node *quads,
                               stoa_quads_how how)
{
  const stoa_plan_node *branches[MOST_BRANCHES], *all = NULL;
  const uint32_t n = left->kind == STOA_PLAN_UNION ? branches_of(left, branches, 0) : 0;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_plan_node *const one = stoa_quads_over(p, branches[i], quads, how);
    if (!one) {
      return stoa_quads_over(p, left, quads, how);
    }
    all = stoa_plan_union(p, all, one);
  }
  return all ? (stoa_plan_node *)all : stoa_quads_over(p, left, quads, how);
}

// ---- kinds

static bool is_subject_or_object(const stoa_plan_node *node, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < node->quads.n_patterns && !found; ++i) {
    found = node->quads.patterns[i]->subject.var == var || node->quads.patterns[i]->object.var == var;
  }
  return found;
}

// A chain binds the variable for good where its lowest scan has it.
static const stoa_plan_node *of_kind(stoa_planner *p, const stoa_plan_node *node, const stoa_plan_kinds *kinds)
{
  stoa_plan_node *const out = STOA_NEW(p->arena, stoa_plan_node);
  *out = *node;
  if (node == stoa_plan_quads_bottom(node)) {
    add_kinds(p, out, kinds, 1);
    return is_subject_or_object(node, kinds->var) ? out : NULL;
  }
  out->inputs[0] = of_kind(p, node->inputs[0], kinds);
  return out->inputs[0] ? out : NULL;
}

const stoa_plan_node *stoa_quads_of_kind(stoa_planner *p, const stoa_plan_node *node, const stoa_expr *condition)
{
  if (condition->kind != STOA_EXPR_CALL || condition->n_args != 1 || condition->args[0]->kind != STOA_EXPR_VAR) {
    return NULL;
  }
  stoa_plan_kinds kinds = {.var = condition->args[0]->var};
  switch (condition->function) {
    case STOA_FN_ISIRI:
    case STOA_FN_ISURI:
      kinds.kinds = STOA_IS_IRI;
      break;
    case STOA_FN_ISBLANK:
      kinds.kinds = STOA_IS_BLANK;
      break;
    case STOA_FN_ISLITERAL:
      kinds.kinds = STOA_IS_LITERAL;
      break;
    default:
      return NULL;
  }
  return is_chain(node) ? of_kind(p, node, &kinds) : NULL;
}
