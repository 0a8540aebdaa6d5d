#ifndef STOA_FEATURES_STATE_GLANCE_H
#define STOA_FEATURES_STATE_GLANCE_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include "graph/base/slice.h"

/// What the log says of a policy's latest decisions and labels: read from the file, beside whoever writes it.

typedef struct {
  const char *action;
  int64_t n_shown, n_labels; ///< of the latest decisions, of the latest labels
  double probability;        ///< with which it was shown, summed
  double reward;             ///< of its labels, summed
} stoa_glance_action;

typedef struct {
  int64_t n_decisions;
  double probability; ///< of what was shown, summed
  struct {
    int64_t n;
    double reward; ///< summed
  } labels, before; ///< the latest, and as many before them
  int64_t last_label_us;           ///< 0: there is none
  int64_t n_waiting, next_close_us; ///< decisions whose label is open; 0: none has one
  STOA_LIST(stoa_glance_action) actions; ///< by how often they were shown
  STOA_LIST(stoa_slice) examples;        ///< of the latest decisions, encoded; none of those that were erased
} stoa_glance;

/// Look at the latest `window` decisions and labels, among the last 200,000 records.  A state that is not there: all 0.
/// STOA_IO: it cannot be read.
stoa_status stoa_state_glance(const char *file, const char *policy, uint32_t window, stoa_arena *arena, stoa_glance *out,
                              stoa_error *err);

#endif
