#ifndef STOA_GRAPH_EXEC_NUMBERS_H
#define STOA_GRAPH_EXEC_NUMBERS_H

#include "graph/base/arena.h"
#include <stdbool.h>

/// Numbers found by numbers: a group by the number that a native graph has for its key, instead of by the key's term.
/// A few are hashed.  Many that fit into 32 bits lie in pages by their value: a graph gives them in ascending order, as a
/// rule, and then each page is used up before the next.
typedef struct {
  uint64_t *keys; ///< plus 1; 0: none
  uint32_t *values;
  uint32_t n, n_slots;
  bool has_long;     ///< a key does not fit into 32 bits: all are hashed
  uint32_t ***pages; ///< by the highest, the middle and the lowest bits; NULL: hashed
} stoa_numbers;

/// Return where the value of `key` stands, which is 0 when it is new, and must be set then; `key` is less than UINT64_MAX.
/// Valid until the next call.
uint32_t *stoa_numbers_at(stoa_numbers *numbers, uint64_t key, stoa_arena *arena);

#endif
