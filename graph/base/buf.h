#ifndef STOA_GRAPH_BASE_BUF_H
#define STOA_GRAPH_BASE_BUF_H

#include "graph/base/slice.h"
#include <stdint.h>

/// A growing run of bytes on the heap, for text that is written piece by piece (SQL, JSON, frames).
typedef struct {
  char *data;
  size_t length, capacity;
} stoa_buf;

/// Release the bytes; the buffer is empty again.
void stoa_buf_done(stoa_buf *buf);
/// Append bytes.
void stoa_buf_add(stoa_buf *buf, const char *data, size_t n_bytes);
/// Append a terminated text.
void stoa_buf_text(stoa_buf *buf, const char *text);
/// Append a slice.
void stoa_buf_slice(stoa_buf *buf, stoa_slice text);
/// Append one byte.
void stoa_buf_byte(stoa_buf *buf, char byte);
/// Append formatted text.
void stoa_buf_print(stoa_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Append a JSON string with its quotes (RFC 8259, section 7).  Bytes that are no UTF-8 become U+FFFD.
void stoa_buf_json(stoa_buf *buf, stoa_slice text);
/// Append a number as JSON: the shortest text that reads back equal; NaN and infinities as null.
void stoa_buf_number(stoa_buf *buf, double number);
/// Terminate and borrow the text.
const char *stoa_buf_string(stoa_buf *buf);

#endif
