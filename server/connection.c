// A connection: bytes come in, requests are taken one after another, answers go out in order.  One write
// for each read callback; reading stops while too much is unsent.
#include "server/connection.h"
#include <stdlib.h>

static void take_requests(stoa_peer *peer)
{
  if (peer->protocol == STOA_PROTOCOL_HTTP) {
    stoa_http_read(peer);
  } else {
    stoa_resp_read(peer);
  }
}

static void release(stoa_peer *peer)
{
  stoa_buf_done(&peer->in);
  stoa_buf_done(&peer->out);
  stoa_http_done(peer);
  free(peer);
}

// A job that still runs points here and releases the peer when it ends.
static void on_closed(uv_handle_t *handle)
{
  stoa_peer *const peer = handle->data;
  peer->is_closed = true;
  if (!peer->job) {
    release(peer);
  }
}

void stoa_peer_close(stoa_peer *peer)
{
  if (peer->closing) {
    return;
  }
  peer->closing = true;
  if (peer->previous) {
    peer->previous->next = peer->next;
  } else {
    peer->loop->peers = peer->next;
  }
  if (peer->next) {
    peer->next->previous = peer->previous;
  }
  if (peer->job) {
    stoa_context_cancel(&peer->job->context);
    pthread_mutex_lock(&peer->job->lock);
    peer->job->gone = true;
    pthread_cond_signal(&peer->job->drained);
    pthread_mutex_unlock(&peer->job->lock);
  }
  uv_close((uv_handle_t *)&peer->handle, on_closed);
}

enum { MOST_DROPPED = 1 << 20 };

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf);

static void on_dropped(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  stoa_peer *const peer = stream->data;
  (void)buf;
  peer->dropped += n > 0 ? (size_t)n : 0;
  if (n < 0 || peer->dropped > MOST_DROPPED) {
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
  if (peer->lingers || peer->closing) {
    return;
  }
  peer->lingers = true;
  uv_read_stop(&peer->handle.stream);
  if (peer->at_end || uv_shutdown(&peer->shutdown, &peer->handle.stream, on_shut) != 0 ||
      uv_read_start(&peer->handle.stream, on_alloc, on_dropped) != 0) {
    stoa_peer_close(peer);
  }
}

typedef struct {
  uv_write_t request;
  stoa_peer *peer;
  stoa_buf bytes;
} write_call;

static void resume(stoa_peer *peer);

static void on_written(uv_write_t *request, int status)
{
  write_call *const call = request->data;
  stoa_peer *const peer = call->peer;
  peer->unsent -= call->bytes.length;
  stoa_buf_done(&call->bytes);
  free(call);
  if (peer->closing) {
    return;
  }
  if (status < 0) {
    stoa_peer_close(peer);
  } else if ((peer->close_after || peer->at_end) && peer->unsent == 0 && !peer->job) {
    end_politely(peer);
  } else if (peer->unsent < STOA_MOST_UNSENT / 2) {
    if (peer->job && peer->job->streams) {
      stoa_http_stream(peer->job);
    }
    resume(peer);
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
  peer->unsent += call->bytes.length;
  uv_buf_t buf = uv_buf_init(call->bytes.data, (unsigned)call->bytes.length);
  if (uv_write(&call->request, &peer->handle.stream, &buf, 1, on_written) != 0) {
    peer->unsent -= call->bytes.length;
    stoa_buf_done(&call->bytes);
    free(call);
    stoa_peer_close(peer);
  }
}

void stoa_peer_flush(stoa_peer *peer)
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
    if ((size_t)n < peer->out.length) {
      queue_write(peer, (size_t)n);
    }
    peer->out.length = 0;
  }
  if (peer->close_after && peer->unsent == 0 && !peer->job) {
    end_politely(peer);
  }
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
  static _Thread_local char bytes[65536];
  (void)handle;
  (void)suggested;
  *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
  stoa_peer *const peer = stream->data;
  if (n == UV_EOF && (peer->job || peer->unsent)) {
    peer->at_end = true;
    peer->is_reading = false;
    uv_read_stop(stream);
    return;
  }
  if (n < 0) {
    stoa_peer_close(peer);
    return;
  }
  stoa_buf_add(&peer->in, buf->base, (size_t)n);
  if (!peer->job) {
    take_requests(peer);
  }
  // While a job runs, a client may send ahead, but not without end.
  if (!peer->closing && (peer->unsent > STOA_MOST_UNSENT || (peer->job && peer->in.length > STOA_MOST_FRAME))) {
    uv_read_stop(stream);
    peer->is_reading = false;
  }
  stoa_peer_flush(peer);
}

static void resume(stoa_peer *peer)
{
  if (!peer->is_reading && !peer->lingers && !peer->at_end && !peer->closing && !peer->close_after && !peer->job) {
    peer->is_reading = uv_read_start(&peer->handle.stream, on_alloc, on_read) == 0;
  }
}

static void on_connection(uv_stream_t *listener, int status)
{
  stoa_loop *const loop = listener->data;
  stoa_peer *const peer = status == 0 ? calloc(1, sizeof *peer) : NULL;
  if (!peer) {
    return;
  }
  const bool is_pipe = listener->type == UV_NAMED_PIPE;
  peer->loop = loop;
  peer->server = loop->server;
  peer->protocol = listener == (uv_stream_t *)&loop->http ? STOA_PROTOCOL_HTTP : STOA_PROTOCOL_RESP;
  // Whoever may open the socket file is known to the file system.
  peer->is_authenticated = !loop->server->key || is_pipe;
  if (is_pipe) {
    uv_pipe_init(&loop->uv, &peer->handle.pipe, 0);
  } else {
    uv_tcp_init(&loop->uv, &peer->handle.tcp);
  }
  peer->handle.stream.data = peer;
  peer->next = loop->peers;
  if (loop->peers) {
    loop->peers->previous = peer;
  }
  loop->peers = peer;
  stoa_http_init(peer);
  if (uv_accept(listener, &peer->handle.stream) != 0) {
    stoa_peer_close(peer);
    return;
  }
  if (!is_pipe) {
    uv_tcp_nodelay(&peer->handle.tcp, 1);
  }
  stoa_metrics_add(&peer->server->metrics.connections, 1);
  resume(peer);
}

int stoa_listen(uv_stream_t *listener)
{
  return uv_listen(listener, 511, on_connection);
}

stoa_job *stoa_peer_job(stoa_peer *peer, void (*work)(stoa_job *), void (*finish)(stoa_job *))
{
  stoa_job *const job = stoa_job_new(peer->loop, peer, peer->server->engine, &peer->server->metrics);
  if (job) {
    job->work = work;
    job->finish = finish;
  }
  return job;
}

void stoa_peer_start(stoa_peer *peer, stoa_lane *lane, stoa_job *job)
{
  peer->job = job;
  if (job->work ? stoa_lane_add(lane, job) : stoa_writer_add(peer->server->writer, job)) {
    return;
  }
  stoa_metrics_add(&peer->server->metrics.busy, 1);
  job->status = stoa_error_set(&job->err, STOA_UNAVAILABLE, "busy: the queue is full, try again");
  peer->job = NULL;
  job->finish(job);
  stoa_job_free(job);
}

static void continue_with(stoa_peer *peer)
{
  if (!peer->closing && !peer->job) {
    take_requests(peer);
  }
  if (peer->at_end && !peer->job) {
    peer->close_after = true;
  }
  stoa_peer_flush(peer);
  resume(peer);
}

static void end_job(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  peer->job = NULL;
  if (peer->closing) {
    stoa_job_free(job);
    if (peer->is_closed) {
      release(peer);
    }
    return;
  }
  job->finish(job);
  stoa_job_free(job);
  continue_with(peer);
}

void stoa_peer_ready(stoa_job *job, bool is_final)
{
  stoa_peer *const peer = job->connection;
  if (is_final) {
    end_job(job);
  } else if (!peer->closing && job->streams) {
    stoa_http_stream(job);
    stoa_peer_flush(peer);
  }
}
