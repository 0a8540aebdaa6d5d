#ifndef STOA_GRAPH_SOURCE_POOL_H
#define STOA_GRAPH_SOURCE_POOL_H

#include "graph/source/breaker.h"
#include "graph/source/source.h"
#include <pthread.h>

/// The connections of one source: at most so many, made when they are needed, each lent to one query at a time.
/// When none can be made the source is left alone for a while that doubles with each failure (50 ms to 5 s);
/// queries in between fail at once and say why.  So it is with a source that was reached and then blocked: its breaker
/// opens (50 ms to half a second), and one query at a time tries whether it goes on.
///
/// Requests with a share (stoa_context.share) hold at most so many connections at once: what blocks a source leaves the
/// other workers to the other sources.
enum { STOA_POOL_MOST = 8 };

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t freed;
  stoa_connection *idle[STOA_POOL_MOST];
  uint32_t n_idle, n; ///< n: all there are, lent ones and those being made too
  uint32_t failures;  ///< in a row
  int64_t retry_ns;   ///< steady clock; no connection is tried before
  char why[300];      ///< the last failure
  uint32_t n_shared;  ///< lent to requests with a share
  uint32_t blocks;    ///< how often in a row it blocked; 0: it does not
  int64_t blocked_ns; ///< steady clock; nobody tries before
  char blocked_why[300];
  const char *name;           ///< of the source
  stoa_breaker_state breaker; ///< as it was told last
} stoa_pool;

void stoa_pool_init(stoa_pool *pool, const char *name);
/// Lend an idle connection, make one with `make`, or wait for one until the context's deadline.  Any thread.
/// Errors: what `make` gives (STOA_UNAVAILABLE also while the source is left alone); STOA_TIMEOUT.
stoa_status stoa_pool_take(stoa_pool *pool, stoa_source *source,
                           stoa_status (*make)(stoa_source *source, stoa_connection **out, stoa_error *err),
                           stoa_context *context, stoa_connection **out, stoa_error *err);
/// A lent connection has found its source blocked, or going on after it was.
void stoa_pool_blocked(stoa_pool *pool, const char *why);
void stoa_pool_goes_on(stoa_pool *pool);
/// A statement gave nothing until its request may not go on.  Its source blocks when the deadline of a request with a
/// share has passed; others may ask for more than can be had in their time.
void stoa_pool_silent(stoa_pool *pool, const stoa_context *context);
/// True while the breaker is open.
bool stoa_pool_is_blocked(stoa_pool *pool);
/// Take a connection back.
void stoa_pool_put(stoa_pool *pool, stoa_connection *connection);
/// A lent connection is broken and has been freed.
void stoa_pool_forget(stoa_pool *pool, bool was_shared);

/// What every source with a pool begins with.
typedef struct {
  stoa_source base;
  char *address; ///< a file, a folder, or what its library connects to
  stoa_pool pool;
} stoa_pooled;

/// Make a source of `n_bytes`, which begins with a stoa_pooled.
stoa_status stoa_pooled_new(size_t n_bytes, stoa_source base, const char *name, const char *address, stoa_pooled **out,
                            stoa_error *err);
/// Make a first connection, which tells whether the source can be reached, and keep it.
stoa_status stoa_pooled_try(stoa_pooled *source,
                            stoa_status (*make)(stoa_source *source, stoa_connection **out, stoa_error *err),
                            stoa_error *err);
/// Release the idle connections (`close` one by one), the pool and the source.
void stoa_pooled_free(stoa_pooled *source, void (*close)(stoa_connection *connection));

#endif
