#ifndef STOA_GRAPH_PLAN_INTERVAL_H
#define STOA_GRAPH_PLAN_INTERVAL_H

#include "graph/plan/sqlx.h"
#include "graph/source/quantiles.h"

/// Between which values a column lies by a condition of SQL, where it is known how its values lie.  The constants are
/// those that are planned with, and a kept plan is run with others: guesses, which never decide what is answered.

typedef struct {
  const stoa_sx *column; ///< with quantiles
  stoa_value_range range;
} stoa_interval;

/// False where the condition is no bound of such a column.
bool stoa_interval_of(const stoa_sx *condition, stoa_interval *out);
/// Let `a` be what lies in both; they are of one column.
void stoa_interval_meet(stoa_interval *a, const stoa_interval *b);
/// Return the share of the table's rows that lie in it; never nothing, for values come and go.
double stoa_interval_share(const stoa_interval *interval);

#endif
