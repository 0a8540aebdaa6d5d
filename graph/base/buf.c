#include "graph/base/buf.h"
#include "graph/base/utf8.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void reserve(stoa_buf *buf, size_t n_bytes)
{
  if (buf->capacity - buf->length > n_bytes) {
    return;
  }
  size_t capacity = buf->capacity ? buf->capacity : 256;
  while (capacity - buf->length <= n_bytes) {
    capacity *= 2;
  }
  char *const data = realloc(buf->data, capacity);
  if (!data) {
    fputs("stoa: the system has no memory left\n", stderr);
    abort();
  }
  buf->data = data;
  buf->capacity = capacity;
}

void stoa_buf_done(stoa_buf *buf)
{
  free(buf->data);
  *buf = (stoa_buf){0};
}

void stoa_buf_add(stoa_buf *buf, const char *data, size_t n_bytes)
{
  reserve(buf, n_bytes);
  if (n_bytes) {
    memcpy(buf->data + buf->length, data, n_bytes);
    buf->length += n_bytes;
  }
}

void stoa_buf_text(stoa_buf *buf, const char *text)
{
  stoa_buf_add(buf, text, strlen(text));
}

void stoa_buf_slice(stoa_buf *buf, stoa_slice text)
{
  stoa_buf_add(buf, text.data, text.length);
}

void stoa_buf_byte(stoa_buf *buf, char byte)
{
  stoa_buf_add(buf, &byte, 1);
}

void stoa_buf_print(stoa_buf *buf, const char *format, ...)
{
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length > 0) {
    reserve(buf, (size_t)length + 1);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
    buf->length += (size_t)length;
  }
  va_end(again);
}

void stoa_buf_json(stoa_buf *buf, stoa_slice text)
{
  static const char hex[] = "0123456789abcdef";
  stoa_buf_byte(buf, '"');
  for (size_t i = 0; i < text.length;) {
    const unsigned char c = (unsigned char)text.data[i];
    if (c >= 0x80) {
      const size_t n = stoa_utf8_valid(text.data + i, text.length - i);
      n ? stoa_buf_add(buf, text.data + i, n) : stoa_buf_text(buf, "\xEF\xBF\xBD");
      i += n ? n : 1;
      continue;
    }
    if (c == '"' || c == '\\') {
      stoa_buf_byte(buf, '\\');
      stoa_buf_byte(buf, (char)c);
    } else if (c >= 0x20) {
      stoa_buf_byte(buf, (char)c);
    } else if (c == '\n') {
      stoa_buf_text(buf, "\\n");
    } else {
      const char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
      stoa_buf_add(buf, escape, sizeof escape);
    }
    ++i;
  }
  stoa_buf_byte(buf, '"');
}

void stoa_buf_number(stoa_buf *buf, double number)
{
  if (!isfinite(number)) {
    stoa_buf_text(buf, "null");
    return;
  }
  char text[40];
  for (int digits = 15; digits <= 17; ++digits) {
    snprintf(text, sizeof text, "%.*g", digits, number);
    if (strtod(text, NULL) == number) {
      break;
    }
  }
  stoa_buf_text(buf, text);
}

const char *stoa_buf_string(stoa_buf *buf)
{
  reserve(buf, 1);
  buf->data[buf->length] = '\0';
  return buf->data;
}
