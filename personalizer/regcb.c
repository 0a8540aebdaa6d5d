// How far can a cost be moved before the labels speak against it?  A label one beyond the range of costs, of weight w,
// moves a prediction f by x = s w, where s is the sensitivity of the fit, and takes w (g^2 - (g - x)^2) from it, where g
// is how far f is from the label.  The largest x whose loss is within delta = c0 log(K t) range^2, which is the root of
// x^2 (2 g - x) = s delta, bounds the cost.
//
// s is the variance of the prediction, as of a least-squares fit of features that are met apart.  That of the adaptive
// update itself (as in Vowpal Wabbit) stays large for an action whose cost never errs, such as "offer nothing", which
// would be tried for ever.
#include "personalizer/regcb.h"
#include <math.h>

// By Newton's steps from what is not below the root: 2 g - x is at least g.
static double root(double g, double target)
{
  double x = sqrt(target / g);
  if (target >= g * g * g) {
    return g;
  }
  for (int i = 0; i < 40; ++i) {
    const double by = (x * x * (2 * g - x) - target) / (x * (4 * g - 3 * x));
    x -= by;
    if (fabs(by) <= 1e-13 * x) {
      break;
    }
  }
  return x;
}

static double delta_of(const stoa_explorer *e, const stoa_scores *s, uint32_t k)
{
  const double range = s->high - s->low;
  return e->c0 * log((double)k * ((double)s->n_learned + 1)) * range * range;
}

static double reach(const stoa_scores *s, uint32_t i, double g, double delta)
{
  const double target = s->deviations[i] * s->deviations[i] * delta;
  return target > 0 ? root(g, target) : 0;
}

static double lower(const stoa_scores *s, uint32_t i, double delta)
{
  return fmax(s->costs[i] - reach(s, i, s->costs[i] - s->low + 1, delta), s->low);
}

static double higher(const stoa_scores *s, uint32_t i, double delta)
{
  return fmin(s->costs[i] + reach(s, i, s->high - s->costs[i] + 1, delta), s->high);
}

void stoa_regcb_elim(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double delta = delta_of(e, s, k);
  double least = INFINITY;
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    least = s->excluded[i] ? least : fmin(least, higher(s, i, delta));
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = !s->excluded[i] && lower(s, i, delta) <= least;
    n += out[i] > 0;
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] /= n;
  }
}

void stoa_regcb_opt(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double delta = delta_of(e, s, k);
  double lowest[STOA_MOST_ACTIONS];
  uint32_t n_ties;
  for (uint32_t i = 0; i < s->n; ++i) {
    lowest[i] = s->excluded[i] ? 0 : lower(s, i, delta);
  }
  const uint32_t best = stoa_scores_best(lowest, s->excluded, s->n, &n_ties);
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = !s->excluded[i] && lowest[i] == lowest[best] ? 1.0 / n_ties : 0;
  }
}
