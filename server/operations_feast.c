// What Feast's clients ask of a feature server: features of many entities; events and rows to be kept; a store to be
// filled, which is none here.
#include "graph/term/xsd.h"
#include "personalizer/push.h"
#include "server/feast.h"
#include "server/health.h"
#include "server/metrics.h"

stoa_status stoa_run_online(stoa_call *call, stoa_error *err)
{
  stoa_feast_request request = {0};
  STOA_TRY(stoa_feast_read(call, &request, err));
  STOA_TRY(stoa_feast_write(call, &request, err));
  stoa_metrics_add(&call->shared->metrics->vectors, request.n_rows);
  call->reply.rows = request.n_rows;
  return STOA_OK;
}

// ---- events

static stoa_status need_name(stoa_call *call, const stoa_json *body, const char *name, const char **out,
                             stoa_error *err)
{
  const stoa_json *const node = stoa_json_find(body, name);
  const bool is_text = node && node->kind == STOA_JSON_STRING;
  const char *const place = stoa_arena_print(&call->arena, "[\"body\",\"%s\"]", name);
  if (!is_text) {
    return stoa_feast_invalid(call, node ? "string_type" : "missing", place, err,
                              node ? "\"%s\" is a name" : "Field required", name);
  }
  *out = stoa_arena_copy(&call->arena, node->text);
  return stoa_feast_name(call, name, place, node->text, err);
}

// Rows become events, all of them or none.
static stoa_status keep_rows(stoa_call *call, const stoa_json *body, const stoa_event_type *type, stoa_error *err)
{
  const stoa_json *const df = stoa_json_find(body, "df");
  stoa_error fault = {0};
  uint32_t n;
  if (!df || df->kind != STOA_JSON_OBJECT) {
    return stoa_feast_invalid(call, df ? "dict_type" : "missing", "[\"body\",\"df\"]", err,
                              df ? "\"df\" is {COLUMN: [VALUE, ...], ...}" : "Field required");
  }
  stoa_status status = stoa_push_rows(df, &n, &fault);
  if (status == STOA_OK && n > STOA_MOST_ROWS) {
    status = stoa_error_set(&fault, STOA_BAD_ARG, "%s", stoa_limit_text(STOA_LIMIT_ROWS));
  }
  if (status == STOA_OK) {
    status = stoa_push_read(type, df, call->context.now_us, &call->arena, &call->records, &call->n_records, &fault);
  }
  return status == STOA_OK ? STOA_OK
                           : stoa_feast_invalid(call, "value_error", "[\"body\",\"df\"]", err, "%s", fault.text);
}

// The log is where both are read from: what is kept is there for serving and for training.
static stoa_status check_target(stoa_call *call, const stoa_json *body, stoa_error *err)
{
  const stoa_json *const to = stoa_json_find(body, "to");
  const bool good = !to || (to->kind == STOA_JSON_STRING &&
                            (stoa_slice_is(to->text, "online") || stoa_slice_is(to->text, "online_and_offline")));
  return good ? STOA_OK
              : stoa_feast_invalid(call, "enum", "[\"body\",\"to\"]", err,
                                   "events are kept once, for serving and for training: \"to\" is online or "
                                   "online_and_offline");
}

stoa_status stoa_run_push(stoa_call *call, stoa_error *err)
{
  const stoa_json *body;
  const char *name;
  // Of Feast's own two, the one is about a cache that is none here, the other about transformations that run at
  // reading.
  static const char *const known[] = {"push_source_name", "df", "to", "allow_registry_cache", "transform_on_write"};
  STOA_TRY(stoa_feast_body(call, &body, err));
  STOA_TRY(stoa_feast_known(call, body, known, sizeof known / sizeof *known, err));
  STOA_TRY(need_name(call, body, "push_source_name", &name, err));
  const stoa_event_type *const type = stoa_engine_event_type(call->shared->engine, name);
  if (!type) {
    return stoa_feast_refuse(call, 422, "PushSourceNotFoundException", err, "Unable to find push source '%.200s'.",
                             name);
  }
  STOA_TRY(check_target(call, body, err));
  STOA_TRY(keep_rows(call, body, type, err));
  stoa_feast_say(call, "", NULL);
  return STOA_OK;
}

// Views are computed, so that a row can be written only where it is an event that the view reads: the event type has
// the view's name.
stoa_status stoa_run_write_rows(stoa_call *call, stoa_error *err)
{
  const stoa_json *body;
  const char *name;
  static const char *const known[] = {"feature_view_name", "df", "allow_registry_cache", "transform_on_write"};
  STOA_TRY(stoa_feast_body(call, &body, err));
  STOA_TRY(stoa_feast_known(call, body, known, sizeof known / sizeof *known, err));
  STOA_TRY(need_name(call, body, "feature_view_name", &name, err));
  if (!stoa_registry_view(call->layer->registry, name)) {
    return stoa_feast_refuse(call, 404, "FeatureViewNotFoundException", err,
                             "Feature view %.200s does not exist in project %s", name, call->layer->project->name);
  }
  const stoa_event_type *const type = stoa_engine_event_type(call->shared->engine, name);
  if (!type) {
    return stoa_feast_invalid(call, "value_error", "[\"body\",\"feature_view_name\"]", err,
                              "feature view %.200s is computed from its sources and takes no rows; declare an event "
                              "type of its name that it reads",
                              name);
  }
  STOA_TRY(keep_rows(call, body, type, err));
  stoa_feast_say(call, "null", "application/json");
  return STOA_OK;
}

// ---- a store that need not be filled: features are computed when they are asked for

static stoa_status check_time(stoa_call *call, const stoa_json *body, const char *name, bool needed, stoa_error *err)
{
  const stoa_json *const node = stoa_json_find(body, name);
  const char *const place = stoa_arena_print(&call->arena, "[\"body\",\"%s\"]", name);
  stoa_instant ignored;
  if (!node || node->kind == STOA_JSON_NULL) {
    return needed ? stoa_feast_invalid(call, "missing", place, err, "Field required") : STOA_OK;
  }
  return node->kind == STOA_JSON_STRING && stoa_xsd_datetime_read(node->text, &ignored)
           ? STOA_OK
           : stoa_feast_invalid(call, "value_error", place, err, "\"%s\" is a time such as 2026-11-01T00:00:00", name);
}

static stoa_status read_views(stoa_call *call, const stoa_json *list, stoa_buf *names, stoa_error *err)
{
  if (list->kind != STOA_JSON_ARRAY) {
    return stoa_feast_invalid(call, "list_type", "[\"body\",\"feature_views\"]", err,
                              "\"feature_views\" is a list of names");
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    const stoa_json *const item = &list->items[i];
    const char *const name = item->kind == STOA_JSON_STRING ? stoa_arena_copy(&call->arena, item->text) : "";
    if (!stoa_registry_view(call->layer->registry, name)) {
      return stoa_feast_refuse(call, 404, "FeatureViewNotFoundException", err,
                               "Feature view %.200s does not exist in project %s", name, call->layer->project->name);
    }
    stoa_buf_print(names, "%s\"%s\"", i ? "," : "", name);
  }
  return STOA_OK;
}

static void all_views(const stoa_registry *registry, stoa_buf *names)
{
  for (uint32_t i = 0; i < registry->views.n; ++i) {
    stoa_buf_print(names, "%s\"%s\"", i ? "," : "", registry->views.items[i]->name);
  }
}

static stoa_status materialize(stoa_call *call, stoa_buf *names, stoa_error *err)
{
  static const char *const known[] = {"start_ts", "end_ts", "feature_views", "disable_event_timestamp",
                                      "full_feature_names"};
  const stoa_json *body;
  STOA_TRY(stoa_feast_body(call, &body, err));
  STOA_TRY(stoa_feast_known(call, body, known, sizeof known / sizeof *known, err));
  const stoa_json *const list = stoa_json_find(body, "feature_views");
  const bool incremental = strcmp(call->request.name, "incremental") == 0;
  STOA_TRY(check_time(call, body, "start_ts", false, err));
  STOA_TRY(check_time(call, body, "end_ts", incremental, err));
  if (list && list->kind != STOA_JSON_NULL) {
    return read_views(call, list, names, err);
  }
  all_views(call->layer->registry, names);
  return STOA_OK;
}

stoa_status stoa_run_materialize(stoa_call *call, stoa_error *err)
{
  stoa_buf names = {0};
  const stoa_status status = materialize(call, &names, err);
  if (status == STOA_OK && call->request.how) { // ?async=true
    call->reply.http = 202;
    stoa_feast_say(
      call, stoa_arena_print(&call->arena, "{\"status\":\"accepted\",\"feature_views\":[%s]}", stoa_buf_string(&names)),
      "application/json");
  } else if (status == STOA_OK) {
    stoa_feast_say(call, "null", "application/json");
  }
  stoa_buf_done(&names);
  return status;
}

stoa_status stoa_run_serving(stoa_call *call, stoa_error *err)
{
  stoa_buf why = {0};
  const bool ready = stoa_health_ready(call->shared->health, &why);
  stoa_buf_done(&why);
  stoa_feast_say(call, "", NULL);
  return ready ? STOA_OK : stoa_error_set(err, STOA_UNAVAILABLE, "not ready");
}
