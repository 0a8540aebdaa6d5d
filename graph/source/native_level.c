// The matches of one pattern for what is bound: pairs of the partitions that its predicate and graph allow.
//
// A variable that nothing else reads is not bound: matches that differ in it alone are one step that stands for them
// all.  So the number of triples with a predicate is one step, and that of each subject's is a step a subject.
//
// Look-ups begin where the last one ended when keys ascend, as they do below a level that goes by the same key: such a
// join is a merge.
#include "graph/source/native_match.h"

static stoa_id known_id(const stoa_bindings *b, const stoa_level *l, int place)
{
  return l->var[place] < 0 ? l->id[place] : b->ids[l->var[place]];
}

enum { STEPS_ASIDE = 8 }; ///< as many pairs are looked at before the search gallops

// The rank of the first pair not less than `pair`; all before `from` are less.
static uint32_t rank_from(const stoa_pairs *pairs, uint32_t from, uint64_t pair)
{
  for (int i = 0; i < STEPS_ASIDE; ++i, ++from) {
    if (from >= pairs->n || stoa_pairs_at(pairs, from) >= pair) {
      return from;
    }
  }
  return stoa_pairs_seek(pairs, from, pair);
}

// Where the pairs of the key of the one at `at` end.
static uint32_t run_end(const stoa_pairs *pairs, uint32_t at, uint32_t end, stoa_id key)
{
  const uint64_t next = ((uint64_t)key + 1) << 32;
  const uint32_t found = key == UINT32_MAX ? end : rank_from(pairs, at + 1, next);
  return found < end ? found : end;
}

static void look_up(stoa_level *l, uint64_t pair, bool whole)
{
  const bool on = l->sought == l->pairs && pair >= l->sought_pair;
  if (!on || pair != l->sought_pair) {
    const uint32_t n = l->pairs->n;
    // A pair of another key lies behind all of the last key's.
    const uint32_t from = !on ? 0 : pair >> 32 != l->sought_pair >> 32 ? l->found_end : l->found;
    l->found = on ? rank_from(l->pairs, from, pair) : stoa_pairs_seek(l->pairs, 0, pair);
    l->found_end = l->found;
    if (whole) {
      l->found_end += l->found < n && stoa_pairs_at(l->pairs, l->found) == pair;
    } else if (l->found < n && stoa_pairs_at(l->pairs, l->found) >> 32 == pair >> 32) {
      l->found_end = run_end(l->pairs, l->found, n, (stoa_id)(pair >> 32));
    }
    l->sought_pair = pair;
    l->sought = l->pairs;
  }
  l->at = l->found;
  l->end = l->found_end;
}

// Go through the whole partition, in the order whose key is needed.
static void scan(stoa_level *l)
{
  const bool key_needed = l->needed[l->by_object ? PLACE_O : PLACE_S], low_needed = l->needed[l->by_object ? PLACE_S : PLACE_O];
  l->at = 0;
  l->end = l->pairs->n;
  l->runs = !low_needed;
  l->all_once = !low_needed && !key_needed;
  if (l->n_ranges) {
    l->range_at = 0;
    l->end = 0;
  }
}

static void range_of(stoa_level *l, const stoa_bindings *b, const stoa_partition *p)
{
  const stoa_id s = known_id(b, l, PLACE_S), o = known_id(b, l, PLACE_O);
  l->part = p;
  l->whole = s && o;
  l->by_object = !s && (o || (l->n_ranges ? l->ranged == PLACE_O : l->needed[PLACE_O] && !l->needed[PLACE_S]));
  l->pairs = l->by_object ? &p->os : &p->so;
  l->range_at = l->n_ranges;
  l->runs = l->all_once = false;
  if (l->whole) {
    look_up(l, (uint64_t)s << 32 | o, true);
  } else if (s || o) {
    look_up(l, (uint64_t)(s ? s : o) << 32, false);
    l->all_once = !l->needed[s ? PLACE_O : PLACE_S];
  } else {
    scan(l);
  }
}

static bool next_range(stoa_level *l)
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

static bool in_ranges(const stoa_level *l, stoa_id subject, stoa_id object)
{
  const stoa_id id = l->ranged == PLACE_S ? subject : object;
  uint32_t low = 0, high = l->n_ranges; // the first range that ends behind it
  while (low < high) {
    const uint32_t at = low + (high - low) / 2;
    if (l->ranges[at].last <= id) {
      low = at + 1;
    } else {
      high = at;
    }
  }
  return l->n_ranges == 0 || (low < l->n_ranges && id >= l->ranges[low].first);
}

// Find the partitions that may match; one is found by hash, else all are gone through.
void stoa_level_open(stoa_level *l, const stoa_bindings *b)
{
  const stoa_partitions *const all = &b->graph->partitions;
  const stoa_id g = known_id(b, l, PLACE_G), p = known_id(b, l, PLACE_P);
  l->at = l->end = 0;
  l->part = NULL;
  l->set = 0;
  l->part_at = 0;
  l->part_end = all->n;
  l->range_at = l->n_ranges;
  for (int place = 0; place < N_PLACES; ++place) {
    if (known_id(b, l, place) == STOA_ID_MISSING) {
      l->part_end = 0;
      return;
    }
  }
  if (p && (g || l->var[PLACE_G] < 0)) {
    const stoa_partition *const one = stoa_partitions_find(all, g, p);
    l->part_end = 0;
    if (one) {
      range_of(l, b, one);
    }
  }
}

static bool next_partition(stoa_level *l, const stoa_bindings *b)
{
  const stoa_partitions *const all = &b->graph->partitions;
  const stoa_id g = known_id(b, l, PLACE_G), p = known_id(b, l, PLACE_P);
  const bool any_graph = l->var[PLACE_G] >= 0 && !g;
  while (l->part_at < l->part_end) {
    const stoa_partition *const part = all->items[l->part_at++];
    if ((any_graph ? part->graph != 0 : part->graph == g) && (!p || part->predicate == p)) {
      range_of(l, b, part);
      return true;
    }
  }
  return false;
}

static bool bind_place(stoa_level *l, const stoa_bindings *b, int place, stoa_id id)
{
  if (!l->needed[place]) {
    return true;
  }
  stoa_id *const bound = &b->ids[l->var[place]];
  if (*bound) {
    return *bound == id;
  }
  *bound = id;
  l->set |= (uint8_t)(1 << place);
  return true;
}

void stoa_level_unbind(stoa_level *l, const stoa_bindings *b)
{
  for (int place = 0; l->set && place < N_PLACES; ++place) {
    if (l->set & 1 << place) {
      b->ids[l->var[place]] = 0;
    }
  }
  l->set = 0;
}

static bool is_of_kind(const stoa_level *l, const stoa_bindings *b, int place, stoa_id id)
{
  if (!l->kinds[place]) {
    return true;
  }
  const stoa_term t = stoa_dictionary_term(&b->graph->dictionary, id);
  const int kind = stoa_term_is_iri(t) ? STOA_IS_IRI : stoa_term_is_literal(t) ? STOA_IS_LITERAL : STOA_IS_BLANK;
  return l->kinds[place] & kind;
}

static bool take(stoa_level *l, const stoa_bindings *b, uint64_t pair)
{
  const stoa_id high = (stoa_id)(pair >> 32), low = (stoa_id)pair;
  const stoa_id subject = l->by_object ? low : high, object = l->by_object ? high : low;
  return is_of_kind(l, b, PLACE_S, subject) && is_of_kind(l, b, PLACE_O, object) &&
         (l->whole || (in_ranges(l, subject, object) && bind_place(l, b, PLACE_S, subject) && bind_place(l, b, PLACE_O, object))) &&
         bind_place(l, b, PLACE_P, l->part->predicate) && bind_place(l, b, PLACE_G, l->part->graph);
}

uint64_t stoa_level_next(stoa_level *l, const stoa_bindings *b)
{
  stoa_level_unbind(l, b);
  for (;;) {
    while (l->at < l->end) {
      const uint32_t from = l->at;
      const uint64_t pair = stoa_pairs_at(l->pairs, from);
      l->at = l->all_once ? l->end : l->runs ? run_end(l->pairs, from, l->end, (stoa_id)(pair >> 32)) : from + 1;
      if (take(l, b, pair)) {
        return l->at - from;
      }
      stoa_level_unbind(l, b);
    }
    if (!next_range(l) && !next_partition(l, b)) {
      return 0;
    }
  }
}
