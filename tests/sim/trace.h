#ifndef STOA_TESTS_SIM_TRACE_H
#define STOA_TESTS_SIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

/// What happens in a run, as lines with the simulated time: hashed, so that two runs can be compared, and printed when
/// a seed is replayed.
typedef struct {
  uint64_t hash;
  bool prints;
  char why[400]; ///< the first thing that was wrong; empty: nothing
} trace_of_run;

/// Where it goes from here on; it outlives the process.
void trace_begin(trace_of_run *run);
void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Only hashed.
void trace_number(uint64_t n);
/// Something does not hold: say so, and end this process.
_Noreturn void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

enum { TRACE_EXIT_WRONG = 3 };

#endif
