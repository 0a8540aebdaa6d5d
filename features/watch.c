// Each entity is followed with the conditions that held when it was looked at last, and the instant until which time alone
// changes nothing of its row.  What is noted by other threads waits in a list of its own, so that they wait for nobody.
#include "features/watch.h"
#include "features/condition.h"
#include "features/kept.h"
#include <stdlib.h>
#include <time.h>

enum { AT_ONCE = 256, MOST_FOLLOWED = 4000000 };

typedef struct {
  stoa_slice key;
  uint64_t holds; ///< a bit a condition
  int64_t until_us;
  bool is_known, is_noted;
} followed;

typedef struct {
  const stoa_view *view;
  bool by_the_second; ///< a condition asks how long ago something was
  stoa_arena arena;   ///< of what is followed
  stoa_map places;    ///< key -> place in `all`, from 1
  STOA_LIST(followed) all;
  pthread_mutex_t lock; ///< of what follows
  stoa_arena noted_arena;
  STOA_LIST(stoa_slice) noted;
  bool all_noted;
} watch;

struct stoa_watches {
  stoa_keep *keep;
  stoa_turned_sink sink;
  stoa_arena arena;
  STOA_LIST(watch *) all;
  stoa_context context;
  pthread_t thread;
  bool runs;
};

// ---- what is noted

static void note(const stoa_slice *key, void *data)
{
  watch *const w = data;
  pthread_mutex_lock(&w->lock);
  if (key) {
    const stoa_slice copy = stoa_arena_slice(&w->noted_arena, *key);
    STOA_PUSH(&w->noted_arena, &w->noted, copy);
  } else {
    w->all_noted = true;
  }
  pthread_mutex_unlock(&w->lock);
}

static followed *follow(watch *w, stoa_slice key)
{
  const uintptr_t place = (uintptr_t)stoa_map_find(&w->places, key);
  if (place) {
    return &w->all.items[place - 1];
  }
  if (w->all.n == MOST_FOLLOWED) {
    return NULL;
  }
  const followed one = {.key = stoa_arena_slice(&w->arena, key)};
  STOA_PUSH(&w->arena, &w->all, one);
  stoa_map_add(&w->places, &w->arena, one.key, (void *)(uintptr_t)w->all.n);
  return &w->all.items[w->all.n - 1];
}

// Who is named by a record for the first time had none of the conditions before.
static void take_noted(watch *w)
{
  pthread_mutex_lock(&w->lock);
  for (uint32_t i = 0; i < w->noted.n; ++i) {
    followed *const f = follow(w, w->noted.items[i]);
    if (f) {
      f->is_noted = f->is_known = true;
    }
  }
  for (uint32_t i = 0; w->all_noted && i < w->all.n; ++i) {
    w->all.items[i].is_noted = true;
  }
  w->all_noted = false;
  w->noted.items = NULL;
  w->noted.n = w->noted.capacity = 0;
  stoa_arena_done(&w->noted_arena);
  stoa_arena_init(&w->noted_arena, 0);
  pthread_mutex_unlock(&w->lock);
}

static void tell(const watch *w, const followed *f, uint64_t turned, const stoa_slice *key, int64_t now_us,
                 const stoa_turned_sink *sink)
{
  for (uint32_t i = 0; i < w->view->watched.n && f->is_known; ++i) {
    if (turned & UINT64_C(1) << i) {
      const stoa_turned t = {w->view, w->view->watched.items[i].name, key, now_us};
      sink->told(&t, sink->data);
    }
  }
}

static int64_t look_again_us(const watch *w, const stoa_view_row *row, int64_t now_us)
{
  const int64_t second_us = w->by_the_second ? now_us + 1000000 : INT64_MAX;
  const bool bounded = w->view->kept->reads.time || w->view->kept->reads.untold;
  const int64_t fresh_us = bounded ? now_us + w->view->fresh_us : INT64_MAX;
  int64_t until_us = row->until_us < second_us ? row->until_us : second_us;
  until_us = fresh_us < until_us ? fresh_us : until_us;
  return until_us > now_us ? until_us : now_us + 1;
}

static stoa_status look_at(watch *w, const uint32_t *which, uint32_t n, stoa_context *context,
                           const stoa_turned_sink *sink, stoa_error *err)
{
  const stoa_entity *const entity = w->view->entity;
  const uint32_t n_conditions = w->view->watched.n;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_slice *const keys = STOA_NEWS(&arena, stoa_slice, (size_t)n * entity->n_keys);
  stoa_term *const values = STOA_NEWS(&arena, stoa_term, (size_t)n * w->view->features.n + 1);
  stoa_view_row *const rows = STOA_NEWS(&arena, stoa_view_row, n);
  bool *const holds = STOA_NEWS(&arena, bool, (size_t)n * n_conditions);
  for (uint32_t i = 0; i < n; ++i) {
    stoa_kept_parts(entity, w->all.items[which[i]].key, keys + (size_t)i * entity->n_keys);
  }
  stoa_status status = stoa_kept_rows(w->view, keys, n, NULL, context, &arena, values, rows, err);
  if (status == STOA_OK) {
    status = stoa_conditions_hold(w->view, values, n, context, &arena, holds, err);
  }
  for (uint32_t i = 0; i < n && status == STOA_OK; ++i) {
    followed *const f = &w->all.items[which[i]];
    uint64_t now = 0;
    for (uint32_t k = 0; k < n_conditions; ++k) {
      now |= (uint64_t)holds[(size_t)i * n_conditions + k] << k;
    }
    tell(w, f, now & ~f->holds, keys + (size_t)i * entity->n_keys, context->now_us, sink);
    f->holds = now;
    f->is_known = true;
    f->is_noted = false;
    f->until_us = look_again_us(w, &rows[i], context->now_us);
  }
  stoa_arena_done(&arena);
  return status;
}

static stoa_status look_at_due(watch *w, stoa_context *context, const stoa_turned_sink *sink, stoa_error *err)
{
  uint32_t which[AT_ONCE], n = 0;
  for (uint32_t i = 0; i < w->all.n; ++i) {
    const followed *const f = &w->all.items[i];
    if (f->is_noted || f->until_us <= context->now_us) {
      which[n++] = i;
    }
    if (n == AT_ONCE || (n && i + 1 == w->all.n)) {
      STOA_TRY(stoa_context_check(context, err));
      STOA_TRY(look_at(w, which, n, context, sink, err));
      n = 0;
    }
  }
  return STOA_OK;
}

static stoa_status look(watch *w, stoa_context *context, const stoa_turned_sink *sink, stoa_error *err)
{
  take_noted(w);
  return look_at_due(w, context, sink, err);
}

static stoa_status begin(watch *w, const stoa_project *project, stoa_context *context, stoa_error *err)
{
  static const stoa_turned_sink nobody = {NULL, NULL};
  stoa_arena arena;
  stoa_slice *keys;
  uint32_t n = 0;
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_view_keys(w->view, project, MOST_FOLLOWED, context, &arena, &keys, &n, err);
  for (uint32_t i = 0; i < n && status == STOA_OK; ++i) {
    follow(w, stoa_kept_key(w->view->entity, keys + (size_t)i * w->view->entity->n_keys, &arena));
  }
  stoa_arena_done(&arena);
  return status == STOA_OK ? look_at_due(w, context, &nobody, err) : status; // nobody is told of what is not known yet
}

// ---- the thread

enum { TICK_MS = 100 };

static void *run(void *data)
{
  stoa_watches *const all = data;
  const struct timespec tick = {0, TICK_MS * 1000000L};
  stoa_error ignored = {0}; // a row that cannot be made is looked at again
  all->context.now_us = all->keep->clock.now_us(all->keep->clock.data);
  for (uint32_t i = 0; i < all->all.n; ++i) {
    begin(all->all.items[i], all->keep->registry->project, &all->context, &ignored);
  }
  while (!stoa_context_is_cancelled(&all->context)) {
    all->context.now_us = all->keep->clock.now_us(all->keep->clock.data);
    for (uint32_t i = 0; i < all->all.n; ++i) {
      look(all->all.items[i], &all->context, &all->sink, &ignored);
    }
    nanosleep(&tick, NULL);
  }
  return NULL;
}

static void set_hook(stoa_kept *k, stoa_kept_hook hook)
{
  pthread_mutex_lock(&k->lock);
  k->hook = hook;
  pthread_mutex_unlock(&k->lock);
}

static watch *watch_new(const stoa_view *view)
{
  watch *const w = calloc(1, sizeof *w);
  if (!w) {
    return NULL;
  }
  w->view = view;
  for (uint32_t i = 0; i < view->features.n; ++i) {
    w->by_the_second |= view->kind == STOA_VIEW_WINDOW && view->features.items[i].kind == STOA_WINDOW_RECENCY &&
                        stoa_conditions_ask(view, i);
  }
  stoa_arena_init(&w->arena, 0);
  stoa_arena_init(&w->noted_arena, 0);
  pthread_mutex_init(&w->lock, NULL);
  set_hook(view->kept, (stoa_kept_hook){note, w});
  return w;
}

stoa_status stoa_watches_new(stoa_keep *keep, const stoa_turned_sink *sink, stoa_watches **out, stoa_error *err)
{
  stoa_watches *const all = calloc(1, sizeof *all);
  bool good = true;
  *out = NULL;
  if (!all) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the conditions of feature views");
  }
  *all = (stoa_watches){.keep = keep, .sink = *sink};
  stoa_arena_init(&all->arena, 0);
  stoa_context_init(&all->context, 0);
  for (uint32_t i = 0; i < keep->views.n && good; ++i) {
    const stoa_view *const view = keep->views.items[i]->view;
    watch *const w = view->watched.n ? watch_new(view) : NULL;
    good = w || !view->watched.n;
    if (w) {
      STOA_PUSH(&all->arena, &all->all, w);
    }
  }
  all->runs = good && all->all.n && pthread_create(&all->thread, NULL, run, all) == 0;
  if (!good || (all->all.n && !all->runs)) {
    stoa_watches_free(all);
    return stoa_error_set(err, STOA_UNAVAILABLE, "no memory, or no thread, for the conditions of feature views");
  }
  if (all->runs) {
    *out = all;
  } else {
    stoa_watches_free(all);
  }
  return STOA_OK;
}

void stoa_watches_free(stoa_watches *all)
{
  if (!all) {
    return;
  }
  if (all->runs) {
    stoa_context_cancel(&all->context);
    pthread_join(all->thread, NULL);
  }
  for (uint32_t i = 0; i < all->all.n; ++i) {
    watch *const w = all->all.items[i];
    set_hook(w->view->kept, (stoa_kept_hook){NULL, NULL});
    stoa_arena_done(&w->arena);
    stoa_arena_done(&w->noted_arena);
    pthread_mutex_destroy(&w->lock);
    free(w);
  }
  stoa_arena_done(&all->arena);
  free(all);
}
