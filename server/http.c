// HTTP on a connection: messages to calls, replies to bytes.  The next pipelined request waits for the answer to the
// one before it.
#include "server/http_routes.h"
#include "server/loop.h"
#include <stdio.h>
#include <time.h>

typedef struct {
  stoa_http_message message;
  bool keep_alive, head_only, chunked;
} http;

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
                 {408, "Request Timeout"},
                 {409, "Conflict"},
                 {413, "Content Too Large"},
                 {415, "Unsupported Media Type"},
                 {417, "Expectation Failed"},
                 {500, "Internal Server Error"},
                 {501, "Not Implemented"},
                 {503, "Service Unavailable"},
                 {505, "HTTP Version Not Supported"}};
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; ++i) {
    if (reasons[i].status == status) {
      return reasons[i].text;
    }
  }
  return "Status";
}

static void write_date(stoa_buf *out)
{
  static _Thread_local time_t at;
  static _Thread_local char text[48];
  const time_t now = time(NULL);
  if (now != at) {
    struct tm utc;
    at = now;
    strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&now, &utc));
  }
  stoa_buf_text(out, text);
}

// The first lines of a head; whatever ends the connection says so.
static void write_head(stoa_peer *peer, int status, const char *type)
{
  http *const h = peer->state;
  stoa_buf_print(&peer->out, "HTTP/1.1 %d %s\r\n", status, reason(status));
  write_date(&peer->out);
  if (type) {
    stoa_buf_print(&peer->out, "Content-Type: %s\r\n", type);
  }
  if (status == 503) {
    stoa_buf_text(&peer->out, "Retry-After: 1\r\n");
  }
  if (status == 401) {
    stoa_buf_text(&peer->out, "WWW-Authenticate: Bearer\r\n");
  }
  if (peer->close_after) {
    h->keep_alive = false;
  }
  if (!h->keep_alive) {
    stoa_buf_text(&peer->out, "Connection: close\r\n");
    peer->close_after = true;
  } else if (h->message.minor == 0) {
    stoa_buf_text(&peer->out, "Connection: keep-alive\r\n");
  }
}

static void write_warnings(stoa_peer *peer, const stoa_reply *reply)
{
  const stoa_buf *const w = &reply->warnings;
  bool begins = true;
  for (size_t i = 0; i < w->length; ++i) { // a field of its own for each; visible ASCII
    if (begins) {
      stoa_buf_text(&peer->out, "Stoa-Warning: ");
      begins = false;
    }
    if (w->data[i] == '\n') {
      stoa_buf_text(&peer->out, "\r\n");
      begins = true;
    } else {
      stoa_buf_byte(&peer->out, w->data[i] >= ' ' && w->data[i] <= '~' ? w->data[i] : '?');
    }
  }
}

static void write_body(stoa_peer *peer, int status, stoa_slice body)
{
  const http *const h = peer->state;
  if (status != 204) {
    stoa_buf_print(&peer->out, "Content-Length: %zu\r\n", body.length);
  }
  stoa_buf_text(&peer->out, "\r\n");
  if (!h->head_only) {
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

static void write_error(stoa_peer *peer, int status, const char *code, const char *text, const char *heads)
{
  stoa_buf body = {0};
  stoa_buf_print(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
  stoa_buf_json(&body, stoa_slice_of(text));
  stoa_buf_text(&body, "}}\n");
  write_head(peer, status, "application/json");
  stoa_buf_text(&peer->out, heads);
  write_body(peer, status, (stoa_slice){body.data, body.length});
  stoa_buf_done(&body);
}

static void refuse_request(stoa_peer *peer, stoa_http_refusal refusal, const char *heads)
{
  stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
  write_error(peer, refusal.status, refusal.code, refusal.why, heads);
}

// A table of values as JSON: names, then rows.
static void write_values(const stoa_reply *reply, stoa_buf *out)
{
  stoa_buf_text(out, "{\"names\":[");
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(reply->names[i]));
  }
  stoa_buf_text(out, "],\"rows\":[");
  for (uint32_t row = 0; row < reply->n_rows; ++row) {
    stoa_buf_text(out, row ? ",[" : "[");
    for (uint32_t i = 0; i < reply->n_columns; ++i) {
      stoa_buf_text(out, i ? "," : "");
      stoa_value_json(reply->values[(size_t)row * reply->n_columns + i], out);
    }
    stoa_buf_byte(out, ']');
  }
  stoa_buf_text(out, "]}\n");
}

static void reply_whole(stoa_peer *peer, stoa_call *call)
{
  const stoa_reply *const reply = &call->reply;
  const int failed = reply->status == STOA_OK ? 0 : stoa_status_http(reply->status);
  stoa_buf made = {0};
  stoa_slice body = reply->text;
  const char *type = reply->media_type;
  if (reply->kind == STOA_REPLY_VALUES) {
    write_values(reply, &made);
    type = "application/json";
    body = (stoa_slice){made.data, made.length};
  } else if (reply->kind == STOA_REPLY_STREAM) {
    body = (stoa_slice){call->stream.data ? call->stream.data : "", call->stream.length};
  }
  const int status = failed ? failed : reply->kind == STOA_REPLY_DONE ? 204 : reply->made_something ? 201 : 200;
  write_head(peer, status, status == 204 ? NULL : type);
  write_warnings(peer, reply);
  write_body(peer, status, body);
  stoa_buf_done(&made);
}

static void reply_error(stoa_peer *peer, const stoa_error *err)
{
  char text[800];
  stoa_error_print(err, text, sizeof text);
  write_error(peer, stoa_status_http(err->status), error_code(err->status),
              strncmp(text, "error: ", 7) == 0 ? text + 7 : text, "");
}

// ---- streamed answers

static void add_chunk(stoa_peer *peer, stoa_slice bytes)
{
  const http *const h = peer->state;
  if (h->chunked) {
    stoa_buf_print(&peer->out, "%zx\r\n", bytes.length);
  }
  stoa_buf_slice(&peer->out, bytes);
  stoa_buf_text(&peer->out, h->chunked ? "\r\n" : "");
}

// HTTP/1.0 has no chunks: there the end of the connection is the end of the answer.
static void begin_stream(stoa_peer *peer, stoa_call *call)
{
  http *const h = peer->state;
  call->head_sent = true;
  h->chunked = h->message.minor >= 1;
  h->keep_alive &= h->chunked;
  write_head(peer, 200, call->reply.media_type);
  write_warnings(peer, &call->reply);
  stoa_buf_text(&peer->out, h->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}

// Move what the worker has written into the connection, chunk by chunk.
static void stream(stoa_peer *peer, stoa_call *call)
{
  if (peer->unsent > STOA_MOST_UNSENT || call->request.head_only) {
    return;
  }
  stoa_buf bytes = stoa_call_drain(call);
  if (bytes.length && !call->head_sent) {
    begin_stream(peer, call);
  }
  if (bytes.length) {
    add_chunk(peer, (stoa_slice){bytes.data, bytes.length});
  }
  stoa_buf_done(&bytes);
}

// An answer that fails half-way ends without its last chunk, and of HTTP/1.0 with a reset, so that a cut result never
// passes for a whole one.
static void end_stream(stoa_peer *peer, stoa_call *call)
{
  const http *const h = peer->state;
  if (call->reply.status != STOA_OK || call->gone) {
    h->chunked ? (void)(peer->close_after = true) : stoa_peer_break(peer);
    return;
  }
  if (call->stream.length) { // above the mark of unsent bytes it goes out all the same: it is the rest
    add_chunk(peer, (stoa_slice){call->stream.data, call->stream.length});
  }
  stoa_buf_text(&peer->out, h->chunked ? "0\r\n\r\n" : "");
}

static void reply(stoa_peer *peer, stoa_call *call)
{
  const stoa_reply *const r = &call->reply;
  if (call->head_sent) {
    end_stream(peer, call);
  } else if (r->status != STOA_OK && r->kind != STOA_REPLY_TEXT) {
    reply_error(peer, &r->err);
  } else {
    reply_whole(peer, call);
  }
}

// ---- requests

static void refuse_message(stoa_peer *peer)
{
  http *const h = peer->state;
  h->keep_alive = h->head_only = false;
  refuse_request(
    peer,
    (stoa_http_refusal){h->message.status, h->message.status == 413 ? "LimitReached" : "BadRequest", h->message.why},
    "");
  stoa_peer_take(peer, stoa_peer_input(peer).length);
}

static const char *allowed(const stoa_http_route *route)
{
  static const char *const texts[] = {"", "Allow: GET, HEAD, OPTIONS\r\n", "Allow: POST, OPTIONS\r\n",
                                      "Allow: GET, HEAD, POST, OPTIONS\r\n"};
  return texts[route ? route->methods : STOA_ROUTE_GET | STOA_ROUTE_POST];
}

static bool has_key(const stoa_peer *peer)
{
  const http *const h = peer->state;
  const char *const key = stoa_peer_key(peer);
  return key && h->message.n_keys == 1 &&
         stoa_key_equal(key, (stoa_slice){h->message.key.data ? h->message.key.data : "", h->message.key.length});
}

// What is known before the body: a request that will not be answered need not send it.
static stoa_http_refusal judge(const stoa_peer *peer, const stoa_http_route *route)
{
  const http *const h = peer->state;
  const bool keyed = has_key(peer);
  const bool is_open =
    route &&
    stoa_dispatcher_shared(peer->loop->server->dispatcher)->operations[route->operation].role == STOA_ROLE_ANYONE;
  if (stoa_peer_key(peer) && !keyed && !is_open) {
    return (stoa_http_refusal){401, "Unauthorized", "send the key as Ocp-Apim-Subscription-Key or as a bearer token"};
  }
  if (!route) {
    return (stoa_http_refusal){404, "NotFound",
                               "there is no such route; see /sparql, /explain, /features/SERVICE, "
                               "/personalizer/v1.0/rank, /events/TYPE, /policies/NAME, /reload, /check, /metrics, "
                               "/healthz, /readyz"};
  }
  return stoa_http_route_allows(route, &h->message, keyed);
}

static void answer_options(stoa_peer *peer, const stoa_http_route *route)
{
  write_head(peer, 204, NULL);
  stoa_buf_text(&peer->out, allowed(route));
  write_body(peer, 204, (stoa_slice){"", 0});
}

// A traceparent as W3C's Trace Context has it; anything else is not passed on.
static bool is_trace(stoa_slice text)
{
  size_t n = 0;
  while (n < text.length && (strchr("0123456789abcdef-", text.data[n]) != NULL) && text.data[n]) {
    ++n;
  }
  return n >= 55 && n <= 64 && n == text.length;
}

static void start(stoa_peer *peer, const stoa_http_route *route, stoa_slice part, stoa_slice query)
{
  http *const h = peer->state;
  const stoa_role before = peer->role;
  stoa_call *const call = stoa_peer_call(peer, route->operation);
  call->route = route->path;
  call->request.head_only = h->head_only;
  if (is_trace((stoa_slice){h->message.trace.data, h->message.trace.length})) {
    call->request.trace = stoa_arena_copy(&call->arena, (stoa_slice){h->message.trace.data, h->message.trace.length});
  }
  const stoa_http_refusal refusal = route->fill(call, &h->message, part, query);
  if (refusal.status) {
    stoa_call_free(call);
    refuse_request(peer, refusal, "");
    return;
  }
  peer->role = has_key(peer) ? STOA_ROLE_CALLER : peer->role; // of this request alone
  stoa_peer_start(peer, call);
  peer->role = before;
}

static void find_route(const stoa_http_message *m, const stoa_http_route **route, stoa_slice *part, stoa_slice *query)
{
  stoa_slice path;
  stoa_http_target(m, &path, query);
  *route = stoa_http_route_find(path, part);
}

// The head is whole and a body comes.  False when it has been answered without.
static bool begin_body(stoa_peer *peer)
{
  http *const h = peer->state;
  const stoa_http_route *route;
  stoa_slice part, query;
  find_route(&h->message, &route, &part, &query);
  const stoa_http_refusal refusal =
    h->message.method == STOA_HTTP_OPTIONS ? (stoa_http_refusal){0} : judge(peer, route);
  h->head_only = h->message.method == STOA_HTTP_HEAD;
  h->keep_alive = h->message.keep_alive;
  if (refusal.status && (h->message.expects || refusal.status == 401)) {
    h->keep_alive = false;
    refuse_request(peer, refusal, refusal.status == 405 ? allowed(route) : "");
    stoa_peer_take(peer, stoa_peer_input(peer).length);
    return false;
  }
  if (h->message.expects && stoa_peer_input(peer).length == 0) {
    stoa_buf_text(&peer->out, "HTTP/1.1 100 Continue\r\n\r\n");
  }
  return true;
}

static void answer(stoa_peer *peer)
{
  http *const h = peer->state;
  const stoa_http_route *route;
  stoa_slice part = {"", 0}, query;
  find_route(&h->message, &route, &part, &query);
  stoa_metrics_add(&stoa_peer_metrics(peer)->http_requests, 1);
  h->keep_alive = h->message.keep_alive;
  h->head_only = h->message.method == STOA_HTTP_HEAD;
  h->chunked = false;
  if (h->message.method == STOA_HTTP_OPTIONS &&
      (route || stoa_slice_is((stoa_slice){h->message.url.data, h->message.url.length}, "*"))) {
    answer_options(peer, route);
  } else {
    const stoa_http_refusal refusal = judge(peer, route);
    if (refusal.status) {
      refuse_request(peer, refusal, refusal.status == 405 ? allowed(route) : "");
    } else {
      start(peer, route, part, query);
    }
  }
}

static void read_requests(stoa_peer *peer)
{
  http *const h = peer->state;
  while (stoa_peer_takes(peer)) {
    const stoa_slice input = stoa_peer_input(peer);
    size_t used;
    if (input.length == 0 && !h->message.had_line) {
      stoa_peer_phase(peer, STOA_PHASE_IDLE);
      return;
    }
    const stoa_http_step step = stoa_http_message_read(&h->message, input, &used);
    stoa_peer_take(peer, used);
    if (step == STOA_HTTP_BAD) {
      refuse_message(peer);
      return;
    }
    if (step == STOA_HTTP_WHOLE) {
      answer(peer);
      stoa_http_message_reset(&h->message);
      stoa_peer_phase(peer, peer->call ? STOA_PHASE_CALL : STOA_PHASE_IDLE);
    } else if (step == STOA_HTTP_HEAD_ENDS) {
      if (!begin_body(peer)) {
        return;
      }
    } else {
      stoa_peer_phase(peer, step == STOA_HTTP_PARTIAL_HEAD ? STOA_PHASE_HEAD : STOA_PHASE_BODY);
      return;
    }
  }
}

static void late(stoa_peer *peer, const char *why)
{
  http *const h = peer->state;
  h->keep_alive = h->head_only = false;
  write_error(peer, 408, "Timeout", why, "");
}

static void refuse(stoa_buf *out, const char *why)
{
  stoa_buf body = {0};
  stoa_buf_text(&body, "{\"error\":{\"code\":\"Busy\",\"message\":");
  stoa_buf_json(&body, stoa_slice_of(why));
  stoa_buf_text(&body, "}}\n");
  stoa_buf_text(out, "HTTP/1.1 503 Service Unavailable\r\n");
  write_date(out);
  stoa_buf_print(out,
                 "Content-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                 body.length);
  stoa_buf_add(out, body.data, body.length);
  stoa_buf_done(&body);
}

static void done(stoa_peer *peer)
{
  stoa_http_message_done(&((http *)peer->state)->message);
}

const stoa_protocol stoa_protocol_http = {.name = "http",
                                          .state_bytes = sizeof(http),
                                          .read = read_requests,
                                          .stream = stream,
                                          .reply = reply,
                                          .late = late,
                                          .refuse = refuse,
                                          .done = done};
