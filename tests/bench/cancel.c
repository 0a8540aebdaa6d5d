// How fast a query ends when it is cancelled: heavy queries over RDF files, each cancelled from another thread at ten
// moments of its run; milliseconds from the call to the end of the query, the median and the worst.
#include "graph/base/clock.h"
#include "graph/plan/planning.h"
#include "graph/result/answer.h"
#include "graph/sparql/parser.h"
#include "ontology/project.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_MOMENTS = 10, FIRST_MS = 20, STEP_MS = 60 };

static const char *const queries[][2] = {
  {"cross product", "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d }"},
  {"hash join", "SELECT (COUNT(*) AS ?n) { { SELECT ?o { ?s ?p ?o } } { SELECT ?o { ?t ?q ?o } } }"},
  {"sort", "SELECT ?s { ?s ?p ?o } ORDER BY STR(?o) ?p ?s"},
  {"group", "SELECT ?o (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o } GROUP BY ?o"},
  {"distinct", "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?o { ?s ?p ?o } }"},
  {"closure", "SELECT (COUNT(*) AS ?n) { ?a (!<http://none/>)* ?b }"},
  {"regex", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?t ?q ?r FILTER(REGEX(STR(?o), \"(a|b|c)*d.*e.*f$\")) }"},
  {"exists by row", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER(?p = ?o || EXISTS { ?o ?q ?x FILTER(?x != ?s) }) }"},
  {"minus", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o MINUS { ?o ?q ?s } }"}};

typedef struct {
  stoa_context *context;
  int ms;
  int64_t called_ns;
} canceller;

static void *cancel(void *data)
{
  canceller *const c = data;
  const struct timespec wait = {c->ms / 1000, (long)(c->ms % 1000) * 1000000};
  nanosleep(&wait, NULL);
  c->called_ns = stoa_clock_steady_ns();
  stoa_context_cancel(c->context);
  return NULL;
}

static stoa_status take(const stoa_batch *batch, void *data, stoa_error *err)
{
  (void)batch, (void)data, (void)err;
  return STOA_OK;
}

// Milliseconds from the cancellation to the end; below 0: the query was done before, or failed otherwise.
static double run(const char *text, const stoa_rewriter *rewriter, int ms)
{
  stoa_arena arena;
  stoa_context context;
  stoa_error err = {0};
  const stoa_query *q;
  const stoa_plan *plan;
  pthread_t thread;
  canceller c = {.context = &context, .ms = ms};
  stoa_arena_init(&arena, 0);
  stoa_context_init(&context, 0);
  context.memory_bytes = UINT64_C(6) << 30;
  stoa_status status = stoa_query_read(stoa_slice_of(text), "bench", NULL, &arena, &q, &err);
  status = status == STOA_OK ? stoa_plan_make(q, rewriter, &context, &arena, &plan, &err) : status;
  if (status != STOA_OK || pthread_create(&thread, NULL, cancel, &c) != 0) {
    fprintf(stderr, "%s: %s\n", text, err.text);
    exit(1);
  }
  status = stoa_answer_each(plan, &context, NULL, 0, take, NULL, &err);
  const int64_t end = stoa_clock_steady_ns();
  pthread_join(thread, NULL);
  stoa_arena_done(&arena);
  return status == STOA_CONFLICT ? (double)(end - c.called_ns) / 1e6 : -1;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
  stoa_files files;
  stoa_error err = {0};
  if (argc != 2 || stoa_files_init(&files, &err) != STOA_OK ||
      stoa_files_load(&files, argv[1], NULL, NULL, &err) != STOA_OK) {
    fprintf(stderr, "usage: cancel FILE: %s\n", err.text);
    return 2;
  }
  stoa_files_finish(&files);
  printf("%-16s %10s %10s %10s\n", "cancelled", "median ms", "worst ms", "moments");
  for (size_t i = 0; i < sizeof queries / sizeof *queries; ++i) {
    double took[N_MOMENTS];
    int n = 0;
    for (int k = 0; k < N_MOMENTS; ++k) {
      const double ms = run(queries[i][1], &files.mapping.rewriter, FIRST_MS + k * STEP_MS);
      if (ms >= 0) {
        took[n++] = ms;
      }
    }
    qsort(took, (size_t)n, sizeof *took, by_size);
    printf("%-16s %10.1f %10.1f %10d\n", queries[i][0], n ? took[n / 2] : 0, n ? took[n - 1] : 0, n);
  }
  stoa_files_done(&files);
  return 0;
}
