// Any bytes as the JSON of a rank or an event; what is taken is committed, and every number of the answer is finite.
#include "tests/fuzz/requests.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  fuzz_serve();
  return 0;
}

// The answer of a rank is JSON, whatever was sent.
static void hold(stoa_call *call)
{
  const stoa_json *answer;
  stoa_error err = {0};
  if (call->reply.status == STOA_OK && stoa_json_read(call->reply.text, &call->arena, &answer, &err) != STOA_OK) {
    fprintf(stderr, "an answer that is no JSON: %s: %s\n", err.text, call->reply.text.data);
    abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const bool is_event = size && data[0] == 'e';
  stoa_call *const call = fuzz_call(is_event ? STOA_OPERATION_EVENT : STOA_OPERATION_RANK);
  stoa_call_name(call, stoa_slice_of(is_event ? "click" : "p"));
  call->request.body = stoa_call_copy(call, (stoa_slice){(const char *)data + (size > 0), size - (size > 0)});
  stoa_dispatcher_run(fuzz_dispatcher, call, STOA_ROLE_CALLER);
  if (!is_event) {
    hold(call);
  }
  stoa_call_free(call);
  return 0;
}
