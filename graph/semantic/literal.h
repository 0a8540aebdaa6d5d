#ifndef STOA_GRAPH_SEMANTIC_LITERAL_H
#define STOA_GRAPH_SEMANTIC_LITERAL_H

#include "graph/semantic/syntax.h"

/// Constants as PostgreSQL writes them, as literals of XML Schema.

/// The value that a text stands for in a type, in its canonical form.  False for none.  A time without a zone is one of
/// UTC.  `unit`: of an INTERVAL whose text is a number alone; or NULL.
bool stoa_semantic_literal(stoa_semantic_type type, stoa_slice text, const char *unit, stoa_arena *arena,
                           stoa_term *out);
/// What a text of the type looks like, for messages.
const char *stoa_semantic_example(stoa_semantic_type type);

#endif
