#ifndef STOA_PERSONALIZER_LEARNER_H
#define STOA_PERSONALIZER_LEARNER_H

#include "personalizer/crossing.h"
#include "personalizer/option.h"

/// An online linear learner of costs over hashed features, by squared loss.  Deterministic: the same labels in the same
/// order give the same bits.
///
/// Its kinds differ in how a label moves the weights (adaptive.c, coin.c, ftrl.c); what they share is here.  A learner
/// has a pace or, in a race, several that learn the same at different rates: the one whose predictions, each made
/// before its label was learned, were best of late predicts.
typedef enum { STOA_LEARNER_ADAPTIVE, STOA_LEARNER_COIN, STOA_LEARNER_FTRL, STOA_N_LEARNERS } stoa_learner_kind;

enum { STOA_MOST_PACES = 8 };

typedef struct {
  stoa_learner_kind kind;
  double bits; ///< 2^bits weights; whole
  double rate;
  double l1, l2, beta; ///< of ftrl
  double capital;      ///< of coin
  double rates[STOA_MOST_PACES];
  uint32_t n_rates;    ///< above 0: these race, and `rate` tells nothing
  bool is_counting;    ///< it knows how often it saw each feature, for stoa_learner_score
  stoa_crossings crossings;
} stoa_learner_options;

/// What of a pace is no weight; a model keeps it, so what is added here is kept by FORMAT of learner.c.
typedef struct {
  double rate;
  double n_sum, t; ///< of the normalisation
  double loss;     ///< of its predictions, the older the less
} stoa_pace;

typedef struct {
  stoa_learner_options options;
  const struct stoa_learning *learning;
  uint32_t bits, n_floats; ///< n_floats: of each index in each pace
  uint32_t stride;         ///< floats of each index: those of all paces lie together, since a label moves them all
  float *weights; ///< [index][pace][number of its kind, and the sum of x^2 of one that counts]; the first is the weight
  stoa_pace paces[STOA_MOST_PACES];
  uint32_t n_paces, best; ///< pace: the one that predicts
  double low, high;       ///< range of the labels seen
  uint64_t n_learned;
  double cost_sum;          ///< of all labels learned
  uint64_t n_refused;       ///< labels that would have made a number of the model infinite, or none
  stoa_buf cells, before; ///< room for an update: what it touches, and what that was
  stoa_buf moves;         ///< ... and a double for each cell
} stoa_learner;

/// A way of learning: a row of the table in learner.c.
typedef struct stoa_learning {
  const char *name;
  uint32_t n_floats; ///< of each index, but for what is counted
  const stoa_option *options;
  /// What a sum of weights is multiplied by to be a prediction; NULL: 1.
  double (*scale)(const stoa_pace *pace);
  /// Learn that n cells, whose weights lie at `weights`, cost `cost` where `predicted` was predicted.
  void (*learn)(const stoa_learner *learner, stoa_pace *pace, float *weights, const stoa_crossed *cells, uint32_t n,
                double predicted, double cost, double weight);
} stoa_learning;

const stoa_learning *stoa_learner_learning(stoa_learner_kind kind);
/// Read `learner:` of a policy file (NULL: nothing was said).
stoa_status stoa_learner_options_read(const stoa_yaml *node, stoa_learner_options *out, stoa_error *err);
/// Tell them as a policy file would: "{kind: adaptive, bits: 18, rate: 0.5, interactions: [a, ca]}".
void stoa_learner_options_write(const stoa_learner_options *options, stoa_buf *out);

/// Make a learner without knowledge; false when there is no memory.
bool stoa_learner_init(stoa_learner *learner, const stoa_learner_options *options);
void stoa_learner_done(stoa_learner *learner);
/// Know nothing again.
void stoa_learner_forget(stoa_learner *learner);
/// Learn at another rate from now on; a race keeps its own.
void stoa_learner_set_rate(stoa_learner *learner, double rate);
/// Predict the cost of an action; a finite number, whatever the example.
double stoa_learner_predict(const stoa_learner *learner, const stoa_example *example, uint32_t action);
/// Predict, and tell the standard deviation of the prediction where each weight is known as well as its feature was
/// seen: by the variance 1 / (1 + sum of x^2).  Of a learner that does not count it is 0.
double stoa_learner_score(const stoa_learner *learner, const stoa_example *example, uint32_t action,
                          double *deviation);
/// Learn that `action` cost `cost`, with importance `weight`.  False: the model would not stay finite, and is what it
/// was, but for `n_refused`.
bool stoa_learner_learn(stoa_learner *learner, const stoa_example *example, uint32_t action, double cost,
                        double weight);
/// The weight of a feature of that hash in the pace that predicts, as it counts in a prediction.
double stoa_learner_weight(const stoa_learner *learner, uint64_t hash);
/// Bytes of memory that the weights take.
uint64_t stoa_learner_bytes(const stoa_learner *learner);
/// Write the model as bytes (only weights that are not 0) and read it back, bit for bit.  False when they are not
/// whole, not of these options, or hold a number that is not finite; the learner is then to be forgotten.
void stoa_learner_write(const stoa_learner *learner, stoa_buf *out);
bool stoa_learner_read(stoa_learner *learner, stoa_slice bytes);

#endif
