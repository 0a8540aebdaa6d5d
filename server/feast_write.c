// The answer of POST /get-online-features: a column for each key and feature, with the status and the time of each
// value, written as they come.
#include "features/lineage.h"
#include "server/feast.h"
#include "server/sampling.h"
#include <math.h>

// ---- columns

// What is to be said of one view's rows.
typedef struct {
  stoa_call *call;
  const stoa_feast_request *request;
  const stoa_view_values *values;
  const stoa_feature *feature;
  uint32_t column; ///< of the view
  const bool *known;
} column;

static stoa_term value_of(const column *c, uint32_t row)
{
  return c->values->values[(size_t)row * c->values->view->features.n + c->column];
}

static stoa_feast_status status_of(const column *c, uint32_t row)
{
  const stoa_view_row *const its = &c->values->rows[row];
  const int64_t most = c->request->max_age_us;
  const stoa_term value = value_of(c, row);
  if (!c->known[row]) {
    return STOA_FEAST_NOT_FOUND;
  }
  if (its->is_stale || (most >= 0 && its->at_us != STOA_NO_TIME && c->call->context.now_us - its->at_us > most)) {
    return STOA_FEAST_OUTSIDE_MAX_AGE;
  }
  if (!stoa_term_is_bound(value)) {
    return its->misfits && its->misfits[c->column] ? STOA_FEAST_INVALID : STOA_FEAST_NULL_VALUE;
  }
  return value.kind == STOA_TERM_DOUBLE && !isfinite(value.as.real) ? STOA_FEAST_INVALID : STOA_FEAST_PRESENT; // JSON has no such number
}

static void write_ages(const column *c, stoa_buf *out)
{
  stoa_buf_text(out, ",\"ages\":[");
  for (uint32_t row = 0; row < c->request->n_rows; ++row) {
    const int64_t at = c->values->rows[row].at_us;
    stoa_buf_text(out, row ? "," : "");
    if (at == STOA_NO_TIME || !c->known[row]) {
      stoa_buf_text(out, "null");
    } else {
      stoa_feast_double((double)(c->call->context.now_us - at) / 1e6, out);
    }
  }
  stoa_buf_byte(out, ']');
}

// Why a row has no values although there may be one.
static void write_withheld(const column *c, stoa_buf *out)
{
  stoa_buf_text(out, ",\"withheld\":[");
  for (uint32_t row = 0; row < c->request->n_rows; ++row) {
    stoa_buf_text(out, row ? "," : "");
    stoa_buf_text(out, c->known[row] && c->values->rows[row].is_small ? "\"min_group\"" : "null");
  }
  stoa_buf_byte(out, ']');
}

static void write_column(const column *c, stoa_arena *arena, stoa_buf *out)
{
  const uint32_t n = c->request->n_rows;
  stoa_feast_status *const statuses = STOA_NEWS(arena, stoa_feast_status, n + 1);
  stoa_buf_text(out, "{\"values\":[");
  for (uint32_t row = 0; row < n; ++row) {
    statuses[row] = status_of(c, row);
    stoa_buf_text(out, row ? "," : "");
    stoa_feast_value(statuses[row] == STOA_FEAST_PRESENT ? value_of(c, row) : (stoa_term){0}, c->feature, out);
  }
  stoa_feast_write_statuses(statuses, n, out);
  if (n) {
    stoa_buf_text(out, ",\"event_timestamps\":[");
    for (uint32_t row = 0; row < n; ++row) {
      stoa_buf_text(out, row ? "," : "");
      stoa_feast_time(c->known[row] ? c->values->rows[row].at_us : STOA_NO_TIME, out);
    }
    stoa_buf_byte(out, ']');
  }
  if (c->request->explain) {
    write_ages(c, out);
  }
  if (c->request->explain && c->values->view->least_group) {
    write_withheld(c, out);
  }
  stoa_buf_byte(out, '}');
}

static stoa_status write_feature(stoa_call *call, const stoa_feast_request *r, const stoa_feast_column *asked,
                                 stoa_buf *out, stoa_error *err)
{
  column c = {
    .call = call, .request = r, .feature = &asked->view->features.items[asked->feature], .column = asked->feature};
  STOA_TRY(stoa_vectors_view(r->vectors, asked->view, &c.values, err));
  STOA_TRY(stoa_vectors_known(r->vectors, asked->view->entity, &c.known, err));
  write_column(&c, &call->arena, out);
  return stoa_feast_check(out, err);
}

// A key comes back in its declared type.
static void write_key(const stoa_feast_key *key, uint32_t n, bool explain, stoa_buf *out)
{
  stoa_buf_text(out, "{\"values\":[");
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_json *const cell = &key->cells[i];
    const bool number = key->type == STOA_KEY_INT32 || key->type == STOA_KEY_INT64 ||
                        (key->type == STOA_KEY_ANY && cell->kind == STOA_JSON_INTEGER);
    stoa_buf_text(out, i ? "," : "");
    if (cell->kind == STOA_JSON_STRING) {
      number ? stoa_buf_slice(out, cell->text) : stoa_buf_json(out, cell->text);
    } else {
      stoa_buf_text(out, number ? "" : "\"");
      stoa_buf_integer(out, cell->integer);
      stoa_buf_text(out, number ? "" : "\"");
    }
  }
  stoa_feast_write_statuses(NULL, n, out);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_text(out, i ? "," : ",\"event_timestamps\":[");
    stoa_feast_time(STOA_NO_TIME, out);
  }
  stoa_buf_text(out, n ? "]" : "");
  for (uint32_t i = 0; explain && i < n; ++i) {
    stoa_buf_text(out, i ? ",null" : ",\"ages\":[null");
  }
  stoa_buf_text(out, explain && n ? "]}" : "}");
}

static const char *name_of(const stoa_feast_request *r, const stoa_feast_column *c)
{
  const stoa_feature *const f = &c->view->features.items[c->feature];
  return r->full_names ? f->name : stoa_feast_short_name(c->view, f);
}

static void write_names(const stoa_feast_request *r, stoa_buf *out)
{
  stoa_buf_text(out, "],\"metadata\":{\"feature_names\":[");
  for (uint32_t i = 0; i < r->keys.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(r->keys.items[i].name));
  }
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_buf_text(out, i || r->keys.n ? "," : "");
    stoa_buf_json(out, stoa_slice_of(name_of(r, &r->columns.items[i])));
  }
  stoa_buf_text(out, "]}");
}

// ---- explain: which columns of which sources each feature is made of

static void write_source(const stoa_lineage *values, const stoa_lineage_column *c, stoa_buf *out)
{
  stoa_buf_text(out, "{\"source\":");
  stoa_buf_json(out, stoa_slice_of(c->source));
  stoa_buf_text(out, ",\"table\":");
  stoa_buf_json(out, stoa_slice_of(c->table));
  stoa_buf_text(out, ",\"column\":");
  stoa_buf_json(out, stoa_slice_of(c->column));
  stoa_buf_print(out, ",\"role\":\"%s\"}", stoa_lineage_has(values, c) ? "value" : "read");
}

static void write_lineage(const stoa_call *call, const stoa_feast_request *r, stoa_arena *arena, stoa_buf *out)
{
  const size_t folder = strlen(call->layer->project->dir) + 1;
  stoa_buf_text(out, ",\"lineage\":[");
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    const stoa_view *const view = r->columns.items[i].view;
    const stoa_feature *const f = &view->features.items[r->columns.items[i].feature];
    stoa_lineage values = {0}, all = {0};
    stoa_feature_lineage(view, f, arena, &values, &all);
    stoa_buf_text(out, i ? ",{\"feature\":" : "{\"feature\":");
    stoa_buf_json(out, stoa_slice_of(stoa_arena_print(arena, "%s:%s", view->name, stoa_feast_short_name(view, f))));
    stoa_buf_print(out, ",\"kind\":\"%s\",\"file\":", stoa_view_kind_name(view));
    stoa_buf_json(out, stoa_slice_of(strlen(view->file) > folder ? view->file + folder : view->file));
    stoa_buf_text(out, ",\"sources\":[");
    for (uint32_t k = 0; k < all.n; ++k) {
      stoa_buf_text(out, k ? "," : "");
      write_source(&values, &all.items[k], out);
    }
    stoa_buf_text(out, "]}");
  }
  stoa_buf_byte(out, ']');
}

static stoa_status compute(const stoa_feast_request *r, stoa_error *err)
{
  const stoa_view_values *ignored;
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_vectors_want(r->vectors, r->columns.items[i].view, r->columns.items[i].feature);
  }
  for (uint32_t i = 0; i < r->columns.n; ++i) { // all of them tell who is there
    STOA_TRY(stoa_vectors_view(r->vectors, r->columns.items[i].view, &ignored, err));
  }
  return STOA_OK;
}

static stoa_status write_features(stoa_call *call, const stoa_feast_request *r, stoa_buf *out, stoa_error *err)
{
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    stoa_buf_text(out, i || r->keys.n ? "," : "");
    STOA_TRY(write_feature(call, r, &r->columns.items[i], out, err));
  }
  return STOA_OK;
}

// ---- samples: of rows that are kept, or of each view; what is made of the request's own inputs is none

static void sample_rows(const stoa_call *call, const stoa_sampling *sampling, const stoa_feast_request *r,
                        stoa_served_row *const *rows)
{
  for (uint32_t i = 0; i < r->n_rows; ++i) {
    stoa_sampling_served(sampling, call->context.now_us, call->context.purpose, r->service,
                         r->keys_of_service + (size_t)i * r->service->entity->n_keys, rows[i], NULL, r->arena);
  }
}

static stoa_status sample_view(const stoa_call *call, const stoa_sampling *sampling, const stoa_feast_request *r,
                               const stoa_view *view, stoa_error *err)
{
  const stoa_registry *const registry = call->layer->registry;
  const stoa_service *service;
  const stoa_view_values *its;
  const bool *known;
  if (view->kind == STOA_VIEW_REQUEST || stoa_registry_service(registry, view->name)) {
    return STOA_OK; // by that name a service would be replayed
  }
  STOA_TRY(stoa_registry_need_service(registry, view->name, &service, err));
  STOA_TRY(stoa_vectors_view(r->vectors, view, &its, err));
  STOA_TRY(stoa_vectors_known(r->vectors, view->entity, &known, err));
  stoa_sampling_rows(sampling, &call->context, service, stoa_vectors_keys_of(r->vectors, view->entity), r->n_rows,
                     its->values, known, stoa_vectors_wanted(r->vectors, view));
  return STOA_OK;
}

static stoa_status sample_views(const stoa_call *call, const stoa_sampling *sampling, const stoa_feast_request *r,
                                stoa_error *err)
{
  for (uint32_t i = 0; i < r->columns.n; ++i) {
    uint32_t before = 0;
    while (r->columns.items[before].view != r->columns.items[i].view) {
      ++before;
    }
    if (before == i) {
      STOA_TRY(sample_view(call, sampling, r, r->columns.items[i].view, err));
    }
  }
  return STOA_OK;
}

stoa_status stoa_feast_write(stoa_call *call, const stoa_feast_request *r, stoa_error *err)
{
  stoa_buf *const out = &call->stream;
  const stoa_sampling sampling = stoa_sampling_begin(call->shared->engine);
  stoa_served_row **const rows = stoa_feast_rows(call, r);
  if (!rows) {
    STOA_TRY(compute(r, err));
  }
  stoa_buf_text(out, "{\"results\":[");
  for (uint32_t i = 0; i < r->keys.n; ++i) {
    stoa_buf_text(out, i ? "," : "");
    write_key(&r->keys.items[i], r->n_rows, r->explain, out);
  }
  if (rows) {
    if (stoa_sampling_holds(&sampling, call->shared->engine)) {
      sample_rows(call, &sampling, r, rows);
    }
    const stoa_status status = stoa_feast_write_rows(call, r, rows, out, err);
    stoa_feast_leave(r, rows);
    STOA_TRY(status);
  } else {
    STOA_TRY(write_features(call, r, out, err));
    if (stoa_sampling_holds(&sampling, call->shared->engine)) {
      STOA_TRY(sample_views(call, &sampling, r, err));
    }
  }
  write_names(r, out);
  if (r->explain) {
    write_lineage(call, r, &call->arena, out);
  }
  stoa_buf_byte(out, '}');
  call->reply.kind = STOA_REPLY_STREAM;
  call->reply.media_type = "application/json";
  return STOA_OK;
}
