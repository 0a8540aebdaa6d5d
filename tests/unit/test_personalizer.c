#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "graph/base/hash.h"
#include "personalizer/explorer.h"
#include "personalizer/learner.h"
#include "personalizer/policy.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const stoa_crossings usual;
static const stoa_learner_options twelve = {.bits = 12, .rate = 0.5}, eight = {.bits = 8, .rate = 100};

static stoa_example *example_of(const char *band)
{
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  stoa_hashed_text(&e->context, &arena, "graph", "band", stoa_slice_of(band), NULL);
  e->n_actions = 2;
  for (uint32_t i = 0; i < 2; ++i) {
    e->actions[i].id = i ? "b" : "a";
    stoa_hashed_text(&e->actions[i].features, &arena, "a", "id", stoa_slice_of(e->actions[i].id), NULL);
  }
  return e;
}

static void the_learner_learns_an_interaction(void **state)
{
  stoa_learner l;
  (void)state;
  assert_true(stoa_learner_init(&l, &twelve));
  const stoa_example *const low = example_of("low"), *const high = example_of("high");
  for (int i = 0; i < 200; ++i) { // a suits low, b suits high
    stoa_learner_learn(&l, low, 0, -1, 1);
    stoa_learner_learn(&l, low, 1, 0, 1);
    stoa_learner_learn(&l, high, 0, 0, 1);
    stoa_learner_learn(&l, high, 1, -1, 1);
  }
  assert_true(fabs(stoa_learner_predict(&l, low, 0) + 1) < 0.1);
  assert_true(fabs(stoa_learner_predict(&l, low, 1)) < 0.1);
  assert_true(fabs(stoa_learner_predict(&l, high, 1) + 1) < 0.1);
  stoa_learner_done(&l);
}

static void a_saved_model_is_equal_bit_for_bit(void **state)
{
  stoa_learner l, copy;
  stoa_buf bytes = {0}, again = {0};
  (void)state;
  stoa_learner_init(&l, &twelve);
  stoa_learner_init(&copy, &twelve);
  for (int i = 0; i < 50; ++i) {
    stoa_learner_learn(&l, example_of(i % 3 ? "low" : "high"), (uint32_t)(i % 2), i % 5 ? 0 : -1, 1);
  }
  stoa_learner_write(&l, &bytes);
  assert_true(stoa_learner_read(&copy, (stoa_slice){bytes.data, bytes.length}));
  stoa_learner_learn(&l, example_of("low"), 0, -1, 1);
  stoa_learner_learn(&copy, example_of("low"), 0, -1, 1);
  bytes.length = 0;
  stoa_learner_write(&l, &bytes);
  stoa_learner_write(&copy, &again);
  assert_int_equal(bytes.length, again.length);
  assert_memory_equal(bytes.data, again.data, bytes.length);
  for (size_t n = 0; n < bytes.length; ++n) { // cut anywhere, it is none
    assert_false(stoa_learner_read(&copy, (stoa_slice){bytes.data, n}));
  }
  for (size_t n = 0; n < bytes.length; ++n) { // nor with one bit turned
    bytes.data[n] ^= 4;
    assert_false(stoa_learner_read(&copy, (stoa_slice){bytes.data, bytes.length}));
    bytes.data[n] ^= 4;
  }
  stoa_buf_done(&bytes);
  stoa_buf_done(&again);
  stoa_learner_done(&l);
  stoa_learner_done(&copy);
}

// The bytes of a model, with their sum, as an older program may have kept them.
static void with_sum(stoa_buf *bytes)
{
  const uint64_t sum = stoa_hash_more(STOA_HASH_SEED, bytes->data, bytes->length - sizeof sum);
  memcpy(bytes->data + bytes->length - sizeof sum, &sum, sizeof sum);
}

static void a_kept_model_that_is_not_finite_is_none(void **state)
{
  static const float poison[] = {NAN, INFINITY, -INFINITY};
  stoa_learner l, copy;
  stoa_buf bytes = {0};
  (void)state;
  stoa_learner_init(&l, &twelve);
  stoa_learner_init(&copy, &twelve);
  stoa_learner_learn(&l, example_of("low"), 0, -1, 1);
  stoa_learner_write(&l, &bytes);
  assert_true(stoa_learner_read(&copy, (stoa_slice){bytes.data, bytes.length}));
  for (size_t i = 0; i < 9; ++i) { // the last weight's three numbers
    stoa_buf bad = {0};
    stoa_buf_add(&bad, bytes.data, bytes.length);
    memcpy(bad.data + bad.length - sizeof(uint64_t) - 12 + 4 * (i / 3), &poison[i % 3], 4);
    with_sum(&bad);
    assert_false(stoa_learner_read(&copy, (stoa_slice){bad.data, bad.length}));
    stoa_buf_done(&bad);
  }
  for (size_t i = 0; i < 6; ++i) { // low, high; rate, n_sum, t, loss of its pace
    const double nan = NAN;
    stoa_buf bad = {0};
    stoa_buf_add(&bad, bytes.data, bytes.length);
    const size_t fields = 1 + strlen(bad.data + 1) + 1; // behind the format and the options
    memcpy(bad.data + fields + (i < 2 ? 4 + 8 * i : 4 + 5 * 8 + 8 * (i - 2)), &nan, sizeof nan);
    with_sum(&bad);
    assert_false(stoa_learner_read(&copy, (stoa_slice){bad.data, bad.length}));
    stoa_buf_done(&bad);
  }
  stoa_buf_done(&bytes);
  stoa_learner_done(&l);
  stoa_learner_done(&copy);
}

static bool same_model(const stoa_learner *a, const stoa_learner *b)
{
  return memcmp(a->weights, b->weights, ((size_t)3 << a->bits) * sizeof *a->weights) == 0 && a->paces[0].n_sum == b->paces[0].n_sum &&
         a->paces[0].t == b->paces[0].t && a->low == b->low && a->high == b->high && a->n_learned == b->n_learned &&
         a->cost_sum == b->cost_sum;
}

// Values that floats hold, but whose squares they do not; and those that an older log may have.
static void an_update_that_would_poison_the_model_is_refused(void **state)
{
  static const float values[] = {1e30F, -3e38F, INFINITY, NAN, 1e-38F, 1e-45F, 1e18F, 1};
  static const double costs[] = {-1, 1, 0.5, INFINITY, NAN};
  stoa_learner l, before;
  uint64_t n_refused = 0;
  (void)state;
  stoa_learner_init(&l, &eight); // few weights, so that features share some
  stoa_learner_init(&before, &eight);
  for (int round = 0; round < 400; ++round) {
    stoa_example *const e = example_of(round % 2 ? "low" : "high");
    for (int i = 0; i < 3; ++i) {
      const stoa_hashed h = {(uint64_t)(round * 7 + i * 131) * UINT64_C(0x9E3779B97F4A7C15),
                             values[(round / (i + 1)) % 8], NULL};
      STOA_PUSH(&arena, &e->context, h);
    }
    memcpy(before.weights, l.weights, ((size_t)3 << 8) * sizeof *l.weights);
    float *const kept = before.weights;
    before = l;
    before.weights = kept;
    const bool learned = stoa_learner_learn(&l, e, (uint32_t)round % 2, costs[round % 5], 1);
    assert_true(learned || same_model(&l, &before));
    n_refused += !learned;
    assert_int_equal(l.n_refused, n_refused);
    for (size_t i = 0; i < (size_t)3 << 8; ++i) {
      assert_true(isfinite(l.weights[i]));
    }
    assert_true(isfinite(stoa_learner_predict(&l, e, 0)) && isfinite(stoa_learner_predict(&l, e, 1)));
  }
  assert_in_range(n_refused, 160, 399); // of two costs none is learned
  before.cells = before.before = before.moves = (stoa_buf){0};
  stoa_learner_done(&l);
  stoa_learner_done(&before);
}

static void a_feature_that_no_float_holds_is_refused_by_name(void **state)
{
  static const double beyond[] = {INFINITY, -INFINITY, NAN, 3.5e38, -1e308};
  stoa_hashed_list list = {0};
  stoa_error err = {0};
  const stoa_json *json;
  (void)state;
  for (size_t i = 0; i < sizeof beyond / sizeof *beyond; ++i) {
    err = (stoa_error){0};
    assert_int_equal(stoa_hashed_number(&list, &arena, "c", "income", beyond[i], &err), STOA_BAD_TYPE);
    assert_non_null(strstr(err.text, "\"income\""));
  }
  assert_int_equal(list.n, 0);
  assert_int_equal(stoa_hashed_number(&list, &arena, "c", "income", 3.4e38, &err), STOA_OK);
  assert_int_equal(list.n, 1);
  assert_int_equal(stoa_json_read(stoa_slice_of("[{\"who\":{\"income\":[1,{\"x\":1e39}]}}]"), &arena, &json, &err),
                   STOA_OK);
  err = (stoa_error){0};
  assert_int_equal(stoa_hashed_json(&list, &arena, "c", json, &err), STOA_BAD_TYPE);
  assert_non_null(strstr(err.text, "\"who.income.x\""));
}

static void a_member_costs_its_own_name_however_deep_it_lies(void **state)
{
  stoa_hashed_list list = {0}, same = {0};
  stoa_error err = {0};
  const stoa_json *json;
  stoa_arena own;
  stoa_buf text = {0};
  (void)state;
  assert_int_equal(stoa_json_read(stoa_slice_of("{\"a\":{\"b\":[{\"c\":2}],\"t\":\"x\"}}"), &arena, &json, &err),
                   STOA_OK);
  assert_int_equal(stoa_hashed_json(&list, &arena, "c", json, &err), STOA_OK);
  stoa_hashed_number(&same, &arena, "c", "a.b.c", 2, &err);
  stoa_hashed_text(&same, &arena, "c", "a.t", stoa_slice_of("x"), &err);
  assert_int_equal(list.n, 2);
  assert_true(list.items[0].hash == same.items[0].hash && list.items[1].hash == same.items[1].hash);
  for (int i = 0; i < 40; ++i) {
    stoa_buf_text(&text, "{\"");
    for (int k = 0; k < 5000; ++k) {
      stoa_buf_byte(&text, 'k');
    }
    stoa_buf_text(&text, "\":");
  }
  for (int i = 0; i < 5000; ++i) {
    stoa_buf_print(&text, "%s\"%d\":0", i ? "," : "{", i);
  }
  for (int i = 0; i < 41; ++i) {
    stoa_buf_byte(&text, '}');
  }
  stoa_arena_init(&own, 0);
  assert_int_equal(stoa_json_read((stoa_slice){text.data, text.length}, &arena, &json, &err), STOA_OK);
  assert_int_equal(stoa_hashed_json(&list, &own, "c", json, &err), STOA_OK);
  assert_in_range(own.n_bytes, 0, 1 << 20);
  stoa_arena_done(&own);
  stoa_buf_done(&text);
}

// Where a name ends and its value begins is part of the hash.
static void names_and_values_are_told_apart(void **state)
{
  stoa_hashed_list list = {0};
  (void)state;
  stoa_hashed_text(&list, &arena, "c", "ab", stoa_slice_of("c"), NULL);
  stoa_hashed_text(&list, &arena, "c", "a", stoa_slice_of("bc"), NULL);
  stoa_hashed_number(&list, &arena, "c", "abc", 1, NULL);
  stoa_hashed_text(&list, &arena, "ca", "b", stoa_slice_of("c"), NULL);
  stoa_hashed_number(&list, &arena, "ca", "bc", 1, NULL);
  for (uint32_t i = 0; i < list.n; ++i) {
    for (uint32_t k = 0; k < i; ++k) {
      assert_true(list.items[i].hash != list.items[k].hash);
    }
  }
}

static void an_example_has_bounds(void **state)
{
  stoa_example *const e = example_of("low");
  stoa_error err = {0};
  (void)state;
  while (e->context.n < STOA_MOST_FEATURES) {
    assert_int_equal(stoa_hashed_text(&e->context, &arena, "c", "x", stoa_slice_of("y"), &err), STOA_OK);
  }
  assert_int_equal(stoa_hashed_text(&e->context, &arena, "c", "x", stoa_slice_of("y"), &err), STOA_TOO_LARGE);
  assert_int_equal(stoa_crossings_check(&usual, e, &err), STOA_OK);
  for (int i = 0; i < 254; ++i) {
    stoa_hashed_text(&e->actions[1].features, &arena, "c", "x", stoa_slice_of("y"), &err);
  }
  assert_int_equal(stoa_crossings_check(&usual, e, &err), STOA_TOO_LARGE);
}

static void an_example_survives_its_encoding(void **state)
{
  stoa_buf bytes = {0};
  stoa_example *const e = example_of("low"), *const back = STOA_NEW(&arena, stoa_example);
  (void)state;
  stoa_hashed_number(&e->context, &arena, "c", "x", -2.5, NULL);
  stoa_example_write(e, &bytes);
  assert_true(stoa_example_read((stoa_slice){bytes.data, bytes.length}, &arena, back));
  assert_int_equal(back->context.n, 2);
  assert_int_equal(back->context.items[1].hash, e->context.items[1].hash);
  assert_true(back->context.items[1].value == -2.5F);
  assert_string_equal(back->context.items[0].name, "graph.band=low");
  assert_string_equal(back->context.items[1].name, "c.x");
  assert_string_equal(back->actions[1].id, "b");
  for (size_t n = 0; n < bytes.length; ++n) {
    assert_false(stoa_example_read((stoa_slice){bytes.data, n}, &arena, back));
  }
  stoa_buf_done(&bytes);
}

static stoa_scores scores_of(const double *costs, uint32_t n, uint64_t n_learned)
{
  stoa_scores s = {.n = n, .low = -1, .high = 0, .n_learned = n_learned};
  memcpy(s.costs, costs, n * sizeof *costs);
  return s;
}

static void squarecb_gives_the_papers_probabilities(void **state)
{
  const stoa_explorer e = {.kind = STOA_EXPLORER_SQUARECB, .gamma = 10, .exponent = 0.5, .floor = 0};
  stoa_scores s = scores_of((const double[]){-0.5, -0.25, 0}, 3, 99);
  double p[3];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, &s, p)); // gamma = 10 * sqrt(100)
  assert_true(fabs(p[1] - 1 / (3 + 100 * 0.25)) < 1e-12);
  assert_true(fabs(p[2] - 1 / (3 + 100 * 0.5)) < 1e-12);
  assert_true(fabs(p[0] + p[1] + p[2] - 1) < 1e-12);
  s.excluded[2] = true;
  assert_true(stoa_explorer_probabilities(&e, &s, p));
  assert_true(p[2] == 0 && fabs(p[0] + p[1] - 1) < 1e-12);
  s.excluded[0] = s.excluded[1] = true;
  assert_false(stoa_explorer_probabilities(&e, &s, p));
}

// f = 0.5, 0.75 and 1 within [0, 1].
static void fastcb_gives_the_papers_probabilities(void **state)
{
  const stoa_explorer e = {.kind = STOA_EXPLORER_FASTCB, .gamma = 10};
  const stoa_scores s = scores_of((const double[]){-0.5, -0.25, 0}, 3, 99);
  double p[3];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, &s, p));
  assert_true(fabs(p[1] - 0.125) < 1e-12 && fabs(p[2] - 0.5 / 6.5) < 1e-12 && fabs(p[0] - (0.875 - 0.5 / 6.5)) < 1e-12);
}

// log(2 * 10) * 0.1 = 0.29957 may be lost.  The first, of variance 0.01 and 1.5 from the label: w = 3.177, to -0.5318;
// the second, of variance 1 and 1.75 from it: w = 0.3062, to -0.5562.
static void regcb_shows_what_may_be_the_best(void **state)
{
  stoa_explorer e = {.kind = STOA_EXPLORER_REGCB_OPT, .c0 = 0.1};
  stoa_scores s = scores_of((const double[]){-0.5, -0.25}, 2, 9);
  double p[2];
  (void)state;
  s.deviations[0] = 0.1;
  s.deviations[1] = 1;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && p[0] == 0 && p[1] == 1);
  e.kind = STOA_EXPLORER_REGCB_ELIM;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && p[0] == 0.5 && p[1] == 0.5);
  s.deviations[1] = 0.1; // now it is known too
  assert_true(stoa_explorer_probabilities(&e, &s, p) && p[0] == 1 && p[1] == 0);
  e.kind = STOA_EXPLORER_REGCB_OPT;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && p[0] == 1 && p[1] == 0);
}

// Of two, P(a < b) is the normal distribution at (mean_b - mean_a) / sqrt(variance_a + variance_b).
static void thompson_sampling_has_the_probabilities_of_its_draws(void **state)
{
  static const double deviations[] = {1e-6, 0.01, 0.3, 1, 50};
  const stoa_explorer e = {.kind = STOA_EXPLORER_THOMPSON, .alpha = 0.5};
  stoa_scores s = scores_of((const double[]){-0.5, -0.25}, 2, 9);
  double p[50];
  (void)state;
  for (int i = 0; i < 25; ++i) {
    s.deviations[0] = deviations[i / 5];
    s.deviations[1] = deviations[i % 5];
    const double z = 0.25 / (0.5 * hypot(s.deviations[0], s.deviations[1]));
    assert_true(stoa_explorer_probabilities(&e, &s, p));
    assert_true(fabs(p[0] - erfc(-z / sqrt(2)) / 2) < 1e-6 && fabs(p[0] + p[1] - 1) < 1e-12);
  }
  s.n = 50;
  for (int i = 0; i < 50; ++i) { // all alike
    s.costs[i] = 0.5;
    s.deviations[i] = 0.1;
  }
  assert_true(stoa_explorer_probabilities(&e, &s, p) && fabs(p[7] - 0.02) < 1e-6);
}

static void softmax_and_votes_by_hand(void **state)
{
  stoa_explorer e = {.kind = STOA_EXPLORER_SOFTMAX, .lambda = 2, .epsilon = 0.5};
  stoa_scores s = scores_of((const double[]){-0.5, 0}, 2, 7);
  double p[2];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && fabs(p[0] - 1 / (1 + exp(-1))) < 1e-12);
  s.votes[0] = 0.8;
  s.votes[1] = 0.2;
  e.kind = STOA_EXPLORER_BAG;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && fabs(p[0] - 0.8) < 1e-12);
  e.kind = STOA_EXPLORER_COVER; // sqrt(2 / 8) of half is even
  assert_true(stoa_explorer_probabilities(&e, &s, p) && fabs(p[0] - (0.75 * 0.8 + 0.125)) < 1e-12);
  e.kind = STOA_EXPLORER_COVER_NU;
  assert_true(stoa_explorer_probabilities(&e, &s, p) && fabs(p[1] - 0.2) < 1e-12);
}

static void the_floor_keeps_every_propensity_positive(void **state)
{
  const stoa_explorer e = {.kind = STOA_EXPLORER_EPSILON, .epsilon = 0, .floor = 0.1};
  const stoa_scores s = scores_of((const double[]){-1, 0, 0, 0}, 4, 0);
  double p[4];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, &s, p));
  assert_true(fabs(p[0] - (0.9 + 0.025)) < 1e-12);
  assert_true(fabs(p[3] - 0.025) < 1e-12);
}

static void draws_follow_the_probabilities_and_the_seed(void **state)
{
  const double p[] = {0.2, 0, 0.5, 0.3};
  int n[4] = {0};
  (void)state;
  for (uint64_t i = 0; i < 100000; ++i) {
    n[stoa_explorer_draw(p, 4, stoa_explorer_seed((const char *)&i, sizeof i))]++;
  }
  assert_int_equal(n[1], 0);
  assert_in_range(n[0], 19400, 20600);
  assert_in_range(n[2], 49200, 50800);
  assert_int_equal(stoa_explorer_draw(p, 4, 42), stoa_explorer_draw(p, 4, 42));
}

static void a_number_of_yaml_begins_as_numbers_do(void **state)
{
  static const struct {
    const char *text;
    double number; ///< 0: it is a text
  } cases[] = {{"12", 12},      {"-1.5", -1.5}, {"+3", 3},  {".5", 0.5},  {"1e3", 1e3},      {"0x10", 0},
               {"infinity", 0}, {"nan", 0},     {"12a", 0}, {"1.2.3", 0}, {"2026-01-01", 0}, {"-", 0}};
  enum { N = sizeof cases / sizeof *cases };
  char path[] = "/tmp/stoa-policy.XXXXXX";
  FILE *const file = fdopen(mkstemp(path), "w");
  stoa_policy *policy;
  stoa_error err = {0};
  (void)state;
  fputs("policy: p\nactions:\n", file);
  for (size_t i = 0; i < N; ++i) {
    fprintf(file, "  - {id: a%zu, features: {f: %s}}\n", i, cases[i].text);
  }
  fclose(file);
  assert_int_equal(stoa_policy_read(path, NULL, &arena, &policy, &err), STOA_OK);
  unlink(path);
  for (size_t i = 0; i < N; ++i) {
    stoa_hashed_list expected = {0};
    cases[i].number != 0 ? stoa_hashed_number(&expected, &arena, "a", "f", cases[i].number, NULL)
                         : stoa_hashed_text(&expected, &arena, "a", "f", stoa_slice_of(cases[i].text), NULL);
    assert_int_equal(policy->actions[i].features.n, 2); // its id is one
    assert_true(policy->actions[i].features.items[1].hash == expected.items[0].hash);
    assert_true(policy->actions[i].features.items[1].value == expected.items[0].value);
  }
  stoa_policy_free(policy);
}

// The last one that may be shown gets what rounding leaves.
static void an_excluded_action_is_never_drawn(void **state)
{
  const double p[] = {0, 0.25, 0, 0.25, 0};
  int n[5] = {0};
  (void)state;
  for (uint64_t i = 0; i < 1000; ++i) {
    n[stoa_explorer_draw(p, 5, stoa_explorer_seed((const char *)&i, sizeof i))]++;
  }
  assert_int_equal(n[0] + n[2] + n[4], 0);
  assert_in_range(n[1], 200, 300);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(the_learner_learns_an_interaction),
                                     CLAIM(a_saved_model_is_equal_bit_for_bit),
                                     CLAIM(a_kept_model_that_is_not_finite_is_none),
                                     CLAIM(an_update_that_would_poison_the_model_is_refused),
                                     CLAIM(a_feature_that_no_float_holds_is_refused_by_name),
                                     CLAIM(a_member_costs_its_own_name_however_deep_it_lies),
                                     CLAIM(names_and_values_are_told_apart),
                                     CLAIM(an_example_has_bounds),
                                     CLAIM(an_example_survives_its_encoding),
                                     CLAIM(squarecb_gives_the_papers_probabilities),
                                     CLAIM(fastcb_gives_the_papers_probabilities),
                                     CLAIM(regcb_shows_what_may_be_the_best),
                                     CLAIM(thompson_sampling_has_the_probabilities_of_its_draws),
                                     CLAIM(softmax_and_votes_by_hand),
                                     CLAIM(the_floor_keeps_every_propensity_positive),
                                     CLAIM(draws_follow_the_probabilities_and_the_seed),
                                     CLAIM(a_number_of_yaml_begins_as_numbers_do),
                                     CLAIM(an_excluded_action_is_never_drawn)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
