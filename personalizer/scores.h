#ifndef STOA_PERSONALIZER_SCORES_H
#define STOA_PERSONALIZER_SCORES_H

#include "personalizer/example.h"

/// What a model thinks of the actions of a request, by one state of it: what explorers make probabilities of.
/// Costs are rewards with the other sign.
typedef struct {
  uint32_t n;                             ///< actions
  bool excluded[STOA_MOST_ACTIONS];       ///< the others are told of below
  double costs[STOA_MOST_ACTIONS];        ///< expected
  double low, high;                       ///< range of the costs learned; 0 lies within
  uint64_t n_learned;                     ///< labels
  double deviations[STOA_MOST_ACTIONS];   ///< if asked for: of the cost, where its features are as well known as
                                          ///< they were seen
  double votes[STOA_MOST_ACTIONS];        ///< if asked for: share of several models that think it best; they sum to 1
} stoa_scores;

/// What an explorer asks for.
typedef enum {
  STOA_SCORES_COSTS = 0,
  STOA_SCORES_DEVIATIONS = 1,
  STOA_SCORES_VOTES = 2
} stoa_scores_wanted;

/// Return the first of the best actions, and how many are as good; n when all are excluded.
static inline uint32_t stoa_scores_best(const double *costs, const bool *excluded, uint32_t n, uint32_t *n_ties)
{
  uint32_t best = n;
  *n_ties = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (excluded[i] || (best < n && costs[i] > costs[best])) {
      continue;
    }
    *n_ties = best < n && costs[i] == costs[best] ? *n_ties + 1 : 1;
    best = *n_ties > 1 ? best : i;
  }
  return best;
}

#endif
