// FROM and FROM NAMED (section 13.2): the dataset is worked into the patterns.  A pattern of the default
// graph is asked of each graph of FROM, and a triple that stands in two of them counts once; a variable of
// GRAPH ranges over the graphs of FROM NAMED.  The registry is read by patterns that name it alone, so that the
// variable is asked of it apart from the others.
#include "graph/sparql/parser_internal.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"

typedef struct {
  stoa_arena *arena;
  const stoa_query *query;
} dataset;

static stoa_node *node_new(dataset *d, stoa_node_kind kind, const stoa_node *a, const stoa_node *b)
{
  stoa_node *const node = STOA_NEW(d->arena, stoa_node);
  node->kind = kind;
  node->inputs[0] = a;
  node->inputs[1] = b;
  node->limit = UINT64_MAX;
  return node;
}

static const stoa_node *bgp_of(dataset *d, const stoa_pattern *pattern, stoa_term graph)
{
  stoa_node *const bgp = node_new(d, STOA_NODE_BGP, NULL, NULL);
  stoa_pattern *const copy = STOA_NEW(d->arena, stoa_pattern);
  *copy = *pattern;
  if (stoa_term_is_bound(graph)) {
    copy->graph = (stoa_slot){.var = STOA_NO_VAR, .term = graph};
  }
  bgp->patterns = copy;
  bgp->n_patterns = 1;
  bgp->place = pattern->place;
  return bgp;
}

static const stoa_node *nothing(dataset *d, const stoa_pattern *pattern)
{
  stoa_node *const none = node_new(d, STOA_NODE_VALUES, NULL, NULL);
  stoa_var *const vars = STOA_NEWS(d->arena, stoa_var, 4);
  const stoa_slot *const slots[] = {&pattern->subject, &pattern->predicate, &pattern->object, &pattern->graph};
  for (int i = 0; i < 4; ++i) {
    bool known = slots[i]->var == STOA_NO_VAR;
    for (uint32_t k = 0; k < none->n_vars; ++k) {
      known |= vars[k] == slots[i]->var;
    }
    if (!known) {
      vars[none->n_vars++] = slots[i]->var;
    }
  }
  none->vars = vars;
  return none;
}

// A triple counts once, in however many graphs it stands.
static const stoa_node *in_default(dataset *d, const stoa_pattern *pattern)
{
  const stoa_query *const q = d->query;
  const stoa_node *all = q->n_from ? bgp_of(d, pattern, q->from[0]) : nothing(d, pattern);
  for (uint32_t i = 1; i < q->n_from; ++i) {
    all = node_new(d, STOA_NODE_UNION, all, bgp_of(d, pattern, q->from[i]));
  }
  return q->n_from > 1 ? node_new(d, STOA_NODE_DISTINCT, all, NULL) : all;
}

static const stoa_node *in_graphs(dataset *d, const stoa_pattern *pattern, const stoa_term *graphs, uint32_t n)
{
  const bool is_registry = n == 1 && stoa_slice_is(stoa_term_text(graphs[0]), STOA_REGISTRY);
  stoa_node *const values = node_new(d, STOA_NODE_VALUES, NULL, NULL);
  stoa_var *const var = STOA_NEW(d->arena, stoa_var);
  *var = pattern->graph.var;
  values->vars = var;
  values->n_vars = 1;
  values->rows = graphs;
  values->n_rows = n;
  return node_new(d, STOA_NODE_JOIN, values, bgp_of(d, pattern, is_registry ? graphs[0] : (stoa_term){0}));
}

static const stoa_node *in_all_named(dataset *d, const stoa_pattern *pattern)
{
  const stoa_query *const q = d->query;
  stoa_term *const others = STOA_NEWS(d->arena, stoa_term, q->n_from_named + 1);
  const stoa_node *all = NULL;
  uint32_t n = 0;
  for (uint32_t i = 0; i < q->n_from_named; ++i) {
    if (!stoa_slice_is(stoa_term_text(q->from_named[i]), STOA_REGISTRY)) {
      others[n++] = q->from_named[i];
    } else if (!all) {
      all = in_graphs(d, pattern, &q->from_named[i], 1);
    }
  }
  const stoa_node *const rest = n ? in_graphs(d, pattern, others, n) : NULL;
  return all && rest ? node_new(d, STOA_NODE_UNION, rest, all) : all ? all : rest ? rest : nothing(d, pattern);
}

static const stoa_node *in_named(dataset *d, const stoa_pattern *pattern)
{
  const stoa_query *const q = d->query;
  if (pattern->graph.var != STOA_NO_VAR) {
    return in_all_named(d, pattern);
  }
  for (uint32_t i = 0; i < q->n_from_named; ++i) {
    if (stoa_term_same(q->from_named[i], pattern->graph.term)) {
      return bgp_of(d, pattern, (stoa_term){0});
    }
  }
  return nothing(d, pattern);
}

static const stoa_node *apply(dataset *d, const stoa_node *node);

static const stoa_expr *apply_expr(dataset *d, const stoa_expr *e)
{
  if (!e) {
    return NULL;
  }
  stoa_expr *const copy = STOA_NEW(d->arena, stoa_expr);
  *copy = *e;
  if (e->kind == STOA_EXPR_EXISTS) {
    copy->pattern = apply(d, e->pattern);
  }
  copy->args = STOA_NEWS(d->arena, const stoa_expr *, e->n_args + 1);
  for (uint32_t i = 0; i < e->n_args; ++i) {
    copy->args[i] = apply_expr(d, e->args[i]);
  }
  return copy;
}

static const stoa_node *apply(dataset *d, const stoa_node *node)
{
  if (node->kind == STOA_NODE_BGP) {
    const stoa_node *all = NULL;
    for (uint32_t i = 0; i < node->n_patterns; ++i) {
      const stoa_slot *const graph = &node->patterns[i].graph;
      const bool is_default = graph->var == STOA_NO_VAR && !stoa_term_is_bound(graph->term);
      const stoa_node *const one = is_default ? in_default(d, &node->patterns[i]) : in_named(d, &node->patterns[i]);
      all = all ? node_new(d, STOA_NODE_JOIN, all, one) : one;
    }
    return all ? all : node;
  }
  stoa_node *const copy = STOA_NEW(d->arena, stoa_node);
  *copy = *node;
  copy->expr = apply_expr(d, node->expr);
  for (int i = 0; i < 2 && node->inputs[i] && node->kind != STOA_NODE_SERVICE; ++i) {
    copy->inputs[i] = apply(d, node->inputs[i]);
  }
  return copy;
}

const stoa_node *stoa_dataset_apply(stoa_arena *arena, const stoa_query *query, const stoa_node *node)
{
  dataset d = {arena, query};
  return query->n_from || query->n_from_named ? apply(&d, node) : node;
}
