// Betting on a coin, which needs no rate (Orabona and Tommasi, NeurIPS 2017, as COCOB without a sigmoid): each weight is
// a bet of its wealth on the sign of the gradients so far.  Of each index: w, Z (sum of -g), A (sum of |g|), E (earned:
// sum of -g w), M (largest |x|), L (largest |derivative of the loss|).
#include "personalizer/learning.h"
#include <math.h>

enum { W, Z, A, E, M, L, N_FLOATS };

static double bet(const stoa_learner *l, const float *w)
{
  const double most = (double)w[L] * w[M];
  return most > 0 ? (l->options.capital + w[E]) / (most * (most + w[A])) * w[Z] : 0;
}

static double scale(const stoa_pace *pace)
{
  return pace->t > 0 ? pace->t / (pace->n_sum + 1e-6) : 1;
}

static void learn(const stoa_learner *l, stoa_pace *pace, float *weights, const stoa_crossed *cells, uint32_t n, double p,
                  double cost, double weight)
{
  const double slope = 2 * (p - cost) * weight;
  double nx = 0;
  for (uint32_t i = 0; i < n; ++i) {
    float *const w = stoa_learning_at(l, weights, cells[i].hash);
    const double x = cells[i].value, g = slope * x;
    w[M] = fabs(x) > w[M] ? (float)fabs(x) : w[M];
    w[L] = fmax(fabs(slope), 1) > w[L] ? (float)fmax(fabs(slope), 1) : w[L];
    nx += w[M] > 0 ? x * x / ((double)w[M] * w[M]) : 0;
    const double was = bet(l, w); // by the largest that is known now
    w[Z] -= (float)g;
    w[A] += (float)fabs(g);
    w[E] -= (float)(g * was);
    w[W] = (float)bet(l, w);
  }
  pace->n_sum += weight * nx;
  pace->t += weight;
}

static const stoa_option options[] = {{"bits", offsetof(stoa_learner_options, bits), 8, 24, 18, true},
                                      {"capital", offsetof(stoa_learner_options, capital), 1e-6, 1e6, 4, false},
                                      STOA_NO_OPTION};

const stoa_learning stoa_learning_coin = {"coin", N_FLOATS, options, scale, learn};
