// rank, reward, event and erase: what they change is prepared here, and counts once the state writer's commit is on
// disk.
#include "server/operations.h"
#include "server/sampling.h"

static stoa_record *one_record(stoa_call *call)
{
  call->records = STOA_NEW(&call->arena, stoa_record);
  call->n_records = 1;
  return call->records;
}

stoa_status stoa_run_rank(stoa_call *call, stoa_error *err)
{
  static const bool is_there = true; // or is decided for as if it were
  stoa_decision decision = {0};
  stoa_engine *const engine = call->shared->engine;
  const stoa_sampling sampling = stoa_sampling_begin(engine);
  STOA_TRY(
    stoa_rank_prepare(engine, call->request.name, call->request.body, &call->context, &call->arena, &decision, err));
  if (decision.service && stoa_sampling_holds(&sampling, engine)) {
    stoa_sampling_rows(&sampling, &call->context, decision.service, decision.key, 1, decision.features, &is_there, NULL);
  }
  *one_record(call) = decision.record;
  return STOA_OK;
}

stoa_status stoa_run_reward(stoa_call *call, stoa_error *err)
{
  stoa_record *const record = one_record(call);
  STOA_TRY(stoa_reward_prepare(stoa_slice_of(call->request.name), call->request.value, call->request.id,
                               call->context.now_us, record, err));
  record->policy = call->request.policy;
  return STOA_OK;
}

// One that is refused is none of the others' concern.
static const stoa_error *read_event(stoa_call *call, const stoa_event_text *text, stoa_record *out)
{
  stoa_error fault = {0};
  stoa_status status = stoa_name_check("TYPE", text->type, &fault);
  if (status == STOA_OK) {
    status = stoa_event_prepare(call->shared->engine, text->type.data, text->body, call->context.now_us, &call->arena, out,
                                &fault);
  }
  if (status == STOA_OK) {
    return NULL;
  }
  stoa_error *const err = STOA_NEW(&call->arena, stoa_error);
  *err = fault;
  return err;
}

static void run_events(stoa_call *call)
{
  const stoa_request *const r = &call->request;
  stoa_event_answer *const each = STOA_NEWS(&call->arena, stoa_event_answer, r->n_events);
  call->records = STOA_NEWS(&call->arena, stoa_record, r->n_events);
  for (uint32_t i = 0; i < r->n_events; ++i) {
    stoa_record *const record = &call->records[call->n_records];
    each[i].err = read_event(call, &r->events[i], record);
    if (!each[i].err) {
      each[i].text = record->id;
      call->n_records++;
    }
  }
  call->reply.kind = STOA_REPLY_EACH;
  call->reply.each = each;
}

stoa_status stoa_run_event(stoa_call *call, stoa_error *err)
{
  if (call->request.n_events) {
    run_events(call);
    return STOA_OK;
  }
  return stoa_event_prepare(call->shared->engine, call->request.name, call->request.body, call->context.now_us,
                            &call->arena, one_record(call), err);
}

// A line a key.
static void tell_receipts(stoa_call *call)
{
  stoa_buf text = {0};
  for (uint32_t i = 0; i < call->n_records; ++i) {
    stoa_buf_text(&text, i ? "\n" : "");
    stoa_receipt_write(call->receipts[i], stoa_engine_state_file(call->shared->engine), &text);
  }
  call->reply.kind = STOA_REPLY_TEXT;
  call->reply.media_type = call->n_records > 1 ? "application/x-ndjson" : "application/json";
  call->reply.text = stoa_call_copy(call, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
}

stoa_status stoa_run_erase(stoa_call *call, stoa_error *err)
{
  const stoa_request *const r = &call->request;
  stoa_receipt **const receipts = STOA_NEWS(&call->arena, stoa_receipt *, r->n_keys + 1);
  call->records = STOA_NEWS(&call->arena, stoa_record, r->n_keys + 1);
  for (uint32_t i = 0; i < r->n_keys; ++i) {
    STOA_TRY(stoa_erase_prepare(call->shared->engine, r->name[0] ? r->name : NULL, r->keys[i], &call->context,
                                &call->arena, &receipts[i], &call->records[i], err));
  }
  call->n_records = r->n_keys;
  call->receipts = receipts;
  call->committed = tell_receipts;
  return STOA_OK;
}
