// Conditions are the features of a hidden view of kind request, which reads those of the view that is watched.
#include "features/condition.h"
#include "features/watch.h"
#include "graph/base/file.h"
#include "graph/sparql/parser.h"
#include <stdio.h>

struct stoa_conditions {
  stoa_view rows; ///< of kind request: a boolean for each condition
};

// The conditions from `first` on, `n` of them, as a query of expressions.
static stoa_slice text_of(const stoa_view *view, const stoa_yaml *node, uint32_t first, uint32_t n, stoa_arena *arena)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < view->query->n_prefixes; ++i) {
    const stoa_prefix *const p = &view->query->prefixes[i];
    stoa_buf_print(&text, "PREFIX %.*s: <%.*s> ", (int)p->name.length, p->name.data, (int)p->iri.length, p->iri.data);
  }
  stoa_buf_text(&text, "SELECT");
  for (uint32_t i = first; i < first + n; ++i) {
    stoa_buf_print(&text, " (IF(%s, true, false) AS ?_holds%u)", node->items[i].text, i);
  }
  stoa_buf_text(&text, " {}");
  const stoa_slice copy = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return copy;
}

static bool is_result(const char *name)
{
  return strncmp(name, "_holds", 6) == 0;
}

static int feature_of(const stoa_view *view, const char *name)
{
  const size_t skip = strlen(view->name) + 2; // VIEW__
  for (uint32_t i = 0; i < view->features.n; ++i) {
    if (strcmp(view->features.items[i].name + skip, name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

static stoa_status refuse_name(const stoa_view *view, const char *name, stoa_place place, stoa_arena *arena,
                               stoa_error *err)
{
  const size_t skip = strlen(view->name) + 2;
  const char **const names = STOA_NEWS(arena, const char *, view->features.n + 1);
  for (uint32_t i = 0; i < view->features.n; ++i) {
    names[i] = view->features.items[i].name + skip;
  }
  const char *const near = stoa_nearest(name, names, view->features.n);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "the view has no feature ?%s%s%s%s", name, near ? "; did you mean ?" : "",
                       near ? near : "", near ? "?" : "");
}

// One condition by itself, so that its fault has its place.
static stoa_status check_one(const stoa_view *view, const stoa_yaml *node, uint32_t i, stoa_registry *r, stoa_error *err)
{
  const stoa_yaml *const item = &node->items[i];
  const stoa_query *query;
  stoa_error fault = {0};
  if (item->kind != STOA_YAML_SCALAR || !item->text || !item->text[0] || !item->key[0] ||
      strspn(item->key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(item->key)) {
    return stoa_error_at(err, STOA_BAD_ARG, item->key_place,
                         "\"watch\" is {NAME: \"CONDITION\", ...}; a name has letters, digits and _");
  }
  const stoa_slice text = text_of(view, node, i, 1, &r->arena);
  if (stoa_query_read(text, view->file, r->project->base, &r->arena, &query, &fault) != STOA_OK) {
    return stoa_error_at(err, STOA_BAD_SYNTAX, item->place, "condition %s is no expression of SPARQL: %s", item->key, fault.text);
  }
  if (stoa_query_reads(query) || query->n_columns != 1) {
    return stoa_error_at(err, STOA_BAD_ARG, item->place, "condition %s may speak of the view's features alone", item->key);
  }
  for (stoa_var v = 0; v < query->n_vars; ++v) {
    if (!is_result(query->names[v]) && feature_of(view, query->names[v]) < 0) {
      return refuse_name(view, query->names[v], item->place, &r->arena, err);
    }
  }
  return STOA_OK;
}

static void add_inputs(stoa_view *rows, const stoa_view *view, stoa_place place, stoa_arena *arena)
{
  for (stoa_var v = 0; v < rows->query->n_vars; ++v) {
    if (!is_result(rows->query->names[v])) {
      const stoa_view_input input = {
        .var = v, .place = place, .view = view, .feature = (uint32_t)feature_of(view, rows->query->names[v])};
      STOA_PUSH(arena, &rows->inputs, input);
    }
  }
}

static void add_results(stoa_view *rows, const stoa_yaml *node, stoa_arena *arena)
{
  for (uint32_t i = 0; i < node->n_items; ++i) {
    stoa_feature f = {.name = node->items[i].key, .type = STOA_FEATURE_BOOLEAN, .distinct = STOA_NO_VAR, .slot = -1};
    char name[24];
    snprintf(name, sizeof name, "_holds%u", i);
    for (stoa_var v = 0; v < rows->query->n_vars; ++v) {
      f.var = strcmp(rows->query->names[v], name) == 0 ? v : f.var;
    }
    STOA_PUSH(arena, &rows->features, f);
  }
}

stoa_status stoa_conditions_read(stoa_view *view, stoa_registry *r, const stoa_yaml *node, stoa_error *err)
{
  if (!node) {
    return STOA_OK;
  }
  if (node->kind != STOA_YAML_MAP || node->n_items == 0) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place, "\"watch\" is {NAME: \"CONDITION\", ...}");
  }
  if (node->n_items > STOA_MOST_CONDITIONS) {
    return stoa_error_at(err, STOA_TOO_LARGE, node->place, "a view has at most %d conditions", STOA_MOST_CONDITIONS);
  }
  if (!view->fresh_us) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place,
                         "a view that is watched keeps its rows; say how old they may be by its \"freshness\"");
  }
  for (uint32_t i = 0; i < node->n_items; ++i) {
    STOA_TRY(check_one(view, node, i, r, err));
  }
  stoa_conditions *const c = STOA_NEW(&r->arena, stoa_conditions);
  c->rows = (stoa_view){.name = view->name,
                        .file = view->file,
                        .kind = STOA_VIEW_REQUEST,
                        .entity = view->entity,
                        .entity_var = STOA_NO_VAR,
                        .time_var = STOA_NO_VAR};
  STOA_TRY(stoa_query_read(text_of(view, node, 0, node->n_items, &r->arena), view->file, r->project->base, &r->arena,
                           &c->rows.query, err));
  add_inputs(&c->rows, view, node->place, &r->arena);
  add_results(&c->rows, node, &r->arena);
  STOA_TRY(stoa_request_compile(&c->rows, r, err));
  view->conditions = c;
  for (uint32_t i = 0; i < node->n_items; ++i) {
    const stoa_watched watched = {node->items[i].key, node->items[i].text};
    STOA_PUSH(&r->arena, &view->watched, watched);
  }
  return STOA_OK;
}

stoa_status stoa_conditions_hold(const stoa_view *view, const stoa_term *values, uint32_t n_rows, stoa_context *context,
                                 stoa_arena *arena, bool *out, stoa_error *err)
{
  const stoa_view *const rows = &view->conditions->rows;
  const uint32_t n = rows->features.n;
  const stoa_term **const inputs = STOA_NEWS(arena, const stoa_term *, rows->inputs.n + 1);
  stoa_term *const results = STOA_NEWS(arena, stoa_term, (size_t)n * n_rows + 1);
  for (uint32_t k = 0; k < rows->inputs.n; ++k) {
    stoa_term *const column = STOA_NEWS(arena, stoa_term, n_rows + 1);
    for (uint32_t i = 0; i < n_rows; ++i) {
      column[i] = values[(size_t)i * view->features.n + rows->inputs.items[k].feature];
    }
    inputs[k] = column;
  }
  stoa_view_row *const ignored = STOA_NEWS(arena, stoa_view_row, n_rows + 1);
  STOA_TRY(stoa_request_compute(rows, NULL, inputs, n_rows, context, arena, results, ignored, err));
  for (uint32_t i = 0; i < n * n_rows; ++i) {
    out[i] = results[i].kind == STOA_TERM_BOOLEAN && results[i].as.integer;
  }
  return STOA_OK;
}

bool stoa_conditions_ask(const stoa_view *view, uint32_t feature)
{
  bool asks = false;
  for (uint32_t k = 0; k < view->conditions->rows.inputs.n; ++k) {
    asks |= view->conditions->rows.inputs.items[k].feature == feature;
  }
  return asks;
}
