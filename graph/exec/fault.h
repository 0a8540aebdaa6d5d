#ifndef STOA_GRAPH_EXEC_FAULT_H
#define STOA_GRAPH_EXEC_FAULT_H

#include "graph/base/context.h"
#include "graph/plan/leaf.h"

/// Data errors (R2RML, section 4.3): values from which a triples map can make no term, or none that its datatype
/// allows.

/// Complete the error of a term that could not be made: put the triples map's name before it, and behind it the key of
/// a row that gives the same error, when the source finds one soon.
void stoa_fault_locate(const stoa_ctor *ctor, stoa_error *err);
/// Make the terms of all rows of a triples map, to which the `n` constructors belong.  errs[i]: the first row from
/// which the i-th makes none (STOA_BAD_TYPE), else STOA_OK.  Returns another status when the rows cannot be read.
stoa_status stoa_fault_find(const stoa_ctor *const *ctors, uint32_t n, stoa_context *context, stoa_error *errs,
                            stoa_error *err);

#endif
