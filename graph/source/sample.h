#ifndef STOA_GRAPH_SOURCE_SAMPLE_H
#define STOA_GRAPH_SOURCE_SAMPLE_H

#include "graph/source/catalog.h"

/// A few of a table's rows, from which the number of values that differ is guessed, where a source keeps no
/// statistics itself.  Only hashes of the values are kept, and what quantiles are made of.
typedef struct {
  uint64_t **hashes;  ///< hashes[column][value]; NULLs are left out
  double **values;    ///< values[column][value] as quantiles have it (quantiles.h); NULL: some value is no such
  uint32_t *n_values; ///< of each column
  uint32_t n_columns, n_rows, most;
} stoa_sample;

/// Make room for `most` rows.
void stoa_sample_init(stoa_sample *sample, uint32_t n_columns, uint32_t most, stoa_arena *arena);
/// Add a value of the row at hand that is not NULL, of a column of the type.
void stoa_sample_value(stoa_sample *sample, uint32_t column, stoa_sql_type type, const void *bytes, size_t n_bytes);
/// End the row; false when there is no room for another one.
bool stoa_sample_row(stoa_sample *sample);
/// Fill in what a column of a table of so many rows holds.  Sorts its hashes.
void stoa_sample_tell(stoa_sample *sample, uint32_t column, double rows, stoa_column_info *info);
/// Fill in the column's common values and its quantiles, after the above; they live in `arena`.  `whole`: the sample is
/// all rows.
void stoa_sample_tell_common(const stoa_sample *sample, uint32_t column, bool whole, stoa_arena *arena,
                             stoa_column_info *info);

#endif
