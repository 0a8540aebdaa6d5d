// Group graph patterns and their translation (section 18.2.2): filters count for the whole group, an
// OPTIONAL's own filter becomes the condition of the left join.
#include "graph/base/iri.h"
#include "graph/sparql/parser_internal.h"

typedef struct {
  const stoa_node *node;
  stoa_patterns patterns; ///< triples not yet joined to `node`
  stoa_exprs filters;
} group;

// The basic graph pattern ends here: blank node labels do not reach over.
static void flush(stoa_parser *p, group *g)
{
  p->bgp = ++p->n_bgps;
  if (g->patterns.n == 0) {
    return;
  }
  stoa_node *const bgp = stoa_parser_node(p, STOA_NODE_BGP, NULL, NULL);
  bgp->patterns = g->patterns.items;
  bgp->n_patterns = g->patterns.n;
  bgp->place = g->patterns.items[0].place;
  g->node = stoa_parser_join(p, g->node, bgp);
  g->patterns = (stoa_patterns){0};
}

static stoa_status read_optional(stoa_parser *p, group *g)
{
  const stoa_node *right;
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_group(p, &right));
  stoa_node *const join = stoa_parser_node(p, STOA_NODE_LEFT_JOIN, g->node, right);
  if (p->own_filter) {
    join->expr = p->own_filter;
    join->inputs[1] = p->unfiltered;
  }
  g->node = join;
  return STOA_OK;
}

static stoa_status read_union(stoa_parser *p, group *g)
{
  const stoa_node *left, *right;
  STOA_TRY(stoa_parser_group(p, &left));
  while (stoa_parser_is_word(p, "UNION")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(stoa_parser_group(p, &right));
    left = stoa_parser_node(p, STOA_NODE_UNION, left, right);
  }
  g->node = stoa_parser_join(p, g->node, left);
  return STOA_OK;
}

static const stoa_expr *var_expr(stoa_parser *p, stoa_var var)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  *e = (stoa_expr){.kind = STOA_EXPR_VAR, .var = var, .place = p->token.place};
  return e;
}

static const stoa_node *filtered(stoa_parser *p, const stoa_node *node, const stoa_expr *expr)
{
  stoa_node *const filter = stoa_parser_node(p, STOA_NODE_FILTER, node, NULL);
  filter->expr = expr;
  return filter;
}

static const stoa_node *extended(stoa_parser *p, const stoa_node *node, stoa_var var, const stoa_expr *expr)
{
  stoa_node *const extend = stoa_parser_node(p, STOA_NODE_EXTEND, node, NULL);
  extend->var = var;
  extend->expr = expr;
  return extend;
}

// Section 18.6: the pattern is evaluated in each graph, where ?g is a variable like any other, and only then
// joined with the graph's name: `hidden` is that name.
static const stoa_node *named(stoa_parser *p, const stoa_node *inner, stoa_var graph, stoa_var hidden)
{
  bool *const seen = STOA_NEWS(p->arena, bool, p->names.n + 1);
  stoa_node_vars(inner, seen);
  if (!seen[graph]) {
    return extended(p, inner, graph, var_expr(p, hidden));
  }
  const stoa_place place = p->token.place;
  const stoa_expr *const same = stoa_parser_call(p, STOA_FN_SAMETERM, place, var_expr(p, graph), var_expr(p, hidden));
  if (stoa_node_binds(inner, graph)) {
    return filtered(p, inner, same);
  }
  const stoa_expr *const bound = stoa_parser_call(p, STOA_FN_BOUND, place, var_expr(p, graph), NULL);
  const stoa_node *const with = filtered(p, inner, stoa_parser_call(p, STOA_FN_AND, place, bound, same));
  const stoa_node *const without = filtered(p, inner, stoa_parser_call(p, STOA_FN_NOT, place, bound, NULL));
  stoa_node *const project = stoa_parser_node(p, STOA_NODE_PROJECT, without, NULL);
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, p->names.n + 1);
  for (stoa_var v = 0; v < p->names.n; ++v) {
    if (seen[v] && v != graph) {
      vars[project->n_vars++] = v;
    }
  }
  project->vars = vars;
  return stoa_parser_node(p, STOA_NODE_UNION, with, extended(p, project, graph, var_expr(p, hidden)));
}

static bool asks_graph(const stoa_node *node)
{
  return node && (node->kind == STOA_NODE_BGP || node->kind == STOA_NODE_PATH || asks_graph(node->inputs[0]) ||
                  asks_graph(node->inputs[1]));
}

static stoa_status read_graph(stoa_parser *p, group *g)
{
  const stoa_slot outer = p->graph;
  const stoa_node *inner;
  stoa_var graph = STOA_NO_VAR;
  STOA_TRY(stoa_parser_step(p));
  p->graph = (stoa_slot){.var = STOA_NO_VAR};
  if (p->token.kind == STOA_TOKEN_VAR) {
    graph = stoa_parser_var(p, p->token.text);
    p->graph.var = stoa_parser_fresh(p, "_:g");
    STOA_TRY(stoa_parser_step(p));
  } else {
    STOA_TRY(stoa_parser_iri(p, &p->graph.term));
  }
  STOA_TRY(stoa_parser_group(p, &inner));
  if (graph != STOA_NO_VAR && !stoa_node_binds(inner, p->graph.var)) {
    inner = stoa_parser_join(p, stoa_parser_graph_names(p, p->graph), inner);
  } else if (graph == STOA_NO_VAR && !asks_graph(inner)) {
    inner = stoa_parser_join(p, stoa_parser_graph_names(p, p->graph), inner);
  }
  inner = graph != STOA_NO_VAR ? named(p, inner, graph, p->graph.var) : inner;
  p->graph = outer;
  g->node = stoa_parser_join(p, g->node, inner);
  return STOA_OK;
}

const stoa_node *stoa_parser_graph_names(stoa_parser *p, stoa_slot graph)
{
  stoa_patterns patterns = {0};
  stoa_pattern any = {.graph = graph, .place = p->token.place};
  any.subject.var = stoa_parser_fresh(p, "_:g");
  any.predicate.var = stoa_parser_fresh(p, "_:g");
  any.object.var = stoa_parser_fresh(p, "_:g");
  STOA_PUSH(p->arena, &patterns, any);
  stoa_node *const bgp = stoa_parser_node(p, STOA_NODE_BGP, NULL, NULL);
  bgp->patterns = patterns.items;
  bgp->n_patterns = 1;
  stoa_node *const project = stoa_parser_node(p, STOA_NODE_PROJECT, bgp, NULL);
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, 1);
  vars[0] = graph.var;
  project->vars = vars;
  project->n_vars = graph.var == STOA_NO_VAR ? 0 : 1;
  return stoa_parser_node(p, STOA_NODE_DISTINCT, project, NULL);
}

// True when a text has relative IRIs, or may make some: what they mean hangs on the base here, not on that of an endpoint.
static bool needs_base(stoa_slice text, stoa_arena *arena)
{
  stoa_parser p = {0};
  bool needs = false;
  stoa_lexer_init(&p.lexer, text, "", arena);
  do {
    p.token = stoa_lexer_next(&p.lexer);
    needs |= p.token.kind == STOA_TOKEN_IRI && !stoa_iri_is_absolute(p.token.text);
    needs |= stoa_parser_is_word(&p, "IRI") || stoa_parser_is_word(&p, "URI");
  } while (p.token.kind != STOA_TOKEN_END && p.token.kind != STOA_TOKEN_BAD);
  return needs;
}

static stoa_slice prologue_of(const stoa_parser *p, stoa_slice pattern)
{
  stoa_buf out = {0};
  if (p->base && needs_base(pattern, p->arena)) {
    stoa_buf_print(&out, "BASE <%s>\n", p->base);
  }
  for (uint32_t i = 0; i < p->prefixes.n_slots; ++i) {
    const stoa_map_slot *const slot = &p->prefixes.slots[i];
    if (slot->value) {
      stoa_buf_print(&out, "PREFIX %.*s: ", (int)slot->key.length, slot->key.data);
      stoa_term_write(stoa_term_iri(*(const stoa_slice *)slot->value), &out);
      stoa_buf_byte(&out, '\n');
    }
  }
  const stoa_slice text = stoa_arena_slice(p->arena, (stoa_slice){out.data ? out.data : "", out.length});
  stoa_buf_done(&out);
  return text;
}

// The pattern of SERVICE goes to the endpoint as it was written, with the prefixes that stand before it.
static stoa_status read_service(stoa_parser *p, group *g)
{
  stoa_node *const service = stoa_parser_node(p, STOA_NODE_SERVICE, NULL, NULL);
  STOA_TRY(stoa_parser_step(p));
  if (stoa_parser_is_word(p, "SILENT")) {
    service->silent = true;
    STOA_TRY(stoa_parser_step(p));
  }
  service->ends[0].var = STOA_NO_VAR;
  if (p->token.kind == STOA_TOKEN_VAR) {
    service->ends[0].var = stoa_parser_var(p, p->token.text);
    STOA_TRY(stoa_parser_step(p));
  } else {
    STOA_TRY(stoa_parser_iri(p, &service->ends[0].term));
  }
  const char *const start = p->token.raw.data;
  STOA_TRY(stoa_parser_group(p, &service->inputs[0]));
  const char *const end = p->token.kind == STOA_TOKEN_END ? p->lexer.end : p->token.raw.data;
  service->text = stoa_arena_slice(p->arena, (stoa_slice){start, (size_t)(end - start)});
  service->prologue = prologue_of(p, service->text);
  g->node = stoa_parser_join(p, g->node, service);
  return STOA_OK;
}

static stoa_status read_bind(stoa_parser *p, group *g)
{
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_sign(p, "("));
  stoa_node *const extend = stoa_parser_node(p, STOA_NODE_EXTEND, g->node, NULL);
  STOA_TRY(stoa_parser_expression(p, &extend->expr));
  STOA_TRY(stoa_parser_word(p, "AS"));
  if (p->token.kind != STOA_TOKEN_VAR) {
    return stoa_parser_expected(p, "a variable");
  }
  extend->var = stoa_parser_var(p, p->token.text);
  bool *const known = STOA_NEWS(p->arena, bool, p->names.n);
  stoa_node_vars(g->node, known);
  if (known[extend->var]) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "?%s is bound already; BIND needs a new variable",
                         p->names.items[extend->var]);
  }
  g->node = extend;
  STOA_TRY(stoa_parser_step(p));
  return stoa_parser_sign(p, ")");
}

static stoa_status read_filter(stoa_parser *p, group *g)
{
  const stoa_expr *expr;
  const uint32_t bgp = p->bgp;
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_constraint(p, &expr));
  STOA_PUSH(p->arena, &g->filters, expr);
  p->bgp = bgp;
  return STOA_OK;
}

static stoa_status read_minus(stoa_parser *p, group *g)
{
  const stoa_node *right;
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_group(p, &right));
  stoa_node *const minus = stoa_parser_node(p, STOA_NODE_MINUS, g->node, right);
  minus->graph = p->graph;
  g->node = minus;
  return STOA_OK;
}

static stoa_status read_values(stoa_parser *p, group *g)
{
  const stoa_node *values;
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_values(p, &values));
  g->node = stoa_parser_join(p, g->node, values);
  return STOA_OK;
}

static stoa_status read_element(stoa_parser *p, group *g)
{
  static const struct {
    const char *word;
    stoa_status (*read)(stoa_parser *, group *);
  } elements[] = {{"OPTIONAL", read_optional}, {"GRAPH", read_graph},     {"BIND", read_bind},
                  {"MINUS", read_minus},       {"SERVICE", read_service}, {"VALUES", read_values}};
  if (stoa_parser_is_word(p, "FILTER")) {
    return read_filter(p, g);
  }
  for (size_t i = 0; i < sizeof elements / sizeof *elements; ++i) {
    if (stoa_parser_is_word(p, elements[i].word)) {
      flush(p, g);
      STOA_TRY(elements[i].read(p, g));
      p->bgp = ++p->n_bgps;
      return STOA_OK;
    }
  }
  if (stoa_parser_is_sign(p, "{")) {
    flush(p, g);
    STOA_TRY(read_union(p, g));
    p->bgp = ++p->n_bgps;
    return STOA_OK;
  }
  const stoa_node *others = NULL;
  STOA_TRY(stoa_parser_triples(p, &g->patterns, &others, false));
  if (others) { // a path ends the patterns, not the labels' reach
    const uint32_t bgp = p->bgp;
    flush(p, g);
    p->bgp = bgp;
    g->node = stoa_parser_join(p, g->node, others);
  }
  if (!stoa_parser_is_sign(p, "}") && !stoa_parser_is_sign(p, "{") && !stoa_parser_is_sign(p, ".") &&
      p->token.kind != STOA_TOKEN_WORD) {
    return stoa_parser_expected(p, "\".\", \";\" or \",\" after an object (is a dot missing?)");
  }
  return STOA_OK;
}

static const stoa_node *add_filters(stoa_parser *p, const group *g)
{
  const stoa_expr *const all = g->filters.n ? stoa_parser_chain(p, STOA_FN_AND, g->filters.items, g->filters.n) : NULL;
  p->own_filter = all;
  p->unfiltered = g->node;
  if (!all) {
    return g->node;
  }
  stoa_node *const filter = stoa_parser_node(p, STOA_NODE_FILTER, g->node, NULL);
  filter->expr = all;
  filter->place = all->place;
  return filter;
}

static stoa_status read_body(stoa_parser *p, const stoa_node **out)
{
  group g = {.node = stoa_parser_node(p, STOA_NODE_UNIT, NULL, NULL)};
  p->bgp = ++p->n_bgps;
  while (!stoa_parser_is_sign(p, "}")) {
    if (p->token.kind == STOA_TOKEN_END) {
      return stoa_parser_expected(p, "\"}\"");
    }
    STOA_TRY(read_element(p, &g));
    if (stoa_parser_is_sign(p, ".")) {
      STOA_TRY(stoa_parser_step(p));
    }
  }
  flush(p, &g);
  *out = add_filters(p, &g);
  return STOA_OK;
}

stoa_status stoa_parser_group(stoa_parser *p, const stoa_node **out)
{
  stoa_aggregates *const outer = p->aggregates;
  if (++p->depth > STOA_PARSER_DEEPEST) {
    return stoa_parser_refuse(p, "nesting this deep");
  }
  p->aggregates = NULL;
  STOA_TRY(stoa_parser_sign(p, "{"));
  if (stoa_parser_is_word(p, "SELECT")) {
    STOA_TRY(stoa_parser_select(p, true, NULL, out));
    p->own_filter = NULL;
  } else {
    STOA_TRY(read_body(p, out));
  }
  STOA_TRY(stoa_parser_sign(p, "}"));
  p->aggregates = outer;
  p->depth--;
  return STOA_OK;
}

static stoa_status read_value(stoa_parser *p, stoa_term *out)
{
  if (stoa_parser_is_word(p, "UNDEF")) {
    *out = (stoa_term){0};
    return stoa_parser_step(p);
  }
  return stoa_parser_at_literal(p) ? stoa_parser_literal(p, out) : stoa_parser_iri(p, out);
}

typedef STOA_LIST(stoa_var) var_list;
typedef STOA_LIST(stoa_term) term_list;

static stoa_status read_value_vars(stoa_parser *p, bool *is_tuple, var_list *vars)
{
  *is_tuple = stoa_parser_is_sign(p, "(");
  if (*is_tuple) {
    STOA_TRY(stoa_parser_step(p));
  }
  while (p->token.kind == STOA_TOKEN_VAR) {
    const stoa_var var = stoa_parser_var(p, p->token.text);
    STOA_PUSH(p->arena, vars, var);
    STOA_TRY(stoa_parser_step(p));
    if (!*is_tuple) {
      return STOA_OK;
    }
  }
  return *is_tuple ? stoa_parser_sign(p, ")") : stoa_parser_expected(p, "a variable");
}

stoa_status stoa_parser_values(stoa_parser *p, const stoa_node **out)
{
  var_list vars = {0};
  term_list terms = {0};
  uint32_t n_rows = 0;
  bool is_tuple;
  stoa_node *const node = stoa_parser_node(p, STOA_NODE_VALUES, NULL, NULL);
  STOA_TRY(read_value_vars(p, &is_tuple, &vars));
  STOA_TRY(stoa_parser_sign(p, "{"));
  for (; !stoa_parser_is_sign(p, "}"); ++n_rows) {
    if (is_tuple) {
      STOA_TRY(stoa_parser_sign(p, "("));
    }
    for (uint32_t i = 0; i < vars.n; ++i) {
      stoa_term term;
      if (stoa_parser_is_sign(p, ")")) {
        return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place, "a row of VALUES with %u of %u values", i,
                             vars.n);
      }
      STOA_TRY(read_value(p, &term));
      STOA_PUSH(p->arena, &terms, term);
    }
    if (is_tuple) {
      STOA_TRY(stoa_parser_sign(p, ")"));
    }
  }
  node->vars = vars.items;
  node->n_vars = vars.n;
  node->rows = terms.items;
  node->n_rows = n_rows;
  *out = node;
  return stoa_parser_step(p);
}
