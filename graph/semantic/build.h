#ifndef STOA_GRAPH_SEMANTIC_BUILD_H
#define STOA_GRAPH_SEMANTIC_BUILD_H

#include "graph/base/yaml.h"
#include "graph/semantic/syntax.h"

/// Algebra under construction.  Variables are made freely, one for each column, and those that a join makes equal
/// become one afterwards (stoa_semantic_settle).

typedef struct {
  stoa_arena *arena;
  stoa_error *err;
  const char *file, *base;
  const stoa_semantic_names *names;
  const stoa_yaml *prefixes;           ///< of the header: prefix -> namespace; or NULL
  STOA_LIST(const char *) vars;        ///< their names
  stoa_var *same;                      ///< a variable that stands for it; itself: none does
  const stoa_semantic_select **givers; ///< of a variable: the sub-select whose column it is, or NULL
  uint32_t n_room;
  uint32_t n_operators, n_patterns, n_arithmetic;
  stoa_place place; ///< of what is being compiled
  bool asks_when;
} stoa_semantic_builder;

/// Make a variable; `name` is for messages and plans.
stoa_var stoa_semantic_var(stoa_semantic_builder *b, const char *name);
/// The variable that stands for one.
stoa_var stoa_semantic_root(const stoa_semantic_builder *b, stoa_var var);
/// Make two variables one.  False where they must stay two: a sub-select gives both.
bool stoa_semantic_unify(stoa_semantic_builder *b, stoa_var var, stoa_var other);
/// Refuse what is too large by the limits of parser.h.
stoa_status stoa_semantic_size(const stoa_semantic_builder *b);

stoa_node *stoa_semantic_op(stoa_semantic_builder *b, stoa_node_kind kind, const stoa_node *x, const stoa_node *y);
/// Join; NULL is one row that binds nothing.
const stoa_node *stoa_semantic_join(stoa_semantic_builder *b, const stoa_node *x, const stoa_node *y);
const stoa_node *stoa_semantic_extend(stoa_semantic_builder *b, const stoa_node *x, stoa_var var, const stoa_expr *e);
const stoa_node *stoa_semantic_filter(stoa_semantic_builder *b, const stoa_node *x, const stoa_expr *e);
const stoa_expr *stoa_semantic_term_expr(stoa_semantic_builder *b, stoa_term term);
const stoa_expr *stoa_semantic_var_expr(stoa_semantic_builder *b, stoa_var var);
/// NULL: an expression that never has a value.
const stoa_expr *stoa_semantic_null_expr(stoa_semantic_builder *b);
/// A call of as many arguments as are not NULL.
const stoa_expr *stoa_semantic_call(stoa_semantic_builder *b, stoa_function f, const stoa_expr *x, const stoa_expr *y,
                                    const stoa_expr *z);
const stoa_expr *stoa_semantic_calls(stoa_semantic_builder *b, stoa_function f, const stoa_expr *const *args,
                                     uint32_t n);
const stoa_expr *stoa_semantic_cast(stoa_semantic_builder *b, const char *type, const stoa_expr *x);
/// Join conditions by && or ||.
const stoa_expr *stoa_semantic_chain(stoa_semantic_builder *b, stoa_function f, const stoa_expr *const *parts,
                                     uint32_t n);
/// The instant of the request, and so many microseconds.
const stoa_expr *stoa_semantic_now(stoa_semantic_builder *b, int64_t offset_us);
/// True for two expressions that say the same.
bool stoa_semantic_alike(const stoa_semantic_builder *b, const stoa_expr *x, const stoa_expr *y);

/// A copy of the tree in which each variable is the one that stands for it.
const stoa_node *stoa_semantic_settle(stoa_semantic_builder *b, const stoa_node *node);

#endif
