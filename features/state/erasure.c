// Erasing an entity.  What an event says of others goes with it: an event is one record.  Its offset stays, so that
// nothing else in the log changes its place.  Of a decision stays what says nothing of anybody: which action was drawn,
// how probable it was, and its rewards, by an event id that does not tell the key.
#include "features/state/erasure.h"
#include "graph/base/buf.h"
#include "graph/base/json.h"
#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

typedef struct {
  sqlite3 *db;
  const stoa_event_types *types;
  stoa_erasure *e;
} eraser;

static sqlite3_stmt *prepared(const eraser *r, const char *sql)
{
  sqlite3_stmt *st = NULL;
  return sqlite3_prepare_v2(r->db, sql, -1, &st, NULL) == SQLITE_OK ? st : NULL;
}

static void bind(sqlite3_stmt *st, int at, stoa_slice text)
{
  sqlite3_bind_text64(st, at, text.data, text.length, SQLITE_STATIC, SQLITE_UTF8);
}

// Run a statement that gives no rows, with texts for its parameters.
static bool run(const eraser *r, const char *sql, const stoa_slice *texts, int n)
{
  sqlite3_stmt *const st = prepared(r, sql);
  for (int i = 0; st && i < n; ++i) {
    bind(st, i + 1, texts[i]);
  }
  const bool good = st && sqlite3_step(st) == SQLITE_DONE;
  return sqlite3_finalize(st) == SQLITE_OK && good;
}

static stoa_slice column_text(sqlite3_stmt *st, int column, stoa_arena *arena)
{
  const char *const text = (const char *)sqlite3_column_text(st, column);
  return text ? stoa_arena_slice(arena, (stoa_slice){text, (size_t)sqlite3_column_bytes(st, column)}) : (stoa_slice){0};
}

// ---- who it is

static void add_entity(stoa_erasure *e, const char *entity, stoa_slice key, stoa_slice iri)
{
  for (uint32_t i = 0; i < e->all.n; ++i) {
    if (stoa_slice_equal(e->all.items[i].iri, iri)) {
      return;
    }
  }
  const stoa_erased one = {entity, stoa_arena_slice(e->arena, key), stoa_arena_slice(e->arena, iri)};
  STOA_PUSH(e->arena, &e->all, one);
}

// The IRI that an event's fields make; false where one of them has no value.
static bool iri_of(const stoa_event_naming *naming, const stoa_record *event, stoa_arena *arena, stoa_buf *out)
{
  stoa_slice texts[STOA_TEMPLATE_COLUMNS];
  for (uint32_t i = 0; i < naming->iri->n_columns; ++i) {
    const stoa_value *const v = &event->values[naming->fields[i]];
    if (v->kind == STOA_VALUE_INTEGER) {
      texts[i] = stoa_slice_of(stoa_arena_print(arena, "%lld", (long long)v->as.integer));
    } else if (v->kind == STOA_VALUE_TEXT) {
      texts[i] = v->text;
    } else {
      return false;
    }
  }
  stoa_template_write(naming->iri, texts, true, out);
  return true;
}

// Whom an event names beside `who`, as the same.
static void add_linked(stoa_erasure *e, const stoa_erased *who, const stoa_record *event, stoa_arena *scratch)
{
  for (uint32_t i = 0; i < e->n_identities; ++i) {
    const stoa_identity *const link = &e->identities[i];
    for (uint32_t k = 0; k < e->n_namings; ++k) {
      stoa_slice parts[STOA_TEMPLATE_COLUMNS];
      stoa_buf text = {0};
      const bool speaks = strcmp(link->as, who->entity) == 0 && link->type == event->type &&
                          e->namings[k].type == event->type && iri_of(&e->namings[k], event, scratch, &text);
      const stoa_slice iri = {text.data, text.length};
      if (speaks && stoa_template_invert(link->iri, iri, true, scratch, parts)) {
        add_entity(e, link->entity, link->iri->n_columns == 1 ? parts[0] : (stoa_slice){0}, iri);
      }
      stoa_buf_done(&text);
    }
  }
}

// ---- events

// What is erased is compared as the text of its IRI: a field of numbers has no 007.
static void write_condition(const stoa_event_naming *naming, stoa_buf *sql)
{
  stoa_buf_print(sql, " FROM \"%s\" WHERE ", naming->type->table);
  for (uint32_t i = 0; i < naming->iri->n_columns; ++i) {
    const char *const field = naming->type->fields[naming->fields[i]];
    stoa_buf_print(sql, "%s\"%s\" = ?%u AND CAST(\"%s\" AS TEXT) = ?%u", i ? " AND " : "", field, i + 1, field, i + 1);
  }
}

static stoa_value value_of(sqlite3_stmt *st, int column, stoa_arena *arena)
{
  switch (sqlite3_column_type(st, column)) {
    case SQLITE_INTEGER:
      return (stoa_value){.kind = STOA_VALUE_INTEGER, .as.integer = sqlite3_column_int64(st, column)};
    case SQLITE_FLOAT:
      return (stoa_value){.kind = STOA_VALUE_REAL, .as.real = sqlite3_column_double(st, column)};
    case SQLITE_NULL:
      return (stoa_value){.kind = STOA_VALUE_NULL};
    default:
      return (stoa_value){.kind = STOA_VALUE_TEXT, .text = column_text(st, column, arena)};
  }
}

static void take_event(stoa_erasure *e, const stoa_event_naming *naming, const stoa_erased *who, sqlite3_stmt *st,
                       stoa_arena *scratch)
{
  stoa_record event = {.kind = STOA_RECORD_EVENT, .type = naming->type};
  e->more_gone |= e->gone.n >= STOA_MOST_GONE;
  stoa_arena *const arena = e->more_gone ? scratch : e->arena;
  event.values = STOA_NEWS(arena, stoa_value, naming->type->n_fields);
  for (uint32_t i = 0; i < naming->type->n_fields; ++i) {
    event.values[i] = value_of(st, (int)i, arena);
  }
  add_linked(e, who, &event, scratch);
  if (!e->more_gone) {
    STOA_PUSH(e->arena, &e->gone, event);
  }
  stoa_arena_reset(scratch);
}

static bool read_events(const eraser *r, const stoa_event_naming *naming, const stoa_erased *who,
                        const stoa_slice *texts, const char *condition)
{
  stoa_buf sql = {0};
  stoa_arena scratch;
  stoa_arena_init(&scratch, 0);
  stoa_buf_text(&sql, "SELECT ");
  for (uint32_t i = 0; i < naming->type->n_fields; ++i) {
    stoa_buf_print(&sql, "%s\"%s\"", i ? ", " : "", naming->type->fields[i]);
  }
  stoa_buf_text(&sql, condition);
  sqlite3_stmt *const st = prepared(r, stoa_buf_string(&sql));
  stoa_buf_done(&sql);
  for (uint32_t i = 0; st && i < naming->iri->n_columns; ++i) {
    bind(st, (int)i + 1, texts[i]);
  }
  while (st && sqlite3_step(st) == SQLITE_ROW) {
    take_event(r->e, naming, who, st, &scratch);
  }
  stoa_arena_done(&scratch);
  return sqlite3_finalize(st) == SQLITE_OK && st;
}

// The events of one naming.  The list of entities may move while they are read.
static bool erase_events(const eraser *r, const stoa_event_naming *naming, stoa_erased who)
{
  stoa_slice texts[STOA_TEMPLATE_COLUMNS];
  stoa_buf condition = {0}, log = {0}, rows = {0};
  if (!stoa_template_invert(naming->iri, who.iri, true, r->e->arena, texts)) {
    return true;
  }
  const int n = (int)naming->iri->n_columns;
  write_condition(naming, &condition);
  stoa_buf_print(&log, "UPDATE log SET kind = %d WHERE \"offset\" IN (SELECT \"log_offset\"%s)", STOA_RECORD_ERASED,
                 stoa_buf_string(&condition));
  stoa_buf_print(&rows, "DELETE%s", stoa_buf_string(&condition));
  const bool good = read_events(r, naming, &who, texts, stoa_buf_string(&condition)) &&
                    run(r, stoa_buf_string(&log), texts, n) && run(r, stoa_buf_string(&rows), texts, n);
  r->e->n_events[naming->type - r->types->items] += good ? (uint64_t)sqlite3_changes(r->db) : 0;
  stoa_buf_done(&condition);
  stoa_buf_done(&log);
  stoa_buf_done(&rows);
  return good;
}

// ---- decisions

typedef struct {
  stoa_slice event_id, answer, action;
} decision;

static bool is_letter(unsigned char c)
{
  return isalnum(c) || c >= 0x80;
}

// A short key stands in many a text by chance: it counts where it is a word of its own.
static bool holds(stoa_slice text, stoa_slice part)
{
  enum { LONG = 8 };
  const char *at = text.data;
  while (part.length && text.length &&
         (at = memmem(at, text.length - (size_t)(at - text.data), part.data, part.length))) {
    const char *const end = at + part.length;
    const bool begins = at == text.data || !is_letter((unsigned char)at[-1]);
    const bool ends = end == text.data + text.length || !is_letter((unsigned char)*end);
    if (part.length >= LONG || (begins && ends)) {
      return true;
    }
    ++at;
  }
  return false;
}

static bool tells(const stoa_erased *who, stoa_slice text)
{
  return holds(text, who->key) || holds(text, who->iri);
}

// The texts of an answer, not its numbers.
static bool json_tells(const stoa_erased *who, const stoa_json *v)
{
  bool found = v->kind == STOA_JSON_STRING && tells(who, v->text);
  for (uint32_t i = 0; (v->kind == STOA_JSON_ARRAY || v->kind == STOA_JSON_OBJECT) && i < v->n_items && !found; ++i) {
    found = json_tells(who, &v->items[i]);
  }
  return found;
}

static bool answer_tells(const stoa_erased *who, stoa_slice answer, stoa_arena *arena)
{
  const stoa_json *root;
  stoa_error unread = {0};
  return answer.length && (stoa_json_read(answer, arena, &root, &unread) != STOA_OK || json_tells(who, root));
}

// Rewards stay, by the event; their own ids only while they do not tell the key.
static bool erase_rewards(const eraser *r, const stoa_erased *who, stoa_slice event_id)
{
  stoa_arena *const arena = r->e->arena;
  STOA_LIST(stoa_slice) ids = {0};
  sqlite3_stmt *const st = prepared(r, "SELECT reward_id FROM reward WHERE event_id = ?");
  bind(st, 1, event_id);
  while (st && sqlite3_step(st) == SQLITE_ROW) {
    const stoa_slice id = column_text(st, 0, arena);
    r->e->n_rewards++;
    if (tells(who, id)) {
      STOA_PUSH(arena, &ids, id);
    }
  }
  bool good = sqlite3_finalize(st) == SQLITE_OK && st;
  for (uint32_t i = 0; good && i < ids.n; ++i) {
    good = run(r, "UPDATE reward SET reward_id = NULL WHERE reward_id = ?", &ids.items[i], 1);
  }
  return good;
}

// An event id that tells the key is another one from here on, wherever it stands; what was answered by it goes.
static bool rename_event(const eraser *r, stoa_slice event_id)
{
  uint64_t random[2];
  char id[33];
  if (getrandom(random, sizeof random, 0) != sizeof random) {
    return false;
  }
  snprintf(id, sizeof id, "%016llx%016llx", (unsigned long long)random[0], (unsigned long long)random[1]);
  const stoa_slice texts[] = {stoa_slice_of(id), event_id};
  return run(r, "UPDATE decision SET event_id = ?1, answer = NULL WHERE event_id = ?2", texts, 2) &&
         run(r, "UPDATE reward SET event_id = ?1 WHERE event_id = ?2", texts, 2) &&
         run(r, "UPDATE label SET event_id = ?1 WHERE event_id = ?2", texts, 2);
}

static bool erase_decision(const eraser *r, const stoa_erased *who, const decision *d)
{
  const bool action_tells = tells(who, d->action);
  const bool is_told = action_tells || tells(who, d->event_id) || answer_tells(who, d->answer, r->e->arena);
  return erase_rewards(r, who, d->event_id) &&
         run(r, "UPDATE decision SET answer = json_remove(answer, '$.explanation') WHERE event_id = ? AND rails NOTNULL",
             &d->event_id, 1) &&
         run(r, "UPDATE decision SET subject = NULL, example = NULL, rails = NULL WHERE event_id = ?", &d->event_id, 1) &&
         (!action_tells || run(r, "UPDATE decision SET action = NULL WHERE event_id = ?", &d->event_id, 1)) &&
         (!is_told || rename_event(r, d->event_id));
}

typedef STOA_LIST(decision) decisions;

static bool read_decisions(const eraser *r, const stoa_erased *who, decisions *out)
{
  stoa_arena *const arena = r->e->arena;
  sqlite3_stmt *const st =
    prepared(r, "SELECT event_id, answer, action FROM decision WHERE subject IN (SELECT id FROM subject WHERE "
                " entity_iri = ?1 OR (entity = ?2 AND key = ?3))");
  bind(st, 1, who->iri);
  bind(st, 2, stoa_slice_of(who->entity));
  bind(st, 3, who->key);
  while (st && sqlite3_step(st) == SQLITE_ROW) {
    const decision d = {column_text(st, 0, arena), column_text(st, 1, arena), column_text(st, 2, arena)};
    STOA_PUSH(arena, out, d);
  }
  return sqlite3_finalize(st) == SQLITE_OK && st;
}

static bool erase_decisions(const eraser *r, const stoa_erased *who)
{
  const stoa_slice texts[] = {who->iri, stoa_slice_of(who->entity), who->key};
  decisions all = {0};
  bool good = read_decisions(r, who, &all);
  for (uint32_t i = 0; good && i < all.n; ++i) {
    good = erase_decision(r, who, &all.items[i]);
  }
  if (all.n) { // their rewards are nobody's now
    const stoa_record was = {.kind = STOA_RECORD_DECISION, .entity = who->entity, .subject_iri = who->iri};
    const stoa_record rewarded = {.kind = STOA_RECORD_REWARD};
    STOA_PUSH(r->e->arena, &r->e->gone, was);
    STOA_PUSH(r->e->arena, &r->e->gone, rewarded);
  }
  r->e->n_decisions += all.n;
  return good && run(r, "DELETE FROM subject WHERE entity_iri = ?1 OR (entity = ?2 AND key = ?3)", texts, 3);
}

// ---- what nobody declares any more

static bool is_declared(const stoa_event_types *types, const char *table)
{
  bool found = false;
  for (uint32_t i = 0; i < types->n; ++i) {
    found |= sqlite3_stricmp(types->items[i].table, table) == 0;
  }
  return found;
}

static bool find_unread(const eraser *r)
{
  sqlite3_stmt *const st =
    prepared(r, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'event\\_%' ESCAPE '\\' ORDER BY 1");
  while (st && sqlite3_step(st) == SQLITE_ROW) {
    const char *const table = (const char *)sqlite3_column_text(st, 0);
    if (!is_declared(r->types, table)) {
      STOA_PUSH(r->e->arena, &r->e->unread, stoa_arena_copy(r->e->arena, stoa_slice_of(table)));
    }
  }
  return sqlite3_finalize(st) == SQLITE_OK && st;
}

bool stoa_erasure_rows(sqlite3 *db, const stoa_event_types *types, stoa_erasure *e)
{
  const eraser r = {db, types, e};
  e->n_events = STOA_NEWS(e->arena, uint64_t, types->n + 1);
  e->all.n = 0;
  add_entity(e, e->who.entity, e->who.key, e->who.iri);
  bool good = find_unread(&r);
  for (uint32_t i = 0; good && i < e->all.n; ++i) { // the list grows by who else it is
    for (uint32_t k = 0; good && k < e->n_namings; ++k) {
      good = erase_events(&r, &e->namings[k], e->all.items[i]);
    }
    const stoa_erased who = e->all.items[i];
    good = good && erase_decisions(&r, &who);
  }
  return good && stoa_arena_status(e->arena) == STOA_OK;
}

// ---- the files

// All of the log is in the file, and the log is empty.  Readers of an older state are waited for a moment.
static bool checkpoint(sqlite3 *db)
{
  enum { A_MOMENT_MS = 2000, USUAL_MS = 10000 };
  sqlite3_stmt *st = NULL;
  sqlite3_busy_timeout(db, A_MOMENT_MS);
  const bool good = sqlite3_prepare_v2(db, "PRAGMA wal_checkpoint(TRUNCATE)", -1, &st, NULL) == SQLITE_OK &&
                    sqlite3_step(st) == SQLITE_ROW && sqlite3_column_int(st, 0) == 0;
  sqlite3_finalize(st);
  sqlite3_busy_timeout(db, USUAL_MS);
  return good;
}

// Pages are written over when rows go (secure_delete), but what was moved within a page, or to another one, may have
// left its bytes behind: so all pages are made anew.
stoa_status stoa_erasure_wipe(sqlite3 *db, stoa_error *err)
{
  if (!checkpoint(db)) { // before the work, which would have to be done again
    return stoa_error_set(err, STOA_UNAVAILABLE, "the state %s is being read: it is wiped later",
                          sqlite3_db_filename(db, "main"));
  }
  if (sqlite3_exec(db, "VACUUM", NULL, NULL, NULL) != SQLITE_OK) {
    return stoa_error_set(err, STOA_IO, "the state %s cannot be written anew: %s", sqlite3_db_filename(db, "main"),
                          sqlite3_errmsg(db));
  }
  return checkpoint(db) ? STOA_OK
                        : stoa_error_set(err, STOA_UNAVAILABLE, "the state %s is being read: it is wiped later",
                                         sqlite3_db_filename(db, "main"));
}
