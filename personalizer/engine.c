#include "personalizer/engine.h"
#include "graph/base/clock.h"
#include "graph/base/file.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static stoa_status make_folder(const char *file, stoa_error *err)
{
  char dir[1024];
  const char *const slash = strrchr(file, '/');
  if (!slash || (size_t)(slash - file) >= sizeof dir) {
    return STOA_OK;
  }
  memcpy(dir, file, (size_t)(slash - file));
  dir[slash - file] = '\0';
  if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
    return stoa_error_set(err, STOA_IO, "cannot make the folder %s: %s", dir, strerror(errno));
  }
  return STOA_OK;
}

static void read_endpoints(stoa_engine *e, const stoa_yaml *list)
{
  const uint32_t n = !list ? 0 : list->kind == STOA_YAML_SCALAR ? 1 : list->n_items;
  const char **const endpoints = STOA_NEWS(&e->arena, const char *, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_yaml *const item = list->kind == STOA_YAML_SCALAR ? list : &list->items[i];
    endpoints[i] = item->text ? item->text : "";
  }
  e->endpoints = endpoints;
}

void stoa_engine_limit(const stoa_engine *engine, stoa_context *context)
{
  context->memory_bytes = engine->query_bytes;
  context->service_timeout_ms = engine->service_timeout_ms;
  context->endpoints = engine->endpoints;
}

static stoa_status read_config(stoa_engine *e, const char *dir, stoa_engine_mode mode, const stoa_yaml *config,
                               stoa_error *err)
{
  static const char *const keys[] = {"driver", "address", NULL};
  static const char *const limit_keys[] = {"query_memory", "service_timeout", "idle_timeout", "head_timeout", "body_timeout",
                                           "write_timeout", "stop_timeout", "connections", "connections_per_address",
                                           "slow_query", NULL};
  const stoa_yaml *const state = stoa_yaml_find(config, "state");
  const stoa_yaml *const limits = stoa_yaml_find(config, "limits");
  int64_t query_memory = 1024, service_timeout = 30;
  const char *const base = stoa_yaml_text(config, "base", "");
  if (limits) {
    STOA_TRY(stoa_yaml_known(limits, limit_keys, err));
    STOA_TRY(stoa_yaml_integer(limits, "query_memory", 1, 1 << 20, &query_memory, err));
    STOA_TRY(stoa_yaml_integer(limits, "service_timeout", 1, 3600, &service_timeout, err));
  }
  e->query_bytes = (uint64_t)query_memory << 20;
  e->service_timeout_ms = service_timeout * 1000;
  read_endpoints(e, stoa_yaml_find(config, "endpoints"));
  STOA_TRY(stoa_event_types_read(config, base, &e->arena, &e->event_types, err));
  if (!state || mode == STOA_ENGINE_MEMORY) {
    return STOA_OK;
  }
  STOA_TRY(stoa_yaml_known(state, keys, err));
  if (strcmp(stoa_yaml_text(state, "driver", "sqlite"), "sqlite") != 0) {
    return stoa_error_at(err, STOA_UNSUPPORTED, stoa_yaml_find(state, "driver")->place,
                         "state driver \"%s\" is not supported yet; sqlite is", stoa_yaml_text(state, "driver", ""));
  }
  const char *const address = stoa_yaml_text(state, "address", NULL);
  if (!address) {
    return stoa_error_at(err, STOA_BAD_ARG, state->place, "state needs an address");
  }
  e->state_file = stoa_file_join(&e->arena, dir, address);
  return STOA_OK;
}

// An event type that was declared since the state was made gets its table, as far as nobody else holds the state.
static stoa_status complete_state(stoa_engine *e)
{
  stoa_event_types present;
  stoa_state *state;
  stoa_error ignored = {0};
  if (!stoa_state_present(e->state_file, &e->event_types, &e->arena, &present) &&
      stoa_state_open(e->state_file, &e->event_types, &state, &ignored) == STOA_OK) {
    stoa_state_close(state);
  }
  return STOA_OK;
}

static stoa_status open_state(stoa_engine *e, stoa_engine_mode mode, stoa_error *err)
{
  if (mode == STOA_ENGINE_MEMORY) {
    return stoa_state_open(NULL, &e->event_types, &e->state, err);
  }
  if (!e->state_file) {
    return mode == STOA_ENGINE_OWN
             ? stoa_error_set(err, STOA_BAD_ARG, "stoa.yaml has no \"state:\", where decisions are kept")
             : STOA_OK;
  }
  if (mode == STOA_ENGINE_READ && access(e->state_file, R_OK) == 0) {
    return complete_state(e);
  }
  STOA_TRY(make_folder(e->state_file, err));
  STOA_TRY(stoa_state_open(e->state_file, &e->event_types, &e->state, err));
  if (mode == STOA_ENGINE_READ) { // only to create it, so that its mapping finds its tables
    stoa_state_close(e->state);
    e->state = NULL;
  }
  return STOA_OK;
}

static void read_policies(stoa_engine *e, const char *dir, stoa_faults *faults)
{
  stoa_file_names files = {0};
  stoa_file_glob(dir, "personalizer/*.yaml", &e->arena, &files);
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error fault = {0};
    stoa_policy *policy;
    if (stoa_policy_read(files.items[i], e->registry, &e->arena, &policy, &fault) == STOA_OK) {
      STOA_PUSH(&e->arena, &e->policies, policy);
    } else {
      stoa_faults_add(faults, &fault, false);
    }
  }
}

static void layer_free(stoa_layer *layer)
{
  stoa_registry_free(layer->registry);
  stoa_project_free(layer->project);
  free(layer);
}

static stoa_status open_layer(stoa_engine *e, stoa_faults *faults, stoa_layer **out, stoa_error *err)
{
  stoa_layer *const layer = calloc(1, sizeof *layer);
  stoa_arena arena;
  if (!layer) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a project");
  }
  stoa_arena_init(&arena, 0);
  stoa_event_types present = e->event_types;
  if (e->state_file && !e->state) { // what its owner has made no table for yet is not mapped
    stoa_state_present(e->state_file, &e->event_types, &arena, &present);
  }
  const stoa_own_source own = {"state", e->state_file, stoa_state_mapping(&present, &arena)};
  stoa_status status = stoa_project_open(e->dir, e->state_file ? &own : NULL, faults, &layer->project, err);
  if (status == STOA_OK) {
    status = stoa_registry_open(layer->project, faults, &layer->registry, err);
  }
  stoa_arena_done(&arena);
  if (status != STOA_OK) {
    layer_free(layer);
    return status;
  }
  layer->n_users = 1; // the engine itself
  *out = layer;
  return STOA_OK;
}

stoa_layer *stoa_engine_take(stoa_engine *e)
{
  pthread_mutex_lock(&e->layer_lock);
  stoa_layer *const layer = e->layer;
  layer->n_users++;
  pthread_mutex_unlock(&e->layer_lock);
  return layer;
}

void stoa_engine_drop(stoa_engine *e, stoa_layer *layer)
{
  pthread_mutex_lock(&e->layer_lock);
  const bool last = --layer->n_users == 0;
  pthread_mutex_unlock(&e->layer_lock);
  if (last) { // not while another layer is read: raptor ends libxml2 for the whole process with each of its worlds
    pthread_mutex_lock(&e->reload_lock);
    layer_free(layer);
    pthread_mutex_unlock(&e->reload_lock);
  }
}

// What policies ask for must still be there.
static void check_policies(const stoa_engine *e, const stoa_layer *layer, stoa_faults *faults)
{
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    const stoa_service *found;
    stoa_error err = {0};
    const char *const service = e->policies.items[i]->service;
    if (service && stoa_registry_need_service(layer->registry, service, &found, &err) != STOA_OK) {
      stoa_error named = {0};
      stoa_error_set(&named, err.status, "policy %s: %s", e->policies.items[i]->name, err.text);
      stoa_faults_add(faults, &named, false);
    }
  }
}

static stoa_status reload(stoa_engine *e, stoa_faults *faults, stoa_layer **out, stoa_error *err)
{
  stoa_layer *fresh;
  STOA_TRY(open_layer(e, faults, &fresh, err));
  check_policies(e, fresh, faults);
  if (faults->n_errors) {
    layer_free(fresh);
    return stoa_error_set(err, STOA_BAD_MAPPING, "%zu faults; the old layer stays", faults->n_errors);
  }
  pthread_mutex_lock(&e->layer_lock);
  *out = e->layer;
  e->layer = fresh;
  pthread_mutex_unlock(&e->layer_lock);
  e->project = NULL; // theirs was the old one
  e->registry = NULL;
  return STOA_OK;
}

stoa_status stoa_engine_reload(stoa_engine *e, stoa_faults *faults, stoa_error *err)
{
  pthread_mutex_lock(&e->reload_lock);
  stoa_layer *old = NULL;
  const stoa_status status = reload(e, faults, &old, err);
  pthread_mutex_unlock(&e->reload_lock);
  if (old) {
    stoa_engine_drop(e, old);
  }
  return status;
}

static stoa_status open_engine(stoa_engine *e, const char *dir, stoa_engine_mode mode, stoa_faults *faults,
                               stoa_error *err)
{
  const stoa_yaml *config;
  STOA_TRY(stoa_project_config(dir, &e->arena, &config, err));
  STOA_TRY(read_config(e, dir, mode, config, err));
  STOA_TRY(open_state(e, mode, err));
  e->dir = stoa_arena_copy(&e->arena, stoa_slice_of(dir));
  STOA_TRY(open_layer(e, faults, &e->layer, err));
  e->project = e->layer->project;
  e->registry = e->layer->registry;
  read_policies(e, dir, faults);
  return e->state ? stoa_engine_restore(e, err) : STOA_OK;
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
  pthread_mutex_init(&e->layer_lock, NULL);
  pthread_mutex_init(&e->reload_lock, NULL);
  const stoa_status status = open_engine(e, dir, mode, faults, err);
  if (status != STOA_OK) {
    stoa_engine_close(e);
    return status;
  }
  *out = e;
  return STOA_OK;
}

void stoa_engine_close(stoa_engine *e)
{
  if (!e) {
    return;
  }
  if (e->state && e->state_file) {
    stoa_engine_save_models(e, NULL);
  }
  stoa_state_close(e->state);
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    stoa_policy_free(e->policies.items[i]);
  }
  if (e->layer) {
    layer_free(e->layer);
  }
  pthread_mutex_destroy(&e->layer_lock);
  pthread_mutex_destroy(&e->reload_lock);
  stoa_arena_done(&e->arena);
  free(e);
}

stoa_policy *stoa_engine_policy(const stoa_engine *e, const char *name)
{
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    if (strcmp(e->policies.items[i]->name, name) == 0) {
      return e->policies.items[i];
    }
  }
  return NULL;
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
