// CSV files as virtual tables of SQLite, which has no tables of its own then: what SQL can say of them is said by
// SQLite, and the files are read in place.
#include "graph/base/assert.h"
#include "graph/source/csv.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct {
  sqlite3_vtab base;
  const stoa_csv_head *head;
  double rows; ///< guessed
} csv_table;

typedef struct {
  sqlite3_vtab_cursor base;
  stoa_csv *csv;
  uint32_t *places; ///< of the declared columns in the file
  bool more;
} csv_cursor;

// SQLITE_ERROR would say that the statement is wrong.
static int failed(csv_table *table, const stoa_error *err)
{
  sqlite3_free(table->base.zErrMsg);
  table->base.zErrMsg = sqlite3_mprintf("%s", err->text);
  return err->status == STOA_NO_MEM ? SQLITE_NOMEM : err->status == STOA_UNAVAILABLE ? SQLITE_CANTOPEN : SQLITE_FORMAT;
}

static double rows_of(const stoa_csv_head *head)
{
  struct stat info;
  const double per_row = 8.0 * head->n_names;
  return stat(head->path, &info) == 0 ? (double)info.st_size / per_row + 1 : 1000;
}

// data: the heads; argv[3]: which of them.
static int table_connect(sqlite3 *db, void *data, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
  const stoa_csv_heads *const heads = data;
  const unsigned long at = argc > 3 ? strtoul(argv[3], NULL, 10) : heads->files.n;
  STOA_ASSERT(at < heads->files.n);
  const stoa_csv_head *const head = &heads->files.items[at];
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "CREATE TABLE x(");
  for (uint32_t i = 0; i < head->n_names; ++i) {
    stoa_buf_text(&sql, i ? ", " : "");
    stoa_sql_name(head->names[i], &sql);
    stoa_buf_text(&sql, " TEXT");
  }
  stoa_buf_byte(&sql, ')');
  const int code = sqlite3_declare_vtab(db, stoa_buf_string(&sql));
  csv_table *const table = code == SQLITE_OK ? sqlite3_malloc(sizeof *table) : NULL;
  if (table) {
    *table = (csv_table){.head = head, .rows = rows_of(head)};
    *out = &table->base;
  } else {
    *message = sqlite3_mprintf("%s: %s", head->path, sqlite3_errmsg(db)); // two columns of one name
  }
  stoa_buf_done(&sql);
  return table ? SQLITE_OK : SQLITE_ERROR;
}

static int table_disconnect(sqlite3_vtab *base)
{
  sqlite3_free(base);
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
  const csv_table *const table = (const csv_table *)base;
  csv_cursor *const cursor = sqlite3_malloc(sizeof *cursor);
  uint32_t *const places = sqlite3_malloc64((table->head->n_names + 1) * sizeof *places);
  if (!cursor || !places) {
    sqlite3_free(cursor);
    sqlite3_free(places);
    return SQLITE_NOMEM;
  }
  *cursor = (csv_cursor){.places = places};
  *out = &cursor->base;
  return SQLITE_OK;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
  csv_cursor *const cursor = (csv_cursor *)base;
  if (cursor->csv) {
    stoa_csv_close(cursor->csv);
  }
  sqlite3_free(cursor->places);
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
  if (stoa_csv_open(table->head->path, &cursor->csv, &err) != STOA_OK ||
      stoa_csv_head_find(table->head, cursor->csv, cursor->places, &err) != STOA_OK) {
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
  const csv_cursor *const cursor = (const csv_cursor *)base;
  const stoa_slice text = stoa_csv_field(cursor->csv, cursor->places[column]);
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

static stoa_status mount(sqlite3 *db, const char *source, const char *path, uint32_t at, stoa_arena *arena,
                         stoa_error *err)
{
  const char *const slash = strrchr(path, '/'), *const base = slash ? slash + 1 : path;
  const stoa_slice name = {base, strlen(base) - strlen(".csv")};
  stoa_buf sql = {0};
  stoa_buf_text(&sql, "CREATE VIRTUAL TABLE ");
  stoa_sql_name(stoa_arena_copy(arena, name), &sql);
  stoa_buf_print(&sql, " USING stoa_csv(%u)", at);
  const int code = sqlite3_exec(db, stoa_buf_string(&sql), NULL, NULL, NULL);
  stoa_buf_done(&sql);
  return code == SQLITE_OK ? STOA_OK
                           : stoa_error_set(err, STOA_BAD_MAPPING, "source %s: %s", source, sqlite3_errmsg(db));
}

stoa_status stoa_sqlite_mount_csv(struct sqlite3 *db, const char *source, const stoa_csv_heads *heads, stoa_error *err)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  sqlite3_create_module(db, "stoa_csv", &csv_module, (void *)heads);
  stoa_status status = STOA_OK;
  for (uint32_t i = 0; status == STOA_OK && i < heads->files.n; ++i) {
    status = mount(db, source, heads->files.items[i].path, i, &arena, err);
  }
  stoa_arena_done(&arena);
  return status;
}
