// The state writer: the one thread that appends to the log and learns.  Whatever has queued up goes into
// one commit, and all of it is acknowledged when that commit is on disk.
#include "server/state_writer.h"
#include "server/upkeep.h"
#include <stdlib.h>
#include <time.h>

enum { MOST_AT_ONCE = 512, MOST_RECORDS = 16384 };

struct stoa_writer {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t filled;
  stoa_call *first, *last;
  unsigned n;
  uint64_t n_records; ///< of those that wait
  bool stops;
  stoa_engine *engine;
  stoa_metrics *metrics;
  stoa_health *health;
  void (*ended)(stoa_call *call);
};

static uint32_t take_all(stoa_writer *w, stoa_call **calls)
{
  uint32_t n = 0, n_records = 0;
  pthread_mutex_lock(&w->lock);
  if (!w->first && !w->stops) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_cond_timedwait(&w->filled, &w->lock, &until);
  }
  while (w->first && n < MOST_AT_ONCE && (n == 0 || n_records + w->first->n_records <= MOST_RECORDS)) {
    n_records += w->first->n_records;
    w->n_records -= w->first->n_records;
    calls[n++] = w->first;
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
  stoa_metrics_add(record->kind == STOA_RECORD_DECISION  ? &m->ranks
                   : record->kind == STOA_RECORD_REWARD  ? &m->rewards
                   : record->kind == STOA_RECORD_ERASURE ? &m->erasures
                                                         : &m->events,
                   1);
}

// What is said of records that are on disk: a decision answers with its ranking, an event with its id; a call that has
// its answer already keeps it.
static void acknowledge(stoa_call *call, const stoa_record *records, stoa_metrics *metrics)
{
  for (uint32_t i = 0; i < call->n_records; ++i) {
    count(metrics, &records[i]);
  }
  if (call->reply.kind != STOA_REPLY_DONE) {
    return;
  }
  if (call->committed) {
    call->committed(call);
  } else if (records->kind == STOA_RECORD_DECISION) {
    call->reply.kind = STOA_REPLY_TEXT;
    call->reply.media_type = "application/json";
    call->reply.made_something = true;
    call->reply.text = stoa_call_copy(call, records->answer);
  } else if (records->kind == STOA_RECORD_EVENT) {
    call->reply.text = records->id;
  }
}

// A commit of nothing new says nothing of the disk.
static bool has_written(const stoa_record *records, const stoa_status *statuses, uint32_t n)
{
  for (uint32_t i = 0; i < n; ++i) {
    if (statuses[i] == STOA_OK && !records[i].is_duplicate) {
      return true;
    }
  }
  return false;
}

// The first record that was refused speaks for its call.
static void tell(stoa_call *call, const stoa_record *records, const stoa_status *statuses, stoa_metrics *metrics)
{
  for (uint32_t i = 0; i < call->n_records; ++i) {
    if (statuses[i] != STOA_OK) {
      call->reply.kind = STOA_REPLY_DONE;
      call->reply.status = stoa_engine_refusal(&records[i], statuses[i], &call->reply.err);
      return;
    }
  }
  acknowledge(call, records, metrics);
}

static void tell_failure(stoa_call *call, stoa_status status, const stoa_error *err)
{
  call->reply.kind = STOA_REPLY_DONE;
  call->reply.http = 0;
  call->reply.status = status;
  call->reply.err = *err;
}

static uint32_t count_records(stoa_call *const *calls, uint32_t n)
{
  uint32_t n_records = 0;
  for (uint32_t i = 0; i < n; ++i) {
    n_records += calls[i]->n_records;
  }
  return n_records;
}

void stoa_writer_commit(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health, stoa_call **calls, uint32_t n)
{
  const uint32_t n_records = count_records(calls, n);
  stoa_record *const records = calloc(n_records, sizeof *records);
  stoa_status *const statuses = calloc(n_records, sizeof *statuses);
  stoa_arena arena;
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  stoa_status status = STOA_NO_MEM;
  if (records && statuses) {
    for (uint32_t i = 0, at = 0; i < n; at += calls[i++]->n_records) {
      memcpy(records + at, calls[i]->records, calls[i]->n_records * sizeof *records);
    }
    status = stoa_engine_commit(engine, records, statuses, n_records, &arena, &err);
    if (status != STOA_OK || has_written(records, statuses, n_records)) {
      stoa_health_tell(health, STOA_PART_STATE, status, &err);
    }
  } else {
    stoa_error_set(&err, STOA_NO_MEM, "no memory for a commit");
  }
  stoa_metrics_add(&metrics->commits, 1);
  stoa_metrics_add(&metrics->commit_failures, status != STOA_OK);
  stoa_metrics_add(&metrics->commit_records, n_records);
  for (uint32_t i = 0, at = 0; i < n; at += calls[i++]->n_records) {
    if (status != STOA_OK) {
      tell_failure(calls[i], status, &err);
    } else {
      tell(calls[i], records + at, statuses + at, metrics);
    }
  }
  stoa_arena_done(&arena);
  free(records);
  free(statuses);
}

static void *run(void *data)
{
  stoa_writer *const w = data;
  stoa_call *calls[MOST_AT_ONCE];
  stoa_upkeep upkeep = stoa_upkeep_begin(w->engine, w->metrics, w->health, stoa_clock_steady_ns());
  for (;;) {
    const uint32_t n = take_all(w, calls);
    if (n) {
      stoa_writer_commit(w->engine, w->metrics, w->health, calls, n);
      for (uint32_t i = 0; i < n; ++i) {
        w->ended(calls[i]);
      }
    }
    stoa_upkeep_turn(&upkeep, stoa_clock_steady_ns());
    pthread_mutex_lock(&w->lock);
    const bool ends = w->stops && !w->first;
    pthread_mutex_unlock(&w->lock);
    if (ends) {
      return NULL;
    }
  }
}

stoa_status stoa_writer_new(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health,
                            void (*ended)(stoa_call *call), stoa_writer **out, stoa_error *err)
{
  stoa_writer *const w = calloc(1, sizeof *w);
  if (!w) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the state writer");
  }
  *w = (stoa_writer){.engine = engine, .metrics = metrics, .health = health, .ended = ended};
  pthread_condattr_t steady;
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->filled, &steady);
  pthread_condattr_destroy(&steady);
  const int code = pthread_create(&w->thread, NULL, run, w);
  if (code) {
    free(w);
    return stoa_error_set(err, STOA_UNAVAILABLE, "no thread for the state writer: %s", strerror(code));
  }
  *out = w;
  return STOA_OK;
}

bool stoa_writer_add(stoa_writer *w, stoa_call *call)
{
  pthread_mutex_lock(&w->lock);
  const bool room = w->n < STOA_MOST_WRITER_QUEUE && w->n_records < STOA_MOST_WRITER_RECORDS;
  if (room) {
    call->next = NULL;
    if (w->last) {
      w->last->next = call;
    } else {
      w->first = call;
    }
    w->last = call;
    w->n++;
    w->n_records += call->n_records;
    pthread_cond_signal(&w->filled);
  }
  pthread_mutex_unlock(&w->lock);
  return room;
}

void stoa_writer_free(stoa_writer *w)
{
  if (!w) {
    return;
  }
  pthread_mutex_lock(&w->lock);
  w->stops = true;
  pthread_cond_signal(&w->filled);
  pthread_mutex_unlock(&w->lock);
  pthread_join(w->thread, NULL);
  pthread_mutex_destroy(&w->lock);
  pthread_cond_destroy(&w->filled);
  free(w);
}
