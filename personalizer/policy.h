#ifndef STOA_PERSONALIZER_POLICY_H
#define STOA_PERSONALIZER_POLICY_H

#include "features/feature.h"
#include "personalizer/bandit.h"
#include "personalizer/rails.h"

struct stoa_teller;

/// A policy of personalizer/*.yaml: configuration, which is immutable, and what it has learned.
typedef struct {
  const char *name, *file;
  stoa_place place;    ///< of the name
  const char *service; ///< of context features; NULL: only what the caller sends
  uint64_t text_hash;  ///< of its file
  stoa_explorer explorer;
  int64_t wait_s; ///< 0: the first reward closes the label
  double default_reward;
  bool sum;                               ///< rewards are summed, else the earliest counts
  stoa_action actions[STOA_MOST_ACTIONS]; ///< when the caller names none
  uint32_t n_actions;
  stoa_rails rails;
  stoa_learner_options learner;
  stoa_bandit *bandit;
} stoa_policy;

typedef STOA_LIST(stoa_policy *) stoa_policies;

/// Read a policy file.
stoa_status stoa_policy_read(const char *path, const stoa_registry *registry, stoa_arena *arena, stoa_policy **out,
                             stoa_error *err);
/// A policy of the options of a policy file alone: `explorer` and `learner` are what stands there, such as "{kind: epsilon}";
/// empty: the defaults.
stoa_status stoa_policy_of_options(const char *explorer, const char *learner, stoa_arena *arena, stoa_policy **out,
                                   stoa_error *err);
void stoa_policy_free(stoa_policy *policy);
/// Add the features of an action given as JSON {id, features: [...]} to `out`.
stoa_status stoa_action_read(const stoa_json *node, stoa_arena *arena, stoa_action *out, stoa_error *err);
/// Refuse features, which a client sends as `name`, that are no object and no array of objects.
stoa_status stoa_features_check(const stoa_json *features, const char *name, stoa_error *err);
/// Read personalizer/*.yaml of a project folder; faults go to `faults`, all of them.
void stoa_policies_read(const char *dir, const stoa_registry *registry, stoa_arena *arena, stoa_policies *out,
                        stoa_faults *faults);
/// Return the policy of that name, or NULL.
stoa_policy *stoa_policies_find(const stoa_policies *policies, const char *name);
/// Tell which services they ask, in the registry's graph.
void stoa_policies_tell(const stoa_policies *policies, const char *dir, const struct stoa_teller *teller);
/// Warn of each file of policies that was added, changed or removed since they were read.
void stoa_policies_changes(const stoa_policies *policies, const char *dir, stoa_faults *faults);
/// What policies ask of a registry must be there.
void stoa_policies_check(const stoa_policies *policies, const stoa_registry *registry, stoa_faults *faults);

#endif
