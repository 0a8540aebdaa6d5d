// What the planner wants to know of the rows of an SQLite database.  Nothing is kept there unless somebody called
// ANALYZE, so a table is sampled when the project is loaded: at places spread evenly over its row numbers a few rows
// are read one after another.  How far the numbers of a place reach tells how dense they lie, and so how many rows
// there are.
//
// Rows that lie together often have a value in common (those of one customer, of one day), which makes a column look
// as if it had few.  So a table is taken for a row of runs, each of one value: how often neighbours are equal tells how
// many runs there are, and the first rows of all places are a sample of them.
//
// The work is bounded by counts and not by a clock, so that the same database always tells the same.
#include "graph/source/sample.h"
#include "graph/source/sqlite.h"
#include <sqlite3.h>
#include <stdlib.h>

enum { PLACES = 512, GROUP = 16, MOST_ROWS = 2048, MOST_VALUES = 32768, MOST_COUNTED = 100000 };

typedef struct {
  sqlite3 *db;
  stoa_table_info *table;
  const char *row_id; ///< NULL: rows have no numbers
  stoa_arena arena;
  stoa_sample sample, spread; ///< spread: the first row of each place
  double *neighbours, *equal; ///< pairs of values of each column, and those that are one value twice
  stoa_column_info **columns; ///< those that are sampled
  uint32_t n_columns, most;
} reader;

static bool first_row(const reader *r, const char *sql, sqlite3_stmt **out)
{
  if (sqlite3_prepare_v2(r->db, sql, -1, out, NULL) != SQLITE_OK) {
    return false;
  }
  if (sqlite3_step(*out) == SQLITE_ROW) {
    return true;
  }
  sqlite3_finalize(*out);
  return false;
}

static double number_of(const reader *r, const char *sql)
{
  sqlite3_stmt *row;
  double number = 0;
  if (first_row(r, sql, &row)) {
    number = sqlite3_column_double(row, 0);
    sqlite3_finalize(row);
  }
  return number;
}

// Long bytes lie on pages of their own, and are not worth reading.
static void choose_columns(reader *r)
{
  stoa_column_info *const all = (stoa_column_info *)r->table->columns;
  r->columns = STOA_NEWS(&r->arena, stoa_column_info *, r->table->n_columns + 1);
  for (uint32_t i = 0; i < r->table->n_columns; ++i) {
    if (all[i].type != STOA_SQL_BLOB) {
      r->columns[r->n_columns++] = &all[i];
    }
  }
  r->most = r->n_columns && MOST_VALUES / r->n_columns < r->most ? MOST_VALUES / r->n_columns : r->most;
  r->most = r->most < PLACES ? PLACES : r->most;
  stoa_sample_init(&r->sample, r->n_columns, r->most, &r->arena);
  stoa_sample_init(&r->spread, r->n_columns, PLACES, &r->arena);
  r->neighbours = STOA_NEWS(&r->arena, double, r->n_columns + 1);
  r->equal = STOA_NEWS(&r->arena, double, r->n_columns + 1);
}

static const char *sampling_sql(reader *r)
{
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "SELECT ");
  stoa_buf_text(&sql, r->row_id ? r->row_id : "0");
  for (uint32_t i = 0; i < r->n_columns; ++i) {
    stoa_buf_text(&sql, ", ");
    stoa_sql_name(r->columns[i]->name, &sql);
  }
  stoa_buf_text(&sql, " FROM ");
  stoa_sql_name(r->table->name, &sql);
  if (r->row_id) {
    stoa_buf_print(&sql, " WHERE %s BETWEEN ?1 AND ?2 ORDER BY %s", r->row_id, r->row_id);
  }
  stoa_buf_text(&sql, " LIMIT ?3");
  const char *const text = stoa_arena_copy(&r->arena, stoa_slice_of(stoa_buf_string(&sql)));
  stoa_buf_done(&sql);
  return text;
}

static void take_row(reader *r, sqlite3_stmt *row, bool first)
{
  for (uint32_t i = 0; i < r->n_columns; ++i) {
    const int column = (int)i + 1;
    if (sqlite3_column_type(row, column) == SQLITE_NULL) {
      continue;
    }
    const void *const text = sqlite3_column_text(row, column);
    const size_t n_bytes = (size_t)sqlite3_column_bytes(row, column);
    stoa_sample_value(&r->sample, i, r->columns[i]->type, text, n_bytes);
    if (first) {
      stoa_sample_value(&r->spread, i, r->columns[i]->type, text, n_bytes);
    } else if (r->sample.n_values[i] > 1) {
      const uint64_t *const last = &r->sample.hashes[i][r->sample.n_values[i] - 1];
      r->neighbours[i] += 1;
      r->equal[i] += last[0] == last[-1];
    }
  }
  stoa_sample_row(&r->sample);
  r->spread.n_rows += first;
}

// Read up to `most` rows whose numbers lie between the two.  Returns how many there were; *reach: of so many numbers.
static uint32_t sample_place(reader *r, sqlite3_stmt *rows, int64_t first, int64_t last, uint32_t most, double *reach)
{
  uint32_t n = 0;
  int64_t at = last;
  sqlite3_reset(rows);
  sqlite3_bind_int64(rows, 1, first);
  sqlite3_bind_int64(rows, 2, last);
  sqlite3_bind_int64(rows, 3, most);
  for (; r->sample.n_rows < r->most && sqlite3_step(rows) == SQLITE_ROW; ++n) {
    at = sqlite3_column_int64(rows, 0);
    take_row(r, rows, n == 0);
  }
  *reach += (double)(n < most ? last : at) - (double)first + 1;
  return n;
}

// A few neighbouring places tell together how many rows there are among them.  Numbers may span all of 64 bits, so
// that their distance has no sign.
static double sample_places(reader *r, sqlite3_stmt *rows, int64_t least, int64_t greatest)
{
  const uint64_t span = (uint64_t)greatest - (uint64_t)least, step = span / PLACES;
  double all = 0;
  for (uint32_t i = 0; i < PLACES; i += GROUP) {
    double reach = 0, n = 0;
    for (uint32_t k = i; k < i + GROUP; ++k) {
      const uint64_t first = (uint64_t)least + step * k;
      const int64_t last = k + 1 < PLACES ? (int64_t)(first + step - 1) : greatest;
      n += sample_place(r, rows, (int64_t)first, last, r->most / PLACES, &reach);
    }
    all += n / reach * ((double)step * GROUP);
  }
  return all;
}

static void sample_numbered(reader *r, sqlite3_stmt *rows)
{
  sqlite3_stmt *ends;
  stoa_buf sql = {0};
  // Each of the two is found at once, but not both in one look-up.
  stoa_buf_print(&sql, "SELECT (SELECT min(%s) FROM ", r->row_id);
  stoa_sql_name(r->table->name, &sql);
  stoa_buf_print(&sql, "), (SELECT max(%s) FROM ", r->row_id);
  stoa_sql_name(r->table->name, &sql);
  stoa_buf_text(&sql, ")");
  if (first_row(r, stoa_buf_string(&sql), &ends)) {
    const int64_t least = sqlite3_column_int64(ends, 0), greatest = sqlite3_column_int64(ends, 1);
    const bool empty = sqlite3_column_type(ends, 0) == SQLITE_NULL;
    const bool small = (uint64_t)greatest - (uint64_t)least < r->most;
    double ignored = 0;
    r->table->rows = empty   ? 0
                     : small ? sample_place(r, rows, least, greatest, r->most, &ignored)
                             : sample_places(r, rows, least, greatest);
    sqlite3_finalize(ends);
  }
  stoa_buf_done(&sql);
}

// A table WITHOUT ROWID: its first rows, and a count that ends somewhere.
static void sample_first(reader *r, sqlite3_stmt *rows)
{
  stoa_buf sql = {0};
  double ignored = 0;
  r->table->rows = sample_place(r, rows, 0, 0, r->most, &ignored);
  if (r->sample.n_rows == r->most) {
    stoa_buf_text(&sql, "SELECT COUNT(*) FROM (SELECT 1 FROM ");
    stoa_sql_name(r->table->name, &sql);
    stoa_buf_print(&sql, " LIMIT %d)", MOST_COUNTED);
    r->table->rows = number_of(r, stoa_buf_string(&sql));
  }
  stoa_buf_done(&sql);
}

// What ANALYZE has counted is better than a guess: "ROWS N ..." of an index, N rows for each value of its first column.
static void read_analyzed(reader *r)
{
  static const char sql[] = "SELECT s.stat, i.name FROM sqlite_stat1 s, pragma_index_info(s.idx) i "
                            "WHERE s.tbl = ? AND i.seqno = 0 AND i.name IS NOT NULL";
  sqlite3_stmt *rows;
  if (sqlite3_prepare_v2(r->db, sql, -1, &rows, NULL) != SQLITE_OK) {
    return; // there is no such table: nobody called ANALYZE
  }
  sqlite3_bind_text(rows, 1, r->table->name, -1, SQLITE_TRANSIENT);
  while (sqlite3_step(rows) == SQLITE_ROW) {
    stoa_column_info *const column =
      (stoa_column_info *)stoa_table_find(r->table, (const char *)sqlite3_column_text(rows, 1));
    char *end;
    const double all = strtod((const char *)sqlite3_column_text(rows, 0), &end), each = strtod(end, NULL);
    if (column && each >= 1) {
      column->n_distinct = all / each;
    }
    r->table->rows = r->row_id ? r->table->rows : all;
  }
  sqlite3_finalize(rows);
}

static void tell(reader *r, uint32_t i, stoa_arena *arena)
{
  enum { MUCH = 3 }; // more than a small sample is wrong by
  stoa_column_info *const column = r->columns[i], by_runs = *column;
  const double runs = r->neighbours[i] > 0 ? r->table->rows * (1 - r->equal[i] / r->neighbours[i]) : r->table->rows;
  stoa_sample_tell(&r->sample, i, r->table->rows, column);
  stoa_sample_tell(&r->spread, i, runs, &by_runs);
  if (r->spread.n_rows > 1 && by_runs.n_distinct > MUCH * column->n_distinct) {
    column->n_distinct = by_runs.n_distinct;
  }
  // Neighbours are alike more often than others are, so that those of all places tell the shares.
  const bool whole = r->sample.n_rows < r->most && r->table->rows <= r->sample.n_rows;
  if (whole || r->spread.n_rows >= PLACES / 2) {
    stoa_sample_tell_common(whole ? &r->sample : &r->spread, i, whole, arena, column);
  }
}

void stoa_sqlite_statistics(struct sqlite3 *db, stoa_table_info *table, const char *row_id, uint32_t n_tables,
                            stoa_arena *arena)
{
  // Of many tables each gets a smaller part of the work.
  const uint32_t most = n_tables <= 64 ? MOST_ROWS : MOST_ROWS * 64 / n_tables;
  reader r = {.db = db, .table = table, .row_id = row_id, .most = most};
  sqlite3_stmt *rows;
  stoa_arena_init(&r.arena, 0);
  choose_columns(&r);
  if (sqlite3_prepare_v2(db, sampling_sql(&r), -1, &rows, NULL) != SQLITE_OK) {
    r.row_id = NULL; // WITHOUT ROWID
    if (sqlite3_prepare_v2(db, sampling_sql(&r), -1, &rows, NULL) != SQLITE_OK) {
      stoa_arena_done(&r.arena);
      return;
    }
  }
  if (r.row_id) {
    sample_numbered(&r, rows);
  } else {
    sample_first(&r, rows);
  }
  sqlite3_finalize(rows);
  for (uint32_t i = 0; i < r.n_columns; ++i) {
    tell(&r, i, arena);
  }
  read_analyzed(&r);
  stoa_arena_done(&r.arena);
}
