#ifndef STOA_GRAPH_TERM_TERM_H
#define STOA_GRAPH_TERM_TERM_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/term/template.h"
#include <stdbool.h>
#include <stdint.h>

/// An RDF term in 16 bytes.  A literal is held as a number, date or boolean only when its lexical
/// form is the canonical one and the value fits, so that printing gives back what was read; every
/// other literal is its bytes with its datatype (STOA_TERM_TYPED).  An IRI made by a mapping stays a
/// template with its column values (STOA_TERM_BUILT) until it is printed.
typedef enum {
  STOA_TERM_UNBOUND,
  STOA_TERM_BLANK,    ///< as.text, length: the label
  STOA_TERM_IRI,      ///< as.text, length
  STOA_TERM_BUILT,    ///< as.built: an IRI
  STOA_TERM_STRING,   ///< xsd:string; as.text, length
  STOA_TERM_LANG,     ///< as.literal: text and language tag
  STOA_TERM_TYPED,    ///< as.literal: text and datatype IRI
  STOA_TERM_BOOLEAN,  ///< as.integer 0 or 1
  STOA_TERM_INTEGER,  ///< as.integer
  STOA_TERM_DECIMAL,  ///< as.integer / 10^length
  STOA_TERM_DOUBLE,   ///< as.real
  STOA_TERM_DATETIME, ///< as.integer: microseconds on the UTC time line; flags, zone
  STOA_TERM_DATE      ///< as DATETIME, of the day's start
} stoa_term_kind;

/// Text with what qualifies it: a language tag or a datatype IRI.
typedef struct {
  stoa_slice text, tag;
} stoa_literal;

/// The values that make an IRI with a template.
typedef struct {
  const stoa_template *tmpl;
  stoa_slice values[];
} stoa_built;

enum { STOA_TERM_HAS_ZONE = 1 };

typedef struct {
  uint8_t kind;    ///< stoa_term_kind
  uint8_t flags;   ///< STOA_TERM_HAS_ZONE
  int16_t zone;    ///< minutes east of UTC, of DATETIME and DATE
  uint32_t length; ///< bytes of as.text; scale of DECIMAL
  union {
    int64_t integer;
    double real;
    const char *text;
    const stoa_literal *literal;
    const stoa_built *built;
  } as;
} stoa_term;

static inline bool stoa_term_is_bound(stoa_term t)
{
  return t.kind != STOA_TERM_UNBOUND;
}
static inline bool stoa_term_is_iri(stoa_term t)
{
  return t.kind == STOA_TERM_IRI || t.kind == STOA_TERM_BUILT;
}
static inline bool stoa_term_is_literal(stoa_term t)
{
  return t.kind >= STOA_TERM_STRING;
}
/// The bytes of an IRI, blank node label or plain string (not of STOA_TERM_BUILT).
static inline stoa_slice stoa_term_text(stoa_term t)
{
  return (stoa_slice){t.as.text, t.length};
}

/// Make terms that borrow `text`.
stoa_term stoa_term_iri(stoa_slice text);
stoa_term stoa_term_blank(stoa_slice label);
stoa_term stoa_term_string(stoa_slice text);
stoa_term stoa_term_integer(int64_t value);
stoa_term stoa_term_double(double value);
stoa_term stoa_term_boolean(bool value);
stoa_term stoa_term_lang(stoa_arena *arena, stoa_slice text, stoa_slice language);
stoa_term stoa_term_datetime(int64_t us, bool has_zone, int zone);
/// Make an IRI from a template; the values are borrowed.
stoa_term stoa_term_built(stoa_arena *arena, const stoa_template *tmpl, const stoa_slice *values);
/// Make a literal from lexical form and datatype IRI: inline when canonical, else bytes (borrowed).
stoa_term stoa_term_literal(stoa_arena *arena, stoa_slice lexical, stoa_slice datatype);

/// Append the IRI, the label or the lexical form: what SPARQL's STR gives (labels for blank nodes).
void stoa_term_write_lexical(stoa_term term, stoa_buf *out);
/// Append the term in N-Triples syntax; "UNDEF" for an unbound one.
void stoa_term_write(stoa_term term, stoa_buf *out);
/// Return what `stoa_term_write_lexical` writes; borrowed from the term where it is held as text.
stoa_slice stoa_term_lexical(stoa_term term, stoa_arena *arena);
/// Return the datatype IRI of a literal; static or borrowed.  Empty for what is no literal.
stoa_slice stoa_term_datatype(stoa_term term);
/// Return the language tag; empty when there is none.
stoa_slice stoa_term_language(stoa_term term);
/// Return a copy whose bytes lie in `arena`.
stoa_term stoa_term_copy(stoa_term term, stoa_arena *arena);

#endif
