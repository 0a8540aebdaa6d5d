// stoa features: its words
#include "cli/features.h"
#include "cli/cli.h"
#include "graph/term/xsd.h"
#include <stdio.h>
#include <stdlib.h>

bool stoa_cli_instant(stoa_slice text, const stoa_zone *zone, int64_t *us)
{
  stoa_instant instant;
  stoa_buf written = {0};
  stoa_xsd_datetime_of_sql(text, &written);
  const stoa_slice as_xsd = {written.data, written.length};
  const bool good = stoa_xsd_datetime_read(as_xsd, &instant) || stoa_xsd_date_read(as_xsd, &instant);
  stoa_buf_done(&written);
  if (good) {
    *us = instant.us - (instant.has_zone ? 0 : stoa_zone_offset(zone, instant.us) * INT64_C(1000000));
  }
  return good;
}

/// What the command line asks for.
typedef struct {
  const char *what, *dir, *limit, *asof, *purpose, *name; ///< of all
  const char *entities, *format;                          ///< of get; the file of history too; format: of erase too
  const char *timestamps, *service, *to, *known;          ///< of history
  STOA_LIST(stoa_slice) keys;
} request;

// Events that were loaded long after they happened would else be in no row.
static bool counts_from_event(const request *q)
{
  return q->known && strcmp(q->known, "event") == 0;
}

static int get(stoa_engine *e, const stoa_service *service, const request *q, int64_t now_us, stoa_arena *arena)
{
  const bool previews = strcmp(q->what, "preview") == 0;
  stoa_getting what = {.now_us = now_us,
                       .is_past = q->asof != NULL,
                       .purpose = q->purpose,
                       .limit = previews ? (uint32_t)strtol(q->limit ? q->limit : "5", NULL, 10) : 0,
                       .keys = q->keys.items,
                       .n_keys = previews ? 0 : q->keys.n,
                       .file = q->entities};
  return stoa_rows_format_read(q->format ? q->format : "jsonl", &what.format)
           ? stoa_cli_get(e, service, &what, arena)
           : stoa_cli_usage("features", "--format is jsonl, json, csv or table, not \"%s\"", q->format);
}

static int run(stoa_engine *e, const request *q, stoa_arena *arena, stoa_error *err)
{
  const stoa_layer *const layer = stoa_engine_layer(e);
  const bool is_history = strcmp(q->what, "history") == 0;
  int64_t now_us = stoa_engine_now(e);
  const stoa_service *service;
  if (strcmp(q->what, "list") == 0) {
    return stoa_cli_list(e, arena);
  }
  if (strcmp(q->what, "registry") == 0) {
    return stoa_cli_registry(e);
  }
  if (strcmp(q->what, "replay") == 0) {
    return stoa_cli_replay(e, q->name);
  }
  if (strcmp(q->what, "plan") == 0) {
    return stoa_cli_plan(e, arena);
  }
  if (strcmp(q->what, "apply") == 0) {
    enum { USUAL = 1000 };
    return stoa_cli_apply(e, q->limit ? (uint32_t)strtol(q->limit, NULL, 10) : USUAL, arena);
  }
  if (strcmp(q->what, "drift") == 0) {
    return stoa_cli_drift(e, arena);
  }
  if (strcmp(q->what, "show") == 0) {
    return stoa_cli_show(e, q->name, q->purpose, arena);
  }
  if (q->asof && !stoa_cli_instant(stoa_slice_of(q->asof), &layer->project->timezone, &now_us)) {
    return stoa_cli_usage("features", "--asof takes an instant such as 2026-11-27T10:00:00Z or 2026-11-27, not \"%s\"",
                          q->asof);
  }
  if (stoa_registry_need_service(layer->registry, is_history ? q->service : q->name, &service, err) != STOA_OK) {
    return stoa_cli_fail(err);
  }
  return is_history ? stoa_cli_history(e, service, q->entities, q->timestamps, q->purpose, counts_from_event(q), q->to)
                    : get(e, service, q, now_us, arena);
}

static bool read_option(stoa_args *args, request *q)
{
  return stoa_args_option(args, "-C", &q->dir) || stoa_args_option(args, "--limit", &q->limit) ||
         stoa_args_option(args, "--asof", &q->asof) || stoa_args_option(args, "--purpose", &q->purpose) ||
         stoa_args_option(args, "--format", &q->format) || stoa_args_option(args, "--entities", &q->entities) ||
         stoa_args_option(args, "--timestamp-column", &q->timestamps) || stoa_args_option(args, "--known", &q->known) ||
         stoa_args_option(args, "--service", &q->service) || stoa_args_option(args, "-o", &q->to);
}

// What is missing or too much, or NULL.
static const char *fault_of(const request *q)
{
  const char *const what = q->what ? q->what : "";
  const bool previews = strcmp(what, "preview") == 0, gets = strcmp(what, "get") == 0;
  if (q->format && !gets && !previews && strcmp(what, "erase") != 0) {
    return "--format is of get, preview and erase";
  }
  if (q->limit && !previews && strcmp(what, "apply") != 0) {
    return "--limit is of preview and apply";
  }
  if (strcmp(what, "history") == 0) {
    if (q->known && strcmp(q->known, "arrival") != 0 && strcmp(q->known, "event") != 0) {
      return "--known is arrival (an event counts from when it came) or event (from its own time)";
    }
    return !q->entities || !q->timestamps || !q->service
             ? "history takes --entities FILE.csv, --timestamp-column NAME and --service SERVICE"
           : q->name || q->asof ? "history takes its instants from the file, and no words"
                                : NULL;
  }
  if (q->purpose[0] && !gets && !previews && strcmp(what, "show") != 0) {
    return "--purpose is of show, preview, get and history";
  }
  if (q->timestamps || q->service || q->to || q->known) {
    return "--timestamp-column, --service, --known and -o are of history";
  }
  if (q->entities && !gets) {
    return "--entities is of get and history";
  }
  if (strcmp(what, "replay") == 0) {
    return q->keys.n || q->asof ? "replay takes one file at most; each of its rows has its instant" : NULL;
  }
  if (strcmp(what, "erase") == 0) {
    return !q->name || q->keys.n == 0 ? "erase takes an entity and at least one key"
           : q->asof                  ? "erase takes no instant"
                                      : NULL;
  }
  if (strcmp(what, "registry") == 0) {
    return q->name || q->asof ? "registry takes no words, and no instant" : NULL;
  }
  if (strcmp(what, "plan") == 0 || strcmp(what, "apply") == 0 || strcmp(what, "drift") == 0) {
    return q->name || q->asof ? "plan, apply and drift take no words, and no instant" : NULL;
  }
  if (strcmp(what, "show") == 0) {
    return !q->name || q->keys.n || q->asof ? "show takes the name of a view, a feature or a service" : NULL;
  }
  return gets && (!q->name || (q->keys.n == 0 && !q->entities))
           ? "get takes a service or view, and keys or --entities FILE"
         : strcmp(what, "list") == 0 || gets ? NULL
         : previews && q->name
           ? NULL
           : "list, show NAME, plan, apply, drift, registry, preview NAME, get NAME KEY..., history or erase ENTITY KEY... expected";
}

static stoa_engine_mode mode_of(const request *q)
{
  const bool is_history = strcmp(q->what, "history") == 0 && !counts_from_event(q);
  return strcmp(q->what, "replay") == 0 ? STOA_ENGINE_REPLAY
         : q->asof || is_history        ? STOA_ENGINE_PAST
                                        : STOA_ENGINE_READ;
}

int stoa_verb_features(stoa_args *args)
{
  request q = {.dir = ".", .purpose = "", .what = stoa_args_word(args)};
  stoa_arena arena;
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  stoa_arena_init(&arena, 0);
  while (!stoa_args_end(args)) {
    if (read_option(args, &q)) {
      continue;
    }
    const char *const word = stoa_args_word(args);
    if (!word) {
      stoa_arena_done(&arena);
      return stoa_cli_usage("features", "cannot take \"%s\"", stoa_args_current(args));
    }
    if (q.name) {
      STOA_PUSH(&arena, &q.keys, stoa_slice_of(word));
    }
    q.name = q.name ? q.name : word;
  }
  const char *const fault = fault_of(&q);
  if (fault) {
    stoa_arena_done(&arena);
    return stoa_cli_usage("features", "%s", fault);
  }
  int code;
  if (strcmp(q.what, "erase") == 0) {
    code = stoa_cli_erase(q.dir, q.name, q.keys.items, q.keys.n, q.format);
    stoa_arena_done(&arena);
    return code;
  }
  if (stoa_engine_open(q.dir, mode_of(&q), &faults, &engine, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  } else {
    code = stoa_cli_faults(&faults);
    code = code == 0 ? run(engine, &q, &arena, &err) : code;
    stoa_engine_close(engine);
  }
  stoa_faults_done(&faults);
  stoa_arena_done(&arena);
  return code;
}
