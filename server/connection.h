#ifndef STOA_SERVER_CONNECTION_H
#define STOA_SERVER_CONNECTION_H

#include "server/job.h"
#include "server/server.h"
#include <http_parser.h>
#include <uv.h>

/// Limits on what a client can send.
enum { STOA_MOST_FRAME = 1 << 20, STOA_MOST_HEAD = 16384, STOA_MOST_ARGUMENTS = 1024, STOA_MOST_UNSENT = 1 << 20 };

typedef enum { STOA_PROTOCOL_HTTP, STOA_PROTOCOL_RESP } stoa_protocol;

typedef struct stoa_server stoa_server;
typedef struct stoa_loop stoa_loop;

/// An HTTP request as the parser fills it.
typedef struct {
  stoa_buf url, body, field, value;
  stoa_buf accept, content_type, key;
  size_t head_bytes;
  bool in_value, is_whole, too_large;
} stoa_http_request;

typedef struct stoa_peer {
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle;
  stoa_loop *loop;
  stoa_server *server;
  stoa_protocol protocol;
  stoa_buf in, out;
  size_t unsent;
  stoa_job *job; ///< running; replies stay in order because the next request waits for it
  bool closing, is_closed, close_after, is_authenticated, keep_alive, is_reading, head_only;
  bool lingers; ///< everything is said: what the client still sends is read and dropped until it ends
  size_t dropped;
  uv_shutdown_t shutdown;
  bool at_end; ///< the client has sent all it will; what it asked is still answered
  http_parser parser;
  stoa_http_request request;
  struct stoa_peer *next, *previous;
} stoa_peer;

struct stoa_loop {
  uv_loop_t uv;
  uv_thread_t thread;
  uv_async_t wake;
  uv_tcp_t http, resp;
  uv_pipe_t pipe;
  bool has_http, has_resp, has_pipe;
  stoa_server *server;
  pthread_mutex_t lock;
  stoa_job **ready; ///< jobs that have something for their connection; each once
  size_t n_ready, ready_capacity;
  stoa_peer *peers;
  bool stops;
};

struct stoa_server {
  stoa_engine *engine;
  stoa_metrics metrics;
  const char *key;
  stoa_lane *keyed, *queries;
  stoa_writer *writer;
  int n_loops;
  stoa_loop *loops;
  uv_signal_t signals[3]; ///< SIGTERM, SIGINT, SIGHUP
  atomic_bool stopping, reloading;
  pthread_t reload_thread; ///< of SIGHUP, once reload_started
  bool reload_started;
};

/// Start a job for a peer on a lane, or on the state writer when `work` is NULL.  When the queue is full,
/// the job fails at once as busy and is finished.
void stoa_peer_start(stoa_peer *peer, stoa_lane *lane, stoa_job *job);
/// Make a job that finishes at this peer.
stoa_job *stoa_peer_job(stoa_peer *peer, void (*work)(stoa_job *), void (*finish)(stoa_job *));
/// On the loop: a job's stream has grown, or it has ended.
void stoa_peer_ready(stoa_job *job, bool is_final);
/// Accept connections on a bound listener whose `data` is its loop.
int stoa_listen(uv_stream_t *listener);
/// Write what is in `out`.
void stoa_peer_flush(stoa_peer *peer);
void stoa_peer_close(stoa_peer *peer);
/// Take requests from the bytes that came in (resp.c, http.c).
void stoa_resp_read(stoa_peer *peer);
void stoa_http_init(stoa_peer *peer);
void stoa_http_read(stoa_peer *peer);
void stoa_http_done(stoa_peer *peer);
/// The streamed part of an answer has grown.
void stoa_http_stream(stoa_job *job);

/// RESP replies.
void stoa_resp_error(stoa_peer *peer, const stoa_error *err);
void stoa_resp_bulk(stoa_buf *out, stoa_slice text);
/// HTTP replies: status line, headers, body.
void stoa_http_reply(stoa_peer *peer, int status, const char *type, stoa_slice body);
/// With more header lines, each ended by CR LF.
void stoa_http_reply_with(stoa_peer *peer, int status, const char *type, stoa_slice heads, stoa_slice body);
void stoa_http_error(stoa_peer *peer, const stoa_error *err);

/// The APIs: what to do when a request came, by either protocol.
void stoa_api_features(stoa_peer *peer, const char *service, const stoa_slice *keys, uint32_t n_keys,
                       const stoa_slice *fields, uint32_t n_fields, bool all);
void stoa_api_rank(stoa_peer *peer, const char *policy, stoa_slice json);
void stoa_api_reward(stoa_peer *peer, stoa_slice event_id, double value, stoa_slice reward_id);
void stoa_api_event(stoa_peer *peer, const char *type, stoa_slice json);
/// `timeout_ms` 0: the usual deadline; all is copied.
void stoa_api_sparql(stoa_peer *peer, stoa_slice text, const stoa_dataset *dataset, stoa_format format,
                     int64_t timeout_ms);
void stoa_api_reload(stoa_peer *peer);
/// Reload on a thread of its own and tell on stderr; on the first loop.
void stoa_server_reload(stoa_server *server);
/// True when two secrets are equal; takes the same time whatever they are.
bool stoa_key_equal(const char *expected, stoa_slice given);

/// Bind an address: split HOST:PORT, refuse a host that is not loopback unless `has_key`.
stoa_status stoa_address_read(const char *text, bool has_key, struct sockaddr_storage *out, stoa_error *err);

#endif
