#ifndef STOA_GRAPH_PLAN_EXPLAIN_H
#define STOA_GRAPH_PLAN_EXPLAIN_H

#include "graph/plan/plan.h"

/// Print the plan as an indented tree; with `sql` the statements and their parameters.
void stoa_plan_print(const stoa_plan *plan, bool sql, stoa_buf *out);
/// Print it with the statements, and what `annotate` says of each node.
void stoa_plan_print_with(const stoa_plan *plan, void (*annotate)(const stoa_plan_node *, void *, stoa_buf *),
                          void *data, stoa_buf *out);

#endif
