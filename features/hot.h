#ifndef STOA_FEATURES_HOT_H
#define STOA_FEATURES_HOT_H

#include "features/kept.h"

/// Entities with so many events that their row is not asked for anew with each: their events are held (held.h), and of
/// an event that comes its rows alone are asked for.  Only of views where a record adds the rows that have it, and
/// changes no other (link.h), over sources that tell of their changes.

typedef struct stoa_hot_plans stoa_hot_plans;

/// The plans of a view that is such a one; *out is NULL for others.
stoa_status stoa_hot_plans_new(const stoa_view *view, const stoa_reads *reads, const stoa_project *project,
                               stoa_arena *arena, const stoa_hot_plans **out, stoa_error *err);

/// Under the lock of `kept`: an event of a type came, which reaches an entry that may be hot.
void stoa_hot_note(stoa_kept *kept, stoa_kept_entry *entry, const stoa_event_reach *reach, const stoa_record *event,
                   stoa_arena *arena);
/// Make the row of a key whose entry somebody makes: false when it has to be computed from the sources.
bool stoa_hot_make(stoa_kept *kept, const stoa_kept_missing *missing, const stoa_slice *key, stoa_context *context,
                   stoa_arena *arena, stoa_term *out, stoa_view_row *row);

#endif
