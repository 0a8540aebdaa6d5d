// Any bytes as the JSON of a rank, an event, or what Feast's clients send; what is taken is committed, and every number
// of the answer is finite.
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

// The answers of a rank and of Feast's contract are JSON, whatever was sent, and so is what they refuse with.
static void hold(stoa_call *call)
{
  const stoa_json *answer;
  stoa_error err = {0};
  const stoa_reply *const reply = &call->reply;
  const stoa_slice text =
    reply->kind == STOA_REPLY_STREAM ? stoa_slice_of(stoa_buf_string(&call->stream)) : reply->text;
  const bool says = reply->kind == STOA_REPLY_STREAM || (reply->kind == STOA_REPLY_TEXT && reply->media_type);
  if (!says) {
    return;
  }
  stoa_buf whole = {0}; // Feast's errors are strings, and JSON's reader here takes only what has members
  stoa_buf_text(&whole, "[");
  stoa_buf_slice(&whole, text);
  stoa_buf_text(&whole, "]");
  if (stoa_json_read((stoa_slice){whole.data, whole.length}, &call->arena, &answer, &err) != STOA_OK) {
    fprintf(stderr, "an answer that is no JSON: %s: %s\n", err.text, stoa_buf_string(&whole));
    abort();
  }
  stoa_buf_done(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct {
    char letter;
    stoa_operation_id operation;
    const char *name;
  } kinds[] = {{'r', STOA_OPERATION_RANK, "p"},      {'e', STOA_OPERATION_EVENT, "click"},
               {'o', STOA_OPERATION_ONLINE, ""},     {'p', STOA_OPERATION_PUSH, ""},
               {'w', STOA_OPERATION_WRITE_ROWS, ""}, {'m', STOA_OPERATION_MATERIALIZE, ""}};
  size_t k = sizeof kinds / sizeof *kinds - 1;
  while (k > 0 && (!size || kinds[k].letter != (char)data[0])) {
    --k;
  }
  stoa_call *const call = fuzz_call(kinds[k].operation);
  if (kinds[k].name[0]) {
    stoa_call_name(call, "NAME", stoa_slice_of(kinds[k].name));
  }
  call->request.body = stoa_call_copy(call, (stoa_slice){(const char *)data + (size > 0), size - (size > 0)});
  stoa_dispatcher_run(fuzz_dispatcher, call, STOA_ROLE_CALLER);
  hold(call);
  stoa_call_free(call);
  return 0;
}
