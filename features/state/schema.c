#include "features/state/schema.h"
#include <sqlite3.h>
#include <string.h>

// Each brings the database from the version of its place to the next one.
static const char *const steps[] = {
  // 0: nothing, or what was made before versions were counted
  "CREATE TABLE IF NOT EXISTS log(\"offset\" INTEGER PRIMARY KEY, kind INTEGER NOT NULL, at INTEGER NOT NULL);"
  "CREATE TABLE IF NOT EXISTS subject(id TEXT PRIMARY KEY NOT NULL, entity TEXT NOT NULL, key TEXT NOT NULL, "
  "entity_iri TEXT, UNIQUE(entity, key));"
  "CREATE TABLE IF NOT EXISTS decision(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
  "NULL, subject TEXT,"
  " at TIMESTAMP NOT NULL, action TEXT, probability REAL, seed INTEGER, model_offset INTEGER, example BLOB, answer "
  "TEXT, closes_at INTEGER, chosen INTEGER);"
  "CREATE INDEX IF NOT EXISTS decision_subject ON decision(subject);"
  "CREATE TABLE IF NOT EXISTS reward(\"offset\" INTEGER PRIMARY KEY, reward_id TEXT UNIQUE, event_id TEXT NOT NULL, "
  "value REAL NOT NULL, at TIMESTAMP NOT NULL);"
  "CREATE INDEX IF NOT EXISTS reward_event ON reward(event_id);"
  "CREATE TABLE IF NOT EXISTS label(\"offset\" INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, policy TEXT NOT "
  "NULL, value REAL NOT NULL, at INTEGER NOT NULL);"
  "CREATE INDEX IF NOT EXISTS label_policy ON label(policy, \"offset\");"
  "CREATE TABLE IF NOT EXISTS model(policy TEXT PRIMARY KEY, \"offset\" INTEGER NOT NULL, bytes BLOB NOT NULL);",
  // 1: what is open stands by itself, so that finding what is due does not depend on the history; late rewards are
  // marked; options of learners are in the log
  "DROP INDEX IF EXISTS decision_due;"
  "CREATE TABLE waiting(policy TEXT NOT NULL, closes_at INTEGER NOT NULL, \"offset\" INTEGER NOT NULL, "
  "PRIMARY KEY(policy, closes_at, \"offset\")) WITHOUT ROWID;"
  "INSERT INTO waiting SELECT policy, closes_at, \"offset\" FROM decision d WHERE closes_at > 0 "
  "AND NOT EXISTS (SELECT 1 FROM label l WHERE l.event_id = d.event_id);"
  "ALTER TABLE reward ADD COLUMN late INTEGER NOT NULL DEFAULT 0;"
  "CREATE TABLE options(\"offset\" INTEGER PRIMARY KEY, policy TEXT NOT NULL, bits INTEGER NOT NULL, rate REAL NOT "
  "NULL, at TIMESTAMP NOT NULL);"
  "CREATE INDEX options_policy ON options(policy, \"offset\");",
  // 2: entities can be erased
  "CREATE TABLE erasure(\"offset\" INTEGER PRIMARY KEY, entity TEXT NOT NULL, key_hash TEXT NOT NULL, at TIMESTAMP NOT "
  "NULL, events INTEGER NOT NULL, decisions INTEGER NOT NULL, rewards INTEGER NOT NULL, wiped INTEGER NOT NULL DEFAULT "
  "0);",
  // 3: which actions rails took away, and why
  "ALTER TABLE decision ADD COLUMN rails TEXT;"};

enum { NEWEST = sizeof steps / sizeof *steps };

static stoa_status failed(sqlite3 *db, stoa_error *err)
{
  return stoa_error_set(err, STOA_IO, "the state %s fails: %s", sqlite3_db_filename(db, "main"), sqlite3_errmsg(db));
}

// The first column of the first row; -1 when there is none.
static int pragma_number(sqlite3 *db, const char *sql)
{
  sqlite3_stmt *st = NULL;
  int number = -1;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
    number = sqlite3_column_int(st, 0);
  }
  sqlite3_finalize(st);
  return number;
}

stoa_status stoa_schema_check(sqlite3 *db, stoa_error *err)
{
  const int n = pragma_number(db, "SELECT count(*) FROM sqlite_master");
  const int is_state = pragma_number(db, "SELECT EXISTS (SELECT 1 FROM pragma_table_info('log') WHERE name = 'offset') "
                                         "AND EXISTS (SELECT 1 FROM pragma_table_info('decision') WHERE name = "
                                         "'event_id')");
  if (n < 0 || is_state < 0) {
    return failed(db, err);
  }
  return n == 0 || is_state
           ? STOA_OK
           : stoa_error_set(err, STOA_UNSUPPORTED,
                            "the database %s has tables and is no state of this program; give the state "
                            "a file of its own (state: address: in stoa.yaml)",
                            sqlite3_db_filename(db, "main"));
}

// A write-ahead log that is not one, or a commit that is not on disk, would break the promise without a word.
static stoa_status make_durable(sqlite3 *db, stoa_error *err)
{
  enum { FULL = 2 };
  sqlite3_stmt *mode = NULL;
  bool is_wal = false;
  if (sqlite3_prepare_v2(db, "PRAGMA journal_mode=WAL", -1, &mode, NULL) == SQLITE_OK &&
      sqlite3_step(mode) == SQLITE_ROW) {
    is_wal = strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;
  }
  sqlite3_finalize(mode);
  if (sqlite3_exec(db, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA secure_delete=ON; PRAGMA cache_size=-65536", NULL, NULL,
                   NULL) != SQLITE_OK) {
    return failed(db, err);
  }
  return is_wal && pragma_number(db, "PRAGMA synchronous") == FULL
           ? STOA_OK
           : stoa_error_set(err, STOA_IO, "the state %s cannot be made durable: %s", sqlite3_db_filename(db, "main"),
                            sqlite3_errmsg(db));
}

static bool upgrade(sqlite3 *db, int version)
{
  char text[64];
  bool good = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
  for (int i = version; good && i < NEWEST; ++i) {
    good = sqlite3_exec(db, steps[i], NULL, NULL, NULL) == SQLITE_OK;
  }
  sqlite3_snprintf(sizeof text, text, "PRAGMA user_version=%d; COMMIT", (int)NEWEST);
  return good && sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;
}

stoa_status stoa_schema_upgrade(sqlite3 *db, bool in_file, stoa_error *err)
{
  if (in_file) {
    STOA_TRY(stoa_schema_check(db, err));
    STOA_TRY(make_durable(db, err));
  }
  const int version = pragma_number(db, "PRAGMA user_version");
  if (version > NEWEST) {
    return stoa_error_set(err, STOA_UNSUPPORTED,
                          "the state %s was made by a newer program (version %d; this one knows %d)",
                          sqlite3_db_filename(db, "main"), version, NEWEST);
  }
  return version == NEWEST || (version >= 0 && upgrade(db, version)) ? STOA_OK : failed(db, err);
}
