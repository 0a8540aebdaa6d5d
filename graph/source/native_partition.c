// Triples of one predicate in one graph, sorted by subject and by object.
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
    stoa_partition_clear(all->items[i]);
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
  push(&p->fresh, &p->n_fresh, &p->fresh_capacity, pair_of(subject, object));
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

// `old` and `fresh` together in `out`, each pair once.
static uint32_t merge_sorted(const stoa_pairs *old, const uint64_t *fresh, uint32_t n_fresh, uint64_t *out)
{
  uint32_t n = 0, i = 0, k = 0;
  while (i < old->n || k < n_fresh) {
    const uint64_t a = i < old->n ? stoa_pairs_at(old, i) : UINT64_MAX, b = k < n_fresh ? fresh[k] : UINT64_MAX;
    const uint64_t least = a < b ? a : b;
    i += a == least;
    k += b == least;
    if (n == 0 || out[n - 1] != least) {
      out[n++] = least;
    }
  }
  return n;
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

void stoa_partition_clear(stoa_partition *p)
{
  stoa_pairs_done(&p->so);
  stoa_pairs_done(&p->os);
  free(p->fresh);
  free(p->gone);
  *p = (stoa_partition){.graph = p->graph, .predicate = p->predicate};
}

void stoa_partition_settle(stoa_partition *p)
{
  if (p->n_fresh == 0 && p->n_gone == 0) {
    return;
  }
  uint64_t *const pairs = sure(malloc(((size_t)p->so.n + p->n_fresh + 1) * sizeof *pairs));
  radix_sort(p->fresh, p->n_fresh);
  uint32_t n = merge_sorted(&p->so, p->fresh, p->n_fresh, pairs);
  radix_sort(p->gone, p->n_gone);
  n = take_out(pairs, n, p->gone, p->n_gone);
  stoa_partition_clear(p);
  stoa_pairs_pack(&p->so, pairs, n);
  p->n_subjects = count_distinct(pairs, n);
  for (uint32_t i = 0; i < n; ++i) {
    pairs[i] = pairs[i] << 32 | pairs[i] >> 32;
  }
  radix_sort(pairs, n);
  stoa_pairs_pack(&p->os, pairs, n);
  p->n_objects = count_distinct(pairs, n);
  free(pairs);
}
