#ifndef STOA_GRAPH_PLAN_SQLX_H
#define STOA_GRAPH_PLAN_SQLX_H

#include "graph/plan/leaf.h"
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

typedef struct {
  stoa_param_kind kind;
  uint32_t part; ///< of SLOT, KEYS and a VALUE with a use: which column of the template
  union {
    struct { // VALUE
      stoa_value value;
      stoa_sql_type type; ///< of a text: that of the column it stands beside
      uint32_t use;       ///< which use of the query's constants gave it (shape.h), from 1; 0: none
    };
    struct { // NOW
      int64_t offset_us;
      int64_t planned_us; ///< the instant at which it is planned, for guesses alone; 0: not known
    };
    struct {                 // SLOT and KEYS
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
  STOA_FROM_TABLE,  ///< a table or a view of the mapping
  STOA_FROM_SUB,    ///< a subquery
  STOA_FROM_ROWS,   ///< row numbers of VALUES
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
  bool with_ties; ///< and the rows that are equal to the last of them by `order`
} stoa_block;

typedef struct stoa_rel {
  stoa_source *source;
  STOA_LIST(const stoa_block *) blocks; ///< none: certainly empty
  bool set;                             ///< blocks are joined by UNION, not UNION ALL
} stoa_rel;

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
/// True for expressions that say the same of the same columns.
bool stoa_sx_same(const stoa_sx *a, const stoa_sx *b);
/// True for a call of the operator; for `a = b`.
bool stoa_sx_is(const stoa_sx *sx, stoa_sql_op op);
bool stoa_sx_is_equation(const stoa_sx *sx);

#endif
