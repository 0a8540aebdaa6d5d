#include "graph/base/context.h"
#include "graph/base/clock.h"

void stoa_context_init(stoa_context *context, int64_t now_us)
{
  *context = (stoa_context){.who = "",
                            .role = "",
                            .purpose = "",
                            .now_us = now_us,
                            .memory_bytes = UINT64_C(1) << 30,
                            .service_timeout_ms = 30000};
}

void stoa_context_cancel(stoa_context *context)
{
  atomic_store_explicit(&context->cancelled, true, memory_order_relaxed);
}

bool stoa_context_is_cancelled(const stoa_context *context)
{
  return atomic_load_explicit(&context->cancelled, memory_order_relaxed);
}

stoa_status stoa_context_check(const stoa_context *context, stoa_error *err)
{
  if (stoa_context_is_cancelled(context)) {
    return stoa_error_set(err, STOA_CONFLICT, "the request was cancelled");
  }
  if (context->deadline_ns && stoa_clock_coarse_ns() > context->deadline_ns) {
    return stoa_error_set(err, STOA_TIMEOUT, "the deadline of the query passed; raise it with timeout=");
  }
  return STOA_OK;
}
