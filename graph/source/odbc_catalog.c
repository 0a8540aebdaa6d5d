// Catalogs by the catalog functions of ODBC (ODBC Programmer's Reference, SQLTables and its kin).
#include "graph/source/odbc.h"
#include <sql.h>
#include <sqlext.h>
#include <string.h>
#include <strings.h>

typedef STOA_LIST(stoa_table_info) table_list;
typedef STOA_LIST(stoa_column_info) column_list;
typedef STOA_LIST(stoa_column_set) key_list;
typedef STOA_LIST(stoa_foreign_key) foreign_list;

typedef struct {
  SQLHDBC db;
  const char *source;
  const stoa_dialect *dialect;
  stoa_arena *arena;
  const char *database, *schema; ///< those of the table at hand, or NULL
} reader;

static SQLCHAR *sql_text(const char *text)
{
  return (SQLCHAR *)(uintptr_t)text;
}

static bool good(SQLRETURN code)
{
  return code == SQL_SUCCESS || code == SQL_SUCCESS_WITH_INFO;
}

stoa_status stoa_odbc_failed(const char *source, int type, void *handle, stoa_error *err)
{
  SQLCHAR state[6] = "", text[SQL_MAX_MESSAGE_LENGTH] = "";
  SQLINTEGER native = 0;
  SQLSMALLINT n = 0;
  stoa_status status = STOA_IO;
  SQLGetDiagRec((SQLSMALLINT)type, handle, 1, state, &native, text, sizeof text, &n);
  if (memcmp(state, "08", 2) == 0 || memcmp(state, "IM", 2) == 0 || memcmp(state, "28", 2) == 0) {
    status = STOA_UNAVAILABLE;
  } else if (memcmp(state, "42", 2) == 0 || memcmp(state, "S0", 2) == 0) {
    status = STOA_BAD_MAPPING;
  } else if (memcmp(state, "HYT", 3) == 0 || memcmp(state, "HY008", 5) == 0 || memcmp(state, "57", 2) == 0) {
    status = STOA_TIMEOUT;
  }
  return stoa_error_set(err, status, "source %s: %.400s (%s)", source, *text ? (char *)text : "no diagnostic", state);
}

bool stoa_odbc_is_missing(void *statement)
{
  static const char *const states[] = {"42S02", "42S22", "S0002", "S0022", "42P01", "42703"};
  SQLCHAR state[6] = "", text[SQL_MAX_MESSAGE_LENGTH] = "";
  SQLINTEGER native = 0;
  SQLSMALLINT n = 0;
  SQLGetDiagRec(SQL_HANDLE_STMT, statement, 1, state, &native, text, sizeof text, &n);
  for (size_t i = 0; i < sizeof states / sizeof *states; ++i) {
    if (memcmp(state, states[i], 5) == 0) {
      return true;
    }
  }
  return false;
}

bool stoa_odbc_is_locked(void *statement, const stoa_dialect *dialect)
{
  enum { SQLITE_IS_BUSY = 5, SQLITE_IS_LOCKED = 6, MARIADB_LOCK_WAIT = 1205 };
  SQLCHAR state[6] = "", text[SQL_MAX_MESSAGE_LENGTH] = "";
  SQLINTEGER native = 0;
  SQLSMALLINT n = 0;
  SQLGetDiagRec(SQL_HANDLE_STMT, statement, 1, state, &native, text, sizeof text, &n);
  if (dialect == &stoa_dialect_odbc_sqlite) {
    return native == SQLITE_IS_BUSY || native == SQLITE_IS_LOCKED;
  }
  return dialect == &stoa_dialect_mariadb ? native == MARIADB_LOCK_WAIT : memcmp(state, "55P03", 5) == 0;
}

const stoa_dialect *stoa_odbc_dialect(void *connection)
{
  char name[128] = "";
  SQLSMALLINT n;
  SQLGetInfo(connection, SQL_DBMS_NAME, name, sizeof name, &n);
  if (strncasecmp(name, "PostgreSQL", 10) == 0) {
    return &stoa_dialect_odbc_postgres;
  }
  if (strncasecmp(name, "MariaDB", 7) == 0 || strncasecmp(name, "MySQL", 5) == 0) {
    return &stoa_dialect_mariadb;
  }
  return strncasecmp(name, "SQLite", 6) == 0 ? &stoa_dialect_odbc_sqlite : &stoa_dialect_ansi;
}

static const char *text_at(SQLHSTMT rows, int column, stoa_arena *arena)
{
  char text[1024];
  SQLLEN n = 0;
  const SQLRETURN code = SQLGetData(rows, (SQLUSMALLINT)column, SQL_C_CHAR, text, sizeof text, &n);
  return good(code) && n != SQL_NULL_DATA ? stoa_arena_copy(arena, stoa_slice_of(text)) : "";
}

static long number_at(SQLHSTMT rows, int column)
{
  SQLINTEGER number = 0;
  SQLLEN n = 0;
  SQLGetData(rows, (SQLUSMALLINT)column, SQL_C_SLONG, &number, sizeof number, &n);
  return n == SQL_NULL_DATA ? 0 : number;
}

// Types of MariaDB that its driver takes for bytes, and that UNION takes for none of each other.
static bool is_text_of_its_own(const char *name)
{
  return strcasecmp(name, "UUID") == 0 || strcasecmp(name, "INET6") == 0 || strcasecmp(name, "INET4") == 0;
}

// Types that are no XSD type's own are read as texts, and floats of 32 bits by the digits that the database shows.
static const char *read_of(const stoa_dialect *dialect, const char *name)
{
  if (dialect == &stoa_dialect_mariadb) {
    return strcasecmp(name, "FLOAT") == 0 ? "CAST(CAST(%0 AS CHAR) AS DOUBLE)"
           : is_text_of_its_own(name)     ? "CAST(%0 AS CHAR)"
                                          : NULL;
  }
  static const char *const known[] = {"text",   "varchar", "bpchar",    "int2", "int4",      "int8",
                                      "float8", "numeric", "bool",      "date", "timestamp", "timestamptz",
                                      "bytea",  "serial",  "bigserial", NULL};
  if (dialect != &stoa_dialect_odbc_postgres) {
    return NULL;
  }
  for (size_t i = 0; known[i]; ++i) {
    if (strcmp(known[i], name) == 0) {
      return NULL;
    }
  }
  if (strcmp(name, "oid") == 0) {
    return "CAST(%0 AS bigint)"; // UNION takes all integers beside one for such numbers
  }
  if (strcmp(name, "char") == 0) {
    return "CAST(%0 AS bpchar)"; // the driver's name for PostgreSQL's "char" too, which UNION takes for no text
  }
  return strcmp(name, "float4") == 0 ? "CAST(CAST(%0 AS text) AS double precision)" : "CAST(%0 AS text)";
}

static void set_type(const reader *r, long type, const char *name, long length, long scale, stoa_column_info *column)
{
  column->type = STOA_SQL_TEXT;
  column->scale = 0;
  switch (type) {
    case SQL_BIT:
      column->type = STOA_SQL_BOOLEAN;
      break;
    case SQL_TINYINT:
    case SQL_SMALLINT:
    case SQL_INTEGER:
    case SQL_BIGINT:
      column->type = STOA_SQL_INTEGER;
      break;
    case SQL_REAL:
    case SQL_FLOAT:
    case SQL_DOUBLE:
      column->type = STOA_SQL_REAL;
      break;
    case SQL_DECIMAL:
    case SQL_NUMERIC:
      column->type = STOA_SQL_DECIMAL;
      column->scale = (int)scale;
      break;
    case SQL_TYPE_DATE:
      column->type = STOA_SQL_DATE;
      break;
    case SQL_TYPE_TIMESTAMP:
      column->type = STOA_SQL_DATETIME;
      break;
    case SQL_TYPE_TIME:
      column->type = STOA_SQL_TIME;
      break;
    case SQL_BINARY:
    case SQL_VARBINARY:
    case SQL_LONGVARBINARY:
      column->type = STOA_SQL_BLOB;
      break;
    case SQL_CHAR:
    case SQL_WCHAR:
      column->type = r->dialect->pads && length > 0 ? STOA_SQL_CHAR : STOA_SQL_TEXT;
      column->scale = column->type == STOA_SQL_CHAR ? (int)length : 0;
      break;
    default:
      break;
  }
  column->read = read_of(r->dialect, name);
  column->zoned = strcmp(name, "timestamptz") == 0;
  column->type = strcmp(name, "bool") == 0 ? STOA_SQL_BOOLEAN : column->type; // a text to PostgreSQL's driver
  if (r->dialect == &stoa_dialect_odbc_postgres && column->read && strcmp(column->read, "CAST(%0 AS text)") == 0 &&
      column->type != STOA_SQL_TIME) {
    column->type = STOA_SQL_TEXT; // money is a number to the driver, its text is none
  }
  column->type = r->dialect == &stoa_dialect_mariadb && is_text_of_its_own(name) ? STOA_SQL_TEXT : column->type;
  // What SQLite's driver takes for texts has its declared name.
  if (r->dialect == &stoa_dialect_odbc_sqlite && *name) {
    column->type = stoa_sql_type_read(name, &column->scale);
  }
}

static stoa_status begin(const reader *r, SQLHSTMT *out, stoa_error *err)
{
  return good(SQLAllocHandle(SQL_HANDLE_STMT, r->db, out)) ? STOA_OK
                                                           : stoa_odbc_failed(r->source, SQL_HANDLE_DBC, r->db, err);
}

// A catalog function that a driver lacks tells nothing; rows that end with a fault are one.
typedef struct {
  const reader *r;
  SQLHSTMT rows;
  SQLRETURN code;
} row_reader;

static bool next_row(row_reader *reader)
{
  reader->code = good(reader->code) ? SQLFetch(reader->rows) : reader->code;
  return good(reader->code);
}

static bool is_lacking(SQLHSTMT rows)
{
  SQLCHAR state[6] = "", text[SQL_MAX_MESSAGE_LENGTH] = "";
  SQLINTEGER native = 0;
  SQLSMALLINT n = 0;
  SQLGetDiagRec(SQL_HANDLE_STMT, rows, 1, state, &native, text, sizeof text, &n);
  return memcmp(state, "IM001", 5) == 0 || memcmp(state, "HYC00", 5) == 0 || memcmp(state, "S1C00", 5) == 0;
}

static stoa_status finish(const row_reader *reader, stoa_error *err)
{
  const bool whole = good(reader->code) || reader->code == SQL_NO_DATA || is_lacking(reader->rows);
  const stoa_status status = whole ? STOA_OK : stoa_odbc_failed(reader->r->source, SQL_HANDLE_STMT, reader->rows, err);
  SQLFreeHandle(SQL_HANDLE_STMT, reader->rows);
  return status;
}

static stoa_status read_columns(const reader *r, stoa_table_info *table, stoa_error *err)
{
  SQLHSTMT rows;
  column_list columns = {0};
  STOA_TRY(begin(r, &rows, err));
  row_reader reader = {r, rows,
                       SQLColumns(rows, sql_text(r->database), SQL_NTS, sql_text(r->schema), SQL_NTS,
                                  sql_text(table->name), SQL_NTS, NULL, 0)};
  while (next_row(&reader)) {
    // Names come as patterns: "a_b" finds "axb" as well.
    if (strcmp(text_at(rows, 3, r->arena), table->name) != 0) {
      continue;
    }
    stoa_column_info column = {.name = text_at(rows, 4, r->arena), .null_fraction = -1};
    const long type = number_at(rows, 5);
    const char *const name = text_at(rows, 6, r->arena);
    const long length = number_at(rows, 7), scale = number_at(rows, 9);
    column.not_null = number_at(rows, 11) == SQL_NO_NULLS;
    set_type(r, type, name, length, scale, &column);
    STOA_PUSH(r->arena, &columns, column);
  }
  table->columns = columns.items;
  table->n_columns = columns.n;
  stoa_table_number(table);
  return finish(&reader, err);
}

static stoa_status read_primary(const reader *r, stoa_table_info *table, key_list *keys, stoa_error *err)
{
  SQLHSTMT rows;
  const char **const names = STOA_NEWS(r->arena, const char *, 32);
  stoa_column_set set = 0;
  bool broken = false;
  STOA_TRY(begin(r, &rows, err));
  row_reader reader = {
    r, rows,
    SQLPrimaryKeys(rows, sql_text(r->database), SQL_NTS, sql_text(r->schema), SQL_NTS, sql_text(table->name), SQL_NTS)};
  while (table->n_primary < 32 && next_row(&reader)) {
    names[table->n_primary] = text_at(rows, 4, r->arena);
    stoa_key_add(table, names[table->n_primary++], &set, &broken);
  }
  table->primary = names;
  if (set) {
    STOA_PUSH(r->arena, keys, set);
  }
  return finish(&reader, err);
}

// The cardinality of an index, in the row of its first column.
static void set_distinct(const stoa_table_info *table, const char *name, long cardinality)
{
  stoa_column_info *const column = (stoa_column_info *)stoa_table_find(table, name);
  if (column && cardinality > 0) {
    column->n_distinct = (double)cardinality;
  }
}

// MariaDB's driver leaves out the statistics of whole tables.
static stoa_status read_rows(const reader *r, const table_list *tables, stoa_error *err)
{
  static const char sql[] =
    "SELECT table_name, table_rows FROM information_schema.tables WHERE table_schema = DATABASE()";
  SQLHSTMT rows;
  if (r->dialect != &stoa_dialect_mariadb) {
    return STOA_OK;
  }
  STOA_TRY(begin(r, &rows, err));
  row_reader reader = {r, rows, SQLExecDirect(rows, sql_text(sql), SQL_NTS)};
  while (next_row(&reader)) {
    const char *const name = text_at(rows, 1, r->arena);
    for (uint32_t i = 0; i < tables->n; ++i) {
      tables->items[i].rows =
        strcmp(tables->items[i].name, name) == 0 ? (double)number_at(rows, 2) : tables->items[i].rows;
    }
  }
  return finish(&reader, err);
}

static stoa_status read_unique(const reader *r, stoa_table_info *table, key_list *keys, stoa_error *err)
{
  SQLHSTMT rows;
  const char *last = "";
  stoa_column_set set = 0;
  bool broken = false;
  STOA_TRY(begin(r, &rows, err));
  row_reader reader = {r, rows,
                       SQLStatistics(rows, sql_text(r->database), SQL_NTS, sql_text(r->schema), SQL_NTS,
                                     sql_text(table->name), SQL_NTS, SQL_INDEX_ALL, SQL_QUICK)};
  while (next_row(&reader)) {
    const bool is_unique = number_at(rows, 4) == SQL_FALSE;
    const char *const index = text_at(rows, 6, r->arena);
    const long type = number_at(rows, 7), ordinal = number_at(rows, 8);
    const char *const column = text_at(rows, 9, r->arena);
    if (type == SQL_TABLE_STAT) {
      table->rows = (double)number_at(rows, 11);
      continue;
    }
    if (strcmp(index, last) != 0) {
      if (set) {
        STOA_PUSH(r->arena, keys, set);
      }
      set = 0;
      broken = false;
    }
    last = index;
    table->leading |= ordinal == 1 ? stoa_table_key_bit(table, column) : 0;
    if (ordinal == 1) {
      set_distinct(table, column, number_at(rows, 11));
    }
    if (is_unique && !*text_at(rows, 13, r->arena)) {
      stoa_key_add(table, column, &set, &broken);
    }
  }
  if (set) {
    STOA_PUSH(r->arena, keys, set);
  }
  return finish(&reader, err);
}

// PostgreSQL's own driver knows which references hold; through ODBC nothing tells.
static bool is_enforcing(const stoa_dialect *dialect)
{
  return dialect == &stoa_dialect_mariadb;
}

// Collations of MariaDB take texts for the same that differ in case.
static bool is_by_letters(const stoa_table_info *table, const char *name)
{
  const stoa_column_info *const column = stoa_table_find(table, name);
  return column && column->type != STOA_SQL_TEXT && column->type != STOA_SQL_CHAR;
}

static stoa_status read_foreign(const reader *r, stoa_table_info *table, stoa_error *err)
{
  SQLHSTMT rows;
  foreign_list list = {0};
  STOA_TRY(begin(r, &rows, err));
  row_reader reader = {r, rows,
                       SQLForeignKeys(rows, NULL, 0, NULL, 0, NULL, 0, sql_text(r->database), SQL_NTS,
                                      sql_text(r->schema), SQL_NTS, sql_text(table->name), SQL_NTS)};
  while (next_row(&reader)) {
    const char *const parent = text_at(rows, 3, r->arena), *const to = text_at(rows, 4, r->arena);
    const char *const from = text_at(rows, 8, r->arena);
    if (number_at(rows, 9) <= 1 || !list.n) {
      const stoa_foreign_key key = {.table = parent, .enforced = is_enforcing(r->dialect)};
      STOA_PUSH(r->arena, &list, key);
    }
    stoa_foreign_key *const key = &list.items[list.n - 1];
    if (key->n < 8) {
      key->from[key->n] = from;
      key->to[key->n++] = to;
      key->columns |= stoa_table_key_bit(table, from);
      key->enforced &= is_by_letters(table, from);
    }
  }
  table->foreign = list.items;
  table->n_foreign = list.n;
  return finish(&reader, err);
}

static bool is_own(const char *schema, const char *type)
{
  return (strcmp(type, "TABLE") == 0 || strcmp(type, "VIEW") == 0 || strcmp(type, "BASE TABLE") == 0) &&
         strcasecmp(schema, "information_schema") != 0 && strncasecmp(schema, "pg_", 3) != 0 &&
         strcasecmp(schema, "sys") != 0;
}

stoa_status stoa_odbc_catalog(void *connection, const char *source, const stoa_dialect *dialect, stoa_arena *arena,
                              const stoa_catalog **out, stoa_error *err)
{
  reader r = {.db = connection, .source = source, .dialect = dialect, .arena = arena};
  SQLHSTMT rows;
  table_list tables = {0};
  char database[256] = "";
  SQLINTEGER n = 0;
  SQLGetConnectAttr(connection, SQL_ATTR_CURRENT_CATALOG, database, sizeof database, &n);
  r.database = dialect == &stoa_dialect_mariadb ? stoa_arena_copy(arena, stoa_slice_of(database)) : NULL;
  STOA_TRY(begin(&r, &rows, err));
  row_reader reader = {&r, rows, SQLTables(rows, sql_text(r.database), SQL_NTS, NULL, 0, NULL, 0, NULL, 0)};
  while (next_row(&reader)) {
    const char *const schema = text_at(rows, 2, arena);
    const stoa_table_info table = {.name = text_at(rows, 3, arena), .row_id = dialect->row_id};
    if (is_own(schema, text_at(rows, 4, arena))) {
      STOA_PUSH(arena, &tables, table);
    }
  }
  STOA_TRY(finish(&reader, err));
  for (uint32_t i = 0; i < tables.n; ++i) {
    key_list keys = {0};
    STOA_TRY(read_columns(&r, &tables.items[i], err));
    STOA_TRY(read_primary(&r, &tables.items[i], &keys, err));
    STOA_TRY(read_unique(&r, &tables.items[i], &keys, err));
    STOA_TRY(read_foreign(&r, &tables.items[i], err));
    tables.items[i].keys = keys.items;
    tables.items[i].n_keys = keys.n;
  }
  STOA_TRY(read_rows(&r, &tables, err));
  for (uint32_t i = 0; i < tables.n; ++i) {
    stoa_table_settle(&tables.items[i]);
  }
  stoa_catalog *const catalog = STOA_NEW(arena, stoa_catalog);
  *catalog = (stoa_catalog){tables.items, tables.n};
  *out = catalog;
  return STOA_OK;
}

stoa_status stoa_odbc_query_columns(void *connection, const char *source, const stoa_dialect *dialect, const char *sql,
                                    stoa_arena *arena, const stoa_table_info **out, stoa_error *err)
{
  const reader r = {.db = connection, .source = source, .dialect = dialect, .arena = arena};
  SQLHSTMT rows;
  SQLSMALLINT n_columns = 0;
  column_list columns = {0};
  STOA_TRY(begin(&r, &rows, err));
  if (!good(SQLPrepare(rows, sql_text(sql), SQL_NTS)) || !good(SQLNumResultCols(rows, &n_columns))) {
    const stoa_status status = stoa_odbc_failed(source, SQL_HANDLE_STMT, rows, err);
    SQLFreeHandle(SQL_HANDLE_STMT, rows);
    return status;
  }
  for (SQLSMALLINT i = 1; i <= n_columns; ++i) {
    SQLCHAR name[256] = "", type_name[256] = "";
    SQLSMALLINT n = 0, type = 0, scale = 0, nullable = 0;
    SQLULEN length = 0;
    SQLLEN ignored = 0;
    SQLDescribeCol(rows, (SQLUSMALLINT)i, name, sizeof name, &n, &type, &length, &scale, &nullable);
    SQLColAttribute(rows, (SQLUSMALLINT)i, SQL_DESC_TYPE_NAME, type_name, sizeof type_name, &n, &ignored);
    stoa_column_info column = {.name = stoa_arena_copy(arena, stoa_slice_of((char *)name)), .null_fraction = -1};
    set_type(&r, type, (char *)type_name, (long)length, scale, &column);
    STOA_PUSH(arena, &columns, column);
  }
  SQLFreeHandle(SQL_HANDLE_STMT, rows);
  stoa_table_info *const table = STOA_NEW(arena, stoa_table_info);
  *table = (stoa_table_info){.name = "the query", .columns = columns.items, .n_columns = columns.n};
  stoa_table_number(table);
  *out = table;
  return STOA_OK;
}
