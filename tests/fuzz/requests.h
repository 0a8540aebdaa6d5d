#ifndef STOA_TESTS_FUZZ_REQUESTS_H
#define STOA_TESTS_FUZZ_REQUESTS_H

#include "server/dispatcher.h"
#include "server/server.h"
#include "tests/fuzz/project.h"

/// Calls in process: what a server does with a request, without a socket.
static stoa_dispatcher *fuzz_dispatcher;

static inline void fuzz_serve(void)
{
  static const stoa_log silent;
  static stoa_limits limits;
  stoa_error err = {0};
  fuzz_project();
  stoa_engine *const engine = fuzz_open(true);
  if (stoa_limits_read(engine, &limits, &err) != STOA_OK ||
      stoa_dispatcher_new(engine, &limits, &silent, false, &fuzz_dispatcher, &err) != STOA_OK) {
    abort();
  }
}

static inline stoa_call *fuzz_call(stoa_operation_id id)
{
  return stoa_call_new(stoa_dispatcher_shared(fuzz_dispatcher), &stoa_operations[id]);
}

#endif
