#ifndef STOA_GRAPH_SEMANTIC_SCOPE_H
#define STOA_GRAPH_SEMANTIC_SCOPE_H

#include "graph/semantic/build.h"

/// What the names of a SELECT stand for: tables are classes or sub-selects, columns properties.

/// Resolve every name of a SELECT and of those within; `outer` is the one around an EXISTS, or NULL.
stoa_status stoa_semantic_resolve(stoa_semantic_builder *b, stoa_semantic_select *select, stoa_semantic_select *outer);

#endif
