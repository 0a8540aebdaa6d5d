// A statement is cancelled over a connection of its own, on which libpq waits until the server has ended it: as long as a
// server that hangs pleases.  So a thread waits, not the worker.  A request that is still under way could meet the next
// statement, so the worker asks whether it is over before it sends one.
#include "graph/base/clock.h"
#include "graph/source/postgres.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <stdlib.h>

struct stoa_postgres_cancel {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  PGcancel *how;
  bool is_over, is_left; ///< the thread is done; the worker asks no more
};

static void free_cancel(stoa_postgres_cancel *c)
{
  PQfreeCancel(c->how);
  pthread_mutex_destroy(&c->lock);
  pthread_cond_destroy(&c->ended);
  free(c);
}

static void *send_it(void *data)
{
  stoa_postgres_cancel *const c = data;
  char why[256];
  PQcancel(c->how, why, sizeof why); // where it fails the statement runs on, until patience ends
  pthread_mutex_lock(&c->lock);
  c->is_over = true;
  const bool is_left = c->is_left;
  pthread_cond_signal(&c->ended);
  pthread_mutex_unlock(&c->lock);
  if (is_left) {
    free_cancel(c);
  }
  return NULL;
}

stoa_postgres_cancel *stoa_postgres_cancel_send(PGconn *pg)
{
  stoa_postgres_cancel *const c = calloc(1, sizeof *c);
  pthread_condattr_t steady;
  pthread_attr_t detached;
  pthread_t thread;
  if (!c) {
    return NULL;
  }
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&c->ended, &steady);
  pthread_condattr_destroy(&steady);
  pthread_mutex_init(&c->lock, NULL);
  c->how = PQgetCancel(pg);
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  const bool runs = c->how && pthread_create(&thread, &detached, send_it, c) == 0;
  pthread_attr_destroy(&detached);
  if (!runs) {
    free_cancel(c);
    return NULL;
  }
  return c;
}

bool stoa_postgres_cancel_done(stoa_postgres_cancel *c, int patience_ms)
{
  const int64_t until_ns = stoa_clock_steady_ns() + (int64_t)patience_ms * 1000000;
  const struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
  int code = 0;
  pthread_mutex_lock(&c->lock);
  while (!c->is_over && code == 0) {
    code = pthread_cond_timedwait(&c->ended, &c->lock, &until);
  }
  const bool is_over = c->is_over;
  c->is_left = true;
  pthread_mutex_unlock(&c->lock);
  if (is_over) {
    free_cancel(c);
  }
  return is_over;
}
