// Erasing an entity, in process: what it leaves of the log, of models, and of rows that are kept.
#include "tests/support/unit.h"

#include "features/condition.h"
#include "features/kept.h"
#include "features/watch.h"
#include "personalizer/models.h"
#include "tests/support/small_project.h"
#include <sqlite3.h>
#include <unistd.h>

static stoa_arena arena;

static void commit(stoa_record *record)
{
  stoa_status status;
  stoa_error err = {0};
  assert_int_equal(stoa_engine_commit(engine, record, &status, 1, &arena, &err), STOA_OK);
  assert_int_equal(status, STOA_OK);
}

static void tap(const char *id, const char *on)
{
  stoa_record record;
  stoa_error err = {0};
  const char *const json =
    stoa_arena_print(&arena, "{\"id\": \"%s\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"%s\"}", id, on);
  assert_int_equal(
    stoa_event_prepare(engine, "tap", stoa_slice_of(json), stoa_engine_now(engine), &arena, &record, &err), STOA_OK);
  commit(&record);
}

// A decision about a thing, and its reward.
static void decide(const char *event_id, const char *thing, double value)
{
  stoa_decision decision;
  stoa_record reward;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, stoa_engine_now(engine));
  const char *const json =
    stoa_arena_print(&arena, "{\"eventId\": \"%s\", \"contextFeatures\": [{\"of\": \"%s\"}]}", event_id, thing);
  assert_int_equal(stoa_rank_prepare(engine, "p", stoa_slice_of(json), &context, &arena, &decision, &err), STOA_OK);
  decision.record.entity = "thing";
  decision.record.subject_key = stoa_slice_of(thing);
  decision.record.subject_iri = stoa_slice_of(stoa_arena_print(&arena, "http://x/%s", thing));
  commit(&decision.record);
  assert_int_equal(
    stoa_reward_prepare(stoa_slice_of(event_id), value, (stoa_slice){0}, stoa_engine_now(engine), &reward, &err),
    STOA_OK);
  commit(&reward);
}

static stoa_receipt *erase(const char *thing)
{
  stoa_receipt *receipt;
  stoa_record record;
  stoa_context context;
  stoa_error err = {0};
  stoa_context_init(&context, stoa_engine_now(engine));
  assert_int_equal(stoa_erase_prepare(engine, NULL, stoa_slice_of(thing), &context, &arena, &receipt, &record, &err),
                   STOA_OK);
  commit(&record);
  return receipt;
}

static int64_t ask(const char *sql)
{
  char path[256];
  sqlite3 *db;
  sqlite3_stmt *st;
  snprintf(path, sizeof path, "%s/state.db", folder);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(st), SQLITE_ROW);
  const int64_t n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  sqlite3_close(db);
  return n;
}

static int64_t clicks(const char *thing)
{
  const stoa_view *const view = stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks");
  const stoa_slice key = stoa_slice_of(thing);
  stoa_context context;
  stoa_error err = {0};
  stoa_term count = {0};
  stoa_view_row row;
  stoa_context_init(&context, stoa_engine_now(engine));
  assert_int_equal(stoa_kept_rows(view, &key, 1, NULL, &context, &arena, &count, &row, &err), STOA_OK);
  return count.kind == STOA_TERM_INTEGER ? count.as.integer : -1;
}

static void events_decisions_and_kept_rows_of_one_go_and_of_others_stay(void **state)
{
  const stoa_view *const view = stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks");
  (void)state;
  tap("1", "a");
  tap("2", "a");
  tap("3", "b");
  decide("e1", "a", 1);
  decide("e2", "b", 1);
  assert_int_equal(clicks("a"), 2);
  assert_int_equal(clicks("b"), 1);
  assert_int_equal(stoa_kept_measure(view).rows, 2);
  const stoa_receipt *const r = erase("a");
  assert_int_equal(r->erasure.n_events[1], 2); // of taps
  assert_int_equal(r->erasure.n_decisions, 1);
  assert_int_equal(r->erasure.n_rewards, 1);
  assert_int_equal(r->erasure.n_kept, 1);
  assert_int_equal(r->erasure.all.n, 1);
  assert_true(r->erasure.is_wiped);
  assert_int_equal(stoa_kept_measure(view).rows, 1);
  const uint64_t made = stoa_kept_measure(view).made;
  assert_int_equal(clicks("b"), 1); // as it was kept
  assert_int_equal(stoa_kept_measure(view).made, made);
  assert_int_equal(clicks("a"), 0);
  assert_int_equal(ask("SELECT count(*) FROM log WHERE kind = 6"), 2);
  assert_int_equal(ask("SELECT count(*) FROM subject"), 1);
  assert_int_equal(ask("SELECT count(*) = max(\"offset\") FROM log"), 1);
}

// A client that asks once more gets the answer that was given; whose the decision was is not known again.
static void a_decision_that_is_asked_for_again_is_still_nobodys(void **state)
{
  stoa_decision again;
  stoa_context context;
  stoa_error err = {0};
  (void)state;
  decide("e3", "a", 0);
  erase("a");
  stoa_context_init(&context, stoa_engine_now(engine));
  assert_int_equal(
    stoa_rank_prepare(engine, "p", stoa_slice_of("{\"eventId\": \"e3\"}"), &context, &arena, &again, &err), STOA_OK);
  again.record.entity = "thing";
  again.record.subject_key = stoa_slice_of("a");
  again.record.subject_iri = stoa_slice_of("http://x/a");
  commit(&again.record);
  assert_true(again.record.is_duplicate && again.record.answer.length);
  assert_int_equal(ask("SELECT count(*) FROM subject WHERE key = 'a'"), 0);
}

static stoa_bandit_figures figures(const stoa_engine *of, stoa_buf *bytes)
{
  int64_t offset;
  stoa_bandit *const bandit = stoa_engine_policy(of, "p")->bandit;
  stoa_bandit_write(bandit, bytes, &offset);
  return stoa_bandit_tell(bandit);
}

static stoa_engine *open_copy(const char *sql)
{
  char command[400];
  stoa_faults faults = {0};
  stoa_error err = {0};
  stoa_engine *copy;
  snprintf(command, sizeof command, "rm -rf %s-copy && cp -r %s %s-copy && cd %s-copy && sqlite3 state.db \"%s\"",
           folder, folder, folder, folder, sql);
  assert_int_equal(system(command), 0);
  snprintf(command, sizeof command, "%s-copy", folder);
  assert_int_equal(stoa_engine_open(command, STOA_ENGINE_OWN, &faults, &copy, &err), STOA_OK);
  stoa_faults_done(&faults);
  return copy;
}

static void close_copy(stoa_engine *copy)
{
  char command[300];
  stoa_engine_close(copy);
  snprintf(command, sizeof command, "rm -rf %s-copy", folder);
  assert_int_equal(system(command), 0);
}

// The engine is left open, as if it were killed: a copy of its files makes the same model.
static void a_model_outlives_a_kill_after_an_erasure(void **state)
{
  stoa_buf before = {0}, after = {0};
  (void)state;
  for (int i = 0; i < 20; ++i) {
    decide(stoa_arena_print(&arena, "m%d", i), i % 2 ? "a" : "c", i % 3 ? 1 : -1);
  }
  const stoa_bandit_figures learned = figures(engine, &before);
  erase("a");
  stoa_engine *const copy = open_copy("SELECT 1");
  assert_int_equal(figures(copy, &after).n_learned, learned.n_learned);
  assert_int_equal(before.length, after.length);
  assert_memory_equal(before.data, after.data, after.length);
  close_copy(copy);
  stoa_buf_done(&before);
  stoa_buf_done(&after);
}

static void a_model_that_is_learned_anew_leaves_out_who_was_erased(void **state)
{
  stoa_buf bytes = {0};
  (void)state;
  const int64_t kept = ask("SELECT count(*) FROM label JOIN decision USING (event_id) WHERE example IS NOT NULL");
  assert_true(kept >= 10 && ask("SELECT count(*) FROM label") >= kept + 10);
  stoa_engine *const copy = open_copy("DELETE FROM model");
  assert_int_equal(figures(copy, &bytes).n_learned, kept);
  close_copy(copy);
  stoa_buf_done(&bytes);
}

// A short key is looked for as a word, a long one anywhere.
static void an_id_that_tells_the_key_is_another_one(void **state)
{
  static const char renamed[] =
    "SELECT count(*) FROM decision JOIN reward USING (event_id) JOIN label USING (event_id) "
    "WHERE answer IS NULL";
  (void)state;
  decide("aboutlongname1", "longname", 1);
  decide("about-k-1", "k", 1);
  decide("k", "k", 1);
  decide("kept", "k", 1);
  erase("longname");
  assert_int_equal(ask("SELECT count(*) FROM decision WHERE event_id LIKE '%longname%'"), 0);
  assert_int_equal(ask(renamed), 1);
  erase("k");
  assert_int_equal(ask("SELECT count(*) FROM decision WHERE event_id IN ('about-k-1', 'k')"), 0);
  assert_int_equal(ask("SELECT count(*) FROM decision WHERE event_id = 'kept' AND answer IS NOT NULL"), 1);
  assert_int_equal(ask(renamed), 3);
}

// Action ids come with the request, and may tell the key.
static void an_action_that_tells_the_key_goes(void **state)
{
  stoa_decision decision;
  stoa_context context;
  stoa_error err = {0};
  (void)state;
  stoa_context_init(&context, stoa_engine_now(engine));
  assert_int_equal(
    stoa_rank_prepare(engine, "p", stoa_slice_of("{\"eventId\": \"act\"}"), &context, &arena, &decision, &err),
    STOA_OK);
  decision.record.entity = "thing";
  decision.record.action = "call somebody-x";
  decision.record.subject_key = stoa_slice_of("somebody-x");
  decision.record.subject_iri = stoa_slice_of("http://x/somebody-x");
  commit(&decision.record);
  erase("somebody-x");
  assert_int_equal(ask("SELECT count(*) FROM decision WHERE event_id = 'act' OR action LIKE '%somebody%'"), 0);
}

static void more_than_can_be_told_one_by_one_makes_all_rows_anew(void **state)
{
  enum { MANY = STOA_MOST_GONE + 10 };
  stoa_record *const records = STOA_NEWS(&arena, stoa_record, MANY);
  stoa_status *const statuses = STOA_NEWS(&arena, stoa_status, MANY);
  stoa_error err = {0};
  (void)state;
  for (int i = 0; i < MANY; ++i) {
    const char *const json =
      stoa_arena_print(&arena, "{\"id\": \"many%d\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"d\"}", i);
    assert_int_equal(stoa_event_prepare(engine, "tap", stoa_slice_of(json), 1, &arena, &records[i], &err), STOA_OK);
  }
  assert_int_equal(stoa_engine_commit(engine, records, statuses, MANY, &arena, &err), STOA_OK);
  assert_int_equal(clicks("d"), MANY);
  assert_int_equal(clicks("b"), 1);
  const stoa_receipt *const r = erase("d");
  assert_int_equal(r->erasure.n_events[1], MANY);
  assert_true(r->erasure.more_gone);
  const uint64_t made = stoa_kept_measure(stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks")).made;
  assert_int_equal(clicks("b"), 1);
  assert_int_equal(stoa_kept_measure(stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks")).made, made + 1);
  assert_int_equal(clicks("d"), 0);
}

static void an_erasure_takes_what_came_before_it_in_its_own_commit(void **state)
{
  stoa_receipt *receipt;
  stoa_record records[3];
  stoa_status statuses[3];
  stoa_context context;
  stoa_error err = {0};
  (void)state;
  stoa_context_init(&context, stoa_engine_now(engine));
  assert_int_equal(stoa_event_prepare(
                     engine, "tap", stoa_slice_of("{\"id\": \"x1\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"x\"}"),
                     1, &arena, &records[0], &err),
                   STOA_OK);
  assert_int_equal(
    stoa_erase_prepare(engine, "thing", stoa_slice_of("x"), &context, &arena, &receipt, &records[1], &err), STOA_OK);
  assert_int_equal(stoa_event_prepare(
                     engine, "tap", stoa_slice_of("{\"id\": \"x2\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"x\"}"),
                     1, &arena, &records[2], &err),
                   STOA_OK);
  assert_int_equal(stoa_engine_commit(engine, records, statuses, 3, &arena, &err), STOA_OK);
  assert_int_equal(receipt->erasure.n_events[1], 1);
  assert_int_equal(clicks("x"), 1); // a new one
}

static bool file_has(const char *text)
{
  static const char *const endings[] = {"", "-wal", "-shm"};
  static char bytes[1 << 24];
  bool found = false;
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    char path[280];
    snprintf(path, sizeof path, "%s/state.db%s", folder, endings[i]);
    FILE *const in = fopen(path, "rb");
    const size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;
    found |= n && memmem(bytes, n, text, strlen(text));
    if (in) {
      fclose(in);
    }
  }
  return found;
}

// What moves from page to page leaves bytes behind that no row has any more; so do rows that another program deleted.
static void bytes_that_no_row_has_are_wiped_too(void **state)
{
  static const char left[] =
    "PRAGMA secure_delete=OFF; INSERT INTO event_tap(log_offset, id, at, \"on\") VALUES (0, 'left', "
    "'2026-01-01T00:00:00Z', 'bytes-that-nobody-has'); DELETE FROM event_tap WHERE id = 'left'";
  char path[256];
  sqlite3 *db;
  (void)state;
  snprintf(path, sizeof path, "%s/state.db", folder);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, left, NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  assert_true(file_has("bytes-that-nobody-has"));
  assert_true(erase("bytes-that-nobody-has")->erasure.is_wiped);
  assert_false(file_has("bytes-that-nobody-has"));
}

static void what_is_no_entity_is_refused(void **state)
{
  stoa_receipt *receipt;
  stoa_record record;
  stoa_context context;
  stoa_error err = {0};
  (void)state;
  stoa_context_init(&context, 1);
  assert_int_equal(stoa_erase_prepare(engine, "thin", stoa_slice_of("x"), &context, &arena, &receipt, &record, &err),
                   STOA_NOT_FOUND);
  assert_string_equal(err.text, "unknown entity \"thin\"; did you mean \"thing\"?");
  err = (stoa_error){0};
  assert_int_equal(stoa_erase_prepare(engine, NULL, stoa_slice_of("thing"), &context, &arena, &receipt, &record, &err),
                   STOA_BAD_ARG);
}

static int n_told;

static void count_told(const stoa_turned *turned, void *data)
{
  (void)data;
  n_told += strcmp(turned->condition, "busy") == 0 && stoa_slice_is(turned->key[0], "w");
}

// Whoever is busy is told of once; whoever was erased, and comes again, is somebody new.
static void conditions_forget_who_was_erased(void **state)
{
  static const stoa_turned_sink sink = {.told = count_told};
  stoa_faults faults = {0};
  stoa_error err = {0};
  (void)state;
  write_file("features/busy.rq", "#+ feature_view: {name: busy, kind: query, entity: {t: id}, features: {n: integer}, "
                                 "freshness: 100d, watch: {busy: '?n >= 1'}}\n"
                                 "SELECT ?t (COUNT(?e) AS ?n) { ?e <http://x/on> ?t } GROUP BY ?t\n");
  assert_int_equal(stoa_engine_reload(engine, &faults, &err), STOA_OK);
  stoa_faults_done(&faults);
  stoa_watches *watches;
  assert_int_equal(stoa_watches_new(stoa_engine_layer(engine)->keep, &sink, NULL, &watches, &err), STOA_OK);
  stoa_watches_look(watches);
  tap("w1", "w");
  stoa_watches_look(watches);
  assert_int_equal(n_told, 1);
  tap("w2", "w");
  erase("w");
  tap("w3", "w");
  stoa_watches_look(watches); // of both at once
  assert_int_equal(n_told, 2);
  erase("w");
  stoa_watches_look(watches);
  tap("w4", "w");
  stoa_watches_look(watches);
  assert_int_equal(n_told, 3);
  tap("w5", "w");
  erase("w");
  stoa_watches_look(watches);
  assert_int_equal(n_told, 3);
  stoa_watches_free(watches);
}

static int begin(void **state)
{
  (void)state;
  stoa_arena_init(&arena, 0);
  return open_project() ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  stoa_arena_done(&arena);
  return close_project() ? 0 : -1;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(events_decisions_and_kept_rows_of_one_go_and_of_others_stay),
    cmocka_unit_test(a_decision_that_is_asked_for_again_is_still_nobodys),
    cmocka_unit_test(a_model_outlives_a_kill_after_an_erasure),
    cmocka_unit_test(a_model_that_is_learned_anew_leaves_out_who_was_erased),
    cmocka_unit_test(an_id_that_tells_the_key_is_another_one),
    cmocka_unit_test(an_action_that_tells_the_key_goes),
    cmocka_unit_test(more_than_can_be_told_one_by_one_makes_all_rows_anew),
    cmocka_unit_test(an_erasure_takes_what_came_before_it_in_its_own_commit),
    cmocka_unit_test(bytes_that_no_row_has_are_wiped_too),
    cmocka_unit_test(what_is_no_entity_is_refused),
    cmocka_unit_test(conditions_forget_who_was_erased),
  };
  return cmocka_run_group_tests(tests, begin, end);
}
