#ifndef STOA_PERSONALIZER_COMMIT_H
#define STOA_PERSONALIZER_COMMIT_H

#include "personalizer/policy.h"

/// Append records, durable when it returns, and learn what they close.  One status a record, see
/// stoa_engine_commit (engine.h).
stoa_status stoa_commit(stoa_state *state, const stoa_policies *policies, stoa_record *records, stoa_status *statuses,
                        size_t n, stoa_arena *arena, stoa_error *err);

#endif
