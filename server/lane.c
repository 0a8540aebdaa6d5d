#include "server/lane.h"
#include "graph/base/clock.h"
#include <stdlib.h>
#include <string.h>

// One worker more than a lane has is spare: it takes calls only while the others stand still, none of them having taken
// one for so long; so that what blocks them all holds up nobody else, and at other times it is in nobody's way.
enum { STANDS_STILL_MS = 20 };

struct stoa_lane {
  pthread_mutex_t lock;
  pthread_cond_t filled, stuck;
  stoa_call *first, *last;
  unsigned n, capacity;
  bool stops, has_spare, spare_sleeps;
  int n_idle;       ///< of the workers, the spare one not counted
  int64_t taken_ns; ///< when one of them last took a call
  void (*work)(stoa_call *call);
  int n_threads;
  pthread_t threads[];
};

// Under the lock.
static stoa_call *take_first(stoa_lane *lane)
{
  stoa_call *const call = lane->first;
  if (call) {
    lane->first = call->next;
    lane->last = lane->first ? lane->last : NULL;
    lane->n--;
    call->next = NULL;
  }
  return call;
}

// Under the lock: the spare worker looks on while calls wait and no other worker does.
static void wake_spare(stoa_lane *lane)
{
  if (lane->spare_sleeps && lane->first && lane->n_idle == 0) {
    lane->spare_sleeps = false;
    pthread_cond_signal(&lane->stuck);
  }
}

static stoa_call *take(stoa_lane *lane)
{
  pthread_mutex_lock(&lane->lock);
  lane->n_idle++;
  while (!lane->first && !lane->stops) {
    pthread_cond_wait(&lane->filled, &lane->lock);
  }
  lane->n_idle--;
  stoa_call *const call = take_first(lane);
  lane->taken_ns = stoa_clock_steady_ns();
  wake_spare(lane);
  pthread_mutex_unlock(&lane->lock);
  return call;
}

static void *run(void *data)
{
  stoa_lane *const lane = data;
  stoa_call *call;
  while ((call = take(lane))) {
    lane->work(call);
  }
  return NULL;
}

static stoa_call *take_spare(stoa_lane *lane)
{
  const int64_t still_ns = (int64_t)STANDS_STILL_MS * 1000000;
  stoa_call *call = NULL;
  pthread_mutex_lock(&lane->lock);
  while (!call && !lane->stops) {
    const int64_t until_ns = lane->taken_ns + still_ns;
    if (!lane->first || lane->n_idle) {
      lane->spare_sleeps = true;
      pthread_cond_wait(&lane->stuck, &lane->lock);
    } else if (stoa_clock_steady_ns() >= until_ns) {
      call = take_first(lane);
    } else {
      const struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
      pthread_cond_timedwait(&lane->stuck, &lane->lock, &until);
    }
  }
  pthread_mutex_unlock(&lane->lock);
  return call;
}

static void *run_spare(void *data)
{
  stoa_lane *const lane = data;
  stoa_call *call;
  while ((call = take_spare(lane))) {
    lane->work(call);
  }
  return NULL;
}

stoa_status stoa_lane_new(int n_threads, bool has_spare, unsigned capacity, void (*work)(stoa_call *call),
                          stoa_lane **out, stoa_error *err)
{
  const int n_all = n_threads + has_spare;
  stoa_lane *const lane = calloc(1, sizeof *lane + (size_t)n_all * sizeof *lane->threads);
  if (!lane) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a lane of workers");
  }
  lane->capacity = capacity;
  lane->work = work;
  pthread_mutex_init(&lane->lock, NULL);
  pthread_condattr_t steady;
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&lane->filled, NULL);
  pthread_cond_init(&lane->stuck, &steady);
  pthread_condattr_destroy(&steady);
  lane->has_spare = has_spare;
  while (lane->n_threads < n_all) {
    void *(*const body)(void *) = lane->n_threads < n_threads ? run : run_spare;
    const int code = pthread_create(&lane->threads[lane->n_threads], NULL, body, lane);
    if (code) {
      stoa_lane_free(lane);
      return stoa_error_set(err, STOA_UNAVAILABLE, "no thread for a lane of workers: %s", strerror(code));
    }
    lane->n_threads++;
  }
  *out = lane;
  return STOA_OK;
}

bool stoa_lane_add(stoa_lane *lane, stoa_call *call)
{
  pthread_mutex_lock(&lane->lock);
  const bool room = lane->n < lane->capacity && !lane->stops;
  if (room) {
    call->next = NULL;
    if (lane->last) {
      lane->last->next = call;
    } else {
      lane->first = call;
    }
    lane->last = call;
    lane->n++;
    pthread_cond_signal(&lane->filled);
    wake_spare(lane);
  }
  pthread_mutex_unlock(&lane->lock);
  return room;
}

int64_t stoa_lane_waits_ns(stoa_lane *lane)
{
  pthread_mutex_lock(&lane->lock);
  const int64_t waits = lane->first ? stoa_clock_steady_ns() - lane->first->began_ns : 0;
  pthread_mutex_unlock(&lane->lock);
  return waits;
}

void stoa_lane_free(stoa_lane *lane)
{
  if (!lane) {
    return;
  }
  pthread_mutex_lock(&lane->lock);
  lane->stops = true;
  pthread_cond_broadcast(&lane->filled);
  pthread_cond_broadcast(&lane->stuck);
  pthread_mutex_unlock(&lane->lock);
  for (int i = 0; i < lane->n_threads; ++i) {
    pthread_join(lane->threads[i], NULL);
  }
  pthread_mutex_destroy(&lane->lock);
  pthread_cond_destroy(&lane->filled);
  pthread_cond_destroy(&lane->stuck);
  free(lane);
}
