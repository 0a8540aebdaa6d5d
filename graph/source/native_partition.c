// Triples of one predicate in one graph: 16 bytes each, sorted by subject and by object.
#include "graph/base/hash.h"
#include "graph/source/native.h"
#include <stdlib.h>
#include <string.h>

static void *sure(void *memory)
{
  if (!memory) {
    abort();
  }
  return memory;
}

static uint32_t slot_of(const stoa_partitions *all, stoa_id graph, stoa_id predicate)
{
  uint32_t at = (uint32_t)stoa_hash_mix((uint64_t)graph << 32 | predicate) & (all->n_slots - 1);
  while (all->slots[at] &&
         (all->items[all->slots[at] - 1]->graph != graph || all->items[all->slots[at] - 1]->predicate != predicate)) {
    at = (at + 1) & (all->n_slots - 1);
  }
  return at;
}

stoa_partition *stoa_partitions_find(const stoa_partitions *all, stoa_id graph, stoa_id predicate)
{
  const uint32_t found = all->n_slots ? all->slots[slot_of(all, graph, predicate)] : 0;
  return found ? all->items[found - 1] : NULL;
}

static void grow(stoa_partitions *all)
{
  free(all->slots);
  all->n_slots = all->n_slots ? all->n_slots * 2 : 64;
  all->slots = sure(calloc(all->n_slots, sizeof *all->slots));
  for (uint32_t i = 0; i < all->n; ++i) {
    all->slots[slot_of(all, all->items[i]->graph, all->items[i]->predicate)] = i + 1;
  }
}

stoa_partition *stoa_partitions_add(stoa_partitions *all, stoa_id graph, stoa_id predicate)
{
  stoa_partition *p = stoa_partitions_find(all, graph, predicate);
  if (p) {
    return p;
  }
  if (all->n == all->capacity) {
    all->capacity = all->capacity ? all->capacity * 2 : 32;
    all->items = sure(realloc(all->items, all->capacity * sizeof *all->items));
  }
  p = sure(calloc(1, sizeof *p));
  p->graph = graph;
  p->predicate = predicate;
  all->items[all->n++] = p;
  if (all->n * 2 > all->n_slots) {
    grow(all);
  } else {
    all->slots[slot_of(all, graph, predicate)] = all->n;
  }
  return p;
}

void stoa_partitions_done(stoa_partitions *all)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    free(all->items[i]->so);
    free(all->items[i]->os);
    free(all->items[i]->gone);
    free(all->items[i]);
  }
  free(all->items);
  free(all->slots);
  *all = (stoa_partitions){0};
}

static void push(uint64_t **pairs, uint32_t *n, uint32_t *capacity, uint64_t pair)
{
  if (*n == *capacity) {
    *capacity = *capacity ? *capacity + *capacity / 2 + 8 : 8;
    *pairs = sure(realloc(*pairs, *capacity * sizeof **pairs));
  }
  (*pairs)[(*n)++] = pair;
}

static uint64_t pair_of(stoa_id high, stoa_id low)
{
  return (uint64_t)high << 32 | low;
}

void stoa_partition_insert(stoa_partition *p, stoa_id subject, stoa_id object)
{
  push(&p->so, &p->n, &p->capacity, pair_of(subject, object));
}

void stoa_partition_remove(stoa_partition *p, stoa_id subject, stoa_id object)
{
  push(&p->gone, &p->n_gone, &p->gone_capacity, pair_of(subject, object));
}

// Least significant byte first; bytes that are the same in all pairs are skipped.
static void radix_sort(uint64_t *pairs, uint32_t n)
{
  uint64_t *const other = n > 64 ? malloc(n * sizeof *other) : NULL;
  if (!other) {
    for (uint32_t i = 1; i < n; ++i) {
      const uint64_t pair = pairs[i];
      uint32_t k = i;
      for (; k > 0 && pairs[k - 1] > pair; --k) {
        pairs[k] = pairs[k - 1];
      }
      pairs[k] = pair;
    }
    return;
  }
  uint64_t *from = pairs, *to = other;
  for (int shift = 0; shift < 64; shift += 8) {
    uint32_t counts[257] = {0};
    for (uint32_t i = 0; i < n; ++i) {
      counts[(from[i] >> shift & 255) + 1]++;
    }
    if (counts[(from[0] >> shift & 255) + 1] == n) {
      continue;
    }
    for (int b = 1; b < 257; ++b) {
      counts[b] += counts[b - 1];
    }
    for (uint32_t i = 0; i < n; ++i) {
      to[counts[from[i] >> shift & 255]++] = from[i];
    }
    uint64_t *const swap = from;
    from = to;
    to = swap;
  }
  if (from != pairs) {
    memcpy(pairs, from, n * sizeof *pairs);
  }
  free(other);
}

static uint32_t merge_sorted(uint64_t *pairs, uint32_t n_sorted, uint32_t n)
{
  const uint32_t n_new = n - n_sorted;
  uint64_t *const fresh = sure(malloc((n_new + 1) * sizeof *fresh));
  memcpy(fresh, pairs + n_sorted, n_new * sizeof *fresh);
  uint32_t i = n_sorted, k = n_new, out = n;
  while (k > 0) {
    pairs[--out] = i > 0 && pairs[i - 1] > fresh[k - 1] ? pairs[--i] : fresh[--k];
  }
  free(fresh);
  uint32_t kept = 0;
  for (uint32_t r = 0; r < n; ++r) {
    if (kept == 0 || pairs[kept - 1] != pairs[r]) {
      pairs[kept++] = pairs[r];
    }
  }
  return kept;
}

static uint32_t take_out(uint64_t *pairs, uint32_t n, const uint64_t *gone, uint32_t n_gone)
{
  uint32_t kept = 0, g = 0;
  for (uint32_t i = 0; i < n; ++i) {
    while (g < n_gone && gone[g] < pairs[i]) {
      ++g;
    }
    if (g == n_gone || gone[g] != pairs[i]) {
      pairs[kept++] = pairs[i];
    }
  }
  return kept;
}

static uint32_t count_distinct(const uint64_t *pairs, uint32_t n)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < n; ++i) {
    count += i == 0 || pairs[i] >> 32 != pairs[i - 1] >> 32;
  }
  return count;
}

void stoa_partition_settle(stoa_partition *p)
{
  if (p->n == p->n_sorted && p->n_gone == 0) {
    return;
  }
  radix_sort(p->so + p->n_sorted, p->n - p->n_sorted);
  p->n = merge_sorted(p->so, p->n_sorted, p->n);
  if (p->n_gone) {
    radix_sort(p->gone, p->n_gone);
    p->n = take_out(p->so, p->n, p->gone, p->n_gone);
  }
  free(p->gone);
  p->gone = NULL;
  p->n_gone = p->gone_capacity = 0;
  p->n_sorted = p->n;
  p->os = sure(realloc(p->os, (p->n + 1) * sizeof *p->os));
  for (uint32_t i = 0; i < p->n; ++i) {
    p->os[i] = p->so[i] << 32 | p->so[i] >> 32;
  }
  radix_sort(p->os, p->n);
  p->so = sure(realloc(p->so, (p->n + 1) * sizeof *p->so));
  p->capacity = p->n + 1;
  p->n_subjects = count_distinct(p->so, p->n);
  p->n_objects = count_distinct(p->os, p->n);
}

static uint32_t lower_bound(const uint64_t *pairs, uint32_t n, uint64_t pair)
{
  uint32_t first = 0;
  while (n > 0) {
    const uint32_t half = n / 2;
    if (pairs[first + half] < pair) {
      first += half + 1;
      n -= half + 1;
    } else {
      n = half;
    }
  }
  return first;
}

void stoa_pairs_range(const uint64_t *pairs, uint32_t n, stoa_id key, uint32_t *first, uint32_t *last)
{
  *first = lower_bound(pairs, n, (uint64_t)key << 32);
  uint32_t step = 1, end = *first;
  while (end < n && pairs[end] >> 32 == key) { // gallop: ranges are short
    end += step;
    step *= 2;
  }
  end = end < n ? end : n;
  *last = *first + lower_bound(pairs + *first, end - *first, ((uint64_t)key + 1) << 32);
}

bool stoa_pairs_have(const uint64_t *pairs, uint32_t n, uint64_t pair)
{
  const uint32_t at = lower_bound(pairs, n, pair);
  return at < n && pairs[at] == pair;
}
