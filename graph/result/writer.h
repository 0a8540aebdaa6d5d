#ifndef STOA_GRAPH_RESULT_WRITER_H
#define STOA_GRAPH_RESULT_WRITER_H

#include "graph/base/error.h"
#include "graph/rdf/writer.h"
#include "graph/term/batch.h"

typedef struct stoa_plan stoa_plan;

/// Streaming writers: each batch leaves as soon as it is there.
typedef enum {
  STOA_FORMAT_JSON,   ///< SPARQL 1.1 Query Results JSON
  STOA_FORMAT_XML,    ///< SPARQL Query Results XML
  STOA_FORMAT_CSV,    ///< SPARQL 1.1 CSV
  STOA_FORMAT_TSV,    ///< SPARQL 1.1 TSV
  STOA_FORMAT_TABLE,  ///< for a person at a terminal
  STOA_FORMAT_NT,     ///< N-Triples (graphs)
  STOA_FORMAT_RDFXML, ///< RDF/XML (graphs)
  STOA_FORMAT_TURTLE  ///< Turtle (graphs), with the prefixes of the query
} stoa_format;

/// Return the media type of a format.
const char *stoa_format_media_type(stoa_format format);
/// Read a name such as "json".  False when there is no such format.
bool stoa_format_read(const char *name, stoa_format *out);
/// True for the formats of graphs.
bool stoa_format_is_graph(stoa_format format);

/// Write the batches of a run whose columns are those of `plan->root`.
typedef struct stoa_result_writer stoa_result_writer;

/// Start a document.  Errors: STOA_BAD_ARG when the format does not fit the query's form.
stoa_status stoa_result_writer_new(stoa_format format, const stoa_plan *plan, stoa_sink sink, stoa_result_writer **out,
                                   stoa_error *err);
/// Go on with the batches of another plan, whose query has the same template.
void stoa_result_writer_follow(stoa_result_writer *writer, const stoa_plan *plan);
/// Write a batch.
stoa_status stoa_result_writer_add(stoa_result_writer *writer, const stoa_batch *batch, stoa_error *err);
/// End the document; without this call a document is visibly broken, never a clean end of a cut one.
stoa_status stoa_result_writer_end(stoa_result_writer *writer, stoa_error *err);
/// The number of rows or triples written.
uint64_t stoa_result_writer_count(const stoa_result_writer *writer);
void stoa_result_writer_free(stoa_result_writer *writer);

#endif
