// SELECT with grouping, aggregates and modifiers (sections 11, 15 and 18.2.4).
#include "graph/sparql/parser_internal.h"

typedef struct {
  stoa_var var;
  const stoa_expr *expr; ///< NULL: the plain variable
  stoa_place place;
} column;

typedef STOA_LIST(column) column_list;
typedef STOA_LIST(stoa_var) var_list;
typedef STOA_LIST(stoa_order) order_list;

typedef struct {
  bool distinct, star, grouped;
  column_list columns;
  var_list keys;
  stoa_aggregates aggregates;
} selection;

static stoa_status read_column(stoa_parser *p, stoa_map *outer, column *c)
{
  c->place = p->token.place;
  c->expr = NULL;
  if (stoa_parser_is_sign(p, "(")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(stoa_parser_expression(p, &c->expr));
    STOA_TRY(stoa_parser_word(p, "AS"));
  }
  if (p->token.kind != STOA_TOKEN_VAR) {
    return stoa_parser_expected(p, "a variable or (expression AS ?variable)");
  }
  const stoa_slice name = p->token.text;
  if (outer) {
    // A projected variable is the same inside the sub-select and outside.
    stoa_map *const inner = p->scope;
    const uintptr_t known = (uintptr_t)stoa_map_find(inner, name);
    p->scope = outer;
    const bool is_new = !stoa_map_find(outer, name);
    c->var = is_new && known ? (stoa_var)(known - 1) : stoa_parser_var(p, name);
    if (is_new) {
      stoa_map_add(outer, p->arena, name, (void *)(uintptr_t)(c->var + 1));
    }
    p->scope = inner;
    stoa_map_add(inner, p->arena, name, (void *)(uintptr_t)(c->var + 1));
  } else {
    c->var = stoa_parser_var(p, name);
  }
  STOA_TRY(stoa_parser_step(p));
  return c->expr ? stoa_parser_sign(p, ")") : STOA_OK;
}

static stoa_status read_columns(stoa_parser *p, stoa_map *outer, selection *s)
{
  STOA_TRY(stoa_parser_word(p, "SELECT"));
  if (stoa_parser_is_word(p, "DISTINCT") || stoa_parser_is_word(p, "REDUCED")) {
    s->distinct = stoa_parser_is_word(p, "DISTINCT");
    STOA_TRY(stoa_parser_step(p));
  }
  if (stoa_parser_is_sign(p, "*")) {
    s->star = true;
    return stoa_parser_step(p);
  }
  p->aggregates = &s->aggregates;
  while (p->token.kind == STOA_TOKEN_VAR || stoa_parser_is_sign(p, "(")) {
    column c;
    STOA_TRY(read_column(p, outer, &c));
    STOA_PUSH(p->arena, &s->columns, c);
  }
  p->aggregates = NULL;
  return s->columns.n ? STOA_OK : stoa_parser_expected(p, "a variable, an expression or *");
}

static const stoa_node *extend(stoa_parser *p, const stoa_node *input, stoa_var var, const stoa_expr *expr)
{
  stoa_node *const node = stoa_parser_node(p, STOA_NODE_EXTEND, input, NULL);
  node->var = var;
  node->expr = expr;
  return node;
}

static stoa_status read_key(stoa_parser *p, const stoa_node **node, stoa_var *out)
{
  if (p->token.kind == STOA_TOKEN_VAR) {
    *out = stoa_parser_var(p, p->token.text);
    return stoa_parser_step(p);
  }
  const stoa_expr *expr;
  const bool open = stoa_parser_is_sign(p, "(");
  if (open) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(stoa_parser_expression(p, &expr));
  } else {
    STOA_TRY(stoa_parser_constraint(p, &expr));
  }
  *out = STOA_NO_VAR;
  if (open && stoa_parser_is_word(p, "AS")) {
    STOA_TRY(stoa_parser_step(p));
    if (p->token.kind != STOA_TOKEN_VAR) {
      return stoa_parser_expected(p, "a variable");
    }
    *out = stoa_parser_var(p, p->token.text);
    STOA_TRY(stoa_parser_step(p));
  }
  if (open) {
    STOA_TRY(stoa_parser_sign(p, ")"));
  }
  if (*out == STOA_NO_VAR) {
    *out = stoa_parser_fresh(p, ".key");
  }
  *node = extend(p, *node, *out, expr);
  return STOA_OK;
}

static bool is_modifier(const stoa_parser *p)
{
  return stoa_parser_is_word(p, "HAVING") || stoa_parser_is_word(p, "ORDER") || stoa_parser_is_word(p, "LIMIT") ||
         stoa_parser_is_word(p, "OFFSET") || stoa_parser_is_word(p, "VALUES");
}

static stoa_status read_group_by(stoa_parser *p, selection *s, const stoa_node **node)
{
  if (!stoa_parser_is_word(p, "GROUP")) {
    return STOA_OK;
  }
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_word(p, "BY"));
  s->grouped = true;
  do {
    stoa_var key;
    STOA_TRY(read_key(p, node, &key));
    STOA_PUSH(p->arena, &s->keys, key);
  } while (p->token.kind == STOA_TOKEN_VAR || stoa_parser_is_sign(p, "(") || p->token.kind == STOA_TOKEN_NAME ||
           p->token.kind == STOA_TOKEN_IRI || (p->token.kind == STOA_TOKEN_WORD && !is_modifier(p)));
  return STOA_OK;
}

static stoa_status read_having(stoa_parser *p, selection *s, stoa_exprs *out)
{
  if (!stoa_parser_is_word(p, "HAVING")) {
    return STOA_OK;
  }
  STOA_TRY(stoa_parser_step(p));
  p->aggregates = &s->aggregates;
  do {
    const stoa_expr *expr;
    STOA_TRY(stoa_parser_constraint(p, &expr));
    STOA_PUSH(p->arena, out, expr);
  } while (stoa_parser_is_sign(p, "(") || p->token.kind == STOA_TOKEN_NAME || p->token.kind == STOA_TOKEN_IRI ||
           (p->token.kind == STOA_TOKEN_WORD && !is_modifier(p)));
  p->aggregates = NULL;
  return STOA_OK;
}

static stoa_status read_order(stoa_parser *p, selection *s, order_list *out)
{
  if (!stoa_parser_is_word(p, "ORDER")) {
    return STOA_OK;
  }
  STOA_TRY(stoa_parser_step(p));
  STOA_TRY(stoa_parser_word(p, "BY"));
  p->aggregates = s ? &s->aggregates : NULL;
  for (;;) {
    stoa_order order = {0};
    if (stoa_parser_is_word(p, "ASC") || stoa_parser_is_word(p, "DESC")) {
      order.descending = stoa_parser_is_word(p, "DESC");
      STOA_TRY(stoa_parser_step(p));
      STOA_TRY(stoa_parser_bracketed(p, &order.expr));
    } else if (p->token.kind == STOA_TOKEN_VAR || stoa_parser_is_sign(p, "(") || p->token.kind == STOA_TOKEN_NAME ||
               p->token.kind == STOA_TOKEN_IRI || (p->token.kind == STOA_TOKEN_WORD && !is_modifier(p))) {
      STOA_TRY(p->token.kind == STOA_TOKEN_VAR ? stoa_parser_variable(p, &order.expr)
                                               : stoa_parser_constraint(p, &order.expr));
    } else {
      break;
    }
    STOA_PUSH(p->arena, out, order);
  }
  p->aggregates = NULL;
  return out->n ? STOA_OK : stoa_parser_expected(p, "what to order by");
}

static stoa_status read_count(stoa_parser *p, uint64_t *out)
{
  STOA_TRY(stoa_parser_step(p));
  if (p->token.kind != STOA_TOKEN_INTEGER || p->token.raw.length > 18 || p->token.raw.data[0] < '0') {
    return stoa_parser_expected(p, "a whole number");
  }
  *out = 0;
  for (size_t i = 0; i < p->token.raw.length; ++i) {
    *out = *out * 10 + (uint64_t)(p->token.raw.data[i] - '0');
  }
  return stoa_parser_step(p);
}

static stoa_status read_slice(stoa_parser *p, const stoa_node **node)
{
  uint64_t offset = 0, limit = UINT64_MAX;
  for (int i = 0; i < 2; ++i) {
    if (stoa_parser_is_word(p, "LIMIT")) {
      STOA_TRY(read_count(p, &limit));
    } else if (stoa_parser_is_word(p, "OFFSET")) {
      STOA_TRY(read_count(p, &offset));
    }
  }
  if (offset == 0 && limit == UINT64_MAX) {
    return STOA_OK;
  }
  stoa_node *const slice = stoa_parser_node(p, STOA_NODE_SLICE, *node, NULL);
  slice->offset = offset;
  slice->limit = limit;
  *node = slice;
  return STOA_OK;
}

static void add_order(stoa_parser *p, const order_list *orders, const stoa_node **node)
{
  if (orders->n) {
    stoa_node *const order = stoa_parser_node(p, STOA_NODE_ORDER, *node, NULL);
    order->orders = orders->items;
    order->n_orders = orders->n;
    *node = order;
  }
}

typedef struct {
  stoa_parser *p;
  const selection *s;
  stoa_place place;
  stoa_status status;
} key_check;

static void check_key(stoa_var var, void *data)
{
  key_check *const c = data;
  for (uint32_t i = 0; i < c->s->keys.n; ++i) {
    if (c->s->keys.items[i] == var) {
      return;
    }
  }
  for (uint32_t i = 0; i < c->s->aggregates.n; ++i) {
    if (c->s->aggregates.items[i].out == var) {
      return;
    }
  }
  for (uint32_t i = 0; i < c->s->columns.n; ++i) {
    if (c->s->columns.items[i].var == var && c->s->columns.items[i].expr) {
      return;
    }
  }
  c->status = stoa_error_at(c->p->err, STOA_BAD_SYNTAX, c->place,
                            "?%s stands outside GROUP BY; add it there or put it into an aggregate such as SAMPLE(?%s)",
                            c->p->names.items[var], c->p->names.items[var]);
}

static stoa_status check_columns(stoa_parser *p, const selection *s)
{
  key_check check = {p, s, {0}, STOA_OK};
  for (uint32_t i = 0; i < s->columns.n && check.status == STOA_OK; ++i) {
    const column *const c = &s->columns.items[i];
    check.place = c->place;
    if (c->expr) {
      stoa_expr_vars(c->expr, check_key, &check);
    } else {
      check_key(c->var, &check);
    }
  }
  return check.status;
}

// GRAPH ?g around a sub-select: the graph that its patterns were asked of goes with its rows.
static const stoa_var *with_graph(stoa_parser *p, const stoa_var *vars, uint32_t *n)
{
  if (p->graph.var == STOA_NO_VAR) {
    return vars;
  }
  stoa_var *const more = STOA_NEWS(p->arena, stoa_var, *n + 1);
  for (uint32_t i = 0; i < *n; ++i) {
    more[i] = vars[i];
    if (vars[i] == p->graph.var) {
      return vars;
    }
  }
  more[(*n)++] = p->graph.var;
  return more;
}

static const stoa_expr *expr_new(stoa_parser *p, stoa_expr value)
{
  stoa_expr *const e = STOA_NEW(p->arena, stoa_expr);
  *e = value;
  return e;
}

// The value of an aggregate over no rows; unbound where that is an error.
static stoa_term empty_value(stoa_aggregate_kind kind)
{
  switch (kind) {
    case STOA_AGG_COUNT:
    case STOA_AGG_SUM:
    case STOA_AGG_AVG:
      return stoa_term_integer(0);
    case STOA_AGG_GROUP_CONCAT:
      return stoa_term_string((stoa_slice){"", 0});
    default:
      return (stoa_term){0};
  }
}

// A group without keys within GRAPH ?g has a row in every graph, also in one without matches.
static const stoa_node *in_every_graph(stoa_parser *p, stoa_node *group)
{
  stoa_aggregate *const aggregates = STOA_NEWS(p->arena, stoa_aggregate, group->n_aggregates + 1);
  const stoa_var rows = stoa_parser_fresh(p, ".rows");
  const stoa_place place = p->token.place;
  const stoa_node *node = stoa_parser_node(p, STOA_NODE_LEFT_JOIN, stoa_parser_graph_names(p, p->graph), group);
  for (uint32_t i = 0; i < group->n_aggregates; ++i) {
    const stoa_var out = group->aggregates[i].out;
    aggregates[i] = group->aggregates[i];
    aggregates[i].out = stoa_parser_fresh(p, ".agg");
    stoa_expr *const choice = stoa_parser_call(p, STOA_FN_IF, place, NULL, NULL);
    const stoa_expr *const marker = expr_new(p, (stoa_expr){.kind = STOA_EXPR_VAR, .var = rows, .place = place});
    const stoa_term empty = empty_value(aggregates[i].kind);
    choice->args = STOA_NEWS(p->arena, const stoa_expr *, 3);
    choice->n_args = 3;
    choice->args[0] = stoa_parser_call(p, STOA_FN_BOUND, place, marker, NULL);
    choice->args[1] = expr_new(p, (stoa_expr){.kind = STOA_EXPR_VAR, .var = aggregates[i].out, .place = place});
    choice->args[2] = expr_new(p, (stoa_expr){.kind = STOA_EXPR_TERM, .term = empty, .place = place});
    node = extend(p, node, out, choice);
  }
  aggregates[group->n_aggregates] = (stoa_aggregate){.kind = STOA_AGG_COUNT, .out = rows, .place = place};
  group->aggregates = aggregates;
  group->n_aggregates++;
  return node;
}

static stoa_status add_group(stoa_parser *p, const selection *s, const stoa_node **node)
{
  if (!s->grouped && s->aggregates.n == 0) {
    return STOA_OK;
  }
  if (s->star) {
    return stoa_error_at(p->err, STOA_BAD_SYNTAX, p->token.place,
                         "SELECT * cannot stand with GROUP BY; name the columns");
  }
  STOA_TRY(check_columns(p, s));
  stoa_node *const group = stoa_parser_node(p, STOA_NODE_GROUP, *node, NULL);
  group->n_vars = s->keys.n;
  group->vars = with_graph(p, s->keys.items, &group->n_vars);
  group->aggregates = s->aggregates.items;
  group->n_aggregates = s->aggregates.n;
  *node = s->grouped || p->graph.var == STOA_NO_VAR ? group : in_every_graph(p, group);
  return STOA_OK;
}

static void all_vars(stoa_parser *p, const stoa_node *node, column_list *out)
{
  bool *const seen = STOA_NEWS(p->arena, bool, p->names.n);
  stoa_node_vars(node, seen);
  for (stoa_var v = 0; v < p->names.n; ++v) {
    if (seen[v] && strncmp(p->names.items[v], "_:", 2) != 0 && p->names.items[v][0] != '.') {
      const column c = {.var = v};
      STOA_PUSH(p->arena, out, c);
    }
  }
}

static void add_having(stoa_parser *p, const stoa_exprs *having, const stoa_node **node)
{
  for (uint32_t i = 0; i < having->n; ++i) {
    stoa_node *const filter = stoa_parser_node(p, STOA_NODE_FILTER, *node, NULL);
    filter->expr = having->items[i];
    *node = filter;
  }
}

stoa_status stoa_parser_modifiers(stoa_parser *p, const stoa_node **node)
{
  selection s = {0};
  order_list orders = {0};
  stoa_exprs having = {0};
  STOA_TRY(read_group_by(p, &s, node));
  STOA_TRY(read_having(p, &s, &having));
  STOA_TRY(read_order(p, &s, &orders));
  STOA_TRY(add_group(p, &s, node));
  add_having(p, &having, node);
  add_order(p, &orders, node);
  return read_slice(p, node);
}

static const stoa_node *add_projection(stoa_parser *p, const selection *s, const stoa_node *node)
{
  stoa_var *const vars = STOA_NEWS(p->arena, stoa_var, s->columns.n);
  stoa_place *const places = STOA_NEWS(p->arena, stoa_place, s->columns.n);
  for (uint32_t i = 0; i < s->columns.n; ++i) {
    vars[i] = s->columns.items[i].var;
    places[i] = s->columns.items[i].place;
  }
  stoa_node *const project = stoa_parser_node(p, STOA_NODE_PROJECT, node, NULL);
  project->places = places;
  project->n_places = s->star ? 0 : s->columns.n;
  project->n_vars = s->columns.n;
  project->vars = with_graph(p, vars, &project->n_vars);
  return s->distinct ? stoa_parser_node(p, STOA_NODE_DISTINCT, project, NULL) : project;
}

static stoa_status read_where(stoa_parser *p, stoa_query *query, const stoa_node **out)
{
  if (query) {
    STOA_TRY(stoa_parser_dataset(p, "FROM", query));
  }
  if (stoa_parser_is_word(p, "WHERE")) {
    STOA_TRY(stoa_parser_step(p));
  }
  return stoa_parser_group(p, out);
}

// (expression AS ?x) makes a new variable: not one of the pattern, nor of another column.
static stoa_status check_aliases(stoa_parser *p, const selection *s, const stoa_node *node)
{
  bool *const seen = STOA_NEWS(p->arena, bool, p->names.n + 1);
  stoa_node_vars(node, seen);
  for (uint32_t i = 0; i < s->columns.n; ++i) {
    const column *const c = &s->columns.items[i];
    bool again = c->expr && seen[c->var];
    for (uint32_t k = 0; k < s->columns.n && !again; ++k) {
      again = k != i && s->columns.items[k].var == c->var && (c->expr || s->columns.items[k].expr);
    }
    if (again) {
      return stoa_error_at(p->err, STOA_BAD_SYNTAX, c->place, "?%s is bound already; AS needs a new variable",
                           p->names.items[c->var]);
    }
  }
  return STOA_OK;
}

static stoa_status read_tail(stoa_parser *p, selection *s, const stoa_node **node)
{
  stoa_exprs having = {0};
  order_list orders = {0};
  const stoa_node *values = NULL;
  const stoa_node *sliced;
  STOA_TRY(read_group_by(p, s, node));
  STOA_TRY(read_having(p, s, &having));
  STOA_TRY(read_order(p, s, &orders));
  stoa_node *const hole = stoa_parser_node(p, STOA_NODE_UNIT, NULL, NULL);
  sliced = hole;
  STOA_TRY(read_slice(p, &sliced));
  if (stoa_parser_is_word(p, "VALUES")) {
    STOA_TRY(stoa_parser_step(p));
    STOA_TRY(stoa_parser_values(p, &values));
  }
  STOA_TRY(add_group(p, s, node));
  add_having(p, &having, node);
  if (values) {
    *node = stoa_parser_join(p, *node, values);
  }
  if (s->star) {
    all_vars(p, *node, &s->columns);
  }
  STOA_TRY(check_aliases(p, s, *node));
  for (uint32_t i = 0; i < s->columns.n; ++i) {
    if (s->columns.items[i].expr) {
      *node = extend(p, *node, s->columns.items[i].var, s->columns.items[i].expr);
    }
  }
  add_order(p, &orders, node);
  *node = add_projection(p, s, *node);
  if (sliced != hole) {
    ((stoa_node *)sliced)->inputs[0] = *node;
    *node = sliced;
  }
  return STOA_OK;
}

stoa_status stoa_parser_select(stoa_parser *p, bool inner, stoa_query *query, const stoa_node **out)
{
  selection s = {0};
  stoa_map own = {0};
  stoa_map *const outer = p->scope;
  if (inner) {
    p->scope = &own;
  }
  STOA_TRY(read_columns(p, inner ? outer : NULL, &s));
  if (inner && s.star) {
    p->scope = outer; // SELECT * shows every variable: there is nothing to hide
  }
  STOA_TRY(read_where(p, query, out));
  STOA_TRY(read_tail(p, &s, out));
  p->scope = outer;
  if (query) {
    stoa_var *const columns = STOA_NEWS(p->arena, stoa_var, s.columns.n);
    for (uint32_t i = 0; i < s.columns.n; ++i) {
      columns[i] = s.columns.items[i].var;
    }
    query->columns = columns;
    query->n_columns = s.columns.n;
  }
  return STOA_OK;
}
