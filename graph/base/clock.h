#ifndef STOA_GRAPH_BASE_CLOCK_H
#define STOA_GRAPH_BASE_CLOCK_H

#include <stdint.h>

/// A clock that is handed down, so that a test can stop it.  `now_us` returns microseconds since
/// 1970-01-01T00:00:00Z.
typedef struct stoa_clock {
  int64_t (*now_us)(const struct stoa_clock *clock);
  int64_t fixed_us; ///< for clocks that stand still
} stoa_clock;

/// The system's clock.
extern const stoa_clock stoa_clock_system;
/// Return a clock that stands at `us`.
stoa_clock stoa_clock_fixed(int64_t us);
/// Return nanoseconds of a clock that never goes back, for durations.
int64_t stoa_clock_steady_ns(void);
/// The same to a few milliseconds, at a fraction of the cost: for deadlines that are looked at often.
int64_t stoa_clock_coarse_ns(void);

#endif
