// Any bytes as a result document.
#include "graph/rdf/results_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_arena arena;
  stoa_error err = {0};
  stoa_results results;
  for (int syntax = STOA_RESULTS_XML; syntax <= STOA_RESULTS_JSON; ++syntax) {
    stoa_arena_init(&arena, 0);
    stoa_results_parse("fuzz", (stoa_results_syntax)syntax, (stoa_slice){(const char *)data, size}, NULL, &arena,
                       &results, &err);
    stoa_arena_done(&arena);
  }
  return 0;
}
