#ifndef STOA_GRAPH_RDF_RESULTS_READER_H
#define STOA_GRAPH_RDF_RESULTS_READER_H

#include "graph/base/context.h"
#include "graph/term/term.h"

/// Result documents (SPARQL 1.1 Query Results JSON, and XML) from files and from endpoints: `stoa query --expect`
/// compares an answer with one, and SERVICE is answered by them.  They are read row by row; what is not legal in them
/// (IRIs, language tags, another structure) is an error, and so is a document type, for entities could make much of
/// little.
typedef struct {
  bool is_boolean, truth;
  const char **names;
  uint32_t n_columns;
  const stoa_term *rows; ///< row-major
  uint32_t n_rows;
} stoa_results;

typedef enum { STOA_RESULTS_XML, STOA_RESULTS_JSON } stoa_results_syntax;

/// Read a document whose name ends in .srx or .xml, .srj or .json.  STOA_UNSUPPORTED for other endings.
stoa_status stoa_results_read(const char *path, stoa_arena *arena, stoa_results *out, stoa_error *err);
/// Read a document that came from elsewhere; `name` says from where in messages.  It ends with the request, and when
/// the arena's budget, or that of the arena which it charges, is passed: STOA_LIMIT.
stoa_status stoa_results_parse(const char *name, stoa_results_syntax syntax, stoa_slice text,
                               const stoa_context *context, stoa_arena *arena, stoa_results *out, stoa_error *err);

#endif
