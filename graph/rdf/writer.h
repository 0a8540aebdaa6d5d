#ifndef STOA_GRAPH_RDF_WRITER_H
#define STOA_GRAPH_RDF_WRITER_H

#include "graph/base/error.h"
#include "graph/term/term.h"

/// Writes triples: N-Triples and RDF/XML through raptor's serialisers, which are lossless; its Turtle writer is not,
/// so Turtle is written by turtle.c.  The only file that writes with raptor is writer.c.
typedef struct stoa_rdf_writer stoa_rdf_writer;

/// Where bytes go.  Returns false when they cannot be taken.
typedef struct {
  bool (*write)(void *data, const char *bytes, size_t n_bytes);
  void *data;
} stoa_sink;

/// A namespace with its short name, without the colon.
typedef struct {
  stoa_slice name, iri;
} stoa_prefix;

/// Start a document; `syntax` is "ntriples", "rdfxml" or "turtle", which uses the prefixes (borrowed).
stoa_status stoa_rdf_writer_new(const char *syntax, const stoa_prefix *prefixes, uint32_t n_prefixes, stoa_sink sink,
                                stoa_rdf_writer **out, stoa_error *err);
/// Write one triple.  A triple that RDF forbids (literal as subject) is left out.
stoa_status stoa_rdf_writer_add(stoa_rdf_writer *writer, stoa_term subject, stoa_term predicate, stoa_term object,
                                stoa_error *err);
/// End the document and release the writer; `err` NULL gives the document up instead, cut where it is.
stoa_status stoa_rdf_writer_free(stoa_rdf_writer *writer, stoa_error *err);

#endif
