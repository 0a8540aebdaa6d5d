// Costs are drawn independently from N(cost, (alpha deviation)^2).  That a is the least one has the probability of the
// integral over x of density_a(x) times the product over all others b of P(cost_b > x), which is taken over pieces
// between the points where a curve bends, by Gauss and Legendre's eight points in each.
#include "personalizer/thompson.h"
#include <math.h>
#include <stdlib.h>

enum { BENDS = 9, NODES = 8 };

typedef struct {
  double mean[STOA_MOST_ACTIONS], deviation[STOA_MOST_ACTIONS];
  uint32_t action[STOA_MOST_ACTIONS], n; ///< those that may be the least
} contenders;

// An action eight deviations above what another certainly is below has no chance.
static void choose(const stoa_explorer *e, const stoa_scores *s, contenders *out)
{
  double all[STOA_MOST_ACTIONS], least = INFINITY;
  for (uint32_t i = 0; i < s->n; ++i) {
    all[i] = fmax(e->alpha * s->deviations[i], 1e-9);
    least = s->excluded[i] ? least : fmin(least, s->costs[i] + 8 * all[i]);
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    if (!s->excluded[i] && s->costs[i] - 8 * all[i] <= least) {
      out->mean[out->n] = s->costs[i];
      out->deviation[out->n] = all[i];
      out->action[out->n++] = i;
    }
  }
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static uint32_t bends_of(const contenders *c, double *out)
{
  static const double at[BENDS] = {-8, -4, -2, -1, 0, 1, 2, 4, 8};
  for (uint32_t i = 0; i < c->n; ++i) {
    for (uint32_t k = 0; k < BENDS; ++k) {
      out[i * BENDS + k] = c->mean[i] + at[k] * c->deviation[i];
    }
  }
  qsort(out, (size_t)c->n * BENDS, sizeof *out, by_size);
  return c->n * BENDS;
}

// Add what a point of that weight gives each of them: products of what stands before it and behind it.
static void add_point(const contenders *c, double x, double weight, double *sums)
{
  double above[STOA_MOST_ACTIONS], before[STOA_MOST_ACTIONS], product = 1;
  for (uint32_t i = 0; i < c->n; ++i) {
    above[i] = erfc((x - c->mean[i]) / c->deviation[i] * M_SQRT1_2) / 2;
    before[i] = product;
    product *= above[i];
  }
  product = weight / (sqrt(2 * M_PI));
  for (uint32_t i = c->n; i > 0; --i) {
    const double z = (x - c->mean[i - 1]) / c->deviation[i - 1];
    sums[i - 1] += exp(-z * z / 2) / c->deviation[i - 1] * before[i - 1] * product;
    product *= above[i - 1];
  }
}

static void add_piece(const contenders *c, double from, double to, double *sums)
{
  static const double at[NODES / 2] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363},
                      weight[NODES / 2] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                           0.1012285362903763};
  const double middle = (from + to) / 2, half = (to - from) / 2;
  for (uint32_t k = 0; k < NODES / 2; ++k) {
    add_point(c, middle - half * at[k], half * weight[k], sums);
    add_point(c, middle + half * at[k], half * weight[k], sums);
  }
}

void stoa_thompson(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  contenders c = {.n = 0};
  double bends[STOA_MOST_ACTIONS * BENDS], sums[STOA_MOST_ACTIONS] = {0}, all = 0;
  (void)k;
  choose(e, s, &c);
  const uint32_t n = bends_of(&c, bends);
  for (uint32_t i = 1; i < n; ++i) {
    if (bends[i] > bends[i - 1]) {
      add_piece(&c, bends[i - 1], bends[i], sums);
    }
  }
  for (uint32_t i = 0; i < c.n; ++i) {
    all += sums[i];
  }
  for (uint32_t i = 0; i < c.n; ++i) {
    out[c.action[i]] = sums[i] / all;
  }
}
