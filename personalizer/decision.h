#ifndef STOA_PERSONALIZER_DECISION_H
#define STOA_PERSONALIZER_DECISION_H

#include "personalizer/layer.h"
#include "personalizer/policy.h"

/// A decision that is made but not yet on disk.
typedef struct {
  stoa_record record;
  const stoa_policy *policy;
  const stoa_service *service; ///< that told the subject's features; NULL: none did
  const stoa_slice *key;       ///< the subject's
  const stoa_term *features;   ///< [feature of the service]
} stoa_decision;

/// From the request's JSON to a decision: the subject's features come from `layer`, the rest from the caller; the event
/// id seeds the draw.  Everything lives in `arena` or in `layer`.
stoa_status stoa_decision_make(const stoa_policy *policy, const stoa_layer *layer, stoa_slice json,
                               stoa_context *context, stoa_arena *arena, stoa_decision *out, stoa_error *err);

#endif
