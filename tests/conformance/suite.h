#ifndef STOA_TESTS_CONFORMANCE_SUITE_H
#define STOA_TESTS_CONFORMANCE_SUITE_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include "graph/term/term.h"

/// What the runner of the W3C suites shares: manifests as small graphs, tables of terms, and their
/// comparison up to the names of blank nodes.

typedef struct {
  stoa_term s, p, o;
} triple;

typedef STOA_LIST(triple) triples;

/// A table: row-major terms.  Graphs are tables of three or four columns.
typedef struct {
  uint32_t n_columns;
  const char **names; ///< of columns, or NULL
  STOA_LIST(stoa_term) terms;
  uint32_t n_rows;
  bool ordered, lax; ///< rows in order; duplicates may differ
  bool is_boolean, truth;
} table;

/// Append the statements of an RDF file.
stoa_status read_triples(const char *path, const char *base, stoa_arena *arena, triples *out, stoa_error *err);
/// The first object of (s, p); unbound when there is none.
stoa_term object_of(const triples *g, stoa_term s, const char *p);
/// The IRI or text of a term, as a terminated string.
const char *text_of(stoa_term t, stoa_arena *arena);

/// Append a row.
void table_add(table *t, stoa_arena *arena, const stoa_term *row);
/// Read an expected result: .srx, .srj, .csv, .tsv, or a result set in RDF.
stoa_status read_results(const char *path, const char *base, stoa_arena *arena, table *out, stoa_error *err);
/// True when both hold the same rows up to the names of blank nodes; `by_text`: compare lexical forms only
/// (CSV).
bool same_tables(const table *a, const table *b, bool by_text, stoa_arena *arena);
/// Print the rows of `a` that no row of `b` is like.
void print_unmatched(const table *a, const table *b, stoa_arena *arena);
/// Put the columns of `t` into the order of `names`; false when they are not the same.
bool table_arrange(table *t, const char *const *names, uint32_t n, stoa_arena *arena);

#endif
