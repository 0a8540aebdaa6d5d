// The state log in SQLite: write-ahead log with synchronous=FULL, one transaction for each append, so
// that what is acknowledged is on disk.
#include "features/state/erasure.h"
#include "features/state/owner.h"
#include "features/state/schema.h"
#include "features/state/state.h"
#include "features/state/tables.h"
#include "graph/base/assert.h"
#include "graph/base/buf.h"
#include "graph/term/xsd.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

typedef enum {
  SQL_BEGIN,
  SQL_COMMIT,
  SQL_ROLLBACK,
  SQL_LOG,
  SQL_DECISION,
  SQL_WAIT,
  SQL_REWARD,
  SQL_LABEL,
  SQL_WAITED,
  SQL_OPTIONS,
  SQL_ERASURE,
  SQL_WIPED,
  SQL_FIND_DECISION,
  SQL_FIND_REWARD,
  SQL_IS_CLOSED,
  SQL_FIND_SUBJECT,
  SQL_ADD_SUBJECT,
  SQL_DROP_SUBJECT,
  SQL_REPLAY,
  SQL_DUE,
  SQL_ALL_OPTIONS,
  SQL_PUT_MODEL,
  SQL_GET_MODEL,
  N_STATEMENTS
} statement_name;

// A conflict is named by its column: what is there already by that name is no fault, any other clash is one.
static const char *const statement_texts[N_STATEMENTS] = {
  [SQL_BEGIN] = "BEGIN IMMEDIATE",
  [SQL_COMMIT] = "COMMIT",
  [SQL_ROLLBACK] = "ROLLBACK",
  [SQL_LOG] = "INSERT INTO log(\"offset\", kind, at) VALUES (?, ?, ?)",
  [SQL_DECISION] = "INSERT INTO decision(\"offset\", event_id, policy, subject, at, action, probability, seed, "
                   "model_offset, example, answer, closes_at, chosen, rails) "
                   "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(event_id) DO NOTHING",
  [SQL_WAIT] = "INSERT INTO waiting(policy, closes_at, \"offset\") VALUES (?, ?, ?)",
  [SQL_REWARD] = "INSERT INTO reward(\"offset\", reward_id, event_id, value, at, late) VALUES (?, ?, ?, ?, ?, ?) ON "
                 "CONFLICT(reward_id) DO NOTHING",
  [SQL_LABEL] = "INSERT INTO label(\"offset\", event_id, policy, value, at) VALUES (?, ?, ?, ?, ?) ON "
                "CONFLICT(event_id) DO NOTHING",
  [SQL_WAITED] = "DELETE FROM waiting WHERE (policy, closes_at, \"offset\") IN (SELECT policy, closes_at, \"offset\" "
                 "FROM decision WHERE event_id = ?)",
  [SQL_OPTIONS] = "INSERT INTO options(\"offset\", policy, bits, rate, at) VALUES (?, ?, ?, ?, ?)",
  [SQL_ERASURE] = "INSERT INTO erasure(\"offset\", entity, key_hash, at, events, decisions, rewards) "
                  "VALUES (?, ?, ?, ?, ?, ?, ?)",
  [SQL_WIPED] = "UPDATE erasure SET wiped = 1 WHERE NOT wiped",
  [SQL_FIND_DECISION] = "SELECT policy, action, probability, seed, model_offset, example, answer, closes_at, chosen, "
                        "\"offset\" FROM decision WHERE event_id = ?",
  [SQL_FIND_REWARD] = "SELECT event_id, value, late, \"offset\" FROM reward WHERE reward_id = ?",
  [SQL_IS_CLOSED] = "SELECT 1 FROM label WHERE event_id = ?",
  [SQL_FIND_SUBJECT] = "SELECT id FROM subject WHERE entity = ? AND key = ?",
  [SQL_ADD_SUBJECT] = "INSERT INTO subject(id, entity, key, entity_iri) VALUES (?, ?, ?, ?)",
  [SQL_DROP_SUBJECT] = "DELETE FROM subject WHERE id = ?",
  [SQL_REPLAY] = "SELECT l.\"offset\", l.value, d.example, d.chosen, d.probability, d.event_id FROM label l JOIN "
                 "decision d USING (event_id) "
                 "WHERE l.policy = ? AND l.\"offset\" > ? AND l.\"offset\" < ? ORDER BY l.\"offset\"",
  [SQL_DUE] =
    "SELECT d.event_id, (SELECT count(*) FROM reward r WHERE r.event_id = d.event_id AND NOT r.late), "
    "(SELECT value FROM reward r WHERE r.event_id = d.event_id AND NOT r.late ORDER BY \"offset\" LIMIT 1), "
    "(SELECT sum(value) FROM reward r WHERE r.event_id = d.event_id AND NOT r.late) "
    "FROM waiting w CROSS JOIN decision d ON d.\"offset\" = w.\"offset\" WHERE w.policy = ? AND w.closes_at <= ? "
    "ORDER BY w.closes_at, w.\"offset\" LIMIT ?",
  [SQL_ALL_OPTIONS] = "SELECT \"offset\", bits, rate FROM options WHERE policy = ? ORDER BY \"offset\"",
  [SQL_PUT_MODEL] = "INSERT OR REPLACE INTO model(policy, \"offset\", bytes) VALUES (?, ?, ?)",
  [SQL_GET_MODEL] = "SELECT \"offset\", bytes FROM model WHERE policy = ?",
};

struct stoa_state {
  sqlite3 *db;
  sqlite3_stmt *statements[N_STATEMENTS];
  STOA_LIST(sqlite3_stmt *) inserts; ///< one for each event type, in their order
  const stoa_event_types *types;
  stoa_arena arena;
  stoa_owner *owner; ///< NULL: in memory
  int64_t offset;
  bool is_unwiped; ///< an erasure may have left bytes in the file
};

static stoa_status failed(stoa_state *s, stoa_error *err)
{
  if (sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_PRIMARYKEY) {
    return stoa_error_set(err, STOA_INTERNAL,
                          "the state has records that this process did not write; end all but one of its owners, and "
                          "start again");
  }
  return stoa_error_set(err, STOA_IO, "the state %s fails: %s", sqlite3_db_filename(s->db, "main"),
                        sqlite3_errmsg(s->db));
}

static stoa_status prepare_all(stoa_state *s, stoa_error *err)
{
  for (int i = 0; i < N_STATEMENTS; ++i) {
    if (sqlite3_prepare_v3(s->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->statements[i], NULL) !=
        SQLITE_OK) {
      return failed(s, err);
    }
  }
  for (uint32_t i = 0; i < s->types->n; ++i) {
    sqlite3_stmt *insert;
    STOA_TRY(stoa_tables_insert(s->db, &s->types->items[i], &insert, err));
    STOA_PUSH(&s->arena, &s->inserts, insert);
  }
  return STOA_OK;
}

static stoa_status read_offset(stoa_state *s, stoa_error *err)
{
  static const char text[] = "SELECT (SELECT COALESCE(MAX(\"offset\"), 0) FROM log), EXISTS (SELECT 1 FROM erasure "
                             "WHERE NOT wiped)";
  sqlite3_stmt *last = NULL;
  const bool good = sqlite3_prepare_v2(s->db, text, -1, &last, NULL) == SQLITE_OK && sqlite3_step(last) == SQLITE_ROW;
  s->offset = good ? sqlite3_column_int64(last, 0) : 0;
  s->is_unwiped = good && sqlite3_column_int(last, 1);
  const stoa_status status = good ? STOA_OK : failed(s, err);
  sqlite3_finalize(last);
  return status;
}

static stoa_status open_database(stoa_state *s, const char *file, stoa_error *err)
{
  if (file) {
    STOA_TRY(stoa_owner_take(file, &s->owner, err));
  }
  // One thread at a time (state.h), which needs no lock of SQLite's own.
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(file ? file : ":memory:", &s->db, flags, NULL) != SQLITE_OK) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot open the state %s: %s", file ? file : "in memory",
                          sqlite3_errmsg(s->db));
  }
  sqlite3_busy_timeout(s->db, 10000);
  STOA_TRY(stoa_schema_upgrade(s->db, file != NULL, err));
  STOA_TRY(stoa_tables_make(s->db, s->types, &s->arena, err));
  STOA_TRY(prepare_all(s, err));
  STOA_TRY(read_offset(s, err));
  if (s->owner) {
    stoa_owner_watch_log(s->owner); // which is there once the database was read
  }
  stoa_error later = {0};
  stoa_state_wipe(s, &later); // what the last owner could not; upkeep tries again
  return STOA_OK;
}

stoa_status stoa_state_open(const char *file, const stoa_event_types *types, stoa_state **out, stoa_error *err)
{
  stoa_state *const s = calloc(1, sizeof *s);
  if (!s) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the state");
  }
  stoa_arena_init(&s->arena, 0);
  s->types = types;
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
  stoa_owner_drop(s->owner);
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

// Subjects stand in the log as random ids; this table alone knows whose they are.  *added: it knows this one from now
// on.
static bool subject_id(stoa_state *s, const stoa_record *r, char out[SUBJECT_BYTES], bool *added)
{
  sqlite3_stmt *const st = s->statements[SQL_FIND_SUBJECT];
  bind_text(st, 1, stoa_slice_of(r->entity));
  bind_text(st, 2, r->subject_key);
  const int code = sqlite3_step(st);
  if (code == SQLITE_ROW) {
    snprintf(out, SUBJECT_BYTES, "%s", (const char *)sqlite3_column_text(st, 0));
  }
  sqlite3_reset(st);
  uint64_t random[2];
  if (code != SQLITE_DONE || getrandom(random, sizeof random, 0) != sizeof random) {
    return code == SQLITE_ROW;
  }
  snprintf(out, SUBJECT_BYTES, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
  sqlite3_stmt *const add = s->statements[SQL_ADD_SUBJECT];
  bind_text(add, 1, stoa_slice_of(out));
  bind_text(add, 2, stoa_slice_of(r->entity));
  bind_text(add, 3, r->subject_key);
  bind_text(add, 4, r->subject_iri);
  *added = true;
  return run(add);
}

static sqlite3_stmt *bind_erasure(stoa_state *s, const stoa_record *r)
{
  const stoa_erasure *const e = r->erasure;
  sqlite3_stmt *const st = s->statements[SQL_ERASURE];
  uint64_t n_events = 0;
  for (uint32_t i = 0; i < s->types->n; ++i) {
    n_events += e->n_events[i];
  }
  sqlite3_bind_int64(st, 1, r->offset);
  bind_text(st, 2, stoa_slice_of(e->who.entity));
  bind_text(st, 3, stoa_slice_of(e->hash));
  bind_time(st, 4, r->at_us);
  sqlite3_bind_int64(st, 5, (int64_t)n_events);
  sqlite3_bind_int64(st, 6, (int64_t)e->n_decisions);
  sqlite3_bind_int64(st, 7, (int64_t)e->n_rewards);
  return st;
}

static sqlite3_stmt *bind_record(stoa_state *s, const stoa_record *r, const char *subject)
{
  sqlite3_stmt *st;
  switch (r->kind) {
    case STOA_RECORD_EVENT:
      STOA_ASSERT(r->type >= s->types->items && r->type < s->types->items + s->types->n);
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
      bind_text(st, 14, r->rails);
      return st;
    case STOA_RECORD_REWARD:
      st = s->statements[SQL_REWARD];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, r->id);
      bind_text(st, 3, r->event_id);
      sqlite3_bind_double(st, 4, r->value);
      bind_time(st, 5, r->at_us);
      sqlite3_bind_int(st, 6, r->is_late);
      return st;
    case STOA_RECORD_LABEL:
      st = s->statements[SQL_LABEL];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, r->event_id);
      bind_text(st, 3, stoa_slice_of(r->policy));
      sqlite3_bind_double(st, 4, r->value);
      sqlite3_bind_int64(st, 5, r->at_us);
      return st;
    case STOA_RECORD_OPTIONS:
      st = s->statements[SQL_OPTIONS];
      sqlite3_bind_int64(st, 1, r->offset);
      bind_text(st, 2, stoa_slice_of(r->policy));
      sqlite3_bind_int64(st, 3, r->bits);
      sqlite3_bind_double(st, 4, r->rate);
      bind_time(st, 5, r->at_us);
      return st;
    case STOA_RECORD_ERASURE:
      return bind_erasure(s, r);
    case STOA_RECORD_ERASED:
      break;
  }
  return NULL;
}

// What is open stands in a table of its own.
static bool note_waiting(stoa_state *s, const stoa_record *r)
{
  if (r->kind == STOA_RECORD_DECISION && r->closes_at_us) {
    sqlite3_stmt *const wait = s->statements[SQL_WAIT];
    bind_text(wait, 1, stoa_slice_of(r->policy));
    sqlite3_bind_int64(wait, 2, r->closes_at_us);
    sqlite3_bind_int64(wait, 3, r->offset);
    return run(wait);
  }
  if (r->kind == STOA_RECORD_LABEL) {
    sqlite3_stmt *const waited = s->statements[SQL_WAITED];
    bind_text(waited, 1, r->event_id);
    return run(waited);
  }
  return true;
}

// A decision that was made before is no reason to know whose it was: that may have been erased.
static bool drop_subject(stoa_state *s, const char *id)
{
  sqlite3_stmt *const drop = s->statements[SQL_DROP_SUBJECT];
  bind_text(drop, 1, stoa_slice_of(id));
  return run(drop);
}

static bool append_one(stoa_state *s, stoa_record *r, int64_t *offset)
{
  r->offset = *offset + 1;
  char subject[SUBJECT_BYTES] = "";
  bool is_new = false;
  if (r->kind == STOA_RECORD_DECISION && r->entity && !subject_id(s, r, subject, &is_new)) {
    return false;
  }
  if (r->kind == STOA_RECORD_ERASURE && !stoa_erasure_rows(s->db, s->types, r->erasure)) {
    return false;
  }
  sqlite3_stmt *const st = bind_record(s, r, subject);
  if (!run(st)) {
    return false;
  }
  r->is_duplicate = sqlite3_changes(s->db) == 0;
  if (r->is_duplicate) {
    r->offset = 0;
    return !is_new || drop_subject(s, subject);
  }
  sqlite3_stmt *const log = s->statements[SQL_LOG];
  sqlite3_bind_int64(log, 1, r->offset);
  sqlite3_bind_int64(log, 2, r->kind);
  sqlite3_bind_int64(log, 3, r->at_us);
  *offset = r->offset;
  return run(log) && note_waiting(s, r);
}

stoa_status stoa_state_check(const stoa_state *s, stoa_error *err)
{
  return stoa_owner_check(s->owner, err);
}

stoa_status stoa_state_wipe(stoa_state *s, stoa_error *err)
{
  if (!s->is_unwiped) {
    return STOA_OK;
  }
  if (s->owner) {
    STOA_TRY(stoa_state_check(s, err));
    STOA_TRY(stoa_erasure_wipe(s->db, err));
  }
  if (!run(s->statements[SQL_WIPED])) {
    return failed(s, err);
  }
  s->is_unwiped = false;
  return STOA_OK;
}

// The erasures are in the log whatever becomes of this.
static void wipe_after(stoa_state *s, stoa_record *records, size_t n)
{
  stoa_error later = {0};
  bool erases = false;
  for (size_t i = 0; i < n; ++i) {
    erases |= records[i].kind == STOA_RECORD_ERASURE;
  }
  if (!erases) {
    return;
  }
  s->is_unwiped = true;
  const bool is_wiped = stoa_state_wipe(s, &later) == STOA_OK;
  for (size_t i = 0; i < n; ++i) {
    if (records[i].kind == STOA_RECORD_ERASURE) {
      records[i].erasure->is_wiped = is_wiped;
      records[i].erasure->offset = records[i].offset;
      records[i].erasure->at_us = records[i].at_us;
    }
  }
}

// The file is looked at after the commit, so that nothing is acknowledged which went to a file without a name; and
// before it, so that nothing goes there which could be seen to be lost.
stoa_status stoa_state_append(stoa_state *s, stoa_record *records, size_t n, stoa_error *err)
{
  STOA_ASSERT(sqlite3_get_autocommit(s->db)); // one append at a time
  STOA_TRY(stoa_state_check(s, err));
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
  wipe_after(s, records, n);
  return stoa_state_check(s, err);
}

static stoa_slice column_bytes(sqlite3_stmt *st, int column, stoa_arena *arena)
{
  const char *const bytes = sqlite3_column_blob(st, column);
  return stoa_arena_slice(arena, (stoa_slice){bytes, (size_t)sqlite3_column_bytes(st, column)});
}

// One row, or none, or a failure.
static stoa_status found(stoa_state *s, sqlite3_stmt *st, stoa_error *err)
{
  const int code = sqlite3_step(st);
  return code == SQLITE_ROW ? STOA_OK : code == SQLITE_DONE ? STOA_NOT_FOUND : failed(s, err);
}

stoa_status stoa_state_decision(stoa_state *s, stoa_slice event_id, stoa_arena *arena, stoa_record *out,
                                stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_FIND_DECISION];
  bind_text(st, 1, event_id);
  const stoa_status status = found(s, st, err);
  if (status == STOA_OK) {
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
  return status;
}

stoa_status stoa_state_reward(stoa_state *s, stoa_slice reward_id, stoa_arena *arena, stoa_record *out, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_FIND_REWARD];
  bind_text(st, 1, reward_id);
  const stoa_status status = found(s, st, err);
  if (status == STOA_OK) {
    *out = (stoa_record){.kind = STOA_RECORD_REWARD,
                         .id = reward_id,
                         .event_id = column_bytes(st, 0, arena),
                         .value = sqlite3_column_double(st, 1),
                         .is_late = sqlite3_column_int(st, 2),
                         .offset = sqlite3_column_int64(st, 3)};
  }
  sqlite3_reset(st);
  return status;
}

stoa_status stoa_state_is_closed(stoa_state *s, stoa_slice event_id, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_IS_CLOSED];
  bind_text(st, 1, event_id);
  const stoa_status status = found(s, st, err);
  sqlite3_reset(st);
  return status;
}

stoa_status stoa_state_replay(stoa_state *s, const char *policy, int64_t after, int64_t before,
                              void (*apply)(const stoa_record *decision, const stoa_record *label, void *data),
                              void *data, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_REPLAY];
  stoa_arena arena;
  int code;
  stoa_arena_init(&arena, 0);
  bind_text(st, 1, stoa_slice_of(policy));
  sqlite3_bind_int64(st, 2, after);
  sqlite3_bind_int64(st, 3, before);
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
  const stoa_status status = code == SQLITE_DONE ? STOA_OK : failed(s, err);
  sqlite3_reset(st);
  stoa_arena_done(&arena);
  return status;
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
  const stoa_status status = code == SQLITE_DONE ? STOA_OK : failed(s, err);
  sqlite3_reset(st);
  return status;
}

stoa_status stoa_state_options(stoa_state *s, const char *policy, stoa_arena *arena, stoa_records *out, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_ALL_OPTIONS];
  int code;
  bind_text(st, 1, stoa_slice_of(policy));
  while ((code = sqlite3_step(st)) == SQLITE_ROW) {
    const stoa_record options = {.kind = STOA_RECORD_OPTIONS,
                                 .policy = policy,
                                 .offset = sqlite3_column_int64(st, 0),
                                 .bits = (uint32_t)sqlite3_column_int64(st, 1),
                                 .rate = sqlite3_column_double(st, 2)};
    STOA_PUSH(arena, out, options);
  }
  const stoa_status status = code == SQLITE_DONE ? STOA_OK : failed(s, err);
  sqlite3_reset(st);
  return status;
}

stoa_status stoa_state_put_model(stoa_state *s, const char *policy, int64_t offset, stoa_slice bytes, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_PUT_MODEL];
  bind_text(st, 1, stoa_slice_of(policy));
  sqlite3_bind_int64(st, 2, offset);
  sqlite3_bind_blob64(st, 3, bytes.data, bytes.length, SQLITE_STATIC);
  return run(st) ? STOA_OK : failed(s, err);
}

stoa_status stoa_state_get_model(stoa_state *s, const char *policy, stoa_arena *arena, int64_t *offset,
                                 stoa_slice *bytes, stoa_error *err)
{
  sqlite3_stmt *const st = s->statements[SQL_GET_MODEL];
  bind_text(st, 1, stoa_slice_of(policy));
  const stoa_status status = found(s, st, err);
  if (status == STOA_OK) {
    *offset = sqlite3_column_int64(st, 0);
    *bytes = column_bytes(st, 1, arena);
  }
  sqlite3_reset(st);
  return status;
}

int64_t stoa_state_offset(const stoa_state *state)
{
  return state->offset;
}
