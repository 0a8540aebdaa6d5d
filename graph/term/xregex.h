#ifndef STOA_GRAPH_TERM_XREGEX_H
#define STOA_GRAPH_TERM_XREGEX_H

#include "graph/base/buf.h"

/// Regular expressions as XPath has them (Functions and Operators 3.1, section 5.6; XML Schema 1.1 Part 2, appendix G),
/// said as PCRE2 says them.

typedef struct {
  bool dot_all;     ///< s: "." is any character
  bool multiline;   ///< m: "^" and "$" are also the ends of lines
  bool caseless;    ///< i
  bool no_blanks;   ///< x: white space in the pattern does not count, outside of [ ]
  bool no_specials; ///< q: every character stands for itself
} stoa_xregex_flags;

/// Read flags; false for a letter that is none (err:FORX0001).
bool stoa_xregex_flags_read(stoa_slice text, stoa_xregex_flags *out);
/// Append the pattern in PCRE2's words, to be compiled with PCRE2_UTF and PCRE2_MATCH_UNSET_BACKREF, PCRE2_CASELESS for
/// `caseless`, PCRE2_DOTALL for `dot_all` and PCRE2_MULTILINE for `multiline`.  False where it is none of XPath's
/// (err:FORX0002).
bool stoa_xregex_write(stoa_slice pattern, const stoa_xregex_flags *flags, stoa_buf *out);

/// Append what each text begins with that the pattern, where it is one, matches.  False, and nothing: no telling.
bool stoa_xregex_prefix(stoa_slice pattern, const stoa_xregex_flags *flags, stoa_buf *out);

/// One piece of a replacement: a text, or what a group has matched (0: the whole).
typedef struct {
  stoa_slice text;
  int group; ///< -1: the text
} stoa_xregex_piece;

/// Read the piece of a replacement that begins at `*at`, in a pattern of `n_groups`, and step over it.  False for "\"
/// or
/// "$" that stand before nothing they may (err:FORX0004).
bool stoa_xregex_piece_read(stoa_slice replacement, int n_groups, size_t *at, stoa_xregex_piece *out);

#endif
