#ifndef STOA_GRAPH_HTTP_CLIENT_H
#define STOA_GRAPH_HTTP_CLIENT_H

#include "graph/base/arena.h"
#include "graph/base/context.h"
#include "graph/base/slice.h"

/// Requests to other servers, by libcurl.  The only file that includes it is client.c.  Calls block, and so are
/// made by workers alone.
typedef struct {
  const char *url, *accept, *content_type;
  stoa_slice body;    ///< to POST; without `data` it is a GET
  int64_t timeout_ms; ///< of the whole request; the context's deadline counts as well
  size_t most_bytes;  ///< of the answer
  bool redirects;     ///< follow a few of them
} stoa_http_request;

/// Ask and wait for the answer, whose bytes and media type lie in `arena`.  Errors: STOA_UNAVAILABLE (no answer, or
/// one that is not 200), STOA_TIMEOUT, STOA_CONFLICT (cancelled), STOA_LIMIT (too many bytes).
stoa_status stoa_http_ask(const stoa_http_request *request, stoa_context *context, stoa_arena *arena, stoa_slice *body,
                          const char **media_type, stoa_error *err);

#endif
