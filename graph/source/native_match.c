// Basic graph patterns on the native graph: an index nested-loop join over numbers, the pattern with the
// fewest expected matches first; terms appear only in the rows that leave.  A level's look-ups begin where its
// last one ended when keys ascend, as they do below a level that goes by the same key: such a join is a merge.
#include "graph/source/native.h"
#include "graph/term/batch.h"
#include "graph/term/equality.h"
#include <stdlib.h>

enum { PLACE_S, PLACE_P, PLACE_O, PLACE_G, N_PLACES };

typedef struct {
  int var[N_PLACES];    ///< number of the variable, or -1
  stoa_id id[N_PLACES]; ///< of a constant
  stoa_id_range ranges[STOA_ID_RANGES];
  uint32_t n_ranges; ///< of the object's numbers; 0: any
  // The iteration
  uint32_t part_at, part_end;
  const stoa_partition *part;
  const stoa_pairs *pairs;
  uint32_t at, end;  ///< ranks in `pairs`
  uint32_t range_at; ///< the range to go through next; n_ranges: none
  bool by_object;
  uint8_t set; ///< places whose variable this level has bound
  bool whole;  ///< one pair decides: subject and object are known
  // Where the last look-up ended
  const stoa_pairs *sought;
  uint64_t sought_pair;
  uint32_t sought_rank;
} level;

struct stoa_cursor {
  stoa_native *graph;
  stoa_context *context;
  level *levels; ///< in the order in which they are joined
  uint32_t n_levels, n_vars;
  stoa_id *ids; ///< of variables; 0 is not bound
  bool open, done;
  int depth;
  stoa_term **columns;
  stoa_arena arena;
};

static stoa_id known_id(const stoa_cursor *c, const level *l, int place)
{
  return l->var[place] < 0 ? l->id[place] : c->ids[l->var[place]];
}

// The rank of a pair, by way of the last one sought.
static uint32_t seek(level *l, const stoa_pairs *pairs, uint64_t pair)
{
  const bool on = l->sought == pairs && pair >= l->sought_pair;
  l->sought_rank = stoa_pairs_seek(pairs, on ? l->sought_rank : 0, pair);
  l->sought_pair = pair;
  l->sought = pairs;
  return l->sought_rank;
}

static void range_of(const stoa_cursor *c, level *l, const stoa_partition *p)
{
  const stoa_id s = known_id(c, l, PLACE_S), o = known_id(c, l, PLACE_O);
  l->part = p;
  l->whole = s && o;
  l->by_object = !s && (o || l->n_ranges);
  l->pairs = l->by_object ? &p->os : &p->so;
  l->range_at = l->n_ranges;
  l->at = 0;
  l->end = l->pairs->n;
  if (l->whole) {
    l->at = seek(l, l->pairs, (uint64_t)s << 32 | o);
    l->end = l->at + (l->at < l->pairs->n && stoa_pairs_at(l->pairs, l->at) == ((uint64_t)s << 32 | o));
  } else if (s || o) {
    const uint32_t from = seek(l, l->pairs, (uint64_t)(s ? s : o) << 32);
    stoa_pairs_range(l->pairs, from, s ? s : o, &l->at, &l->end);
  } else if (l->by_object) {
    l->range_at = 0;
    l->end = 0;
  }
}

static bool next_range(level *l)
{
  while (l->part && l->range_at < l->n_ranges) {
    const stoa_id_range *const range = &l->ranges[l->range_at++];
    l->at = stoa_pairs_seek(l->pairs, l->end, (uint64_t)range->first << 32);
    l->end = stoa_pairs_seek(l->pairs, l->at, (uint64_t)range->last << 32);
    if (l->at < l->end) {
      return true;
    }
  }
  return false;
}

static bool in_ranges(const level *l, stoa_id object)
{
  bool in = l->n_ranges == 0;
  for (uint32_t i = 0; !in && i < l->n_ranges; ++i) {
    in = object >= l->ranges[i].first && object < l->ranges[i].last;
  }
  return in;
}

// Find the partitions that may match; one is found by hash, else all are gone through.
static void level_open(const stoa_cursor *c, level *l)
{
  const stoa_partitions *const all = &c->graph->partitions;
  const stoa_id g = known_id(c, l, PLACE_G), p = known_id(c, l, PLACE_P);
  l->at = l->end = 0;
  l->part = NULL;
  l->set = 0;
  l->part_at = 0;
  l->part_end = all->n;
  for (int place = 0; place < N_PLACES; ++place) {
    if (known_id(c, l, place) == STOA_ID_MISSING) {
      l->part_end = 0;
      return;
    }
  }
  if (p && (g || l->var[PLACE_G] < 0)) {
    const stoa_partition *const one = stoa_partitions_find(all, g, p);
    l->part_end = 0;
    if (one) {
      range_of(c, l, one);
    }
  }
}

static bool next_partition(const stoa_cursor *c, level *l)
{
  const stoa_partitions *const all = &c->graph->partitions;
  const stoa_id g = known_id(c, l, PLACE_G), p = known_id(c, l, PLACE_P);
  const bool any_graph = l->var[PLACE_G] >= 0 && !g;
  while (l->part_at < l->part_end) {
    const stoa_partition *const part = all->items[l->part_at++];
    if ((any_graph ? part->graph != 0 : part->graph == g) && (!p || part->predicate == p)) {
      range_of(c, l, part);
      return true;
    }
  }
  return false;
}

static bool bind_place(stoa_cursor *c, level *l, int place, stoa_id id)
{
  if (l->var[place] < 0) {
    return true;
  }
  stoa_id *const bound = &c->ids[l->var[place]];
  if (*bound) {
    return *bound == id;
  }
  *bound = id;
  l->set |= (uint8_t)(1 << place);
  return true;
}

static void unbind(stoa_cursor *c, level *l)
{
  for (int place = 0; l->set && place < N_PLACES; ++place) {
    if (l->set & 1 << place) {
      c->ids[l->var[place]] = 0;
    }
  }
  l->set = 0;
}

static bool take(stoa_cursor *c, level *l, uint64_t pair)
{
  const stoa_id high = (stoa_id)(pair >> 32), low = (stoa_id)pair;
  const stoa_id subject = l->by_object ? low : high, object = l->by_object ? high : low;
  return (l->whole ||
          (in_ranges(l, object) && bind_place(c, l, PLACE_S, subject) && bind_place(c, l, PLACE_O, object))) &&
         bind_place(c, l, PLACE_P, l->part->predicate) && bind_place(c, l, PLACE_G, l->part->graph);
}

static bool level_next(stoa_cursor *c, level *l)
{
  unbind(c, l);
  for (;;) {
    while (l->at < l->end) {
      if (take(c, l, stoa_pairs_at(l->pairs, l->at++))) {
        return true;
      }
      unbind(c, l);
    }
    if (!next_range(l) && !next_partition(c, l)) {
      return false;
    }
  }
}

// ---- order: greedy by expected matches, given what is bound by then

static double per(uint32_t n, uint32_t distinct)
{
  return (double)n / (distinct ? distinct : 1);
}

// How many objects lie in the level's ranges.
static uint32_t in_all_ranges(const stoa_partition *p, const level *l)
{
  uint32_t n = l->n_ranges ? 0 : p->os.n;
  for (uint32_t i = 0; i < l->n_ranges; ++i) {
    const uint32_t first = stoa_pairs_seek(&p->os, 0, (uint64_t)l->ranges[i].first << 32);
    n += stoa_pairs_seek(&p->os, first, (uint64_t)l->ranges[i].last << 32) - first;
  }
  return n;
}

static double expected_in(const stoa_partition *p, const level *l, bool s, bool o)
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

static double expected(const stoa_cursor *c, const level *l, const bool *bound)
{
  const stoa_partitions *const all = &c->graph->partitions;
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
    const bool graph = l->var[PLACE_G] < 0 ? p->graph == l->id[PLACE_G] : p->graph != 0;
    if (!graph || (l->var[PLACE_P] < 0 && p->predicate != l->id[PLACE_P])) {
      continue;
    }
    const bool const_s = l->var[PLACE_S] < 0, const_o = l->var[PLACE_O] < 0;
    sum += (const_s != const_o) && !(known[PLACE_S] && known[PLACE_O])
             ? exact_in(p, const_s ? l->id[PLACE_S] : 0, const_s ? 0 : l->id[PLACE_O])
             : expected_in(p, l, known[PLACE_S], known[PLACE_O]);
  }
  return sum;
}

static bool is_connected(const level *l, const bool *bound)
{
  for (int place = 0; place < N_PLACES; ++place) {
    if (l->var[place] >= 0 && bound[l->var[place]]) {
      return true;
    }
  }
  return false;
}

static void choose_order(stoa_cursor *c, bool *bound)
{
  for (uint32_t done = 0; done < c->n_levels; ++done) {
    uint32_t best = done;
    double least = -1;
    bool best_connected = false;
    for (uint32_t i = done; i < c->n_levels; ++i) {
      const double cost = expected(c, &c->levels[i], bound);
      const bool connected = is_connected(&c->levels[i], bound) || cost <= 1;
      if (least < 0 || (connected && !best_connected) || (connected == best_connected && cost < least)) {
        best = i;
        least = cost;
        best_connected = connected;
      }
    }
    const level chosen = c->levels[best];
    c->levels[best] = c->levels[done];
    c->levels[done] = chosen;
    for (int place = 0; place < N_PLACES; ++place) {
      if (chosen.var[place] >= 0) {
        bound[chosen.var[place]] = true;
      }
    }
  }
}

// ---- the cursor

static void set_range(stoa_cursor *c, const stoa_fragment_range *range)
{
  for (uint32_t i = 0; i < c->n_levels; ++i) {
    level *const l = &c->levels[i];
    if (l->var[PLACE_O] == range->var) {
      l->n_ranges = stoa_inline_ranges(range->least, range->most, l->ranges);
    }
  }
}

stoa_status stoa_native_open(stoa_connection *connection, const stoa_fragment *f, stoa_context *context,
                             stoa_cursor **out, stoa_error *err)
{
  stoa_cursor *const c = calloc(1, sizeof *c);
  if (!c) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a cursor");
  }
  c->graph = (stoa_native *)connection->source;
  c->context = context;
  stoa_arena_init(&c->arena, 0);
  c->n_levels = f->n_patterns;
  c->n_vars = f->n_vars;
  c->levels = STOA_NEWS(&c->arena, level, f->n_patterns + 1);
  c->ids = STOA_NEWS(&c->arena, stoa_id, f->n_vars + 1);
  c->columns = STOA_NEWS(&c->arena, stoa_term *, f->n_vars + 1);
  bool *const bound = STOA_NEWS(&c->arena, bool, f->n_vars + 1);
  for (uint32_t i = 0; i < f->n_vars; ++i) {
    c->columns[i] = stoa_arena_raw(&c->arena, STOA_BATCH_ROWS * sizeof(stoa_term));
    bound[i] = f->seeded && f->seeded[i];
  }
  for (uint32_t i = 0; i < f->n_patterns; ++i) {
    for (int place = 0; place < N_PLACES; ++place) {
      c->levels[i].var[place] = f->patterns[i].vars[place];
      c->levels[i].id[place] = stoa_dictionary_find(&c->graph->dictionary, f->patterns[i].terms[place]);
    }
  }
  for (uint32_t i = 0; i < f->n_ranges; ++i) {
    set_range(c, &f->ranges[i]);
  }
  choose_order(c, bound);
  *out = c;
  return STOA_OK;
}

void stoa_native_seed(stoa_cursor *c, const stoa_term *seeds)
{
  for (uint32_t i = 0; i < c->n_vars; ++i) {
    c->ids[i] = stoa_dictionary_find(&c->graph->dictionary, seeds[i]);
  }
  for (uint32_t i = 0; i < c->n_levels; ++i) {
    c->levels[i].set = 0;
  }
  c->open = c->done = false;
}

// Step to the next complete match.
static bool next_match(stoa_cursor *c, uint32_t *n_steps)
{
  const int last = (int)c->n_levels - 1;
  if (!c->open) {
    c->open = true;
    c->depth = 0;
    if (last < 0) {
      return true;
    }
    level_open(c, &c->levels[0]);
  } else if (last < 0) {
    return false;
  }
  while (c->depth >= 0) {
    if (++*n_steps >= 100000) {
      return false;
    }
    if (!level_next(c, &c->levels[c->depth])) {
      --c->depth;
    } else if (c->depth == last) {
      return true;
    } else {
      level_open(c, &c->levels[++c->depth]);
    }
  }
  c->done = true;
  return false;
}

stoa_status stoa_native_next(stoa_cursor *c, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  const stoa_dictionary *const terms = &c->graph->dictionary;
  uint32_t n = 0;
  (void)arena;
  while (!c->done && n < STOA_BATCH_ROWS) {
    uint32_t n_steps = 0;
    if (next_match(c, &n_steps)) {
      for (uint32_t i = 0; i < c->n_vars; ++i) {
        c->columns[i][n] = c->ids[i] == STOA_ID_MISSING ? (stoa_term){0} : stoa_dictionary_term(terms, c->ids[i]);
      }
      ++n;
    } else if (n_steps >= 100000) {
      STOA_TRY(stoa_context_check(c->context, err));
    } else {
      c->done = true;
    }
  }
  STOA_TRY(stoa_context_check(c->context, err));
  *out = (stoa_rows){.n_rows = n, .n_columns = c->n_vars, .terms = c->columns};
  return STOA_OK;
}

void stoa_native_close(stoa_cursor *c)
{
  if (c) {
    stoa_arena_done(&c->arena);
    free(c);
  }
}
