#ifndef STOA_GRAPH_BASE_ASSERT_H
#define STOA_GRAPH_BASE_ASSERT_H

#include <stdio.h>
#include <stdlib.h>

/// What must hold at a room's border, whatever the input: a fault of ours, never of the caller's data.  It is checked
/// in every build, for a wrong answer costs a bank more than a process that is started again.
#define STOA_ASSERT(holds)                                                                                             \
  do {                                                                                                                 \
    if (!(holds)) {                                                                                                    \
      fprintf(stderr, "%s:%d: stoa does not hold what it must: %s\n", __FILE__, __LINE__, #holds);                     \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

#endif
