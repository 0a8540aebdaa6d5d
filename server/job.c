#include "server/job.h"
#include <stdlib.h>

enum { HIGH_MARK = 256 * 1024 };

struct stoa_lane {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  stoa_job *first, *last;
  unsigned n, capacity;
  bool stops;
  stoa_writer *writer;
  stoa_job_notify notify;
  int n_threads;
  pthread_t threads[];
};

static stoa_job_notify stream_notify; // set once before the first lane starts

stoa_job *stoa_job_new(void *loop, void *connection, stoa_engine *engine, stoa_metrics *metrics)
{
  stoa_job *const job = calloc(1, sizeof *job);
  if (!job) {
    return NULL;
  }
  job->loop = loop;
  job->connection = connection;
  job->engine = engine;
  job->metrics = metrics;
  stoa_arena_init(&job->arena, 0);
  stoa_context_init(&job->context, stoa_engine_now(engine));
  stoa_engine_limit(engine, &job->context);
  job->layer = stoa_engine_take(engine);
  pthread_mutex_init(&job->lock, NULL);
  pthread_cond_init(&job->drained, NULL);
  return job;
}

void stoa_job_free(stoa_job *job)
{
  stoa_arena_done(&job->arena);
  stoa_buf_done(&job->stream);
  stoa_buf_done(&job->heads);
  stoa_engine_drop(job->engine, job->layer);
  pthread_mutex_destroy(&job->lock);
  pthread_cond_destroy(&job->drained);
  free(job);
}

bool stoa_job_stream(void *data, const char *bytes, size_t n_bytes)
{
  stoa_job *const job = data;
  pthread_mutex_lock(&job->lock);
  const bool was_empty = job->stream.length == 0;
  stoa_buf_add(&job->stream, bytes, n_bytes);
  const bool tell = was_empty && !job->gone && job->stream.length >= 16384;
  pthread_mutex_unlock(&job->lock);
  if (tell) {
    stream_notify(job, false);
  }
  pthread_mutex_lock(&job->lock);
  while (job->stream.length > HIGH_MARK && !job->gone) {
    pthread_mutex_unlock(&job->lock);
    stream_notify(job, false);
    pthread_mutex_lock(&job->lock);
    if (job->stream.length > HIGH_MARK && !job->gone) {
      pthread_cond_wait(&job->drained, &job->lock);
    }
  }
  const bool gone = job->gone;
  pthread_mutex_unlock(&job->lock);
  return !gone;
}

static stoa_job *take(stoa_lane *lane)
{
  pthread_mutex_lock(&lane->lock);
  while (!lane->first && !lane->stops) {
    pthread_cond_wait(&lane->filled, &lane->lock);
  }
  stoa_job *const job = lane->first;
  if (job) {
    lane->first = job->next;
    lane->last = lane->first ? lane->last : NULL;
    lane->n--;
    job->next = NULL;
  }
  pthread_mutex_unlock(&lane->lock);
  return job;
}

static void *work(void *data)
{
  stoa_lane *const lane = data;
  stoa_job *job;
  while ((job = take(lane))) {
    job->work(job);
    if (job->status == STOA_OK && job->commits) {
      if (stoa_writer_add(lane->writer, job)) {
        continue;
      }
      job->status = stoa_error_set(&job->err, STOA_UNAVAILABLE, "busy: the state log's queue is full");
      stoa_metrics_add(&job->metrics->busy, 1);
    }
    lane->notify(job, true);
  }
  return NULL;
}

stoa_lane *stoa_lane_new(int n_threads, unsigned capacity, stoa_writer *writer, stoa_job_notify notify)
{
  stoa_lane *const lane = calloc(1, sizeof *lane + (size_t)n_threads * sizeof *lane->threads);
  if (!lane) {
    return NULL;
  }
  stream_notify = notify;
  lane->capacity = capacity;
  lane->writer = writer;
  lane->notify = notify;
  pthread_mutex_init(&lane->lock, NULL);
  pthread_cond_init(&lane->filled, NULL);
  while (lane->n_threads < n_threads && pthread_create(&lane->threads[lane->n_threads], NULL, work, lane) == 0) {
    lane->n_threads++;
  }
  return lane;
}

bool stoa_lane_add(stoa_lane *lane, stoa_job *job)
{
  pthread_mutex_lock(&lane->lock);
  const bool room = lane->n < lane->capacity && !lane->stops;
  if (room) {
    if (lane->last) {
      lane->last->next = job;
    } else {
      lane->first = job;
    }
    lane->last = job;
    lane->n++;
    pthread_cond_signal(&lane->filled);
  }
  pthread_mutex_unlock(&lane->lock);
  return room;
}

void stoa_lane_free(stoa_lane *lane)
{
  pthread_mutex_lock(&lane->lock);
  lane->stops = true;
  pthread_cond_broadcast(&lane->filled);
  pthread_mutex_unlock(&lane->lock);
  for (int i = 0; i < lane->n_threads; ++i) {
    pthread_join(lane->threads[i], NULL);
  }
  pthread_mutex_destroy(&lane->lock);
  pthread_cond_destroy(&lane->filled);
  free(lane);
}
