#include "graph/exec/numbers.h"
#include "graph/base/hash.h"

enum { FIRST_SLOTS = 256, MANY = 4096, LOW_BITS = 6, MIDDLE_BITS = 13, HIGH_BITS = 13 };

// ---- a few

static uint32_t slot_of(const stoa_numbers *t, uint64_t key)
{
  uint32_t at = (uint32_t)stoa_hash_mix(key) & (t->n_slots - 1);
  while (t->keys[at] && t->keys[at] != key + 1) {
    at = (at + 1) & (t->n_slots - 1);
  }
  return at;
}

static void grow(stoa_numbers *t, stoa_arena *arena)
{
  const stoa_numbers old = *t;
  t->n_slots = old.n_slots ? old.n_slots * 2 : FIRST_SLOTS;
  t->keys = STOA_NEWS(arena, uint64_t, t->n_slots);
  t->values = STOA_NEWS(arena, uint32_t, t->n_slots);
  for (uint32_t i = 0; i < old.n_slots; ++i) {
    if (old.keys[i]) {
      const uint32_t at = slot_of(t, old.keys[i] - 1);
      t->keys[at] = old.keys[i];
      t->values[at] = old.values[i];
    }
  }
}

// ---- many

static uint32_t *place_of(const stoa_numbers *t, uint32_t key, stoa_arena *arena)
{
  uint32_t ***const high = &t->pages[key >> (LOW_BITS + MIDDLE_BITS)];
  if (!*high) {
    *high = STOA_NEWS(arena, uint32_t *, 1 << MIDDLE_BITS);
  }
  uint32_t **const middle = &(*high)[key >> LOW_BITS & ((1 << MIDDLE_BITS) - 1)];
  if (!*middle) {
    *middle = STOA_NEWS(arena, uint32_t, 1 << LOW_BITS);
  }
  return &(*middle)[key & ((1 << LOW_BITS) - 1)];
}

static void turn_pages(stoa_numbers *t, stoa_arena *arena)
{
  t->pages = STOA_NEWS(arena, uint32_t **, 1 << HIGH_BITS);
  for (uint32_t i = 0; i < t->n_slots; ++i) {
    if (t->keys[i]) {
      *place_of(t, (uint32_t)(t->keys[i] - 1), arena) = t->values[i];
    }
  }
}

// Back to slots, where a long key comes after all.
static void leave_pages(stoa_numbers *t, stoa_arena *arena)
{
  uint32_t ***const pages = t->pages;
  *t = (stoa_numbers){.has_long = true};
  for (uint32_t h = 0; pages && h < 1 << HIGH_BITS; ++h) {
    for (uint32_t m = 0; pages[h] && m < 1 << MIDDLE_BITS; ++m) {
      for (uint32_t l = 0; pages[h][m] && l < 1 << LOW_BITS; ++l) {
        if (pages[h][m][l]) {
          *stoa_numbers_at(t, (uint64_t)h << (LOW_BITS + MIDDLE_BITS) | m << LOW_BITS | l, arena) = pages[h][m][l];
        }
      }
    }
  }
}

uint32_t *stoa_numbers_at(stoa_numbers *t, uint64_t key, stoa_arena *arena)
{
  if (key > UINT32_MAX && !t->has_long) {
    t->pages ? leave_pages(t, arena) : (void)(t->has_long = true);
  }
  if (t->pages) {
    return place_of(t, (uint32_t)key, arena);
  }
  if (t->n >= MANY && !t->has_long) {
    turn_pages(t, arena);
    return place_of(t, (uint32_t)key, arena);
  }
  if (t->n * 2 >= t->n_slots) {
    grow(t, arena);
  }
  const uint32_t at = slot_of(t, key);
  t->n += !t->keys[at];
  t->keys[at] = key + 1;
  return &t->values[at];
}
