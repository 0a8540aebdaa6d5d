#include "graph/result/table.h"
#include <libsmartcols.h>
#include <locale.h>
#include <stdlib.h>

static bool fill(struct libscols_table *table, const char *const *names, uint32_t n_columns, const char *const *cells,
                 uint32_t n_rows)
{
  bool good = scols_table_set_column_separator(table, " | ") == 0 &&
              scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER) == 0; // nothing is cut to a terminal's width
  for (uint32_t i = 0; good && i < n_columns; ++i) {
    good = scols_table_new_column(table, names[i], 0, 0) != NULL;
  }
  for (uint32_t row = 0; good && row < n_rows; ++row) {
    struct libscols_line *const line = scols_table_new_line(table, NULL);
    good = line != NULL;
    for (uint32_t i = 0; good && i < n_columns; ++i) {
      good = scols_line_set_data(line, i, cells[(size_t)row * n_columns + i]) == 0;
    }
  }
  return good;
}

static void add_rule(struct libscols_table *table, uint32_t n_columns, stoa_buf *out)
{
  for (uint32_t i = 0; i < n_columns; ++i) {
    stoa_buf_text(out, i ? "-+-" : "");
    for (size_t n = scols_column_get_width(scols_table_get_column(table, i)); n > 0; --n) {
      stoa_buf_byte(out, '-');
    }
  }
  stoa_buf_byte(out, '\n');
}

static bool print(struct libscols_table *table, uint32_t n_columns, bool has_rows, stoa_buf *out)
{
  char *text = NULL;
  // A table without rows is printed without its head too.
  if (!has_rows && !scols_table_new_line(table, NULL)) {
    return false;
  }
  if (scols_print_table_to_string(table, &text) != 0 || !text) {
    return false;
  }
  const char *const end = strchr(text, '\n');
  const size_t n_head = end ? (size_t)(end - text) + 1 : strlen(text);
  stoa_buf_add(out, text, n_head);
  stoa_buf_text(out, end ? "" : "\n");
  add_rule(table, n_columns, out);
  if (has_rows && text[n_head]) {
    stoa_buf_text(out, text + n_head);
    stoa_buf_text(out, text[strlen(text) - 1] == '\n' ? "" : "\n");
  }
  free(text);
  return true;
}

stoa_status stoa_table_write(const char *const *names, uint32_t n_columns, const char *const *cells, uint32_t n_rows,
                             stoa_buf *out, stoa_error *err)
{
  if (n_columns == 0) {
    return STOA_OK;
  }
  // Widths are those of UTF-8, whatever the program's locale is; of this thread alone.
  const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  const locale_t before = utf8 ? uselocale(utf8) : (locale_t)0;
  struct libscols_table *const table = scols_new_table();
  const bool good = table && fill(table, names, n_columns, cells, n_rows) && print(table, n_columns, n_rows > 0, out);
  scols_unref_table(table);
  if (utf8) {
    uselocale(before);
    freelocale(utf8);
  }
  return good ? STOA_OK : stoa_error_set(err, STOA_NO_MEM, "no memory for a table");
}
