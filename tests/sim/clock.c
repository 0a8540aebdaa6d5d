// The clocks of the whole program, its pauses and its random numbers, by turns.h.
#include "tests/sim/turns.h"
#include <errno.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

// The steady clock begins with the run, the calendar in 2026; a look at a clock takes a moment, so that who looks until
// a time has come sees it come.
static const int64_t calendar_ns = INT64_C(1767225600000000000), second_ns = 1000000000, look_ns = 200;

static bool is_steady(clockid_t id)
{
  return id == CLOCK_MONOTONIC || id == CLOCK_MONOTONIC_COARSE || id == CLOCK_MONOTONIC_RAW || id == CLOCK_BOOTTIME;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
  const bool is_calendar = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE;
  if (!turns_are_on() || (!is_steady(id) && !is_calendar)) {
    return (int)syscall(SYS_clock_gettime, id, out);
  }
  turns_spend(look_ns);
  const int64_t ns = turns_now() + (is_calendar ? calendar_ns : 0);
  *out = (struct timespec){ns / second_ns, ns % second_ns};
  return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t *out)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) {
    *out = now.tv_sec;
  }
  return now.tv_sec;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
  static const char pause;
  if (!turns_are_on()) {
    return (int)syscall(SYS_nanosleep, wanted, left);
  }
  turns_wait(&pause, turns_now() + wanted->tv_sec * second_ns + wanted->tv_nsec);
  return 0;
}

int usleep(useconds_t us)
{
  const struct timespec wanted = {us / 1000000, (long)(us % 1000000) * 1000};
  return nanosleep(&wanted, NULL);
}

ssize_t getrandom(void *out, size_t n_bytes, unsigned flags)
{
  if (!turns_are_on()) {
    return syscall(SYS_getrandom, out, n_bytes, flags);
  }
  for (size_t i = 0; i < n_bytes; ++i) {
    ((unsigned char *)out)[i] = (unsigned char)dice_below(turns_dice(), 256);
  }
  return (ssize_t)n_bytes;
}
