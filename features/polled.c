// A source is asked for a text that is another one when it has changed.  Then every row may be another one; where a view
// has a watermark and no other source has changed, only the rows of those who have new ones.
#include "features/polled.h"
#include "features/watermark.h"
#include "graph/source/version.h"
#include <stdlib.h>

// What all sources say, that of the watermark last; *untold: one of them cannot tell.
static const char *versions_of(const stoa_kept *k, stoa_context *context, stoa_arena *arena, size_t *n_others, bool *untold)
{
  const stoa_source *const marked = k->watermark ? k->watermark->source : NULL;
  stoa_buf all = {0};
  for (int turn = 0; turn < 2; ++turn) {
    *n_others = turn ? all.length : 0;
    for (uint32_t i = 0; i < k->reads.sources.n; ++i) {
      stoa_source *const source = k->reads.sources.items[i];
      stoa_slice one = {0};
      stoa_error ignored = {0};
      if ((source == marked) != (turn == 1)) {
        continue;
      }
      const bool told = stoa_source_version(source, context, arena, &one, &ignored) == STOA_OK && one.length;
      *untold |= !told && source != marked;
      stoa_buf_slice(&all, told || source != marked ? one : (stoa_slice){"?", 1});
      stoa_buf_byte(&all, '\n');
    }
  }
  const char *const text = stoa_arena_copy(arena, (stoa_slice){all.data, all.length});
  stoa_buf_done(&all);
  return text;
}

bool stoa_kept_is_to_ask(const stoa_kept *k, int64_t early_us, int64_t now_us)
{
  const int64_t since_us = stoa_elapsed_us(k->checked_us, now_us);
  return k->reads.sources.n && (!k->was_checked || since_us < 0 || since_us >= k->view->fresh_us - early_us);
}

// From when until when all sources of a service's views have been asked.
static void note_asked(struct stoa_served *s)
{
  int64_t from_us = INT64_MIN, until_us = INT64_MAX;
  pthread_mutex_lock(&s->ask_lock);
  for (uint32_t i = 0; i < s->service->views.n; ++i) {
    stoa_kept *const k = s->service->views.items[i]->kept;
    int64_t its_us = INT64_MIN;
    pthread_mutex_lock(&k->lock);
    if (k->reads.sources.n && (!k->was_checked || __builtin_add_overflow(k->checked_us, k->view->fresh_us, &its_us))) {
      until_us = INT64_MIN;
    } else if (k->reads.sources.n) {
      from_us = k->checked_us > from_us ? k->checked_us : from_us;
      until_us = its_us < until_us ? its_us : until_us;
    }
    pthread_mutex_unlock(&k->lock);
  }
  atomic_store(&s->asked_us, from_us);
  atomic_store(&s->ask_us, until_us);
  pthread_mutex_unlock(&s->ask_lock);
}

// ---- what has changed

typedef struct {
  const char *version;
  size_t n_others; ///< of its text, that of the sources without a watermark
  bool others_stand;
  stoa_term last, newest; ///< of the watermark
  stoa_key_list keys;
  bool all;
} told;

// Under the lock: false when all is as it was.
static bool has_changed(const stoa_kept *k, told *t, stoa_arena *arena)
{
  const stoa_watermark *const w = k->watermark;
  t->others_stand = k->version && strncmp(k->version, t->version, t->n_others) == 0;
  t->last = w && w->is_asked && t->others_stand ? stoa_term_copy(w->last, arena) : (stoa_term){0};
  return !t->others_stand || strcmp(k->version, t->version) != 0 || (w && strcmp(t->version + t->n_others, "?\n") == 0);
}

// Whose rows are new, before the lock: what comes to the source meanwhile is told at the next turn again.
static void ask_watermark(const stoa_kept *k, told *t, stoa_context *context, stoa_arena *arena)
{
  stoa_error ignored = {0};
  t->all = !stoa_term_is_bound(t->last);
  if (k->watermark && stoa_watermark_ask(k->watermark, t->last, context, arena, &t->keys, &t->all, &t->newest, &ignored) != STOA_OK) {
    t->all = true;
    t->newest = (stoa_term){0};
  }
}

static void change(stoa_kept *k, const told *t, stoa_arena *arena)
{
  stoa_watermark *const w = k->watermark;
  free(k->version);
  k->version = strdup(t->version);
  for (uint32_t i = 0; i < t->keys.n && !t->all; ++i) {
    stoa_kept_change_one(k, t->keys.items[i], NULL, NULL, arena);
  }
  if (t->all) {
    stoa_kept_change_all(k);
  }
  if (w) {
    stoa_watermark_set(w, t->newest);
    w->is_asked = stoa_term_is_bound(w->last);
  }
}

void stoa_kept_ask_sources(stoa_kept *k, int64_t early_us, stoa_context *context, stoa_arena *arena)
{
  bool untold = k->reads.untold || k->reads.time;
  told t = {0};
  pthread_mutex_lock(&k->lock);
  const bool asks = stoa_kept_is_to_ask(k, early_us, context->now_us);
  if (asks) { // the others go on meanwhile
    k->checked_us = context->now_us;
    k->was_checked = true;
  }
  pthread_mutex_unlock(&k->lock);
  if (!asks) {
    return;
  }
  t.version = versions_of(k, context, arena, &t.n_others, &untold);
  pthread_mutex_lock(&k->lock);
  const bool changed = has_changed(k, &t, arena);
  pthread_mutex_unlock(&k->lock);
  if (changed) {
    ask_watermark(k, &t, context, arena);
  }
  pthread_mutex_lock(&k->lock);
  if (changed) {
    change(k, &t, arena);
  }
  for (uint32_t i = 0; i < k->served.n && untold != k->untold; ++i) { // rows stand longer, or not so long
    stoa_served_change_all(k->served.items[i]);
  }
  k->untold = untold;
  pthread_mutex_unlock(&k->lock);
  for (uint32_t i = 0; i < k->served.n; ++i) {
    note_asked(k->served.items[i]);
  }
}

void stoa_polled_done(stoa_kept *k)
{
  free(k->version);
  stoa_watermark_free(k->watermark);
}
