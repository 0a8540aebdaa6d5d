#ifndef STOA_PERSONALIZER_BANDIT_H
#define STOA_PERSONALIZER_BANDIT_H

#include "features/state/state.h"
#include "personalizer/ensemble.h"

/// What a policy has learned: a model and the place in the log up to which it has.  Ranks read it from any thread
/// while the one who commits writes it.
typedef struct stoa_bandit stoa_bandit;

/// What it tells of itself.
typedef struct {
  uint64_t n_learned; ///< labels
  uint64_t n_refused; ///< labels that would have made the model infinite: it is what it would be without them
  uint64_t n_unknown; ///< excluded ids that no action had
  double reward_sum;  ///< of those labels
  int64_t offset;     ///< of the last of them in the log
} stoa_bandit_figures;

/// NULL when there is no memory for the weights.
stoa_bandit *stoa_bandit_new(const stoa_learner_options *learner, const stoa_explorer *explorer);
void stoa_bandit_free(stoa_bandit *bandit);
/// Learn at another rate from now on.
void stoa_bandit_set_rate(stoa_bandit *bandit, double rate);
/// Note that a request has excluded so many actions that are not there.  Any thread.
void stoa_bandit_count_unknown(stoa_bandit *bandit, uint32_t n);
/// Predict what the explorer asks for of each action that is not excluded, all by one state of the model.
void stoa_bandit_predict(stoa_bandit *bandit, const stoa_example *example, const bool *excluded, stoa_scores *scores,
                         stoa_bandit_figures *figures);
/// Learn what a decision earned that was made with `probability`, which is told at `offset` of a log; offsets rise.
void stoa_bandit_note(stoa_bandit *bandit, const stoa_example *example, uint32_t chosen, double probability,
                      double reward, int64_t offset);
/// Learn one closed label.
void stoa_bandit_learn(stoa_bandit *bandit, const stoa_record *decision, const stoa_record *label);
/// Append the model's bytes, and tell the offset that they stand for.
void stoa_bandit_write(stoa_bandit *bandit, stoa_buf *out, int64_t *offset);
/// Become the model of `bytes` at `offset`; false when these are none of its kind, and then it knows nothing.
bool stoa_bandit_read(stoa_bandit *bandit, stoa_slice bytes, int64_t offset);
stoa_bandit_figures stoa_bandit_tell(stoa_bandit *bandit);
/// What a feature of that hash adds to the reward that is predicted, for each unit of its value.
double stoa_bandit_weight(stoa_bandit *bandit, uint64_t hash);
/// Bytes of memory that the model takes.
uint64_t stoa_bandit_bytes(const stoa_bandit *bandit);

#endif
