// Transactions: a pipeline whose replies come in one array.
#include "server/resp.h"

void stoa_resp_queue(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  if (r->n_queued == STOA_MOST_QUEUED || r->queued.length > STOA_MOST_FRAME) {
    r->is_spoiled = true;
    stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
    stoa_resp_error(&peer->out, "ERR", "%s", stoa_limit_text(STOA_LIMIT_QUEUED));
    return;
  }
  stoa_resp_array(&r->queued, c->n);
  for (uint32_t i = 0; i < c->n; ++i) {
    stoa_resp_bulk(&r->queued, c->args[i]);
  }
  r->n_queued++;
  stoa_buf_text(&peer->out, "+QUEUED\r\n");
}

static void forget_queue(stoa_resp *r)
{
  stoa_buf_done(&r->queued);
  r->queues = r->is_spoiled = false;
  r->n_queued = 0;
}

void stoa_resp_multi(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  (void)c;
  if (r->queues) {
    stoa_resp_error(&peer->out, "ERR", "MULTI within MULTI");
    return;
  }
  r->queues = true;
  stoa_buf_text(&peer->out, "+OK\r\n");
}

void stoa_resp_discard(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  (void)c;
  r->queues ? stoa_buf_text(&peer->out, "+OK\r\n") : stoa_resp_error(&peer->out, "ERR", "DISCARD without MULTI");
  forget_queue(r);
}

void stoa_resp_exec(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  (void)c;
  if (!r->queues) {
    stoa_resp_error(&peer->out, "ERR", "EXEC without MULTI");
  } else if (r->is_spoiled) {
    stoa_resp_error(&peer->out, "EXECABORT", "transaction discarded because of previous errors");
  } else {
    stoa_resp_array(&peer->out, r->n_queued);
    stoa_buf_done(&r->replay);
    r->replay = r->queued;
    r->replay_at = 0;
    r->queued = (stoa_buf){0};
  }
  forget_queue(r);
}
