// The operators of SQL expressions: how each is written, and what rules may know of it.
#include "graph/plan/sqlop.h"
#include "graph/base/assert.h"
#include <stddef.h>
#include <string.h>

typedef struct {
  const char *text; ///< the same in all dialects; or NULL
  size_t spelling;  ///< else where the dialect has it
  int n_args;
  bool by_type;       ///< the dialect has one for each type of the argument
  bool is_bound;      ///< stoa_sql_op_is_bound
  stoa_sql_op denial; ///< holds where this does not
} row;

#define SPELT(member, n) .spelling = offsetof(stoa_dialect, member), .n_args = n

static const row table[STOA_OPS] = {
  [STOA_OP_TRUE] = {"TRUE", .denial = STOA_OP_FALSE},
  [STOA_OP_FALSE] = {"FALSE", .denial = STOA_OP_TRUE},
  [STOA_OP_NULL] = {"NULL"},
  [STOA_OP_NUMBER] = {""},
  [STOA_OP_AND] = {"(%0 AND %1)", .n_args = 2},
  [STOA_OP_ALSO] = {"%0 AND %1", .n_args = 2},
  [STOA_OP_OR] = {"(%0 OR %1)", .n_args = 2},
  [STOA_OP_NOT] = {"NOT (%0)", .n_args = 1},
  [STOA_OP_NOT_EXISTS] = {"NOT %0", .n_args = 1},
  [STOA_OP_NOT_TRUE] = {"CASE WHEN %0 THEN 0 ELSE 1 END = 1", .n_args = 1},
  [STOA_OP_EQ] = {"%0 = %1", .n_args = 2},
  [STOA_OP_NE] = {"%0 <> %1", .n_args = 2},
  [STOA_OP_LT] = {"%0 < %1", .n_args = 2},
  [STOA_OP_GT] = {"%0 > %1", .n_args = 2},
  [STOA_OP_LE] = {"%0 <= %1", .n_args = 2},
  [STOA_OP_GE] = {"%0 >= %1", .n_args = 2},
  [STOA_OP_EQ_OR_NULL] = {"(%1 IS NULL OR %0 = %1)", .n_args = 2},
  [STOA_OP_IS_NULL] = {"%0 IS NULL", .n_args = 1, .denial = STOA_OP_IS_NOT_NULL},
  [STOA_OP_IS_NOT_NULL] = {"%0 IS NOT NULL", .n_args = 1, .denial = STOA_OP_IS_NULL},
  [STOA_OP_IN] = {"%0 IN (%1)", .n_args = 2},
  [STOA_OP_LIST] = {"%*", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_WHEN] = {"CASE WHEN %0 THEN %1 END", .n_args = 2},
  [STOA_OP_CHOICE] = {"CASE WHEN %0 THEN %1 ELSE %2 END", .n_args = 3},
  [STOA_OP_FLAG] = {"CASE WHEN %0 THEN 1 END", .n_args = 1},
  [STOA_OP_FLAG_OF_A_VALUE] = {"CASE WHEN %0 IS NOT NULL THEN 1 END", .n_args = 1},
  [STOA_OP_COUNT_ROWS] = {"COUNT(*)"},
  [STOA_OP_COUNT] = {"COUNT(%0)", .n_args = 1},
  [STOA_OP_COUNT_DISTINCT] = {"COUNT(DISTINCT %0)", .n_args = 1},
  [STOA_OP_MIN] = {"MIN(%0)", .n_args = 1},
  [STOA_OP_MAX] = {"MAX(%0)", .n_args = 1},
  [STOA_OP_HOSTED_TERM] = {"stoa_term(%*)", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_HOSTED_TRUTH] = {"stoa_true(%*)", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_HOSTED_FOLD] = {"stoa_fold(%*)", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_HOSTED_FOLDED] = {"stoa_folded(%*)", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_HOSTED_CELL] = {"stoa_cell(%*)", .n_args = STOA_OP_ANY_ARGS},
  [STOA_OP_BY_TERM] = {"%0 COLLATE stoa_term", .n_args = 1},
  [STOA_OP_YEAR] = {"YEAR"},
  [STOA_OP_MONTH] = {"MONTH"},
  [STOA_OP_DAY] = {"DAY"},
  [STOA_OP_BELOW] = {SPELT(below, 1), .by_type = true},
  [STOA_OP_ABOVE] = {SPELT(above, 1), .by_type = true},
  [STOA_OP_IS_NUMBER] = {SPELT(is_number, 1)},
  [STOA_OP_TIME] = {SPELT(time, 1)},
  [STOA_OP_TEXT_TIME] = {SPELT(text_time, 1)},
  [STOA_OP_TIME_NEAR_NO_ZONE] = {SPELT(time_near[0], 2)},
  [STOA_OP_TIME_NEAR_ZONE] = {SPELT(time_near[1], 2)},
  [STOA_OP_FROM_NEAR] = {SPELT(from_near, 2), .is_bound = true},
  [STOA_OP_TO_NEAR] = {SPELT(to_near, 2), .is_bound = true},
  [STOA_OP_INSTANT] = {SPELT(instant, 1)},
  [STOA_OP_PART] = {SPELT(part, 2)},
  [STOA_OP_INTEGER_TEXT] = {SPELT(integer_text, 1)},
  [STOA_OP_IN_INTEGERS] = {SPELT(in_integers, 2)},
  [STOA_OP_IN_TEXTS] = {SPELT(in_texts, 2)},
  [STOA_OP_INTEGER_SUM] = {SPELT(integer_sum, 1)},
  [STOA_OP_WIDE_SUM] = {SPELT(wide_sum, 1)},
  [STOA_OP_SUM_OR_NULL] = {SPELT(sum_or_null, 1)},
  [STOA_OP_DECIMAL_SUM] = {SPELT(decimal_sum, 2)},
  [STOA_OP_AVERAGE] = {SPELT(average, 2)},
  [STOA_OP_LEAST_TRUTH] = {SPELT(least_truth, 1)},
  [STOA_OP_GREATEST_TRUTH] = {SPELT(greatest_truth, 1)},
  [STOA_OP_BY_CODE_POINT] = {SPELT(by_code_point, 1)},
  [STOA_OP_STARTS] = {SPELT(starts, 2)},
  [STOA_OP_ENDS] = {SPELT(ends, 2)},
  [STOA_OP_CONTAINS] = {SPELT(contains, 2)},
  [STOA_OP_LOWER] = {SPELT(lower, 1)},
  [STOA_OP_UPPER] = {SPELT(upper, 1)},
  [STOA_OP_BEYOND_ASCII] = {SPELT(beyond_ascii, 1)},
  [STOA_OP_SAME_TEXT] = {SPELT(same_text, 2)},
};

int stoa_sql_op_args(stoa_sql_op op)
{
  return table[op].n_args;
}

const char *stoa_sql_op_text(stoa_sql_op op, const stoa_dialect *dialect, stoa_sql_type type)
{
  const row *const at = &table[op];
  if (at->text) {
    return at->text;
  }
  STOA_ASSERT(at->spelling);
  const char *const *const spellings = (const char *const *)((const char *)dialect + at->spelling);
  return spellings[at->by_type ? type : 0];
}

bool stoa_sql_op_said(stoa_sql_op op, const stoa_dialect *dialect)
{
  STOA_ASSERT(!table[op].by_type);
  return stoa_sql_op_text(op, dialect, 0) != NULL;
}

bool stoa_sql_op_adds_nothing(stoa_sql_op op, const stoa_dialect *dialect)
{
  return stoa_sql_op_said(op, dialect) && strcmp(stoa_sql_op_text(op, dialect, 0), "%0") == 0;
}

stoa_sql_op stoa_sql_op_denied(stoa_sql_op op)
{
  return table[op].denial;
}

bool stoa_sql_op_is_bound(stoa_sql_op op)
{
  return table[op].is_bound;
}
