#ifndef STOA_SERVER_LANE_H
#define STOA_SERVER_LANE_H

#include "server/call.h"

/// Workers that take calls from a bounded queue.
typedef struct stoa_lane stoa_lane;

/// Start `n_threads` that hand each call to `work`, and perhaps a spare one for when they all stand still.
stoa_status stoa_lane_new(int n_threads, bool has_spare, unsigned capacity, void (*work)(stoa_call *call),
                          stoa_lane **out, stoa_error *err);
/// False at once when the queue is full.
bool stoa_lane_add(stoa_lane *lane, stoa_call *call);
/// How long the oldest call in the queue has waited, in nanoseconds; 0: none waits.
int64_t stoa_lane_waits_ns(stoa_lane *lane);
/// Finish what is queued and stop.
void stoa_lane_free(stoa_lane *lane);

#endif
