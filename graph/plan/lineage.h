#ifndef STOA_GRAPH_PLAN_LINEAGE_H
#define STOA_GRAPH_PLAN_LINEAGE_H

#include "graph/plan/plan.h"

/// Which columns of which sources a plan reads.
typedef struct {
  const char *source, *table, *column; ///< table: a name, or the text of an R2RML view; of the native graph: "RDF"
} stoa_lineage_column;

typedef STOA_LIST(stoa_lineage_column) stoa_lineage;

/// Add a column that is not there yet; the list stays sorted.
void stoa_lineage_add(stoa_lineage *list, stoa_arena *arena, const char *source, const char *table, const char *column);
/// All that a plan reads: values, joins and conditions.
void stoa_lineage_of_plan(const stoa_plan *plan, stoa_arena *arena, stoa_lineage *out);
/// What the values of one variable are made of.
void stoa_lineage_of_var(const stoa_plan *plan, stoa_var var, stoa_arena *arena, stoa_lineage *out);

#endif
