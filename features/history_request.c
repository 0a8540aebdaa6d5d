// Views of kind request over observations: all that they read is there in columns, so that a view is evaluated once for
// all observations, or once for all of an instant where its expressions ask for it.
#include "features/history_request.h"
#include "graph/base/assert.h"
#include <stdlib.h>

// ---- what is read

static uint32_t view_in(stoa_service *s, const stoa_view *view, stoa_arena *arena)
{
  for (uint32_t i = 0; i < s->views.n; ++i) {
    if (s->views.items[i] == view) {
      return i;
    }
  }
  STOA_PUSH(arena, &s->views, view);
  return s->views.n - 1;
}

static uint32_t feature_in(const stoa_service *s, const stoa_feature *feature)
{
  for (uint32_t i = 0; i < s->features.n; ++i) {
    if (s->features.items[i] == feature) {
      return i;
    }
  }
  return UINT32_MAX;
}

static void add(stoa_service *s, const stoa_view *view, const stoa_feature *feature, stoa_arena *arena)
{
  if (feature_in(s, feature) == UINT32_MAX) {
    STOA_PUSH(arena, &s->features, feature);
    STOA_PUSH(arena, &s->view_of, view_in(s, view, arena));
  }
}

const stoa_service *stoa_history_reads(const stoa_service *service, stoa_arena *arena)
{
  stoa_service *const s = STOA_NEW(arena, stoa_service);
  bool has_requests = false;
  *s = (stoa_service){.name = service->name, .owner = service->owner, .purpose = service->purpose, .entity = service->entity};
  for (uint32_t i = 0; i < service->features.n; ++i) {
    const stoa_view *const view = service->views.items[service->view_of.items[i]];
    if (view->kind != STOA_VIEW_REQUEST) {
      add(s, view, service->features.items[i], arena);
    }
  }
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const view = service->views.items[i];
    has_requests |= view->kind == STOA_VIEW_REQUEST;
    for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
      const stoa_view_input *const input = &view->inputs.items[k];
      if (input->view) {
        add(s, input->view, &input->view->features.items[input->feature], arena);
      }
    }
  }
  return has_requests ? s : service;
}

void stoa_history_inputs(const stoa_service *service, stoa_arena *arena, stoa_history_input_list *out)
{
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const view = service->views.items[i];
    for (uint32_t k = 0; view->kind == STOA_VIEW_REQUEST && k < view->inputs.n; ++k) {
      if (view->inputs.items[k].name) {
        STOA_PUSH(arena, out, &view->inputs.items[k]);
      }
    }
  }
}

// ---- evaluation

typedef struct {
  const stoa_service *service;
  const stoa_view *view;
  const stoa_history_read *read;
  const stoa_observation *observations;
  uint32_t first_input; ///< of the view among those of the service
  stoa_context *context;
  stoa_arena *arena;
  stoa_term *out;
} evaluation;

static stoa_term read_feature(const evaluation *e, const stoa_view_input *input, uint32_t observation)
{
  const uint32_t at = feature_in(e->read->service, &input->view->features.items[input->feature]);
  STOA_ASSERT(at != UINT32_MAX);
  return e->read->values[(size_t)observation * e->read->service->features.n + at];
}

// As it is served (vectors.c): what reads a row that is too old has no values.
static bool is_stale(const evaluation *e, uint32_t observation, uint32_t n)
{
  bool stale = false;
  for (uint32_t k = 0; k < e->view->inputs.n; ++k) {
    for (uint32_t i = 0; i < e->read->service->views.n && e->view->inputs.items[k].view; ++i) {
      stale |= e->read->service->views.items[i] == e->view->inputs.items[k].view && e->read->stale[(size_t)i * n + observation];
    }
  }
  return stale;
}

static const stoa_term *column_of(const evaluation *e, uint32_t k, uint32_t place, const uint32_t *chosen, uint32_t n)
{
  const stoa_view_input *const input = &e->view->inputs.items[k];
  stoa_term *const column = STOA_NEWS(e->arena, stoa_term, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    column[i] = input->view ? read_feature(e, input, chosen[i]) : e->observations[chosen[i]].inputs[place];
  }
  return column;
}

static void put(const evaluation *e, const uint32_t *chosen, uint32_t n, const stoa_term *values, uint32_t n_all)
{
  const uint32_t n_features = e->service->features.n;
  for (uint32_t f = 0; f < n_features; ++f) {
    const size_t column = (size_t)(e->service->features.items[f] - e->view->features.items);
    for (uint32_t i = 0; i < n && e->service->views.items[e->service->view_of.items[f]] == e->view; ++i) {
      e->out[(size_t)chosen[i] * n_features + f] =
        is_stale(e, chosen[i], n_all) ? (stoa_term){0} : values[(size_t)i * e->view->features.n + column];
    }
  }
}

static stoa_status evaluate(const evaluation *e, const uint32_t *chosen, uint32_t n, uint32_t n_all, stoa_error *err)
{
  const stoa_view *const v = e->view;
  const stoa_term **const inputs = STOA_NEWS(e->arena, const stoa_term *, v->inputs.n + 1);
  stoa_term *const entities = STOA_NEWS(e->arena, stoa_term, n + 1);
  stoa_term *const values = STOA_NEWS(e->arena, stoa_term, (size_t)n * v->features.n + 1);
  stoa_view_row *const rows = STOA_NEWS(e->arena, stoa_view_row, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    entities[i] = stoa_entity_term(v->entity, e->observations[chosen[i]].key, e->arena);
  }
  for (uint32_t k = 0, place = e->first_input; k < v->inputs.n; ++k) {
    inputs[k] = column_of(e, k, place, chosen, n);
    place += v->inputs.items[k].name != NULL;
  }
  e->context->now_us = e->observations[chosen[0]].at_us;
  STOA_TRY(stoa_request_compute(v, entities, inputs, n, e->context, e->arena, values, rows, err));
  put(e, chosen, n, values, n_all);
  return STOA_OK;
}

static int by_instant(const void *a, const void *b, void *data)
{
  const stoa_observation *const all = data, *const x = &all[*(const uint32_t *)a],
                                *const y = &all[*(const uint32_t *)b];
  return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

static stoa_status evaluate_all(const evaluation *e, uint32_t n, stoa_error *err)
{
  enum { AT_ONCE = 4096 };
  uint32_t *const order = STOA_NEWS(e->arena, uint32_t, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    order[i] = i;
  }
  qsort_r(order, n, sizeof *order, by_instant, (void *)e->observations);
  for (uint32_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && end - i < AT_ONCE &&
                      (!e->view->query->asks_when || e->observations[order[end]].at_us == e->observations[order[i]].at_us);) {
      ++end;
    }
    STOA_TRY(evaluate(e, order + i, end - i, n, err));
  }
  return STOA_OK;
}

static void put_read(const stoa_service *service, const stoa_history_read *read, uint32_t n, stoa_term *out)
{
  for (uint32_t f = 0; f < service->features.n; ++f) {
    const uint32_t at = feature_in(read->service, service->features.items[f]);
    for (uint32_t i = 0; i < n && at != UINT32_MAX; ++i) {
      out[(size_t)i * service->features.n + f] = read->values[(size_t)i * read->service->features.n + at];
    }
  }
}

stoa_status stoa_history_requests(const stoa_service *service, const stoa_history_read *read,
                                  const stoa_observation *observations, uint32_t n, stoa_context *context,
                                  stoa_arena *arena, stoa_term *out, stoa_error *err)
{
  evaluation e = {.service = service, .read = read, .observations = observations, .context = context, .arena = arena, .out = out};
  put_read(service, read, n, out);
  for (uint32_t i = 0; i < service->views.n; ++i) {
    e.view = service->views.items[i];
    if (e.view->kind != STOA_VIEW_REQUEST) {
      continue;
    }
    STOA_TRY(stoa_view_allow(e.view, context->purpose, err));
    STOA_TRY(evaluate_all(&e, n, err));
    for (uint32_t k = 0; k < e.view->inputs.n; ++k) {
      e.first_input += e.view->inputs.items[k].name != NULL;
    }
  }
  return STOA_OK;
}
