#ifndef STOA_PERSONALIZER_RAIL_PLAN_H
#define STOA_PERSONALIZER_RAIL_PLAN_H

#include "features/feature.h"
#include "personalizer/rails.h"

/// The rules of policies as plans over a project, made once with its layer.  A rule is asked as if
/// VALUES ?subject { IRI } stood first in its WHERE; it holds when there is an answer.
typedef struct stoa_rail_plans stoa_rail_plans;

/// NULL: no memory.
stoa_rail_plans *stoa_rail_plans_new(void);
void stoa_rail_plans_free(stoa_rail_plans *plans);
/// Plan the rules of a policy, `rails` being who they are known by; what is wrong with them goes to `faults`, all of it.
void stoa_rail_plans_add(stoa_rail_plans *plans, const stoa_rails *rails, const stoa_project *project,
                         stoa_faults *faults);

/// Who took an action away: taken[action], NULL for none.
typedef const stoa_rail *stoa_rails_taken[STOA_MOST_ACTIONS];

/// What is asked.
typedef struct {
  const stoa_example *example;
  const bool *excluded; ///< [action]: by the caller
  stoa_term subject;    ///< unbound: nobody, for whom no rule holds and who is in no segment
  stoa_slice channel;   ///< empty: none was said
  stoa_context *context;
} stoa_rails_request;

/// Ask the rules, then the options, then the kill switch.  A query is asked only when it may take away an action that is
/// left by all before it.
stoa_status stoa_rail_plans_ask(const stoa_rail_plans *plans, const stoa_rails *rails,
                                const stoa_rails_request *request, stoa_rails_taken taken, stoa_error *err);

#endif
