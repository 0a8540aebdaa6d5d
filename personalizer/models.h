#ifndef STOA_PERSONALIZER_MODELS_H
#define STOA_PERSONALIZER_MODELS_H

#include "personalizer/policy.h"

/// Models across the life of a process: kept in the state, and brought to the end of the log.

/// Keep the models.
stoa_status stoa_models_save(stoa_state *state, const stoa_policies *policies, stoa_error *err);
/// Bring the models to the end of the log: the kept ones, then every label after them.
stoa_status stoa_models_restore(stoa_state *state, const stoa_policies *policies, stoa_error *err);

#endif
