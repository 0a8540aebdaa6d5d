#include "ontology/own_graph.h"
#include <pthread.h>
#include <stdlib.h>

struct stoa_own_graph {
  const char *name;
  void (*tell)(const void *data, stoa_source *graph);
  const void *data;
  pthread_mutex_t lock; ///< guards `source` until it is made
  stoa_source *source;
};

stoa_own_graph *stoa_own_graph_new(const char *name, void (*tell)(const void *data, stoa_source *graph),
                                   const void *data)
{
  stoa_own_graph *const g = calloc(1, sizeof *g);
  if (g) {
    *g = (stoa_own_graph){.name = name, .tell = tell, .data = data};
    pthread_mutex_init(&g->lock, NULL);
  }
  return g;
}

void stoa_own_graph_free(stoa_own_graph *g)
{
  if (g) {
    stoa_source_free(g->source);
    pthread_mutex_destroy(&g->lock);
    free(g);
  }
}

bool stoa_own_graph_is(const stoa_own_graph *g, stoa_term name)
{
  return stoa_term_is_iri(name) && stoa_slice_is(stoa_term_text(name), g->name);
}

stoa_source *stoa_own_graph_source(stoa_own_graph *g)
{
  pthread_mutex_lock(&g->lock);
  if (!g->source) {
    stoa_source *const source = stoa_source_native_new("registry");
    g->tell(g->data, source);
    stoa_source_native_finish(source);
    g->source = source;
  }
  stoa_source *const source = g->source;
  pthread_mutex_unlock(&g->lock);
  return source;
}

bool stoa_own_graph_describes(stoa_own_graph *g, stoa_term iri)
{
  const stoa_term any = {0};
  return stoa_source_native_matches(stoa_own_graph_source(g), iri, any, any);
}
