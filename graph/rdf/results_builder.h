#ifndef STOA_GRAPH_RDF_RESULTS_BUILDER_H
#define STOA_GRAPH_RDF_RESULTS_BUILDER_H

#include "graph/base/map.h"
#include "graph/rdf/results_reader.h"

/// What the readers of both syntaxes fill: bindings as they come, for a row may leave variables out, and JSON may name
/// the variables after the rows.
typedef struct {
  uint32_t row, column;
  stoa_term term;
} stoa_results_cell;

typedef struct {
  const char *name; ///< of the document
  const stoa_context *context;
  stoa_arena *arena;
  stoa_error *err;
  stoa_map columns, labels; ///< variable -> number + 1; label of a blank node -> our own
  STOA_LIST(const char *) names;
  STOA_LIST(stoa_results_cell) cells;
  uint32_t n_rows;
  bool is_boolean, truth;
} stoa_results_builder;

typedef enum { STOA_BINDING_IRI, STOA_BINDING_LITERAL, STOA_BINDING_BLANK } stoa_binding_kind;

/// Return the number of a variable, known from here on.
uint32_t stoa_results_column(stoa_results_builder *b, stoa_slice name);
/// Bind a variable in the row that is read; `language` and `datatype` are of literals, or empty.  All is copied.
stoa_status stoa_results_bind(stoa_results_builder *b, uint32_t column, stoa_binding_kind kind, stoa_slice text,
                              stoa_slice language, stoa_slice datatype);
/// End the row, and look whether there may be more.
stoa_status stoa_results_end_row(stoa_results_builder *b);
/// Refuse the document, from this line on.
stoa_status stoa_results_fault(stoa_results_builder *b, int line, const char *what);

/// The readers.
stoa_status stoa_results_read_json(stoa_results_builder *b, stoa_slice text);
stoa_status stoa_results_read_xml(stoa_results_builder *b, stoa_slice text);

#endif
