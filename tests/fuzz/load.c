// Any bytes as Turtle, and as lines of N-Quads.
#include "graph/rdf/lines.h"
#include "graph/rdf/reader.h"
#include <string.h>

static void take(const stoa_statement *statement, void *data)
{
  *(size_t *)data += stoa_term_is_bound(statement->subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_arena arena;
  stoa_error err = {0};
  size_t n = 0;
  const stoa_slice text = {(const char *)data, size};
  stoa_rdf_read_text(text, "fuzz", "http://x/", take, &n, &err);
  stoa_arena_init(&arena, 0);
  for (const char *at = text.data, *const end = text.data + size; at && at < end;) {
    const char *const newline = memchr(at, '\n', (size_t)(end - at));
    stoa_statement st = {0};
    const size_t length = (size_t)((newline ? newline : end) - at);
    if (stoa_rdf_plain_line((stoa_slice){at, length}, true, &arena, &st)) {
      take(&st, &n);
    }
    at = newline ? newline + 1 : NULL;
  }
  stoa_arena_done(&arena);
  return 0;
}
