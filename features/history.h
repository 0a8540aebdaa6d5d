#ifndef STOA_FEATURES_HISTORY_H
#define STOA_FEATURES_HISTORY_H

#include "features/state/state.h"
#include "features/feature.h"

/// Training sets: features as they were.

/// An entity, and the instant at which something about it was observed.
typedef struct {
  const stoa_slice *key; ///< its parts
  int64_t at_us;
  int64_t known_offset; ///< of the engine's log, up to which it was known then (stoa_context)
  const stoa_term *inputs; ///< what came with the request, in the order of stoa_history_inputs
} stoa_observation;

/// The inputs of a service's views of kind request: each stands there as often as a view declares it.
typedef STOA_LIST(const stoa_view_input *) stoa_history_input_list;
void stoa_history_inputs(const stoa_service *service, stoa_arena *arena, stoa_history_input_list *out);

/// The service with what its views of kind request read in the place of them; the service itself where it has none.
const stoa_service *stoa_history_reads(const stoa_service *service, stoa_arena *arena);

/// Compute the features of a service for each observation as they were at its instant: out[observation][feature],
/// row-major, in `arena`.  The values are those that are served with that instant in the context, none for an entity
/// that is not known then (stoa_features_find); what is read once for many observations only saves time.
/// `context` is taken for its limits; `types` are those of the log, of which
/// a project that is opened with STOA_LOG_PAST tells what was known.
stoa_status stoa_features_history(const stoa_service *service, const stoa_project *project,
                                  const stoa_event_types *types, const stoa_observation *observations, uint32_t n,
                                  stoa_context *context, stoa_arena *arena, const stoa_term **out, stoa_error *err);
/// False for a view whose values do not depend on the instant: they are those of now, whatever instant is asked about, and
/// what has changed since leaks into a training set.
bool stoa_view_asks_when(const stoa_view *view);

#endif
