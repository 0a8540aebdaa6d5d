#include "graph/base/code.h"

stoa_slice stoa_hex_write(stoa_slice bytes, stoa_hex_letters letters, stoa_arena *arena)
{
  char *const text = stoa_arena_raw(arena, bytes.length * 2 + 1);
  for (size_t i = 0; i < bytes.length; ++i) {
    stoa_hex_byte((unsigned char)bytes.data[i], letters, text + i * 2);
  }
  return (stoa_slice){text, bytes.length * 2};
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
