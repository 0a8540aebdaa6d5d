#ifndef STOA_GRAPH_SPARQL_UNBOUND_H
#define STOA_GRAPH_SPARQL_UNBOUND_H

#include "graph/sparql/algebra.h"

/// Warn of each variable that a query or sub-query selects and that nothing in its pattern can bind: it is legal, never
/// has a value, and most often is misspelt.
void stoa_unbound_check(const stoa_query *query, stoa_faults *faults);

#endif
