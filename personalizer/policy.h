#ifndef STOA_PERSONALIZER_POLICY_H
#define STOA_PERSONALIZER_POLICY_H

#include "features/feature.h"
#include "features/state/state.h"
#include "personalizer/explorer.h"
#include "personalizer/learner.h"
#include <pthread.h>

/// A policy of personalizer/*.yaml with its model.  Configuration is immutable; the model is guarded by
/// `lock`: ranks read it, the one learner writes it.
typedef struct {
  const char *name, *file;
  const char *service; ///< of context features; NULL: only what the caller sends
  stoa_explorer explorer;
  int64_t wait_s; ///< 0: the first reward closes the label
  double default_reward;
  bool sum;                               ///< rewards are summed, else the earliest counts
  stoa_action actions[STOA_MOST_ACTIONS]; ///< when the caller names none
  uint32_t n_actions;
  pthread_rwlock_t lock;
  stoa_learner learner;
  int64_t offset; ///< of the last label learned
} stoa_policy;

/// Read a policy file.
stoa_status stoa_policy_read(const char *path, const stoa_registry *registry, stoa_arena *arena, stoa_policy **out,
                             stoa_error *err);
void stoa_policy_free(stoa_policy *policy);
/// Add the features of an action given as JSON {id, features: [...]} to `out`.
stoa_status stoa_action_read(const stoa_json *node, stoa_arena *arena, stoa_action *out, stoa_error *err);
/// Learn one closed label.
void stoa_policy_learn(stoa_policy *policy, const stoa_record *decision, const stoa_record *label);

#endif
