#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "features/list.h"
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

static void bytes_are_those_of_base64_and_hexadecimal(void **state)
{
  (void)state;
  static const char *const same[][2] = {{"00016869", "hexBinary"}, {"AAFoaQ==", "base64Binary"}, {"AAFo aQ==", "base64Binary"}};
  for (size_t i = 0; i < 3; ++i) {
    assert_string_equal(converted(STOA_FEATURE_BYTES, same[i][0], same[i][1]), "\"AAFoaQ==\"^^<" STOA_XSD "base64Binary>");
  }
  assert_string_equal(converted(STOA_FEATURE_BYTES, "", "hexBinary"), "\"\"^^<" STOA_XSD "base64Binary>");
  assert_string_equal(converted(STOA_FEATURE_BYTES, "AAFoaQ==", "string"), "UNDEF");
  assert_string_equal(converted(STOA_FEATURE_BYTES, "0", "hexBinary"), "UNDEF");
}

// The text of a list that has these values, or what it is instead.
static const char *listed(const char *type, const char *const *values, const char *datatype, size_t n)
{
  stoa_feature f = {.name = "f"};
  const char *nearest;
  stoa_elements elements = {0};
  stoa_list_fit fit = STOA_LIST_FITS;
  assert_true(stoa_feature_type_read(type, &f, &nearest));
  for (size_t i = 0; i < n && fit == STOA_LIST_FITS; ++i) {
    const stoa_term value = stoa_term_literal(&arena, stoa_slice_of(values[i]), stoa_slice_of(datatype));
    fit = stoa_list_add(&f, value, &arena, &elements);
  }
  return fit == STOA_LIST_FITS ? stoa_arena_copy(&arena, stoa_term_lexical(stoa_list_term(&elements, &arena), &arena))
         : fit == STOA_LIST_LONG ? "long"
                                 : "misfit";
}

static void a_list_is_json_in_one_way(void **state)
{
  (void)state;
  static const char *const integers[] = {"7", "+08", "-1"}, *const reals[] = {"1", "0.1", "1e22", "-0"};
  static const char *const texts[] = {"", "a\"\\\n", "\xC3\xA9"}, *const none[] = {"NaN"}, *const great[] = {"1e39"};
  static const char *const times[] = {"2026-11-18T11:06:40.50Z", "2026-11-18T11:06:40+01:00"};
  static const char *const money[] = {"10.10", "3", "0.00000000000000000001"};
  assert_string_equal(listed("list(int64)", integers, STOA_XSD "integer", 3), "[7,8,-1]");
  assert_string_equal(listed("list(double)", reals, STOA_XSD "double", 4), "[1.0,0.1,1e+22,-0.0]");
  assert_string_equal(listed("list(float)", reals, STOA_XSD "double", 2), "[1.0,0.10000000149011612]");
  assert_string_equal(listed("list(string)", texts, STOA_XSD "string", 3), "[\"\",\"a\\\"\\\\\\n\",\"\xC3\xA9\"]");
  assert_string_equal(listed("list(timestamp)", times, STOA_XSD "dateTime", 2),
                      "[\"2026-11-18T11:06:40.5Z\",\"2026-11-18T11:06:40+01:00\"]");
  assert_string_equal(listed("list(decimal(30,20))", money, STOA_XSD "decimal", 3), "[10.1,3,0.00000000000000000001]");
  assert_string_equal(listed("list(bool)", integers, STOA_XSD "boolean", 0), "[]");
  assert_string_equal(listed("list(double)", none, STOA_XSD "double", 1), "misfit");
  assert_string_equal(listed("list(float)", great, STOA_XSD "double", 1), "misfit"); // infinite in 32 bits
  assert_string_equal(listed("list(int32)", texts, STOA_XSD "string", 1), "misfit");
}

static void an_array_of_json_is_its_elements(void **state)
{
  (void)state;
  static const char *const arrays[] = {"[3, 1]", "[]", "[2.0, \"5\"]"}, *const bad[] = {"[1, null]", "[[1]]", "{\"a\": 1}", "[1", "1"};
  assert_string_equal(listed("list(int64)", arrays, STOA_RDF_JSON, 3), "[3,1,2,5]");
  assert_string_equal(listed("list(string)", arrays, STOA_XSD "string", 1), "[\"[3, 1]\"]"); // a text is a text
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    assert_string_equal(listed("list(int64)", &bad[i], STOA_RDF_JSON, 1), "misfit");
  }
  stoa_buf text = {0};
  for (int i = 0; i <= STOA_MOST_ELEMENTS; ++i) {
    stoa_buf_text(&text, i ? ",1" : "[1");
  }
  stoa_buf_byte(&text, ']');
  const char *const longest = stoa_buf_string(&text);
  assert_string_equal(listed("list(int64)", &longest, STOA_RDF_JSON, 1), "long");
  text.length -= 3;
  stoa_buf_byte(&text, ']');
  const char *const shorter = stoa_buf_string(&text);
  assert_int_equal(strlen(listed("list(int64)", &shorter, STOA_RDF_JSON, 1)), 2 * STOA_MOST_ELEMENTS + 1);
  stoa_buf_done(&text);
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
                                     CLAIM(bytes_are_those_of_base64_and_hexadecimal),
                                     CLAIM(a_list_is_json_in_one_way),
                                     CLAIM(an_array_of_json_is_its_elements),
                                     CLAIM(windows_fold_events_by_age_and_slot)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
