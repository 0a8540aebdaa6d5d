#ifndef STOA_PERSONALIZER_LABELS_H
#define STOA_PERSONALIZER_LABELS_H

#include "personalizer/policy.h"

/// Labels: what a decision turned out to be worth.  They are learned in the order of the log.

/// Close the labels whose wait time is over, and learn them.
stoa_status stoa_labels_close(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err);
/// Learn the labels among records that were appended; duplicates were learned before.
stoa_status stoa_labels_learn(stoa_state *state, const stoa_policies *policies, const stoa_record *records, size_t n,
                              stoa_error *err);

#endif
