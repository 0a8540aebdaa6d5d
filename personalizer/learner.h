#ifndef STOA_PERSONALIZER_LEARNER_H
#define STOA_PERSONALIZER_LEARNER_H

#include "personalizer/example.h"

/// An online linear learner of costs over hashed features: squared loss with the adaptive, normalised,
/// importance-aware update (Duchi, Hazan, Singer 2011; Ross, Mineiro, Langford 2013; Karampatziakis and
/// Langford 2011).  Deterministic: the same labels in the same order give the same bits.
typedef struct {
  uint32_t bits; ///< 2^bits weights
  double rate;
  float *weights;   ///< w, G (sum of squared gradients), N (largest |x|) for each index
  double n_sum, t;  ///< of the normalisation
  double low, high; ///< range of the labels seen
  uint64_t n_learned;
  double cost_sum;    ///< of all labels learned
  uint64_t n_refused; ///< labels that would have made a number of the model infinite, or none
  stoa_buf touched;   ///< room for what an update has changed
} stoa_learner;

/// Make a learner without knowledge; false when there is no memory.
bool stoa_learner_init(stoa_learner *learner, uint32_t bits, double rate);
void stoa_learner_done(stoa_learner *learner);
/// Know nothing again.
void stoa_learner_forget(stoa_learner *learner);
/// Predict the cost of an action; a finite number, whatever the example.
double stoa_learner_predict(const stoa_learner *learner, const stoa_example *example, uint32_t action);
/// Learn that `action` cost `cost`, with importance `weight`.  False: the model would not stay finite, and is what it
/// was, but for `n_refused`.
bool stoa_learner_learn(stoa_learner *learner, const stoa_example *example, uint32_t action, double cost,
                        double weight);
/// Write the model as bytes (only weights that are not 0) and read it back, bit for bit.  False when they are not
/// whole, not of this number of bits, or hold a number that is not finite; the learner is then to be forgotten.
void stoa_learner_write(const stoa_learner *learner, stoa_buf *out);
bool stoa_learner_read(stoa_learner *learner, stoa_slice bytes);

#endif
