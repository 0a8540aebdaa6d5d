#include "graph/base/code.h"

stoa_slice stoa_hex_write(stoa_slice bytes, stoa_hex_letters letters, stoa_arena *arena)
{
  char *const text = stoa_arena_raw(arena, bytes.length * 2 + 1);
  for (size_t i = 0; i < bytes.length; ++i) {
    stoa_hex_byte((unsigned char)bytes.data[i], letters, text + i * 2);
  }
  return (stoa_slice){text, bytes.length * 2};
}

bool stoa_hex_read(stoa_slice text, stoa_arena *arena, stoa_slice *out)
{
  char *const bytes = stoa_arena_raw(arena, text.length / 2 + 1);
  for (size_t i = 0; i + 1 < text.length; i += 2) {
    const int high = stoa_hex_value(text.data[i]), low = stoa_hex_value(text.data[i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    bytes[i / 2] = (char)(high << 4 | low);
  }
  *out = (stoa_slice){bytes, text.length / 2};
  return text.length % 2 == 0;
}

void stoa_base64_write(stoa_slice bytes, stoa_buf *out)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  stoa_buf_reserve(out, (bytes.length + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.length; i += 3) {
    const size_t n = bytes.length - i < 3 ? bytes.length - i : 3;
    uint32_t group = 0;
    char four[4];
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < n ? (unsigned char)bytes.data[i + k] : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      four[k] = k > n ? '=' : letters[group >> (18 - 6 * k) & 63];
    }
    stoa_buf_add(out, four, sizeof four);
  }
}

static int base64_value(char c)
{
  return c >= 'A' && c <= 'Z'   ? c - 'A'
         : c >= 'a' && c <= 'z' ? c - 'a' + 26
         : c >= '0' && c <= '9' ? c - '0' + 52
         : c == '+'             ? 62
         : c == '/'             ? 63
                                : -1;
}

bool stoa_base64_read(stoa_slice text, stoa_arena *arena, stoa_slice *out)
{
  char *const bytes = stoa_arena_raw(arena, text.length / 4 * 3 + 4);
  uint32_t group = 0;
  size_t n = 0, n_letters = 0, n_fill = 0;
  for (size_t i = 0; i < text.length; ++i) {
    const char c = text.data[i];
    const int value = base64_value(c);
    if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      continue;
    }
    if ((value < 0 && c != '=') || (value >= 0 && n_fill)) {
      return false;
    }
    n_fill += c == '=';
    group = group << 6 | (value < 0 ? 0U : (uint32_t)value);
    if (++n_letters % 4 == 0) {
      for (int k = 16; k >= 0; k -= 8) {
        bytes[n++] = (char)(group >> k);
      }
    }
  }
  if (n_letters % 4 || n_fill > 2) {
    return false;
  }
  *out = (stoa_slice){bytes, n - n_fill};
  return true;
}

void stoa_percent_write(stoa_slice text, stoa_percent_keep keep, stoa_buf *out)
{
  stoa_buf_reserve(out, text.length);
  for (size_t i = 0; i < text.length; ++i) {
    const unsigned char c = (unsigned char)text.data[i];
    if (stoa_percent_keeps(keep, c)) {
      stoa_buf_byte(out, (char)c);
    } else {
      char escape[3];
      stoa_percent_byte(c, escape);
      stoa_buf_add(out, escape, sizeof escape);
    }
  }
}

static int digit(char c, bool capitals)
{
  return capitals && c >= 'a' ? -1 : stoa_hex_value(c);
}

// The byte behind a sign at `at`; false when two digits do not stand there.
static bool read_byte(stoa_slice text, size_t at, bool capitals, char *out)
{
  const int high = text.length - at > 2 ? digit(text.data[at + 1], capitals) : -1;
  const int low = high >= 0 ? digit(text.data[at + 2], capitals) : -1;
  if (low < 0) {
    return false;
  }
  *out = (char)(high << 4 | low);
  return true;
}

size_t stoa_percent_read(stoa_slice text, bool capitals, char *out)
{
  size_t n = 0;
  for (size_t i = 0; i < text.length; ++i) {
    if (text.data[i] == '%' && read_byte(text, i, capitals, &out[n])) {
      i += 2;
    } else {
      out[n] = text.data[i];
    }
    ++n;
  }
  return n;
}

void stoa_label_write(stoa_slice text, stoa_buf *out)
{
  for (size_t i = 0; i < text.length; ++i) {
    const unsigned char c = (unsigned char)text.data[i];
    char escape[3] = "_";
    if (stoa_percent_keeps(STOA_PERCENT_FORM, c)) {
      stoa_buf_byte(out, (char)c);
    } else {
      stoa_hex_byte(c, STOA_HEX_CAPITAL, escape + 1);
      stoa_buf_add(out, escape, sizeof escape);
    }
  }
  if (text.length == 0) {
    stoa_buf_byte(out, '_');
  }
}

bool stoa_label_read(stoa_slice label, stoa_arena *arena, stoa_slice *out)
{
  char *const text = stoa_arena_raw(arena, label.length + 1);
  size_t n = 0;
  *out = (stoa_slice){text, 0};
  if (stoa_slice_is(label, "_")) {
    return true;
  }
  for (size_t i = 0; i < label.length; ++i) {
    if (label.data[i] != '_') {
      text[n++] = label.data[i];
    } else if (read_byte(label, i, true, &text[n])) {
      ++n;
      i += 2;
    } else {
      return false;
    }
  }
  out->length = n;
  return true;
}
