#include "personalizer/learner.h"
#include "graph/base/hash.h"
#include <math.h>
#include <stdlib.h>

enum { PER_WEIGHT = 3 };

bool stoa_learner_init(stoa_learner *l, uint32_t bits, double rate)
{
  *l = (stoa_learner){.bits = bits, .rate = rate};
  l->weights = calloc((size_t)PER_WEIGHT << bits, sizeof *l->weights);
  return l->weights != NULL;
}

void stoa_learner_done(stoa_learner *l)
{
  free(l->weights);
  l->weights = NULL;
}

void stoa_learner_forget(stoa_learner *l)
{
  float *const weights = l->weights;
  memset(weights, 0, ((size_t)PER_WEIGHT << l->bits) * sizeof *weights);
  *l = (stoa_learner){.bits = l->bits, .rate = l->rate, .weights = weights};
}

// Walk over every feature of (context, action): a constant, the action's own features, and each
// pair of a context and an action feature, with the product as value.
typedef struct {
  float *weight; ///< points to w, G, N
  double x;
} cell;

typedef struct {
  const stoa_learner *learner;
  const stoa_example *example;
  const stoa_hashed_list *action;
  uint32_t i, k; ///< i: 0 is the constant context feature
} walk;

static bool walk_next(walk *w, cell *out)
{
  if (w->k >= w->action->n) {
    return false;
  }
  const stoa_hashed *const a = &w->action->items[w->k];
  uint64_t hash = a->hash;
  double value = a->value;
  if (w->i > 0) {
    const stoa_hashed *const c = &w->example->context.items[w->i - 1];
    hash = stoa_hash_mix(a->hash * UINT64_C(0x9E3779B97F4A7C15) + c->hash);
    value *= c->value;
  }
  if (w->i++ == w->example->context.n) {
    w->i = 0;
    w->k++;
  }
  const uint64_t index = hash & ((UINT64_C(1) << w->learner->bits) - 1);
  *out = (cell){w->learner->weights + index * PER_WEIGHT, value};
  return true;
}

static walk walk_start(const stoa_learner *l, const stoa_example *e, uint32_t action)
{
  return (walk){l, e, &e->actions[action].features, 0, 0};
}

static double clip(const stoa_learner *l, double p)
{
  return p < l->low ? l->low : p > l->high ? l->high : p;
}

double stoa_learner_predict(const stoa_learner *l, const stoa_example *e, uint32_t action)
{
  walk w = walk_start(l, e, action);
  double sum = 0;
  cell c;
  while (walk_next(&w, &c)) {
    sum += c.weight[0] * c.x;
  }
  return clip(l, sum);
}

// The pass that normalises: rescale weights whose feature has outgrown what was seen of it.
static void prepare(stoa_learner *l, const stoa_example *e, uint32_t action, double g2, double *ppu, double *nx)
{
  walk w = walk_start(l, e, action);
  cell c;
  *ppu = *nx = 0;
  while (walk_next(&w, &c)) {
    const double x = c.x, size = fabs(x);
    c.weight[1] += (float)(g2 * x * x);
    if (size > c.weight[2]) {
      if (c.weight[2] > 0) {
        c.weight[0] *= (float)(c.weight[2] / size);
      }
      c.weight[2] = (float)size;
    }
    if (c.weight[1] > 0 && c.weight[2] > 0) {
      const double s = 1 / (sqrt(c.weight[1]) * c.weight[2]);
      *ppu += x * x * s;
      *nx += x * x / ((double)c.weight[2] * c.weight[2]);
    }
  }
}

void stoa_learner_learn(stoa_learner *l, const stoa_example *e, uint32_t action, double cost, double weight)
{
  l->low = cost < l->low ? cost : l->low;
  l->high = cost > l->high ? cost : l->high;
  const double p = stoa_learner_predict(l, e, action);
  double ppu, nx;
  l->n_learned++;
  l->cost_sum += cost;
  if (p == cost) {
    return;
  }
  prepare(l, e, action, weight * 4 * (p - cost) * (p - cost), &ppu, &nx);
  l->n_sum += weight * nx;
  l->t += weight;
  const double m = l->n_sum > 0 ? sqrt(l->t / l->n_sum) : 1;
  const double pace = ppu * m, ehp = l->rate * weight * pace;
  const double u = ehp < 1e-6 ? 2 * (cost - p) * l->rate * weight : (cost - p) * (1 - exp(-2 * ehp)) / pace;
  walk w = walk_start(l, e, action);
  cell c;
  while (walk_next(&w, &c)) {
    if (c.weight[1] > 0 && c.weight[2] > 0) {
      c.weight[0] += (float)(u * m * c.x / (sqrt(c.weight[1]) * c.weight[2]));
    }
  }
}

static void put(stoa_buf *out, const void *data, size_t n_bytes)
{
  stoa_buf_add(out, data, n_bytes);
}

void stoa_learner_write(const stoa_learner *l, stoa_buf *out)
{
  const uint8_t version = 1;
  put(out, &version, 1);
  put(out, &l->bits, sizeof l->bits);
  put(out, &l->n_sum, sizeof l->n_sum);
  put(out, &l->t, sizeof l->t);
  put(out, &l->low, sizeof l->low);
  put(out, &l->high, sizeof l->high);
  put(out, &l->n_learned, sizeof l->n_learned);
  put(out, &l->cost_sum, sizeof l->cost_sum);
  for (uint32_t i = 0; i < UINT32_C(1) << l->bits; ++i) {
    const float *const w = l->weights + (size_t)i * PER_WEIGHT;
    if (w[0] != 0 || w[1] != 0 || w[2] != 0) {
      put(out, &i, sizeof i);
      put(out, w, PER_WEIGHT * sizeof *w);
    }
  }
}

static bool get(stoa_slice *rest, void *data, size_t n_bytes)
{
  if (rest->length < n_bytes) {
    return false;
  }
  memcpy(data, rest->data, n_bytes);
  *rest = (stoa_slice){rest->data + n_bytes, rest->length - n_bytes};
  return true;
}

bool stoa_learner_read(stoa_learner *l, stoa_slice bytes)
{
  uint8_t version;
  uint32_t bits, index;
  if (!get(&bytes, &version, 1) || version != 1 || !get(&bytes, &bits, sizeof bits) || bits != l->bits ||
      !get(&bytes, &l->n_sum, sizeof l->n_sum) || !get(&bytes, &l->t, sizeof l->t) ||
      !get(&bytes, &l->low, sizeof l->low) || !get(&bytes, &l->high, sizeof l->high) ||
      !get(&bytes, &l->n_learned, sizeof l->n_learned) || !get(&bytes, &l->cost_sum, sizeof l->cost_sum)) {
    return false;
  }
  while (bytes.length) {
    if (!get(&bytes, &index, sizeof index) || index >> l->bits ||
        !get(&bytes, l->weights + (size_t)index * PER_WEIGHT, PER_WEIGHT * sizeof *l->weights)) {
      return false;
    }
  }
  return true;
}
