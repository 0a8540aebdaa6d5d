// make bench-planning: how long reading and planning a query takes with nothing kept, over the mapping of a project.
// The first time (the sources' catalogs are known, their statistics may not be), the least and the median of fifteen
// more, and the aim.
//
//     plan_times PROJECT AIM FILE.rq...     milliseconds; AIM in milliseconds too
#include "graph/base/clock.h"
#include "graph/plan/plan.h"
#include "graph/plan/planner.h"
#include "graph/sparql/parser.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 15 };

static bool is_empty(const stoa_plan_node *node)
{
  return node->kind == STOA_PLAN_EMPTY || (node->inputs[0] && !node->inputs[1] && is_empty(node->inputs[0]));
}

static double compile(const char *text, const char *file, const stoa_engine *engine, bool tell)
{
  stoa_arena arena;
  stoa_context context;
  stoa_error err = {0};
  const stoa_query *query;
  const stoa_plan *plan;
  char why[500];
  stoa_arena_init(&arena, 0);
  stoa_context_init(&context, 0);
  const int64_t start = stoa_clock_steady_ns();
  stoa_status status =
    stoa_query_read(stoa_slice_of(text), file, stoa_engine_layer(engine)->project->base, &arena, &query, &err);
  status = status == STOA_OK ? stoa_plan_make(query, &stoa_engine_layer(engine)->project->mapping.rewriter, &context,
                                              &arena, &plan, &err)
                             : status;
  const int64_t end = stoa_clock_steady_ns();
  if (status != STOA_OK) {
    fprintf(stderr, "%s\n", stoa_error_print(&err, why, sizeof why));
    exit(1);
  }
  if (tell && is_empty(plan->root)) {
    fprintf(stderr, "%s: nothing can meet it, so its plan tells nothing\n", file);
  }
  stoa_arena_done(&arena);
  return (double)(end - start) / 1e6;
}

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void measure(const char *file, double aim, const stoa_engine *engine)
{
  static char text[1 << 20];
  double took[RUNS];
  FILE *const in = fopen(file, "rb");
  const size_t n = in ? fread(text, 1, sizeof text - 1, in) : 0;
  text[n] = 0;
  if (!in || fclose(in) != 0) {
    perror(file);
    exit(1);
  }
  const double first = compile(text, file, engine, true);
  for (int i = 0; i < RUNS; ++i) {
    took[i] = compile(text, file, engine, false);
  }
  qsort(took, RUNS, sizeof *took, by_size);
  const char *const slash = strrchr(file, '/');
  printf("%-34s %9.3f %9.3f %9.3f %9.0f%s\n", slash ? slash + 1 : file, first, took[0], took[RUNS / 2], aim,
         took[RUNS / 2] > aim ? "  above" : "");
}

int main(int argc, char **argv)
{
  stoa_engine *engine;
  stoa_faults faults = {0};
  stoa_error err = {0};
  char why[500];
  if (argc < 4) {
    fputs("usage: plan_times PROJECT AIM FILE.rq...\n", stderr);
    return 2;
  }
  if (stoa_engine_open(argv[1], STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK) {
    fprintf(stderr, "%s\n", stoa_error_print(&err, why, sizeof why));
    return 3;
  }
  for (int i = 3; i < argc; ++i) {
    measure(argv[i], strtod(argv[2], NULL), engine);
  }
  stoa_faults_done(&faults);
  stoa_engine_close(engine);
  return 0;
}
