#ifndef STOA_GRAPH_RDF_RESULTS_READER_H
#define STOA_GRAPH_RDF_RESULTS_READER_H

#include "graph/base/error.h"
#include "graph/term/term.h"

/// Result documents (SPARQL Query Results XML) read by rasqal, which reads no JSON; `stoa query --expect`
/// compares an answer with one, and SERVICE is answered by them.  The only file that reads them is results_reader.c.
typedef struct {
  bool is_boolean, truth;
  const char **names;
  uint32_t n_columns;
  const stoa_term *rows; ///< row-major
  uint32_t n_rows;
} stoa_results;

/// Read a document whose name ends in .srx or .xml.  STOA_UNSUPPORTED for other endings.
stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err);
/// Read a document in XML that came from elsewhere; `name` says from where in messages.
stoa_status stoa_results_parse(const char *name, stoa_slice text, stoa_arena *arena, stoa_results *out,
                               stoa_error *err);

#endif
