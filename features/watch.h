#ifndef STOA_FEATURES_WATCH_H
#define STOA_FEATURES_WATCH_H

#include "features/keep.h"

/// The entities of a view with conditions (`watch:`), and which of the conditions hold for each.  What is asked for first
/// of an entity at the start tells nobody anything; from then on somebody is told when a condition turns true: because a
/// record was appended, a source has changed, or time has passed.

enum { STOA_MOST_CONDITIONS = 64 };

/// A condition has turned true.
typedef struct {
  const stoa_view *view;
  const char *condition;
  const stoa_slice *key; ///< n_keys parts, valid during the call
  int64_t at_us;         ///< the instant for which it was found to hold
} stoa_turned;

typedef struct {
  void (*told)(const stoa_turned *turned, void *data);
  void *data;
} stoa_turned_sink;

/// The watches of all views of a registry that have conditions, with a thread of their own.
typedef struct stoa_watches stoa_watches;

/// Follow all entities of these views' classes as they are now, and tell from then on.  `*out` NULL: there is nothing to
/// watch.  The keep must outlive it.
stoa_status stoa_watches_new(stoa_keep *keep, const stoa_turned_sink *sink, stoa_watches **out, stoa_error *err);
void stoa_watches_free(stoa_watches *watches);

#endif
