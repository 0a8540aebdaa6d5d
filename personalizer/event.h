#ifndef STOA_PERSONALIZER_EVENT_H
#define STOA_PERSONALIZER_EVENT_H

#include "features/state/state.h"
#include "graph/base/json.h"
#include "graph/base/zone.h"

/// Events and rewards: from what clients send to records of the log.

/// The type of that name, or NULL.
const stoa_event_type *stoa_event_type_find(const stoa_event_types *types, const char *name);
/// Read an event that is parsed already.
stoa_status stoa_event_of(const stoa_event_type *type, const stoa_zone *timezone, const stoa_json *object,
                          int64_t now_us, stoa_arena *arena, stoa_record *out, stoa_error *err);
/// Read an event of a declared type; texts lie in `arena`.  Times are kept in their canonical form, and those without a
/// zone are of `timezone`.
stoa_status stoa_event_read(const stoa_event_types *types, const stoa_zone *timezone, const char *name, stoa_slice json,
                            int64_t now_us, stoa_arena *arena, stoa_record *out, stoa_error *err);
/// Read a reward for an event; its texts are borrowed.
stoa_status stoa_reward_read(stoa_slice event_id, double value, stoa_slice reward_id, int64_t now_us, stoa_record *out,
                             stoa_error *err);

#endif
