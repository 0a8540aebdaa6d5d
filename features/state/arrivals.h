#ifndef STOA_FEATURES_STATE_ARRIVALS_H
#define STOA_FEATURES_STATE_ARRIVALS_H

#include "graph/base/error.h"
#include <stdint.h>

/// When the records of a log came: up to which offset it was known at an instant of the past.  Read beside the owner,
/// of what was acknowledged when it was opened.
typedef struct stoa_arrivals stoa_arrivals;

/// `file` is a state database.  STOA_IO: it cannot be read.
stoa_status stoa_arrivals_open(const char *file, stoa_arrivals **out, stoa_error *err);
void stoa_arrivals_close(stoa_arrivals *arrivals);
/// The last offset that was known at an instant; 0: none was yet.  A record that bears an earlier instant than one
/// before it, because a clock was set back, came no earlier than that one.  Any thread.
stoa_status stoa_arrivals_offset(stoa_arrivals *arrivals, int64_t at_us, int64_t *out, stoa_error *err);
/// The instant of the first record; INT64_MAX: there is none.
int64_t stoa_arrivals_first(const stoa_arrivals *arrivals);

#endif
