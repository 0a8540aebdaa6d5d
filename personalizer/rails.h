#ifndef STOA_PERSONALIZER_RAILS_H
#define STOA_PERSONALIZER_RAILS_H

#include "graph/base/arena.h"
#include "graph/base/yaml.h"
#include "personalizer/example.h"

/// `rails:` of a policy: rules about its subject that must hold before an action may be shown.  They are read here, and
/// asked in rail_plan.h.

/// The steps, in the order in which they are asked: whether the subject may have it, whether it is for the subject now,
/// whether it is good for the subject.
typedef enum {
  STOA_RAIL_ELIGIBILITY,
  STOA_RAIL_APPLICABILITY,
  STOA_RAIL_SUITABILITY,
  STOA_N_RAIL_STEPS,
  STOA_RAIL_OPTIONS = STOA_N_RAIL_STEPS, ///< lists of actions for a segment and a channel
  STOA_RAIL_POLICY                       ///< what holds for the policy as it is
} stoa_rail_step;

enum { STOA_MOST_RAILS = 64, STOA_MOST_OPTIONS = 64 };

/// A rule: it is for the actions that are of all that is said here.
typedef struct {
  stoa_rail_step step;
  const char *name, *reason;
  const char *const *actions; ///< ids; NULL: any
  uint32_t n_actions;
  const char *group, *channel; ///< NULL: any
  const char *text;            ///< SPARQL, which must have an answer for ?subject
  stoa_place place;            ///< of the text
} stoa_rail;

/// What a list says of the actions in it.
typedef enum { STOA_OPTIONS_ALLOWED, STOA_OPTIONS_EXCLUDED, STOA_OPTIONS_PINNED, STOA_N_OPTION_LISTS } stoa_option_list;

/// Lists for a segment and a channel.
typedef struct {
  const char *channel; ///< of the request; NULL: any
  const char *segment; ///< SPARQL, as a rule's; NULL: everybody
  stoa_place place;    ///< of the segment
  stoa_rail lists[STOA_N_OPTION_LISTS]; ///< of those that are not there n_actions is 0
} stoa_options_entry;

/// What rails know of an action of the policy.
typedef struct {
  const char *id, *group, *channel; ///< NULL: none was said
} stoa_railed;

/// Of a policy.
typedef struct {
  const stoa_rail *rules; ///< by step, and as they stand in the file
  uint32_t n_rules;
  stoa_railed actions[STOA_MOST_ACTIONS];
  uint32_t n_actions;
  const stoa_options_entry *options; ///< as they stand in the file
  uint32_t n_options;
  bool kill_switch;           ///< the first action that is left is shown, and no other
  const char *nothing;        ///< the action that no rule takes away; NULL: none
  const char *default_action; ///< what is shown when nothing is left; NULL: such a request is refused
} stoa_rails;

const char *stoa_rail_step_name(stoa_rail_step step);
/// Read `group` and `channel` of an action of the policy file.
stoa_status stoa_rails_add_action(stoa_rails *rails, const stoa_yaml *node, const char *id, stoa_error *err);
/// Read `rails`, `options`, `kill_switch`, `nothing` and `default_action` of a policy file whose actions were added.
stoa_status stoa_rails_read(const stoa_yaml *root, stoa_arena *arena, stoa_rails *out, stoa_error *err);
/// Whether there is anything that may take an action away.
bool stoa_rails_any(const stoa_rails *rails);
/// Whether a rule is for an action; `unknown`, which takes away what nobody can judge, is for those that are not the
/// policy's although it has some.
bool stoa_rail_is_for(const stoa_rails *rails, const stoa_rail *rule, const char *id);
/// By which actions go that the policy does not have, and those that the kill switch turns off.
extern const stoa_rail stoa_rail_unknown, stoa_rail_killed;

#endif
