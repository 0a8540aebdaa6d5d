// A view's query becomes a plan whose entity is a parameter: VALUES over the entity variable is joined
// to it, and the planner pushes the VALUES down to the keys of the sources.  Window views get their
// time bounds the same way.
#include "features/gather.h"
#include "graph/plan/lineage.h"
#include "graph/plan/makes.h"
#include "graph/plan/planning.h"
#include "graph/term/vocab.h"
#include "ontology/vocabulary.h"

// A time without a zone has no order with one that has one, unless they are more than 14 hours apart, and the project's
// zone may be 14 hours from UTC: so far beyond the window is read, and the fold (window.c) decides.
static const int64_t ZONES_US = INT64_C(29) * 3600 * 1000000;

static stoa_node *node_new(stoa_arena *arena, stoa_node_kind kind, const stoa_node *a, const stoa_node *b)
{
  stoa_node *const node = STOA_NEW(arena, stoa_node);
  node->kind = kind;
  node->inputs[0] = a;
  node->inputs[1] = b;
  node->limit = UINT64_MAX;
  return node;
}

// xsd:dateTime(?time) > NOW: a day has no order with an instant, but it begins at one.
static const stoa_expr *compare(stoa_arena *arena, stoa_function f, stoa_var var, int64_t offset_us)
{
  stoa_expr *const v = STOA_NEW(arena, stoa_expr), *const at = STOA_NEW(arena, stoa_expr),
                   *const now = STOA_NEW(arena, stoa_expr), *const call = STOA_NEW(arena, stoa_expr);
  *v = (stoa_expr){.kind = STOA_EXPR_VAR, .var = var};
  at->kind = STOA_EXPR_CALL;
  at->function = STOA_FN_CAST;
  at->term = stoa_term_iri(stoa_slice_of(STOA_XSD "dateTime"));
  at->args = STOA_NEWS(arena, const stoa_expr *, 1);
  at->args[0] = v;
  at->n_args = 1;
  *now = (stoa_expr){.kind = STOA_EXPR_CALL, .function = STOA_FN_NOW, .term = stoa_term_integer(offset_us), .any_zone = true};
  call->kind = STOA_EXPR_CALL;
  call->function = f;
  call->args = STOA_NEWS(arena, const stoa_expr *, 2);
  call->args[0] = at;
  call->args[1] = now;
  call->n_args = 2;
  return call;
}

static const stoa_expr *at_least(const stoa_expr *value, stoa_term least, stoa_arena *arena)
{
  stoa_expr *const constant = STOA_NEW(arena, stoa_expr), *const call = STOA_NEW(arena, stoa_expr);
  *constant = (stoa_expr){.kind = STOA_EXPR_TERM, .term = least};
  *call = (stoa_expr){.kind = STOA_EXPR_CALL, .function = STOA_FN_GE, .args = STOA_NEWS(arena, const stoa_expr *, 2), .n_args = 2};
  call->args[0] = value;
  call->args[1] = constant;
  return call;
}

static const stoa_node *filtered(stoa_arena *arena, const stoa_node *input, const stoa_expr *expr)
{
  stoa_node *const filter = node_new(arena, STOA_NODE_FILTER, input, NULL);
  filter->expr = expr;
  return filter;
}

// VALUES over a variable, whose rows are given when the plan is run.
static const stoa_node *asked(stoa_var asked_var, uint32_t slot, bool many, stoa_arena *arena)
{
  stoa_node *const values = node_new(arena, STOA_NODE_VALUES, NULL, NULL);
  stoa_var *const var = STOA_NEW(arena, stoa_var);
  *var = asked_var;
  values->vars = var;
  values->n_vars = 1;
  values->slot = slot;
  values->slot_many = many;
  return values;
}

static const stoa_node *asked_entities(const stoa_view *v, bool many, stoa_arena *arena)
{
  return asked(v->entity_var, 1, many, arena);
}

// The events that may lie in a window of somebody who is asked about.
static const stoa_node *within_windows(const stoa_view *v, const stoa_node *body, int64_t span_us, stoa_arena *arena)
{
  int64_t longest = 0;
  for (uint32_t i = 0; i < v->windows.n; ++i) {
    longest = v->windows.items[i] > longest ? v->windows.items[i] : longest;
  }
  const int64_t from = -longest * 1000000 - ZONES_US - span_us, to = ZONES_US;
  body = filtered(arena, body, compare(arena, STOA_FN_GT, v->time_var, from));
  return filtered(arena, body, compare(arena, STOA_FN_LE, v->time_var, to));
}

// ---- rows that are gathered come in an order

// The query's own, and then that of the elements, so that the same rows always make the same lists.
static stoa_node *ordered(const stoa_view *v, const stoa_node *input, const stoa_node *own, stoa_arena *arena)
{
  const uint32_t n_own = own ? own->n_orders : 0, n = v->features.n;
  stoa_order *const orders = STOA_NEWS(arena, stoa_order, n_own + n + 1);
  stoa_expr *const vars = STOA_NEWS(arena, stoa_expr, n + 1);
  stoa_node *const order = node_new(arena, STOA_NODE_ORDER, input, NULL);
  for (uint32_t i = 0; i < n_own; ++i) {
    orders[order->n_orders++] = own->orders[i];
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (v->features.items[i].type == STOA_FEATURE_LIST) {
      vars[i] = (stoa_expr){.kind = STOA_EXPR_VAR, .var = v->features.items[i].var};
      orders[order->n_orders++].expr = &vars[i];
    }
  }
  order->orders = orders;
  return order;
}

// The same query for the entities asked, with the order on top of the join, which keeps none.  NULL: it is cut.
static const stoa_node *gathered(const stoa_view *v, const stoa_node *node, const stoa_node *values, stoa_arena *arena)
{
  if (node->kind == STOA_NODE_DISTINCT) {
    const stoa_node *const below = gathered(v, node->inputs[0], values, arena);
    return below ? node_new(arena, STOA_NODE_DISTINCT, below, NULL) : NULL;
  }
  if (node->kind != STOA_NODE_PROJECT) {
    return NULL;
  }
  const stoa_node *const own = node->inputs[0]->kind == STOA_NODE_ORDER ? node->inputs[0] : NULL;
  const stoa_node *const body = own ? own->inputs[0] : node->inputs[0];
  stoa_node *const project = STOA_NEW(arena, stoa_node);
  *project = *node;
  project->inputs[0] = ordered(v, node_new(arena, STOA_NODE_JOIN, values, body), own, arena);
  return project;
}

// `span_us`: of window views, how long before the instant asked about others may lie that are asked about too.
static stoa_status make_plan(const stoa_view *v, const stoa_project *project, bool many, int64_t span_us, stoa_arena *arena,
                             const stoa_plan **out, stoa_error *err)
{
  const stoa_node *const values = asked_entities(v, many, arena);
  stoa_query *const wrapped = STOA_NEW(arena, stoa_query);
  stoa_context context;
  *wrapped = *v->query;
  wrapped->root = node_new(arena, STOA_NODE_JOIN, values, v->query->root);
  if (stoa_view_gathers(v)) {
    wrapped->root = gathered(v, v->query->root, values, arena);
    if (!wrapped->root) {
      return stoa_error_at(err, STOA_UNSUPPORTED, (stoa_place){v->file, 1, 1},
                           "LIMIT and OFFSET are of the rows of all entities together, and would cut lists anywhere; "
                           "leave them out");
    }
  }
  if (v->kind == STOA_VIEW_WINDOW) {
    wrapped->root = node_new(arena, STOA_NODE_JOIN, values, within_windows(v, v->query->root, span_us, arena));
  }
  stoa_context_init(&context, 0);
  return stoa_plan_make(wrapped, &project->mapping.rewriter, &context, arena, out, err);
}

stoa_status stoa_view_plan_span(const stoa_view *view, const stoa_project *project, int64_t span_us, stoa_arena *arena,
                                const stoa_plan **out, stoa_error *err)
{
  return make_plan(view, project, true, span_us, arena, out, err);
}

// The view's columns and the record, over its body.
static const stoa_node *with_record(const stoa_view *v, stoa_var record, stoa_query *out, stoa_arena *arena)
{
  const stoa_node *const root = v->query->root;
  stoa_var *const vars = STOA_NEWS(arena, stoa_var, root->n_vars + 1);
  stoa_node *const project = node_new(arena, STOA_NODE_PROJECT, root->inputs[0], NULL);
  bool known = false;
  for (uint32_t i = 0; i < root->n_vars; ++i) {
    vars[i] = root->vars[i];
    known |= vars[i] == record;
  }
  vars[root->n_vars] = record;
  project->vars = vars;
  project->n_vars = root->n_vars + !known;
  *out = *v->query;
  out->columns = vars;
  out->n_columns = project->n_vars;
  return project;
}

stoa_status stoa_view_plan_records(const stoa_view *view, const stoa_project *project, stoa_var record, bool given,
                                   stoa_arena *arena, const stoa_plan **out, stoa_error *err)
{
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  const stoa_node *body = within_windows(view, with_record(view, record, query, arena), 0, arena);
  stoa_context context;
  if (given) {
    body = node_new(arena, STOA_NODE_JOIN, asked(record, 2, false, arena), body);
  }
  query->root = node_new(arena, STOA_NODE_JOIN, asked_entities(view, false, arena), body);
  stoa_context_init(&context, 0);
  return stoa_plan_make(query, &project->mapping.rewriter, &context, arena, out, err);
}

// SELECT ?entity ?mark over the body, those of `last` or more; or the greatest alone.
stoa_status stoa_view_plan_since(const stoa_view *v, const stoa_project *project, stoa_term last, stoa_arena *arena,
                                 const stoa_plan **out, stoa_error *err)
{
  stoa_query *const query = STOA_NEW(arena, stoa_query);
  stoa_var *const vars = STOA_NEWS(arena, stoa_var, 2);
  stoa_expr *const mark = STOA_NEW(arena, stoa_expr);
  const stoa_node *body = v->query->root;
  stoa_context context;
  vars[0] = v->entity_var, vars[1] = v->watermark_var;
  *mark = (stoa_expr){.kind = STOA_EXPR_VAR, .var = v->watermark_var};
  if (stoa_term_is_bound(last)) {
    body = filtered(arena, body, at_least(mark, last, arena));
  } else {
    stoa_node *const order = node_new(arena, STOA_NODE_ORDER, body, NULL);
    stoa_order *const descending = STOA_NEW(arena, stoa_order);
    *descending = (stoa_order){mark, true};
    order->orders = descending;
    order->n_orders = 1;
    body = order;
  }
  stoa_node *const project_node = node_new(arena, STOA_NODE_PROJECT, body, NULL);
  project_node->vars = vars;
  project_node->n_vars = 2;
  stoa_node *const top =
    node_new(arena, stoa_term_is_bound(last) ? STOA_NODE_DISTINCT : STOA_NODE_SLICE, project_node, NULL);
  top->limit = stoa_term_is_bound(last) ? UINT64_MAX : 1;
  *query = *v->query;
  query->columns = vars;
  query->n_columns = 2;
  query->root = top;
  stoa_context_init(&context, 0);
  return stoa_plan_make(query, &project->mapping.rewriter, &context, arena, out, err);
}

// SELECT DISTINCT ?entity over the body without bounds of time: who has an event at all.
static stoa_status make_known(const stoa_view *v, stoa_registry *r, bool many, const stoa_plan **out, stoa_error *err)
{
  stoa_arena *const arena = &r->arena;
  const stoa_node *const values = asked_entities(v, many, arena);
  stoa_query *const wrapped = STOA_NEW(arena, stoa_query);
  stoa_context context;
  stoa_node *const joined = node_new(arena, STOA_NODE_JOIN, values, v->query->root);
  stoa_node *const project = node_new(arena, STOA_NODE_PROJECT, joined, NULL);
  project->vars = values->vars;
  project->n_vars = 1;
  *wrapped = *v->query;
  wrapped->columns = values->vars;
  wrapped->n_columns = 1;
  wrapped->root = node_new(arena, STOA_NODE_DISTINCT, project, NULL);
  stoa_context_init(&context, 0);
  return stoa_plan_make(wrapped, &r->project->mapping.rewriter, &context, arena, out, err);
}

// A class or property that nothing is mapped to makes a feature silently empty: refuse it by name.
static stoa_status check_names(const stoa_query *query, const stoa_registry *r, stoa_error *err)
{
  stoa_faults faults = {0};
  stoa_vocabulary_check(r->project, query, &faults);
  if (faults.n_items) { // what is a warning for a query is an error here
    const stoa_error *const first = &faults.items[0];
    const size_t n = strncmp(first->text, "warning: ", 9) == 0 ? 9 : 0;
    *err = *first;
    memmove(err->text, first->text + n, strlen(first->text) - n + 1);
  }
  stoa_faults_done(&faults);
  return err->status;
}

static void note_registry(const stoa_pattern *pattern, void *data)
{
  const stoa_pattern **const found = data;
  if (pattern->graph.var == STOA_NO_VAR && stoa_term_is_iri(pattern->graph.term) &&
      stoa_slice_is(stoa_term_text(pattern->graph.term), STOA_REGISTRY)) {
    *found = pattern;
  }
}

// The registry tells of this view too: it is made when all views are.
static stoa_status check_graphs(const stoa_query *query, stoa_error *err)
{
  const stoa_pattern *found = NULL;
  stoa_node_patterns(query->root, note_registry, &found);
  return !found ? STOA_OK
                : stoa_error_at(err, STOA_UNSUPPORTED, found->place,
                                "a feature is of the data; what is declared of features (<%s>) is for queries alone",
                                STOA_REGISTRY);
}

typedef struct {
  stoa_var var;
  const stoa_rewriter *rewriter;
  stoa_arena *arena;
  uint32_t n;         ///< patterns that the time is the object of
  stoa_kinds kinds;   ///< that their mappings make
  stoa_status status;
  stoa_error *err;
} time_kinds;

static void take_kinds(const stoa_pattern *pattern, void *data)
{
  time_kinds *const t = data;
  stoa_leaves leaves = {0};
  stoa_context context;
  if (pattern->object.var != t->var || t->status != STOA_OK) {
    return;
  }
  stoa_context_init(&context, 0);
  t->n++;
  t->status = t->rewriter->define(t->rewriter, pattern, &context, t->arena, &leaves, t->err);
  for (uint32_t i = 0; i < leaves.n; ++i) {
    t->kinds |= leaves.items[i]->native ? STOA_KIND_ANY : stoa_ctor_kinds(&leaves.items[i]->object);
  }
}

// A time that its mappings make no time of leaves every event out: refuse it by name.
static stoa_status check_time(const stoa_view *v, stoa_var var, const char *name, stoa_place place, stoa_registry *r,
                              stoa_error *err)
{
  time_kinds t = {.var = var, .rewriter = &r->project->mapping.rewriter, .arena = &r->arena, .err = err};
  stoa_node_patterns(v->query->root, take_kinds, &t);
  STOA_TRY(t.status);
  return t.n == 0 || t.kinds & (STOA_KIND_DATE | STOA_KIND_DATETIME)
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_TYPE, place,
                           "?%s is mapped to no xsd:dateTime or xsd:date; map it with that rr:datatype, or cast it in "
                           "the query: BIND(xsd:dateTime(?text) AS ?%s)",
                           name, name);
}

// Values that have no order tell of nobody that his rows are new.
static stoa_status check_watermark(const stoa_view *v, stoa_registry *r, stoa_error *err)
{
  time_kinds t = {.var = v->watermark_var, .rewriter = &r->project->mapping.rewriter, .arena = &r->arena, .err = err};
  stoa_node_patterns(v->query->root, take_kinds, &t);
  STOA_TRY(t.status);
  return t.n == 0 || t.kinds & (STOA_KIND_NUMBER | STOA_KIND_DATETIME | STOA_KIND_DATE)
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_TYPE, v->watermark_place,
                           "?%s is mapped to no number, xsd:dateTime or xsd:date; a watermark grows with each row that comes",
                           v->watermark_name);
}

static stoa_status check_times(const stoa_view *v, stoa_registry *r, stoa_error *err)
{
  if (v->watermark_name) {
    STOA_TRY(check_watermark(v, r, err));
  }
  if (v->time_var != STOA_NO_VAR) {
    STOA_TRY(check_time(v, v->time_var, v->time_name, v->time_place, r, err));
  }
  return v->known_name ? check_time(v, v->known_var, v->known_name, v->known_place, r, err) : STOA_OK;
}

// A vector is of the source that is declared, and of no other.
static stoa_status check_source(const stoa_view *v, stoa_registry *r, stoa_error *err)
{
  const stoa_yaml *const source = stoa_yaml_find(v->header, "source");
  stoa_lineage columns = {0};
  if (!source) {
    return STOA_OK;
  }
  stoa_lineage_of_var(v->plan_one, v->features.items[0].var, &r->arena, &columns);
  for (uint32_t i = 0; i < columns.n; ++i) {
    if (strcmp(columns.items[i].source, source->text) != 0) {
      return stoa_error_at(err, STOA_BAD_ARG, source->place, "the vector is read from source \"%s\" (%s.%s), not from \"%s\"",
                           columns.items[i].source, columns.items[i].table, columns.items[i].column, source->text);
    }
  }
  return columns.n ? STOA_OK
                   : stoa_error_at(err, STOA_BAD_ARG, source->place, "the vector is read from no source");
}

stoa_status stoa_view_compile(stoa_view *view, stoa_registry *registry, stoa_error *err)
{
  STOA_TRY(check_graphs(view->query, err));
  STOA_TRY(check_names(view->query, registry, err));
  STOA_TRY(check_times(view, registry, err));
  if (view->kind == STOA_VIEW_WINDOW) {
    STOA_TRY(make_known(view, registry, false, &view->of_events.one, err));
    STOA_TRY(make_known(view, registry, true, &view->of_events.many, err));
  }
  STOA_TRY(make_plan(view, registry->project, false, 0, &registry->arena, &view->plan_one, err));
  STOA_TRY(check_source(view, registry, err));
  return make_plan(view, registry->project, true, 0, &registry->arena, &view->plan_many, err);
}
