// SPARQL 1.1 Protocol: the answer is streamed; one that fails half-way ends without its last chunk, so
// that a cut result never passes for a whole one.
#include "server/connection.h"

enum { DEADLINE_MS = 30000, LONGEST_MS = 600000, MOST_HEADS = 2000 };

// A header field of its own for each warning (RFC 9110 has none for it): visible ASCII, no more than a few.
static void warn(const char *text, void *data)
{
  stoa_job *const job = data;
  if (job->heads.length + strlen(text) > MOST_HEADS) {
    return;
  }
  stoa_buf_text(&job->heads, "Stoa-Warning: ");
  for (const char *at = text; *at; ++at) {
    stoa_buf_byte(&job->heads, *at >= ' ' && *at <= '~' ? *at : '?');
  }
  stoa_buf_text(&job->heads, "\r\n");
}

static void work(stoa_job *job)
{
  const stoa_question question = {job->text, "query", job->layer->project->base};
  stoa_metrics_add(&job->metrics->queries, 1);
  job->context.warn = warn;
  job->context.warn_data = job;
  job->status = stoa_answer(&question, &job->layer->project->mapping.rewriter, &job->context, job->format,
                            (stoa_sink){stoa_job_stream, job}, NULL, &job->err);
  stoa_metrics_most(&job->metrics->query_peak_bytes, job->context.peak_bytes);
}

static void finish(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  if (job->status != STOA_OK) {
    if (job->head_sent) {
      peer->close_after = true; // no last chunk
    } else {
      stoa_http_error(peer, &job->err);
    }
    return;
  }
  if (!job->head_sent) {
    stoa_http_reply_with(peer, 200, stoa_format_media_type(job->format),
                         (stoa_slice){job->heads.data, job->heads.length},
                         (stoa_slice){job->stream.data, job->stream.length});
    return;
  }
  stoa_http_stream(job);
  if (job->stream.length) { // above the mark of unsent bytes: it goes out all the same, it is the rest
    stoa_buf_print(&peer->out, "%zx\r\n", job->stream.length);
    stoa_buf_add(&peer->out, job->stream.data, job->stream.length);
    stoa_buf_text(&peer->out, "\r\n");
  }
  stoa_buf_text(&peer->out, "0\r\n\r\n");
}

static const stoa_slice *copied(const stoa_slice *iris, uint32_t n, stoa_arena *arena)
{
  stoa_slice *const own = STOA_NEWS(arena, stoa_slice, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    own[i] = stoa_arena_slice(arena, iris[i]);
  }
  return own;
}

static const stoa_dataset *own_dataset(const stoa_dataset *dataset, stoa_arena *arena)
{
  if (dataset->n_graphs + dataset->n_named == 0) {
    return NULL;
  }
  stoa_dataset *const own = STOA_NEW(arena, stoa_dataset);
  *own = *dataset;
  own->graphs = copied(dataset->graphs, dataset->n_graphs, arena);
  own->named = copied(dataset->named, dataset->n_named, arena);
  return own;
}

void stoa_api_sparql(stoa_peer *peer, stoa_slice text, const stoa_dataset *dataset, stoa_format format,
                     int64_t timeout_ms)
{
  stoa_job *const job = stoa_peer_job(peer, work, finish);
  const int64_t ms = timeout_ms > LONGEST_MS ? LONGEST_MS : timeout_ms > 0 ? timeout_ms : DEADLINE_MS;
  job->text = stoa_arena_slice(&job->arena, text);
  job->context.dataset = own_dataset(dataset, &job->arena);
  job->format = format;
  job->streams = !peer->head_only;
  job->context.deadline_ns = stoa_clock_steady_ns() + ms * 1000000;
  stoa_peer_start(peer, peer->server->queries, job);
}
