#include "graph/base/clock.h"
#include <time.h>

static int64_t system_now(const stoa_clock *clock)
{
  (void)clock;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t fixed_now(const stoa_clock *clock)
{
  return clock->fixed_us;
}

const stoa_clock stoa_clock_system = {system_now, 0};

stoa_clock stoa_clock_fixed(int64_t us)
{
  return (stoa_clock){fixed_now, us};
}

int64_t stoa_clock_steady_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t stoa_clock_coarse_ns(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
