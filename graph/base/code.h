#ifndef STOA_GRAPH_BASE_CODE_H
#define STOA_GRAPH_BASE_CODE_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"

/// Bytes written as hexadecimal digits, plainly or behind a percent sign (RFC 3986, section 2.1), or as base64, and
/// read back: the one place of the tree that does.

/// The value of a hexadecimal digit in either case, or -1.
static inline int stoa_hex_value(char c)
{
  const char small = (char)(c | 32);
  return c >= '0' && c <= '9' ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

/// Which letters digits above 9 are.
typedef enum { STOA_HEX_SMALL, STOA_HEX_CAPITAL } stoa_hex_letters;

/// Write the two digits of a byte.
static inline void stoa_hex_byte(unsigned char byte, stoa_hex_letters letters, char *out)
{
  static const char digits[2][17] = {"0123456789abcdef", "0123456789ABCDEF"};
  out[0] = digits[letters][byte >> 4];
  out[1] = digits[letters][byte & 15];
}
/// Return the digits of all bytes.
stoa_slice stoa_hex_write(stoa_slice bytes, stoa_hex_letters letters, stoa_arena *arena);

/// Return the bytes of digits in either case.  False for what are none, or not two for each byte.
bool stoa_hex_read(stoa_slice text, stoa_arena *arena, stoa_slice *out);

/// Append bytes as base64 (RFC 4648, section 4), the last group filled up with "=".
void stoa_base64_write(stoa_slice bytes, stoa_buf *out);
/// Return the bytes of base64; blanks and line ends between letters, which XML Schema allows, are passed over.  False
/// for what is none, or no whole number of bytes.
bool stoa_base64_read(stoa_slice text, stoa_arena *arena, stoa_slice *out);

/// What percent coding leaves as it is.
typedef enum {
  STOA_PERCENT_UNRESERVED,  ///< ASCII letters, digits and "-._~" (RFC 3986)
  STOA_PERCENT_IUNRESERVED, ///< those, and all that is not ASCII (RFC 3987)
  STOA_PERCENT_FORM         ///< ASCII letters and digits
} stoa_percent_keep;

/// True for a byte that stays as it is.
static inline bool stoa_percent_keeps(stoa_percent_keep keep, unsigned char c)
{
  const bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
  const bool mark = c == '-' || c == '.' || c == '_' || c == '~';
  return plain || (mark && keep != STOA_PERCENT_FORM) || (c >= 0x80 && keep == STOA_PERCENT_IUNRESERVED);
}
/// Write a byte that does not stay: three characters.
static inline void stoa_percent_byte(unsigned char c, char *out)
{
  out[0] = '%';
  stoa_hex_byte(c, STOA_HEX_CAPITAL, out + 1);
}
/// Append a text coded.
void stoa_percent_write(stoa_slice text, stoa_percent_keep keep, stoa_buf *out);
/// Decode into `out`, which has room for text.length bytes and may be the text itself, and return how many it is now; a
/// sign without two digits stays as it is, and so do small letters where only `capitals` are taken.
size_t stoa_percent_read(stoa_slice text, bool capitals, char *out);

/// Append a text as a label of blank nodes that every syntax takes, and no other text gives: ASCII letters and digits
/// stay, other bytes are _XX, and no text at all is "_".
void stoa_label_write(stoa_slice text, stoa_buf *out);
/// Return the text that a label was made of.  False when it was made of none.
bool stoa_label_read(stoa_slice label, stoa_arena *arena, stoa_slice *out);

#endif
