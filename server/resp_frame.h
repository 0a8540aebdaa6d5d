#ifndef STOA_SERVER_RESP_FRAME_H
#define STOA_SERVER_RESP_FRAME_H

#include "graph/base/buf.h"
#include "server/limits.h"

/// Commands as RESP sends them: arrays of bulk strings, or inline for a person with netcat.

typedef struct {
  stoa_slice args[STOA_MOST_ARGUMENTS];
  uint32_t n;
  stoa_fixed_limit limit;
  size_t need;     ///< of a part: look again when so many bytes have come
  stoa_buf *words; ///< of the caller: what inline arguments are made of
} stoa_resp_command;

typedef enum {
  STOA_FRAME_WHOLE,
  STOA_FRAME_PARTIAL,
  STOA_FRAME_BAD,      ///< no RESP
  STOA_FRAME_TOO_LONG, ///< `limit` says in what
  STOA_FRAME_HTTP      ///< a request of HTTP, which has lost its way
} stoa_frame_state;

/// Read one command; `*used` are its bytes.  Its arguments lie in `input`, or in `words`.
stoa_frame_state stoa_resp_read_frame(stoa_slice input, stoa_resp_command *out, size_t *used);

#endif
