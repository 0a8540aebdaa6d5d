#include "server/operations.h"

const stoa_operation stoa_operations[STOA_N_OPERATIONS] = {
#define X(id, name, lane, usual, longest, role, commits, run, summary)                                                 \
  {name, summary, STOA_LANE_##lane, usual, longest, STOA_ROLE_##role, commits, run},
  STOA_OPERATION_TABLE(X)
#undef X
};
