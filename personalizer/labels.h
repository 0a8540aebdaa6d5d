#ifndef STOA_PERSONALIZER_LABELS_H
#define STOA_PERSONALIZER_LABELS_H

#include "personalizer/policy.h"

/// Labels: what a decision turned out to be worth.  They are learned in the order of the log.

/// Close the labels whose wait time is over, and learn them: as many in one commit as are due, as far as half a second
/// allows, since others wait for the state meanwhile.
stoa_status stoa_labels_close(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err);

/// Warn of each policy whose labels wait in the state's file and which is not among `policies`, or whose file is gone:
/// they stay open until a policy of that name is back.
void stoa_labels_check(const char *state_file, const stoa_policies *policies, stoa_faults *faults);
#endif
