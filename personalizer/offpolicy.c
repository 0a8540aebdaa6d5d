#include "personalizer/offpolicy.h"
#include "graph/base/assert.h"
#include <math.h>
#include <stdlib.h>

const char *const stoa_offpolicy_names[STOA_OFFPOLICY_KINDS] = {"IPS", "SNIPS", "DM", "DR", "SWITCH", "DRos", "MRDR"};

static double weight_of(const stoa_logged *e)
{
  return e->pi[e->shown] / e->propensity;
}

// ---- the model of rewards

typedef struct {
  double weight, reward;
} cell;

struct stoa_reward_model {
  uint32_t n_actions;
  size_t half;  ///< cells of one half of the log
  cell all[2];  ///< of the halves
  cell cells[]; ///< [half][group][action]
};

static cell *cell_of(stoa_reward_model *m, size_t half, uint32_t group, uint32_t action)
{
  return &m->cells[half * m->half + (size_t)group * m->n_actions + action];
}

stoa_reward_model *stoa_reward_model_new(const stoa_logged_table *t, bool weighted)
{
  const size_t half = (size_t)t->n_actions * t->n_groups;
  stoa_reward_model *const m = calloc(1, sizeof *m + 2 * half * sizeof *m->cells);
  if (!m) {
    return NULL;
  }
  m->n_actions = t->n_actions;
  m->half = half;
  for (size_t i = 0; i < t->n; ++i) {
    const stoa_logged *const e = &t->items[i];
    const double w = weighted ? weight_of(e) * weight_of(e) * (1 - e->propensity) : 1;
    cell *const c = cell_of(m, i % 2, e->group, e->actions[e->shown]);
    c->weight += w;
    c->reward += w * e->reward;
    m->all[i % 2].weight += w;
    m->all[i % 2].reward += w * e->reward;
  }
  return m;
}

void stoa_reward_model_free(stoa_reward_model *m)
{
  free(m);
}

double stoa_reward_model_of(const stoa_reward_model *m, size_t event, uint32_t group, uint32_t action)
{
  const size_t other = 1 - event % 2;
  const cell *const all = &m->all[other];
  const cell *const c = &m->cells[other * m->half + (size_t)group * m->n_actions + action];
  const double mean = all->weight > 0 ? all->reward / all->weight : 0;
  return (c->reward + mean) / (c->weight + 1);
}

// ---- what is averaged

typedef struct {
  double sum, squares;
} moments;

static void note(moments *m, double x)
{
  m->sum += x;
  m->squares += x * x;
}

typedef struct {
  const stoa_reward_model *plain, *weighted;
  const stoa_offpolicy_options *options;
  moments of[STOA_OFFPOLICY_KINDS];
  moments weights;
  double reward, greatest, crossed;
  size_t n;
} sums;

static double expected(const stoa_reward_model *m, size_t i, const stoa_logged *e)
{
  double value = 0;
  for (uint32_t a = 0; a < e->n; ++a) {
    value += e->pi[a] * stoa_reward_model_of(m, i, e->group, e->actions[a]);
  }
  return value;
}

static void add_event(sums *s, size_t i, const stoa_logged *e)
{
  const double w = weight_of(e), tau = s->options->tau, lambda = s->options->lambda;
  const double f = stoa_reward_model_of(s->plain, i, e->group, e->actions[e->shown]);
  const double g = stoa_reward_model_of(s->weighted, i, e->group, e->actions[e->shown]);
  const double dm = expected(s->plain, i, e), rest = e->reward - f;
  note(&s->of[STOA_OFFPOLICY_IPS], w * e->reward);
  note(&s->of[STOA_OFFPOLICY_DM], dm);
  note(&s->of[STOA_OFFPOLICY_DR], dm + w * rest);
  note(&s->of[STOA_OFFPOLICY_SWITCH], dm + (w <= tau ? w * rest : 0));
  note(&s->of[STOA_OFFPOLICY_DROS], dm + (lambda + w * w > 0 ? lambda * w / (w * w + lambda) * rest : 0));
  note(&s->of[STOA_OFFPOLICY_MRDR], expected(s->weighted, i, e) + w * (e->reward - g));
  note(&s->weights, w);
  s->crossed += w * w * e->reward;
  s->reward += e->reward;
  s->greatest = w > s->greatest ? w : s->greatest;
  s->n++;
}

static double error_of(const moments *m, double n)
{
  const double mean = m->sum / n, variance = m->squares / n - mean * mean;
  return variance > 0 ? sqrt(variance / n) : 0;
}

// A ratio's variance, by the delta method: that of w (r - value), over the mean weight.
static void tell_ratio(const sums *s, double n, stoa_offpolicy *out)
{
  const double value = s->weights.sum > 0 ? s->of[STOA_OFFPOLICY_IPS].sum / s->weights.sum : 0;
  const double squares =
    s->of[STOA_OFFPOLICY_IPS].squares - 2 * value * s->crossed + value * value * s->weights.squares;
  const double mean_weight = s->weights.sum / n;
  out->value[STOA_OFFPOLICY_SNIPS] = value;
  out->error[STOA_OFFPOLICY_SNIPS] = mean_weight > 0 && squares > 0 ? sqrt(squares / n / n) / mean_weight : 0;
}

void stoa_offpolicy_estimate(const stoa_logged_table *t, const bool *keep, const stoa_reward_model *plain,
                             const stoa_reward_model *weighted, const stoa_offpolicy_options *options,
                             stoa_offpolicy *out)
{
  sums s = {.plain = plain, .weighted = weighted, .options = options};
  for (size_t i = 0; i < t->n; ++i) {
    STOA_ASSERT(t->items[i].propensity > 0 && t->items[i].shown < t->items[i].n);
    if (!keep || keep[i]) {
      add_event(&s, i, &t->items[i]);
    }
  }
  *out = (stoa_offpolicy){.n = s.n, .greatest = s.greatest};
  if (s.n == 0) {
    return;
  }
  const double n = (double)s.n;
  for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
    out->value[k] = s.of[k].sum / n;
    out->error[k] = error_of(&s.of[k], n);
  }
  tell_ratio(&s, n, out);
  out->logged = s.reward / n;
  out->mean_weight = s.weights.sum / n;
  out->effective = s.weights.squares > 0 ? s.weights.sum * s.weights.sum / s.weights.squares : 0;
}
