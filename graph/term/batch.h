#ifndef STOA_GRAPH_TERM_BATCH_H
#define STOA_GRAPH_TERM_BATCH_H

#include "graph/term/term.h"

/// How many rows an operator hands on at once.
#define STOA_BATCH_ROWS 1024U

/// Up to STOA_BATCH_ROWS rows, one column of terms per variable.  A batch owns nothing: it is valid
/// until the next call of `next` on the operator that made it.  Never empty.
typedef struct {
  uint32_t n_rows, n_columns;
  stoa_term **columns; ///< columns[variable][row]
  uint32_t *const *ids;    ///< where a native graph gave the terms: its number for each, 0 for unbound; or NULL
  const uint64_t *weights; ///< how many equal rows each one stands for, where the plan allows it; NULL: one each
} stoa_batch;

/// Make room for full batches of `n_columns`.
void stoa_batch_init(stoa_batch *batch, uint32_t n_columns, stoa_arena *arena);

#endif
