#ifndef STOA_GRAPH_SPARQL_UPDATE_H
#define STOA_GRAPH_SPARQL_UPDATE_H

#include "graph/sparql/algebra.h"

/// SPARQL 1.1 Update: a request is a list of operations, done in order.
typedef enum {
  STOA_UPDATE_MODIFY, ///< INSERT DATA, DELETE DATA, DELETE WHERE and DELETE/INSERT ... WHERE
  STOA_UPDATE_LOAD,
  STOA_UPDATE_CLEAR, ///< and DROP: an empty graph is no graph here
  STOA_UPDATE_CREATE,
  STOA_UPDATE_COPY,
  STOA_UPDATE_MOVE,
  STOA_UPDATE_ADD
} stoa_update_kind;

typedef enum { STOA_GRAPHS_ONE, STOA_GRAPHS_DEFAULT, STOA_GRAPHS_NAMED, STOA_GRAPHS_ALL } stoa_graphs_kind;

/// Which graphs an operation works on.
typedef struct {
  stoa_graphs_kind kind;
  stoa_term iri; ///< of ONE
} stoa_graphs;

typedef struct {
  stoa_update_kind kind;
  stoa_place place;
  bool silent;
  const stoa_query *where; ///< of MODIFY: its rows fill the templates; variables that it does not bind are
                           ///< blank nodes
  const stoa_pattern *deletes, *inserts;
  uint32_t n_deletes, n_inserts;
  stoa_term document;   ///< of LOAD
  stoa_graphs from, to; ///< CLEAR, CREATE and LOAD: `to`
} stoa_update_operation;

typedef struct {
  const stoa_update_operation *operations;
  uint32_t n_operations;
} stoa_update;

/// Parse an update request (section 3 of SPARQL 1.1 Update).  It lives in `arena`.  Errors as stoa_query_read.
stoa_status stoa_update_read(stoa_slice text, const char *file, const char *base, stoa_arena *arena,
                             const stoa_update **out, stoa_error *err);

#endif
