#ifndef STOA_GRAPH_EXEC_ASKED_H
#define STOA_GRAPH_EXEC_ASKED_H

#include "graph/exec/op.h"

/// Statements that decide between two plans (plan/apart.h) and that the connection has answered already.

/// Has the statement no row now?  True only when it is certain: it had none, and the source tells that nothing changed.
bool stoa_asked_none(stoa_run *run, const stoa_plan_node *statement);
/// Is it worth asking for the answer's sake?  True when the connection was in the same state before, so that it may well
/// be in it again; noted when not.
bool stoa_asked_before(stoa_run *run, const stoa_plan_node *statement);
/// Note that it had none in the run's own reading.
void stoa_asked_note(stoa_run *run, const stoa_plan_node *statement);

#endif
