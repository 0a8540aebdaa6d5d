// Kinds of learners, what they are told by hand and what they keep; crossings; models of every explorer.
#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "personalizer/ensemble.h"
#include "tests/random/dice.h"
#include <math.h>
#include <stdio.h>

static stoa_example *example_of(const char *band, uint32_t n_actions)
{
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  stoa_hashed_text(&e->context, &arena, "c", "band", stoa_slice_of(band), NULL);
  e->n_actions = n_actions;
  for (uint32_t i = 0; i < n_actions; ++i) {
    e->actions[i].id = stoa_arena_print(&arena, "a%u", i);
    stoa_hashed_text(&e->actions[i].features, &arena, "a", "id", stoa_slice_of(e->actions[i].id), NULL);
  }
  return e;
}

static const stoa_yaml *yaml_of(const char *text)
{
  const stoa_yaml *node = NULL;
  stoa_error err = {0};
  assert_int_equal(stoa_yaml_read(stoa_slice_of(text), "it", 1, &arena, &node, &err), STOA_OK);
  return node;
}

static stoa_learner learner_of(const char *text)
{
  stoa_learner l;
  stoa_learner_options options;
  stoa_error err = {0};
  assert_int_equal(stoa_learner_options_read(yaml_of(text), &options, &err), STOA_OK);
  assert_true(stoa_learner_init(&l, &options));
  return l;
}

// One feature, of value 1, that cost -1 where 0 was predicted: the slope is 2.
static void a_coin_bets_what_its_equation_says(void **state)
{
  stoa_learner l = learner_of("{kind: coin, bits: 8, capital: 2, interactions: [a]}");
  const stoa_example *const e = example_of("x", 1);
  (void)state;
  assert_true(stoa_learner_learn(&l, e, 0, -1, 1));
  // Z = -(-2) turned: 2 / (2 * 1 * (2 * 1 + 2)) * -2 = -0.5, over a mean norm of 1
  assert_true(fabs(stoa_learner_predict(&l, e, 0) + 0.5) < 1e-5);
  assert_true(stoa_learner_learn(&l, e, 0, -1, 1)); // slope 1: earned 0.5, Z = -3, A = 3
  assert_true(fabs(stoa_learner_predict(&l, e, 0) + fmin(1, (2 + 0.5) / (2 * (2 + 3)) * 3)) < 1e-5);
  stoa_learner_done(&l);
}

static void ftrl_moves_what_its_equation_says(void **state)
{
  stoa_learner l = learner_of("{kind: ftrl, bits: 8, rate: 0.1, l1: 0.5, interactions: [a]}");
  const stoa_example *const e = example_of("x", 1);
  (void)state;
  assert_true(stoa_learner_learn(&l, e, 0, -1, 1));
  assert_true(fabs(stoa_learner_predict(&l, e, 0) + 1.5 / 30) < 1e-6); // (0.5 - 2) / ((1 + sqrt(4)) / 0.1)
  stoa_learner_done(&l);
  l = learner_of("{kind: ftrl, bits: 8, rate: 0.1, l1: 3, interactions: [a]}");
  assert_true(stoa_learner_learn(&l, e, 0, -1, 1));
  assert_true(stoa_learner_predict(&l, e, 0) == 0); // its gradients say less than l1
  stoa_learner_done(&l);
}

static void in_a_race_the_best_of_late_predicts(void **state)
{
  stoa_learner race = learner_of("{bits: 10, rate: [0.000001, 0.5]}"), alone = learner_of("{bits: 10, rate: 0.5}");
  (void)state;
  for (int i = 0; i < 50; ++i) {
    const stoa_example *const e = example_of(i % 3 ? "low" : "high", 2);
    const uint32_t a = (uint32_t)(i % 2);
    assert_true(stoa_learner_learn(&race, e, a, i % 5 ? -1 : 0, 1) && stoa_learner_learn(&alone, e, a, i % 5 ? -1 : 0, 1));
    if (i > 2) {
      assert_int_equal(race.best, 1);
      assert_true(stoa_learner_predict(&race, e, 0) == stoa_learner_predict(&alone, e, 0));
    }
  }
  stoa_learner_set_rate(&race, 3);
  assert_true(race.paces[0].rate == 0.000001 && race.paces[1].rate == 0.5);
  stoa_learner_done(&race);
  stoa_learner_done(&alone);
}

static void a_deviation_shrinks_with_what_was_seen(void **state)
{
  stoa_learner_options options;
  stoa_learner l;
  stoa_error err = {0};
  double deviation;
  const stoa_example *const e = example_of("x", 2);
  (void)state;
  assert_int_equal(stoa_learner_options_read(yaml_of("{bits: 12}"), &options, &err), STOA_OK);
  options.is_counting = true;
  assert_true(stoa_learner_init(&l, &options));
  for (int i = 0; i < 9; ++i) {
    assert_true(stoa_learner_learn(&l, e, 0, 0, 1)); // it never errs
  }
  stoa_learner_score(&l, e, 0, &deviation);
  assert_true(fabs(deviation - sqrt(2.0 / 10)) < 1e-9); // its id, and that with the band
  stoa_learner_score(&l, e, 1, &deviation);
  assert_true(fabs(deviation - sqrt(2)) < 1e-9);
  stoa_learner_done(&l);
}

// ---- crossings

static void add_random(dice *d, stoa_hashed_list *list)
{
  for (uint32_t n = dice_below(d, 5); n > 0; --n) {
    const stoa_hashed h = {((uint64_t)dice_below(d, UINT32_MAX) << 32) | n, 1 + (float)dice_below(d, 7), NULL};
    STOA_PUSH(&arena, list, h);
  }
}

// The sum of products of one letter after another, none of which goes back.
static double sum_of_word(const stoa_hashed_list *a, const stoa_hashed_list *c, int n_a, int n_c, uint32_t from)
{
  const stoa_hashed_list *const list = n_a ? a : c;
  double sum = 0;
  if (n_a + n_c == 0) {
    return 1;
  }
  for (uint32_t i = from; i < list->n; ++i) {
    const bool is_last_action = n_a == 1;
    sum += list->items[i].value * sum_of_word(a, c, n_a ? n_a - 1 : 0, n_a ? n_c : n_c - 1, is_last_action ? 0 : i);
  }
  return sum;
}

static void crossings_are_all_products_of_their_words(void **state)
{
  static const struct {
    const char *text, *told;
  } cases[] = {{"[a]", "a"},          {"[a, ca]", "a, ca"},      {"[ac]", "ca"},
               {"[\"**\"]", "aa, ca, cc"}, {"[a, cca, caa]", "a, cca, caa"}, {"[\"***\"]", "aaa, caa, cca, ccc"},
               {"[c, a, a]", "c, a"}};
  dice d = {3};
  (void)state;
  for (int round = 0; round < 300; ++round) {
    const int i = round % 7;
    stoa_crossings crossings;
    stoa_error err = {0};
    stoa_buf told = {0};
    stoa_example e = {.n_actions = 1};
    add_random(&d, &e.context);
    add_random(&d, &e.actions[0].features);
    assert_int_equal(stoa_crossings_read(yaml_of(cases[i].text), &crossings, &err), STOA_OK);
    stoa_crossings_write(&crossings, &told);
    assert_string_equal(stoa_buf_string(&told), cases[i].told);
    stoa_buf_done(&told);
    double expected = 0, sum = 0;
    for (uint32_t k = 0; k < crossings.n; ++k) {
      expected += sum_of_word(&e.actions[0].features, &e.context, crossings.items[k].n_actions,
                              crossings.items[k].n_contexts, 0);
    }
    stoa_crossing_walk some = stoa_crossing_walk_of(&crossings, &e, 0), one = some;
    stoa_crossed cells[7], cell;
    uint64_t count = 0;
    for (uint32_t n = stoa_crossing_walk_next(&some, cells, 7); n; n = stoa_crossing_walk_next(&some, cells, 7)) {
      for (uint32_t k = 0; k < n; ++k) {
        assert_int_equal(stoa_crossing_walk_next(&one, &cell, 1), 1);
        assert_true(cell.hash == cells[k].hash && cell.value == cells[k].value);
        sum += cells[k].value;
      }
      count += n;
    }
    assert_int_equal(stoa_crossing_walk_next(&one, &cell, 1), 0);
    assert_int_equal(count, stoa_crossings_count(&crossings, &e));
    assert_true(sum == expected);
  }
}

static void what_is_no_crossing_is_refused(void **state)
{
  static const char *const bad[] = {"[]", "a", "[b]", "[aaaa]", "[c, cc]", "[\"\"]", "[[a]]"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    stoa_crossings crossings;
    stoa_error err = {0};
    assert_int_equal(stoa_crossings_read(yaml_of(bad[i]), &crossings, &err), STOA_BAD_ARG);
  }
}

// ---- options

static void options_that_do_not_belong_are_refused(void **state)
{
  static const char *const learners[] = {"{kind: coin, rate: 1}", "{l1: 1}",        "{kind: tree}",     "{rate: [1]}",
                                         "{rate: [1, 1]}",        "{rate: [1, 0]}", "{rate: [1, x]}",   "{rate: 0}",
                                         "{bits: 7}",             "{bits: 12.5}",   "{interactions: a}", "[]"};
  static const char *const explorers[] = {"{kind: squarecb, epsilon: 0.1}", "{gamma: 10}", "{kind: bag, models: 1}",
                                          "{kind: bag, models: 2.5}",       "{kind: best}", "{kind: epsilon, epsilon: 2}",
                                          "{kind: cover, lambda: 1}",       "{kind: [bag]}"};
  (void)state;
  for (size_t i = 0; i < sizeof learners / sizeof *learners; ++i) {
    stoa_learner_options options;
    stoa_error err = {0};
    assert_int_not_equal(stoa_learner_options_read(yaml_of(learners[i]), &options, &err), STOA_OK);
    assert_true(err.line == 1 && err.text[0]);
  }
  for (size_t i = 0; i < sizeof explorers / sizeof *explorers; ++i) {
    stoa_explorer explorer;
    stoa_error err = {0};
    assert_int_not_equal(stoa_explorer_read(yaml_of(explorers[i]), &explorer, &err), STOA_OK);
    assert_true(err.line == 1 && err.text[0]);
  }
}

// What is told is read as the same.
static void options_are_told_as_a_file_has_them(void **state)
{
  static const char *const texts[] = {"{kind: coin, bits: 10, capital: 3, interactions: [a, cca]}",
                                      "{kind: ftrl, bits: 9, rate: 0.25, l1: 1, l2: 2, beta: 3, interactions: [a]}",
                                      "{kind: adaptive, bits: 12, rate: [0.1, 2], interactions: [a, ca]}"};
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    stoa_learner_options options;
    stoa_error err = {0};
    stoa_buf told = {0};
    assert_int_equal(stoa_learner_options_read(yaml_of(texts[i]), &options, &err), STOA_OK);
    stoa_learner_options_write(&options, &told);
    assert_string_equal(stoa_buf_string(&told), texts[i]);
    stoa_buf_done(&told);
  }
  for (int k = 0; k < STOA_N_EXPLORERS; ++k) {
    const char *const text = stoa_arena_print(&arena, "{kind: %s, floor: 0.03}", stoa_explorer_class_of(k)->name);
    stoa_explorer explorer, again;
    stoa_error err = {0};
    stoa_buf told = {0};
    assert_int_equal(stoa_explorer_read(yaml_of(text), &explorer, &err), STOA_OK);
    assert_true(explorer.kind == (stoa_explorer_kind)k && explorer.floor == 0.03);
    stoa_explorer_write(&explorer, &told);
    assert_int_equal(stoa_explorer_read(yaml_of(stoa_buf_string(&told)), &again, &err), STOA_OK);
    assert_memory_equal(&explorer, &again, sizeof explorer);
    stoa_buf_done(&told);
  }
}

// ---- models: every explorer over every learner

static void learn_some(stoa_ensemble *m, int from, int n)
{
  for (int i = from; i < from + n; ++i) {
    const stoa_example *const e = example_of(i % 3 ? "low" : "high", 3);
    const uint32_t chosen = (uint32_t)(i % 7 % 3);
    stoa_ensemble_learn(m, e, chosen, 0.2 + i % 4 * 0.2, chosen == (i % 3 ? 1 : 2) ? -1 : 0);
  }
}

static bool same_bytes(const stoa_ensemble *a, const stoa_ensemble *b)
{
  stoa_buf x = {0}, y = {0};
  stoa_ensemble_write(a, &x);
  stoa_ensemble_write(b, &y);
  const bool same = x.length == y.length && memcmp(x.data, y.data, x.length) == 0;
  stoa_buf_done(&x);
  stoa_buf_done(&y);
  return same;
}

static void one_model(const stoa_learner_options *options, const stoa_explorer *explorer)
{
  static const bool none[STOA_MOST_ACTIONS];
  stoa_ensemble m, copy, again;
  stoa_buf bytes = {0};
  stoa_scores scores;
  double p[STOA_MOST_ACTIONS];
  assert_true(stoa_ensemble_init(&m, options, explorer) && stoa_ensemble_init(&copy, options, explorer) &&
              stoa_ensemble_init(&again, options, explorer));
  learn_some(&m, 0, 120);
  stoa_ensemble_write(&m, &bytes);
  for (size_t n = 0; n < bytes.length; n += 1 + bytes.length / 50) { // cut, or with a bit turned, it is none
    assert_false(stoa_ensemble_read(&copy, (stoa_slice){bytes.data, n}));
    bytes.data[n] ^= 16;
    assert_false(stoa_ensemble_read(&copy, (stoa_slice){bytes.data, bytes.length}));
    bytes.data[n] ^= 16;
  }
  stoa_ensemble_forget(&copy);
  assert_true(stoa_ensemble_read(&copy, (stoa_slice){bytes.data, bytes.length}));
  learn_some(&m, 120, 20);
  learn_some(&copy, 120, 20);
  learn_some(&again, 0, 140); // as a log is replayed
  assert_true(same_bytes(&m, &copy) && same_bytes(&m, &again));
  stoa_ensemble_predict(&m, example_of("low", 3), none, &scores);
  assert_true(scores.costs[1] < scores.costs[0] - 0.3 && scores.costs[1] < scores.costs[2] - 0.3);
  assert_true(stoa_explorer_probabilities(explorer, &scores, p) && p[1] > 1.0 / 3);
  stoa_ensemble_forget(&copy);
  learn_some(&copy, 0, 140);
  assert_true(same_bytes(&m, &copy));
  stoa_buf_done(&bytes);
  stoa_ensemble_done(&m);
  stoa_ensemble_done(&copy);
  stoa_ensemble_done(&again);
  stoa_arena_reset(&arena);
}

static void models_are_kept_and_replayed_bit_for_bit(void **state)
{
  (void)state;
  for (int k = 0; k < STOA_N_EXPLORERS; ++k) {
    static const char *const learners[] = {"{bits: 9}", "{bits: 9, kind: coin}", "{bits: 9, kind: ftrl}", "{bits: 9, rate: 0.5}"};
    for (size_t i = 0; i < sizeof learners / sizeof *learners; ++i) {
      stoa_learner_options options;
      stoa_explorer explorer;
      stoa_error err = {0};
      assert_int_equal(stoa_learner_options_read(yaml_of(learners[i]), &options, &err), STOA_OK);
      assert_int_equal(
        stoa_explorer_read(yaml_of(stoa_arena_print(&arena, "{kind: %s}", stoa_explorer_class_of(k)->name)), &explorer,
                           &err),
        STOA_OK);
      one_model(&options, &explorer);
    }
  }
}

// Each but the first learns a label as often as a Poisson distribution of mean 1 has it.
static void models_of_a_bag_learn_other_labels(void **state)
{
  stoa_learner_options options;
  stoa_explorer explorer;
  stoa_ensemble m;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_learner_options_read(yaml_of("{bits: 8, rate: 0.5}"), &options, &err), STOA_OK);
  assert_int_equal(stoa_explorer_read(yaml_of("{kind: bag, models: 4}"), &explorer, &err), STOA_OK);
  assert_true(stoa_ensemble_init(&m, &options, &explorer));
  learn_some(&m, 0, 1000);
  assert_int_equal(m.learners[0].n_learned, 1000);
  for (uint32_t k = 1; k < 4; ++k) { // 0.632 of them at least once
    assert_in_range(m.learners[k].n_learned, 580, 690);
    assert_true(m.learners[k].paces[0].n_sum != m.learners[k - 1].paces[0].n_sum);
  }
  stoa_ensemble_done(&m);
}

static void a_model_of_other_options_is_none(void **state)
{
  static const char *const learners[] = {"{bits: 9, rate: 0.5}", "{bits: 9}", "{bits: 8, rate: 0.5}", "{bits: 9, kind: coin}",
                                         "{bits: 9, rate: 0.5, interactions: [a]}"};
  static const char *const explorers[] = {"{kind: epsilon}", "{kind: thompson}", "{kind: bag}", "{kind: bag, models: 3}",
                                          "{kind: cover, models: 3}"};
  stoa_ensemble models[10];
  stoa_buf bytes[10] = {{0}};
  (void)state;
  for (int i = 0; i < 10; ++i) {
    stoa_learner_options options;
    stoa_explorer explorer;
    stoa_error err = {0};
    assert_int_equal(stoa_learner_options_read(yaml_of(learners[i < 5 ? i : 0]), &options, &err), STOA_OK);
    assert_int_equal(stoa_explorer_read(yaml_of(explorers[i < 5 ? 0 : i - 5]), &explorer, &err), STOA_OK);
    assert_true(stoa_ensemble_init(&models[i], &options, &explorer));
    learn_some(&models[i], 0, 5);
    stoa_ensemble_write(&models[i], &bytes[i]);
  }
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 10; ++k) {
      const bool is_same = i == k || (i % 5 == 0 && k % 5 == 0); // 0 and 5 are of the same options
      assert_int_equal(stoa_ensemble_read(&models[i], (stoa_slice){bytes[k].data, bytes[k].length}), is_same);
    }
  }
  for (int i = 0; i < 10; ++i) {
    stoa_buf_done(&bytes[i]);
    stoa_ensemble_done(&models[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_coin_bets_what_its_equation_says),
                                     CLAIM(ftrl_moves_what_its_equation_says),
                                     CLAIM(in_a_race_the_best_of_late_predicts),
                                     CLAIM(a_deviation_shrinks_with_what_was_seen),
                                     CLAIM(crossings_are_all_products_of_their_words),
                                     CLAIM(what_is_no_crossing_is_refused),
                                     CLAIM(options_that_do_not_belong_are_refused),
                                     CLAIM(options_are_told_as_a_file_has_them),
                                     CLAIM(models_are_kept_and_replayed_bit_for_bit),
                                     CLAIM(models_of_a_bag_learn_other_labels),
                                     CLAIM(a_model_of_other_options_is_none)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
