// Terms that are sought by how they begin: whatever the order of texts leaves out does not begin so, before the order is
// made, after it, and after more terms have come; and what a pattern begins with is what all its matches begin with.
#include "tests/support/unit.h"

#include "graph/source/source.h"
#include "graph/term/vocab.h"
#include "graph/term/xregex.h"
#include "tests/random/dice.h"
#include <stdio.h>

enum { MOST = 3000, ROUNDS = 300, LETTERS = 3 };

typedef struct {
  stoa_source *graph;
  stoa_arena arena;
  dice d;
  stoa_term subjects[MOST], objects[MOST];
  uint32_t n;
} world;

// A few letters, some of them of two bytes, so that texts often begin alike.
static stoa_slice random_text(world *w, uint32_t most)
{
  static const char *const letters[LETTERS] = {"a", "b", "\xC3\xA9"};
  stoa_buf text = {0};
  for (uint32_t n = dice_below(&w->d, most + 1); n > 0; --n) {
    stoa_buf_text(&text, letters[dice_below(&w->d, LETTERS)]);
  }
  const stoa_slice out = stoa_arena_slice(&w->arena, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  return out;
}

static stoa_term random_object(world *w)
{
  const stoa_slice text = random_text(w, 6);
  switch (dice_below(&w->d, 7)) {
    case 0:
      return stoa_term_iri(text);
    case 1:
      return stoa_term_lang(&w->arena, text, stoa_slice_of("fr"));
    case 2:
      return stoa_term_literal(&w->arena, text, stoa_slice_of("http://x/datatype"));
    case 3:
      return stoa_term_integer(dice_below(&w->d, 500));
    case 4:
      return stoa_term_double(dice_below(&w->d, 500) / 7.0);
    case 5:
      return stoa_term_blank(stoa_slice_of(stoa_arena_print(&w->arena, "a%u", dice_below(&w->d, 500))));
    default:
      return stoa_term_string(text);
  }
}

static void add(world *w, uint32_t n)
{
  for (; n > 0 && w->n < MOST; --n, ++w->n) {
    w->subjects[w->n] = stoa_term_iri(stoa_slice_of(stoa_arena_print(&w->arena, "%u", w->n)));
    w->objects[w->n] = random_object(w);
    stoa_source_native_add(w->graph, w->subjects[w->n], stoa_term_iri(stoa_slice_of("p")), w->objects[w->n], (stoa_term){0});
  }
  stoa_source_native_finish(w->graph);
}

static bool begins(const stoa_term t, stoa_slice prefix, bool of_str, stoa_arena *arena)
{
  const bool is_string = t.kind == STOA_TERM_STRING || t.kind == STOA_TERM_LANG;
  return (of_str ? t.kind != STOA_TERM_BLANK : is_string) && stoa_slice_starts(stoa_term_lexical(t, arena), prefix);
}

// Of the rows that a pattern has within a range, how many begin so; all of them in *n_rows.
static uint32_t matches(world *w, const stoa_fragment_range *range, uint32_t *n_rows)
{
  const stoa_fragment_pattern pattern = {.vars = {0, -1, 1, -1}, .terms[1] = stoa_term_iri(stoa_slice_of("p"))};
  const stoa_fragment fragment = {.patterns = &pattern, .n_patterns = 1, .n_vars = 2, .ranges = range, .n_ranges = 1};
  stoa_context context;
  stoa_connection *connection;
  stoa_cursor *cursor;
  stoa_arena arena;
  stoa_error err = {0};
  stoa_rows rows = {.n_rows = 1};
  uint32_t n = 0;
  stoa_context_init(&context, 0);
  stoa_arena_init(&arena, 0);
  assert_int_equal(w->graph->klass->lease(w->graph, &context, &connection, &err), STOA_OK);
  assert_int_equal(w->graph->klass->open(connection, &fragment, &context, &cursor, &err), STOA_OK);
  for (*n_rows = 0; rows.n_rows; *n_rows += rows.n_rows) {
    assert_int_equal(w->graph->klass->next(cursor, &arena, &rows, &err), STOA_OK);
    for (uint32_t i = 0; i < rows.n_rows; ++i) {
      n += begins(rows.terms[range->var][i], range->prefix, range->of_str, &arena);
    }
  }
  w->graph->klass->close(cursor);
  w->graph->klass->give_back(connection);
  stoa_arena_done(&arena);
  return n;
}

static uint32_t naive_matches(world *w, const stoa_fragment_range *range)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < w->n; ++i) {
    n += begins(range->var ? w->objects[i] : w->subjects[i], range->prefix, range->of_str, &w->arena);
  }
  return n;
}

static void a_term_that_begins_so_is_found(void **state)
{
  static world w = {.d = {20261127}};
  uint32_t n_found = 0, n_narrow = 0, n_rows;
  (void)state;
  stoa_arena_init(&w.arena, 0);
  w.graph = stoa_source_native_new("texts");
  add(&w, 1000);
  for (int i = 0; i < ROUNDS; ++i) {
    const bool of_subject = dice_chance(&w.d, 30);
    stoa_fragment_range range = {.var = of_subject ? 0 : 1, .of_str = of_subject || dice_chance(&w.d, 50)};
    const uint32_t most = dice_chance(&w.d, 50) ? 9 : 99;
    const stoa_slice digits = stoa_slice_of(stoa_arena_print(&w.arena, "%u", 1 + dice_below(&w.d, most)));
    do {
      range.prefix = of_subject || dice_chance(&w.d, 30) ? digits : random_text(&w, 4);
    } while (!range.prefix.length);
    const uint32_t n = naive_matches(&w, &range);
    assert_int_equal(matches(&w, &range, &n_rows), n);
    n_found += n > 0;
    n_narrow += n_rows < w.n / 2;
    if (dice_chance(&w.d, 30)) {
      add(&w, dice_chance(&w.d, 80) ? dice_below(&w.d, 10) : 150);
    }
  }
  print_message("# of %d prefixes %u begin something, %u read less than half of the graph\n", ROUNDS, n_found, n_narrow);
  assert_true(n_found > ROUNDS / 2);
  assert_true(n_narrow > ROUNDS / 2);
  w.graph->klass->free(w.graph);
  stoa_arena_done(&w.arena);
}

static void a_pattern_begins_as_all_its_matches_do(void **state)
{
  static const char *const cases[][3] = {{"^abc", "", "abc"},
                                         {"^abc$", "", "abc"},
                                         {"^ab.*", "s", "ab"},
                                         {"^abc?", "", "ab"},
                                         {"^abc*d", "", "ab"},
                                         {"^abc+", "", "abc"},
                                         {"^abc{0,2}", "", "ab"},
                                         {"^ab\xC3\xA9?", "", "ab"},
                                         {"^ab(cd)?", "", "ab"},
                                         {"^a\\.b\\-c", "", "a.b-c"},
                                         {"^a\\.?", "", "a"},
                                         {"^a\\d", "", "a"},
                                         {"^a\\", "", "a"},
                                         {"^a[bc]", "", "a"},
                                         {"^a?", "", NULL},
                                         {"^a|b", "", NULL},
                                         {"^(a|b)", "", NULL},
                                         {"^", "", NULL},
                                         {"abc", "", NULL},
                                         {"", "", NULL},
                                         {"^abc", "i", NULL},
                                         {"^abc", "m", NULL},
                                         {"^a bc", "x", NULL},
                                         {"^abc", "q", NULL}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    stoa_xregex_flags flags;
    stoa_buf out = {0};
    assert_true(stoa_xregex_flags_read(stoa_slice_of(cases[i][1]), &flags));
    assert_int_equal(stoa_xregex_prefix(stoa_slice_of(cases[i][0]), &flags, &out), cases[i][2] != NULL);
    assert_true(stoa_slice_equal((stoa_slice){out.data, out.length}, stoa_slice_of(cases[i][2] ? cases[i][2] : "")));
    stoa_buf_done(&out);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_term_that_begins_so_is_found), CLAIM(a_pattern_begins_as_all_its_matches_do)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
