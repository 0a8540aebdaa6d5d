// What every text that a pattern matches begins with.
#include "graph/term/xregex.h"

static bool is_special(char c)
{
  return strchr(".\\?*+{}()[]|^$", c) != NULL;
}

// Where the last character of a text begins.
static size_t last_char(const stoa_buf *text)
{
  size_t at = text->length;
  while (at > 0 && ((unsigned char)text->data[--at] & 0xC0) == 0x80) {
  }
  return at;
}

// "\." and the like stand for themselves, "\d" and the like for many characters.
static bool is_escaped_special(stoa_slice pattern, size_t at)
{
  return pattern.data[at] == '\\' && at + 1 < pattern.length && (is_special(pattern.data[at + 1]) || pattern.data[at + 1] == '-');
}

bool stoa_xregex_prefix(stoa_slice pattern, const stoa_xregex_flags *flags, stoa_buf *out)
{
  const size_t before = out->length;
  if (flags->caseless || flags->multiline || flags->no_blanks || flags->no_specials || pattern.length < 2 ||
      pattern.data[0] != '^' || memchr(pattern.data, '|', pattern.length)) {
    return false;
  }
  size_t at = 1;
  for (; at < pattern.length; ++at) {
    const bool escaped = is_escaped_special(pattern, at);
    if (!escaped && is_special(pattern.data[at])) {
      break;
    }
    at += escaped;
    stoa_buf_byte(out, pattern.data[at]);
  }
  // The last character may also be missing.
  if (at < pattern.length && strchr("?*{", pattern.data[at]) && out->length > before) {
    out->length = last_char(out);
  }
  return out->length > before;
}
