#include "graph/base/worlds.h"
#include <pthread.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void stoa_worlds_enter(void)
{
  pthread_mutex_lock(&lock);
}

bool stoa_worlds_enter_soon(void)
{
  enum { MOMENT_NS = 20000000 };
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += MOMENT_NS;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  return pthread_mutex_timedlock(&lock, &until) == 0;
}

void stoa_worlds_leave(void)
{
  pthread_mutex_unlock(&lock);
}
