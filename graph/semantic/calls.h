#ifndef STOA_GRAPH_SEMANTIC_CALLS_H
#define STOA_GRAPH_SEMANTIC_CALLS_H

#include "graph/semantic/value.h"

/// Functions of SQL by their names, casts and LIKE.

/// Apply the function of a CALL to its arguments.  STOA_NOT_FOUND for one that is not known, with the nearest.
stoa_status stoa_semantic_apply(stoa_semantic_builder *b, const stoa_semantic_expr *call, stoa_semantic_value *args,
                                stoa_semantic_value *out);
/// False for a function that has a value though an argument is NULL.
bool stoa_semantic_is_strict(const char *name);
/// Bring a value into a type.
stoa_status stoa_semantic_convert(stoa_semantic_builder *b, stoa_semantic_type type, stoa_semantic_value *v,
                                  stoa_semantic_value *out);
/// The text is like the pattern, in which % stands for any letters and _ for one.
stoa_status stoa_semantic_like(stoa_semantic_builder *b, stoa_semantic_value *text, stoa_slice pattern, bool any_case,
                               stoa_semantic_value *out);

#endif
