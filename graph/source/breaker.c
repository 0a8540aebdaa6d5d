#include "graph/source/breaker.h"
#include <pthread.h>
#include <stddef.h>

static struct {
  pthread_mutex_t lock;
  stoa_breaker_watcher *told;
  void *data;
} watcher = {PTHREAD_MUTEX_INITIALIZER, NULL, NULL};

void stoa_breaker_watch(stoa_breaker_watcher *told, void *data)
{
  pthread_mutex_lock(&watcher.lock);
  watcher.told = told;
  watcher.data = data;
  pthread_mutex_unlock(&watcher.lock);
}

void stoa_breaker_tell(const char *source, stoa_breaker_state state, const char *why)
{
  pthread_mutex_lock(&watcher.lock); // while it tells, so that nobody is told who looks no more
  if (watcher.told) {
    watcher.told(source, state, why, watcher.data);
  }
  pthread_mutex_unlock(&watcher.lock);
}
