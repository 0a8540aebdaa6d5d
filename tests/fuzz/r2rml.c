// Any bytes as the mapping of a source: read, held against the catalog, and asked for all that it makes.
#include "tests/fuzz/project.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  fuzz_project();
  stoa_engine_close(fuzz_open(true));
  return 0;
}

static bool drop(void *data, const char *bytes, size_t n)
{
  (void)data;
  (void)bytes;
  (void)n;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const stoa_question all = {stoa_slice_of("SELECT * { ?s ?p ?o } LIMIT 100"), "fuzz", "http://x/"};
  stoa_project *project = NULL;
  stoa_faults faults = {0};
  stoa_error err = {0};
  fuzz_write("m.ttl", (const char *)data, size);
  if (stoa_project_open(fuzz_dir, NULL, &faults, &project, &err) == STOA_OK) {
    stoa_context context;
    stoa_context_init(&context, 1700000000000000);
    context.memory_bytes = (uint64_t)16 << 20;
    stoa_answer(&all, &project->mapping.rewriter, &context, STOA_FORMAT_JSON, (stoa_sink){drop, NULL}, NULL, &err);
    stoa_project_free(project);
  }
  stoa_faults_done(&faults);
  return 0;
}
