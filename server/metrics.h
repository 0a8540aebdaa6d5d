#ifndef STOA_SERVER_METRICS_H
#define STOA_SERVER_METRICS_H

#include "server/operations.h"
#include <stdatomic.h>

/// Counters, shown at /metrics in Prometheus' text format and by INFO.
typedef struct {
  atomic_ulong done, failed, busy, nanoseconds;
} stoa_operation_count;

typedef struct stoa_metrics {
  atomic_ulong connections, connections_refused, connections_timed_out, http_requests, resp_commands, queries, vectors,
    ranks, rewards, events, erasures, errors, busy, cancelled, commits, commit_records, query_peak_bytes,
    commit_failures, label_failures, model_failures, wipe_failures, misfits, turns, turns_told, subscribers_lost;
  atomic_llong misfits_told_ns; ///< when the log told of them last; 0: never
  atomic_long open_connections, subscribers;
  stoa_operation_count operations[STOA_N_OPERATIONS];
} stoa_metrics;

/// Append all counters and what each policy has learned.  `ready`: whether readyz says so.
void stoa_metrics_write(const stoa_shared *shared, bool ready, stoa_buf *out);
/// Count a call that has ended.
void stoa_metrics_call(stoa_metrics *metrics, const stoa_call *call);

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
