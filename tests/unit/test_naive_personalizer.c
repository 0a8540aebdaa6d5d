// Learner, explorers, rankings and labels held to the truth: each is computed once more in the plainest way.
#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "graph/base/json.h"
#include "personalizer/commit.h"
#include "personalizer/decision.h"
#include "personalizer/labels.h"
#include "personalizer/models.h"
#include "tests/random/dice.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool near(double a, double b)
{
  return fabs(a - b) <= 1e-9 * fmax(1, fmax(fabs(a), fabs(b)));
}

// ---- the learner, from its equations (personalizer/learner.h), over a list of all pairs

enum { BITS = 8, WEIGHTS = 1 << BITS, MOST_PAIRS = 4096 };

typedef struct {
  float w[WEIGHTS], g[WEIGHTS], n[WEIGHTS];
  double n_sum, t, low, high, rate;
  uint64_t n_learned;
} naive_learner;

typedef struct {
  uint32_t index[MOST_PAIRS];
  double x[MOST_PAIRS];
  int n;
} pairs;

static void add_pair(pairs *p, uint64_t hash, double x)
{
  p->index[p->n] = (uint32_t)(hash % WEIGHTS);
  p->x[p->n++] = x;
}

static pairs pairs_of(const stoa_example *e, uint32_t action)
{
  pairs p = {.n = 0};
  const stoa_hashed_list *const a = &e->actions[action].features;
  for (uint32_t k = 0; k < a->n; ++k) {
    add_pair(&p, a->items[k].hash, a->items[k].value);
  }
  for (uint32_t k = 0; k < a->n; ++k) {
    for (uint32_t i = 0; i < e->context.n; ++i) {
      const stoa_hashed c = e->context.items[i];
      add_pair(&p, stoa_hash_mix(a->items[k].hash * UINT64_C(0x9E3779B97F4A7C15) + c.hash),
               (double)a->items[k].value * (double)c.value);
    }
  }
  return p;
}

static double naive_predict(const naive_learner *l, const pairs *p)
{
  double sum = 0;
  for (int i = 0; i < p->n; ++i) {
    sum += l->w[p->index[i]] * p->x[i];
  }
  return fmin(fmax(sum, l->low), l->high);
}

static void naive_learn(naive_learner *l, const pairs *p, double y)
{
  l->low = fmin(l->low, y);
  l->high = fmax(l->high, y);
  const double prediction = naive_predict(l, p);
  l->n_learned++;
  if (prediction == y) {
    return;
  }
  const double g2 = 4 * (prediction - y) * (prediction - y);
  double ppu = 0, nx = 0, s[MOST_PAIRS];
  for (int i = 0; i < p->n; ++i) {
    const uint32_t k = p->index[i];
    const double x = p->x[i];
    l->g[k] += (float)(g2 * x * x);
    if (fabs(x) > l->n[k]) {
      l->w[k] *= l->n[k] > 0 ? (float)(l->n[k] / fabs(x)) : 1;
      l->n[k] = (float)fabs(x);
    }
    s[i] = 1 / (sqrt(l->g[k]) * l->n[k]);
    ppu += x * x * s[i];
    nx += x * x / ((double)l->n[k] * l->n[k]);
  }
  l->n_sum += nx;
  l->t += 1;
  const double m = sqrt(l->t / l->n_sum), step = l->rate * ppu * m;
  const double u = step < 1e-6 ? 2 * (y - prediction) * l->rate : (y - prediction) * (1 - exp(-2 * step)) / (ppu * m);
  for (int i = 0; i < p->n; ++i) {
    const uint32_t k = p->index[i];
    l->w[k] += (float)(u * m * p->x[i] * s[i]);
  }
}

static void random_features(dice *d, stoa_hashed_list *list, const char *space, int most)
{
  char name[16];
  for (int n = (int)dice_below(d, (uint32_t)most + 1); n > 0; --n) {
    snprintf(name, sizeof name, "f%u", dice_below(d, 12));
    if (dice_chance(d, 50)) {
      stoa_hashed_text(list, &arena, space, name, stoa_slice_of(dice_chance(d, 50) ? "x" : "y"), NULL);
    } else { // growing sizes, so that weights are rescaled
      stoa_hashed_number(list, &arena, space, name, ((int)dice_below(d, 200) - 100) * pow(10, dice_below(d, 4)) / 100,
                         NULL);
    }
  }
}

static stoa_example *random_example(dice *d)
{
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  random_features(d, &e->context, "c", 5);
  e->n_actions = 1 + dice_below(d, 4);
  for (uint32_t i = 0; i < e->n_actions; ++i) {
    e->actions[i].id = i ? "b" : "a";
    stoa_hashed_text(&e->actions[i].features, &arena, "a", "id", stoa_slice_of(e->actions[i].id), NULL);
    random_features(d, &e->actions[i].features, "a", 3);
  }
  return e;
}

static void the_learner_follows_its_equations(void **state)
{
  static const double rates[] = {0.1, 0.5, 2, 8, 1e-6};
  (void)state;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    dice d = {seed};
    stoa_learner l;
    naive_learner naive = {.rate = rates[seed % 5]};
    const stoa_learner_options options = {.bits = BITS, .rate = naive.rate};
    assert_true(stoa_learner_init(&l, &options));
    for (int round = 0; round < 200; ++round) {
      const stoa_example *const e = random_example(&d);
      const uint32_t action = dice_below(&d, e->n_actions);
      const pairs p = pairs_of(e, action);
      const double cost = ((int)dice_below(&d, 41) - 20) / 20.0;
      assert_true(near(stoa_learner_predict(&l, e, action), naive_predict(&naive, &p)));
      assert_true(stoa_learner_learn(&l, e, action, cost, 1));
      naive_learn(&naive, &p, cost);
      assert_int_equal(l.n_learned, naive.n_learned);
    }
    for (uint32_t i = 0; i < WEIGHTS; ++i) {
      assert_true(near(l.weights[3 * i], naive.w[i]) && near(l.weights[3 * i + 1], naive.g[i]) &&
                  near(l.weights[3 * i + 2], naive.n[i]));
    }
    stoa_learner_done(&l);
    stoa_arena_reset(&arena);
  }
}

// ---- explorers

enum { MOST = 8 };

static double naive_least(const stoa_scores *s)
{
  double least = INFINITY;
  for (uint32_t i = 0; i < s->n; ++i) {
    least = s->excluded[i] ? least : fmin(least, s->costs[i]);
  }
  return least;
}

// How far a label that is g away may move the cost: x of x / v (g^2 - (g - x)^2) = delta, at most g.
static double naive_reach(double g, double v, double delta)
{
  double low = 0, high = g;
  if (v == 0 || g / v * g * g <= delta) {
    return v == 0 ? 0 : g;
  }
  for (int i = 0; i < 200; ++i) {
    const double x = (low + high) / 2;
    *(x / v * (g * g - (g - x) * (g - x)) > delta ? &high : &low) = x;
  }
  return low;
}

static void naive_regcb(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double range = s->high - s->low, delta = e->c0 * log(k * ((double)s->n_learned + 1)) * range * range;
  double lower[MOST], least_lower = INFINITY, least_higher = INFINITY;
  for (uint32_t i = 0; i < s->n; ++i) {
    const double v = s->deviations[i] * s->deviations[i], f = s->costs[i];
    lower[i] = fmax(s->low, f - naive_reach(f - s->low + 1, v, delta));
    least_lower = s->excluded[i] ? least_lower : fmin(least_lower, lower[i]);
    least_higher = s->excluded[i] ? least_higher
                                  : fmin(least_higher, fmin(s->high, f + naive_reach(s->high - f + 1, v, delta)));
  }
  double n = 0;
  for (uint32_t i = 0; i < s->n; ++i) { // near: ties of the two ways of bisection
    out[i] = !s->excluded[i] && (e->kind == STOA_EXPLORER_REGCB_OPT ? near(lower[i], least_lower)
                                                                    : lower[i] <= least_higher + 1e-12);
    n += out[i];
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] /= n;
  }
}

static void naive_thompson(const stoa_explorer *e, const stoa_scores *s, double *out)
{
  double all = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = 0;
    for (double z = -8; !s->excluded[i] && z < 8; z += 0.002) {
      double p = exp(-z * z / 2);
      for (uint32_t j = 0; j < s->n; ++j) {
        const double x = s->costs[i] + e->alpha * s->deviations[i] * z;
        p *= j == i || s->excluded[j] ? 1 : erfc((x - s->costs[j]) / (e->alpha * s->deviations[j]) / sqrt(2)) / 2;
      }
      out[i] += p;
    }
    all += out[i];
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] /= all;
  }
}

// The others: a share for each that is not best, and the rest for the best.
static double naive_share(const stoa_explorer *e, const stoa_scores *s, uint32_t i, double least, uint32_t k)
{
  const double gamma = e->gamma * pow((double)s->n_learned + 1, e->exponent);
  const double f = (s->costs[i] - s->low) / (s->high - s->low), best = (least - s->low) / (s->high - s->low);
  return e->kind == STOA_EXPLORER_SQUARECB ? 1 / (k + gamma * (s->costs[i] - least))
         : e->kind == STOA_EXPLORER_FASTCB ? (best > 0 ? best / (k * best + gamma * (f - best)) : 0)
                                           : e->epsilon / k;
}

static void naive_shares(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double least = naive_least(s);
  double others = 0;
  uint32_t ties = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    const bool is_best = !s->excluded[i] && s->costs[i] == least;
    out[i] = s->excluded[i] || is_best ? 0 : naive_share(e, s, i, least, k);
    others += out[i];
    ties += is_best;
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] += !s->excluded[i] && s->costs[i] == least ? (1 - others) / ties : 0;
  }
}

static void naive_softmax(const stoa_explorer *e, const stoa_scores *s, double *out)
{
  double sum = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    sum += s->excluded[i] ? 0 : exp(-e->lambda * s->costs[i]);
  }
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : exp(-e->lambda * s->costs[i]) / sum;
  }
}

static void naive_votes(const stoa_explorer *e, const stoa_scores *s, uint32_t k, double *out)
{
  const double even =
    e->kind == STOA_EXPLORER_COVER ? e->epsilon * fmin(1, sqrt(k / ((double)s->n_learned + 1))) : 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : s->votes[i] * (1 - even) + even / k;
  }
}

static bool naive_probabilities(const stoa_explorer *e, const stoa_scores *s, double *out)
{
  uint32_t k = 0;
  for (uint32_t i = 0; i < s->n; ++i) {
    k += !s->excluded[i];
  }
  switch (e->kind) {
    case STOA_EXPLORER_REGCB_ELIM:
    case STOA_EXPLORER_REGCB_OPT:
      naive_regcb(e, s, k, out);
      break;
    case STOA_EXPLORER_SOFTMAX:
      naive_softmax(e, s, out);
      break;
    case STOA_EXPLORER_THOMPSON:
      naive_thompson(e, s, out);
      break;
    case STOA_EXPLORER_BAG:
    case STOA_EXPLORER_COVER:
    case STOA_EXPLORER_COVER_NU:
      naive_votes(e, s, k, out);
      break;
    default:
      naive_shares(e, s, k, out);
  }
  for (uint32_t i = 0; k && i < s->n; ++i) {
    out[i] = s->excluded[i] ? 0 : (1 - e->floor) * out[i] + e->floor / k;
  }
  return k > 0;
}

static stoa_explorer random_explorer(dice *d)
{
  return (stoa_explorer){.kind = (stoa_explorer_kind)dice_below(d, STOA_N_EXPLORERS),
                         .gamma = dice_below(d, 100),
                         .exponent = dice_below(d, 5) / 4.0,
                         .epsilon = dice_below(d, 11) / 10.0,
                         .c0 = dice_below(d, 20) / 20.0,
                         .lambda = dice_below(d, 20),
                         .alpha = (1 + dice_below(d, 10)) / 10.0,
                         .models = 2 + dice_below(d, 4),
                         .psi = 1,
                         .floor = dice_chance(d, 50) ? dice_below(d, 10) / 100.0 : 0};
}

static void random_scores(dice *d, uint32_t n, stoa_scores *out)
{
  double sum = 0;
  *out = (stoa_scores){.n = n, .low = -1, .high = 1, .n_learned = dice_below(d, 3) ? dice_below(d, 10000) : 0};
  for (uint32_t i = 0; i < n; ++i) { // few values: ties
    out->costs[i] = ((int)dice_below(d, 5) - 2) / 2.0;
    out->excluded[i] = dice_chance(d, 25);
    out->deviations[i] = (1 + dice_below(d, 4)) / 4.0;
    out->votes[i] = out->excluded[i] ? 0 : 1 + dice_below(d, 3);
    sum += out->votes[i];
  }
  for (uint32_t i = 0; i < n; ++i) {
    out->votes[i] /= sum > 0 ? sum : 1;
  }
}

static void explorers_give_what_their_papers_say(void **state)
{
  (void)state;
  dice d = {7};
  for (int round = 0; round < 5000; ++round) {
    const stoa_explorer e = random_explorer(&d);
    const bool is_thompson = e.kind == STOA_EXPLORER_THOMPSON;
    const uint32_t n = 1 + dice_below(&d, is_thompson ? 4 : MOST);
    stoa_scores scores;
    double p[MOST], expected[MOST], sum = 0;
    const bool *const excluded = scores.excluded;
    random_scores(&d, n, &scores);
    const bool any = naive_probabilities(&e, &scores, expected);
    assert_int_equal(stoa_explorer_probabilities(&e, &scores, p), any);
    for (uint32_t i = 0; any && i < n; ++i) {
      assert_true(fabs(p[i] - expected[i]) < (is_thompson ? 1e-6 : 1e-9) && p[i] >= 0 && p[i] <= 1 + 1e-12);
      assert_true(!excluded[i] || p[i] == 0);
      sum += p[i];
    }
    assert_true(!any || near(sum, 1));
    const uint64_t seed = ((uint64_t)dice_below(&d, UINT32_MAX) << 32) | dice_below(&d, UINT32_MAX);
    const uint32_t drawn = any ? stoa_explorer_draw(p, n, seed) : 0;
    assert_true(!any || (drawn < n && p[drawn] > 0));
  }
}

// ---- rankings

static stoa_slice random_request(dice *d, const char *event_id, uint32_t n, bool *excluded)
{
  stoa_buf out = {0};
  stoa_buf_print(&out, "{\"eventId\":\"%s\",\"contextFeatures\":[{\"x\":%u,\"y\":\"v%u\"}],\"actions\":[", event_id,
                 dice_below(d, 3), dice_below(d, 3));
  for (uint32_t i = 0; i < n; ++i) {
    stoa_buf_print(&out, "%s{\"id\":\"a%u\",\"features\":[{\"f\":%u}]}", i ? "," : "", i, dice_below(d, 3));
  }
  stoa_buf_text(&out, "],\"excludedActions\":[\"none\"");
  for (uint32_t i = 0; i < n; ++i) {
    excluded[i] = dice_chance(d, 25);
    if (excluded[i]) {
      stoa_buf_print(&out, ",\"a%u\"", i);
    }
  }
  stoa_buf_text(&out, "]}");
  const stoa_slice copy = stoa_arena_slice(&arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

// The chosen one stands first among those that are free, the others by probability; excluded ones keep their place.
static void check_ranking(const stoa_json *answer, const double *p, const bool *excluded, uint32_t n, uint32_t chosen)
{
  const stoa_json *const ranking = stoa_json_find(answer, "ranking");
  char id[8];
  bool seen[MOST] = {false};
  double last = 2;
  bool is_first = true;
  assert_int_equal(ranking->n_items, n);
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_slice name = stoa_json_find(&ranking->items[i], "id")->text;
    const uint32_t a = (uint32_t)atoi(name.data + 1);
    assert_true(a < n && !seen[a]);
    seen[a] = true;
    assert_true(near(stoa_json_find(&ranking->items[i], "probability")->real, p[a]));
    assert_int_equal(excluded[i], excluded[a]);
    assert_true(!excluded[i] || a == i);
    if (excluded[i]) {
      continue;
    }
    assert_true(!is_first || a == chosen);
    assert_true(is_first || p[a] <= last + 1e-12);
    last = is_first ? 2 : p[a];
    is_first = false;
  }
  snprintf(id, sizeof id, "a%u", chosen);
  assert_true(stoa_slice_is(stoa_json_find(answer, "rewardActionId")->text, id));
}

static void rankings_are_in_the_order_of_their_probabilities(void **state)
{
  dice d = {11};
  (void)state;
  for (int round = 0; round < 60; ++round) {
    stoa_policy policy = {.name = "p", .learner = {.bits = 10, .rate = 0.5}, .explorer = random_explorer(&d)};
    policy.bandit = stoa_bandit_new(&policy.learner, &policy.explorer);
    for (int i = 0; i < 20; ++i) {
      const uint32_t n = 1 + dice_below(&d, MOST);
      const char *const event_id = stoa_arena_print(&arena, "e%d-%d", round, i);
      bool excluded[MOST];
      double expected[MOST];
      stoa_scores scores;
      stoa_context context;
      stoa_decision decision;
      stoa_error err = {0};
      stoa_bandit_figures figures;
      const stoa_json *answer;
      const stoa_slice request = random_request(&d, event_id, n, excluded);
      stoa_context_init(&context, 1000);
      const stoa_status status = stoa_decision_make(&policy, NULL, request, &context, &arena, &decision, &err);
      stoa_example *const e = STOA_NEW(&arena, stoa_example);
      if (status != STOA_OK) {
        assert_int_equal(status, STOA_BAD_ARG);
        for (uint32_t a = 0; a < n; ++a) {
          assert_true(excluded[a]);
        }
        continue;
      }
      assert_true(stoa_example_read(decision.record.example, &arena, e) && e->n_actions == n);
      stoa_bandit_predict(policy.bandit, e, excluded, &scores, &figures);
      assert_true(naive_probabilities(&policy.explorer, &scores, expected));
      assert_int_equal(stoa_json_read(decision.record.answer, &arena, &answer, &err), STOA_OK);
      assert_true(fabs(decision.record.probability - expected[decision.record.chosen]) < 1e-6);
      stoa_explorer_probabilities(&policy.explorer, &scores, expected);
      check_ranking(answer, expected, excluded, n, decision.record.chosen);
      assert_int_equal(decision.record.model_offset, figures.offset);
      assert_int_equal(decision.record.closes_at_us, 0);
      const stoa_record label = {.value = ((int)dice_below(&d, 3) - 1) / 2.0, .offset = round * 100 + i + 1};
      stoa_bandit_learn(policy.bandit, &decision.record, &label);
    }
    stoa_bandit_free(policy.bandit);
    stoa_arena_reset(&arena);
  }
}

// ---- labels: what decisions and rewards come to

enum { N_POLICIES = 3, N_EVENTS = 12, N_REWARD_IDS = 5, MOST_STEPS = 400, MOST_REWARDS = 2000 };

typedef struct {
  int policy; ///< -1: none was made
  int answer; ///< that was given
  int64_t closes_at, order;
  bool is_closed;
  double label;
  double rewards[MOST_REWARDS];
  int n_rewards; ///< in time
} naive_event;

typedef struct {
  bool there;
  int event;
  double value;
} naive_reward;

typedef struct {
  stoa_state *state;
  stoa_policies policies;
  stoa_policy policy[N_POLICIES];
  naive_event events[N_EVENTS];
  naive_reward by_id[N_REWARD_IDS];
  int closed[N_EVENTS]; ///< events, in the order in which their labels closed, of each policy
  int n_closed;
  int64_t now, order;
  int n_answers; ///< each decision has one of its own
} joiner;

static const double fallbacks[N_POLICIES] = {0, -0.5, 0.25};

static void naive_close(joiner *j, int event, double value)
{
  j->events[event].is_closed = true;
  j->events[event].label = value;
  j->closed[j->n_closed++] = event;
}

static void naive_close_due(joiner *j)
{
  for (int p = 0; p < N_POLICIES; ++p) {
    for (;;) {
      int due = -1;
      for (int i = 0; i < N_EVENTS; ++i) {
        const naive_event *const e = &j->events[i], *const d = due < 0 ? NULL : &j->events[due];
        if (e->policy == p && !e->is_closed && e->closes_at && e->closes_at <= j->now &&
            (!d || e->closes_at < d->closes_at || (e->closes_at == d->closes_at && e->order < d->order))) {
          due = i;
        }
      }
      if (due < 0) {
        break;
      }
      const naive_event *const e = &j->events[due];
      double sum = 0;
      for (int i = 0; i < e->n_rewards; ++i) {
        sum += e->rewards[i];
      }
      naive_close(j, due, e->n_rewards == 0 ? fallbacks[p] : j->policy[p].sum ? sum : e->rewards[0]);
    }
  }
}

static stoa_status naive_decide(joiner *j, int event, int policy, bool *duplicate)
{
  naive_event *const e = &j->events[event];
  *duplicate = e->policy >= 0;
  if (*duplicate) {
    return e->policy == policy ? STOA_OK : STOA_CONFLICT;
  }
  const int64_t wait = j->policy[policy].wait_s;
  *e = (naive_event){
    .policy = policy, .answer = j->n_answers, .closes_at = wait ? j->now + wait * 1000000 : 0, .order = ++j->order};
  return STOA_OK;
}

static stoa_status naive_reward_one(joiner *j, int event, int id, double value, bool *duplicate, bool *late)
{
  naive_event *const e = &j->events[event];
  *duplicate = id >= 0 && j->by_id[id].there;
  if (*duplicate) {
    return j->by_id[id].event == event && j->by_id[id].value == value ? STOA_OK : STOA_CONFLICT;
  }
  if (e->policy < 0) {
    return STOA_NOT_FOUND;
  }
  if (id >= 0) {
    j->by_id[id] = (naive_reward){true, event, value};
  }
  *late = e->is_closed || (e->closes_at && j->now >= e->closes_at);
  if (!*late && e->closes_at == 0) {
    naive_close(j, event, value);
  } else if (!*late) {
    e->rewards[e->n_rewards++] = value;
  }
  return STOA_OK;
}

static const char *name_of(const char *kind, int i)
{
  return stoa_arena_print(&arena, "%s%d", kind, i);
}

static stoa_record decision_record(const joiner *j, int event, int policy)
{
  stoa_buf bytes = {0};
  dice d = {(uint64_t)event + 1};
  stoa_example_write(random_example(&d), &bytes);
  const int64_t wait = j->policy[policy].wait_s;
  const stoa_record r = {.kind = STOA_RECORD_DECISION,
                         .at_us = j->now,
                         .event_id = stoa_slice_of(name_of("e", event)),
                         .policy = j->policy[policy].name,
                         .action = "a",
                         .closes_at_us = wait ? j->now + wait * 1000000 : 0,
                         .example = stoa_arena_slice(&arena, (stoa_slice){bytes.data, bytes.length}),
                         .answer = stoa_slice_of(name_of("answer ", j->n_answers))};
  stoa_buf_done(&bytes);
  return r;
}

// A batch of decisions and rewards, both ways.
static void one_batch(joiner *j, dice *d)
{
  enum { MOST_RECORDS = 6 };
  stoa_record records[MOST_RECORDS];
  stoa_status statuses[MOST_RECORDS], expected[MOST_RECORDS];
  bool duplicate[MOST_RECORDS] = {false}, late[MOST_RECORDS] = {false};
  stoa_error err = {0};
  const size_t n = 1 + dice_below(d, MOST_RECORDS);
  for (size_t i = 0; i < n; ++i) {
    const int event = (int)dice_below(d, N_EVENTS);
    if (dice_chance(d, 40)) {
      const int policy = (int)dice_below(d, N_POLICIES);
      j->n_answers++;
      records[i] = decision_record(j, event, policy);
      expected[i] = naive_decide(j, event, policy, &duplicate[i]);
      continue;
    }
    const int id = dice_chance(d, 30) ? (int)dice_below(d, N_REWARD_IDS) : -1;
    const double value = ((int)dice_below(d, 9) - 4) / 4.0;
    records[i] = (stoa_record){.kind = STOA_RECORD_REWARD,
                               .at_us = j->now,
                               .event_id = stoa_slice_of(name_of("e", event)),
                               .id = id < 0 ? (stoa_slice){"", 0} : stoa_slice_of(name_of("r", id)),
                               .value = value};
    expected[i] = naive_reward_one(j, event, id, value, &duplicate[i], &late[i]);
  }
  assert_int_equal(stoa_commit(j->state, &j->policies, records, statuses, n, &arena, &err), STOA_OK);
  for (size_t i = 0; i < n; ++i) {
    assert_int_equal(statuses[i], expected[i]);
    if (statuses[i] == STOA_OK) {
      assert_int_equal(records[i].is_duplicate, duplicate[i]);
      assert_true(duplicate[i] || records[i].is_late == late[i]);
      assert_true(duplicate[i] || records[i].offset > 0);
    }
    if (statuses[i] == STOA_OK && records[i].kind == STOA_RECORD_DECISION) {
      const int given = j->events[atoi(records[i].event_id.data + 1)].answer;
      assert_true(stoa_slice_is(records[i].answer, name_of("answer ", given)));
    }
    if (statuses[i] != STOA_OK) {
      stoa_error why = {0};
      assert_int_equal(stoa_commit_refusal(&records[i], statuses[i], &why), statuses[i]);
      assert_true(why.text[0] != '\0');
    }
  }
}

typedef struct {
  joiner *j;
  int policy, at;
  naive_learner *learner;
} replay;

static void take_label(const stoa_record *decision, const stoa_record *label, void *data)
{
  replay *const r = data;
  while (r->at < r->j->n_closed && r->j->events[r->j->closed[r->at]].policy != r->policy) {
    ++r->at;
  }
  assert_true(r->at < r->j->n_closed);
  const int event = r->j->closed[r->at++];
  assert_true(stoa_slice_is(decision->event_id, name_of("e", event)));
  assert_true(near(label->value, r->j->events[event].label));
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  assert_true(stoa_example_read(decision->example, &arena, e));
  const pairs p = pairs_of(e, decision->chosen);
  naive_learn(r->learner, &p, -label->value);
}

// The labels of the log are those of the reference, in its order, and the models have learned just them.
static void check_labels(joiner *j)
{
  stoa_error err = {0};
  int n = 0;
  for (int p = 0; p < N_POLICIES; ++p) {
    naive_learner learner = {.rate = j->policy[p].learner.rate};
    replay r = {j, p, 0, &learner};
    assert_int_equal(stoa_state_replay(j->state, j->policy[p].name, 0, INT64_MAX, take_label, &r, &err), STOA_OK);
    const stoa_bandit_figures figures = stoa_bandit_tell(j->policy[p].bandit);
    assert_int_equal(figures.n_learned, learner.n_learned);
    n += (int)figures.n_learned;
    stoa_buf live = {0}, again = {0};
    int64_t offset;
    stoa_bandit_write(j->policy[p].bandit, &live, &offset);
    assert_int_equal(offset, figures.offset);
    stoa_bandit *const kept = j->policy[p].bandit;
    j->policy[p].bandit = stoa_bandit_new(&j->policy[p].learner, &j->policy[p].explorer);
    const stoa_policies one = {(stoa_policy *[]){&j->policy[p]}, 1, 1};
    assert_int_equal(stoa_models_restore(j->state, &one, j->now, &err), STOA_OK);
    stoa_bandit_write(j->policy[p].bandit, &again, &offset);
    assert_int_equal(live.length, again.length); // a replay gives the same bytes
    assert_memory_equal(live.data, again.data, live.length);
    stoa_bandit_free(j->policy[p].bandit);
    j->policy[p].bandit = kept;
    stoa_buf_done(&live);
    stoa_buf_done(&again);
  }
  assert_int_equal(n, j->n_closed);
}

static void one_history(uint64_t seed)
{
  static const char *const names[N_POLICIES] = {"at once", "earliest", "sum"};
  static const int64_t waits[N_POLICIES] = {0, 10, 7};
  const stoa_event_types none = {0};
  dice d = {seed};
  joiner *const j = calloc(1, sizeof *j);
  stoa_error err = {0};
  assert_int_equal(stoa_state_open(NULL, &none, &j->state, &err), STOA_OK);
  j->now = 1000000;
  for (int p = 0; p < N_POLICIES; ++p) {
    j->policy[p] = (stoa_policy){.name = names[p],
                                 .wait_s = waits[p],
                                 .default_reward = fallbacks[p],
                                 .sum = p == 2,
                                 .learner = {.bits = BITS, .rate = 0.5},
                                 .explorer = {.kind = STOA_EXPLORER_EPSILON}};
    j->policy[p].bandit = stoa_bandit_new(&j->policy[p].learner, &j->policy[p].explorer);
    STOA_PUSH(&arena, &j->policies, &j->policy[p]);
  }
  for (int i = 0; i < N_EVENTS; ++i) {
    j->events[i].policy = -1;
  }
  assert_int_equal(stoa_models_restore(j->state, &j->policies, j->now, &err), STOA_OK);
  for (int step = 0; step < MOST_STEPS && j->n_closed < N_EVENTS; ++step) {
    j->now += (int64_t)dice_below(&d, 4) * 500000; // equal times, and instants at which a time is over
    if (dice_chance(&d, 25)) {
      assert_int_equal(stoa_labels_close(j->state, &j->policies, j->now, &err), STOA_OK);
      naive_close_due(j);
    } else {
      one_batch(j, &d);
    }
  }
  check_labels(j);
  for (int p = 0; p < N_POLICIES; ++p) {
    stoa_bandit_free(j->policy[p].bandit);
  }
  stoa_state_close(j->state);
  free(j);
  stoa_arena_reset(&arena);
}

static void labels_are_what_decisions_and_rewards_come_to(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    one_history(seed);
  }
}

// ---- options of learners

static void learn_some(stoa_state *state, const stoa_policies *policies, int from, int n)
{
  for (int i = from; i < from + n; ++i) {
    joiner j = {.now = i + 1, .policy = {*policies->items[0]}};
    stoa_record records[2] = {decision_record(&j, i, 0),
                              {.kind = STOA_RECORD_REWARD, .at_us = i + 1, .value = (i % 5 - 2) / 2.0}};
    stoa_status statuses[2];
    stoa_error err = {0};
    records[1].event_id = records[0].event_id;
    assert_int_equal(stoa_commit(state, policies, records, statuses, 2, &arena, &err), STOA_OK);
    assert_true(statuses[0] == STOA_OK && statuses[1] == STOA_OK);
  }
}

static stoa_slice restored(stoa_state *state, stoa_policy *p, uint32_t bits, double rate)
{
  const stoa_policies one = {&p, 1, 1};
  stoa_error err = {0};
  stoa_buf bytes = {0};
  int64_t offset;
  stoa_bandit_free(p->bandit);
  p->learner.bits = bits;
  p->learner.rate = rate;
  p->bandit = stoa_bandit_new(&p->learner, &p->explorer);
  assert_int_equal(stoa_models_restore(state, &one, 1, &err), STOA_OK);
  stoa_bandit_write(p->bandit, &bytes, &offset);
  const stoa_slice copy = stoa_arena_slice(&arena, (stoa_slice){bytes.data, bytes.length});
  stoa_buf_done(&bytes);
  return copy;
}

// Kept with 8 bits; then 9 bits, of which nothing was kept; then 8 again, at another rate.
static void a_model_of_earlier_options_is_not_taken(void **state)
{
  const stoa_event_types none = {0};
  stoa_state *s;
  stoa_error err = {0};
  stoa_policy policy = {.name = "p"}, *const p = &policy;
  const stoa_policies one = {(stoa_policy *[]){p}, 1, 1};
  (void)state;
  assert_int_equal(stoa_state_open(NULL, &none, &s, &err), STOA_OK);
  restored(s, p, 8, 0.5);
  learn_some(s, &one, 0, 20);
  assert_int_equal(stoa_models_save(s, &one, &err), STOA_OK);
  restored(s, p, 9, 0.5);
  learn_some(s, &one, 20, 20);
  const stoa_slice first = restored(s, p, 8, 2);
  assert_int_equal(stoa_bandit_tell(p->bandit).n_learned, 40);
  assert_int_equal(stoa_state_put_model(s, "p", 1, stoa_slice_of("nothing of use"), &err), STOA_OK);
  const stoa_slice again = restored(s, p, 8, 2);
  assert_true(stoa_slice_equal(first, again));
  learn_some(s, &one, 40, 5);
  assert_int_equal(stoa_models_save(s, &one, &err), STOA_OK); // now it is of these options
  const stoa_slice kept = restored(s, p, 8, 2);
  assert_int_equal(stoa_state_put_model(s, "p", 1, stoa_slice_of("nothing of use"), &err), STOA_OK);
  assert_true(stoa_slice_equal(kept, restored(s, p, 8, 2)));
  stoa_bandit_free(p->bandit);
  stoa_state_close(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    CLAIM(the_learner_follows_its_equations), CLAIM(explorers_give_what_their_papers_say),
    CLAIM(rankings_are_in_the_order_of_their_probabilities), CLAIM(labels_are_what_decisions_and_rewards_come_to),
    CLAIM(a_model_of_earlier_options_is_not_taken)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
