#include "personalizer/ensemble.h"
#include "graph/base/hash.h"
#include <math.h>
#include <stdlib.h>

static bool is_cover(const stoa_ensemble *m)
{
  return m->explorer.kind == STOA_EXPLORER_COVER || m->explorer.kind == STOA_EXPLORER_COVER_NU;
}

static unsigned wanted(const stoa_ensemble *m)
{
  return stoa_explorer_class_of(m->explorer.kind)->wanted;
}

bool stoa_ensemble_init(stoa_ensemble *m, const stoa_learner_options *learner, const stoa_explorer *explorer)
{
  stoa_learner_options options = *learner;
  *m = (stoa_ensemble){.explorer = *explorer};
  options.is_counting = wanted(m) & STOA_SCORES_DEVIATIONS;
  const uint32_t n = wanted(m) & STOA_SCORES_VOTES ? (uint32_t)explorer->models : 1;
  m->learners = calloc(n, sizeof *m->learners);
  for (bool good = m->learners; good && m->n < n; m->n += good) {
    good = stoa_learner_init(&m->learners[m->n], &options);
  }
  if (m->n < n) {
    stoa_ensemble_done(m);
    return false;
  }
  return true;
}

void stoa_ensemble_done(stoa_ensemble *m)
{
  for (uint32_t i = 0; i < m->n; ++i) {
    stoa_learner_done(&m->learners[i]);
  }
  free(m->learners);
  *m = (stoa_ensemble){.n = 0};
}

void stoa_ensemble_forget(stoa_ensemble *m)
{
  for (uint32_t i = 0; i < m->n; ++i) {
    stoa_learner_forget(&m->learners[i]);
  }
  m->n_learned = m->n_refused = 0;
  m->cost_sum = 0;
}

void stoa_ensemble_set_rate(stoa_ensemble *m, double rate)
{
  for (uint32_t i = 0; i < m->n; ++i) {
    stoa_learner_set_rate(&m->learners[i], rate);
  }
}

uint64_t stoa_ensemble_bytes(const stoa_ensemble *m)
{
  uint64_t sum = 0;
  for (uint32_t i = 0; i < m->n; ++i) {
    sum += stoa_learner_bytes(&m->learners[i]);
  }
  return sum;
}

// ---- predictions

static void predict_with(const stoa_learner *l, const stoa_example *e, const bool *excluded, double *costs)
{
  for (uint32_t i = 0; i < e->n_actions; ++i) {
    costs[i] = excluded[i] ? 0 : stoa_learner_predict(l, e, i);
  }
}

static void add_votes(const double *costs, const bool *excluded, uint32_t n, double share, double *votes)
{
  uint32_t n_ties;
  const uint32_t best = stoa_scores_best(costs, excluded, n, &n_ties);
  for (uint32_t i = 0; best < n && i < n; ++i) {
    votes[i] += !excluded[i] && costs[i] == costs[best] ? share / n_ties : 0;
  }
}

// The costs of a bag are the mean of its models'; those of a cover its first one's, which alone estimates them.
static void predict_votes(const stoa_ensemble *m, const stoa_example *e, stoa_scores *s)
{
  double costs[STOA_MOST_ACTIONS];
  memset(s->votes, 0, sizeof s->votes);
  add_votes(s->costs, s->excluded, s->n, 1.0 / m->n, s->votes);
  for (uint32_t k = 1; k < m->n; ++k) {
    predict_with(&m->learners[k], e, s->excluded, costs);
    add_votes(costs, s->excluded, s->n, 1.0 / m->n, s->votes);
    for (uint32_t i = 0; i < s->n && !is_cover(m); ++i) {
      s->costs[i] += (costs[i] - s->costs[i]) / (k + 1);
    }
  }
}

void stoa_ensemble_predict(const stoa_ensemble *m, const stoa_example *e, const bool *excluded, stoa_scores *s)
{
  const stoa_learner *const l = &m->learners[0];
  s->n = e->n_actions;
  memcpy(s->excluded, excluded, s->n * sizeof *s->excluded);
  s->low = l->low;
  s->high = l->high;
  s->n_learned = m->n_learned;
  for (uint32_t i = 0; i < s->n; ++i) {
    s->costs[i] = excluded[i] ? 0 : stoa_learner_score(l, e, i, &s->deviations[i]);
  }
  if (wanted(m) & STOA_SCORES_VOTES) {
    predict_votes(m, e, s);
  }
}

// ---- learning

// How often a model of the bag learns a label: from a Poisson distribution of mean 1 (Oza and Russell, 2001), by the
// number of the label, so that the log gives the same again.  The first learns each once.
static uint32_t poisson(uint64_t label, uint32_t k)
{
  const double u = (double)(stoa_hash_mix(label * 64 + k + UINT64_C(0x9E3779B97F4A7C15)) >> 11) * 0x1p-53;
  double p = exp(-1), sum = p;
  uint32_t n = 0;
  while (k && u >= sum && n < 16) {
    p /= ++n;
    sum += p;
  }
  return k ? n : 1;
}

static bool learn_bag(stoa_ensemble *m, const stoa_example *e, uint32_t chosen, double cost)
{
  bool good = true;
  for (uint32_t k = 0; k < m->n; ++k) {
    const uint32_t times = m->n > 1 ? poisson(m->n_learned, k) : 1;
    good &= !times || stoa_learner_learn(&m->learners[k], e, chosen, cost, times);
  }
  return good;
}

// The first model regresses.  Each of the others learns what an unbiased estimate (doubly robust, Dudik, Langford, Li
// 2011) says that every action costs, less a bonus for those that the models before it do not vote for.
static bool learn_cover(stoa_ensemble *m, const stoa_example *e, uint32_t chosen, double probability, double cost)
{
  static const bool none[STOA_MOST_ACTIONS];
  double estimates[STOA_MOST_ACTIONS], costs[STOA_MOST_ACTIONS], votes[STOA_MOST_ACTIONS] = {0};
  const uint32_t n = e->n_actions;
  const double k = n, t = (double)m->n_learned + 1, share = 1.0 / m->n;
  const double least = m->explorer.epsilon * fmin(1 / k, 1 / sqrt(t * k));
  bool good = true;
  predict_with(&m->learners[0], e, none, estimates);
  add_votes(estimates, none, n, share, votes);
  estimates[chosen] += (cost - estimates[chosen]) / fmax(probability, 1e-3);
  double norm = least * k + share;
  good &= stoa_learner_learn(&m->learners[0], e, chosen, cost, 1);
  for (uint32_t i = 1; i < m->n; ++i) {
    predict_with(&m->learners[i], e, none, costs);
    for (uint32_t a = 0; a < n; ++a) {
      const double bonus = m->explorer.psi * least * norm / fmax(votes[a], least);
      good &= stoa_learner_learn(&m->learners[i], e, a, estimates[a] - bonus, 1);
    }
    add_votes(costs, none, n, share, votes);
    norm += share;
  }
  return good;
}

void stoa_ensemble_learn(stoa_ensemble *m, const stoa_example *e, uint32_t chosen, double probability, double cost)
{
  const bool good = is_cover(m) ? learn_cover(m, e, chosen, probability, cost) : learn_bag(m, e, chosen, cost);
  m->n_learned += good;
  m->cost_sum += good ? cost : 0;
  m->n_refused += !good;
}

// ---- bytes: the learners' one after another, each with its length, and what the model counts

static void put(stoa_buf *out, const void *data, size_t n_bytes)
{
  stoa_buf_add(out, data, n_bytes);
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

#define FIELDS(X) X(n) X(n_learned) X(n_refused) X(cost_sum)

// How a model learns hangs on what its explorer is, where there are several learners.
static void write_shape(const stoa_ensemble *m, stoa_buf *out)
{
  if (m->n > 1) {
    stoa_explorer_write(&m->explorer, out);
  }
  stoa_buf_byte(out, '\0');
}

void stoa_ensemble_write(const stoa_ensemble *m, stoa_buf *out)
{
  const size_t start = out->length;
  write_shape(m, out);
#define X(field) put(out, &m->field, sizeof m->field);
  FIELDS(X)
#undef X
  for (uint32_t i = 0; i < m->n; ++i) {
    stoa_buf bytes = {0};
    stoa_learner_write(&m->learners[i], &bytes);
    const uint64_t length = bytes.length;
    put(out, &length, sizeof length);
    put(out, bytes.data, bytes.length);
    stoa_buf_done(&bytes);
  }
  const uint64_t sum = stoa_hash_more(STOA_HASH_SEED, out->data + start, out->length - start);
  put(out, &sum, sizeof sum);
}

static bool read_shape(const stoa_ensemble *m, stoa_slice *rest)
{
  stoa_buf mine = {0};
  write_shape(m, &mine);
  const bool is_mine = rest->length >= mine.length && memcmp(rest->data, mine.data, mine.length) == 0;
  if (is_mine) {
    *rest = (stoa_slice){rest->data + mine.length, rest->length - mine.length};
  }
  stoa_buf_done(&mine);
  return is_mine;
}

static bool read_learners(stoa_ensemble *m, stoa_slice *rest)
{
  for (uint32_t i = 0; i < m->n; ++i) {
    uint64_t length;
    if (!get(rest, &length, sizeof length) || rest->length < length ||
        !stoa_learner_read(&m->learners[i], (stoa_slice){rest->data, length})) {
      return false;
    }
    *rest = (stoa_slice){rest->data + length, rest->length - length};
  }
  return true;
}

bool stoa_ensemble_read(stoa_ensemble *m, stoa_slice bytes)
{
  uint64_t sum;
  const uint32_t n = m->n;
  if (bytes.length < sizeof sum) {
    return false;
  }
  stoa_slice rest = {bytes.data, bytes.length - sizeof sum};
  memcpy(&sum, bytes.data + rest.length, sizeof sum);
  if (stoa_hash_more(STOA_HASH_SEED, rest.data, rest.length) != sum || !read_shape(m, &rest)) {
    return false;
  }
#define X(field) +sizeof m->field
  if (rest.length < 0 FIELDS(X)) {
    return false;
  }
#undef X
#define X(field) (void)get(&rest, &m->field, sizeof m->field);
  FIELDS(X)
#undef X
  const bool is_mine = m->n == n && isfinite(m->cost_sum);
  m->n = n;
  return is_mine && read_learners(m, &rest) && rest.length == 0;
}
