// Joins of algebra: VALUES restricts the others, paths and endpoints follow what is joined, OPTIONAL sinks to the side
// that it extends.
#include "graph/plan/planner.h"
#include "graph/term/equality.h"

static bool is_restriction(const stoa_node *node)
{
  if (node->kind != STOA_NODE_VALUES || node->n_vars != 1) {
    return false;
  }
  for (uint32_t i = 0; i < node->n_rows; ++i) {
    if (!stoa_term_is_bound(node->rows[i])) {
      return false;
    }
  }
  return true;
}

void stoa_plan_append_var(stoa_planner *p, stoa_plan_node *node, stoa_var var)
{
  if (stoa_plan_column(node, var) < 0) {
    stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, node->n_vars + 1);
    if (node->n_vars) {
      memcpy(vars, node->vars, node->n_vars * sizeof *vars);
    }
    vars[node->n_vars++] = var;
    node->vars = vars;
  }
}

static bool end_bound(const stoa_node *node, stoa_slot end)
{
  return end.var == STOA_NO_VAR || (node && stoa_node_binds(node, end.var));
}

static bool is_end_of(const stoa_pattern *pattern, stoa_var var, const stoa_slot *graph)
{
  return (pattern->subject.var == var || pattern->object.var == var) && pattern->graph.var == graph->var &&
         (graph->var != STOA_NO_VAR || stoa_term_same(pattern->graph.term, graph->term));
}

// Is what `node` binds `end` to certainly a node of the graph?
static bool is_graph_node(const stoa_node *node, stoa_slot end, const stoa_slot *graph)
{
  if (!node || end.var == STOA_NO_VAR) {
    return false;
  }
  for (uint32_t i = 0; i < node->n_patterns; ++i) {
    if (is_end_of(&node->patterns[i], end.var, graph)) {
      return true;
    }
  }
  return (node->kind == STOA_NODE_JOIN || node->kind == STOA_NODE_FILTER || node->kind == STOA_NODE_LEFT_JOIN) &&
         (is_graph_node(node->inputs[0], end, graph) ||
          (node->kind == STOA_NODE_JOIN && is_graph_node(node->inputs[1], end, graph)));
}

enum { FEW_STEPS = 10000 };

// All pairs are found in SQL where they can be expected to be few: more steps are followed from what is joined already.
static bool may_pair(const stoa_node *path, const stoa_rel *steps)
{
  return path->ends[0].var == STOA_NO_VAR || path->ends[1].var == STOA_NO_VAR || stoa_rel_rows(steps) <= FEW_STEPS;
}

static stoa_expr *var_expr(stoa_planner *p, stoa_var var)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  *e = (stoa_expr){.kind = STOA_EXPR_VAR, .var = var};
  return e;
}

static bool binds_in_some_row(const stoa_rel *rel, stoa_var var)
{
  bool found = false;
  for (uint32_t i = 0; i < rel->blocks.n && !found; ++i) {
    found = stoa_block_find(rel->blocks.items[i], var) != NULL;
  }
  return found;
}

// p* over rows that bind one end: each row with that end as the other one, and with what is reached from it.
static const stoa_rel *star_over(stoa_planner *p, const stoa_node *path, const stoa_piece *left, const stoa_rel *steps)
{
  const stoa_var a = path->ends[0].var, b = path->ends[1].var;
  const bool forward = stoa_piece_has(left, a);
  if (!path->zero || !path->many || !left->rel || left->rel->source != steps->source || a == STOA_NO_VAR ||
      b == STOA_NO_VAR || a == b || binds_in_some_row(left->rel, forward ? b : a)) {
    return NULL;
  }
  const stoa_rel *const pairs = stoa_rel_path_apart(&p->rels, steps, path);
  const stoa_rel *const self =
    pairs ? stoa_rel_extend(&p->rels, left->rel, forward ? b : a, var_expr(p, forward ? a : b)) : NULL;
  const stoa_rel *const others = self ? stoa_rel_join(&p->rels, left->rel, pairs) : NULL;
  return others ? stoa_rel_union(&p->rels, self, others) : NULL;
}

// The path in SQL, with what it follows; or nothing.
static bool path_in_sql(stoa_planner *p, const stoa_node *node, const stoa_piece *left, const stoa_node *left_node,
                        const stoa_piece *steps, stoa_piece *out)
{
  if (!steps->rel || !steps->rel->blocks.n || p->options.plain || !may_pair(node, steps->rel)) {
    return false;
  }
  const stoa_rel *rel = stoa_rel_path(&p->rels, steps->rel, node);
  if (rel) {
    const stoa_piece reached = {.rel = rel};
    *out = left ? stoa_piece_join(p, left, &reached) : reached;
    return true;
  }
  const bool at_nodes = left && (is_graph_node(left_node, node->ends[0], &node->graph) ||
                                 is_graph_node(left_node, node->ends[1], &node->graph));
  rel = at_nodes ? star_over(p, node, left, steps->rel) : NULL;
  *out = (stoa_piece){.rel = rel};
  return rel != NULL;
}

// A closure over rows that bind one of its ends to a node of the graph; without them it begins at every node.
stoa_status stoa_plan_path(stoa_planner *p, const stoa_node *node, const stoa_piece *left, const stoa_node *left_node,
                           stoa_piece *out)
{
  stoa_piece steps, unit = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], NULL, &steps));
  if (path_in_sql(p, node, left, left_node, &steps, out)) {
    return STOA_OK;
  }
  if (node->inputs[1] && !is_graph_node(left_node, node->ends[0], &node->graph) &&
      !is_graph_node(left_node, node->ends[1], &node->graph)) {
    stoa_piece nodes;
    STOA_TRY(stoa_plan_algebra(p, node->inputs[1], NULL, &nodes));
    unit = left ? stoa_piece_join(p, left, &nodes) : nodes;
    left = NULL;
  }
  stoa_plan_node *const path = stoa_plan_node_new(p, STOA_PLAN_PATH, stoa_piece_node(p, left ? left : &unit), NULL);
  path->node = node;
  stoa_plan_merge_vars(p, path);
  const stoa_slot *const slots[] = {&node->ends[0], &node->ends[1], &node->graph};
  for (int i = 0; i < 3; ++i) {
    if (slots[i]->var != STOA_NO_VAR) {
      stoa_plan_append_var(p, path, slots[i]->var);
    }
  }
  path->inputs[1] = stoa_piece_node(p, &steps);
  *out = (stoa_piece){.node = path};
  return STOA_OK;
}

// An endpoint is asked with the rows that are joined already; without them once, for all that it has.
void stoa_plan_service(stoa_planner *p, const stoa_node *node, const stoa_piece *left, stoa_piece *out)
{
  const stoa_piece unit = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const seen = STOA_NEWS(p->arena, bool, n_vars + 1);
  stoa_plan_node *const service =
    stoa_plan_node_new(p, STOA_PLAN_SERVICE, stoa_piece_node(p, left ? left : &unit), NULL);
  service->node = node;
  stoa_plan_merge_vars(p, service);
  stoa_node_vars(node->inputs[0], seen);
  for (stoa_var v = 0; v < n_vars; ++v) {
    const char *const name = p->rels.query->names[v];
    if (seen[v] && strncmp(name, "_:", 2) != 0 && name[0] != '.') {
      stoa_plan_append_var(p, service, v);
    }
  }
  *out = (stoa_piece){.node = service};
}

typedef STOA_LIST(const stoa_node *) nodes;

static void flatten(stoa_planner *p, const stoa_node *node, nodes *out)
{
  if (node->kind == STOA_NODE_JOIN) {
    flatten(p, node->inputs[0], out);
    flatten(p, node->inputs[1], out);
  } else {
    STOA_PUSH(p->arena, out, node);
  }
}

static const stoa_node *join_node(stoa_planner *p, const stoa_node *a, const stoa_node *b)
{
  stoa_node *const join = STOA_NEW(p->arena, stoa_node);
  *join = (stoa_node){.kind = STOA_NODE_JOIN, .inputs = {a, b}, .limit = UINT64_MAX};
  return join;
}

// Paths follow what is joined already, those with a bound end first.
static stoa_status plan_paths(stoa_planner *p, nodes *paths, const stoa_node *rest, stoa_piece *out)
{
  for (uint32_t done = 0; done < paths->n; ++done) {
    uint32_t best = done;
    for (uint32_t i = paths->n; i-- > done;) {
      const stoa_node *const path = paths->items[i];
      best = end_bound(rest, path->ends[0]) || end_bound(rest, path->ends[1]) ? i : best;
    }
    const stoa_node *const path = paths->items[best];
    paths->items[best] = paths->items[done];
    paths->items[done] = path;
    const stoa_piece left = *out;
    STOA_TRY(stoa_plan_path(p, path, rest ? &left : NULL, rest, out));
    rest = rest ? join_node(p, rest, path) : path;
  }
  return STOA_OK;
}

// Joins are taken together, whatever their order in the text: VALUES restricts the others, and what lies in
// one source meets there.
stoa_status stoa_plan_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                           stoa_piece *out)
{
  nodes parts = {0};
  stoa_pieces tables = {0}, values = {0};
  nodes paths = {0}, endpoints = {0};
  const stoa_node *rest = NULL; ///< what the paths follow
  flatten(p, node, &parts);
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (!p->options.plain && is_restriction(parts.items[i])) {
      stoa_restriction *const own = STOA_NEW(p->arena, stoa_restriction);
      *own = (stoa_restriction){parts.items[i], restrictions};
      restrictions = own;
    }
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    stoa_piece one;
    const bool is_values = parts.items[i]->kind == STOA_NODE_VALUES;
    if (parts.items[i]->kind == STOA_NODE_PATH) {
      STOA_PUSH(p->arena, &paths, parts.items[i]);
      continue;
    }
    if (parts.items[i]->kind == STOA_NODE_SERVICE) {
      STOA_PUSH(p->arena, &endpoints, parts.items[i]);
      continue;
    }
    rest = rest ? join_node(p, rest, parts.items[i]) : parts.items[i];
    STOA_TRY(stoa_plan_algebra(p, parts.items[i], is_values ? NULL : restrictions, &one));
    STOA_PUSH(p->arena, is_values ? &values : &tables, one);
  }
  for (uint32_t i = 0; i < values.n; ++i) {
    STOA_PUSH(p->arena, &tables, values.items[i]);
  }
  bool any = tables.n + paths.n > 0;
  if (tables.n) {
    *out = stoa_piece_join_all(p, &tables);
  }
  STOA_TRY(plan_paths(p, &paths, rest, out));
  for (uint32_t i = 0; i < endpoints.n; ++i, any = true) {
    const stoa_piece left = *out;
    stoa_plan_service(p, endpoints.items[i], any ? &left : NULL, out);
  }
  return STOA_OK;
}

static void see_var(stoa_var var, void *data)
{
  ((bool *)data)[var] = true;
}

// May an OPTIONAL over a join stand over `kept` alone?  (A join B) leftjoin C = A join (B leftjoin C) when
// B certainly binds whatever C and the condition share with A.
static bool may_sink(stoa_planner *p, const stoa_node *kept, const stoa_node *other, const stoa_node *optional,
                     const stoa_expr *condition)
{
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const in_optional = STOA_NEWS(p->arena, bool, n_vars);
  bool *const in_other = STOA_NEWS(p->arena, bool, n_vars);
  stoa_node_vars(optional, in_optional);
  stoa_node_vars(other, in_other);
  if (condition) {
    stoa_expr_vars(condition, see_var, in_optional);
  }
  for (uint32_t v = 0; v < n_vars; ++v) {
    if (in_optional[v] && in_other[v] && !stoa_node_binds(kept, v)) {
      return false;
    }
  }
  return true;
}

// Sink the OPTIONAL into the side of the join that it extends, where it may stay one statement.
static const stoa_node *sunk(stoa_planner *p, const stoa_node *node)
{
  const stoa_node *const join = node->inputs[0];
  for (int side = 1; join->kind == STOA_NODE_JOIN && side >= 0; --side) {
    if (join->inputs[side]->kind == STOA_NODE_BGP &&
        may_sink(p, join->inputs[side], join->inputs[1 - side], node->inputs[1], node->expr)) {
      stoa_node *const left = STOA_NEW(p->arena, stoa_node), *const top = STOA_NEW(p->arena, stoa_node);
      *left = *node;
      left->inputs[0] = join->inputs[side];
      *top = *join;
      top->inputs[0] = join->inputs[1 - side];
      top->inputs[1] = left;
      return top;
    }
  }
  return NULL;
}

stoa_status stoa_plan_left_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                stoa_piece *out)
{
  stoa_piece a, b;
  const stoa_node *const top = p->options.plain ? NULL : sunk(p, node);
  if (top) {
    return stoa_plan_algebra(p, top, restrictions, out);
  }
  STOA_TRY(stoa_plan_algebra(p, node->inputs[0], restrictions, &a));
  STOA_TRY(stoa_plan_algebra(p, node->inputs[1], stoa_plan_keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = stoa_plan_in_sql(p, STOA_PLAN_LEFT_JOIN, &a, &b, node->expr);
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  const stoa_plan_node *const quads = p->options.plain ? NULL : stoa_piece_quads(&b);
  const stoa_quads_how how = p->options.fault ? STOA_QUADS_JOIN : STOA_QUADS_LEFT;
  stoa_plan_node *const each = quads ? stoa_quads_over(p, stoa_piece_node(p, &a), quads, how) : NULL;
  if (each) {
    each->expr = node->expr;
    *out = (stoa_piece){.node = each};
    return STOA_OK;
  }
  stoa_plan_node *const join =
    stoa_plan_node_new(p, STOA_PLAN_LEFT_JOIN, stoa_piece_node(p, &a), stoa_piece_node(p, &b));
  join->expr = node->expr;
  stoa_plan_merge_vars(p, join);
  stoa_plan_bind_right(p, join);
  *out = (stoa_piece){.node = join};
  return STOA_OK;
}
