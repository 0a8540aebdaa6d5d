#include "features/state/tables.h"
#include "features/state/schema.h"
#include "graph/base/buf.h"
#include <sqlite3.h>

// The type that a column was declared with; NULL when there is no such column.
static const char *column_type(sqlite3 *db, const char *table, const char *column)
{
  const char *type = NULL;
  const int code = sqlite3_table_column_metadata(db, NULL, table, column, &type, NULL, NULL, NULL, NULL);
  return code == SQLITE_OK ? (type ? type : "") : NULL;
}

static bool has_column(sqlite3 *db, const char *table, const char *column)
{
  return column_type(db, table, column) != NULL;
}

// How stoa.yaml says a type of SQL.
static const char *word_of(const char *sql, stoa_arena *arena)
{
  static const char *const words[][2] = {{"TEXT", "string"},     {"INTEGER", "integer"},    {"REAL", "double"},
                                         {"BOOLEAN", "boolean"}, {"TIMESTAMP", "dateTime"}, {"DATE", "date"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i) {
    if (strcmp(words[i][0], sql) == 0) {
      return words[i][1];
    }
  }
  return strncmp(sql, "DECIMAL", 7) == 0 ? stoa_arena_print(arena, "decimal%s", sql + 7) : sql;
}

// A field that has changed its type: what is stored and what comes would not be told apart.
static stoa_status check_declared(sqlite3 *db, const stoa_event_type *type, stoa_arena *arena, stoa_error *err)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    const char *const stored = column_type(db, type->table, type->fields[i]);
    if (stored && strcmp(stored, type->types[i]) != 0) {
      const char *const word = word_of(stored, arena);
      return stoa_error_at(err, STOA_BAD_MAPPING, type->places[i],
                           "field \"%s\" of event type \"%s\" is of type %s here and of type %s in the state; declare "
                           "it as %s again, or the new one by another name",
                           type->fields[i], type->name, type->words[i], word, word);
    }
  }
  return STOA_OK;
}

static bool is_declared(const stoa_event_type *type, const char *column)
{
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (sqlite3_stricmp(type->fields[i], column) == 0) {
      return true;
    }
  }
  return sqlite3_stricmp(column, "log_offset") == 0;
}

// A field that is no longer declared: its values would vanish from the graph.  And an id that is another field now.
static stoa_status check_stored(sqlite3 *db, const stoa_event_type *type, stoa_arena *arena, stoa_error *err)
{
  sqlite3_stmt *columns = NULL;
  stoa_status status = STOA_OK;
  if (sqlite3_prepare_v2(db,
                         "SELECT c.name, c.type, EXISTS (SELECT 1 FROM pragma_index_list(?1) l, "
                         "pragma_index_info(l.name) i WHERE l.origin = 'u' AND i.name = c.name) "
                         "FROM pragma_table_info(?1) c",
                         -1, &columns, NULL) != SQLITE_OK) {
    return stoa_error_set(err, STOA_IO, "the state %s fails: %s", sqlite3_db_filename(db, "main"), sqlite3_errmsg(db));
  }
  sqlite3_bind_text(columns, 1, type->table, -1, SQLITE_STATIC);
  while (status == STOA_OK && sqlite3_step(columns) == SQLITE_ROW) {
    const char *const name = (const char *)sqlite3_column_text(columns, 0);
    const char *const sql = (const char *)sqlite3_column_text(columns, 1);
    const bool was_id = sqlite3_column_int(columns, 2);
    if (!is_declared(type, name)) {
      status = stoa_error_at(err, STOA_BAD_MAPPING, type->place,
                             "event type \"%s\" has lost the field \"%s\", which the state has; declare it again as %s "
                             "(events may leave it out), or the type by another name",
                             type->name, name, word_of(sql, arena));
    } else if (was_id && sqlite3_stricmp(name, type->id) != 0) {
      status =
        stoa_error_at(err, STOA_BAD_MAPPING, type->place,
                      "the id of event type \"%s\" is \"%s\" here and \"%s\" in the state; make it \"%s\" again, "
                      "or declare the type by another name",
                      type->name, type->id, name, name);
    }
  }
  sqlite3_finalize(columns);
  return status;
}

static stoa_status check_events(sqlite3 *db, const stoa_event_types *types, stoa_arena *arena, stoa_error *err)
{
  for (uint32_t i = 0; i < types->n; ++i) {
    STOA_TRY(check_declared(db, &types->items[i], arena, err));
    STOA_TRY(check_stored(db, &types->items[i], arena, err));
  }
  return STOA_OK;
}

static bool run_for(sqlite3 *db, const char *format, const char *table, const char *field, const char *type)
{
  char *const sql = sqlite3_mprintf(format, table, field, type);
  const bool good = sql && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_free(sql);
  return good;
}

// A field that is declared later becomes a column, in which older events have nothing.
static bool make_table(sqlite3 *db, const stoa_event_type *type)
{
  const char *id_type = "TEXT";
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    id_type = strcmp(type->fields[i], type->id) == 0 ? type->types[i] : id_type;
  }
  bool good =
    run_for(db, "CREATE TABLE IF NOT EXISTS \"%w\"(\"log_offset\" INTEGER NOT NULL, \"%w\" %s NOT NULL UNIQUE)",
            type->table, type->id, id_type);
  for (uint32_t i = 0; i < type->n_fields && good; ++i) {
    if (strcmp(type->fields[i], type->id) != 0 && !has_column(db, type->table, type->fields[i])) {
      good = run_for(db, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", type->table, type->fields[i], type->types[i]);
    }
    if (good && type->iris[i]) { // window views and look-ups read events by their references
      char *const index = sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"%w_%w\" ON \"%w\"(\"%w\")", type->table,
                                          type->fields[i], type->table, type->fields[i]);
      good = sqlite3_exec(db, index, NULL, NULL, NULL) == SQLITE_OK;
      sqlite3_free(index);
    }
  }
  return good && has_column(db, type->table, type->id);
}

stoa_status stoa_tables_make(sqlite3 *db, const stoa_event_types *types, stoa_arena *arena, stoa_error *err)
{
  STOA_TRY(check_events(db, types, arena, err));
  for (uint32_t t = 0; t < types->n; ++t) {
    if (!make_table(db, &types->items[t])) {
      return stoa_error_at(err, STOA_BAD_MAPPING, types->items[t].place,
                           "event type \"%s\" does not fit its table in the state database: %s", types->items[t].name,
                           sqlite3_errmsg(db));
    }
  }
  return STOA_OK;
}

// By names: the order of the declaration may change.  Of one id the first event counts.
stoa_status stoa_tables_insert(sqlite3 *db, const stoa_event_type *type, sqlite3_stmt **out, stoa_error *err)
{
  stoa_buf insert = {0};
  stoa_buf_print(&insert, "INSERT INTO \"%s\"(\"log_offset\"", type->table);
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    stoa_buf_print(&insert, ", \"%s\"", type->fields[i]);
  }
  stoa_buf_text(&insert, ") VALUES (?");
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    stoa_buf_text(&insert, ", ?");
  }
  stoa_buf_print(&insert, ") ON CONFLICT(\"%s\") DO NOTHING", type->id);
  const int code = sqlite3_prepare_v3(db, stoa_buf_string(&insert), -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
  stoa_buf_done(&insert);
  return code == SQLITE_OK ? STOA_OK
                           : stoa_error_at(err, STOA_BAD_MAPPING, type->place,
                                           "event type \"%s\" does not fit its table in the state database: %s",
                                           type->name, sqlite3_errmsg(db));
}

// What of the event types has its table and columns.
static bool take_present(sqlite3 *db, const stoa_event_type *type, stoa_event_type *out)
{
  bool all = true;
  *out = *type;
  out->n_fields = 0;
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    if (!has_column(db, type->table, type->fields[i])) {
      all = false;
      continue;
    }
    const uint32_t k = out->n_fields++;
    out->fields[k] = type->fields[i];
    out->properties[k] = type->properties[i];
    out->places[k] = type->places[i];
    out->words[k] = type->words[i];
    out->types[k] = type->types[i];
    out->iris[k] = type->iris[i];
    out->datatypes[k] = type->datatypes[i];
  }
  return all;
}

stoa_status stoa_state_present(const char *file, const stoa_event_types *types, stoa_arena *arena,
                               stoa_event_types *out, bool *all, stoa_error *err)
{
  sqlite3 *db;
  *out = (stoa_event_types){0};
  *all = sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
  sqlite3_busy_timeout(db, 10000);
  stoa_status status =
    *all ? stoa_schema_check(db, err)
         : stoa_error_set(err, STOA_UNAVAILABLE, "cannot open the state %s: %s", file, sqlite3_errmsg(db));
  status = status == STOA_OK ? check_events(db, types, arena, err) : status;
  for (uint32_t i = 0; status == STOA_OK && i < types->n; ++i) {
    stoa_event_type present;
    *all &= take_present(db, &types->items[i], &present);
    if (has_column(db, present.table, present.id)) {
      STOA_PUSH(arena, out, present);
    }
  }
  sqlite3_close(db);
  return status;
}
