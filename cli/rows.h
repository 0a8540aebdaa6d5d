#ifndef STOA_CLI_ROWS_H
#define STOA_CLI_ROWS_H

#include "features/feature.h"

/// Rows of features as a terminal or a file has them, some at a time.

typedef enum { STOA_ROWS_JSONL, STOA_ROWS_JSON, STOA_ROWS_CSV, STOA_ROWS_TABLE } stoa_rows_format;

/// Read a format's name; false: it is none.
bool stoa_rows_format_read(const char *name, stoa_rows_format *out);

typedef struct {
  stoa_rows_format format;
  const stoa_service *service;
  uint64_t n;       ///< rows that were written
  uint32_t *widths; ///< of TABLE: by the first rows; in characters
} stoa_row_writer;

/// Write rows to standard output: keys[row * n_keys + part], values[row * n_features + feature].  Whoever is not known
/// has no features, not even those that stand for none.  `arena` lives as long as `rows`.
void stoa_rows_write(stoa_row_writer *rows, const stoa_slice *keys, const stoa_term *values, const bool *known,
                     uint32_t n, stoa_arena *arena);
/// Write what stands behind the last row.
void stoa_rows_end(stoa_row_writer *rows, stoa_arena *arena);

#endif
