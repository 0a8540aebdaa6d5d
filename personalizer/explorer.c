#include "personalizer/explorer.h"
#include "graph/base/hash.h"
#include <math.h>

static uint32_t best_of(const double *costs, const bool *excluded, uint32_t n)
{
  uint32_t best = n;
  for (uint32_t i = 0; i < n; ++i) {
    if (!excluded[i] && (best == n || costs[i] < costs[best])) {
      best = i;
    }
  }
  return best;
}

static void square_cb(const stoa_explorer *e, const double *costs, const bool *excluded, uint32_t n, uint32_t k,
                      uint32_t best, uint64_t t, double *out)
{
  const double gamma = e->gamma * pow((double)t + 1, e->exponent);
  double rest = 1;
  for (uint32_t i = 0; i < n; ++i) {
    if (!excluded[i] && i != best) {
      out[i] = 1 / ((double)k + gamma * (costs[i] - costs[best]));
      rest -= out[i];
    }
  }
  out[best] = rest;
}

// Ties share the greedy part.
static void epsilon_greedy(const stoa_explorer *e, const double *costs, const bool *excluded, uint32_t n, uint32_t k,
                           uint32_t best, double *out)
{
  uint32_t ties = 0;
  for (uint32_t i = 0; i < n; ++i) {
    ties += !excluded[i] && costs[i] == costs[best];
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (!excluded[i]) {
      out[i] = e->epsilon / k + (costs[i] == costs[best] ? (1 - e->epsilon) / ties : 0);
    }
  }
}

bool stoa_explorer_probabilities(const stoa_explorer *e, const double *costs, const bool *excluded, uint32_t n,
                                 uint64_t n_learned, double *out)
{
  const uint32_t best = best_of(costs, excluded, n);
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; ++i) {
    out[i] = 0;
    k += !excluded[i];
  }
  if (best == n) {
    return false;
  }
  if (e->kind == STOA_EXPLORER_SQUARECB) {
    square_cb(e, costs, excluded, n, k, best, n_learned, out);
  } else {
    epsilon_greedy(e, costs, excluded, n, k, best, out);
  }
  for (uint32_t i = 0; i < n; ++i) {
    out[i] = excluded[i] ? 0 : (1 - e->floor) * out[i] + e->floor / k;
  }
  return true;
}

uint64_t stoa_explorer_seed(const char *event_id, uint64_t n_bytes)
{
  return stoa_hash_mix(stoa_hash_more(STOA_HASH_SEED, event_id, n_bytes));
}

uint32_t stoa_explorer_draw(const double *probabilities, uint32_t n, uint64_t seed)
{
  const double u = (double)(stoa_hash_mix(seed ^ UINT64_C(0x5851F42D4C957F2D)) >> 11) * 0x1p-53;
  double sum = 0;
  uint32_t last = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (probabilities[i] > 0) {
      sum += probabilities[i];
      last = i;
      if (u < sum) {
        return i;
      }
    }
  }
  return last;
}
