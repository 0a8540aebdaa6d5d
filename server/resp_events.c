// EVENTs that a pipeline has one after another are one call: they go to the state writer together, and each has its own
// reply, in order, once they are on disk.
#include "server/quick.h"

enum { MOST_GATHERED = 512 };

bool stoa_resp_joins(const stoa_peer *peer, const stoa_resp_command *c)
{
  const stoa_resp *const r = peer->state;
  return c->n == 3 && r->events.n < MOST_GATHERED && stoa_resp_is(c->args[0], "EVENT");
}

void stoa_resp_event(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  if (!r->gathered) {
    stoa_quick_end(peer);
    r->gathered = stoa_peer_call(peer, STOA_OPERATION_EVENT);
    r->gathered->route = r->row->name;
    r->events.items = NULL; // of the call before
    r->events.n = r->events.capacity = 0;
  }
  const stoa_event_text event = {stoa_call_copy(r->gathered, c->args[1]), stoa_call_copy(r->gathered, c->args[2])};
  STOA_PUSH(&r->gathered->arena, &r->events, event);
}

void stoa_resp_start_gathered(stoa_peer *peer)
{
  stoa_resp *const r = peer->state;
  stoa_call *const call = r->gathered;
  if (call) {
    r->gathered = NULL;
    r->shape = STOA_SHAPE_TEXT;
    call->request.events = r->events.items;
    call->request.n_events = r->events.n;
    stoa_peer_start(peer, call);
  }
}

void stoa_resp_write_each(stoa_peer *peer, const stoa_call *call)
{
  const stoa_reply *const reply = &call->reply;
  for (uint32_t i = 0; i < call->request.n_events; ++i) {
    const stoa_event_answer *const answer = reply->status == STOA_OK ? &reply->each[i] : NULL;
    const stoa_error *const err = !answer ? &reply->err : answer->err;
    if (err) {
      stoa_resp_failure(&peer->out, err);
      stoa_metrics_add(&stoa_peer_metrics(peer)->errors, answer || i ? 1 : 0); // the peer has counted the call's
    } else {
      stoa_resp_bulk(&peer->out, answer->text);
    }
  }
}
