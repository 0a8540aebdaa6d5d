// Any bytes as a result document.
#include "graph/rdf/results_reader.h"
#include <stdio.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char path[64];
  stoa_arena arena;
  stoa_error err = {0};
  stoa_results results;
  snprintf(path, sizeof path, "/dev/shm/stoa-fuzz-%d.srx", (int)getpid());
  FILE *const file = fopen(path, "w");
  if (!file) {
    return 0;
  }
  fwrite(data, 1, size, file);
  fclose(file);
  stoa_arena_init(&arena, 0);
  stoa_results_read(path, &arena, &results, &err);
  stoa_arena_done(&arena);
  unlink(path);
  return 0;
}
