// The state log in SQLite: write-ahead log with synchronous=FULL, one transaction for each append, so
// that what is acknowledged is on disk; one owner by flock on FILE.lock.
#include "features/state/state.h"
#include "graph/base/buf.h"
#include "graph/term/xsd.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

typedef enum {
  SQL_BEGIN,
  SQL_COMMIT,
  SQL_ROLLBACK,
  SQL_LOG,
  SQL_DECISION,
  SQL_REWARD,
  SQL_LABEL,
  SQL_FIND_DECISION,
  SQL_IS_CLOSED,
  SQL_FIND_SUBJECT,
  SQL_ADD_SUBJECT,
  SQL_REPLAY,
  SQL_DUE,
  SQL_PUT_MODEL,
  SQL_GET_MODEL,
  N_STATEMENTS
} statement_name;

static const char *const statement_texts[N_STATEMENTS] = {
  [SQL_BEGIN] = "BEGIN IMMEDIATE",
  [SQL_COMMIT] = "COMMIT",
  [SQL_ROLLBACK] = "ROLLBACK",
  [SQL_LOG] = "INSERT INTO log(\"offset\", kind, at) VALUES (?, ?, ?)",
  [SQL_DECISION] = "INSERT INTO decision(\"offset\", event_id, policy, subject, at, action, probability, seed, "
                   "model_offset, example, answer, closes_at, chosen) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  [SQL_REWARD] =
    "INSERT INTO reward(\"offset\", reward_id, event_id, value, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  [SQL_LABEL] =
    "INSERT INTO label(\"offset\", event_id, policy, value, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  [SQL_FIND_DECISION] = "SELECT policy, action, probability, seed, model_offset, example, answer, closes_at, chosen, "
                        "\"offset\" FROM decision WHERE event_id = ?",
  [SQL_IS_CLOSED] = "SELECT 1 FROM label WHERE event_id = ?",
  [SQL_FIND_SUBJECT] = "SELECT id FROM subject WHERE entity = ? AND key = ?",
  [SQL_ADD_SUBJECT] = "INSERT INTO subject(id, entity, key, entity_iri) VALUES (?, ?, ?, ?)",
  [SQL_REPLAY] = "SELECT l.\"offset\", l.value, d.example, d.chosen, d.probability, d.event_id FROM label l JOIN "
                 "decision d USING (event_id) "
                 "WHERE l.policy = ? AND l.\"offset\" > ? ORDER BY l.\"offset\"",
  [SQL_DUE] =
    "SELECT d.event_id, (SELECT count(*) FROM reward r WHERE r.event_id = d.event_id), "
    "(SELECT value FROM reward r WHERE r.event_id = d.event_id ORDER BY \"offset\" LIMIT 1), "
    "(SELECT sum(value) FROM reward r WHERE r.event_id = d.event_id) "
    "FROM decision d WHERE d.policy = ? AND d.closes_at > 0 AND d.closes_at <= ? "
    "AND NOT EXISTS (SELECT 1 FROM label l WHERE l.event_id = d.event_id) ORDER BY d.closes_at, d.\"offset\" LIMIT ?",
  [SQL_PUT_MODEL] = "INSERT OR REPLACE INTO model(policy, \"offset\", bytes) VALUES (?, ?, ?)",
  [SQL_GET_MODEL] = "SELECT \"offset\", bytes FROM model WHERE policy = ?",
};

static const char schema[] =
  "CREATE TABLE IF NOT EXISTS log(\"offset\" INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL);"
  "CREATE TABLE IF NOT EXISTS subject(id TEXT PRIMARY KEY NOT NULL, entity TEXT NOT NULL, key TEXT NOT NULL, "
  "entity_iri TEXT, UNIQUE(entity, key));"
  "CREATE TABLE IF NOT EXISTS decision(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
  "NULL, subject TEXT,"
  " at TIMESTAMP NOT NULL, action TEXT, probability REAL, seed INTEGER, model_offset INTEGER, example BLOB, answer "
  "TEXT, closes_at INTEGER, chosen INTEGER);"
  "CREATE INDEX IF NOT EXISTS decision_due ON decision(policy, closes_at) WHERE closes_at > 0;"
  "CREATE INDEX IF NOT EXISTS decision_subject ON decision(subject);"
  "CREATE TABLE IF NOT EXISTS reward(\"offset\" INTEGER PRIMARY KEY, reward_id TEXT UNIQUE, event_id TEXT NOT NULL, "
  "value REAL NOT NULL, at TIMESTAMP NOT NULL);"
  "CREATE INDEX IF NOT EXISTS reward_event ON reward(event_id);"
  "CREATE TABLE IF NOT EXISTS label(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
  "NULL, value REAL NOT NULL, at INTEGER NOT NULL);"
  "CREATE INDEX IF NOT EXISTS label_policy ON label(policy, \"offset\");"
  "CREATE TABLE IF NOT EXISTS model(policy TEXT PRIMARY KEY, \"offset\" INTEGER NOT NULL, bytes BLOB NOT NULL);";

struct stoa_state {
  sqlite3 *db;
  sqlite3_stmt *statements[N_STATEMENTS];
  STOA_LIST(sqlite3_stmt *) inserts; ///< one for each event type, in their order
  const stoa_event_types *types;
  stoa_arena arena;
  int lock;
  int64_t offset;
};

static stoa_status failed(stoa_state *s, stoa_error *err)
{
  return stoa_error_set(err, STOA_IO, "the state database fails: %s", sqlite3_errmsg(s->db));
}

static stoa_status take_lock(stoa_state *s, const char *file, stoa_error *err)
{
  const char *const path = stoa_arena_print(&s->arena, "%s.lock", file);
  s->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (s->lock < 0) {
    return stoa_error_set(err, STOA_IO, "cannot open %s: %s", path, strerror(errno));
  }
  if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
    return stoa_error_set(err, STOA_CONFLICT, "the state %s belongs to a running process", file);
  }
  return STOA_OK;
}

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
      return stoa_error_at(err, STOA_CONFLICT, type->places[i],
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
    return stoa_error_set(err, STOA_IO, "the state database fails: %s", sqlite3_errmsg(db));
  }
  sqlite3_bind_text(columns, 1, type->table, -1, SQLITE_STATIC);
  while (status == STOA_OK && sqlite3_step(columns) == SQLITE_ROW) {
    const char *const name = (const char *)sqlite3_column_text(columns, 0);
    const char *const sql = (const char *)sqlite3_column_text(columns, 1);
    const bool was_id = sqlite3_column_int(columns, 2);
    if (!is_declared(type, name)) {
      status = stoa_error_at(err, STOA_CONFLICT, type->place,
                             "event type \"%s\" has lost the field \"%s\", which the state has; declare it again as %s "
                             "(events may leave it out), or the type by another name",
                             type->name, name, word_of(sql, arena));
    } else if (was_id && sqlite3_stricmp(name, type->id) != 0) {
      status =
        stoa_error_at(err, STOA_CONFLICT, type->place,
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

static bool run_for(stoa_state *s, const char *format, const char *table, const char *field, const char *type)
{
  char *const sql = sqlite3_mprintf(format, table, field, type);
  const bool good = sql && sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK;
  sqlite3_free(sql);
  return good;
}

// A field that is declared later becomes a column, in which older events have nothing.
static bool make_table(stoa_state *s, const stoa_event_type *type)
{
  const char *id_type = "TEXT";
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    id_type = strcmp(type->fields[i], type->id) == 0 ? type->types[i] : id_type;
  }
  bool good =
    run_for(s, "CREATE TABLE IF NOT EXISTS \"%w\"(\"log_offset\" INTEGER NOT NULL, \"%w\" %s NOT NULL UNIQUE)",
            type->table, type->id, id_type);
  for (uint32_t i = 0; i < type->n_fields && good; ++i) {
    if (strcmp(type->fields[i], type->id) != 0 && !has_column(s->db, type->table, type->fields[i])) {
      good = run_for(s, "ALTER TABLE \"%w\" ADD COLUMN \"%w\" %s", type->table, type->fields[i], type->types[i]);
    }
    if (good && type->iris[i]) { // window views and look-ups read events by their references
      char *const index = sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"%w_%w\" ON \"%w\"(\"%w\")", type->table,
                                          type->fields[i], type->table, type->fields[i]);
      good = sqlite3_exec(s->db, index, NULL, NULL, NULL) == SQLITE_OK;
      sqlite3_free(index);
    }
  }
  return good && has_column(s->db, type->table, type->id);
}

// By names: the order of the declaration may change.
static bool prepare_insert(stoa_state *s, const stoa_event_type *type)
{
  stoa_buf insert = {0};
  sqlite3_stmt *statement = NULL;
  stoa_buf_print(&insert, "INSERT INTO \"%s\"(\"log_offset\"", type->table);
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    stoa_buf_print(&insert, ", \"%s\"", type->fields[i]);
  }
  stoa_buf_text(&insert, ") VALUES (?");
  for (uint32_t i = 0; i < type->n_fields; ++i) {
    stoa_buf_text(&insert, ", ?");
  }
  stoa_buf_text(&insert, ") ON CONFLICT DO NOTHING");
  const bool good = sqlite3_prepare_v2(s->db, stoa_buf_string(&insert), -1, &statement, NULL) == SQLITE_OK;
  stoa_buf_done(&insert);
  if (good) {
    STOA_PUSH(&s->arena, &s->inserts, statement);
  }
  return good;
}

static stoa_status create_events(stoa_state *s, stoa_error *err)
{
  STOA_TRY(check_events(s->db, s->types, &s->arena, err));
  for (uint32_t t = 0; t < s->types->n; ++t) {
    const stoa_event_type *const type = &s->types->items[t];
    if (!make_table(s, type) || !prepare_insert(s, type)) {
      return stoa_error_set(err, STOA_CONFLICT, "event type \"%s\" does not fit its table in the state database: %s",
                            type->name, sqlite3_errmsg(s->db));
    }
  }
  return STOA_OK;
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
    *all ? check_events(db, types, arena, err)
         : stoa_error_set(err, STOA_UNAVAILABLE, "cannot open the state %s: %s", file, sqlite3_errmsg(db));
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

static stoa_status prepare_all(stoa_state *s, stoa_error *err)
{
  for (int i = 0; i < N_STATEMENTS; ++i) {
    if (sqlite3_prepare_v3(s->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) !=
        SQLITE_OK) {
      return failed(s, err);
    }
  }
  sqlite3_stmt *last;
  sqlite3_prepare_v2(s->db, "SELECT COALESCE(MAX(\"offset\"), 0) FROM log", -1, &last, NULL);
  if (sqlite3_step(last) == SQLITE_ROW) {
    s->offset = sqlite3_column_int64(last, 0);
  }
  sqlite3_finalize(last);
  return STOA_OK;
}

static stoa_status open_database(stoa_state *s, const char *file, stoa_error *err)
{
  if (file) {
    STOA_TRY(take_lock(s, file, err));
  }
  if (sqlite3_open(file ? file : ":memory:", &s->db) != SQLITE_OK) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot open the state %s: %s", file ? file : "in memory",
                          sqlite3_errmsg(s->db));
  }
  sqlite3_busy_timeout(s->db, 10000);
  sqlite3_exec(s->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000", NULL, NULL,
               NULL);
  if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK) {
    return failed(s, err);
  }
  STOA_TRY(create_events(s, err));
  return prepare_all(s, err);
}

stoa_status stoa_state_open(const char *file, const stoa_event_types *types, stoa_state **out, stoa_error *err)
{
  stoa_state *const s = calloc(1, sizeof *s);
  if (!s) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the state");
  }
  stoa_arena_init(&s->arena, 0);
  s->types = types;
  s->lock = -1;
  const stoa_status status = open_database(s, file, err);
  if (status != STOA_OK) {
    stoa_state_close(s);
    return status;
  }
  *out = s;
  return STOA_OK;
}

void stoa_state_close(stoa_state *s)
{
  if (!s) {
    return;
  }
  for (int i = 0; i < N_STATEMENTS; ++i) {
    sqlite3_finalize(s->statements[i]);
  }
  for (uint32_t i = 0; i < s->inserts.n; ++i) {
    sqlite3_finalize(s->inserts.items[i]);
  }
  sqlite3_close(s->db);
  if (s->lock >= 0) {
    close(s->lock);
  }
  stoa_arena_done(&s->arena);
  free(s);
}

static void bind_text(sqlite3_stmt *st, int at, stoa_slice text)
{
  if (text.length) {
    sqlite3_bind_text64(st, at, text.data, text.length, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_null(st, at);
  }
}

static void bind_time(sqlite3_stmt *st, int at, int64_t us)
{
  stoa_buf text = {0};
  stoa_xsd_datetime_write((stoa_instant){us, true, 0}, &text);
  sqlite3_bind_text(st, at, stoa_buf_string(&text), (int)text.length, SQLITE_TRANSIENT);
  stoa_buf_done(&text);
}

static void bind_value(sqlite3_stmt *st, int at, const stoa_value *v)
{
  if (v->kind == STOA_VALUE_INTEGER) {
    sqlite3_bind_int64(st, at, v->as.integer);
  } else if (v->kind == STOA_VALUE_REAL) {
    sqlite3_bind_double(st, at, v->as.real);
  } else if (v->kind == STOA_VALUE_TEXT) {
    sqlite3_bind_text64(st, at, v->text.data ? v->text.data : "", v->text.length, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_null(st, at);
  }
}

static bool run(sqlite3_stmt *st)
{
  const int code = sqlite3_step(st);
  sqlite3_reset(st);
  return code == SQLITE_DONE;
}

enum { SUBJECT_BYTES = 33 };

// Subjects stand in the log as random ids; this table alone knows whose they are.
static bool subject_id(stoa_state *s, const stoa_record *r, char out[SUBJECT_BYTES])
{
  sqlite3_stmt *const st = s->statements[SQL_FIND_SUBJECT];
  bind_text(st, 1, stoa_slice_of(r->entity));
  bind_text(st, 2, r->subject_key);
  const bool found = sqlite3_step(st) == SQLITE_ROW;
  if (found) {
    snprintf(out, SUBJECT_BYTES, "%s", (const char *)sqlite3_column_text(st, 0));
  }
  sqlite3_reset(st);
  uint64_t random[2];
  if (found || getrandom(random, sizeof random, 0) != sizeof random) {
    return found;
  }
  snprintf(out, SUBJECT_BYTES, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
  sqlite3_stmt *const add = s->statements[SQL_ADD_SUBJECT];
  bind_text(add, 1, stoa_slice_of(out));
  bind_text(add, 2, stoa_slice_of(r->entity));
  bind_text(add, 3, r->subject_key);
  bind_text(add, 4, r->subject_iri);
  return run(add);
}

static sqlite3_stmt *bind_record(stoa_state *s, const stoa_record *r, const char *subject)
{
  sqlite3_stmt *st;
  switch (r->kind) {
    case STOA_RECORD_EVENT:
      st = s->inserts.items[r->type - s->types->items];
      sqlite3_bind_int64(st, 1, r->offset);
      for (uint32_t i = 0; i < r->type->n_fields; ++i) {
        bind_value(st, (int)i + 2, &r->values[i]);
      }
      return st;
    case STOA_RECORD_DECISION:
      st = s->statements[SQL_DECISION];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, r->event_id);
      bind_text(st, 3, stoa_slice_of(r->policy));
      bind_text(st, 4, stoa_slice_of(subject));
      bind_time(st, 5, r->at_us);
      bind_text(st, 6, stoa_slice_of(r->action));
      sqlite3_bind_double(st, 7, r->probability);
      sqlite3_bind_int64(st, 8, r->seed);
      sqlite3_bind_int64(st, 9, r->model_offset);
      sqlite3_bind_blob64(st, 10, r->example.data, r->example.length, SQLITE_STATIC);
      bind_text(st, 11, r->answer);
      sqlite3_bind_int64(st, 12, r->closes_at_us);
      sqlite3_bind_int64(st, 13, r->chosen);
      return st;
    case STOA_RECORD_REWARD:
      st = s->statements[SQL_REWARD];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, r->id);
      bind_text(st, 3, r->event_id);
      sqlite3_bind_double(st, 4, r->value);
      bind_time(st, 5, r->at_us);
      return st;
    case STOA_RECORD_LABEL:
      st = s->statements[SQL_LABEL];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, r->event_id);
      bind_text(st, 3, stoa_slice_of(r->policy));
      sqlite3_bind_double(st, 4, r->value);
      sqlite3_bind_int64(st, 5, r->at_us);
      return st;
  }
  return NULL;
}

static bool append_one(stoa_state *s, stoa_record *r, int64_t *offset)
{
  r->offset = *offset + 1;
  char subject[SUBJECT_BYTES] = "";
  if (r->kind == STOA_RECORD_DECISION && r->entity && !subject_id(s, r, subject)) {
    return false;
  }
  sqlite3_stmt *const st = bind_record(s, r, subject);
  if (!run(st)) {
    return false;
  }
  r->is_duplicate = sqlite3_changes(s->db) == 0;
  if (r->is_duplicate) {
    r->offset = 0;
    return true;
  }
  sqlite3_stmt *const log = s->statements[SQL_LOG];
  sqlite3_bind_int64(log, 1, r->offset);
  sqlite3_bind_int64(log, 2, r->kind);
  sqlite3_bind_int64(log, 3, r->at_us);
  *offset = r->offset;
  return run(log);
}

stoa_status stoa_state_append(stoa_state *s, stoa_record *records, size_t n, stoa_error *err)
{
  int64_t offset = s->offset;
  bool good = run(s->statements[SQL_BEGIN]);
  for (size_t i = 0; good && i < n; ++i) {
    good = append_one(s, &records[i], &offset);
  }
  good = good && run(s->statements[SQL_COMMIT]);
  if (!good) {
    const stoa_status status = failed(s, err);
    if (!sqlite3_get_autocommit(s->db)) {
      run(s->statements[SQL_ROLLBACK]);
    }
    return status;
  }
  s->offset = offset;
  return STOA_OK;
}

static stoa_slice column_bytes(sqlite3_stmt *st, int column, stoa_arena *arena)
{
  const char *const bytes = sqlite3_column_blob(st, column);
  return stoa_arena_slice(arena, (stoa_slice){bytes, (size_t)sqlite3_column_bytes(st, column)});
}

bool stoa_state_decision(stoa_state *s, stoa_slice event_id, stoa_arena *arena, stoa_record *out)
{
  sqlite3_stmt *const st = s->statements[SQL_FIND_DECISION];
  bind_text(st, 1, event_id);
  const bool found = sqlite3_step(st) == SQLITE_ROW;
  if (found) {
    *out = (stoa_record){.kind = STOA_RECORD_DECISION,
                         .event_id = event_id,
                         .policy = column_bytes(st, 0, arena).data,
                         .action = column_bytes(st, 1, arena).data,
                         .probability = sqlite3_column_double(st, 2),
                         .seed = sqlite3_column_int64(st, 3),
                         .model_offset = sqlite3_column_int64(st, 4),
                         .example = column_bytes(st, 5, arena),
                         .answer = column_bytes(st, 6, arena),
                         .closes_at_us = sqlite3_column_int64(st, 7),
                         .chosen = (uint32_t)sqlite3_column_int64(st, 8),
                         .offset = sqlite3_column_int64(st, 9)};
  }
  sqlite3_reset(st);
  return found;
}

bool stoa_state_is_closed(stoa_state *s, stoa_slice event_id)
{
  sqlite3_stmt *const st = s->statements[SQL_IS_CLOSED];
  bind_text(st, 1, event_id);
  const bool found = sqlite3_step(st) == SQLITE_ROW;
  sqlite3_reset(st);
  return found;
}

stoa_status stoa_state_replay(stoa_state *s, const char *policy, int64_t offset,
                              void (*apply)(const stoa_record *decision, const stoa_record *label, void *data),
                              void *data, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_REPLAY];
  stoa_arena arena;
  int code;
  stoa_arena_init(&arena, 0);
  bind_text(st, 1, stoa_slice_of(policy));
  sqlite3_bind_int64(st, 2, offset);
  while ((code = sqlite3_step(st)) == SQLITE_ROW) {
    stoa_arena_reset(&arena);
    const stoa_record label = {
      .kind = STOA_RECORD_LABEL, .offset = sqlite3_column_int64(st, 0), .value = sqlite3_column_double(st, 1)};
    const stoa_record decision = {.kind = STOA_RECORD_DECISION,
                                  .example = column_bytes(st, 2, &arena),
                                  .chosen = (uint32_t)sqlite3_column_int64(st, 3),
                                  .probability = sqlite3_column_double(st, 4),
                                  .event_id = column_bytes(st, 5, &arena)};
    apply(&decision, &label, data);
  }
  sqlite3_reset(st);
  stoa_arena_done(&arena);
  return code == SQLITE_DONE ? STOA_OK : failed(s, err);
}

stoa_status stoa_state_due(stoa_state *s, const char *policy, int64_t now_us, double fallback, bool sum, uint32_t limit,
                           stoa_arena *arena, stoa_records *out, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_DUE];
  int code;
  bind_text(st, 1, stoa_slice_of(policy));
  sqlite3_bind_int64(st, 2, now_us);
  sqlite3_bind_int64(st, 3, limit);
  while ((code = sqlite3_step(st)) == SQLITE_ROW) {
    stoa_record label = {.kind = STOA_RECORD_LABEL,
                         .at_us = now_us,
                         .event_id = column_bytes(st, 0, arena),
                         .policy = policy,
                         .value = fallback};
    if (sqlite3_column_int64(st, 1) > 0) {
      label.value = sqlite3_column_double(st, sum ? 3 : 2);
    }
    STOA_PUSH(arena, out, label);
  }
  sqlite3_reset(st);
  return code == SQLITE_DONE ? STOA_OK : failed(s, err);
}

stoa_status stoa_state_put_model(stoa_state *s, const char *policy, int64_t offset, stoa_slice bytes, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_PUT_MODEL];
  bind_text(st, 1, stoa_slice_of(policy));
  sqlite3_bind_int64(st, 2, offset);
  sqlite3_bind_blob64(st, 3, bytes.data, bytes.length, SQLITE_STATIC);
  return run(st) ? STOA_OK : failed(s, err);
}

bool stoa_state_get_model(stoa_state *s, const char *policy, stoa_arena *arena, int64_t *offset, stoa_slice *bytes)
{
  sqlite3_stmt *const st = s->statements[SQL_GET_MODEL];
  bind_text(st, 1, stoa_slice_of(policy));
  const bool found = sqlite3_step(st) == SQLITE_ROW;
  if (found) {
    *offset = sqlite3_column_int64(st, 0);
    *bytes = column_bytes(st, 1, arena);
  }
  sqlite3_reset(st);
  return found;
}

int64_t stoa_state_offset(const stoa_state *state)
{
  return state->offset;
}
