#include "graph/base/worlds.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

void stoa_worlds_enter(void)
{
  pthread_mutex_lock(&lock);
}

void stoa_worlds_leave(void)
{
  pthread_mutex_unlock(&lock);
}
