#ifndef STOA_PERSONALIZER_STRONGEST_H
#define STOA_PERSONALIZER_STRONGEST_H

#include "personalizer/policy.h"

/// What a model goes by, in the terms of graph and request: features of decisions, and pairs of them, with what they add
/// to the predicted reward.
typedef struct {
  const char *name;  ///< "a.id=home_credit x graph.band=low"
  double weight;     ///< for each unit of its value
  double mean_value; ///< of |value|, where it was met
  uint32_t n;        ///< decisions that it was met in
} stoa_strong;

typedef STOA_LIST(stoa_strong) stoa_strongest;

/// Find the features of those encoded examples that move predictions most, the strongest first, at most `most`.
/// Examples without names (of older logs) tell nothing.
void stoa_policy_strongest(const stoa_policy *policy, const stoa_slice *examples, uint32_t n, uint32_t most,
                           stoa_arena *arena, stoa_strongest *out);

#endif
