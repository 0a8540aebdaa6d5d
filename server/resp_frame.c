#include "server/resp_frame.h"
#include <strings.h>

// A line of digits after a type byte, such as "*3\r\n".
static stoa_frame_state read_count(const char **at, const char *end, long *out)
{
  enum { MOST_DIGITS = 10 };
  const char *p = *at;
  long value = 0;
  const bool negative = p < end && *p == '-';
  p += negative;
  const char *const digits = p;
  for (; p < end && *p >= '0' && *p <= '9' && p - digits <= MOST_DIGITS; ++p) {
    value = value * 10 + (*p - '0');
  }
  if (p - digits > MOST_DIGITS || (p < end && (p == digits || *p != '\r')) || (p + 1 < end && p[1] != '\n')) {
    return STOA_FRAME_BAD;
  }
  if (end - p < 2) {
    return STOA_FRAME_PARTIAL;
  }
  *out = negative ? -value : value;
  *at = p + 2;
  return STOA_FRAME_WHOLE;
}

static stoa_frame_state too_long(stoa_resp_command *c, stoa_fixed_limit limit)
{
  c->limit = limit;
  return STOA_FRAME_TOO_LONG;
}

static stoa_frame_state read_bulk(const char **at, const char *end, stoa_slice *out, size_t *missing)
{
  const char *p = *at;
  long length;
  *missing = 1;
  if (p >= end) {
    return STOA_FRAME_PARTIAL;
  }
  if (*p++ != '$') {
    return STOA_FRAME_BAD;
  }
  const stoa_frame_state state = read_count(&p, end, &length);
  if (state != STOA_FRAME_WHOLE) {
    return state;
  }
  if (length < 0 || length > STOA_MOST_FRAME) {
    return length < 0 ? STOA_FRAME_BAD : STOA_FRAME_TOO_LONG;
  }
  if (end - p < length + 2) {
    *missing = (size_t)(length + 2 - (end - p));
    return STOA_FRAME_PARTIAL;
  }
  if (p[length] != '\r' || p[length + 1] != '\n') {
    return STOA_FRAME_BAD;
  }
  *out = (stoa_slice){p, (size_t)length};
  *at = p + length + 2;
  return STOA_FRAME_WHOLE;
}

static stoa_frame_state read_array(stoa_slice in, stoa_resp_command *out, size_t *used)
{
  const char *p = in.data + 1;
  const char *const end = in.data + in.length;
  long count;
  out->n = 0;
  out->need = in.length + 1;
  stoa_frame_state state = read_count(&p, end, &count);
  if (state != STOA_FRAME_WHOLE || count > STOA_MOST_ARGUMENTS) {
    return state == STOA_FRAME_WHOLE ? too_long(out, STOA_LIMIT_ARGUMENTS) : state;
  }
  while ((long)out->n < count) {
    size_t missing;
    state = read_bulk(&p, end, &out->args[out->n], &missing);
    if (state != STOA_FRAME_WHOLE) { // each argument that is still to come has five bytes at least
      out->need = in.length + missing + 5 * (size_t)(count - (long)out->n - 1);
      out->limit = STOA_LIMIT_FRAME;
      return state;
    }
    out->n++;
  }
  *used = (size_t)(p - in.data);
  return STOA_FRAME_WHOLE;
}

// ---- inline commands

static int hex_digit(char c)
{
  return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

// What stands after a backslash within double quotes; steps behind it.
static char escaped(const char **at, const char *end)
{
  const char c = *(*at)++;
  if (c == 'x' && end - *at >= 2 && hex_digit((*at)[0]) >= 0 && hex_digit((*at)[1]) >= 0) {
    const int value = hex_digit((*at)[0]) * 16 + hex_digit((*at)[1]);
    *at += 2;
    return (char)value;
  }
  return c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == 'b' ? '\b' : c == 'a' ? '\a' : c;
}

// A word, perhaps in quotes, which end it; false when they do not close.
static bool read_word(const char **at, const char *end, stoa_buf *out)
{
  const char *p = *at;
  const char quote = *p == '"' || *p == '\'' ? *p++ : '\0';
  bool closed = !quote;
  while (p < end) {
    if (quote && *p == quote) {
      closed = p + 1 == end || p[1] == ' ' || p[1] == '\r';
      ++p;
      break;
    }
    if (!quote && (*p == ' ' || *p == '\r')) {
      break;
    }
    if (quote == '"' && *p == '\\' && p + 1 < end) {
      ++p;
      stoa_buf_byte(out, escaped(&p, end));
    } else if (quote == '\'' && *p == '\\' && p + 1 < end && p[1] == '\'') {
      stoa_buf_byte(out, '\'');
      p += 2;
    } else {
      stoa_buf_byte(out, *p++);
    }
  }
  *at = p;
  return closed;
}

static bool is_http(const stoa_resp_command *c)
{
  static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"};
  const stoa_slice first = c->args[0], last = c->args[c->n - 1];
  if (stoa_slice_is(first, "Host:") || (last.length >= 5 && memcmp(last.data, "HTTP/", 5) == 0)) {
    return true;
  }
  for (size_t i = 0; i < sizeof methods / sizeof *methods; ++i) {
    if (stoa_slice_is(first, methods[i]) && c->n > 1 && c->args[1].length && c->args[1].data[0] == '/') {
      return true;
    }
  }
  return false;
}

static stoa_frame_state read_inline(stoa_slice in, stoa_resp_command *out, size_t *used)
{
  const char *const newline = memchr(in.data, '\n', in.length);
  size_t starts[STOA_MOST_ARGUMENTS];
  out->need = in.length + 1;
  if (!newline || newline - in.data > STOA_MOST_INLINE) {
    return in.length > STOA_MOST_INLINE ? too_long(out, STOA_LIMIT_INLINE) : STOA_FRAME_PARTIAL;
  }
  out->n = 0;
  out->words->length = 0;
  stoa_buf_reserve(out->words, (size_t)(newline - in.data) + 1); // no word grows: arguments may point into it
  for (const char *p = in.data; p < newline;) {
    if (*p == ' ' || *p == '\r') {
      ++p;
      continue;
    }
    if (out->n == STOA_MOST_ARGUMENTS) {
      return too_long(out, STOA_LIMIT_ARGUMENTS);
    }
    starts[out->n] = out->words->length;
    if (!read_word(&p, newline, out->words)) {
      return STOA_FRAME_BAD;
    }
    out->args[out->n] = (stoa_slice){out->words->data + starts[out->n], out->words->length - starts[out->n]};
    out->n++;
  }
  *used = (size_t)(newline + 1 - in.data);
  return out->n && is_http(out) ? STOA_FRAME_HTTP : STOA_FRAME_WHOLE;
}

stoa_frame_state stoa_resp_read_frame(stoa_slice input, stoa_resp_command *out, size_t *used)
{
  *used = 0;
  if (input.length < out->need && input.length <= STOA_MOST_FRAME) {
    return STOA_FRAME_PARTIAL;
  }
  const stoa_frame_state state = input.data[0] == '*' ? read_array(input, out, used) : read_inline(input, out, used);
  if (state != STOA_FRAME_PARTIAL) {
    out->need = 0;
  }
  const size_t length = state == STOA_FRAME_WHOLE ? *used : input.length;
  return length > STOA_MOST_FRAME + STOA_MOST_INLINE ? too_long(out, STOA_LIMIT_FRAME) : state;
}
