#ifndef STOA_FEATURES_WATCH_H
#define STOA_FEATURES_WATCH_H

#include "features/keep.h"

/// The entities of a view with conditions (`watch:`), and which of the conditions hold for each.  Somebody is told when a
/// condition turns true: because a record was appended, a source has changed, or time has passed.
///
/// What holds when an entity is looked at for the first time after the start is told to nobody: it may have turned long
/// before.  An entity that its class has only later, or that a record names first, had none of the conditions before.
/// Who does not exist (a key that neither the class nor the view's own rows or events have) has no conditions.

enum { STOA_MOST_CONDITIONS = 64, STOA_MOST_FOLLOWED = 4000000 };

/// A condition has turned true.
typedef struct {
  const stoa_view *view;
  const char *condition;
  const stoa_slice *key; ///< n_keys parts, valid during the call
  int64_t at_us;         ///< the instant for which it was found to hold
} stoa_turned;

/// Who is told; from the thread that follows, which waits meanwhile.
typedef struct {
  void (*told)(const stoa_turned *turned, void *data);
  void (*failed)(const stoa_view *view, const stoa_error *err, void *data); ///< rows cannot be made now: it is tried again
  void *data;
} stoa_turned_sink;

/// The watches of all views of a registry that have conditions.
typedef struct stoa_watches stoa_watches;

/// Follow the entities of these views, and tell.  `before`: watches that have ended, or NULL; conditions that were there
/// with the same text are followed on, so that what turns meanwhile is told.  `*out` NULL: there is nothing to watch.  The
/// keep must outlive it.
stoa_status stoa_watches_new(stoa_keep *keep, const stoa_turned_sink *sink, const stoa_watches *before,
                             stoa_watches **out, stoa_error *err);
/// Do so in a thread of its own, until it ends: then nobody is told any more.
stoa_status stoa_watches_start(stoa_watches *watches, stoa_error *err);
void stoa_watches_end(stoa_watches *watches);
/// For who has no such thread: look at all that is due by the keep's clock.
void stoa_watches_look(stoa_watches *watches);
/// End it and release it.
void stoa_watches_free(stoa_watches *watches);

#endif
