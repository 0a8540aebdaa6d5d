// Group graph patterns and their translation (section 18.2.2): filters count for the whole group, an
// OPTIONAL's own filter becomes the condition of the left join.
#include "graph/sparql/parser_internal.h"

typedef struct {
  const stoa_node *node;
  stoa_patterns patterns; ///< triples not yet joined to `node`
  stoa_exprs filters;
} group;

static void flush(stoa_parser *p, group *g)
{
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
  if (right->kind == STOA_NODE_FILTER && right->expr->kind != STOA_EXPR_EXISTS) {
    join->expr = right->expr;
    join->inputs[1] = right->inputs[0];
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

static stoa_status read_graph(stoa_parser *p, group *g)
{
  const stoa_slot outer = p->graph;
  const stoa_node *inner;
  STOA_TRY(stoa_parser_step(p));
  if (p->token.kind == STOA_TOKEN_VAR) {
    p->graph = (stoa_slot){.var = stoa_parser_var(p, p->token.text)};
    STOA_TRY(stoa_parser_step(p));
  } else {
    p->graph = (stoa_slot){.var = STOA_NO_VAR};
    STOA_TRY(stoa_parser_iri(p, &p->graph.term));
  }
  STOA_TRY(stoa_parser_group(p, &inner));
  p->graph = outer;
  g->node = stoa_parser_join(p, g->node, inner);
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
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_constraint(p, &expr));
  STOA_PUSH(p->arena, &g->filters, expr);
  return STOA_OK;
}

static stoa_status read_minus(stoa_parser *p, group *g)
{
  const stoa_node *right;
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_group(p, &right));
  g->node = stoa_parser_node(p, STOA_NODE_MINUS, g->node, right);
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
  } elements[] = {{"OPTIONAL", read_optional},
                  {"GRAPH", read_graph},
                  {"BIND", read_bind},
                  {"MINUS", read_minus},
                  {"VALUES", read_values}};
  if (stoa_parser_is_word(p, "FILTER")) {
    return read_filter(p, g);
  }
  if (stoa_parser_is_word(p, "SERVICE")) {
    return stoa_parser_refuse(p, "SERVICE");
  }
  for (size_t i = 0; i < sizeof elements / sizeof *elements; ++i) {
    if (stoa_parser_is_word(p, elements[i].word)) {
      flush(p, g);
      return elements[i].read(p, g);
    }
  }
  if (stoa_parser_is_sign(p, "{")) {
    flush(p, g);
    return read_union(p, g);
  }
  const stoa_node *others = NULL;
  STOA_TRY(stoa_parser_triples(p, &g->patterns, &others, false));
  if (others) {
    flush(p, g);
    g->node = stoa_parser_join(p, g->node, others);
  }
  if (!stoa_parser_is_sign(p, "}") && !stoa_parser_is_sign(p, "{") && !stoa_parser_is_sign(p, ".") &&
      p->token.kind != STOA_TOKEN_WORD) {
    return stoa_parser_expected(p, "\".\", \";\" or \",\" after an object (is a dot missing?)");
  }
  return STOA_OK;
}

// A filter with EXISTS becomes its own node, so that conjunctions are taken apart here.
static void split_filter(stoa_parser *p, const stoa_expr *expr, stoa_exprs *out)
{
  if (expr->kind == STOA_EXPR_CALL && expr->function == STOA_FN_AND) {
    split_filter(p, expr->args[0], out);
    split_filter(p, expr->args[1], out);
  } else {
    STOA_PUSH(p->arena, out, expr);
  }
}

static const stoa_node *add_filters(stoa_parser *p, const group *g)
{
  stoa_exprs parts = {0};
  const stoa_expr *all = NULL;
  const stoa_node *node = g->node;
  for (uint32_t i = 0; i < g->filters.n; ++i) {
    split_filter(p, g->filters.items[i], &parts);
  }
  for (uint32_t i = 0; i < parts.n; ++i) {
    if (parts.items[i]->kind == STOA_EXPR_EXISTS) {
      stoa_node *const exists = stoa_parser_node(p, STOA_NODE_FILTER, node, NULL);
      exists->expr = parts.items[i];
      node = exists;
    } else {
      all = all ? stoa_parser_call(p, STOA_FN_AND, parts.items[i]->place, all, parts.items[i]) : parts.items[i];
    }
  }
  if (all) {
    stoa_node *const filter = stoa_parser_node(p, STOA_NODE_FILTER, node, NULL);
    filter->expr = all;
    filter->place = all->place;
    node = filter;
  }
  return node;
}

static stoa_status read_body(stoa_parser *p, const stoa_node **out)
{
  group g = {.node = stoa_parser_node(p, STOA_NODE_UNIT, NULL, NULL)};
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
  STOA_TRY(stoa_parser_is_word(p, "SELECT") ? stoa_parser_select(p, true, NULL, out) : read_body(p, out));
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
