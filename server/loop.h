#ifndef STOA_SERVER_LOOP_H
#define STOA_SERVER_LOOP_H

#include "server/admission.h"
#include "server/peer.h"
#include <sys/types.h>

/// What a loop has done with its connections; it knows nothing else of them.
typedef struct {
  void (*told)(stoa_call *call, bool is_final);   ///< a call has something for its connection
  void (*tick)(stoa_peer *peer, uint64_t now_ms); ///< look at its limits
  void (*stop)(stoa_peer *peer);                  ///< the server stops: end when nothing runs
  void (*close)(stoa_peer *peer);                 ///< end now
} stoa_loop_hooks;

/// A loop of events with its thread, its listeners and its connections.
struct stoa_loop {
  uv_loop_t uv;
  uv_thread_t thread;
  uv_async_t wake;
  uv_timer_t tick; ///< runs while there are connections
  uv_tcp_t http, resp;
  uv_pipe_t pipe;
  bool has_uv, has_http, has_resp, has_pipe, runs, ticks;
  stoa_server *server;
  const stoa_loop_hooks *hooks;
  pthread_mutex_t lock;
  stoa_call *first_told, *last_told; ///< calls that have something for their connection; each once
  stoa_peer *peers;
  uint64_t stop_ms; ///< when what still runs is cut; 0: the server goes on
  uint64_t next_id;
  unsigned n_peers, n_ticks;
  struct stoa_quick *quick; ///< of commands that are answered from rows that are kept
};

/// The path of a Unix socket, and the file that this server has bound there.
typedef struct {
  const char *path; ///< NULL: none
  dev_t device;
  ino_t inode;
} stoa_bound;

struct stoa_server {
  stoa_engine *engine;
  stoa_dispatcher *dispatcher;
  stoa_admission *admission;
  stoa_limits limits;
  const char *key;
  int n_loops;
  stoa_loop *loops;
  stoa_bound socket;
  uv_signal_t signals[3]; ///< SIGTERM, SIGINT, SIGHUP
  atomic_bool stopping, hurries;
  atomic_int n_others; ///< loops beside the first that run: it takes signals until they have ended
  atomic_bool reloading;
};

/// Prepare a loop; nothing of it has to be undone when it fails.
stoa_status stoa_loop_init(stoa_loop *loop, stoa_server *server, const stoa_loop_hooks *hooks, stoa_error *err);
/// Run it until the server stops; the first one until all have ended.
void stoa_loop_run(void *loop);
/// Close what is left and release it; no call may run any more.
void stoa_loop_done(stoa_loop *loop);
/// Tell the loop of a call; a stoa_call.tell.  Any thread.
void stoa_loop_tell(stoa_call *call, bool is_final);
/// True while the loop is still to be told of the call.
bool stoa_loop_has_listed(stoa_call *call);
/// Take a connection into the list, and out of it.
void stoa_loop_add(stoa_loop *loop, stoa_peer *peer);
void stoa_loop_remove(stoa_loop *loop, stoa_peer *peer);

/// Listen at every address of the options; prints each.
stoa_status stoa_listen(stoa_server *server, const stoa_server_options *options, stoa_error *err);
/// Remove the Unix socket from the file system, unless another's is at its path by now.  Once listened at no more; the
/// path of the options is borrowed until then.
void stoa_listen_end(stoa_server *server);

#endif
