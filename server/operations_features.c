// vector: the features of a service for one key or many, as a table in the order that was asked for; service: what the
// service is made of.
#include "server/operations.h"
#include "features/served.h"
#include "server/metrics.h"
#include "server/sampling.h"

typedef struct {
  const stoa_service *service;
  uint32_t *columns; ///< of the service, in the order of the reply
  uint32_t n;
  bool *wanted; ///< NULL: all
} choice;

static stoa_status choose(const stoa_call *call, choice *out, stoa_arena *arena, stoa_error *err)
{
  const stoa_request *const r = &call->request;
  STOA_TRY(stoa_registry_need_service(call->layer->registry, r->name, &out->service, err));
  const uint32_t n_features = out->service->features.n;
  out->n = r->n_fields ? r->n_fields : n_features;
  out->columns = STOA_NEWS(arena, uint32_t, out->n + 1);
  out->wanted = r->n_fields ? STOA_NEWS(arena, bool, n_features) : NULL;
  for (uint32_t i = 0; i < out->n; ++i) {
    out->columns[i] = i;
    if (r->n_fields) {
      STOA_TRY(stoa_service_need(out->service, r->fields[i], &out->columns[i], err));
      out->wanted[out->columns[i]] = true;
    }
  }
  return STOA_OK;
}

static stoa_term *in_order(const choice *c, const stoa_term *values, uint32_t n_rows, stoa_arena *arena)
{
  stoa_term *const ordered = STOA_NEWS(arena, stoa_term, (size_t)n_rows * c->n);
  for (uint32_t row = 0; row < n_rows; ++row) {
    for (uint32_t i = 0; i < c->n; ++i) {
      ordered[(size_t)row * c->n + i] = values[(size_t)row * c->service->features.n + c->columns[i]];
    }
  }
  return ordered;
}

static stoa_status read_keys(const stoa_call *call, const stoa_entity *entity, stoa_arena *arena, stoa_slice **out,
                             stoa_error *err)
{
  const stoa_request *const r = &call->request;
  *out = STOA_NEWS(arena, stoa_slice, (size_t)r->n_keys * entity->n_keys + 1);
  for (uint32_t i = 0; i < r->n_keys; ++i) {
    STOA_TRY(stoa_entity_key(entity, r->keys[i], arena, *out + (size_t)i * entity->n_keys, err));
  }
  return STOA_OK;
}

// One text may stand in many rows, as a list does for a key that is asked for again and again.
static stoa_status check_size(const stoa_term *values, size_t n, stoa_error *err)
{
  uint64_t bytes = 0;
  for (size_t i = 0; i < n; ++i) {
    bytes += values[i].kind == STOA_TERM_TYPED ? values[i].as.literal->text.length : values[i].length;
  }
  return bytes <= STOA_MOST_REQUEST_MEMORY
           ? STOA_OK
           : stoa_error_set(err, STOA_LIMIT, "%s", stoa_limit_text(STOA_LIMIT_REQUEST_MEMORY));
}

// Whoever does not exist has no features, not even those that stand for none.
static const bool *absent_rows(stoa_reply *reply, const bool *known, const stoa_entity *entity, const stoa_slice *keys,
                               stoa_term *values, stoa_arena *arena)
{
  bool *const absent = STOA_NEWS(arena, bool, reply->n_rows + 1);
  for (uint32_t row = 0; row < reply->n_rows; ++row) {
    absent[row] = !known[row];
    for (uint32_t i = 0; absent[row] && i < reply->n_columns; ++i) {
      values[(size_t)row * reply->n_columns + i] = (stoa_term){0};
    }
    if (absent[row] && !reply->absence) {
      reply->absence = stoa_entity_absence(entity, keys + (size_t)row * entity->n_keys, arena);
    }
  }
  return absent;
}

stoa_status stoa_run_vector(stoa_call *call, stoa_error *err)
{
  const stoa_request *const r = &call->request;
  stoa_reply *const reply = &call->reply;
  stoa_arena *const arena = &call->arena;
  choice c = {0};
  stoa_slice *keys;
  const stoa_term *values;
  const bool *known;
  STOA_TRY(choose(call, &c, arena, err));
  STOA_TRY(read_keys(call, c.service->entity, arena, &keys, err));
  const stoa_sampling sampling = stoa_sampling_begin(call->shared->engine);
  STOA_TRY(stoa_served_values(c.service, keys, r->n_keys, c.wanted, &call->context, arena, &values, &known, err));
  stoa_term *const ordered = in_order(&c, values, r->n_keys, arena);
  STOA_TRY(check_size(ordered, (size_t)r->n_keys * c.n, err));
  if (stoa_sampling_holds(&sampling, call->shared->engine)) {
    stoa_sampling_rows(&sampling, &call->context, c.service, keys, r->n_keys, values, known, c.wanted);
  }
  const char **const names = STOA_NEWS(arena, const char *, c.n + 1);
  for (uint32_t i = 0; i < c.n; ++i) {
    names[i] = c.service->features.items[c.columns[i]]->name;
  }
  reply->kind = STOA_REPLY_VALUES;
  reply->names = names;
  reply->n_columns = c.n;
  reply->n_rows = r->n_keys;
  reply->absent = absent_rows(reply, known, c.service->entity, keys, ordered, arena);
  reply->values = ordered;
  stoa_metrics_add(&call->shared->metrics->vectors, r->n_keys);
  return STOA_OK;
}

// One row: the seconds of each feature's view; unbound where none are declared.
stoa_status stoa_run_service(stoa_call *call, stoa_error *err)
{
  stoa_reply *const reply = &call->reply;
  choice c = {0};
  STOA_TRY(choose(call, &c, &call->arena, err));
  const char **const names = STOA_NEWS(&call->arena, const char *, c.n + 1);
  stoa_term *const values = STOA_NEWS(&call->arena, stoa_term, c.n + 1);
  for (uint32_t i = 0; i < c.n; ++i) {
    const stoa_view *const view = c.service->views.items[c.service->view_of.items[c.columns[i]]];
    names[i] = c.service->features.items[c.columns[i]]->name;
    if (view->fresh_us) {
      values[i] = stoa_term_integer(view->fresh_us / 1000000);
    }
  }
  reply->kind = STOA_REPLY_VALUES;
  reply->names = names;
  reply->values = values;
  reply->n_columns = c.n;
  reply->n_rows = 1;
  return STOA_OK;
}
