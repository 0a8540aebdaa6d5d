#ifndef STOA_GRAPH_EXEC_HOSTED_H
#define STOA_GRAPH_EXEC_HOSTED_H

#include "graph/exec/op.h"

/// Make the call that a statement of this run hands `hosted` back by.  Lives as long as the run.
stoa_source_call *stoa_hosted_call_new(stoa_run *run, const stoa_hosted *hosted);

#endif
