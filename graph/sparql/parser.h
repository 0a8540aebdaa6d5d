#ifndef STOA_GRAPH_SPARQL_PARSER_H
#define STOA_GRAPH_SPARQL_PARSER_H

#include "graph/base/context.h"
#include "graph/sparql/algebra.h"

/// Parse a SPARQL 1.1 query text of `file` (a name for messages).  The query lives in `arena`.
/// Errors carry line and column (STOA_BAD_SYNTAX); what the language has and this engine does not
/// is refused by name (STOA_UNSUPPORTED).
///
/// The variable `?_asof_xsd_dateTime` means the instant of the request, and
/// `?_from_7d_xsd_dateTime` the instant 7 days before it (units s, m, h, d, w).
///
/// A query is refused (STOA_TOO_LARGE) that has more of anything than these; what is data has no limit but the memory
/// of the request: VALUES, the list of IN, templates, INSERT DATA.
enum {
  STOA_QUERY_MOST_OPERATORS = 2000,  ///< of the algebra, parts of paths included
  STOA_QUERY_MOST_PATTERNS = 1000,   ///< triple patterns
  STOA_QUERY_MOST_VARIABLES = 4096,  ///< with a name
  STOA_QUERY_MOST_ARITHMETIC = 2000, ///< + - * /
  STOA_QUERY_MOST_CALLS = 20000,     ///< operators and functions of expressions
  STOA_QUERY_MOST_GRAPHS = 1000      ///< of FROM, FROM NAMED and USING together
};
stoa_status stoa_query_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                            const stoa_query **out, stoa_error *err);

/// The same for a dataset, or NULL.
stoa_status stoa_query_read_on(const stoa_dataset *dataset, stoa_slice text, const char *file, const char *base,
                               stoa_arena *arena, const stoa_query **out, stoa_error *err);
/// The form of a query, told from its first words; SELECT for what is no query.
stoa_form stoa_query_form(stoa_slice text);

#endif
