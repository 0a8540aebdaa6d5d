// stoa features list | registry | preview | get | history
#include "cli/features.h"
#include "cli/cli.h"
#include "graph/term/xsd.h"
#include <stdio.h>
#include <stdlib.h>

static void write_value(stoa_term t, stoa_buf *out)
{
  if (!stoa_term_is_bound(t)) {
    stoa_buf_text(out, "null");
  } else if (t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_BOOLEAN || t.kind == STOA_TERM_DECIMAL) {
    stoa_term_write_lexical(t, out);
  } else if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(out, t.as.real);
  } else {
    stoa_buf text = {0};
    stoa_term_write_lexical(t, &text);
    stoa_buf_json(out, (stoa_slice){text.data, text.length});
    stoa_buf_done(&text);
  }
}

// Whoever does not exist has no features, not even those that stand for none.
static void print_vector(const stoa_slice *key, const stoa_service *s, const stoa_term *values, bool known)
{
  stoa_buf out = {0};
  for (uint32_t i = 0; i < s->entity->n_keys; ++i) {
    stoa_buf_print(&out, "%s\"%s\": ", i ? ", " : "{", s->entity->keys[i]);
    stoa_buf_json(&out, key[i]);
  }
  for (uint32_t i = 0; i < s->features.n; ++i) {
    stoa_buf_print(&out, ", \"%s\": ", s->features.items[i]->name);
    write_value(known ? values[i] : (stoa_term){0}, &out);
  }
  stoa_buf_text(&out, "}\n");
  fwrite(out.data, 1, out.length, stdout);
  stoa_buf_done(&out);
}

static int list(const stoa_registry *r)
{
  static const char *const kinds[] = {"query", "window", "request"};
  for (uint32_t i = 0; i < r->views.n; ++i) {
    const stoa_view *const v = r->views.items[i];
    printf("view     %-20s %-7s %-10s %4u features  %s\n", v->name, kinds[v->kind], v->entity->name, v->features.n,
           v->summary);
  }
  for (uint32_t i = 0; i < r->services.n; ++i) {
    const stoa_service *const s = &r->services.items[i];
    printf("service  %-20s         %-10s %4u features of %u views\n", s->name, s->entity->name, s->features.n,
           s->views.n);
  }
  return 0;
}

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
  const char *entities, *timestamps, *service, *to;       ///< of history
  STOA_LIST(stoa_slice) keys;
} request;

static stoa_status read_keys(const stoa_entity *entity, const request *q, stoa_arena *arena, stoa_slice **out,
                             stoa_error *err)
{
  *out = STOA_NEWS(arena, stoa_slice, (size_t)q->keys.n * entity->n_keys + 1);
  for (uint32_t i = 0; i < q->keys.n; ++i) {
    STOA_TRY(stoa_entity_key(entity, q->keys.items[i], arena, *out + (size_t)i * entity->n_keys, err));
  }
  return STOA_OK;
}

static int compute(stoa_engine *e, const stoa_service *service, const request *q, int64_t now_us, stoa_arena *arena,
                   stoa_error *err)
{
  stoa_context context;
  stoa_slice *keys;
  uint32_t n_keys = q->keys.n;
  const bool previews = strcmp(q->what, "preview") == 0;
  const uint32_t n_parts = service->entity->n_keys;
  stoa_context_init(&context, now_us);
  context.purpose = q->purpose;
  if ((previews ? stoa_view_keys(service->views.items[0], stoa_engine_layer(e)->project,
                                 (uint32_t)strtol(q->limit, NULL, 10), &context, arena, &keys, &n_keys, err)
                : read_keys(service->entity, q, arena, &keys, err)) != STOA_OK) {
    return stoa_cli_fail(err);
  }
  enum { AT_ONCE = 512 };
  char text[512];
  for (uint32_t i = 0; i < n_keys; i += AT_ONCE) {
    const uint32_t n = n_keys - i < AT_ONCE ? n_keys - i : AT_ONCE;
    const stoa_term *values;
    const bool *known;
    if (stoa_features_find(service, keys + (size_t)i * n_parts, n, NULL, &context, arena, &values, &known, err) !=
        STOA_OK) {
      return stoa_cli_fail(err);
    }
    for (uint32_t k = 0; k < n; ++k) {
      const stoa_slice *const key = keys + (size_t)(i + k) * n_parts;
      print_vector(key, service, values + (size_t)k * service->features.n, known[k]);
      if (!known[k]) {
        fprintf(stderr, "warning: %s\n", stoa_entity_absence(service->entity, key, arena));
      }
    }
  }
  if (context.n_misfits) {
    fprintf(stderr, "warning: %s\n", stoa_misfits_print(&context, text, sizeof text));
  }
  return 0;
}

static int run(stoa_engine *e, const request *q, stoa_arena *arena, stoa_error *err)
{
  const stoa_layer *const layer = stoa_engine_layer(e);
  const bool is_history = strcmp(q->what, "history") == 0;
  int64_t now_us = stoa_engine_now(e);
  const stoa_service *service;
  if (strcmp(q->what, "list") == 0) {
    return list(layer->registry);
  }
  if (strcmp(q->what, "registry") == 0) {
    return stoa_cli_registry(e);
  }
  if (strcmp(q->what, "replay") == 0) {
    return stoa_cli_replay(e, q->name);
  }
  if (q->asof && !stoa_cli_instant(stoa_slice_of(q->asof), &layer->project->timezone, &now_us)) {
    return stoa_cli_usage("features", "--asof takes an instant such as 2026-11-27T10:00:00Z or 2026-11-27, not \"%s\"", q->asof);
  }
  if (stoa_registry_need_service(layer->registry, is_history ? q->service : q->name, &service, err) != STOA_OK) {
    return stoa_cli_fail(err);
  }
  return is_history ? stoa_cli_history(e, service, q->entities, q->timestamps, q->purpose, q->to)
                    : compute(e, service, q, now_us, arena, err);
}

static bool read_option(stoa_args *args, request *q)
{
  return stoa_args_option(args, "-C", &q->dir) || stoa_args_option(args, "--limit", &q->limit) ||
         stoa_args_option(args, "--asof", &q->asof) ||
         stoa_args_option(args, "--purpose", &q->purpose) || stoa_args_option(args, "--entities", &q->entities) ||
         stoa_args_option(args, "--timestamp-column", &q->timestamps) || stoa_args_option(args, "--service", &q->service) ||
         stoa_args_option(args, "-o", &q->to);
}

// What is missing or too much, or NULL.
static const char *fault_of(const request *q)
{
  const char *const what = q->what ? q->what : "";
  const bool previews = strcmp(what, "preview") == 0, gets = strcmp(what, "get") == 0;
  if (strcmp(what, "history") == 0) {
    return !q->entities || !q->timestamps || !q->service
             ? "history takes --entities FILE.csv, --timestamp-column NAME and --service SERVICE"
           : q->name || q->asof ? "history takes its instants from the file, and no words"
                                : NULL;
  }
  if (q->entities || q->timestamps || q->service || q->to) {
    return "--entities, --timestamp-column, --service and -o are of history";
  }
  if (strcmp(what, "replay") == 0) {
    return q->keys.n || q->asof ? "replay takes one file at most; each of its rows has its instant" : NULL;
  }
  if (strcmp(what, "registry") == 0) {
    return q->name || q->asof ? "registry takes no words, and no instant" : NULL;
  }
  return gets && (!q->name || q->keys.n == 0)           ? "get takes a service or view and at least one key"
         : strcmp(what, "list") == 0 || gets            ? NULL
         : previews && q->name                          ? NULL
                                                        : "list, registry, preview NAME, get NAME KEY... or history expected";
}

int stoa_verb_features(stoa_args *args)
{
  request q = {.dir = ".", .limit = "5", .purpose = "", .what = stoa_args_word(args)};
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
  const bool replays = strcmp(q.what, "replay") == 0;
  if (stoa_engine_open(q.dir, replays ? STOA_ENGINE_REPLAY : STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK) {
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
