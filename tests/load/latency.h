#ifndef STOA_TESTS_LOAD_LATENCY_H
#define STOA_TESTS_LOAD_LATENCY_H

#include <stdint.h>
#include <stdlib.h>

/// How long things took, in nanoseconds, one by one.
typedef struct {
  int64_t *ns;
  size_t n, capacity;
} latency;

static inline void latency_add(latency *l, int64_t ns)
{
  if (l->n == l->capacity) {
    l->capacity = l->capacity ? l->capacity * 2 : 4096;
    l->ns = realloc(l->ns, l->capacity * sizeof *l->ns);
    if (!l->ns) {
      abort();
    }
  }
  l->ns[l->n++] = ns;
}

static inline int latency_order(const void *a, const void *b)
{
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/// The time within which a share (0 to 1) of them ended, in milliseconds; `latency_sort` comes first.
static inline void latency_sort(latency *l)
{
  if (l->n) {
    qsort(l->ns, l->n, sizeof *l->ns, latency_order);
  }
}
static inline double latency_at(const latency *l, double share)
{
  return l->n ? (double)l->ns[(size_t)(share * (double)(l->n - 1))] / 1e6 : 0;
}

#endif
