#ifndef STOA_GRAPH_BASE_BUF_H
#define STOA_GRAPH_BASE_BUF_H

#include "graph/base/slice.h"
#include <stdint.h>
#include <string.h>

/// A growing run of bytes on the heap, for text that is written piece by piece (SQL, JSON, frames).
typedef struct {
  char *data;
  size_t length, capacity;
} stoa_buf;

/// Release the bytes; the buffer is empty again.
void stoa_buf_done(stoa_buf *buf);
/// Make room for `n_bytes` and one more.
void stoa_buf_reserve(stoa_buf *buf, size_t n_bytes);

/// Append bytes.
static inline void stoa_buf_add(stoa_buf *buf, const char *data, size_t n_bytes)
{
  if (buf->capacity - buf->length <= n_bytes) {
    stoa_buf_reserve(buf, n_bytes);
  }
  if (n_bytes) {
    memcpy(buf->data + buf->length, data, n_bytes);
    buf->length += n_bytes;
  }
}

/// Append a terminated text.
static inline void stoa_buf_text(stoa_buf *buf, const char *text)
{
  stoa_buf_add(buf, text, strlen(text));
}

/// Append a slice.
static inline void stoa_buf_slice(stoa_buf *buf, stoa_slice text)
{
  stoa_buf_add(buf, text.data, text.length);
}

/// Append one byte.
static inline void stoa_buf_byte(stoa_buf *buf, char byte)
{
  if (buf->capacity - buf->length <= 1) {
    stoa_buf_reserve(buf, 1);
  }
  buf->data[buf->length++] = byte;
}

enum { STOA_INTEGER_DIGITS = 21 };
/// Write the digits of an integer into `out` (STOA_INTEGER_DIGITS bytes, not terminated) and return how many.
size_t stoa_integer_write(int64_t integer, char *out);
/// Append an integer.
static inline void stoa_buf_integer(stoa_buf *buf, int64_t integer)
{
  stoa_buf_reserve(buf, STOA_INTEGER_DIGITS);
  buf->length += stoa_integer_write(integer, buf->data + buf->length);
}

/// Append formatted text.
void stoa_buf_print(stoa_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/// Append a JSON string with its quotes (RFC 8259, section 7).  Bytes that are no UTF-8 become U+FFFD.
void stoa_buf_json(stoa_buf *buf, stoa_slice text);
/// Append a number as JSON: the shortest text that reads back equal; NaN and infinities as null.
void stoa_buf_number(stoa_buf *buf, double number);
/// True for a text that is no field of CSV as it is (RFC 4180).
bool stoa_csv_needs_quotes(stoa_slice text);
/// Append a field of CSV, in quotes where it needs them.
void stoa_buf_csv(stoa_buf *buf, stoa_slice text);
/// Terminate and borrow the text.
const char *stoa_buf_string(stoa_buf *buf);

#endif
