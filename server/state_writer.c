// The state writer: the one thread that appends to the log and learns.  Whatever has queued up goes into
// one commit, and all of it is acknowledged when that commit is on disk.
#include "server/job.h"
#include <stdlib.h>
#include <time.h>

enum { MOST_AT_ONCE = 512, SAVE_EVERY_S = 60 };

struct stoa_writer {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t filled;
  stoa_job *first, *last;
  unsigned n, capacity;
  bool stops;
  stoa_engine *engine;
  stoa_metrics *metrics;
  stoa_job_notify notify;
};

static uint32_t take_all(stoa_writer *w, stoa_job **jobs)
{
  uint32_t n = 0;
  pthread_mutex_lock(&w->lock);
  if (!w->first && !w->stops) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    pthread_cond_timedwait(&w->filled, &w->lock, &until);
  }
  while (w->first && n < MOST_AT_ONCE) {
    jobs[n++] = w->first;
    w->first = w->first->next;
    w->n--;
  }
  if (!w->first) {
    w->last = NULL;
  }
  pthread_mutex_unlock(&w->lock);
  return n;
}

static void count(stoa_metrics *m, const stoa_record *record)
{
  stoa_metrics_add(record->kind == STOA_RECORD_DECISION ? &m->ranks
                   : record->kind == STOA_RECORD_REWARD ? &m->rewards
                                                        : &m->events,
                   1);
}

static void commit(stoa_writer *w, stoa_job **jobs, uint32_t n)
{
  static stoa_record records[MOST_AT_ONCE]; // one writer thread
  static stoa_status statuses[MOST_AT_ONCE];
  stoa_arena arena;
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < n; ++i) {
    records[i] = jobs[i]->record;
    statuses[i] = STOA_OK;
  }
  const stoa_status status = stoa_engine_commit(w->engine, records, statuses, n, &arena, &err);
  stoa_metrics_add(&w->metrics->commits, 1);
  stoa_metrics_add(&w->metrics->commit_records, n);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_job *const job = jobs[i];
    job->record = records[i];
    if (job->record.answer.length) {
      job->record.answer = stoa_arena_slice(&job->arena, records[i].answer);
    }
    if (status != STOA_OK) {
      job->status = status;
      job->err = err;
    } else if (statuses[i] != STOA_OK) {
      job->status = stoa_engine_refusal(&records[i], statuses[i], &job->err);
    } else {
      count(w->metrics, &records[i]);
    }
    w->notify(job, true);
  }
  stoa_arena_done(&arena);
}

static void *run(void *data)
{
  stoa_writer *const w = data;
  stoa_job *jobs[MOST_AT_ONCE];
  int64_t closed = 0, saved = stoa_clock_steady_ns();
  for (;;) {
    const uint32_t n = take_all(w, jobs);
    if (n) {
      commit(w, jobs, n);
    }
    const int64_t now = stoa_clock_steady_ns();
    if (now - closed > 1000000000) {
      stoa_engine_close_labels(w->engine, stoa_engine_now(w->engine), NULL);
      closed = now;
    }
    if (now - saved > (int64_t)SAVE_EVERY_S * 1000000000) {
      stoa_engine_save_models(w->engine, NULL);
      saved = now;
    }
    pthread_mutex_lock(&w->lock);
    const bool ends = w->stops && !w->first;
    pthread_mutex_unlock(&w->lock);
    if (ends) {
      return NULL;
    }
  }
}

stoa_writer *stoa_writer_new(stoa_engine *engine, stoa_metrics *metrics, unsigned capacity, stoa_job_notify notify)
{
  stoa_writer *const w = calloc(1, sizeof *w);
  if (!w) {
    return NULL;
  }
  *w = (stoa_writer){.engine = engine, .metrics = metrics, .capacity = capacity, .notify = notify};
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->filled, NULL);
  if (pthread_create(&w->thread, NULL, run, w) != 0) {
    free(w);
    return NULL;
  }
  return w;
}

bool stoa_writer_add(stoa_writer *w, stoa_job *job)
{
  pthread_mutex_lock(&w->lock);
  const bool room = w->n < w->capacity;
  if (room) {
    job->next = NULL;
    if (w->last) {
      w->last->next = job;
    } else {
      w->first = job;
    }
    w->last = job;
    w->n++;
    pthread_cond_signal(&w->filled);
  }
  pthread_mutex_unlock(&w->lock);
  return room;
}

void stoa_writer_free(stoa_writer *w)
{
  pthread_mutex_lock(&w->lock);
  w->stops = true;
  pthread_cond_signal(&w->filled);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->filled);
  free(w);
}
