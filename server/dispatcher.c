#include "server/dispatcher.h"
#include "graph/base/assert.h"
#include "server/health.h"
#include "server/hub.h"
#include "server/metrics.h"
#include "server/state_writer.h"
#include <stdio.h>
#include <stdlib.h>

// A source holds up at most KEYED_SHARE keyed calls (stoa_context.share): when these are all the workers that there
// are, the spare one serves those who do not need it.
enum { KEYED_WORKERS = 2, KEYED_SHARE = 2, QUERY_WORKERS = 2, MANAGE_WORKERS = 1 };

struct stoa_dispatcher {
  stoa_shared shared;
  stoa_limits limits;
  int64_t started_us; ///< makes ids of requests differ from those of other processes
  stoa_metrics metrics;
  stoa_lane *lanes[STOA_N_LANES];
  stoa_writer *writer;
};

static void log_call(const stoa_dispatcher *d, const stoa_call *call)
{
  if (!d->shared.log->requests) {
    return;
  }
  const stoa_reply *const reply = &call->reply;
  const bool failed = stoa_status_http(reply->status) >= 500;
  stoa_log_line line = stoa_log_begin(d->shared.log, failed ? STOA_LOG_WARNING : STOA_LOG_INFO, "request", NULL);
  char id[40];
  snprintf(id, sizeof id, "%llx-%llx", (unsigned long long)d->started_us, (unsigned long long)call->id);
  stoa_log_text(&line, "id", id);
  stoa_log_text(&line, "protocol", call->protocol);
  stoa_log_text(&line, "route", call->route);
  stoa_log_text(&line, "operation", call->operation->name);
  if (call->request.name[0] && call->operation->lane != STOA_LANE_NONE) { // never an event's id
    stoa_log_text(&line, "name", call->request.name);
  }
  stoa_log_text(&line, "status", stoa_status_text(reply->status));
  stoa_log_ms(&line, "ms", stoa_clock_steady_ns() - call->began_ns);
  const uint64_t n_rows = reply->kind == STOA_REPLY_VALUES ? reply->n_rows : reply->rows;
  stoa_log_integer(&line, "rows", (int64_t)(call->request.n_events ? call->request.n_events : n_rows));
  if (call->request.trace[0]) {
    stoa_log_text(&line, "trace", call->request.trace);
  }
  if (stoa_call_is_left(call)) {
    stoa_log_text(&line, "client", "gone");
  }
  stoa_log_end(&line);
}

static void note_end(stoa_call *call)
{
  stoa_metrics_call(&call->dispatcher->metrics, call);
  log_call(call->dispatcher, call);
}

static void end(stoa_call *call)
{
  note_end(call);
  call->tell(call, true);
}

// Whoever asks is told where the protocol has room for it; the log tells of them once a minute at most.
static void tell_misfits(stoa_call *call)
{
  enum { PAUSE_S = 60 };
  stoa_metrics *const m = &call->dispatcher->metrics;
  char text[512];
  if (!call->context.n_misfits) {
    return;
  }
  stoa_misfits_print(&call->context, text, sizeof text);
  stoa_metrics_add(&m->misfits, call->context.n_misfits);
  stoa_buf_print(&call->reply.warnings, "%s\n", text);
  const long long now_ns = stoa_clock_steady_ns();
  long long told_ns = atomic_load(&m->misfits_told_ns);
  if ((told_ns == 0 || now_ns - told_ns > PAUSE_S * 1000000000LL) &&
      atomic_compare_exchange_strong(&m->misfits_told_ns, &told_ns, now_ns)) {
    stoa_log_say(call->dispatcher->shared.log, STOA_LOG_WARNING, "features", text);
  }
}

// What began too late, or for nobody, does not begin.
static void run_operation(stoa_call *call)
{
  stoa_reply *const reply = &call->reply;
  if (reply->status == STOA_OK) {
    reply->status = stoa_context_check(&call->context, &reply->err);
  }
  if (reply->status == STOA_OK) {
    reply->status = call->operation->run(call, &reply->err);
    tell_misfits(call);
  }
  if (reply->status == STOA_OK) {
    reply->status = stoa_arena_status(&call->arena);
    if (reply->status != STOA_OK) {
      stoa_error_set(&reply->err, STOA_TOO_LARGE, "%s", stoa_limit_text(STOA_LIMIT_REQUEST_MEMORY));
      reply->status = STOA_TOO_LARGE;
    }
  }
}

static bool commits(const stoa_call *call)
{
  return call->reply.status == STOA_OK && call->operation->commits && call->n_records > 0;
}

// True when the writer has it and will end it.
static bool hand_to_writer(stoa_call *call)
{
  if (!commits(call)) {
    return false;
  }
  if (stoa_writer_add(call->dispatcher->writer, call)) {
    return true;
  }
  stoa_call_refuse(call, STOA_UNAVAILABLE, "%s", stoa_limit_text(STOA_LIMIT_WRITER_QUEUE));
  return false;
}

// True when the hub has it and will end it.
static bool hand_to_hub(stoa_call *call)
{
  stoa_error err = {0};
  if (call->reply.status != STOA_OK || !call->subscription) {
    return false;
  }
  const stoa_status status = stoa_hub_add(call->dispatcher->shared.hub, call, &err);
  if (status != STOA_OK) {
    stoa_call_refuse(call, status, "%s", err.text);
  }
  return status == STOA_OK;
}

static void work(stoa_call *call)
{
  run_operation(call);
  if (!hand_to_writer(call)) {
    end(call);
  }
}

// False when the caller may not; then it has been refused.
static bool prepare(stoa_call *call, stoa_role caller)
{
  const stoa_operation *const operation = call->operation;
  if (operation->role > caller) {
    stoa_call_refuse(call, STOA_DENIED, "%s needs the server's key", operation->name);
  }
  const int64_t asked = call->request.timeout_ms;
  const int64_t ms = asked == 0                      ? operation->deadline_ms
                     : asked < operation->longest_ms ? asked
                                                     : operation->longest_ms;
  call->context.deadline_ns = ms ? call->began_ns + ms * 1000000 : 0;
  call->context.share = operation->lane == STOA_LANE_KEYED ? KEYED_SHARE : 0;
  return call->reply.status == STOA_OK;
}

// What is keyed and commits nothing is often there already: then it is answered where it came in, and costs no turn of
// another thread.  Requests for many keys would hold up the others of the loop.
static bool answered_at_once(stoa_call *call)
{
  enum { FEW_KEYS = 16, SHORT_BODY = 2048 };
  const stoa_operation *const operation = call->operation;
  if (operation->lane != STOA_LANE_KEYED || operation->commits || call->request.n_keys > FEW_KEYS ||
      call->request.body.length > SHORT_BODY) {
    return false;
  }
  STOA_ASSERT(!call->reply.warnings.data && !call->stream.data);
  const stoa_reply before = call->reply;
  call->context.at_once = true;
  run_operation(call);
  call->context.at_once = false;
  if (call->reply.status == STOA_OK) {
    return true;
  }
  call->reply = before;
  call->stream.length = 0;
  call->context.n_misfits = 0;
  return false;
}

bool stoa_dispatcher_start(stoa_dispatcher *d, stoa_call *call, stoa_role caller)
{
  static const stoa_fixed_limit queues[] = {STOA_LIMIT_KEYED_QUEUE, STOA_LIMIT_KEYED_QUEUE, STOA_LIMIT_QUERY_QUEUE,
                                            STOA_LIMIT_MANAGE_QUEUE};
  STOA_ASSERT(call->tell || call->operation->lane == STOA_LANE_NONE);
  const stoa_lane_id lane = call->operation->lane;
  call->dispatcher = d;
  if (!prepare(call, caller)) {
    note_end(call);
    return true;
  }
  if (answered_at_once(call)) {
    note_end(call);
    return true;
  }
  if (lane != STOA_LANE_NONE && d->lanes[lane]) {
    if (stoa_lane_add(d->lanes[lane], call)) {
      return false;
    }
    stoa_call_refuse(call, STOA_UNAVAILABLE, "%s", stoa_limit_text(queues[lane]));
    note_end(call);
    return true;
  }
  run_operation(call);
  if (hand_to_hub(call) || (d->writer && hand_to_writer(call))) {
    return false;
  }
  if (!d->writer && commits(call)) {
    stoa_writer_commit(d->shared.engine, &d->metrics, NULL, &call, 1);
  }
  note_end(call);
  return true;
}

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t ended;
  bool has_ended;
} waiting;

static void wake(stoa_call *call, bool is_final)
{
  waiting *const w = call->teller;
  if (is_final) {
    pthread_mutex_lock(&w->lock);
    w->has_ended = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
  }
}

void stoa_dispatcher_run(stoa_dispatcher *d, stoa_call *call, stoa_role caller)
{
  waiting w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
  call->tell = wake;
  call->teller = &w;
  call->streams = false;
  if (!stoa_dispatcher_start(d, call, caller)) {
    pthread_mutex_lock(&w.lock);
    while (!w.has_ended) {
      pthread_cond_wait(&w.ended, &w.lock);
    }
    pthread_mutex_unlock(&w.lock);
  }
  pthread_mutex_destroy(&w.lock);
  pthread_cond_destroy(&w.ended);
}

static stoa_status start_threads(stoa_dispatcher *d, stoa_error *err)
{
  STOA_TRY(stoa_lane_new(KEYED_WORKERS, true, STOA_MOST_KEYED_QUEUE, work, &d->lanes[STOA_LANE_KEYED], err));
  STOA_TRY(stoa_lane_new(QUERY_WORKERS, false, STOA_MOST_QUERY_QUEUE, work, &d->lanes[STOA_LANE_QUERIES], err));
  STOA_TRY(stoa_lane_new(MANAGE_WORKERS, false, STOA_MOST_MANAGE_QUEUE, work, &d->lanes[STOA_LANE_MANAGE], err));
  STOA_TRY(stoa_hub_new(&d->shared, end, &d->shared.hub, err));
  STOA_TRY(stoa_health_new(d->shared.engine, d->lanes, d->shared.log, &d->shared.health, err));
  return stoa_writer_new(d->shared.engine, &d->metrics, d->shared.health, end, &d->writer, err);
}

stoa_status stoa_dispatcher_new(stoa_engine *engine, const stoa_limits *limits, const stoa_log *log, bool with_threads,
                                stoa_dispatcher **out, stoa_error *err)
{
  stoa_dispatcher *const d = calloc(1, sizeof *d);
  if (!d) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the dispatcher");
  }
  d->limits = *limits;
  d->shared = (stoa_shared){engine, stoa_operations, &d->metrics, &d->limits, log, NULL, NULL};
  d->started_us = stoa_engine_now(engine);
  const stoa_status status = with_threads ? start_threads(d, err) : STOA_OK;
  if (status != STOA_OK) {
    stoa_dispatcher_free(d);
    return status;
  }
  *out = d;
  return STOA_OK;
}

void stoa_dispatcher_stop(stoa_dispatcher *d)
{
  if (d->shared.hub) {
    stoa_hub_stop(d->shared.hub);
  }
  stoa_health_stop(d->shared.health);
  for (int i = 0; i < STOA_N_LANES; ++i) {
    stoa_lane_free(d->lanes[i]);
    d->lanes[i] = NULL;
  }
  stoa_writer_free(d->writer);
  stoa_health_free(d->shared.health);
  d->writer = NULL;
  d->shared.health = NULL;
}

void stoa_dispatcher_free(stoa_dispatcher *d)
{
  if (d) {
    stoa_dispatcher_stop(d);
    stoa_hub_free(d->shared.hub);
    free(d);
  }
}

const stoa_shared *stoa_dispatcher_shared(const stoa_dispatcher *d)
{
  return &d->shared;
}
