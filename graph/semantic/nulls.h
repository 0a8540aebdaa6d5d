#ifndef STOA_GRAPH_SEMANTIC_NULLS_H
#define STOA_GRAPH_SEMANTIC_NULLS_H

#include "graph/semantic/syntax.h"

/// Which conditions keep no row in which a column is NULL, and what follows: a property of which that holds is a
/// pattern, any other one is OPTIONAL; an outer join whose missing rows go anyway is a join.

/// True when `e` is not true while the columns that `null` tells are NULL.
bool stoa_semantic_rejects(const stoa_semantic_expr *e, bool (*null)(const stoa_semantic_column *, const void *),
                           const void *data);
/// Make of a SELECT's outer joins what they come to, and mark the columns that conditions require.
void stoa_semantic_require(stoa_semantic_select *select);

/// Of the rows of a sub-select only those matter in which a column is not NULL: require that of the column which it is,
/// if it is one.
void stoa_semantic_require_item(stoa_semantic_select *select, uint32_t item);

#endif
