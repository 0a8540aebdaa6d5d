// How many values of a column differ, told from a few of its rows: n rows with d values, f of which came once, let
// n d / (n - f + f n/N) be expected in all N rows (Haas and Stokes 1998, their estimator Duj1; PostgreSQL's ANALYZE
// uses it as well).  A sample in which every value comes once speaks for a column of values that all differ.
#include "graph/source/sample.h"
#include "graph/base/hash.h"
#include "graph/source/quantiles.h"
#include <stdlib.h>

void stoa_sample_init(stoa_sample *sample, uint32_t n_columns, uint32_t most, stoa_arena *arena)
{
  *sample = (stoa_sample){.n_columns = n_columns, .most = most};
  sample->hashes = STOA_NEWS(arena, uint64_t *, n_columns + 1);
  sample->values = STOA_NEWS(arena, double *, n_columns + 1);
  sample->n_values = STOA_NEWS(arena, uint32_t, n_columns + 1);
  for (uint32_t i = 0; i < n_columns; ++i) {
    sample->hashes[i] = STOA_NEWS(arena, uint64_t, most);
    sample->values[i] = STOA_NEWS(arena, double, most);
  }
}

void stoa_sample_value(stoa_sample *sample, uint32_t column, stoa_sql_type type, const void *bytes, size_t n_bytes)
{
  const uint32_t at = sample->n_values[column]++;
  const stoa_slice text = {bytes ? bytes : "", n_bytes};
  sample->hashes[column][at] = stoa_hash_text(0, text.data, text.length);
  if (sample->values[column] && !stoa_quantile_value(type, text, &sample->values[column][at])) {
    sample->values[column] = NULL;
  }
}

bool stoa_sample_row(stoa_sample *sample)
{
  return ++sample->n_rows < sample->most;
}

static int compare(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static double distinct_of(uint64_t *hashes, uint32_t n, double all)
{
  double distinct = 0, once = 0;
  qsort(hashes, n, sizeof *hashes, compare);
  for (uint32_t i = 0; i < n;) {
    uint32_t end = i + 1;
    for (; end < n && hashes[end] == hashes[i]; ++end) {
    }
    distinct += 1;
    once += end == i + 1;
    i = end;
  }
  const double sampled = n, whole = all > sampled ? all : sampled;
  return n ? sampled * distinct / (sampled - once + once * sampled / whole) : 0;
}

void stoa_sample_tell(stoa_sample *sample, uint32_t column, double rows, stoa_column_info *info)
{
  const uint32_t n = sample->n_values[column];
  if (sample->n_rows) {
    info->null_fraction = 1 - (double)n / sample->n_rows;
    info->n_distinct = distinct_of(sample->hashes[column], n, rows * n / sample->n_rows);
  }
}

// ---- common values

enum {
  MOST_COMMON = 64,
  FEWEST = 5
}; // so many times a value must come that the sample's luck is not taken for a share

static int by_share(const void *a, const void *b)
{
  const double x = ((const stoa_common_value *)a)->share, y = ((const stoa_common_value *)b)->share;
  return (x < y) - (x > y);
}

// A value that did not come has at most the share that would probably have let it come once; and where others are
// known to be there, an equal part of what the common ones leave.
static double share_of_others(const stoa_column_info *info, double common, double n_rows)
{
  const double others = info->n_distinct - info->n_common, left = 1 - common;
  const double least = 0.5 / n_rows, each = others >= 1 && left > 0 ? left / others : least;
  return each < least ? each : least;
}

// ---- quantiles

enum { PARTS = 32 };

static int by_value(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// The shares of values that are few, which `values` has in their order; 0: there are more than `most`.
static uint32_t shares_of(const double *values, uint32_t n, uint32_t n_rows, stoa_valued_share *out, uint32_t most)
{
  uint32_t n_shares = 0;
  for (uint32_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && values[end] == values[i]; ++end) {
    }
    if (n_shares == most) {
      return 0;
    }
    out[n_shares++] = (stoa_valued_share){values[i], (double)(end - i) / n_rows};
  }
  return n_shares;
}

static void tell_quantiles(const stoa_sample *sample, uint32_t column, stoa_arena *arena, stoa_column_info *info)
{
  double *const values = sample->values[column], bounds[PARTS + 1];
  const uint32_t n = sample->n_values[column];
  stoa_valued_share shares[PARTS];
  if (!values || !n) {
    return;
  }
  qsort(values, n, sizeof *values, by_value);
  const uint32_t n_shares = shares_of(values, n, sample->n_rows, shares, PARTS);
  for (uint32_t i = 0; i <= PARTS; ++i) {
    bounds[i] = values[(size_t)(n - 1) * i / PARTS];
  }
  stoa_quantiles_make(bounds, n_shares ? 0 : PARTS + 1, (double)n / sample->n_rows, shares, n_shares, arena, info);
}

void stoa_sample_tell_common(const stoa_sample *sample, uint32_t column, bool whole, stoa_arena *arena,
                             stoa_column_info *info)
{
  const uint64_t *const hashes = sample->hashes[column]; // sorted
  const uint32_t n = sample->n_values[column], fewest = whole ? 1 : FEWEST;
  STOA_LIST(stoa_common_value) list = {0};
  double common = 0;
  for (uint32_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && hashes[end] == hashes[i]; ++end) {
    }
    if (end - i >= fewest) {
      STOA_PUSH(arena, &list, ((stoa_common_value){hashes[i], (double)(end - i) / sample->n_rows}));
    }
  }
  if (list.n) {
    qsort(list.items, list.n, sizeof *list.items, by_share);
  }
  info->common = list.items;
  info->n_common = list.n < MOST_COMMON ? list.n : MOST_COMMON;
  for (uint32_t i = 0; i < info->n_common; ++i) {
    common += list.items[i].share;
  }
  info->other_share = n ? share_of_others(info, common, sample->n_rows) : 0;
  tell_quantiles(sample, column, arena, info);
}
