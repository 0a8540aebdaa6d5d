// Rows of a CSV file; libcsv takes the text apart.
#include "graph/source/csv.h"
#include "graph/base/utf8.h"
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 1 << 16, MOST_ROW_BYTES = 1 << 24 };

typedef struct {
  size_t at, length;
  bool null;
} field;

// Fields of the rows that the last chunk gave, in one buffer.
struct stoa_csv {
  FILE *file;
  char *path;
  struct csv_parser parser;
  stoa_arena arena; ///< names
  const char **names;
  uint32_t n_names;
  stoa_buf head; ///< the first line as it was when the file was opened
  stoa_buf bytes;
  field *fields;
  uint32_t n_fields, capacity;
  uint32_t *ends; ///< fields up to the end of each row
  uint32_t n_rows, rows_capacity;
  uint32_t next; ///< row of the chunk that comes next
  uint32_t open; ///< fields of the row that the chunk broke off
  int64_t row;
  bool at_end, failed;
};

static bool grow(void **items, uint32_t *capacity, uint32_t n, size_t size)
{
  if (n < *capacity) {
    return true;
  }
  const uint32_t wider = *capacity ? *capacity * 2 : 64;
  void *const more = realloc(*items, wider * size);
  if (more) {
    *items = more;
    *capacity = wider;
  }
  return more != NULL;
}

static void on_field(void *data, size_t length, void *user)
{
  stoa_csv *const csv = user;
  if (!grow((void **)&csv->fields, &csv->capacity, csv->n_fields, sizeof *csv->fields)) {
    csv->failed = true;
    return;
  }
  csv->fields[csv->n_fields++] = (field){csv->bytes.length, length, data == NULL};
  stoa_buf_add(&csv->bytes, data ? data : "", length);
}

static void on_row(int end, void *user)
{
  stoa_csv *const csv = user;
  (void)end;
  if (!grow((void **)&csv->ends, &csv->rows_capacity, csv->n_rows, sizeof *csv->ends)) {
    csv->failed = true;
    return;
  }
  csv->ends[csv->n_rows++] = csv->n_fields;
}

static int no_space(unsigned char c)
{
  (void)c;
  return 0;
}

// The line at which a row begins (0: the head).  Fields have line breaks and lines may be empty: the file is read
// again.
static int64_t line_of(const stoa_csv *csv, int64_t row)
{
  FILE *const file = fopen(csv->path, "rb");
  int64_t line = 1, n_begun = 0;
  bool quoted = false, between = true;
  if (!file) {
    return row + 1;
  }
  for (int c = fgetc(file), before = 0; c != EOF; before = c, c = fgetc(file)) {
    const bool breaks = c == '\n' || c == '\r';
    if (between && !breaks && n_begun++ == row) {
      break;
    }
    between = breaks ? between || !quoted : false;
    quoted ^= c == '"';
    line += breaks && !(c == '\n' && before == '\r');
  }
  fclose(file);
  return line;
}

int64_t stoa_csv_line(const stoa_csv *csv)
{
  return line_of(csv, csv->row);
}

static stoa_status broken(const stoa_csv *csv, const char *why, stoa_error *err)
{
  return stoa_error_set(err, STOA_BAD_SYNTAX, "%s: line %lld: %s", csv->path, (long long)line_of(csv, csv->row + 1),
                        why);
}

// What belongs to a row that is not whole yet moves to the front.
static void drop_read(stoa_csv *csv)
{
  const uint32_t first = csv->n_rows ? csv->ends[csv->n_rows - 1] : 0;
  const size_t start = first < csv->n_fields ? csv->fields[first].at : csv->bytes.length;
  csv->n_fields -= first;
  if (csv->n_fields) {
    memmove(csv->fields, csv->fields + first, csv->n_fields * sizeof *csv->fields);
  }
  for (uint32_t i = 0; i < csv->n_fields; ++i) {
    csv->fields[i].at -= start;
  }
  csv->bytes.length -= start;
  if (csv->bytes.length) {
    memmove(csv->bytes.data, csv->bytes.data + start, csv->bytes.length);
  }
  csv->n_rows = csv->next = 0;
}

// A file that is written over while it is read begins anew with its first line: what was read before that is of the old
// file, and what comes after may have other columns.
static bool is_written_over(const stoa_csv *csv)
{
  char now[CHUNK];
  for (size_t at = 0; at < csv->head.length;) {
    const size_t left = csv->head.length - at;
    const ssize_t n = pread(fileno(csv->file), now, left < sizeof now ? left : sizeof now, (off_t)at);
    if (n <= 0 || memcmp(now, csv->head.data + at, (size_t)n) != 0) {
      return true;
    }
    at += (size_t)n;
  }
  return false;
}

static stoa_status read_chunk(stoa_csv *csv, stoa_error *err)
{
  char chunk[CHUNK];
  drop_read(csv);
  while (csv->n_rows == 0 && !csv->at_end) {
    const size_t n = fread(chunk, 1, sizeof chunk, csv->file);
    if (is_written_over(csv)) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "%s: the file was written over while it was read; ask again",
                            csv->path);
    }
    const size_t skip = csv->row < 0 && ftell(csv->file) == (long)n && n >= 3 && memcmp(chunk, "\xEF\xBB\xBF", 3) == 0;
    if (n && csv_parse(&csv->parser, chunk + 3 * skip, n - 3 * skip, on_field, on_row, csv) != n - 3 * skip) {
      csv->row += csv->n_rows;
      return broken(csv, csv_error(&csv->parser) == CSV_EPARSE ? "a quote stands where none may be" : "no memory", err);
    }
    if (n < sizeof chunk) {
      csv->at_end = true;
      if (ferror(csv->file)) {
        return stoa_error_set(err, STOA_IO, "%s: %s", csv->path, strerror(errno));
      }
      if (csv_fini(&csv->parser, on_field, on_row, csv) != 0) {
        csv->row += csv->n_rows;
        return broken(csv, "a quote is not closed", err);
      }
    }
    if (csv->failed || csv->bytes.length > MOST_ROW_BYTES + CHUNK) {
      return broken(csv, "it is too long", err);
    }
  }
  return STOA_OK;
}

static bool is_utf8(stoa_slice text)
{
  for (size_t i = 0; i < text.length;) {
    const size_t n = stoa_utf8_valid(text.data + i, text.length - i);
    if (n == 0) {
      return false;
    }
    i += n;
  }
  return true;
}

static uint32_t first_field(const stoa_csv *csv)
{
  return csv->next > 1 ? csv->ends[csv->next - 2] : 0;
}

static uint32_t width(const stoa_csv *csv)
{
  return csv->ends[csv->next - 1] - first_field(csv);
}

stoa_slice stoa_csv_field(const stoa_csv *csv, uint32_t column)
{
  const field *const f = &csv->fields[first_field(csv) + column];
  return column < width(csv) && !f->null ? (stoa_slice){csv->bytes.data + f->at, f->length} : (stoa_slice){NULL, 0};
}

stoa_status stoa_csv_next(stoa_csv *csv, bool *out, stoa_error *err)
{
  if (csv->next == csv->n_rows) {
    STOA_TRY(read_chunk(csv, err));
  }
  *out = csv->next < csv->n_rows;
  if (!*out) {
    return STOA_OK;
  }
  csv->next++;
  csv->row++;
  for (uint32_t i = 0; i < width(csv); ++i) {
    if (!is_utf8(stoa_csv_field(csv, i))) {
      csv->row--;
      return broken(csv, "it is not UTF-8; convert the file with iconv", err);
    }
  }
  if (csv->row > 0 && width(csv) != csv->n_names) {
    char why[80];
    snprintf(why, sizeof why, "it has %u fields, the head has %u", width(csv), csv->n_names);
    csv->row--;
    return broken(csv, why, err);
  }
  return STOA_OK;
}

// Reads the first line, which is kept, and what parts the fields in it: what stands in quotes does not.
static char read_delimiter(stoa_csv *csv)
{
  static const char candidates[] = ",;\t|";
  int counts[4] = {0}, best = 0;
  bool quoted = false;
  for (int c = fgetc(csv->file); c != EOF && csv->head.length < MOST_ROW_BYTES; c = fgetc(csv->file)) {
    if (!quoted && (c == '\n' || c == '\r')) {
      break;
    }
    const char *const at = c && !quoted ? strchr(candidates, c) : NULL;
    quoted ^= c == '"';
    counts[at ? at - candidates : 0] += at != NULL;
    stoa_buf_byte(&csv->head, (char)c);
  }
  for (int i = 1; i < 4; ++i) {
    best = counts[i] > counts[best] ? i : best;
  }
  rewind(csv->file);
  return candidates[best];
}

static stoa_status read_head(stoa_csv *csv, stoa_error *err)
{
  bool any;
  csv->row = -1;
  STOA_TRY(stoa_csv_next(csv, &any, err));
  if (!any || width(csv) > STOA_CSV_COLUMNS) {
    return stoa_error_set(err, STOA_BAD_SYNTAX, "%s: the first row must name the columns, %d at most", csv->path,
                          STOA_CSV_COLUMNS);
  }
  csv->n_names = width(csv);
  csv->names = STOA_NEWS(&csv->arena, const char *, csv->n_names + 1);
  for (uint32_t i = 0; i < csv->n_names; ++i) {
    const stoa_slice name = stoa_csv_field(csv, i);
    // Tables that pandas wrote have no name over the numbers of their rows.
    csv->names[i] = name.length ? stoa_arena_copy(&csv->arena, name) : stoa_arena_print(&csv->arena, "column%u", i + 1);
  }
  return STOA_OK;
}

stoa_status stoa_csv_open(const char *path, stoa_csv **out, stoa_error *err)
{
  stoa_csv *const csv = calloc(1, sizeof *csv);
  if (!csv) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for %s", path);
  }
  stoa_arena_init(&csv->arena, 0);
  csv->path = stoa_arena_copy(&csv->arena, stoa_slice_of(path));
  csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_EMPTY_IS_NULL);
  csv_set_space_func(&csv->parser, no_space);
  csv->file = fopen(path, "rb");
  stoa_status status = STOA_OK;
  if (csv->file) {
    csv_set_delim(&csv->parser, (unsigned char)read_delimiter(csv));
    status = read_head(csv, err);
  } else {
    status = stoa_error_set(err, STOA_UNAVAILABLE, "%s: %s", path, strerror(errno));
  }
  if (status != STOA_OK) {
    stoa_csv_close(csv);
    return status;
  }
  *out = csv;
  return STOA_OK;
}

void stoa_csv_close(stoa_csv *csv)
{
  if (csv->file) {
    fclose(csv->file);
  }
  csv_free(&csv->parser);
  stoa_buf_done(&csv->head);
  stoa_buf_done(&csv->bytes);
  free(csv->fields);
  free(csv->ends);
  stoa_arena_done(&csv->arena);
  free(csv);
}

uint32_t stoa_csv_n_columns(const stoa_csv *csv)
{
  return csv->n_names;
}

const char *stoa_csv_name(const stoa_csv *csv, uint32_t column)
{
  return csv->names[column];
}

int64_t stoa_csv_row(const stoa_csv *csv)
{
  return csv->row;
}
