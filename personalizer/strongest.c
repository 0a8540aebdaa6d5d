#include "personalizer/strongest.h"
#include "graph/base/map.h"
#include <math.h>
#include <stdlib.h>

// A feature that was met, by its hash.
typedef struct {
  uint64_t hash;
  stoa_strong told;
  uint32_t last; ///< decision that it was met in, from 1
  uint32_t n_values;
} met;

typedef struct {
  const stoa_policy *policy;
  stoa_arena *arena;
  stoa_map by_hash;
  STOA_LIST(met *) all;
  uint32_t n_met; ///< so many features were looked at
} gathering;

/// Enough to tell what matters, and a bound on what a question costs.
enum { MOST_MET = 200000 };

static const char *name_of(const stoa_crossing_walk *w, stoa_arena *arena)
{
  stoa_buf name = {0};
  for (uint32_t i = 0; i < w->n_letters; ++i) {
    stoa_buf_print(&name, "%s%s", i ? " x " : "", w->letters[i]->name);
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){name.data, name.length});
  stoa_buf_done(&name);
  return copy;
}

static bool has_names(const stoa_crossing_walk *w)
{
  for (uint32_t i = 0; i < w->n_letters; ++i) {
    if (!w->letters[i]->name) {
      return false;
    }
  }
  return true;
}

static met *met_of(gathering *g, uint64_t hash, const stoa_crossing_walk *w)
{
  met *m = stoa_map_find(&g->by_hash, (stoa_slice){(const char *)&hash, sizeof hash});
  if (!m) {
    m = STOA_NEW(g->arena, met);
    *m = (met){.hash = hash, .told = {.name = name_of(w, g->arena), .weight = stoa_bandit_weight(g->policy->bandit, hash)}};
    stoa_map_add(&g->by_hash, g->arena, (stoa_slice){(const char *)&m->hash, sizeof m->hash}, m);
    STOA_PUSH(g->arena, &g->all, m);
  }
  return m;
}

static void meet(gathering *g, const stoa_example *e, uint32_t action, uint32_t decision)
{
  stoa_crossing_walk w = stoa_crossing_walk_of(&g->policy->learner.crossings, e, action);
  stoa_crossed cell;
  while (g->n_met < MOST_MET && stoa_crossing_walk_next(&w, &cell, 1)) {
    g->n_met++;
    if (!has_names(&w)) {
      continue;
    }
    met *const m = met_of(g, cell.hash, &w);
    m->told.n += m->last != decision;
    m->last = decision;
    m->told.mean_value += (fabs(cell.value) - m->told.mean_value) / ++m->n_values;
  }
}

static int by_strength(const void *a, const void *b)
{
  const stoa_strong *const x = &(*(met *const *)a)->told, *const y = &(*(met *const *)b)->told;
  const double dx = fabs(x->weight) * x->mean_value, dy = fabs(y->weight) * y->mean_value;
  return dx != dy ? (dx < dy) - (dx > dy) : strcmp(x->name, y->name);
}

void stoa_policy_strongest(const stoa_policy *policy, const stoa_slice *examples, uint32_t n, uint32_t most,
                           stoa_arena *arena, stoa_strongest *out)
{
  gathering g = {.policy = policy, .arena = arena};
  stoa_example *const e = STOA_NEW(arena, stoa_example);
  *out = (stoa_strongest){0};
  for (uint32_t i = 0; i < n; ++i) {
    const bool is_good = stoa_example_read(examples[i], arena, e);
    for (uint32_t a = 0; is_good && a < e->n_actions; ++a) {
      meet(&g, e, a, i + 1);
    }
  }
  if (g.all.n) {
    qsort(g.all.items, g.all.n, sizeof *g.all.items, by_strength);
  }
  for (uint32_t i = 0; i < g.all.n && i < most && g.all.items[i]->told.weight != 0; ++i) {
    STOA_PUSH(arena, out, g.all.items[i]->told);
  }
}
