// A row that may be only so old is made anew while it still may be served, and one whose source has changed before it is
// asked for: many at once, of those that were asked for since they were made.
#include "features/kept.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256, LEAST_TICK_MS = 20, MOST_TICK_MS = 2000 };

static bool is_due(const stoa_kept *k, const stoa_kept_entry *e, int64_t now_us)
{
  const bool old = k->untold && stoa_elapsed_us(e->made_us, now_us) > k->view->fresh_us / 2;
  return e->row && e->asked && e->makers == 0 && (old || e->generation != k->generation);
}

// Rows that are due, noted as those that are being made.  `from`: the bucket to begin with.
static uint32_t find_due(stoa_kept *k, uint32_t *from, int64_t now_us, stoa_arena *arena, stoa_slice *keys, stoa_kept_missings *list)
{
  const uint32_t n_parts = k->view->entity->n_keys;
  pthread_mutex_lock(&k->lock);
  for (; *from < k->n_buckets && list->n < AT_ONCE; ++*from) {
    for (stoa_kept_entry *e = k->buckets[*from]; e && list->n < AT_ONCE; e = e->next) {
      if (is_due(k, e, now_us)) {
        const stoa_slice text = stoa_arena_slice(arena, (stoa_slice){e->key, e->key_length});
        const stoa_kept_missing m = {list->n, text, e->hash, k->generation, e->changes, true};
        stoa_kept_parts(k->view->entity, text, keys + (size_t)list->n * n_parts);
        e->makers++;
        k->made++;
        STOA_PUSH(arena, list, m);
      }
    }
  }
  pthread_mutex_unlock(&k->lock);
  return list->n;
}

// A row that cannot be made now is made, or its fault told, when it is asked for.
static void make_ahead(stoa_kept *k, const stoa_kept_missings *list, const stoa_slice *keys, stoa_context *context,
                       stoa_arena *arena)
{
  const size_t n_values = (size_t)list->n * k->view->features.n;
  stoa_error ignored = {0};
  stoa_kept_make(k, list, keys, context, arena, STOA_NEWS(arena, stoa_term, n_values + 1),
       STOA_NEWS(arena, stoa_view_row, list->n + 1), &ignored);
}

static void refresh(stoa_keep *keep, stoa_kept *k)
{
  uint32_t from = 0;
  for (bool more = true; more && !stoa_context_is_cancelled(&keep->context);) {
    stoa_arena arena;
    stoa_kept_missings list = {0};
    stoa_arena_init(&arena, 0);
    stoa_slice *const keys = STOA_NEWS(&arena, stoa_slice, (size_t)AT_ONCE * k->view->entity->n_keys);
    keep->context.now_us = keep->clock.now_us(keep->clock.data);
    stoa_kept_ask_sources(k, &keep->context, &arena);
    more = find_due(k, &from, keep->context.now_us, &arena, keys, &list) > 0;
    if (more) {
      make_ahead(k, &list, keys, &keep->context, &arena);
    }
    stoa_arena_done(&arena);
  }
}

// All entities of the class, for services that are to be there before they are asked for.
static void precompute(stoa_keep *keep, stoa_kept *k)
{
  enum { MOST = 10000000 };
  stoa_arena arena;
  stoa_slice *keys;
  uint32_t n = 0;
  stoa_error ignored = {0};
  const uint32_t n_parts = k->view->entity->n_keys;
  stoa_arena_init(&arena, 0);
  keep->context.now_us = keep->clock.now_us(keep->clock.data);
  if (stoa_view_keys(k->view, keep->registry->project, MOST, &keep->context, &arena, &keys, &n, &ignored) != STOA_OK) {
    n = 0;
  }
  for (uint32_t i = 0; i < n && stoa_kept_measure(k->view).bytes < keep->most_bytes / 10 * 9; i += AT_ONCE) {
    const uint32_t some = n - i < AT_ONCE ? n - i : AT_ONCE;
    stoa_arena each;
    stoa_arena_init(&each, 0);
    keep->context.now_us = keep->clock.now_us(keep->clock.data);
    stoa_kept_rows(k->view, keys + (size_t)i * n_parts, some, NULL, &keep->context, &each,
                   STOA_NEWS(&each, stoa_term, (size_t)some * k->view->features.n + 1),
                   STOA_NEWS(&each, stoa_view_row, some), &ignored);
    stoa_arena_done(&each);
    if (stoa_context_is_cancelled(&keep->context)) {
      break;
    }
  }
  stoa_arena_done(&arena);
}

static bool is_precomputed(const stoa_keep *keep, const stoa_view *view)
{
  bool any = false;
  for (uint32_t i = 0; i < keep->registry->services.n; ++i) {
    const stoa_service *const s = &keep->registry->services.items[i];
    for (uint32_t v = 0; s->precompute && v < s->views.n; ++v) {
      any |= s->views.items[v] == view;
    }
  }
  return any;
}

// An eighth of the time within which the quickest view has to be made anew.
static int tick_ms(const stoa_keep *keep)
{
  int64_t ms = MOST_TICK_MS;
  for (uint32_t i = 0; i < keep->views.n; ++i) {
    const int64_t its = keep->views.items[i]->view->fresh_us / 8000;
    ms = its < ms ? its : ms;
  }
  return ms < LEAST_TICK_MS ? LEAST_TICK_MS : (int)ms;
}

// To Linux a thread has a niceness of its own (sched(7)): those who wait go first.
static void give_way(void)
{
  enum { NICER = 10 };
  const id_t self = (id_t)gettid();
  setpriority(PRIO_PROCESS, self, getpriority(PRIO_PROCESS, self) + NICER);
}

static void *run_refresher(void *data)
{
  stoa_keep *const keep = data;
  give_way();
  const struct timespec tick = {tick_ms(keep) / 1000, tick_ms(keep) % 1000 * 1000000L};
  for (uint32_t i = 0; i < keep->views.n; ++i) {
    if (is_precomputed(keep, keep->views.items[i]->view)) {
      precompute(keep, keep->views.items[i]);
    }
  }
  while (!stoa_context_is_cancelled(&keep->context)) {
    for (uint32_t i = 0; i < keep->views.n; ++i) {
      refresh(keep, keep->views.items[i]);
    }
    nanosleep(&tick, NULL);
  }
  return NULL;
}

stoa_status stoa_keep_start(stoa_keep *keep, stoa_error *err)
{
  if (keep->views.n == 0 || keep->refreshes) {
    return STOA_OK;
  }
  const int code = pthread_create(&keep->refresher, NULL, run_refresher, keep);
  keep->refreshes = code == 0;
  return code ? stoa_error_set(err, STOA_UNAVAILABLE, "no thread for the rows of features: %s", strerror(code)) : STOA_OK;
}

