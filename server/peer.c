// A connection: bytes come in, requests are taken one after another, answers go out in order.  One write for each
// read; reading stops while too much is unsent, or too much was sent ahead of an answer.
#include "server/peer.h"
#include "graph/base/assert.h"
#include "server/loop.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

// A client that has ended its side and takes no bytes for so long is taken for gone (a close and an end of sending
// alone look alike until something is sent).
enum { GONE_MS = 100, LINGER_MS = 2000, KEEP_BUFFER = 65536 };
// A subscriber is asked so often whether it is there, and holds so much in the system at most.
enum { BEAT_S = 15, SUBSCRIBER_BUFFER = 65536 };

static uint64_t now_ms(const stoa_peer *peer)
{
  return uv_now(&peer->loop->uv);
}

stoa_metrics *stoa_peer_metrics(const stoa_peer *peer)
{
  return stoa_dispatcher_shared(peer->loop->server->dispatcher)->metrics;
}

const char *stoa_peer_key(const stoa_peer *peer)
{
  return peer->loop->server->key;
}

// A request that is answered at once leaves the phase as it was: the idle time begins anew all the same.
void stoa_peer_phase(stoa_peer *peer, stoa_phase phase)
{
  if ((peer->phase != phase || phase == STOA_PHASE_IDLE) && peer->phase != STOA_PHASE_END) {
    peer->phase = phase;
    peer->since_ms = now_ms(peer);
  }
}

// ---- input

stoa_slice stoa_peer_input(const stoa_peer *peer)
{
  return (stoa_slice){peer->in.data ? peer->in.data + peer->in_at : "", peer->in.length - peer->in_at};
}

void stoa_peer_take(stoa_peer *peer, size_t n_bytes)
{
  STOA_ASSERT(n_bytes <= peer->in.length - peer->in_at);
  peer->in_at += n_bytes;
  if (peer->in_at == peer->in.length) {
    peer->in_at = peer->in.length = 0;
    if (peer->in.capacity > KEEP_BUFFER) { // an idle connection holds no large buffer
      stoa_buf_done(&peer->in);
    }
  }
}

static void add_input(stoa_peer *peer, const char *bytes, size_t n_bytes)
{
  if (peer->in_at && peer->in_at >= peer->in.length / 2) {
    memmove(peer->in.data, peer->in.data + peer->in_at, peer->in.length - peer->in_at);
    peer->in.length -= peer->in_at;
    peer->in_at = 0;
  }
  stoa_buf_add(&peer->in, bytes, n_bytes);
}

bool stoa_peer_takes(const stoa_peer *peer)
{
  return !peer->call && !peer->closing && !peer->close_after && peer->unsent + peer->out.length <= STOA_MOST_UNSENT;
}

static void take_requests(stoa_peer *peer)
{
  if (stoa_peer_takes(peer)) {
    peer->protocol->read(peer);
  }
}

// ---- the end

static void release(stoa_peer *peer)
{
  stoa_buf_done(&peer->in);
  stoa_buf_done(&peer->out);
  peer->protocol->done(peer);
  free(peer->state);
  free(peer);
}

// A call that still runs points here and releases the peer when it ends.
static void on_closed(uv_handle_t *handle)
{
  stoa_peer *const peer = handle->data;
  peer->is_closed = true;
  if (!peer->call && !peer->feeds) {
    release(peer);
  }
}

static void forget_feed(stoa_peer *peer, stoa_call *call)
{
  stoa_call **at = &peer->feeds;
  while (*at != call) {
    at = &(*at)->next;
  }
  *at = call->next;
  stoa_call_free(call);
}

// Those that have ended already are told of no more; the others will say that they have.
static void leave_feeds(stoa_peer *peer)
{
  for (stoa_call *call = peer->feeds, *next; call; call = next) {
    next = call->next;
    call->has_ended ? forget_feed(peer, call) : stoa_peer_unfeed(call);
  }
}

void stoa_peer_close(stoa_peer *peer)
{
  if (peer->closing) {
    return;
  }
  peer->closing = true;
  stoa_loop_remove(peer->loop, peer);
  stoa_admission_leave(peer->loop->server->admission, &peer->address);
  atomic_fetch_sub_explicit(&stoa_peer_metrics(peer)->open_connections, 1, memory_order_relaxed);
  if (peer->call && peer->has_ended && !stoa_loop_has_listed(peer->call)) {
    stoa_call_free(peer->call);
    peer->call = NULL;
  } else if (peer->call) {
    stoa_call_cancel(peer->call);
  }
  leave_feeds(peer);
  uv_close((uv_handle_t *)&peer->handle, on_closed);
}

void stoa_peer_break(stoa_peer *peer)
{
  uv_os_fd_t fd;
  const struct linger at_once = {1, 0};
  if (!peer->closing && uv_fileno((uv_handle_t *)&peer->handle, &fd) == 0) {
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  stoa_peer_close(peer);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  static _Thread_local char bytes[65536];
  (void)handle;
  (void)suggested;
  *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_dropped(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  stoa_peer *const peer = stream->data;
  (void)buf;
  peer->dropped += n > 0 ? (size_t)n : 0;
  if (n < 0 || peer->dropped > STOA_MOST_LINGER) {
    stoa_peer_close(peer);
  }
}

static void on_shut(uv_shutdown_t *request, int status)
{
  (void)request;
  (void)status;
}

// A socket that is closed while bytes are unread is reset, and the client may lose the answer: so only the
// sending half is closed first (RFC 9112, section 9.6).
static void end_politely(stoa_peer *peer)
{
  if (peer->phase == STOA_PHASE_END || peer->closing) {
    return;
  }
  stoa_peer_phase(peer, STOA_PHASE_END);
  uv_read_stop(&peer->handle.stream);
  if (peer->at_end || uv_shutdown(&peer->shutdown, &peer->handle.stream, on_shut) != 0 ||
      uv_read_start(&peer->handle.stream, on_alloc, on_dropped) != 0) {
    stoa_peer_close(peer);
  }
}

void stoa_peer_stop(stoa_peer *peer)
{
  if (peer->call || peer->feeds || peer->unsent) {
    peer->close_after = true;
  } else {
    stoa_peer_close(peer);
  }
}

// ---- output

typedef struct {
  uv_write_t request;
  stoa_peer *peer;
  stoa_buf bytes;
} write_call;

static void go_on(stoa_peer *peer);
static void go_on_with_stream(stoa_peer *peer);

static void on_written(uv_write_t *request, int status)
{
  write_call *const call = request->data;
  stoa_peer *const peer = call->peer;
  peer->unsent -= call->bytes.length;
  peer->moved_ms = now_ms(peer);
  stoa_buf_done(&call->bytes);
  free(call);
  if (peer->closing) {
    return;
  }
  if (status < 0) {
    stoa_peer_close(peer);
  } else if (peer->unsent < STOA_MOST_UNSENT / 2) {
    if (peer->call && peer->call->streams) {
      go_on_with_stream(peer);
    } else {
      go_on(peer);
    }
  }
}

static void queue_write(stoa_peer *peer, size_t from)
{
  write_call *const call = calloc(1, sizeof *call);
  if (!call) {
    stoa_peer_close(peer);
    return;
  }
  call->peer = peer;
  call->request.data = call;
  stoa_buf_add(&call->bytes, peer->out.data + from, peer->out.length - from);
  uv_buf_t buf = uv_buf_init(call->bytes.data, (unsigned)call->bytes.length);
  if (peer->unsent == 0) {
    peer->moved_ms = now_ms(peer);
  }
  peer->unsent += call->bytes.length;
  if (uv_write(&call->request, &peer->handle.stream, &buf, 1, on_written) != 0) {
    peer->unsent -= call->bytes.length;
    stoa_buf_done(&call->bytes);
    free(call);
    stoa_peer_close(peer);
  }
}

static void flush(stoa_peer *peer)
{
  if (peer->closing) {
    return;
  }
  if (peer->out.length) {
    uv_buf_t buf = uv_buf_init(peer->out.data, (unsigned)peer->out.length);
    int n = peer->unsent ? 0 : uv_try_write(&peer->handle.stream, &buf, 1);
    n = n < 0 ? (n == UV_EAGAIN ? 0 : n) : n;
    if (n < 0) {
      stoa_peer_close(peer);
      return;
    }
    if (n > 0) {
      peer->moved_ms = now_ms(peer);
    }
    if ((size_t)n < peer->out.length) {
      queue_write(peer, (size_t)n);
    }
    peer->out.length = 0;
    if (peer->out.capacity > KEEP_BUFFER) {
      stoa_buf_done(&peer->out);
    }
  }
  if (peer->close_after && peer->unsent == 0 && !peer->call) {
    leave_feeds(peer);
    end_politely(peer);
  }
}

// ---- reading

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

// While a call runs, a client may send ahead, but not without end; and nobody is read who does not read.
static void adjust_reading(stoa_peer *peer)
{
  const bool ahead = peer->call && peer->in.length - peer->in_at > STOA_MOST_AHEAD;
  const bool wants = !peer->at_end && !peer->close_after && !ahead && peer->unsent <= STOA_MOST_UNSENT;
  if (peer->closing || peer->phase == STOA_PHASE_END || wants == peer->is_reading) {
    return;
  }
  if (!wants) {
    uv_read_stop(&peer->handle.stream);
    peer->is_reading = false;
  } else {
    peer->is_reading = uv_read_start(&peer->handle.stream, on_alloc, on_read) == 0;
  }
}

// What calls beside the others have to say.
static void write_feeds(stoa_peer *peer)
{
  for (stoa_call *call = peer->feeds, *next; call && !peer->closing; call = next) {
    next = call->next;
    const bool is_left = stoa_call_is_left(call);
    const bool is_said = is_left || (!peer->unsent && peer->protocol->feed(peer, call, call->has_ended));
    if (call->has_ended && is_said) {
      forget_feed(peer, call);
    }
  }
}

// Whatever has changed: take what may be taken, send what there is, read or do not.
static void go_on(stoa_peer *peer)
{
  if (peer->closing || peer->phase == STOA_PHASE_END) {
    return;
  }
  take_requests(peer);
  write_feeds(peer);
  flush(peer);
  // What had no room may have it now that bytes are sent.
  while (!peer->closing && stoa_peer_input(peer).length && stoa_peer_takes(peer)) {
    const size_t before = stoa_peer_input(peer).length;
    take_requests(peer);
    write_feeds(peer);
    flush(peer);
    if (!peer->closing && stoa_peer_input(peer).length == before) {
      break;
    }
  }
  if (peer->at_end && !peer->call && !peer->closing) {
    peer->close_after = true;
    flush(peer);
  }
  adjust_reading(peer);
}

static void on_end_of_input(stoa_peer *peer)
{
  peer->at_end = true;
  peer->moved_ms = now_ms(peer);
  if (!peer->call && !peer->unsent) {
    stoa_peer_close(peer);
    return;
  }
  adjust_reading(peer);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  stoa_peer *const peer = stream->data;
  if (n == UV_EOF) {
    on_end_of_input(peer);
  } else if (n < 0) {
    stoa_peer_close(peer);
  } else {
    add_input(peer, buf->base, (size_t)n);
    go_on(peer);
  }
}

// ---- time

static void too_late(stoa_peer *peer, const char *why)
{
  stoa_metrics_add(&stoa_peer_metrics(peer)->connections_timed_out, 1);
  stoa_peer_take(peer, stoa_peer_input(peer).length);
  peer->protocol->late(peer, why);
  peer->close_after = true;
  go_on(peer);
}

static bool passed(uint64_t since, uint64_t now, int64_t limit_s)
{
  return now > since && now - since > (uint64_t)limit_s * 1000;
}

// Not all clients are read while their call runs; the system knows all the same when one has gone.
static bool client_has_ended(stoa_peer *peer)
{
  uv_os_fd_t fd;
  if (peer->at_end || peer->is_reading || uv_fileno((uv_handle_t *)&peer->handle, &fd) != 0) {
    return peer->at_end;
  }
  struct pollfd poll_fd = {fd, POLLRDHUP, 0};
  if (poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & (POLLRDHUP | POLLHUP | POLLERR))) {
    peer->at_end = true;
    peer->moved_ms = now_ms(peer);
  }
  return peer->at_end;
}

// Who ends its side of what has no end has left.
static void look_for_client(stoa_peer *peer, uint64_t now)
{
  const bool is_query = peer->call->operation->lane == STOA_LANE_QUERIES && !peer->has_ended;
  const bool goes_on = peer->call->leave && !peer->has_ended;
  if ((is_query && client_has_ended(peer) && now - peer->moved_ms > GONE_MS) || (goes_on && client_has_ended(peer))) {
    stoa_peer_close(peer);
  } else if (goes_on && peer->call->head_sent && !peer->unsent && passed(peer->moved_ms, now, BEAT_S)) {
    peer->protocol->beat(peer);
    peer->moved_ms = now;
    flush(peer);
  }
}

void stoa_peer_tick(stoa_peer *peer, uint64_t now)
{
  const stoa_limits *const limits = &peer->loop->server->limits;
  if (peer->phase == STOA_PHASE_END) {
    if (now - peer->since_ms > LINGER_MS) {
      stoa_peer_close(peer);
    }
    return;
  }
  if (peer->unsent) {
    const size_t left = uv_stream_get_write_queue_size(&peer->handle.stream);
    if (left != peer->left_before) {
      peer->left_before = left;
      peer->moved_ms = now;
    }
    if (passed(peer->moved_ms, now, limits->write_s)) {
      stoa_metrics_add(&stoa_peer_metrics(peer)->connections_timed_out, 1);
      stoa_peer_close(peer);
      return;
    }
  }
  if (peer->call) {
    look_for_client(peer, now);
  } else if (peer->unsent) {
    return; // its requests wait until it reads
  } else if (peer->phase == STOA_PHASE_HEAD && passed(peer->since_ms, now, limits->head_s)) {
    too_late(peer, stoa_set_limit_text(STOA_SET_head_s));
  } else if (peer->phase == STOA_PHASE_BODY && passed(peer->since_ms, now, limits->body_s)) {
    too_late(peer, stoa_set_limit_text(STOA_SET_body_s));
  } else if (peer->phase == STOA_PHASE_IDLE && !peer->feeds && passed(peer->since_ms, now, limits->idle_s)) {
    stoa_metrics_add(&stoa_peer_metrics(peer)->connections_timed_out, 1);
    stoa_peer_close(peer);
  }
}

// ---- calls

stoa_call *stoa_peer_call(stoa_peer *peer, stoa_operation_id operation)
{
  const stoa_shared *const shared = stoa_dispatcher_shared(peer->loop->server->dispatcher);
  stoa_call *const call = stoa_call_new(shared, &shared->operations[operation]);
  call->protocol = peer->protocol->name;
  call->tell = stoa_loop_tell;
  call->teller = peer;
  call->loop = peer->loop;
  return call;
}

// Of a subscriber that has gone without a word the system hears when what it is sent, or asked (keep alive), is not
// acknowledged; and what waits for a slow one is counted here, not hidden in large buffers of the system.
static void expect_silence(stoa_peer *peer)
{
  uv_os_fd_t fd;
  const int on = 1, beat_s = BEAT_S, patience_ms = (int)(peer->loop->server->limits.write_s * 1000), bytes = SUBSCRIBER_BUFFER;
  if (uv_fileno((uv_handle_t *)&peer->handle, &fd) != 0) {
    return;
  }
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  if (peer->address.ss_family != AF_UNSPEC) {
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &beat_s, sizeof beat_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &beat_s, sizeof beat_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
  }
}

bool stoa_peer_feed(stoa_peer *peer, stoa_call *call)
{
  stoa_call **last = &peer->feeds;
  if (stoa_dispatcher_start(peer->loop->server->dispatcher, call, peer->role)) {
    return false;
  }
  while (*last) {
    last = &(*last)->next;
  }
  call->next = NULL;
  *last = call;
  expect_silence(peer);
  return true;
}

void stoa_peer_unfeed(stoa_call *call)
{
  if (!stoa_call_is_left(call)) {
    stoa_call_cancel(call);
  }
}

void stoa_peer_start(stoa_peer *peer, stoa_call *call)
{
  STOA_ASSERT(!peer->call);
  if (!stoa_dispatcher_start(peer->loop->server->dispatcher, call, peer->role)) {
    peer->call = call;
    if (call->leave) {
      expect_silence(peer);
    }
    stoa_peer_phase(peer, STOA_PHASE_CALL);
    return;
  }
  if (call->reply.status != STOA_OK) {
    stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
  }
  peer->protocol->reply(peer, call);
  stoa_call_free(call);
}

// The call has ended, and all of its stream is on its way.
static void finish_call(stoa_peer *peer)
{
  stoa_call *const call = peer->call;
  peer->call = NULL;
  peer->has_ended = false;
  if (call->reply.status != STOA_OK) {
    stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
  }
  peer->protocol->reply(peer, call);
  stoa_call_free(call);
  stoa_peer_phase(peer, STOA_PHASE_IDLE);
  go_on(peer);
}

// Send on what the stream holds, as far as its reader takes it.
static void go_on_with_stream(stoa_peer *peer)
{
  stoa_call *const call = peer->call;
  peer->protocol->stream(peer, call);
  flush(peer);
  if (peer->closing) {
    return;
  }
  const bool is_cut = peer->has_ended && (call->gone || call->reply.status != STOA_OK);
  if (peer->has_ended && (is_cut || stoa_call_is_drained(call)) && !stoa_loop_has_listed(call)) {
    finish_call(peer);
  } else if (peer->unsent == 0 && !stoa_call_is_drained(call)) {
    stoa_loop_tell(call, false); // others have their turn in between
  } else {
    adjust_reading(peer);
  }
}

static void end_call(stoa_peer *peer, stoa_call *call)
{
  if (peer->closing) {
    peer->call = NULL;
    stoa_call_free(call);
    if (peer->is_closed && !peer->feeds) {
      release(peer);
    }
    return;
  }
  peer->has_ended = true;
  if (call->head_sent || !stoa_spill_is_empty(&call->spill)) {
    go_on_with_stream(peer);
  } else {
    finish_call(peer);
  }
}

static void told_feed(stoa_peer *peer, stoa_call *call, bool is_final)
{
  call->has_ended |= is_final;
  if (!peer->closing) {
    go_on(peer);
  } else if (is_final) {
    forget_feed(peer, call);
    if (peer->is_closed && !peer->call && !peer->feeds) {
      release(peer);
    }
  }
}

static bool is_feed(const stoa_peer *peer, const stoa_call *call)
{
  const stoa_call *at = peer->feeds;
  while (at && at != call) {
    at = at->next;
  }
  return at != NULL;
}

void stoa_peer_told(stoa_call *call, bool is_final)
{
  stoa_peer *const peer = call->teller;
  if (is_feed(peer, call)) {
    told_feed(peer, call, is_final);
    return;
  }
  if (is_final && (!peer->has_ended || peer->closing)) {
    end_call(peer, call);
  } else if (!peer->closing && call->streams) {
    go_on_with_stream(peer);
  }
}

// ---- the beginning

static void refuse(stoa_peer *peer, stoa_admitted why)
{
  stoa_buf text = {0};
  peer->protocol->refuse(&text,
                         stoa_set_limit_text(why == STOA_TOO_MANY ? STOA_SET_connections : STOA_SET_per_address));
  uv_buf_t buf = uv_buf_init(text.data, (unsigned)text.length);
  uv_try_write(&peer->handle.stream, &buf, 1); // what does not go out at once does not go out
  stoa_buf_done(&text);
  stoa_metrics_add(&stoa_peer_metrics(peer)->connections_refused, 1);
  peer->closing = true;
  uv_close((uv_handle_t *)&peer->handle, on_closed);
}

static bool init(stoa_peer *peer, stoa_loop *loop, const stoa_protocol *protocol, bool is_pipe)
{
  peer->loop = loop;
  peer->protocol = protocol;
  peer->state = calloc(1, protocol->state_bytes);
  peer->id = ++loop->next_id;
  // Whoever may open the socket file is known to the file system.
  peer->role = !loop->server->key || is_pipe ? STOA_ROLE_CALLER : STOA_ROLE_ANYONE;
  peer->since_ms = peer->moved_ms = uv_now(&loop->uv);
  const int code = is_pipe ? uv_pipe_init(&loop->uv, &peer->handle.pipe, 0) : uv_tcp_init(&loop->uv, &peer->handle.tcp);
  peer->handle.stream.data = peer;
  return peer->state && code == 0;
}

void stoa_peer_accept(stoa_loop *loop, uv_stream_t *listener, const stoa_protocol *protocol)
{
  const bool is_pipe = listener->type == UV_NAMED_PIPE;
  stoa_peer *const peer = calloc(1, sizeof *peer);
  if (!peer || !init(peer, loop, protocol, is_pipe)) {
    if (peer) {
      free(peer->state);
    }
    free(peer);
    return;
  }
  if (uv_accept(listener, &peer->handle.stream) != 0) {
    peer->closing = true;
    uv_close((uv_handle_t *)&peer->handle, on_closed);
    return;
  }
  int n = sizeof peer->address;
  if (!is_pipe) {
    uv_tcp_nodelay(&peer->handle.tcp, 1);
    uv_tcp_getpeername(&peer->handle.tcp, (struct sockaddr *)&peer->address, &n);
  }
  const stoa_admitted admitted = stoa_admission_enter(loop->server->admission, &peer->address);
  if (admitted != STOA_ADMITTED) {
    refuse(peer, admitted);
    return;
  }
  stoa_loop_add(loop, peer);
  stoa_metrics_add(&stoa_peer_metrics(peer)->connections, 1);
  atomic_fetch_add_explicit(&stoa_peer_metrics(peer)->open_connections, 1, memory_order_relaxed);
  adjust_reading(peer);
}
