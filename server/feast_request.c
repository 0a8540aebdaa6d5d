// What POST /get-online-features asks for.
#include "graph/base/map.h"
#include "graph/term/term.h"
#include "server/feast.h"
#include <math.h>

typedef struct {
  stoa_call *call;
  stoa_arena *arena;
  const stoa_registry *registry;
  const stoa_json *body, *entities, *context; ///< context: request-time inputs beside the entities, or NULL
  stoa_feast_request *out;
  stoa_error *err;
} reader;

static const char *project_of(const reader *r)
{
  return r->call->layer->project->name;
}

// ["body", GROUP, NAME, INDEX], as far as they are there.
static const char *place_of(const reader *r, const char *group, const char *name, int64_t index)
{
  stoa_buf out = {0};
  stoa_buf_print(&out, "[\"body\",\"%s\"", group);
  if (name) {
    stoa_buf_byte(&out, ',');
    stoa_buf_json(&out, stoa_slice_of(name));
  }
  if (index >= 0) {
    stoa_buf_byte(&out, ',');
    stoa_buf_integer(&out, index);
  }
  stoa_buf_byte(&out, ']');
  const char *const copy = stoa_arena_copy(r->arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static stoa_status need_kind(const reader *r, const stoa_json *node, stoa_json_kind kind, const char *type,
                             const char *what)
{
  return !node || node->kind == kind ? STOA_OK
                                     : stoa_feast_invalid(r->call, type, place_of(r, node->name, NULL, -1), r->err,
                                                          "\"%s\" %s", node->name, what);
}

// NULL where it is absent or null.
static const stoa_json *member(const reader *r, const char *name)
{
  const stoa_json *const node = stoa_json_find(r->body, name);
  return node && node->kind != STOA_JSON_NULL ? node : NULL;
}

static stoa_status read_flag(const reader *r, const char *name, bool *out)
{
  const stoa_json *const node = member(r, name);
  STOA_TRY(need_kind(r, node, STOA_JSON_BOOLEAN, "bool_type", "is true or false"));
  *out = node && node->integer;
  return STOA_OK;
}

// A number of seconds, or a span such as 30s.
static stoa_status read_max_age(const reader *r)
{
  const stoa_json *const node = member(r, "max_age");
  int64_t seconds = -1;
  r->out->max_age_us = -1;
  if (!node) {
    return STOA_OK;
  }
  if (node->kind == STOA_JSON_INTEGER || node->kind == STOA_JSON_REAL) {
    if (node->real >= 0 && node->real <= 1e10) {
      r->out->max_age_us = (int64_t)(node->real * 1e6);
      return STOA_OK;
    }
  } else if (node->kind == STOA_JSON_STRING && strlen(node->text.data) == node->text.length &&
             stoa_yaml_span(node->text.data, &seconds) && seconds <= INT64_C(10000000000)) {
    r->out->max_age_us = seconds * 1000000;
    return STOA_OK;
  }
  return stoa_feast_invalid(r->call, "value_error", place_of(r, "max_age", NULL, -1), r->err,
                            "\"max_age\" is a number of seconds, or a span such as 30s or 7d");
}

// It may stand in the head of the request too.
static stoa_status read_purpose(const reader *r)
{
  const stoa_json *const node = member(r, "purpose");
  const char *const stated = r->call->context.purpose;
  STOA_TRY(need_kind(r, node, STOA_JSON_STRING, "string_type", "is a word"));
  if (!node || !node->text.length) {
    return STOA_OK;
  }
  STOA_TRY(stoa_feast_name(r->call, "purpose", "[\"body\",\"purpose\"]", node->text, r->err));
  if (stated[0] && !stoa_slice_is(node->text, stated)) {
    return stoa_feast_invalid(r->call, "value_error", "[\"body\",\"purpose\"]", r->err,
                              "\"purpose\" is another than the header Stoa-Purpose states");
  }
  stoa_call_purpose(r->call, node->text);
  return STOA_OK;
}

// ---- which features

const char *stoa_feast_short_name(const stoa_view *view, const stoa_feature *feature)
{
  return feature->name + strlen(view->name) + 2;
}

static void add_column(const reader *r, const stoa_view *view, uint32_t feature)
{
  const stoa_feast_column column = {view, feature};
  STOA_PUSH(r->arena, &r->out->columns, column);
}

static stoa_status read_reference(const reader *r, uint32_t index, const stoa_json *node)
{
  const char *const colon = node->kind == STOA_JSON_STRING ? memchr(node->text.data, ':', node->text.length) : NULL;
  if (!colon || memchr(node->text.data, '\0', node->text.length)) {
    return stoa_feast_invalid(r->call, "value_error", place_of(r, "features", NULL, index), r->err,
                              "a feature is \"view:feature\"");
  }
  STOA_TRY(
    stoa_feast_name(r->call, "a feature's view and name", place_of(r, "features", NULL, index), node->text, r->err));
  const char *const name = stoa_arena_copy(r->arena, (stoa_slice){node->text.data, (size_t)(colon - node->text.data)});
  const stoa_view *const view = stoa_registry_view(r->registry, name);
  if (!view) {
    return stoa_feast_refuse(r->call, 404, "FeatureViewNotFoundException", r->err,
                             "Feature view %.200s does not exist in project %s", name, project_of(r));
  }
  for (uint32_t i = 0; i < view->features.n; ++i) {
    if (strcmp(stoa_feast_short_name(view, &view->features.items[i]), colon + 1) == 0) {
      add_column(r, view, i);
      return STOA_OK;
    }
  }
  return stoa_feast_refuse(r->call, 404, "FeastObjectNotFoundException", r->err,
                           "Feature %.200s does not exist in feature view %s", colon + 1, view->name);
}

static stoa_status read_service(const reader *r, const stoa_json *node)
{
  const stoa_service *service;
  stoa_error ignored = {0};
  STOA_TRY(stoa_feast_name(r->call, "feature_service", place_of(r, "feature_service", NULL, -1), node->text, r->err));
  const char *const name = stoa_arena_copy(r->arena, node->text);
  if (stoa_registry_need_service(r->registry, name, &service, &ignored) != STOA_OK) {
    return stoa_feast_refuse(r->call, 404, "FeatureServiceNotFoundException", r->err,
                             "Feature service %.200s does not exist in project %s", name, project_of(r));
  }
  STOA_TRY(stoa_service_purpose(service, &r->call->context, r->err));
  r->out->service = service;
  for (uint32_t i = 0; i < service->features.n; ++i) {
    const stoa_view *const view = service->views.items[service->view_of.items[i]];
    add_column(r, view, (uint32_t)(service->features.items[i] - view->features.items));
  }
  return STOA_OK;
}

// A service wins over a list.
static stoa_status read_columns(const reader *r)
{
  const stoa_json *const service = member(r, "feature_service"), *const list = member(r, "features");
  STOA_TRY(need_kind(r, service, STOA_JSON_STRING, "string_type", "is the name of a feature service"));
  if (service) {
    return read_service(r, service);
  }
  STOA_TRY(need_kind(r, list, STOA_JSON_ARRAY, "list_type", "is a list of \"view:feature\""));
  if (!list || list->n_items == 0) {
    return stoa_feast_invalid(r->call, "missing", "[\"body\",\"features\"]", r->err,
                              "one of \"features\" and \"feature_service\" is required");
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    STOA_TRY(read_reference(r, i, &list->items[i]));
  }
  return STOA_OK;
}

// Names of columns tell them apart.
static stoa_status check_names(const reader *r)
{
  stoa_map seen = {0};
  for (uint32_t i = 0; i < r->out->columns.n; ++i) {
    const stoa_feast_column *const c = &r->out->columns.items[i];
    const stoa_feature *const f = &c->view->features.items[c->feature];
    const stoa_slice name = stoa_slice_of(r->out->full_names ? f->name : stoa_feast_short_name(c->view, f));
    if (stoa_map_find(&seen, name)) {
      return stoa_feast_refuse(r->call, 500, "FeatureNameCollisionError", r->err,
                               "Duplicate features named %s found.\n%s", name.data,
                               r->out->full_names ? "Ask for each feature once."
                                                  : "Set full_feature_names to true, or ask for each feature once.");
    }
    stoa_map_add(&seen, r->arena, name, (void *)c);
  }
  return STOA_OK;
}

// ---- entities

static bool is_key_of(const stoa_entity *entity, const char *name)
{
  for (uint32_t k = 0; k < entity->n_keys; ++k) {
    if (strcmp(entity->keys[k], name) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_input_of(const stoa_view *view, const char *name)
{
  for (uint32_t i = 0; view->kind == STOA_VIEW_REQUEST && i < view->inputs.n; ++i) {
    if (view->inputs.items[i].name && strcmp(view->inputs.items[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

// A column that nothing in the project knows is a mistake; one that these features do not need is none.
static stoa_status check_known(const reader *r, const char *name)
{
  bool known = false;
  for (uint32_t i = 0; i < r->registry->entities.n; ++i) {
    known |= is_key_of(&r->registry->entities.items[i], name);
  }
  for (uint32_t i = 0; i < r->registry->views.n; ++i) {
    known |= is_input_of(r->registry->views.items[i], name);
  }
  return known ? STOA_OK
               : stoa_feast_refuse(r->call, 404, "EntityNotFoundException", r->err,
                                   "Entity %.200s does not exist in project %s", name, project_of(r));
}

static stoa_status read_lengths(const reader *r, const stoa_json *group, bool *any)
{
  for (uint32_t i = 0; i < group->n_items; ++i) {
    const stoa_json *const column = &group->items[i];
    if (column->kind != STOA_JSON_ARRAY) {
      return stoa_feast_invalid(r->call, "list_type", place_of(r, group->name, column->name, -1), r->err,
                                "\"%.200s\" is a list, with a value for each row", column->name);
    }
    if (*any && column->n_items != r->out->n_rows) {
      return stoa_feast_invalid(r->call, "value_error", place_of(r, group->name, column->name, -1), r->err,
                                "\"%.200s\" has %u values, the columns before it have %u", column->name,
                                column->n_items, r->out->n_rows);
    }
    r->out->n_rows = column->n_items;
    *any = true;
    STOA_TRY(check_known(r, column->name));
  }
  return STOA_OK;
}

static stoa_status find_entities(reader *r)
{
  r->entities = member(r, "entities");
  r->context = member(r, "request_context");
  if (!r->entities) {
    return stoa_feast_invalid(r->call, "missing", "[\"body\",\"entities\"]", r->err, "Field required");
  }
  STOA_TRY(need_kind(r, r->entities, STOA_JSON_OBJECT, "dict_type", "is {KEY: [VALUE, ...], ...}"));
  return need_kind(r, r->context, STOA_JSON_OBJECT, "dict_type", "is {INPUT: [VALUE, ...], ...}");
}

// A vector is as many values as it has dimensions.
static uint64_t values_of_row(const stoa_feast_request *r)
{
  uint64_t n = 0;
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    const uint32_t dimensions = r->columns.items[i].view->features.items[r->columns.items[i].feature].dimensions;
    n += dimensions ? dimensions : 1;
  }
  return n;
}

static stoa_status read_entities(reader *r)
{
  bool any = false;
  STOA_TRY(read_lengths(r, r->entities, &any));
  if (r->context) {
    STOA_TRY(read_lengths(r, r->context, &any));
  }
  if (r->out->n_rows > STOA_MOST_ROWS) {
    return stoa_feast_invalid(r->call, "too_long", "[\"body\",\"entities\"]", r->err, "%s",
                              stoa_limit_text(STOA_LIMIT_ROWS));
  }
  return r->out->n_rows * values_of_row(r->out) <= STOA_MOST_VALUES
           ? STOA_OK
           : stoa_feast_invalid(r->call, "too_long", "[\"body\"]", r->err, "%s", stoa_limit_text(STOA_LIMIT_VALUES));
}

// Keys are texts and whole numbers, whichever the client has made of them.
static stoa_status key_text(const reader *r, const stoa_entity *entity, uint32_t part, const stoa_json *cell,
                            uint32_t row, stoa_slice *out)
{
  stoa_error fault = {0};
  if (cell->kind == STOA_JSON_STRING) {
    *out = cell->text;
  } else if (cell->kind == STOA_JSON_INTEGER) {
    char *const digits = stoa_arena_raw(r->arena, STOA_INTEGER_DIGITS);
    *out = (stoa_slice){digits, stoa_integer_write(cell->integer, digits)};
  } else {
    return stoa_feast_invalid(r->call, "string_type", place_of(r, "entities", entity->keys[part], row), r->err,
                              "a key is a text or a whole number");
  }
  return stoa_entity_check(entity, part, *out, &fault) == STOA_OK
           ? STOA_OK
           : stoa_feast_invalid(r->call, "value_error", place_of(r, "entities", entity->keys[part], row), r->err, "%s",
                                fault.text);
}

static void echo_key(const reader *r, const char *name, stoa_key_type type, const stoa_json *column)
{
  const stoa_feast_key key = {name, type, column->items};
  for (uint32_t i = 0; i < r->out->keys.n; ++i) {
    if (strcmp(r->out->keys.items[i].name, name) == 0) {
      return;
    }
  }
  STOA_PUSH(r->arena, &r->out->keys, key);
}

static stoa_status read_keys(const reader *r, const stoa_entity *entity)
{
  stoa_slice *const keys = STOA_NEWS(r->arena, stoa_slice, (size_t)r->out->n_rows * entity->n_keys + 1);
  for (uint32_t k = 0; k < entity->n_keys; ++k) {
    const stoa_json *const column = stoa_json_find(r->entities, entity->keys[k]);
    if (!column) {
      return stoa_feast_refuse(r->call, 500, NULL, r->err, "Missing join key values for keys: ['%s']", entity->keys[k]);
    }
    for (uint32_t row = 0; row < r->out->n_rows; ++row) {
      STOA_TRY(key_text(r, entity, k, &column->items[row], row, &keys[(size_t)row * entity->n_keys + k]));
    }
  }
  if (r->out->service && r->out->service->entity == entity) {
    r->out->keys_of_service = keys;
  }
  stoa_vectors_keys(r->out->vectors, entity, keys);
  return STOA_OK;
}

// Each entity of the columns once; then its keys in the order that the client sent them.
static stoa_status read_all_keys(const reader *r)
{
  STOA_LIST(const stoa_entity *) needed = {0};
  for (uint32_t i = 0; i < r->out->columns.n; ++i) {
    const stoa_entity *const entity = r->out->columns.items[i].view->entity;
    uint32_t k = 0;
    while (k < needed.n && needed.items[k] != entity) {
      ++k;
    }
    if (k == needed.n) {
      STOA_PUSH(r->arena, &needed, entity);
      STOA_TRY(read_keys(r, entity));
    }
  }
  for (uint32_t i = 0; i < r->entities->n_items; ++i) {
    const stoa_json *const column = &r->entities->items[i];
    for (uint32_t n = 0; n < needed.n; ++n) {
      for (uint32_t k = 0; k < needed.items[n]->n_keys; ++k) {
        if (strcmp(needed.items[n]->keys[k], column->name) == 0) {
          echo_key(r, column->name, needed.items[n]->types[k], column);
        }
      }
    }
  }
  return STOA_OK;
}

// ---- inputs that come with the request

static stoa_status read_input(const reader *r, const stoa_view_input *input)
{
  const char *group = "entities";
  const stoa_json *column = stoa_json_find(r->entities, input->name);
  if (!column && r->context) {
    column = stoa_json_find(r->context, input->name);
    group = "request_context";
  }
  if (!column) {
    return stoa_feast_refuse(r->call, 404, "RequestDataNotFoundInEntityRowsException", r->err,
                             "Required request data source features ['%s'] not found in the entity rows", input->name);
  }
  stoa_term *const values = STOA_NEWS(r->arena, stoa_term, r->out->n_rows + 1);
  for (uint32_t row = 0; row < r->out->n_rows; ++row) {
    values[row] = stoa_feature_of_json(&input->input, &column->items[row], r->arena);
    if (column->items[row].kind != STOA_JSON_NULL && !stoa_term_is_bound(values[row])) {
      return stoa_feast_invalid(r->call, "value_error", place_of(r, group, input->name, row), r->err,
                                "\"%s\" is of type %s", input->name, input->input.word);
    }
  }
  stoa_vectors_input(r->out->vectors, input->name, values);
  return STOA_OK;
}

static stoa_status read_inputs(const reader *r)
{
  for (uint32_t i = 0; i < r->out->columns.n; ++i) {
    const stoa_view *const view = r->out->columns.items[i].view;
    for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
      if (view->inputs.items[k].name) {
        STOA_TRY(read_input(r, &view->inputs.items[k]));
      }
    }
  }
  return STOA_OK;
}

// Views have no versions here, so that their metadata has none to tell.
static stoa_status check_members(const reader *r)
{
  static const char *const known[] = {"features",
                                      "feature_service",
                                      "entities",
                                      "request_context",
                                      "full_feature_names",
                                      "max_age",
                                      "explain",
                                      "purpose",
                                      "include_feature_view_version_metadata"};
  return stoa_feast_known(r->call, r->body, known, sizeof known / sizeof *known, r->err);
}

stoa_status stoa_feast_read(stoa_call *call, stoa_feast_request *out, stoa_error *err)
{
  reader r = {.call = call, .arena = &call->arena, .registry = call->layer->registry, .out = out, .err = err};
  out->arena = r.arena;
  STOA_TRY(stoa_feast_body(call, &r.body, err));
  STOA_TRY(check_members(&r));
  STOA_TRY(find_entities(&r));
  STOA_TRY(read_flag(&r, "full_feature_names", &out->full_names));
  STOA_TRY(read_flag(&r, "explain", &out->explain));
  STOA_TRY(read_max_age(&r));
  STOA_TRY(read_purpose(&r));
  STOA_TRY(read_columns(&r));
  STOA_TRY(check_names(&r));
  STOA_TRY(read_entities(&r));
  out->vectors = stoa_vectors_new(out->n_rows, &call->context, &call->arena);
  STOA_TRY(read_all_keys(&r));
  return read_inputs(&r);
}
