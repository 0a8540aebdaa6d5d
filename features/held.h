#ifndef STOA_FEATURES_HELD_H
#define STOA_FEATURES_HELD_H

#include "features/feature.h"

/// The events of one entity in a window view, held in order of time so that the row after one more event, or at a later
/// instant, costs a few tiles and not all events.  Tiles are exact: an aggregate of a whole tile is merged, the tiles
/// at the ends of a window are read event by event (the sawtooth of Chronon's tiled windows, with a tail that is exact
/// too).  Not for several threads at once.
typedef struct stoa_held stoa_held;

/// NULL without memory.  The view must outlive it.
stoa_held *stoa_held_new(const stoa_view *view);
void stoa_held_free(stoa_held *held);
/// Add an event, at its place in time; its terms are copied.  `record`: tells it from others (stoa_held_has).  False
/// without memory: it is not added.
bool stoa_held_add(stoa_held *held, const stoa_window_event *event, uint64_t record);
bool stoa_held_has(const stoa_held *held, uint64_t record);
/// Let go of events at or before an instant, as far as whole tiles go.
void stoa_held_forget(stoa_held *held, int64_t until_us);
uint64_t stoa_held_count(const stoa_held *held);
size_t stoa_held_bytes(const stoa_held *held);
/// Fold what is held into a fold of one key that nothing was added to, as of its instant.
void stoa_held_fold(stoa_held *held, stoa_window_fold *fold);

#endif
