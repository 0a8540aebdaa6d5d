// A layer is counted by those who work on it.  raptor ends libxml2 for the whole process with each of its worlds, so
// that no layer is released while another is read: both happen under `reading`.
#include "personalizer/layer.h"
#include "features/catalog.h"
#include "graph/base/assert.h"
#include "graph/term/vocab.h"
#include "ontology/own_graph.h"
#include <pthread.h>
#include <stdlib.h>

typedef struct counted {
  stoa_layer shown; ///< first: what callers have
  uint32_t n_users;
  struct counted *next; ///< in `spent`
} counted;

struct stoa_layers {
  pthread_mutex_t lock;    ///< guards what follows, and the counts
  pthread_mutex_t reading; ///< held while a layer is read or released
  counted *current;
  counted *spent; ///< nobody holds them; the reaper releases them
  pthread_t reaper;
  bool has_reaper, is_reaping; ///< there is a thread to be joined; it still looks at `spent`
};

void stoa_layer_free(stoa_layer *layer)
{
  if (layer) {
    stoa_watches_free(layer->watches);
    stoa_keep_free(layer->keep);
    stoa_rail_plans_free(layer->rails);
    stoa_registry_free(layer->registry);
    stoa_project_free(layer->project);
    stoa_own_graph_free(layer->catalog);
    free(layer);
  }
}

static void tell(const void *data, stoa_source *graph)
{
  const stoa_layer *const layer = data;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const stoa_teller teller = {graph, stoa_tell_iri(STOA_REGISTRY), layer->project->base, &arena};
  stoa_catalog_tell(layer->registry, &teller);
  if (layer->policies) {
    stoa_policies_tell(layer->policies, layer->project->dir, &teller);
  }
  stoa_arena_done(&arena);
}

stoa_status stoa_layer_open(const char *dir, const char *state_file, stoa_log_reach reach, const stoa_event_types *types,
                            stoa_faults *faults, stoa_layer **out, stoa_error *err)
{
  counted *const layer = calloc(1, sizeof *layer);
  stoa_arena arena;
  if (!layer) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a project");
  }
  stoa_arena_init(&arena, 0);
  const stoa_own_source own = {"state", state_file, stoa_state_mapping(types, reach, &arena)};
  stoa_status status = stoa_project_open(dir, state_file ? &own : NULL, faults, &layer->shown.project, err);
  if (status == STOA_OK) {
    status = stoa_registry_open(layer->shown.project, faults, &layer->shown.registry, err);
  }
  stoa_arena_done(&arena);
  layer->shown.catalog = status == STOA_OK ? stoa_own_graph_new(STOA_REGISTRY, tell, &layer->shown) : NULL;
  if (status == STOA_OK && !layer->shown.catalog) {
    status = stoa_error_set(err, STOA_NO_MEM, "no memory for a project");
  }
  if (status != STOA_OK) {
    stoa_layer_free(&layer->shown);
    return status;
  }
  layer->shown.project->mapping.own = layer->shown.catalog;
  layer->n_users = 1; // that it is current
  *out = &layer->shown;
  return STOA_OK;
}

stoa_status stoa_layer_plan_rails(stoa_layer *layer, stoa_faults *faults, stoa_error *err)
{
  layer->rails = stoa_rail_plans_new();
  if (!layer->rails) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the rails of policies");
  }
  for (uint32_t i = 0; i < layer->policies->n; ++i) {
    stoa_rail_plans_add(layer->rails, &layer->policies->items[i]->rails, layer->project, faults);
  }
  return STOA_OK;
}

stoa_layers *stoa_layers_new(stoa_layer *first)
{
  stoa_layers *const l = calloc(1, sizeof *l);
  if (l) {
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->reading, NULL);
    l->current = (counted *)first;
  }
  return l;
}

static void free_spent(counted *spent)
{
  while (spent) {
    counted *const next = spent->next;
    stoa_layer_free(&spent->shown);
    spent = next;
  }
}

void stoa_layers_free(stoa_layers *l)
{
  if (!l) {
    return;
  }
  if (l->has_reaper) {
    pthread_join(l->reaper, NULL);
  }
  free_spent(l->spent);
  stoa_layer_free(&l->current->shown);
  pthread_mutex_destroy(&l->lock);
  pthread_mutex_destroy(&l->reading);
  free(l);
}

const stoa_layer *stoa_layers_current(const stoa_layers *l)
{
  return &l->current->shown;
}

stoa_layer *stoa_layers_take(stoa_layers *l)
{
  pthread_mutex_lock(&l->lock);
  counted *const layer = l->current;
  layer->n_users++;
  pthread_mutex_unlock(&l->lock);
  return &layer->shown;
}

static void *reap(void *data)
{
  stoa_layers *const l = data;
  for (;;) {
    pthread_mutex_lock(&l->lock);
    counted *const spent = l->spent;
    l->spent = NULL;
    l->is_reaping = spent != NULL;
    pthread_mutex_unlock(&l->lock);
    if (!spent) {
      return NULL;
    }
    pthread_mutex_lock(&l->reading);
    free_spent(spent);
    pthread_mutex_unlock(&l->reading);
  }
}

// Under the lock.  A thread that cannot be started leaves the layer to the next one, or to the end.
static void start_reaper(stoa_layers *l)
{
  if (l->is_reaping) {
    return;
  }
  if (l->has_reaper) { // it has seen that there is nothing to do, and ends
    pthread_join(l->reaper, NULL);
  }
  l->has_reaper = l->is_reaping = pthread_create(&l->reaper, NULL, reap, l) == 0;
}

void stoa_layers_drop(stoa_layers *l, stoa_layer *layer)
{
  counted *const mine = (counted *)layer;
  pthread_mutex_lock(&l->lock);
  STOA_ASSERT(mine->n_users > 0);
  if (--mine->n_users == 0) {
    mine->next = l->spent;
    l->spent = mine;
    start_reaper(l);
  }
  pthread_mutex_unlock(&l->lock);
}

stoa_status stoa_layers_replace(stoa_layers *l, stoa_status (*open)(void *data, stoa_layer **out, stoa_error *err),
                                void *data, stoa_error *err)
{
  stoa_layer *fresh = NULL, *old = NULL;
  pthread_mutex_lock(&l->reading);
  const stoa_status status = open(data, &fresh, err);
  pthread_mutex_unlock(&l->reading);
  if (status == STOA_OK) {
    pthread_mutex_lock(&l->lock);
    old = &l->current->shown;
    l->current = (counted *)fresh;
    pthread_mutex_unlock(&l->lock);
    stoa_layers_drop(l, old);
  }
  return status;
}
