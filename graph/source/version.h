#ifndef STOA_GRAPH_SOURCE_VERSION_H
#define STOA_GRAPH_SOURCE_VERSION_H

#include "graph/source/source.h"

/// Ask a source what it reads now: texts that are equal mean that nothing has changed in between.  Empty: it cannot
/// tell.  `out` lies in `arena`.
stoa_status stoa_source_version(stoa_source *source, stoa_context *context, stoa_arena *arena, stoa_slice *out,
                                stoa_error *err);

#endif
