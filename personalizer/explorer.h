#ifndef STOA_PERSONALIZER_EXPLORER_H
#define STOA_PERSONALIZER_EXPLORER_H

#include <stdbool.h>
#include <stdint.h>

/// From predicted costs to probabilities.
typedef enum { STOA_EXPLORER_SQUARECB, STOA_EXPLORER_EPSILON } stoa_explorer_kind;

typedef struct {
  stoa_explorer_kind kind;
  double gamma, exponent; ///< SquareCB: gamma * t^exponent
  double epsilon;         ///< epsilon-greedy
  double floor;           ///< share that is spread evenly, so that every propensity stays positive
} stoa_explorer;

/// Put into `out` the probabilities of n actions.  Excluded actions get 0; the others sum to 1.
/// SquareCB (Foster and Rakhlin, ICML 2020): 1 / (K + gamma (f_a - f_min)), the rest to the best.
/// `n_learned` is t.  False when every action is excluded.
bool stoa_explorer_probabilities(const stoa_explorer *explorer, const double *costs, const bool *excluded, uint32_t n,
                                 uint64_t n_learned, double *out);
/// Draw an index by `probabilities` from a seed: the same seed draws the same.
uint32_t stoa_explorer_draw(const double *probabilities, uint32_t n, uint64_t seed);
/// The seed that an event id stands for.
uint64_t stoa_explorer_seed(const char *event_id, uint64_t n_bytes);

#endif
