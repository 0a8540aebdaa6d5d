// A table in parts, so that those who read at once seldom meet.  An entry whose row has gone stays when the row was asked
// for: it is made anew before it is asked for again (ahead.c).
#include "features/served_table.h"
#include <stdlib.h>

enum { FIRST_BUCKETS = 4 };

struct stoa_served_entry {
  stoa_served_entry *next; ///< in its bucket
  uint64_t hash;
  stoa_served_row *row; ///< NULL: it has gone
  uint64_t epoch;       ///< of the table, before the row was made
  stoa_served_term term; ///< the row's
  bool used;            ///< since the hand has passed
  bool asked;           ///< since the row was made
  uint32_t key_length;
  char key[];
};

// ---- a part; under its lock

static stoa_served_part *part_of(struct stoa_served *s, uint64_t hash)
{
  return &s->parts[hash % STOA_SERVED_PARTS];
}

static stoa_served_entry **bucket_of(const stoa_served_part *part, uint64_t hash)
{
  return &part->buckets[hash / STOA_SERVED_PARTS & (part->n_buckets - 1)];
}

static stoa_served_entry **place_of(const stoa_served_part *part, stoa_slice key, uint64_t hash)
{
  stoa_served_entry **at = bucket_of(part, hash);
  while (*at && ((*at)->hash != hash || (*at)->key_length != key.length || memcmp((*at)->key, key.data, key.length))) {
    at = &(*at)->next;
  }
  return at;
}

static void count(struct stoa_served *s, int64_t bytes)
{
  atomic_fetch_add_explicit(&s->bytes, (unsigned long long)bytes, memory_order_relaxed);
  atomic_fetch_add_explicit(&s->room->bytes, (unsigned long long)bytes, memory_order_relaxed);
}

static void grow(struct stoa_served *s, stoa_served_part *part)
{
  const uint32_t n = part->n_buckets * 2;
  stoa_served_part grown = {.n_buckets = n};
  grown.buckets = calloc(n, sizeof *grown.buckets);
  if (!grown.buckets) {
    return; // longer lists are slower, and right
  }
  for (uint32_t i = 0; i < part->n_buckets; ++i) {
    while (part->buckets[i]) {
      stoa_served_entry *const e = part->buckets[i];
      stoa_served_entry **const to = bucket_of(&grown, e->hash);
      part->buckets[i] = e->next;
      e->next = *to;
      *to = e;
    }
  }
  free(part->buckets);
  atomic_fetch_add_explicit(&s->room->n_buckets, n - part->n_buckets, memory_order_relaxed);
  count(s, (int64_t)((n - part->n_buckets) * sizeof *part->buckets));
  part->buckets = grown.buckets;
  part->n_buckets = n;
}

static void drop_row(struct stoa_served *s, stoa_served_entry *e)
{
  if (e->row) {
    count(s, -(int64_t)stoa_served_row_size(e->row));
    stoa_served_row_leave(e->row);
    e->row = NULL;
  }
}

static void drop(struct stoa_served *s, stoa_served_part *part, stoa_served_entry **at)
{
  stoa_served_entry *const e = *at;
  *at = e->next;
  part->n--;
  drop_row(s, e);
  count(s, -(int64_t)(sizeof *e + e->key_length));
  free(e);
}

static stoa_served_entry *entry_of(struct stoa_served *s, stoa_served_part *part, stoa_slice key, uint64_t hash)
{
  stoa_served_entry **const at = place_of(part, key, hash);
  if (*at) {
    return *at;
  }
  stoa_served_entry *const e = calloc(1, sizeof *e + key.length);
  if (e) {
    e->hash = hash;
    e->key_length = (uint32_t)key.length;
    memcpy(e->key, key.data, key.length);
    *at = e;
    part->n++;
    count(s, (int64_t)(sizeof *e + key.length));
    if (part->n > part->n_buckets) {
      grow(s, part);
    }
  }
  return e;
}

// ---- room

enum { AT_ONCE = 16 }; // buckets that the hand passes under a lock

// What was not used since the hand passed it last goes.
static void pass(struct stoa_served *s, stoa_served_part *part)
{
  pthread_mutex_lock(&part->lock);
  for (uint32_t i = 0; i < AT_ONCE; ++i) {
    stoa_served_entry **at = &part->buckets[part->hand++ & (part->n_buckets - 1)];
    while (*at) {
      if ((*at)->used) {
        (*at)->used = false;
        at = &(*at)->next;
      } else {
        drop(s, part, at);
      }
    }
  }
  pthread_mutex_unlock(&part->lock);
}

static bool is_full(stoa_served_room *room)
{
  return atomic_load_explicit(&room->bytes, memory_order_relaxed) > room->most_bytes;
}

// The hand goes round through the parts of all tables, twice at most: by then all that it met is gone.
static void make_room(stoa_served_room *room)
{
  const uint32_t n = room->n_tables * STOA_SERVED_PARTS;
  const uint64_t most = 2 * (atomic_load_explicit(&room->n_buckets, memory_order_relaxed) / AT_ONCE + n);
  for (uint64_t steps = 0; is_full(room) && steps < most; ++steps) {
    const uint32_t at = atomic_fetch_add_explicit(&room->hand, 1, memory_order_relaxed) % n;
    struct stoa_served *const s = room->tables[at / STOA_SERVED_PARTS];
    pass(s, &s->parts[at % STOA_SERVED_PARTS]);
  }
}

// ---- rows

stoa_served_mark stoa_served_note(struct stoa_served *s, uint64_t hash)
{
  stoa_served_part *const part = part_of(s, hash);
  stoa_served_mark mark;
  atomic_store(&s->is_used, true);
  pthread_mutex_lock(&part->lock);
  mark.epoch = atomic_load(&s->epoch);
  mark.changes = part->changes;
  pthread_mutex_unlock(&part->lock);
  return mark;
}

bool stoa_served_put(struct stoa_served *s, stoa_slice key, uint64_t hash, stoa_served_mark mark, stoa_served_row *row)
{
  stoa_served_part *const part = part_of(s, hash);
  pthread_mutex_lock(&part->lock);
  const bool is_last = part->changes == mark.changes && atomic_load(&s->epoch) == mark.epoch;
  stoa_served_entry *const e = is_last ? entry_of(s, part, key, hash) : NULL;
  if (e) {
    drop_row(s, e);
    e->row = row;
    e->epoch = mark.epoch;
    e->term = stoa_served_row_term(row);
    e->used = true;
    e->asked = false;
    part->made++;
    count(s, (int64_t)stoa_served_row_size(row));
  }
  pthread_mutex_unlock(&part->lock);
  if (!e) {
    stoa_served_row_leave(row);
    return false;
  }
  make_room(s->room);
  return true;
}

static bool stands(const stoa_served_entry *e, int64_t now_us, uint32_t form)
{
  const stoa_served_term *const t = &e->term;
  return e->row && t->from_us <= now_us && now_us < t->until_us && (form == STOA_MOST_FORMS || t->forms >> form & 1);
}

stoa_served_row *stoa_served_look(struct stoa_served *s, stoa_slice key, uint64_t hash, int64_t now_us, uint32_t form)
{
  stoa_served_part *const part = part_of(s, hash);
  stoa_served_row *row = NULL;
  pthread_mutex_lock(&part->lock);
  stoa_served_entry *const e = *place_of(part, key, hash);
  if (e && e->epoch == atomic_load(&s->epoch) && stands(e, now_us, form)) {
    e->used = e->asked = true;
    part->found++;
    row = e->row;
    stoa_served_row_hold(row);
  }
  pthread_mutex_unlock(&part->lock);
  return row;
}

// ---- changes

// Whoever notes a key afterwards reads the rows of the view that changes once its lock is free, and so as they are then.
void stoa_served_change(struct stoa_served *s, stoa_slice key, uint64_t hash)
{
  if (!atomic_load(&s->is_used)) {
    return;
  }
  stoa_served_part *const part = part_of(s, hash);
  pthread_mutex_lock(&part->lock);
  stoa_served_entry **const at = place_of(part, key, hash);
  part->changes++;
  if (*at && (*at)->asked) {
    drop_row(s, *at);
  } else if (*at) {
    drop(s, part, at);
  }
  pthread_mutex_unlock(&part->lock);
}

void stoa_served_renew(struct stoa_served *s, stoa_slice key, uint64_t hash)
{
  if (!atomic_load(&s->is_used)) {
    return;
  }
  stoa_served_part *const part = part_of(s, hash);
  pthread_mutex_lock(&part->lock);
  stoa_served_entry **const at = place_of(part, key, hash);
  if (*at && !(*at)->asked) {
    drop(s, part, at);
  }
  pthread_mutex_unlock(&part->lock);
}

void stoa_served_change_all(struct stoa_served *s)
{
  atomic_fetch_add(&s->epoch, 1);
}

void stoa_served_forget(struct stoa_served *s, stoa_slice key, uint64_t hash)
{
  if (!atomic_load(&s->is_used)) {
    return;
  }
  stoa_served_part *const part = part_of(s, hash);
  pthread_mutex_lock(&part->lock);
  stoa_served_entry **const at = place_of(part, key, hash);
  part->changes++;
  if (*at) {
    drop(s, part, at);
  }
  pthread_mutex_unlock(&part->lock);
}

static bool ask(struct stoa_served *s, stoa_slice key, uint64_t hash, bool (*is)(const stoa_served_entry *e))
{
  stoa_served_part *const part = part_of(s, hash);
  pthread_mutex_lock(&part->lock);
  const stoa_served_entry *const e = *place_of(part, key, hash);
  const bool answer = e && is(e);
  pthread_mutex_unlock(&part->lock);
  return answer;
}

static bool has_row(const stoa_served_entry *e)
{
  return e->row;
}

static bool was_asked(const stoa_served_entry *e)
{
  return e->asked;
}

bool stoa_served_is_there(struct stoa_served *s, stoa_slice key, uint64_t hash)
{
  return ask(s, key, hash, has_row);
}

bool stoa_served_is_asked(struct stoa_served *s, stoa_slice key, uint64_t hash)
{
  return ask(s, key, hash, was_asked);
}

// ---- life

struct stoa_served *stoa_served_new(const stoa_service *service, stoa_served_room *room)
{
  struct stoa_served *const s = aligned_alloc(_Alignof(struct stoa_served), sizeof *s);
  if (!s) {
    return NULL;
  }
  memset(s, 0, sizeof *s);
  s->service = service;
  s->room = room;
  atomic_store(&s->ask_us, INT64_MIN);
  atomic_store(&s->forms, service->precompute ? room->forms->first : 0);
  pthread_mutex_init(&s->ask_lock, NULL);
  bool good = true;
  for (uint32_t i = 0; i < STOA_SERVED_PARTS; ++i) {
    stoa_served_part *const part = &s->parts[i];
    pthread_mutex_init(&part->lock, NULL);
    part->n_buckets = FIRST_BUCKETS;
    part->buckets = calloc(FIRST_BUCKETS, sizeof *part->buckets);
    good &= part->buckets != NULL;
    atomic_fetch_add_explicit(&room->n_buckets, FIRST_BUCKETS, memory_order_relaxed);
  }
  if (!good) {
    stoa_served_free(s);
    return NULL;
  }
  return s;
}

void stoa_served_free(struct stoa_served *s)
{
  if (!s) {
    return;
  }
  for (uint32_t i = 0; i < STOA_SERVED_PARTS; ++i) {
    stoa_served_part *const part = &s->parts[i];
    for (uint32_t b = 0; part->buckets && b < part->n_buckets; ++b) {
      while (part->buckets[b]) {
        drop(s, part, &part->buckets[b]);
      }
    }
    free(part->buckets);
    pthread_mutex_destroy(&part->lock);
  }
  pthread_mutex_destroy(&s->ask_lock);
  free(s);
}
