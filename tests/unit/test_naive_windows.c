// Windows held to the truth: random events, counted once more in the slowest way there is.
#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "features/feature.h"
#include "graph/plan/planning.h"
#include "graph/term/number.h"
#include "graph/term/xsd.h"
#include "graph/term/vocab.h"
#include "tests/random/dice.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 2000, MOST_EVENTS = 40, N_WINDOWS = 3, N_BY = 2, N_NAMES = 4 };

static const int64_t now_us = INT64_C(1700000000) * 1000000;
static const int64_t windows[N_WINDOWS] = {60, 3600, 7 * 86400};
static const char *const by_values[N_BY] = {"app", "7"};

// An event as the reference sees it.
typedef struct {
  bool has_time, has_value, has_name;
  int64_t at_us; ///< in the project's zone already
  int64_t cents;
  int slot, name;
} event;

static int zone; ///< of the project, in minutes
static stoa_zone project_zone;

// ---- the reference

static bool counts(const event *e, const stoa_feature *f)
{
  const int64_t age = now_us - e->at_us;
  if (!e->has_time || age < 0 || age >= windows[f->window] * 1000000) {
    return false;
  }
  if (f->slot >= 0 && f->slot != e->slot) {
    return false;
  }
  return f->kind == STOA_WINDOW_COUNT || f->kind == STOA_WINDOW_RECENCY ? true
         : f->kind == STOA_WINDOW_DISTINCT                              ? e->has_name
                                                                        : e->has_value;
}

static int by_cents(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

// The value as a number; false for none.
static bool reference(const stoa_feature *f, const event *events, int n, double *out)
{
  int64_t cents[MOST_EVENTS], sum = 0, latest = INT64_MIN;
  bool names[N_NAMES] = {false};
  int k = 0, n_names = 0;
  for (int i = 0; i < n; ++i) {
    if (counts(&events[i], f)) {
      cents[k++] = events[i].cents;
      sum += events[i].cents;
      latest = events[i].at_us > latest ? events[i].at_us : latest;
      n_names += f->kind == STOA_WINDOW_DISTINCT && !names[events[i].name];
      names[events[i].name] = true;
    }
  }
  if (k == 0) {
    return false;
  }
  qsort(cents, (size_t)k, sizeof *cents, by_cents);
  switch (f->kind) {
    case STOA_WINDOW_COUNT:
      *out = k;
      break;
    case STOA_WINDOW_SUM:
      *out = (double)sum / 100;
      break;
    case STOA_WINDOW_AVG:
      *out = (double)sum / 100 / k;
      break;
    case STOA_WINDOW_MIN:
      *out = (double)cents[0] / 100;
      break;
    case STOA_WINDOW_MAX:
      *out = (double)cents[k - 1] / 100;
      break;
    case STOA_WINDOW_RECENCY:
      *out = (double)((now_us - latest) / 1000000);
      break;
    case STOA_WINDOW_DISTINCT:
      *out = n_names;
      break;
    case STOA_WINDOW_PERCENTILE: { // the least value that so many of a hundred are not above
      int rank = 1;
      while (rank * 100 < f->percent * k) {
        ++rank;
      }
      *out = (double)cents[rank - 1] / 100;
      break;
    }
  }
  return true;
}

// ---- the same events as terms, in whatever spelling

static stoa_term typed(const char *text, const char *type)
{
  return stoa_term_literal(&arena, stoa_slice_of(stoa_arena_copy(&arena, stoa_slice_of(text))),
                           stoa_slice_of(stoa_arena_print(&arena, STOA_XSD "%s", type)));
}

static stoa_term time_term(dice *d, int64_t us)
{
  static const char *const zones[] = {"Z", "+00:00", "+01:00", "-11:30", "+14:00", ""};
  static const int minutes[] = {0, 0, 60, -690, 840, 0};
  const uint32_t z = dice_below(d, 6);
  const int offset = z == 5 ? zone : minutes[z];
  const stoa_calendar c = stoa_xsd_calendar((stoa_instant){us + (int64_t)offset * 60000000, true, 0});
  char text[64];
  int n =
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
  if (c.microsecond || dice_chance(d, 30)) {
    n += snprintf(text + n, sizeof text - (size_t)n, ".%06d", c.microsecond);
  }
  snprintf(text + n, sizeof text - (size_t)n, "%s%s", dice_chance(d, 10) && strchr(text, '.') ? "000" : "", zones[z]);
  return typed(text, "dateTime");
}

static stoa_term value_term(dice *d, int64_t cents)
{
  static const char *const noughts[] = {"", "0", "000"};
  char text[64];
  const long long whole = llabs(cents) / 100, rest = llabs(cents) % 100;
  snprintf(text, sizeof text, "%s%s%lld.%02lld%s",
           cents < 0            ? "-"
           : dice_chance(d, 20) ? "+"
                                : "",
           noughts[dice_below(d, 2)], whole, rest, noughts[dice_below(d, 3)]);
  return typed(text, "decimal");
}

static stoa_term slot_term(dice *d, int slot)
{
  static const char *const apps[] = {"app", "http://bank.example/channel/app", "urn:x:app",
                                     "http://bank.example/c#app"};
  static const char *const others[] = {"xapp", "app2", "web", "http://bank.example/app/"};
  if (slot == 0) {
    const char *const text = apps[dice_below(d, 4)];
    return strchr(text, ':') ? stoa_term_iri(stoa_slice_of(text)) : stoa_term_string(stoa_slice_of(text));
  }
  if (slot == 1) {
    return dice_chance(d, 50) ? typed("007", "integer") : stoa_term_integer(7);
  }
  return dice_chance(d, 20) ? (stoa_term){0} : stoa_term_string(stoa_slice_of(others[dice_below(d, 4)]));
}

static stoa_term name_term(dice *d, int name)
{
  char text[32];
  snprintf(text, sizeof text, "%s%d", dice_chance(d, 50) ? "" : "0", name);
  return typed(text, "integer");
}

// Instants at the edges of windows, a microsecond beside them, equal ones, and any.
static int64_t some_instant(dice *d)
{
  const int64_t window = windows[dice_below(d, N_WINDOWS)] * 1000000;
  switch (dice_below(d, 6)) {
    case 0:
      return now_us - window + (int64_t)dice_below(d, 3) - 1;
    case 1:
      return now_us + (int64_t)dice_below(d, 3) - 1;
    case 2:
      return now_us - (int64_t)dice_below(d, 3) * 1000000;
    case 3:
      return now_us + (int64_t)dice_below(d, 15 * 3600) * 1000000;
    default:
      return now_us - (int64_t)dice_below(d, 9 * 86400) * 1000000 - dice_below(d, 1000000);
  }
}

static void add_events(dice *d, event *events, int n, stoa_batch *batch)
{
  batch->n_rows = (uint32_t)n;
  for (int i = 0; i < n; ++i) {
    event *const e = &events[i];
    *e = (event){.has_time = dice_chance(d, 97),
                 .has_value = dice_chance(d, 90),
                 .has_name = dice_chance(d, 90),
                 .at_us = some_instant(d),
                 .cents = (int64_t)dice_below(d, dice_chance(d, 50) ? 5 : 200000) - 1000,
                 .slot = (int)dice_below(d, N_BY + 1),
                 .name = (int)dice_below(d, N_NAMES)};
    batch->columns[0][i] = stoa_term_integer(1);
    batch->columns[1][i] = e->has_time ? time_term(d, e->at_us) : (stoa_term){0};
    batch->columns[2][i] = e->has_value ? value_term(d, e->cents) : (stoa_term){0};
    batch->columns[3][i] = slot_term(d, e->slot);
    batch->columns[4][i] = e->has_name ? name_term(d, e->name) : (stoa_term){0};
  }
}

// ---- the comparison

static void add_features(dice *d, stoa_view *view)
{
  for (int kind = STOA_WINDOW_COUNT; kind <= STOA_WINDOW_PERCENTILE; ++kind) {
    for (uint32_t w = 0; w < N_WINDOWS; ++w) {
      for (int slot = -1; slot <= N_BY; ++slot) {
        const stoa_feature f = {.kind = (stoa_window_kind)kind,
                                .window = w,
                                .slot = slot,
                                .percent = 1 + (int)dice_below(d, 99),
                                .distinct = kind == STOA_WINDOW_DISTINCT ? 4 : STOA_NO_VAR};
        STOA_PUSH(&arena, &view->features, f);
      }
    }
  }
}

static void one_round(dice *d)
{
  static const char *const names[] = {"e", "at", "v", "ch", "name"};
  static const stoa_var columns[] = {0, 1, 2, 3, 4};
  const stoa_query query = {.names = names, .n_vars = 5};
  const stoa_plan_node root = {.kind = STOA_PLAN_UNIT, .vars = columns, .n_vars = 5};
  const stoa_plan plan = {.query = &query, .root = &root};
  stoa_view view = {.kind = STOA_VIEW_WINDOW, .name = "w", .file = "w.rq", .time_var = 1, .value_var = 2, .by_var = 3};
  event events[MOST_EVENTS];
  stoa_context context;
  stoa_batch batch;
  stoa_error err = {0};
  zone = ((int)dice_below(d, 29) - 14) * 60;
  project_zone = stoa_zone_fixed(zone);
  view.timezone = &project_zone;
  for (int i = 0; i < N_BY; ++i) {
    STOA_PUSH(&arena, &view.by_values, by_values[i]);
  }
  for (int i = 0; i < N_WINDOWS; ++i) {
    STOA_PUSH(&arena, &view.windows, windows[i]);
  }
  add_features(d, &view);
  stoa_context_init(&context, now_us);
  stoa_batch_init(&batch, 5, &arena);
  const int n = (int)dice_below(d, MOST_EVENTS + 1);
  add_events(d, events, n, &batch);
  stoa_window_fold *const fold = stoa_window_fold_new(&view, &plan, 1, &context, &arena);
  for (uint32_t i = 0; i < (uint32_t)n; ++i) {
    assert_int_equal(stoa_window_fold_take(fold, 0, &batch, i, &err), STOA_OK);
  }
  for (uint32_t i = 0; i < view.features.n; ++i) {
    double expected = 0;
    const bool any = reference(&view.features.items[i], events, n, &expected);
    const stoa_term got = stoa_window_fold_value(fold, 0, i);
    stoa_number number;
    assert_int_equal(stoa_term_is_bound(got), any);
    if (any) {
      assert_true(stoa_number_of(got, &number));
      assert_true(fabs(stoa_number_real(&number) - expected) <= 1e-9 * fmax(1, fabs(expected)));
    }
    assert_false(stoa_window_fold_failed(fold, 0, i));
  }
}

static void windows_are_what_the_reference_counts(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= ROUNDS; ++seed) {
    dice d = {seed};
    one_round(&d);
    stoa_arena_reset(&arena);
  }
}

// One event that is no number fails the sums that it counts in, and no other.
static void what_is_no_number_fails_its_own_sums(void **state)
{
  static const char *const names[] = {"e", "at", "v"};
  static const stoa_var columns[] = {0, 1, 2};
  const stoa_query query = {.names = names, .n_vars = 3};
  const stoa_plan_node root = {.kind = STOA_PLAN_UNIT, .vars = columns, .n_vars = 3};
  const stoa_plan plan = {.query = &query, .root = &root};
  stoa_view view = {
    .kind = STOA_VIEW_WINDOW, .name = "w", .file = "w.rq", .time_var = 1, .value_var = 2, .by_var = STOA_NO_VAR};
  static const stoa_window_kind kinds[] = {STOA_WINDOW_SUM, STOA_WINDOW_AVG, STOA_WINDOW_COUNT};
  stoa_context context;
  stoa_batch batch;
  stoa_error err = {0};
  (void)state;
  for (int i = 0; i < N_WINDOWS; ++i) {
    STOA_PUSH(&arena, &view.windows, windows[i]);
  }
  for (uint32_t i = 0; i < 6; ++i) {
    const stoa_feature f = {.kind = kinds[i % 3], .window = i / 3, .slot = -1, .distinct = STOA_NO_VAR};
    STOA_PUSH(&arena, &view.features, f);
  }
  stoa_context_init(&context, now_us);
  stoa_batch_init(&batch, 3, &arena);
  batch.n_rows = 3;
  static const char *const values[] = {"5", "many", "7"};
  static const int64_t ages[] = {10, 600, 20}; // the second one is of the longer window alone
  for (uint32_t i = 0; i < 3; ++i) {
    batch.columns[1][i] = stoa_term_datetime(now_us - ages[i] * 1000000, true, 0);
    batch.columns[2][i] = i == 1 ? stoa_term_string(stoa_slice_of(values[i])) : typed(values[i], "integer");
  }
  stoa_window_fold *const fold = stoa_window_fold_new(&view, &plan, 1, &context, &arena);
  for (uint32_t i = 0; i < 3; ++i) {
    assert_int_equal(stoa_window_fold_take(fold, 0, &batch, i, &err), STOA_OK);
  }
  static const bool failed[] = {false, false, false, true, true, false};
  for (uint32_t i = 0; i < 6; ++i) {
    assert_int_equal(stoa_window_fold_failed(fold, 0, i), failed[i]);
    assert_int_equal(stoa_term_is_bound(stoa_window_fold_value(fold, 0, i)), !failed[i]);
  }
  batch.columns[1][0] = stoa_term_string(stoa_slice_of("yesterday")); // what is no time is an error
  assert_int_equal(stoa_window_fold_take(fold, 0, &batch, 0, &err), STOA_BAD_TYPE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(windows_are_what_the_reference_counts),
                                     CLAIM(what_is_no_number_fails_its_own_sums)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
