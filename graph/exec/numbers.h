#ifndef STOA_GRAPH_EXEC_NUMBERS_H
#define STOA_GRAPH_EXEC_NUMBERS_H

#include "graph/base/arena.h"

/// Numbers found by numbers: a group by the number that a native graph has for its key, instead of by the key's term.
typedef struct {
  uint64_t *keys; ///< plus 1; 0: none
  uint32_t *values;
  uint32_t n, n_slots;
} stoa_numbers;

/// Return where the value of `key` stands, which is 0 when it is new; `key` is less than UINT64_MAX.  Valid until the
/// next call.
uint32_t *stoa_numbers_at(stoa_numbers *numbers, uint64_t key, stoa_arena *arena);

#endif
