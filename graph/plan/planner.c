// From algebra to plan.  Every node first tries to stay one relation of SQL; what SQL cannot say with
// SPARQL's meaning becomes an operator of the executor over it.  VALUES is pushed down as a restriction
// through every operator that lets it pass, so that a look-up of one customer reads one customer.
#include "graph/plan/plan.h"
#include "graph/term/equality.h"

static stoa_status plan_node(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out);

stoa_plan_node *stoa_plan_node_new(stoa_planner *p, stoa_plan_kind kind, const stoa_plan_node *a,
                                   const stoa_plan_node *b)
{
  stoa_plan_node *const node = STOA_NEW(p->arena, stoa_plan_node);
  node->kind = kind;
  node->inputs[0] = a;
  node->inputs[1] = b;
  return node;
}

int stoa_plan_column(const stoa_plan_node *node, stoa_var var)
{
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    if (node->vars[i] == var) {
      return (int)i;
    }
  }
  return -1;
}

void stoa_plan_merge_vars(stoa_planner *p, stoa_plan_node *node)
{
  uint32_t most = 0;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    most += node->inputs[i]->n_vars;
  }
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, most + 1);
  node->vars = vars;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    for (uint32_t k = 0; k < node->inputs[i]->n_vars; ++k) {
      if (stoa_plan_column(node, node->inputs[i]->vars[k]) < 0) {
        vars[node->n_vars++] = node->inputs[i]->vars[k];
      }
    }
  }
}

bool stoa_piece_has(const stoa_piece *piece, stoa_var var)
{
  if (!piece->rel) {
    return piece->node && stoa_plan_column(piece->node, var) >= 0;
  }
  for (uint32_t i = 0; i < piece->rel->blocks.n; ++i) {
    if (!stoa_block_find(piece->rel->blocks.items[i], var)) {
      return false;
    }
  }
  return piece->rel->blocks.n > 0;
}

static const stoa_plan_node *sql_node(stoa_planner *p, const stoa_rel *rel)
{
  stoa_plan_node *const node = stoa_plan_node_new(p, rel->blocks.n ? STOA_PLAN_SQL : STOA_PLAN_EMPTY, NULL, NULL);
  stoa_var *vars = NULL;
  uint32_t capacity = 0;
  for (uint32_t i = 0; i < rel->blocks.n; ++i) {
    for (uint32_t k = 0; k < rel->blocks.items[i]->bindings.n; ++k) {
      const stoa_var var = rel->blocks.items[i]->bindings.items[k].var;
      if (stoa_plan_column(node, var) < 0) {
        if (node->n_vars == capacity) {
          vars = stoa_arena_grow(p->arena, vars, node->n_vars, &capacity, sizeof *vars);
        }
        node->vars = vars;
        vars[node->n_vars++] = var;
      }
    }
  }
  if (rel->blocks.n == 0) {
    return node;
  }
  stoa_params params = {0};
  stoa_buf text = {0};
  stoa_rel_print(&p->rels, rel, &params, &node->layout, &text);
  node->source = rel->source;
  node->rel = rel;
  node->sql = stoa_arena_copy(p->arena, (stoa_slice){text.data, text.length});
  node->params = params.items;
  node->n_params = params.n;
  stoa_buf_done(&text);
  return node;
}

// A UNION of SQL that compares rows must make its terms alike; else each block is read and the
// executor drops what is there twice.
const stoa_plan_node *stoa_piece_node(stoa_planner *p, const stoa_piece *piece)
{
  if (!piece->rel) {
    return piece->node;
  }
  if (!piece->rel->set) {
    return sql_node(p, piece->rel);
  }
  const stoa_block *const open = stoa_rel_open(&p->rels, piece->rel);
  stoa_rel *const rel = STOA_NEW(p->arena, stoa_rel);
  rel->source = piece->rel->source;
  if (open) {
    STOA_PUSH(p->arena, &rel->blocks, open);
    return sql_node(p, rel);
  }
  rel->blocks.items = piece->rel->blocks.items;
  rel->blocks.n = piece->rel->blocks.n;
  stoa_plan_node *const distinct = stoa_plan_node_new(p, STOA_PLAN_DISTINCT, sql_node(p, rel), NULL);
  stoa_plan_merge_vars(p, distinct);
  return distinct;
}

static const stoa_rel *apply(stoa_planner *p, stoa_plan_kind kind, const stoa_rel *a, const stoa_rel *b,
                             const stoa_expr *condition)
{
  switch (kind) {
    case STOA_PLAN_JOIN:
      return stoa_rel_join(&p->rels, a, b);
    case STOA_PLAN_LEFT_JOIN:
      return stoa_rel_left_join(&p->rels, a, b, condition);
    default:
      return stoa_rel_union(&p->rels, a, b);
  }
}

// Two pieces of one source by an operator of relations; NULL when SQL cannot say it.
static const stoa_rel *in_sql(stoa_planner *p, stoa_plan_kind kind, const stoa_piece *a, const stoa_piece *b,
                              const stoa_expr *condition)
{
  const stoa_rel *x = a->rel, *y = b->rel, *rel = NULL;
  if (p->options.plain) {
    return NULL;
  }
  if (x && y && x->source == y->source) {
    rel = apply(p, kind, x, y, condition);
  }
  if (!rel && stoa_plan_host(p, a, b, &x, &y)) {
    rel = apply(p, kind, x, y, condition);
    p->rels.hosted = false;
  }
  return rel;
}

stoa_piece stoa_piece_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b)
{
  const stoa_rel *const rel = in_sql(p, STOA_PLAN_JOIN, a, b, NULL);
  if (rel) {
    return (stoa_piece){.rel = rel};
  }
  const stoa_plan_node *const x = stoa_piece_node(p, a), *const y = stoa_piece_node(p, b);
  if (x->kind == STOA_PLAN_EMPTY || y->kind == STOA_PLAN_EMPTY) {
    stoa_plan_node *const none = stoa_plan_node_new(p, STOA_PLAN_EMPTY, x, y);
    stoa_plan_merge_vars(p, none);
    none->inputs[0] = none->inputs[1] = NULL;
    return (stoa_piece){.node = none};
  }
  const stoa_plan_node *const both =
    p->options.plain ? NULL : stoa_quads_merged(p, stoa_piece_quads(a), stoa_piece_quads(b));
  if (both) {
    return (stoa_piece){.node = both};
  }
  for (int i = 0; i < 2 && !p->options.plain; ++i) {
    const stoa_plan_node *const quads = stoa_piece_quads(i ? a : b);
    stoa_plan_node *const over = quads ? stoa_quads_over(p, i ? y : x, quads, STOA_QUADS_JOIN) : NULL;
    if (over) {
      return (stoa_piece){.node = over};
    }
  }
  // The side with fewer rows asks, the other one is read, and perhaps only for what the first has.
  const bool turned = !p->options.plain && stoa_plan_rows(y) < stoa_plan_rows(x);
  stoa_plan_node *const join = stoa_plan_node_new(p, STOA_PLAN_JOIN, turned ? y : x, turned ? x : y);
  stoa_plan_merge_vars(p, join);
  stoa_plan_bind_right(p, join);
  return (stoa_piece){.node = join};
}

static stoa_plan_node *over(stoa_planner *p, stoa_plan_kind kind, const stoa_node *node, const stoa_piece *input)
{
  stoa_plan_node *const n = stoa_plan_node_new(p, kind, stoa_piece_node(p, input), NULL);
  n->node = node;
  n->expr = node->expr;
  stoa_plan_merge_vars(p, n);
  return n;
}

static const stoa_restriction *keep(stoa_planner *p, const stoa_restriction *all, const stoa_node *child,
                                    const stoa_var *only, uint32_t n_only)
{
  const stoa_restriction *kept = NULL;
  for (; all; all = all->next) {
    bool passes = child ? stoa_node_binds(child, all->values->vars[0]) : false;
    for (uint32_t i = 0; only && i < n_only; ++i) {
      passes |= only[i] == all->values->vars[0];
    }
    if (passes) {
      stoa_restriction *const one = STOA_NEW(p->arena, stoa_restriction);
      *one = (stoa_restriction){all->values, kept};
      kept = one;
    }
  }
  return kept;
}

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

static void append_var(stoa_planner *p, stoa_plan_node *node, stoa_var var)
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

// A closure over rows that bind one of its ends to a node of the graph; without them it begins at every node.
static stoa_status plan_path(stoa_planner *p, const stoa_node *node, const stoa_piece *left, const stoa_node *left_node,
                             stoa_piece *out)
{
  stoa_piece steps, unit = {.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
  STOA_TRY(plan_node(p, node->inputs[0], NULL, &steps));
  const stoa_rel *const rel =
    steps.rel && steps.rel->blocks.n && !p->options.plain ? stoa_rel_path(&p->rels, steps.rel, node) : NULL;
  if (rel) {
    const stoa_piece reached = {.rel = rel};
    *out = left ? stoa_piece_join(p, left, &reached) : reached;
    return STOA_OK;
  }
  if (node->inputs[1] && !is_graph_node(left_node, node->ends[0], &node->graph) &&
      !is_graph_node(left_node, node->ends[1], &node->graph)) {
    stoa_piece nodes;
    STOA_TRY(plan_node(p, node->inputs[1], NULL, &nodes));
    unit = left ? stoa_piece_join(p, left, &nodes) : nodes;
    left = NULL;
  }
  stoa_plan_node *const path = stoa_plan_node_new(p, STOA_PLAN_PATH, stoa_piece_node(p, left ? left : &unit), NULL);
  path->node = node;
  stoa_plan_merge_vars(p, path);
  const stoa_slot *const slots[] = {&node->ends[0], &node->ends[1], &node->graph};
  for (int i = 0; i < 3; ++i) {
    if (slots[i]->var != STOA_NO_VAR) {
      append_var(p, path, slots[i]->var);
    }
  }
  path->inputs[1] = stoa_piece_node(p, &steps);
  *out = (stoa_piece){.node = path};
  return STOA_OK;
}

// An endpoint is asked with the rows that are joined already; without them once, for all that it has.
static void plan_service(stoa_planner *p, const stoa_node *node, const stoa_piece *left, stoa_piece *out)
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
      append_var(p, service, v);
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
    STOA_TRY(plan_path(p, path, rest ? &left : NULL, rest, out));
    rest = rest ? join_node(p, rest, path) : path;
  }
  return STOA_OK;
}

// Joins are taken together, whatever their order in the text: VALUES restricts the others, and what lies in
// one source meets there.
static stoa_status plan_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
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
    STOA_TRY(plan_node(p, parts.items[i], is_values ? NULL : restrictions, &one));
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
    plan_service(p, endpoints.items[i], any ? &left : NULL, out);
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

static stoa_status plan_left_join(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                  stoa_piece *out)
{
  stoa_piece a, b;
  const stoa_node *const top = p->options.plain ? NULL : sunk(p, node);
  if (top) {
    return plan_node(p, top, restrictions, out);
  }
  STOA_TRY(plan_node(p, node->inputs[0], restrictions, &a));
  STOA_TRY(plan_node(p, node->inputs[1], keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = in_sql(p, STOA_PLAN_LEFT_JOIN, &a, &b, node->expr);
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

static stoa_status plan_union(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece a, b;
  STOA_TRY(plan_node(p, node->inputs[0], restrictions, &a));
  STOA_TRY(plan_node(p, node->inputs[1], restrictions, &b));
  const stoa_rel *const rel = in_sql(p, STOA_PLAN_UNION, &a, &b, NULL);
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const both = stoa_plan_node_new(p, STOA_PLAN_UNION, stoa_piece_node(p, &a), stoa_piece_node(p, &b));
  stoa_plan_merge_vars(p, both);
  *out = (stoa_piece){.node = both};
  return STOA_OK;
}

static void split(stoa_planner *p, const stoa_expr *e, stoa_conjuncts *out)
{
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_AND) {
    split(p, e->args[0], out);
    split(p, e->args[1], out);
  } else {
    STOA_PUSH(p->arena, out, e);
  }
}

// Variables that expressions inside `node` read.
static void read_vars(const stoa_node *node, bool *read);

static void read_vars_of(const stoa_expr *e, bool *read)
{
  stoa_expr_vars(e, see_var, read);
  if (e->kind == STOA_EXPR_EXISTS) {
    read_vars(e->pattern, read);
    stoa_node_vars(e->pattern, read);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    read_vars_of(e->args[i], read);
  }
}

static bool has_minus(const stoa_node *node)
{
  bool found = node->kind == STOA_NODE_MINUS || node->kind == STOA_NODE_SLICE || node->kind == STOA_NODE_GROUP;
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    found |= has_minus(node->inputs[i]);
  }
  return found;
}

static void read_vars(const stoa_node *node, bool *read)
{
  if (node->expr) {
    read_vars_of(node->expr, read);
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    read_vars(node->inputs[i], read);
  }
}

// EXISTS is a semi-join when its pattern reads no variable that only the outside binds.
static bool is_closed(stoa_planner *p, const stoa_expr *e)
{
  const uint32_t n_vars = p->rels.query->n_vars;
  bool *const read = STOA_NEWS(p->arena, bool, n_vars + 1);
  bool *const bound = STOA_NEWS(p->arena, bool, n_vars + 1);
  read_vars(e->pattern, read);
  stoa_node_vars(e->pattern, bound);
  for (uint32_t v = 0; v < n_vars; ++v) {
    if (read[v] && (!bound[v] || !stoa_node_binds(e->pattern, v))) {
      return false;
    }
  }
  return !has_minus(e->pattern);
}

// Both in one source: SQL's EXISTS.
static const stoa_rel *semi_join(stoa_planner *p, const stoa_piece *a, const stoa_piece *b, bool negated)
{
  const bool together = !p->options.plain && a->rel && b->rel && a->rel->source == b->rel->source;
  return together && a->rel->blocks.n ? stoa_rel_semi_join(&p->rels, a->rel, b->rel, negated) : NULL;
}

static stoa_status plan_exists(stoa_planner *p, const stoa_node *node, const stoa_expr *e,
                               const stoa_restriction *restrictions, stoa_piece *a)
{
  stoa_piece b;
  STOA_TRY(plan_node(p, e->pattern, keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = semi_join(p, a, &b, e->negated);
  if (rel) {
    *a = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  const stoa_plan_node *const quads = stoa_piece_quads(&b);
  const stoa_quads_how how = e->negated ? STOA_QUADS_ANTI : STOA_QUADS_SEMI;
  stoa_plan_node *const each = quads ? stoa_quads_over(p, stoa_piece_node(p, a), quads, how) : NULL;
  if (each) {
    *a = (stoa_piece){.node = each};
    return STOA_OK;
  }
  stoa_plan_node *const semi = stoa_plan_node_new(p, STOA_PLAN_SEMI_JOIN, stoa_piece_node(p, a), NULL);
  semi->negated = e->negated;
  stoa_plan_merge_vars(p, semi);
  semi->inputs[1] = stoa_piece_node(p, &b);
  stoa_plan_bind_right(p, semi);
  *a = (stoa_piece){.node = semi};
  return STOA_OK;
}

static bool mentions(stoa_planner *p, const stoa_expr *e, stoa_var var)
{
  bool *const read = STOA_NEWS(p->arena, bool, p->rels.query->n_vars + 1);
  read_vars_of(e, read);
  return read[var];
}

static const stoa_node *filter_node(stoa_planner *p, const stoa_node *like, const stoa_expr *e, const stoa_node *input)
{
  stoa_node *const filter = STOA_NEW(p->arena, stoa_node);
  *filter = *like;
  filter->expr = e;
  filter->inputs[0] = input;
  return filter;
}

// Rule 25: a condition that does not read what BIND gives is asked before it.
static const stoa_node *sunk_filter(stoa_planner *p, const stoa_node *node)
{
  const stoa_node *const extend = node->inputs[0];
  stoa_conjuncts parts = {0};
  const stoa_node *below = extend->inputs[0], *top;
  stoa_node *const copy = STOA_NEW(p->arena, stoa_node);
  bool any = false;
  if (extend->kind != STOA_NODE_EXTEND) {
    return NULL;
  }
  split(p, node->expr, &parts);
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (!mentions(p, parts.items[i], extend->var)) {
      below = filter_node(p, node, parts.items[i], below);
      parts.items[i] = NULL;
      any = true;
    }
  }
  *copy = *extend;
  copy->inputs[0] = below;
  top = copy;
  for (uint32_t i = 0; i < parts.n; ++i) {
    top = parts.items[i] ? filter_node(p, node, parts.items[i], top) : top;
  }
  return any ? top : NULL;
}

static stoa_status plan_filter(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                               stoa_piece *out)
{
  stoa_conjuncts parts = {0};
  const stoa_node *const sunk_one = p->options.plain ? NULL : sunk_filter(p, node);
  if (sunk_one) {
    return plan_node(p, sunk_one, restrictions, out);
  }
  split(p, node->expr, &parts);
  if (node->inputs[0]->kind == STOA_NODE_BGP) {
    STOA_TRY(stoa_plan_bgp(p, node->inputs[0], restrictions, &parts, out));
  } else {
    STOA_TRY(plan_node(p, node->inputs[0], restrictions, out));
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    const stoa_rel *const rel = parts.items[i] && out->rel ? stoa_rel_filter(&p->rels, out->rel, parts.items[i]) : NULL;
    if (rel) {
      out->rel = rel;
      parts.items[i] = NULL;
    }
  }
  if (!p->options.plain) {
    stoa_plan_ranges(p, &parts, out);
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    const stoa_expr *const e = parts.items[i];
    if (e && e->kind == STOA_EXPR_EXISTS && !p->options.plain && is_closed(p, e)) {
      STOA_TRY(plan_exists(p, node, e, restrictions, out));
      parts.items[i] = NULL;
    }
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (parts.items[i]) {
      stoa_plan_node *const filter = over(p, STOA_PLAN_FILTER, node, out);
      filter->expr = parts.items[i];
      *out = (stoa_piece){.node = filter};
    }
  }
  return STOA_OK;
}

static stoa_status plan_extend(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                               stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], keep(p, restrictions, node->inputs[0], NULL, 0), &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_extend(&p->rels, input.rel, node->var, node->expr) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const extend = over(p, STOA_PLAN_EXTEND, node, &input);
  append_var(p, extend, node->var);
  *out = (stoa_piece){.node = extend};
  return STOA_OK;
}

static stoa_status plan_group(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], keep(p, restrictions, NULL, node->vars, node->n_vars), &input));
  const stoa_rel *const rel = input.rel && input.rel->blocks.n ? stoa_rel_group(&p->rels, input.rel, node) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const group = over(p, STOA_PLAN_GROUP, node, &input);
  group->n_vars = 0;
  group->vars = NULL;
  for (uint32_t i = 0; i < node->n_vars; ++i) {
    append_var(p, group, node->vars[i]);
  }
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    append_var(p, group, node->aggregates[i].out);
  }
  *out = (stoa_piece){.node = group};
  return STOA_OK;
}

static stoa_status plan_project(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], keep(p, restrictions, NULL, node->vars, node->n_vars), &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_project(&p->rels, input.rel, node->vars, node->n_vars) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const project = over(p, STOA_PLAN_PROJECT, node, &input);
  project->vars = node->vars;
  project->n_vars = node->n_vars;
  *out = (stoa_piece){.node = project};
  return STOA_OK;
}

static stoa_status plan_distinct(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                                 stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], restrictions, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_distinct(&p->rels, input.rel) : NULL;
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = over(p, STOA_PLAN_DISTINCT, node, &input)};
  return STOA_OK;
}

static stoa_status plan_order(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], restrictions, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_order(&p->rels, input.rel, node) : NULL;
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = over(p, STOA_PLAN_ORDER, node, &input)};
  return STOA_OK;
}

enum { MOST_KEPT = 100000 };

// ORDER BY under LIMIT keeps only what can be in the answer.
static const stoa_plan_node *limited(stoa_planner *p, const stoa_plan_node *node, uint64_t limit)
{
  const bool passes = node->kind == STOA_PLAN_PROJECT || node->kind == STOA_PLAN_EXTEND;
  if ((!passes && node->kind != STOA_PLAN_ORDER) || limit > MOST_KEPT || limit == 0) {
    return node;
  }
  stoa_plan_node *const copy = STOA_NEW(p->arena, stoa_plan_node);
  *copy = *node;
  if (passes) {
    copy->inputs[0] = limited(p, node->inputs[0], limit);
  } else {
    copy->limit = (uint32_t)limit;
  }
  return copy;
}

static stoa_status plan_slice(stoa_planner *p, const stoa_node *node, stoa_piece *out)
{
  stoa_piece input;
  STOA_TRY(plan_node(p, node->inputs[0], NULL, &input));
  const stoa_rel *const rel = input.rel ? stoa_rel_slice(&p->rels, input.rel, node->offset, node->limit) : NULL;
  if (!rel && !p->options.plain && node->limit <= MOST_KEPT && node->offset <= MOST_KEPT) {
    input = (stoa_piece){.node = limited(p, stoa_piece_node(p, &input), node->offset + node->limit)};
  }
  *out = rel ? (stoa_piece){.rel = rel} : (stoa_piece){.node = over(p, STOA_PLAN_SLICE, node, &input)};
  return STOA_OK;
}

static stoa_status plan_minus(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                              stoa_piece *out)
{
  stoa_piece a, b;
  STOA_TRY(plan_node(p, node->inputs[0], restrictions, &a));
  STOA_TRY(plan_node(p, node->inputs[1], keep(p, restrictions, node->inputs[0], NULL, 0), &b));
  const stoa_rel *const rel = node->graph.var == STOA_NO_VAR ? semi_join(p, &a, &b, true) : NULL;
  if (rel) {
    *out = (stoa_piece){.rel = rel};
    return STOA_OK;
  }
  stoa_plan_node *const minus = stoa_plan_node_new(p, STOA_PLAN_MINUS, stoa_piece_node(p, &a), NULL);
  minus->node = node;
  stoa_plan_merge_vars(p, minus);
  minus->inputs[1] = stoa_piece_node(p, &b);
  stoa_plan_bind_right(p, minus);
  *out = (stoa_piece){.node = minus};
  return STOA_OK;
}

static stoa_status plan_values(stoa_planner *p, const stoa_node *node, stoa_piece *out)
{
  stoa_plan_node *const values = stoa_plan_node_new(p, STOA_PLAN_VALUES, NULL, NULL);
  values->node = node;
  values->vars = node->vars;
  values->n_vars = node->n_vars;
  *out = (stoa_piece){.node = values};
  return STOA_OK;
}

static stoa_status plan_kind(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out)
{
  switch (node->kind) {
    case STOA_NODE_UNIT:
      *out = (stoa_piece){.node = stoa_plan_node_new(p, STOA_PLAN_UNIT, NULL, NULL)};
      return STOA_OK;
    case STOA_NODE_BGP:
      return stoa_plan_bgp(p, node, restrictions, NULL, out);
    case STOA_NODE_JOIN:
      return plan_join(p, node, restrictions, out);
    case STOA_NODE_LEFT_JOIN:
      return plan_left_join(p, node, restrictions, out);
    case STOA_NODE_UNION:
      return plan_union(p, node, restrictions, out);
    case STOA_NODE_MINUS:
      return plan_minus(p, node, restrictions, out);
    case STOA_NODE_FILTER:
      return plan_filter(p, node, restrictions, out);
    case STOA_NODE_EXTEND:
      return plan_extend(p, node, restrictions, out);
    case STOA_NODE_VALUES:
      return plan_values(p, node, out);
    case STOA_NODE_GROUP:
      return plan_group(p, node, restrictions, out);
    case STOA_NODE_ORDER:
      return plan_order(p, node, restrictions, out);
    case STOA_NODE_PROJECT:
      return plan_project(p, node, restrictions, out);
    case STOA_NODE_DISTINCT:
      return plan_distinct(p, node, restrictions, out);
    case STOA_NODE_SLICE:
      return plan_slice(p, node, out);
    case STOA_NODE_PATH:
      return plan_path(p, node, NULL, NULL, out);
    case STOA_NODE_SERVICE:
      plan_service(p, node, NULL, out);
      return STOA_OK;
  }
  return stoa_error_set(p->err, STOA_INTERNAL, "unknown algebra node %d", (int)node->kind);
}

static stoa_status plan_node(stoa_planner *p, const stoa_node *node, const stoa_restriction *restrictions,
                             stoa_piece *out)
{
  STOA_TRY(plan_kind(p, node, restrictions, out));
  if (p->options.plain) {
    *out = (stoa_piece){.node = stoa_piece_node(p, out)};
  }
  return STOA_OK;
}

typedef STOA_LIST(stoa_source *) source_list;

static void collect(stoa_planner *p, const stoa_plan_node *node, source_list *list, uint32_t *n_fragments)
{
  if (node->source) {
    bool known = false;
    for (uint32_t i = 0; i < list->n; ++i) {
      known |= list->items[i] == node->source;
    }
    if (!known) {
      STOA_PUSH(p->arena, list, node->source);
    }
    ++*n_fragments;
  }
  for (int i = 0; i < 2 && node->inputs[i]; ++i) {
    collect(p, node->inputs[i], list, n_fragments);
  }
}

static stoa_status check_functions(stoa_planner *p, const stoa_node *node);

// An extension function is refused here, by name, and never evaluated to an error in silence.
static stoa_status check_expr(stoa_planner *p, const stoa_expr *e)
{
  if (!e) {
    return STOA_OK;
  }
  if (e->kind == STOA_EXPR_CALL && e->function == STOA_FN_EXTENSION) {
    return stoa_error_at(p->err, STOA_UNSUPPORTED, e->place, "function <%.*s> is not known", (int)e->term.length,
                         e->term.as.text);
  }
  for (uint32_t i = 0; i < e->n_args; ++i) {
    STOA_TRY(check_expr(p, e->args[i]));
  }
  return e->kind == STOA_EXPR_EXISTS ? check_functions(p, e->pattern) : STOA_OK;
}

static stoa_status check_functions(stoa_planner *p, const stoa_node *node)
{
  STOA_TRY(check_expr(p, node->expr));
  for (uint32_t i = 0; i < node->n_aggregates; ++i) {
    STOA_TRY(check_expr(p, node->aggregates[i].expr));
  }
  for (uint32_t i = 0; i < node->n_orders; ++i) {
    STOA_TRY(check_expr(p, node->orders[i].expr));
  }
  for (int i = 0; i < 2 && node->inputs[i] && node->kind != STOA_NODE_SERVICE; ++i) {
    STOA_TRY(check_functions(p, node->inputs[i]));
  }
  return STOA_OK;
}

stoa_status stoa_plan_make(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                           stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  return stoa_plan_make_with(query, rewriter, context, (stoa_plan_options){false, false}, arena, out, err);
}

stoa_status stoa_plan_make_with(const stoa_query *query, const stoa_rewriter *rewriter, const stoa_context *context,
                                stoa_plan_options options, stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  stoa_planner p = {.rels = {.arena = arena, .query = query},
                    .rewriter = rewriter,
                    .context = context,
                    .err = err,
                    .arena = arena,
                    .options = options};
  stoa_piece root;
  STOA_TRY(check_functions(&p, query->root));
  STOA_TRY(plan_node(&p, query->root, NULL, &root));
  stoa_plan *const plan = STOA_NEW(arena, stoa_plan);
  source_list list = {0};
  plan->query = query;
  plan->rewriter = rewriter;
  plan->root = stoa_piece_node(&p, &root);
  plan->root = options.plain ? plan->root : stoa_plan_narrow(&p, plan->root);
  collect(&p, plan->root, &list, &plan->n_fragments);
  plan->sources = list.items;
  plan->n_sources = list.n;
  *out = plan;
  return STOA_OK;
}
