#ifndef STOA_GRAPH_SOURCE_POOL_H
#define STOA_GRAPH_SOURCE_POOL_H

#include "graph/source/source.h"
#include <pthread.h>

/// The connections of one source: at most so many, made when they are needed, each lent to one query at a time.
/// When none can be made the source is left alone for a while that doubles with each failure (50 ms to 5 s);
/// queries in between fail at once and say why.
enum { STOA_POOL_MOST = 8 };

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t freed;
  stoa_connection *idle[STOA_POOL_MOST];
  uint32_t n_idle, n; ///< n: all there are, lent ones and those being made too
  uint32_t failures;  ///< in a row
  int64_t retry_ns;   ///< steady clock; no connection is tried before
  char why[300];      ///< the last failure
} stoa_pool;

void stoa_pool_init(stoa_pool *pool);
/// Lend an idle connection, make one with `make`, or wait for one until the context's deadline.  Any thread.
/// Errors: what `make` gives (STOA_UNAVAILABLE also while the source is left alone); STOA_TIMEOUT.
stoa_status stoa_pool_take(stoa_pool *pool, stoa_source *source,
                           stoa_status (*make)(stoa_source *source, stoa_connection **out, stoa_error *err),
                           stoa_context *context, stoa_connection **out, stoa_error *err);
/// Take a connection back.
void stoa_pool_put(stoa_pool *pool, stoa_connection *connection);
/// A lent connection is broken and has been freed.
void stoa_pool_forget(stoa_pool *pool);
/// Release the pool; the caller frees pool->idle.
void stoa_pool_done(stoa_pool *pool);

#endif
