// stoa features get | preview: vectors of keys, or of the first entities of a class, some hundred at a time.
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/rows.h"
#include "graph/source/csv.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 512 };

typedef struct {
  stoa_engine *engine;
  const stoa_service *service;
  stoa_context context;
  stoa_row_writer rows;
  stoa_arena *arena; ///< of all
  stoa_arena lot;    ///< of the keys that are gathered, and of their vectors
  stoa_slice *keys;
  uint32_t n;
} getter;

static stoa_status write_lot(getter *g, stoa_error *err)
{
  const uint32_t n_parts = g->service->entity->n_keys;
  const stoa_term *values;
  const bool *known;
  if (g->n) {
    STOA_TRY(stoa_features_find(g->service, g->keys, g->n, NULL, &g->context, &g->lot, &values, &known, err));
    stoa_rows_write(&g->rows, g->keys, values, known, g->n, g->arena);
    for (uint32_t i = 0; i < g->n; ++i) {
      if (!known[i]) {
        fprintf(stderr, "warning: %s\n",
                stoa_entity_absence(g->service->entity, g->keys + (size_t)i * n_parts, &g->lot));
      }
    }
  }
  g->n = 0;
  stoa_arena_done(&g->lot);
  stoa_arena_init(&g->lot, 0);
  g->keys = STOA_NEWS(&g->lot, stoa_slice, (size_t)AT_ONCE * n_parts);
  return ferror(stdout) ? stoa_error_set(err, STOA_IO, "the rows cannot be written: %s", strerror(errno)) : STOA_OK;
}

// The place of the next key, once there is room.
static stoa_status next_key(getter *g, stoa_slice **out, stoa_error *err)
{
  if (g->n == AT_ONCE) {
    STOA_TRY(write_lot(g, err));
  }
  *out = g->keys + (size_t)g->n++ * g->service->entity->n_keys;
  return STOA_OK;
}

static stoa_status add_text(getter *g, stoa_slice text, stoa_error *err)
{
  stoa_slice *key;
  STOA_TRY(next_key(g, &key, err));
  return stoa_entity_key(g->service->entity, stoa_arena_slice(&g->lot, text), &g->lot, key, err);
}

// ---- files of keys

// True when the head of a CSV file names each part of the key.
static bool find_columns(const stoa_csv *csv, const stoa_entity *entity, uint32_t *columns)
{
  uint32_t found = 0;
  for (uint32_t k = 0; k < entity->n_keys; ++k) {
    for (uint32_t i = 0; i < stoa_csv_n_columns(csv); ++i) {
      if (strcmp(stoa_csv_name(csv, i), entity->keys[k]) == 0) {
        columns[k] = i;
        ++found;
        break;
      }
    }
  }
  return found == entity->n_keys;
}

static stoa_place place_of(const char *path, const stoa_csv *csv)
{
  return (stoa_place){path, (int)stoa_csv_line(csv), 1};
}

static stoa_status read_table(getter *g, const char *path, stoa_csv *csv, const uint32_t *columns, stoa_error *err)
{
  const stoa_entity *const entity = g->service->entity;
  for (bool more = true;;) {
    stoa_slice *key;
    STOA_TRY(stoa_csv_next(csv, &more, err));
    if (!more) {
      return STOA_OK;
    }
    STOA_TRY(next_key(g, &key, err));
    for (uint32_t k = 0; k < entity->n_keys; ++k) {
      stoa_error fault = {0};
      key[k] = stoa_arena_slice(&g->lot, stoa_csv_field(csv, columns[k]));
      if (!key[k].length) {
        return stoa_error_at(err, STOA_BAD_ARG, place_of(path, csv), "the row has no %s", entity->keys[k]);
      }
      if (stoa_entity_check(entity, k, key[k], &fault) != STOA_OK) {
        return stoa_error_at(err, fault.status, place_of(path, csv), "%s", fault.text);
      }
    }
  }
}

static stoa_status add_line(getter *g, stoa_slice text, stoa_place place, stoa_error *err)
{
  stoa_error fault = {0};
  stoa_slice *key;
  STOA_TRY(next_key(g, &key, err));
  const stoa_status status = stoa_entity_key(g->service->entity, stoa_arena_slice(&g->lot, text), &g->lot, key, &fault);
  return status == STOA_OK ? STOA_OK : stoa_error_at(err, status, place, "%s", fault.text);
}

static stoa_status read_lines(getter *g, const char *path, FILE *file, stoa_error *err)
{
  char *line = NULL;
  size_t size = 0;
  int n = 0;
  ssize_t length;
  stoa_status status = STOA_OK;
  while (status == STOA_OK && (length = getline(&line, &size, file)) >= 0) {
    ++n;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) {
      --length;
    }
    status = length ? add_line(g, (stoa_slice){line, (size_t)length}, (stoa_place){path, n, 1}, err) : STOA_OK;
  }
  if (status == STOA_OK && ferror(file)) {
    status = stoa_error_set(err, STOA_IO, "%s: %s", path, strerror(errno));
  }
  free(line);
  return status;
}

// A table whose head names the key's parts, or one key a line.
static stoa_status read_file(getter *g, const char *path, stoa_error *err)
{
  uint32_t columns[STOA_TEMPLATE_COLUMNS];
  stoa_csv *csv = NULL;
  stoa_error no_table = {0};
  if (stoa_csv_open(path, &csv, &no_table) == STOA_OK && find_columns(csv, g->service->entity, columns)) {
    const stoa_status status = read_table(g, path, csv, columns, err);
    stoa_csv_close(csv);
    return status;
  }
  if (csv) {
    stoa_csv_close(csv);
  }
  FILE *const file = fopen(path, "re");
  if (!file) {
    return stoa_error_set(err, errno == ENOENT ? STOA_NOT_FOUND : STOA_IO, "%s: %s", path, strerror(errno));
  }
  const stoa_status status = read_lines(g, path, file, err);
  fclose(file);
  return status;
}

// ---- all of them

static stoa_status read_first(getter *g, uint32_t limit, stoa_error *err)
{
  const uint32_t n_parts = g->service->entity->n_keys;
  stoa_slice *keys;
  uint32_t n;
  STOA_TRY(stoa_view_keys(g->service->views.items[0], stoa_engine_layer(g->engine)->project, limit, &g->context,
                          g->arena, &keys, &n, err));
  for (uint32_t i = 0; i < n; ++i) {
    stoa_slice *key;
    STOA_TRY(next_key(g, &key, err));
    memcpy(key, keys + (size_t)i * n_parts, n_parts * sizeof *key);
  }
  return STOA_OK;
}

static stoa_status run(getter *g, const stoa_getting *what, stoa_error *err)
{
  STOA_TRY(write_lot(g, err)); // which makes room for the first
  if (what->limit) {
    STOA_TRY(read_first(g, what->limit, err));
  }
  for (uint32_t i = 0; i < what->n_keys; ++i) {
    STOA_TRY(add_text(g, what->keys[i], err));
  }
  if (what->file) {
    STOA_TRY(read_file(g, what->file, err));
  }
  STOA_TRY(write_lot(g, err));
  stoa_rows_end(&g->rows, g->arena);
  return STOA_OK;
}

int stoa_cli_get(stoa_engine *engine, const stoa_service *service, const stoa_getting *what, stoa_arena *arena)
{
  getter g = {
    .engine = engine, .service = service, .arena = arena, .rows = {.format = what->format, .service = service}};
  stoa_error err = {0};
  char text[512];
  stoa_context_init(&g.context, what->now_us);
  g.context.purpose = what->purpose;
  stoa_arena_init(&g.lot, 0);
  stoa_status status = what->is_past ? stoa_engine_known(engine, what->now_us, &g.context.known_offset, &err) : STOA_OK;
  status = status == STOA_OK ? run(&g, what, &err) : status;
  stoa_arena_done(&g.lot);
  if (g.context.n_misfits) {
    fprintf(stderr, "warning: %s\n", stoa_misfits_print(&g.context, text, sizeof text));
  }
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}
