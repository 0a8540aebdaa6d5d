#ifndef STOA_GRAPH_SOURCE_QUANTILES_H
#define STOA_GRAPH_SOURCE_QUANTILES_H

#include "graph/source/catalog.h"

/// How the values of a column lie between its least and its greatest (stoa_column_info.quantiles): which share of the
/// rows a range of values has.  Guesses, for plans alone.

/// A value with the share of the table's rows that have it.
typedef struct {
  double value, share;
} stoa_valued_share;

/// A range of values.
typedef struct {
  double least, most;
  bool above, below; ///< without `least`, without `most`
} stoa_value_range;

/// Read a value of a column of the type as quantiles have it.  False: it is no number and no time.
bool stoa_quantile_value(stoa_sql_type type, stoa_slice text, double *out);
/// Fill in the quantiles of a column.  Between each two of `bounds`, which are in order, lie equal parts of `share` of
/// the table's rows; those with a value of `common` come besides.  Sorts `common`; the quantiles live in `arena`.
void stoa_quantiles_make(const double *bounds, uint32_t n_bounds, double share, stoa_valued_share *common,
                         uint32_t n_common, stoa_arena *arena, stoa_column_info *out);
/// Return the share of the table's rows whose value lies in the range, 0 to 1.
double stoa_quantiles_share(const stoa_column_info *column, const stoa_value_range *range);

#endif
