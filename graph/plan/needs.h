#ifndef STOA_GRAPH_PLAN_NEEDS_H
#define STOA_GRAPH_PLAN_NEEDS_H

#include "graph/plan/makes.h"

/// What a condition needs of its variables.  A comparison with a number of what can only be an IRI is an error (SPARQL
/// 1.1 section 17.3), and an error does not hold: so the rows with the IRI cannot be in the answer.

/// Narrow kinds[v] for each variable that `expr` reads to those kinds of terms for which it can hold (`holds` true), or
/// for which its denial can.  A variable that may be of any kind keeps what it had.
void stoa_needs(const stoa_expr *expr, bool holds, stoa_kinds *kinds);
/// The same of those for which it can have a value at all.
void stoa_needs_value(const stoa_expr *expr, stoa_kinds *kinds);

#endif
