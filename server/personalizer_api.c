// Rank, reward and events: prepared here or on a worker, acknowledged when the state writer's commit is
// on disk.
#include "server/connection.h"

static void fail(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (peer->protocol == STOA_PROTOCOL_HTTP) {
    stoa_http_error(peer, &job->err);
  } else {
    stoa_resp_error(peer, &job->err);
  }
}

static void work_rank(stoa_job *job)
{
  stoa_decision decision;
  job->status = stoa_rank_prepare(job->engine, job->name, job->text, &job->context, &job->arena, &decision, &job->err);
  if (job->status == STOA_OK) {
    job->record = decision.record;
  }
}

static void finish_rank(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (job->status != STOA_OK) {
    fail(job);
  } else if (peer->protocol == STOA_PROTOCOL_HTTP) {
    stoa_http_reply(peer, 201, "application/json", job->record.answer);
  } else {
    stoa_resp_bulk(&peer->out, job->record.answer);
  }
}

void stoa_api_rank(stoa_peer *peer, const char *policy, stoa_slice json)
{
  stoa_job *const job = stoa_peer_job(peer, work_rank, finish_rank);
  job->name = stoa_arena_copy(&job->arena, stoa_slice_of(policy));
  job->text = stoa_arena_slice(&job->arena, json);
  job->commits = true;
  stoa_peer_start(peer, peer->server->keyed, job);
}

static void finish_reward(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (job->status != STOA_OK) {
    fail(job);
  } else if (peer->protocol == STOA_PROTOCOL_HTTP) {
    stoa_http_reply(peer, 204, NULL, (stoa_slice){"", 0});
  } else {
    stoa_buf_text(&peer->out, "+OK\r\n");
  }
}

// What is prepared on the loop goes to the writer, or is answered with its error.
static void start_record(stoa_peer *peer, stoa_job *job)
{
  if (job->status == STOA_OK) {
    stoa_peer_start(peer, NULL, job);
  } else {
    fail(job);
    stoa_job_free(job);
  }
}

void stoa_api_reward(stoa_peer *peer, stoa_slice event_id, double value, stoa_slice reward_id)
{
  stoa_job *const job = stoa_peer_job(peer, NULL, finish_reward);
  job->status =
    stoa_reward_prepare(stoa_arena_slice(&job->arena, event_id), value, stoa_arena_slice(&job->arena, reward_id),
                        job->context.now_us, &job->record, &job->err);
  start_record(peer, job);
}

static void finish_event(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (job->status != STOA_OK) {
    fail(job);
  } else if (peer->protocol == STOA_PROTOCOL_HTTP) {
    stoa_http_reply(peer, 204, NULL, (stoa_slice){"", 0});
  } else {
    stoa_resp_bulk(&peer->out, job->record.id);
  }
}

void stoa_api_event(stoa_peer *peer, const char *type, stoa_slice json)
{
  stoa_job *const job = stoa_peer_job(peer, NULL, finish_event);
  job->status = stoa_event_prepare(job->engine, type, json, job->context.now_us, &job->arena, &job->record, &job->err);
  start_record(peer, job);
}
