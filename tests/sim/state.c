// The state log on a disk that fails, by one seed: decisions, rewards and labels are appended on a simulated clock, the
// power goes again and again, and after each restart all that was acknowledged is there, once, and what was not is
// there whole or not at all; who was erased is gone from every file, and whose erasure failed is gone, or there whole.
// A seed that fails is printed, and the same seed fails again.
#include "features/state/erasure.h"
#include "tests/sim/disk.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_IDS = 2000, MOST_EVENTS = 2000, PERSONS = 5, RESTARTS = 4, WAIT_US = 50 };

typedef enum { NEVER, TRIED, KEPT, GONE } fate;

typedef struct {
  fate fate;
  uint32_t person;
  bool doubted; ///< it was kept when an erasure of its person failed
} sent_event;

typedef struct {
  uint64_t seed;
  dice d;
  int64_t now; ///< the clock
  stoa_state *state;
  fate decisions[MOST_IDS], rewards[MOST_IDS], labels[MOST_IDS];
  uint32_t n;
  sent_event events[MOST_EVENTS];
  uint32_t n_events;
  bool erased[PERSONS]; ///< nothing of the person was sent since
} world;

static char dir[] = "/tmp/stoa-sim.XXXXXX", path[64];
static stoa_event_type type = {.name = "visit",
                               .table = "event_visit",
                               .class_iri = "http://x/Visit",
                               .subject = "http://x/visit/{id}",
                               .id = "id",
                               .time = "at",
                               .n_fields = 3,
                               .fields = {"id", "at", "who"},
                               .words = {"string", "dateTime", "string"},
                               .types = {"TEXT", "TIMESTAMP", "TEXT"},
                               .iris = {NULL, NULL, "http://x/{who}"}};
static const stoa_event_types types = {&type, 1, 1};
static uint64_t n_erased, n_unsure;

static bool wrong(const world *w, const char *what, uint32_t i)
{
  printf("seed %llu: %s e%u\n", (unsigned long long)w->seed, what, i);
  return false;
}

static void name(char *out, char kind, uint32_t i)
{
  snprintf(out, 16, "%c%u", kind, i);
}

// Whose key is long enough to be nobody else's bytes.
static void person_name(char out[40], uint32_t person)
{
  snprintf(out, 40, "person-%u-of-the-simulation", person);
}

// A few decisions and rewards, new ones and some that got no answer before, in one append.
static stoa_status append(world *w)
{
  enum { MOST = 6 };
  static char ids[MOST][16], names[MOST][16], subjects[MOST][40];
  stoa_record records[MOST];
  fate *fates[MOST];
  stoa_error err = {0};
  uint32_t n = 0;
  for (uint32_t k = dice_below(&w->d, MOST) + 1; k > 0; --k) {
    const bool is_new = w->n == 0 || dice_chance(&w->d, 60);
    const uint32_t i = is_new && w->n + 1 < MOST_IDS ? w->n++ : dice_below(&w->d, w->n);
    const bool rewards = w->decisions[i] == KEPT && dice_chance(&w->d, 70);
    name(ids[n], 'e', i);
    name(names[n], 'r', i);
    person_name(subjects[n], i % PERSONS);
    w->erased[i % PERSONS] &= rewards || i % 3 == 0;
    records[n] = rewards ? (stoa_record){.kind = STOA_RECORD_REWARD,
                                         .at_us = w->now,
                                         .id = stoa_slice_of(names[n]),
                                         .event_id = stoa_slice_of(ids[n]),
                                         .value = i}
                         : (stoa_record){.kind = STOA_RECORD_DECISION,
                                         .at_us = w->now,
                                         .event_id = stoa_slice_of(ids[n]),
                                         .policy = "p",
                                         .action = "a",
                                         .probability = 0.5,
                                         .seed = i,
                                         .example = stoa_slice_of("example"),
                                         .answer = stoa_slice_of("{}"),
                                         .closes_at_us = w->now + WAIT_US,
                                         .entity = i % 3 ? "customer" : NULL,
                                         .subject_key = stoa_slice_of(subjects[n])};
    fates[n++] = rewards ? &w->rewards[i] : &w->decisions[i];
  }
  const stoa_status status = stoa_state_append(w->state, records, n, &err);
  for (uint32_t i = 0; i < n; ++i) {
    *fates[i] = status == STOA_OK ? KEPT : *fates[i] == KEPT ? KEPT : TRIED;
  }
  return status;
}

// An event of somebody.
static void send_event(world *w)
{
  char id[16], who[40];
  stoa_error err = {0};
  if (w->n_events == MOST_EVENTS) {
    return;
  }
  sent_event *const e = &w->events[w->n_events];
  e->person = dice_below(&w->d, PERSONS);
  name(id, 'v', w->n_events++);
  person_name(who, e->person);
  w->erased[e->person] = false;
  stoa_value values[STOA_EVENT_FIELDS] = {0};
  stoa_record record = {.kind = STOA_RECORD_EVENT, .at_us = w->now, .id = stoa_slice_of(id), .type = &type, .values = values};
  record.values[0] = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_slice_of(id)};
  record.values[1] = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_slice_of("2026-01-01T00:00:00Z")};
  record.values[2] = (stoa_value){.kind = STOA_VALUE_TEXT, .text = stoa_slice_of(who)};
  e->fate = stoa_state_append(w->state, &record, 1, &err) == STOA_OK ? KEPT : TRIED;
}

static void erase(world *w)
{
  char who[40];
  stoa_arena arena;
  stoa_error err = {0};
  stoa_event_naming naming = {.type = &type, .fields = {2}};
  const uint32_t person = dice_below(&w->d, PERSONS);
  stoa_arena_init(&arena, 0);
  person_name(who, person);
  const char *const iri = stoa_arena_print(&arena, "http://x/%s", who);
  bool good = stoa_template_read("http://x/{who}", "", true, &arena, &naming.iri, &err) == STOA_OK;
  stoa_erasure erasure = {.arena = &arena,
                          .who = {"customer", stoa_slice_of(who), stoa_slice_of(iri)},
                          .hash = "hash",
                          .namings = &naming,
                          .n_namings = 1};
  stoa_record record = {.kind = STOA_RECORD_ERASURE, .at_us = w->now, .erasure = &erasure};
  good = good && stoa_state_append(w->state, &record, 1, &err) == STOA_OK;
  for (uint32_t i = 0; i < w->n_events; ++i) {
    sent_event *const e = &w->events[i];
    if (e->person == person && e->fate != GONE) {
      e->doubted |= !good && e->fate == KEPT;
      e->fate = good ? GONE : e->fate;
    }
  }
  w->erased[person] |= good;
  n_erased += good;
  stoa_arena_done(&arena);
}

// What is due at this time is closed.
static void close_labels(world *w)
{
  stoa_arena arena;
  stoa_records due = {0};
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  if (stoa_state_due(w->state, "p", w->now, 0, false, 5, &arena, &due, &err) == STOA_OK && due.n) {
    const bool good = stoa_state_append(w->state, due.items, due.n, &err) == STOA_OK;
    for (uint32_t i = 0; i < due.n; ++i) {
      fate *const f = &w->labels[atoi(stoa_arena_copy(&arena, due.items[i].event_id) + 1)];
      *f = good ? KEPT : *f == KEPT ? KEPT : TRIED;
    }
  }
  stoa_arena_done(&arena);
}

static bool found(const world *w, stoa_status status, fate f, const char *what, uint32_t i)
{
  return (status == STOA_OK && f != NEVER) || (status == STOA_NOT_FOUND && f != KEPT) || wrong(w, what, i);
}

static int64_t ask(const char *sql)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  int64_t n = -1;
  if (sqlite3_open(path, &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK &&
      sqlite3_step(st) == SQLITE_ROW) {
    n = sqlite3_column_int64(st, 0);
  }
  sqlite3_finalize(st);
  sqlite3_close(db);
  return n;
}

static bool is_there(uint32_t event)
{
  char sql[80];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM event_visit WHERE id = 'v%u'", event);
  return ask(sql) == 1;
}

// An erasure that failed erased all of what was kept then, or nothing; from here on it is known which.
static bool settle(world *w, uint32_t person)
{
  int found = -1;
  for (uint32_t i = 0; i < w->n_events; ++i) {
    sent_event *const e = &w->events[i];
    if (e->person == person && e->doubted && e->fate == KEPT) {
      const bool there = is_there(i);
      if (found >= 0 && found != there) {
        return wrong(w, "an erasure took some of a person's events and left others, such as", i);
      }
      found = there;
      n_unsure += !there;
      e->fate = there ? KEPT : GONE;
      e->doubted = false;
    }
  }
  return true;
}

static bool hold_events(world *w)
{
  for (uint32_t person = 0; person < PERSONS; ++person) {
    if (!settle(w, person)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < w->n_events; ++i) {
    const fate f = w->events[i].fate;
    if ((f == KEPT && !is_there(i)) || (f == GONE && is_there(i))) {
      return wrong(w, f == KEPT ? "an event is lost" : "an erased event is there", i);
    }
  }
  return true;
}

static bool has_bytes(const char *file, const char *text)
{
  static char bytes[1 << 24];
  FILE *const in = fopen(file, "rb");
  const size_t n = in ? fread(bytes, 1, sizeof bytes, in) : 0;
  if (in) {
    fclose(in);
  }
  return n && memmem(bytes, n, text, strlen(text));
}

// Of who was erased no file has a byte, once the state was opened without a fault.
static bool are_wiped(const world *w)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  for (uint32_t person = 0; person < PERSONS; ++person) {
    for (size_t i = 0; w->erased[person] && i < sizeof endings / sizeof *endings; ++i) {
      char file[80], who[40];
      snprintf(file, sizeof file, "%s%s", path, endings[i]);
      person_name(who, person);
      if (has_bytes(file, who)) {
        return wrong(w, "bytes of who was erased are in a file: person", person);
      }
    }
  }
  return true;
}

static bool hold(world *w)
{
  static const char all[] = "SELECT \"offset\" AS o, 1 AS k FROM decision UNION ALL SELECT \"offset\", 2 FROM reward "
                            "UNION ALL SELECT \"offset\", 3 FROM label UNION ALL SELECT log_offset, 0 FROM event_visit "
                            "UNION ALL SELECT \"offset\", 5 FROM erasure";
  char sql[600];
  stoa_arena arena;
  stoa_error err = {0};
  stoa_record r;
  bool good = true;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; good && i < w->n; ++i) {
    char id[16], reward[16];
    name(id, 'e', i);
    name(reward, 'r', i);
    good =
      found(w, stoa_state_decision(w->state, stoa_slice_of(id), &arena, &r, &err), w->decisions[i], "decision", i) &&
      found(w, stoa_state_reward(w->state, stoa_slice_of(reward), &arena, &r, &err), w->rewards[i], "reward", i) &&
      found(w, stoa_state_is_closed(w->state, stoa_slice_of(id), &err), w->labels[i], "label", i);
  }
  stoa_arena_done(&arena);
  snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT o, k FROM (%s) EXCEPT SELECT \"offset\", kind FROM log)",
           all);
  good = good && (ask(sql) == 0 || wrong(w, "a record that the log has not", 0));
  snprintf(sql, sizeof sql, "SELECT (SELECT count(*) FROM log WHERE kind <> 6) - (SELECT count(*) FROM (%s))", all);
  good = good && (ask(sql) == 0 || wrong(w, "the log and its records differ in number", 0));
  snprintf(sql, sizeof sql, "SELECT count(*) = max(\"offset\") FROM log");
  good = good && (stoa_state_offset(w->state) == 0 || ask(sql) == 1 || wrong(w, "an offset is left out", 0));
  good = good && hold_events(w);
  return good && (ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check") == 1 || wrong(w, "damaged", 0));
}

// From one start to the next cut of the power, or until the disk is well again, when appends must go on.
static bool live(world *w)
{
  stoa_error err = {0};
  bool goes_on = true;
  disk_begin(&w->d, 20 + dice_below(&w->d, dice_chance(&w->d, 70) ? 400 : 4000));
  if (stoa_state_open(path, &types, &w->state, &err) == STOA_OK) {
    for (int i = 0; i < 200 && !disk_is_off(); ++i) {
      w->now += dice_below(&w->d, 20);
      const uint32_t what = dice_below(&w->d, 100);
      what < 50 ? (void)append(w) : what < 80 ? send_event(w) : what < 97 ? close_labels(w) : erase(w);
    }
    if (!disk_is_off()) {
      disk_calm();
      goes_on = append(w) == STOA_OK || wrong(w, "no append after the disk is well again", w->n);
    }
    stoa_state_close(w->state);
  }
  disk_restart();
  if (stoa_state_open(path, &types, &w->state, &err) != STOA_OK) {
    printf("seed %llu: it does not open again: %s\n", (unsigned long long)w->seed, err.text);
    return false;
  }
  bool good = goes_on && hold(w);
  stoa_state_close(w->state);
  good = good && are_wiped(w);
  disk_restart();
  return good;
}

static void remove_files(void)
{
  static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    char file[80];
    snprintf(file, sizeof file, "%s%s", path, endings[i]);
    unlink(file);
  }
}

int main(int argc, char **argv)
{
  const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, n = argc > 2 ? strtoull(argv[2], NULL, 10) : 20;
  uint64_t failed = 0, kept = 0;
  if (!mkdtemp(dir)) {
    return 2;
  }
  snprintf(path, sizeof path, "%s/state.db", dir);
  disk_register();
  for (uint64_t seed = first; seed < first + n; ++seed) {
    static world w;
    w = (world){.seed = seed, .d = {seed * 7919}, .now = 1000};
    bool good = true;
    for (int i = 0; good && i < RESTARTS; ++i) {
      good = live(&w);
    }
    failed += !good;
    for (uint32_t i = 0; i < w.n; ++i) {
      kept += (w.decisions[i] == KEPT) + (w.rewards[i] == KEPT) + (w.labels[i] == KEPT);
    }
    remove_files();
  }
  rmdir(dir);
  printf("%s 1 - %llu of %llu seeds hold (%llu acknowledged, %llu faults, %llu erased, %llu events by "
         "erasures that were not acknowledged)\n1..1\n",
         failed ? "not ok" : "ok", (unsigned long long)(n - failed), (unsigned long long)n, (unsigned long long)kept,
         (unsigned long long)disk_faults(), (unsigned long long)n_erased, (unsigned long long)n_unsure);
  return failed != 0;
}
