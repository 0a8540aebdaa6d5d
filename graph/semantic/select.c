// A SELECT as a whole: grouping, columns, order and slice, in the order in which SPARQL has them (section 18.2.4 and
// 18.2.5): group, conditions on groups, computed columns, order, projection, DISTINCT, slice.
#include "graph/semantic/compile.h"
#include "graph/semantic/nulls.h"
#include "graph/semantic/read.h"
#include "graph/semantic/scope.h"
#include "graph/semantic/semantic.h"
#include <strings.h>

/// What a SELECT is made of when FROM and WHERE are done.
typedef struct {
  stoa_semantic_select *select;
  stoa_semantic_group group;
  bool groups;
  stoa_semantic_value *values; ///< of the items
  STOA_LIST(stoa_order) orders;
} stage;

// ---- groups

static bool any_aggregate(const stoa_semantic_select *s)
{
  bool any = s->grouped || s->having;
  for (uint32_t i = 0; i < s->items.n && !any; ++i) {
    any = stoa_semantic_aggregates(s->items.items[i].expr);
  }
  for (uint32_t i = 0; i < s->orders.n && !any; ++i) {
    any = stoa_semantic_aggregates(s->orders.items[i].expr);
  }
  return any;
}

static const stoa_semantic_expr *meant_by(const stoa_semantic_select *s, const stoa_semantic_expr *e)
{
  return e->kind == STOA_SEM_COLUMN && !e->column ? s->items.items[e->output].expr : e;
}

static stoa_status add_keys(stoa_semantic_compiler *c, stage *g, const stoa_node **node)
{
  stoa_semantic_builder *const b = c->build;
  g->group.has_keys = g->select->grouped;
  for (uint32_t i = 0; i < g->select->group.n; ++i) {
    const stoa_semantic_expr *const e = meant_by(g->select, g->select->group.items[i]);
    stoa_semantic_value v;
    if (stoa_semantic_aggregates(e)) {
      return stoa_error_at(b->err, STOA_BAD_SYNTAX, e->place,
                           "GROUP BY of an aggregate; group in a sub-select of FROM");
    }
    STOA_TRY(stoa_semantic_expression(c, e, &v));
    stoa_var var = v.expr->kind == STOA_EXPR_VAR ? v.expr->var : STOA_NO_VAR;
    if (var == STOA_NO_VAR) {
      b->place = e->place;
      var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".key%u", b->vars.n));
      *node = *node ? *node : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL);
      *node = stoa_semantic_extend(b, *node, var, v.expr);
    }
    v.constant = v.untyped = v.now = v.today = false;
    STOA_PUSH(b->arena, &g->group.keys, v);
    STOA_PUSH(b->arena, &g->group.exprs, e);
    STOA_PUSH(b->arena, &g->group.vars, var);
  }
  return STOA_OK;
}

static const stoa_node *group_node(stoa_semantic_compiler *c, const stage *g, const stoa_node *input)
{
  stoa_semantic_builder *const b = c->build;
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_GROUP, input, NULL);
  node->vars = g->group.vars.items;
  node->n_vars = g->group.vars.n;
  node->aggregates = g->group.aggregates.items;
  node->n_aggregates = g->group.aggregates.n;
  return node;
}

// ---- columns

// A letter of a variable's name in SPARQL (rule 166), or a byte of one beyond ASCII.
static bool is_name(const char *name)
{
  for (const char *at = name; *at; ++at) {
    const unsigned char letter = (unsigned char)*at;
    if (letter < 0x80 && !(letter >= '0' && letter <= '9') && !(letter >= 'A' && letter <= 'Z') &&
        !(letter >= 'a' && letter <= 'z') && letter != '_') {
      return false;
    }
  }
  return *name != '\0';
}

static stoa_status check_names(const stoa_semantic_builder *b, const stoa_semantic_select *s)
{
  for (uint32_t i = 0; i < s->items.n; ++i) {
    const stoa_semantic_item *const item = &s->items.items[i];
    if (!item->name) {
      return stoa_error_at(b->err, STOA_BAD_SYNTAX, item->place, "a computed column needs a name: ... AS name");
    }
    if (!is_name(item->name)) {
      return stoa_error_at(b->err, STOA_BAD_SYNTAX, item->place,
                           "\"%s\" is no name of a column: letters, digits and _ are; write AS and another",
                           item->name);
    }
    for (uint32_t k = 0; k < i; ++k) {
      if (strcmp(s->items.items[k].name, item->name) == 0) {
        return stoa_error_at(b->err, STOA_EXISTS, item->place,
                             "two columns are named %s; give one another name with AS", item->name);
      }
    }
  }
  return STOA_OK;
}

static bool is_given(const stoa_semantic_builder *b, const stoa_semantic_select *s, uint32_t n, stoa_var var)
{
  bool given = false;
  for (uint32_t i = 0; i < n && !given; ++i) {
    given = stoa_semantic_root(b, s->items.items[i].var) == stoa_semantic_root(b, var);
  }
  return given;
}

// A column alone is given as it is, and computed ones as new variables.
static const stoa_node *give_items(stoa_semantic_builder *b, stage *g, const stoa_node *node)
{
  for (uint32_t i = 0; i < g->select->items.n; ++i) {
    stoa_semantic_item *const item = &g->select->items.items[i];
    const stoa_semantic_value *const v = &g->values[i];
    const bool plain = v->expr->kind == STOA_EXPR_VAR && item->expr->kind != STOA_SEM_AGGREGATE;
    item->property = (stoa_semantic_property){
      .local = item->name, .kinds = v->kinds, .whole = v->whole, .zoneless = v->zoneless, .always = !v->nullable};
    item->lasts = v->lasts;
    item->var = plain ? v->expr->var : STOA_NO_VAR;
    if (!plain || is_given(b, g->select, i, item->var)) {
      b->place = item->place;
      item->var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".%s", item->name ? item->name : "column"));
      node = node ? node : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL);
      node = stoa_semantic_extend(b, node, item->var, v->expr);
    }
    b->givers[item->var] = g->select;
  }
  return node;
}

static const stoa_node *project(stoa_semantic_builder *b, const stoa_semantic_select *s, const stoa_node *input)
{
  stoa_var *const vars = STOA_NEWS(b->arena, stoa_var, s->items.n);
  for (uint32_t i = 0; i < s->items.n; ++i) {
    vars[i] = s->items.items[i].var;
  }
  b->place = s->place;
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_PROJECT, input, NULL);
  node->vars = vars;
  node->n_vars = s->items.n;
  return node;
}

// ---- order

// SPARQL has NULL before all else.
static void push_order(stoa_semantic_builder *b, stage *g, const stoa_semantic_order *order, const stoa_expr *e,
                       bool nullable)
{
  const stoa_order by = {e, order->descending};
  if (nullable && order->nulls_first == order->descending) {
    const stoa_expr *const bound = stoa_semantic_call(b, STOA_FN_BOUND, e, NULL, NULL);
    const stoa_order nulls = {bound, !order->nulls_first};
    STOA_PUSH(b->arena, &g->orders, nulls);
  }
  STOA_PUSH(b->arena, &g->orders, by);
}

// What is ordered by and not selected becomes a variable, if it may be NULL and is none.
static void take_order(stoa_semantic_builder *b, stage *g, const stoa_semantic_order *order,
                       const stoa_semantic_value *v, const stoa_node **node)
{
  const stoa_expr *e = v->expr;
  b->place = order->expr->place;
  if (v->nullable && e->kind != STOA_EXPR_VAR) {
    const stoa_var var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".by%u", b->vars.n));
    *node = stoa_semantic_extend(b, *node, var, e);
    e = stoa_semantic_var_expr(b, var);
  }
  push_order(b, g, order, e, v->nullable);
}

static const stoa_node *order_node(stoa_semantic_builder *b, const stage *g, const stoa_node *input)
{
  if (!g->orders.n) {
    return input;
  }
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_ORDER, input, NULL);
  node->orders = g->orders.items;
  node->n_orders = g->orders.n;
  return node;
}

static const stoa_node *slice_node(stoa_semantic_builder *b, const stoa_semantic_select *s, const stoa_node *input)
{
  if (s->offset == 0 && s->limit == UINT64_MAX) {
    return input;
  }
  stoa_node *const node = stoa_semantic_op(b, STOA_NODE_SLICE, input, NULL);
  node->offset = s->offset;
  node->limit = s->limit;
  return node;
}

static void by_item(stoa_semantic_builder *b, stage *g, const stoa_semantic_order *order)
{
  const stoa_semantic_item *const item = &g->select->items.items[order->expr->output];
  b->place = order->expr->place;
  push_order(b, g, order, stoa_semantic_var_expr(b, item->var), !item->property.always);
}

static bool orders_by_item(const stoa_semantic_order *order)
{
  return order->expr->kind == STOA_SEM_COLUMN && !order->expr->column;
}

// ---- a SELECT

// What is told of groups is compiled before they are made: aggregates are collected on the way.
static stoa_status compile_values(stoa_semantic_compiler *c, stage *g, stoa_semantic_value *having,
                                  stoa_semantic_value *orders)
{
  stoa_semantic_select *const s = g->select;
  for (uint32_t i = 0; i < s->items.n; ++i) {
    STOA_TRY(stoa_semantic_expression(c, s->items.items[i].expr, &g->values[i]));
  }
  if (s->having) {
    STOA_TRY(stoa_semantic_condition(c, s->having, having));
  }
  for (uint32_t i = 0; i < s->orders.n; ++i) {
    if (!orders_by_item(&s->orders.items[i])) {
      STOA_TRY(stoa_semantic_expression(c, s->orders.items[i].expr, &orders[i]));
    }
  }
  return STOA_OK;
}

static stoa_status finish_rows(stoa_semantic_compiler *c, stage *g, const stoa_semantic_value *orders,
                               const stoa_node *node, const stoa_node **out)
{
  stoa_semantic_builder *const b = c->build;
  stoa_semantic_select *const s = g->select;
  node = give_items(b, g, node);
  for (uint32_t i = 0; i < s->orders.n; ++i) {
    if (orders_by_item(&s->orders.items[i])) {
      by_item(b, g, &s->orders.items[i]);
    } else {
      take_order(b, g, &s->orders.items[i], &orders[i], &node);
    }
  }
  node = project(b, s, order_node(b, g, node));
  node = s->distinct ? stoa_semantic_op(b, STOA_NODE_DISTINCT, node, NULL) : node;
  *out = slice_node(b, s, node);
  return stoa_semantic_size(b);
}

static stoa_status simple_rows(stoa_semantic_compiler *c, stoa_semantic_select *s, const stoa_node **out)
{
  stoa_semantic_builder *const b = c->build;
  stage g = {.select = s, .groups = any_aggregate(s), .values = STOA_NEWS(b->arena, stoa_semantic_value, s->items.n)};
  stoa_semantic_value having = {0};
  stoa_semantic_value *const orders = STOA_NEWS(b->arena, stoa_semantic_value, s->orders.n + 1);
  const stoa_node *node;
  STOA_TRY(stoa_semantic_pattern(c, s, &node));
  if (g.groups) {
    STOA_TRY(add_keys(c, &g, &node));
  }
  c->group = g.groups ? &g.group : NULL;
  STOA_TRY(compile_values(c, &g, &having, orders));
  c->group = NULL;
  b->place = s->place;
  if (g.groups) {
    node = group_node(c, &g, node ? node : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL));
  }
  if (having.expr) {
    node = stoa_semantic_filter(b, node, having.expr);
  }
  node = node ? node : stoa_semantic_op(b, STOA_NODE_UNIT, NULL, NULL);
  return finish_rows(c, &g, orders, node, out);
}

// ---- UNION

static const char *family_of(const stoa_semantic_item *item)
{
  const stoa_semantic_value v = {.kinds = item->property.kinds, .lasts = item->lasts};
  return stoa_semantic_kind_name(&v);
}

// Columns of both sides become one variable each; one that a side gives twice is copied.
static stoa_status unite(stoa_semantic_builder *b, stoa_semantic_select *s, const stoa_node *sides[2])
{
  for (uint32_t i = 0; i < s->items.n; ++i) {
    stoa_semantic_item *const item = &s->items.items[i];
    const stoa_semantic_item *const x = &s->sides[0]->items.items[i], *const y = &s->sides[1]->items.items[i];
    const bool meets = !x->property.kinds || !y->property.kinds || (x->property.kinds & y->property.kinds);
    if (!meets) {
      return stoa_error_at(b->err, STOA_BAD_TYPE, y->place, "UNION of %s with %s in column %u; CAST one of them",
                           family_of(x), family_of(y), i + 1);
    }
    item->var = x->var;
    item->lasts = x->lasts || y->lasts;
    item->property = x->property;
    item->property.kinds |= y->property.kinds;
    item->property.whole = x->property.whole && y->property.whole;
    item->property.zoneless = x->property.zoneless && y->property.zoneless;
    item->property.always = x->property.always && y->property.always;
    if (!stoa_semantic_unify(b, x->var, y->var)) {
      item->var = stoa_semantic_var(b, stoa_arena_print(b->arena, ".%s", item->name ? item->name : "column"));
      sides[0] = stoa_semantic_extend(b, sides[0], item->var, stoa_semantic_var_expr(b, x->var));
      sides[1] = stoa_semantic_extend(b, sides[1], item->var, stoa_semantic_var_expr(b, y->var));
    }
    b->givers[item->var] = s;
  }
  return STOA_OK;
}

static stoa_status union_rows(stoa_semantic_compiler *c, stoa_semantic_select *s, const stoa_node **out)
{
  stoa_semantic_builder *const b = c->build;
  stage g = {.select = s};
  const stoa_node *sides[2];
  for (int i = 0; i < 2; ++i) {
    STOA_TRY(c->rows(c, s->sides[i], &sides[i]));
  }
  b->place = s->place;
  STOA_TRY(unite(b, s, sides));
  const stoa_node *node = stoa_semantic_op(b, STOA_NODE_UNION, sides[0], sides[1]);
  for (uint32_t i = 0; i < s->orders.n; ++i) {
    by_item(b, &g, &s->orders.items[i]);
  }
  node = project(b, s, order_node(b, &g, node));
  node = s->all ? node : stoa_semantic_op(b, STOA_NODE_DISTINCT, node, NULL);
  *out = slice_node(b, s, node);
  return stoa_semantic_size(b);
}

stoa_status stoa_semantic_rows(stoa_semantic_compiler *c, stoa_semantic_select *s, const stoa_node **out)
{
  stoa_semantic_group *const group = c->group;
  const bool within = c->within_aggregate, positive = c->positive;
  c->group = NULL;
  c->within_aggregate = c->positive = false;
  c->build->place = s->place;
  STOA_TRY(s->sides[0] ? union_rows(c, s, out) : simple_rows(c, s, out));
  c->group = group;
  c->within_aggregate = within;
  c->positive = positive;
  return STOA_OK;
}

// ---- a text

static stoa_status read_prefixes(const stoa_semantic_text *t, const stoa_yaml **out)
{
  const stoa_yaml *header;
  *out = NULL;
  if (!memmem(t->text.data, t->text.length, "--+", 3)) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_read(stoa_yaml_in_comments(t->text, "--+", t->arena), t->file, 1, t->arena, &header, t->err));
  *out = stoa_yaml_find(header, "prefixes");
  for (uint32_t i = 0; *out && i < (*out)->n_items; ++i) {
    if ((*out)->kind != STOA_YAML_MAP || (*out)->items[i].kind != STOA_YAML_SCALAR) {
      return stoa_error_at(t->err, STOA_BAD_ARG, (*out)->place, "\"prefixes\" is {PREFIX: NAMESPACE, ...}");
    }
  }
  return STOA_OK;
}

// What is given has the name that the text gives it, whatever its variable is called.
static stoa_query *make_query(stoa_semantic_builder *b, const stoa_semantic_select *s, const stoa_node *root)
{
  stoa_query *const query = STOA_NEW(b->arena, stoa_query);
  stoa_var *const columns = STOA_NEWS(b->arena, stoa_var, s->items.n);
  for (uint32_t i = 0; i < s->items.n; ++i) {
    columns[i] = stoa_semantic_root(b, s->items.items[i].var);
    b->vars.items[columns[i]] = s->items.items[i].name;
  }
  *query = (stoa_query){.form = STOA_FORM_SELECT,
                        .file = b->file,
                        .names = b->vars.items,
                        .n_vars = b->vars.n,
                        .columns = columns,
                        .n_columns = s->items.n,
                        .root = stoa_semantic_settle(b, root),
                        .base = b->base,
                        .asks_when = b->asks_when};
  return query;
}

static const stoa_semantic_item *find_item(const stoa_semantic_select *s, const char *name)
{
  for (uint32_t i = 0; name && i < s->items.n; ++i) {
    if (strcmp(s->items.items[i].name, name) == 0) {
      return &s->items.items[i];
    }
  }
  return NULL;
}

stoa_status stoa_semantic_read(stoa_slice text, const char *file, const char *base, const stoa_semantic_names *names,
                               const char *needed, stoa_arena *arena, const stoa_query **out, stoa_error *err)
{
  const char *const name = stoa_arena_copy(arena, stoa_slice_of(file));
  stoa_semantic_reader reader = {.text = {text, name, arena, err}};
  stoa_semantic_builder b = {.arena = arena, .err = err, .file = name, .base = base, .names = names};
  stoa_semantic_compiler c = {.build = &b, .rows = stoa_semantic_rows, .matches = stoa_semantic_matches};
  const stoa_json *tree;
  stoa_semantic_select *select;
  const stoa_node *root;
  STOA_TRY(stoa_semantic_parse(&reader.text, &tree));
  STOA_TRY(read_prefixes(&reader.text, &b.prefixes));
  STOA_TRY(stoa_semantic_read_select(&reader, tree, &select));
  STOA_TRY(stoa_semantic_resolve(&b, select, NULL));
  STOA_TRY(check_names(&b, select));
  const stoa_semantic_item *const item = find_item(select, needed);
  if (item) {
    stoa_semantic_require_item(select, (uint32_t)(item - select->items.items));
  }
  STOA_TRY(stoa_semantic_rows(&c, select, &root));
  if (item && !item->property.always) {
    const stoa_expr *const var = stoa_semantic_var_expr(&b, item->var);
    root = stoa_semantic_filter(&b, root, stoa_semantic_call(&b, STOA_FN_BOUND, var, NULL, NULL));
  }
  *out = make_query(&b, select, root);
  return STOA_OK;
}

// ---- what a text says

static void say(const stoa_semantic_text *t, const stoa_json *node, stoa_buf *out)
{
  int64_t n;
  if (stoa_semantic_named(node, "location")) {
    return;
  }
  stoa_buf_print(out, "%s%d", node->name ? node->name : "", (int)node->kind);
  if (stoa_semantic_named(node, "A_Const") && stoa_json_find(node, "ival") && stoa_semantic_integer(t, node, &n)) {
    stoa_buf_print(out, "%lld", (long long)n);
  }
  if (node->kind == STOA_JSON_STRING) {
    stoa_buf_print(out, "'%zu:", node->text.length);
    stoa_buf_slice(out, node->text);
  } else if (node->kind == STOA_JSON_INTEGER || node->kind == STOA_JSON_BOOLEAN) {
    stoa_buf_print(out, "=%lld", (long long)node->integer);
  }
  stoa_buf_byte(out, '(');
  for (uint32_t i = 0; i < node->n_items; ++i) {
    say(t, &node->items[i], out);
  }
  stoa_buf_byte(out, ')');
}

stoa_status stoa_semantic_say(stoa_slice text, const char *file, stoa_arena *arena, stoa_buf *out, stoa_error *err)
{
  const stoa_semantic_text t = {text, file, arena, err};
  const stoa_json *tree;
  STOA_TRY(stoa_semantic_parse(&t, &tree));
  say(&t, tree, out);
  return STOA_OK;
}

bool stoa_semantic_is(const char *file)
{
  const size_t n = strlen(file);
  return n > 4 && strcasecmp(file + n - 4, ".sql") == 0;
}
