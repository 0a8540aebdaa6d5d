#include "server/lane.h"
#include "graph/base/clock.h"
#include <stdlib.h>
#include <string.h>

struct stoa_lane {
  pthread_mutex_t lock;
  pthread_cond_t filled;
  stoa_call *first, *last;
  unsigned n, capacity;
  bool stops;
  void (*work)(stoa_call *call);
  int n_threads;
  pthread_t threads[];
};

static stoa_call *take(stoa_lane *lane)
{
  pthread_mutex_lock(&lane->lock);
  while (!lane->first && !lane->stops) {
    pthread_cond_wait(&lane->filled, &lane->lock);
  }
  stoa_call *const call = lane->first;
  if (call) {
    lane->first = call->next;
    lane->last = lane->first ? lane->last : NULL;
    lane->n--;
    call->next = NULL;
  }
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

stoa_status stoa_lane_new(int n_threads, unsigned capacity, void (*work)(stoa_call *call), stoa_lane **out,
                          stoa_error *err)
{
  stoa_lane *const lane = calloc(1, sizeof *lane + (size_t)n_threads * sizeof *lane->threads);
  if (!lane) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a lane of workers");
  }
  lane->capacity = capacity;
  lane->work = work;
  pthread_mutex_init(&lane->lock, NULL);
  pthread_cond_init(&lane->filled, NULL);
  while (lane->n_threads < n_threads) {
    const int code = pthread_create(&lane->threads[lane->n_threads], NULL, run, lane);
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
  pthread_mutex_unlock(&lane->lock);
  for (int i = 0; i < lane->n_threads; ++i) {
    pthread_join(lane->threads[i], NULL);
  }
  pthread_mutex_destroy(&lane->lock);
  pthread_cond_destroy(&lane->filled);
  free(lane);
}
