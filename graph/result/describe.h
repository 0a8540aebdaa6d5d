#ifndef STOA_GRAPH_RESULT_DESCRIBE_H
#define STOA_GRAPH_RESULT_DESCRIBE_H

#include "graph/result/answer.h"

/// Write the answer of a DESCRIBE whole: the triples that its plan gives, and those of the blank nodes that stand in
/// them as objects, and so on (Concise Bounded Description, without reifications): a blank node has no name by which it
/// could be asked for later.
stoa_status stoa_describe(const stoa_plan *plan, const stoa_rewriter *rewriter, stoa_context *context,
                          stoa_result_writer *writer, stoa_error *err);

#endif
