#include "server/operations.h"

const stoa_operation stoa_operations[STOA_N_OPERATIONS] = {
#define X(id, name, lane, usual, longest, role, commits, run, summary)                                                 \
  {name, summary, STOA_LANE_##lane, usual, longest, STOA_ROLE_##role, commits, run},
  STOA_OPERATION_TABLE(X)
#undef X
};

const char *stoa_limit_text(stoa_fixed_limit limit)
{
  static const char *const texts[] = {
#define X(name, value, told) told,
    STOA_FIXED_LIMITS(X)
#undef X
  };
  return texts[limit];
}
