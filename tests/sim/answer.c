#include "tests/sim/answer.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBER = 20 };

// The line that begins at `at`; its end, behind the line feed, or 0.
static size_t line_end(stoa_slice in, size_t at)
{
  const char *const end = at < in.length ? memmem(in.data + at, in.length - at, "\r\n", 2) : NULL;
  return end ? (size_t)(end - in.data) + 2 : 0;
}

static long number_at(stoa_slice in, size_t at, int base)
{
  char text[MOST_NUMBER + 1] = "";
  const size_t n = in.length - at < MOST_NUMBER ? in.length - at : MOST_NUMBER;
  memcpy(text, in.data + at, n);
  return strtol(text, NULL, base);
}

// ---- RESP

static answer_state read_resp(stoa_slice in, size_t at, answer *out, size_t *end)
{
  const size_t line = line_end(in, at);
  if (!line) {
    return ANSWER_PARTIAL;
  }
  const char type = in.data[at];
  const long n = number_at(in, at + 1, 10);
  *end = line;
  out->is_good = type != '-';
  out->body.length = 0;
  if (type == '$' && n >= 0) {
    *end = line + (size_t)n + 2;
    if (*end > in.length) {
      return ANSWER_PARTIAL;
    }
    stoa_buf_add(&out->body, in.data + line, (size_t)n);
    return memcmp(in.data + *end - 2, "\r\n", 2) == 0 ? ANSWER_WHOLE : ANSWER_BAD;
  }
  if (type == '*') {
    answer_state state = ANSWER_WHOLE;
    for (long i = 0; i < n && state == ANSWER_WHOLE; ++i) {
      state = read_resp(in, *end, out, end);
    }
    return state;
  }
  stoa_buf_add(&out->body, in.data + at + 1, line - at - 3);
  return strchr("+-:$", type) && type ? ANSWER_WHOLE : ANSWER_BAD;
}

// ---- HTTP

static bool has_field(stoa_slice head, const char *field)
{
  return memmem(head.data, head.length, field, strlen(field)) != NULL;
}

static answer_state read_chunks(stoa_slice in, size_t at, answer *out, size_t *end)
{
  for (;;) {
    const size_t line = line_end(in, at);
    const long n = line ? number_at(in, at, 16) : 0;
    if (!line || in.length < line + (size_t)n + 2) {
      return ANSWER_PARTIAL;
    }
    *end = at = line + (size_t)n + 2;
    if (n < 0 || memcmp(in.data + at - 2, "\r\n", 2) != 0) {
      return ANSWER_BAD;
    }
    stoa_buf_add(&out->body, in.data + line, (size_t)n);
    if (n == 0) {
      return ANSWER_WHOLE;
    }
  }
}

static answer_state read_http(stoa_slice in, bool is_head, answer *out, size_t *end)
{
  static const char length_field[] = "\r\nContent-Length: ";
  const char *const blank = memmem(in.data, in.length, "\r\n\r\n", 4);
  if (!blank) {
    return in.length >= 9 && memcmp(in.data, "HTTP/1.1 ", 9) != 0 ? ANSWER_BAD : ANSWER_PARTIAL;
  }
  const stoa_slice head = {in.data, (size_t)(blank - in.data) + 2};
  const char *const length = memmem(head.data, head.length, length_field, sizeof length_field - 1);
  *end = head.length + 2;
  out->status = (int)number_at(in, 9, 10);
  out->is_good = out->status / 100 == 2;
  out->closes = has_field(head, "\r\nConnection: close\r\n");
  if (memcmp(in.data, "HTTP/1.1 ", 9) != 0 || !has_field(head, "\r\nDate: ")) {
    return ANSWER_BAD;
  }
  if (is_head || out->status == 204) {
    return ANSWER_WHOLE;
  }
  if (has_field(head, "\r\nTransfer-Encoding: chunked\r\n")) {
    return read_chunks(in, *end, out, end);
  }
  if (!length) {
    return ANSWER_BAD;
  }
  const long n = number_at(in, (size_t)(length - in.data) + sizeof length_field - 1, 10);
  if (in.length < *end + (size_t)n) {
    return ANSWER_PARTIAL;
  }
  stoa_buf_add(&out->body, in.data + *end, (size_t)n);
  *end += (size_t)n;
  return ANSWER_WHOLE;
}

answer_state answer_read(stoa_slice in, bool is_http, bool is_head, answer *out, size_t *used)
{
  *out = (answer){0};
  *used = 0;
  return is_http ? read_http(in, is_head, out, used) : read_resp(in, 0, out, used);
}
