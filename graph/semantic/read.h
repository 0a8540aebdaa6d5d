#ifndef STOA_GRAPH_SEMANTIC_READ_H
#define STOA_GRAPH_SEMANTIC_READ_H

#include "graph/semantic/syntax.h"
#include "graph/semantic/tree.h"

/// From the parse tree to what it says.  Everything that the tree holds is read or refused by its name: nothing is left
/// out in silence.

/// A sub-select by name: WITH name AS (...).  It is read anew wherever it is spoken of.
typedef struct stoa_semantic_with {
  const char *name;
  const stoa_json *select;
  const struct stoa_semantic_with *before; ///< those that it may speak of itself
} stoa_semantic_with;

typedef struct stoa_semantic_reader {
  stoa_semantic_text text;
  const stoa_semantic_with *withs; ///< that may be spoken of here
  uint32_t n_parts, n_nested;
  stoa_status (*select)(struct stoa_semantic_reader *reader, const stoa_json *select, stoa_semantic_select **out);
} stoa_semantic_reader;

/// Read the SELECT of a text.
stoa_status stoa_semantic_read_select(stoa_semantic_reader *reader, const stoa_json *select,
                                      stoa_semantic_select **out);

/// For its files: read an expression.
stoa_status stoa_semantic_read_expr(stoa_semantic_reader *reader, const stoa_json *node, stoa_semantic_expr **out);
/// Refuse what SQL has and this has not; `remedy`: what would do instead.
stoa_status stoa_semantic_refuse(const stoa_semantic_reader *reader, const stoa_json *at, const char *what,
                                 const char *remedy);
/// Refuse a node that has another member than those `known` (NULL at the end).
stoa_status stoa_semantic_only(const stoa_semantic_reader *reader, const stoa_json *node, const char *const *known);
/// Make an expression; *out.
stoa_status stoa_semantic_new(stoa_semantic_reader *reader, stoa_semantic_kind kind, const stoa_json *at,
                              stoa_semantic_expr **out);
/// Join two conditions by AND; one of them may be NULL.
stoa_status stoa_semantic_both(stoa_semantic_reader *reader, stoa_semantic_expr *a, stoa_semantic_expr *b,
                               stoa_semantic_expr **out);

#endif
