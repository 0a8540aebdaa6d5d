#ifndef STOA_FEATURES_PAST_H
#define STOA_FEATURES_PAST_H

#include "features/reads.h"

/// What a view reads of the engine's log, of which at an instant of the past only so much was known.  For a project
/// that is opened with STOA_LOG_PAST.
typedef struct {
  bool reads_log;
  bool says_when;     ///< some of its events say when they were known
  const char *silent; ///< a type of events that do not, or NULL
  /// Window views: the variables that have its events in each row, so that what was known of it can be told row by row;
  /// none, and it reads the log: it has to be asked as of each instant by itself.
  STOA_LIST(stoa_var) records;
} stoa_past;

stoa_status stoa_view_past(const stoa_view *view, const stoa_project *project, const stoa_event_types *types,
                           stoa_arena *arena, stoa_past *out, stoa_error *err);

/// When a row of a window view was known: its columns of the plan, two for each record.
typedef struct {
  uint32_t n;
  const int *columns; ///< offset and instant
} stoa_arrival_columns;

/// The plan of a window view for many entities at instants from `span_us` before the context's on, with the arrivals of
/// its records.
stoa_status stoa_past_plan(const stoa_past *past, const stoa_view *view, const stoa_project *project, int64_t span_us,
                           stoa_arena *arena, const stoa_plan **out, stoa_arrival_columns *columns, stoa_error *err);
/// Up to which offset of the log the row needs it, and from which instant on it was known, the latest of its records.
typedef struct {
  int64_t offset, known_us;
} stoa_arrival;
stoa_arrival stoa_arrival_read(const stoa_arrival_columns *columns, const stoa_batch *batch, uint32_t row);
/// Was it known to who knows the log up to `known_offset` (0: all of it)?
static inline bool stoa_arrival_is_known(const stoa_arrival *arrival, int64_t known_offset, int64_t at_us)
{
  return (known_offset == 0 || arrival->offset <= known_offset) && arrival->known_us <= at_us;
}

#endif
