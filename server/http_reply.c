// Answers of HTTP: heads, bodies, chunks.
#include "server/http.h"
#include <stdio.h>
#include <time.h>

static const char *reason(int status)
{
  static const struct {
    int status;
    const char *text;
  } reasons[] = {{200, "OK"},
                 {201, "Created"},
                 {202, "Accepted"},
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
                 {422, "Unprocessable Content"},
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

void stoa_http_write_date(stoa_buf *out)
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
void stoa_http_write_head(stoa_peer *peer, int status, const char *type)
{
  stoa_http *const h = peer->state;
  stoa_buf_print(&peer->out, "HTTP/1.1 %d %s\r\n", status, reason(status));
  stoa_http_write_date(&peer->out);
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

void stoa_http_write_body(stoa_peer *peer, int status, stoa_slice body)
{
  const stoa_http *const h = peer->state;
  if (status != 204) {
    stoa_buf_print(&peer->out, "Content-Length: %zu\r\n", body.length);
  }
  stoa_buf_text(&peer->out, "\r\n");
  if (!h->head_only && status != 204) { // a 204 has no body, whatever the reply holds (RFC 9110, section 15.3.5)
    stoa_buf_slice(&peer->out, body);
  }
}

// In the Personalizer's API, whose description lists all codes; NULL: it has none for that, and ours is told.
static const char *code_of_personalizer(stoa_status status, const char *fault)
{
  switch (status) {
    case STOA_BAD_ARG:
    case STOA_BAD_TYPE:
    case STOA_BAD_SYNTAX:
    case STOA_CONFLICT:
    case STOA_LIMIT:
    case STOA_UNSUPPORTED:
      return fault;
    case STOA_NOT_FOUND:
      return "ResourceNotFound";
    case STOA_TOO_LARGE:
      return "PayloadSizeExceeded";
    case STOA_UNAVAILABLE:
    case STOA_TIMEOUT:
    case STOA_DENIED:
      return NULL;
    default:
      return "InternalServerError";
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
    case STOA_EXISTS:
    case STOA_CONFLICT:
      return "Conflict";
    case STOA_BAD_MAPPING:
      return "InvalidMapping";
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

void stoa_http_write_error(stoa_peer *peer, int status, const char *code, const char *text, const char *heads)
{
  stoa_buf body = {0};
  stoa_buf_print(&body, "{\"error\":{\"code\":\"%s\",\"message\":", code);
  stoa_buf_json(&body, stoa_slice_of(text));
  stoa_buf_text(&body, "}}\n");
  stoa_http_write_head(peer, status, "application/json");
  stoa_buf_text(&peer->out, heads);
  stoa_http_write_body(peer, status, (stoa_slice){body.data, body.length});
  stoa_buf_done(&body);
}

// A table of values as JSON: names, then rows; null for an entity that does not exist.
static void write_values(const stoa_reply *reply, stoa_buf *out)
{
  stoa_buf_text(out, "{\"names\":[");
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_json(out, stoa_slice_of(reply->names[i]));
  }
  stoa_buf_text(out, "],\"rows\":[");
  for (uint32_t row = 0; row < reply->n_rows; ++row) {
    if (reply->absent && reply->absent[row]) {
      stoa_buf_text(out, row ? ",null" : "null");
      continue;
    }
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
  const int status = reply->http                      ? reply->http
                     : failed                         ? failed
                     : reply->kind == STOA_REPLY_DONE ? 204
                     : reply->made_something          ? 201
                                                      : 200;
  stoa_http_write_head(peer, status, status == 204 ? NULL : type);
  write_warnings(peer, reply);
  stoa_http_write_body(peer, status, body);
  stoa_buf_done(&made);
}

static void reply_error(stoa_peer *peer, const stoa_error *err)
{
  char text[800];
  const stoa_http *const h = peer->state;
  const char *const code = h->fault ? code_of_personalizer(err->status, h->fault) : NULL;
  stoa_error_print(err, text, sizeof text);
  stoa_http_write_error(peer, stoa_status_http(err->status), code ? code : error_code(err->status),
                        strncmp(text, "error: ", 7) == 0 ? text + 7 : text, "");
}

// ---- streamed answers

static void add_chunk(stoa_peer *peer, stoa_slice bytes)
{
  const stoa_http *const h = peer->state;
  if (h->chunked) {
    stoa_buf_print(&peer->out, "%zx\r\n", bytes.length);
  }
  stoa_buf_slice(&peer->out, bytes);
  stoa_buf_text(&peer->out, h->chunked ? "\r\n" : "");
}

// HTTP/1.0 has no chunks: there the end of the connection is the end of the answer.
static void begin_stream(stoa_peer *peer, stoa_call *call)
{
  stoa_http *const h = peer->state;
  const bool is_turns = call->reply.kind == STOA_REPLY_TURNS;
  call->head_sent = true;
  h->chunked = h->message.minor >= 1;
  h->keep_alive &= h->chunked && (!is_turns || h->head_only); // a page that was left asks no more over it
  stoa_http_write_head(peer, 200, is_turns ? "text/event-stream" : call->reply.media_type);
  stoa_buf_text(&peer->out, is_turns ? "Cache-Control: no-store\r\n" : "");
  write_warnings(peer, &call->reply);
  stoa_buf_text(&peer->out, h->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
}

// Server-sent events (WHATWG HTML, section 9.2): of each line NUMBER CONDITION JSON one.
static void write_events(stoa_slice lines, stoa_buf *out)
{
  while (lines.length) {
    const char *const end = memchr(lines.data, '\n', lines.length);
    const char *const name = (const char *)memchr(lines.data, ' ', lines.length) + 1;
    const char *const json = (const char *)memchr(name, ' ', (size_t)(end - name)) + 1;
    stoa_buf_print(out, "id: %.*s\nevent: %.*s\ndata: %.*s\n\n", (int)(name - lines.data - 1), lines.data,
                   (int)(json - name - 1), name, (int)(end - json), json);
    lines = (stoa_slice){end + 1, lines.length - (size_t)(end + 1 - lines.data)};
  }
}

// A line of an event stream that means nothing.
void stoa_http_beat(stoa_peer *peer)
{
  add_chunk(peer, stoa_slice_of(":\n\n"));
}

static void stream_turns(stoa_peer *peer, stoa_call *call)
{
  stoa_buf events = {0};
  if (peer->unsent) { // what a slow reader has not taken is counted at the hub
    return;
  }
  if (!call->head_sent) {
    begin_stream(peer, call);
    stoa_http_beat(peer); // clients and proxies wait for the first bytes of a body
  }
  stoa_buf lines = stoa_call_drain(call);
  write_events((stoa_slice){lines.data, lines.length}, &events);
  if (events.length) {
    add_chunk(peer, (stoa_slice){events.data, events.length});
  }
  stoa_buf_done(&lines);
  stoa_buf_done(&events);
}

// Move what the worker has written into the connection, chunk by chunk.
void stoa_http_stream(stoa_peer *peer, stoa_call *call)
{
  if (call->reply.kind == STOA_REPLY_TURNS) {
    stream_turns(peer, call);
    return;
  }
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
  const stoa_http *const h = peer->state;
  if (call->reply.status != STOA_OK || call->gone) {
    h->chunked ? (void)(peer->close_after = true) : stoa_peer_break(peer);
    return;
  }
  if (call->stream.length) { // above the mark of unsent bytes it goes out all the same: it is the rest
    add_chunk(peer, (stoa_slice){call->stream.data, call->stream.length});
  }
  stoa_buf_text(&peer->out, h->chunked ? "0\r\n\r\n" : "");
}

// The last event says why there are no more; no condition has its name.
static void end_turns(stoa_peer *peer, stoa_call *call)
{
  const stoa_http *const h = peer->state;
  stoa_buf event = {0};
  if (!call->head_sent) {
    begin_stream(peer, call);
  }
  if (h->head_only) {
    return;
  }
  if (call->reply.err.status != STOA_OK) {
    stoa_buf_text(&event, "event: stream-end\ndata: {\"why\":");
    stoa_buf_json(&event, stoa_slice_of(call->reply.err.text));
    stoa_buf_text(&event, "}\n\n");
    add_chunk(peer, (stoa_slice){event.data, event.length});
  }
  stoa_buf_done(&event);
  stoa_buf_text(&peer->out, h->chunked ? "0\r\n\r\n" : "");
}

void stoa_http_reply(stoa_peer *peer, stoa_call *call)
{
  const stoa_reply *const r = &call->reply;
  if (r->kind == STOA_REPLY_TURNS && r->status == STOA_OK && !call->gone) {
    end_turns(peer, call);
  } else if (call->head_sent) {
    end_stream(peer, call);
  } else if (r->status != STOA_OK && r->kind != STOA_REPLY_TEXT) {
    reply_error(peer, &r->err);
  } else {
    reply_whole(peer, call);
  }
}
