#ifndef STOA_GRAPH_PLAN_SHAPE_H
#define STOA_GRAPH_PLAN_SHAPE_H

#include "graph/plan/rels.h"

struct stoa_plan_node;

/// The shape of a query: what its plan took for granted of each constant, so that the plan can be run for other
/// constants of which the same holds.
///
/// A rule that looks at a constant of the query does it through this file.  What it asks is kept as a *use*: take the
/// constant apart by this constructor, compare it with this term, give it to SQL as an operand.  The plan holds for
/// other constants when every use ends as it did, and SQL is then given what the uses give.  A constant that is
/// looked at in any other way, or that the executor will read, is *fixed*.

/// What a constant is to SQL.
typedef enum { STOA_OPERAND_NONE, STOA_OPERAND_NUMBER, STOA_OPERAND_STRING, STOA_OPERAND_TIME } stoa_operand_kind;

typedef enum {
  STOA_USE_INVERSE, ///< taken apart by `ctor`: ended in `said`
  STOA_USE_SAME,    ///< compared with `term`: ended in `same`
  STOA_USE_OPERAND  ///< compared in SQL: was of kind `operand`
} stoa_use_kind;

typedef struct {
  stoa_use_kind kind;
  uint32_t constant; ///< of the query, from 1
  const stoa_ctor *ctor;
  stoa_said said;
  stoa_term term;
  bool same;
  stoa_operand_kind operand;
  bool exact; ///< of an operand: decimals are compared as such, whatever their length
} stoa_use;

struct stoa_shape {
  uint64_t fixed; ///< bit i: constant i + 1 stays as it is
  STOA_LIST(stoa_use) uses;
};

/// Return the shape of a query before it is planned.
stoa_shape *stoa_shape_new(const stoa_query *query, stoa_arena *arena);
/// Fix a constant, those of a pattern, of an expression, or all.  0 is no constant.
void stoa_shape_fix(stoa_shape *shape, uint32_t constant);
void stoa_shape_fix_pattern(stoa_shape *shape, const stoa_pattern *pattern);
void stoa_shape_fix_expr(stoa_shape *shape, const stoa_expr *expr);
/// Fix what the executor reads of the query's constants when it runs `node` and what lies below.
void stoa_shape_fix_plan(stoa_shape *shape, const struct stoa_plan_node *node);

/// stoa_ctor_invert, with a parameter for each column of the constructor.
stoa_said stoa_shape_invert(stoa_rels *r, const stoa_ctor *ctor, stoa_term term, uint32_t constant, stoa_param *out);
/// stoa_term_same.
bool stoa_shape_same(stoa_rels *r, stoa_term mapped, stoa_term term, uint32_t constant);
/// What a term is as an operand of SQL's comparisons.
stoa_operand_kind stoa_shape_operand(stoa_rels *r, stoa_term term, uint32_t constant, stoa_param *out);

/// Return what the uses give for other constants (terms[i] for constant i + 1; its own where that is fixed), a
/// row of STOA_TEMPLATE_COLUMNS values for each use.  NULL: the plan does not hold for them.
const stoa_value *stoa_shape_bind(const stoa_shape *shape, const stoa_query *query, const stoa_term *terms,
                                  stoa_arena *arena);

#endif
