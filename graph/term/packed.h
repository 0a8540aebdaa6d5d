#ifndef STOA_GRAPH_TERM_PACKED_H
#define STOA_GRAPH_TERM_PACKED_H

#include "graph/term/term.h"

/// A term as one text: a letter for its kind, the language tag or datatype IRI and a space where it has
/// one, then the lexical form.  Two packed texts are equal exactly when the terms are the same.

/// Append a packed term; nothing for an unbound one.
void stoa_term_pack(stoa_term term, stoa_buf *out);
/// Read a packed term; its bytes are borrowed from `packed`.  Unbound when it is malformed.  A language tag comes back with
/// the usual capitals.
stoa_term stoa_term_unpack(stoa_slice packed, stoa_arena *arena);

#endif
