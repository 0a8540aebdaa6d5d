#ifndef STOA_GRAPH_RDF_RESULTS_READER_H
#define STOA_GRAPH_RDF_RESULTS_READER_H

#include "graph/base/error.h"
#include "graph/term/term.h"

/// Result documents (SPARQL Results JSON and XML) read by rasqal; `stoa query --expect` compares an
/// answer with one.  The only file that reads them is results_reader.c.
typedef struct {
  bool is_boolean, truth;
  const char **names;
  uint32_t n_columns;
  const stoa_term *rows; ///< row-major
  uint32_t n_rows;
} stoa_results;

/// Read a document; the syntax is told by the file's name (.srj, .json, .srx, .xml).
stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err);

#endif
