#ifndef STOA_PERSONALIZER_MODELS_H
#define STOA_PERSONALIZER_MODELS_H

#include "personalizer/policy.h"

/// Models follow the log: what they have learned is a prefix of it, whatever fails in between.

/// Keep the models.
stoa_status stoa_models_save(stoa_state *state, const stoa_policies *policies, stoa_error *err);
/// Bring the models to the end of the log: the kept ones, then every label after them.  Options of learners that have
/// changed are logged, with the instant `now_us`.
stoa_status stoa_models_restore(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err);
/// Learn the labels of the log that the models have not learned yet.  When it fails they are learned the next time.
stoa_status stoa_models_learn(stoa_state *state, const stoa_policies *policies, stoa_error *err);

#endif
