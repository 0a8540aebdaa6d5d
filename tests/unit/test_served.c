// Rows of services as texts: what they say at an instant, when they go, and that one who reads never gets less than was
// acknowledged before.
#include "tests/support/unit.h"

#include "features/kept.h"
#include "features/served.h"
#include "graph/term/equality.h"
#include "tests/support/small_project.h"
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

// A value and a blank; numbers that are not finite have no text.
static bool write_word(stoa_term value, const stoa_feature *feature, stoa_buf *out)
{
  const bool lacks = value.kind == STOA_TERM_DOUBLE && !isfinite(value.as.real);
  (void)feature;
  if (lacks || !stoa_term_is_bound(value)) {
    stoa_buf_text(out, "- ");
    return !lacks;
  }
  stoa_term_write_lexical(value, out);
  stoa_buf_byte(out, ' ');
  return true;
}

static bool write_kind(stoa_term value, const stoa_feature *feature, stoa_buf *out)
{
  (void)feature;
  stoa_buf_byte(out, (char)('a' + value.kind));
  return true;
}

static const stoa_value_forms forms = {.forms = {write_word, write_kind}, .n = 2, .first = 1};

// ---- one row

enum { N = 5, RECENCY = 1, LACKS = 4 };

typedef struct {
  stoa_feature features[N];
  stoa_view views[2];
  const stoa_view *list[2];
  const stoa_feature *all[N];
  uint32_t view_of[N];
  stoa_entity entity;
  stoa_service service;
  stoa_term values[N];
  stoa_view_row rows[2];
  stoa_view_values made[2];
  int64_t last_us[2];
} sample;

// A window of two features, the second of which grows, and a query of three.
static void make_sample(sample *s)
{
  *s = (sample){.values = {stoa_term_integer(3), stoa_term_integer(7), stoa_term_string(stoa_slice_of("Praha")), {0},
                           stoa_term_double(INFINITY)}};
  for (uint32_t i = 0; i < N; ++i) {
    s->features[i].type = STOA_FEATURE_ANY;
    s->all[i] = &s->features[i];
    s->view_of[i] = i > 1;
  }
  s->features[RECENCY].kind = STOA_WINDOW_RECENCY;
  s->views[0] = (stoa_view){.kind = STOA_VIEW_WINDOW, .features = {s->features, 2, 2}};
  s->views[1] = (stoa_view){.kind = STOA_VIEW_QUERY, .features = {s->features + 2, 3, 3}};
  s->list[0] = &s->views[0];
  s->list[1] = &s->views[1];
  s->last_us[RECENCY] = 93000000;
  s->service = (stoa_service){.name = "s", .entity = &s->entity, .views = {s->list, 2, 2}, .features = {s->all, N, N},
                              .view_of = {s->view_of, N, N}};
  s->rows[0] = (stoa_view_row){.is_there = true, .at_us = 93000000, .last_us = s->last_us, .made_us = 100000000, .stands_us = 200000000};
  s->rows[1] = (stoa_view_row){.at_us = STOA_NO_TIME, .made_us = 90000000, .stands_us = 150000000};
  s->made[0] = (stoa_view_values){&s->views[0], s->values, &s->rows[0]};
  s->made[1] = (stoa_view_values){&s->views[1], s->values + 2, &s->rows[1]};
}

static void writes(const sample *s, const stoa_served_row *row, uint32_t form, int64_t now_us, const char *expected)
{
  stoa_buf all = {0}, each = {0};
  stoa_served_row_write(row, &s->service, &forms, form, now_us, &all);
  for (uint32_t i = 0; i < N; ++i) {
    stoa_served_row_write_one(row, &s->service, &forms, form, i, now_us, &each);
  }
  assert_string_equal(stoa_buf_string(&all), expected);
  assert_string_equal(stoa_buf_string(&each), expected);
  stoa_buf_done(&all);
  stoa_buf_done(&each);
}

static void a_row_is_written_as_it_is_at_an_instant(void **state)
{
  sample s;
  (void)state;
  make_sample(&s);
  stoa_served_row *const row = stoa_served_row_new(&s.service, s.made, 0, &forms, 3);
  assert_non_null(row);
  writes(&s, row, 0, 100000000, "3 7 Praha - - ");
  writes(&s, row, 0, 149999999, "3 56 Praha - - "); // a recency goes on
  writes(&s, row, 1, 100000000, (const char[]){'a' + STOA_TERM_INTEGER, 'a' + STOA_TERM_INTEGER, 'a' + STOA_TERM_STRING,
                                               'a' + STOA_TERM_UNBOUND, 'a' + STOA_TERM_DOUBLE, 0});
  static const stoa_cell_kind kinds[] = {STOA_CELL_TEXT, STOA_CELL_GROWS, STOA_CELL_TEXT, STOA_CELL_NONE, STOA_CELL_LACKS};
  for (uint32_t i = 0; i < N; ++i) {
    assert_int_equal(stoa_served_row_cell(row, &s.service, 0, i).kind, kinds[i]);
  }
  assert_int_equal(stoa_served_row_cell(row, &s.service, 1, LACKS).kind, STOA_CELL_TEXT);
  stoa_served_row_leave(row);
}

static void a_row_has_its_values_too(void **state)
{
  sample s;
  stoa_term out[N];
  stoa_arena arena;
  (void)state;
  make_sample(&s);
  stoa_served_row *const row = stoa_served_row_new(&s.service, s.made, 0, &forms, 1);
  stoa_arena_init(&arena, 0);
  stoa_served_row_values(row, &s.service, 103000000, &arena, out);
  stoa_served_row_leave(row);
  s.values[RECENCY] = stoa_term_integer(10);
  for (uint32_t i = 0; i < N; ++i) {
    assert_true(out[i].kind == STOA_TERM_UNBOUND ? s.values[i].kind == STOA_TERM_UNBOUND : stoa_term_same(out[i], s.values[i]));
  }
  stoa_arena_done(&arena);
}

static void a_row_stands_while_those_of_all_views_do(void **state)
{
  sample s;
  (void)state;
  make_sample(&s);
  stoa_served_row *const row = stoa_served_row_new(&s.service, s.made, 0, &forms, 1);
  const stoa_served_term term = stoa_served_row_term(row);
  assert_int_equal(term.from_us, 100000000);
  assert_int_equal(term.until_us, 150000000);
  assert_int_equal(term.forms, 1);
  const stoa_served_view *const views = stoa_served_row_views(row);
  assert_true(views[0].is_there && views[0].at_us == 93000000 && !views[1].is_there && views[1].at_us == STOA_NO_TIME);
  stoa_served_row_leave(row);
}

static void some_rows_are_not_kept(void **state)
{
  sample s;
  bool misfits[N] = {true};
  char *const text = malloc(70000);
  (void)state;
  make_sample(&s);
  s.rows[0].is_there = false; // nobody is there
  assert_null(stoa_served_row_new(&s.service, s.made, 0, &forms, 1));
  make_sample(&s);
  s.rows[1].misfits = misfits;
  assert_null(stoa_served_row_new(&s.service, s.made, 0, &forms, 1));
  make_sample(&s);
  s.rows[1].stands_us = 100000000; // it ended when the other was made
  assert_null(stoa_served_row_new(&s.service, s.made, 0, &forms, 1));
  make_sample(&s);
  memset(text, 'x', 70000);
  s.values[2] = stoa_term_string((stoa_slice){text, 70000});
  assert_null(stoa_served_row_new(&s.service, s.made, 0, &forms, 1));
  s.values[2] = stoa_term_string((stoa_slice){text, 60000});
  stoa_served_row_leave(stoa_served_row_new(&s.service, s.made, 0, &forms, 1));
  free(text);
}

// ---- a table

static struct stoa_served *new_table(sample *s, stoa_served_room *room, struct stoa_served **list)
{
  make_sample(s);
  *room = (stoa_served_room){.forms = &forms, .most_bytes = 1 << 20, .tables = list, .n_tables = 1};
  list[0] = stoa_served_new(&s->service, room);
  return list[0];
}

static bool keep(struct stoa_served *table, sample *s, const char *key, stoa_served_mark mark)
{
  stoa_served_row *const row = stoa_served_row_new(&s->service, s->made, 0, &forms, 1);
  return stoa_served_put(table, stoa_slice_of(key), stoa_kept_hash(stoa_slice_of(key)), mark, row);
}

static bool is_found(struct stoa_served *table, const char *key, int64_t now_us, uint32_t form)
{
  stoa_served_row *const row = stoa_served_look(table, stoa_slice_of(key), stoa_kept_hash(stoa_slice_of(key)), now_us, form);
  if (row) {
    stoa_served_row_leave(row);
  }
  return row;
}

static void a_row_that_changes_while_it_is_made_is_not_kept(void **state)
{
  static const stoa_slice key = {"k", 1};
  const uint64_t hash = stoa_kept_hash(key);
  sample s;
  stoa_served_room room;
  struct stoa_served *list[1], *const table = new_table(&s, &room, list);
  (void)state;
  stoa_served_mark mark = stoa_served_note(table, hash);
  stoa_served_change(table, key, hash);
  assert_false(keep(table, &s, "k", mark));
  mark = stoa_served_note(table, hash);
  stoa_served_change_all(table);
  assert_false(keep(table, &s, "k", mark));
  mark = stoa_served_note(table, hash);
  stoa_served_forget(table, key, hash);
  assert_false(keep(table, &s, "k", mark));
  assert_false(is_found(table, "k", 120000000, 0));
  mark = stoa_served_note(table, hash);
  assert_true(keep(table, &s, "k", mark));
  assert_true(is_found(table, "k", 120000000, 0));
  stoa_served_free(table);
}

static void a_row_is_found_while_it_stands_and_in_its_forms(void **state)
{
  sample s;
  stoa_served_room room;
  struct stoa_served *list[1], *const table = new_table(&s, &room, list);
  (void)state;
  keep(table, &s, "k", stoa_served_note(table, stoa_kept_hash(stoa_slice_of("k"))));
  assert_false(is_found(table, "k", 99999999, 0));
  assert_true(is_found(table, "k", 100000000, 0));
  assert_true(is_found(table, "k", 149999999, 0));
  assert_false(is_found(table, "k", 150000000, 0));
  assert_false(is_found(table, "k", 120000000, 1));
  assert_true(is_found(table, "k", 120000000, STOA_MOST_FORMS));
  assert_false(is_found(table, "l", 120000000, 0));
  stoa_served_change_all(table);
  assert_false(is_found(table, "k", 120000000, 0));
  stoa_served_free(table);
}

// What is asked for is made anew before it is asked for again.
static void a_row_that_was_asked_for_is_remembered(void **state)
{
  static const stoa_slice a = {"a", 1}, b = {"b", 1};
  const uint64_t of_a = stoa_kept_hash(a), of_b = stoa_kept_hash(b);
  sample s;
  stoa_served_room room;
  struct stoa_served *list[1], *const table = new_table(&s, &room, list);
  (void)state;
  keep(table, &s, "a", stoa_served_note(table, of_a));
  keep(table, &s, "b", stoa_served_note(table, of_b));
  assert_true(is_found(table, "a", 120000000, 0));
  assert_true(stoa_served_is_asked(table, a, of_a) && !stoa_served_is_asked(table, b, of_b));
  stoa_served_renew(table, a, of_a); // stands until it is made anew
  stoa_served_renew(table, b, of_b);
  assert_true(stoa_served_is_there(table, a, of_a) && !stoa_served_is_there(table, b, of_b));
  stoa_served_change(table, a, of_a);
  assert_true(!stoa_served_is_there(table, a, of_a) && stoa_served_is_asked(table, a, of_a));
  stoa_served_forget(table, a, of_a);
  assert_false(stoa_served_is_asked(table, a, of_a));
  assert_true(atomic_load(&table->bytes) < 4096); // nothing of it is left but the table
  stoa_served_free(table);
}

static void rows_that_nobody_asks_for_go_when_there_are_too_many(void **state)
{
  enum { KEYS = 4000, MOST = 200000 };
  sample s;
  stoa_served_room room;
  struct stoa_served *list[1], *const table = new_table(&s, &room, list);
  char key[16];
  uint32_t n = 0;
  (void)state;
  room.most_bytes = MOST;
  for (int i = 0; i < KEYS; ++i) {
    snprintf(key, sizeof key, "k%d", i);
    keep(table, &s, key, stoa_served_note(table, stoa_kept_hash(stoa_slice_of(key))));
    assert_true(atomic_load(&room.bytes) <= MOST);
    assert_true(i < 100 || is_found(table, "k50", 120000000, 0));
  }
  for (int i = 0; i < KEYS; ++i) {
    snprintf(key, sizeof key, "k%d", i);
    n += is_found(table, key, 120000000, 0);
  }
  assert_true(n > 100 && n < KEYS / 2);
  stoa_served_free(table);
}

// ---- events and readers

enum { THINGS = 3, EVENTS = 300, READERS = 3 };

static atomic_int sent[THINGS], acknowledged[THINGS];
static atomic_bool ended;
static atomic_int n_wrong, n_read, n_found;

// As a server does: of what is kept, else made, of what is kept of its views or of the log.
static stoa_served_row *take_row(const stoa_service *service, const stoa_slice *key, stoa_context *context, stoa_arena *arena)
{
  stoa_served_row *row = stoa_served_find(service, key, context->now_us, 0, arena);
  atomic_fetch_add(&n_found, row != NULL);
  for (int i = 0; i < 2 && !row; ++i) {
    context->at_once = i == 0;
    stoa_served_make(service, key, 1, 0, context, arena);
    row = stoa_served_find(service, key, context->now_us, 0, arena);
  }
  return row;
}

static void *read_counts(void *data)
{
  unsigned turn = (unsigned)(uintptr_t)data;
  while (!atomic_load(&ended)) {
    const unsigned i = turn++ % THINGS;
    const char name[2] = {(char)('a' + i), 0};
    const stoa_slice key = {name, 1};
    const int before = atomic_load(&acknowledged[i]);
    stoa_layer *const layer = stoa_engine_take(engine);
    const stoa_service *service = NULL;
    stoa_arena arena;
    stoa_context context;
    stoa_error err = {0};
    stoa_buf text = {0};
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, stoa_engine_now(engine));
    stoa_registry_need_service(layer->registry, "clicks", &service, &err);
    stoa_served_row *const row = take_row(service, &key, &context, &arena);
    const int after = atomic_load(&sent[i]);
    if (row) { // else it changed while it was made, or nobody has clicked
      stoa_served_row_write(row, service, &forms, 0, context.now_us, &text);
      const int n = atoi(stoa_buf_string(&text));
      if (n < before || n > after) {
        fprintf(stderr, "%s: %d acknowledged before, %d read, %d sent after\n", name, before, n, after);
        atomic_fetch_add(&n_wrong, 1);
      }
      stoa_served_row_leave(row);
    }
    atomic_fetch_add(&n_read, 1);
    usleep(20);
    stoa_buf_done(&text);
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
    for (const int n = atomic_load(&n_read); atomic_load(&n_read) < n + 3;) { // reads and writes side by side
      usleep(100);
    }
  }
  atomic_store(&ended, true);
  for (int i = 0; i < READERS; ++i) {
    pthread_join(readers[i], NULL);
  }
  print_message("# %d reads, %d of a row that was kept\n", atomic_load(&n_read), atomic_load(&n_found));
  assert_int_equal(atomic_load(&n_wrong), 0);
  assert_true(atomic_load(&n_found) > EVENTS);
}

static void a_service_with_a_live_view_keeps_nothing(void **state)
{
  const stoa_service *service = NULL;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_registry_need_service(stoa_engine_layer(engine)->registry, "v", &service, &err), STOA_OK);
  assert_null(service->served);
  assert_false(stoa_served_may(service, 0));
}

static int setup(void **state)
{
  stoa_error err = {0};
  (void)state;
  return open_project() && stoa_engine_serve(engine, &forms, &err) == STOA_OK ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  return close_project() ? 0 : -1;
}

int main(void)
{
  const struct CMUnitTest claims[] = {CLAIM(a_row_is_written_as_it_is_at_an_instant),
                                      CLAIM(a_row_has_its_values_too),
                                      CLAIM(a_row_stands_while_those_of_all_views_do),
                                      CLAIM(some_rows_are_not_kept),
                                      CLAIM(a_row_that_changes_while_it_is_made_is_not_kept),
                                      CLAIM(a_row_is_found_while_it_stands_and_in_its_forms),
                                      CLAIM(a_row_that_was_asked_for_is_remembered),
                                      CLAIM(rows_that_nobody_asks_for_go_when_there_are_too_many),
                                      CLAIM(reads_see_what_was_acknowledged),
                                      CLAIM(a_service_with_a_live_view_keeps_nothing)};
  return cmocka_run_group_tests_name("rows of services", claims, setup, teardown);
}
