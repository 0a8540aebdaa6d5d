#ifndef STOA_TESTS_SIM_DISK_H
#define STOA_TESTS_SIM_DISK_H

#include "tests/random/dice.h"

/// A disk that fails by a seed, as a VFS of SQLite over the real one: writes that end short, no room for a while, fsync
/// that fails, and power that goes: then what was written after the last fsync of a file is lost from some point on.
void disk_register(void); ///< it becomes the usual VFS

/// From here on faults are drawn from `d`; the power goes after `n_writes` more writes and syncs (0: never).
void disk_begin(dice *d, uint32_t n_writes);
/// No faults any more; with the power off nothing is written before `disk_restart`.
void disk_calm(void);
bool disk_is_off(void);
/// Called when the power goes, before anything else happens.
void disk_when_off(void (*act)(void));
/// Whether a write and a sync of another file would go well now.
bool disk_takes(void);
/// After the power went and all files are closed: lose what was not synced, and work again.
void disk_restart(void);
/// How many faults there were since the start.
uint64_t disk_faults(void);

#endif
