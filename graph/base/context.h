#ifndef STOA_GRAPH_BASE_CONTEXT_H
#define STOA_GRAPH_BASE_CONTEXT_H

#include "graph/base/error.h"
#include "graph/base/slice.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/// Graphs that a request names beside its text (SPARQL 1.1 Protocol, section 2.1.4): they take the place of FROM and
/// FROM NAMED.  Of none at all the text decides.
typedef struct stoa_dataset {
  const stoa_slice *graphs, *named;
  uint32_t n_graphs, n_named;
} stoa_dataset;

/// What every request carries: made at the door, passed down to the rewriter, the planner, the
/// executor and the sources.  Nothing below the door reads a clock or a global.
typedef struct stoa_context {
  const char *who;              ///< name of the caller; "" when not authenticated
  const char *role;             ///< the caller's role; "" for the default role
  const char *purpose;          ///< declared purpose of use; "" for none
  int64_t now_us;               ///< the instant that NOW() and ?_asof_xsd_dateTime mean
  const stoa_dataset *dataset;  ///< graphs that it names, or NULL
  bool has_as_of;               ///< the caller asked for a past instant
  int64_t known_offset;         ///< of a replay: what came later in the engine's log is not known yet; 0: all is
  bool at_once;                 ///< only what waits for no source: what would, is refused (STOA_UNAVAILABLE)
  int64_t deadline_ns;          ///< on the steady clock; 0 for none
  uint64_t memory_bytes;        ///< cap of the query's memory; 0 for none
  const char *const *endpoints; ///< IRIs that SERVICE may ask, "*" for any, NULL at the end; NULL: none
  int64_t service_timeout_ms;   ///< for one answer of an endpoint
  uint32_t share;               ///< of requests like this one, a source may hold up so many; 0: any number
  uint64_t peak_bytes;          ///< the most that one run of the request held; set when it ends
  uint64_t n_misfits;           ///< values of features that could not be served as they are declared
  const char *misfit;           ///< the name of a feature that had one; of the project
  char misfit_why[96];          ///< what is wrong with it, where more is known than its type; of no text of the data
  uint64_t trace_id;
  void (*warn)(const char *text, void *data); ///< told, before the answer begins, of what may be a mistake; or NULL
  void *warn_data;
  atomic_bool cancelled; ///< set from any thread
} stoa_context;

/// Prepare a context for `now_us` with no deadline, a cap of 1 GiB, and no endpoints.
void stoa_context_init(stoa_context *context, int64_t now_us);
/// Ask the request to stop; it does at its next batch.
void stoa_context_cancel(stoa_context *context);
bool stoa_context_is_cancelled(const stoa_context *context);
/// STOA_OK, or why the request must stop now (cancelled: STOA_CONFLICT, late: STOA_TIMEOUT).
stoa_status stoa_context_check(const stoa_context *context, stoa_error *err);

#endif
