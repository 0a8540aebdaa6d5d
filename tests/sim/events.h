#ifndef STOA_TESTS_SIM_EVENTS_H
#define STOA_TESTS_SIM_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/// What happens in the world around the server, each thing at its time: bytes arrive, clients act, disks fail.  One
/// thread of turns.h does it all.

/// `act(data)` is called at a time that is not before now.  Any thread.
void events_at(int64_t ns, void (*act)(void *data), void *data);
/// Let things happen until a time; the thread that calls does them.
void events_run_until(int64_t ns);

#endif
