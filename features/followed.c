// A hash table with lists, whose entries are in a binary heap as well.  What time alone never changes is not in the heap:
// looking for what is due costs nothing for millions of entities to which nothing happens.
#include "features/followed.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST = 64 };

// ---- the order

static void put(stoa_follow *all, uint32_t i, stoa_followed *one)
{
  all->order[i] = one;
  one->place = i + 1;
}

static void rise(stoa_follow *all, uint32_t i, stoa_followed *one)
{
  while (i && one->look_us < all->order[(i - 1) / 2]->look_us) {
    put(all, i, all->order[(i - 1) / 2]);
    i = (i - 1) / 2;
  }
  put(all, i, one);
}

static void sink(stoa_follow *all, uint32_t i, stoa_followed *one)
{
  for (uint32_t child = 2 * i + 1; child < all->n_order; child = 2 * i + 1) {
    child += child + 1 < all->n_order && all->order[child + 1]->look_us < all->order[child]->look_us;
    if (one->look_us <= all->order[child]->look_us) {
      break;
    }
    put(all, i, all->order[child]);
    i = child;
  }
  put(all, i, one);
}

static void take_out(stoa_follow *all, stoa_followed *one)
{
  const uint32_t i = one->place - 1;
  one->place = 0;
  stoa_followed *const last = all->order[--all->n_order];
  if (last != one) {
    i && last->look_us < all->order[(i - 1) / 2]->look_us ? rise(all, i, last) : sink(all, i, last);
  }
}

void stoa_follow_at(stoa_follow *all, stoa_followed *one, int64_t look_us)
{
  if (one->place) {
    take_out(all, one);
  }
  one->look_us = look_us;
  if (look_us != STOA_LOOK_NEVER) {
    STOA_ASSERT(all->n_order < all->capacity); // there is room for each that is in the table
    rise(all, all->n_order++, one);
  }
}

stoa_followed *stoa_follow_next(stoa_follow *all, int64_t now_us)
{
  stoa_followed *const first = all->n_order ? all->order[0] : NULL;
  if (!first || first->look_us > now_us) {
    return NULL;
  }
  take_out(all, first);
  return first;
}

// ---- the table

static uint64_t hash_of(stoa_slice key)
{
  return stoa_hash_mix(stoa_hash_text(0, key.data, key.length));
}

static stoa_followed **place_of(const stoa_follow *all, stoa_slice key, uint64_t hash)
{
  stoa_followed **at = &all->buckets[hash & (all->n_buckets - 1)];
  while (*at && ((*at)->hash != hash || (*at)->key_length != key.length || memcmp((*at)->key, key.data, key.length))) {
    at = &(*at)->next;
  }
  return at;
}

stoa_followed *stoa_follow_find(const stoa_follow *all, stoa_slice key)
{
  return all->n ? *place_of(all, key, hash_of(key)) : NULL;
}

// Twice as many buckets; longer lists, where there is no memory, are slower and right.
static bool widen(stoa_follow *all)
{
  const uint32_t n = all->n_buckets ? all->n_buckets * 2 : FIRST;
  stoa_followed **const buckets = calloc(n, sizeof *buckets);
  for (uint32_t i = 0; buckets && i < all->n_buckets; ++i) {
    while (all->buckets[i]) {
      stoa_followed *const one = all->buckets[i];
      all->buckets[i] = one->next;
      one->next = buckets[one->hash & (n - 1)];
      buckets[one->hash & (n - 1)] = one;
    }
  }
  if (buckets) {
    free(all->buckets);
    all->buckets = buckets;
    all->n_buckets = n;
  }
  return all->n_buckets > 0;
}

static bool has_room(stoa_follow *all)
{
  if (all->n == all->capacity) {
    const uint32_t wider = all->capacity ? all->capacity * 2 : FIRST;
    stoa_followed **const order = realloc(all->order, wider * sizeof *order);
    if (!order) {
      return false;
    }
    all->order = order;
    all->capacity = wider;
  }
  return all->n < all->n_buckets || widen(all);
}

stoa_followed *stoa_follow_add(stoa_follow *all, stoa_slice key)
{
  const uint64_t hash = hash_of(key);
  stoa_followed *const there = all->n ? *place_of(all, key, hash) : NULL;
  if (there || !has_room(all)) {
    return there;
  }
  stoa_followed *const one = calloc(1, sizeof *one + key.length);
  if (one) {
    one->hash = hash;
    one->look_us = STOA_LOOK_NEVER;
    one->key_length = (uint32_t)key.length;
    memcpy(one->key, key.data, key.length);
    one->next = all->buckets[hash & (all->n_buckets - 1)];
    all->buckets[hash & (all->n_buckets - 1)] = one;
    all->n++;
  }
  return one;
}

void stoa_follow_remove(stoa_follow *all, stoa_followed *one)
{
  stoa_followed **const at = place_of(all, (stoa_slice){one->key, one->key_length}, one->hash);
  STOA_ASSERT(*at == one);
  if (one->place) {
    take_out(all, one);
  }
  *at = one->next;
  all->n--;
  free(one);
}

void stoa_follow_each(stoa_follow *all, void (*visit)(stoa_follow *all, stoa_followed *one, void *data), void *data)
{
  for (uint32_t i = 0; i < all->n_buckets; ++i) {
    for (stoa_followed *one = all->buckets[i]; one; one = one->next) {
      visit(all, one, data);
    }
  }
}

void stoa_follow_done(stoa_follow *all)
{
  for (uint32_t i = 0; i < all->n_buckets; ++i) {
    while (all->buckets[i]) {
      stoa_followed *const one = all->buckets[i];
      all->buckets[i] = one->next;
      free(one);
    }
  }
  free(all->buckets);
  free(all->order);
  *all = (stoa_follow){0};
}
