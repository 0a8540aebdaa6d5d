#include "personalizer/logged.h"
#include "graph/base/json.h"
#include "graph/base/map.h"
#include "graph/source/csv.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ACTIONS = 65536, MOST_LINE = 16 << 20 };

// ---- numbers of names

typedef struct {
  stoa_map map; ///< name -> its number and one
  stoa_names *names;
  stoa_arena *arena;
} numbering;

static uint32_t number_of(numbering *n, stoa_slice name)
{
  const uintptr_t known = (uintptr_t)stoa_map_find(&n->map, name);
  if (known) {
    return (uint32_t)known - 1;
  }
  const char *const copy = stoa_arena_copy(n->arena, name);
  STOA_PUSH(n->arena, n->names, copy);
  stoa_map_add(&n->map, n->arena, stoa_slice_of(copy), (void *)(uintptr_t)n->names->n);
  return n->names->n - 1;
}

typedef struct {
  const char *path;
  stoa_log *log;
  stoa_arena *arena;
  numbering actions, groups, segments;
  stoa_error *err;
} reader;

static void reader_init(reader *r, const char *path, stoa_arena *arena, stoa_log *log, stoa_error *err)
{
  *log = (stoa_log){0};
  *r = (reader){.path = path,
                .log = log,
                .arena = arena,
                .actions = {.names = &log->actions, .arena = arena},
                .groups = {.names = &log->groups, .arena = arena},
                .segments = {.names = &log->segments, .arena = arena},
                .err = err};
}

static stoa_status check_event(const reader *r, const stoa_logged *e, int64_t line)
{
  const stoa_place place = {r->path, (int)line, 1};
  if (!(e->propensity > 0 && e->propensity <= 1)) {
    return stoa_error_at(r->err, STOA_BAD_TYPE, place, "the propensity %g is not above 0 and at most 1", e->propensity);
  }
  return isfinite(e->reward) ? STOA_OK
                             : stoa_error_at(r->err, STOA_BAD_TYPE, place, "the reward is no finite number");
}

static void push(reader *r, const stoa_logged *e, const double *logged, uint32_t segment)
{
  STOA_PUSH(r->arena, &r->log->events, *e);
  STOA_PUSH(r->arena, &r->log->logged, logged);
  STOA_PUSH(r->arena, &r->log->segment_of, segment);
}

// ---- tables

typedef struct {
  stoa_csv *csv;
  int action, reward, propensity, group, segment;
} table;

static int column_of(const stoa_csv *csv, const char *name)
{
  for (uint32_t i = 0; name && i < stoa_csv_n_columns(csv); ++i) {
    if (strcmp(stoa_csv_name(csv, i), name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

// The column that is named; else one of those that such tables have.
static stoa_status find_column(const reader *r, const stoa_csv *csv, const char *named, const char *usual,
                               const char *other, const char *what, int *out)
{
  *out = column_of(csv, named ? named : usual);
  if (*out < 0 && !named) {
    *out = column_of(csv, other);
  }
  return *out >= 0 || !(named || what)
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_ARG, (stoa_place){r->path, 1, 1}, "has no column \"%s\"%s%s",
                           named ? named : usual, what ? "; say which it is with --" : "", what ? what : "");
}

static stoa_status find_columns(const reader *r, const stoa_log_columns *c, table *t)
{
  STOA_TRY(find_column(r, t->csv, c->action, "item_id", "action", "action", &t->action));
  STOA_TRY(find_column(r, t->csv, c->reward, "click", "reward", "reward", &t->reward));
  STOA_TRY(find_column(r, t->csv, c->propensity, "propensity_score", "propensity", "propensity", &t->propensity));
  STOA_TRY(find_column(r, t->csv, c->group, "position", NULL, NULL, &t->group));
  t->segment = -1;
  return c->segment ? find_column(r, t->csv, c->segment, NULL, NULL, NULL, &t->segment) : STOA_OK;
}

static stoa_status number_at(const reader *r, const table *t, int column, double *out)
{
  const stoa_slice field = stoa_csv_field(t->csv, (uint32_t)column);
  char text[64], *end;
  snprintf(text, sizeof text, "%.*s", (int)field.length, field.data ? field.data : "");
  *out = strtod(text, &end);
  return field.length && field.length < sizeof text && *end == '\0'
           ? STOA_OK
           : stoa_error_at(r->err, STOA_BAD_TYPE, (stoa_place){r->path, (int)stoa_csv_line(t->csv), 1},
                           "\"%s\" in column %s is no number", text, stoa_csv_name(t->csv, (uint32_t)column));
}

static stoa_slice text_at(const table *t, int column)
{
  const stoa_slice field = column < 0 ? (stoa_slice){0} : stoa_csv_field(t->csv, (uint32_t)column);
  return field.data ? field : (stoa_slice){"", 0};
}

static stoa_status read_row(reader *r, const table *t)
{
  stoa_logged e = {.n = 1};
  STOA_TRY(number_at(r, t, t->reward, &e.reward));
  STOA_TRY(number_at(r, t, t->propensity, &e.propensity));
  e.shown = number_of(&r->actions, text_at(t, t->action)); // its number, until all actions are known
  e.group = number_of(&r->groups, text_at(t, t->group));
  if (r->log->actions.n > MOST_ACTIONS) {
    return stoa_error_at(r->err, STOA_TOO_LARGE, (stoa_place){r->path, 0, 0}, "has more than %d actions", MOST_ACTIONS);
  }
  push(r, &e, NULL, number_of(&r->segments, text_at(t, t->segment)));
  const bool good = e.propensity > 0 && e.propensity <= 1 && isfinite(e.reward);
  return good ? STOA_OK : check_event(r, &e, stoa_csv_line(t->csv));
}

// In a table any action of the table could have been shown.
static void set_actions(reader *r)
{
  const uint32_t n = r->log->actions.n;
  uint32_t *const all = STOA_NEWS(r->arena, uint32_t, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    all[i] = i;
  }
  for (uint32_t i = 0; i < r->log->events.n; ++i) {
    r->log->events.items[i].actions = all;
    r->log->events.items[i].n = n;
  }
}

static stoa_status read_table(reader *r, const stoa_log_columns *columns)
{
  table t = {0};
  STOA_TRY(stoa_csv_open(r->path, &t.csv, r->err));
  stoa_status status = find_columns(r, columns, &t);
  for (bool more = true; status == STOA_OK && more;) {
    status = stoa_csv_next(t.csv, &more, r->err);
    if (status == STOA_OK && more) {
      status = read_row(r, &t);
    }
  }
  stoa_csv_close(t.csv);
  set_actions(r);
  return status;
}

// ---- dsjson

static const char *action_name(reader *r, const stoa_json *a, const stoa_json *multi)
{
  if (a->kind == STOA_JSON_STRING) {
    return stoa_arena_copy(r->arena, a->text);
  }
  const bool is_place = a->kind == STOA_JSON_INTEGER && multi && a->integer >= 1 && a->integer <= multi->n_items;
  const stoa_json *const id = is_place ? stoa_json_find(&multi->items[a->integer - 1], "id") : NULL;
  return id && id->kind == STOA_JSON_STRING ? stoa_arena_copy(r->arena, id->text)
                                            : stoa_arena_print(r->arena, "%lld", (long long)a->integer);
}

// The action of the lowest place, or whose id stands first in _multi, was the first that the caller named.
static uint32_t place_of(const stoa_json *a, const stoa_json *multi)
{
  for (uint32_t i = 0; a->kind == STOA_JSON_STRING && multi && i < multi->n_items; ++i) {
    const stoa_json *const id = stoa_json_find(&multi->items[i], "id");
    if (id && id->kind == STOA_JSON_STRING && id->text.length == a->text.length &&
        memcmp(id->text.data, a->text.data, a->text.length) == 0) {
      return i + 1;
    }
  }
  return a->kind == STOA_JSON_INTEGER ? (uint32_t)a->integer : UINT32_MAX;
}

typedef struct {
  const stoa_json *a, *p, *multi;
} choices;

// Actions in the order in which the caller named them, as far as it can be told.
static void take_actions(reader *r, const choices *c, stoa_logged *e, double *logged, uint32_t *actions)
{
  uint32_t *const places = STOA_NEWS(r->arena, uint32_t, c->a->n_items);
  for (uint32_t i = 0; i < c->a->n_items; ++i) {
    uint32_t at = i;
    const uint32_t place = place_of(&c->a->items[i], c->multi);
    while (at > 0 && places[at - 1] > place) {
      places[at] = places[at - 1];
      actions[at] = actions[at - 1];
      logged[at] = logged[at - 1];
      --at;
    }
    e->shown = i == 0 ? 0 : e->shown + (at <= e->shown);
    places[at] = place;
    actions[at] = number_of(&r->actions, stoa_slice_of(action_name(r, &c->a->items[i], c->multi)));
    logged[at] = c->p->items[i].real;
  }
}

static stoa_status bad_line(const reader *r, int64_t line, const char *what)
{
  return stoa_error_at(r->err, STOA_BAD_SYNTAX, (stoa_place){r->path, (int)line, 1}, "%s", what);
}

static stoa_status read_decision(reader *r, const stoa_json *line, const stoa_log_columns *columns, int64_t number)
{
  const stoa_json *const cost = stoa_json_find(line, "_label_cost"), *const c = stoa_json_find(line, "c");
  const choices all = {stoa_json_find(line, "a"), stoa_json_find(line, "p"), c ? stoa_json_find(c, "_multi") : NULL};
  const stoa_json *const p = stoa_json_find(line, "_label_probability");
  const stoa_json *const segment = columns->segment && c ? stoa_json_find(c, columns->segment) : NULL;
  if (!cost || !all.a || !all.p) {
    r->log->n_skipped++;
    return STOA_OK;
  }
  if (all.a->kind != STOA_JSON_ARRAY || all.p->kind != STOA_JSON_ARRAY || all.a->n_items != all.p->n_items ||
      all.a->n_items == 0) {
    return bad_line(r, number, "\"a\" and \"p\" are arrays of equal length, the chosen action first");
  }
  uint32_t *const actions = STOA_NEWS(r->arena, uint32_t, all.a->n_items);
  double *const logged = STOA_NEWS(r->arena, double, all.a->n_items);
  stoa_logged e = {.n = all.a->n_items, .actions = actions, .reward = -cost->real};
  take_actions(r, &all, &e, logged, actions);
  e.propensity = p ? p->real : all.p->items[0].real;
  e.group = number_of(&r->groups, stoa_slice_of(""));
  const stoa_slice name = segment && segment->kind == STOA_JSON_STRING ? segment->text : (stoa_slice){"", 0};
  push(r, &e, logged, number_of(&r->segments, name));
  return check_event(r, &e, number);
}

static stoa_status read_line(reader *r, char *text, size_t n, const stoa_log_columns *columns, int64_t number)
{
  const stoa_json *line;
  stoa_arena scratch;
  stoa_error fault = {0};
  if (n == 0) {
    return STOA_OK;
  }
  stoa_arena_init(&scratch, 0);
  stoa_status status = stoa_json_read((stoa_slice){text, n}, &scratch, &line, &fault);
  if (status != STOA_OK) {
    status = bad_line(r, number, fault.text);
  } else if (line->kind != STOA_JSON_OBJECT) {
    status = bad_line(r, number, "a line of a log is a JSON object");
  } else {
    status = read_decision(r, line, columns, number);
  }
  stoa_arena_done(&scratch);
  return status;
}

static stoa_status read_lines(reader *r, const stoa_log_columns *columns)
{
  FILE *const file = fopen(r->path, "r");
  char *text = NULL;
  size_t room = 0;
  stoa_status status = STOA_OK;
  if (!file) {
    return stoa_error_set(r->err, STOA_IO, "%s: %s", r->path, strerror(errno));
  }
  r->log->has_first = true;
  for (int64_t number = 1; status == STOA_OK; ++number) {
    ssize_t n = getline(&text, &room, file);
    if (n < 0) {
      break;
    }
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r')) {
      --n;
    }
    status = n > MOST_LINE ? bad_line(r, number, "the line is longer than 16 MiB")
                           : read_line(r, text, (size_t)n, columns, number);
  }
  if (status == STOA_OK && ferror(file)) {
    status = stoa_error_set(r->err, STOA_IO, "%s: %s", r->path, strerror(errno));
  }
  free(text);
  fclose(file);
  return status;
}

stoa_status stoa_log_read(const char *path, const stoa_log_columns *columns, stoa_arena *arena, stoa_log *out,
                          stoa_error *err)
{
  reader r;
  const size_t n = strlen(path);
  reader_init(&r, path, arena, out, err);
  STOA_TRY(n > 4 && strcmp(path + n - 4, ".csv") == 0 ? read_table(&r, columns) : read_lines(&r, columns));
  return out->events.n ? STOA_OK
                       : stoa_error_at(err, STOA_BAD_ARG, (stoa_place){path, 0, 0}, "has no decision with a reward");
}
