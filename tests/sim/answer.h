#ifndef STOA_TESTS_SIM_ANSWER_H
#define STOA_TESTS_SIM_ANSWER_H

#include "graph/base/buf.h"
#include <stdbool.h>

/// An answer as it came over a connection.
typedef struct {
  bool is_good;  ///< HTTP: 2xx; RESP: no error
  int status;    ///< of HTTP
  bool closes;   ///< the server says that it closes the connection
  stoa_buf body; ///< RESP: the text, or the last element of an array
} answer;

typedef enum { ANSWER_PARTIAL, ANSWER_WHOLE, ANSWER_BAD } answer_state;

/// Read the first answer of what has come; `used` bytes are its.  The body is the caller's to release, however it ends.
answer_state answer_read(stoa_slice in, bool is_http, bool is_head, answer *out, size_t *used);

#endif
