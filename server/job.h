#ifndef STOA_SERVER_JOB_H
#define STOA_SERVER_JOB_H

#include "server/metrics.h"
#include <pthread.h>

/// Work that may block leaves the loops: two lanes of worker threads with bounded queues (keyed
/// look-ups; analysts' queries), and the state writer, which commits many records at once.
typedef struct stoa_job stoa_job;
struct stoa_connection_state;

struct stoa_job {
  stoa_job *next;
  void *loop, *connection; ///< where it is finished
  stoa_arena arena;
  void (*work)(stoa_job *job);   ///< on a worker; may be NULL for jobs that only commit
  void (*finish)(stoa_job *job); ///< on the loop
  stoa_engine *engine;
  stoa_layer *layer; ///< what it works on, whatever is reloaded meanwhile
  stoa_metrics *metrics;
  stoa_context context;
  stoa_error err;
  stoa_status status;
  // what is asked
  const char *name; ///< service, policy, event type, event id
  stoa_slice text;  ///< JSON, SPARQL
  const stoa_slice *keys, *fields;
  uint32_t n_keys, n_fields;
  stoa_format format;
  bool is_get_all, as_json;
  // what is committed
  bool commits;
  stoa_record record;
  // what is answered
  const stoa_service *service;
  const stoa_term *values;
  // a streamed answer: the worker fills, the loop drains; the worker waits above the high mark
  pthread_mutex_t lock;
  pthread_cond_t drained;
  stoa_buf stream;
  stoa_buf heads; ///< header lines of an HTTP answer; the worker writes them before it streams
  bool streams, head_sent, gone;
  bool is_ready, is_final; ///< guarded by the loop's lock: it is listed there; nothing more will come
};

typedef struct stoa_lane stoa_lane;
typedef struct stoa_writer stoa_writer;

/// Make a job for a loop and a connection.
stoa_job *stoa_job_new(void *loop, void *connection, stoa_engine *engine, stoa_metrics *metrics);
void stoa_job_free(stoa_job *job);
/// Tell a job's loop that its stream has grown, or with `is_final` that it has ended: after that the job
/// belongs to the loop.
typedef void (*stoa_job_notify)(stoa_job *job, bool is_final);

/// Start `n_threads` that take jobs from a queue of `capacity`.
stoa_lane *stoa_lane_new(int n_threads, unsigned capacity, stoa_writer *writer, stoa_job_notify notify);
/// False at once when the queue is full.
bool stoa_lane_add(stoa_lane *lane, stoa_job *job);
/// Finish what is queued and stop.
void stoa_lane_free(stoa_lane *lane);

/// Start the thread that owns the state: it appends, learns, closes labels and keeps models.
stoa_writer *stoa_writer_new(stoa_engine *engine, stoa_metrics *metrics, unsigned capacity, stoa_job_notify notify);
bool stoa_writer_add(stoa_writer *writer, stoa_job *job);
void stoa_writer_free(stoa_writer *writer);

/// Sink of a streamed answer; waits while the reader is slow.
bool stoa_job_stream(void *job, const char *bytes, size_t n_bytes);

#endif
