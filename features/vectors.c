// Views asked for the same rows of a request: each is computed once, for the entities of its own kind.
#include "features/keep.h"
#include "graph/base/assert.h"

typedef struct {
  const stoa_entity *entity;
  const stoa_slice *keys;
  const bool *known; ///< once it was asked for
} entity_rows;

typedef struct {
  const char *name;
  const stoa_term *values;
} named_input;

// Which features of a view are read.
typedef struct {
  const stoa_view *view;
  bool *features;
  const stoa_view_values *made; ///< its values, if they are made and no other feature was wanted since
} wanted_view;

struct stoa_vectors {
  uint32_t n_rows;
  stoa_context *context;
  stoa_arena *arena;
  STOA_LIST(entity_rows) entities;
  STOA_LIST(named_input) inputs;
  STOA_LIST(wanted_view) wanted;
  STOA_LIST(stoa_view_values *) views; ///< the last of a view has all that is wanted of it
};

stoa_vectors *stoa_vectors_new(uint32_t n_rows, stoa_context *context, stoa_arena *arena)
{
  stoa_vectors *const v = STOA_NEW(arena, stoa_vectors);
  *v = (stoa_vectors){.n_rows = n_rows, .context = context, .arena = arena};
  return v;
}

void stoa_vectors_keys(stoa_vectors *v, const stoa_entity *entity, const stoa_slice *keys)
{
  const entity_rows rows = {entity, keys, NULL};
  STOA_PUSH(v->arena, &v->entities, rows);
}

void stoa_vectors_input(stoa_vectors *v, const char *name, const stoa_term *values)
{
  const named_input input = {name, values};
  STOA_PUSH(v->arena, &v->inputs, input);
}

static stoa_status find_entity(const stoa_vectors *v, const stoa_entity *entity, entity_rows **out, stoa_error *err)
{
  for (uint32_t i = 0; i < v->entities.n; ++i) {
    if (v->entities.items[i].entity == entity) {
      *out = &v->entities.items[i];
      return STOA_OK;
    }
  }
  return stoa_error_set(err, STOA_BAD_ARG, "the request has no keys of %s", entity->name);
}

static stoa_status find_input(const stoa_vectors *v, const stoa_view *view, const char *name, const stoa_term **out,
                              stoa_error *err)
{
  for (uint32_t i = 0; i < v->inputs.n; ++i) {
    if (strcmp(v->inputs.items[i].name, name) == 0) {
      *out = v->inputs.items[i].values;
      return STOA_OK;
    }
  }
  return stoa_error_set(err, STOA_BAD_ARG,
                        "view %s needs the input \"%s\" with the request, which POST /get-online-features takes",
                        view->name, name);
}

static wanted_view *find_wanted(const stoa_vectors *v, const stoa_view *view)
{
  for (uint32_t i = 0; i < v->wanted.n; ++i) {
    if (v->wanted.items[i].view == view) {
      return &v->wanted.items[i];
    }
  }
  return NULL;
}

const stoa_slice *stoa_vectors_keys_of(const stoa_vectors *v, const stoa_entity *entity)
{
  entity_rows *rows = NULL;
  stoa_error none = {0};
  return find_entity(v, entity, &rows, &none) == STOA_OK ? rows->keys : NULL;
}

const bool *stoa_vectors_wanted(const stoa_vectors *v, const stoa_view *view)
{
  const wanted_view *const wanted = find_wanted(v, view);
  return wanted ? wanted->features : NULL;
}

static const stoa_view_values *find_view(const stoa_vectors *v, const stoa_view *view)
{
  const wanted_view *const wanted = find_wanted(v, view);
  return wanted ? wanted->made : NULL;
}

void stoa_vectors_want(stoa_vectors *v, const stoa_view *view, uint32_t feature)
{
  wanted_view *wanted = find_wanted(v, view);
  if (!wanted) {
    const wanted_view first = {view, STOA_NEWS(v->arena, bool, view->features.n + 1), NULL};
    STOA_PUSH(v->arena, &v->wanted, first);
    wanted = &v->wanted.items[v->wanted.n - 1];
  }
  if (!wanted->features[feature]) {
    wanted->features[feature] = true;
    wanted->made = NULL;
  }
}

// ---- request views

// A row is there, and as old, as what it reads.
static void read_row(stoa_view_row *row, const stoa_view_row *read)
{
  row->is_there |= read->is_there;
  row->is_stale |= read->is_stale;
  if (read->at_us != STOA_NO_TIME && (row->at_us == STOA_NO_TIME || read->at_us < row->at_us)) {
    row->at_us = read->at_us;
  }
}

static void read_feature(const stoa_vectors *v, const stoa_view_input *input, stoa_view_row *rows, stoa_term *out)
{
  const stoa_view_values *const read = find_view(v, input->view); // computed before
  for (uint32_t i = 0; i < v->n_rows; ++i) {
    out[i] = read->values[(size_t)i * input->view->features.n + input->feature];
    read_row(&rows[i], &read->rows[i]);
  }
}

static stoa_status compute_request(stoa_vectors *v, const stoa_view *view, const entity_rows *entity, stoa_term *values,
                                   stoa_view_row *rows, stoa_error *err)
{
  const stoa_term **const inputs = STOA_NEWS(v->arena, const stoa_term *, view->inputs.n);
  stoa_term *const terms = STOA_NEWS(v->arena, stoa_term, v->n_rows + 1);
  for (uint32_t i = 0; i < v->n_rows; ++i) {
    rows[i].at_us = STOA_NO_TIME;
    terms[i] = stoa_entity_term(view->entity, entity->keys + (size_t)i * view->entity->n_keys, v->arena);
  }
  for (uint32_t k = 0; k < view->inputs.n; ++k) {
    const stoa_view_input *const input = &view->inputs.items[k];
    if (input->name) {
      STOA_TRY(find_input(v, view, input->name, &inputs[k], err));
      continue;
    }
    stoa_term *const column = STOA_NEWS(v->arena, stoa_term, v->n_rows + 1);
    read_feature(v, input, rows, column);
    inputs[k] = column;
  }
  STOA_TRY(stoa_request_compute(view, terms, inputs, v->n_rows, v->context, v->arena, values, rows, err));
  for (uint32_t i = 0; i < v->n_rows; ++i) {
    for (uint32_t k = 0; rows[i].is_stale && k < view->features.n; ++k) {
      values[(size_t)i * view->features.n + k] = (stoa_term){0};
    }
  }
  return STOA_OK;
}

static stoa_status compute(stoa_vectors *v, const stoa_view *view, stoa_error *err)
{
  entity_rows *entity = NULL;
  wanted_view *const wanted = find_wanted(v, view);
  STOA_ASSERT(wanted); // who reads nothing of a view does not ask for it
  if (wanted->made) {
    return STOA_OK;
  }
  STOA_TRY(stoa_view_allow(view, v->context->purpose, err));
  STOA_TRY(find_entity(v, view->entity, &entity, err));
  stoa_term *const values = STOA_NEWS(v->arena, stoa_term, (size_t)view->features.n * v->n_rows + 1);
  stoa_view_row *const rows = STOA_NEWS(v->arena, stoa_view_row, v->n_rows + 1);
  if (view->kind == STOA_VIEW_REQUEST) {
    STOA_TRY(compute_request(v, view, entity, values, rows, err));
  } else {
    STOA_TRY(stoa_kept_rows(view, entity->keys, v->n_rows, wanted->features, v->context, v->arena, values, rows, err));
  }
  stoa_view_values *const made = STOA_NEW(v->arena, stoa_view_values);
  *made = (stoa_view_values){view, values, rows};
  STOA_PUSH(v->arena, &v->views, made);
  wanted->made = made;
  return STOA_OK;
}

stoa_status stoa_vectors_view(stoa_vectors *v, const stoa_view *view, const stoa_view_values **out, stoa_error *err)
{
  for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
    if (view->inputs.items[k].view) {
      stoa_vectors_want(v, view->inputs.items[k].view, view->inputs.items[k].feature);
    }
  }
  for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
    if (view->inputs.items[k].view) {
      STOA_TRY(compute(v, view->inputs.items[k].view, err));
    }
  }
  STOA_TRY(compute(v, view, err));
  *out = find_view(v, view);
  return STOA_OK;
}

// ---- who is there

static bool has_row(const stoa_vectors *v, const stoa_entity *entity, uint32_t row)
{
  for (uint32_t i = 0; i < v->views.n; ++i) {
    if (v->views.items[i]->view->entity == entity && v->views.items[i]->rows[row].is_there) {
      return true;
    }
  }
  return false;
}

// Look for those that are not known yet.
static stoa_status look_for(stoa_vectors *v, const entity_rows *its, const stoa_known_plans *plans, bool *known,
                            stoa_error *err)
{
  const stoa_entity *const entity = its->entity;
  bool *const found = STOA_NEWS(v->arena, bool, v->n_rows + 1);
  stoa_term *const terms = STOA_NEWS(v->arena, stoa_term, v->n_rows + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < v->n_rows; ++i) {
    if (!known[i]) {
      terms[n++] = stoa_entity_term(entity, its->keys + (size_t)i * entity->n_keys, v->arena);
    }
  }
  if (n == 0) {
    return STOA_OK;
  }
  STOA_TRY(stoa_entity_known(entity, plans, terms, n, v->context, v->arena, found, err));
  for (uint32_t i = 0, k = 0; i < v->n_rows; ++i) {
    known[i] = known[i] || found[k++];
  }
  return STOA_OK;
}

stoa_status stoa_vectors_known(stoa_vectors *v, const stoa_entity *entity, const bool **out, stoa_error *err)
{
  entity_rows *its = NULL;
  STOA_TRY(find_entity(v, entity, &its, err));
  if (its->known) {
    *out = its->known;
    return STOA_OK;
  }
  bool *const known = STOA_NEWS(v->arena, bool, v->n_rows + 1);
  for (uint32_t i = 0; i < v->n_rows; ++i) {
    known[i] = has_row(v, entity, i);
  }
  STOA_TRY(look_for(v, its, &entity->of_class, known, err));
  for (uint32_t i = 0; i < v->views.n; ++i) {
    const stoa_view *const view = v->views.items[i]->view;
    if (view->entity == entity && view->kind == STOA_VIEW_WINDOW) {
      STOA_TRY(look_for(v, its, &view->of_events, known, err));
    }
  }
  its->known = known;
  *out = known;
  return STOA_OK;
}

// ---- services

static stoa_status compute_service(const stoa_service *service, stoa_vectors *v, const bool *wanted, stoa_term *values,
                                   stoa_error *err)
{
  const uint32_t n = service->features.n;
  for (uint32_t f = 0; f < n; ++f) {
    const stoa_view *const view = service->views.items[service->view_of.items[f]];
    if (!wanted || wanted[f]) {
      stoa_vectors_want(v, view, (uint32_t)(service->features.items[f] - view->features.items));
    }
  }
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const view = service->views.items[i];
    const stoa_view_values *its;
    if (!find_wanted(v, view)) {
      continue;
    }
    STOA_TRY(stoa_vectors_view(v, view, &its, err));
    for (uint32_t f = 0; f < n; ++f) {
      const size_t column = (size_t)(service->features.items[f] - view->features.items);
      for (uint32_t k = 0; service->view_of.items[f] == i && k < v->n_rows; ++k) {
        values[(size_t)k * n + f] = its->values[(size_t)k * view->features.n + column];
      }
    }
  }
  return STOA_OK;
}

stoa_status stoa_features_find(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                               stoa_context *context, stoa_arena *arena, const stoa_term **out, const bool **known,
                               stoa_error *err)
{
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)service->features.n * n_keys + 1);
  stoa_vectors *const v = stoa_vectors_new(n_keys, context, arena);
  stoa_vectors_keys(v, service->entity, keys);
  STOA_TRY(stoa_service_purpose(service, context, err));
  STOA_TRY(compute_service(service, v, wanted, values, err));
  if (known) {
    STOA_TRY(stoa_vectors_known(v, service->entity, known, err));
  }
  *out = values;
  return STOA_OK;
}

stoa_status stoa_features_compute(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys,
                                  const bool *wanted, stoa_context *context, stoa_arena *arena, const stoa_term **out,
                                  stoa_error *err)
{
  return stoa_features_find(service, keys, n_keys, wanted, context, arena, out, NULL, err);
}
