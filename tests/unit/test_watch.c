// Conditions that turn, of views over events and over a source, with a clock that stands: it moves when the test says so,
// and the watches look when the test says so.
#include "tests/support/unit.h"

#include "features/condition.h"
#include "features/followed.h"
#include "features/watch.h"
#include "tests/support/small_project.h"
#include <sqlite3.h>
#include <time.h>

enum { SECOND = 1000000, MOST_TOLD = 64 };
static const int64_t NOON_US = INT64_C(1767268800) * SECOND; // 2026-01-01T12:00:00Z

static int64_t clock_us;
static char told[MOST_TOLD][64];
static int n_told, n_failed, last_id;
static stoa_watches *watches;

static int64_t now_of_test(const struct stoa_clock *clock)
{
  (void)clock;
  return clock_us;
}

static const stoa_clock stopped = {.now_us = now_of_test};

static void note_turn(const stoa_turned *t, void *data)
{
  (void)data;
  assert_true(n_told < MOST_TOLD);
  assert_int_equal(t->at_us, clock_us);
  int n = snprintf(told[n_told], sizeof told[0], "%s:%s", t->view->name, t->condition);
  for (uint32_t i = 0; i < t->view->entity->n_keys; ++i) {
    n += snprintf(told[n_told] + n, sizeof told[0] - (size_t)n, " %.*s", (int)t->key[i].length, t->key[i].data);
  }
  n_told++;
}

static void note_failure(const stoa_view *view, const stoa_error *err, void *data)
{
  (void)view;
  (void)err;
  (void)data;
  n_failed++;
}

static const stoa_turned_sink sink = {note_turn, note_failure, NULL};

static void sql(const char *text)
{
  char path[256], *why = NULL;
  sqlite3 *db;
  snprintf(path, sizeof path, "%s/s.db", folder);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, text, NULL, NULL, &why), SQLITE_OK);
  sqlite3_close(db);
}

static void write_views(void)
{
  write_file("features/plain.rq", // which time changes only by what leaves its window
             "#+ feature_view:\n#+   name: plain\n#+   kind: window\n#+   entity: {t: id}\n#+   time: at\n#+   windows: [1h]\n"
             "#+   aggregates: [count]\n#+   freshness: 100d\n#+   watch: {four: \"?count_1h = 4\"}\n"
             "SELECT ?t ?at { ?e a <http://x/Tap> ; <http://x/on> ?t ; <http://x/at> ?at }\n");
  write_file("features/entities.yaml", "thing: {class: 'http://x/Thing', key: id, iri: 'http://x/{id}'}\n"
                                       "pair: {class: 'http://x/Pair', key: [a, b], iri: 'http://x/pair/{b}/{a}'}\n");
  write_file("features/taps.rq",
             "#+ feature_view:\n#+   name: taps\n#+   kind: window\n#+   entity: {t: id}\n#+   time: at\n#+   windows: [1h]\n"
             "#+   aggregates: [count, recency]\n#+   default: {count: 0}\n#+   freshness: 100d\n"
             "#+   watch: {often: \"?count_1h >= 2\", quiet: \"?recency_1h >= 60\", none: \"?count_1h = 0\"}\n"
             "SELECT ?t ?at { ?e a <http://x/Tap> ; <http://x/on> ?t ; <http://x/at> ?at }\n");
  write_file("features/scores.rq", "#+ feature_view:\n#+   name: scores\n#+   kind: query\n#+   entity: {t: id}\n"
                                   "#+   features: {score: integer}\n#+   freshness: 10s\n"
                                   "#+   watch: {high: \"?score > 5\"}\n"
                                   "SELECT ?t ?score { ?t <http://x/score> ?score }\n");
  write_file("features/pairs.rq", "#+ feature_view:\n#+   name: pairs\n#+   kind: query\n#+   entity: {p: [a, b]}\n"
                                  "#+   features: {n: integer}\n#+   freshness: 10s\n"
                                  "#+   watch: {many: \"?n >= 3\"}\n"
                                  "SELECT ?p ?n { ?p <http://x/n> ?n }\n");
}

static int setup(void **state)
{
  stoa_faults faults = {0};
  stoa_error err = {0};
  char path[256];
  (void)state;
  if (!mkdtemp(folder)) {
    return 1;
  }
  snprintf(path, sizeof path, "%s/features", folder);
  mkdir(path, 0700);
  write_views();
  write_file("o.ttl", "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix x: <http://x/> .\n"
                      "x:Thing a owl:Class . x:Pair a owl:Class . x:Tap a owl:Class . x:on a owl:ObjectProperty .\n"
                      "x:at a owl:DatatypeProperty . x:score a owl:DatatypeProperty . x:n a owl:DatatypeProperty .\n");
  write_file("m.ttl",
             "@prefix rr: <http://www.w3.org/ns/r2rml#> . @prefix x: <http://x/> .\n"
             "<#t> rr:logicalTable [ rr:tableName \"thing\" ] ; rr:subjectMap [ rr:template \"http://x/{id}\" ; rr:class x:Thing ] ;\n"
             "  rr:predicateObjectMap [ rr:predicate x:score ; rr:objectMap [ rr:column \"score\" ] ] .\n"
             "<#p> rr:logicalTable [ rr:tableName \"pair\" ] ; rr:subjectMap [ rr:template \"http://x/pair/{b}/{a}\" ; rr:class x:Pair ] ;\n"
             "  rr:predicateObjectMap [ rr:predicate x:n ; rr:objectMap [ rr:column \"n\" ] ] .\n");
  write_file("stoa.yaml",
             "project: p\nbase: http://x/\nontology: [o.ttl]\nstate: {driver: sqlite, address: state.db}\n"
             "sources: {s: {driver: sqlite, address: s.db, mappings: [m.ttl]}}\n"
             "events: {tap: {class: 'http://x/Tap', subject: 'http://x/tap/{id}', id: id, time: at, fields: {id: {type: string}, "
             "at: {type: dateTime, property: 'http://x/at'}, on: {type: string, property: 'http://x/on', iri: 'http://x/{on}'}}}}\n");
  sql("CREATE TABLE thing(id TEXT PRIMARY KEY, score INTEGER); CREATE TABLE pair(a TEXT, b TEXT, n INTEGER, PRIMARY KEY(a, b));"
      "INSERT INTO thing VALUES('a', 1), ('b', 9), ('c', NULL); INSERT INTO pair VALUES('k', 'l:m', 1), ('l', 'k', 5);");
  if (stoa_engine_open(folder, STOA_ENGINE_OWN, &faults, &engine, &err) != STOA_OK || faults.n_errors) {
    fprintf(stderr, "%s%s\n", err.text, faults.n_items ? faults.items[0].text : "");
    return 1;
  }
  stoa_faults_done(&faults);
  clock_us = NOON_US;
  stoa_engine_set_clock(engine, &stopped);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  return !close_project();
}

static int begin(void **state)
{
  stoa_error err = {0};
  (void)state;
  n_told = n_failed = 0;
  if (stoa_watches_new(stoa_engine_layer(engine)->keep, &sink, NULL, &watches, &err) != STOA_OK) {
    return 1;
  }
  stoa_watches_look(watches);
  return n_told; // at the start nobody is told of anything
}

static int end(void **state)
{
  (void)state;
  stoa_watches_free(watches);
  clock_us += INT64_C(7200) * SECOND; // what was is in no window any more
  return n_failed;
}

// What was told since the last time.
static void assert_told(int n, const char *first, const char *second)
{
  stoa_watches_look(watches);
  for (int i = n; i < n_told; ++i) {
    fprintf(stderr, "# told as well: %s\n", told[i]);
  }
  assert_int_equal(n_told, n);
  if (n == 2 && strcmp(told[0], first) != 0) { // of one look in any order
    const char *const other = first;
    first = second;
    second = other;
  }
  if (n) {
    assert_string_equal(told[0], first);
  }
  if (n > 1) {
    assert_string_equal(told[1], second);
  }
  n_told = 0;
}

static void tap_at(const char *on, int64_t at_us)
{
  stoa_arena arena;
  stoa_record record;
  stoa_status status;
  stoa_error err = {0};
  char at[32];
  const time_t seconds = (time_t)(at_us / SECOND);
  struct tm utc;
  strftime(at, sizeof at, "%FT%TZ", gmtime_r(&seconds, &utc));
  stoa_arena_init(&arena, 0);
  const char *const json =
    stoa_arena_print(&arena, "{\"id\": \"%d\", \"at\": \"%s\", \"on\": \"%s\"}", last_id++, at, on);
  assert_int_equal(stoa_event_prepare(engine, "tap", stoa_slice_of(json), clock_us, &arena, &record, &err), STOA_OK);
  assert_int_equal(stoa_engine_commit(engine, &record, &status, 1, &arena, &err), STOA_OK);
  stoa_arena_done(&arena);
}

static void tap(const char *on)
{
  tap_at(on, clock_us);
}

static void pass(int seconds)
{
  clock_us += (int64_t)seconds * SECOND;
}

// ---- the table

static void those_that_are_followed_come_in_order(void **state)
{
  stoa_follow all = {0};
  (void)state;
  assert_null(stoa_follow_next(&all, INT64_MAX - 1));
  for (int i = 0; i < 1000; ++i) {
    char key[16];
    snprintf(key, sizeof key, "k%d", i);
    stoa_followed *const one = stoa_follow_add(&all, stoa_slice_of(key));
    assert_ptr_equal(stoa_follow_add(&all, stoa_slice_of(key)), one);
    stoa_follow_at(&all, one, (i * 617) % 1000 + 1);
  }
  assert_int_equal(all.n, 1000);
  stoa_follow_at(&all, stoa_follow_find(&all, stoa_slice_of("k7")), STOA_LOOK_NOW);
  stoa_follow_at(&all, stoa_follow_find(&all, stoa_slice_of("k8")), STOA_LOOK_FIRST);
  stoa_follow_at(&all, stoa_follow_find(&all, stoa_slice_of("k9")), STOA_LOOK_NEVER);
  stoa_follow_remove(&all, stoa_follow_find(&all, stoa_slice_of("k10")));
  assert_null(stoa_follow_find(&all, stoa_slice_of("k10")));
  int64_t before = INT64_MIN;
  int n = 0;
  for (stoa_followed *one = stoa_follow_next(&all, 500); one; one = stoa_follow_next(&all, 500)) {
    assert_true(one->look_us >= before && one->look_us <= 500);
    before = one->look_us;
    n++;
  }
  int expected = 2; // k7 and k8, which are looked at before any time
  for (int i = 0; i < 1000; ++i) {
    expected += i != 7 && i != 8 && i != 9 && i != 10 && (i * 617) % 1000 + 1 <= 500;
  }
  assert_int_equal(n, expected);
  assert_int_equal(all.n, 999);
  stoa_follow_done(&all);
}

// ---- turns

static void an_event_turns_a_condition(void **state)
{
  (void)state;
  tap("a");
  assert_told(0, NULL, NULL);
  tap("a");
  assert_told(1, "taps:often a", NULL);
  tap("a");
  assert_told(0, NULL, NULL); // it has not been false in between
  tap("b");
  assert_told(0, NULL, NULL);
}

static void it_is_told_again_once_it_was_false(void **state)
{
  (void)state;
  tap("a");
  pass(1800);
  assert_told(1, "taps:quiet a", NULL);
  tap("a");
  assert_told(1, "taps:often a", NULL);
  pass(1801); // the first has left the window
  assert_told(1, "taps:quiet a", NULL);
  tap("a");
  assert_told(1, "taps:often a", NULL);
}

static void what_leaves_a_window_turns_one(void **state)
{
  (void)state;
  tap("a");
  assert_told(0, NULL, NULL);
  pass(59);
  assert_told(0, NULL, NULL);
  pass(1);
  assert_told(1, "taps:quiet a", NULL);
  pass(3600 - 61);
  assert_told(0, NULL, NULL);
  pass(1);
  assert_told(1, "taps:none a", NULL);
}

static void of_a_row_alone_its_end_is_looked_at(void **state)
{
  (void)state;
  tap("c");
  pass(10);
  for (int i = 0; i < 4; ++i) {
    tap("c");
  }
  assert_told(1, "taps:often c", NULL); // five
  pass(3589);
  assert_told(1, "taps:quiet c", NULL);
  pass(1);
  assert_told(1, "plain:four c", NULL);
}

static void an_event_that_comes_into_its_window_turns_one(void **state)
{
  (void)state;
  tap("b");
  tap_at("b", clock_us + 30 * (int64_t)SECOND);
  assert_told(0, NULL, NULL);
  pass(29);
  assert_told(0, NULL, NULL);
  pass(1);
  assert_told(1, "taps:often b", NULL);
}

static void a_source_turns_one(void **state)
{
  (void)state;
  sql("UPDATE thing SET score = 6 WHERE id = 'a'");
  pass(11);
  assert_told(1, "scores:high a", NULL);
  sql("UPDATE thing SET score = 7 WHERE id = 'a'");
  pass(11);
  assert_told(0, NULL, NULL);
  sql("UPDATE thing SET score = 1 WHERE id = 'a'");
  pass(11);
  assert_told(0, NULL, NULL);
  sql("UPDATE thing SET score = 8 WHERE id = 'a'");
  pass(11);
  assert_told(1, "scores:high a", NULL);
  sql("UPDATE thing SET score = 1 WHERE id = 'a'");
}

static void who_comes_later_had_none(void **state)
{
  (void)state;
  sql("INSERT INTO thing VALUES('late', 10), ('later', 0)");
  pass(11);
  assert_told(1, "scores:high late", NULL);
  sql("DELETE FROM thing WHERE id IN ('late', 'later')");
  pass(11);
  assert_told(0, NULL, NULL);
  sql("INSERT INTO thing VALUES('late', 10)");
  pass(11);
  assert_told(1, "scores:high late", NULL); // who was away is as one who is new
  sql("DELETE FROM thing WHERE id = 'late'");
}

// A record names who is not of the class when the watches begin.
static void who_comes_with_a_record_had_none(void **state)
{
  (void)state;
  sql("INSERT INTO thing VALUES('fresh', NULL)");
  tap("fresh");
  tap("fresh");
  assert_told(1, "taps:often fresh", NULL);
  sql("DELETE FROM thing WHERE id = 'fresh'");
  pass(11);
  assert_told(0, NULL, NULL);
}

static void keys_of_parts_are_told_part_by_part(void **state)
{
  (void)state;
  sql("UPDATE pair SET n = 4 WHERE a = 'k'");
  pass(11);
  assert_told(1, "pairs:many k l:m", NULL);
  sql("UPDATE pair SET n = 1 WHERE a = 'k'");
  pass(11);
  assert_told(0, NULL, NULL);
}

static void who_exists_by_events_alone_is_followed(void **state)
{
  (void)state;
  tap("stranger"); // of no class
  assert_told(0, NULL, NULL);
  tap("stranger");
  assert_told(1, "taps:often stranger", NULL);
  pass(3600); // "none" holds, as for all who exist; "quiet" came and went unseen
  assert_told(1, "taps:none stranger", NULL);
}

// Rows that cannot be made hold up nothing, and are tried again.
static void a_source_that_fails_is_tried_again(void **state)
{
  (void)state;
  sql("ALTER TABLE thing RENAME TO away");
  pass(11);
  assert_told(0, NULL, NULL);
  assert_true(n_failed > 0);
  tap("a");
  sql("ALTER TABLE away RENAME TO thing; UPDATE thing SET score = 6 WHERE id = 'a'");
  pass(2); // before the source is asked again whether it has changed
  assert_told(1, "scores:high a", NULL);
  sql("UPDATE thing SET score = 1 WHERE id = 'a'");
  n_failed = 0;
}

// What nobody is is in no list of those that are followed: the state has nothing of it.
static void who_does_not_exist_has_no_conditions(void **state)
{
  stoa_keep *const keep = stoa_engine_layer(engine)->keep;
  stoa_arena arena;
  stoa_record record;
  stoa_error err = {0};
  (void)state;
  stoa_arena_init(&arena, 0);
  const char *const json = "{\"id\": \"never\", \"at\": \"2026-01-01T00:00:00Z\", \"on\": \"nobody\"}";
  assert_int_equal(stoa_event_prepare(engine, "tap", stoa_slice_of(json), clock_us, &arena, &record, &err), STOA_OK);
  stoa_keep_appended(keep, &record, 1); // said, and never written
  stoa_arena_done(&arena);
  assert_told(0, NULL, NULL);
}

static void what_holds_is_followed_on(void **state)
{
  stoa_watches *next;
  stoa_error err = {0};
  stoa_keep *const keep = stoa_engine_layer(engine)->keep;
  (void)state;
  tap("a");
  tap("a");
  assert_told(1, "taps:often a", NULL);
  stoa_watches_end(watches);
  tap("b");
  tap("b"); // nobody follows
  assert_int_equal(stoa_watches_new(keep, &sink, watches, &next, &err), STOA_OK);
  stoa_watches_free(watches);
  watches = next;
  assert_told(1, "taps:often b", NULL);
}

// What a thread follows is told by it, while others append.
static void a_thread_tells(void **state)
{
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_watches_start(watches, &err), STOA_OK);
  tap("a");
  tap("a");
  stoa_watches_end(watches); // it may have told, or not yet
  assert_true(n_told <= 1);
  stoa_watches *next;
  assert_int_equal(stoa_watches_new(stoa_engine_layer(engine)->keep, &sink, watches, &next, &err), STOA_OK);
  stoa_watches_free(watches);
  watches = next;
  assert_told(1, "taps:often a", NULL);
}

// ---- faults of declarations

static const char *fault_of(const char *watch, const char *freshness)
{
  static char text[1024];
  char view[8192];
  stoa_faults faults = {0};
  stoa_error err = {0};
  snprintf(view, sizeof view,
           "#+ feature_view:\n#+   name: scores\n#+   kind: query\n#+   entity: {t: id}\n#+   features: {score: integer}\n%s"
           "#+   watch: %s\nSELECT ?t ?score { ?t <http://x/score> ?score }\n",
           freshness, watch);
  write_file("features/scores.rq", view);
  text[0] = '\0';
  assert_int_not_equal(stoa_engine_reload(engine, &faults, &err), STOA_OK);
  assert_int_equal(faults.n_items, 1);
  stoa_error_print(&faults.items[0], text, sizeof text);
  stoa_faults_done(&faults);
  write_views();
  return strstr(text, "features/") ? strstr(text, "features/") + 9 : text;
}

static void faults_are_told_in_their_place(void **state)
{
  static const char fresh[] = "#+   freshness: 10s\n";
  char many[4096] = "{";
  (void)state;
  assert_non_null(strstr(fault_of("{high: \"?score >\"}", fresh), "scores.rq:7:20: error: condition high is no expression of SPARQL"));
  assert_non_null(strstr(fault_of("{high: \"?scores > 1\"}", fresh),
                         "scores.rq:7:20: error: the view has no feature ?scores; did you mean ?score?"));
  assert_non_null(strstr(fault_of("{high: \"EXISTS { ?t <http://x/score> ?score }\"}", fresh),
                         "scores.rq:7:20: error: condition high may speak of the view's features alone"));
  assert_non_null(strstr(fault_of("{high: \"?score > 5\"}", ""), "scores.rq:6:"));
  assert_non_null(strstr(fault_of("{high: \"?score > 5\"}", ""), "say how old they may be by its \"freshness\""));
  assert_non_null(strstr(fault_of("[high]", fresh), "scores.rq:7:"));
  assert_non_null(strstr(fault_of("{\"a-b\": \"true\"}", fresh), "a name has letters, digits and _"));
  assert_non_null(strstr(fault_of("{high: \"true, false) AS ?_holds0) (IF(true\"}", fresh), "scores.rq:7:20: error: condition high"));
  for (int i = 0; i <= STOA_MOST_CONDITIONS; ++i) {
    snprintf(many + strlen(many), sizeof many - strlen(many), "%sc%d: \"?score > %d\"", i ? ", " : "", i, i);
  }
  strcat(many, "}");
  assert_non_null(strstr(fault_of(many, fresh), "a view has at most 64 conditions"));
}

int main(void)
{
#define TURNS(test) cmocka_unit_test_setup_teardown(test, begin, end)
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(those_that_are_followed_come_in_order),
    TURNS(an_event_turns_a_condition),
    TURNS(it_is_told_again_once_it_was_false),
    TURNS(what_leaves_a_window_turns_one),
    TURNS(of_a_row_alone_its_end_is_looked_at),
    TURNS(an_event_that_comes_into_its_window_turns_one),
    TURNS(a_source_turns_one),
    TURNS(who_comes_later_had_none),
    TURNS(who_comes_with_a_record_had_none),
    TURNS(keys_of_parts_are_told_part_by_part),
    TURNS(who_exists_by_events_alone_is_followed),
    TURNS(a_source_that_fails_is_tried_again),
    TURNS(who_does_not_exist_has_no_conditions),
    TURNS(what_holds_is_followed_on),
    TURNS(a_thread_tells),
    cmocka_unit_test(faults_are_told_in_their_place),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
