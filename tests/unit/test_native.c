// The native graph: what is added is found from every side, what is removed is gone, and an index join gives
// what its definition says.  Also packed terms and the resolution of IRIs, which it and SPARQL stand on.
#include "tests/support/unit.h"

#include "graph/base/iri.h"
#include "graph/exec/numbers.h"
#include "graph/source/source.h"
#include "graph/term/equality.h"
#include "graph/term/packed.h"
#include "graph/term/vocab.h"
#include "tests/random/dice.h"
#include <stdio.h>

static stoa_term iri(const char *text)
{
  return stoa_term_iri(stoa_slice_of(text));
}

// Count the matches of a pattern: NULL is a variable of its own, "=" repeats the first variable.
static uint32_t count(stoa_source *g, const stoa_fragment_pattern *patterns, uint32_t n, uint32_t n_vars)
{
  stoa_context context;
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_arena arena;
  stoa_error err = {0};
  stoa_rows rows = {.n_rows = 1};
  uint32_t all = 0;
  const stoa_fragment fragment = {.patterns = patterns, .n_patterns = n, .n_vars = n_vars};
  stoa_context_init(&context, 0);
  stoa_arena_init(&arena, 0);
  assert_int_equal(g->klass->lease(g, &context, &connection, &err), STOA_OK);
  assert_int_equal(g->klass->open(connection, &fragment, &context, &cursor, &err), STOA_OK);
  while (rows.n_rows) {
    assert_int_equal(g->klass->next(cursor, &arena, &rows, &err), STOA_OK);
    all += rows.n_rows;
  }
  g->klass->close(cursor);
  g->klass->give_back(connection);
  stoa_arena_done(&arena);
  return all;
}

static stoa_fragment_pattern pattern(const char *s, const char *p, const char *o)
{
  stoa_fragment_pattern out = {.vars = {s ? -1 : 0, p ? -1 : 1, o ? -1 : 2, -1}};
  out.terms[0] = s ? iri(s) : (stoa_term){0};
  out.terms[1] = p ? iri(p) : (stoa_term){0};
  out.terms[2] = o ? iri(o) : (stoa_term){0};
  return out;
}

// A ring of 3,000 nodes, twice: every triple comes in again.
static stoa_source *ring(void)
{
  stoa_source *const g = stoa_source_native_new("ring");
  for (int i = 0; i < 6000; ++i) {
    char a[40], b[40];
    snprintf(a, sizeof a, "http://x/%d", i % 3000);
    snprintf(b, sizeof b, "http://x/%d", (i % 3000 + 1) % 3000);
    stoa_source_native_add(g, iri(a), iri(i % 2 ? "http://x/odd" : "http://x/even"), iri(b), (stoa_term){0});
  }
  stoa_source_native_finish(g);
  return g;
}

static void a_triple_is_found_from_every_side_and_counts_once(void **state)
{
  stoa_source *const g = ring();
  (void)state;
  assert_int_equal(stoa_source_native_count(g), 3000);
  const struct {
    const char *s, *p, *o;
    uint32_t n;
  } cases[] = {{NULL, NULL, NULL, 3000},
               {"http://x/7", NULL, NULL, 1},
               {NULL, "http://x/odd", NULL, 1500},
               {NULL, NULL, "http://x/7", 1},
               {"http://x/7", "http://x/odd", NULL, 1},
               {"http://x/7", "http://x/even", NULL, 0},
               {NULL, "http://x/even", "http://x/7", 1},
               {"http://x/7", "http://x/odd", "http://x/8", 1},
               {"http://x/7", NULL, "http://x/9", 0},
               {"http://x/none", NULL, NULL, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const stoa_fragment_pattern p = pattern(cases[i].s, cases[i].p, cases[i].o);
    assert_int_equal(count(g, &p, 1, 3), cases[i].n);
  }
  stoa_source_free(g);
}

static void patterns_join_and_a_repeated_variable_is_one_term(void **state)
{
  stoa_source *const g = ring();
  (void)state;
  stoa_fragment_pattern two[2] = {pattern(NULL, "http://x/odd", NULL), pattern(NULL, "http://x/even", NULL)};
  two[1].vars[0] = 2; // the object of the first
  two[1].vars[2] = 3;
  assert_int_equal(count(g, two, 2, 4), 1500);
  two[1].vars[2] = 0; // and back again: no ring of two
  assert_int_equal(count(g, two, 2, 4), 0);
  stoa_fragment_pattern self = pattern(NULL, NULL, NULL);
  self.vars[2] = 0;
  assert_int_equal(count(g, &self, 1, 2), 0);
  stoa_source_native_add(g, iri("http://x/1"), iri("http://x/self"), iri("http://x/1"), (stoa_term){0});
  stoa_source_native_finish(g);
  assert_int_equal(count(g, &self, 1, 2), 1);
  stoa_source_free(g);
}

static void what_is_removed_is_gone_and_may_come_again(void **state)
{
  stoa_source *const g = ring();
  const stoa_fragment_pattern all = pattern(NULL, NULL, NULL);
  (void)state;
  for (int round = 0; round < 3; ++round) {
    stoa_source_native_remove(g, iri("http://x/7"), iri("http://x/odd"), iri("http://x/8"), (stoa_term){0});
    stoa_source_native_remove(g, iri("http://x/7"), iri("http://x/none"), iri("http://x/8"), (stoa_term){0});
    stoa_source_native_finish(g);
    assert_int_equal(count(g, &all, 1, 3), 2999);
    stoa_source_native_add(g, iri("http://x/7"), iri("http://x/odd"), iri("http://x/8"), (stoa_term){0});
    stoa_source_native_finish(g);
    assert_int_equal(count(g, &all, 1, 3), 3000);
  }
  stoa_source_native_add(g, iri("http://x/a"), iri("http://x/p"), iri("http://x/b"), iri("http://x/g"));
  stoa_source_native_finish(g);
  assert_true(stoa_source_native_has_graph(g, iri("http://x/g")));
  assert_int_equal(count(g, &all, 1, 3), 3000); // the default graph alone
  stoa_source_native_clear(g, iri("http://x/g"), false);
  assert_false(stoa_source_native_has_graph(g, iri("http://x/g")));
  stoa_source_native_clear(g, (stoa_term){0}, false);
  assert_int_equal(count(g, &all, 1, 3), 0);
  stoa_source_free(g);
}

// How many matches rows with weights stand for, when only the variables of `wanted` are read.  `distinct`: how many terms
// variable `distinct` - 1 has.  `n_terms`, or NULL: how many terms the rows have for the first variable.
static uint64_t weighed(stoa_source *g, const stoa_fragment *of, const bool *wanted, int distinct, uint64_t *n_terms)
{
  stoa_context context;
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_arena arena;
  stoa_error err = {0};
  stoa_rows rows = {.n_rows = 1};
  uint64_t all = 0;
  bool seen[4000] = {false}; // numbers of this small dictionary
  stoa_fragment fragment = *of;
  fragment.wanted = wanted;
  fragment.distinct = distinct;
  stoa_context_init(&context, 0);
  stoa_arena_init(&arena, 0);
  assert_int_equal(g->klass->lease(g, &context, &connection, &err), STOA_OK);
  assert_int_equal(g->klass->open(connection, &fragment, &context, &cursor, &err), STOA_OK);
  while (rows.n_rows) {
    assert_int_equal(g->klass->next(cursor, &arena, &rows, &err), STOA_OK);
    for (uint32_t i = 0; i < rows.n_rows; ++i) {
      all += rows.weights[i];
      if (n_terms && wanted[0] && !seen[rows.ids[0][i]]) {
        seen[rows.ids[0][i]] = true;
        ++*n_terms;
      }
    }
  }
  g->klass->close(cursor);
  g->klass->give_back(connection);
  stoa_arena_done(&arena);
  return all;
}

// Whatever is read of them, and in whatever graph they stand, matches are counted as often as there are any; what was
// removed does not count.
static void weights_add_up_to_the_matches(void **state)
{
  stoa_source *const g = ring();
  (void)state;
  for (int i = 0; i < 300; ++i) {
    char a[40], b[40], graph[40];
    snprintf(a, sizeof a, "http://x/%d", i % 10);
    snprintf(b, sizeof b, "http://x/%d", i % 70);
    snprintf(graph, sizeof graph, "http://x/g%d", i % 3);
    stoa_source_native_add(g, iri(a), iri("http://x/odd"), iri(b), i % 4 ? iri(graph) : (stoa_term){0});
  }
  stoa_source_native_finish(g);
  stoa_source_native_remove(g, iri("http://x/7"), iri("http://x/odd"), iri("http://x/8"), (stoa_term){0});
  stoa_source_native_finish(g);
  stoa_fragment_pattern two[2] = {pattern(NULL, "http://x/odd", NULL), pattern(NULL, NULL, NULL)};
  two[1].vars[1] = 4;
  two[1].vars[2] = 5;
  for (int shape = 0; shape < 12; ++shape) {
    const bool many = shape & 1, named = shape & 2;
    two[0].vars[3] = named ? 3 : -1;
    two[1].vars[0] = shape / 4 == 0 ? 0 : shape / 4 == 1 ? 2 : 6; // a star, a chain, a product
    const stoa_fragment f = {.patterns = two, .n_patterns = many ? 2 : 1, .n_vars = 7};
    const uint32_t n = many && shape / 4 == 2 ? count(g, two, 1, 7) * count(g, &two[1], 1, 7) : count(g, two, f.n_patterns, 7);
    for (int bits = 0; bits < 128; ++bits) {
      const bool wanted[7] = {bits & 1, bits & 2, bits & 4, bits & 8, bits & 16, bits & 32, bits & 64};
      const bool known = (!wanted[1] && !wanted[6] && (named || !wanted[3]) && (many || bits < 16));
      if (known && !(many && shape / 4 == 2 && bits)) {
        assert_int_equal(weighed(g, &f, wanted, 0, NULL), n);
      }
    }
  }
  const bool none[7] = {false};
  const stoa_fragment one = {.patterns = two, .n_patterns = 1, .n_vars = 7};
  two[0].vars[3] = -1;
  assert_int_equal(weighed(g, &one, none, 1, NULL), 1504); // 1,500 odd ones, five even, and 7 is gone
  // More rows than wait for equal ones at a time: each keeps its own terms.
  const bool first[7] = {true};
  const stoa_fragment star = {.patterns = two, .n_patterns = 2, .n_vars = 7};
  uint64_t n_terms = 0;
  two[1].vars[0] = 0;
  assert_int_equal(weighed(g, &star, first, 0, &n_terms), count(g, two, 2, 7));
  assert_int_equal(n_terms, 1504);
  stoa_source_free(g);
}

static void a_packed_term_reads_back_and_two_are_equal_when_the_terms_are(void **state)
{
  stoa_arena arena;
  stoa_buf texts[16] = {{0}};
  (void)state;
  stoa_arena_init(&arena, 0);
  const stoa_term terms[] = {iri("http://x/a b"),
                             stoa_term_blank(stoa_slice_of("b")),
                             stoa_term_string(stoa_slice_of("")),
                             stoa_term_string(stoa_slice_of("en x")),
                             stoa_term_lang(&arena, stoa_slice_of("x"), stoa_slice_of("en-GB")),
                             stoa_term_integer(-5),
                             stoa_term_literal(&arena, stoa_slice_of("05"), stoa_slice_of(STOA_XSD "integer")),
                             stoa_term_literal(&arena, stoa_slice_of("2.50"), stoa_slice_of(STOA_XSD "decimal")),
                             stoa_term_double(1e300),
                             stoa_term_boolean(true)};
  const int n = (int)(sizeof terms / sizeof *terms);
  for (int i = 0; i < n; ++i) {
    stoa_term_pack(terms[i], &texts[i]);
    assert_true(stoa_term_same(stoa_term_unpack((stoa_slice){texts[i].data, texts[i].length}, &arena), terms[i]));
    for (int k = 0; k < i; ++k) {
      const bool same =
        texts[i].length == texts[k].length && memcmp(texts[i].data, texts[k].data, texts[i].length) == 0;
      assert_int_equal(same, stoa_term_same(terms[i], terms[k]));
    }
  }
  for (int i = 0; i < n; ++i) {
    stoa_buf_done(&texts[i]);
  }
  stoa_arena_done(&arena);
}

// RFC 3986, section 5.4.1 and 5.4.2.
static void iris_resolve_as_the_rfc_says(void **state)
{
  static const char *const cases[][2] = {{"g:h", "g:h"},
                                         {"g", "http://a/b/c/g"},
                                         {"./g", "http://a/b/c/g"},
                                         {"g/", "http://a/b/c/g/"},
                                         {"/g", "http://a/g"},
                                         {"//g", "http://g"},
                                         {"?y", "http://a/b/c/d;p?y"},
                                         {"g?y", "http://a/b/c/g?y"},
                                         {"#s", "http://a/b/c/d;p?q#s"},
                                         {"g#s", "http://a/b/c/g#s"},
                                         {";x", "http://a/b/c/;x"},
                                         {"", "http://a/b/c/d;p?q"},
                                         {".", "http://a/b/c/"},
                                         {"./", "http://a/b/c/"},
                                         {"..", "http://a/b/"},
                                         {"../g", "http://a/b/g"},
                                         {"../..", "http://a/"},
                                         {"../../g", "http://a/g"},
                                         {"../../../g", "http://a/g"},
                                         {"/./g", "http://a/g"},
                                         {"g.", "http://a/b/c/g."},
                                         {"..g", "http://a/b/c/..g"},
                                         {"./../g", "http://a/b/g"},
                                         {"g/./h", "http://a/b/c/g/h"},
                                         {"g/../h", "http://a/b/c/h"}};
  stoa_arena arena;
  (void)state;
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    const stoa_slice got = stoa_iri_resolve("http://a/b/c/d;p?q", stoa_slice_of(cases[i][0]), &arena);
    assert_string_equal(stoa_arena_copy(&arena, got), cases[i][1]);
  }
  stoa_arena_done(&arena);
}

// A few are hashed, many lie in pages, and go back to slots when one comes that no page takes.
static void numbers_are_found_whatever_comes(void **state)
{
  enum { N = 30000, MIXED = 20000 };
  static uint64_t keys[N];
  stoa_numbers numbers = {0};
  stoa_arena arena;
  dice d = {20261127};
  (void)state;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < N; ++i) {
    const uint64_t near = i ? (keys[i - 1] & UINT32_MAX) + 1 + dice_below(&d, 3) : 0; // as a scan gives them
    keys[i] = i >= MIXED && dice_chance(&d, 50) ? (uint64_t)dice_below(&d, 5) << 32 | dice_below(&d, 100) : near;
    uint32_t *const value = stoa_numbers_at(&numbers, keys[i], &arena);
    if (keys[i] <= UINT32_MAX && i < MIXED) {
      assert_int_equal(*value, 0);
    }
    *value = *value ? *value : i + 1;
  }
  for (uint32_t i = 0; i < N; ++i) {
    const uint32_t first = *stoa_numbers_at(&numbers, keys[i], &arena);
    assert_true(first > 0 && first <= i + 1 && keys[first - 1] == keys[i]);
  }
  assert_int_equal(*stoa_numbers_at(&numbers, UINT32_MAX, &arena), 0);
  stoa_arena_done(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    CLAIM(a_triple_is_found_from_every_side_and_counts_once), CLAIM(patterns_join_and_a_repeated_variable_is_one_term),
    CLAIM(what_is_removed_is_gone_and_may_come_again), CLAIM(weights_add_up_to_the_matches),
    CLAIM(a_packed_term_reads_back_and_two_are_equal_when_the_terms_are), CLAIM(iris_resolve_as_the_rfc_says),
    CLAIM(numbers_are_found_whatever_comes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
