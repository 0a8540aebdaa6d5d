// HTTP/1.1: http-parser takes requests apart, routes are one table.  The next pipelined request waits
// for the answer to the one before it.
#include "graph/base/code.h"
#include "graph/base/iri.h"
#include "graph/sparql/parser.h"
#include "server/connection.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static int on_begin(http_parser *parser)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  r->url.length = r->body.length = r->field.length = r->value.length = 0;
  r->accept.length = r->content_type.length = r->key.length = 0;
  r->head_bytes = 0;
  r->in_value = r->is_whole = r->too_large = false;
  return 0;
}

static int add_head(stoa_http_request *r, stoa_buf *to, const char *at, size_t n)
{
  r->head_bytes += n;
  if (r->head_bytes > STOA_MOST_HEAD) {
    r->too_large = true;
    return 1;
  }
  stoa_buf_add(to, at, n);
  return 0;
}

static void end_header(stoa_http_request *r)
{
  static const char bearer[] = "Bearer ";
  const char *const name = stoa_buf_string(&r->field);
  const stoa_slice value = {stoa_buf_string(&r->value), r->value.length};
  if (strcasecmp(name, "accept") == 0) {
    stoa_buf_text(&r->accept, r->accept.length ? ", " : "");
    stoa_buf_slice(&r->accept, value);
  } else if (strcasecmp(name, "content-type") == 0) {
    stoa_buf_slice(&r->content_type, value);
  } else if (strcasecmp(name, "ocp-apim-subscription-key") == 0) {
    stoa_buf_slice(&r->key, value);
  } else if (strcasecmp(name, "authorization") == 0 && strncasecmp(value.data, bearer, 7) == 0) {
    stoa_buf_slice(&r->key, (stoa_slice){value.data + 7, value.length - 7});
  }
  r->field.length = r->value.length = 0;
  r->in_value = false;
}

static int on_url(http_parser *parser, const char *at, size_t n)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  return add_head(r, &r->url, at, n);
}

static int on_field(http_parser *parser, const char *at, size_t n)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  if (r->in_value) {
    end_header(r);
  }
  return add_head(r, &r->field, at, n);
}

static int on_value(http_parser *parser, const char *at, size_t n)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  r->in_value = true;
  return add_head(r, &r->value, at, n);
}

static int on_head_end(http_parser *parser)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  if (r->in_value) {
    end_header(r);
  }
  r->too_large = parser->content_length != ULLONG_MAX && parser->content_length > STOA_MOST_FRAME;
  return r->too_large ? -1 : 0; // 1 would mean "no body" to the parser
}

static int on_body(http_parser *parser, const char *at, size_t n)
{
  stoa_http_request *const r = &((stoa_peer *)parser->data)->request;
  if (r->body.length + n > STOA_MOST_FRAME) {
    r->too_large = true;
    return 1;
  }
  stoa_buf_add(&r->body, at, n);
  return 0;
}

static int on_whole(http_parser *parser)
{
  ((stoa_peer *)parser->data)->request.is_whole = true;
  http_parser_pause(parser, 1);
  return 0;
}

static const http_parser_settings settings = {.on_message_begin = on_begin,
                                              .on_url = on_url,
                                              .on_header_field = on_field,
                                              .on_header_value = on_value,
                                              .on_headers_complete = on_head_end,
                                              .on_body = on_body,
                                              .on_message_complete = on_whole};

void stoa_http_init(stoa_peer *peer)
{
  http_parser_init(&peer->parser, HTTP_REQUEST);
  peer->parser.data = peer;
}

void stoa_http_done(stoa_peer *peer)
{
  stoa_http_request *const r = &peer->request;
  stoa_buf *const all[] = {&r->url, &r->body, &r->field, &r->value, &r->accept, &r->content_type, &r->key};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    stoa_buf_done(all[i]);
  }
}

// ---- replies

static const char *reason(int status)
{
  static const struct {
    int status;
    const char *text;
  } reasons[] = {{200, "OK"},
                 {201, "Created"},
                 {204, "No Content"},
                 {400, "Bad Request"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {406, "Not Acceptable"},
                 {409, "Conflict"},
                 {413, "Payload Too Large"},
                 {415, "Unsupported Media Type"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"}};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; ++i) {
    if (reasons[i].status == status) {
      return reasons[i].text;
    }
  }
  return "Status";
}

static void write_head(stoa_peer *peer, int status, const char *type)
{
  stoa_buf_print(&peer->out, "HTTP/1.1 %d %s\r\n", status, reason(status));
  if (type) {
    stoa_buf_print(&peer->out, "Content-Type: %s\r\n", type);
  }
  if (status == 503) {
    stoa_buf_text(&peer->out, "Retry-After: 1\r\n");
  }
  if (!peer->keep_alive) {
    stoa_buf_text(&peer->out, "Connection: close\r\n");
    peer->close_after = true;
  }
}

void stoa_http_reply(stoa_peer *peer, int status, const char *type, stoa_slice body)
{
  stoa_http_reply_with(peer, status, type, (stoa_slice){0}, body);
}

void stoa_http_reply_with(stoa_peer *peer, int status, const char *type, stoa_slice heads, stoa_slice body)
{
  write_head(peer, status, type);
  stoa_buf_slice(&peer->out, heads);
  if (status != 204) {
    stoa_buf_print(&peer->out, "Content-Length: %zu\r\n", body.length);
  }
  stoa_buf_text(&peer->out, "\r\n");
  if (!peer->head_only) {
    stoa_buf_slice(&peer->out, body);
  }
}

static const char *error_code(stoa_status status)
{
  switch (status) {
    case STOA_BAD_ARG:
    case STOA_BAD_TYPE:
      return "BadRequest";
    case STOA_BAD_SYNTAX:
      return "InvalidSyntax";
    case STOA_NOT_FOUND:
      return "NotFound";
    case STOA_UNSUPPORTED:
      return "NotSupported";
    case STOA_UNAVAILABLE:
      return "Busy";
    case STOA_TIMEOUT:
      return "Timeout";
    case STOA_LIMIT:
      return "LimitReached";
    case STOA_TOO_LARGE:
      return "TooLarge";
    case STOA_DENIED:
      return "Unauthorized";
    default:
      return "InternalError";
  }
}

static void error_body(stoa_peer *peer, int http, const char *code, const char *text)
{
  stoa_buf body = {0};
  stoa_buf_print(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
  stoa_buf_json(&body, stoa_slice_of(text));
  stoa_buf_text(&body, "}}\n");
  stoa_http_reply(peer, http, "application/json", (stoa_slice){body.data, body.length});
  stoa_buf_done(&body);
  stoa_metrics_add(&peer->server->metrics.errors, 1);
}

void stoa_http_error(stoa_peer *peer, const stoa_error *err)
{
  char text[800];
  stoa_error_print(err, text, sizeof text);
  error_body(peer, stoa_status_http(err->status), error_code(err->status),
             strncmp(text, "error: ", 7) == 0 ? text + 7 : text);
}

// ---- streamed answers

// Move what the worker has written into the connection, chunk by chunk.
void stoa_http_stream(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (peer->unsent > STOA_MOST_UNSENT) {
    return;
  }
  stoa_buf bytes = {0};
  pthread_mutex_lock(&job->lock);
  bytes = job->stream;
  job->stream = (stoa_buf){0};
  pthread_cond_signal(&job->drained);
  pthread_mutex_unlock(&job->lock);
  if (bytes.length && !job->head_sent) {
    job->head_sent = true;
    write_head(peer, 200, stoa_format_media_type(job->format));
    stoa_buf_slice(&peer->out, (stoa_slice){job->heads.data, job->heads.length});
    stoa_buf_text(&peer->out, "Transfer-Encoding: chunked\r\n\r\n");
  }
  if (bytes.length) {
    stoa_buf_print(&peer->out, "%zx\r\n", bytes.length);
    stoa_buf_add(&peer->out, bytes.data, bytes.length);
    stoa_buf_text(&peer->out, "\r\n");
  }
  stoa_buf_done(&bytes);
}

// ---- routes

static void decode(stoa_slice text, bool plus, stoa_buf *out)
{
  out->length = 0;
  stoa_buf_slice(out, text);
  for (size_t i = 0; plus && i < out->length; ++i) {
    out->data[i] = out->data[i] == '+' ? ' ' : out->data[i];
  }
  out->length = stoa_percent_read((stoa_slice){out->data, out->length}, false, out->data);
}

// Step to the next parameter of a query string or form with this name; false when there is none.
static bool next_parameter(stoa_slice *form, const char *name, stoa_buf *out)
{
  const size_t length = strlen(name);
  while (form->length) {
    const char *const end = memchr(form->data, '&', form->length);
    const stoa_slice one = {form->data, end ? (size_t)(end - form->data) : form->length};
    const size_t step = one.length + (end != NULL);
    *form = (stoa_slice){form->data + step, form->length - step};
    if (one.length > length && one.data[length] == '=' && memcmp(one.data, name, length) == 0) {
      decode((stoa_slice){one.data + length + 1, one.length - length - 1}, true, out);
      return true;
    }
  }
  return false;
}

// Find a parameter; returns how often it stands there.
static int parameter(stoa_slice form, const char *name, stoa_buf *out)
{
  int n = 0;
  while (next_parameter(&form, name, out)) {
    ++n;
  }
  return n;
}

// How much a media range of an Accept header wants a type (RFC 9110, section 12.5.1): its q in thousands, and how
// nearly it names the type.
static int range_wants(stoa_slice range, const char *type, int *nearness)
{
  const char *const semicolon = memchr(range.data, ';', range.length);
  stoa_slice name = {range.data, semicolon ? (size_t)(semicolon - range.data) : range.length};
  while (name.length && strchr(" \t", name.data[name.length - 1])) {
    name.length--;
  }
  const size_t main_length = strcspn(type, "/") + 1;
  const bool whole = strlen(type) == name.length && strncasecmp(name.data, type, name.length) == 0;
  const bool half =
    name.length == main_length + 1 && name.data[main_length] == '*' && strncasecmp(name.data, type, main_length) == 0;
  *nearness = whole ? 3 : half ? 2 : stoa_slice_is(name, "*/*") ? 1 : 0;
  int wish = 1000;
  for (size_t i = name.length; i + 2 < range.length; ++i) {
    if ((range.data[i] == ';' || range.data[i] == ' ') && (range.data[i + 1] | 32) == 'q' && range.data[i + 2] == '=') {
      wish = (int)(strtod(range.data + i + 3, NULL) * 1000 + 0.5); // the header ends with NUL
    }
  }
  return wish;
}

static int wish_for(stoa_slice accept, const char *type)
{
  int wish = 0, nearest = 0;
  while (accept.length) {
    const char *const comma = memchr(accept.data, ',', accept.length);
    stoa_slice range = {accept.data, comma ? (size_t)(comma - accept.data) : accept.length};
    const size_t step = range.length + (comma != NULL);
    accept = (stoa_slice){accept.data + step, accept.length - step};
    while (range.length && strchr(" \t", range.data[0])) {
      range = (stoa_slice){range.data + 1, range.length - 1};
    }
    int nearness;
    const int its = range_wants(range, type, &nearness);
    if (nearness > nearest) {
      nearest = nearness;
      wish = its;
    }
  }
  return wish;
}

// The format asked for most, among those that the form of the query has; the first of equals.  False when none of them
// can be given (406).
static bool choose_format(stoa_http_request *r, stoa_form form, stoa_format *out)
{
  static const struct {
    const char *type;
    stoa_format format;
  } types[] = {{"application/sparql-results+json", STOA_FORMAT_JSON},
               {"application/json", STOA_FORMAT_JSON},
               {"application/sparql-results+xml", STOA_FORMAT_XML},
               {"application/xml", STOA_FORMAT_XML},
               {"text/csv", STOA_FORMAT_CSV},
               {"text/tab-separated-values", STOA_FORMAT_TSV},
               {"application/n-triples", STOA_FORMAT_NT},
               {"text/turtle", STOA_FORMAT_TURTLE},
               {"application/rdf+xml", STOA_FORMAT_RDFXML}};
  const bool graph = form == STOA_FORM_CONSTRUCT || form == STOA_FORM_DESCRIBE;
  const stoa_slice accept = {stoa_buf_string(&r->accept), r->accept.length};
  int most = 0;
  *out = graph ? STOA_FORMAT_NT : STOA_FORMAT_JSON;
  for (size_t i = 0; accept.length && i < sizeof types / sizeof *types; ++i) {
    const int wish = stoa_format_is_graph(types[i].format) == graph ? wish_for(accept, types[i].type) : 0;
    if (wish > most) {
      most = wish;
      *out = types[i].format;
    }
  }
  return most > 0 || !accept.length;
}

static bool is_type(const stoa_http_request *r, const char *type)
{
  return r->content_type.length >= strlen(type) && strncasecmp(r->content_type.data, type, strlen(type)) == 0;
}

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
    if (end > start && *start >= '0' && *start <= '9' && strcmp(end, units[i].unit) == 0 && n > 0 && n <= 1000000000) {
      *ms = n * units[i].ms;
      return true;
    }
  }
  return false;
}

typedef STOA_LIST(stoa_slice) iri_list;

// default-graph-uri and named-graph-uri (SPARQL 1.1 Protocol, section 2.1.4).  False for what is no absolute IRI.
static bool read_graphs(stoa_slice form, const char *name, stoa_arena *arena, iri_list *out)
{
  stoa_buf text = {0};
  bool good = true;
  while (good && next_parameter(&form, name, &text)) {
    const stoa_slice iri = stoa_arena_slice(arena, (stoa_slice){text.data, text.length});
    good = stoa_iri_is_absolute(iri) && stoa_iri_is_clean(iri);
    STOA_PUSH(arena, out, iri);
  }
  stoa_buf_done(&text);
  return good;
}

typedef struct {
  stoa_arena arena;
  stoa_buf text, timeout;
  iri_list graphs, named;
  int n; ///< how often the query stands there
} asked;

// What the request asks; the query string and, of a form, the body tell.  False once it is refused.
static bool read_asked(stoa_peer *peer, stoa_slice query, asked *a)
{
  stoa_http_request *const r = &peer->request;
  const stoa_slice body = {r->body.data ? r->body.data : "", r->body.length};
  const bool post = peer->parser.method == HTTP_POST;
  const bool form = post && is_type(r, "application/x-www-form-urlencoded");
  if (post && is_type(r, "application/sparql-query")) {
    stoa_buf_slice(&a->text, body);
    a->n = 1;
  } else if (post && !form) {
    error_body(peer, 415, "UnsupportedMediaType", "send application/sparql-query or application/x-www-form-urlencoded");
    return false;
  } else {
    a->n = parameter(form ? body : query, "query", &a->text);
  }
  const stoa_slice parts[] = {query, form ? body : (stoa_slice){"", 0}};
  for (int i = 0; i < 2; ++i) {
    parameter(parts[i], "timeout", &a->timeout);
    if (!read_graphs(parts[i], "default-graph-uri", &a->arena, &a->graphs) ||
        !read_graphs(parts[i], "named-graph-uri", &a->arena, &a->named)) {
      error_body(peer, 400, "BadRequest", "default-graph-uri and named-graph-uri are absolute IRIs");
      return false;
    }
  }
  return true;
}

static void ask(stoa_peer *peer, asked *a)
{
  stoa_format format;
  int64_t ms = 0;
  const stoa_slice text = {a->text.data ? a->text.data : "", a->text.length};
  const stoa_dataset dataset = {a->graphs.items, a->named.items, a->graphs.n, a->named.n};
  const stoa_form form = a->n == 1 ? stoa_query_form(text) : STOA_FORM_SELECT;
  if (a->n != 1) {
    error_body(peer, 400, "BadRequest",
               a->n ? "the parameter query stands more than once" : "the parameter query is missing");
  } else if (a->timeout.length && !read_timeout(&a->timeout, &ms)) {
    error_body(peer, 400, "BadRequest",
               "timeout is a time such as 500ms, 60s or 2m; a number alone is of milliseconds");
  } else if (!choose_format(&peer->request, form, &format)) {
    error_body(peer, 406, "NotAcceptable",
               form == STOA_FORM_CONSTRUCT || form == STOA_FORM_DESCRIBE
                 ? "a graph is given as one of application/n-triples, text/turtle, application/rdf+xml"
                 : "rows are given as one of application/sparql-results+json, application/sparql-results+xml, "
                   "text/csv, text/tab-separated-values");
  } else {
    stoa_api_sparql(peer, text, &dataset, format, ms);
  }
}

static void route_sparql(stoa_peer *peer, stoa_slice query)
{
  asked a = {0};
  stoa_arena_init(&a.arena, 0);
  if (read_asked(peer, query, &a)) {
    ask(peer, &a);
  }
  stoa_buf_done(&a.text);
  stoa_buf_done(&a.timeout);
  stoa_arena_done(&a.arena);
}

// The Personalizer has one loop; ours are named by `policy` in the query string, the first by default.
static void route_rank(stoa_peer *peer, stoa_slice query)
{
  stoa_buf policy = {0};
  stoa_engine *const e = peer->server->engine;
  const bool named = parameter(query, "policy", &policy) > 0;
  const stoa_policies *const policies = stoa_engine_policies(e);
  const char *const first = policies->n ? policies->items[0]->name : "";
  stoa_api_rank(peer, named ? stoa_buf_string(&policy) : first,
                (stoa_slice){peer->request.body.data, peer->request.body.length});
  stoa_buf_done(&policy);
}

static void route_reward(stoa_peer *peer, stoa_slice event)
{
  stoa_arena arena;
  stoa_error err = {0};
  const stoa_json *body;
  stoa_buf id = {0};
  stoa_arena_init(&arena, 0);
  decode(event, false, &id);
  if (stoa_json_read((stoa_slice){peer->request.body.data, peer->request.body.length}, &arena, &body, &err) !=
      STOA_OK) {
    stoa_http_error(peer, &err);
  } else {
    const stoa_json *const value = stoa_json_find(body, "value");
    if (!value || (value->kind != STOA_JSON_INTEGER && value->kind != STOA_JSON_REAL)) {
      stoa_error_set(&err, STOA_BAD_ARG, "the body is {\"value\": NUMBER}");
      stoa_http_error(peer, &err);
    } else {
      stoa_api_reward(peer, (stoa_slice){id.data, id.length}, value->real, (stoa_slice){"", 0});
    }
  }
  stoa_buf_done(&id);
  stoa_arena_done(&arena);
}

static void route_metrics(stoa_peer *peer)
{
  stoa_buf text = {0};
  stoa_metrics_write(&peer->server->metrics, peer->server->engine, &text);
  stoa_http_reply(peer, 200, "text/plain; version=0.0.4", (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
}

static bool method_is(stoa_peer *peer, bool get, bool post)
{
  const unsigned m = peer->parser.method;
  if ((get && (m == HTTP_GET || m == HTTP_HEAD)) || (post && m == HTTP_POST)) {
    return true;
  }
  stoa_buf_print(&peer->out, "HTTP/1.1 405 Method Not Allowed\r\nAllow: %s%s%s\r\nContent-Length: 0\r\n\r\n",
                 get ? "GET, HEAD" : "", get && post ? ", " : "", post ? "POST" : "");
  stoa_metrics_add(&peer->server->metrics.errors, 1);
  return false;
}

static bool strip(stoa_slice *path, const char *prefix)
{
  const stoa_slice p = stoa_slice_of(prefix);
  if (!stoa_slice_starts(*path, p)) {
    return false;
  }
  *path = (stoa_slice){path->data + p.length, path->length - p.length};
  return true;
}

static void route_open(stoa_peer *peer, stoa_slice path, stoa_slice query)
{
  stoa_slice rest = path;
  if (stoa_slice_is(path, "/sparql")) {
    if (method_is(peer, true, true)) {
      route_sparql(peer, query);
    }
  } else if (stoa_slice_is(path, "/metrics")) {
    if (method_is(peer, true, false)) {
      route_metrics(peer);
    }
  } else if (stoa_slice_is(path, "/reload")) {
    if (method_is(peer, false, true)) {
      stoa_api_reload(peer);
    }
  } else if (stoa_slice_is(path, "/personalizer/v1.0/rank")) {
    if (method_is(peer, false, true)) {
      route_rank(peer, query);
    }
  } else if (strip(&rest, "/personalizer/v1.0/events/") && rest.length > 7 &&
             memcmp(rest.data + rest.length - 7, "/reward", 7) == 0) {
    if (method_is(peer, false, true)) {
      route_reward(peer, (stoa_slice){rest.data, rest.length - 7});
    }
  } else if (strip(&rest, "/events/") && rest.length) {
    if (method_is(peer, false, true)) {
      char type[128];
      snprintf(type, sizeof type, "%.*s", (int)(rest.length < 120 ? rest.length : 120), rest.data);
      stoa_api_event(peer, type, (stoa_slice){peer->request.body.data, peer->request.body.length});
    }
  } else {
    error_body(
      peer, 404, "NotFound",
      "there is no such route; see /sparql, /personalizer/v1.0/rank, /events/TYPE, /reload, /metrics, /healthz");
  }
}

static void route(stoa_peer *peer)
{
  stoa_http_request *const r = &peer->request;
  const stoa_slice url = {stoa_buf_string(&r->url), r->url.length};
  const char *const mark = memchr(url.data, '?', url.length);
  stoa_slice path = {url.data, mark ? (size_t)(mark - url.data) : url.length};
  const stoa_slice query = mark ? (stoa_slice){mark + 1, url.length - path.length - 1} : (stoa_slice){"", 0};
  while (path.length > 1 && path.data[path.length - 1] == '/') {
    path.length--;
  }
  if (path.length > 1 && path.data[1] == '/') { // an endpoint with a trailing slash makes "//personalizer"
    path = (stoa_slice){path.data + 1, path.length - 1};
  }
  stoa_metrics_add(&peer->server->metrics.http_requests, 1);
  peer->keep_alive = http_should_keep_alive(&peer->parser) != 0;
  peer->head_only = peer->parser.method == HTTP_HEAD;
  if (stoa_slice_is(path, "/healthz") || stoa_slice_is(path, "/readyz")) {
    stoa_http_reply(peer, 200, "text/plain", stoa_slice_of("ok\n"));
  } else if (peer->server->key &&
             !stoa_key_equal(peer->server->key, (stoa_slice){r->key.data ? r->key.data : "", r->key.length})) {
    error_body(peer, 401, "Unauthorized", "send the key as Ocp-Apim-Subscription-Key or as a bearer token");
  } else {
    route_open(peer, path, query);
  }
}

static void refuse(stoa_peer *peer)
{
  peer->keep_alive = false;
  if (peer->request.too_large) {
    error_body(peer, 413, "LimitReached", "a head has at most 16 KiB, a body 1 MiB");
  } else {
    error_body(peer, 400, "BadRequest", http_errno_description(HTTP_PARSER_ERRNO(&peer->parser)));
  }
}

void stoa_http_read(stoa_peer *peer)
{
  while (!peer->job && !peer->closing && !peer->close_after && peer->in.length) {
    const size_t n = http_parser_execute(&peer->parser, &settings, peer->in.data, peer->in.length);
    const enum http_errno code = HTTP_PARSER_ERRNO(&peer->parser);
    if (code != HPE_OK && code != HPE_PAUSED) {
      peer->in.length = 0;
      refuse(peer);
      return;
    }
    peer->in.length -= n;
    memmove(peer->in.data, peer->in.data + n, peer->in.length);
    if (peer->request.is_whole) {
      peer->request.is_whole = false;
      http_parser_pause(&peer->parser, 0);
      route(peer);
    } else if (code == HPE_OK) {
      return;
    }
  }
}
