#ifndef STOA_SERVER_CALL_H
#define STOA_SERVER_CALL_H

#include "personalizer/engine.h"
#include "server/limits.h"
#include "server/log.h"
#include "server/request.h"
#include "server/spill.h"
#include <pthread.h>

/// A request under way.  It belongs to whoever made it until it is started, then to the dispatcher, and again to its
/// maker once `tell` has said that it ended.  Only `stream` and what stands beside it is shared meanwhile.
typedef struct stoa_call stoa_call;
typedef struct stoa_dispatcher stoa_dispatcher;

typedef enum { STOA_LANE_NONE, STOA_LANE_KEYED, STOA_LANE_QUERIES, STOA_LANE_MANAGE, STOA_N_LANES } stoa_lane_id;
typedef enum { STOA_ROLE_ANYONE, STOA_ROLE_CALLER } stoa_role;

/// A row of the table of operations.
typedef struct {
  const char *name, *summary;
  stoa_lane_id lane;               ///< NONE: at once, on the thread that starts it
  int64_t deadline_ms, longest_ms; ///< 0: none
  stoa_role role;
  bool commits; ///< the state writer appends call->records before it counts
  stoa_status (*run)(stoa_call *call, stoa_error *err);
} stoa_operation;

/// What all calls of a dispatcher share.
typedef struct {
  stoa_engine *engine;
  const stoa_operation *operations; ///< the table
  struct stoa_metrics *metrics;
  const stoa_limits *limits;
  const stoa_log *log;
  struct stoa_health *health; ///< NULL: nobody watches
  struct stoa_hub *hub;       ///< who is told of conditions; NULL: nobody is
} stoa_shared;

struct stoa_call {
  stoa_call *next; ///< in a queue
  stoa_arena arena;
  const stoa_operation *operation;
  const stoa_shared *shared;
  stoa_dispatcher *dispatcher; ///< that runs it
  stoa_layer *layer;           ///< what it works on, whatever is reloaded meanwhile
  stoa_context context;
  stoa_request request;
  stoa_reply reply;
  struct stoa_subscription *subscription; ///< what it is told of until it leaves (hub.h); NULL: nothing
  stoa_record *records; ///< what is committed, all of it or nothing
  uint32_t n_records;
  void (*committed)(stoa_call *call); ///< fills the reply once it is; NULL: the writer knows what to say
  stoa_receipt *const *receipts;      ///< of erasures, one a record
  int64_t began_ns;
  uint64_t id;                  ///< of this process; in the log
  const char *protocol, *route; ///< for the log: how it came; constants
  /// Said from any thread: the stream has grown, or, with `is_final`, that it has ended.
  void (*tell)(stoa_call *call, bool is_final);
  void *teller, *loop; ///< of whoever is told
  void (*leave)(stoa_call *call); ///< it goes on until this is called, or it is ended otherwise; NULL: it ends by itself
  // The stream: the operation fills, the maker drains.  Above STOA_MOST_STREAM the operation waits a moment for its
  // reader; then the rest goes to disk, and only when that has no room does it wait until its deadline.
  bool streams; ///< false: all is gathered in `stream`
  pthread_mutex_t lock;
  pthread_cond_t drained;
  stoa_buf stream;
  stoa_spill spill;                    ///< behind `stream`
  bool gone, is_late;                  ///< nobody reads any more; its reader took too long
  bool is_listed, is_final, head_sent, has_ended; ///< of the maker
  stoa_call *next_told;
};

/// Make a call of an operation.  `now_us` and the limits come from the engine.
stoa_call *stoa_call_new(const stoa_shared *shared, const stoa_operation *operation);
void stoa_call_free(stoa_call *call);
/// Refuse it: what the maker found wrong with the request.  The first refusal counts.
void stoa_call_refuse(stoa_call *call, stoa_status status, const char *format, ...)
  __attribute__((format(printf, 3, 4)));
/// Copy a text into the call.
stoa_slice stoa_call_copy(stoa_call *call, stoa_slice text);
/// Set the request's name; one that is empty, too long or has a NUL is refused, and `what` it names is told.
void stoa_call_name(stoa_call *call, const char *what, stoa_slice name);
/// Set the request's own id, in the same way.
void stoa_call_id(stoa_call *call, const char *what, stoa_slice id);
/// State for which purpose features are read, in the same way; an empty one is none.
void stoa_call_purpose(stoa_call *call, stoa_slice purpose);
/// Set keys and fields; copied.  A field whose name is none is refused.
void stoa_call_keys(stoa_call *call, const stoa_slice *keys, uint32_t n_keys, const stoa_slice *fields,
                    uint32_t n_fields);
/// Ask it to end: nobody waits for it.  Any thread.
void stoa_call_cancel(stoa_call *call);
/// True once somebody has asked so.  Any thread.
bool stoa_call_is_left(const stoa_call *call);
/// A stoa_sink's function: bytes of a streamed answer.  False when nobody reads, or the reader took too long.
bool stoa_call_write(void *call, const char *bytes, size_t n_bytes);
/// Add bytes to the stream, and wait for nobody: false, and its bytes are dropped, when there would be more than `most`.
/// `*tells`: it was empty, so that the maker must be told.
bool stoa_call_offer(stoa_call *call, const char *bytes, size_t n_bytes, size_t most, bool *tells);
/// Take what the stream holds next; the caller releases it.
stoa_buf stoa_call_drain(stoa_call *call);
/// True when the stream holds nothing now.
bool stoa_call_is_drained(stoa_call *call);

#endif
