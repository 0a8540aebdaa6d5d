// Any bytes as commands of RESP, as many as they are: read whole and in pieces, which must come to the same.  The first
// byte says how long the pieces are.
#include "server/resp_frame.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(stoa_buf *seen, const stoa_resp_command *c)
{
  stoa_buf_print(seen, "%u\n", c->n);
  for (uint32_t i = 0; i < c->n; ++i) {
    stoa_buf_print(seen, "%zu ", c->args[i].length);
    stoa_buf_slice(seen, c->args[i]);
  }
}

// One look at what is there; true when it was a whole command, which is noted and taken away.
static bool look(stoa_buf *in, stoa_buf *words, size_t *need, stoa_frame_state *state, stoa_buf *seen)
{
  static stoa_resp_command c;
  size_t used = 0;
  c.words = words;
  c.need = *need;
  *state = stoa_resp_read_frame((stoa_slice){in->data, in->length}, &c, &used);
  *need = c.need;
  if (*state == STOA_FRAME_WHOLE) {
    note(seen, &c);
    memmove(in->data, in->data + used, in->length - used);
    in->length -= used;
  }
  return *state == STOA_FRAME_WHOLE;
}

static void read_all(stoa_slice input, size_t piece, stoa_buf *seen)
{
  stoa_buf in = {0}, words = {0};
  stoa_frame_state state = STOA_FRAME_PARTIAL;
  size_t need = 0;
  for (size_t at = 0; at < input.length && (state == STOA_FRAME_PARTIAL || state == STOA_FRAME_WHOLE);) {
    const size_t n = input.length - at < piece ? input.length - at : piece;
    stoa_buf_add(&in, input.data + at, n);
    at += n;
    while (in.length && look(&in, &words, &need, &state, seen)) {
    }
  }
  need = 0; // a fault in what came may be seen later than it could be, when more has to come anyhow
  while (in.length && look(&in, &words, &need, &state, seen)) {
  }
  stoa_buf_print(seen, "%d\n", state == STOA_FRAME_WHOLE ? STOA_FRAME_PARTIAL : (int)state);
  stoa_buf_done(&in);
  stoa_buf_done(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_buf whole = {0}, pieces = {0};
  if (size) {
    const stoa_slice input = {(const char *)data + 1, size - 1};
    read_all(input, input.length + 1, &whole);
    read_all(input, data[0] % 64 + 1u, &pieces);
    if (whole.length != pieces.length || (whole.length && memcmp(whole.data, pieces.data, whole.length) != 0)) {
      fprintf(stderr, "whole:\n%s\nin pieces:\n%s\n", stoa_buf_string(&whole), stoa_buf_string(&pieces));
      abort();
    }
  }
  stoa_buf_done(&whole);
  stoa_buf_done(&pieces);
  return 0;
}
