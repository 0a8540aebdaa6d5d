#ifndef STOA_GRAPH_EXEC_FOLD_H
#define STOA_GRAPH_EXEC_FOLD_H

#include "graph/exec/eval.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"

/// What an aggregate knows of one group (section 18.5.1).  Sums are exact; an argument that is an error
/// makes COUNT and SAMPLE skip the row, and every other aggregate of its group an error.
typedef struct {
  int64_t count;
  bool failed;
  stoa_number sum;
  bool lasts; ///< the sum is one of durations
  stoa_duration duration;
  stoa_term term; ///< MIN, MAX, SAMPLE
  stoa_buf *text; ///< GROUP_CONCAT; of a sum: its digits where 128 bits do not hold it
} stoa_fold;

/// Begin a group; what it keeps lies in `keep`.
void stoa_fold_begin(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *keep);
/// Add the argument's value in one row, or in `weight` of them; any bound term for COUNT(*).  DISTINCT is the caller's
/// work.
void stoa_fold_add(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_term value, uint64_t weight, stoa_arena *keep,
                   stoa_arena *scratch);
/// The aggregate's value; unbound for an error.
stoa_term stoa_fold_result(const stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *scratch);

#endif
