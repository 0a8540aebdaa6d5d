#ifndef STOA_FEATURES_PENDING_H
#define STOA_FEATURES_PENDING_H

#include "features/held.h"
#include <pthread.h>

/// The events of one entity that are held for the rows of a view (hot.h), and those of which it is known that they came.

typedef struct {
  char *iri;
  bool perhaps; ///< what was read from the source may have it
} stoa_pending;

typedef struct {
  stoa_pending *items;
  uint32_t n, capacity;
} stoa_pendings;

/// False without memory.
bool stoa_pendings_push(stoa_pendings *pendings, stoa_slice iri, bool perhaps);
void stoa_pendings_done(stoa_pendings *pendings);

typedef struct stoa_hot {
  // under the lock of the view's rows
  uint64_t generation;
  uint32_t n_users; ///< the entry, and those who make its row
  bool reads_all;   ///< somebody reads all events now
  size_t bytes;     ///< as they are counted
  stoa_pendings pending; ///< in the order of the log
  // under its own
  pthread_mutex_t lock;
  stoa_held *held; ///< NULL: not read yet
  int64_t read_us; ///< as of when
} stoa_hot;

/// With one user; NULL without memory.
stoa_hot *stoa_hot_new(uint64_t generation);
/// Under the lock of the view's rows: one user less; the last one frees it.
void stoa_hot_leave(stoa_hot *hot);

#endif
