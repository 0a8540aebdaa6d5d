// Off-policy estimates held to the formulas, written down once more, and to the truth of a log whose rewards are known.
#include "tests/support/unit.h"

#include "personalizer/confidence.h"
#include "personalizer/offpolicy.h"
#include "tests/random/dice.h"
#include <math.h>
#include <stdlib.h>

enum { MOST = 400, ACTIONS = 5, GROUPS = 2 };

typedef struct {
  stoa_logged events[MOST];
  double pi[MOST][ACTIONS];
  uint32_t actions[MOST][ACTIONS];
  int n;
} logs;

static double uniform(dice *d)
{
  return (dice_below(d, 1000000) + 0.5) / 1000000;
}

static void make_log(dice *d, logs *l)
{
  l->n = 3 + (int)dice_below(d, MOST - 3);
  for (int i = 0; i < l->n; ++i) {
    const uint32_t n = 1 + dice_below(d, ACTIONS), first = dice_below(d, ACTIONS);
    double sum = 0;
    for (uint32_t a = 0; a < n; ++a) {
      l->actions[i][a] = (first + a) % ACTIONS;
      sum += l->pi[i][a] = dice_chance(d, 20) ? 0 : uniform(d);
    }
    for (uint32_t a = 0; a < n && sum > 0; ++a) {
      l->pi[i][a] /= sum;
    }
    l->events[i] = (stoa_logged){.n = n,
                                 .actions = l->actions[i],
                                 .pi = l->pi[i],
                                 .shown = dice_below(d, n),
                                 .propensity = 0.02 + 0.98 * uniform(d),
                                 .reward = 2 * uniform(d) - 1,
                                 .group = dice_below(d, GROUPS)};
  }
}

// ---- the reference: sums over all events for each number, in the slowest way

static double w_of(const stoa_logged *e)
{
  return e->pi[e->shown] / e->propensity;
}

static double model(const logs *l, int i, uint32_t group, uint32_t action, bool weighted)
{
  double all = 0, all_reward = 0, own = 0, own_reward = 0;
  for (int k = 0; k < l->n; ++k) {
    const stoa_logged *const e = &l->events[k];
    const double w = weighted ? w_of(e) * w_of(e) * (1 - e->propensity) : 1;
    if (k % 2 == i % 2) {
      continue;
    }
    all += w;
    all_reward += w * e->reward;
    if (e->group == group && e->actions[e->shown] == action) {
      own += w;
      own_reward += w * e->reward;
    }
  }
  return (own_reward + (all > 0 ? all_reward / all : 0)) / (own + 1);
}

static double direct(const logs *l, int i, bool weighted)
{
  const stoa_logged *const e = &l->events[i];
  double sum = 0;
  for (uint32_t a = 0; a < e->n; ++a) {
    sum += e->pi[a] * model(l, i, e->group, e->actions[a], weighted);
  }
  return sum;
}

static double rest(const logs *l, int i, bool weighted)
{
  const stoa_logged *const e = &l->events[i];
  return e->reward - model(l, i, e->group, e->actions[e->shown], weighted);
}

static double reference(const logs *l, stoa_offpolicy_kind kind, const stoa_offpolicy_options *o)
{
  double sum = 0, weights = 0;
  for (int i = 0; i < l->n; ++i) {
    const double w = w_of(&l->events[i]);
    weights += w;
    switch (kind) {
      case STOA_OFFPOLICY_IPS:
      case STOA_OFFPOLICY_SNIPS:
        sum += w * l->events[i].reward;
        break;
      case STOA_OFFPOLICY_DM:
        sum += direct(l, i, false);
        break;
      case STOA_OFFPOLICY_DR:
        sum += direct(l, i, false) + w * rest(l, i, false);
        break;
      case STOA_OFFPOLICY_SWITCH:
        sum += direct(l, i, false) + (w <= o->tau ? w * rest(l, i, false) : 0);
        break;
      case STOA_OFFPOLICY_DROS:
        sum += direct(l, i, false) + o->lambda * w / (w * w + o->lambda) * rest(l, i, false);
        break;
      case STOA_OFFPOLICY_MRDR:
        sum += direct(l, i, true) + w * rest(l, i, true);
        break;
      default:
        break;
    }
  }
  return kind == STOA_OFFPOLICY_SNIPS ? (weights > 0 ? sum / weights : 0) : sum / l->n;
}

static void estimates_are_their_formulas(void **state)
{
  static logs l;
  (void)state;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    dice d = {seed};
    make_log(&d, &l);
    const stoa_logged_table table = {l.events, (size_t)l.n, ACTIONS, GROUPS};
    const stoa_offpolicy_options options = {.tau = 0.2 + 4 * uniform(&d), .lambda = 0.1 + 10 * uniform(&d)};
    stoa_reward_model *const plain = stoa_reward_model_new(&table, false), *const weighted = stoa_reward_model_new(&table, true);
    stoa_offpolicy out;
    double sum = 0, squares = 0;
    stoa_offpolicy_estimate(&table, NULL, plain, weighted, &options, &out);
    for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
      assert_true(fabs(out.value[k] - reference(&l, (stoa_offpolicy_kind)k, &options)) < 1e-9);
    }
    for (int i = 0; i < l.n; ++i) {
      sum += w_of(&l.events[i]);
      squares += w_of(&l.events[i]) * w_of(&l.events[i]);
    }
    assert_true(fabs(out.effective - (squares > 0 ? sum * sum / squares : 0)) < 1e-9 * l.n);
    stoa_reward_model_free(plain);
    stoa_reward_model_free(weighted);
  }
}

// 20,000 decisions of a policy that knows little, of which the other one would have earned 0.62 on average.
static void estimates_find_the_truth(void **state)
{
  enum { N = 20000 };
  static const double logged[3] = {0.6, 0.3, 0.1}, pi[3] = {0.1, 0.1, 0.8}, mean[3] = {0.1, 0.3, 0.725};
  static const uint32_t actions[3] = {0, 1, 2};
  stoa_logged *const events = calloc(N, sizeof *events);
  dice d = {3};
  (void)state;
  for (int i = 0; i < N; ++i) {
    const double u = uniform(&d);
    const uint32_t shown = u < 0.6 ? 0 : u < 0.9 ? 1 : 2;
    events[i] = (stoa_logged){.n = 3, .actions = actions, .pi = pi, .shown = shown, .propensity = logged[shown], .reward = uniform(&d) < mean[shown]};
  }
  const stoa_logged_table table = {events, N, 3, 1};
  const stoa_offpolicy_options options = {.tau = 10, .lambda = 1000};
  stoa_reward_model *const plain = stoa_reward_model_new(&table, false), *const weighted = stoa_reward_model_new(&table, true);
  stoa_offpolicy out;
  stoa_offpolicy_estimate(&table, NULL, plain, weighted, &options, &out);
  for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
    assert_true(fabs(out.value[k] - 0.62) < 0.03);
    assert_true(k == STOA_OFFPOLICY_DM || fabs(out.value[k] - 0.62) < 4 * out.error[k]);
  }
  assert_true(out.error[STOA_OFFPOLICY_DR] < out.error[STOA_OFFPOLICY_IPS]);
  assert_true(fabs(out.mean_weight - 1) < 0.05);
  stoa_reward_model_free(plain);
  stoa_reward_model_free(weighted);
  free(events);
}

// Looked at after each of a thousand observations, not one interval in twenty may miss the mean once.
static void an_interval_holds_at_all_times(void **state)
{
  enum { RUNS = 1000, STEPS = 1000 };
  static const double means[] = {0.005, 0.1, 0.5, 0.9};
  (void)state;
  for (int m = 0; m < 4; ++m) {
    int missed = 0;
    double width = 0;
    for (uint64_t run = 0; run < RUNS; ++run) {
      dice d = {run * 4 + (uint64_t)m + 1};
      stoa_confidence c;
      double least, most;
      bool misses = false;
      stoa_confidence_begin(&c, -1, 3, 0.05);
      for (int i = 0; i < STEPS; ++i) {
        stoa_confidence_add(&c, uniform(&d) < means[m] ? 3 : -1);
        stoa_confidence_tell(&c, &least, &most);
        const double mean = -1 + 4 * means[m];
        misses |= mean < least || mean > most;
      }
      missed += misses;
      width += most - least;
    }
    print_message("# mean %g: %d of %d missed, mean width %.3f of 4\n", means[m], missed, RUNS, width / RUNS);
    assert_true(missed <= RUNS / 20);
    assert_true(width / RUNS < 0.6);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(estimates_are_their_formulas), CLAIM(estimates_find_the_truth),
                                     CLAIM(an_interval_holds_at_all_times)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
