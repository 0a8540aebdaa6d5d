#include "cli/rows.h"
#include "features/list.h"
#include <stdio.h>

static const char *const format_names[] = {"jsonl", "json", "csv", "table"};

bool stoa_rows_format_read(const char *name, stoa_rows_format *out)
{
  for (size_t i = 0; i < sizeof format_names / sizeof *format_names; ++i) {
    if (strcmp(name, format_names[i]) == 0) {
      *out = (stoa_rows_format)i;
      return true;
    }
  }
  return false;
}

static stoa_term value_of(const stoa_row_writer *r, const stoa_term *values, const bool *known, uint32_t row,
                          uint32_t i)
{
  return known[row] ? values[(size_t)row * r->service->features.n + i] : (stoa_term){0};
}

// ---- JSON

static void write_json(stoa_term t, stoa_buf *out)
{
  if (!stoa_term_is_bound(t)) {
    stoa_buf_text(out, "null");
  } else if (t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_BOOLEAN || t.kind == STOA_TERM_DECIMAL ||
             stoa_list_is(t)) {
    stoa_term_write_lexical(t, out);
  } else if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(out, t.as.real);
  } else {
    stoa_buf text = {0};
    stoa_term_write_lexical(t, &text);
    stoa_buf_json(out, (stoa_slice){text.data, text.length});
    stoa_buf_done(&text);
  }
}

static void json_row(const stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known,
                     uint32_t row, stoa_buf *out)
{
  const stoa_entity *const entity = r->service->entity;
  for (uint32_t i = 0; i < entity->n_keys; ++i) {
    stoa_buf_print(out, "%s\"%s\": ", i ? ", " : "{", entity->keys[i]);
    stoa_buf_json(out, keys[(size_t)row * entity->n_keys + i]);
  }
  for (uint32_t i = 0; i < r->service->features.n; ++i) {
    stoa_buf_print(out, ", \"%s\": ", r->service->features.items[i]->name);
    write_json(value_of(r, values, known, row, i), out);
  }
  stoa_buf_byte(out, '}');
}

// ---- CSV and tables

// As readers of CSV write numbers, not as XML Schema does.
static void write_text(stoa_term t, stoa_buf *out)
{
  if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(out, t.as.real);
  } else if (stoa_term_is_bound(t)) {
    stoa_term_write_lexical(t, out);
  }
}

static uint32_t n_columns(const stoa_row_writer *r)
{
  return r->service->entity->n_keys + r->service->features.n;
}

static const char *head_of(const stoa_row_writer *r, uint32_t column)
{
  const uint32_t n_keys = r->service->entity->n_keys;
  return column < n_keys ? r->service->entity->keys[column] : r->service->features.items[column - n_keys]->name;
}

static void cell_text(const stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known,
                      uint32_t row, uint32_t column, stoa_buf *out)
{
  const uint32_t n_keys = r->service->entity->n_keys;
  out->length = 0;
  if (column < n_keys) {
    stoa_buf_slice(out, keys[(size_t)row * n_keys + column]);
  } else {
    write_text(value_of(r, values, known, row, column - n_keys), out);
  }
}

static void csv_row(const stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known,
                    uint32_t row, stoa_buf *out)
{
  stoa_buf cell = {0};
  for (uint32_t i = 0; i < n_columns(r); ++i) {
    cell_text(r, keys, values, known, row, i, &cell);
    stoa_buf_text(out, i ? "," : "");
    stoa_buf_csv(out, (stoa_slice){cell.data ? cell.data : "", cell.length});
  }
  stoa_buf_done(&cell);
}

static uint32_t width_of(const char *text, size_t n)
{
  uint32_t width = 0;
  for (size_t i = 0; i < n; ++i) {
    width += ((unsigned char)text[i] & 0xC0) != 0x80; // code points
  }
  return width;
}

static void pad(const stoa_row_writer *r, uint32_t column, const char *text, size_t n, stoa_buf *out)
{
  stoa_buf_add(out, text, n);
  for (uint32_t w = width_of(text, n); column + 1 < n_columns(r) && w < r->widths[column] + 2; ++w) {
    stoa_buf_byte(out, ' ');
  }
}

static void table_row(const stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known,
                      uint32_t row, stoa_buf *out)
{
  stoa_buf cell = {0};
  for (uint32_t i = 0; i < n_columns(r); ++i) {
    cell_text(r, keys, values, known, row, i, &cell);
    pad(r, i, cell.data ? cell.data : "", cell.length, out);
  }
  stoa_buf_done(&cell);
}

static void measure(stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known, uint32_t n,
                    stoa_arena *arena)
{
  stoa_buf cell = {0};
  r->widths = STOA_NEWS(arena, uint32_t, n_columns(r));
  for (uint32_t i = 0; i < n_columns(r); ++i) {
    r->widths[i] = width_of(head_of(r, i), strlen(head_of(r, i)));
    for (uint32_t row = 0; row < n; ++row) {
      cell_text(r, keys, values, known, row, i, &cell);
      const uint32_t width = width_of(cell.data ? cell.data : "", cell.length);
      r->widths[i] = width > r->widths[i] ? width : r->widths[i];
    }
  }
  stoa_buf_done(&cell);
}

static void write_head(const stoa_row_writer *r, stoa_buf *out)
{
  for (uint32_t i = 0; i < n_columns(r); ++i) {
    if (r->format == STOA_ROWS_TABLE) {
      pad(r, i, head_of(r, i), strlen(head_of(r, i)), out);
    } else {
      stoa_buf_text(out, i ? "," : "");
      stoa_buf_csv(out, stoa_slice_of(head_of(r, i)));
    }
  }
  stoa_buf_byte(out, '\n');
}

// ---- all of them

static void begin(stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known, uint32_t n,
                  stoa_arena *arena, stoa_buf *out)
{
  if (r->format == STOA_ROWS_TABLE) {
    measure(r, keys, values, known, n, arena);
  }
  if (r->format == STOA_ROWS_TABLE || r->format == STOA_ROWS_CSV) {
    write_head(r, out);
  }
}

void stoa_rows_write(stoa_row_writer *r, const stoa_slice *keys, const stoa_term *values, const bool *known, uint32_t n,
                     stoa_arena *arena)
{
  stoa_buf out = {0};
  if (r->n == 0) {
    begin(r, keys, values, known, n, arena, &out);
  }
  for (uint32_t row = 0; row < n; ++row, ++r->n) {
    switch (r->format) {
      case STOA_ROWS_JSON:
        stoa_buf_text(&out, r->n ? ",\n " : "[");
        json_row(r, keys, values, known, row, &out);
        break;
      case STOA_ROWS_JSONL:
        json_row(r, keys, values, known, row, &out);
        break;
      case STOA_ROWS_CSV:
        csv_row(r, keys, values, known, row, &out);
        break;
      case STOA_ROWS_TABLE:
        table_row(r, keys, values, known, row, &out);
        break;
    }
    stoa_buf_text(&out, r->format == STOA_ROWS_JSON ? "" : "\n");
  }
  fwrite(out.data ? out.data : "", 1, out.length, stdout);
  stoa_buf_done(&out);
}

void stoa_rows_end(stoa_row_writer *r, stoa_arena *arena)
{
  stoa_buf out = {0};
  if (r->n == 0) {
    begin(r, NULL, NULL, NULL, 0, arena, &out);
  }
  if (r->format == STOA_ROWS_JSON) {
    stoa_buf_text(&out, r->n ? "]\n" : "[]\n");
  }
  fwrite(out.data ? out.data : "", 1, out.length, stdout);
  stoa_buf_done(&out);
}
