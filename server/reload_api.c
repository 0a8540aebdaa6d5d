// Hot reload, by POST /reload and by SIGHUP: a project that has any fault leaves the old layer where it is.
#include "server/connection.h"
#include <stdio.h>
#include <stdlib.h>

static void write_fault(stoa_buf *out, const stoa_error *fault, bool first)
{
  char text[1024];
  stoa_buf_text(out, first ? "" : ",");
  stoa_buf_json(out, stoa_slice_of(stoa_error_print(fault, text, sizeof text)));
}

// On a worker: reading a project asks its sources.
static void work(stoa_job *job)
{
  stoa_faults faults = {0};
  const int64_t start = stoa_clock_steady_ns();
  job->status = stoa_engine_reload(job->engine, &faults, &job->err);
  const long long ms = (stoa_clock_steady_ns() - start) / 1000000;
  stoa_buf_print(&job->stream, "{\"reloaded\":%s,\"ms\":%lld,\"faults\":[", job->status == STOA_OK ? "true" : "false",
                 ms);
  for (size_t i = 0; i < faults.n_items; ++i) {
    write_fault(&job->stream, &faults.items[i], i == 0);
  }
  if (job->status != STOA_OK && faults.n_items == 0) {
    write_fault(&job->stream, &job->err, true);
  }
  stoa_buf_text(&job->stream, "]}\n");
  stoa_faults_done(&faults);
}

static void finish(stoa_job *job)
{
  stoa_http_reply(job->connection, job->status == STOA_OK ? 200 : stoa_status_http(job->status), "application/json",
                  (stoa_slice){job->stream.data, job->stream.length});
}

void stoa_api_reload(stoa_peer *peer)
{
  stoa_peer_start(peer, peer->server->queries, stoa_peer_job(peer, work, finish));
}

static void *reload(void *data)
{
  stoa_server *const server = data;
  char text[1024];
  stoa_faults faults = {0};
  stoa_error err = {0};
  const stoa_status status = stoa_engine_reload(server->engine, &faults, &err);
  for (size_t i = 0; i < faults.n_items; ++i) {
    fprintf(stderr, "reload: %s\n", stoa_error_print(&faults.items[i], text, sizeof text));
  }
  fprintf(stderr, "reload: %s\n", status == STOA_OK ? "done" : stoa_error_print(&err, text, sizeof text));
  stoa_faults_done(&faults);
  atomic_store(&server->reloading, false);
  return NULL;
}

void stoa_server_reload(stoa_server *server)
{
  bool idle = false;
  if (!atomic_compare_exchange_strong(&server->reloading, &idle, true)) {
    return; // it reads what there is now, or is asked again
  }
  if (server->reload_started) {
    pthread_join(server->reload_thread, NULL);
  }
  server->reload_started = pthread_create(&server->reload_thread, NULL, reload, server) == 0;
  if (!server->reload_started) {
    atomic_store(&server->reloading, false);
  }
}
