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
  stoa_buf_done(&l->touched);
}

void stoa_learner_forget(stoa_learner *l)
{
  memset(l->weights, 0, ((size_t)PER_WEIGHT << l->bits) * sizeof *l->weights);
  *l = (stoa_learner){.bits = l->bits, .rate = l->rate, .weights = l->weights, .touched = l->touched};
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
  const double known = isnan(p) ? 0 : p;
  return known < l->low ? l->low : known > l->high ? l->high : known;
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

// A weight before an update; they are put back last one first, since one index may be met twice.
typedef struct {
  float *weight;
  float was[PER_WEIGHT];
} touched;

static void remember(stoa_learner *l, const cell *c)
{
  touched t = {.weight = c->weight};
  memcpy(t.was, c->weight, sizeof t.was);
  stoa_buf_add(&l->touched, (const char *)&t, sizeof t);
}

static void put_back(const stoa_buf *all)
{
  for (size_t at = all->length; at > 0; at -= sizeof(touched)) {
    touched t;
    memcpy(&t, all->data + at - sizeof t, sizeof t);
    memcpy(t.weight, t.was, sizeof t.was);
  }
}

// The pass that normalises: rescale weights whose feature has outgrown what was seen of it.
static void prepare(stoa_learner *l, const stoa_example *e, uint32_t action, double g2, double *ppu, double *nx)
{
  walk w = walk_start(l, e, action);
  cell c;
  *ppu = *nx = 0;
  while (walk_next(&w, &c)) {
    const double x = c.x, size = fabs(x);
    remember(l, &c);
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

// The pass that learns; false when a number is no longer finite.
static bool update(stoa_learner *l, const stoa_example *e, uint32_t action, double step)
{
  walk w = walk_start(l, e, action);
  cell c;
  bool finite = true;
  while (walk_next(&w, &c)) {
    if (c.weight[1] > 0 && c.weight[2] > 0) {
      c.weight[0] += (float)(step * c.x / (sqrt(c.weight[1]) * c.weight[2]));
    }
    finite &= isfinite(c.weight[0]) && isfinite(c.weight[1]) && isfinite(c.weight[2]);
  }
  return finite;
}

static bool is_finite(const stoa_learner *l)
{
  return isfinite(l->n_sum) && isfinite(l->t) && isfinite(l->low) && isfinite(l->high) && isfinite(l->cost_sum);
}

static bool learn(stoa_learner *l, const stoa_example *e, uint32_t action, double cost, double weight)
{
  l->low = cost < l->low ? cost : l->low;
  l->high = cost > l->high ? cost : l->high;
  const double p = stoa_learner_predict(l, e, action);
  double ppu, nx;
  l->n_learned++;
  l->cost_sum += cost;
  if (p == cost) {
    return is_finite(l);
  }
  prepare(l, e, action, weight * 4 * (p - cost) * (p - cost), &ppu, &nx);
  l->n_sum += weight * nx;
  l->t += weight;
  const double m = l->n_sum > 0 ? sqrt(l->t / l->n_sum) : 1;
  const double pace = ppu * m, ehp = l->rate * weight * pace;
  const double u = ehp < 1e-6 ? 2 * (cost - p) * l->rate * weight : (cost - p) * (1 - exp(-2 * ehp)) / pace;
  return update(l, e, action, u * m) && is_finite(l);
}

bool stoa_learner_learn(stoa_learner *l, const stoa_example *e, uint32_t action, double cost, double weight)
{
  const stoa_learner before = *l;
  l->touched.length = 0;
  if (isfinite(cost) && isfinite(weight) && learn(l, e, action, cost, weight)) {
    return true;
  }
  put_back(&l->touched);
  const stoa_buf room = l->touched;
  *l = before;
  l->touched = room;
  l->n_refused++;
  return false;
}

static void put(stoa_buf *out, const void *data, size_t n_bytes)
{
  stoa_buf_add(out, data, n_bytes);
}

// What stands before the weights, in this order.
#define HEADER(X)                                                                                                      \
  X(bits)                                                                                                              \
  X(n_sum)                                                                                                             \
  X(t)                                                                                                                 \
  X(low)                                                                                                               \
  X(high)                                                                                                              \
  X(n_learned)                                                                                                         \
  X(cost_sum)                                                                                                          \
  X(n_refused)

enum { FORMAT = 2 };

void stoa_learner_write(const stoa_learner *l, stoa_buf *out)
{
  const size_t start = out->length;
  stoa_buf_byte(out, FORMAT);
#define X(field) put(out, &l->field, sizeof l->field);
  HEADER(X)
#undef X
  for (uint32_t i = 0; i < UINT32_C(1) << l->bits; ++i) {
    const float *const w = l->weights + (size_t)i * PER_WEIGHT;
    if (w[0] != 0 || w[1] != 0 || w[2] != 0) {
      put(out, &i, sizeof i);
      put(out, w, PER_WEIGHT * sizeof *w);
    }
  }
  const uint64_t sum = stoa_hash_more(STOA_HASH_SEED, out->data + start, out->length - start);
  put(out, &sum, sizeof sum);
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

// The sum stands at the end: a model that was cut short is none.
static bool is_whole(stoa_slice bytes, stoa_slice *body)
{
  uint64_t sum;
  if (bytes.length < sizeof sum) {
    return false;
  }
  *body = (stoa_slice){bytes.data, bytes.length - sizeof sum};
  memcpy(&sum, bytes.data + body->length, sizeof sum);
  return stoa_hash_more(STOA_HASH_SEED, body->data, body->length) == sum;
}

bool stoa_learner_read(stoa_learner *l, stoa_slice bytes)
{
  stoa_slice rest;
  uint8_t version;
  uint32_t index;
  const uint32_t bits = l->bits;
  if (!is_whole(bytes, &rest) || !get(&rest, &version, 1) || version != FORMAT) {
    return false;
  }
#define X(field)                                                                                                       \
  if (!get(&rest, &l->field, sizeof l->field)) {                                                                       \
    l->bits = bits;                                                                                                    \
    return false;                                                                                                      \
  }
  HEADER(X)
#undef X
  const bool is_mine = l->bits == bits;
  l->bits = bits;
  if (!is_mine || !is_finite(l)) {
    return false;
  }
  while (rest.length) {
    if (!get(&rest, &index, sizeof index) || index >> bits) {
      return false;
    }
    float *const w = l->weights + (size_t)index * PER_WEIGHT;
    if (!get(&rest, w, PER_WEIGHT * sizeof *w) || !isfinite(w[0]) || !isfinite(w[1]) || !isfinite(w[2])) {
      return false;
    }
  }
  return true;
}
