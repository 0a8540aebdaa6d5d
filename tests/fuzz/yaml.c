// Any bytes as a YAML file of a project; the first one says which: stoa.yaml, a view's header, entities, services, a
// policy.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const int replaced[] = {0, 4, 5, 6, 7};
  const char *const *const file = fuzz_files[replaced[size ? data[0] % 5 : 0]];
  fuzz_write(file[0], (const char *)data + (size > 0), size - (size > 0));
  stoa_engine_close(fuzz_open(false));
  fuzz_write(file[0], file[1], strlen(file[1]));
  return 0;
}
