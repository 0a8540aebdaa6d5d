// stoa features replay: rows that were served, computed again as of the instant and the offset of the log at which they
// were.  What differs would be learned otherwise than it is served.
#include "cli/cli.h"
#include "cli/features.h"
#include "graph/base/file.h"
#include "graph/base/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TOLD = 10 };

typedef struct {
  stoa_engine *engine;
  const char *file;
  long line;
  long rows, values, differ, skipped;
} replay;

static const stoa_json *member(const stoa_json *row, const char *name, stoa_json_kind kind)
{
  const stoa_json *const m = stoa_json_find(row, name);
  return m && m->kind == kind ? m : NULL;
}

static stoa_status refuse(const replay *r, const char *why, stoa_error *err)
{
  return stoa_error_at(err, STOA_BAD_SYNTAX, (stoa_place){r->file, (uint32_t)r->line, 1}, "%s", why);
}

static void tell(replay *r, const stoa_json *row, const char *feature, stoa_slice served, const char *computed)
{
  if (r->differ++ >= MOST_TOLD) {
    return;
  }
  const stoa_json *const service = stoa_json_find(row, "service"), *const key = stoa_json_find(row, "key");
  printf("%s:%ld: %.*s %.*s %s: served %.*s, computed %s\n", r->file, r->line, (int)service->text.length, service->text.data,
         (int)key->items[0].text.length, key->items[0].text.data, feature, (int)served.length, served.data, computed);
}

static void compare(replay *r, const stoa_json *row, const stoa_json *values, const stoa_service *service,
                    const stoa_term *computed)
{
  for (uint32_t i = 0; i < values->n_items; ++i) {
    const stoa_json *const v = &values->items[i];
    const int at = stoa_service_find(service, stoa_slice_of(v->name));
    stoa_buf text = {0};
    if (at < 0) {
      r->skipped++; // the feature is declared no longer
      continue;
    }
    if (stoa_term_is_bound(computed[at])) {
      stoa_term_write(computed[at], &text);
    } else {
      stoa_buf_text(&text, "null");
    }
    const stoa_slice served = v->kind == STOA_JSON_STRING ? v->text : stoa_slice_of("null");
    r->values++;
    if (!stoa_slice_equal(served, (stoa_slice){text.data, text.length})) {
      tell(r, row, v->name, served, stoa_buf_string(&text));
    }
    stoa_buf_done(&text);
  }
}

static stoa_status replay_row(replay *r, const stoa_json *row, stoa_arena *arena, stoa_error *err)
{
  const stoa_registry *const registry = stoa_engine_layer(r->engine)->registry;
  const stoa_json *const at = member(row, "at", STOA_JSON_INTEGER), *const offset = member(row, "offset", STOA_JSON_INTEGER),
                        *const name = member(row, "service", STOA_JSON_STRING), *const key = member(row, "key", STOA_JSON_ARRAY),
                        *const values = member(row, "values", STOA_JSON_OBJECT),
                        *const purpose = member(row, "purpose", STOA_JSON_STRING);
  const stoa_service *service;
  const stoa_term *computed;
  stoa_context context;
  if (!at || !offset || !name || !key || !values || key->n_items == 0) {
    return refuse(r, "a sample has \"at\", \"offset\", \"service\", \"key\" and \"values\"", err);
  }
  STOA_TRY(stoa_registry_need_service(registry, stoa_arena_copy(arena, name->text), &service, err));
  if (key->n_items != service->entity->n_keys) {
    return refuse(r, "the key has not as many parts as the entity's", err);
  }
  stoa_slice *const keys = STOA_NEWS(arena, stoa_slice, key->n_items);
  bool *const wanted = STOA_NEWS(arena, bool, service->features.n + 1);
  for (uint32_t i = 0; i < key->n_items; ++i) {
    keys[i] = key->items[i].text;
  }
  for (uint32_t i = 0; i < values->n_items; ++i) {
    const int feature = stoa_service_find(service, stoa_slice_of(values->items[i].name));
    if (feature >= 0) {
      wanted[feature] = true;
    }
  }
  stoa_context_init(&context, at->integer);
  context.purpose = purpose ? stoa_arena_copy(arena, purpose->text) : "";
  context.known_offset = offset->integer ? offset->integer : -1; // nothing was known yet
  STOA_TRY(stoa_features_compute(service, keys, 1, wanted, &context, arena, &computed, err));
  compare(r, row, values, service, computed);
  r->rows++;
  return STOA_OK;
}

static stoa_status replay_line(replay *r, const char *line, size_t length, stoa_error *err)
{
  stoa_arena arena;
  const stoa_json *row;
  stoa_error fault = {0};
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_json_read((stoa_slice){line, length}, &arena, &row, &fault);
  if (status != STOA_OK || row->kind != STOA_JSON_OBJECT) {
    status = refuse(r, status != STOA_OK ? fault.text : "a sample is a JSON object", err);
  } else {
    status = replay_row(r, row, &arena, err);
  }
  stoa_arena_done(&arena);
  return status;
}

int stoa_cli_replay(stoa_engine *e, const char *file)
{
  replay r = {.engine = e, .file = file ? file : stoa_engine_samples_file(e)};
  stoa_error err = {0};
  stoa_status status = STOA_OK;
  char *line = NULL;
  size_t capacity = 0;
  if (!r.file) {
    return stoa_cli_usage("features", "the project declares no samples; write for instance: samples: {share: 0.01}, or name a file");
  }
  FILE *const in = fopen(r.file, "re");
  if (!in) {
    stoa_error_set(&err, STOA_IO, "cannot read %s: %m", r.file);
    return stoa_cli_fail(&err);
  }
  for (ssize_t n; status == STOA_OK && (n = getline(&line, &capacity, in)) > 0;) {
    r.line++;
    status = replay_line(&r, line, (size_t)n, &err);
  }
  free(line);
  fclose(in);
  if (status != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  printf("%ld rows, %ld values: %ld differ%s\n", r.rows, r.values, r.differ, r.skipped ? "; some features are declared no longer" : "");
  return r.differ ? 1 : 0;
}
