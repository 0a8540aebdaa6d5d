// rank, reward and event: what they keep is prepared here, and counts once the state writer's commit is on disk.
#include "server/operations.h"

static stoa_record *one_record(stoa_call *call)
{
  call->records = STOA_NEW(&call->arena, stoa_record);
  call->n_records = 1;
  return call->records;
}

stoa_status stoa_run_rank(stoa_call *call, stoa_error *err)
{
  stoa_decision decision;
  stoa_engine *const engine = call->shared->engine;
  STOA_TRY(
    stoa_rank_prepare(engine, call->request.name, call->request.body, &call->context, &call->arena, &decision, err));
  *one_record(call) = decision.record;
  return STOA_OK;
}

stoa_status stoa_run_reward(stoa_call *call, stoa_error *err)
{
  return stoa_reward_prepare(stoa_slice_of(call->request.name), call->request.value, call->request.id,
                             call->context.now_us, one_record(call), err);
}

stoa_status stoa_run_event(stoa_call *call, stoa_error *err)
{
  return stoa_event_prepare(call->shared->engine, call->request.name, call->request.body, call->context.now_us,
                            &call->arena, one_record(call), err);
}
