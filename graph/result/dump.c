#include "graph/result/dump.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"

enum { FLUSH_BYTES = 65536, PLACES = 4 };

typedef struct {
  const stoa_plan *plan;
  stoa_sink sink;
  stoa_buf lines;
  uint64_t n_quads;
} dump;

static stoa_status flush(dump *d, stoa_error *err)
{
  const bool good = d->lines.length == 0 || d->sink.write(d->sink.data, d->lines.data, d->lines.length);
  d->lines.length = 0;
  return good ? STOA_OK : stoa_error_set(err, STOA_IO, "the quads could not be written");
}

static stoa_status take(const stoa_batch *batch, void *data, stoa_error *err)
{
  dump *const d = data;
  const stoa_query *const q = d->plan->query;
  int columns[PLACES];
  for (uint32_t i = 0; i < q->n_columns; ++i) {
    columns[i] = stoa_plan_column(d->plan->root, q->columns[i]);
  }
  for (uint32_t row = 0; row < batch->n_rows; ++row) {
    for (uint32_t i = 0; i < q->n_columns; ++i) {
      const stoa_term t = columns[i] < 0 ? (stoa_term){0} : batch->columns[columns[i]][row];
      if (stoa_term_is_bound(t)) { // the graph's place is empty in the default graph
        stoa_term_write(t, &d->lines);
        stoa_buf_byte(&d->lines, ' ');
      }
    }
    stoa_buf_text(&d->lines, ".\n");
    d->n_quads++;
  }
  return d->lines.length > FLUSH_BYTES ? flush(d, err) : STOA_OK;
}

stoa_status stoa_dump(const stoa_rewriter *rewriter, stoa_context *context, bool named, stoa_sink sink,
                      uint64_t *n_quads, stoa_error *err)
{
  static const char *const texts[] = {"SELECT ?s ?p ?o { ?s ?p ?o }", "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"};
  dump d = {.sink = sink};
  stoa_status status = STOA_OK;
  for (int i = 0; i <= named && status == STOA_OK; ++i) {
    stoa_arena arena;
    const stoa_query *query;
    stoa_arena_init(&arena, 0);
    status = stoa_query_read(stoa_slice_of(texts[i]), "dump", NULL, &arena, &query, err);
    status = status == STOA_OK ? stoa_plan_make(query, rewriter, context, &arena, &d.plan, err) : status;
    status = status == STOA_OK ? stoa_answer_each(d.plan, context, NULL, 0, take, &d, err) : status;
    status = status == STOA_OK ? flush(&d, err) : status;
    stoa_arena_done(&arena);
  }
  stoa_buf_done(&d.lines);
  if (n_quads) {
    *n_quads = d.n_quads;
  }
  return status;
}
