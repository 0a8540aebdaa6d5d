#include "tests/support/unit.h"

#include "features/state/arrivals.h"
#include "features/state/state.h"
#include "graph/base/clock.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static const stoa_event_types no_events;

static stoa_record decision(const char *id, int64_t at, int64_t closes)
{
  return (stoa_record){.kind = STOA_RECORD_DECISION,
                       .at_us = at,
                       .event_id = stoa_slice_of(id),
                       .policy = "p",
                       .action = "a",
                       .probability = 0.5,
                       .example = stoa_slice_of("ex"),
                       .answer = stoa_slice_of("{}"),
                       .closes_at_us = closes,
                       .entity = "customer",
                       .subject_key = stoa_slice_of("42"),
                       .subject_iri = stoa_slice_of("http://c/42")};
}

static void records_get_offsets_in_order_and_duplicates_none(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_record back;
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {decision("e1", 1, 0), decision("e2", 2, 0), decision("e1", 3, 0)};
  assert_int_equal(stoa_state_append(s, records, 3, &err), STOA_OK);
  assert_int_equal(records[0].offset, 1);
  assert_int_equal(records[1].offset, 2);
  assert_true(records[2].is_duplicate);
  assert_int_equal(stoa_state_offset(s), 2);
  assert_int_equal(stoa_state_decision(s, stoa_slice_of("e2"), &arena, &back, &err), STOA_OK);
  assert_true(stoa_slice_is(back.example, "ex") && back.probability == 0.5);
  assert_int_equal(stoa_state_decision(s, stoa_slice_of("e3"), &arena, &back, &err), STOA_NOT_FOUND);
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void labels_fall_due_with_their_reward_or_the_default(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_records due = {0}, sum = {0}, none = {0};
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {decision("e1", 1, 100),
                           decision("e2", 2, 100),
                           decision("e3", 3, 200),
                           {.kind = STOA_RECORD_REWARD, .event_id = stoa_slice_of("e2"), .value = 0.5, .at_us = 5},
                           {.kind = STOA_RECORD_REWARD, .event_id = stoa_slice_of("e2"), .value = 0.25, .at_us = 6}};
  assert_int_equal(stoa_state_append(s, records, 5, &err), STOA_OK);
  assert_int_equal(stoa_state_due(s, "p", 99, -0.1, false, 10, &arena, &none, &err), STOA_OK);
  assert_int_equal(none.n, 0);
  assert_int_equal(stoa_state_due(s, "p", 150, -0.1, false, 10, &arena, &due, &err), STOA_OK);
  assert_int_equal(due.n, 2);
  assert_true(due.items[0].value == -0.1 && due.items[1].value == 0.5);
  assert_int_equal(stoa_state_due(s, "p", 150, -0.1, true, 10, &arena, &sum, &err), STOA_OK);
  assert_true(sum.items[1].value == 0.75);
  assert_int_equal(stoa_state_append(s, due.items, due.n, &err), STOA_OK);
  assert_int_equal(stoa_state_is_closed(s, stoa_slice_of("e1"), &err), STOA_OK);
  assert_int_equal(stoa_state_is_closed(s, stoa_slice_of("e3"), &err), STOA_NOT_FOUND);
  none.n = 0;
  assert_int_equal(stoa_state_due(s, "p", 150, 0, false, 10, &arena, &none, &err), STOA_OK);
  assert_int_equal(none.n, 0);
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void a_late_reward_is_kept_and_counts_for_nothing(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_records due = {0};
  stoa_record back;
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {decision("e1", 1, 100),
                           {.kind = STOA_RECORD_REWARD,
                            .event_id = stoa_slice_of("e1"),
                            .id = stoa_slice_of("r"),
                            .value = 1,
                            .at_us = 100,
                            .is_late = true}};
  assert_int_equal(stoa_state_append(s, records, 2, &err), STOA_OK);
  assert_int_equal(stoa_state_due(s, "p", 100, -0.5, true, 10, &arena, &due, &err), STOA_OK);
  assert_true(due.n == 1 && due.items[0].value == -0.5);
  assert_int_equal(stoa_state_reward(s, stoa_slice_of("r"), &arena, &back, &err), STOA_OK);
  assert_true(back.is_late && back.value == 1 && stoa_slice_is(back.event_id, "e1"));
  assert_int_equal(stoa_state_reward(s, stoa_slice_of("other"), &arena, &back, &err), STOA_NOT_FOUND);
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void count_label(const stoa_record *d, const stoa_record *label, void *data)
{
  (void)d;
  *(int64_t *)data = *(int64_t *)data * 10 + label->offset;
}

static void labels_are_replayed_between_two_offsets(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  (void)state;
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  stoa_record records[] = {
    decision("e1", 1, 0),
    decision("e2", 2, 0),
    {.kind = STOA_RECORD_LABEL, .event_id = stoa_slice_of("e2"), .policy = "p"},
    {.kind = STOA_RECORD_LABEL, .event_id = stoa_slice_of("e1"), .policy = "p"},
    {.kind = STOA_RECORD_OPTIONS, .policy = "p", .bits = 9, .rate = 0.25},
    decision("e3", 3, 0),
    {.kind = STOA_RECORD_LABEL, .event_id = stoa_slice_of("e3"), .policy = "p"},
  };
  static const int64_t spans[][3] = {{0, INT64_MAX, 347}, {3, INT64_MAX, 47}, {0, 4, 3}, {3, 7, 4}, {4, 7, 0}};
  stoa_arena arena;
  stoa_records options = {0};
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_append(s, records, 7, &err), STOA_OK);
  for (size_t i = 0; i < sizeof spans / sizeof *spans; ++i) {
    int64_t told = 0;
    assert_int_equal(stoa_state_replay(s, "p", spans[i][0], spans[i][1], count_label, &told, &err), STOA_OK);
    assert_int_equal(told, spans[i][2]);
  }
  assert_int_equal(stoa_state_options(s, "p", &arena, &options, &err), STOA_OK);
  assert_int_equal(options.n, 1);
  assert_true(options.items[0].bits == 9 && options.items[0].rate == 0.25 && options.items[0].offset == 5);
  stoa_arena_done(&arena);
  stoa_state_close(s);
}

static char path[64], other[64];

static void use_paths(void)
{
  snprintf(path, sizeof path, "/tmp/stoa-state-%d.db", (int)getpid());
  snprintf(other, sizeof other, "/tmp/stoa-state-%d.other", (int)getpid());
}

static void remove_state(void)
{
  static const char *const endings[] = {"", "-wal", "-shm"};
  for (int i = 0; i < 3; ++i) {
    char name[80];
    snprintf(name, sizeof name, "%s%s", path, endings[i]);
    unlink(name);
    snprintf(name, sizeof name, "%s%s", other, endings[i]);
    unlink(name);
  }
}

// In another process, as another server would: this program begins anew, for a child knows what its parent owns.
static int elsewhere(const char *what, const char *file)
{
  const pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", "test_state", what, file, (char *)NULL);
    _exit(255);
  }
  int code = -1;
  assert_true(child > 0 && waitpid(child, &code, 0) == child);
  return WEXITSTATUS(code);
}

static stoa_status open_elsewhere(const char *file)
{
  return (stoa_status)elsewhere("open", file);
}

static int open_here(const char *file)
{
  stoa_state *s;
  stoa_error err = {0};
  const stoa_status status = stoa_state_open(file, &no_events, &s, &err);
  if (status == STOA_OK) {
    stoa_state_close(s);
  }
  return (int)status;
}

// 1: another process has a lock of POSIX, as SQLite takes them, on some byte of the file.
static int is_locked_here(const char *file)
{
  struct flock any = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  const int fd = open(file, O_RDWR);
  const int code = fd >= 0 && fcntl(fd, F_GETLK, &any) == 0 && any.l_type != F_UNLCK;
  close(fd);
  return code;
}

static void a_state_has_one_owner_by_whatever_name(void **state)
{
  stoa_state *s, *second;
  stoa_error err = {0};
  (void)state;
  use_paths();
  for (int links = 0; links < 2; ++links) {
    stoa_record one = decision("e1", 1, 0);
    assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
    assert_int_equal(links ? link(path, other) : symlink(path, other), 0);
    assert_int_equal(open_elsewhere(path), STOA_CONFLICT);
    assert_int_equal(open_elsewhere(other), STOA_CONFLICT);
    assert_int_equal(stoa_state_open(path, &no_events, &second, &err), STOA_CONFLICT);
    assert_int_equal(stoa_state_open(other, &no_events, &second, &err), STOA_CONFLICT);
    assert_int_equal(open_elsewhere(other), STOA_CONFLICT); // a refusal in this process gives nothing up,
    assert_int_equal(elsewhere("locked", path), 1);         // nor what SQLite has locked
    assert_int_equal(stoa_state_append(s, &one, 1, &err), STOA_OK);
    stoa_state_close(s);
    assert_int_equal(open_elsewhere(other), STOA_OK);
    remove_state();
  }
  assert_int_equal(open_elsewhere(other), STOA_OK); // two states have an owner each
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
  assert_int_equal(stoa_state_open(other, &no_events, &second, &err), STOA_OK);
  stoa_state_close(s);
  stoa_state_close(second);
  remove_state();
}

static void run_sql(const char *file, const char *sql)
{
  sqlite3 *db;
  assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
}

static void a_clash_of_offsets_is_an_error_and_no_duplicate(void **state)
{
  static const char *const intruders[] = {
    "INSERT INTO log VALUES (2, 2, 0)",
    "INSERT INTO decision(\"offset\", event_id, policy, at) VALUES (2, 'x', 'p', '')",
    "INSERT INTO reward(\"offset\", event_id, value, at) VALUES (2, 'x', 0, '')",
    "INSERT INTO label(\"offset\", event_id, policy, value, at) VALUES (2, 'x', 'p', 0, 0)"};
  (void)state;
  use_paths();
  for (size_t i = 0; i < sizeof intruders / sizeof *intruders; ++i) {
    stoa_state *s;
    stoa_error err = {0};
    stoa_arena arena;
    stoa_record back;
    stoa_arena_init(&arena, 0);
    stoa_record first = decision("e1", 1, 0);
    stoa_record next[] = {decision("e2", 2, 0),
                          {.kind = STOA_RECORD_REWARD, .event_id = stoa_slice_of("e1"), .value = 1},
                          {.kind = STOA_RECORD_LABEL, .event_id = stoa_slice_of("e1"), .policy = "p"}};
    assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
    assert_int_equal(stoa_state_append(s, &first, 1, &err), STOA_OK);
    run_sql(path, intruders[i]);
    const size_t kind = i ? i - 1 : 0;
    assert_int_equal(stoa_state_append(s, &next[kind], 1, &err), STOA_INTERNAL);
    assert_false(next[kind].is_duplicate);
    err = (stoa_error){0};
    assert_int_equal(stoa_state_decision(s, stoa_slice_of("e2"), &arena, &back, &err), STOA_NOT_FOUND);
    assert_int_equal(stoa_state_is_closed(s, stoa_slice_of("e1"), &err), STOA_NOT_FOUND);
    stoa_state_close(s);
    stoa_arena_done(&arena);
    remove_state();
  }
}

static void an_older_state_is_upgraded_and_a_newer_one_refused(void **state)
{
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  stoa_records due = {0};
  (void)state;
  use_paths();
  stoa_arena_init(&arena, 0);
  run_sql(path, "CREATE TABLE log(\"offset\" INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL);"
                "CREATE TABLE decision(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
                "NULL, subject TEXT, at TIMESTAMP NOT NULL, action TEXT, probability REAL, seed INTEGER, model_offset "
                "INTEGER, example BLOB, answer TEXT, closes_at INTEGER, chosen INTEGER);"
                "CREATE INDEX decision_due ON decision(policy, closes_at) WHERE closes_at > 0;"
                "CREATE TABLE reward(\"offset\" INTEGER PRIMARY KEY, reward_id TEXT UNIQUE, event_id TEXT NOT NULL, "
                "value REAL NOT NULL, at TIMESTAMP NOT NULL);"
                "CREATE TABLE label(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
                "NULL, value REAL NOT NULL, at INTEGER NOT NULL);"
                "INSERT INTO decision(\"offset\", event_id, policy, at, closes_at) VALUES (1, 'closed', 'p', '', 5), "
                "(2, 'open', 'p', '', 5), (3, 'at once', 'p', '', 0);"
                "INSERT INTO reward VALUES (4, NULL, 'open', 0.5, ''); INSERT INTO label VALUES (5, 'closed', 'p', 1, "
                "0); INSERT INTO log VALUES (1, 1, 0), (2, 1, 0), (3, 1, 0), (4, 2, 0), (5, 3, 0)");
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK);
  assert_int_equal(stoa_state_offset(s), 5);
  assert_int_equal(stoa_state_due(s, "p", 5, 0, false, 10, &arena, &due, &err), STOA_OK);
  assert_int_equal(due.n, 1);
  assert_true(stoa_slice_is(due.items[0].event_id, "open") && due.items[0].value == 0.5);
  stoa_state_close(s);
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_OK); // and once more changes nothing
  stoa_state_close(s);
  run_sql(path, "PRAGMA user_version = 99");
  assert_int_equal(stoa_state_open(path, &no_events, &s, &err), STOA_UNSUPPORTED);
  remove_state();
  stoa_arena_done(&arena);
}

// What is due is found in what is open, whatever the history.
static void finding_what_is_due_does_not_depend_on_the_history(void **state)
{
  enum { N = 20000, BATCH = 1000 };
  stoa_state *s;
  stoa_error err = {0};
  stoa_arena arena;
  (void)state;
  stoa_arena_init(&arena, 0);
  assert_int_equal(stoa_state_open(NULL, &no_events, &s, &err), STOA_OK);
  for (int64_t i = 0; i < N; i += BATCH) {
    stoa_record *const records = STOA_NEWS(&arena, stoa_record, BATCH * 2);
    for (int64_t k = 0; k < BATCH; ++k) {
      records[2 * k] = decision(stoa_arena_print(&arena, "e%lld", (long long)(i + k)), i + k, i + k + 1);
      records[2 * k + 1] =
        (stoa_record){.kind = STOA_RECORD_LABEL, .event_id = records[2 * k].event_id, .policy = "p", .value = 0};
    }
    assert_int_equal(stoa_state_append(s, records, BATCH * 2, &err), STOA_OK);
  }
  stoa_record open = decision("open", N, N);
  assert_int_equal(stoa_state_append(s, &open, 1, &err), STOA_OK);
  const int64_t start = stoa_clock_steady_ns();
  for (int i = 0; i < 200; ++i) {
    stoa_records due = {0};
    assert_int_equal(stoa_state_due(s, "p", N, 0, false, 10, &arena, &due, &err), STOA_OK);
    assert_int_equal(due.n, 1);
  }
  assert_true(stoa_clock_steady_ns() - start < INT64_C(200000000)); // 1 ms each; a walk of the history takes 20
  stoa_state_close(s);
  stoa_arena_done(&arena);
}

static void assert_known(stoa_arrivals *a, int64_t at_us, int64_t offset)
{
  int64_t out = -7;
  stoa_error err = {0};
  assert_int_equal(stoa_arrivals_offset(a, at_us, &out, &err), STOA_OK);
  assert_int_equal(out, offset);
}

// Records 1, 2, 3, 5 and 6; the clock was set back before the third one.
static void what_was_known_of_the_log_at_an_instant(void **state)
{
  static const int64_t cases[][2] = {{INT64_MIN, 0}, {99, 0}, {100, 1}, {200, 1}, {299, 1}, {300, 5}, {399, 5}, {400, 6}};
  stoa_arrivals *a;
  stoa_error err = {0};
  (void)state;
  use_paths();
  assert_int_equal(stoa_arrivals_open(path, &a, &err), STOA_IO); // there is none
  run_sql(path, "CREATE TABLE log(\"offset\" INTEGER PRIMARY KEY, kind INTEGER, at INTEGER)");
  err = (stoa_error){0};
  assert_int_equal(stoa_arrivals_open(path, &a, &err), STOA_OK);
  assert_known(a, INT64_MAX, 0);
  assert_true(stoa_arrivals_first(a) == INT64_MAX);
  stoa_arrivals_close(a);
  run_sql(path, "INSERT INTO log VALUES(1, 0, 100), (2, 0, 300), (3, 0, 200), (5, 0, 300), (6, 0, 400)");
  assert_int_equal(stoa_arrivals_open(path, &a, &err), STOA_OK);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    assert_known(a, cases[i][0], cases[i][1]);
  }
  assert_int_equal(stoa_arrivals_first(a), 100);
  stoa_arrivals_close(a);
  remove_state();
}

// More records than are held one by one; of every third the clock was behind, so that it came with the one before it.
static void what_was_known_of_a_long_log(void **state)
{
  enum { N = 2200000 };
  stoa_arrivals *a;
  stoa_error err = {0};
  (void)state;
  use_paths();
  run_sql(path, "CREATE TABLE log(\"offset\" INTEGER PRIMARY KEY, kind INTEGER, at INTEGER); "
                "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 2200000) "
                "INSERT INTO log SELECT n, 0, n * 10 - 15 * (n % 3 = 0) FROM i");
  assert_int_equal(stoa_arrivals_open(path, &a, &err), STOA_OK);
  for (int64_t n = 3; n < N; n += n < 3000 ? 3 : 99999) {
    assert_known(a, n * 10 - 11, n - 2);
    assert_known(a, n * 10 - 10, n);
    assert_known(a, n * 10 + 9, n);
    assert_known(a, n * 10 + 10, n + 1);
  }
  assert_known(a, INT64_C(10) * N, N);
  stoa_arrivals_close(a);
  remove_state();
}

int main(int argc, char **argv)
{
  if (argc > 2) {
    return strcmp(argv[1], "open") == 0 ? open_here(argv[2]) : is_locked_here(argv[2]);
  }
  const struct CMUnitTest tests[] = {CLAIM(records_get_offsets_in_order_and_duplicates_none),
                                     CLAIM(labels_fall_due_with_their_reward_or_the_default),
                                     CLAIM(a_late_reward_is_kept_and_counts_for_nothing),
                                     CLAIM(labels_are_replayed_between_two_offsets),
                                     CLAIM(a_state_has_one_owner_by_whatever_name),
                                     CLAIM(a_clash_of_offsets_is_an_error_and_no_duplicate),
                                     CLAIM(an_older_state_is_upgraded_and_a_newer_one_refused),
                                     CLAIM(finding_what_is_due_does_not_depend_on_the_history),
                                     CLAIM(what_was_known_of_the_log_at_an_instant),
                                     CLAIM(what_was_known_of_a_long_log)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
