// Rows that are kept.  An entry is there as soon as its row is being made, so that a record which is appended meanwhile
// is noted: such a row is served to those who asked before the record was acknowledged, and is not kept.
#include "features/keep.h"
#include "features/packed.h"
#include "features/reads.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include "graph/source/version.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

// The plan of a window view looks so far ahead for events to come (compile.c).
static const int64_t AHEAD_US = INT64_C(12) * 3600 * 1000000;

typedef struct entry {
  struct entry *next; ///< in its bucket
  uint64_t hash;
  uint64_t generation; ///< of the view, when the row was made
  uint32_t changes;    ///< how often records have changed it
  uint32_t makers;     ///< requests that make its row now
  bool used;           ///< since the hand has passed
  bool asked;          ///< since its row was made
  stoa_packed *row;    ///< NULL: there is none, or it has changed
  int64_t made_us, until_us;
  uint32_t key_length;
  char key[];
} entry;

struct stoa_kept {
  stoa_keep *keep;
  const stoa_view *view;
  stoa_reads reads;
  pthread_mutex_t lock; ///< of what follows
  entry **buckets;
  uint32_t n_buckets, n, hand;
  uint64_t generation, bytes, found, made;
  bool untold;       ///< a source that tells nothing: rows live as long as the view's freshness
  bool was_checked;
  int64_t checked_us; ///< when the sources were asked
  char *version;      ///< what they said then
};

struct stoa_keep {
  stoa_registry *registry;
  stoa_arena arena;
  uint64_t most_bytes; ///< of one view
  STOA_LIST(stoa_kept *) views;
  stoa_keep_clock clock;
  pthread_t refresher;
  bool refreshes; ///< there is a thread to be joined
  stoa_context context; ///< of what it does
};

// ---- the table; under the lock

enum { FIRST_BUCKETS = 64 };

static uint64_t size_of(const entry *e)
{
  return sizeof *e + e->key_length + (e->row ? stoa_packed_size(e->row) : 0);
}

static entry **place_of(const stoa_kept *k, stoa_slice key, uint64_t hash)
{
  entry **at = &k->buckets[hash & (k->n_buckets - 1)];
  while (*at && ((*at)->hash != hash || (*at)->key_length != key.length || memcmp((*at)->key, key.data, key.length))) {
    at = &(*at)->next;
  }
  return at;
}

static void grow(stoa_kept *k)
{
  const uint32_t n = k->n_buckets * 2;
  entry **const buckets = calloc(n, sizeof *buckets);
  if (!buckets) {
    return; // longer lists are slower, and right
  }
  for (uint32_t i = 0; i < k->n_buckets; ++i) {
    while (k->buckets[i]) {
      entry *const e = k->buckets[i];
      k->buckets[i] = e->next;
      e->next = buckets[e->hash & (n - 1)];
      buckets[e->hash & (n - 1)] = e;
    }
  }
  free(k->buckets);
  k->buckets = buckets;
  k->n_buckets = n;
}

static void drop_row(stoa_kept *k, entry *e)
{
  k->bytes -= size_of(e);
  stoa_packed_free(e->row);
  e->row = NULL;
  k->bytes += size_of(e);
}

static void drop(stoa_kept *k, entry **at)
{
  entry *const e = *at;
  STOA_ASSERT(e->makers == 0);
  *at = e->next;
  k->bytes -= size_of(e);
  k->n--;
  stoa_packed_free(e->row);
  free(e);
}

// Make room: what was not used since the hand passed it last, and what has no row.
static void make_room(stoa_kept *k)
{
  for (uint32_t steps = 0; k->bytes > k->keep->most_bytes && steps < 2 * k->n_buckets; ++steps) {
    entry **at = &k->buckets[k->hand++ & (k->n_buckets - 1)];
    while (*at) {
      if ((*at)->makers == 0 && (!(*at)->row || !(*at)->used)) {
        drop(k, at);
      } else {
        (*at)->used = false;
        at = &(*at)->next;
      }
    }
  }
}

// The entry of a key, which is made if it is not there; NULL without memory.
static entry *entry_of(stoa_kept *k, stoa_slice key, uint64_t hash)
{
  entry **const at = place_of(k, key, hash);
  if (*at) {
    return *at;
  }
  entry *const e = calloc(1, sizeof *e + key.length);
  if (e) {
    e->hash = hash;
    e->key_length = (uint32_t)key.length;
    memcpy(e->key, key.data, key.length);
    *at = e;
    k->n++;
    k->bytes += size_of(e);
    if (k->n > k->n_buckets) {
      grow(k);
    }
  }
  return e;
}

// ---- keys

// All parts in one text, each with its length before it.
static stoa_slice key_text(const stoa_entity *entity, const stoa_slice *key, stoa_arena *arena)
{
  size_t n = 0;
  if (entity->n_keys == 1) {
    return key[0];
  }
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    n += sizeof(uint32_t) + key[i].length;
  }
  char *const text = STOA_NEWS(arena, char, n + 1);
  char *at = text;
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    const uint32_t length = (uint32_t)key[i].length;
    memcpy(at, &length, sizeof length);
    memcpy(at + sizeof length, key[i].data, length);
    at += sizeof length + length;
  }
  return (stoa_slice){text, n};
}

static uint64_t key_hash(stoa_slice key)
{
  return stoa_hash_mix(stoa_hash_text(0, key.data, key.length));
}

// ---- what changes

static void change_all(stoa_kept *k)
{
  k->generation++;
}

static void change_one(stoa_kept *k, const stoa_slice *key, stoa_arena *arena)
{
  const stoa_slice text = key_text(k->view->entity, key, arena);
  entry *const e = *place_of(k, text, key_hash(text));
  if (e) {
    e->changes++;
    drop_row(k, e);
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
      change_one(k, keys.items[n], arena);
    }
    if (all) {
      change_all(k);
    }
  }
}

static void see_decision(stoa_kept *k, const stoa_record *decision, stoa_arena *arena)
{
  const stoa_slice *key;
  if (k->reads.decisions == STOA_REACH_ALL) {
    change_all(k);
  } else if (k->reads.decisions == STOA_REACH_ONE && decision->subject_iri.length &&
             stoa_iri_entity(k->view->entity, decision->subject_iri, arena, &key)) {
    change_one(k, key, arena);
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
    change_all(k);
  }
}

void stoa_keep_appended(stoa_keep *keep, const stoa_record *records, size_t n)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  for (uint32_t v = 0; v < keep->views.n; ++v) {
    stoa_kept *const k = keep->views.items[v];
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < n; ++i) {
      see(k, &records[i], &arena);
    }
    if (stoa_arena_status(&arena) != STOA_OK) {
      change_all(k); // without memory it cannot be told whose row it is
    }
    pthread_mutex_unlock(&k->lock);
  }
  stoa_arena_done(&arena);
}

// ---- what sources tell

static const char *versions_of(const stoa_kept *k, stoa_context *context, stoa_arena *arena, bool *untold)
{
  stoa_buf all = {0};
  for (uint32_t i = 0; i < k->reads.sources.n; ++i) {
    stoa_slice one = {0};
    stoa_error ignored = {0};
    *untold |= stoa_source_version(k->reads.sources.items[i], context, arena, &one, &ignored) != STOA_OK || !one.length;
    stoa_buf_slice(&all, one);
    stoa_buf_byte(&all, '\n');
  }
  const char *const text = stoa_arena_copy(arena, (stoa_slice){all.data, all.length});
  stoa_buf_done(&all);
  return text;
}

// Ask the sources whether they have changed, if nobody did so for as long as a row may be old.
static void ask_sources(stoa_kept *k, stoa_context *context, stoa_arena *arena)
{
  bool untold = k->reads.untold || k->reads.time;
  pthread_mutex_lock(&k->lock);
  const int64_t since_us = stoa_elapsed_us(k->checked_us, context->now_us);
  const bool asks = k->reads.sources.n && (!k->was_checked || since_us < 0 || since_us >= k->view->fresh_us);
  if (asks) { // the others go on meanwhile
    k->checked_us = context->now_us;
    k->was_checked = true;
  }
  pthread_mutex_unlock(&k->lock);
  if (!asks) {
    return;
  }
  const char *const version = versions_of(k, context, arena, &untold);
  pthread_mutex_lock(&k->lock);
  if (!k->version || strcmp(k->version, version) != 0) {
    free(k->version);
    k->version = strdup(version);
    change_all(k);
  }
  k->untold = untold;
  pthread_mutex_unlock(&k->lock);
}

// ---- rows

static bool is_fresh(const stoa_kept *k, const entry *e, int64_t now_us)
{
  return e->row && e->generation == k->generation && e->made_us <= now_us && now_us < e->until_us &&
         (!k->untold || stoa_elapsed_us(e->made_us, now_us) <= k->view->fresh_us);
}

// One key whose row has to be made.
typedef struct {
  uint32_t at; ///< place among the keys
  stoa_slice text;
  uint64_t hash, generation;
  uint32_t changes;
  bool noted; ///< there is an entry for it
} missing;

typedef STOA_LIST(missing) missing_list;

static void take(stoa_kept *k, const stoa_slice *keys, uint32_t n_keys, const bool *wanted, const stoa_context *context,
                 stoa_arena *arena, stoa_term *out, stoa_view_row *rows, missing_list *list)
{
  const uint32_t n_parts = k->view->entity->n_keys, n_features = k->view->features.n;
  for (uint32_t i = 0; i < n_keys; ++i) {
    missing m = {.at = i, .text = key_text(k->view->entity, keys + (size_t)i * n_parts, arena)};
    m.hash = key_hash(m.text);
    pthread_mutex_lock(&k->lock);
    entry *const e = entry_of(k, m.text, m.hash);
    if (e && is_fresh(k, e, context->now_us)) {
      e->used = e->asked = true;
      k->found++;
      stoa_packed_read(e->row, k->view, wanted, context->now_us, arena, out + (size_t)i * n_features, &rows[i]);
      pthread_mutex_unlock(&k->lock);
      continue;
    }
    k->made++;
    m.noted = e != NULL;
    if (e) {
      e->asked = true;
      e->makers++;
      m.changes = e->changes;
      m.generation = k->generation;
    }
    pthread_mutex_unlock(&k->lock);
    STOA_PUSH(arena, list, m);
  }
}

// Keep what was made, unless it has changed meanwhile.
static void put(stoa_kept *k, const missing *m, const stoa_term *values, const stoa_view_row *row, int64_t now_us,
                bool good)
{
  stoa_packed *const packed = good ? stoa_packed_new(values, k->view, row) : NULL;
  pthread_mutex_lock(&k->lock);
  entry *const e = *place_of(k, m->text, m->hash); // it is there while somebody makes its row
  STOA_ASSERT(e && e->makers > 0);
  e->makers--;
  if (packed && e->changes == m->changes && k->generation == m->generation) {
    drop_row(k, e);
    k->bytes += stoa_packed_size(packed);
    e->row = packed;
    e->used = true;
    e->asked = false;
    e->generation = m->generation;
    e->made_us = now_us;
    e->until_us = row->until_us < now_us + AHEAD_US ? row->until_us : now_us + AHEAD_US;
    make_room(k);
    pthread_mutex_unlock(&k->lock);
    return;
  }
  pthread_mutex_unlock(&k->lock);
  stoa_packed_free(packed);
}

static stoa_status make(stoa_kept *k, const missing_list *list, const stoa_slice *keys, stoa_context *context,
                        stoa_arena *arena, stoa_term *out, stoa_view_row *rows, stoa_error *err)
{
  const uint32_t n_parts = k->view->entity->n_keys, n_features = k->view->features.n;
  stoa_slice *const asked = STOA_NEWS(arena, stoa_slice, (size_t)list->n * n_parts + 1);
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)list->n * n_features + 1);
  stoa_view_row *const made = STOA_NEWS(arena, stoa_view_row, list->n + 1);
  for (uint32_t i = 0; i < list->n; ++i) {
    memcpy(asked + (size_t)i * n_parts, keys + (size_t)list->items[i].at * n_parts, n_parts * sizeof *asked);
  }
  const stoa_status status =
    stoa_view_compute(k->view, asked, list->n, context, arena, values, n_features, made, err);
  const bool good = status == STOA_OK && stoa_arena_status(arena) == STOA_OK;
  for (uint32_t i = 0; i < list->n; ++i) {
    const missing *const m = &list->items[i];
    if (m->noted) {
      put(k, m, values + (size_t)i * n_features, &made[i], context->now_us, good);
    }
    memcpy(out + (size_t)m->at * n_features, values + (size_t)i * n_features, n_features * sizeof *out);
    rows[m->at] = made[i];
  }
  return status;
}

stoa_status stoa_kept_rows(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                           stoa_context *context, stoa_arena *arena, stoa_term *out, stoa_view_row *rows,
                           stoa_error *err)
{
  stoa_kept *const k = view->kept;
  missing_list list = {0};
  if (!k) {
    return stoa_view_compute(view, keys, n_keys, context, arena, out, view->features.n, rows, err);
  }
  ask_sources(k, context, arena);
  take(k, keys, n_keys, wanted, context, arena, out, rows, &list);
  return list.n ? make(k, &list, keys, context, arena, out, rows, err) : STOA_OK;
}

stoa_kept_size stoa_kept_measure(const stoa_view *view)
{
  stoa_kept *const k = view->kept;
  stoa_kept_size size = {0};
  if (k) {
    pthread_mutex_lock(&k->lock);
    size = (stoa_kept_size){k->n, k->bytes + k->n_buckets * sizeof *k->buckets, k->found, k->made};
    pthread_mutex_unlock(&k->lock);
  }
  return size;
}

// ---- ahead of requests
//
// A row that may be only so old is made anew while it still may be served, and one whose source has changed before it is
// asked for: many at once, of those that were asked for since they were made.

enum { AT_ONCE = 256, LEAST_TICK_MS = 20, MOST_TICK_MS = 2000 };

static bool is_due(const stoa_kept *k, const entry *e, int64_t now_us)
{
  const bool old = k->untold && stoa_elapsed_us(e->made_us, now_us) > k->view->fresh_us / 2;
  return e->row && e->asked && e->makers == 0 && (old || e->generation != k->generation);
}

static void key_parts(const stoa_entity *entity, const entry *e, stoa_arena *arena, stoa_slice *out)
{
  const char *at = stoa_arena_copy(arena, (stoa_slice){e->key, e->key_length});
  if (entity->n_keys == 1) {
    out[0] = (stoa_slice){at, e->key_length};
    return;
  }
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    uint32_t length;
    memcpy(&length, at, sizeof length);
    out[i] = (stoa_slice){at + sizeof length, length};
    at += sizeof length + length;
  }
}

// Rows that are due, noted as those that are being made.  `from`: the bucket to begin with.
static uint32_t find_due(stoa_kept *k, uint32_t *from, int64_t now_us, stoa_arena *arena, stoa_slice *keys, missing_list *list)
{
  const uint32_t n_parts = k->view->entity->n_keys;
  pthread_mutex_lock(&k->lock);
  for (; *from < k->n_buckets && list->n < AT_ONCE; ++*from) {
    for (entry *e = k->buckets[*from]; e && list->n < AT_ONCE; e = e->next) {
      if (is_due(k, e, now_us)) {
        const missing m = {list->n, {stoa_arena_copy(arena, (stoa_slice){e->key, e->key_length}), e->key_length},
                           e->hash, k->generation, e->changes, true};
        key_parts(k->view->entity, e, arena, keys + (size_t)list->n * n_parts);
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
static void make_ahead(stoa_kept *k, const missing_list *list, const stoa_slice *keys, stoa_context *context,
                       stoa_arena *arena)
{
  const size_t n_values = (size_t)list->n * k->view->features.n;
  stoa_error ignored = {0};
  make(k, list, keys, context, arena, STOA_NEWS(arena, stoa_term, n_values + 1),
       STOA_NEWS(arena, stoa_view_row, list->n + 1), &ignored);
}

static void refresh(stoa_keep *keep, stoa_kept *k)
{
  uint32_t from = 0;
  for (bool more = true; more && !stoa_context_is_cancelled(&keep->context);) {
    stoa_arena arena;
    missing_list list = {0};
    stoa_arena_init(&arena, 0);
    stoa_slice *const keys = STOA_NEWS(&arena, stoa_slice, (size_t)AT_ONCE * k->view->entity->n_keys);
    keep->context.now_us = keep->clock.now_us(keep->clock.data);
    ask_sources(k, &keep->context, &arena);
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

// A quarter of the time within which the quickest view has to be made anew.
static int tick_ms(const stoa_keep *keep)
{
  int64_t ms = MOST_TICK_MS;
  for (uint32_t i = 0; i < keep->views.n; ++i) {
    const int64_t its = keep->views.items[i]->view->fresh_us / 8000;
    ms = its < ms ? its : ms;
  }
  return ms < LEAST_TICK_MS ? LEAST_TICK_MS : (int)ms;
}

static void *run_refresher(void *data)
{
  stoa_keep *const keep = data;
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

// ---- life

static void kept_free(stoa_kept *k)
{
  for (uint32_t i = 0; i < k->n_buckets; ++i) {
    while (k->buckets[i]) {
      drop(k, &k->buckets[i]);
    }
  }
  pthread_mutex_destroy(&k->lock);
  free(k->buckets);
  free(k->version);
  free(k);
}

static stoa_status kept_new(stoa_keep *keep, const stoa_view *view, const stoa_event_types *types, stoa_kept **out,
                            stoa_error *err)
{
  stoa_kept *const k = calloc(1, sizeof *k);
  if (k) {
    *k = (stoa_kept){.keep = keep, .view = view, .n_buckets = FIRST_BUCKETS};
    k->buckets = calloc(k->n_buckets, sizeof *k->buckets);
  }
  if (!k || !k->buckets) {
    free(k);
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the rows of view %s", view->name);
  }
  pthread_mutex_init(&k->lock, NULL);
  const stoa_status status = stoa_view_reads(view, keep->registry->project, types, &keep->arena, &k->reads, err);
  k->untold = k->reads.untold || k->reads.time;
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
  keep->registry = registry;
  keep->clock = clock;
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

void stoa_keep_free(stoa_keep *keep)
{
  if (keep && keep->refreshes) {
    stoa_context_cancel(&keep->context);
    pthread_join(keep->refresher, NULL);
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
