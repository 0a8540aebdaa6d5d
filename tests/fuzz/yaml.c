// Any bytes as a YAML file of a project; the first one says which: stoa.yaml, a view's header, entities, services, a
// policy.
#include "tests/fuzz/project.h"

enum { POLICY = 7 };
static stoa_engine *engine;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  fuzz_project();
  engine = fuzz_open(true);
  return 0;
}

// A policy alone needs no project to be opened anew.
static void read_policy(void)
{
  char path[128];
  stoa_arena arena;
  stoa_error err = {0};
  stoa_policy *policy = NULL;
  snprintf(path, sizeof path, "%s/%s", fuzz_dir, fuzz_files[POLICY][0]);
  stoa_arena_init(&arena, 0);
  if (stoa_policy_read(path, stoa_engine_layer(engine)->registry, &arena, &policy, &err) == STOA_OK) {
    stoa_policy_free(policy);
  }
  stoa_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const int replaced[] = {0, 4, 5, 6, POLICY};
  const int which = replaced[size ? data[0] % 5 : 0];
  fuzz_write(fuzz_files[which][0], (const char *)data + (size > 0), size - (size > 0));
  if (which == POLICY) {
    read_policy();
  } else {
    stoa_engine_close(fuzz_open(false));
  }
  fuzz_write(fuzz_files[which][0], fuzz_files[which][1], strlen(fuzz_files[which][1]));
  return 0;
}
