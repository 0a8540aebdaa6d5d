// The order in which patterns are joined: greedy by expected matches, given what is bound by then.
#include "graph/source/native_match.h"

static double per(uint32_t n, uint32_t distinct)
{
  return (double)n / (distinct ? distinct : 1);
}

// How many objects lie in the level's ranges.
static uint32_t in_all_ranges(const stoa_partition *p, const stoa_level *l)
{
  uint32_t n = l->n_ranges ? 0 : p->os.n;
  for (uint32_t i = 0; i < l->n_ranges; ++i) {
    const uint32_t first = stoa_pairs_seek(&p->os, 0, (uint64_t)l->ranges[i].first << 32);
    n += stoa_pairs_seek(&p->os, first, (uint64_t)l->ranges[i].last << 32) - first;
  }
  return n;
}

static double expected_in(const stoa_partition *p, const stoa_level *l, bool s, bool o)
{
  if (s && o) {
    return 1;
  }
  return s ? per(in_all_ranges(p, l), p->n_subjects) : o ? per(p->so.n, p->n_objects) : in_all_ranges(p, l);
}

static double exact_in(const stoa_partition *p, stoa_id s, stoa_id o)
{
  uint32_t first, last;
  stoa_pairs_range(s ? &p->so : &p->os, 0, s ? s : o, &first, &last);
  return last - first;
}

static double expected(const stoa_native *graph, const stoa_level *l, const bool *bound)
{
  const stoa_partitions *const all = &graph->partitions;
  bool known[N_PLACES];
  double sum = 0;
  for (int place = 0; place < N_PLACES; ++place) {
    known[place] = l->var[place] < 0 || bound[l->var[place]];
    if (l->var[place] < 0 && l->id[place] == STOA_ID_MISSING) {
      return 0;
    }
  }
  for (uint32_t i = 0; i < all->n; ++i) {
    const stoa_partition *const p = all->items[i];
    const bool in_graph = l->var[PLACE_G] < 0 ? p->graph == l->id[PLACE_G] : p->graph != 0;
    if (!in_graph || (l->var[PLACE_P] < 0 && p->predicate != l->id[PLACE_P])) {
      continue;
    }
    const bool const_s = l->var[PLACE_S] < 0, const_o = l->var[PLACE_O] < 0;
    sum += (const_s != const_o) && !(known[PLACE_S] && known[PLACE_O])
             ? exact_in(p, const_s ? l->id[PLACE_S] : 0, const_s ? 0 : l->id[PLACE_O])
             : expected_in(p, l, known[PLACE_S], known[PLACE_O]);
  }
  return sum;
}

static bool is_connected(const stoa_level *l, const bool *bound)
{
  for (int place = 0; place < N_PLACES; ++place) {
    if (l->var[place] >= 0 && bound[l->var[place]]) {
      return true;
    }
  }
  return false;
}

void stoa_levels_order(stoa_level *levels, uint32_t n, const stoa_native *graph, bool *bound)
{
  for (uint32_t done = 0; done < n; ++done) {
    uint32_t best = done;
    double least = -1;
    bool best_connected = false;
    for (uint32_t i = done; i < n; ++i) {
      const double cost = expected(graph, &levels[i], bound);
      const bool connected = is_connected(&levels[i], bound) || cost <= 1;
      if (least < 0 || (connected && !best_connected) || (connected == best_connected && cost < least)) {
        best = i;
        least = cost;
        best_connected = connected;
      }
    }
    const stoa_level chosen = levels[best];
    levels[best] = levels[done];
    levels[done] = chosen;
    for (int place = 0; place < N_PLACES; ++place) {
      if (chosen.var[place] >= 0) {
        bound[chosen.var[place]] = true;
      }
    }
  }
}
