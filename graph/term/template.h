#ifndef STOA_GRAPH_TERM_TEMPLATE_H
#define STOA_GRAPH_TERM_TEMPLATE_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/base/error.h"

enum { STOA_TEMPLATE_COLUMNS = 8 };

/// A string template (R2RML, section 7.3): text with column names in braces,
/// "http://bank.example/customer/{customer_id}".  Templates are compared by `shape`, the pattern with
/// the names left out, since only the shape decides which IRIs a template can make.
typedef struct {
  const char *pattern;
  const char *shape;
  uint32_t n_columns;
  const char *columns[STOA_TEMPLATE_COLUMNS];  ///< names as written
  stoa_slice texts[STOA_TEMPLATE_COLUMNS + 1]; ///< what stands before, between and after them
  /// No two rows of values make the same text, so that comparing columns is comparing texts: what stands between two
  /// columns has a character that is escaped in values.
  bool exact;
} stoa_template;

/// Parse a pattern; `base` is put before a relative one.  Errors: no closing brace, empty name, more
/// than STOA_TEMPLATE_COLUMNS columns.
stoa_status stoa_template_read(const char *pattern, const char *base, bool is_iri, stoa_arena *arena,
                               const stoa_template **out, stoa_error *err);
/// Append the text made from `values`, percent-encoded when `encode` (IRI-safe, R2RML section 7.3).
void stoa_template_write(const stoa_template *tmpl, const stoa_slice *values, bool encode, stoa_buf *out);
/// Take `text` apart into decoded column values.  False when the template cannot have made it:
/// the values are encoded again and compared, so that %2F never passes for a slash.  One way of several where it is
/// not exact.
bool stoa_template_invert(const stoa_template *tmpl, stoa_slice text, bool encoded, stoa_arena *arena,
                          stoa_slice *values);
/// Decode values that were taken from an IRI's text.  False when the template does not make just that text of them.
bool stoa_template_decode(const stoa_template *tmpl, stoa_slice *values, stoa_slice text, stoa_arena *arena);
/// False when no IRI can be made by both templates; judged by their fixed beginnings and ends.
bool stoa_template_overlap(const stoa_template *a, const stoa_template *b);

#endif
