#ifndef STOA_FEATURES_HISTORY_H
#define STOA_FEATURES_HISTORY_H

#include "features/feature.h"
#include "features/state/state.h"

/// Training sets: features as they were.

/// An entity, and the instant at which something about it was observed.
typedef struct {
  const stoa_slice *key; ///< its parts
  int64_t at_us;
} stoa_observation;

/// The engine's log, of which a request knew no more than had come: with it an event that came late is in no row of an
/// instant before.  The project is one that reads the log as it was known (stoa_state_mapping).
typedef struct {
  const stoa_event_types *types;
  const char *file; ///< of the state
} stoa_history_log;

/// Compute the features of a service for each observation as they were at its instant: out[observation][feature],
/// row-major, in `arena`.  The values are those that are served with that instant in the context, none for an entity
/// that is not known then (stoa_features_find); what is read once for many observations only saves time.  `log` NULL: all
/// events were always known.
/// STOA_UNSUPPORTED: a view of kind request.  `context` is taken for its limits.
stoa_status stoa_features_history(const stoa_service *service, const stoa_project *project,
                                  const stoa_history_log *log, const stoa_observation *observations, uint32_t n, stoa_context *context,
                                  stoa_arena *arena, const stoa_term **out, stoa_error *err);
/// False for a view whose values do not depend on the instant: they are those of now, whatever instant is asked about, and
/// what has changed since leaks into a training set.
bool stoa_view_asks_when(const stoa_view *view);

#endif
