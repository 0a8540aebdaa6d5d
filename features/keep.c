// Rows that are kept.  An entry is there as soon as its row is being made, so that a record which is appended meanwhile
// is noted: such a row is served to those who asked before the record was acknowledged, and is not kept.
#include "features/kept.h"
#include "features/hot.h"
#include "features/polled.h"
#include "features/state/erasure.h"
#include "features/watermark.h"
#include "graph/base/assert.h"
#include <stdlib.h>

// Records that a view is told of at once.
enum { TURN = 256 };

// Below it all events are read again as fast as those that are held are kept up.
enum { LEAST_EVENTS = 256 };

static atomic_ullong last_serial;

// The plan of a window view looks so far ahead for events to come (compile.c).
static const int64_t AHEAD_US = INT64_C(12) * 3600 * 1000000;

// ---- what changes

// Its row, its key, and what those who hear of changes know of it.
static void forget(stoa_kept *k, const stoa_slice *key, stoa_arena *arena)
{
  const stoa_slice text = stoa_kept_key(k->view->entity, key, arena);
  const uint64_t hash = stoa_kept_hash(text);
  stoa_kept_entry **const at = stoa_kept_place(k, text, hash);
  if (k->hook.erased) {
    k->hook.erased(&text, k->hook.data);
  }
  for (uint32_t i = 0; i < k->served.n; ++i) {
    stoa_served_forget(k->served.items[i], text, hash);
  }
  if (!*at) {
    return;
  }
  k->changed = true;
  if ((*at)->makers == 0) {
    stoa_kept_drop(k, at);
  } else {
    (*at)->changes++;
    (*at)->erased = true;
    stoa_kept_drop_row(k, *at);
    stoa_kept_drop_hot(k, *at);
  }
}

static void see_event(stoa_kept *k, const stoa_record *event, stoa_arena *arena)
{
  for (uint32_t i = 0; i < k->reads.events.n; ++i) {
    const stoa_event_reach *const reach = &k->reads.events.items[i];
    stoa_entity_keys keys = {0};
    bool all;
    if (strcmp(reach->type->name, event->type->name) != 0) {
      continue;
    }
    stoa_event_entities(k->view->entity, reach, event, arena, &keys, &all);
    for (uint32_t n = 0; n < keys.n; ++n) {
      stoa_kept_change_one(k, keys.items[n], reach, event, arena);
    }
    if (all) {
      stoa_kept_change_all(k);
    }
  }
}

static void see_decision(stoa_kept *k, const stoa_record *decision, stoa_arena *arena)
{
  const stoa_slice *key;
  if (k->reads.decisions == STOA_REACH_ALL) {
    stoa_kept_change_all(k);
  } else if (k->reads.decisions == STOA_REACH_ONE && decision->subject_iri.length &&
             stoa_iri_entity(k->view->entity, decision->subject_iri, arena, &key)) {
    stoa_kept_change_one(k, key, NULL, decision, arena);
  }
}

static void see(stoa_kept *k, const stoa_record *record, stoa_arena *arena);

static uint64_t count_kept(const stoa_kept *k, const stoa_slice *key, stoa_arena *arena)
{
  const stoa_slice text = stoa_kept_key(k->view->entity, key, arena);
  const stoa_kept_entry *const e = *stoa_kept_place(k, text, stoa_kept_hash(text));
  return e && e->row;
}

// What is gone changes the rows that it reaches.  Who was erased is forgotten after that, so that nobody notes the key
// again.
static void see_erasure(stoa_kept *k, stoa_erasure *erasure, stoa_arena *arena)
{
  const stoa_slice **const keys = STOA_NEWS(arena, const stoa_slice *, erasure->all.n + 1);
  uint32_t n = 0;
  for (uint32_t i = 0; i < erasure->all.n; ++i) {
    n += stoa_iri_entity(k->view->entity, erasure->all.items[i].iri, arena, &keys[n]);
  }
  for (uint32_t i = 0; i < n; ++i) {
    erasure->n_kept += count_kept(k, keys[i], arena);
  }
  k->changed = false;
  k->erases = true;
  for (uint32_t i = 0; i < erasure->gone.n; ++i) {
    see(k, &erasure->gone.items[i], arena);
  }
  if (erasure->more_gone && (k->reads.events.n || k->reads.decisions != STOA_REACH_NONE)) {
    stoa_kept_change_all(k);
  }
  for (uint32_t i = 0; i < n; ++i) {
    forget(k, keys[i], arena);
  }
  k->erases = false;
  if (k->changed) {
    STOA_PUSH(erasure->arena, &erasure->views, k->view->name);
  }
}

static void see(stoa_kept *k, const stoa_record *record, stoa_arena *arena)
{
  if (record->is_duplicate) {
    return;
  }
  if (record->kind == STOA_RECORD_EVENT) {
    see_event(k, record, arena);
  } else if (record->kind == STOA_RECORD_DECISION) {
    see_decision(k, record, arena);
  } else if (record->kind == STOA_RECORD_REWARD && k->reads.rewards) {
    stoa_kept_change_all(k);
  } else if (record->kind == STOA_RECORD_ERASURE) {
    see_erasure(k, record->erasure, arena);
  }
}

static void tell(stoa_kept *k, const stoa_record *records, size_t n, stoa_arena *arena)
{
  pthread_mutex_lock(&k->lock);
  for (size_t i = 0; i < n; ++i) {
    see(k, &records[i], arena);
  }
  if (stoa_arena_status(arena) != STOA_OK) {
    stoa_kept_change_all(k); // without memory it cannot be told whose row it is
  }
  pthread_mutex_unlock(&k->lock);
}

// Of a large commit each view is told a part and then the others are, so that nobody waits for its rows for long.
void stoa_keep_appended(stoa_keep *keep, const stoa_record *records, size_t n)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < n; i += TURN) {
    for (uint32_t v = 0; v < keep->views.n; ++v) {
      tell(keep->views.items[v], records + i, n - i < TURN ? n - i : TURN, &arena);
    }
    stoa_arena_reset(&arena);
  }
  stoa_arena_done(&arena);
}

// ---- rows

// Before which instant a row is served, if nothing else changes it.
static int64_t stands_until(const stoa_kept *k, const stoa_kept_entry *e)
{
  int64_t old_us;
  const bool ages = k->untold && !__builtin_add_overflow(e->made_us, k->view->fresh_us, &old_us);
  return ages && old_us < e->until_us ? old_us + 1 : e->until_us;
}

static bool is_fresh(const stoa_kept *k, const stoa_kept_entry *e, int64_t now_us)
{
  return e->row && e->generation == k->generation && e->made_us <= now_us && now_us < stands_until(k, e);
}

// The row of an entry as it is kept.
static void read_row(const stoa_kept *k, const stoa_kept_entry *e, const bool *wanted, int64_t now_us, stoa_arena *arena,
                     stoa_term *out, stoa_view_row *row)
{
  stoa_packed_read(e->row, k->view, wanted, now_us, arena, out, row);
  row->made_us = e->made_us;
  row->stands_us = stands_until(k, e);
}

static void take(stoa_kept *k, const stoa_slice *keys, uint32_t n_keys, const bool *wanted, const stoa_context *context,
                 stoa_arena *arena, stoa_term *out, stoa_view_row *rows, stoa_kept_missings *list)
{
  const uint32_t n_parts = k->view->entity->n_keys, n_features = k->view->features.n;
  for (uint32_t i = 0; i < n_keys; ++i) {
    stoa_kept_missing m = {.at = i, .text = stoa_kept_key(k->view->entity, keys + (size_t)i * n_parts, arena)};
    m.hash = stoa_kept_hash(m.text);
    pthread_mutex_lock(&k->lock);
    stoa_kept_entry *const e = stoa_kept_entry_of(k, m.text, m.hash);
    if (e && is_fresh(k, e, context->now_us)) {
      e->used = e->asked = true;
      k->found++;
      read_row(k, e, wanted, context->now_us, arena, out + (size_t)i * n_features, &rows[i]);
      pthread_mutex_unlock(&k->lock);
      continue;
    }
    k->made++;
    m.noted = e != NULL;
    if (e) {
      e->asked = true;
      e->erased = false; // somebody asks for it again
      e->makers++;
      m.changes = e->changes;
      m.generation = k->generation;
    }
    pthread_mutex_unlock(&k->lock);
    STOA_PUSH(arena, list, m);
  }
}

// Keep what was made, unless it has changed meanwhile, or has a value that is told each time it is met.
static void put(stoa_kept *k, const stoa_kept_missing *m, const stoa_term *values, stoa_view_row *row, int64_t now_us,
                bool good)
{
  stoa_packed *const packed = good && !row->misfits ? stoa_packed_new(values, k->view, row) : NULL;
  pthread_mutex_lock(&k->lock);
  stoa_kept_entry *const e = *stoa_kept_place(k, m->text, m->hash); // it is there while somebody makes its row
  STOA_ASSERT(e && e->makers > 0);
  e->makers--;
  e->n_events = good ? row->n_events : e->n_events;
  if (packed && e->changes == m->changes && k->generation == m->generation) {
    stoa_kept_set_row(k, e, packed);
    e->used = true;
    e->asked = false;
    e->generation = m->generation;
    e->made_us = now_us;
    e->until_us = row->until_us < now_us + AHEAD_US ? row->until_us : now_us + AHEAD_US;
    row->made_us = now_us;
    row->stands_us = stands_until(k, e);
    for (uint32_t i = 0; i < k->served.n; ++i) {
      stoa_served_renew(k->served.items[i], m->text, m->hash);
    }
    stoa_kept_make_room(k);
    pthread_mutex_unlock(&k->lock);
    return;
  }
  if (e->erased && e->makers == 0) {
    stoa_kept_drop(k, stoa_kept_place(k, m->text, m->hash));
  }
  pthread_mutex_unlock(&k->lock);
  stoa_packed_free(packed);
}

// One row, for who asked and to be kept.
static void give(stoa_kept *k, const stoa_kept_missing *m, const stoa_term *values, stoa_view_row *row, int64_t now_us,
                 bool good, stoa_term *out, stoa_view_row *rows)
{
  const uint32_t n_features = k->view->features.n;
  if (m->noted) {
    put(k, m, values, row, now_us, good);
  }
  memcpy(out + (size_t)m->at * n_features, values, n_features * sizeof *out);
  rows[m->at] = *row;
}

// The rows that are made of events which are held; the others are left in `rest`.
static void make_hot(stoa_kept *k, const stoa_kept_missings *list, const stoa_slice *keys, stoa_context *context,
                     stoa_arena *arena, stoa_term *out, stoa_view_row *rows, stoa_kept_missings *rest)
{
  stoa_term *const values = STOA_NEWS(arena, stoa_term, k->view->features.n + 1);
  for (uint32_t i = 0; i < list->n; ++i) {
    const stoa_kept_missing *const m = &list->items[i];
    const stoa_slice *const key = keys + (size_t)m->at * k->view->entity->n_keys;
    stoa_view_row row;
    if (stoa_hot_make(k, m, key, context, arena, values, &row)) {
      give(k, m, values, &row, context->now_us, true, out, rows);
    } else {
      STOA_PUSH(arena, rest, *m);
    }
  }
}

stoa_status stoa_kept_make(stoa_kept *k, const stoa_kept_missings *all, const stoa_slice *keys, stoa_context *context,
                           stoa_arena *arena, stoa_term *out, stoa_view_row *rows, stoa_error *err)
{
  const uint32_t n_parts = k->view->entity->n_keys, n_features = k->view->features.n;
  stoa_kept_missings list = {0};
  make_hot(k, all, keys, context, arena, out, rows, &list);
  if (list.n == 0) {
    return STOA_OK;
  }
  stoa_slice *const asked = STOA_NEWS(arena, stoa_slice, (size_t)list.n * n_parts + 1);
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)list.n * n_features + 1);
  stoa_view_row *const made = STOA_NEWS(arena, stoa_view_row, list.n + 1);
  for (uint32_t i = 0; i < list.n; ++i) {
    memcpy(asked + (size_t)i * n_parts, keys + (size_t)list.items[i].at * n_parts, n_parts * sizeof *asked);
  }
  const stoa_status status = stoa_view_compute(k->view, asked, list.n, context, arena, values, n_features, made, err);
  const bool good = status == STOA_OK && stoa_arena_status(arena) == STOA_OK;
  for (uint32_t i = 0; i < list.n; ++i) {
    give(k, &list.items[i], values + (size_t)i * n_features, &made[i], context->now_us, good, out, rows);
  }
  return status;
}

// All rows as they are kept, or nothing.
static bool take_at_once(stoa_kept *k, const stoa_slice *keys, uint32_t n_keys, const bool *wanted, int64_t now_us,
                         stoa_arena *arena, stoa_term *out, stoa_view_row *rows)
{
  const uint32_t n_parts = k->view->entity->n_keys, n_features = k->view->features.n;
  pthread_mutex_lock(&k->lock);
  bool all = !stoa_kept_is_to_ask(k, 0, now_us);
  for (uint32_t i = 0; i < n_keys && all; ++i) {
    const stoa_slice text = stoa_kept_key(k->view->entity, keys + (size_t)i * n_parts, arena);
    stoa_kept_entry *const e = *stoa_kept_place(k, text, stoa_kept_hash(text));
    all = e && is_fresh(k, e, now_us);
    if (all) {
      e->used = e->asked = true;
      k->found++;
      read_row(k, e, wanted, now_us, arena, out + (size_t)i * n_features, &rows[i]);
    }
  }
  pthread_mutex_unlock(&k->lock);
  return all;
}

stoa_status stoa_kept_rows(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                           stoa_context *context, stoa_arena *arena, stoa_term *out, stoa_view_row *rows,
                           stoa_error *err)
{
  stoa_kept *const k = view->kept;
  stoa_kept_missings list = {0};
  if (context->at_once) {
    return k && take_at_once(k, keys, n_keys, wanted, context->now_us, arena, out, rows)
             ? STOA_OK
             : stoa_error_set(err, STOA_UNAVAILABLE, "rows of view %s are to be made", view->name);
  }
  if (!k) {
    return stoa_view_compute(view, keys, n_keys, context, arena, out, view->features.n, rows, err);
  }
  stoa_kept_ask_sources(k, 0, context, arena);
  take(k, keys, n_keys, wanted, context, arena, out, rows, &list);
  return list.n ? stoa_kept_make(k, &list, keys, context, arena, out, rows, err) : STOA_OK;
}

stoa_kept_size stoa_kept_measure(const stoa_view *view)
{
  stoa_kept *const k = view->kept;
  stoa_kept_size size = {0};
  if (k) {
    pthread_mutex_lock(&k->lock);
    size = (stoa_kept_size){k->n, k->bytes + k->n_buckets * sizeof *k->buckets, k->found, k->made, k->folded};
    pthread_mutex_unlock(&k->lock);
  }
  return size;
}

bool stoa_kept_is_exact(const stoa_view *view)
{
  return !view->kept || (!view->kept->reads.time && !view->kept->reads.untold);
}

// ---- life

static void kept_free(stoa_kept *k)
{
  for (uint32_t i = 0; i < k->n_buckets; ++i) {
    while (k->buckets[i]) {
      stoa_kept_drop(k, &k->buckets[i]);
    }
  }
  pthread_mutex_destroy(&k->lock);
  free(k->buckets);
  stoa_polled_done(k);
  free(k);
}

static stoa_status kept_new(stoa_keep *keep, const stoa_view *view, const stoa_event_types *types, stoa_kept **out,
                            stoa_error *err)
{
  stoa_kept *const k = calloc(1, sizeof *k);
  if (k) {
    *k = (stoa_kept){.keep = keep, .view = view, .n_buckets = STOA_KEPT_FIRST_BUCKETS};
    k->buckets = calloc(k->n_buckets, sizeof *k->buckets);
  }
  if (!k || !k->buckets) {
    free(k);
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the rows of view %s", view->name);
  }
  pthread_mutex_init(&k->lock, NULL);
  stoa_status status = stoa_view_reads(view, keep->registry->project, types, &keep->arena, &k->reads, err);
  k->untold = k->reads.untold || k->reads.time;
  if (status == STOA_OK) {
    status = stoa_watermark_new(view, keep->registry->project, &k->watermark, err);
  }
  if (status == STOA_OK) {
    status = stoa_hot_plans_new(view, &k->reads, keep->registry->project, &keep->arena, &k->plans, err);
  }
  if (status != STOA_OK) {
    kept_free(k);
    return status;
  }
  *out = k;
  return STOA_OK;
}

stoa_status stoa_keep_new(stoa_registry *registry, const stoa_event_types *types, uint64_t most_bytes,
                          stoa_keep_clock clock, stoa_keep **out, stoa_error *err)
{
  stoa_keep *const keep = calloc(1, sizeof *keep);
  stoa_status status = STOA_OK;
  if (!keep) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for rows of features");
  }
  keep->serial = atomic_fetch_add(&last_serial, 1) + 1;
  keep->registry = registry;
  keep->clock = clock;
  keep->least_events = LEAST_EVENTS;
  stoa_arena_init(&keep->arena, 0);
  stoa_context_init(&keep->context, 0);
  for (uint32_t i = 0; i < registry->views.n && status == STOA_OK; ++i) {
    stoa_view *const view = registry->views.items[i];
    if (!view->fresh_us || view->kind == STOA_VIEW_REQUEST) {
      continue;
    }
    status = kept_new(keep, view, types, &view->kept, err);
    if (status == STOA_OK) {
      STOA_PUSH(&keep->arena, &keep->views, view->kept);
    }
  }
  keep->most_bytes = keep->views.n ? most_bytes / keep->views.n : most_bytes;
  if (status != STOA_OK) {
    stoa_keep_free(keep);
    return status;
  }
  *out = keep;
  return STOA_OK;
}

void stoa_keep_hold(stoa_keep *keep, uint64_t least_events)
{
  keep->least_events = least_events;
}

uint64_t stoa_keep_serial(const stoa_keep *keep)
{
  return keep->serial;
}

void stoa_keep_free(stoa_keep *keep)
{
  if (keep && keep->refreshes) {
    stoa_context_cancel(&keep->context);
    pthread_join(keep->refresher, NULL);
  }
  for (uint32_t i = 0; keep && i < keep->served.n_tables; ++i) {
    ((stoa_service *)keep->served.tables[i]->service)->served = NULL;
    stoa_served_free(keep->served.tables[i]);
  }
  for (uint32_t i = 0; keep && i < keep->views.n; ++i) {
    ((stoa_view *)keep->views.items[i]->view)->kept = NULL;
    kept_free(keep->views.items[i]);
  }
  if (keep) {
    stoa_arena_done(&keep->arena);
    free(keep);
  }
}
