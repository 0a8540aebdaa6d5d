#ifndef STOA_PERSONALIZER_LEARNING_H
#define STOA_PERSONALIZER_LEARNING_H

#include "personalizer/learner.h"

/// The kinds of learners, each in the file of its name.
extern const stoa_learning stoa_learning_adaptive, stoa_learning_coin, stoa_learning_ftrl;

/// Where the numbers of a cell lie, of the pace that `weights` begins with.
static inline float *stoa_learning_at(const stoa_learner *l, float *weights, uint64_t hash)
{
  return weights + (hash & ((UINT64_C(1) << l->bits) - 1)) * l->stride;
}

#endif
