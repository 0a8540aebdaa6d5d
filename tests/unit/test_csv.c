// CSV files that change while they are read.
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

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(a_file_that_is_written_over_while_it_is_read_is_told),
                                     CLAIM(a_file_that_grows_while_it_is_read_is_read)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
