#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "personalizer/explorer.h"
#include "personalizer/learner.h"
#include <math.h>

static stoa_example *example_of(const char *band)
{
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  stoa_hashed_text(&e->context, &arena, "graph", "band", stoa_slice_of(band));
  e->n_actions = 2;
  for (uint32_t i = 0; i < 2; ++i) {
    e->actions[i].id = i ? "b" : "a";
    stoa_hashed_text(&e->actions[i].features, &arena, "a", "id", stoa_slice_of(e->actions[i].id));
  }
  return e;
}

static void the_learner_learns_an_interaction(void **state)
{
  stoa_learner l;
  (void)state;
  assert_true(stoa_learner_init(&l, 12, 0.5));
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
  stoa_learner_init(&l, 12, 0.5);
  stoa_learner_init(&copy, 12, 0.5);
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
  for (size_t n = 0; n + 1 < bytes.length; n += 7) { // a cut model is refused, or read whole pairs
    stoa_learner_read(&copy, (stoa_slice){bytes.data, n});
  }
  stoa_buf_done(&bytes);
  stoa_buf_done(&again);
  stoa_learner_done(&l);
  stoa_learner_done(&copy);
}

static void an_example_survives_its_encoding(void **state)
{
  stoa_buf bytes = {0};
  stoa_example *const e = example_of("low"), *const back = STOA_NEW(&arena, stoa_example);
  (void)state;
  stoa_hashed_number(&e->context, &arena, "c", "x", -2.5);
  stoa_example_write(e, &bytes);
  assert_true(stoa_example_read((stoa_slice){bytes.data, bytes.length}, &arena, back));
  assert_int_equal(back->context.n, 2);
  assert_int_equal(back->context.items[1].hash, e->context.items[1].hash);
  assert_true(back->context.items[1].value == -2.5F);
  assert_string_equal(back->actions[1].id, "b");
  for (size_t n = 0; n < bytes.length; ++n) {
    assert_false(stoa_example_read((stoa_slice){bytes.data, n}, &arena, back));
  }
  stoa_buf_done(&bytes);
}

static void squarecb_gives_the_papers_probabilities(void **state)
{
  const stoa_explorer e = {.kind = STOA_EXPLORER_SQUARECB, .gamma = 10, .exponent = 0.5, .floor = 0};
  const double costs[] = {-0.5, -0.25, 0};
  const bool none[3] = {false}, last[3] = {false, false, true};
  double p[3];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, costs, none, 3, 99, p)); // gamma = 10 * sqrt(100)
  assert_true(fabs(p[1] - 1 / (3 + 100 * 0.25)) < 1e-12);
  assert_true(fabs(p[2] - 1 / (3 + 100 * 0.5)) < 1e-12);
  assert_true(fabs(p[0] + p[1] + p[2] - 1) < 1e-12);
  assert_true(stoa_explorer_probabilities(&e, costs, last, 3, 99, p));
  assert_true(p[2] == 0 && fabs(p[0] + p[1] - 1) < 1e-12);
  const bool all[3] = {true, true, true};
  assert_false(stoa_explorer_probabilities(&e, costs, all, 3, 99, p));
}

static void the_floor_keeps_every_propensity_positive(void **state)
{
  const stoa_explorer e = {.kind = STOA_EXPLORER_EPSILON, .epsilon = 0, .floor = 0.1};
  const double costs[] = {-1, 0, 0, 0};
  const bool none[4] = {false};
  double p[4];
  (void)state;
  assert_true(stoa_explorer_probabilities(&e, costs, none, 4, 0, p));
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

int main(void)
{
  const struct CMUnitTest tests[] = {
    CLAIM(the_learner_learns_an_interaction),         CLAIM(a_saved_model_is_equal_bit_for_bit),
    CLAIM(an_example_survives_its_encoding),          CLAIM(squarecb_gives_the_papers_probabilities),
    CLAIM(the_floor_keeps_every_propensity_positive), CLAIM(draws_follow_the_probabilities_and_the_seed)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
