#ifndef STOA_GRAPH_RESULT_TABLE_H
#define STOA_GRAPH_RESULT_TABLE_H

#include "graph/base/buf.h"
#include "graph/base/error.h"

/// Append a table for a person: a line of names, a rule, and the rows, in columns that are as wide as what a terminal
/// shows of their texts (a CJK letter takes two places, a combining mark none).  Control characters are shown as \x0a.
/// `cells`: row after row, `n_columns` each.
stoa_status stoa_table_write(const char *const *names, uint32_t n_columns, const char *const *cells, uint32_t n_rows,
                             stoa_buf *out, stoa_error *err);

#endif
