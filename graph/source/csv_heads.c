// The columns that CSV files were declared with.  A file may be written anew at any time, with its columns in another
// order: they are found by name whenever it is read.
#include "graph/base/file.h"
#include "graph/source/csv.h"
#include <stdlib.h>

static stoa_status add_file(stoa_csv_heads *heads, const char *source, const char *path, stoa_error *err)
{
  stoa_csv *csv;
  stoa_error fault = {0};
  if (stoa_csv_open(path, &csv, &fault) != STOA_OK) {
    return stoa_error_set(err, fault.status == STOA_NO_MEM ? STOA_NO_MEM : STOA_BAD_MAPPING, "source %s: %s", source,
                          fault.text);
  }
  const uint32_t n = stoa_csv_n_columns(csv);
  const char **const names = STOA_NEWS(&heads->arena, const char *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    names[i] = stoa_arena_copy(&heads->arena, stoa_slice_of(stoa_csv_name(csv, i)));
  }
  const stoa_csv_head head = {stoa_arena_copy(&heads->arena, stoa_slice_of(path)), names, n};
  STOA_PUSH(&heads->arena, &heads->files, head);
  stoa_csv_close(csv);
  return STOA_OK;
}

stoa_status stoa_csv_heads_new(const char *source, const char *folder, stoa_csv_heads **out, stoa_error *err)
{
  stoa_csv_heads *const heads = calloc(1, sizeof *heads);
  stoa_file_names files = {0};
  if (!heads) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for source %s", source);
  }
  stoa_arena_init(&heads->arena, 0);
  (void)stoa_file_glob(folder, "*.csv", &heads->arena, &files, NULL);
  stoa_status status =
    files.n ? STOA_OK : stoa_error_set(err, STOA_UNAVAILABLE, "source %s: no *.csv in %s", source, folder);
  for (uint32_t i = 0; status == STOA_OK && i < files.n; ++i) {
    status = add_file(heads, source, files.items[i], err);
  }
  if (status != STOA_OK) {
    stoa_csv_heads_free(heads);
    return status;
  }
  *out = heads;
  return STOA_OK;
}

void stoa_csv_heads_free(stoa_csv_heads *heads)
{
  if (heads) {
    stoa_arena_done(&heads->arena);
    free(heads);
  }
}

stoa_status stoa_csv_head_find(const stoa_csv_head *head, const stoa_csv *csv, uint32_t *out, stoa_error *err)
{
  const uint32_t n = stoa_csv_n_columns(csv);
  for (uint32_t i = 0; i < head->n_names; ++i) {
    uint32_t times = 0;
    for (uint32_t at = 0; at < n; ++at) {
      if (strcmp(stoa_csv_name(csv, at), head->names[i]) == 0) {
        out[i] = at;
        times++;
      }
    }
    if (times != 1) {
      return stoa_error_set(err, STOA_BAD_MAPPING,
                            "%s: its first row has changed: the column \"%s\" %s; write the file with its columns, or "
                            "load the project again",
                            head->path, head->names[i], times ? "stands there twice" : "is missing");
    }
  }
  return STOA_OK;
}
