// stoa map and stoa materialize: quads of one mapping, or of a project.
#include "cli/cli.h"
#include "cli/progress.h"
#include "graph/base/clock.h"
#include "graph/result/dump.h"
#include "ontology/mapped.h"
#include "personalizer/engine.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  const char *file; ///< NULL: standard output
  stoa_format format;
  bool lines, named; ///< N-Triples or N-Quads, written by dump.c
} destination;

static bool read_format(const char *name, destination *to)
{
  to->named = strcmp(name, "nq") == 0;
  to->lines = to->named || strcmp(name, "nt") == 0;
  return to->named || (stoa_format_read(name, &to->format) && stoa_format_is_graph(to->format));
}

// A triple a row of each leaf, as the catalogs guess them.
static double expected(const stoa_mapping *mapping)
{
  double rows = 0;
  for (uint32_t i = 0; i < mapping->all.n; ++i) {
    const stoa_leaf *const leaf = mapping->all.items[i];
    rows += leaf->n_tables && leaf->tables[0].info ? leaf->tables[0].info->rows : 0;
  }
  return rows;
}

static stoa_status write_to(const destination *to, const stoa_mapping *mapping, const char *base, FILE *out,
                            uint64_t *n, stoa_error *err)
{
  static const char everything[] = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }";
  const stoa_rewriter *const rewriter = &mapping->rewriter;
  stoa_progress progress;
  stoa_context context;
  stoa_status status;
  stoa_progress_init(&progress, out, "triples", expected(mapping));
  const stoa_sink sink = {stoa_progress_write, &progress};
  stoa_context_init(&context, stoa_clock_system.now_us(&stoa_clock_system));
  context.memory_bytes = 0; // the set of all triples is kept only where sources may tell one twice
  if (to->lines) {
    status = stoa_dump(rewriter, &context, to->named, sink, n, err);
  } else {
    const stoa_question question = {stoa_slice_of(everything), "materialize", base};
    status = stoa_answer(&question, rewriter, &context, to->format, sink, n, err);
  }
  stoa_progress_done(&progress);
  return status;
}

static int write_all(const destination *to, const stoa_mapping *mapping, const char *base)
{
  stoa_error err = {0};
  uint64_t n = 0;
  FILE *const out = to->file ? fopen(to->file, "wb") : stdout;
  if (!out) {
    stoa_error_set(&err, STOA_IO, "cannot write %s: %s", to->file, strerror(errno));
    return stoa_cli_fail(&err);
  }
  stoa_status status = write_to(to, mapping, base, out, &n, &err);
  const bool closed = to->file ? fclose(out) == 0 : fflush(out) == 0;
  if (status == STOA_OK && !closed) {
    status = stoa_error_set(&err, STOA_IO, "cannot write %s: %s", to->file ? to->file : "the quads", strerror(errno));
  }
  if (status != STOA_OK) {
    if (to->file) {
      unlink(to->file); // half a graph passes for a whole one
    }
    return stoa_cli_fail(&err);
  }
  fprintf(stderr, "%llu triples\n", (unsigned long long)n);
  return 0;
}

int stoa_verb_materialize(stoa_args *args)
{
  const char *dir = ".", *format = "nt";
  destination to = {0};
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  while (!stoa_args_end(args)) {
    if (!stoa_args_option(args, "-C", &dir) && !stoa_args_option(args, "--format", &format) &&
        !stoa_args_option(args, "-o", &to.file)) {
      return stoa_cli_usage("materialize", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (!read_format(format, &to)) {
    return stoa_cli_usage("materialize", "unknown format \"%s\"; use nt, nq, ttl or rdfxml", format);
  }
  if (stoa_engine_open(dir, STOA_ENGINE_READ, &faults, &engine, &err) != STOA_OK) {
    stoa_faults_done(&faults);
    return stoa_cli_fail(&err);
  }
  int code = stoa_cli_faults(&faults);
  stoa_faults_done(&faults);
  code = code ? code
              : write_all(&to, &stoa_engine_layer(engine)->project->mapping, stoa_engine_layer(engine)->project->base);
  stoa_engine_close(engine);
  return code;
}

static int map(const char *url, const char *mapping, const char *base, const destination *to)
{
  stoa_mapped mapped;
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_status status = stoa_mapped_open(url, &mapped, &err);
  if (status == STOA_OK) {
    status = mapping ? stoa_mapped_read(&mapped, mapping, base, &faults, &err)
                     : stoa_mapped_direct(&mapped, base, &faults, &err);
  }
  int code = status == STOA_OK ? stoa_cli_faults(&faults) : stoa_cli_fail(&err);
  code = code ? code : write_all(to, &mapped.mapping, base);
  stoa_faults_done(&faults);
  stoa_mapped_done(&mapped);
  return code;
}

int stoa_verb_map(stoa_args *args)
{
  const char *source = NULL, *mapping = NULL, *base = "http://example.com/base/", *format = "nq";
  destination to = {0};
  bool direct = false;
  while (!stoa_args_end(args)) {
    if (stoa_args_flag(args, "--direct")) {
      direct = true;
      continue;
    }
    if (!stoa_args_option(args, "--source", &source) && !stoa_args_option(args, "--mapping", &mapping) &&
        !stoa_args_option(args, "--base", &base) && !stoa_args_option(args, "--format", &format) &&
        !stoa_args_option(args, "-o", &to.file)) {
      return stoa_cli_usage("map", "cannot take \"%s\"", stoa_args_current(args));
    }
  }
  if (!source || (mapping != NULL) == direct) {
    return stoa_cli_usage("map", "--source URL is needed, and either --mapping FILE or --direct");
  }
  if (!read_format(format, &to)) {
    return stoa_cli_usage("map", "unknown format \"%s\"; use nt, nq, ttl or rdfxml", format);
  }
  return map(source, mapping, base, &to);
}
