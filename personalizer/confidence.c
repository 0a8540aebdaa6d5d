#include "personalizer/confidence.h"
#include "graph/base/assert.h"
#include <math.h>

void stoa_confidence_begin(stoa_confidence *c, double low, double high, double alpha)
{
  STOA_ASSERT(low < high && alpha > 0 && alpha < 1);
  *c = (stoa_confidence){.low = low, .high = high, .alpha = alpha, .least = low, .most = high};
}

// What is bet on the next observation, by those before it alone.
static double next_bet(const stoa_confidence *c, double log_alpha)
{
  static const double most = 0.5;
  const double mean = (0.5 + c->sum) / (c->t + 1);
  const double seen = c->squares - 2 * mean * c->sum + mean * mean * c->t; // squares around the mean of now
  const double variance = (0.25 + (seen > 0 ? seen : 0)) / (c->t + 1), t = c->t + 1;
  const double bet = sqrt(2 * log_alpha / (variance * t * log1p(t)));
  return bet < most ? bet : most;
}

void stoa_confidence_add(stoa_confidence *c, double x)
{
  STOA_ASSERT(x >= c->low - 1e-9 * (c->high - c->low) && x <= c->high + 1e-9 * (c->high - c->low));
  const double unit = (x - c->low) / (c->high - c->low), log_alpha = log(2 / c->alpha);
  const double mean = (0.5 + c->sum) / (c->t + 1), bet = next_bet(c, log_alpha);
  c->psi += (unit - mean) * (unit - mean) * (-log1p(-bet) - bet); // 4 (x - mean)^2 psi_E(bet), psi_E with its quarter
  c->weights += bet;
  c->weighted += bet * unit;
  c->t++;
  c->sum += unit;
  c->squares += unit * unit;
  const double centre = c->weighted / c->weights, radius = (log_alpha + c->psi) / c->weights;
  const double least = c->low + (centre - radius) * (c->high - c->low), most = c->low + (centre + radius) * (c->high - c->low);
  c->least = least > c->least ? least : c->least;
  c->most = most < c->most ? most : c->most;
}

void stoa_confidence_tell(const stoa_confidence *c, double *least, double *most)
{
  *least = c->least;
  *most = c->most;
}
