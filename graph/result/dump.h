#ifndef STOA_GRAPH_RESULT_DUMP_H
#define STOA_GRAPH_RESULT_DUMP_H

#include "graph/exec/run.h"
#include "graph/plan/leaf.h"
#include "graph/rdf/writer.h"

/// Write every quad that a rewriter defines as lines of N-Quads, streaming; without `named` the default graph alone,
/// which is N-Triples.  `n_quads` may be NULL.
stoa_status stoa_dump(const stoa_rewriter *rewriter, stoa_context *context, bool named, stoa_sink sink,
                      uint64_t *n_quads, stoa_error *err);

#endif
