#include "graph/base/utf8.h"

static size_t sequence_length(unsigned char c)
{
  return c < 0x80 ? 1 : c < 0xC2 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : c < 0xF5 ? 4 : 0;
}

size_t stoa_utf8_valid(const char *text, size_t n_bytes)
{
  const unsigned char *const s = (const unsigned char *)text;
  const size_t n = n_bytes ? sequence_length(s[0]) : 0;
  if (n == 0 || n > n_bytes) {
    return 0;
  }
  for (size_t i = 1; i < n; ++i) {
    if ((s[i] & 0xC0) != 0x80) {
      return 0;
    }
  }
  const int overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  const int surrogate = s[0] == 0xED && s[1] > 0x9F;
  const int beyond = s[0] == 0xF4 && s[1] > 0x8F;
  return overlong || surrogate || beyond ? 0 : n;
}

size_t stoa_utf8_read(const char *text, size_t n_bytes, uint32_t *out)
{
  const unsigned char *const s = (const unsigned char *)text;
  const size_t n = stoa_utf8_valid(text, n_bytes);
  static const uint32_t mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  if (n == 0) {
    *out = s[0];
    return 1;
  }
  uint32_t code = s[0] & mask[n];
  for (size_t i = 1; i < n; ++i) {
    code = code << 6 | (s[i] & 0x3F);
  }
  *out = code;
  return n;
}

size_t stoa_utf8_write(uint32_t code, char *out)
{
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
    return 0;
  }
  const size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (size_t i = n - 1; i > 0; --i) {
    out[i] = (char)(0x80 | (code & 0x3F));
    code >>= 6;
  }
  out[0] = (char)(lead[n] | code);
  return n;
}

size_t stoa_utf8_count(const char *text, size_t n_bytes)
{
  size_t count = 0;
  for (size_t i = 0; i < n_bytes; ++i) {
    count += ((unsigned char)text[i] & 0xC0) != 0x80;
  }
  return count;
}
