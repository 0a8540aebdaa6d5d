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

size_t stoa_percent_read(stoa_slice text, bool capitals, char *out)
{
  size_t n = 0;
  for (size_t i = 0; i < text.length; ++i) {
    const bool coded = text.data[i] == '%' && text.length - i > 2 && digit(text.data[i + 1], capitals) >= 0 &&
                       digit(text.data[i + 2], capitals) >= 0;
    out[n++] = coded ? (char)(stoa_hex_value(text.data[i + 1]) << 4 | stoa_hex_value(text.data[i + 2])) : text.data[i];
    i += coded ? 2 : 0;
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
    const bool escaped = label.data[i] == '_';
    if (escaped && (label.length - i < 3 || digit(label.data[i + 1], true) < 0 || digit(label.data[i + 2], true) < 0)) {
      return false;
    }
    text[n++] = escaped ? (char)(digit(label.data[i + 1], true) << 4 | digit(label.data[i + 2], true)) : label.data[i];
    i += escaped ? 2 : 0;
  }
  out->length = n;
  return true;
}
