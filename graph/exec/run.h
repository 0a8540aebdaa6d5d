#ifndef STOA_GRAPH_EXEC_RUN_H
#define STOA_GRAPH_EXEC_RUN_H

#include "graph/base/context.h"
#include "graph/term/batch.h"

typedef struct stoa_plan stoa_plan;

/// A run of a plan: operators that are pulled, connections leased all at once before the first row,
/// memory capped by the request.  A run belongs to one thread.
typedef struct stoa_run stoa_run;

/// Rows for a VALUES slot: n_rows terms of its one variable.
typedef struct {
  const stoa_term *terms;
  uint32_t n_rows;
} stoa_slot_rows;

/// Start a run; `slots[i]` holds the rows of slot i + 1.  The plan and the context must outlive it.
stoa_status stoa_run_open(const stoa_plan *plan, stoa_context *context, const stoa_slot_rows *slots, uint32_t n_slots,
                          stoa_run **out, stoa_error *err);
/// Pull the next batch; NULL at the end.  Columns are those of `plan->root->vars`.
stoa_status stoa_run_next(stoa_run *run, const stoa_batch **out, stoa_error *err);
/// Give connections and memory back.
void stoa_run_close(stoa_run *run);
/// Keep the time of each operator from here on.
void stoa_run_time(stoa_run *run);
/// Print the plan with the rows and the time (the inputs' included) of each operator, and the memory that was held.
void stoa_run_print(stoa_run *run, stoa_buf *out);

#endif
