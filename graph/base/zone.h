#ifndef STOA_GRAPH_BASE_ZONE_H
#define STOA_GRAPH_BASE_ZONE_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include <stdbool.h>
#include <stdint.h>

/// A time zone: what the clocks of a place show.  By an offset, or by its name in the system's database of zones
/// (RFC 8536), with the hours of summer.  The process's own zone (TZ) is never asked, and never set.

/// A day on which clocks change, as POSIX writes it (TZ, "M3.5.0/2").
typedef struct {
  char kind;            ///< 'M' month, week and weekday; 'J' day of a year without February 29; 'D' day from 0
  int month, week, day; ///< of 'M'; else `day`
  int32_t second;       ///< of that day, by the clocks before the change
} stoa_zone_day;

typedef struct {
  const int64_t *changes; ///< seconds since 1970, UTC, ascending
  const int32_t *offsets; ///< seconds east of UTC from each change on
  uint32_t n;
  int32_t first;             ///< before the first change
  bool has_rule, has_summer; ///< what holds after the last change; the rule has two offsets
  int32_t standard, summer;
  stoa_zone_day begins, ends;
} stoa_zone;

/// The zone that is so many minutes east of UTC.
stoa_zone stoa_zone_fixed(int minutes);
/// Read a zone: "UTC", "Z", an offset such as "+01:00", or a name such as "Europe/Prague".  What it holds lies in
/// `arena`. STOA_BAD_ARG: it is none.
stoa_status stoa_zone_read(const char *text, stoa_arena *arena, stoa_zone *out, stoa_error *err);
/// The offset, in seconds east of UTC, of what clocks show at `local_us`, microseconds as if it were UTC.  A time that
/// they show twice is the earlier one; one that they leave out is read as if they had not been moved yet.
int32_t stoa_zone_offset(const stoa_zone *zone, int64_t local_us);

#endif
