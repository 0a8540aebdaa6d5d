#ifndef STOA_GRAPH_PLAN_SQLX_H
#define STOA_GRAPH_PLAN_SQLX_H

#include "graph/plan/makes.h"
#include "graph/plan/sqlop.h"

/// SQL as a structure: relations that are unions of blocks, each block a SELECT.  Rules work on this;
/// text is made at the very end (sqlgen.c).

/// A parameter of the statement.
typedef enum {
  STOA_PARAM_VALUE, ///< known when planned
  STOA_PARAM_NOW,   ///< the request's instant plus `offset_us`, as microseconds
  STOA_PARAM_SLOT,  ///< taken from the rows given to a VALUES slot when the query is opened
  STOA_PARAM_ROWS,  ///< a JSON array 0, 1, ... with a number for each row of VALUES
  STOA_PARAM_KEYS,  ///< a JSON array of the terms that a join sends, taken apart by `ctor`
  STOA_PARAM_HOSTED ///< what a call of the statement hands back to the engine
} stoa_param_kind;

struct stoa_hosted;
typedef struct stoa_shape stoa_shape;

typedef struct {
  stoa_param_kind kind;
  uint32_t part; ///< of SLOT, KEYS and a VALUE with a use: which column of the template
  union {
    struct { // VALUE
      stoa_value value;
      stoa_sql_type type; ///< of a text: that of the column it stands beside
      uint32_t use;       ///< which use of the query's constants gave it (shape.h), from 1; 0: none
    };
    int64_t offset_us; ///< NOW
    struct {           // SLOT and KEYS
      const stoa_ctor *ctor; ///< takes the row's term apart
      uint32_t slot;         ///< of SLOT: number of the VALUES slot
      bool many;             ///< of SLOT: a JSON array of all rows, else the single row's value
    };
    const stoa_node *values;          ///< ROWS
    const struct stoa_hosted *hosted; ///< HOSTED
  };
} stoa_param;

typedef enum {
  STOA_SX_COLUMN,
  STOA_SX_PARAM,
  STOA_SX_CALL,
  STOA_SX_EXISTS ///< some block of `sub` has a row, given the row outside
} stoa_sx_kind;

/// An SQL expression.
typedef struct stoa_sx {
  stoa_sx_kind kind;
  uint32_t n_args;              ///< of CALL; the others have none
  const stoa_column_info *info; ///< the column, or what is known of the value of a CALL as of a column; or NULL
  union {
    uint32_t alias;   ///< COLUMN
    stoa_param param; ///< PARAM
    struct {          // CALL
      stoa_sql_op op;
      int64_t number; ///< of STOA_OP_NUMBER
      const struct stoa_sx **args;
    };
    const struct stoa_rel *sub; ///< EXISTS
  };
} stoa_sx;

/// A variable's term constructor over columns in scope.
typedef struct {
  stoa_var var;
  const stoa_ctor *ctor;
  const stoa_sx *columns[STOA_TEMPLATE_COLUMNS];
  bool nullable;        ///< from an OPTIONAL: unbound where a column or the guard is NULL
  const stoa_sx *guard; ///< or NULL
} stoa_binding;

/// What SQL hands back to the engine, row by row, because it cannot say it with SPARQL's meaning: only
/// sources that run in the process can (stoa_source_class.calls).  A call's arguments are the columns,
/// then the guard, of each binding in order.
typedef enum {
  STOA_HOSTED_TERM,  ///< an expression's value, packed
  STOA_HOSTED_TRUTH, ///< a condition: 1, 0 or NULL
  STOA_HOSTED_FOLD,  ///< an aggregate, packed
  STOA_HOSTED_CELL   ///< the term of a row of VALUES, packed; the argument is the row's number
} stoa_hosted_kind;

typedef struct stoa_hosted {
  stoa_hosted_kind kind;
  const stoa_expr *expr;           ///< of TERM and TRUTH
  const stoa_aggregate *aggregate; ///< of FOLD
  const stoa_node *values;         ///< of CELL
  uint32_t column;                 ///< of CELL
  const stoa_binding *bindings;
  const stoa_var *vars; ///< of the bindings
  uint32_t n_bindings;
} stoa_hosted;

typedef STOA_LIST(const stoa_sx *) stoa_sx_list;

/// What is reached from some values by one step or more (with `zero` by none too), each once: the recursion begins with
/// the steps whose columns from `start` on have the values, and goes on from those at `next`.  Its columns are those
/// reached.  Without values: all pairs, or those from what `seed` gives in its first columns; its columns are those of the
/// first node, then those reached from it.
typedef struct {
  const struct stoa_rel *steps;
  uint32_t width, start, next; ///< columns of one end, and where they begin in a step's row
  stoa_sx_list values;
  const struct stoa_rel *seed; ///< of pairs; or NULL
  bool zero;                   ///< of one with values, or a seed
  const stoa_sx *const *like; ///< columns of one end, for their types
} stoa_closure;

typedef enum {
  STOA_FROM_TABLE, ///< a table or a view of the mapping
  STOA_FROM_SUB,   ///< a subquery
  STOA_FROM_ROWS,  ///< row numbers of VALUES
  STOA_FROM_CLOSURE ///< a recursion
} stoa_from_kind;

struct stoa_rel;

/// What a block reads its rows from, and how it is joined to the others.
typedef struct {
  stoa_from_kind kind;
  bool left; ///< by a left join with the condition `on`; else its conditions stand in WHERE
  uint32_t alias;
  stoa_sx_list on;
  union { // by kind; see also stoa_from_info
    stoa_leaf_table table;
    const struct stoa_rel *sub;
    const stoa_node *rows;
    const stoa_closure *closure;
  };
} stoa_from;

typedef struct {
  const stoa_sx *sx;
  bool descending;
} stoa_sx_order;

/// One SELECT.  `closed` ones have grouping, DISTINCT, order or a slice, and are wrapped before
/// anything is joined to them.
typedef struct {
  STOA_LIST(stoa_from) from;
  stoa_sx_list where;
  STOA_LIST(stoa_binding) bindings;
  bool closed, distinct, grouped;
  stoa_sx_list group;
  bool of_rows; ///< grouped by what is the same in all rows: no rows make no group
  STOA_LIST(stoa_sx_order) order;
  uint64_t offset, limit;
} stoa_block;

typedef struct stoa_rel {
  stoa_source *source;
  STOA_LIST(const stoa_block *) blocks; ///< none: certainly empty
  bool set;                             ///< blocks are joined by UNION, not UNION ALL
} stoa_rel;

/// What relation building shares.
typedef struct {
  stoa_arena *arena;
  const stoa_query *query;
  stoa_shape *shape; ///< what was asked of the query's constants
  uint32_t n_aliases;
  const stoa_dialect *dialect; ///< of the source at hand
  bool hosted;                 ///< SQL may hand back to the engine what it cannot say
} stoa_rels;

/// Where the columns of each block stand in the rows that a printed relation gives: places[block][column].
typedef struct {
  const uint32_t *const *places;
  const stoa_column_info *cells; ///< what stands in each place, in sources whose columns are typed
  uint32_t width;
  bool tagged; ///< the first place tells the block
} stoa_rel_layout;

/// What the catalog tells of a table; NULL: nothing, or it is no table.
const stoa_table_info *stoa_from_info(const stoa_from *from);
/// Return the binding of `var`, or NULL.
const stoa_binding *stoa_block_find(const stoa_block *block, stoa_var var);
/// Make expressions.
const stoa_sx *stoa_sx_column(stoa_rels *r, uint32_t alias, const stoa_column_info *info);
const stoa_sx *stoa_sx_param(stoa_rels *r, stoa_param param);
/// ... of an operator with up to two arguments, or with any number of them.
const stoa_sx *stoa_sx_call(stoa_rels *r, stoa_sql_op op, const stoa_sx *a, const stoa_sx *b);
const stoa_sx *stoa_sx_call_of(stoa_rels *r, stoa_sql_op op, const stoa_sx *const *args, uint32_t n);
const stoa_sx *stoa_sx_number(stoa_rels *r, int64_t number);
/// The same as the value of a column.
const stoa_sx *stoa_sx_as(stoa_rels *r, const stoa_sx *sx, const stoa_column_info *info);
bool stoa_sx_same(const stoa_sx *a, const stoa_sx *b);
/// True for a call of the operator; for `a = b`.
bool stoa_sx_is(const stoa_sx *sx, stoa_sql_op op);
bool stoa_sx_is_equation(const stoa_sx *sx);

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
/// Bind `var` to the value of `expr`; where that is an error, to nothing.
stoa_said stoa_rel_extend(stoa_rels *r, const stoa_rel *a, stoa_var var, const stoa_expr *expr, const stoa_rel **out);
/// Restrict `values->vars[0]` to the rows of VALUES.
stoa_said stoa_rel_restrict(stoa_rels *r, const stoa_rel *a, const stoa_node *values, const stoa_rel **out);
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
/// Project to `vars`.
stoa_said stoa_rel_project(stoa_rels *r, const stoa_rel *a, const stoa_var *vars, uint32_t n_vars,
                           const stoa_rel **out);
/// Each row once.  UNCHANGED: no two rows are equal.
stoa_said stoa_rel_distinct(stoa_rels *r, const stoa_rel *a, const stoa_rel **out);
stoa_said stoa_rel_order(stoa_rels *r, const stoa_rel *a, const stoa_node *order, const stoa_rel **out);
stoa_said stoa_rel_slice(stoa_rels *r, const stoa_rel *a, uint64_t offset, uint64_t limit, const stoa_rel **out);
/// Wrap a relation of closed or several blocks as one open block over a subquery.  NULL when its
/// blocks make their terms in different ways.
const stoa_block *stoa_rel_open(stoa_rels *r, const stoa_rel *a);

/// Translate a condition; NULL when SQL cannot say it with SPARQL's meaning.
const stoa_sx *stoa_sx_condition(stoa_rels *r, const stoa_block *block, const stoa_expr *expr);
/// The packed term of a binding, NULL where it is unbound, of an expression over a block, and of an
/// aggregate; NULL pointer when it may not be handed back.  The first names also the variable.
stoa_binding stoa_hosted_binding(stoa_rels *r, stoa_var var, const stoa_sx *packed);
const stoa_sx *stoa_hosted_term_of(stoa_rels *r, const stoa_binding *binding);
const stoa_sx *stoa_hosted_term(stoa_rels *r, const stoa_block *block, const stoa_expr *expr);
const stoa_sx *stoa_hosted_truth(stoa_rels *r, const stoa_block *block, const stoa_expr *expr);
const stoa_sx *stoa_hosted_fold(stoa_rels *r, const stoa_block *block, const stoa_aggregate *aggregate);
/// Copy a block with every binding as a packed term.
stoa_block *stoa_hosted_block(stoa_rels *r, const stoa_block *block);
/// Copy relations whose blocks make terms differently so that all blocks bind the same variables alike.
stoa_rel *stoa_hosted_uniform(stoa_rels *r, const stoa_rel *a);
/// The rows of VALUES as a relation of `source`.
stoa_rel *stoa_hosted_values(stoa_rels *r, stoa_source *source, const stoa_node *values);
/// True when an expression may be handed back: it is no pattern, and gives the same for the same row.
bool stoa_hosted_may(const stoa_expr *expr);

/// Print a relation that gives, for each block, the columns of its bindings; with a first column that tells the
/// block when there are several.  Appends the parameters in order.
typedef STOA_LIST(stoa_param) stoa_params;
void stoa_rel_print(stoa_rels *r, const stoa_rel *rel, stoa_params *params, stoa_rel_layout *layout, stoa_buf *out);
/// The columns a block gives: those of its bindings, then guards.
void stoa_block_columns(stoa_rels *r, const stoa_block *block, stoa_sx_list *out);

#endif
