// Any bytes as a query or an update: an answer or an error, never a crash or a hang.
#include "graph/result/answer.h"
#include "graph/sparql/update.h"
#include "ontology/project.h"

static bool drop(void *data, const char *bytes, size_t n)
{
  (void)data;
  (void)bytes;
  (void)n;
  return true;
}

static stoa_files files;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  stoa_error err = {0};
  (void)argc;
  (void)argv;
  stoa_files_init(&files, &err);
  for (int i = 0; i < 20; ++i) {
    const stoa_term s = stoa_term_iri(stoa_slice_of(i % 2 ? "http://x/a" : "http://x/b"));
    const stoa_term p = stoa_term_iri(stoa_slice_of(i % 3 ? "http://x/p" : "http://x/q"));
    stoa_source_native_add(files.native, s, p, i % 5 ? stoa_term_integer(i) : s, (stoa_term){0});
  }
  stoa_files_finish(&files);
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_arena arena;
  stoa_context context;
  stoa_error err = {0};
  const stoa_update *update;
  const stoa_question q = {{(const char *)data, size}, "fuzz", "http://x/"};
  stoa_context_init(&context, 1700000000000000);
  context.memory_bytes = (uint64_t)16 << 20;
  stoa_answer(&q, &files.mapping.rewriter, &context, STOA_FORMAT_JSON, (stoa_sink){drop, NULL}, NULL, &err);
  stoa_arena_init(&arena, 0);
  err = (stoa_error){0};
  stoa_update_read(q.text, q.file, q.base, &arena, &update, &err);
  stoa_arena_done(&arena);
  return 0;
}
