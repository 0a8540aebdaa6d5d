// The rows of one view by their keys: a table of lists, and a hand that goes round for room.
#include "features/kept.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include <stdlib.h>

// ---- the table; under the lock

static uint64_t size_of(const stoa_kept_entry *e)
{
  return sizeof *e + e->key_length + (e->row ? stoa_packed_size(e->row) : 0);
}

stoa_kept_entry **stoa_kept_place(const stoa_kept *k, stoa_slice key, uint64_t hash)
{
  stoa_kept_entry **at = &k->buckets[hash & (k->n_buckets - 1)];
  while (*at && ((*at)->hash != hash || (*at)->key_length != key.length || memcmp((*at)->key, key.data, key.length))) {
    at = &(*at)->next;
  }
  return at;
}

static void grow(stoa_kept *k)
{
  const uint32_t n = k->n_buckets * 2;
  stoa_kept_entry **const buckets = calloc(n, sizeof *buckets);
  if (!buckets) {
    return; // longer lists are slower, and right
  }
  for (uint32_t i = 0; i < k->n_buckets; ++i) {
    while (k->buckets[i]) {
      stoa_kept_entry *const e = k->buckets[i];
      k->buckets[i] = e->next;
      e->next = buckets[e->hash & (n - 1)];
      buckets[e->hash & (n - 1)] = e;
    }
  }
  free(k->buckets);
  k->buckets = buckets;
  k->n_buckets = n;
}

void stoa_kept_drop_row(stoa_kept *k, stoa_kept_entry *e)
{
  k->bytes -= size_of(e);
  stoa_packed_free(e->row);
  e->row = NULL;
  k->bytes += size_of(e);
}

void stoa_kept_drop_hot(stoa_kept *k, stoa_kept_entry *e)
{
  if (e->hot) {
    k->bytes -= e->hot->bytes;
    e->hot->bytes = 0; // whoever uses it still does not count it again
    stoa_hot_leave(e->hot);
    e->hot = NULL;
  }
}

void stoa_kept_drop(stoa_kept *k, stoa_kept_entry **at)
{
  stoa_kept_entry *const e = *at;
  STOA_ASSERT(e->makers == 0);
  *at = e->next;
  stoa_kept_drop_hot(k, e);
  k->bytes -= size_of(e);
  k->n--;
  stoa_packed_free(e->row);
  free(e);
}

// Make room: what was not used since the hand passed it last, and what has no row.
void stoa_kept_make_room(stoa_kept *k)
{
  for (uint32_t steps = 0; k->bytes > k->keep->most_bytes && steps < 2 * k->n_buckets; ++steps) {
    stoa_kept_entry **at = &k->buckets[k->hand++ & (k->n_buckets - 1)];
    while (*at) {
      if ((*at)->makers == 0 && (!(*at)->row || !(*at)->used)) {
        stoa_kept_drop(k, at);
      } else {
        (*at)->used = false;
        at = &(*at)->next;
      }
    }
  }
}

// The entry of a key, which is made if it is not there; NULL without memory.
stoa_kept_entry *stoa_kept_entry_of(stoa_kept *k, stoa_slice key, uint64_t hash)
{
  stoa_kept_entry **const at = stoa_kept_place(k, key, hash);
  if (*at) {
    return *at;
  }
  stoa_kept_entry *const e = calloc(1, sizeof *e + key.length);
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

void stoa_kept_set_row(stoa_kept *k, stoa_kept_entry *e, stoa_packed *row)
{
  stoa_kept_drop_row(k, e);
  k->bytes += stoa_packed_size(row);
  e->row = row;
}

// ---- keys

// All parts in one text, each with its length before it.
stoa_slice stoa_kept_key(const stoa_entity *entity, const stoa_slice *key, stoa_arena *arena)
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

uint64_t stoa_kept_hash(stoa_slice key)
{
  return stoa_hash_mix(stoa_hash_text(0, key.data, key.length));
}

void stoa_kept_parts(const stoa_entity *entity, stoa_slice text, stoa_slice *out)
{
  const char *at = text.data;
  if (entity->n_keys == 1) {
    out[0] = text;
    return;
  }
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    uint32_t length;
    memcpy(&length, at, sizeof length);
    out[i] = (stoa_slice){at + sizeof length, length};
    at += sizeof length + length;
  }
}
