#ifndef STOA_SERVER_SPILL_H
#define STOA_SERVER_SPILL_H

#include "graph/base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/// What of an answer its reader has not taken yet, on disk: so that no worker, and no connection to a source, waits for
/// a slow reader.  A file without a name, in TMPDIR; all of a process together hold STOA_MOST_SPILLED bytes at most.
typedef struct {
  int fd; ///< -1: none
  uint64_t read_at, write_at;
} stoa_spill;

void stoa_spill_init(stoa_spill *spill);
void stoa_spill_done(stoa_spill *spill);
/// True when nothing is left in it.
bool stoa_spill_is_empty(const stoa_spill *spill);
/// Add bytes behind those that it has; false when they find no room, and then none is added.
bool stoa_spill_add(stoa_spill *spill, const char *bytes, size_t n_bytes);
/// Append at most `most` bytes to `out`; false when the disk fails.
bool stoa_spill_take(stoa_spill *spill, size_t most, stoa_buf *out);
/// How many bytes all of the process hold on disk now.
uint64_t stoa_spill_held(void);

#endif
