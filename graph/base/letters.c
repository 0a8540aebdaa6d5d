#include "graph/base/letters.h"
#include "graph/base/utf8.h"
#include <unicase.h>
#include <unictype.h>

// libunistring would also look at neighbours, as a final sigma asks for: one character at a time has none.
static void map_character(const char *at, size_t n, bool capital, stoa_buf *out)
{
  uint8_t room[64];
  size_t length = sizeof room;
  const uint8_t *const from = (const uint8_t *)at;
  uint8_t *const to =
    capital ? u8_toupper(from, n, NULL, NULL, room, &length) : u8_tolower(from, n, NULL, NULL, room, &length);
  if (to == room) {
    stoa_buf_add(out, (const char *)room, length);
  } else {
    stoa_buf_add(out, at, n);
  }
}

void stoa_letters_map(stoa_slice text, bool capital, stoa_buf *out)
{
  const char first = capital ? 'a' : 'A', last = capital ? 'z' : 'Z';
  stoa_buf_reserve(out, text.length);
  for (size_t i = 0; i < text.length;) {
    const char c = text.data[i];
    const size_t n = (unsigned char)c < 0x80 ? 1 : stoa_utf8_valid(text.data + i, text.length - i);
    if (n > 1) {
      map_character(text.data + i, n, capital, out);
    } else {
      stoa_buf_byte(out, c >= first && c <= last ? (char)(c ^ 32) : c);
    }
    i += n ? n : 1;
  }
}

static bool is_named(const char *name, stoa_slice without_blanks)
{
  size_t n = 0;
  for (; *name && n <= without_blanks.length; ++name) {
    if (*name != ' ' && (n == without_blanks.length || without_blanks.data[n++] != *name)) {
      return false;
    }
  }
  return !*name && n == without_blanks.length;
}

// Names of Unicode 3.1, which XML Schema 1.0 lists, beside those of today.
static stoa_slice todays_name(stoa_slice name)
{
  static const char *const renamed[][2] = {{"Greek", "GreekandCoptic"},
                                           {"CombiningMarksforSymbols", "CombiningDiacriticalMarksforSymbols"},
                                           {"PrivateUse", "PrivateUseArea"}};
  for (size_t i = 0; i < sizeof renamed / sizeof *renamed; ++i) {
    if (stoa_slice_is(name, renamed[i][0])) {
      return stoa_slice_of(renamed[i][1]);
    }
  }
  return name;
}

bool stoa_letters_block(stoa_slice name, uint32_t *first, uint32_t *last)
{
  const uc_block_t *blocks;
  size_t n;
  const stoa_slice wanted = todays_name(name);
  uc_all_blocks(&blocks, &n);
  for (size_t i = 0; i < n; ++i) {
    if (is_named(blocks[i].name, wanted)) {
      *first = blocks[i].start;
      *last = blocks[i].end;
      return true;
    }
  }
  return false;
}
