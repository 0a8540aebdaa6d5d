#ifndef STOA_GRAPH_PLAN_UNIQUE_H
#define STOA_GRAPH_PLAN_UNIQUE_H

#include "graph/plan/sqlx.h"

/// May a block, or two, give a row twice?

/// True when every row of `block` is a different one, judged by keys.
bool stoa_block_unique(const stoa_block *block);
/// True when no row of `a` and of `b` can be the same.
bool stoa_blocks_disjoint(const stoa_block *a, const stoa_block *b);

#endif
