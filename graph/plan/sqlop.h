#ifndef STOA_GRAPH_PLAN_SQLOP_H
#define STOA_GRAPH_PLAN_SQLOP_H

#include "graph/source/dialect.h"

/// What SQL does with the arguments of an expression.  Rules ask which operator stands there; its text matters to
/// sqlgen.c alone, and stands once, in the table of sqlop.c.
typedef enum {
  STOA_OP_NONE,
  // constants and connectives; SQL has three truths as SPARQL has, with NULL for an error
  STOA_OP_TRUE,
  STOA_OP_FALSE,
  STOA_OP_NULL,
  STOA_OP_NUMBER, ///< a whole number of ours (stoa_sx_number), never one of the query's constants
  STOA_OP_AND,
  STOA_OP_ALSO, ///< AND without brackets: where it stands, AND and nothing else is around it
  STOA_OP_OR,
  STOA_OP_NOT,
  STOA_OP_NOT_EXISTS,
  STOA_OP_NOT_TRUE, ///< holds where the argument is false and where it is NULL
  // comparisons
  STOA_OP_EQ,
  STOA_OP_NE,
  STOA_OP_LT,
  STOA_OP_GT,
  STOA_OP_LE,
  STOA_OP_GE,
  STOA_OP_EQ_OR_NULL, ///< ... or the second is NULL
  STOA_OP_IS_NULL,
  STOA_OP_IS_NOT_NULL,
  STOA_OP_IN,   ///< the first is in the LIST that is the second
  STOA_OP_LIST, ///< any number of arguments, with commas between
  // choices
  STOA_OP_WHEN,            ///< the second where the first holds, else NULL
  STOA_OP_CHOICE,          ///< ... else the third
  STOA_OP_FLAG,            ///< 1 where it holds, else NULL
  STOA_OP_FLAG_OF_A_VALUE, ///< 1 where it is not NULL, else NULL
  // aggregates
  STOA_OP_COUNT_ROWS,
  STOA_OP_COUNT,
  STOA_OP_COUNT_DISTINCT,
  STOA_OP_MIN,
  STOA_OP_MAX,
  // handed back to the engine (stoa_hosted); a list of arguments, the call's own number first
  STOA_OP_HOSTED_TERM,
  STOA_OP_HOSTED_TRUTH,
  STOA_OP_HOSTED_FOLD,
  STOA_OP_HOSTED_FOLDED,
  STOA_OP_HOSTED_CELL,
  STOA_OP_BY_TERM, ///< a packed term, in the order of terms
  // names of parts of a date
  STOA_OP_YEAR,
  STOA_OP_MONTH,
  STOA_OP_DAY,
  // what the dialect spells, each as the member of stoa_dialect of this name; it may have no words for it
  STOA_OP_BELOW, ///< by the type of the argument
  STOA_OP_ABOVE,
  STOA_OP_IS_NUMBER,
  STOA_OP_TIME,
  STOA_OP_TEXT_TIME,
  STOA_OP_TIME_NEAR_NO_ZONE,
  STOA_OP_TIME_NEAR_ZONE,
  STOA_OP_FROM_NEAR,
  STOA_OP_TO_NEAR,
  STOA_OP_INSTANT,
  STOA_OP_PART,
  STOA_OP_INTEGER_TEXT,
  STOA_OP_IN_INTEGERS,
  STOA_OP_IN_TEXTS,
  STOA_OP_INTEGER_SUM,
  STOA_OP_WIDE_SUM,
  STOA_OP_SUM_OR_NULL,
  STOA_OP_DECIMAL_SUM,
  STOA_OP_AVERAGE,
  STOA_OP_LEAST_TRUTH,
  STOA_OP_GREATEST_TRUTH,
  STOA_OP_BY_CODE_POINT,
  STOA_OP_STARTS,
  STOA_OP_ENDS,
  STOA_OP_CONTAINS,
  STOA_OP_LOWER,
  STOA_OP_UPPER,
  STOA_OP_BEYOND_ASCII,
  STOA_OP_SAME_TEXT,
  STOA_OPS
} stoa_sql_op;

enum { STOA_OP_ANY_ARGS = -1 };

/// Return how many arguments an operator has; STOA_OP_ANY_ARGS: a list of them.
int stoa_sql_op_args(stoa_sql_op op);
/// Return its text, with %0 to %2 for the arguments and %* for all of them; `type` is that of the first one.  NULL
/// where the dialect cannot say it.
const char *stoa_sql_op_text(stoa_sql_op op, const stoa_dialect *dialect, stoa_sql_type type);
/// True when the dialect says an operator that is no question of type.
bool stoa_sql_op_said(stoa_sql_op op, const stoa_dialect *dialect);
/// True when the dialect says it by saying the argument alone.
bool stoa_sql_op_adds_nothing(stoa_sql_op op, const stoa_dialect *dialect);
/// Return the operator that holds for just the rows for which `op` does not, be it false or NULL;
/// STOA_OP_NONE: there is none by itself.
stoa_sql_op stoa_sql_op_denied(stoa_sql_op op);
/// True for a condition that stands beside an exact one, which holds for fewer rows, so that an index is used.
bool stoa_sql_op_is_bound(stoa_sql_op op);

#endif
