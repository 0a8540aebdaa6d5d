#ifndef STOA_GRAPH_RDF_WRITER_H
#define STOA_GRAPH_RDF_WRITER_H

#include "graph/base/error.h"
#include "graph/term/term.h"

/// Writes triples through raptor's serialisers (N-Triples, RDF/XML), which are lossless; its Turtle
/// writer is not and is not used.  The only file that writes with raptor is writer.c.
typedef struct stoa_rdf_writer stoa_rdf_writer;

/// Where bytes go.  Returns false when they cannot be taken.
typedef struct {
  bool (*write)(void *data, const char *bytes, size_t n_bytes);
  void *data;
} stoa_sink;

/// Start a document; `syntax` is "ntriples" or "rdfxml".
stoa_status stoa_rdf_writer_new(const char *syntax, stoa_sink sink, stoa_rdf_writer **out, stoa_error *err);
/// Write one triple.  A triple that RDF forbids (literal as subject) is left out.
stoa_status stoa_rdf_writer_add(stoa_rdf_writer *writer, stoa_term subject, stoa_term predicate, stoa_term object,
                                stoa_error *err);
/// End the document and release the writer.
stoa_status stoa_rdf_writer_free(stoa_rdf_writer *writer, stoa_error *err);

#endif
