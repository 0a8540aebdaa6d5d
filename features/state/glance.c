#include "features/state/glance.h"
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Other policies may have most of the log: no more of it is read than this.
#define LATEST "\"offset\" > (SELECT COALESCE(MAX(\"offset\"), 0) - 200000 FROM log)"

typedef struct {
  sqlite3 *db;
  const char *policy;
  uint32_t window;
  stoa_arena *arena;
  stoa_glance *out;
} look;

typedef void take(look *l, sqlite3_stmt *row, uint32_t i);

static bool each(look *l, const char *sql, int64_t limit, take *take_row)
{
  sqlite3_stmt *st = NULL;
  int code = sqlite3_prepare_v2(l->db, sql, -1, &st, NULL);
  if (code == SQLITE_OK) {
    sqlite3_bind_text(st, 1, l->policy, -1, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(st) > 1) {
      sqlite3_bind_int64(st, 2, limit);
    }
    for (uint32_t i = 0; (code = sqlite3_step(st)) == SQLITE_ROW; ++i) {
      take_row(l, st, i);
    }
  }
  sqlite3_finalize(st);
  return code == SQLITE_DONE;
}

static stoa_glance_action *action_of(look *l, const char *name)
{
  for (uint32_t i = 0; i < l->out->actions.n; ++i) {
    if (strcmp(l->out->actions.items[i].action, name) == 0) {
      return &l->out->actions.items[i];
    }
  }
  const stoa_glance_action one = {.action = stoa_arena_copy(l->arena, stoa_slice_of(name))};
  STOA_PUSH(l->arena, &l->out->actions, one);
  return &l->out->actions.items[l->out->actions.n - 1];
}

static const char *text_of(sqlite3_stmt *row, int column)
{
  const char *const text = (const char *)sqlite3_column_text(row, column);
  return text ? text : "";
}

static void take_decision(look *l, sqlite3_stmt *row, uint32_t i)
{
  stoa_glance_action *const action = action_of(l, text_of(row, 0));
  (void)i;
  action->n_shown++;
  action->probability += sqlite3_column_double(row, 1);
  l->out->n_decisions++;
  const stoa_slice example = {sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2)};
  if (example.data) {
    const stoa_slice copy = stoa_arena_slice(l->arena, example);
    STOA_PUSH(l->arena, &l->out->examples, copy);
  }
  l->out->probability += sqlite3_column_double(row, 1);
}

static void take_label(look *l, sqlite3_stmt *row, uint32_t i)
{
  const double reward = sqlite3_column_double(row, 1);
  if (i == 0) {
    l->out->last_label_us = sqlite3_column_int64(row, 2);
  }
  if (i >= l->window) {
    l->out->before.n++;
    l->out->before.reward += reward;
    return;
  }
  stoa_glance_action *const action = action_of(l, text_of(row, 0));
  action->n_labels++;
  action->reward += reward;
  l->out->labels.n++;
  l->out->labels.reward += reward;
}

static void take_waiting(look *l, sqlite3_stmt *row, uint32_t i)
{
  (void)i;
  l->out->n_waiting = sqlite3_column_int64(row, 0);
  l->out->next_close_us = sqlite3_column_int64(row, 1);
}

static int by_shown(const void *a, const void *b)
{
  const stoa_glance_action *const x = a, *const y = b;
  return x->n_shown != y->n_shown ? (x->n_shown < y->n_shown) - (x->n_shown > y->n_shown) : strcmp(x->action, y->action);
}

stoa_status stoa_state_glance(const char *file, const char *policy, uint32_t window, stoa_arena *arena, stoa_glance *out,
                              stoa_error *err)
{
  look l = {.policy = policy, .window = window, .arena = arena, .out = out};
  *out = (stoa_glance){0};
  if (access(file, F_OK) != 0) {
    return STOA_OK; // nothing was decided yet
  }
  const bool good =
    sqlite3_open_v2(file, &l.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
    sqlite3_busy_timeout(l.db, 10000) == SQLITE_OK &&
    each(&l, "SELECT action, probability, example FROM decision WHERE policy = ? AND " LATEST " ORDER BY \"offset\" DESC LIMIT ?", window,
         take_decision) &&
    each(&l, "SELECT d.action, l.value, l.at FROM label l LEFT JOIN decision d USING (event_id) WHERE l.policy = ? AND l." LATEST
         " ORDER BY l.\"offset\" DESC LIMIT ?", (int64_t)window * 2, take_label) &&
    each(&l, "SELECT count(*), COALESCE(min(closes_at), 0) FROM waiting WHERE policy = ?", 0, take_waiting);
  const stoa_status status =
    good ? STOA_OK : stoa_error_set(err, STOA_IO, "cannot read the state %s: %s", file, sqlite3_errmsg(l.db));
  sqlite3_close(l.db);
  if (out->actions.n) {
    qsort(out->actions.items, out->actions.n, sizeof *out->actions.items, by_shown);
  }
  return status;
}
