// The columns of a service whose rows are kept as texts: what is the same for many columns is written once, and copied.
#include "server/feast.h"
#include "server/forms.h"

enum { MOST_MADE = 16 };

static bool are_allowed(const stoa_call *call, const stoa_service *service)
{
  stoa_error refused = {0};
  bool allowed = true;
  for (uint32_t i = 0; i < service->views.n && allowed; ++i) {
    allowed = stoa_view_allow(service->views.items[i], call->context.purpose, &refused) == STOA_OK;
  }
  return allowed;
}

static stoa_served_row *find_row(const stoa_call *call, const stoa_feast_request *r, uint32_t i)
{
  const stoa_service *const service = r->service;
  return stoa_served_find(service, r->keys_of_service + (size_t)i * service->entity->n_keys, call->context.now_us,
                          STOA_FORM_FEAST, r->arena);
}

// Those that are missing are made, of what is kept of their views where nothing may be waited for.
static bool find_missing(stoa_call *call, const stoa_feast_request *r, stoa_served_row **rows)
{
  const stoa_service *const service = r->service;
  const uint32_t n_parts = service->entity->n_keys;
  stoa_slice *const keys = STOA_NEWS(r->arena, stoa_slice, (size_t)r->n_rows * n_parts + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < r->n_rows; ++i) {
    if (!rows[i]) {
      memcpy(keys + (size_t)n++ * n_parts, r->keys_of_service + (size_t)i * n_parts, n_parts * sizeof *keys);
    }
  }
  if (n == 0 || (call->context.at_once && n > MOST_MADE)) {
    return n == 0;
  }
  stoa_served_make(service, keys, n, STOA_FORM_FEAST, &call->context, r->arena);
  bool all = true;
  for (uint32_t i = 0; i < r->n_rows && all; ++i) {
    rows[i] = rows[i] ? rows[i] : find_row(call, r, i);
    all = rows[i] != NULL;
  }
  return all;
}

void stoa_feast_leave(const stoa_feast_request *r, stoa_served_row **rows)
{
  for (uint32_t i = 0; i < r->n_rows; ++i) {
    if (rows[i]) {
      stoa_served_row_leave(rows[i]);
    }
  }
}

stoa_served_row **stoa_feast_rows(stoa_call *call, const stoa_feast_request *r)
{
  if (!r->service || r->explain || !r->keys_of_service || !stoa_served_may(r->service, call->context.now_us) ||
      !are_allowed(call, r->service)) {
    return NULL;
  }
  stoa_served_row **const rows = STOA_NEWS(r->arena, stoa_served_row *, r->n_rows + 1);
  for (uint32_t i = 0; i < r->n_rows; ++i) {
    rows[i] = find_row(call, r, i);
  }
  if (find_missing(call, r, rows)) {
    return rows;
  }
  stoa_feast_leave(r, rows);
  return NULL;
}

// ---- columns

typedef struct {
  const stoa_feast_request *request;
  stoa_served_row *const *rows;
  const stoa_served_view **views; ///< [row]
  int64_t now_us;
  stoa_slice *times;  ///< [view]: the times of its rows; empty: not written yet
  stoa_slice present; ///< the statuses of a column that has all values
  stoa_buf text;
} columns;

static stoa_feast_status status_of(const columns *c, const stoa_served_view *view, stoa_cell_kind kind)
{
  const int64_t most = c->request->max_age_us;
  if (view->is_stale || (most >= 0 && view->at_us != STOA_NO_TIME && c->now_us - view->at_us > most)) {
    return STOA_FEAST_OUTSIDE_MAX_AGE;
  }
  return kind == STOA_CELL_NONE ? STOA_FEAST_NULL_VALUE : kind == STOA_CELL_LACKS ? STOA_FEAST_INVALID : STOA_FEAST_PRESENT;
}

static stoa_slice kept_text(const columns *c)
{
  return stoa_arena_slice(c->request->arena, (stoa_slice){c->text.data ? c->text.data : "", c->text.length});
}

static stoa_slice times_of(columns *c, uint32_t view)
{
  if (!c->times[view].data) {
    c->text.length = 0;
    for (uint32_t i = 0; i < c->request->n_rows; ++i) {
      stoa_buf_text(&c->text, i ? "," : ",\"event_timestamps\":[");
      stoa_feast_time(c->views[i][view].at_us, &c->text);
    }
    stoa_buf_text(&c->text, c->request->n_rows ? "]}" : "}");
    c->times[view] = kept_text(c);
  }
  return c->times[view];
}

static void write_column(columns *c, uint32_t column, stoa_feast_status *statuses, stoa_buf *out)
{
  const stoa_service *const service = c->request->service;
  const uint32_t n = c->request->n_rows, view = service->view_of.items[column];
  bool all = true;
  stoa_buf_text(out, "{\"values\":[");
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_served_cell cell = stoa_served_row_cell(c->rows[i], service, STOA_FORM_FEAST, column);
    statuses[i] = status_of(c, &c->views[i][view], cell.kind);
    all &= statuses[i] == STOA_FEAST_PRESENT;
    if (i) {
      stoa_buf_byte(out, ',');
    }
    if (statuses[i] == STOA_FEAST_PRESENT && cell.kind == STOA_CELL_TEXT) {
      stoa_buf_slice(out, cell.text);
    } else if (statuses[i] == STOA_FEAST_PRESENT) {
      stoa_served_row_write_one(c->rows[i], service, &stoa_server_forms, STOA_FORM_FEAST, column, c->now_us, out);
    } else {
      stoa_buf_text(out, "null");
    }
  }
  if (all && c->present.data) {
    stoa_buf_slice(out, c->present);
  } else {
    const size_t before = out->length;
    stoa_feast_write_statuses(statuses, n, out);
    if (all) {
      c->present = stoa_arena_slice(c->request->arena, (stoa_slice){out->data + before, out->length - before});
    }
  }
  stoa_buf_slice(out, times_of(c, view));
}

stoa_status stoa_feast_write_rows(stoa_call *call, const stoa_feast_request *r, stoa_served_row *const *rows, stoa_buf *out,
                                  stoa_error *err)
{
  enum { USUAL = 48, HEAD = 64 }; // bytes of a value with its status and time
  const stoa_service *const service = r->service;
  columns c = {.request = r, .rows = rows, .now_us = call->context.now_us};
  c.views = STOA_NEWS(r->arena, const stoa_served_view *, r->n_rows + 1);
  for (uint32_t i = 0; i < r->n_rows; ++i) {
    c.views[i] = stoa_served_row_views(rows[i]);
  }
  c.times = STOA_NEWS(r->arena, stoa_slice, service->views.n + 1);
  stoa_feast_status *const statuses = STOA_NEWS(r->arena, stoa_feast_status, r->n_rows + 1);
  stoa_buf_reserve(out, (size_t)service->features.n * (r->n_rows * USUAL + HEAD));
  stoa_status status = STOA_OK;
  for (uint32_t i = 0; i < service->features.n && status == STOA_OK; ++i) {
    stoa_buf_text(out, i || r->keys.n ? "," : "");
    write_column(&c, i, statuses, out);
    status = stoa_feast_check(out, err);
  }
  stoa_buf_done(&c.text);
  return status;
}
