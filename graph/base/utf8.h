#ifndef STOA_GRAPH_BASE_UTF8_H
#define STOA_GRAPH_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/// Return the length of the valid UTF-8 character (RFC 3629) at `text`, 0 when there is none.
size_t stoa_utf8_valid(const char *text, size_t n_bytes);
/// Return the length of the character at `text` (at least 1) and put its code point into `out`;
/// a broken byte stands for itself.
size_t stoa_utf8_read(const char *text, size_t n_bytes, uint32_t *out);
/// Write `code` as UTF-8 into `out` (4 bytes) and return the length; 0 for what is no code point.
size_t stoa_utf8_write(uint32_t code, char *out);
/// Return the number of characters.
size_t stoa_utf8_count(const char *text, size_t n_bytes);

#endif
