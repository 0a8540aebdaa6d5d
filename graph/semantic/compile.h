#ifndef STOA_GRAPH_SEMANTIC_COMPILE_H
#define STOA_GRAPH_SEMANTIC_COMPILE_H

#include "graph/semantic/value.h"

/// From resolved syntax to algebra.  expression.c compiles expressions, from.c what FROM and WHERE say, select.c a
/// SELECT as a whole; what lies below calls what lies above through the compiler.

/// A SELECT that groups: its keys, and the aggregates met so far.
typedef struct {
  STOA_LIST(stoa_semantic_value) keys;         ///< as they are made of a row
  STOA_LIST(const stoa_semantic_expr *) exprs; ///< of which they are
  STOA_LIST(stoa_var) vars;                    ///< of the keys
  STOA_LIST(stoa_aggregate) aggregates;
  bool has_keys;
} stoa_semantic_group;

typedef struct stoa_semantic_compiler {
  stoa_semantic_builder *build;
  stoa_semantic_group *group;         ///< rows are groups, and aggregates may stand here; NULL: rows are rows
  const stoa_semantic_select *select; ///< whose FROM and WHERE are being compiled
  bool within_aggregate;
  bool positive; ///< what is compiled is asked for being true alone: NULL and false are the same
  /// The rows of a sub-select of FROM.
  stoa_status (*rows)(struct stoa_semantic_compiler *c, stoa_semantic_select *select, const stoa_node **out);
  /// What a sub-select of EXISTS matches; `value` is one of its first column, or NULL.  *sure: neither is ever NULL.
  stoa_status (*matches)(struct stoa_semantic_compiler *c, stoa_semantic_select *select, stoa_semantic_expr *value,
                         const stoa_node **out, bool *sure);
} stoa_semantic_compiler;

/// Compile an expression.
stoa_status stoa_semantic_expression(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out);
/// The same, which must be a truth value.
stoa_status stoa_semantic_condition(stoa_semantic_compiler *c, const stoa_semantic_expr *e, stoa_semantic_value *out);
/// True when a column has a value in every row, as far as FROM goes.
bool stoa_semantic_certain(const stoa_semantic_column *column);
/// True when there is an aggregate in the expression.
bool stoa_semantic_aggregates(const stoa_semantic_expr *e);

/// What FROM and WHERE give; NULL: one row that binds nothing.
stoa_status stoa_semantic_pattern(stoa_semantic_compiler *c, stoa_semantic_select *select, const stoa_node **out);
/// stoa_semantic_compiler.matches.
stoa_status stoa_semantic_matches(stoa_semantic_compiler *c, stoa_semantic_select *select, stoa_semantic_expr *value,
                                  const stoa_node **out, bool *sure);

/// A SELECT with all that it says; its items then have their variables.  It is stoa_semantic_compiler.rows.
stoa_status stoa_semantic_rows(stoa_semantic_compiler *c, stoa_semantic_select *select, const stoa_node **out);

#endif
