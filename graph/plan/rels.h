#ifndef STOA_GRAPH_PLAN_RELS_H
#define STOA_GRAPH_PLAN_RELS_H

#include "graph/plan/makes.h"
#include "graph/plan/sqlx.h"

/// How relations of SQL are built from one another, and printed (rel_*.c, sqlgen.c).

typedef struct stoa_shape stoa_shape;

/// What relation building shares.
typedef struct {
  stoa_arena *arena;
  const stoa_query *query;
  stoa_shape *shape; ///< what was asked of the query's constants
  uint32_t n_aliases;
  const stoa_dialect *dialect; ///< of the source at hand
  bool hosted;                 ///< SQL may hand back to the engine what it cannot say
  int64_t now_us;              ///< when it is planned, for guesses alone; 0: not known
} stoa_rels;

/// Make expressions.
const stoa_sx *stoa_sx_column(stoa_rels *r, uint32_t alias, const stoa_column_info *info);
const stoa_sx *stoa_sx_param(stoa_rels *r, stoa_param param);
/// ... of an operator with up to two arguments, or with any number of them.
const stoa_sx *stoa_sx_call(stoa_rels *r, stoa_sql_op op, const stoa_sx *a, const stoa_sx *b);
const stoa_sx *stoa_sx_call_of(stoa_rels *r, stoa_sql_op op, const stoa_sx *const *args, uint32_t n);
const stoa_sx *stoa_sx_number(stoa_rels *r, int64_t number);
/// The same as the value of a column.
const stoa_sx *stoa_sx_as(stoa_rels *r, const stoa_sx *sx, const stoa_column_info *info);

/// What follows ends as stoa_said tells, and gives its relation in `out`; of one source, like the relations it is of.

/// The relation of one pattern over one leaf.  NEVER: no row of the leaf is a match.
stoa_said stoa_rel_leaf(stoa_rels *r, const stoa_pattern *pattern, const stoa_leaf *leaf, const stoa_rel **out);
/// Join two relations.  NEVER: no row of one has a compatible one.
stoa_said stoa_rel_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_rel **out);
/// Left join with an optional condition.  UNCHANGED: no row of `b` is compatible with one of `a`.
stoa_said stoa_rel_left_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_expr *condition,
                             const stoa_rel **out);
/// Keep the rows of `a` for which `b`, which has blocks, has a compatible one; or with `negated` those for which it has
/// none.
stoa_said stoa_rel_semi_join(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, bool negated, const stoa_rel **out);
/// Union of two relations.
stoa_said stoa_rel_union(stoa_rels *r, const stoa_rel *a, const stoa_rel *b, const stoa_rel **out);
/// Keep the rows where `expr` holds.  NEVER: it holds for none.
stoa_said stoa_rel_filter(stoa_rels *r, const stoa_rel *a, const stoa_expr *expr, const stoa_rel **out);
/// Where a condition cannot be said: leave out rows for which it is certainly not true.  It is still to be asked of
/// those that are left.  UNCHANGED: nothing is known of it.
stoa_said stoa_rel_narrow(stoa_rels *r, const stoa_rel *a, const stoa_expr *expr, const stoa_rel **out);
/// Bind `var` to the value of `expr`; where that is an error, to nothing.
stoa_said stoa_rel_extend(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_expr *expr, const stoa_rel **out);
/// Restrict `values->vars[0]` to the rows of VALUES.
stoa_said stoa_rel_restrict(stoa_rels *r, const stoa_rel *a, const stoa_node *values, const stoa_rel **out);
/// The join with rows of VALUES as a condition, where all are different and each binds all that `values` has variables.
stoa_said stoa_rel_values(stoa_rels *r, const stoa_rel *a, const stoa_node *values, const stoa_rel **out);
/// Restrict `var` to the terms that a join will send; more rows may come.
stoa_said stoa_rel_restrict_keys(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_rel **out);
/// A closure over the rows of a step.  NEVER: a constant end is no node of a step, and a step is needed.
stoa_said stoa_rel_path(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel **out);
/// The pairs from what each row of `left` binds one end to: *all, with a node and itself where the path takes no step;
/// else some of these ends cannot begin a step, and pairs of a node with itself are left out.
stoa_said stoa_rel_path_from(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel *left,
                             bool backward, bool *all, const stoa_rel **out);
/// The pairs of different nodes that a closure between two variables joins.
stoa_said stoa_rel_path_apart(stoa_rels *r, const stoa_rel *steps, const stoa_node *path, const stoa_rel **out);
/// Group, with aggregates.
stoa_said stoa_rel_group(stoa_rels *r, const stoa_rel *a, const stoa_node *group, const stoa_rel **out);
/// The same different rows, read from fewer tables (rule 11): for who makes nothing of rows that come twice.
void stoa_rel_drop_repeats(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
/// The same different rows, blocks that differ in one constant alone being one (rule 28).
void stoa_rel_gather(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
/// Project to `vars`.
stoa_said stoa_rel_project(stoa_rels *r, const stoa_rel *a, const stoa_var *vars, uint32_t n_vars,
                           const stoa_rel **out);
/// Each row once.  UNCHANGED: no two rows are equal.
stoa_said stoa_rel_distinct(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
stoa_said stoa_rel_order(stoa_rels *r, const stoa_rel *a, const stoa_node *order, const stoa_rel **out);
/// Where not all keys of an order can be said, but the first ones: the rows among which the first `limit` are, in any
/// order.
stoa_said stoa_rel_first(stoa_rels *r, const stoa_rel *a, const stoa_node *order, uint64_t limit, const stoa_rel **out);
stoa_said stoa_rel_slice(stoa_rels *r, const stoa_rel *a, uint64_t offset, uint64_t limit, const stoa_rel **out);
/// Wrap a relation of closed or several blocks as one open block over a subquery.  It cannot be said when its blocks
/// make their terms in different ways.
stoa_said stoa_rel_open(stoa_rels *r, const stoa_rel *a, const stoa_block **out);

/// Translate a condition to be asked of the rows of a block.  NEVER, UNCHANGED: it is false or true whatever the row, and
/// *out says so.
stoa_said stoa_sx_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, const stoa_sx **out);
/// The packed term of a binding, SQL's NULL where it is unbound; the first names also the variable.
stoa_binding stoa_hosted_binding(stoa_rels *r, stoa_var var, const stoa_sx *packed);
const stoa_sx *stoa_hosted_term_of(stoa_rels *r, const stoa_binding *binding);
/// The packed term of an expression over a block, its truth, and an aggregate.  CANNOT_SAY: it may not be handed back,
/// or the source hands nothing back.
stoa_said stoa_hosted_term(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, const stoa_sx **out);
stoa_said stoa_hosted_truth(stoa_rels *r, const stoa_block *block, const stoa_expr *expr, const stoa_sx **out);
stoa_said stoa_hosted_fold(stoa_rels *r, const stoa_block *block, const stoa_aggregate *aggregate, const stoa_sx **out);
/// Copy a block with every binding as a packed term.
stoa_block *stoa_hosted_block(stoa_rels *r, const stoa_block *block);
/// Copy relations whose blocks make terms differently so that all blocks bind the same variables alike.
stoa_rel *stoa_hosted_uniform(stoa_rels *r, const stoa_rel *a);
/// The rows of VALUES as a relation of `source`.
stoa_rel *stoa_hosted_values(stoa_rels *r, stoa_source *source, const stoa_node *values);
/// True when an expression may be handed back: it is no pattern, and gives the same for the same row.
bool stoa_hosted_may(const stoa_expr *expr);

typedef STOA_LIST(stoa_param) stoa_params;
/// Print a relation that gives, for each block, the columns of its bindings; with a first column that tells the
/// block when there are several.  Appends the parameters in order.
void stoa_rel_print(stoa_rels *r, const stoa_rel *rel, stoa_params *params, stoa_rel_layout *layout, stoa_buf *out);
/// The columns a block gives: those of its bindings, then guards.
void stoa_block_columns(stoa_rels *r, const stoa_block *block, stoa_sx_list *out);

#endif
