#ifndef STOA_PERSONALIZER_COMMIT_H
#define STOA_PERSONALIZER_COMMIT_H

#include "personalizer/policy.h"

/// What becomes of records that clients send.

/// Append records, durable when it returns, and learn what they close.  One status a record, STOA_OK but for those that
/// are refused and appended nowhere:
///   a reward of an unknown event: STOA_NOT_FOUND;
///   a reward by the id of another reward, or a decision by the event id of another policy's: STOA_CONFLICT.
/// What was there already is no fault: the record is a duplicate, and a decision gets the answer that was given.  A
/// reward after its label is late: it is kept, and counts for nothing.  Texts that are set lie in `arena`.
stoa_status stoa_commit(stoa_state *state, const stoa_policies *policies, stoa_record *records, stoa_status *statuses,
                        size_t n, stoa_arena *arena, stoa_error *err);
/// Say why a record was refused.  Returns `status`.
stoa_status stoa_commit_refusal(const stoa_record *record, stoa_status status, stoa_error *err);

#endif
