#ifndef STOA_SERVER_HUB_H
#define STOA_SERVER_HUB_H

#include "server/call.h"
#include "server/metrics.h"

/// Who is told when a condition of a feature view turns true (features/watch.h).  A subscription is a call that goes on:
/// it holds no worker and no layer, and each turn is a line of its stream,
///   NUMBER CONDITION JSON
/// which the protocol writes in its own way.  Whoever finds a turn waits for nobody: a subscriber that has more than
/// STOA_MOST_BEHIND bytes to take loses what it has not taken, and ends.

typedef struct stoa_hub stoa_hub;

/// What a call is told of; in the call's arena.
typedef struct stoa_subscription {
  const char *view, *condition; ///< condition NULL: all of the view
  const stoa_slice *keys;       ///< of these entities, n_parts for each; n_keys 0: of all
  uint32_t n_keys, n_parts;
  stoa_call *call;
  struct stoa_subscription *next, *previous;
  bool is_in; ///< at the hub
} stoa_subscription;

/// `end` is told of calls that are over.  The shared things must outlive it.
stoa_status stoa_hub_new(const stoa_shared *shared, void (*end)(stoa_call *call), stoa_hub **out, stoa_error *err);
void stoa_hub_free(stoa_hub *hub);

/// What "VIEW" or "VIEW:CONDITION" names in a layer; STOA_NOT_FOUND tells the nearest.  `*condition` NULL: all.
stoa_status stoa_hub_find(const stoa_layer *layer, const char *name, stoa_arena *arena, const stoa_view **view,
                          const char **condition, stoa_error *err);
/// Tell the call of turns from now on; it gives back its layer.  STOA_UNAVAILABLE: there are too many, or the server
/// stops.  Once it is in, it is ended by the hub: `reply.err` tells why, if not because its maker left
/// (stoa_call_cancel): STOA_LIMIT when it fell behind, STOA_NOT_FOUND when what it watches has gone by a reload,
/// STOA_UNAVAILABLE when the server stops.
stoa_status stoa_hub_add(stoa_hub *hub, stoa_call *call, stoa_error *err);
/// The sink of turns.
stoa_turned_sink stoa_hub_sink(stoa_hub *hub);
/// Another layer is current: what it has no more ends.
void stoa_hub_reloaded(stoa_hub *hub);
/// All end, and nobody comes any more.
void stoa_hub_stop(stoa_hub *hub);
/// Every name that somebody watches, each once.
void stoa_hub_names(stoa_hub *hub, void (*tell)(const char *name, uint64_t n_subscribers, void *data), void *data);

#endif
