#ifndef STOA_GRAPH_SEMANTIC_SEMANTIC_H
#define STOA_GRAPH_SEMANTIC_SEMANTIC_H

#include "graph/semantic/names.h"
#include "graph/sparql/algebra.h"

/// Semantic SQL: a SELECT in PostgreSQL's words whose tables are classes and whose columns are properties, compiled to
/// the algebra that SPARQL's parser makes.  `alias.id` is the IRI of a row, NULL is what is unbound, CURRENT_TIMESTAMP
/// the instant of the request.  docs/man/stoa-sql.5 has the whole of it.

enum {
  STOA_SEMANTIC_LONGEST = 32 << 10, ///< bytes of a text
  STOA_SEMANTIC_DEEPEST = 400       ///< levels of its parse tree; an operator within another is two of them
};

/// Read a text of `file` (a name for messages); `base`: for relative IRIs, or NULL.  The query lives in `arena`.
/// Errors have a place: STOA_BAD_SYNTAX, STOA_NOT_FOUND for names, STOA_BAD_TYPE, STOA_TOO_LARGE by the limits of
/// SPARQL's queries and those above; STOA_UNSUPPORTED for what SQL has and this has not.
///
/// `needed`: a column of which only the rows count that have a value there; or NULL.
stoa_status stoa_semantic_read(stoa_slice text, const char *file, const char *base, const stoa_semantic_names *names,
                               const char *needed, stoa_arena *arena, const stoa_query **out, stoa_error *err);
/// Append what the text says and not how it is written: its parse tree without places.
stoa_status stoa_semantic_say(stoa_slice text, const char *file, stoa_arena *arena, stoa_buf *out, stoa_error *err);
/// True for the name of a file that holds semantic SQL: *.sql.
bool stoa_semantic_is(const char *file);

#endif
