// Events that are held in tiles, held to the fold of all of them: random events of any order, at instants that move on.
#include "tests/support/unit.h"

#include "features/cell.h"
#include "features/held.h"
#include "graph/plan/planning.h"
#include "tests/random/dice.h"

enum { ROUNDS = 60, MOST_EVENTS = 4000, N_WINDOWS = 3, N_SLOTS = 2 };

static const int64_t windows[N_WINDOWS] = {60, 3600, 7 * 86400};
static const int64_t first_us = INT64_C(1700000000) * 1000000;

static stoa_arena arena; ///< of a round

static int setup(void **state)
{
  (void)state;
  stoa_arena_init(&arena, 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  stoa_arena_done(&arena);
  return 0;
}

static void make_view(dice *d, stoa_view *view)
{
  for (int i = 0; i < N_WINDOWS; ++i) {
    STOA_PUSH(&arena, &view->windows, windows[i]);
  }
  for (int kind = STOA_WINDOW_COUNT; kind <= STOA_WINDOW_PERCENTILE; ++kind) {
    for (uint32_t w = 0; w < N_WINDOWS; ++w) {
      for (int slot = -1; slot <= N_SLOTS; ++slot) {
        const stoa_feature f = {.kind = (stoa_window_kind)kind,
                                .window = w,
                                .slot = slot,
                                .percent = 1 + (int)dice_below(d, 99),
                                .distinct = kind == STOA_WINDOW_DISTINCT ? 3 : STOA_NO_VAR};
        STOA_PUSH(&arena, &view->features, f);
      }
    }
  }
}

// Many at one instant, many in the order of time, some far behind, some to come.
static int64_t some_instant(dice *d, int64_t now_us, int64_t *last_us)
{
  switch (dice_below(d, 10)) {
    case 0:
      return *last_us;
    case 1:
      return now_us - (int64_t)dice_below(d, 8 * 86400) * 1000000;
    case 2:
      return now_us - windows[dice_below(d, N_WINDOWS)] * 1000000 + (int64_t)dice_below(d, 3) - 1;
    case 3:
      return now_us + (int64_t)dice_below(d, 4000) * 1000000;
    default:
      return *last_us += (int64_t)dice_below(d, 200) * 1000000;
  }
}

static stoa_term some_value(dice *d)
{
  if (dice_chance(d, 5)) {
    return (stoa_term){0};
  }
  return (stoa_term){.kind = STOA_TERM_DECIMAL, .length = 2, .as.integer = (int64_t)dice_below(d, 20000) * 2 - 9999};
}

typedef struct {
  stoa_view view;
  stoa_window_event events[MOST_EVENTS];
  uint32_t n;
} round_of;

static void add_event(dice *d, round_of *r, int64_t now_us, int64_t *last_us, stoa_held *held)
{
  stoa_term *const marks = STOA_NEWS(&arena, stoa_term, r->view.features.n);
  const stoa_term mark = dice_chance(d, 90) ? stoa_term_integer((int64_t)dice_below(d, 50)) : (stoa_term){0};
  for (uint32_t i = 0; i < r->view.features.n; ++i) {
    marks[i] = r->view.features.items[i].kind == STOA_WINDOW_DISTINCT ? mark : (stoa_term){0};
  }
  stoa_window_event *const e = &r->events[r->n];
  *e = (stoa_window_event){.at_us = some_instant(d, now_us, last_us),
                           .slot = (int)dice_below(d, N_SLOTS + 1),
                           .value = some_value(d),
                           .marks = marks};
  assert_true(stoa_held_add(held, e, r->n));
  assert_true(stoa_held_has(held, r->n));
  assert_false(stoa_held_has(held, r->n + 1));
  r->n++;
}

static stoa_window_fold *new_fold(const stoa_view *view, int64_t now_us)
{
  static const char *const names[] = {"e", "at", "v", "m"};
  static const stoa_var columns[] = {0, 1, 2, 3};
  static const stoa_query query = {.names = names, .n_vars = 4};
  static const stoa_plan_node root = {.kind = STOA_PLAN_UNIT, .vars = columns, .n_vars = 4};
  static const stoa_plan plan = {.query = &query, .root = &root};
  stoa_context context;
  stoa_context_init(&context, now_us);
  return stoa_window_fold_new(view, &plan, 1, &context, &arena);
}

static long n_values;

static void compare(const round_of *r, stoa_held *held, int64_t now_us)
{
  stoa_window_fold *const all = new_fold(&r->view, now_us), *const tiles = new_fold(&r->view, now_us);
  for (uint32_t i = 0; i < r->n; ++i) {
    stoa_window_fold_add(all, 0, &r->events[i]);
  }
  stoa_held_fold(held, tiles);
  assert_int_equal(stoa_window_fold_latest(all, 0), stoa_window_fold_latest(tiles, 0));
  assert_int_equal(stoa_window_fold_until(all, 0), stoa_window_fold_until(tiles, 0));
  for (uint32_t i = 0; i < r->view.features.n; ++i) {
    const stoa_slice a = stoa_term_lexical(stoa_window_fold_value(all, 0, i), &arena),
                     b = stoa_term_lexical(stoa_window_fold_value(tiles, 0, i), &arena);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.data, b.data, a.length);
    assert_int_equal(stoa_window_fold_last(all, 0, i), stoa_window_fold_last(tiles, 0, i));
    n_values += a.length > 0;
  }
}

static void tiles_are_the_fold_of_all_events(void **state)
{
  static round_of r;
  (void)state;
  for (uint64_t seed = 1; seed <= ROUNDS; ++seed) {
    dice d = {seed};
    int64_t now_us = first_us, last_us = first_us - INT64_C(3) * 86400 * 1000000;
    r = (round_of){.view = {.kind = STOA_VIEW_WINDOW, .name = "w", .time_var = 1, .value_var = 2, .by_var = STOA_NO_VAR}};
    make_view(&d, &r.view);
    stoa_held *const held = stoa_held_new(&r.view);
    const uint32_t n = 1 + dice_below(&d, MOST_EVENTS);
    compare(&r, held, now_us);
    while (r.n < n) {
      add_event(&d, &r, now_us, &last_us, held);
      if (dice_below(&d, 400) == 0) {
        now_us += (int64_t)dice_below(&d, 86400) * 1000000;
        stoa_held_forget(held, now_us - windows[N_WINDOWS - 1] * 1000000);
        compare(&r, held, now_us);
      }
    }
    compare(&r, held, now_us);
    compare(&r, held, now_us); // with the sums of before
    stoa_held_free(held);
    stoa_arena_reset(&arena);
  }
  print_message("# %ld values compared that are there\n", n_values);
  assert_true(n_values > 10000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(tiles_are_the_fold_of_all_events)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
