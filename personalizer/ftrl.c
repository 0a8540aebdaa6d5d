// Following the regularised leader, by coordinate (McMahan et al., KDD 2013): weights whose gradients say little stay 0.
// Of each index: w, Z (sum of gradients, less what they moved), A (sum of their squares).
#include "personalizer/learning.h"
#include <math.h>

enum { W, Z, A, N_FLOATS };

static double weight_of(const stoa_learner *l, const stoa_pace *pace, const float *w)
{
  const double l1 = l->options.l1;
  return fabs((double)w[Z]) <= l1
           ? 0
           : (copysign(l1, w[Z]) - w[Z]) / ((l->options.beta + sqrt(w[A])) / pace->rate + l->options.l2);
}

static void learn(const stoa_learner *l, stoa_pace *pace, float *weights, const stoa_crossed *cells, uint32_t n, double p,
                  double cost, double weight)
{
  const double slope = 2 * (p - cost) * weight;
  for (uint32_t i = 0; i < n; ++i) {
    float *const w = stoa_learning_at(l, weights, cells[i].hash);
    const double g = slope * cells[i].value;
    const double moved = (sqrt(w[A] + g * g) - sqrt(w[A])) / pace->rate;
    w[Z] += (float)(g - moved * w[W]);
    w[A] += (float)(g * g);
    w[W] = (float)weight_of(l, pace, w);
  }
}

static const stoa_option options[] = {{"bits", offsetof(stoa_learner_options, bits), 8, 24, 18, true},
                                      {"rate", offsetof(stoa_learner_options, rate), 1e-6, 100, 0.1, false},
                                      {"l1", offsetof(stoa_learner_options, l1), 0, 1e6, 0, false},
                                      {"l2", offsetof(stoa_learner_options, l2), 0, 1e6, 0, false},
                                      {"beta", offsetof(stoa_learner_options, beta), 0, 1e6, 1, false},
                                      STOA_NO_OPTION};

const stoa_learning stoa_learning_ftrl = {"ftrl", N_FLOATS, options, NULL, learn};
