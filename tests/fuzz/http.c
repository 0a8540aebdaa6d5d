// Any bytes as requests of HTTP, as many as they are: read whole and in pieces, which must come to the same; routed,
// filled and run.  The first byte says how long the pieces are.
#include "server/http_routes.h"
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

static stoa_slice of(const stoa_buf *b)
{
  return (stoa_slice){b->data ? b->data : "", b->length};
}

static void note(stoa_buf *seen, const stoa_http_message *m)
{
  const stoa_buf *const texts[] = {&m->url, &m->host, &m->accept, &m->content_type, &m->key, &m->origin, &m->body};
  stoa_buf_print(seen, "%d %d %d %d\n", m->method, m->minor, m->keep_alive, m->has_body);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
    stoa_buf_slice(seen, of(texts[i]));
    stoa_buf_byte(seen, '\n');
  }
}

static void run(const stoa_http_message *m)
{
  stoa_slice path, part = {"", 0}, query;
  stoa_http_target(m, &path, &query);
  const stoa_http_route *const route = stoa_http_route_find(path, &part);
  if (!route || stoa_http_route_allows(route, m, false).status || route->operation == STOA_OPERATION_RELOAD ||
      route->operation == STOA_OPERATION_CHECK) {
    return;
  }
  stoa_call *const call = fuzz_call(route->operation);
  call->request.head_only = m->method == STOA_HTTP_HEAD;
  if (!route->fill(call, m, part, query).status) {
    stoa_dispatcher_run(fuzz_dispatcher, call, STOA_ROLE_CALLER);
  }
  stoa_call_free(call);
}

// Read it all, so many bytes at a time, and note what came of it.
static void read_all(stoa_slice input, size_t piece, bool runs, stoa_buf *seen)
{
  stoa_http_message m = {0};
  stoa_buf in = {0};
  stoa_http_step step = STOA_HTTP_PARTIAL_HEAD;
  for (size_t at = 0; at < input.length && step != STOA_HTTP_BAD;) {
    const size_t n = input.length - at < piece ? input.length - at : piece;
    stoa_buf_add(&in, input.data + at, n);
    at += n;
    do {
      size_t used;
      step = stoa_http_message_read(&m, of(&in), &used);
      memmove(in.data, in.data + used, in.length - used);
      in.length -= used;
      if (step == STOA_HTTP_WHOLE) {
        note(seen, &m);
        if (runs) {
          run(&m);
        }
        stoa_http_message_reset(&m);
      }
    } while ((step == STOA_HTTP_WHOLE && in.length) || step == STOA_HTTP_HEAD_ENDS);
  }
  stoa_buf_print(seen, "%d\n", step == STOA_HTTP_BAD ? m.status : 0);
  stoa_http_message_done(&m);
  stoa_buf_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_buf whole = {0}, pieces = {0};
  if (size) {
    const stoa_slice input = {(const char *)data + 1, size - 1};
    read_all(input, input.length + 1, true, &whole);
    read_all(input, data[0] % 64 + 1u, false, &pieces);
    if (whole.length != pieces.length || (whole.length && memcmp(whole.data, pieces.data, whole.length) != 0)) {
      fprintf(stderr, "whole:\n%s\nin pieces:\n%s\n", stoa_buf_string(&whole), stoa_buf_string(&pieces));
      abort();
    }
  }
  stoa_buf_done(&whole);
  stoa_buf_done(&pieces);
  return 0;
}
