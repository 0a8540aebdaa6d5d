#ifndef STOA_TESTS_SUPPORT_FIXTURE_H
#define STOA_TESTS_SUPPORT_FIXTURE_H

#include "graph/base/arena.h"

/// What most units need: one arena that lives as long as the group of tests.
static stoa_arena arena;

static int setup(void **state)
{
  (void)state;
  stoa_arena_init(&arena, 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  stoa_arena_done(&arena);
  return 0;
}

#endif
