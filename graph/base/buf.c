#include "graph/base/buf.h"
#include "graph/base/code.h"
#include "graph/base/utf8.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void stoa_buf_reserve(stoa_buf *buf, size_t n_bytes)
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

size_t stoa_integer_write(int64_t integer, char *out)
{
  char digits[STOA_INTEGER_DIGITS];
  uint64_t rest = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
  size_t n = 0, length = 0;
  do {
    digits[n++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest);
  if (integer < 0) {
    out[length++] = '-';
  }
  while (n) {
    out[length++] = digits[--n];
  }
  return length;
}

void stoa_buf_print(stoa_buf *buf, const char *format, ...)
{
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  const int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (length > 0) {
    stoa_buf_reserve(buf, (size_t)length + 1);
    vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
    buf->length += (size_t)length;
  }
  va_end(again);
}

// How many bytes of a text stand in a JSON string as they are.
static size_t plain_length(const char *text, size_t n)
{
  size_t i = 0;
  while (i < n && (unsigned char)text[i] >= 0x20 && (unsigned char)text[i] < 0x80 && text[i] != '"' && text[i] != '\\') {
    ++i;
  }
  return i;
}

void stoa_buf_json(stoa_buf *buf, stoa_slice text)
{
  stoa_buf_byte(buf, '"');
  for (size_t i = 0; i < text.length;) {
    const size_t n_plain = plain_length(text.data + i, text.length - i);
    stoa_buf_add(buf, text.data + i, n_plain);
    i += n_plain;
    if (i == text.length) {
      break;
    }
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
    } else if (c == '\n') {
      stoa_buf_text(buf, "\\n");
    } else {
      char escape[6] = {'\\', 'u', '0', '0'};
      stoa_hex_byte(c, STOA_HEX_SMALL, escape + 4);
      stoa_buf_add(buf, escape, sizeof escape);
    }
    ++i;
  }
  stoa_buf_byte(buf, '"');
}

bool stoa_csv_needs_quotes(stoa_slice text)
{
  static const bool special[256] = {[','] = true, ['"'] = true, ['\n'] = true, ['\r'] = true};
  for (size_t i = 0; i < text.length; ++i) {
    if (special[(unsigned char)text.data[i]]) {
      return true;
    }
  }
  return false;
}

void stoa_buf_csv(stoa_buf *buf, stoa_slice text)
{
  if (!stoa_csv_needs_quotes(text)) {
    stoa_buf_slice(buf, text);
    return;
  }
  stoa_buf_byte(buf, '"');
  for (size_t i = 0; i < text.length; ++i) {
    if (text.data[i] == '"') {
      stoa_buf_byte(buf, '"');
    }
    stoa_buf_byte(buf, text.data[i]);
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
  stoa_buf_reserve(buf, 1);
  buf->data[buf->length] = '\0';
  return buf->data;
}
