#include "server/resp_write.h"
#include <stdarg.h>
#include <stdio.h>

static void headed(stoa_buf *out, char type, int64_t value)
{
  stoa_buf_byte(out, type);
  stoa_buf_integer(out, value);
  stoa_buf_text(out, "\r\n");
}

void stoa_resp_bulk(stoa_buf *out, stoa_slice text)
{
  headed(out, '$', (int64_t)text.length);
  stoa_buf_slice(out, text);
  stoa_buf_text(out, "\r\n");
}

void stoa_resp_text(stoa_buf *out, const char *text)
{
  stoa_resp_bulk(out, stoa_slice_of(text));
}

void stoa_resp_integer(stoa_buf *out, int64_t value)
{
  headed(out, ':', value);
}

void stoa_resp_array(stoa_buf *out, size_t n)
{
  headed(out, '*', (int64_t)n);
}

void stoa_resp_push(stoa_buf *out, int protocol, size_t n)
{
  headed(out, protocol == 3 ? '>' : '*', (int64_t)n);
}

void stoa_resp_map(stoa_buf *out, int protocol, size_t n)
{
  headed(out, protocol == 3 ? '%' : '*', (int64_t)(protocol == 3 ? n : 2 * n));
}

void stoa_resp_null(stoa_buf *out, int protocol)
{
  stoa_buf_text(out, protocol == 3 ? "_\r\n" : "$-1\r\n");
}

void stoa_resp_null_array(stoa_buf *out, int protocol)
{
  stoa_buf_text(out, protocol == 3 ? "_\r\n" : "*-1\r\n");
}

// The text comes first, since its length stands before it.
void stoa_resp_value(stoa_buf *out, int protocol, stoa_term value)
{
  enum { HEAD = STOA_INTEGER_DIGITS + 3 };
  char head[HEAD] = "$";
  if (!stoa_term_is_bound(value)) {
    stoa_resp_null(out, protocol);
    return;
  }
  const size_t at = out->length;
  stoa_buf_reserve(out, HEAD);
  out->length += HEAD;
  stoa_value_text(value, out);
  const size_t n = out->length - at - HEAD;
  size_t n_head = 1 + stoa_integer_write((int64_t)n, head + 1);
  head[n_head++] = '\r';
  head[n_head++] = '\n';
  memcpy(out->data + at, head, n_head);
  memmove(out->data + at + n_head, out->data + at + HEAD, n);
  out->length = at + n_head + n;
  stoa_buf_text(out, "\r\n");
}

void stoa_resp_error(stoa_buf *out, const char *code, const char *format, ...)
{
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  for (char *c = text; *c; ++c) {
    *c = (unsigned char)*c < ' ' ? ' ' : *c;
  }
  stoa_buf_print(out, "-%s %s\r\n", code, text);
}

void stoa_resp_failure(stoa_buf *out, const stoa_error *err)
{
  char text[800];
  stoa_error_print(err, text, sizeof text);
  const bool busy = err->status == STOA_UNAVAILABLE && strncmp(err->text, "busy", 4) == 0;
  stoa_resp_error(out, busy ? "BUSY" : "ERR", "%s", strncmp(text, "error: ", 7) == 0 ? text + 7 : text);
}
