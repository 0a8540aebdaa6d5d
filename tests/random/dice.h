#ifndef STOA_TESTS_RANDOM_DICE_H
#define STOA_TESTS_RANDOM_DICE_H

#include "graph/base/hash.h"
#include <stdbool.h>
#include <stdint.h>

/// Numbers that look random, the same for the same seed.
typedef struct {
  uint64_t state;
} dice;

static inline uint32_t dice_below(dice *d, uint32_t n)
{
  d->state += UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(stoa_hash_mix(d->state) % n);
}

static inline bool dice_chance(dice *d, uint32_t percent)
{
  return dice_below(d, 100) < percent;
}

#endif
