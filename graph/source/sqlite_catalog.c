// The catalog of an SQLite database, from its pragma functions.
#include "graph/source/sqlite.h"
#include <sqlite3.h>
#include <string.h>
#include <strings.h>

typedef STOA_LIST(stoa_table_info) table_list;
typedef STOA_LIST(stoa_column_info) column_list;
typedef STOA_LIST(stoa_column_set) key_list;
typedef STOA_LIST(stoa_foreign_key) foreign_list;

static const char *text_at(sqlite3_stmt *statement, int column, stoa_arena *arena)
{
  const char *const text = (const char *)sqlite3_column_text(statement, column);
  return text ? stoa_arena_copy(arena, stoa_slice_of(text)) : "";
}

static stoa_status query(sqlite3 *db, const char *sql, const char *argument, sqlite3_stmt **out, const char *source,
                         stoa_error *err)
{
  if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK) {
    const bool down = sqlite3_errcode(db) == SQLITE_BUSY || sqlite3_errcode(db) == SQLITE_NOTADB;
    return stoa_error_set(err, down ? STOA_UNAVAILABLE : STOA_BAD_MAPPING, "source %s: %s", source, sqlite3_errmsg(db));
  }
  if (argument) {
    sqlite3_bind_text(*out, 1, argument, -1, SQLITE_TRANSIENT);
  }
  return STOA_OK;
}

// Terms are equal letter by letter, whatever collation a column is declared with.
static bool is_binary(sqlite3 *db, const char *table, const char *column)
{
  const char *type, *collation = NULL;
  int not_null, primary, counts;
  return sqlite3_table_column_metadata(db, NULL, table, column, &type, &collation, &not_null, &primary, &counts) !=
           SQLITE_OK ||
         !collation || strcasecmp(collation, "BINARY") == 0;
}

// What ends before its last row has failed.
static stoa_status finish(sqlite3 *db, sqlite3_stmt *rows, const char *source, stoa_error *err)
{
  const int code = sqlite3_finalize(rows);
  const bool down = code == SQLITE_BUSY || code == SQLITE_LOCKED || code == SQLITE_CANTOPEN || code == SQLITE_NOTADB;
  return code == SQLITE_OK ? STOA_OK
                           : stoa_error_set(err,
                                            down                   ? STOA_UNAVAILABLE
                                            : code == SQLITE_ERROR ? STOA_BAD_MAPPING
                                                                   : STOA_IO,
                                            "source %s: %s", source, sqlite3_errmsg(db));
}

typedef struct {
  column_list columns;
  STOA_LIST(int) order; ///< of each column in the primary key, from 1; 0: it is not in it
  int n_primary;
  bool rowid_key;
} columns_read;

static void read_column(sqlite3 *db, sqlite3_stmt *row, const char *table, stoa_arena *arena, columns_read *out)
{
  const char *const type = text_at(row, 1, arena);
  const int order = sqlite3_column_int(row, 3);
  stoa_column_info column = {
    .name = text_at(row, 0, arena), .not_null = sqlite3_column_int(row, 2) != 0, .null_fraction = -1};
  column.type = stoa_sql_type_read(type, &column.scale);
  column.read = is_binary(db, table, column.name) ? NULL : "%0 COLLATE BINARY";
  out->rowid_key |= order > 0 && strcasecmp(type, "INTEGER") == 0;
  out->n_primary += order > 0;
  STOA_PUSH(arena, &out->columns, column);
  STOA_PUSH(arena, &out->order, order);
}

static void set_primary(stoa_table_info *table, const columns_read *read, stoa_arena *arena)
{
  const char **const names = STOA_NEWS(arena, const char *, read->n_primary + 1);
  stoa_column_set *const key = STOA_NEW(arena, stoa_column_set);
  bool broken = false;
  for (uint32_t i = 0; i < read->columns.n; ++i) {
    if (read->order.items[i] > 0) {
      names[read->order.items[i] - 1] = read->columns.items[i].name;
      stoa_key_add(table, read->columns.items[i].name, key, &broken);
    }
  }
  table->primary = names;
  table->n_primary = (uint32_t)read->n_primary;
  table->keys = key;
  table->n_keys = *key ? 1 : 0;
}

// A view that cannot be prepared is told to the one who maps it.
static stoa_status read_columns(sqlite3 *db, const char *source, stoa_table_info *table, stoa_arena *arena,
                                stoa_error *err)
{
  sqlite3_stmt *rows;
  columns_read read = {.n_primary = 0};
  stoa_error fault = {0};
  STOA_TRY(query(db, "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1", table->name,
                 &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    read_column(db, rows, table->name, arena, &read);
  }
  const stoa_status status = finish(db, rows, source, &fault);
  if (status == STOA_BAD_MAPPING) {
    table->fault = stoa_arena_copy(arena, stoa_slice_of(fault.text));
    return STOA_OK;
  }
  if (status != STOA_OK) {
    *err = fault;
    return status;
  }
  for (uint32_t i = 0; read.n_primary == 1 && read.rowid_key && i < read.columns.n; ++i) {
    read.columns.items[i].not_null |= read.order.items[i] > 0; // INTEGER PRIMARY KEY is the rowid
  }
  table->columns = read.columns.items;
  table->n_columns = read.columns.n;
  stoa_table_number(table);
  set_primary(table, &read, arena);
  return STOA_OK;
}

// A table without a primary key has a row number under the first of these names that no column takes.
static const char *row_id_of(const stoa_table_info *table)
{
  static const char *const names[] = {"rowid", "_rowid_", "oid"};
  for (int i = 0; i < 3; ++i) {
    if (!stoa_table_find(table, names[i])) {
      return names[i];
    }
  }
  return NULL;
}

static stoa_status read_unique(sqlite3 *db, const char *source, stoa_table_info *table, stoa_arena *arena,
                               stoa_error *err)
{
  sqlite3_stmt *rows;
  key_list keys = {0};
  const char *last = "";
  stoa_column_set set = 0;
  bool broken = false;
  for (uint32_t i = 0; i < table->n_keys; ++i) {
    STOA_PUSH(arena, &keys, table->keys[i]);
  }
  STOA_TRY(query(db,
                 "SELECT l.name, i.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
                 "WHERE l.\"unique\" AND NOT l.partial ORDER BY l.name",
                 table->name, &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const char *const index = text_at(rows, 0, arena);
    const char *const column = text_at(rows, 1, arena);
    if (strcmp(index, last) != 0) {
      if (set) {
        STOA_PUSH(arena, &keys, set);
      }
      set = 0;
      broken = false;
      last = index;
    }
    stoa_key_add(table, column, &set, &broken);
  }
  if (set) {
    STOA_PUSH(arena, &keys, set);
  }
  table->keys = keys.items;
  table->n_keys = keys.n;
  return finish(db, rows, source, err);
}

static stoa_status read_leading(sqlite3 *db, const char *source, stoa_table_info *table, stoa_error *err)
{
  sqlite3_stmt *rows;
  STOA_TRY(query(db,
                 "SELECT i.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
                 "WHERE i.seqno = 0 AND NOT l.partial AND i.name IS NOT NULL",
                 table->name, &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    table->leading |= stoa_table_key_bit(table, (const char *)sqlite3_column_text(rows, 0));
  }
  if (table->n_primary) {
    table->leading |= stoa_table_key_bit(table, table->primary[0]);
  }
  return finish(db, rows, source, err);
}

// SQLite checks references only for writers that ask for it, each time anew, so that none is certain to lead anywhere.
static stoa_status read_foreign(sqlite3 *db, const char *source, stoa_table_info *table, stoa_arena *arena,
                                stoa_error *err)
{
  sqlite3_stmt *rows;
  foreign_list list = {0};
  int last = -1;
  STOA_TRY(query(db, "SELECT id, \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?) ORDER BY id, seq",
                 table->name, &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    if (sqlite3_column_int(rows, 0) != last) {
      const stoa_foreign_key key = {.table = text_at(rows, 1, arena)};
      STOA_PUSH(arena, &list, key);
      last = sqlite3_column_int(rows, 0);
    }
    stoa_foreign_key *const key = &list.items[list.n - 1];
    if (key->n < 8) {
      key->from[key->n] = text_at(rows, 2, arena);
      key->to[key->n] = text_at(rows, 3, arena);
      key->columns |= stoa_table_key_bit(table, key->from[key->n]);
      key->n++;
    }
  }
  table->foreign = list.items;
  table->n_foreign = list.n;
  return finish(db, rows, source, err);
}

stoa_status stoa_sqlite_catalog(struct sqlite3 *db, const char *source, stoa_arena *arena, const stoa_catalog **out,
                                stoa_error *err)
{
  sqlite3_stmt *rows;
  table_list tables = {0};
  STOA_TRY(query(db,
                 "SELECT name, type, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_schema WHERE type IN ('table','view') AND "
                 "name NOT LIKE 'sqlite\\_%' ESCAPE "
                 "'\\' ORDER BY name",
                 NULL, &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    const bool is_view = strcmp((const char *)sqlite3_column_text(rows, 1), "view") == 0;
    const bool is_virtual = sqlite3_column_int(rows, 2) != 0;
    const stoa_table_info table = {
      .name = text_at(rows, 0, arena), .row_id = is_view ? NULL : "", .rows = is_view || is_virtual ? -1 : 0};
    STOA_PUSH(arena, &tables, table);
  }
  STOA_TRY(finish(db, rows, source, err));
  for (uint32_t i = 0; i < tables.n; ++i) {
    STOA_TRY(read_columns(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_unique(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_foreign(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_leading(db, source, &tables.items[i], err));
    const bool is_stored = tables.items[i].rows == 0;
    tables.items[i].rows = 0;
    tables.items[i].stored = is_stored;
    tables.items[i].row_id = tables.items[i].row_id ? row_id_of(&tables.items[i]) : NULL;
    if (is_stored) {
      stoa_sqlite_statistics(db, &tables.items[i], tables.items[i].row_id, tables.n, arena);
    }
    stoa_table_settle(&tables.items[i]);
  }
  stoa_catalog *const catalog = STOA_NEW(arena, stoa_catalog);
  catalog->tables = tables.items;
  catalog->n_tables = tables.n;
  *out = catalog;
  return STOA_OK;
}

stoa_status stoa_sqlite_query_columns(struct sqlite3 *db, const char *source, const char *sql, stoa_arena *arena,
                                      const stoa_table_info **out, stoa_error *err)
{
  sqlite3_stmt *statement;
  column_list columns = {0};
  STOA_TRY(query(db, sql, NULL, &statement, source, err));
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    stoa_column_info column = {.name = stoa_arena_copy(arena, stoa_slice_of(sqlite3_column_name(statement, i))),
                               .null_fraction = -1};
    const char *const declared = sqlite3_column_decltype(statement, i);
    column.type = stoa_sql_type_read(declared ? declared : "", &column.scale);
    STOA_PUSH(arena, &columns, column);
  }
  sqlite3_finalize(statement);
  stoa_table_info *const table = STOA_NEW(arena, stoa_table_info);
  table->name = "the query";
  table->columns = columns.items;
  table->n_columns = columns.n;
  stoa_table_number(table);
  *out = table;
  return STOA_OK;
}
