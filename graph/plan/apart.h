#ifndef STOA_GRAPH_PLAN_APART_H
#define STOA_GRAPH_PLAN_APART_H

#include "graph/plan/group.h"

/// Templates from whose text the values cannot be told by type, "{line}x{day}", are told nearly always: no line has an
/// "x".  A query that reads such terms is planned twice: as if the values were free of that letter, so that columns are
/// compared, and without.  When it runs, the sources are asked whether any value has the letter, and which plan is
/// right; nothing is believed.
///
/// The same is done where a table tells its predicates in a column (a table of attributes, of relations) and a sample
/// of it shows a few predicates, none of which is the query's: without that alternative a star of properties is one
/// branch, and with it as many as there are ways to choose.

typedef struct {
  stoa_source *source;
  stoa_leaf_table table;
  const stoa_column_info *column;
  char letter;
} stoa_apart_value;

typedef struct {
  const stoa_leaf *leaf, *assumed; ///< the same with constructors that have `apart`
} stoa_apart_leaf;

typedef struct {
  const stoa_leaf *leaf;
  stoa_term predicate; ///< of which no row of the leaf speaks
  stoa_value value;    ///< what its column would hold
} stoa_apart_absent;

typedef struct stoa_apart {
  STOA_LIST(stoa_apart_leaf) leaves;
  STOA_LIST(stoa_apart_value) values; ///< each once
  STOA_LIST(stoa_apart_absent) absents;
  bool patient; ///< asking costs more than one query can win (stoa_plan.patient)
} stoa_apart;

/// Return what is to be assumed of the leaves left in a pruned group, or NULL when nothing can be won.
const stoa_apart *stoa_apart_find(stoa_planner *p, const stoa_group *group);
/// The leaf as it is assumed to be.
const stoa_leaf *stoa_apart_assumed(const stoa_planner *p, const stoa_leaf *leaf);
/// Do two plans of one query read the same, so that nothing was won by what one of them assumes?
bool stoa_apart_is_same(const stoa_plan_node *a, const stoa_plan_node *b);
/// Is it assumed that no row of the leaf speaks of the pattern's predicate?
bool stoa_apart_is_absent(const stoa_planner *p, const stoa_leaf *leaf, const stoa_pattern *pattern);
/// A plan that has a row just when some value has its letter, or some row the predicate.
const stoa_plan_node *stoa_apart_check(stoa_planner *p, const stoa_apart *apart);

#endif
