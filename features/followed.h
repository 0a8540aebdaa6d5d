#ifndef STOA_FEATURES_FOLLOWED_H
#define STOA_FEATURES_FOLLOWED_H

#include "graph/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

/// Entities that are followed (watch.c): found by their keys, and taken in the order in which they are to be looked at.
/// For one thread.

/// When to look, before all that time brings: for who is looked at for the first time, or since everybody may have
/// changed; and for whom a record has named.
#define STOA_LOOK_NOW INT64_MIN
#define STOA_LOOK_FIRST (INT64_MIN + 1)
#define STOA_LOOK_NEVER INT64_MAX

/// Of the conditions that are known to hold or not, which held when it was looked at last; a bit each.
typedef struct stoa_followed {
  struct stoa_followed *next; ///< in its bucket
  uint64_t hash, known, holds;
  int64_t look_us; ///< when it is to be looked at: an instant, or one of the above
  uint32_t place;  ///< in the order, from 1; 0: it is not in it
  uint32_t round;  ///< when its class had it last; 0: a record alone has named it
  uint32_t key_length;
  char key[];
} stoa_followed;

typedef struct {
  stoa_followed **buckets;
  uint32_t n_buckets, n;
  stoa_followed **order; ///< a heap: order[i] is not after order[2 i + 1] and order[2 i + 2]
  uint32_t n_order, capacity;
} stoa_follow;

void stoa_follow_done(stoa_follow *all);
/// NULL when there is none; the one that is there or is made, NULL without memory.
stoa_followed *stoa_follow_find(const stoa_follow *all, stoa_slice key);
stoa_followed *stoa_follow_add(stoa_follow *all, stoa_slice key);
void stoa_follow_remove(stoa_follow *all, stoa_followed *one);
/// Look at it then, and not when it was to be before.
void stoa_follow_at(stoa_follow *all, stoa_followed *one, int64_t look_us);
/// The next that is to be looked at by now, taken out of the order; NULL when there is none.
stoa_followed *stoa_follow_next(stoa_follow *all, int64_t now_us);
/// All of them, in any order; `visit` may give each another time to be looked at.
void stoa_follow_each(stoa_follow *all, void (*visit)(stoa_follow *all, stoa_followed *one, void *data), void *data);

#endif
