// stoa check.
#include "cli/cli.h"
#include "features/advice.h"
#include "graph/base/clock.h"
#include "graph/base/file.h"
#include "graph/plan/planning.h"
#include "graph/sparql/unbound.h"
#include "ontology/advice.h"
#include "ontology/claims.h"
#include "ontology/data_check.h"
#include "ontology/lexicon.h"
#include "ontology/meets.h"
#include "ontology/vocabulary.h"
#include "personalizer/engine.h"
#include "server/server.h"
#include <stdio.h>

enum { PATIENCE_MS = 2000 };

// Saved queries are checked as far as planning goes.
static void check_queries(const stoa_project *project, stoa_faults *faults, uint32_t *n)
{
  stoa_arena arena;
  stoa_file_names files = {0};
  stoa_context context;
  stoa_arena_init(&arena, 0);
  stoa_context_init(&context, 0);
  stoa_error unread = {0};
  if (stoa_file_glob(project->dir, "queries/*.rq", &arena, &files, &unread) != STOA_OK ||
      stoa_file_glob(project->dir, "queries/*.sql", &arena, &files, &unread) != STOA_OK) {
    stoa_faults_add(faults, &unread, false);
  }
  for (uint32_t i = 0; i < files.n; ++i) {
    stoa_error err = {0};
    stoa_slice text;
    const stoa_query *query;
    const stoa_plan *plan;
    stoa_status status = stoa_file_read(files.items[i], &arena, &text, &err);
    if (status == STOA_OK) {
      status = stoa_lexicon_read(&project->mapping, false, text, files.items[i], project->base, &arena, &query, &err);
    }
    if (status == STOA_OK) {
      stoa_vocabulary_check(project, query, faults);
      stoa_unbound_check(query, faults);
      status = stoa_plan_make(query, &project->mapping.rewriter, &context, &arena, &plan, &err);
    }
    if (status != STOA_OK) {
      stoa_faults_add(faults, &err, false);
    }
  }
  *n = files.n;
  stoa_arena_done(&arena);
}

// With --data, how often a feature has no value, and those that never have one: their templates may not meet.
static void tell_nulls(const stoa_view *view, const stoa_view_sample *sample, stoa_faults *faults)
{
  for (uint32_t i = 0; i < view->features.n; ++i) {
    const char *const name = view->features.items[i].name;
    if (sample->nulls[i]) {
      printf("%s: no value for %u of %u entities\n", name, sample->nulls[i], sample->n_keys);
    }
    if (sample->n_keys && sample->nulls[i] == sample->n_keys && view->kind == STOA_VIEW_QUERY) {
      stoa_error err = {0};
      stoa_error_at(
        &err, STOA_NOT_FOUND, (stoa_place){view->file, 1, 1},
        "feature %s has no value for any of %u entities; do the mappings make its entity's IRIs as \"%s\" does?", name,
        sample->n_keys, view->entity->iri->pattern);
      stoa_faults_add(faults, &err, true);
    }
  }
}

// The features of a few entities, as far as they come soon; of many with --data.
static void try_views(const stoa_registry *r, bool data, stoa_faults *faults)
{
  enum { FEW = 20, MANY = 500 };
  for (uint32_t i = 0; i < r->views.n; ++i) {
    stoa_error err = {0};
    stoa_context context;
    stoa_arena arena;
    stoa_view_sample sample = {0};
    stoa_arena_init(&arena, 0);
    stoa_context_init(&context, stoa_clock_system.now_us(&stoa_clock_system));
    context.deadline_ns = data ? 0 : stoa_clock_steady_ns() + (int64_t)PATIENCE_MS * 1000000;
    const stoa_status status =
      stoa_view_try(r->views.items[i], r->project, data ? MANY : FEW, &context, &arena, &sample, &err);
    if (status == STOA_OK && data) {
      tell_nulls(r->views.items[i], &sample, faults);
    } else if (status != STOA_OK && status != STOA_TIMEOUT) {
      stoa_faults_add(faults, &err, false);
    }
    stoa_arena_done(&arena);
  }
}

// What the server alone reads of stoa.yaml.
static void check_server(const stoa_engine *engine, stoa_faults *faults)
{
  stoa_server_options options = {0};
  stoa_error err = {0};
  if (stoa_server_configure(engine, &options, &err) != STOA_OK) {
    stoa_faults_add(faults, &err, false);
  }
}

typedef struct {
  uint32_t n;
  const char *one, *many;
} count;

static void tell_counts(const char *dir, const count *counts, size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    printf("%s%s%u %s", i ? "" : dir, i ? ", " : ": ", counts[i].n, counts[i].n == 1 ? counts[i].one : counts[i].many);
  }
}

int stoa_verb_check(stoa_args *args)
{
  const char *dir = ".";
  bool data = false;
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  while (!stoa_args_end(args)) {
    data |= stoa_args_flag(args, "--data");
    if (!stoa_args_end(args) && !stoa_args_option(args, "-C", &dir)) {
      return stoa_cli_usage("check", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  const int64_t start = stoa_clock_steady_ns();
  if (stoa_engine_open(dir, STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK) {
    const bool is_input = err.line > 0; // a place in a file is a fault like the others, though it ends the reading
    if (is_input) {
      stoa_faults_add(&faults, &err, false);
    }
    const int faulty = stoa_cli_faults(&faults);
    stoa_faults_done(&faults);
    return is_input ? faulty : stoa_cli_fail(&err);
  }
  uint32_t n_queries;
  const stoa_project *const project = stoa_engine_layer(engine)->project;
  const stoa_registry *const registry = stoa_engine_layer(engine)->registry;
  stoa_project_advise(project, &faults);
  stoa_views_advise(registry, &faults);
  stoa_claims_check(&project->mapping, data ? 0 : PATIENCE_MS, &faults);
  if (data) {
    stoa_data_check(&project->mapping, &faults);
    stoa_meets_check(project, &faults);
  }
  check_queries(project, &faults, &n_queries);
  try_views(registry, data, &faults);
  check_server(engine, &faults);
  const int code = stoa_cli_faults(&faults);
  if (code == 0) {
    const stoa_yaml *const sources = stoa_yaml_find(project->config, "sources"); // without the state, which is one too
    const count counts[] = {{sources ? sources->n_items : 0, "source", "sources"},
                            {project->mapping.all.n, "leaf of the mapping", "leaves of the mapping"},
                            {registry->views.n, "feature view", "feature views"},
                            {registry->services.n, "service", "services"},
                            {stoa_engine_policies(engine)->n, "policy", "policies"},
                            {n_queries, "query", "queries"}};
    tell_counts(dir, counts, sizeof counts / sizeof *counts);
    printf(": all good (%lld ms)\n", (long long)((stoa_clock_steady_ns() - start) / 1000000));
  }
  stoa_engine_close(engine);
  stoa_faults_done(&faults);
  return code;
}
