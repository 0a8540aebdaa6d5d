// A row that may be only so old is made anew while it still may be served, and one whose source has changed before it is
// asked for: many at once, of those that were asked for since they were made.
#include "features/polled.h"
#include "features/served.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { AT_ONCE = 256, TICKS = 8, LEAST_TICK_MS = 20, MOST_TICK_MS = 2000 };

// Was it asked for since it was made, by itself or within the row of a service?
static bool is_asked(const stoa_kept *k, const stoa_kept_entry *e)
{
  bool asked = e->asked;
  for (uint32_t i = 0; i < k->served.n && !asked; ++i) {
    asked = stoa_served_is_asked(k->served.items[i], (stoa_slice){e->key, e->key_length}, e->hash);
  }
  return asked;
}

static bool is_due(const stoa_kept *k, const stoa_kept_entry *e, int64_t now_us)
{
  const bool old = k->untold && stoa_elapsed_us(e->made_us, now_us) > k->view->fresh_us / 2;
  return e->row && e->makers == 0 && (old || e->generation != k->generation) && is_asked(k, e);
}

// Under the lock.
static void note_due(stoa_kept *k, stoa_kept_entry *e, stoa_arena *arena, stoa_slice *keys, stoa_kept_missings *list)
{
  const uint32_t n_parts = k->view->entity->n_keys;
  const stoa_slice text = stoa_arena_slice(arena, (stoa_slice){e->key, e->key_length});
  const stoa_kept_missing m = {list->n, text, e->hash, k->generation, e->changes, true};
  stoa_kept_parts(k->view->entity, text, keys + (size_t)list->n * n_parts);
  e->makers++;
  k->made++;
  STOA_PUSH(arena, list, m);
}

// Rows that are due, noted as those that are being made.  `from`: the bucket to begin with.  Those who ask have their turn
// in between.
static uint32_t find_due(stoa_kept *k, uint32_t *from, int64_t now_us, stoa_arena *arena, stoa_slice *keys,
                         stoa_kept_missings *list)
{
  enum { BUCKETS = 1024 };
  for (bool more = true; more && list->n < AT_ONCE;) {
    pthread_mutex_lock(&k->lock);
    for (uint32_t n = 0; n < BUCKETS && *from < k->n_buckets && list->n < AT_ONCE; ++n, ++*from) {
      for (stoa_kept_entry *e = k->buckets[*from]; e && list->n < AT_ONCE; e = e->next) {
        if (is_due(k, e, now_us)) {
          note_due(k, e, arena, keys, list);
        }
      }
    }
    more = *from < k->n_buckets;
    pthread_mutex_unlock(&k->lock);
  }
  return list->n;
}

// Rows of services that were asked for, and have gone because one of these was made anew.
static void serve_ahead(stoa_kept *k, const stoa_kept_missings *list, const stoa_slice *keys, stoa_context *context,
                        stoa_arena *arena)
{
  context->at_once = true; // what has to be made elsewhere is made when it is due
  for (uint32_t i = 0; i < k->served.n; ++i) {
    struct stoa_served *const s = k->served.items[i];
    for (uint32_t n = 0; n < list->n; ++n) {
      const stoa_kept_missing *const m = &list->items[n];
      if (stoa_served_is_asked(s, m->text, m->hash)) {
        stoa_served_make(s->service, keys + (size_t)m->at * k->view->entity->n_keys, 1, STOA_MOST_FORMS, context, arena);
      }
    }
  }
  context->at_once = false;
}

// A row that cannot be made now is made, or its fault told, when it is asked for.
static void make_ahead(stoa_kept *k, const stoa_kept_missings *list, const stoa_slice *keys, stoa_context *context,
                       stoa_arena *arena)
{
  const size_t n_values = (size_t)list->n * k->view->features.n;
  stoa_error ignored = {0};
  stoa_kept_make(k, list, keys, context, arena, STOA_NEWS(arena, stoa_term, n_values + 1),
       STOA_NEWS(arena, stoa_view_row, list->n + 1), &ignored);
  serve_ahead(k, list, keys, context, arena);
}

// What has to be asked of sources is asked before those who wait for nothing would have to.
static void ask_early(stoa_kept *k, stoa_context *context, stoa_arena *arena)
{
  stoa_kept_ask_sources(k, k->view->fresh_us / 4, context, arena);
}

// Are rows to be looked at?  Those of a view grow old together with its freshness; else only what changes all of them
// makes them due.
static bool is_to_look(stoa_kept *k, int64_t now_us)
{
  pthread_mutex_lock(&k->lock);
  const bool changed = k->looked_generation != k->generation;
  k->looked_generation = k->generation;
  const int64_t since_us = stoa_elapsed_us(k->looked_us, now_us);
  const bool looks = changed || (k->untold && (since_us < 0 || since_us >= k->view->fresh_us / TICKS));
  k->looked_us = looks ? now_us : k->looked_us;
  pthread_mutex_unlock(&k->lock);
  return looks;
}

static void refresh(stoa_keep *keep, stoa_kept *k)
{
  uint32_t from = 0;
  bool more = true;
  for (bool first = true; more && !stoa_context_is_cancelled(&keep->context); first = false) {
    stoa_arena arena;
    stoa_kept_missings list = {0};
    stoa_arena_init(&arena, 0);
    stoa_slice *const keys = STOA_NEWS(&arena, stoa_slice, (size_t)AT_ONCE * k->view->entity->n_keys);
    keep->context.now_us = keep->clock.now_us(keep->clock.data);
    ask_early(k, &keep->context, &arena);
    more = (!first || is_to_look(k, keep->context.now_us)) &&
           find_due(k, &from, keep->context.now_us, &arena, keys, &list) > 0;
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

// The rows of a service, once those of its views are there.
static void precompute_service(stoa_keep *keep, const stoa_service *service)
{
  enum { MOST = 10000000 };
  stoa_arena arena;
  stoa_slice *keys;
  uint32_t n = 0;
  stoa_error ignored = {0};
  stoa_context *const context = &keep->context;
  stoa_arena_init(&arena, 0);
  context->now_us = keep->clock.now_us(keep->clock.data);
  if (stoa_view_keys(service->views.items[0], keep->registry->project, MOST, context, &arena, &keys, &n, &ignored) != STOA_OK) {
    n = 0;
  }
  context->at_once = true;
  for (uint32_t i = 0; i < n && stoa_served_has_room(service) && !stoa_context_is_cancelled(context); ++i) {
    stoa_arena each;
    stoa_arena_init(&each, 0);
    context->now_us = keep->clock.now_us(keep->clock.data);
    for (uint32_t v = 0; v < service->views.n; ++v) {
      ask_early(service->views.items[v]->kept, context, &each);
    }
    stoa_served_make(service, keys + (size_t)i * service->entity->n_keys, 1, STOA_MOST_FORMS, context, &each);
    stoa_arena_done(&each);
  }
  context->at_once = false;
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

// A part of the time within which the quickest view has to be made anew.
static int tick_ms(const stoa_keep *keep)
{
  int64_t ms = MOST_TICK_MS;
  for (uint32_t i = 0; i < keep->views.n; ++i) {
    const int64_t its = keep->views.items[i]->view->fresh_us / (TICKS * 1000);
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
  for (uint32_t i = 0; i < keep->registry->services.n; ++i) {
    const stoa_service *const service = &keep->registry->services.items[i];
    if (service->precompute && service->served) {
      precompute_service(keep, service);
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

