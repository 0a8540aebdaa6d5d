#ifndef STOA_PERSONALIZER_ENSEMBLE_H
#define STOA_PERSONALIZER_ENSEMBLE_H

#include "personalizer/explorer.h"
#include "personalizer/learner.h"

/// What an explorer asks: one learner, or for some explorers several, each of which has learned something else.  It is a
/// function of its options and the labels in their order.
typedef struct {
  stoa_explorer explorer;
  stoa_learner *learners;
  uint32_t n; ///< learners
  uint64_t n_learned, n_refused;
  double cost_sum;
} stoa_ensemble;

/// False when there is no memory.
bool stoa_ensemble_init(stoa_ensemble *model, const stoa_learner_options *learner, const stoa_explorer *explorer);
void stoa_ensemble_done(stoa_ensemble *model);
void stoa_ensemble_forget(stoa_ensemble *model);
void stoa_ensemble_set_rate(stoa_ensemble *model, double rate);
/// Fill all that the explorer asks for; excluded actions are left out, and stand in `scores` as such.
void stoa_ensemble_predict(const stoa_ensemble *model, const stoa_example *example, const bool *excluded,
                        stoa_scores *scores);
/// Learn that action `chosen`, which was shown with that probability, cost `cost`.
void stoa_ensemble_learn(stoa_ensemble *model, const stoa_example *example, uint32_t chosen, double probability, double cost);
/// Bytes of memory.
uint64_t stoa_ensemble_bytes(const stoa_ensemble *model);
/// As of learners: not of these options, or not whole, is false, and then it is to be forgotten.
void stoa_ensemble_write(const stoa_ensemble *model, stoa_buf *out);
bool stoa_ensemble_read(stoa_ensemble *model, stoa_slice bytes);

#endif
