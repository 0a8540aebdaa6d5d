#include "graph/term/batch.h"

void stoa_batch_init(stoa_batch *batch, uint32_t n_columns, stoa_arena *arena)
{
  batch->n_rows = 0;
  batch->n_columns = n_columns;
  batch->columns = STOA_NEWS(arena, stoa_term *, n_columns);
  for (uint32_t i = 0; i < n_columns; ++i) {
    batch->columns[i] = stoa_arena_raw(arena, STOA_BATCH_ROWS * sizeof(stoa_term));
  }
}
