#include "features/pending.h"
#include "graph/base/assert.h"
#include <stdlib.h>
#include <string.h>

void stoa_pendings_done(stoa_pendings *p)
{
  for (uint32_t i = 0; i < p->n; ++i) {
    free(p->items[i].iri);
  }
  free(p->items);
  *p = (stoa_pendings){0};
}

bool stoa_pendings_push(stoa_pendings *p, stoa_slice iri, bool perhaps)
{
  if (p->n == p->capacity) {
    const uint32_t wider = p->capacity ? p->capacity * 2 : 8;
    stoa_pending *const items = realloc(p->items, wider * sizeof *items);
    if (!items) {
      return false;
    }
    p->items = items;
    p->capacity = wider;
  }
  char *const copy = strndup(iri.data, iri.length);
  if (copy) {
    p->items[p->n++] = (stoa_pending){copy, perhaps};
  }
  return copy != NULL;
}

stoa_hot *stoa_hot_new(uint64_t generation)
{
  stoa_hot *const hot = calloc(1, sizeof *hot);
  if (hot) {
    hot->generation = generation;
    hot->n_users = 1;
    pthread_mutex_init(&hot->lock, NULL);
  }
  return hot;
}

void stoa_hot_leave(stoa_hot *hot)
{
  STOA_ASSERT(hot->n_users > 0);
  if (--hot->n_users == 0) {
    stoa_pendings_done(&hot->pending);
    stoa_held_free(hot->held);
    pthread_mutex_destroy(&hot->lock);
    free(hot);
  }
}
