#include "graph/base/map.h"
#include "graph/base/hash.h"

static stoa_map_slot *slot_of(const stoa_map *map, stoa_slice key, uint64_t hash)
{
  uint32_t i = (uint32_t)hash & (map->n_slots - 1);
  while (map->slots[i].value && !(map->slots[i].hash == hash && stoa_slice_equal(map->slots[i].key, key))) {
    i = (i + 1) & (map->n_slots - 1);
  }
  return &map->slots[i];
}

static uint64_t hash_of(stoa_slice key)
{
  return stoa_hash_text(0, key.data, key.length);
}

void *stoa_map_find(const stoa_map *map, stoa_slice key)
{
  return map->n ? slot_of(map, key, hash_of(key))->value : NULL;
}

static void widen(stoa_map *map, stoa_arena *arena)
{
  const stoa_map old = *map;
  map->n_slots = old.n_slots ? old.n_slots * 2 : 16;
  map->slots = STOA_NEWS(arena, stoa_map_slot, map->n_slots);
  for (uint32_t i = 0; i < old.n_slots; ++i) {
    if (old.slots[i].value) {
      *slot_of(map, old.slots[i].key, old.slots[i].hash) = old.slots[i];
    }
  }
}

void stoa_map_add(stoa_map *map, stoa_arena *arena, stoa_slice key, void *value)
{
  if (map->n * 4 >= map->n_slots * 3) {
    widen(map, arena);
  }
  const uint64_t hash = hash_of(key);
  stoa_map_slot *const slot = slot_of(map, key, hash);
  if (!slot->value) {
    slot->key = stoa_arena_slice(arena, key);
    slot->hash = hash;
    map->n++;
  }
  slot->value = value;
}
