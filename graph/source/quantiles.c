// A distribution as a line of points (value, share of the rows that have no greater one), straight between two of them:
// the histograms of equal parts that databases keep, with the commonest values beside them, are such lines, which rise
// steeply where many rows have one value.
#include "graph/source/quantiles.h"
#include "graph/base/assert.h"
#include "graph/term/xsd.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- values

static bool read_number(stoa_slice text, double *out)
{
  char digits[64], *end;
  if (text.length == 0 || text.length >= sizeof digits) {
    return false;
  }
  memcpy(digits, text.data, text.length);
  digits[text.length] = '\0';
  *out = strtod(digits, &end);
  return *end == '\0' && isfinite(*out);
}

static bool read_time(stoa_slice text, double *out)
{
  stoa_buf lexical = {0};
  stoa_instant instant;
  if (text.length == 0 || text.length > 64 || !isdigit((unsigned char)text.data[0])) {
    return false;
  }
  stoa_xsd_datetime_of_sql(text, &lexical);
  const bool read =
    stoa_xsd_datetime_read(stoa_slice_of(stoa_buf_string(&lexical)), &instant) || stoa_xsd_date_read(text, &instant);
  stoa_buf_done(&lexical);
  *out = read ? (double)instant.us : 0;
  return read;
}

bool stoa_quantile_value(stoa_sql_type type, stoa_slice text, double *out)
{
  switch (type) {
    case STOA_SQL_INTEGER:
    case STOA_SQL_DECIMAL:
    case STOA_SQL_REAL:
      return read_number(text, out);
    case STOA_SQL_DATE:
    case STOA_SQL_DATETIME:
    case STOA_SQL_TEXT: // it may be mapped as times
      return read_time(text, out);
    default:
      return false;
  }
}

// ---- the line

static double part_below(double value, double from, double to)
{
  return to > from ? (value - from) / (to - from) : 1;
}

// Which part of the rows between the bounds has no greater value, where `next` is the first bound beyond it.
static double upto_of_bounds(const double *bounds, uint32_t n, uint32_t next, double value)
{
  if (next == 0 || next == n) {
    return next && n > 1 ? 1 : 0;
  }
  return (next - 1 + part_below(value, bounds[next - 1], bounds[next])) / (n - 1);
}

static int by_value(const void *a, const void *b)
{
  const double x = ((const stoa_valued_share *)a)->value, y = ((const stoa_valued_share *)b)->value;
  return (x > y) - (x < y);
}

void stoa_quantiles_make(const double *bounds, uint32_t n_bounds, double share, stoa_valued_share *common,
                         uint32_t n_common, stoa_arena *arena, stoa_column_info *out)
{
  STOA_LIST(stoa_quantile) line = {0};
  double commoner = 0;
  uint32_t i = 0, k = 0;
  if (n_common) {
    qsort(common, n_common, sizeof *common, by_value);
  }
  while (i < n_bounds || k < n_common) {
    if (k == n_common || (i < n_bounds && bounds[i] <= common[k].value)) {
      const double upto = n_bounds > 1 ? share * i / (n_bounds - 1) : 0;
      STOA_PUSH(arena, &line, ((stoa_quantile){bounds[i], upto + commoner}));
      ++i;
      continue;
    }
    const double upto = share * upto_of_bounds(bounds, n_bounds, i, common[k].value);
    STOA_PUSH(arena, &line, ((stoa_quantile){common[k].value, upto + commoner}));
    commoner += common[k].share;
    STOA_PUSH(arena, &line, ((stoa_quantile){common[k].value, upto + commoner}));
    ++k;
  }
  out->quantiles = line.items;
  out->n_quantiles = line.n;
}

// The share of the rows with a value below this one, or (`with`) with itself too.
static double share_upto(const stoa_column_info *column, double value, bool with)
{
  const stoa_quantile *const line = column->quantiles;
  uint32_t n = 0; // points before the value, or with it
  while (n < column->n_quantiles && (with ? line[n].value <= value : line[n].value < value)) {
    ++n;
  }
  if (n == column->n_quantiles) {
    return n ? line[n - 1].upto : 0;
  }
  if (line[n].value == value) {
    return line[n].upto;
  }
  return n ? line[n - 1].upto + (line[n].upto - line[n - 1].upto) * part_below(value, line[n - 1].value, line[n].value)
           : 0;
}

double stoa_quantiles_share(const stoa_column_info *column, const stoa_value_range *range)
{
  STOA_ASSERT(column->n_quantiles);
  const double share = share_upto(column, range->most, !range->below) - share_upto(column, range->least, range->above);
  return share < 0 ? 0 : share > 1 ? 1 : share;
}
