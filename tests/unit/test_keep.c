// Rows that are kept while events are appended by one thread and read by others: what was acknowledged before a read
// began is in it, and nothing that was not sent.
#include "tests/support/unit.h"

#include "features/keep.h"
#include "features/packed.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include "tests/support/small_project.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { THINGS = 3, EVENTS = 300, READERS = 3 };

static atomic_int sent[THINGS], acknowledged[THINGS];
static atomic_bool ended;
static atomic_int n_wrong, n_read;

static void *read_counts(void *data)
{
  unsigned turn = (unsigned)(uintptr_t)data;
  while (!atomic_load(&ended)) {
    const unsigned i = turn++ % THINGS;
    const char name[2] = {(char)('a' + i), 0};
    const stoa_slice key = {name, 1};
    const int before = atomic_load(&acknowledged[i]);
    stoa_layer *const layer = stoa_engine_take(engine);
    const stoa_view *const view = stoa_registry_view(layer->registry, "clicks");
    stoa_arena arena;
    stoa_context context;
    stoa_error err = {0};
    stoa_term count = {0};
    stoa_view_row row;
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, stoa_engine_now(engine));
    const stoa_status status = stoa_kept_rows(view, &key, 1, NULL, &context, &arena, &count, &row, &err);
    const int after = atomic_load(&sent[i]);
    const int64_t n = count.kind == STOA_TERM_INTEGER ? count.as.integer : -1;
    if (status != STOA_OK || n < before || n > after) {
      fprintf(stderr, "%s: %d acknowledged before, %lld read, %d sent after; %s\n", name, before, (long long)n, after, err.text);
      atomic_fetch_add(&n_wrong, 1);
    }
    atomic_fetch_add(&n_read, 1);
    stoa_arena_done(&arena);
    stoa_engine_drop(engine, layer);
  }
  return NULL;
}

static bool send(unsigned i, int id)
{
  stoa_arena arena;
  stoa_record record;
  stoa_status status;
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  const char *const json = stoa_arena_print(&arena, "{\"id\": \"%d\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"%c\"}", id, (int)('a' + i));
  atomic_fetch_add(&sent[i], 1);
  const bool good =
    stoa_event_prepare(engine, "tap", stoa_slice_of(json), stoa_engine_now(engine), &arena, &record, &err) == STOA_OK &&
    stoa_engine_commit(engine, &record, &status, 1, &arena, &err) == STOA_OK;
  atomic_fetch_add(&acknowledged[i], good);
  if (!good) {
    fprintf(stderr, "%s\n", err.text);
  }
  stoa_arena_done(&arena);
  return good;
}

static void reads_see_what_was_acknowledged(void **state)
{
  pthread_t readers[READERS];
  (void)state;
  for (int i = 0; i < READERS; ++i) {
    assert_int_equal(pthread_create(&readers[i], NULL, read_counts, (void *)(uintptr_t)i), 0);
  }
  for (int i = 0; i < EVENTS; ++i) {
    assert_true(send((unsigned)i % THINGS, i));
    if (i == EVENTS / 2) { // a reload keeps nothing of before
      stoa_faults faults = {0};
      stoa_error err = {0};
      assert_int_equal(stoa_engine_reload(engine, &faults, &err), STOA_OK);
      stoa_faults_done(&faults);
    }
    while (atomic_load(&n_read) < i) { // reads and writes side by side, however few cores there are
      usleep(100);
    }
  }
  atomic_store(&ended, true);
  for (int i = 0; i < READERS; ++i) {
    pthread_join(readers[i], NULL);
  }
  const stoa_kept_size size = stoa_kept_measure(stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks"));
  print_message("# %d reads; since the reload %llu rows served as they were kept, %llu made; %llu bytes\n", atomic_load(&n_read),
                (unsigned long long)size.found, (unsigned long long)size.made, (unsigned long long)size.bytes);
  assert_int_equal(atomic_load(&n_wrong), 0);
  assert_true(size.found > 0 && size.made > 0);
}

static void what_is_live_keeps_nothing(void **state)
{
  (void)state;
  const stoa_view *const view = stoa_registry_view(stoa_engine_layer(engine)->registry, "v");
  assert_null(view->kept);
  assert_int_equal(stoa_kept_measure(view).bytes, 0);
}

static void rows_go_when_there_are_too_many(void **state)
{
  stoa_keep *keep;
  stoa_error err = {0};
  stoa_registry *const registry = stoa_engine_layer(engine)->registry;
  stoa_view *const view = (stoa_view *)stoa_registry_view(registry, "clicks");
  stoa_kept *const own = view->kept;
  (void)state;
  assert_int_equal(stoa_keep_new(registry, stoa_engine_event_types(engine), 20000, (stoa_keep_clock){0}, &keep, &err), STOA_OK);
  for (int i = 0; i < 1000; ++i) {
    char name[16];
    snprintf(name, sizeof name, "k%d", i);
    const stoa_slice key = stoa_slice_of(name);
    stoa_term count;
    stoa_view_row row;
    stoa_arena arena;
    stoa_context context;
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, 0);
    assert_int_equal(stoa_kept_rows(view, &key, 1, NULL, &context, &arena, &count, &row, &err), STOA_OK);
    stoa_arena_done(&arena);
  }
  const stoa_kept_size size = stoa_kept_measure(view);
  assert_true(size.rows > 10 && size.rows < 500);
  assert_true(size.bytes < 24000);
  stoa_keep_free(keep);
  view->kept = own;
}

static void a_row_comes_back_as_it_was(void **state)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  (void)state;
  const stoa_term terms[] = {{0},
                             stoa_term_integer(-7),
                             stoa_term_string(stoa_slice_of("")),
                             stoa_term_string(stoa_slice_of("a text that is longer than a term")),
                             stoa_term_lang(&arena, stoa_slice_of("Bank"), stoa_slice_of("cs")),
                             stoa_term_literal(&arena, stoa_slice_of("007"), stoa_slice_of(STOA_XSD "integer")),
                             stoa_term_iri(stoa_slice_of("http://x/1")),
                             stoa_term_double(0.1),
                             stoa_term_datetime(INT64_C(1700000000123456), true, 120)};
  enum { N = sizeof terms / sizeof *terms };
  stoa_feature features[N] = {0};
  features[1].kind = STOA_WINDOW_RECENCY;
  const stoa_view view = {.kind = STOA_VIEW_WINDOW, .features = {.items = features, .n = N}};
  const int64_t last[N] = {STOA_NO_TIME, 3000000};
  const bool wanted[N] = {[3] = true};
  const stoa_view_row row = {.is_there = true, .at_us = 5, .until_us = 6, .last_us = last};
  stoa_packed *const packed = stoa_packed_new(terms, &view, &row);
  stoa_term out[N], some[N] = {0};
  stoa_view_row row_out;
  assert_non_null(packed);
  stoa_packed_read(packed, &view, NULL, 10000000, &arena, out, &row_out);
  stoa_packed_read(packed, &view, wanted, 10000000, &arena, some, &row_out);
  stoa_packed_free(packed);
  for (int i = 0; i < N; ++i) {
    const stoa_term expected = i == 1 ? stoa_term_integer(7) : terms[i]; // a recency goes on
    assert_true(expected.kind == STOA_TERM_UNBOUND ? out[i].kind == STOA_TERM_UNBOUND : stoa_term_same(expected, out[i]));
    assert_true(i == 3 ? stoa_term_same(terms[3], some[3]) : some[i].kind == STOA_TERM_UNBOUND);
  }
  assert_true(row_out.is_there && row_out.at_us == 5 && row_out.until_us == 6);
  stoa_arena_done(&arena);
}

static int setup(void **state)
{
  (void)state;
  return open_project() ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  return close_project() ? 0 : -1;
}

int main(void)
{
  const struct CMUnitTest claims[] = {CLAIM(reads_see_what_was_acknowledged), CLAIM(what_is_live_keeps_nothing),
                                      CLAIM(rows_go_when_there_are_too_many), CLAIM(a_row_comes_back_as_it_was)};
  return cmocka_run_group_tests_name("rows that are kept", claims, setup, teardown);
}
