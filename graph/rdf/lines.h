#ifndef STOA_GRAPH_RDF_LINES_H
#define STOA_GRAPH_RDF_LINES_H

#include "graph/rdf/reader.h"

/// Read one line of N-Triples, or with `quads` of N-Quads, in its plainest form: absolute IRIs, labels and
/// literals without escapes.  Terms borrow the line or lie in `arena`.  False for every other line, also
/// for faulty ones: those are raptor's.
bool stoa_rdf_plain_line(stoa_slice line, bool quads, stoa_arena *arena, stoa_statement *out);

#endif
