#ifndef STOA_SERVER_UPKEEP_H
#define STOA_SERVER_UPKEEP_H

#include "server/health.h"
#include "server/metrics.h"

/// What the owner of the state does by itself, on the writer's thread: it closes labels each second and keeps the
/// models each minute, when it also wipes what an erasure could not.  What fails is counted, told by the log and by
/// readyz, and tried again each second until it goes well.
typedef struct {
  stoa_engine *engine;
  stoa_metrics *metrics;
  stoa_health *health;       ///< NULL: nobody asks
  int64_t close_ns, save_ns; ///< steady clock; when it is due
} stoa_upkeep;

stoa_upkeep stoa_upkeep_begin(stoa_engine *engine, stoa_metrics *metrics, stoa_health *health, int64_t now_ns);
/// Do what is due at `now_ns`.
void stoa_upkeep_turn(stoa_upkeep *upkeep, int64_t now_ns);

#endif
