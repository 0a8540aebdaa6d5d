#ifndef STOA_SERVER_HTTP_MESSAGE_H
#define STOA_SERVER_HTTP_MESSAGE_H

#include "graph/base/buf.h"
#include <stdbool.h>

/// A request of HTTP/1.1 or 1.0 as it comes in, piece by piece (RFC 9112).  The head is taken apart by http-parser once
/// it is whole; line ends, the colon's place and chunks are checked here, because that parser is lenient about them.

typedef enum {
  STOA_HTTP_OTHER,
  STOA_HTTP_GET,
  STOA_HTTP_HEAD,
  STOA_HTTP_POST,
  STOA_HTTP_DELETE,
  STOA_HTTP_OPTIONS
} stoa_http_method;

typedef enum {
  STOA_HTTP_PARTIAL_HEAD,
  STOA_HTTP_HEAD_ENDS, ///< said once, when there is a body: the head is whole
  STOA_HTTP_PARTIAL_BODY,
  STOA_HTTP_WHOLE,
  STOA_HTTP_BAD ///< see `status` and `why`
} stoa_http_step;

typedef struct {
  // of the head
  stoa_http_method method;
  int minor; ///< of HTTP/1.x
  bool keep_alive, has_body, expects, chunked, is_proxied;
  uint64_t body_bytes; ///< by Content-Length
  uint32_t n_hosts, n_keys, n_types, n_expects;
  stoa_buf url, host, accept, content_type, key, origin, site, trace, purpose, coding, expect;
  stoa_buf body;
  // a refusal
  int status;
  const char *why;
  // the reader's own
  int state;
  size_t seen; ///< bytes of the input that were looked at
  uint64_t left;
  size_t trailer_bytes;
  bool had_line; ///< the first line has come
  stoa_buf field, value;
} stoa_http_message;

/// Read on from `input`; `*used` bytes are done with.  Call it again with what is left and what comes after.
stoa_http_step stoa_http_message_read(stoa_http_message *message, stoa_slice input, size_t *used);
/// Begin the next message.
void stoa_http_message_reset(stoa_http_message *message);
void stoa_http_message_done(stoa_http_message *message);

/// True when the content type is `type`, whatever its letters and parameters.
bool stoa_http_is_type(const stoa_http_message *message, const char *type);

#endif
