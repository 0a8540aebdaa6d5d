#ifndef STOA_ONTOLOGY_INFER_H
#define STOA_ONTOLOGY_INFER_H

#include "graph/source/source.h"

/// What the rows of a source without a catalog of its own tell (CSV files, views): types, a key, references.

typedef struct {
  const char *datatype; ///< of XML Schema, without its namespace; NULL: text
  bool unique;          ///< no value is there twice, and none is missing
  uint64_t *hashes;     ///< of a unique column: of its values, in order
  uint64_t n_hashes;
} stoa_inferred;

/// Read all rows; out[column].
stoa_status stoa_infer_columns(stoa_source *source, const stoa_table_info *table, stoa_arena *arena, stoa_inferred *out,
                               stoa_error *err);
/// True when each value of a column is one of the key's: it leads to a row.
stoa_status stoa_infer_reference(stoa_source *source, const stoa_table_info *table, const stoa_column_info *column,
                                 const stoa_inferred *key, bool *out, stoa_error *err);

#endif
