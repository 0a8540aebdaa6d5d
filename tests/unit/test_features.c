#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "features/feature.h"
#include "graph/plan/planning.h"
#include "graph/term/vocab.h"
#include <stdio.h>
#include <stdlib.h>

static const char *converted(stoa_feature_type type, const char *text, const char *datatype)
{
  const stoa_feature feature = {.type = type};
  const char *const iri = stoa_arena_print(&arena, STOA_XSD "%s", datatype);
  const stoa_term t =
    stoa_feature_convert(&feature, stoa_term_literal(&arena, stoa_slice_of(text), stoa_slice_of(iri)), &arena);
  stoa_buf out = {0};
  stoa_term_write(t, &out);
  const char *const copy = stoa_arena_copy(&arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static void a_value_takes_the_type_of_its_feature_or_none(void **state)
{
  (void)state;
  assert_string_equal(converted(STOA_FEATURE_INTEGER, "5", "integer"), "\"5\"^^<" STOA_XSD "integer>");
  assert_string_equal(converted(STOA_FEATURE_INTEGER, "5.0", "decimal"), "\"5\"^^<" STOA_XSD "integer>");
  assert_string_equal(converted(STOA_FEATURE_INTEGER, "5.5", "decimal"), "UNDEF");
  assert_string_equal(converted(STOA_FEATURE_INTEGER, "x", "string"), "UNDEF");
  assert_string_equal(converted(STOA_FEATURE_DOUBLE, "1.25", "decimal"), "\"1.25E0\"^^<" STOA_XSD "double>");
  assert_string_equal(converted(STOA_FEATURE_DECIMAL, "7", "integer"), "\"7\"^^<" STOA_XSD "decimal>");
  assert_string_equal(converted(STOA_FEATURE_STRING, "7", "integer"), "\"7\"");
  assert_string_equal(converted(STOA_FEATURE_BOOLEAN, "true", "boolean"), "\"true\"^^<" STOA_XSD "boolean>");
  assert_string_equal(converted(STOA_FEATURE_BOOLEAN, "1", "integer"), "UNDEF");
}

// Three events of one entity: 1, 8 and 40 days old; windows of 7 and 30 days.
static void windows_fold_events_by_age_and_slot(void **state)
{
  static const char *const names[] = {"e", "at", "v", "ch"};
  static const stoa_var columns[] = {0, 1, 2, 3};
  const int64_t day = INT64_C(86400000000);
  const stoa_query query = {.names = names, .n_vars = 4};
  const stoa_plan_node root = {.kind = STOA_PLAN_UNIT, .vars = columns, .n_vars = 4};
  const stoa_plan plan = {.query = &query, .root = &root};
  stoa_view view = {.kind = STOA_VIEW_WINDOW, .name = "w", .file = "w.rq", .time_var = 1, .value_var = 2, .by_var = 3};
  const char *const app = "app";
  const int64_t week = 7 * 86400, month = 30 * 86400;
  (void)state;
  STOA_PUSH(&arena, &view.by_values, app);
  STOA_PUSH(&arena, &view.windows, week);
  STOA_PUSH(&arena, &view.windows, month);
  const stoa_feature features[] = {
    {.kind = STOA_WINDOW_COUNT, .window = 0, .slot = -1, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_COUNT, .window = 1, .slot = -1, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_SUM, .window = 1, .slot = 0, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_COUNT, .window = 1, .slot = 1, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_RECENCY, .window = 1, .slot = -1, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_PERCENTILE, .percent = 50, .window = 1, .slot = -1, .distinct = STOA_NO_VAR},
    {.kind = STOA_WINDOW_MAX, .window = 0, .slot = 0, .distinct = STOA_NO_VAR}};
  for (size_t i = 0; i < sizeof features / sizeof *features; ++i) {
    STOA_PUSH(&arena, &view.features, features[i]);
  }
  stoa_context context;
  stoa_batch batch;
  stoa_error err = {0};
  stoa_context_init(&context, 100 * day);
  stoa_batch_init(&batch, 4, &arena);
  static const int ages[] = {1, 8, 40};
  static const char *const where[] = {"web", "http://bank.example/channel/app", "app"};
  static const char *const values[] = {"0.10", "0.20", "9"};
  batch.n_rows = 3;
  for (uint32_t i = 0; i < 3; ++i) {
    batch.columns[0][i] = stoa_term_integer(1);
    batch.columns[1][i] = stoa_term_datetime((100 - ages[i]) * day, true, 0);
    batch.columns[2][i] = stoa_term_literal(&arena, stoa_slice_of(values[i]), stoa_slice_of(STOA_XSD "decimal"));
    batch.columns[3][i] = stoa_term_string(stoa_slice_of(where[i]));
  }
  stoa_window_fold *const fold = stoa_window_fold_new(&view, &plan, 1, &context, &arena);
  for (uint32_t i = 0; i < 3; ++i) {
    assert_int_equal(stoa_window_fold_take(fold, 0, &batch, i, &err), STOA_OK);
  }
  static const char *const expected[] = {"1", "2", "0.2", "1", "86400", "0.10"};
  assert_false(stoa_term_is_bound(stoa_window_fold_value(fold, 0, 6))); // no event of "app" within 7 days
  for (uint32_t i = 0; i < 6; ++i) {
    const stoa_slice text = stoa_term_lexical(stoa_window_fold_value(fold, 0, i), &arena);
    assert_string_equal(stoa_arena_copy(&arena, text), expected[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_value_takes_the_type_of_its_feature_or_none),
                                     CLAIM(windows_fold_events_by_age_and_slot)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
