// The facade: what belongs together while a project folder is open.  Each operation is a file of its own, which knows
// nothing of the engine.
#include "personalizer/engine.h"
#include "features/samples.h"
#include "features/served_row.h"
#include "features/state/arrivals.h"
#include "graph/base/assert.h"
#include "graph/base/file.h"
#include "graph/base/iri.h"
#include "personalizer/commit.h"
#include "personalizer/event.h"
#include "personalizer/labels.h"
#include "personalizer/models.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct stoa_engine {
  stoa_arena arena;
  const char *dir;
  stoa_layers *layers;
  stoa_event_types event_types;
  stoa_zone timezone;     ///< of times without one
  const char *state_file; ///< NULL: in memory, and then not part of the graph
  stoa_state *state;      ///< NULL when opened for reading only
  stoa_policies policies;
  const stoa_clock *clock;
  atomic_bool makes_ahead;      ///< rows of features, before they are asked for
  stoa_turned_sink turned;      ///< who is told of conditions, once it does
  const stoa_value_forms *forms; ///< in which rows of services are kept; NULL: none are
  stoa_log_reach reach;         ///< of the log, as the mode says
  stoa_arrivals *arrivals;      ///< of ENGINE_PAST; NULL: there is no log
  const char *samples_file;     ///< NULL: none are declared
  stoa_samples *samples;        ///< of rows that are served; NULL: none are kept
  atomic_llong commits_begun, commits_ended, told_offset; ///< of the log, whose records requests have been told of
  uint64_t kept_bytes;          ///< cap of the rows of features that are kept (limits: kept_rows, in MiB)
  uint64_t query_bytes;         ///< cap of a query's memory (limits: query_memory, in MiB)
  int64_t service_timeout_ms;   ///< for an answer of SERVICE (limits: service_timeout, in seconds)
  const char *const *endpoints; ///< that SERVICE may ask (endpoints:)
};

// The folder that a path lies in.
static const char *folder_of(stoa_arena *arena, const char *path)
{
  const char *const slash = strrchr(path, '/');
  return !slash ? "." : slash == path ? "/" : stoa_arena_copy(arena, (stoa_slice){path, (size_t)(slash - path)});
}

static stoa_status make_folder(stoa_engine *e, stoa_error *err)
{
  const char *const dir = folder_of(&e->arena, e->state_file);
  if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
    return stoa_error_set(
      err, STOA_IO,
      "cannot make the folder %s of the state: %s; make it, or name another address under state: in "
      "stoa.yaml",
      dir, strerror(errno));
  }
  return access(dir, W_OK | X_OK) == 0 || errno == ENOENT
           ? STOA_OK
           : stoa_error_set(err, STOA_IO,
                            "the folder %s of the state cannot be written: %s; give this user the right to, or name "
                            "another address under state: in stoa.yaml",
                            dir, strerror(errno));
}

// What can be no database, before SQLite finds words of its own for it.  One folder is made where it is missing; more
// are rather a slip.
static stoa_status check_is_file(stoa_engine *e, stoa_place place, stoa_error *err)
{
  struct stat info;
  const char *const dir = folder_of(&e->arena, e->state_file);
  if (stat(e->state_file, &info) == 0) {
    return S_ISREG(info.st_mode) ? STOA_OK
           : S_ISDIR(info.st_mode)
             ? stoa_error_at(err, STOA_BAD_ARG, place,
                             "the state's address is a folder; name a file in it, such as %s/stoa.db", e->state_file)
             : stoa_error_at(err, STOA_BAD_ARG, place, "the state's address is no regular file");
  }
  if (stat(dir, &info) == 0) {
    return S_ISDIR(info.st_mode) ? STOA_OK
                                 : stoa_error_at(err, STOA_BAD_ARG, place, "%s is no folder for a state", dir);
  }
  return errno != ENOENT || stat(folder_of(&e->arena, dir), &info) == 0
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_ARG, place, "the folder %s of the state is not there; make it: mkdir -p %s",
                           dir, dir);
}

static stoa_status read_endpoints(stoa_engine *e, const stoa_yaml *list, stoa_error *err)
{
  const uint32_t n = !list ? 0 : list->kind == STOA_YAML_SCALAR ? 1 : list->n_items;
  const char **const endpoints = STOA_NEWS(&e->arena, const char *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_yaml *const item = list->kind == STOA_YAML_SCALAR ? list : &list->items[i];
    const stoa_slice text = stoa_slice_of(list->kind == STOA_YAML_MAP || !item->text ? "" : item->text);
    if (!stoa_slice_is(text, "*") && (!stoa_iri_is_absolute(text) || !stoa_iri_is_clean(text))) {
      return stoa_error_at(err, STOA_BAD_SYNTAX, item->place,
                           "\"endpoints\" is a list of IRIs, such as [https://query.example/sparql], or \"*\"");
    }
    endpoints[i] = item->text;
  }
  e->endpoints = endpoints;
  return STOA_OK;
}

static bool is_one_file(const char *a, const char *b)
{
  struct stat one, other;
  return strcmp(a, b) == 0 ||
         (stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

// A source is only read: its database would get the state's tables.
static stoa_status check_is_no_source(stoa_engine *e, const char *dir, const stoa_yaml *config, stoa_place place,
                                      stoa_error *err)
{
  const stoa_yaml *const sources = stoa_yaml_find(config, "sources");
  for (uint32_t i = 0; sources && i < sources->n_items; ++i) {
    const char *const address = stoa_yaml_text(&sources->items[i], "address", NULL);
    if (address && is_one_file(e->state_file, stoa_file_join(&e->arena, dir, address))) {
      return stoa_error_at(
        err, STOA_BAD_ARG, place,
        "the state's address is the file of source \"%s\"; give the state a file of its own, such as "
        "state/stoa.db",
        sources->items[i].key);
    }
  }
  return STOA_OK;
}

// `samples:` of rows that are served, for replays; they lie beside the state.
static stoa_status read_samples(stoa_engine *e, const char *dir, stoa_engine_mode mode, const stoa_yaml *samples,
                                stoa_error *err)
{
  static const char *const sample_keys[] = {"share", "most", "file", NULL};
  int64_t most = 64;
  if (!samples) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(samples, sample_keys, err));
  STOA_TRY(stoa_yaml_plain(samples, sample_keys, err));
  STOA_TRY(stoa_yaml_integer(samples, "most", 1, 1 << 20, &most, err));
  const stoa_yaml *const share = stoa_yaml_find(samples, "share");
  char *end = NULL;
  const double part = share ? strtod(share->text, &end) : -1;
  if (!share || *end || !(part > 0 && part <= 1)) {
    return stoa_error_at(err, STOA_BAD_ARG, share ? share->place : samples->place,
                         "\"samples\" needs \"share\", the part of the rows that is kept: above 0 and at most 1, such as 0.01");
  }
  e->samples_file = stoa_file_join(&e->arena, dir, stoa_yaml_text(samples, "file", "state/samples.jsonl"));
  if (mode == STOA_ENGINE_OWN) {
    e->samples = stoa_samples_new(e->samples_file, part, (uint64_t)most << 20);
  }
  return mode != STOA_ENGINE_OWN || e->samples ? STOA_OK
                                               : stoa_error_set(err, STOA_NO_MEM, "no memory for samples of rows");
}

static stoa_status read_config(stoa_engine *e, const char *dir, stoa_engine_mode mode, const stoa_yaml *config,
                               stoa_error *err)
{
  static const char *const keys[] = {"driver", "address", NULL};
  static const char *const limit_keys[] = {"query_memory", "service_timeout", "idle_timeout", "head_timeout", "body_timeout",
                                           "write_timeout", "stop_timeout", "connections", "connections_per_address",
                                           "slow_query", "kept_rows", "subscribers", NULL};
  const stoa_yaml *const state = stoa_yaml_find(config, "state");
  const stoa_yaml *const limits = stoa_yaml_find(config, "limits");
  int64_t query_memory = 1024, service_timeout = 30, kept_rows = 256;
  const char *const base = stoa_yaml_text(config, "base", "");
  if (limits) {
    STOA_TRY(stoa_yaml_known(limits, limit_keys, err));
    STOA_TRY(stoa_yaml_integer(limits, "query_memory", 1, 1 << 20, &query_memory, err));
    STOA_TRY(stoa_yaml_integer(limits, "service_timeout", 1, 3600, &service_timeout, err));
    STOA_TRY(stoa_yaml_integer(limits, "kept_rows", 1, 1 << 20, &kept_rows, err));
  }
  e->query_bytes = (uint64_t)query_memory << 20;
  e->kept_bytes = (uint64_t)kept_rows << 20;
  e->service_timeout_ms = service_timeout * 1000;
  STOA_TRY(read_endpoints(e, stoa_yaml_find(config, "endpoints"), err));
  STOA_TRY(stoa_project_timezone(config, &e->arena, &e->timezone, err));
  STOA_TRY(stoa_event_types_read(config, base, &e->arena, &e->event_types, err));
  if (!state || mode == STOA_ENGINE_MEMORY) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(state, keys, err));
  STOA_TRY(stoa_yaml_plain(state, keys, err));
  if (strcmp(stoa_yaml_text(state, "driver", "sqlite"), "sqlite") != 0) {
    return stoa_error_at(err, STOA_UNSUPPORTED, stoa_yaml_find(state, "driver")->place,
                         "state driver \"%s\" is not supported yet; sqlite is", stoa_yaml_text(state, "driver", ""));
  }
  const char *const address = stoa_yaml_text(state, "address", NULL);
  if (!address) {
    return stoa_error_at(err, STOA_BAD_ARG, state->place, "state needs an address");
  }
  e->state_file = stoa_file_join(&e->arena, dir, address);
  STOA_TRY(read_samples(e, dir, mode, stoa_yaml_find(config, "samples"), err));
  STOA_TRY(check_is_file(e, stoa_yaml_find(state, "address")->place, err));
  return check_is_no_source(e, dir, config, stoa_yaml_find(state, "address")->place, err);
}

// An event type that was declared since the state was made gets its table, as far as nobody else holds the state.
static stoa_status complete_state(stoa_engine *e, stoa_error *err)
{
  stoa_event_types present;
  stoa_state *state;
  bool all;
  STOA_TRY(stoa_state_present(e->state_file, &e->event_types, &e->arena, &present, &all, err));
  if (all) {
    return STOA_OK;
  }
  stoa_error fault = {0};
  const stoa_status status = stoa_state_open(e->state_file, &e->event_types, &state, &fault);
  if (status == STOA_OK) {
    stoa_state_close(state);
    return STOA_OK;
  }
  if (status == STOA_CONFLICT || status == STOA_IO) {
    return STOA_OK; // another one has it, or it can only be read: we go on without the table
  }
  *err = fault;
  return status;
}

static stoa_status open_state(stoa_engine *e, stoa_engine_mode mode, stoa_error *err)
{
  if (mode == STOA_ENGINE_MEMORY) {
    return stoa_state_open(NULL, &e->event_types, &e->state, err);
  }
  if (!e->state_file) { // what has neither events nor policies keeps nothing (check_kept)
    return mode == STOA_ENGINE_OWN ? stoa_state_open(NULL, &e->event_types, &e->state, err) : STOA_OK;
  }
  const bool reads = mode == STOA_ENGINE_READ || mode == STOA_ENGINE_REPLAY || mode == STOA_ENGINE_PAST;
  if (reads && access(e->state_file, R_OK) == 0) {
    return complete_state(e, err);
  }
  STOA_TRY(make_folder(e, err));
  STOA_TRY(stoa_state_open(e->state_file, &e->event_types, &e->state, err));
  if (reads) { // only to create it, so that its mapping finds its tables
    stoa_state_close(e->state);
    e->state = NULL;
  }
  return STOA_OK;
}

static int64_t now_of_engine(const void *engine)
{
  return stoa_engine_now(engine);
}

// What the state's owner has made no table for yet is not mapped.
static stoa_status open_layer(stoa_engine *e, stoa_faults *faults, stoa_layer **out, stoa_error *err)
{
  stoa_arena arena;
  stoa_event_types present = e->event_types;
  stoa_status status = STOA_OK;
  bool all;
  stoa_arena_init(&arena, 0);
  if (e->state_file && !e->state) {
    status = stoa_state_present(e->state_file, &e->event_types, &arena, &present, &all, err);
  }
  if (status == STOA_OK) {
    status = stoa_layer_open(e->dir, e->state_file, e->reach, &present, faults, out, err);
  }
  stoa_arena_done(&arena);
  if (status == STOA_OK) {
    (*out)->policies = &e->policies;
    stoa_event_types_check(&e->event_types, &(*out)->project->hierarchy, faults);
    stoa_same_as_check((*out)->registry, &e->event_types, faults);
  }
  if (status == STOA_OK && e->state) { // who does not own the state hears nothing of its records
    const stoa_keep_clock clock = {now_of_engine, e};
    status = stoa_keep_new((*out)->registry, &e->event_types, e->kept_bytes, clock, &(*out)->keep, err);
    if (status == STOA_OK && e->forms) {
      status = stoa_keep_serve((*out)->keep, e->forms, err);
    }
    if (status != STOA_OK) {
      stoa_layer_free(*out);
    }
  }
  return status;
}

typedef struct {
  stoa_engine *engine;
  stoa_faults *faults;
} reload;

static stoa_status reopen(void *data, stoa_layer **out, stoa_error *err)
{
  const reload *const r = data;
  stoa_layer *fresh;
  STOA_TRY(open_layer(r->engine, r->faults, &fresh, err));
  stoa_policies_check(&r->engine->policies, fresh->registry, r->faults);
  const stoa_status planned = stoa_layer_plan_rails(fresh, r->faults, err);
  if (planned != STOA_OK || r->faults->n_errors) {
    stoa_layer_free(fresh);
    return planned != STOA_OK
             ? planned
             : stoa_error_set(err, STOA_BAD_MAPPING, "%zu faults; the old layer stays", r->faults->n_errors);
  }
  if (r->engine->state_file) {
    stoa_labels_check(r->engine->state_file, &r->engine->policies, r->faults);
  }
  stoa_policies_changes(&r->engine->policies, r->engine->dir, r->faults);
  *out = fresh;
  return STOA_OK;
}

// By one thread at a time: at the start, and for a reload.  `before`: the layer that was current until now, or NULL; of
// its conditions nobody is told any more.
static stoa_status make_ahead(stoa_engine *e, stoa_layer *before, stoa_error *err)
{
  stoa_layer *const layer = stoa_engine_take(e);
  stoa_status status = layer->keep ? stoa_keep_start(layer->keep, err) : STOA_OK;
  stoa_watches *const ended = before ? before->watches : NULL;
  if (ended) {
    stoa_watches_end(ended);
  }
  if (status == STOA_OK && layer->keep && !layer->watches) {
    status = stoa_watches_new(layer->keep, &e->turned, ended, &layer->watches, err);
    if (layer->watches) {
      status = stoa_watches_start(layer->watches, err);
    }
  }
  stoa_engine_drop(e, layer);
  return status;
}

stoa_status stoa_engine_reload(stoa_engine *e, stoa_faults *faults, stoa_error *err)
{
  reload r = {e, faults};
  stoa_layer *const before = stoa_engine_take(e);
  stoa_status status = stoa_layers_replace(e->layers, reopen, &r, err);
  if (status == STOA_OK && e->makes_ahead) {
    status = make_ahead(e, before, err);
  }
  stoa_engine_drop(e, before);
  return status;
}

stoa_status stoa_engine_serve(stoa_engine *e, const stoa_value_forms *forms, stoa_error *err)
{
  const stoa_layer *const layer = stoa_layers_current(e->layers);
  e->forms = forms;
  return layer->keep ? stoa_keep_serve(layer->keep, forms, err) : STOA_OK;
}

stoa_status stoa_engine_make_ahead(stoa_engine *e, const stoa_turned_sink *sink, stoa_error *err)
{
  e->turned = *sink;
  e->makes_ahead = true;
  return make_ahead(e, NULL, err);
}

void stoa_engine_tell_nobody(stoa_engine *e)
{
  stoa_layer *const layer = stoa_engine_take(e);
  e->makes_ahead = false;
  if (layer->watches) {
    stoa_watches_end(layer->watches);
  }
  stoa_engine_drop(e, layer);
}

static stoa_status open_first_layer(stoa_engine *e, stoa_faults *faults, stoa_error *err)
{
  stoa_layer *layer;
  STOA_TRY(open_layer(e, faults, &layer, err));
  e->layers = stoa_layers_new(layer);
  if (!e->layers) {
    stoa_layer_free(layer);
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a project");
  }
  return STOA_OK;
}

// Before anybody asks.
static stoa_status plan_first_rails(stoa_engine *e, stoa_faults *faults, stoa_error *err)
{
  stoa_layer *const layer = stoa_engine_take(e);
  const stoa_status status = stoa_layer_plan_rails(layer, faults, err);
  stoa_engine_drop(e, layer);
  return status;
}

// Events and decisions must outlive the server.
static void check_kept(stoa_engine *e, const char *dir, stoa_engine_mode mode, stoa_faults *faults)
{
  if (mode != STOA_ENGINE_MEMORY && !e->state_file && e->event_types.n + e->policies.n > 0) {
    stoa_error err = {0};
    stoa_error_at(&err, STOA_BAD_ARG, (stoa_place){stoa_file_join(&e->arena, dir, "stoa.yaml"), 1, 1},
                  "there is no \"state:\", where events and decisions are kept; write for instance: state: {driver: sqlite, "
                  "address: state/stoa.db}");
    stoa_faults_add(faults, &err, false);
  }
}

static stoa_status open_engine(stoa_engine *e, const char *dir, stoa_engine_mode mode, stoa_faults *faults,
                               stoa_error *err)
{
  const stoa_yaml *config;
  STOA_TRY(stoa_project_config(dir, &e->arena, &config, err));
  e->reach = mode == STOA_ENGINE_REPLAY ? STOA_LOG_REPLAY : mode == STOA_ENGINE_PAST ? STOA_LOG_PAST : STOA_LOG_WHOLE;
  STOA_TRY(read_config(e, dir, mode, config, err));
  STOA_TRY(open_state(e, mode, err));
  if (mode == STOA_ENGINE_PAST && e->state_file) {
    STOA_TRY(stoa_arrivals_open(e->state_file, &e->arrivals, err));
  }
  e->dir = stoa_arena_copy(&e->arena, stoa_slice_of(dir));
  STOA_TRY(open_first_layer(e, faults, err));
  stoa_policies_read(dir, stoa_engine_layer(e)->registry, &e->arena, &e->policies, faults);
  STOA_TRY(plan_first_rails(e, faults, err));
  check_kept(e, dir, mode, faults);
  if (e->state_file) {
    stoa_labels_check(e->state_file, &e->policies, faults);
  }
  if (!e->state) {
    return STOA_OK;
  }
  atomic_store(&e->told_offset, stoa_state_offset(e->state));
  return stoa_models_restore(e->state, &e->policies, stoa_engine_now(e), err);
}

stoa_status stoa_engine_open(const char *dir, stoa_engine_mode mode, stoa_faults *faults, stoa_engine **out,
                             stoa_error *err)
{
  stoa_engine *const e = calloc(1, sizeof *e);
  if (!e) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the engine");
  }
  stoa_arena_init(&e->arena, 0);
  e->clock = &stoa_clock_system;
  const stoa_status status = open_engine(e, dir, mode, faults, err);
  if (status != STOA_OK) {
    stoa_engine_close(e);
    return status;
  }
  *out = e;
  return STOA_OK;
}

// A model that cannot be kept is learned again from the log, which takes longer: nothing is lost.
static void keep_models(stoa_engine *e)
{
  stoa_error err = {0};
  char text[1024];
  if (stoa_models_save(e->state, &e->policies, &err) != STOA_OK) {
    fprintf(stderr, "warning: the models were not kept, the next start learns them again: %s\n",
            stoa_error_print(&err, text, sizeof text));
  }
}

void stoa_engine_close(stoa_engine *e)
{
  if (!e) {
    return;
  }
  if (e->state && e->state_file) {
    keep_models(e);
  }
  stoa_layers_free(e->layers);
  stoa_samples_free(e->samples);
  stoa_arrivals_close(e->arrivals);
  stoa_state_close(e->state);
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    stoa_policy_free(e->policies.items[i]);
  }
  stoa_arena_done(&e->arena);
  free(e);
}

stoa_status stoa_engine_check_state(const stoa_engine *e, stoa_error *err)
{
  return e->state ? stoa_state_check(e->state, err) : STOA_OK;
}

int64_t stoa_engine_now(const stoa_engine *e)
{
  return e->clock->now_us(e->clock);
}

void stoa_engine_set_clock(stoa_engine *e, const stoa_clock *clock)
{
  e->clock = clock;
}

const char *stoa_engine_path(stoa_engine *e, const char *path)
{
  return stoa_file_join(&e->arena, e->dir, path);
}

const char *stoa_engine_dir(const stoa_engine *e)
{
  return e->dir;
}

const char *stoa_engine_samples_file(const stoa_engine *e)
{
  return e->samples_file;
}

const stoa_policies *stoa_engine_policies(const stoa_engine *e)
{
  return &e->policies;
}

const stoa_policy *stoa_engine_policy(const stoa_engine *e, const char *name)
{
  return stoa_policies_find(&e->policies, name);
}

void stoa_engine_limit(const stoa_engine *e, stoa_context *context)
{
  context->memory_bytes = e->query_bytes;
  context->service_timeout_ms = e->service_timeout_ms;
  context->endpoints = e->endpoints;
}

const stoa_layer *stoa_engine_layer(const stoa_engine *e)
{
  return stoa_layers_current(e->layers);
}

stoa_layer *stoa_engine_take(stoa_engine *e)
{
  return stoa_layers_take(e->layers);
}

void stoa_engine_drop(stoa_engine *e, stoa_layer *layer)
{
  stoa_layers_drop(e->layers, layer);
}

stoa_status stoa_engine_query(stoa_engine *e, const char *text, stoa_context *context, stoa_format format,
                              stoa_sink sink, stoa_error *err)
{
  stoa_layer *const layer = stoa_engine_take(e);
  const stoa_question question = {stoa_slice_of(text), "query", layer->project->base};
  const stoa_status status =
    stoa_answer(&question, &layer->project->mapping.rewriter, context, format, sink, NULL, err);
  stoa_engine_drop(e, layer);
  return status;
}

typedef struct {
  stoa_engine *engine;
  stoa_layer *layer;
} held_layer;

static void let_go(void *data)
{
  held_layer *const held = data;
  stoa_engine_drop(held->engine, held->layer);
}

// What is made of it speaks of names that the layer owns, and so the arena holds the layer as long as it lives itself.
static const stoa_layer *hold_layer(stoa_engine *e, stoa_arena *arena)
{
  held_layer *const held = STOA_NEW(arena, held_layer);
  *held = (held_layer){e, stoa_engine_take(e)};
  stoa_arena_on_done(arena, let_go, held);
  return held->layer;
}

stoa_status stoa_rank_prepare(stoa_engine *e, const char *policy, stoa_slice json, stoa_context *context,
                              stoa_arena *arena, stoa_decision *out, stoa_error *err)
{
  const stoa_policy *const found = stoa_engine_policy(e, policy);
  if (!found) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no policy \"%s\"", policy);
  }
  return stoa_decision_make(found, hold_layer(e, arena), json, context, arena, out, err);
}

stoa_status stoa_reward_prepare(stoa_slice event_id, double value, stoa_slice reward_id, int64_t now_us,
                                stoa_record *out, stoa_error *err)
{
  return stoa_reward_read(event_id, value, reward_id, now_us, out, err);
}

stoa_status stoa_event_prepare(const stoa_engine *e, const char *type, stoa_slice json, int64_t now_us,
                               stoa_arena *arena, stoa_record *out, stoa_error *err)
{
  return stoa_event_read(&e->event_types, &e->timezone, type, json, now_us, arena, out, err);
}

// A key without an entity that is the name of one is rather an entity without a key.
static stoa_status find_entity(const stoa_registry *r, const char *name, stoa_slice key, const stoa_entity **out,
                               stoa_error *err)
{
  if (name) {
    return stoa_registry_need_entity(r, name, out, err);
  }
  for (uint32_t i = 0; i < r->entities.n; ++i) {
    if (stoa_slice_is(key, r->entities.items[i].name)) {
      return stoa_error_set(err, STOA_BAD_ARG, "\"%s\" is an entity; say which one by its key", r->entities.items[i].name);
    }
  }
  *out = r->entities.n ? &r->entities.items[0] : NULL;
  return r->entities.n == 1 ? STOA_OK
                            : stoa_error_set(err, STOA_BAD_ARG, "the project has %u entities; name the one that is meant",
                                             r->entities.n);
}

stoa_status stoa_erase_prepare(stoa_engine *e, const char *name, stoa_slice key, stoa_context *context,
                               stoa_arena *arena, stoa_receipt **out, stoa_record *record, stoa_error *err)
{
  const stoa_registry *const registry = hold_layer(e, arena)->registry;
  const stoa_entity *entity;
  STOA_TRY(find_entity(registry, name, key, &entity, err));
  STOA_TRY(stoa_receipt_new(registry, &e->event_types, entity, key, context, arena, out, err));
  *record = (stoa_record){.kind = STOA_RECORD_ERASURE, .at_us = context->now_us, .erasure = &(*out)->erasure};
  return STOA_OK;
}

stoa_status stoa_engine_wipe(stoa_engine *e, stoa_error *err)
{
  STOA_ASSERT(e->state); // opened for more than reading
  return stoa_state_wipe(e->state, err);
}

const char *stoa_engine_state_file(const stoa_engine *e)
{
  return e->state_file;
}

const stoa_event_types *stoa_engine_event_types(const stoa_engine *e)
{
  return &e->event_types;
}

const stoa_event_type *stoa_engine_event_type(const stoa_engine *e, const char *name)
{
  return stoa_event_type_find(&e->event_types, name);
}

// Before the commit, so that a kill leaves no sample of who is erased; and after it, when it is known who else it is, and
// for requests that were under way.
static stoa_status erase_samples(const stoa_engine *e, const stoa_registry *registry, stoa_record *records, size_t n,
                                 stoa_error *err)
{
  for (size_t i = 0; i < n && e->samples; ++i) {
    if (records[i].kind == STOA_RECORD_ERASURE) {
      STOA_TRY(stoa_samples_erase(e->samples, registry, records[i].erasure, err));
    }
  }
  return STOA_OK;
}

stoa_status stoa_engine_commit(stoa_engine *e, stoa_record *records, stoa_status *statuses, size_t n, stoa_arena *arena,
                               stoa_error *err)
{
  STOA_ASSERT(e->state); // opened for more than reading
  atomic_fetch_add(&e->commits_begun, 1);
  stoa_layer *const layer = stoa_engine_take(e);
  stoa_error told = {0}; // with the first pass it is known that the files can be written
  stoa_status status = erase_samples(e, layer->registry, records, n, err);
  if (status == STOA_OK) {
    status = stoa_commit(e->state, &e->policies, records, statuses, n, arena, err);
  }
  if (status == STOA_OK) {
    erase_samples(e, layer->registry, records, n, &told);
  }
  if (layer->keep) { // even of a commit that failed, for it may have failed after its records were appended
    stoa_keep_appended(layer->keep, records, n);
  }
  stoa_engine_drop(e, layer);
  atomic_store(&e->told_offset, stoa_state_offset(e->state));
  atomic_fetch_add(&e->commits_ended, 1);
  return status;
}

stoa_stand stoa_engine_stand(const stoa_engine *e)
{
  const int64_t ended = atomic_load(&e->commits_ended), begun = atomic_load(&e->commits_begun);
  return (stoa_stand){begun == ended ? begun : -1, atomic_load(&e->told_offset)};
}

stoa_status stoa_engine_known(const stoa_engine *e, int64_t at_us, int64_t *out, stoa_error *err)
{
  int64_t offset = 0;
  if (e->arrivals) {
    STOA_TRY(stoa_arrivals_offset(e->arrivals, at_us, &offset, err));
    offset = offset ? offset : -1; // nothing was known yet
  }
  *out = offset;
  return STOA_OK;
}

int64_t stoa_engine_log_begin(const stoa_engine *e)
{
  return e->arrivals ? stoa_arrivals_first(e->arrivals) : INT64_MAX;
}

stoa_samples *stoa_engine_samples(const stoa_engine *e)
{
  return e->samples;
}

stoa_status stoa_engine_refusal(const stoa_record *record, stoa_status status, stoa_error *err)
{
  return stoa_commit_refusal(record, status, err);
}

stoa_status stoa_engine_close_labels(stoa_engine *e, int64_t now_us, stoa_error *err)
{
  STOA_ASSERT(e->state); // opened for more than reading
  return stoa_labels_close(e->state, &e->policies, now_us, err);
}

stoa_status stoa_engine_save_models(stoa_engine *e, stoa_error *err)
{
  STOA_ASSERT(e->state); // opened for more than reading
  return stoa_models_save(e->state, &e->policies, err);
}

stoa_status stoa_engine_rank(stoa_engine *e, const char *policy, stoa_slice json, stoa_arena *arena, stoa_slice *answer,
                             stoa_error *err)
{
  stoa_context context;
  stoa_decision decision;
  stoa_status one;
  stoa_context_init(&context, stoa_engine_now(e));
  STOA_TRY(stoa_rank_prepare(e, policy, json, &context, arena, &decision, err));
  STOA_TRY(stoa_engine_commit(e, &decision.record, &one, 1, arena, err));
  *answer = decision.record.answer;
  return stoa_commit_refusal(&decision.record, one, err);
}

stoa_status stoa_engine_reward(stoa_engine *e, const char *event_id, double value, stoa_error *err)
{
  stoa_record reward;
  stoa_status one;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_status status =
    stoa_reward_prepare(stoa_slice_of(event_id), value, (stoa_slice){"", 0}, stoa_engine_now(e), &reward, err);
  if (status == STOA_OK) {
    status = stoa_engine_commit(e, &reward, &one, 1, &arena, err);
  }
  if (status == STOA_OK) {
    status = stoa_commit_refusal(&reward, one, err);
  }
  stoa_arena_done(&arena);
  return status;
}
