#ifndef STOA_CLI_FETCH_H
#define STOA_CLI_FETCH_H

#include "graph/base/arena.h"
#include "graph/base/context.h"

/// Fetch an RDF document over HTTP into a temporary file whose ending tells its syntax; the caller unlinks it.  Raptor
/// has read it once in a child process by then, because some faulty documents crash it: the caller may read it.
stoa_status stoa_cli_fetch(const char *iri, stoa_context *context, stoa_arena *arena, const char **path,
                           stoa_error *err);

#endif
