// Rows of services, gathered from those of their views.
#include "features/served.h"
#include "features/polled.h"
#include "graph/base/assert.h"

bool stoa_served_may(const stoa_service *service, int64_t now_us)
{
  struct stoa_served *const s = service->served;
  return s && atomic_load(&s->asked_us) <= now_us && now_us < atomic_load(&s->ask_us);
}

const stoa_value_forms *stoa_served_forms(const stoa_service *service)
{
  return service->served->room->forms;
}

stoa_served_row *stoa_served_find(const stoa_service *service, const stoa_slice *key, int64_t now_us, uint32_t form,
                                  stoa_arena *arena)
{
  const stoa_slice text = stoa_kept_key(service->entity, key, arena);
  return stoa_served_look(service->served, text, stoa_kept_hash(text), now_us, form);
}

// ---- making

// A key whose row is to be made.
typedef struct {
  stoa_slice text;
  uint64_t hash;
  stoa_served_mark mark;
} wanted_row;

static bool gather(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, stoa_context *context,
                   stoa_arena *arena, stoa_view_values *out)
{
  stoa_error ignored = {0};
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const view = service->views.items[i];
    stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)n_keys * view->features.n + 1);
    stoa_view_row *const rows = STOA_NEWS(arena, stoa_view_row, n_keys + 1);
    out[i] = (stoa_view_values){view, values, rows};
    if (stoa_kept_rows(view, keys, n_keys, NULL, context, arena, values, rows, &ignored) != STOA_OK) {
      return false;
    }
  }
  return stoa_arena_status(arena) == STOA_OK;
}

void stoa_served_make(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, uint32_t form,
                      stoa_context *context, stoa_arena *arena)
{
  struct stoa_served *const s = service->served;
  const uint32_t one = form == STOA_MOST_FORMS ? 0 : 1U << form, which = atomic_fetch_or(&s->forms, one) | one;
  wanted_row *const wanted = STOA_NEWS(arena, wanted_row, n_keys + 1);
  stoa_view_values *const views = STOA_NEWS(arena, stoa_view_values, service->views.n + 1);
  for (uint32_t i = 0; i < service->views.n && !context->at_once; ++i) { // what they tell may change all rows
    stoa_kept_ask_sources(service->views.items[i]->kept, 0, context, arena);
  }
  for (uint32_t i = 0; i < n_keys; ++i) {
    wanted[i].text = stoa_kept_key(service->entity, keys + (size_t)i * service->entity->n_keys, arena);
    wanted[i].hash = stoa_kept_hash(wanted[i].text);
    wanted[i].mark = stoa_served_note(s, wanted[i].hash);
  }
  if (!which || !gather(service, keys, n_keys, context, arena, views)) {
    return;
  }
  for (uint32_t i = 0; i < n_keys; ++i) {
    stoa_served_row *const row = stoa_served_row_new(service, views, i, s->room->forms, which);
    if (row) {
      stoa_served_put(s, wanted[i].text, wanted[i].hash, wanted[i].mark, row);
    }
  }
}

bool stoa_served_has_room(const stoa_service *service)
{
  const stoa_served_room *const room = service->served->room;
  return atomic_load(&((stoa_served_room *)room)->bytes) < room->most_bytes / 10 * 9;
}

// ---- values

static stoa_status check_purpose(const stoa_service *service, const bool *wanted, stoa_context *context, stoa_error *err)
{
  STOA_TRY(stoa_service_purpose(service, context, err));
  for (uint32_t f = 0; f < service->features.n; ++f) {
    if (!wanted || wanted[f]) {
      STOA_TRY(stoa_view_allow(service->views.items[service->view_of.items[f]], context->purpose, err));
    }
  }
  return STOA_OK;
}

// The keys whose rows are kept have their values; the others are gathered in `rest`, with their places.
static uint32_t find_kept(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, stoa_context *context,
                          stoa_arena *arena, stoa_term *values, bool *known, stoa_slice *rest, uint32_t *places)
{
  const uint32_t n_parts = service->entity->n_keys, n_features = service->features.n;
  uint32_t n = 0;
  for (uint32_t i = 0; i < n_keys; ++i) {
    const stoa_slice *const key = keys + (size_t)i * n_parts;
    stoa_served_row *const row = stoa_served_find(service, key, context->now_us, STOA_MOST_FORMS, arena);
    if (row) {
      known[i] = true;
      stoa_served_row_values(row, service, context->now_us, arena, values + (size_t)i * n_features);
      stoa_served_row_leave(row);
    } else {
      memcpy(rest + (size_t)n * n_parts, key, n_parts * sizeof *rest);
      places[n++] = i;
    }
  }
  return n;
}

// A request for some features alone does not make the rows of all views.
static void keep_rest(const stoa_service *service, const stoa_slice *rest, uint32_t n_rest, const bool *known,
                      stoa_context *context)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  context->at_once = true; // their rows were made just now
  for (uint32_t i = 0; i < n_rest; ++i) {
    if (known[i]) {
      stoa_served_make(service, rest + (size_t)i * service->entity->n_keys, 1, STOA_MOST_FORMS, context, &arena);
      stoa_arena_reset(&arena);
    }
  }
  context->at_once = false;
  stoa_arena_done(&arena);
}

stoa_status stoa_served_values(const stoa_service *service, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                               stoa_context *context, stoa_arena *arena, const stoa_term **out, const bool **known,
                               stoa_error *err)
{
  const uint32_t n_features = service->features.n;
  if (!stoa_served_may(service, context->now_us)) {
    return stoa_features_find(service, keys, n_keys, wanted, context, arena, out, known, err);
  }
  STOA_TRY(check_purpose(service, wanted, context, err));
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)n_features * n_keys + 1);
  bool *const found = STOA_NEWS(arena, bool, n_keys + 1);
  stoa_slice *const rest = STOA_NEWS(arena, stoa_slice, (size_t)n_keys * service->entity->n_keys + 1);
  uint32_t *const places = STOA_NEWS(arena, uint32_t, n_keys + 1);
  const uint32_t n_rest = find_kept(service, keys, n_keys, context, arena, values, found, rest, places);
  *out = values;
  *known = found;
  if (n_rest == 0) {
    return STOA_OK;
  }
  const stoa_term *computed;
  const bool *there;
  STOA_TRY(stoa_features_find(service, rest, n_rest, wanted, context, arena, &computed, &there, err));
  for (uint32_t i = 0; i < n_rest; ++i) {
    found[places[i]] = there[i];
    memcpy(values + (size_t)places[i] * n_features, computed + (size_t)i * n_features, n_features * sizeof *values);
  }
  if (!wanted && !context->at_once) {
    keep_rest(service, rest, n_rest, there, context);
  }
  return STOA_OK;
}

// ---- what is kept

static bool can_serve(const stoa_service *service)
{
  bool can = service->views.n > 0;
  for (uint32_t i = 0; i < service->views.n; ++i) {
    can &= service->views.items[i]->kept && service->views.items[i]->entity == service->entity;
  }
  return can;
}

static stoa_status serve(stoa_keep *keep, stoa_service *service, stoa_error *err)
{
  stoa_served_room *const room = &keep->served;
  if (!can_serve(service)) {
    return STOA_OK;
  }
  struct stoa_served *const s = stoa_served_new(service, room);
  if (!s) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the rows of service %s", service->name);
  }
  room->tables[room->n_tables++] = service->served = s;
  bool asks = false;
  for (uint32_t i = 0; i < service->views.n; ++i) {
    stoa_kept *const k = service->views.items[i]->kept;
    STOA_PUSH(&keep->arena, &k->served, s);
    asks |= k->reads.sources.n > 0;
  }
  atomic_store(&s->asked_us, INT64_MIN);
  atomic_store(&s->ask_us, asks ? INT64_MIN : INT64_MAX);
  return STOA_OK;
}

stoa_status stoa_keep_serve(stoa_keep *keep, const stoa_value_forms *forms, stoa_error *err)
{
  enum { SHARE = 4 };
  stoa_registry *const r = keep->registry;
  stoa_served_room *const room = &keep->served;
  STOA_ASSERT(!room->forms && !keep->refreshes);
  room->forms = forms;
  room->most_bytes = keep->most_bytes * keep->views.n / SHARE;
  keep->most_bytes -= keep->most_bytes / SHARE;
  room->tables = STOA_NEWS(&keep->arena, struct stoa_served *, r->services.n + r->of_views.n + 1);
  for (uint32_t i = 0; i < r->services.n; ++i) {
    STOA_TRY(serve(keep, &r->services.items[i], err));
  }
  for (uint32_t i = 0; i < r->of_views.n; ++i) {
    STOA_TRY(serve(keep, &r->of_views.items[i], err));
  }
  return STOA_OK;
}

stoa_kept_size stoa_served_measure(const stoa_service *service)
{
  struct stoa_served *const s = service->served;
  stoa_kept_size size = {0};
  for (uint32_t i = 0; s && i < STOA_SERVED_PARTS; ++i) {
    stoa_served_part *const part = &s->parts[i];
    pthread_mutex_lock(&part->lock);
    size.rows += part->n;
    size.found += part->found;
    size.made += part->made;
    pthread_mutex_unlock(&part->lock);
  }
  size.bytes = s ? atomic_load(&s->bytes) : 0;
  return size;
}
