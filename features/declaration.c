// One feature view: a .rq file whose "#+" lines are a YAML header (grlc's convention), so that the file
// stays legal SPARQL and runs in any SPARQL tool; or a .sql file with "--+" lines, which is semantic SQL.
#include "features/condition.h"
#include "features/list.h"
#include "features/vector.h"
#include "features/watermark.h"
#include "graph/base/file.h"
#include "graph/base/map.h"
#include "graph/semantic/semantic.h"
#include "graph/sparql/parser.h"
#include "graph/term/vocab.h"
#include "ontology/lexicon.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  stoa_registry *registry;
  stoa_arena *arena;
  const stoa_yaml *yaml;
  const stoa_query *query;
  stoa_view *view;
  stoa_error *err;
} reader;

static stoa_var find_var(const reader *r, const char *name)
{
  for (stoa_var v = 0; v < r->query->n_vars; ++v) {
    if (strcmp(r->query->names[v], name) == 0) {
      return v;
    }
  }
  return STOA_NO_VAR;
}

static stoa_status need_column(const reader *r, const char *name, stoa_place place, stoa_var *out)
{
  const stoa_var var = find_var(r, name);
  for (uint32_t i = 0; i < r->query->n_columns; ++i) {
    if (r->query->columns[i] == var && var != STOA_NO_VAR) {
      *out = var;
      return STOA_OK;
    }
  }
  const char **const names = STOA_NEWS(r->arena, const char *, r->query->n_columns);
  for (uint32_t i = 0; i < r->query->n_columns; ++i) {
    names[i] = r->query->names[r->query->columns[i]];
  }
  const char *const near = stoa_nearest(name, names, r->query->n_columns);
  return stoa_error_at(r->err, STOA_BAD_ARG, place, "the query does not select ?%s%s%s%s", name,
                       near ? "; did you mean ?" : "", near ? near : "", near ? "?" : "");
}

static stoa_status optional_column(const reader *r, const char *key, stoa_var *out)
{
  const stoa_yaml *const node = stoa_yaml_find(r->yaml, key);
  *out = STOA_NO_VAR;
  return node ? need_column(r, node->text ? node->text : "", node->place, out) : STOA_OK;
}

static stoa_status read_type(const reader *r, const stoa_yaml *node, stoa_feature *out)
{
  const char *near;
  const char *const text = node->text ? node->text : "";
  if (stoa_feature_type_read(text, out, &near)) {
    return STOA_OK;
  }
  return near
           ? stoa_error_at(r->err, STOA_BAD_ARG, node->place, "unknown type \"%s\"; did you mean \"%s\"?", text, near)
           : stoa_error_at(r->err, STOA_BAD_ARG, node->place,
                           "unknown type \"%s\"; use int32, int64, float, double, decimal, decimal(p,s), string, "
                           "boolean, timestamp, bytes, or list(TYPE) of one of them",
                           text);
}

// Where there is but one value.
static stoa_status read_plain_type(const reader *r, const stoa_yaml *node, stoa_feature *out)
{
  STOA_TRY(read_type(r, node, out));
  return out->type != STOA_FEATURE_LIST
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, node->place,
                           "\"%s\": lists are features of views of kind query and request", node->text);
}

static stoa_term fallback_of(const reader *r, const char *name, const stoa_feature *f)
{
  const stoa_yaml *const node = stoa_yaml_find(stoa_yaml_find(r->yaml, "default"), name);
  stoa_term fallback = {0};
  return node && stoa_feature_default(f, node, r->arena, &fallback) ? fallback : (stoa_term){0};
}

// What is said of a feature that is not there would say nothing.
static stoa_status check_named(const reader *r, const char *key, const char *const *names, uint32_t n)
{
  const stoa_yaml *const map = stoa_yaml_find(r->yaml, key);
  if (map && map->kind != STOA_YAML_MAP) {
    return stoa_error_at(r->err, STOA_BAD_ARG, map->place, "\"%s\" is {FEATURE: VALUE, ...}", key);
  }
  for (uint32_t i = 0; map && i < map->n_items; ++i) {
    const stoa_yaml *const node = &map->items[i];
    uint32_t k = 0;
    while (k < n && strcmp(names[k], node->key) != 0) {
      ++k;
    }
    if (k == n) {
      const char *const near = stoa_nearest(node->key, names, n);
      return stoa_error_at(r->err, STOA_BAD_ARG, node->key_place, "\"%s\" names \"%s\", which is no feature here%s%s%s",
                           key, node->key, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    }
  }
  return STOA_OK;
}

// A default that is no value of its type would never be served.
static stoa_status check_defaults(const reader *r, const char *const *names, const stoa_feature *const *features,
                                  uint32_t n)
{
  STOA_TRY(check_named(r, "default", names, n));
  const stoa_yaml *const defaults = stoa_yaml_find(r->yaml, "default");
  for (uint32_t i = 0; defaults && i < defaults->n_items; ++i) {
    const stoa_yaml *const node = &defaults->items[i];
    uint32_t k = 0;
    while (k < n && strcmp(names[k], node->key) != 0) {
      ++k;
    }
    if (!stoa_term_is_bound(features[k]->fallback)) {
      return stoa_error_at(r->err, STOA_BAD_ARG, node->place, "the default of \"%s\" is no value of its type: %s",
                           node->key,
                           features[k]->type == STOA_FEATURE_LIST ? "a list is written as [VALUE, ...]"
                           : node->text                           ? node->text
                                                                  : "(no text)");
    }
  }
  return STOA_OK;
}

// The text of a key's part: `entity: {VARIABLE: KEY}`, or `{VARIABLE: [KEY, KEY]}`.
static bool has_keys(const stoa_entity *e, const stoa_yaml *node)
{
  const uint32_t n = node->kind == STOA_YAML_LIST ? node->n_items : 1;
  for (uint32_t i = 0; n == e->n_keys && i < n; ++i) {
    const char *const text = node->kind == STOA_YAML_LIST ? node->items[i].text : node->text;
    if (!text || strcmp(text, e->keys[i]) != 0) {
      return false;
    }
  }
  return n == e->n_keys;
}

static stoa_status read_entity(reader *r)
{
  const stoa_yaml *const entity = stoa_yaml_find(r->yaml, "entity");
  if (!entity || entity->kind != STOA_YAML_MAP || entity->n_items != 1) {
    return stoa_error_at(r->err, STOA_BAD_ARG, entity ? entity->place : r->yaml->place,
                         "needs \"entity: {VARIABLE: KEY}\" with one variable of the query");
  }
  const stoa_yaml *const keys = &entity->items[0];
  r->view->entity_var = find_var(r, keys->key); // a request view need not speak of it
  if (r->view->kind != STOA_VIEW_REQUEST) {
    STOA_TRY(need_column(r, keys->key, keys->key_place, &r->view->entity_var));
  }
  for (uint32_t i = 0; i < r->registry->entities.n; ++i) {
    if (has_keys(&r->registry->entities.items[i], keys)) {
      r->view->entity = &r->registry->entities.items[i];
      return STOA_OK;
    }
  }
  const char *const key = keys->kind == STOA_YAML_LIST && keys->n_items ? keys->items[0].text : keys->text;
  return stoa_error_at(r->err, STOA_NOT_FOUND, keys->place, "no entity of features/entities.yaml has the key \"%s\"%s",
                       key ? key : "", keys->kind == STOA_YAML_LIST ? " and the others, in that order" : "");
}

// ---- query views

static stoa_status read_query_features(reader *r)
{
  const stoa_yaml *const list = stoa_yaml_find(r->yaml, "features");
  if (!list || list->kind != STOA_YAML_MAP || list->n_items == 0) {
    return stoa_error_at(r->err, STOA_BAD_ARG, r->yaml->place,
                         "a view of kind %s needs \"features: {VARIABLE: TYPE, ...}\"",
                         r->view->kind == STOA_VIEW_QUERY ? "query" : "request");
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    stoa_feature f = {.name = stoa_arena_print(r->arena, "%s__%s", r->view->name, list->items[i].key)};
    STOA_TRY(read_type(r, &list->items[i], &f));
    STOA_TRY(need_column(r, list->items[i].key, list->items[i].key_place, &f.var));
    f.fallback = fallback_of(r, list->items[i].key, &f);
    STOA_PUSH(r->arena, &r->view->features, f);
  }
  const char **const names = STOA_NEWS(r->arena, const char *, list->n_items);
  const stoa_feature **const features = STOA_NEWS(r->arena, const stoa_feature *, list->n_items);
  for (uint32_t i = 0; i < list->n_items; ++i) {
    names[i] = list->items[i].key;
    features[i] = &r->view->features.items[i];
  }
  return check_defaults(r, names, features, list->n_items);
}

// ---- embeddings: `vector: VARIABLE`, `dimensions: N`; a row for each element with `index: VARIABLE`

static stoa_status read_vector_type(reader *r, stoa_feature *out)
{
  const stoa_yaml *const element = stoa_yaml_find(r->yaml, "element");
  const char *const word = element && element->text ? element->text : "float";
  const bool is_float = strcmp(word, "float") == 0;
  int64_t dimensions = 0;
  if (!is_float && strcmp(word, "double") != 0) {
    return stoa_error_at(r->err, STOA_BAD_ARG, element->place, "\"element\" is float (of 32 bits) or double");
  }
  STOA_TRY(stoa_yaml_integer(r->yaml, "dimensions", 1, STOA_MOST_DIMENSIONS, &dimensions, r->err));
  if (dimensions == 0) {
    return stoa_error_at(r->err, STOA_BAD_ARG, r->yaml->place, "a view of kind embedding needs \"dimensions: N\"");
  }
  *out = (stoa_feature){.type = STOA_FEATURE_LIST,
                        .element = is_float ? STOA_FEATURE_FLOAT : STOA_FEATURE_DOUBLE,
                        .word = is_float ? "list(float)" : "list(double)",
                        .dimensions = (uint32_t)dimensions};
  return STOA_OK;
}

static bool has_dimensions(const stoa_feature *f, stoa_arena *arena)
{
  const stoa_json *array;
  return stoa_list_read(f->fallback, arena, &array) && array->n_items == f->dimensions;
}

static stoa_status read_embedding(reader *r)
{
  const stoa_yaml *const vector = stoa_yaml_find(r->yaml, "vector");
  stoa_feature f;
  if (!vector || !vector->text) {
    return stoa_error_at(r->err, STOA_BAD_ARG, vector ? vector->place : r->yaml->place,
                         "a view of kind embedding needs \"vector: VARIABLE\"");
  }
  STOA_TRY(read_vector_type(r, &f));
  STOA_TRY(optional_column(r, "index", &r->view->index_var));
  r->view->index_name = stoa_yaml_text(r->yaml, "index", NULL);
  STOA_TRY(need_column(r, vector->text, vector->place, &f.var));
  f.name = stoa_arena_print(r->arena, "%s__%s", r->view->name, vector->text);
  f.fallback = fallback_of(r, vector->text, &f);
  STOA_PUSH(r->arena, &r->view->features, f);
  const stoa_feature *const only = &r->view->features.items[0];
  const char *const name = vector->text;
  STOA_TRY(check_defaults(r, &name, &only, 1));
  return stoa_term_is_bound(only->fallback) && !has_dimensions(only, r->arena)
           ? stoa_error_at(r->err, STOA_BAD_ARG, stoa_yaml_find(r->yaml, "default")->place,
                           "the default of \"%s\" has another number of elements than the %u dimensions", name,
                           only->dimensions)
           : STOA_OK;
}

// ---- request views: `inputs: {VARIABLE: TYPE}` come with the request, `reads: {VARIABLE: "view:feature"}` are
// features

static stoa_status check_input(const reader *r, const stoa_yaml *node, const stoa_view_input *input)
{
  if (input->var == STOA_NO_VAR) {
    return stoa_error_at(r->err, STOA_BAD_ARG, node->key_place, "the query does not speak of ?%s", node->key);
  }
  for (uint32_t i = 0; i < r->view->inputs.n; ++i) {
    if (r->view->inputs.items[i].var == input->var) {
      return stoa_error_at(r->err, STOA_EXISTS, node->key_place, "?%s is declared twice", node->key);
    }
  }
  return STOA_OK;
}

static stoa_status read_inputs(reader *r)
{
  static const char *const keys[] = {"inputs", "reads"};
  for (int k = 0; k < 2; ++k) {
    const stoa_yaml *const map = stoa_yaml_find(r->yaml, keys[k]);
    if (map && map->kind != STOA_YAML_MAP) {
      return stoa_error_at(r->err, STOA_BAD_ARG, map->place,
                           k ? "\"reads\" is {VARIABLE: \"view:feature\", ...}"
                             : "\"inputs\" is {VARIABLE: TYPE, ...}");
    }
    for (uint32_t i = 0; map && i < map->n_items; ++i) {
      const stoa_yaml *const node = &map->items[i];
      stoa_view_input input = {.var = find_var(r, node->key), .place = node->place};
      STOA_TRY(check_input(r, node, &input));
      if (k == 0) {
        input.name = node->key;
        STOA_TRY(read_plain_type(r, node, &input.input));
      } else {
        input.reference = node->text ? node->text : "";
      }
      STOA_PUSH(r->arena, &r->view->inputs, input);
    }
  }
  return r->view->inputs.n ? STOA_OK
                           : stoa_error_at(r->err, STOA_BAD_ARG, r->yaml->place,
                                           "a view of kind request needs \"inputs: {VARIABLE: TYPE}\" or \"reads: "
                                           "{VARIABLE: \"view:feature\"}\"");
}

// ---- window views

static stoa_status read_aggregate(reader *r, const stoa_yaml *node, stoa_feature *f, const char **label)
{
  static const char *const names[] = {"count", "sum", "avg", "min", "max", "recency"};
  const char *const text = node->text ? node->text : "";
  const char *const value = r->view->value_var == STOA_NO_VAR ? "" : r->query->names[r->view->value_var];
  f->distinct = STOA_NO_VAR;
  for (int i = 0; i <= STOA_WINDOW_RECENCY; ++i) {
    if (strcmp(text, names[i]) != 0) {
      continue;
    }
    const bool needs_value = i != STOA_WINDOW_COUNT && i != STOA_WINDOW_RECENCY;
    if (needs_value && !value[0]) {
      return stoa_error_at(r->err, STOA_BAD_ARG, node->place, "aggregate \"%s\" needs \"value:\"", text);
    }
    f->kind = (stoa_window_kind)i;
    *label = needs_value ? stoa_arena_print(r->arena, "%s_%s", text, value) : text;
    return STOA_OK;
  }
  char inner[64];
  int percent = 0, n = 0;
  if (sscanf(text, "distinct(%63[^)])%n", inner, &n) == 1 && (size_t)n == strlen(text)) {
    f->kind = STOA_WINDOW_DISTINCT;
    *label = stoa_arena_print(r->arena, "distinct_%s", inner);
    return need_column(r, inner, node->place, &f->distinct);
  }
  if (sscanf(text, "p%2d%n", &percent, &n) == 1 && (size_t)n == strlen(text) && percent > 0 && value[0]) {
    f->kind = STOA_WINDOW_PERCENTILE;
    f->percent = percent;
    *label = stoa_arena_print(r->arena, "%s_%s", text, value);
    return STOA_OK;
  }
  return stoa_error_at(
    r->err, STOA_BAD_ARG, node->place,
    "unknown aggregate \"%s\"; use count, sum, avg, min, max, recency, distinct(VARIABLE) or p1 to p99", text);
}

static stoa_status read_windows(reader *r)
{
  enum { LONGEST_DAYS = 36600 };
  const stoa_yaml *const list = stoa_yaml_find(r->yaml, "windows");
  for (uint32_t i = 0; list && i < list->n_items; ++i) {
    int64_t seconds;
    if (!list->items[i].text || !stoa_yaml_span(list->items[i].text, &seconds) || seconds == 0 ||
        seconds > (int64_t)LONGEST_DAYS * 86400) {
      return stoa_error_at(r->err, STOA_BAD_ARG, list->items[i].place,
                           "a window is a number with s, m, h, d or w, such as 7d, and at most %dd", LONGEST_DAYS);
    }
    STOA_PUSH(r->arena, &r->view->windows, seconds);
    STOA_PUSH(r->arena, &r->view->window_names, list->items[i].text);
  }
  return r->view->windows.n
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, r->yaml->place, "a view of kind window needs \"windows: [7d, ...]\"");
}

static stoa_status read_by(reader *r)
{
  const stoa_yaml *const by = stoa_yaml_find(r->yaml, "by");
  r->view->by_var = STOA_NO_VAR;
  if (!by) {
    return STOA_OK;
  }
  if (by->kind != STOA_YAML_MAP || by->n_items != 1 || by->items[0].kind != STOA_YAML_LIST) {
    return stoa_error_at(r->err, STOA_BAD_ARG, by->place,
                         "\"by\" is {VARIABLE: [VALUE, ...]}, one variable with a closed list");
  }
  for (uint32_t i = 0; i < by->items[0].n_items; ++i) {
    if (!by->items[0].items[i].text || !by->items[0].items[i].text[0]) {
      return stoa_error_at(r->err, STOA_BAD_ARG, by->items[0].items[i].place, "a value of \"by\" is a text");
    }
    STOA_PUSH(r->arena, &r->view->by_values, by->items[0].items[i].text);
  }
  return need_column(r, by->items[0].key, by->items[0].key_place, &r->view->by_var);
}

static const char *const kind_names[] = {"query", "window", "request"};

const char *stoa_view_kind_name(const stoa_view *view)
{
  return view->is_embedding ? "embedding" : kind_names[view->kind];
}

// What only views of the other kinds have.
static stoa_status check_kind(const reader *r, const char *const *keys)
{
  for (size_t i = 0; keys[i]; ++i) {
    const stoa_yaml *const node = stoa_yaml_find(r->yaml, keys[i]);
    if (node) {
      return stoa_error_at(r->err, STOA_BAD_ARG, node->key_place, "a view of kind %s has no \"%s\"",
                           stoa_view_kind_name(r->view), keys[i]);
    }
  }
  return STOA_OK;
}

static stoa_feature_type natural_type(stoa_window_kind kind)
{
  return kind == STOA_WINDOW_COUNT || kind == STOA_WINDOW_DISTINCT || kind == STOA_WINDOW_RECENCY ? STOA_FEATURE_INTEGER
                                                                                                  : STOA_FEATURE_ANY;
}

// One column for each window and slot, in the order of the declaration: count_7d_app, count_7d_web, ...
static const char *aggregate_name(const stoa_yaml *aggregate)
{
  return aggregate->text && strchr(aggregate->text, '(') ? "distinct" : aggregate->text;
}

static stoa_status add_columns(reader *r, const stoa_yaml *aggregate)
{
  stoa_view *const v = r->view;
  stoa_feature f = {0};
  const char *label = "";
  STOA_TRY(read_aggregate(r, aggregate, &f, &label));
  const char *const name = aggregate_name(aggregate);
  const stoa_yaml *const declared = stoa_yaml_find(stoa_yaml_find(r->yaml, "type"), name);
  f.type = natural_type(f.kind);
  if (declared) {
    STOA_TRY(read_plain_type(r, declared, &f));
  }
  f.fallback = fallback_of(r, name, &f);
  const int n_by = (int)v->by_values.n;
  const int last = v->by_var == STOA_NO_VAR ? -1 : n_by;
  for (f.window = 0; f.window < v->windows.n; ++f.window) {
    for (f.slot = -1; f.slot <= last; ++f.slot) {
      const char *const slot = v->by_var == STOA_NO_VAR ? ""
                               : f.slot < 0             ? "_all"
                               : f.slot == n_by         ? "_other"
                                                        : stoa_arena_print(r->arena, "_%s", v->by_values.items[f.slot]);
      f.name = stoa_arena_print(r->arena, "%s__%s_%s%s", v->name, label, v->window_names.items[f.window], slot);
      STOA_PUSH(r->arena, &v->features, f);
    }
  }
  return STOA_OK;
}

static stoa_status read_window_features(reader *r)
{
  const stoa_yaml *const list = stoa_yaml_find(r->yaml, "aggregates");
  STOA_TRY(optional_column(r, "time", &r->view->time_var));
  STOA_TRY(optional_column(r, "value", &r->view->value_var));
  if (r->view->time_var == STOA_NO_VAR || !list || list->kind != STOA_YAML_LIST) {
    return stoa_error_at(r->err, STOA_BAD_ARG, r->yaml->place,
                         "a view of kind window needs \"time: VARIABLE\" and \"aggregates: [count, ...]\"");
  }
  STOA_TRY(read_by(r));
  STOA_TRY(read_windows(r));
  const char **const names = STOA_NEWS(r->arena, const char *, list->n_items + 1);
  uint32_t *const first = STOA_NEWS(r->arena, uint32_t, list->n_items + 1);
  for (uint32_t i = 0; i < list->n_items; ++i) {
    first[i] = r->view->features.n;
    STOA_TRY(add_columns(r, &list->items[i]));
    names[i] = aggregate_name(&list->items[i]);
  }
  const stoa_feature **const features = STOA_NEWS(r->arena, const stoa_feature *, list->n_items + 1);
  for (uint32_t i = 0; i < list->n_items; ++i) {
    features[i] = &r->view->features.items[first[i]];
  }
  STOA_TRY(check_named(r, "type", names, list->n_items));
  return check_defaults(r, names, features, list->n_items);
}

// How many the row is about must be told by the query: nobody else can count them.
static stoa_status read_group(reader *r)
{
  static const char *const keys[] = {"group", "least", NULL};
  enum { MOST = 1000000 };
  const stoa_yaml *const node = stoa_yaml_find(r->yaml, "min_group");
  const stoa_yaml *const group = stoa_yaml_find(node, "group"), *const least = stoa_yaml_find(node, "least");
  char *end;
  r->view->group_var = STOA_NO_VAR;
  if (!node) {
    return STOA_OK;
  }
  if (node->kind == STOA_YAML_MAP) {
    STOA_TRY(stoa_yaml_known(node, keys, r->err));
  }
  if (!group || !group->text || !least || !least->text) {
    return stoa_error_at(
      r->err, STOA_BAD_ARG, node->place,
      "\"min_group\" is {group: VARIABLE, least: NUMBER}; the variable counts whom the row is about, such "
      "as (COUNT(DISTINCT ?other) AS ?others)");
  }
  const long n = strtol(least->text, &end, 10);
  if (end == least->text || *end || n < 2 || n > MOST) {
    return stoa_error_at(r->err, STOA_BAD_ARG, least->place, "\"least\" is a number from 2 to %d", MOST);
  }
  r->view->least_group = (uint32_t)n;
  return need_column(r, group->text, group->place, &r->view->group_var);
}

static stoa_status check_span(const reader *r, const char *key)
{
  const stoa_yaml *const node = stoa_yaml_find(r->yaml, key);
  int64_t seconds;
  return !node || stoa_yaml_span(node->text, &seconds)
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, node->place, "\"%s\" is a number with s, m, h, d or w, such as 30s",
                           key);
}

static stoa_status read_freshness(reader *r)
{
  const stoa_yaml *const node = stoa_yaml_find(r->yaml, "freshness");
  int64_t seconds = 0;
  r->view->freshness = node && node->text ? node->text : "";
  if (!node || strcmp(r->view->freshness, "live") == 0) {
    return STOA_OK;
  }
  if (!stoa_yaml_span(node->text, &seconds) || seconds > INT64_C(36600) * 86400) {
    return stoa_error_at(r->err, STOA_BAD_ARG, node->place,
                         "\"freshness\" is \"live\", or a number with s, m, h, d or w, such as 30s");
  }
  r->view->fresh_us = seconds * 1000000;
  return STOA_OK;
}

static bool is_name(const char *name)
{
  const size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
  return n > 0 && !name[n];
}

// Clients ask for features by name: two of one name would be one.
static stoa_status check_unique(const reader *r)
{
  stoa_map seen = {0};
  for (uint32_t i = 0; i < r->view->features.n; ++i) {
    const char *const name = r->view->features.items[i].name;
    STOA_TRY(stoa_yaml_name(name, "a feature", r->yaml->place, r->err));
    if (stoa_map_find(&seen, stoa_slice_of(name))) {
      return stoa_error_at(r->err, STOA_EXISTS, r->yaml->place,
                           "two features are named %s; an aggregate, a window or a value of \"by\" stands twice", name);
    }
    stoa_map_add(&seen, r->arena, stoa_slice_of(name), (void *)name);
  }
  return STOA_OK;
}

// Every event counts whenever it comes, so that any promise is kept; one that promises nothing is a slip.
static stoa_status read_late(reader *r)
{
  const stoa_yaml *const late = stoa_yaml_find(r->yaml, "late");
  int64_t seconds = 0;
  if (!late) {
    return STOA_OK;
  }
  STOA_TRY(check_span(r, "late"));
  stoa_yaml_span(late->text, &seconds);
  if (seconds == 0 || seconds > INT64_C(36600) * 86400) {
    return stoa_error_at(r->err, STOA_BAD_ARG, late->place, "\"late\" is from 1s to 36600d");
  }
  r->view->late = late->text;
  return STOA_OK;
}

// Older rows are not served; nobody can tell the age of one without a time.
static stoa_status read_ttl(reader *r)
{
  const stoa_yaml *const ttl = stoa_yaml_find(r->yaml, "ttl");
  int64_t seconds = 0;
  if (!ttl) {
    return STOA_OK;
  }
  STOA_TRY(check_span(r, "ttl"));
  stoa_yaml_span(ttl->text, &seconds);
  if (seconds == 0 || seconds > INT64_C(36600) * 86400) {
    return stoa_error_at(r->err, STOA_BAD_ARG, ttl->place, "\"ttl\" is from 1s to 36600d");
  }
  if (r->view->time_var == STOA_NO_VAR) {
    return stoa_error_at(r->err, STOA_BAD_ARG, ttl->place,
                         "\"ttl\" needs \"time: VARIABLE\", the time of the entity's row");
  }
  r->view->ttl_us = seconds * 1000000;
  return STOA_OK;
}

// `purpose: [personalisation, credit]`, or one word.
static stoa_status read_purposes(reader *r)
{
  const stoa_yaml *const list = stoa_yaml_find(r->yaml, "purpose");
  const bool is_list = list && list->kind == STOA_YAML_LIST;
  const uint32_t n = !list ? 0 : is_list ? list->n_items : 1;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_yaml *const item = is_list ? &list->items[i] : list;
    if (item->kind != STOA_YAML_SCALAR || !item->text || !item->text[0]) {
      return stoa_error_at(r->err, STOA_BAD_ARG, item->place, "\"purpose\" is a word, or [WORD, ...]");
    }
    STOA_PUSH(r->arena, &r->view->purposes, item->text);
  }
  return STOA_OK;
}

static stoa_status read_kind(reader *r)
{
  const stoa_yaml *const at = stoa_yaml_find(r->yaml, "kind");
  const char *const kind = at && at->text ? at->text : "";
  for (size_t i = 0; i < sizeof kind_names / sizeof *kind_names; ++i) {
    if (strcmp(kind, kind_names[i]) == 0) {
      r->view->kind = (stoa_view_kind)i;
      return STOA_OK;
    }
  }
  r->view->is_embedding = strcmp(kind, "embedding") == 0; // a query of another feature
  r->view->kind = STOA_VIEW_QUERY;
  return r->view->is_embedding
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, at ? at->place : r->yaml->place,
                           "unknown kind \"%s\"; use window, query, request or embedding", kind);
}

// Rows that are not kept are read each time.
static stoa_status read_watermark(const reader *r)
{
  stoa_view *const v = r->view;
  STOA_TRY(optional_column(r, "watermark", &v->watermark_var));
  v->watermark_name = stoa_yaml_text(r->yaml, "watermark", NULL);
  v->watermark_place = v->watermark_name ? stoa_yaml_find(r->yaml, "watermark")->place : r->yaml->place;
  return !v->watermark_name || v->fresh_us
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, v->watermark_place,
                           "a watermark is of rows that are kept; say how old they may be by the view's \"freshness\"");
}

static stoa_status read_by_kind(reader *r)
{
  static const char *const others[][16] = {
    [STOA_VIEW_QUERY] = {"value", "by", "windows", "aggregates", "type", "inputs", "reads", "late", "watermark", NULL},
    [STOA_VIEW_WINDOW] = {"features", "inputs", "reads", "min_group", NULL},
    [STOA_VIEW_REQUEST] = {"time", "watermark", "known", "value", "by", "windows", "aggregates", "type", "ttl", "freshness", "late",
                           "min_group", "watch", NULL}};
  static const char *const of_embeddings[] = {"vector", "index", "dimensions", "element", "source", NULL};
  static const char *const others_of_embeddings[] = {"features", "watch", NULL};
  STOA_TRY(check_kind(r, others[r->view->kind]));
  STOA_TRY(check_kind(r, r->view->is_embedding ? others_of_embeddings : of_embeddings));
  r->view->time_var = STOA_NO_VAR;
  STOA_TRY(optional_column(r, "known", &r->view->known_var));
  STOA_TRY(read_watermark(r));
  STOA_TRY(read_group(r));
  STOA_TRY(read_late(r));
  if (r->view->kind == STOA_VIEW_WINDOW) {
    STOA_TRY(read_window_features(r));
    return read_ttl(r);
  }
  if (r->view->kind == STOA_VIEW_REQUEST) {
    STOA_TRY(read_inputs(r));
    return read_query_features(r);
  }
  STOA_TRY(optional_column(r, "time", &r->view->time_var));
  STOA_TRY(read_ttl(r));
  return r->view->is_embedding ? read_embedding(r) : read_query_features(r);
}

static stoa_status read_view(reader *r)
{
  static const char *const keys[] = {"name",     "kind",       "entity", "owner",   "time",      "known", "watermark", "value", "by",
                                     "windows",  "aggregates", "type",   "default", "freshness", "late",  "purpose",
                                     "features", "min_group",  "ttl",    "inputs",  "reads",     "watch", "vector", "index", "dimensions", "element", "source", NULL};
  static const char *const texts[] = {"name", "kind", "owner", "time", "value", "freshness", "late", "ttl", "known", "watermark", "vector", "index",
                                      "dimensions", "element", "source", NULL};
  STOA_TRY(stoa_yaml_known(r->yaml, keys, r->err));
  STOA_TRY(stoa_yaml_plain(r->yaml, texts, r->err));
  r->view->name = stoa_yaml_text(r->yaml, "name", NULL);
  r->view->owner = stoa_yaml_text(r->yaml, "owner", "");
  STOA_TRY(read_freshness(r));
  if (!r->view->name || !is_name(r->view->name)) {
    const stoa_yaml *const name = stoa_yaml_find(r->yaml, "name");
    return stoa_error_at(r->err, STOA_BAD_ARG, name ? name->place : r->yaml->place,
                         "feature_view needs a name of letters, digits and _");
  }
  STOA_TRY(read_purposes(r));
  STOA_TRY(read_kind(r));
  STOA_TRY(read_entity(r));
  r->view->time_name = stoa_yaml_text(r->yaml, "time", NULL);
  if (r->view->time_name) {
    r->view->time_place = stoa_yaml_find(r->yaml, "time")->place;
  }
  r->view->known_name = stoa_yaml_text(r->yaml, "known", NULL);
  if (r->view->known_name) {
    r->view->known_place = stoa_yaml_find(r->yaml, "known")->place;
  }
  return read_by_kind(r);
}

// `tags: {KEY: VALUE}`, or `[TAG, ...]` as grlc has them.
static stoa_status read_tags(reader *r, const stoa_yaml *tags)
{
  const uint32_t n = !tags ? 0 : tags->kind == STOA_YAML_SCALAR ? 1 : tags->n_items;
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_yaml *const item = tags->kind == STOA_YAML_SCALAR ? tags : &tags->items[i];
    const stoa_tag tag = tags->kind == STOA_YAML_MAP ? (stoa_tag){item->key, item->text} : (stoa_tag){item->text, ""};
    if (item->kind != STOA_YAML_SCALAR || !tag.key || !tag.value) {
      return stoa_error_at(r->err, STOA_BAD_ARG, item->place, "\"tags\" are {KEY: VALUE, ...}, or a list of texts");
    }
    STOA_PUSH(r->arena, &r->view->tags, tag);
  }
  return STOA_OK;
}

// Inputs are variables, which SQL has not.
static stoa_status check_language(const stoa_yaml *view, bool sql, stoa_error *err)
{
  const stoa_yaml *const kind = stoa_yaml_find(view, "kind");
  return sql && kind && kind->text && strcmp(kind->text, kind_names[STOA_VIEW_REQUEST]) == 0
           ? stoa_error_at(err, STOA_UNSUPPORTED, kind->place,
                           "a view of kind request is written in SPARQL, in a file *.rq: its inputs are variables")
           : STOA_OK;
}

// A row of SQL whose entity is NULL is of nobody; to SPARQL it would be joined with whoever is asked about.
static stoa_status read_query(reader *r, bool sql, stoa_slice text, const char *path)
{
  const stoa_project *const project = r->registry->project;
  const stoa_yaml *const entity = stoa_yaml_find(r->yaml, "entity");
  const char *const of_somebody = entity && entity->kind == STOA_YAML_MAP && entity->n_items ? entity->items[0].key : NULL;
  const stoa_lexicon lexicon = stoa_lexicon_of(&project->mapping);
  return sql ? stoa_semantic_read(text, path, project->base, &lexicon.names, of_somebody, r->arena, &r->query, r->err)
             : stoa_query_read(text, path, project->base, r->arena, &r->query, r->err);
}

static stoa_status check_prefixes(const stoa_yaml *root, bool sql, stoa_error *err)
{
  const stoa_yaml *const prefixes = stoa_yaml_find(root, "prefixes");
  return sql || !prefixes
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, prefixes->key_place, "SPARQL has its prefixes in PREFIX lines");
}

stoa_status stoa_view_read(const char *path, stoa_registry *registry, stoa_view **out, stoa_error *err)
{
  static const char *const keys[] = {"summary", "feature_view", "description", "tags", "prefixes", NULL};
  static const char *const texts[] = {"summary", "description", NULL};
  const bool sql = stoa_semantic_is(path);
  const char *const mark = sql ? "--+" : "#+";
  reader r = {.registry = registry, .arena = &registry->arena, .err = err};
  const stoa_yaml *root;
  stoa_slice text;
  STOA_TRY(stoa_file_read(path, r.arena, &text, err));
  STOA_TRY(stoa_yaml_read(stoa_yaml_in_comments(text, mark, r.arena), path, 1, r.arena, &root, err));
  STOA_TRY(stoa_yaml_known(root, keys, err));
  STOA_TRY(stoa_yaml_plain(root, texts, err));
  r.yaml = stoa_yaml_find(root, "feature_view");
  if (!r.yaml) {
    return stoa_error_at(err, STOA_BAD_ARG, (stoa_place){path, 1, 1}, "needs a header line \"%s feature_view:\"", mark);
  }
  STOA_TRY(check_prefixes(root, sql, err));
  STOA_TRY(check_language(r.yaml, sql, err));
  STOA_TRY(read_query(&r, sql, text, path));
  if (r.query->form != STOA_FORM_SELECT) {
    return stoa_error_at(err, STOA_BAD_ARG, (stoa_place){path, 1, 1}, "a feature view is a SELECT");
  }
  r.view = STOA_NEW(r.arena, stoa_view);
  r.view->header = r.yaml;
  r.view->timezone = &registry->project->timezone;
  r.view->file = stoa_arena_copy(r.arena, stoa_slice_of(path));
  r.view->changed_us = stoa_file_changed(path);
  r.view->summary = stoa_yaml_text(root, "summary", stoa_yaml_text(root, "description", ""));
  r.view->description = stoa_yaml_text(root, "description", r.view->summary);
  STOA_TRY(read_tags(&r, stoa_yaml_find(root, "tags")));
  STOA_TRY(read_view(&r));
  STOA_TRY(check_unique(&r));
  r.view->query = r.query;
  STOA_TRY(r.view->kind == STOA_VIEW_REQUEST ? stoa_request_compile(r.view, registry, err)
                                             : stoa_view_compile(r.view, registry, err));
  STOA_TRY(stoa_watermark_check(r.view, registry->project, err));
  STOA_TRY(stoa_conditions_read(r.view, registry, stoa_yaml_find(r.yaml, "watch"), err));
  *out = r.view;
  return STOA_OK;
}
