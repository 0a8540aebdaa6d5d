#ifndef STOA_FEATURES_KEEP_H
#define STOA_FEATURES_KEEP_H

#include "features/feature.h"
#include "features/state/state.h"

/// Rows of views that are kept between requests.
///
/// A view that declares `freshness: DURATION` is answered from rows that were made before, as long as they are the
/// answer at this instant, or at one that is no longer past than this duration:
///  - a record of the log that can change a row is seen by the next request, whatever the duration (reads.h);
///  - an event that leaves a window, or comes into it, is seen when it does;
///  - changes in sources, and what a query makes of the instant by itself, are seen after the duration at the latest.
/// A view without it, or with `freshness: live`, keeps nothing.  All of it may be called by any thread.
typedef struct stoa_keep stoa_keep;

/// The clock of who asks: microseconds since 1970.
typedef struct {
  int64_t (*now_us)(const void *data);
  const void *data;
} stoa_keep_clock;

/// Keep rows of the registry's views from here on, `most_bytes` in all; those that are not used go first.  The registry
/// and the types must outlive it.
stoa_status stoa_keep_new(stoa_registry *registry, const stoa_event_types *types, uint64_t most_bytes,
                          stoa_keep_clock clock, stoa_keep **out, stoa_error *err);
/// Keep rows of services too from here on (served.h), as texts in these forms; before anybody asks, and before
/// stoa_keep_start.  They take a quarter of the memory; the forms must outlive it.
stoa_status stoa_keep_serve(stoa_keep *keep, const stoa_value_forms *forms, stoa_error *err);
/// Make the rows of services that say `precompute: true`, and from then on those that are asked for before they are too
/// old, in a thread of its own.
stoa_status stoa_keep_start(stoa_keep *keep, stoa_error *err);
void stoa_keep_free(stoa_keep *keep);
/// A number that no other keep of the process has.
uint64_t stoa_keep_serial(const stoa_keep *keep);
/// Hold the events of entities that have at least so many in the windows of a view, so that their row after one more
/// costs as little as anybody's; 256 if nothing is said.  Say it before rows are asked for.
void stoa_keep_hold(stoa_keep *keep, uint64_t least_events);
/// Records were appended to the log: rows that they can change are made anew when they are asked for.
void stoa_keep_appended(stoa_keep *keep, const stoa_record *records, size_t n);

/// What is kept of a view now.
typedef struct {
  uint64_t rows, bytes;
  uint64_t found, made; ///< rows that were served as they were kept, and that were made anew; since the start
  uint64_t folded;      ///< of those that were made: from events that are held
} stoa_kept_size;
stoa_kept_size stoa_kept_measure(const stoa_view *view);
/// False when a row of the view may be served that is as of an earlier instant, though no other source has changed.
bool stoa_kept_is_exact(const stoa_view *view);

/// The rows of a view of kind query or window, as stoa_view_compute gives them: from what is kept, and computed.
/// `wanted`: the features that are read, of which others may stay unbound; NULL: all.
stoa_status stoa_kept_rows(const stoa_view *view, const stoa_slice *keys, uint32_t n_keys, const bool *wanted,
                           stoa_context *context, stoa_arena *arena, stoa_term *out, stoa_view_row *rows,
                           stoa_error *err);

#endif
