// stoa features history: rows of a CSV file in, the same rows with features out, some thousand at a time.  The rows of
// one lot are shared out to threads, and written in the order in which they stood.
#include "cli/cli.h"
#include "cli/features.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "features/history.h"
#include "features/past.h"
#include "graph/base/file.h"
#include "graph/source/csv.h"
#include "graph/term/xsd.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOT = 16384, MOST_THREADS = 8 };

typedef struct {
  stoa_engine *engine;
  const stoa_service *service;
  stoa_csv *csv;
  const char *path, *purpose;
  const stoa_event_types *types; ///< of the log, as far as it matters when its events came
  uint32_t keys[STOA_TEMPLATE_COLUMNS], at; ///< columns
  stoa_arena arena;
  stoa_history_input_list inputs; ///< which come with a request where features are served
  uint32_t *input_columns;
  stoa_progress progress;
  stoa_buf out;
  stoa_context told; ///< what the parts have counted
  uint64_t n_before; ///< rows that are older than the log
} job;

/// The rows that one thread computes.
typedef struct {
  const job *of;
  pthread_t thread;
  stoa_arena arena;
  const stoa_observation *rows;
  uint32_t n;
  const stoa_term *values;
  stoa_status status;
  stoa_error err;
  uint64_t n_misfits;
  const char *misfit;
} part;

/// Rows that are read and not written yet.
typedef struct {
  stoa_arena arena;
  stoa_observation *rows;
  stoa_slice *lines; ///< as they are written, without their end
  uint32_t n;
} lot;

static stoa_status unknown_column(const job *j, const char *name, stoa_error *err)
{
  enum { SHOWN = 256 };
  const char *names[SHOWN];
  const uint32_t n = stoa_csv_n_columns(j->csv);
  for (uint32_t i = 0; i < n && i < SHOWN; ++i) {
    names[i] = stoa_csv_name(j->csv, i);
  }
  const char *const near = stoa_nearest(name, names, n < SHOWN ? n : SHOWN);
  return stoa_error_at(err, STOA_NOT_FOUND, (stoa_place){j->path, 1, 1}, "there is no column \"%s\"%s%s%s", name,
                       near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static stoa_status find_column(const job *j, const char *name, uint32_t *out, stoa_error *err)
{
  uint32_t times = 0;
  for (uint32_t i = 0; i < stoa_csv_n_columns(j->csv); ++i) {
    if (strcmp(stoa_csv_name(j->csv, i), name) == 0) {
      *out = i;
      times++;
    }
  }
  if (times > 1) {
    return stoa_error_at(err, STOA_EXISTS, (stoa_place){j->path, 1, 1},
                         "the column \"%s\" stands there twice; name one otherwise", name);
  }
  return times ? STOA_OK : unknown_column(j, name, err);
}

static stoa_status find_inputs(job *j, stoa_error *err)
{
  stoa_history_inputs(j->service, &j->arena, &j->inputs);
  j->input_columns = STOA_NEWS(&j->arena, uint32_t, j->inputs.n + 1);
  for (uint32_t i = 0; i < j->inputs.n; ++i) {
    stoa_error fault = {0};
    if (find_column(j, j->inputs.items[i]->name, &j->input_columns[i], &fault) != STOA_OK) {
      return stoa_error_at(err, fault.status, (stoa_place){j->path, 1, 1}, "%s (an input that a view of kind request reads)", fault.text);
    }
  }
  return STOA_OK;
}

// Which columns are read; none may have the name of one that is added.
static stoa_status find_columns(job *j, const char *timestamps, stoa_error *err)
{
  for (uint32_t k = 0; k < j->service->entity->n_keys; ++k) {
    STOA_TRY(find_column(j, j->service->entity->keys[k], &j->keys[k], err));
  }
  STOA_TRY(find_column(j, timestamps, &j->at, err));
  STOA_TRY(find_inputs(j, err));
  for (uint32_t i = 0; i < stoa_csv_n_columns(j->csv); ++i) {
    const char *const name = stoa_csv_name(j->csv, i);
    if (stoa_service_find(j->service, stoa_slice_of(name)) >= 0) {
      return stoa_error_at(err, STOA_EXISTS, (stoa_place){j->path, 1, 1},
                           "the column \"%s\" has the name of a feature of %s; name it otherwise, or leave it out",
                           name, j->service->name);
    }
  }
  return STOA_OK;
}

static stoa_place place_of(const job *j)
{
  return (stoa_place){j->path, (int)stoa_csv_line(j->csv), 1};
}

// What came with the request, in the types that the views declare; an empty field is none.
static stoa_status read_inputs(const job *j, lot *l, stoa_observation *row, stoa_error *err)
{
  stoa_term *const inputs = STOA_NEWS(&l->arena, stoa_term, j->inputs.n + 1);
  for (uint32_t i = 0; i < j->inputs.n; ++i) {
    const stoa_view_input *const input = j->inputs.items[i];
    const stoa_slice field = stoa_csv_field(j->csv, j->input_columns[i]);
    if (field.length) {
      const char *const text = stoa_arena_copy(&l->arena, field);
      inputs[i] = stoa_feature_of_text(input->input.type, text, &l->arena);
      if (!stoa_term_is_bound(inputs[i])) {
        return stoa_error_at(err, STOA_BAD_TYPE, place_of(j), "\"%s\" is of type %s, which \"%.100s\" is not", input->name,
                             input->input.word, text);
      }
    }
  }
  row->inputs = inputs;
  return STOA_OK;
}

static stoa_status read_row(job *j, lot *l, stoa_error *err)
{
  const stoa_zone *const zone = &stoa_engine_layer(j->engine)->project->timezone;
  const stoa_entity *const entity = j->service->entity;
  const stoa_slice at = stoa_csv_field(j->csv, j->at);
  stoa_slice *const key = STOA_NEWS(&l->arena, stoa_slice, entity->n_keys);
  stoa_observation *const row = &l->rows[l->n];
  stoa_buf line = {0};
  for (uint32_t k = 0; k < entity->n_keys; ++k) {
    stoa_error fault = {0};
    key[k] = stoa_arena_slice(&l->arena, stoa_csv_field(j->csv, j->keys[k]));
    if (!key[k].length) {
      return stoa_error_at(err, STOA_BAD_ARG, place_of(j), "the row has no %s", entity->keys[k]);
    }
    if (stoa_entity_check(entity, k, key[k], &fault) != STOA_OK) {
      return stoa_error_at(err, fault.status, place_of(j), "%s", fault.text);
    }
  }
  if (!at.data || !stoa_cli_instant(at, zone, &row->at_us)) {
    return stoa_error_at(err, STOA_BAD_ARG, place_of(j),
                         "\"%.*s\" is no instant; write it as 2026-11-27T10:00:00Z or 2026-11-27",
                         at.data ? (int)(at.length < 100 ? at.length : 100) : 0, at.data ? at.data : "");
  }
  row->key = key;
  STOA_TRY(read_inputs(j, l, row, err));
  const int64_t begin_us = stoa_engine_log_begin(j->engine);
  j->n_before += begin_us != INT64_MAX && row->at_us < begin_us;
  STOA_TRY(stoa_engine_known(j->engine, row->at_us, &row->known_offset, err));
  for (uint32_t i = 0; i < stoa_csv_n_columns(j->csv); ++i) {
    const stoa_slice field = stoa_csv_field(j->csv, i);
    stoa_buf_text(&line, i ? "," : "");
    if (field.data && field.length == 0) {
      stoa_buf_text(&line, "\"\""); // which is another thing than none
    } else if (field.data) {
      stoa_buf_csv(&line, field);
    }
  }
  l->lines[l->n++] = stoa_arena_slice(&l->arena, (stoa_slice){line.data, line.length});
  stoa_buf_done(&line);
  return STOA_OK;
}

static stoa_status read_lot(job *j, lot *l, stoa_error *err)
{
  bool more = true;
  l->rows = STOA_NEWS(&l->arena, stoa_observation, LOT);
  l->lines = STOA_NEWS(&l->arena, stoa_slice, LOT);
  while (l->n < LOT && more) {
    STOA_TRY(stoa_csv_next(j->csv, &more, err));
    if (more) {
      STOA_TRY(read_row(j, l, err));
    }
  }
  return STOA_OK;
}

static void *compute_part(void *data)
{
  part *const p = data;
  stoa_context context;
  stoa_context_init(&context, stoa_engine_now(p->of->engine));
  stoa_engine_limit(p->of->engine, &context);
  context.purpose = p->of->purpose;
  p->status = stoa_features_history(p->of->service, stoa_engine_layer(p->of->engine)->project,
                                    p->of->types, p->rows, p->n, &context, &p->arena, &p->values, &p->err);
  p->n_misfits = context.n_misfits;
  p->misfit = context.misfit;
  return NULL;
}

static bool write_rows(job *j, const part *p, const stoa_slice *lines)
{
  const uint32_t n_features = j->service->features.n;
  stoa_buf text = {0};
  j->out.length = 0;
  for (uint32_t i = 0; i < p->n; ++i) {
    stoa_buf_slice(&j->out, lines[i]);
    for (uint32_t f = 0; f < n_features; ++f) {
      const stoa_term value = p->values[(size_t)i * n_features + f];
      stoa_buf_byte(&j->out, ',');
      text.length = 0;
      if (value.kind == STOA_TERM_DOUBLE) {
        stoa_buf_number(&j->out, value.as.real); // as readers of CSV write it, not as XML Schema does
      } else if (stoa_term_is_bound(value)) {
        stoa_term_write_lexical(value, &text);
        stoa_buf_csv(&j->out, (stoa_slice){text.data, text.length});
      }
    }
    stoa_buf_byte(&j->out, '\n');
  }
  stoa_buf_done(&text);
  return stoa_progress_write(&j->progress, j->out.data, j->out.length);
}

static stoa_status compute_lot(job *j, const lot *l, stoa_error *err)
{
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  const uint32_t n = cores < 1 ? 1 : cores > MOST_THREADS ? MOST_THREADS : (uint32_t)cores;
  part parts[MOST_THREADS] = {0};
  bool runs[MOST_THREADS] = {false};
  stoa_status status = STOA_OK;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t first = (uint32_t)((uint64_t)l->n * i / n), end = (uint32_t)((uint64_t)l->n * (i + 1) / n);
    parts[i] = (part){.of = j, .rows = l->rows + first, .n = end - first};
    stoa_arena_init(&parts[i].arena, 0);
    runs[i] = pthread_create(&parts[i].thread, NULL, compute_part, &parts[i]) == 0;
    if (!runs[i]) {
      compute_part(&parts[i]);
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    if (runs[i]) {
      pthread_join(parts[i].thread, NULL);
    }
    j->told.n_misfits += parts[i].n_misfits;
    j->told.misfit = parts[i].misfit ? parts[i].misfit : j->told.misfit;
    if (status == STOA_OK && parts[i].status != STOA_OK) {
      *err = parts[i].err;
      status = parts[i].status;
    } else if (status == STOA_OK && !write_rows(j, &parts[i], l->lines + (parts[i].rows - l->rows))) {
      status = stoa_error_set(err, STOA_IO, "the training set cannot be written: %s", strerror(errno));
    }
    stoa_arena_done(&parts[i].arena);
  }
  return status;
}

static bool write_head(job *j)
{
  j->out.length = 0;
  for (uint32_t i = 0; i < stoa_csv_n_columns(j->csv); ++i) {
    stoa_buf_text(&j->out, i ? "," : "");
    stoa_buf_csv(&j->out, stoa_slice_of(stoa_csv_name(j->csv, i)));
  }
  for (uint32_t f = 0; f < j->service->features.n; ++f) {
    stoa_buf_byte(&j->out, ',');
    stoa_buf_csv(&j->out, stoa_slice_of(j->service->features.items[f]->name));
  }
  stoa_buf_byte(&j->out, '\n');
  return stoa_progress_write(&j->progress, j->out.data, j->out.length);
}

static stoa_status run(job *j, stoa_error *err)
{
  if (!write_head(j)) {
    return stoa_error_set(err, STOA_IO, "the training set cannot be written: %s", strerror(errno));
  }
  for (uint32_t n = LOT; n == LOT;) {
    lot l = {0};
    stoa_arena_init(&l.arena, 0);
    stoa_status status = read_lot(j, &l, err);
    status = status == STOA_OK && l.n ? compute_lot(j, &l, err) : status;
    n = l.n;
    stoa_arena_done(&l.arena);
    STOA_TRY(status);
  }
  return STOA_OK;
}

// What is of now in a row about the past is most often a mistake.
static void warn(job *j)
{
  const stoa_service *const service = stoa_history_reads(j->service, &j->arena);
  for (uint32_t i = 0; i < service->views.n; ++i) {
    const stoa_view *const v = service->views.items[i];
    if (!stoa_view_asks_when(v)) {
      fprintf(stderr,
              "%s:1:1: warning: view %s does not ask for the instant (?_asof_xsd_dateTime): its values are those of now, "
              "whatever the row's time\n",
              v->file, v->name);
    }
  }
}

// A log that was filled with the past knows nothing of it in time: that is told, and how it is said otherwise.
static stoa_status warn_of_log(const job *j, stoa_error *err)
{
  stoa_arena arena;
  stoa_status status = STOA_OK;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; j->n_before && i < j->service->views.n && status == STOA_OK; ++i) {
    const stoa_view *const v = j->service->views.items[i];
    stoa_past past;
    status = stoa_view_past(v, stoa_engine_layer(j->engine)->project, j->types, &arena, &past, err);
    if (status == STOA_OK && past.silent) {
      fprintf(stderr,
              "warning: %llu rows are older than the log, and have none of its events in view %s; where events of type "
              "%s came later than they were known, name the field that says so: known: FIELD (stoa-events(5)), or let them "
              "count from their own time: --known event\n",
              (unsigned long long)j->n_before, v->name, past.silent);
    }
  }
  stoa_arena_done(&arena);
  return status;
}

// About how many rows a file has, for the bar.
static double expected_rows(const char *path)
{
  stoa_arena arena;
  stoa_table_info table = {0};
  stoa_arena_init(&arena, 0);
  stoa_csv_measure(path, &table, &arena);
  const double rows = (double)table.rows;
  stoa_arena_done(&arena);
  return rows;
}

static stoa_status write_to(job *j, const char *to, stoa_error *err)
{
  stoa_output out;
  STOA_TRY(stoa_output_open(to, &out, err));
  warn(j);
  stoa_progress_init(&j->progress, out.file, "rows", expected_rows(j->path));
  stoa_status status = run(j, err);
  stoa_progress_done(&j->progress);
  status = status == STOA_OK ? warn_of_log(j, err) : status;
  if (j->told.n_misfits) {
    char text[512];
    fprintf(stderr, "warning: %s\n", stoa_misfits_print(&j->told, text, sizeof text));
  }
  const stoa_status closed = stoa_output_close(&out, status == STOA_OK, err);
  return status == STOA_OK ? closed : status;
}

int stoa_cli_history(stoa_engine *engine, const stoa_service *service, const char *entities, const char *timestamps,
                     const char *purpose, bool from_event, const char *to)
{
  static const stoa_event_types none;
  stoa_error err = {0};
  job j = {.engine = engine, .service = service, .path = entities, .purpose = purpose};
  j.types = from_event ? &none : stoa_engine_event_types(engine);
  if (stoa_csv_open(entities, &j.csv, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  stoa_arena_init(&j.arena, 0);
  stoa_status status = find_columns(&j, timestamps, &err);
  status = status == STOA_OK ? write_to(&j, to, &err) : status;
  stoa_buf_done(&j.out);
  stoa_arena_done(&j.arena);
  stoa_csv_close(j.csv);
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}
