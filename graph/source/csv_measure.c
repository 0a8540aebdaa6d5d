// What the first rows of a CSV file tell of all of them: files are read in place, so nobody else has counted.
#include "graph/source/csv.h"
#include "graph/source/sample.h"
#include <sys/stat.h>

enum { MOST_ROWS = 4096, MOST_VALUES = 65536 };

// Quotes and the end of a row are left out of account.
static size_t take_row(const stoa_csv *csv, const stoa_table_info *table, stoa_sample *sample)
{
  size_t n_bytes = 0;
  for (uint32_t i = 0; i < sample->n_columns; ++i) {
    const stoa_slice value = stoa_csv_field(csv, i);
    if (value.data) {
      stoa_sample_value(sample, i, table->columns[i].type, value.data, value.length);
    }
    n_bytes += value.length + 1;
  }
  return n_bytes;
}

static void measure(stoa_csv *csv, double file_bytes, stoa_table_info *table, stoa_arena *kept, stoa_arena *arena)
{
  const uint32_t n = table->n_columns, most = MOST_VALUES / n < MOST_ROWS ? MOST_VALUES / n + 1 : MOST_ROWS;
  stoa_sample sample;
  stoa_error ignored = {0}; // a faulty row is told by the query that reads it
  bool more = true, room = true;
  double bytes = 0;
  stoa_sample_init(&sample, n, most, arena);
  while (room && stoa_csv_next(csv, &more, &ignored) == STOA_OK && more) {
    bytes += (double)take_row(csv, table, &sample);
    room = stoa_sample_row(&sample);
  }
  table->rows = !room && bytes < file_bytes ? sample.n_rows * (file_bytes / bytes) : sample.n_rows;
  for (uint32_t i = 0; i < n; ++i) {
    stoa_column_info *const column = (stoa_column_info *)&table->columns[i];
    stoa_sample_tell(&sample, i, table->rows, column);
    if (room) { // the first rows of more say little of the shares of values
      stoa_sample_tell_common(&sample, i, true, kept, column);
    }
  }
}

static bool is_as_declared(const stoa_csv *csv, const stoa_table_info *table)
{
  bool same = stoa_csv_n_columns(csv) == table->n_columns;
  for (uint32_t i = 0; same && i < table->n_columns; ++i) {
    same = strcmp(stoa_csv_name(csv, i), table->columns[i].name) == 0;
  }
  return same;
}

void stoa_csv_measure(const char *path, stoa_table_info *table, stoa_arena *kept)
{
  struct stat info;
  stoa_csv *csv;
  stoa_error ignored = {0};
  if (table->n_columns && stat(path, &info) == 0 && stoa_csv_open(path, &csv, &ignored) == STOA_OK) {
    stoa_arena arena;
    stoa_arena_init(&arena, 0);
    if (is_as_declared(csv, table)) {
      measure(csv, (double)info.st_size, table, kept, &arena);
    }
    stoa_arena_done(&arena);
    stoa_csv_close(csv);
  }
}
