#include "tests/support/unit.h"

#include "tests/support/fixture.h"

#include "graph/sparql/parser.h"

static const char *algebra(const char *text)
{
  const stoa_query *query;
  stoa_error err = {0};
  stoa_buf out = {0};
  if (stoa_query_read(stoa_slice_of(text), "q", NULL, &arena, &query, &err) != STOA_OK) {
    return stoa_arena_print(&arena, "%d:%d: %s", err.line, err.column, err.text);
  }
  stoa_algebra_print(query, query->root, &out);
  const char *const copy = stoa_arena_copy(&arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static void a_sequence_path_is_two_patterns(void **state)
{
  (void)state;
  assert_string_equal(
    algebra("SELECT ?x { ?x <p>/<q> 1 }"),
    "Project ?x\n  BGP\n    ?x <p> _:p1\n    _:p1 <q> \"1\"^^<http://www.w3.org/2001/XMLSchema#integer>\n");
}

static void an_inverse_path_swaps(void **state)
{
  (void)state;
  assert_string_equal(algebra("SELECT ?x { ?x ^<p> ?y }"), "Project ?x\n  BGP\n    ?y <p> ?x\n");
}

static void a_filter_counts_for_its_whole_group(void **state)
{
  (void)state;
  assert_string_equal(algebra("SELECT ?x { FILTER(?x > 1) ?x <p> ?y . ?y <q> ?z }"),
                      "Project ?x\n  Filter (> ?x \"1\"^^<http://www.w3.org/2001/XMLSchema#integer>)\n    BGP\n      "
                      "?x <p> ?y\n      ?y <q> ?z\n");
}

static void an_optionals_own_filter_is_the_condition_of_the_join(void **state)
{
  (void)state;
  assert_string_equal(algebra("SELECT * { ?x <p> ?y OPTIONAL { ?x <q> ?z FILTER(?z < ?y) } }"),
                      "Project ?x ?y ?z\n  LeftJoin (< ?z ?y)\n    BGP\n      ?x <p> ?y\n    BGP\n      ?x <q> ?z\n");
}

static void a_sign_before_digits_is_the_numbers_own(void **state)
{
  (void)state;
  assert_non_null(strstr(algebra("SELECT (5 - 1 AS ?x) {}"), "(- \"5\"^^"));
  assert_non_null(strstr(algebra("SELECT (5-1 AS ?x) {}"), "(+ \"5\"^^"));
  assert_non_null(strstr(algebra("SELECT (5-1 AS ?x) {}"), "\"-1\"^^"));
  assert_non_null(strstr(algebra("SELECT (1+2+3 AS ?x) {}"), "(+ (+ "));
  assert_non_null(strstr(algebra("SELECT (1+2*3 AS ?x) {}"), "(+ \"1\""));
}

static void a_sub_selects_hidden_variable_is_another_one(void **state)
{
  const stoa_query *query;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_query_read(stoa_slice_of("SELECT * { ?x <p> ?hidden { SELECT ?x { ?x <q> ?hidden } } }"), "q",
                                   NULL, &arena, &query, &err),
                   STOA_OK);
  uint32_t n = 0;
  for (uint32_t i = 0; i < query->n_vars; ++i) {
    n += strcmp(query->names[i], "hidden") == 0;
  }
  assert_int_equal(n, 2);
  assert_int_equal(query->n_columns, 2);
}

static void escapes_are_decoded_once(void **state)
{
  (void)state;
  assert_non_null(strstr(algebra("SELECT * { ?x <p> \"\\u00e9\\\\u0041\" }"), "\"\xC3\xA9\\\\u0041\""));
}

static void errors_tell_line_column_and_what_was_expected(void **state)
{
  static const char *const cases[][2] = {
    {"SELECT * {\n ?x ex:p ?y }", "2:5: prefix \"ex:\" is not declared"},
    {"SELECT * { ?x <p> ?y ?z <q> 1 }", "1:22: \".\", \";\" or \",\" after an object (is a dot missing?)"},
    {"SELECT { ?x <p> ?y }", "1:8: a variable, an expression or * expected, found \"{\""},
    {"SELECT * { ?x <p> }", "1:19: a term or a variable (an IRI, a literal, ?name, [ ], ( )) expected, found \"}\""},
    {"SELECT (COUNT(COUNT(?x)) AS ?n) {}", "1:15: an aggregate inside an aggregate"},
    {"SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", "1:36: ?x is bound already"},
    {"SELECT * { ?x <p> ?y FILTER(STRLEN(?y, 1)) }", "1:29: STRLEN takes 1 to 1 arguments, found 2"},
    {"SELECT * { _:a <p> 1 OPTIONAL { _:a <p> 2 } }", "1:33: blank node label _:a is used in another graph pattern"},
    {"SELECT (1 AS ?x) { ?x <p> 1 }", "1:8: ?x is bound already; AS needs a new variable"},
    {"CONSTRUCT WHERE { GRAPH <g> { ?s ?p ?o } }", "1:40: CONSTRUCT WHERE takes plain triples"},
    {"SELECT * { VALUES (?a ?b) { (1) } }", "1:31: a row of VALUES with 1 of 2 values"},
    {"", "1:1: SELECT, ASK, CONSTRUCT or DESCRIBE expected, but the text ends"},
    {"SELECT * { } extra", "1:14: the end of the query expected, found \"extra\""}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const char *const got = algebra(cases[i][0]);
    if (strncmp(got, cases[i][1], strlen(cases[i][1])) != 0) {
      assert_string_equal(got, cases[i][1]);
    }
  }
}

static void every_prefix_of_a_query_is_an_error_or_a_query(void **state)
{
  static const char text[] =
    "PREFIX b: <http://b/> SELECT ?x (COUNT(DISTINCT ?y) AS ?n) { ?x a b:C ; b:p/^b:q|b:r [ b:s ( 1 2.5 'x'@en ) ] . "
    "OPTIONAL { ?x b:t ?y } "
    "{ ?x b:u 1 } UNION { VALUES (?x ?y) { (b:v UNDEF) } } MINUS { ?x b:w \"\"\"l\n\"\"\" } FILTER NOT EXISTS { ?x b:z "
    "?q } } GROUP BY ?x HAVING(COUNT(?y) > 1) ORDER BY DESC(?n) LIMIT 5";
  (void)state;
  for (size_t n = 0; n < sizeof text; ++n) {
    const stoa_query *query;
    stoa_error err = {0};
    const stoa_status status = stoa_query_read((stoa_slice){text, n}, "q", NULL, &arena, &query, &err);
    assert_true(status == STOA_OK || err.text[0]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_sequence_path_is_two_patterns),
                                     CLAIM(an_inverse_path_swaps),
                                     CLAIM(a_filter_counts_for_its_whole_group),
                                     CLAIM(an_optionals_own_filter_is_the_condition_of_the_join),
                                     CLAIM(a_sign_before_digits_is_the_numbers_own),
                                     CLAIM(a_sub_selects_hidden_variable_is_another_one),
                                     CLAIM(escapes_are_decoded_once),
                                     CLAIM(errors_tell_line_column_and_what_was_expected),
                                     CLAIM(every_prefix_of_a_query_is_an_error_or_a_query)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
