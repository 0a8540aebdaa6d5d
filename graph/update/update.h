#ifndef STOA_GRAPH_UPDATE_UPDATE_H
#define STOA_GRAPH_UPDATE_UPDATE_H

#include "graph/plan/plan.h"
#include "graph/sparql/update.h"

/// Where an update works: a native graph, asked through a rewriter, and what loads documents into it.
typedef struct {
  stoa_source *native;
  const stoa_rewriter *rewriter;
  /// Load `document` into a graph (unbound: the default one).  NULL: LOAD is refused.
  stoa_status (*load)(void *data, stoa_term document, stoa_term graph, stoa_error *err);
  void *data;
  /// Told every quad that comes or goes, before it counts; a failure stops the operation.  May be NULL.
  stoa_status (*log)(void *data, bool insert, const stoa_term quad[4], stoa_error *err);
} stoa_update_target;

/// What a request did.
typedef struct {
  uint64_t n_inserted, n_deleted; ///< quads asked to come and to go, duplicates counted
} stoa_update_counts;

/// Do the operations in order; each sees what those before it did, and is done wholly or not at all.  A
/// failure stops the request, after the operations before it.  Errors: STOA_NOT_FOUND for a graph that is
/// not there, STOA_EXISTS for one that is (both not with SILENT), and what its patterns give.
stoa_status stoa_update_apply(const stoa_update *update, const stoa_update_target *target, stoa_context *context,
                              stoa_update_counts *counts, stoa_error *err);

#endif
