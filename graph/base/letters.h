#ifndef STOA_GRAPH_BASE_LETTERS_H
#define STOA_GRAPH_BASE_LETTERS_H

#include "graph/base/buf.h"

/// What Unicode knows of characters, asked of libunistring (the only file that knows it is letters.c).

/// Append `text` with each character in its capital or small form, which may be several characters ("ß" is "SS").  Each
/// is taken by itself and no language is asked, as XPath's fn:upper-case and fn:lower-case do.
void stoa_letters_map(stoa_slice text, bool capital, stoa_buf *out);
/// Find a block of Unicode by its name without blanks, as regular expressions of XML Schema write it.
bool stoa_letters_block(stoa_slice name, uint32_t *first, uint32_t *last);

#endif
