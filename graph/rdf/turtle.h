#ifndef STOA_GRAPH_RDF_TURTLE_H
#define STOA_GRAPH_RDF_TURTLE_H

#include "graph/rdf/writer.h"

/// A streaming Turtle writer that loses nothing: every literal reads back with its lexical form and datatype.  Triples
/// with the subject, or subject and property, of the one before are written after ";" and ",".
typedef struct {
  stoa_sink sink;
  const stoa_prefix *prefixes;
  uint32_t n_prefixes;
  bool begun, failed;
  stoa_buf out, subject, predicate, term; ///< the last subject and property, as written
} stoa_turtle;

/// Start a document; prefixes are borrowed.
void stoa_turtle_init(stoa_turtle *t, stoa_sink sink, const stoa_prefix *prefixes, uint32_t n_prefixes);
/// Write a triple that RDF allows.  False when the sink takes no more.
bool stoa_turtle_add(stoa_turtle *t, stoa_term subject, stoa_term predicate, stoa_term object);
/// End the document.
bool stoa_turtle_end(stoa_turtle *t);
void stoa_turtle_done(stoa_turtle *t);

#endif
