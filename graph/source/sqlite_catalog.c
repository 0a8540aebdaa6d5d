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

static stoa_status read_columns(sqlite3 *db, const char *source, stoa_table_info *table, stoa_arena *arena,
                                stoa_error *err)
{
  sqlite3_stmt *rows;
  column_list columns = {0};
  stoa_column_set primary = 0;
  const char **const names = STOA_NEWS(arena, const char *, 64);
  bool rowid_key = false, far_key = false; // a key with a column that a set cannot hold is none
  int n_primary = 0;
  STOA_TRY(query(db, "SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1", table->name,
                 &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    stoa_column_info column = {
      .name = text_at(rows, 0, arena), .not_null = sqlite3_column_int(rows, 2) != 0, .null_fraction = -1};
    const char *const type = text_at(rows, 1, arena);
    column.type = stoa_sql_type_read(type, &column.scale);
    column.read = is_binary(db, table->name, column.name) ? NULL : "%0 COLLATE BINARY";
    far_key |= sqlite3_column_int(rows, 3) > 0 && columns.n >= 64;
    if (sqlite3_column_int(rows, 3) > 0 && sqlite3_column_int(rows, 3) <= 64 && columns.n < 64) {
      names[sqlite3_column_int(rows, 3) - 1] = column.name;
      primary |= UINT64_C(1) << columns.n;
      ++n_primary;
      rowid_key = strcasecmp(type, "INTEGER") == 0;
    }
    STOA_PUSH(arena, &columns, column);
  }
  sqlite3_finalize(rows);
  for (uint32_t i = 0; n_primary == 1 && rowid_key && !far_key && i < columns.n && i < 64; ++i) {
    columns.items[i].not_null |= (primary >> i & 1) != 0; // INTEGER PRIMARY KEY is the rowid
  }
  key_list keys = {0};
  if (primary && !far_key) {
    STOA_PUSH(arena, &keys, primary);
  }
  table->columns = columns.items;
  table->n_columns = columns.n;
  table->keys = keys.items;
  table->n_keys = keys.n;
  table->primary = names;
  table->n_primary = far_key ? 0 : (uint32_t)n_primary;
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
  sqlite3_finalize(rows);
  table->keys = keys.items;
  table->n_keys = keys.n;
  return STOA_OK;
}

static stoa_status read_leading(sqlite3 *db, const char *source, stoa_table_info *table, stoa_error *err)
{
  sqlite3_stmt *rows;
  STOA_TRY(query(db,
                 "SELECT i.name FROM pragma_index_list(?1) l, pragma_index_info(l.name) i "
                 "WHERE i.seqno = 0 AND NOT l.partial AND i.name IS NOT NULL",
                 table->name, &rows, source, err));
  while (sqlite3_step(rows) == SQLITE_ROW) {
    table->leading |= stoa_table_bit(table, (const char *)sqlite3_column_text(rows, 0));
  }
  sqlite3_finalize(rows);
  if (table->n_primary) {
    table->leading |= stoa_table_bit(table, table->primary[0]);
  }
  return STOA_OK;
}

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
      key->columns |= stoa_table_bit(table, key->from[key->n]);
      key->n++;
    }
  }
  sqlite3_finalize(rows);
  table->foreign = list.items;
  table->n_foreign = list.n;
  return STOA_OK;
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
  sqlite3_finalize(rows);
  for (uint32_t i = 0; i < tables.n; ++i) {
    STOA_TRY(read_columns(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_unique(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_foreign(db, source, &tables.items[i], arena, err));
    STOA_TRY(read_leading(db, source, &tables.items[i], err));
    const bool is_stored = tables.items[i].rows == 0;
    tables.items[i].rows = 0;
    tables.items[i].row_id = tables.items[i].row_id ? row_id_of(&tables.items[i]) : NULL;
    if (is_stored) {
      stoa_sqlite_statistics(db, &tables.items[i], tables.items[i].row_id, tables.n);
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
  *out = table;
  return STOA_OK;
}
