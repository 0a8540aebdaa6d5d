#ifndef STOA_GRAPH_BASE_MAP_H
#define STOA_GRAPH_BASE_MAP_H

#include "graph/base/arena.h"

/// A map from text to pointer that lives in an arena; keys are copied.  Iterate over `slots`: a slot
/// without `value` is empty.
typedef struct {
  stoa_slice key;
  uint64_t hash;
  void *value;
} stoa_map_slot;

typedef struct {
  stoa_map_slot *slots;
  uint32_t n_slots, n;
} stoa_map;

/// Return the value of `key`, or NULL.
void *stoa_map_find(const stoa_map *map, stoa_slice key);
/// Set `key` to `value` (not NULL), replacing what was there.
void stoa_map_add(stoa_map *map, stoa_arena *arena, stoa_slice key, void *value);

#endif
