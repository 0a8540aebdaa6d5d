#ifndef STOA_GRAPH_SPARQL_PARSER_H
#define STOA_GRAPH_SPARQL_PARSER_H

#include "graph/sparql/algebra.h"

/// Parse a SPARQL 1.1 query text of `file` (a name for messages).  The query lives in `arena`.
/// Errors carry line and column (STOA_BAD_SYNTAX); what the language has and this engine does not
/// is refused by name (STOA_UNSUPPORTED).
///
/// The variable `?_asof_xsd_dateTime` means the instant of the request, and
/// `?_from_7d_xsd_dateTime` the instant 7 days before it (units s, m, h, d, w).
stoa_status stoa_query_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                            const stoa_query **out, stoa_error *err);

#endif
