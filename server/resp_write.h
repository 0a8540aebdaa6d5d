#ifndef STOA_SERVER_RESP_WRITE_H
#define STOA_SERVER_RESP_WRITE_H

#include "server/request.h"

/// Replies of RESP2 and RESP3.
void stoa_resp_bulk(stoa_buf *out, stoa_slice text);
void stoa_resp_text(stoa_buf *out, const char *text);
void stoa_resp_integer(stoa_buf *out, int64_t value);
/// A message that answers nothing, of `n` parts, which follow; RESP2 has it as an array.
void stoa_resp_push(stoa_buf *out, int protocol, size_t n);
/// An array of `n`, which follow; a map of `n` pairs, which RESP2 has as an array; nothing.
void stoa_resp_array(stoa_buf *out, size_t n);
void stoa_resp_map(stoa_buf *out, int protocol, size_t n);
void stoa_resp_null(stoa_buf *out, int protocol);
/// Nothing where an array would be.
void stoa_resp_null_array(stoa_buf *out, int protocol);
/// A value of a feature, or nothing.
void stoa_resp_value(stoa_buf *out, int protocol, stoa_term value);
/// An error: a code in capitals and a text, of which no byte ends the line.
void stoa_resp_error(stoa_buf *out, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/// A failed call.
void stoa_resp_failure(stoa_buf *out, const stoa_error *err);

#endif
