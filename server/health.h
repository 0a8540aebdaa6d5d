#ifndef STOA_SERVER_HEALTH_H
#define STOA_SERVER_HEALTH_H

#include "server/lane.h"
#include "server/log.h"

/// What readyz tells: whether the state can be written, the sources answer, and the lanes move.  A watcher looks every
/// second; the state writer says at once when a commit fails.  Each change goes to the log.
typedef struct stoa_health stoa_health;

/// What may stand against serving: the state itself, by its commits; its labels that cannot be closed and its models that
/// cannot be kept; sources; lanes.
typedef enum {
  STOA_PART_STATE,
  STOA_PART_LABELS,
  STOA_PART_MODELS,
  STOA_PART_SOURCES,
  STOA_PART_LANES,
  STOA_N_PARTS
} stoa_health_part;

/// Start the watcher.  `lanes` may hold NULL.
stoa_status stoa_health_new(stoa_engine *engine, stoa_lane *const lanes[STOA_N_LANES], const stoa_log *log,
                            stoa_health **out, stoa_error *err);
/// End the watcher, which looks at the lanes; others may still ask and tell.
void stoa_health_stop(stoa_health *health);
void stoa_health_free(stoa_health *health);
/// What was done to the state has ended: its status, and why it failed.  NULL health: nobody asks.
void stoa_health_tell(stoa_health *health, stoa_health_part part, stoa_status status, const stoa_error *err);
/// True when the server can serve, or nobody watches (NULL); else `why` tells what stands against it, a line each.
bool stoa_health_ready(stoa_health *health, stoa_buf *why);

/// The file of the state, or NULL; ask before threads run.
const char *stoa_state_file(stoa_engine *engine);
/// Refuse a state whose file or folder cannot be written, and a disk that takes nothing any more.
stoa_status stoa_state_writable(const char *file, stoa_error *err);

#endif
