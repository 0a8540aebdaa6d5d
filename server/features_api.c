// Feature vectors over RESP: HMGET and HGETALL for one key, FEATURES.GET for many.
#include "server/connection.h"

static void compute(stoa_job *job)
{
  bool *wanted = NULL;
  if (job->n_fields) {
    wanted = STOA_NEWS(&job->arena, bool, job->service->features.n);
    for (uint32_t i = 0; i < job->n_fields; ++i) {
      wanted[stoa_service_find(job->service, job->fields[i])] = true;
    }
  }
  job->status = stoa_features_compute(job->service, job->keys, job->n_keys, wanted, &job->context, &job->arena,
                                      &job->values, &job->err);
  stoa_metrics_add(&job->metrics->vectors, job->n_keys);
}

static void write_value(stoa_buf *out, stoa_term t)
{
  if (!stoa_term_is_bound(t)) {
    stoa_buf_text(out, "$-1\r\n");
    return;
  }
  stoa_buf text = {0};
  if (t.kind == STOA_TERM_DOUBLE) {
    stoa_buf_number(&text, t.as.real);
  } else {
    stoa_term_write_lexical(t, &text);
  }
  stoa_resp_bulk(out, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
}

static void write_name(stoa_buf *out, const stoa_service *s, uint32_t i)
{
  stoa_resp_bulk(out, stoa_slice_of(s->features.items[i]->name));
}

static void write_rows(const stoa_job *job, stoa_buf *out)
{
  const stoa_service *const s = job->service;
  stoa_buf_print(out, "*%u\r\n*%u\r\n", job->n_keys + 1, s->features.n);
  for (uint32_t i = 0; i < s->features.n; ++i) {
    write_name(out, s, i);
  }
  for (uint32_t k = 0; k < job->n_keys; ++k) {
    stoa_buf_print(out, "*%u\r\n", s->features.n);
    for (uint32_t i = 0; i < s->features.n; ++i) {
      write_value(out, job->values[(size_t)k * s->features.n + i]);
    }
  }
}

static void finish(stoa_job *job)
{
  stoa_peer *const peer = job->connection;
  const stoa_service *const s = job->service;
  if (job->status != STOA_OK) {
    stoa_resp_error(peer, &job->err);
  } else if (job->is_get_all) {
    stoa_buf_print(&peer->out, "*%u\r\n", s->features.n * 2);
    for (uint32_t i = 0; i < s->features.n; ++i) {
      write_name(&peer->out, s, i);
      write_value(&peer->out, job->values[i]);
    }
  } else if (job->n_fields) {
    stoa_buf_print(&peer->out, "*%u\r\n", job->n_fields);
    for (uint32_t i = 0; i < job->n_fields; ++i) {
      write_value(&peer->out, job->values[stoa_service_find(s, job->fields[i])]);
    }
  } else {
    write_rows(job, &peer->out);
  }
}

static const stoa_slice *copy_slices(stoa_arena *arena, const stoa_slice *from, uint32_t n)
{
  stoa_slice *const copy = STOA_NEWS(arena, stoa_slice, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    copy[i] = stoa_arena_slice(arena, from[i]);
  }
  return copy;
}

void stoa_api_features(stoa_peer *peer, const char *service, const stoa_slice *keys, uint32_t n_keys,
                       const stoa_slice *fields, uint32_t n_fields, bool all)
{
  stoa_error err = {0};
  const stoa_service *found;
  uint32_t index;
  stoa_job *const job = stoa_peer_job(peer, compute, finish);
  stoa_status status = stoa_registry_need_service(job->layer->registry, service, &found, &err);
  for (uint32_t i = 0; status == STOA_OK && i < n_fields; ++i) {
    status = stoa_service_need(found, fields[i], &index, &err);
  }
  if (status != STOA_OK) {
    stoa_resp_error(peer, &err);
    stoa_job_free(job);
    return;
  }
  job->service = found;
  job->keys = copy_slices(&job->arena, keys, n_keys);
  job->n_keys = n_keys;
  job->fields = copy_slices(&job->arena, fields, n_fields);
  job->n_fields = n_fields;
  job->is_get_all = all;
  stoa_peer_start(peer, peer->server->keyed, job);
}
