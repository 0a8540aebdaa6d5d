#include "graph/exec/numbers.h"
#include "graph/base/hash.h"

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
  t->n_slots = old.n_slots ? old.n_slots * 2 : 256;
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

uint32_t *stoa_numbers_at(stoa_numbers *t, uint64_t key, stoa_arena *arena)
{
  if (t->n * 2 >= t->n_slots) {
    grow(t, arena);
  }
  const uint32_t at = slot_of(t, key);
  t->n += !t->keys[at];
  t->keys[at] = key + 1;
  return &t->values[at];
}
