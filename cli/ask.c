// Another process may have the state: then the question goes there.
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/forward.h"
#include "graph/base/clock.h"
#include "server/server.h"
#include <stdio.h>
#include <unistd.h>

static int take_reply(const stoa_reply *reply, stoa_buf *out)
{
  if (reply->status != STOA_OK) {
    return stoa_cli_fail(&reply->err);
  }
  stoa_buf_slice(out, reply->kind == STOA_REPLY_DONE ? stoa_slice_of("OK") : reply->text);
  stoa_buf_byte(out, '\n');
  return 0;
}

static int run_here(stoa_engine *engine, const stoa_cli_asked *a, stoa_buf *out)
{
  static const stoa_log silent = {0};
  stoa_limits limits;
  stoa_error err = {0};
  stoa_dispatcher *dispatcher;
  if (stoa_limits_read(engine, &limits, &err) != STOA_OK ||
      stoa_dispatcher_new(engine, &limits, &silent, false, &dispatcher, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(dispatcher), &stoa_operations[a->operation]);
  stoa_call_name(call, a->what, stoa_slice_of(a->name));
  stoa_call_keys(call, a->keys, a->n_keys, NULL, 0);
  call->request.body = a->argument;
  call->request.value = a->value;
  stoa_dispatcher_run(dispatcher, call, STOA_ROLE_CALLER);
  const int code = take_reply(&call->reply, out);
  stoa_call_free(call);
  stoa_dispatcher_free(dispatcher);
  return code;
}

// Another process has the state: a server, which is asked, or one like this one, whose end is waited for.
static stoa_status open_or_forward(const char *dir, const stoa_cli_asked *a, stoa_faults *faults, stoa_engine **engine,
                                   stoa_buf *out, int *code, stoa_error *err)
{
  enum { WAIT_MS = 10000, PAUSE_MS = 50 };
  stoa_slice command[STOA_MOST_ARGUMENTS + 3] = {stoa_slice_of(a->command), stoa_slice_of(a->name), a->argument};
  uint32_t n = a->argument.length ? 3 : 2;
  for (uint32_t i = 0; i < a->n_keys && i < STOA_MOST_ARGUMENTS; ++i) {
    command[n++] = a->keys[i];
  }
  const int64_t last_ns = stoa_clock_steady_ns() + INT64_C(1000000) * WAIT_MS;
  *engine = NULL;
  for (;;) {
    stoa_error taken = {0}, unheard = {0};
    const stoa_status opened = stoa_engine_open(dir, STOA_ENGINE_OWN, faults, engine, &taken);
    if (opened != STOA_CONFLICT) {
      *err = taken;
      return opened;
    }
    const stoa_status status = stoa_forward(dir, command, n, a->silent_seconds, out, code, &unheard);
    if (status != STOA_UNAVAILABLE || stoa_clock_steady_ns() > last_ns) {
      *err = unheard;
      return status;
    }
    usleep(PAUSE_MS * 1000);
  }
}

int stoa_cli_ask(const char *dir, const stoa_cli_asked *a, stoa_buf *out)
{
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  int code = 0;
  if (open_or_forward(dir, a, &faults, &engine, out, &code, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  } else if (engine) {
    code = stoa_cli_faults(&faults);
    code = code ? code : run_here(engine, a, out);
    stoa_engine_close(engine);
  }
  stoa_faults_done(&faults);
  return code;
}
