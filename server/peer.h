#ifndef STOA_SERVER_PEER_H
#define STOA_SERVER_PEER_H

#include "server/dispatcher.h"
#include "server/metrics.h"
#include "server/server.h"
#include <uv.h>

/// One connection, whatever it speaks.  It owns the bytes that came and those that wait to go out, the call that runs
/// for it (one at a time, so that answers keep their order), every limit on its time, and what becomes of the call when
/// its client goes.  Everything here happens on the loop of the connection.

typedef struct stoa_peer stoa_peer;
typedef struct stoa_loop stoa_loop;
typedef struct stoa_server stoa_server;

/// What the time of a connection is counted for.
typedef enum {
  STOA_PHASE_IDLE, ///< nothing of a request has come
  STOA_PHASE_HEAD, ///< a part of its head
  STOA_PHASE_BODY, ///< all of its head
  STOA_PHASE_CALL, ///< a call runs; its operation has the deadline
  STOA_PHASE_END   ///< everything is said: what still comes is read and dropped
} stoa_phase;

/// A protocol: bytes to calls, replies to bytes.
typedef struct {
  const char *name;
  size_t state_bytes;                               ///< of peer->state, zeroed
  void (*read)(stoa_peer *peer);                    ///< take requests from the input, as far as stoa_peer_takes
  void (*stream)(stoa_peer *peer, stoa_call *call); ///< the stream of the call has grown
  void (*reply)(stoa_peer *peer, stoa_call *call);  ///< the call has ended
  /// Write what a call beside the others has for its client (stoa_peer_feed), as far as it may now; `is_over`: it has
  /// ended.  True: and all of it is written.  NULL: there are none.
  bool (*feed)(stoa_peer *peer, stoa_call *call, bool is_over);
  void (*beat)(stoa_peer *peer); ///< say something without meaning within a call that goes on, if it has such calls
  void (*late)(stoa_peer *peer, const char *why);   ///< the request took too long to come: say so
  void (*refuse)(stoa_buf *out, const char *why);   ///< there are too many connections: say so
  void (*done)(stoa_peer *peer);                    ///< release what the state holds
} stoa_protocol;

extern const stoa_protocol stoa_protocol_http, stoa_protocol_resp;

struct stoa_peer {
  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } handle;
  stoa_loop *loop;
  const stoa_protocol *protocol;
  void *state; ///< of the protocol
  uint64_t id;
  stoa_role role;
  struct sockaddr_storage address; ///< family AF_UNSPEC: not counted by address
  stoa_buf in, out;
  size_t in_at;    ///< what stands before it has been taken
  stoa_call *call; ///< running, or ended with a stream that still goes out
  stoa_call *feeds; ///< calls that go on beside the others, in the order in which they began
  bool has_ended;
  stoa_phase phase;
  uint64_t since_ms, moved_ms; ///< when the phase began; when bytes last went out or the client ended its side
  size_t unsent, left_before, dropped;
  bool is_reading, at_end; ///< at_end: the client has sent all it will; what it asked is still answered
  bool close_after, closing, is_closed;
  uv_shutdown_t shutdown;
  stoa_peer *next, *previous;
};

/// Take over a connection that waits at a listener.
void stoa_peer_accept(stoa_loop *loop, uv_stream_t *listener, const stoa_protocol *protocol);
/// Close it; a call that runs is cancelled.
void stoa_peer_close(stoa_peer *peer);
/// Close it so that the client sees an error: what it has is not all.
void stoa_peer_break(stoa_peer *peer);
/// Look at its limits; `now_ms` is the loop's time.
void stoa_peer_tick(stoa_peer *peer, uint64_t now_ms);
/// The server stops: what is idle ends, what runs is answered first.
void stoa_peer_stop(stoa_peer *peer);
/// A call has been told of: its stream has grown, or it has ended.
void stoa_peer_told(stoa_call *call, bool is_final);

// ---- for protocols

/// The bytes that have come and are not taken yet; valid until something is taken or more is read.
stoa_slice stoa_peer_input(const stoa_peer *peer);
void stoa_peer_take(stoa_peer *peer, size_t n_bytes);
/// True while another request may be taken: none runs, the connection goes on, and its answers find room.
bool stoa_peer_takes(const stoa_peer *peer);
/// Say what the time is counted for from now on.
void stoa_peer_phase(stoa_peer *peer, stoa_phase phase);
/// Make a call for it; start it: the reply comes now or later.
stoa_call *stoa_peer_call(stoa_peer *peer, stoa_operation_id operation);
void stoa_peer_start(stoa_peer *peer, stoa_call *call);
/// Start a call that goes on beside the others.  False: it did not begin; it says why, and stays the caller's.
bool stoa_peer_feed(stoa_peer *peer, stoa_call *call);
/// The call is to end, and nothing of it goes out any more.
void stoa_peer_unfeed(stoa_call *call);
stoa_metrics *stoa_peer_metrics(const stoa_peer *peer);
/// The server's key, or NULL; see stoa_key_equal.
const char *stoa_peer_key(const stoa_peer *peer);

#endif
