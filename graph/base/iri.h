#ifndef STOA_GRAPH_BASE_IRI_H
#define STOA_GRAPH_BASE_IRI_H

#include "graph/base/arena.h"

/// Resolve a relative IRI (RFC 3986, section 5.2, without normalisation of absolute ones).  `base` NULL:
/// the IRI as it is.  The result is `iri` itself or lies in `arena`.
stoa_slice stoa_iri_resolve(const char *base, stoa_slice iri, stoa_arena *arena);
/// True when the IRI begins with a scheme.
bool stoa_iri_is_absolute(stoa_slice iri);
/// True when every character may stand in an IRI between < and > (SPARQL, rule 139): UTF-8 without white space and
/// < > " { } | ^ ` and backslash.
bool stoa_iri_is_clean(stoa_slice iri);

#endif
