#ifndef STOA_GRAPH_TERM_LEXICAL_H
#define STOA_GRAPH_TERM_LEXICAL_H

#include "graph/base/slice.h"

/// Which texts a datatype allows: the lexical spaces of XML Schema 1.1, Part 2, without any white space around them, as
/// RDF 1.1 (Concepts, section 5) has it.

/// True for a text that makes a well-typed literal, and for any text of a datatype that is not of XML Schema.
bool stoa_lexical_fits(stoa_slice lexical, stoa_slice datatype);
/// True for an IRI that names a datatype of XML Schema, or none in its namespace.
bool stoa_lexical_knows(const char *datatype);
/// The name of the datatype of XML Schema that is nearest, without its namespace; or NULL.
const char *stoa_lexical_nearest(const char *datatype);

#endif
