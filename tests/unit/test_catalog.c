// What sources tell of their tables' rows before anything is asked.
#include "tests/support/unit.h"

#include "graph/source/quantiles.h"
#include "graph/source/sample.h"
#include "graph/source/source.h"
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static stoa_arena arena;
static char path[64];

static const stoa_catalog *describe(const char *driver, const char *address)
{
  stoa_source *source;
  stoa_error err = {0};
  const stoa_catalog *catalog;
  assert_int_equal(stoa_source_open(driver, "s", address, &source, &err), STOA_OK);
  assert_int_equal(source->klass->describe(source, &arena, &catalog, &err), STOA_OK);
  stoa_source_free(source);
  return catalog;
}

static const stoa_table_info *sqlite_table(const char *sql, const char *name)
{
  sqlite3 *db;
  unlink(path);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close(db);
  const stoa_table_info *const table = stoa_catalog_find(describe("sqlite", path), name);
  assert_non_null(table);
  return table;
}

#define NUMBERS(n) "WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n + 1 < " #n ") "

static void assert_near(double got, double wanted, double factor)
{
  if (!(got >= wanted / factor && got <= wanted * factor)) {
    fail_msg("%g is not near %g", got, wanted);
  }
}

static int setup(void **state)
{
  (void)state;
  snprintf(path, sizeof path, "/tmp/stoa-catalog-%d.db", (int)getpid());
  stoa_arena_init(&arena, 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  unlink(path);
  stoa_arena_done(&arena);
  return 0;
}

static void a_small_table_is_known_exactly(void **state)
{
  (void)state;
  const stoa_table_info *const t =
    sqlite_table("CREATE TABLE t(id INTEGER PRIMARY KEY, kind TEXT, note TEXT);" NUMBERS(1000) //
                 "INSERT INTO t SELECT n, 'k' || (n % 7), CASE WHEN n % 4 = 0 THEN 'x' || n END FROM i",
                 "t");
  assert_true(t->rows == 1000);
  assert_true(stoa_table_find(t, "id")->n_distinct == 1000);
  assert_true(stoa_table_find(t, "id")->null_fraction == 0);
  assert_true(stoa_table_find(t, "kind")->n_distinct == 7);
  assert_true(stoa_table_find(t, "kind")->null_fraction == 0);
  assert_true(stoa_table_find(t, "note")->n_distinct == 250);
  assert_true(stoa_table_find(t, "note")->null_fraction == 0.75);
}

// Numbers far apart, and denser at one end: the greatest number says little of how many there are.
static void a_large_table_is_guessed(void **state)
{
  (void)state;
  const stoa_table_info *const t =
    sqlite_table("CREATE TABLE t(id INTEGER PRIMARY KEY, owner INTEGER, kind TEXT, every TEXT);" NUMBERS(60000) //
                 "INSERT INTO t SELECT n * CASE WHEN n < 40000 THEN 3 ELSE 50 END + 1000000, n / 10, 'k' || (n % 7), "
                 "'e' || n FROM i",
                 "t");
  assert_near(t->rows, 60000, 1.5);
  assert_near(stoa_table_find(t, "id")->n_distinct, 60000, 1.5);
  assert_near(stoa_table_find(t, "owner")->n_distinct, 6000, 5);
  assert_near(stoa_table_find(t, "kind")->n_distinct, 7, 1.01);
  assert_near(stoa_table_find(t, "every")->n_distinct, 60000, 1.5);
}

static void what_analyze_counted_is_taken(void **state)
{
  (void)state;
  const stoa_table_info *const t =
    sqlite_table("CREATE TABLE t(id INTEGER PRIMARY KEY, owner INTEGER); CREATE INDEX o ON t(owner);" NUMBERS(60000) //
                 "INSERT INTO t SELECT n, (n * 7919) % 60000 / 10 FROM i; ANALYZE",
                 "t");
  assert_near(stoa_table_find(t, "owner")->n_distinct, 6000, 1.1);
}

static void tables_of_any_kind_are_taken(void **state)
{
  (void)state;
  const stoa_table_info *const without =
    sqlite_table("CREATE TABLE t(a TEXT, b INTEGER, PRIMARY KEY(a, b)) WITHOUT ROWID;" NUMBERS(5000) //
                 "INSERT INTO t SELECT 'a' || (n / 5000), n FROM i",
                 "t");
  assert_true(without->rows == 5000);
  assert_true(stoa_table_find(without, "a")->n_distinct == 1);
  const stoa_table_info *const wide = sqlite_table("CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES "
                                                   "(-9223372036854775808, 1), (9223372036854775807, 2)",
                                                   "t");
  assert_true(wide->rows == 2 && stoa_table_find(wide, "v")->n_distinct == 2);
  const stoa_table_info *const empty = sqlite_table("CREATE TABLE t(id INTEGER PRIMARY KEY, v BLOB)", "t");
  assert_true(empty->rows == 0 && empty->columns[1].n_distinct == 0 && empty->columns[1].null_fraction < 0);
  const stoa_table_info *const view = sqlite_table("CREATE TABLE t(id INTEGER); CREATE VIEW w AS SELECT * FROM t", "w");
  assert_true(view->rows == 0 && view->columns[0].null_fraction < 0);
}

// Sets of columns have 64 bits; those of keys get one wherever they stand.
static void a_key_behind_the_64th_column_is_one(void **state)
{
  (void)state;
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "CREATE TABLE t(c0 INTEGER");
  for (int i = 1; i < 100; ++i) {
    stoa_buf_print(&sql, ", c%d TEXT", i);
  }
  stoa_buf_text(&sql, ", id INTEGER NOT NULL PRIMARY KEY, u TEXT, v TEXT, UNIQUE(u, v, c3)); CREATE INDEX i ON t(c99)");
  const stoa_table_info *const t = sqlite_table(stoa_buf_string(&sql), "t");
  stoa_buf_done(&sql);
  const stoa_column_set id = stoa_table_bit(t, "id"),
                        three = stoa_table_bit(t, "u") | stoa_table_bit(t, "v") | stoa_table_bit(t, "c3");
  assert_int_equal(t->n_keys, 2);
  assert_true(id && t->keys[0] == id && t->keys[1] == three);
  assert_true(stoa_table_bit(t, "c99") && t->leading & stoa_table_bit(t, "c99"));
  assert_int_equal(__builtin_popcountll(id | three | stoa_table_bit(t, "c99")), 5);
  uint64_t all = 0;
  int n = 0;
  for (uint32_t i = 0; i < t->n_columns; ++i) {
    const stoa_column_set bit = stoa_table_bit(t, t->columns[i].name);
    assert_false(bit & all);
    all |= bit;
    n += bit != 0;
  }
  assert_int_equal(n, 64);
}

static void a_view_that_cannot_be_read_keeps_nobody_out(void **state)
{
  (void)state;
  const stoa_table_info *const bad =
    sqlite_table("CREATE TABLE t(id INTEGER); CREATE VIEW bad AS SELECT * FROM t, gone", "bad");
  assert_non_null(bad->fault);
  assert_non_null(strstr(bad->fault, "gone"));
}

// A catalog whose reading fails is not one that ends.
static void a_catalog_that_cannot_be_read_is_an_error(void **state)
{
  stoa_source *source;
  stoa_error err = {0};
  const stoa_catalog *catalog;
  (void)state;
  sqlite_table("CREATE TABLE t(id INTEGER); CREATE TABLE u(id INTEGER); CREATE TABLE w(id INTEGER)", "w");
  FILE *const file = fopen(path, "r+b");
  fseek(file, 200, SEEK_SET);
  for (int i = 0; i < 3800; ++i) { // of the first page, where the schema lies
    fputc(0x5A, file);
  }
  fclose(file);
  const stoa_status opened = stoa_source_open("sqlite", "s", path, &source, &err);
  if (opened == STOA_OK) {
    assert_true(source->klass->describe(source, &arena, &catalog, &err) != STOA_OK);
    stoa_source_free(source);
  }
  assert_true(err.status != STOA_OK);
}

static void a_csv_file_is_measured(void **state)
{
  char folder[64], file[96];
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/stoa-catalog-%d.csv.d", (int)getpid());
  snprintf(file, sizeof file, "%s/t.csv", folder);
  mkdir(folder, 0777);
  FILE *const out = fopen(file, "w");
  fprintf(out, "id,kind,note\n");
  for (int i = 0; i < 50000; ++i) {
    fprintf(out, "%d,k%d,%s\n", i, i % 7, i % 2 ? "" : "x");
  }
  fclose(out);
  const stoa_table_info *const t = stoa_catalog_find(describe("csv", folder), "t");
  assert_near(t->rows, 50000, 1.3);
  assert_near(stoa_table_find(t, "id")->n_distinct, t->rows, 1.01);
  assert_true(stoa_table_find(t, "kind")->n_distinct == 7);
  assert_near(stoa_table_find(t, "note")->null_fraction, 0.5, 1.01);
  unlink(file);
  rmdir(folder);
}

static const stoa_table_info *csv_of_days(const char *folder, int n)
{
  char file[96];
  snprintf(file, sizeof file, "%s/t.csv", folder);
  mkdir(folder, 0777);
  FILE *const out = fopen(file, "w");
  fprintf(out, "day,note\n");
  for (int i = 0; i < n; ++i) {
    fprintf(out, "20%02d-01-01,n%d\n", i % 100, i);
  }
  fclose(out);
  const stoa_table_info *const t = stoa_catalog_find(describe("csv", folder), "t");
  unlink(file);
  rmdir(folder);
  return t;
}

// The first rows of a long file may be its first days.
static void how_days_lie_is_told_of_a_whole_file(void **state)
{
  char folder[64];
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/stoa-catalog-%d.days.d", (int)getpid());
  const stoa_table_info *t = csv_of_days(folder, 200);
  const stoa_column_info *const day = stoa_table_find(t, "day");
  const stoa_value_range before_1970 = {.least = -INFINITY, .most = 0}, all = {.least = -INFINITY, .most = INFINITY};
  assert_true(day->n_quantiles > 0);
  assert_true(stoa_quantiles_share(day, &before_1970) == 0);
  assert_near(stoa_quantiles_share(day, &all), 1, 1.001);
  assert_int_equal(stoa_table_find(t, "note")->n_quantiles, 0);
  t = csv_of_days(folder, 60000);
  assert_int_equal(stoa_table_find(t, "day")->n_quantiles, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_small_table_is_known_exactly),
    cmocka_unit_test(a_large_table_is_guessed),
    cmocka_unit_test(what_analyze_counted_is_taken),
    cmocka_unit_test(tables_of_any_kind_are_taken),
    cmocka_unit_test(a_csv_file_is_measured),
    cmocka_unit_test(how_days_lie_is_told_of_a_whole_file),
    cmocka_unit_test(a_key_behind_the_64th_column_is_one),
    cmocka_unit_test(a_view_that_cannot_be_read_keeps_nobody_out),
    cmocka_unit_test(a_catalog_that_cannot_be_read_is_an_error),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
