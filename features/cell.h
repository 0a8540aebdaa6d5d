#ifndef STOA_FEATURES_CELL_H
#define STOA_FEATURES_CELL_H

#include "features/feature.h"
#include "graph/exec/op.h"
#include "graph/term/number.h"

/// One aggregate of a window view over some of its events: those of one window and slot.  Money is summed exactly.
/// Cells of disjoint sets of events are merged; in which order matters to a sum of doubles alone, in its last places.
struct stoa_cell {
  int64_t count, latest_us; ///< of the events that count; of DISTINCT the count of values
  stoa_number sum;
  bool failed; ///< a value that should be summed is no number
  stoa_term least, most;
  stoa_table *seen;             ///< of DISTINCT
  STOA_LIST(stoa_term) values; ///< of PERCENTILE
};

/// Let an event count for a feature.  `mark`: its term in the variable of DISTINCT.  Bytes of terms are copied to the arena.
void stoa_cell_add(stoa_cell *cell, const stoa_feature *feature, const stoa_window_event *event, stoa_term mark,
                   stoa_arena *arena);
/// Add what counts in `other`, whose terms are borrowed.
void stoa_cell_merge(stoa_cell *cell, const stoa_feature *feature, const stoa_cell *other, stoa_arena *arena);
/// The value as of an instant; unbound when no event counts, or when it has failed.
stoa_term stoa_cell_value(stoa_cell *cell, const stoa_feature *feature, int64_t now_us, stoa_arena *arena);

#endif
