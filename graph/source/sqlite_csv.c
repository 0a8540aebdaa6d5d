// CSV files as virtual tables of SQLite, which has no tables of its own then: what SQL can say of them is said by
// SQLite, and the files are read in place.
#include "graph/base/file.h"
#include "graph/source/csv.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct {
  sqlite3_vtab base;
  char *path;
  uint32_t n_columns;
  double rows; ///< guessed
} csv_table;

typedef struct {
  sqlite3_vtab_cursor base;
  stoa_csv *csv;
  bool more;
} csv_cursor;

static int failed(csv_table *table, const stoa_error *err)
{
  sqlite3_free(table->base.zErrMsg);
  table->base.zErrMsg = sqlite3_mprintf("%s", err->text);
  return err->status == STOA_NO_MEM ? SQLITE_NOMEM : SQLITE_ERROR;
}

static double rows_of(const char *path, const stoa_csv *csv)
{
  struct stat info;
  const double per_row = 8.0 * stoa_csv_n_columns(csv);
  return stat(path, &info) == 0 ? (double)info.st_size / per_row + 1 : 1000;
}

// argv[3]: the path, in quotes of SQL.
static int table_connect(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
  (void)data;
  stoa_error err = {0};
  stoa_csv *csv;
  char *const path = argc > 3 ? sqlite3_mprintf("%.*s", (int)strlen(argv[3]) - 2, argv[3] + 1) : NULL;
  if (!path || stoa_csv_open(path, &csv, &err) != STOA_OK) {
    *message = sqlite3_mprintf("%s", err.text);
    sqlite3_free(path);
    return SQLITE_ERROR;
  }
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "CREATE TABLE x(");
  for (uint32_t i = 0; i < stoa_csv_n_columns(csv); ++i) {
    stoa_buf_text(&sql, i ? ", " : "");
    stoa_sql_name(stoa_csv_name(csv, i), &sql);
    stoa_buf_text(&sql, " TEXT");
  }
  stoa_buf_byte(&sql, ')');
  const int code = sqlite3_declare_vtab(db, stoa_buf_string(&sql));
  csv_table *const table = code == SQLITE_OK ? sqlite3_malloc(sizeof *table) : NULL;
  if (table) {
    *table = (csv_table){.path = path, .n_columns = stoa_csv_n_columns(csv), .rows = rows_of(path, csv)};
    *out = &table->base;
  } else {
    *message = sqlite3_mprintf("%s: %s", path, sqlite3_errmsg(db)); // two columns of one name
    sqlite3_free(path);
  }
  stoa_buf_done(&sql);
  stoa_csv_close(csv);
  return table ? SQLITE_OK : SQLITE_ERROR;
}

static int table_disconnect(sqlite3_vtab *base)
{
  csv_table *const table = (csv_table *)base;
  sqlite3_free(table->path);
  sqlite3_free(table);
  return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
  const csv_table *const table = (const csv_table *)base;
  info->estimatedCost = table->rows * 10;
  info->estimatedRows = (sqlite3_int64)table->rows;
  return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
  (void)base;
  csv_cursor *const cursor = sqlite3_malloc(sizeof *cursor);
  if (!cursor) {
    return SQLITE_NOMEM;
  }
  *cursor = (csv_cursor){0};
  *out = &cursor->base;
  return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
  csv_cursor *const cursor = (csv_cursor *)base;
  if (cursor->csv) {
    stoa_csv_close(cursor->csv);
  }
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
  csv_cursor *const cursor = (csv_cursor *)base;
  stoa_error err = {0};
  return stoa_csv_next(cursor->csv, &cursor->more, &err) == STOA_OK ? SQLITE_OK
                                                                    : failed((csv_table *)base->pVtab, &err);
}

static int cursor_filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc, sqlite3_value **argv)
{
  csv_cursor *const cursor = (csv_cursor *)base;
  csv_table *const table = (csv_table *)base->pVtab;
  stoa_error err = {0};
  (void)number, (void)text, (void)argc, (void)argv;
  if (cursor->csv) {
    stoa_csv_close(cursor->csv);
    cursor->csv = NULL;
  }
  if (stoa_csv_open(table->path, &cursor->csv, &err) != STOA_OK) {
    return failed(table, &err);
  }
  if (stoa_csv_n_columns(cursor->csv) != table->n_columns) {
    stoa_error_set(&err, STOA_BAD_MAPPING, "%s: the columns have changed; load the project again", table->path);
    return failed(table, &err);
  }
  return cursor_next(base);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
  return !((csv_cursor *)base)->more;
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
  const stoa_slice text = stoa_csv_field(((csv_cursor *)base)->csv, (uint32_t)column);
  if (text.data) {
    sqlite3_result_text64(context, text.data, text.length, SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  return SQLITE_OK;
}

static int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
  *out = stoa_csv_row(((csv_cursor *)base)->csv);
  return SQLITE_OK;
}

static const sqlite3_module csv_module = {.xCreate = table_connect,
                                          .xConnect = table_connect,
                                          .xBestIndex = best_index,
                                          .xDisconnect = table_disconnect,
                                          .xDestroy = table_disconnect,
                                          .xOpen = cursor_open,
                                          .xClose = cursor_close,
                                          .xFilter = cursor_filter,
                                          .xNext = cursor_next,
                                          .xEof = cursor_eof,
                                          .xColumn = cursor_column,
                                          .xRowid = cursor_rowid};

static stoa_status mount(sqlite3 *db, const char *source, const char *path, stoa_arena *arena, stoa_error *err)
{
  const char *const slash = strrchr(path, '/'), *const base = slash ? slash + 1 : path;
  const stoa_slice name = {base, strlen(base) - strlen(".csv")};
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "CREATE VIRTUAL TABLE ");
  stoa_sql_name(stoa_arena_copy(arena, name), &sql);
  stoa_buf_text(&sql, " USING stoa_csv(");
  if (strchr(path, '\'')) {
    stoa_buf_done(&sql);
    return stoa_error_set(err, STOA_BAD_ARG, "source %s: %s: no ' may stand in the name", source, path);
  }
  stoa_buf_print(&sql, "'%s')", path);
  const int code = sqlite3_exec(db, stoa_buf_string(&sql), NULL, NULL, NULL);
  stoa_buf_done(&sql);
  return code == SQLITE_OK ? STOA_OK
                           : stoa_error_set(err, STOA_BAD_MAPPING, "source %s: %s", source, sqlite3_errmsg(db));
}

stoa_status stoa_sqlite_mount_csv(struct sqlite3 *db, const char *source, const char *folder, stoa_error *err)
{
  stoa_arena arena;
  stoa_file_names files = {0};
  stoa_arena_init(&arena, 0);
  (void)stoa_file_glob(folder, "*.csv", &arena, &files, NULL);
  sqlite3_create_module(db, "stoa_csv", &csv_module, NULL);
  stoa_status status =
    files.n ? STOA_OK : stoa_error_set(err, STOA_UNAVAILABLE, "source %s: no *.csv in %s", source, folder);
  for (uint32_t i = 0; status == STOA_OK && i < files.n; ++i) {
    status = mount(db, source, files.items[i], &arena, err);
  }
  stoa_arena_done(&arena);
  return status;
}
