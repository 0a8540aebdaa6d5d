#ifndef STOA_GRAPH_PLAN_COST_H
#define STOA_GRAPH_PLAN_COST_H

#include "graph/plan/plan.h"

/// How many rows are to be expected: from the catalogs' counts of rows, of distinct values and of NULLs, read when a
/// mapping is loaded, and the native graph's exact counts.  Guesses: they choose between plans, and never decide what
/// is answered.

double stoa_cost_rel(const stoa_rel *rel);
double stoa_cost_node(const stoa_plan_node *node);
/// Rows of one table of a block, of which only its own conditions leave out some.
double stoa_cost_table(const stoa_block *block, uint32_t alias);
/// How many rows of it are read to find these: those that its indexed columns leave.
double stoa_cost_found(const stoa_block *block, uint32_t alias);
/// How many rows are read to find those of a relation: a table that no index narrows is read whole.
double stoa_cost_read(const stoa_rel *rel);
/// To how many different terms a relation binds a variable.
double stoa_cost_values(const stoa_rel *rel, stoa_var var);
/// Does an index find the rows of each alternative for given terms of the variable?
bool stoa_cost_finds(const stoa_rel *rel, stoa_var var);
/// Note in each node of a finished plan how many rows are expected of it.
void stoa_cost_expect(stoa_plan_node *root);
/// How many quads of a native graph match the pattern's constants.
double stoa_cost_pattern(const stoa_source *source, const stoa_pattern *pattern);

#endif
