#ifndef STOA_GRAPH_RDF_READER_H
#define STOA_GRAPH_RDF_READER_H

#include "graph/base/error.h"
#include "graph/term/term.h"

/// Reads RDF files in every syntax raptor knows, chosen by the file's name (.ttl .nt .nq .trig .rdf
/// .jsonld is not known).  The only file that reads with raptor is reader.c.

/// A statement; terms are valid during the call only.  `graph` is unbound in the default graph.
typedef struct {
  stoa_term subject, predicate, object, graph;
  stoa_place place;
} stoa_statement;

typedef void (*stoa_statement_handler)(const stoa_statement *statement, void *data);

/// Read `path` and call `handler` for each statement.  `base` NULL: the file's own URI.  Errors carry
/// the file, line and column (STOA_BAD_SYNTAX).
stoa_status stoa_rdf_read(const char *path, const char *base, stoa_statement_handler handler, void *data,
                          stoa_error *err);
/// Read Turtle from memory; `name` stands for the file in messages.
stoa_status stoa_rdf_read_text(stoa_slice text, const char *name, const char *base, stoa_statement_handler handler,
                               void *data, stoa_error *err);

#endif
