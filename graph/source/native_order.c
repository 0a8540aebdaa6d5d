// The order in which patterns are joined.
//
// An order costs what it goes through: the rows of the first pattern, and after each step the look-ups and the rows that
// come of them.  How many come of one row is told by the counts of the partition: triples for each subject or object.
// Every pattern is tried as the first; the others follow greedily, the one that multiplies rows least next.
#include "graph/source/native_match.h"

static double per(double n, double distinct)
{
  return n / (distinct < 1 ? 1 : distinct);
}

enum { RANGES_COUNTED = 64 }; ///< of more, as many tell of all

// How many pairs lie in the level's ranges.
static uint32_t in_all_ranges(const stoa_partition *p, const stoa_level *l)
{
  const stoa_pairs *const pairs = l->ranged == PLACE_O ? &p->os : &p->so;
  const uint32_t step = l->n_ranges / RANGES_COUNTED + 1;
  uint32_t n = 0, at = 0, counted = 0;
  for (uint32_t i = 0; i < l->n_ranges; i += step, ++counted) {
    const uint32_t first = stoa_pairs_seek(pairs, at, (uint64_t)l->ranges[i].first << 32);
    at = stoa_pairs_seek(pairs, first, (uint64_t)l->ranges[i].last << 32);
    n += at - first;
  }
  return l->n_ranges ? (uint32_t)((double)n / counted * l->n_ranges) : p->os.n;
}

/// What the partitions of a level have together; constants are looked up.
typedef struct {
  double n, subjects, objects; ///< triples that fit the constants and ranges, and how many terms they may have
} counts;

static void add_partition(const stoa_level *l, const stoa_partition *p, counts *all)
{
  const stoa_id s = l->var[PLACE_S] < 0 ? l->id[PLACE_S] : 0, o = l->var[PLACE_O] < 0 ? l->id[PLACE_O] : 0;
  uint32_t first = 0, last = in_all_ranges(p, l);
  if (s && o) {
    last = stoa_pairs_have(&p->so, (uint64_t)s << 32 | o);
  } else if (s || o) {
    stoa_pairs_range(s ? &p->so : &p->os, 0, s ? s : o, &first, &last);
  }
  all->n += last - first;
  all->subjects += p->n_subjects;
  all->objects += p->n_objects;
}

static counts counts_of(const stoa_native *graph, const stoa_level *l)
{
  const stoa_partitions *const all = &graph->partitions;
  counts out = {0};
  for (int place = 0; place < N_PLACES; ++place) {
    if (l->var[place] < 0 && l->id[place] == STOA_ID_MISSING) {
      return out;
    }
  }
  if (l->var[PLACE_P] < 0 && l->var[PLACE_G] < 0) {
    const stoa_partition *const one = stoa_partitions_find(all, l->id[PLACE_G], l->id[PLACE_P]);
    if (one) {
      add_partition(l, one, &out);
    }
    return out;
  }
  for (uint32_t i = 0; i < all->n; ++i) {
    const stoa_partition *const p = all->items[i];
    const bool in_graph = l->var[PLACE_G] < 0 ? p->graph == l->id[PLACE_G] : p->graph != 0;
    if (in_graph && (l->var[PLACE_P] >= 0 || p->predicate == l->id[PLACE_P])) {
      add_partition(l, p, &out);
    }
  }
  return out;
}

double stoa_level_terms(const stoa_level *l, const stoa_native *graph, int place)
{
  const counts c = counts_of(graph, l);
  const double distinct = place == PLACE_O ? c.objects : c.subjects;
  return c.n < distinct ? c.n : distinct;
}

static bool is_bound(const stoa_level *l, int place, const bool *bound)
{
  return l->var[place] >= 0 && bound[l->var[place]];
}

// How many matches one row of what is bound has.
static double fan_out(const stoa_level *l, const counts *c, const bool *bound)
{
  double n = c->n;
  n = is_bound(l, PLACE_S, bound) ? per(n, c->subjects) : n;
  return is_bound(l, PLACE_O, bound) ? per(n, c->objects) : n;
}

static bool is_connected(const stoa_level *l, const bool *bound)
{
  return is_bound(l, PLACE_S, bound) || is_bound(l, PLACE_P, bound) || is_bound(l, PLACE_O, bound) ||
         is_bound(l, PLACE_G, bound);
}

static void bind(const stoa_level *l, bool *bound)
{
  for (int place = 0; place < N_PLACES; ++place) {
    if (l->var[place] >= 0) {
      bound[l->var[place]] = true;
    }
  }
}

enum { MOST_ORDERED = 64 }; ///< patterns beyond stay as they are written

typedef struct {
  const stoa_level *levels;
  counts counts[MOST_ORDERED];
  uint32_t n;
} patterns;

static uint32_t next_best(const patterns *p, uint64_t left, const bool *bound)
{
  uint32_t best = 0;
  double least = -1;
  bool best_connected = false;
  for (uint32_t i = 0; i < p->n; ++i) {
    if (!(left >> i & 1)) {
      continue;
    }
    const double n = fan_out(&p->levels[i], &p->counts[i], bound);
    const bool connected = is_connected(&p->levels[i], bound) || p->counts[i].n <= 1;
    if (least < 0 || (connected && !best_connected) || (connected == best_connected && n < least)) {
      best = i;
      least = n;
      best_connected = connected;
    }
  }
  return best;
}

// Follow an order from `first` (or, with `first` == n, from the one that is best); its cost.
static double follow(const patterns *p, uint32_t first, bool *bound, uint32_t *order)
{
  uint64_t left = p->n == 64 ? UINT64_MAX : (UINT64_C(1) << p->n) - 1;
  double rows = 1, cost = 0;
  for (uint32_t i = 0; i < p->n; ++i) {
    const uint32_t next = i == 0 && first < p->n ? first : next_best(p, left, bound);
    cost += rows;
    rows *= fan_out(&p->levels[next], &p->counts[next], bound);
    cost += rows;
    left &= ~(UINT64_C(1) << next);
    bind(&p->levels[next], bound);
    order[i] = next;
  }
  return cost;
}

static bool shares_any(const patterns *p, const bool *bound)
{
  bool any = false;
  for (uint32_t i = 0; i < p->n && !any; ++i) {
    any = is_connected(&p->levels[i], bound);
  }
  return any;
}

void stoa_levels_order(stoa_level *levels, uint32_t n, const stoa_native *graph, uint32_t n_vars, bool *bound,
                       stoa_arena *arena)
{
  uint32_t order[MOST_ORDERED], best[MOST_ORDERED];
  double least = -1;
  if (n > 0 && n <= MOST_ORDERED) {
    patterns p = {.levels = levels, .n = n};
    for (uint32_t i = 0; i < n; ++i) {
      p.counts[i] = counts_of(graph, &levels[i]);
    }
    const bool given = shares_any(&p, bound);
    bool *const known = STOA_NEWS(arena, bool, n_vars + 1);
    for (uint32_t first = given ? n : 0; first < n + given; ++first) {
      memcpy(known, bound, n_vars * sizeof *known);
      const double cost = follow(&p, first, known, order);
      if (least < 0 || cost < least) {
        least = cost;
        memcpy(best, order, n * sizeof *order);
      }
    }
    stoa_level *const old = stoa_arena_raw(arena, n * sizeof *old);
    memcpy(old, levels, n * sizeof *old);
    for (uint32_t i = 0; i < n; ++i) {
      levels[i] = old[best[i]];
    }
  }
  for (uint32_t i = 0; i < n; ++i) {
    bind(&levels[i], bound);
  }
}
