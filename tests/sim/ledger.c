#include "tests/sim/ledger.h"
#include "graph/base/hash.h"
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[300];

static const char *say(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(told, sizeof told, format, args);
  va_end(args);
  return told;
}

uint32_t ledger_customer(uint32_t event)
{
  return 1 + event % LEDGER_CUSTOMERS;
}

const char *ledger_policy(uint32_t decision)
{
  return decision % 4 ? "offers" : "later";
}

uint32_t ledger_events(const ledger *l, uint32_t customer, bool with_tried)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < l->n_events; ++i) {
    const bool counts = l->events[i] == FATE_KEPT || (with_tried && l->events[i] == FATE_TRIED);
    n += counts && (!customer || ledger_customer(i) == customer);
  }
  return n;
}

// ---- rows of the database, each of which somebody has asked for, once

typedef struct {
  const ledger *l;
  const fate *fates;
  uint32_t n;
  const char *what;
  char letter;
  uint8_t seen[LEDGER_MOST];
} sought;

static const char *text_of(sqlite3_stmt *st, int column)
{
  const char *const text = (const char *)sqlite3_column_text(st, column);
  return text ? text : "";
}

// Columns: the id, then what must stand there besides, as a text.
static const char *meet(sought *s, sqlite3_stmt *st)
{
  const char *const id = text_of(st, 0), *const rest = text_of(st, 1);
  const uint32_t i = (uint32_t)strtoul(id + (id[0] != '\0'), NULL, 10);
  char wanted[40] = "";
  if (id[0] != s->letter || i >= s->n || s->fates[i] == FATE_NEVER) {
    return say("%s %s is there, and nobody asked for it", s->what, id);
  }
  if (s->seen[i]++) {
    return say("%s %s is there twice", s->what, id);
  }
  if (s->fates == s->l->events) {
    snprintf(wanted, sizeof wanted, "%u", ledger_customer(i));
  } else if (s->fates == s->l->decisions) {
    const bool is_kept = s->fates[i] == FATE_KEPT;
    snprintf(wanted, sizeof wanted, "%s %s", ledger_policy(i), is_kept ? s->l->actions[i] : strchr(rest, ' ') + 1);
  } else {
    snprintf(wanted, sizeof wanted, "d%u %d", i, s->fates == s->l->rewards ? (int)i : -(int)i);
  }
  return strcmp(rest, wanted) == 0 ? NULL : say("%s %s has \"%s\", not \"%s\"", s->what, id, rest, wanted);
}

static const char *look(sqlite3 *db, const char *sql, sought *s)
{
  sqlite3_stmt *st = NULL;
  const char *wrong = NULL;
  // Before the first start that went well there are no tables.
  int code = sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK ? sqlite3_step(st) : SQLITE_DONE;
  while (!wrong && code == SQLITE_ROW) {
    wrong = meet(s, st);
    code = sqlite3_step(st);
  }
  if (!wrong && code != SQLITE_DONE) {
    wrong = say("the state: %s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(st);
  for (uint32_t i = 0; !wrong && i < s->n; ++i) {
    wrong = s->fates[i] == FATE_KEPT && !s->seen[i]
              ? say("%s %c%u was acknowledged and is not there", s->what, s->letter, i)
              : NULL;
  }
  return wrong;
}

// ---- the log and its records

static int64_t ask(sqlite3 *db, const char *sql)
{
  sqlite3_stmt *st = NULL;
  int64_t n = -1;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
    n = sqlite3_column_int64(st, 0);
  }
  sqlite3_finalize(st);
  return n;
}

#define RECORDS                                                                                                        \
  "(SELECT log_offset AS o, 0 AS k FROM event_click UNION ALL SELECT \"offset\", 1 FROM decision UNION ALL SELECT "    \
  "\"offset\", 2 FROM reward UNION ALL SELECT \"offset\", 3 FROM label UNION ALL SELECT \"offset\", 4 FROM options)"

static const char *check_log(sqlite3 *db)
{
  static const struct {
    const char *sql, *wrong;
  } all[] = {
    {"SELECT count(*) FROM (SELECT o, k FROM " RECORDS " EXCEPT SELECT \"offset\", kind FROM log)",
     "a record stands in no log"},
    {"SELECT count(*) - (SELECT count(*) FROM " RECORDS ") FROM log", "the log and its records differ in number"},
    {"SELECT count(*) - coalesce(max(\"offset\"), 0) FROM log", "an offset is left out"},
    {"SELECT count(*) FROM (SELECT event_id FROM label GROUP BY event_id HAVING count(*) > 1)", "a label stands twice"},
    {"SELECT count(*) FROM decision JOIN reward USING (event_id) LEFT JOIN label USING (event_id) WHERE closes_at = 0 "
     "AND "
     "label.event_id IS NULL",
     "a reward has closed no label"},
    {"SELECT count(*) FROM label JOIN decision USING (event_id) LEFT JOIN reward USING (event_id) WHERE closes_at = 0 "
     "AND "
     "reward.event_id IS NULL",
     "a label was closed by nothing"},
    {"SELECT count(*) FROM decision AS d LEFT JOIN label USING (event_id) LEFT JOIN waiting AS w ON w.\"offset\" = "
     "d.\"offset\" WHERE d.closes_at <> 0 AND (label.event_id IS NULL) <> (w.\"offset\" IS NOT NULL)",
     "what waits is not what has no label"},
    {"SELECT integrity_check <> 'ok' FROM pragma_integrity_check", "the database is damaged"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; ++i) {
    if (ask(db, all[i].sql) > 0) {
      return all[i].wrong;
    }
  }
  return NULL;
}

static const char *check_all(const ledger *l, sqlite3 *db)
{
  static sought parts[4];
  static const char *const sql[] = {
    "SELECT id, customer FROM event_click", "SELECT event_id, policy || ' ' || action FROM decision",
    "SELECT reward_id, event_id || ' ' || CAST(round(value * 1000) AS INTEGER) FROM reward WHERE reward_id <> ''",
    "SELECT event_id, event_id || ' ' || CAST(round(value * 1000) AS INTEGER) FROM reward WHERE coalesce(reward_id, "
    "'') = ''"};
  const char *wrong = NULL;
  parts[0] = (sought){l, l->events, l->n_events, "event", 'e', {0}};
  parts[1] = (sought){l, l->decisions, l->n_decisions, "decision", 'd', {0}};
  parts[2] = (sought){l, l->rewards, l->n_decisions, "reward", 'r', {0}};
  parts[3] = (sought){l, l->unnamed, l->n_decisions, "reward without an id of", 'd', {0}};
  for (int i = 0; !wrong && i < 4; ++i) {
    wrong = look(db, sql[i], &parts[i]);
  }
  return wrong ? wrong : check_log(db);
}

const char *ledger_differs(const ledger *l, const char *state_file)
{
  sqlite3 *db = NULL;
  if (sqlite3_open(state_file, &db) != SQLITE_OK) {
    return say("the state does not open: %s", sqlite3_errmsg(db));
  }
  // The next life shall find the log as it was left.
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  const char *const wrong = check_all(l, db);
  sqlite3_close(db);
  return wrong;
}

uint64_t ledger_models(const char *state_file, bool forgets)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  uint64_t hash = 1;
  if (sqlite3_open(state_file, &db) == SQLITE_OK &&
      sqlite3_prepare_v2(db, "SELECT policy || ' ' || \"offset\" || ' ' || hex(bytes) FROM model ORDER BY 1", -1, &st,
                         NULL) == SQLITE_OK) {
    while (sqlite3_step(st) == SQLITE_ROW) {
      const char *const text = text_of(st, 0);
      hash = stoa_hash_more(hash, text, strlen(text));
    }
  }
  sqlite3_finalize(st);
  if (forgets) {
    sqlite3_exec(db, "DELETE FROM model", NULL, NULL, NULL);
  }
  sqlite3_close(db);
  return hash;
}
