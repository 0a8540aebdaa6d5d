#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "graph/base/hash.h"
#include "graph/term/equality.h"
#include "graph/term/lexical.h"
#include "graph/term/number.h"
#include "graph/term/stored.h"
#include "graph/term/vocab.h"
#include "graph/term/xsd.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static stoa_term literal(const char *text, const char *type)
{
  return stoa_term_literal(&arena, stoa_slice_of(text), stoa_slice_of(stoa_arena_print(&arena, STOA_XSD "%s", type)));
}

static const char *written(stoa_term t)
{
  stoa_buf buf = {0};
  stoa_term_write(t, &buf);
  const char *const text = stoa_arena_copy(&arena, (stoa_slice){buf.data, buf.length});
  stoa_buf_done(&buf);
  return text;
}

static void a_literal_prints_as_it_was_read(void **state)
{
  static const char *const cases[][2] = {{"1", "integer"},
                                         {"01", "integer"},
                                         {"+1", "integer"},
                                         {"-7", "int"},
                                         {"99999999999999999999", "integer"},
                                         {"1.50", "decimal"},
                                         {"1.5", "decimal"},
                                         {"100", "decimal"},
                                         {"0.1", "double"},
                                         {"1.0E-1", "double"},
                                         {"INF", "double"},
                                         {"NaN", "double"},
                                         {"true", "boolean"},
                                         {"1", "boolean"},
                                         {"2024-02-29T10:00:00", "dateTime"},
                                         {"2024-02-29T10:00:00.5+02:00", "dateTime"},
                                         {"2024-02-30T10:00:00Z", "dateTime"},
                                         {"2024-01-01", "date"},
                                         {"2024-01-01Z", "date"},
                                         {"\xC3\xA9\n\"\\", "string"},
                                         {"P1D", "duration"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const stoa_term t = literal(cases[i][0], cases[i][1]);
    assert_true(stoa_slice_is(stoa_term_lexical(t, &arena), cases[i][0]));
    assert_true(stoa_slice_is(stoa_term_datatype(t), stoa_arena_print(&arena, STOA_XSD "%s", cases[i][1])));
  }
  assert_int_equal(literal("1", "integer").kind, STOA_TERM_INTEGER);
  assert_int_equal(literal("01", "integer").kind, STOA_TERM_TYPED);
  assert_int_equal(literal("2024-02-30T10:00:00Z", "dateTime").kind, STOA_TERM_TYPED);
  assert_string_equal(written(literal("a\"b", "string")), "\"a\\\"b\"");
}

static void a_template_iri_equals_its_bytes_and_hashes_alike(void **state)
{
  const stoa_template *t, *same, *other;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_template_read("c/{id}", "http://x.example/", true, &arena, &t, &err), STOA_OK);
  assert_int_equal(stoa_template_read("http://x.example/c/{key}", NULL, true, &arena, &same, &err), STOA_OK);
  assert_int_equal(stoa_template_read("http://x.example/{a}/{b}", NULL, true, &arena, &other, &err), STOA_OK);
  const stoa_slice value = stoa_slice_of("a b/\xC3\xA9"), parts[] = {stoa_slice_of("c"), stoa_slice_of("a b/\xC3\xA9")};
  const stoa_term built = stoa_term_built(&arena, t, &value), again = stoa_term_built(&arena, same, &value);
  const stoa_term two = stoa_term_built(&arena, other, parts),
                  plain = stoa_term_iri(stoa_slice_of("http://x.example/c/a%20b%2F\xC3\xA9"));
  assert_string_equal(written(built), "<http://x.example/c/a%20b%2F\xC3\xA9>");
  assert_true(stoa_term_same(built, plain) && stoa_term_same(plain, two) && stoa_term_same(built, again) &&
              stoa_term_same(two, built));
  assert_int_equal(stoa_term_hash(built), stoa_term_hash(plain));
  assert_int_equal(stoa_term_hash(two), stoa_term_hash(plain));
  assert_false(stoa_term_same(built, stoa_term_iri(stoa_slice_of("http://x.example/c/a b"))));
  const stoa_slice second[] = {parts[0], stoa_slice_of("d")}, first[] = {stoa_slice_of("d"), parts[1]};
  assert_false(stoa_term_same(two, stoa_term_built(&arena, other, second)));
  assert_false(stoa_term_same(two, stoa_term_built(&arena, other, first)));
}

static void a_template_is_inverted_only_by_what_it_can_make(void **state)
{
  const stoa_template *t;
  stoa_error err = {0};
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  (void)state;
  assert_int_equal(stoa_template_read("http://x/{a}-{b}/z", NULL, true, &arena, &t, &err), STOA_OK);
  assert_true(stoa_template_invert(t, stoa_slice_of("http://x/1-a%20b/z"), true, &arena, values));
  assert_true(stoa_slice_is(values[0], "1") && stoa_slice_is(values[1], "a b"));
  assert_false(stoa_template_invert(t, stoa_slice_of("http://x/1-a b/z"), true, &arena, values));
  assert_false(stoa_template_invert(t, stoa_slice_of("http://x/1-a%2fb/z"), true, &arena, values));
  assert_false(stoa_template_invert(t, stoa_slice_of("http://x/1/z"), true, &arena, values));
  assert_false(stoa_template_invert(t, stoa_slice_of("http://y/1-2/z"), true, &arena, values));
}

static void broken_templates_are_refused(void **state)
{
  static const char *const bad[] = {"http://x/{a", "http://x/a}", "http://x/{}"};
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
    const stoa_template *t;
    stoa_error err = {0};
    assert_int_equal(stoa_template_read(bad[i], NULL, true, &arena, &t, &err), STOA_BAD_MAPPING);
    assert_true(err.text[0]);
  }
}

static void a_template_is_exact_when_its_text_tells_its_columns(void **state)
{
  static const struct {
    const char *pattern;
    bool iri, exact;
  } cases[] = {{"http://x/{a}", true, true},       {"http://x/{a}/{b}", true, true},
               {"http://x/{a};{b}=c", true, true}, {"http://x/{a}{b}", true, false},
               {"http://x/{a}-{b}", true, false},  {"http://x/{a}%20{b}", true, false},
               {"http://x/{a}--/{b}", true, true}, {"{a}", false, true},
               {"{a} {b}", false, false}};
  stoa_arena arena;
  (void)state;
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const stoa_template *t;
    stoa_error err = {0};
    assert_int_equal(stoa_template_read(cases[i].pattern, NULL, cases[i].iri, &arena, &t, &err), STOA_OK);
    assert_int_equal(t->exact, cases[i].exact);
  }
  stoa_arena_done(&arena);
}

static void templates_with_different_beginnings_never_meet(void **state)
{
  const stoa_template *a, *b, *c, *d;
  stoa_error err = {0};
  (void)state;
  stoa_template_read("http://x/customer/{a}", NULL, true, &arena, &a, &err);
  stoa_template_read("http://x/account/{a}", NULL, true, &arena, &b, &err);
  stoa_template_read("http://x/{a}", NULL, true, &arena, &c, &err);
  stoa_template_read("http://x/{a}/{b}", NULL, true, &arena, &d, &err);
  assert_false(stoa_template_overlap(a, b));
  assert_false(stoa_template_overlap(a, c)); // an encoded value holds no slash
  assert_true(stoa_template_overlap(a, d));
  assert_true(stoa_template_overlap(a, a));
  stoa_template_read("http://x/{a}-yz", NULL, true, &arena, &a, &err);
  stoa_template_read("http://x/{a}z", NULL, true, &arena, &b, &err);
  assert_true(stoa_template_overlap(a, b) && stoa_template_overlap(b, a)); // a value may end with "-y"
}

static const char *computed(const char *a, char op, const char *b)
{
  stoa_number x, y, z;
  assert_true(stoa_number_of(literal(a, strchr(a, '.') ? "decimal" : "integer"), &x));
  assert_true(stoa_number_of(literal(b, strchr(b, '.') ? "decimal" : "integer"), &y));
  return stoa_number_apply(op, &x, &y, &arena, &z) ? written(stoa_number_term(&z, &arena)) : "error";
}

static void arithmetic_is_exact(void **state)
{
  (void)state;
  assert_string_equal(computed("0.1", '+', "0.2"), "\"0.3\"^^<" STOA_XSD "decimal>");
  assert_string_equal(computed("1", '/', "8"), "\"0.125\"^^<" STOA_XSD "decimal>");
  assert_string_equal(computed("6", '/', "2"), "\"3\"^^<" STOA_XSD "decimal>");
  assert_string_equal(computed("1", '/', "0"), "error");
  assert_string_equal(computed("9223372036854775807", '+', "1"), "\"9223372036854775808\"^^<" STOA_XSD "integer>");
  assert_string_equal(computed("12345678901234567890", '*', "10"), "\"123456789012345678900\"^^<" STOA_XSD "integer>");
  assert_string_equal(computed("-2.5", '*', "4"), "\"-10\"^^<" STOA_XSD "decimal>");
  assert_string_equal(computed("12345678901234567890123456789012345", '*', "1000"),
                      "\"12345678901234567890123456789012345000\"^^<" STOA_XSD "integer>");
  assert_true(strncmp(computed("10", '/', "3"), "\"3.3333333333", 13) == 0);
}

static void numbers_of_any_length_keep_every_digit(void **state)
{
  static const char digits[] =
    "-98765432109876543210987654321098765432109876543210.000000000000000000000000000000000000000001";
  stoa_number n, m;
  (void)state;
  assert_true(stoa_number_read_decimal(stoa_slice_of(digits), &n));
  assert_string_equal(written(stoa_number_term(&n, &arena)), written(literal(digits, "decimal")));
  assert_true(stoa_number_apply('-', &n, &n, &arena, &m) && m.mantissa == 0 && !m.digits.data);
  assert_true(stoa_number_apply('*', &n, &(stoa_number){.mantissa = -1}, &arena, &m));
  assert_int_equal(stoa_number_compare(&n, &m), -1);
  assert_int_equal(stoa_number_compare(&n, &(stoa_number){.kind = STOA_NUMBER_DOUBLE, .real = -9.8765432109876543e49}),
                   0);
  stoa_number_absolute(&n, &arena, &n);
  assert_int_equal(stoa_number_compare(&n, &m), 0);
  stoa_number_round('c', &n, &arena, &m);
  assert_string_equal(written(stoa_number_term(&m, &arena)),
                      "\"98765432109876543210987654321098765432109876543211\"^^<" STOA_XSD "decimal>");
  stoa_number a, b;
  assert_true(stoa_number_read_decimal(stoa_slice_of("1000000000000000000000000000000000000000001"), &a));
  assert_true(stoa_number_read_decimal(stoa_slice_of("1000000000000000000000000000000000000000000.5"), &b));
  assert_int_equal(stoa_number_compare(&a, &b), 1);
  // 10^37 and 10^38 stand on both sides of what 128 bits hold.
  assert_string_equal(computed("9999999999999999999999999999999999999", '+', "1"),
                      "\"10000000000000000000000000000000000000\"^^<" STOA_XSD "integer>");
  assert_string_equal(computed("99999999999999999999999999999999999999", '+', "1"),
                      "\"100000000000000000000000000000000000000\"^^<" STOA_XSD "integer>");
  assert_string_equal(
    computed("100000000000000000000000000000000000000", '-', "99999999999999999999999999999999999999"),
    "\"1\"^^<" STOA_XSD "integer>");
}

static void arithmetic_of_endless_numbers_is_an_error(void **state)
{
  enum { LENGTH = 1500000 };
  char *const nines = malloc(LENGTH);
  stoa_number n, m;
  (void)state;
  assert_non_null(nines);
  memset(nines, '9', LENGTH);
  assert_true(stoa_number_read_decimal((stoa_slice){nines, LENGTH}, &n));
  assert_true(stoa_number_apply('+', &n, &(stoa_number){.mantissa = 1}, &arena, &m));
  assert_int_equal(stoa_number_compare(&n, &m), -1);
  assert_false(stoa_number_apply('*', &n, &n, &arena, &m));
  free(nines);
}

static void language_tags_get_their_usual_capitals(void **state)
{
  static const char *const tags[][2] = {
    {"en", "en"},           {"en-gb", "en-GB"},         {"zh-hant-tw", "zh-Hant-TW"},
    {"de-1996", "de-1996"}, {"x-ab-abcd", "x-ab-abcd"}, {"sr-latn-x-rs", "sr-Latn-x-rs"}};
  (void)state;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; ++i) {
    char tag[32];
    strcpy(tag, tags[i][0]);
    stoa_language_spell(tag, strlen(tag));
    assert_string_equal(tag, tags[i][1]);
    assert_true(stoa_language_is_tag(stoa_slice_of(tag)));
  }
}

static void terms_order_as_sparql_says(void **state)
{
  const stoa_term sorted[] = {{0},
                              stoa_term_blank(stoa_slice_of("b")),
                              stoa_term_iri(stoa_slice_of("http://a")),
                              stoa_term_iri(stoa_slice_of("http://b")),
                              literal("-1", "integer"),
                              literal("0.5", "decimal"),
                              literal("1.0E0", "double"),
                              literal("2", "integer"),
                              stoa_term_string(stoa_slice_of("")),
                              stoa_term_string(stoa_slice_of("Z")),
                              stoa_term_string(stoa_slice_of("a")),
                              stoa_term_string(stoa_slice_of("\xC3\xA9"))};
  const size_t n = sizeof sorted / sizeof *sorted;
  (void)state;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const int order = stoa_term_order(sorted[i], sorted[j]);
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
    }
  }
}

static void dates_are_instants_with_zones(void **state)
{
  stoa_instant i;
  (void)state;
  assert_true(stoa_xsd_datetime_read(stoa_slice_of("2024-01-01T10:00:00+02:00"), &i));
  assert_true(i.us == INT64_C(1704096000000000) && i.has_zone && i.zone == 120);
  assert_true(stoa_xsd_datetime_read(stoa_slice_of("2024-01-01T10:00:00"), &i));
  assert_false(i.has_zone);
  static const char *const none[] = {"2024-01-01 10:00:00",       "2024-02-30T10:00:00",      "2024-01-01T24:00:01",
                                     "2024-01-01T10:00:60",       "2024-01-01T10:00:00.",     "2024-01-01T10:00",
                                     "2024-01-01T10:00:00+14:01", "24-01-01T10:00:00",        "02024-01-01T10:00:00",
                                     "2024-01-01T10:00:00z",      "2024-01-01T10:00:00+0100", "+2024-01-01T10:00:00"};
  for (size_t k = 0; k < sizeof none / sizeof *none; ++k) {
    assert_false(stoa_xsd_datetime_read(stoa_slice_of(none[k]), &i));
  }
  assert_true(stoa_xsd_datetime_read(stoa_slice_of("290000-12-31T23:59:59.999999-14:00"), &i));
  assert_true(stoa_xsd_datetime_read(stoa_slice_of("290000-12-30T24:00:00Z"), &i));
  assert_false(stoa_xsd_datetime_read(stoa_slice_of("290000-12-31T24:00:00Z"), &i)); // as 290001-01-01T00:00:00Z
  assert_false(stoa_xsd_datetime_read(stoa_slice_of("290001-01-01T00:00:00Z"), &i));
  assert_true(stoa_xsd_datetime_read(stoa_slice_of("-0044-03-15T24:00:00.000-14:00"), &i));
  assert_int_equal(stoa_xsd_calendar(i).day, 16);
  assert_false(stoa_xsd_datetime_read(stoa_slice_of("2024-13-01T10:00:00"), &i));
  assert_false(stoa_xsd_datetime_read(stoa_slice_of("x"), &i));
  assert_true(stoa_xsd_date_read(stoa_slice_of("1969-12-31"), &i));
  assert_true(i.us == INT64_C(-86400000000));
  const stoa_calendar c = stoa_xsd_calendar((stoa_instant){-1, true, 0});
  assert_int_equal(c.year, 1969);
  assert_int_equal(c.microsecond, 999999);
}

// What trying all numbers of digits finds.
static void slow_double(double value, char *out)
{
  char text[40];
  for (int digits = 1; digits <= 17; ++digits) {
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (strtod(text, NULL) == value) {
      break;
    }
  }
  char *const e = strchr(text, 'e');
  sprintf(out, "%.*s%sE%d", (int)(e - text), text, memchr(text, '.', (size_t)(e - text)) ? "" : ".0", atoi(e + 1));
}

static double some_double(uint64_t *state, int i)
{
  double value;
  *state = stoa_hash_mix(*state + (uint64_t)i);
  memcpy(&value, state, sizeof value);
  return i % 3 == 0        ? (double)(int64_t)*state / 9223372036854775808.0 * 1000
         : i % 3 == 1      ? (double)(int64_t)(*state % 100000000) / 10000
         : isfinite(value) ? value
                           : 1;
}

static void doubles_are_written_with_the_fewest_digits(void **data)
{
  static const double known[] = {0.0,    -0.0, 1,    0.1,  0.3,  1e22,   1e21,      123456789012345678.0, 9.5,
                                 1e15,   1e16, 1e-5, 4.35, 1e23, 5e-324, -2.5e-310, 99.999999999999986,   DBL_MAX,
                                 DBL_MIN};
  enum { N_KNOWN = sizeof known / sizeof *known };
  uint64_t state = 7;
  (void)data;
  for (int i = 0; i < 200000; ++i) {
    const double value = i < N_KNOWN ? known[i] : some_double(&state, i);
    char expected[40];
    stoa_buf out = {0};
    slow_double(value, expected);
    stoa_number_write_double(value, &out);
    assert_true(strtod(stoa_buf_string(&out), NULL) == value);
    assert_string_equal(stoa_buf_string(&out), expected);
    stoa_buf_done(&out);
  }
}

static void a_stored_double_is_the_decimal_that_was_written(void **state)
{
  static const struct {
    double value;
    const char *digits;
  } all[] = {{0, "0"},
             {0.1, "0.1"},
             {-2.5, "-2.5"},
             {1e-5, "0.00001"},
             {-1.5e-12, "-0.0000000000015"},
             {1e22, "10000000000000000000000"},
             {123456789.125, "123456789.125"},
             {0.30000000000000004, "0.30000000000000004"},
             {1e40, "10000000000000000000000000000000000000000"},
             {1e-40, "0.0000000000000000000000000000000000000001"},
             {5, "5"},
             {1200, "1200"}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    stoa_number number;
    stoa_buf text = {0};
    assert_true(stoa_stored_decimal(all[i].value, &arena, &number));
    stoa_number_write_exact(&number, &text);
    assert_string_equal(stoa_buf_string(&text), all[i].digits);
    stoa_buf_done(&text);
  }
  stoa_number number;
  assert_false(stoa_stored_decimal(NAN, &arena, &number) || stoa_stored_decimal(-INFINITY, &arena, &number));
}

static void each_datatype_allows_its_own_texts(void **state)
{
  static const struct {
    const char *type, *good, *bad; ///< with blanks between
  } all[] = {{"boolean", "true false 1 0", "TRUE yes 2"},
             {"decimal", "1 -1.50 +.5 5. 00", ". 1e5 1.2.3 - INF"},
             {"integer", "0 -0 +7 007 123456789012345678901234567890", "1.0 - 1e3 0x1"},
             {"byte", "127 -128 0000127", "128 -129"},
             {"unsignedByte", "0 255 -0", "256 -1"},
             {"long", "9223372036854775807 -9223372036854775808", "9223372036854775808 -9223372036854775809"},
             {"positiveInteger", "1 +1", "0 -1"},
             {"nonPositiveInteger", "0 -1", "1"},
             {"negativeInteger", "-1", "0 -0 1"},
             {"double", "1 1.5e3 -1E-7 INF -INF NaN +INF .5", "inf 1e 0x1p3 1,5"},
             {"date", "2024-02-29 2024-01-31Z -0044-03-15 12024-01-01 2024-01-01+14:00 0000-01-01",
              "2023-02-29 2024-1-2 2024-13-01 2024-01-01T00:00:00 2024-01-01+14:01 024-01-01 012024-01-01 2024-01-01X"},
             {"dateTime", "2024-01-31T24:00:00 2024-01-01T23:59:59.125-05:00",
              "2024-01-01 2024-01-01T24:00:01 2024-01-01T10:20 2024-01-01T10:20:60 2024-01-01T10:20:30."},
             {"dateTimeStamp", "2024-01-01T10:20:30Z", "2024-01-01T10:20:30"},
             {"time", "10:20:30 00:00:00.5Z 24:00:00", "25:00:00 10:20 24:00:01 1:02:03"},
             {"gYear", "2024 -0044 2024Z 20240", "24 2024-01 02024"},
             {"gYearMonth", "2024-12", "2024 2024-13"},
             {"gMonthDay", "--02-29", "--02-30 02-29"},
             {"gMonth", "--12", "--13 12"},
             {"gDay", "---31", "---32 31"},
             {"duration", "P1Y PT1S", "P 1Y"},
             {"dayTimeDuration", "PT1H", "P1Y"},
             {"hexBinary", "0aFF", "0aF xy"},
             {"base64Binary", "QUJD QQ==", "QUJ Q=== Q*JD"},
             {"string", "x", ""},
             {"interger", "anything", ""}};
  (void)state;
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    const stoa_slice type = stoa_slice_of(stoa_arena_print(&arena, STOA_XSD "%s", all[i].type));
    for (int bad = 0; bad < 2; ++bad) {
      const char *at = bad ? all[i].bad : all[i].good;
      for (size_t n = strcspn(at, " "); n; at += n, at += strspn(at, " "), n = strcspn(at, " ")) {
        if (stoa_lexical_fits((stoa_slice){at, n}, type) == bad) {
          fail_msg("%.*s as xsd:%s", (int)n, at, all[i].type);
        }
      }
    }
  }
  assert_false(stoa_lexical_fits(stoa_slice_of(""), stoa_slice_of(STOA_XSD "integer")));
  assert_true(stoa_lexical_fits(stoa_slice_of("x"), stoa_slice_of("http://e/own")));
  assert_true(stoa_lexical_knows(STOA_XSD "int") && stoa_lexical_knows("http://e/own"));
  assert_false(stoa_lexical_knows(STOA_XSD "interger"));
  assert_string_equal(stoa_lexical_nearest(STOA_XSD "interger"), "integer");
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_literal_prints_as_it_was_read),
                                     CLAIM(a_template_iri_equals_its_bytes_and_hashes_alike),
                                     CLAIM(a_template_is_inverted_only_by_what_it_can_make),
                                     CLAIM(broken_templates_are_refused),
                                     CLAIM(a_template_is_exact_when_its_text_tells_its_columns),
                                     CLAIM(templates_with_different_beginnings_never_meet),
                                     CLAIM(arithmetic_is_exact),
                                     CLAIM(numbers_of_any_length_keep_every_digit),
                                     CLAIM(arithmetic_of_endless_numbers_is_an_error),
                                     CLAIM(language_tags_get_their_usual_capitals),
                                     CLAIM(doubles_are_written_with_the_fewest_digits),
                                     CLAIM(a_stored_double_is_the_decimal_that_was_written),
                                     CLAIM(each_datatype_allows_its_own_texts),
                                     CLAIM(terms_order_as_sparql_says),
                                     CLAIM(dates_are_instants_with_zones)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
