// The adaptive, normalised, importance-aware update (Duchi, Hazan, Singer 2011; Ross, Mineiro, Langford 2013;
// Karampatziakis and Langford 2011).  Of each index: w, G (sum of squared gradients), N (largest |x|).
#include "personalizer/learning.h"
#include <math.h>

enum { W, G, N, N_FLOATS };

// The pass that normalises: rescale weights whose feature has outgrown what was seen of it.  What each will move by is
// put into `moves`, for a step of 1.
static void prepare(const stoa_learner *l, float *weights, const stoa_crossed *cells, uint32_t n, double g2, double *moves,
                    double *ppu, double *nx)
{
  *ppu = *nx = 0;
  for (uint32_t i = 0; i < n; ++i) {
    float *const w = stoa_learning_at(l, weights, cells[i].hash);
    const double x = cells[i].value, size = fabs(x);
    w[G] += (float)(g2 * x * x);
    if (size > w[N]) {
      if (w[N] > 0) {
        w[W] *= (float)(w[N] / size);
      }
      w[N] = (float)size;
    }
    const bool moves_it = w[G] > 0 && w[N] > 0;
    const double of_largest = moves_it && size != w[N] ? size / w[N] : 1;
    moves[i] = moves_it ? x / (sqrt(w[G]) * w[N]) : 0;
    *ppu += x * moves[i];
    *nx += moves_it ? of_largest * of_largest : 0;
  }
}

static void move(const stoa_learner *l, float *weights, const stoa_crossed *cells, uint32_t n, const double *moves, double step)
{
  for (uint32_t i = 0; i < n; ++i) {
    stoa_learning_at(l, weights, cells[i].hash)[W] += (float)(step * moves[i]);
  }
}

static void learn(const stoa_learner *l, stoa_pace *pace, float *weights, const stoa_crossed *cells, uint32_t n, double p,
                  double cost, double weight)
{
  double *const moves = (double *)(void *)l->moves.data;
  double ppu, nx;
  if (p == cost) {
    return;
  }
  prepare(l, weights, cells, n, weight * 4 * (p - cost) * (p - cost), moves, &ppu, &nx);
  pace->n_sum += weight * nx;
  pace->t += weight;
  const double m = pace->n_sum > 0 ? sqrt(pace->t / pace->n_sum) : 1;
  const double by = ppu * m, ehp = pace->rate * weight * by; // how far the prediction moves, for each unit of the step
  const double u = ehp < 1e-6 ? 2 * (cost - p) * pace->rate * weight : (cost - p) * (1 - exp(-2 * ehp)) / by;
  move(l, weights, cells, n, moves, u * m);
}

static const stoa_option options[] = {{"bits", offsetof(stoa_learner_options, bits), 8, 24, 18, true},
                                      {"rate", offsetof(stoa_learner_options, rate), 1e-6, 100, 0.5, false},
                                      STOA_NO_OPTION};

const stoa_learning stoa_learning_adaptive = {"adaptive", N_FLOATS, options, NULL, learn};
