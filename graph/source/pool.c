#include "graph/source/pool.h"
#include "graph/base/assert.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 5000, LONGEST_BLOCK_MS = 500, LOOK_AGAIN_NS = 20000000, SHARE_PATIENCE_NS = 100000000 };

static int64_t steady_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void stoa_pool_init(stoa_pool *pool, const char *name)
{
  *pool = (stoa_pool){.name = name};
  pthread_mutex_init(&pool->lock, NULL);
  pthread_condattr_t steady;
  pthread_condattr_init(&steady);
  pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
  pthread_cond_init(&pool->freed, &steady);
  pthread_condattr_destroy(&steady);
}

// End what is done under the lock, and tell how the breaker stands then, if it stood otherwise.
static void unlock(stoa_pool *pool, bool is_tried)
{
  char why[300] = "";
  const stoa_breaker_state before = pool->breaker;
  const bool is_down = pool->blocks || pool->failures;
  const stoa_breaker_state state = !is_down ? STOA_BREAKER_CLOSED : is_tried ? STOA_BREAKER_HALF_OPEN : STOA_BREAKER_OPEN;
  pool->breaker = state;
  if (state == STOA_BREAKER_OPEN) {
    memcpy(why, pool->blocks ? pool->blocked_why : pool->why, sizeof why);
  }
  pthread_mutex_unlock(&pool->lock);
  if (state != before) {
    stoa_breaker_tell(pool->name, state, why);
  }
}

static stoa_status wait_a_little(stoa_pool *pool, stoa_context *context, stoa_error *err)
{
  struct timespec until;
  STOA_TRY(context ? stoa_context_check(context, err) : STOA_OK);
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += LOOK_AGAIN_NS;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_cond_timedwait(&pool->freed, &pool->lock, &until);
  return STOA_OK;
}

static int64_t pause_ns(uint32_t failures, int64_t longest_ms)
{
  const int64_t ms = (int64_t)FIRST_PAUSE_MS << (failures < 7 ? failures : 7);
  return (ms < longest_ms ? ms : longest_ms) * 1000000;
}

// Under the lock: whether the source goes on, as far as is known.  Who tries it keeps the others away meanwhile.
static stoa_status pass_breaker(stoa_pool *pool, const stoa_source *source, stoa_error *err)
{
  const int64_t now = steady_ns();
  if (pool->blocks && pool->blocked_ns > now) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "%s (source %s is tried again in %lld ms)", pool->blocked_why,
                          source->name, (long long)((pool->blocked_ns - now) / 1000000 + 1));
  }
  if (pool->blocks) {
    pool->blocked_ns = now + pause_ns(pool->blocks, LONGEST_BLOCK_MS);
  }
  return STOA_OK;
}

// Under the lock: wait a moment until the request's share has room.
static stoa_status wait_for_share(stoa_pool *pool, const stoa_source *source, stoa_context *context, stoa_error *err)
{
  const int64_t until = steady_ns() + SHARE_PATIENCE_NS;
  while (context && context->share && pool->n_shared >= context->share) {
    if (steady_ns() >= until) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "source %s is slow: %u requests wait for it, try again",
                            source->name, pool->n_shared);
    }
    STOA_TRY(wait_a_little(pool, context, err));
  }
  return STOA_OK;
}

// Under the lock: an idle connection, or the right to make one (*out NULL).
static stoa_status find(stoa_pool *pool, stoa_source *source, stoa_context *context, stoa_connection **out,
                        stoa_error *err)
{
  *out = NULL;
  STOA_TRY(pass_breaker(pool, source, err));
  STOA_TRY(wait_for_share(pool, source, context, err));
  while (!pool->n_idle && pool->n == STOA_POOL_MOST) {
    STOA_TRY(wait_a_little(pool, context, err));
  }
  if (pool->n_idle) {
    *out = pool->idle[--pool->n_idle];
    return STOA_OK;
  }
  const int64_t left = pool->failures ? pool->retry_ns - steady_ns() : 0;
  if (left > 0) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "%s (source %s is tried again in %lld ms)", pool->why, source->name,
                          (long long)(left / 1000000 + 1));
  }
  pool->n++;
  return STOA_OK;
}

static void note(stoa_pool *pool, stoa_status status, const stoa_error *err)
{
  if (status == STOA_OK) {
    pool->failures = 0;
    return;
  }
  pool->n--;
  pool->retry_ns = steady_ns() + pause_ns(pool->failures++, LONGEST_PAUSE_MS);
  snprintf(pool->why, sizeof pool->why, "%.299s", err->text);
  pthread_cond_signal(&pool->freed);
}

stoa_status stoa_pool_take(stoa_pool *pool, stoa_source *source,
                           stoa_status (*make)(stoa_source *source, stoa_connection **out, stoa_error *err),
                           stoa_context *context, stoa_connection **out, stoa_error *err)
{
  pthread_mutex_lock(&pool->lock);
  const bool is_shared = context && context->share;
  stoa_status status = find(pool, source, context, out, err);
  pool->n_shared += status == STOA_OK && is_shared;
  const bool tries = status == STOA_OK && (pool->blocks || !*out);
  unlock(pool, tries || pool->breaker == STOA_BREAKER_HALF_OPEN);
  if (status == STOA_OK && !*out) {
    status = make(source, out, err); // may take its time: the lock is not held
    pthread_mutex_lock(&pool->lock);
    note(pool, status, err);
    pool->n_shared -= status != STOA_OK && is_shared;
    unlock(pool, status == STOA_OK);
  }
  if (status == STOA_OK) {
    (*out)->is_shared = is_shared;
  }
  return status;
}

void stoa_pool_blocked(stoa_pool *pool, const char *why)
{
  pthread_mutex_lock(&pool->lock);
  pool->blocked_ns = steady_ns() + pause_ns(pool->blocks++, LONGEST_BLOCK_MS);
  snprintf(pool->blocked_why, sizeof pool->blocked_why, "%.299s", why);
  unlock(pool, false);
}

void stoa_pool_goes_on(stoa_pool *pool)
{
  pthread_mutex_lock(&pool->lock);
  pool->blocks = 0;
  unlock(pool, false);
}

void stoa_pool_silent(stoa_pool *pool, const stoa_context *context)
{
  char why[200];
  if (context && context->share && stoa_context_check(context, NULL) == STOA_TIMEOUT) {
    snprintf(why, sizeof why, "source %s: nothing came until the deadline of a request", pool->name);
    stoa_pool_blocked(pool, why);
  }
}

bool stoa_pool_is_blocked(stoa_pool *pool)
{
  pthread_mutex_lock(&pool->lock);
  const bool is_blocked = pool->blocks > 0;
  pthread_mutex_unlock(&pool->lock);
  return is_blocked;
}

void stoa_pool_put(stoa_pool *pool, stoa_connection *connection)
{
  pthread_mutex_lock(&pool->lock);
  STOA_ASSERT(pool->n_idle < pool->n); // nobody gives back what is not lent
  pool->n_shared -= connection->is_shared;
  pool->idle[pool->n_idle++] = connection;
  pthread_cond_signal(&pool->freed);
  pthread_mutex_unlock(&pool->lock);
}

void stoa_pool_forget(stoa_pool *pool, bool was_shared)
{
  pthread_mutex_lock(&pool->lock);
  pool->n--;
  pool->n_shared -= was_shared;
  pthread_cond_signal(&pool->freed);
  pthread_mutex_unlock(&pool->lock);
}

stoa_status stoa_pooled_new(size_t n_bytes, stoa_source base, const char *name, const char *address, stoa_pooled **out,
                            stoa_error *err)
{
  stoa_pooled *const s = calloc(1, n_bytes);
  if (!s) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for source %s", name);
  }
  s->base = base;
  s->base.name = strdup(name);
  s->address = strdup(address);
  stoa_pool_init(&s->pool, s->base.name);
  *out = s;
  return STOA_OK;
}

stoa_status stoa_pooled_try(stoa_pooled *source,
                            stoa_status (*make)(stoa_source *source, stoa_connection **out, stoa_error *err),
                            stoa_error *err)
{
  stoa_connection *first;
  STOA_TRY(stoa_pool_take(&source->pool, &source->base, make, NULL, &first, err));
  stoa_pool_put(&source->pool, first);
  return STOA_OK;
}

void stoa_pooled_free(stoa_pooled *source, void (*close)(stoa_connection *connection))
{
  for (uint32_t i = 0; i < source->pool.n_idle; ++i) {
    close(source->pool.idle[i]);
  }
  pthread_mutex_destroy(&source->pool.lock);
  pthread_cond_destroy(&source->pool.freed);
  free((char *)source->base.name);
  free(source->address);
  free(source);
}
