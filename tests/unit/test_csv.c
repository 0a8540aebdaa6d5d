// CSV files that change while they are read, and the places of their faults.
#include "tests/support/unit.h"

#include "graph/source/csv.h"
#include <stdio.h>
#include <unistd.h>

enum { ROWS = 50000 };

static char path[64];

static void write_file(const char *head, const char *row, int n)
{
  FILE *const out = fopen(path, "w"); // over the file that is there
  fprintf(out, "%s\n", head);
  for (int i = 0; i < n; ++i) {
    fprintf(out, "%s\n", row);
  }
  fclose(out);
}

static int setup(void **state)
{
  (void)state;
  snprintf(path, sizeof path, "/tmp/stoa-csv-%d.csv", (int)getpid());
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  return unlink(path);
}

static void a_file_that_is_written_over_while_it_is_read_is_told(void **state)
{
  stoa_csv *csv;
  stoa_error err = {0};
  bool more = true;
  (void)state;
  write_file("name,city", "ann,Brno", ROWS);
  assert_int_equal(stoa_csv_open(path, &csv, &err), STOA_OK);
  assert_int_equal(stoa_csv_next(csv, &more, &err), STOA_OK);
  write_file("city,name", "Brno,ann", ROWS);
  stoa_status status = STOA_OK;
  for (int i = 0; i < ROWS && status == STOA_OK && more; ++i) {
    status = stoa_csv_next(csv, &more, &err);
    assert_true(status != STOA_OK || stoa_slice_is(stoa_csv_field(csv, 0), "ann"));
  }
  assert_int_equal(status, STOA_UNAVAILABLE);
  stoa_csv_close(csv);
}

static void a_file_that_grows_while_it_is_read_is_read(void **state)
{
  stoa_csv *csv;
  stoa_error err = {0};
  bool more = true;
  (void)state;
  write_file("name,city", "ann,Brno", ROWS);
  assert_int_equal(stoa_csv_open(path, &csv, &err), STOA_OK);
  FILE *const out = fopen(path, "a");
  fprintf(out, "eve,Plzen\n");
  fclose(out);
  while (more) {
    assert_int_equal(stoa_csv_next(csv, &more, &err), STOA_OK);
  }
  assert_int_equal(stoa_csv_row(csv), ROWS + 1);
  stoa_csv_close(csv);
}

static void faults_tell_the_line(void **state)
{
  static const struct {
    const char *text;
    int line;
  } cases[] = {
    {"a,b\n1\n", 2},
    {"a,b\r\n1,2\r\n1\r\n", 3},
    {"a,b\r1,2\r1\r", 3},
    {"\n\na,b\n\n1,2\n\n1\n", 7},
    {"a,b\n\"x\n\n\"\"y\",2\n1\n", 5},
    {"\"a\nb\",c\n\"x\ny\"\n", 3},
    {"a,b\n1,2\n1,x\"\n", 3},
    {"a,\"b\"x\n", 1},
    {"a,b\n1,2\n\"1,2\n", 3},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    char expected[128];
    stoa_csv *csv;
    stoa_error err = {0};
    bool more = true;
    FILE *const out = fopen(path, "w");
    fputs(cases[i].text, out);
    fclose(out);
    snprintf(expected, sizeof expected, "%s: line %d: ", path, cases[i].line);
    if (stoa_csv_open(path, &csv, &err) == STOA_OK) {
      while (more && stoa_csv_next(csv, &more, &err) == STOA_OK) {
      }
      stoa_csv_close(csv);
    }
    assert_int_equal(err.status, STOA_BAD_SYNTAX);
    assert_memory_equal(err.text, expected, strlen(expected));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_file_that_is_written_over_while_it_is_read_is_told),
                                     CLAIM(a_file_that_grows_while_it_is_read_is_read), CLAIM(faults_tell_the_line)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
