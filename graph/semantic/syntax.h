#ifndef STOA_GRAPH_SEMANTIC_SYNTAX_H
#define STOA_GRAPH_SEMANTIC_SYNTAX_H

#include "graph/semantic/names.h"

/// What a SELECT says, without the ways of saying it: BETWEEN is two comparisons, CASE x WHEN compares, RIGHT JOIN is
/// LEFT JOIN with its sides changed, FROM a, b is a join, and what is not understood is refused already (read.c).
/// The scope (scope.h) adds what names stand for.

struct stoa_semantic_select;
struct stoa_semantic_table;

typedef enum {
  STOA_SEM_COLUMN,
  STOA_SEM_TERM,
  STOA_SEM_NULL,
  STOA_SEM_NOW,   ///< CURRENT_TIMESTAMP
  STOA_SEM_TODAY, ///< CURRENT_DATE
  STOA_SEM_AND,   ///< two arguments or more
  STOA_SEM_OR,
  STOA_SEM_NOT,
  STOA_SEM_COMPARE, ///< `function`
  STOA_SEM_COMPUTE, ///< `function`: + - * /
  STOA_SEM_NEGATE,
  STOA_SEM_JOIN_TEXT, ///< ||
  STOA_SEM_IN,        ///< the first argument is one of the others
  STOA_SEM_LIKE,      ///< ... is like the second
  STOA_SEM_IS_NULL,
  STOA_SEM_IS_TRUE,
  STOA_SEM_IS_FALSE,
  STOA_SEM_CASE, ///< condition, result, condition, result, ..., what else
  STOA_SEM_COALESCE,
  STOA_SEM_NULLIF,
  STOA_SEM_CAST, ///< `type`
  STOA_SEM_CALL, ///< `name`
  STOA_SEM_AGGREGATE,
  STOA_SEM_EXISTS,
  STOA_SEM_IN_SELECT
} stoa_semantic_kind;

/// Types that a CAST knows.
typedef enum {
  STOA_SEM_TEXT,
  STOA_SEM_INTEGER,
  STOA_SEM_DECIMAL,
  STOA_SEM_DOUBLE,
  STOA_SEM_BOOLEAN,
  STOA_SEM_DATE,
  STOA_SEM_TIMESTAMP,
  STOA_SEM_INTERVAL
} stoa_semantic_type;

/// A property of an alias, its IRI, or a column of a sub-select; one for all that speak of it.
typedef struct stoa_semantic_column {
  const char *name;
  stoa_place place; ///< where it is first spoken of
  struct stoa_semantic_table *table;
  stoa_semantic_property property; ///< `iri` NULL: the row's own IRI, or a sub-select's column
  uint32_t item;                   ///< of a sub-select: which of its columns
  stoa_var var;
  bool lasts;    ///< its values are durations
  bool required; ///< a condition keeps only rows that have a value
  bool guarded;  ///< its variable has a value where its table has no row: it is that of another column too
} stoa_semantic_column;

/// An alias of FROM.
typedef struct stoa_semantic_table {
  const char *alias;
  stoa_place place;
  stoa_semantic_class klass;                 ///< `iri` NULL: a sub-select
  struct stoa_semantic_select *select;       ///< or NULL
  STOA_LIST(stoa_semantic_column *) columns; ///< of a class: its own IRI first
  stoa_node *outer; ///< the outer join that it stands on the far side of, the innermost: it may have no row; or NULL
  stoa_var marker;  ///< bound where it has a row; STOA_NO_VAR: nobody asked
} stoa_semantic_table;

typedef struct stoa_semantic_expr {
  stoa_semantic_kind kind;
  stoa_place place;
  struct stoa_semantic_expr **args;
  uint32_t n_args;
  const char *qualifier, *name; ///< of COLUMN; name of CALL
  stoa_semantic_column *column; ///< of COLUMN, once it is resolved; NULL: `output`
  uint32_t output;              ///< of COLUMN: the output column that ORDER BY or GROUP BY means by its name
  stoa_term term;               ///< of TERM
  bool untyped;                 ///< of TERM: a text that takes the type of what it meets
  stoa_function function;
  bool negated, any_case; ///< of IN, LIKE, IS_..., EXISTS, IN_SELECT; any_case: ILIKE
  stoa_semantic_type type;
  const char *unit; ///< of CAST to an interval: of INTERVAL '90' DAY; or NULL
  stoa_aggregate_kind aggregate;
  bool distinct;
  struct stoa_semantic_expr *condition; ///< of AGGREGATE: FILTER (WHERE ...); or NULL
  struct stoa_semantic_select *select;
} stoa_semantic_expr;

typedef STOA_LIST(stoa_semantic_expr *) stoa_semantic_exprs;

typedef enum { STOA_SEM_FROM_TABLE, STOA_SEM_FROM_JOIN } stoa_semantic_from_kind;

typedef struct stoa_semantic_from {
  stoa_semantic_from_kind kind;
  stoa_place place;
  const char *space, *name, *alias;    ///< space: the prefix, or NULL
  struct stoa_semantic_select *select; ///< of a sub-select; or NULL
  stoa_semantic_table *table;          ///< once it is resolved
  struct stoa_semantic_from *left, *right;
  bool outer;
  stoa_semantic_expr *on; ///< NULL: no condition
} stoa_semantic_from;

/// A column that a SELECT gives.
typedef struct {
  const char *name; ///< NULL: it has none
  stoa_semantic_expr *expr;
  stoa_place place;
  // once it is compiled
  stoa_var var;
  stoa_semantic_property property; ///< kinds, whole, zoneless; always: it is never NULL
  bool lasts;                      ///< its values are durations
} stoa_semantic_item;

typedef struct {
  stoa_semantic_expr *expr;
  bool descending, nulls_first;
} stoa_semantic_order;

typedef struct stoa_semantic_select {
  stoa_place place;
  bool distinct;
  STOA_LIST(stoa_semantic_item) items;
  stoa_semantic_from *from; ///< NULL: no rows but one
  stoa_semantic_expr *where;
  bool grouped;
  stoa_semantic_exprs group;
  stoa_semantic_expr *having;
  STOA_LIST(stoa_semantic_order) orders;
  uint64_t offset, limit;
  struct stoa_semantic_select *sides[2]; ///< of UNION; else NULL
  bool all;
  STOA_LIST(stoa_semantic_table *) tables; ///< of `from`, once it is resolved
  struct stoa_semantic_select *outer;      ///< whose columns it may speak of: that around an EXISTS; or NULL
  const stoa_semantic_from *visible;       ///< while an ON is resolved: what it may speak of
  bool correlated;                         ///< it does
} stoa_semantic_select;

/// True when the table stands in a part of FROM.
bool stoa_semantic_has_table(const stoa_semantic_from *from, const stoa_semantic_table *table);

#endif
