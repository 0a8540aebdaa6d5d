// HTTP/1.1: http-parser takes requests apart, routes are one table.  The next pipelined request waits
// for the answer to the one before it.
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
  write_head(peer, status, type);
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

static int hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static void decode(stoa_slice text, bool plus, stoa_buf *out)
{
  out->length = 0;
  for (size_t i = 0; i < text.length; ++i) {
    if (text.data[i] == '%' && i + 2 < text.length && hex_digit(text.data[i + 1]) >= 0 &&
        hex_digit(text.data[i + 2]) >= 0) {
      stoa_buf_byte(out, (char)(hex_digit(text.data[i + 1]) << 4 | hex_digit(text.data[i + 2])));
      i += 2;
    } else {
      stoa_buf_byte(out, plus && text.data[i] == '+' ? ' ' : text.data[i]);
    }
  }
}

// Find the parameter `name` of a query string or form; returns how often it stands there.
static int parameter(stoa_slice form, const char *name, stoa_buf *out)
{
  int n = 0;
  for (size_t i = 0; i < form.length;) {
    const char *const end = memchr(form.data + i, '&', form.length - i);
    const size_t stop = end ? (size_t)(end - form.data) : form.length;
    const char *const equals = memchr(form.data + i, '=', stop - i);
    if (equals && (size_t)(equals - form.data) - i == strlen(name) && memcmp(form.data + i, name, strlen(name)) == 0) {
      decode((stoa_slice){equals + 1, stop - (size_t)(equals + 1 - form.data)}, true, out);
      ++n;
    }
    i = stop + 1;
  }
  return n;
}

static bool accepts(const stoa_buf *accept, const char *type)
{
  return accept->length && memmem(accept->data, accept->length, type, strlen(type)) != NULL;
}

// The format asked for; false when none of them can be given (406).
static bool choose_format(const stoa_http_request *r, stoa_format *out)
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
  *out = STOA_FORMAT_JSON;
  if (!r->accept.length || accepts(&r->accept, "*/*")) {
    return true;
  }
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    if (accepts(&r->accept, types[i].type)) {
      *out = types[i].format;
      return true;
    }
  }
  return false;
}

static bool is_type(const stoa_http_request *r, const char *type)
{
  return r->content_type.length >= strlen(type) && strncasecmp(r->content_type.data, type, strlen(type)) == 0;
}

static void route_sparql(stoa_peer *peer, stoa_slice query)
{
  stoa_http_request *const r = &peer->request;
  stoa_buf text = {0}, timeout = {0};
  stoa_format format;
  const stoa_slice body = {r->body.data, r->body.length};
  int n = 0;
  int64_t ms = 0;
  if (peer->parser.method == HTTP_POST && is_type(r, "application/sparql-query")) {
    stoa_buf_slice(&text, body);
    n = 1;
  } else if (peer->parser.method == HTTP_POST && is_type(r, "application/x-www-form-urlencoded")) {
    n = parameter(body, "query", &text);
  } else if (peer->parser.method == HTTP_POST) {
    error_body(peer, 415, "UnsupportedMediaType", "send application/sparql-query or application/x-www-form-urlencoded");
    return;
  } else {
    n = parameter(query, "query", &text);
  }
  if (parameter(query, "timeout", &timeout)) {
    ms = strtoll(stoa_buf_string(&timeout), NULL, 10);
  }
  if (n != 1) {
    error_body(peer, 400, "BadRequest",
               n ? "the parameter query stands more than once" : "the parameter query is missing");
  } else if (!choose_format(r, &format)) {
    error_body(peer, 406, "NotAcceptable",
               "give one of application/sparql-results+json, application/sparql-results+xml, text/csv, "
               "text/tab-separated-values");
  } else {
    stoa_api_sparql(peer, (stoa_slice){text.data, text.length}, format, ms);
  }
  stoa_buf_done(&text);
  stoa_buf_done(&timeout);
}

// The Personalizer has one loop; ours are named by `policy` in the query string, the first by default.
static void route_rank(stoa_peer *peer, stoa_slice query)
{
  stoa_buf policy = {0};
  stoa_engine *const e = peer->server->engine;
  const bool named = parameter(query, "policy", &policy) > 0;
  const char *const first = e->policies.n ? e->policies.items[0]->name : "";
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
