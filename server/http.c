// HTTP on a connection: messages to calls.  The next pipelined request waits for the answer to the one before it.
#include "server/http.h"

static void refuse_request(stoa_peer *peer, stoa_http_refusal refusal, const char *heads)
{
  stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
  stoa_http_write_error(peer, refusal.status, refusal.code, refusal.why, heads);
}

static void find_route(const stoa_http_message *m, const stoa_http_route **route, stoa_slice *part, stoa_slice *query)
{
  stoa_slice path;
  stoa_http_target(m, &path, query);
  *route = stoa_http_route_find(path, part);
}

static const char *code_of_message(const stoa_http_message *m)
{
  const stoa_http_route *route;
  stoa_slice part, query;
  if (m->status != 413) {
    return "BadRequest";
  }
  find_route(m, &route, &part, &query);
  return route && route->fault ? "PayloadSizeExceeded" : "LimitReached";
}

static void refuse_message(stoa_peer *peer)
{
  stoa_http *const h = peer->state;
  h->keep_alive = h->head_only = false;
  refuse_request(peer, (stoa_http_refusal){h->message.status, code_of_message(&h->message), h->message.why}, "");
  stoa_peer_take(peer, stoa_peer_input(peer).length);
}

static const char *allowed(const stoa_http_route *route)
{
  static const char *const texts[] = {"", "Allow: GET, HEAD, OPTIONS\r\n", "Allow: POST, OPTIONS\r\n",
                                      "Allow: GET, HEAD, POST, OPTIONS\r\n",
                                      [STOA_ROUTE_DELETE] = "Allow: DELETE, OPTIONS\r\n"};
  return texts[route ? route->methods : STOA_ROUTE_GET | STOA_ROUTE_POST];
}

static bool has_key(const stoa_peer *peer)
{
  const stoa_http *const h = peer->state;
  const char *const key = stoa_peer_key(peer);
  return key && h->message.n_keys == 1 &&
         stoa_key_equal(key, (stoa_slice){h->message.key.data ? h->message.key.data : "", h->message.key.length});
}

// What is known before the body: a request that will not be answered need not send it.
static stoa_http_refusal judge(const stoa_peer *peer, const stoa_http_route *route)
{
  const stoa_http *const h = peer->state;
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
                               "/watch/VIEW, /get-online-features, /push, /api/v1/feature_views, /personalizer/v1.0/rank, /events/TYPE, /policies/NAME, /reload, /check, /metrics, "
                               "/healthz, /readyz"};
  }
  return stoa_http_route_allows(route, &h->message, keyed);
}

static void answer_options(stoa_peer *peer, const stoa_http_route *route)
{
  stoa_http_write_head(peer, 204, NULL);
  stoa_buf_text(&peer->out, allowed(route));
  stoa_http_write_body(peer, 204, (stoa_slice){"", 0});
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
  stoa_http *const h = peer->state;
  const stoa_role before = peer->role;
  stoa_call *const call = stoa_peer_call(peer, route->operation);
  call->route = route->path;
  h->fault = route->fault;
  call->request.head_only = h->head_only;
  if (is_trace((stoa_slice){h->message.trace.data, h->message.trace.length})) {
    call->request.trace = stoa_arena_copy(&call->arena, (stoa_slice){h->message.trace.data, h->message.trace.length});
  }
  stoa_call_purpose(call, (stoa_slice){stoa_buf_string(&h->message.purpose), h->message.purpose.length});
  stoa_http_route_check(route, call, &h->message, query);
  const stoa_http_refusal refusal =
    call->reply.status == STOA_OK ? route->fill(call, &h->message, part, query) : (stoa_http_refusal){0};
  if (refusal.status) {
    stoa_call_free(call);
    refuse_request(peer, refusal, "");
    return;
  }
  peer->role = has_key(peer) ? STOA_ROLE_CALLER : peer->role; // of this request alone
  stoa_peer_start(peer, call);
  peer->role = before;
}

// The head is whole and a body comes.  False when it has been answered without.
static bool begin_body(stoa_peer *peer)
{
  stoa_http *const h = peer->state;
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
  stoa_http *const h = peer->state;
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
  stoa_http *const h = peer->state;
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
  stoa_http *const h = peer->state;
  h->keep_alive = h->head_only = false;
  stoa_http_write_error(peer, 408, "Timeout", why, "");
}

static void refuse(stoa_buf *out, const char *why)
{
  stoa_buf body = {0};
  stoa_buf_text(&body, "{\"error\":{\"code\":\"Busy\",\"message\":");
  stoa_buf_json(&body, stoa_slice_of(why));
  stoa_buf_text(&body, "}}\n");
  stoa_buf_text(out, "HTTP/1.1 503 Service Unavailable\r\n");
  stoa_http_write_date(out);
  stoa_buf_print(out,
                 "Content-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
                 body.length);
  stoa_buf_add(out, body.data, body.length);
  stoa_buf_done(&body);
}

static void done(stoa_peer *peer)
{
  stoa_http_message_done(&((stoa_http *)peer->state)->message);
}

const stoa_protocol stoa_protocol_http = {.name = "http",
                                          .state_bytes = sizeof(stoa_http),
                                          .read = read_requests,
                                          .stream = stoa_http_stream,
                                          .reply = stoa_http_reply,
                                          .beat = stoa_http_beat,
                                          .late = late,
                                          .refuse = refuse,
                                          .done = done};
