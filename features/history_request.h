#ifndef STOA_FEATURES_HISTORY_REQUEST_H
#define STOA_FEATURES_HISTORY_REQUEST_H

#include "features/history.h"

/// Views of kind request in training sets: what came with a request comes with the observation, and what they read of
/// other views is as it was at its instant.

/// What was read: values[observation][feature of `service`]; stale[view of `service`][observation]: its row was older than
/// its ttl.
typedef struct {
  const stoa_service *service;
  const stoa_term *values;
  const bool *stale;
} stoa_history_read;

/// The features of `service` for each observation, out[observation][feature]: those that were read as they are, the others
/// evaluated.
stoa_status stoa_history_requests(const stoa_service *service, const stoa_history_read *read,
                                  const stoa_observation *observations, uint32_t n, stoa_context *context,
                                  stoa_arena *arena, stoa_term *out, stoa_error *err);

#endif
