#include "server/http_routes.h"
#include "graph/base/file.h"
#include "graph/base/iri.h"
#include "graph/sparql/parser.h"
#include "server/http_form.h"
#include "server/http_loop.h"
#include "server/http_media.h"
#include <stdlib.h>
#include <strings.h>

enum { MOST_WARNED = 1000 };

static const stoa_http_refusal none = {0, NULL, NULL};

static stoa_slice slice_of(const stoa_buf *buf)
{
  return (stoa_slice){buf->data ? buf->data : "", buf->length};
}

static stoa_http_refusal bad_request(const char *why)
{
  return (stoa_http_refusal){400, "BadRequest", why};
}

// ---- SPARQL 1.1 Protocol

// A number of milliseconds, or one with a unit: 500, 500ms, 60s, 2m.  False for anything else.
static bool read_timeout(stoa_buf *text, int64_t *ms)
{
  static const struct {
    const char *unit;
    int64_t ms;
  } units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}};
  char *end;
  const char *const start = stoa_buf_string(text);
  const long n = strtol(start, &end, 10);
  for (size_t i = 0; i < sizeof units / sizeof *units; ++i) {
    if (end > start && *start >= '0' && *start <= '9' && strlen(start) == text->length &&
        strcmp(end, units[i].unit) == 0 && n > 0 && n <= 1000000000) {
      *ms = n * units[i].ms;
      return true;
    }
  }
  return false;
}

// default-graph-uri and named-graph-uri (SPARQL 1.1 Protocol, section 2.1.4).
static bool are_iris(const stoa_form_list *list)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (!stoa_iri_is_absolute(list->items[i]) || !stoa_iri_is_clean(list->items[i])) {
      return false;
    }
  }
  return true;
}

static stoa_http_refusal read_dataset(stoa_call *call, stoa_slice query, stoa_slice form)
{
  stoa_arena *const arena = &call->arena;
  stoa_form_list graphs = {0}, named = {0};
  const stoa_slice parts[] = {query, form};
  for (int i = 0; i < 2; ++i) {
    stoa_form_all(parts[i], "default-graph-uri", arena, &graphs);
    stoa_form_all(parts[i], "named-graph-uri", arena, &named);
  }
  if (!are_iris(&graphs) || !are_iris(&named)) {
    return bad_request("default-graph-uri and named-graph-uri are absolute IRIs");
  }
  if (graphs.n + named.n) {
    stoa_dataset *const dataset = STOA_NEW(arena, stoa_dataset);
    *dataset = (stoa_dataset){graphs.items, named.items, graphs.n, named.n};
    call->request.dataset = dataset;
  }
  return none;
}

static stoa_http_refusal read_limits(stoa_call *call, stoa_slice query, stoa_slice form)
{
  stoa_buf timeout = {0};
  stoa_form_find(query, "timeout", &timeout);
  stoa_form_find(form, "timeout", &timeout);
  const bool good = timeout.length == 0 || read_timeout(&timeout, &call->request.timeout_ms);
  stoa_buf_done(&timeout);
  return good ? none : bad_request("timeout is a time such as 500ms, 60s or 2m; a number alone is of milliseconds");
}

// The query stands in the query string, in a form, or is the body.
static stoa_http_refusal read_text(stoa_call *call, const stoa_http_message *m, stoa_slice query, stoa_slice *form)
{
  const bool post = m->method == STOA_HTTP_POST;
  *form = (stoa_slice){"", 0};
  if (post && stoa_http_is_type(m, "application/sparql-query")) {
    call->request.body = stoa_call_copy(call, slice_of(&m->body));
    return none;
  }
  if (post && !stoa_http_is_type(m, "application/x-www-form-urlencoded")) {
    return (stoa_http_refusal){415, "UnsupportedMediaType",
                               "send application/sparql-query or application/x-www-form-urlencoded"};
  }
  stoa_buf text = {0};
  *form = post ? slice_of(&m->body) : *form;
  const int n = stoa_form_find(post ? *form : query, "query", &text);
  call->request.body = stoa_call_copy(call, slice_of(&text));
  stoa_buf_done(&text);
  return n == 1 ? none
                : bad_request(n ? "the parameter query stands more than once" : "the parameter query is missing");
}

static stoa_http_refusal fill_asked(stoa_call *call, const stoa_http_message *m, stoa_slice query, stoa_slice *form)
{
  stoa_http_refusal refusal = read_text(call, m, query, form);
  if (!refusal.status) {
    refusal = read_dataset(call, query, *form);
  }
  return refusal.status ? refusal : read_limits(call, query, *form);
}

static stoa_http_refusal fill_query(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_slice sent;
  (void)part;
  const stoa_http_refusal refusal = fill_asked(call, m, query, &sent);
  if (refusal.status) {
    return refusal;
  }
  const stoa_form form = stoa_query_form(call->request.body);
  const bool graph = form == STOA_FORM_CONSTRUCT || form == STOA_FORM_DESCRIBE;
  call->streams = true;
  return stoa_media_choose(slice_of(&m->accept), form, &call->request.format)
           ? none
           : (stoa_http_refusal){
               406, "NotAcceptable",
               graph ? "a graph is given as one of application/n-triples, text/turtle, application/rdf+xml"
                     : "rows are given as one of application/sparql-results+json, application/sparql-results+xml, "
                       "text/csv, text/tab-separated-values"};
}

static stoa_http_refusal fill_explain(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_slice sent;
  stoa_buf how = {0};
  (void)part;
  const stoa_http_refusal refusal = fill_asked(call, m, query, &sent);
  if (stoa_form_find(query, "how", &how) + stoa_form_find(sent, "how", &how) > 0) {
    call->request.how = stoa_arena_copy(&call->arena, slice_of(&how));
  }
  stoa_buf_done(&how);
  return refusal;
}

// ---- features and decisions

static stoa_slice form_of(const stoa_http_message *m)
{
  return stoa_http_is_type(m, "application/x-www-form-urlencoded") ? slice_of(&m->body) : (stoa_slice){"", 0};
}

static void name_by(stoa_call *call, const char *what, stoa_slice part)
{
  stoa_buf name = {0};
  stoa_form_decode(part, false, &name);
  stoa_call_name(call, what, slice_of(&name));
  stoa_buf_done(&name);
}

static const char *need_name(stoa_call *call, const char *what, stoa_slice name)
{
  stoa_error fault = {0};
  const stoa_status status = stoa_name_check(what, name, &fault);
  if (status != STOA_OK) {
    stoa_call_refuse(call, status, "%s", fault.text);
  }
  return status == STOA_OK ? stoa_arena_copy(&call->arena, name) : "";
}

static stoa_http_refusal fill_vector(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_form_list keys = {0}, fields = {0};
  const stoa_slice parts[] = {query, form_of(m)};
  if (m->body.length && parts[1].length == 0) {
    return (stoa_http_refusal){415, "UnsupportedMediaType", "send application/x-www-form-urlencoded"};
  }
  name_by(call, "the service", part);
  for (int i = 0; i < 2; ++i) {
    stoa_form_all(parts[i], "key", &call->arena, &keys);
    stoa_form_all(parts[i], "field", &call->arena, &fields);
  }
  stoa_call_keys(call, keys.items, keys.n, fields.items, fields.n);
  return keys.n == 0 || keys.n > STOA_MOST_ARGUMENTS || fields.n > STOA_MOST_ARGUMENTS
           ? bad_request("the parameter key stands once for each key, at most 1,024 times, as does field")
           : none;
}

static stoa_http_refusal fill_watch(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_form_list keys = {0};
  (void)m;
  name_by(call, "the view", part);
  stoa_form_all(query, "key", &call->arena, &keys);
  stoa_call_keys(call, keys.items, keys.n, NULL, 0);
  call->streams = true;
  return keys.n > STOA_MOST_ARGUMENTS ? bad_request("the parameter key stands at most 1,024 times") : none;
}

static stoa_slice loop_of(const stoa_http_message *m)
{
  stoa_slice path, query;
  stoa_http_loop loop;
  stoa_http_target(m, &path, &query);
  stoa_http_loop_read(path, &loop);
  return loop.loop;
}

// The Personalizer has one loop; ours are named by the path or by `policy` in the query string, the first by default.
static stoa_http_refusal fill_rank(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_buf policy = {0};
  const stoa_slice loop = loop_of(m);
  const stoa_policies *const policies = stoa_engine_policies(call->shared->engine);
  const bool in_query = stoa_form_find(query, "policy", &policy);
  (void)part;
  if (in_query && loop.length) {
    stoa_call_refuse(call, STOA_BAD_ARG, "the path names a loop, and the parameter policy another time; leave out one");
  } else if (in_query) {
    stoa_call_name(call, "policy", slice_of(&policy));
  } else if (loop.length) {
    name_by(call, "the loop", loop);
  } else if (policies->n) {
    call->request.name = policies->items[0]->name;
  }
  stoa_buf_done(&policy);
  call->request.body = stoa_call_copy(call, slice_of(&m->body));
  return none;
}

// Where the path names a loop, the event is one of its own.
static void policy_by(stoa_call *call, stoa_slice loop)
{
  stoa_buf name = {0};
  if (loop.length) {
    stoa_form_decode(loop, false, &name);
    call->request.policy = need_name(call, "the loop", slice_of(&name));
  }
  stoa_buf_done(&name);
}

static stoa_http_refusal fill_reward(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  const stoa_json *body;
  static const char *const members[] = {"value"};
  (void)query;
  name_by(call, "the event's id", part);
  policy_by(call, loop_of(m));
  if (call->reply.status == STOA_OK) {
    call->reply.status = stoa_json_read(slice_of(&m->body), &call->arena, &body, &call->reply.err);
  }
  if (call->reply.status == STOA_OK) {
    call->reply.status = stoa_json_known(body, "a reward", members, 1, &call->reply.err);
  }
  if (call->reply.status != STOA_OK) {
    return none;
  }
  const stoa_json *const value = stoa_json_find(body, "value");
  if (!value || (value->kind != STOA_JSON_INTEGER && value->kind != STOA_JSON_REAL)) {
    stoa_call_refuse(call, STOA_BAD_ARG, "the body is {\"value\": NUMBER}");
    return none;
  }
  call->request.value = value->real;
  return none;
}

static stoa_http_refusal fill_event(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)query;
  name_by(call, "the event's type", part);
  call->request.body = stoa_call_copy(call, slice_of(&m->body));
  return none;
}

static void key_by(stoa_call *call, stoa_slice part)
{
  stoa_buf key = {0};
  stoa_form_decode(part, false, &key);
  const stoa_slice text = slice_of(&key);
  stoa_call_keys(call, &text, 1, NULL, 0);
  stoa_buf_done(&key);
}

// The kind of the entity is named by `entity` in the query string, where there are several.
static stoa_http_refusal fill_erase(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  stoa_buf entity = {0};
  (void)m;
  if (stoa_form_find(query, "entity", &entity)) {
    stoa_call_name(call, "the entity", slice_of(&entity));
  }
  stoa_buf_done(&entity);
  key_by(call, part);
  return none;
}

static stoa_http_refusal fill_erase_of(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  const char *const slash = memchr(part.data, '/', part.length);
  const size_t n = (size_t)(slash - part.data);
  (void)m;
  (void)query;
  name_by(call, "the entity", (stoa_slice){part.data, n});
  key_by(call, (stoa_slice){slash + 1, part.length - n - 1});
  return none;
}

static stoa_http_refusal fill_policy(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)m;
  (void)query;
  name_by(call, "the policy", part);
  return none;
}

static stoa_http_refusal fill_nothing(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)call;
  (void)m;
  (void)part;
  (void)query;
  return none;
}

// A body says nothing here: one that would say something is refused.
static stoa_http_refusal fill_reload(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  const stoa_json *body;
  (void)part;
  (void)query;
  if (m->body.length && stoa_json_read(slice_of(&m->body), &call->arena, &body, &call->reply.err) == STOA_OK) {
    stoa_json_known(body, "a reload", NULL, 0, &call->reply.err);
  }
  call->reply.status = call->reply.err.status;
  return none;
}

// ---- Feast's contract

static stoa_http_refusal fill_body(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)part;
  (void)query;
  call->request.body = stoa_call_copy(call, slice_of(&m->body));
  return none;
}

static stoa_http_refusal fill_materialize(stoa_call *call, const stoa_http_message *m, stoa_slice part,
                                          stoa_slice query)
{
  stoa_buf async = {0};
  if (stoa_form_find(query, "async", &async) && strcasecmp(stoa_buf_string(&async), "true") == 0) {
    call->request.how = "async";
  }
  stoa_buf_done(&async);
  return fill_body(call, m, part, query);
}

static stoa_http_refusal fill_incremental(stoa_call *call, const stoa_http_message *m, stoa_slice part,
                                          stoa_slice query)
{
  call->request.name = "incremental";
  return fill_materialize(call, m, part, query);
}

// A whole number from 1 on; false for anything else.
static bool read_count(stoa_slice query, const char *name, int64_t *out)
{
  stoa_buf text = {0};
  bool good = true;
  if (stoa_form_find(query, name, &text)) {
    char *end;
    const char *const start = stoa_buf_string(&text);
    *out = strtol(start, &end, 10);
    good = end > start && strlen(start) == text.length && !*end && *out >= 1 && *out <= 1000000;
  }
  stoa_buf_done(&text);
  return good;
}

// Parameters of Feast's registry that would choose or sort, and do neither here.
static const char *const filters[] = {"tags",        "entity",  "feature",    "feature_view", "feature_service",
                                      "data_source", "sort_by", "sort_order", "name_prefix",  NULL};

static void warn_filters(stoa_call *call, stoa_slice query)
{
  stoa_buf ignored = {0};
  for (size_t i = 0; filters[i]; ++i) {
    if (stoa_form_find(query, filters[i], &ignored)) {
      stoa_buf_print(&call->reply.warnings, "\"%s\" is not read here: all that is declared is told, in its order\n",
                     filters[i]);
    }
  }
  stoa_buf_done(&ignored);
}

static stoa_http_refusal fill_listed(stoa_call *call, const char *list, stoa_slice query)
{
  stoa_buf project = {0};
  stoa_request *const r = &call->request;
  r->how = list;
  if (stoa_form_find(query, "project", &project)) {
    r->project = need_name(call, "project", slice_of(&project));
  }
  stoa_buf_done(&project);
  warn_filters(call, query);
  const bool good = read_count(query, "page", &r->page) && read_count(query, "limit", &r->page_size);
  r->page = r->page_size && !r->page ? 1 : r->page;
  return good ? none : bad_request("page and limit are whole numbers from 1 on");
}

static stoa_http_refusal fill_list(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)m;
  return fill_listed(call, need_name(call, "the list", part), query);
}

static stoa_http_refusal fill_projects(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query)
{
  (void)m;
  (void)part;
  return fill_listed(call, "projects-list", query);
}

#define FILL_ONE(list)                                                                                                 \
  static stoa_http_refusal fill_##list(stoa_call *call, const stoa_http_message *m, stoa_slice part, stoa_slice query) \
  {                                                                                                                    \
    (void)m;                                                                                                           \
    name_by(call, #list, part);                                                                                        \
    return fill_listed(call, #list, query);                                                                            \
  }
FILL_ONE(feature_views)
FILL_ONE(feature_services)
FILL_ONE(entities)
FILL_ONE(data_sources)

// ---- the table

// What others that speak SPARQL's protocol send of their own is no fault there.
static const char *const of_sparql[] = {"query", "default-graph-uri", "named-graph-uri", "timeout", NULL};
static const char *const of_explain[] = {"query", "default-graph-uri", "named-graph-uri", "timeout", "how", NULL};
static const char *const of_features[] = {"key", "field", NULL};
static const char *const of_watch[] = {"key", NULL};
static const char *const of_rank[] = {"policy", NULL};
static const char *const of_online[] = {"status", NULL}; // statuses are always there
static const char *const of_materialize[] = {"async", NULL};
// The registry is read as it is, with all that belongs to it.
static const char *const of_registry[] = {
  "project",     "page",    "limit",      "include_relationships", "allow_cache",
  "tags",        "entity",  "feature",    "feature_view",          "feature_service",
  "data_source", "sort_by", "sort_order", "name_prefix",           NULL};
static const char *const of_erase[] = {"entity", NULL};
static const char *const of_none[] = {NULL};

static const stoa_http_takes takes_sparql = {of_sparql, true, true}, takes_explain = {of_explain, true, false},
                             takes_watch = {of_watch, false, false}, takes_features = {of_features, true, false}, takes_rank = {of_rank, false, false},
                             takes_online = {of_online, false, false}, takes_async = {of_materialize, false, false},
                             takes_registry = {of_registry, false, false}, takes_erase = {of_erase, false, false},
                             takes_none = {of_none, false, false};

static const stoa_http_route routes[] = {
  {"/sparql", STOA_ROUTE_GET | STOA_ROUTE_POST, STOA_OPERATION_QUERY, &takes_sparql, false, fill_query, NULL},
  {"/explain", STOA_ROUTE_GET | STOA_ROUTE_POST, STOA_OPERATION_EXPLAIN, &takes_explain, false, fill_explain, NULL},
  {"/features/{}", STOA_ROUTE_GET | STOA_ROUTE_POST, STOA_OPERATION_VECTOR, &takes_features, false, fill_vector, NULL},
  {"/watch/{}", STOA_ROUTE_GET, STOA_OPERATION_WATCH, &takes_watch, false, fill_watch, NULL},
  {"/events/{}", STOA_ROUTE_POST, STOA_OPERATION_EVENT, &takes_none, true, fill_event, NULL},
  {"/get-online-features", STOA_ROUTE_POST, STOA_OPERATION_ONLINE, &takes_online, false, fill_body, NULL},
  {"/push", STOA_ROUTE_POST, STOA_OPERATION_PUSH, &takes_none, true, fill_body, NULL},
  {"/write-to-online-store", STOA_ROUTE_POST, STOA_OPERATION_WRITE_ROWS, &takes_none, true, fill_body, NULL},
  {"/materialize", STOA_ROUTE_POST, STOA_OPERATION_MATERIALIZE, &takes_async, true, fill_materialize, NULL},
  {"/materialize-incremental", STOA_ROUTE_POST, STOA_OPERATION_MATERIALIZE, &takes_async, true, fill_incremental, NULL},
  {"/health", STOA_ROUTE_GET, STOA_OPERATION_SERVING, &takes_none, false, fill_nothing, NULL},
  {"/projects-list.json", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_projects, NULL},
  {"/api/v1/{}", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_list, NULL},
  {"/api/v1/{}/all", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_list, NULL},
  {"/api/v1/feature_views/{}", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_feature_views, NULL},
  {"/api/v1/feature_services/{}", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false,
   fill_feature_services, NULL},
  {"/api/v1/entities/{}", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_entities, NULL},
  {"/api/v1/data_sources/{}", STOA_ROUTE_GET, STOA_OPERATION_REGISTRY, &takes_registry, false, fill_data_sources, NULL},
  {"/entities/{}", STOA_ROUTE_DELETE, STOA_OPERATION_ERASE, &takes_erase, true, fill_erase, NULL},
  {"/entities/{}/{}", STOA_ROUTE_DELETE, STOA_OPERATION_ERASE, &takes_none, true, fill_erase_of, NULL},
  {"/policies/{}", STOA_ROUTE_GET, STOA_OPERATION_POLICY, &takes_none, false, fill_policy, NULL},
  {"/reload", STOA_ROUTE_POST, STOA_OPERATION_RELOAD, &takes_none, true, fill_reload, NULL},
  {"/check", STOA_ROUTE_GET, STOA_OPERATION_CHECK, &takes_none, false, fill_nothing, NULL},
  {"/metrics", STOA_ROUTE_GET, STOA_OPERATION_METRICS, &takes_none, false, fill_nothing, NULL},
  {"/healthz", STOA_ROUTE_GET, STOA_OPERATION_HEALTH, &takes_none, false, fill_nothing, NULL},
  {"/readyz", STOA_ROUTE_GET, STOA_OPERATION_READY, &takes_none, false, fill_nothing, NULL},
};

#define PERSONALIZER "/personalizer/VERSION" // its base path (http_loop.h), as the log tells it

// The Personalizer's API, and its code for what is wrong with a request.
static const stoa_http_route personalizer_routes[] = {
  {PERSONALIZER "/rank", STOA_ROUTE_POST, STOA_OPERATION_RANK, &takes_rank, true, fill_rank, "InvalidRankRequest"},
  {PERSONALIZER "/events/{}/reward", STOA_ROUTE_POST, STOA_OPERATION_REWARD, &takes_none, true, fill_reward,
   "InvalidRewardRequest"},
};

// The parameters that are told apart by their names, in the query string or a form.
static void check_names(const stoa_http_takes *takes, stoa_call *call, stoa_slice form)
{
  stoa_buf name = {0};
  size_t n = 0;
  while (takes->parameters[n]) {
    ++n;
  }
  while (stoa_form_step(&form, &name)) {
    stoa_error fault = {0};
    const char *const text = stoa_buf_string(&name);
    if (stoa_name_known("the request", text, takes->parameters, n, &fault) == STOA_OK) {
      continue;
    }
    const bool near = stoa_nearest(text, takes->parameters, n) != NULL;
    if (!takes->others) {
      stoa_call_refuse(call, fault.status, "unknown parameter: %s", fault.text);
    } else if (near && call->reply.warnings.length < MOST_WARNED) {
      stoa_buf_print(&call->reply.warnings, "unknown parameter: %s\n", fault.text);
    }
  }
  stoa_buf_done(&name);
}

void stoa_http_route_check(const stoa_http_route *route, stoa_call *call, const stoa_http_message *m, stoa_slice query)
{
  check_names(route->takes, call, query);
  if (route->takes->form) {
    check_names(route->takes, call, form_of(m));
  }
}

static bool path_is(const char *pattern, stoa_slice path, stoa_slice *part)
{
  const char *const hole = strstr(pattern, "{}");
  if (!hole) {
    return stoa_slice_is(path, pattern);
  }
  const bool two = strcmp(hole, "{}/{}") == 0;
  const size_t before = (size_t)(hole - pattern), after = two ? 0 : strlen(hole + 2);
  if (path.length <= before + after || memcmp(path.data, pattern, before) != 0 ||
      memcmp(path.data + path.length - after, hole + 2, after) != 0) {
    return false;
  }
  *part = (stoa_slice){path.data + before, path.length - before - after};
  const char *const slash = memchr(part->data, '/', part->length);
  const size_t rest = slash ? part->length - (size_t)(slash - part->data) - 1 : 0;
  return two ? slash && slash > part->data && rest && !memchr(slash + 1, '/', rest) : !slash;
}

// `base`: so much of each path of the table is not in `path`.
static const stoa_http_route *find_in(const stoa_http_route *table, size_t n, size_t base, stoa_slice path,
                                      stoa_slice *part)
{
  for (size_t i = 0; i < n; ++i) {
    if (path_is(table[i].path + base, path, part)) {
      return &table[i];
    }
  }
  return NULL;
}

const stoa_http_route *stoa_http_route_find(stoa_slice path, stoa_slice *part)
{
  stoa_http_loop loop;
  return stoa_http_loop_read(path, &loop)
           ? find_in(personalizer_routes, sizeof personalizer_routes / sizeof *personalizer_routes, strlen(PERSONALIZER),
                     loop.rest, part)
           : find_in(routes, sizeof routes / sizeof *routes, 0, path, part);
}

void stoa_http_target(const stoa_http_message *m, stoa_slice *out_path, stoa_slice *query)
{
  const stoa_slice url = slice_of(&m->url);
  const char *const mark = memchr(url.data, '?', url.length);
  stoa_slice path = {url.data, mark ? (size_t)(mark - url.data) : url.length};
  *query = mark ? (stoa_slice){mark + 1, url.length - path.length - 1} : (stoa_slice){"", 0};
  while (path.length > 1 && path.data[path.length - 1] == '/') {
    path.length--;
  }
  if (path.length > 1 && path.data[1] == '/') { // an endpoint with a trailing slash makes "//personalizer"
    path = (stoa_slice){path.data + 1, path.length - 1};
  }
  *out_path = path;
}

// The origin of a page is this server when it names the same host.
static bool is_own_origin(const stoa_http_message *m)
{
  const stoa_slice origin = slice_of(&m->origin);
  const char *const slashes = origin.length > 3 ? memmem(origin.data, origin.length, "://", 3) : NULL;
  const size_t skip = slashes ? (size_t)(slashes + 3 - origin.data) : 0;
  return slashes && origin.length - skip == m->host.length && m->host.length &&
         strncasecmp(origin.data + skip, m->host.data, m->host.length) == 0;
}

// A page of another origin can send only what a form could without asking first (Fetch, "simple" requests): a body of
// application/json it cannot.  No type, and that of forms, which curl -d sends, are good from whoever is no page: a
// page names its origin with every POST.
static stoa_http_refusal may_act(const stoa_http_message *m)
{
  if (stoa_http_is_type(m, "application/json")) {
    return none;
  }
  if (m->content_type.length && !stoa_http_is_type(m, "application/x-www-form-urlencoded")) {
    return (stoa_http_refusal){415, "UnsupportedMediaType", "send application/json"};
  }
  const bool is_page = m->origin.length || (m->site.length && !stoa_slice_is(slice_of(&m->site), "none"));
  return is_page && !is_own_origin(m)
           ? (stoa_http_refusal){403, "Forbidden",
                                 "a page of another origin may not ask for this; send application/json"}
           : none;
}

stoa_http_refusal stoa_http_route_allows(const stoa_http_route *route, const stoa_http_message *m, bool has_key)
{
  const bool gets = m->method == STOA_HTTP_GET || m->method == STOA_HTTP_HEAD;
  const unsigned asked = gets                            ? STOA_ROUTE_GET
                         : m->method == STOA_HTTP_POST   ? STOA_ROUTE_POST
                         : m->method == STOA_HTTP_DELETE ? STOA_ROUTE_DELETE
                                                         : 0;
  if (!(route->methods & asked)) {
    return (stoa_http_refusal){405, "MethodNotAllowed", "this route does not take that method"};
  }
  return route->acts && !has_key ? may_act(m) : none;
}
