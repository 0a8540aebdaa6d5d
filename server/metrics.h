#ifndef STOA_SERVER_METRICS_H
#define STOA_SERVER_METRICS_H

#include "personalizer/engine.h"
#include <stdatomic.h>

/// Counters, shown at /metrics in Prometheus' text format and by INFO.
typedef struct {
  atomic_ulong connections, http_requests, resp_commands, queries, vectors, ranks, rewards, events, errors, busy,
    commits, commit_records, query_peak_bytes;
} stoa_metrics;

/// Append all counters and what each policy has learned.
void stoa_metrics_write(const stoa_metrics *metrics, stoa_engine *engine, stoa_buf *out);

static inline void stoa_metrics_add(atomic_ulong *counter, unsigned long n)
{
  atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline void stoa_metrics_most(atomic_ulong *gauge, unsigned long value)
{
  unsigned long now = atomic_load_explicit(gauge, memory_order_relaxed);
  while (value > now &&
         !atomic_compare_exchange_weak_explicit(gauge, &now, value, memory_order_relaxed, memory_order_relaxed)) {
  }
}

#endif
