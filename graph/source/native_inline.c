// Values that are their own numbers: no dictionary entry, and order by value within a kind.
#include "graph/source/native.h"
#include "graph/term/number.h"
#include <math.h>

typedef struct {
  stoa_id tag;  ///< the highest bits, which say the kind
  int64_t most; ///< how many numbers there are
  int64_t bias; ///< what is added to a value
  int64_t unit; ///< of as.integer
  stoa_term_kind kind;
  uint32_t scale; ///< of a decimal
  uint8_t flags;  ///< of a time
} inline_kind;

enum { N_KINDS = 7 };

static const int64_t second = 1000000, day = 86400 * second;

// Tags descend: the first that is not greater than a number is the number's.  The shorter a tag, the more bits are
// left for values: banks have most of times, then of money.  Days of 2000-01-01 and 2012-01-01 begin the times.
static const inline_kind kinds[N_KINDS] = {
  {UINT32_C(3) << 30, (INT64_C(1) << 30) - 1, -946684800, second, STOA_TERM_DATETIME, 0, STOA_TERM_HAS_ZONE},
  {UINT32_C(5) << 29, INT64_C(1) << 29, -1325376000, second, STOA_TERM_DATETIME, 0, 0},
  {UINT32_C(9) << 28, INT64_C(1) << 28, INT64_C(1) << 27, 1, STOA_TERM_DECIMAL, 2, 0},
  {UINT32_C(17) << 27, INT64_C(1) << 27, INT64_C(1) << 26, 1, STOA_TERM_INTEGER, 0, 0},
  {UINT32_C(33) << 26, INT64_C(1) << 26, INT64_C(1) << 25, 1, STOA_TERM_DECIMAL, 1, 0},
  {UINT32_C(65) << 25, INT64_C(1) << 25, INT64_C(1) << 24, day, STOA_TERM_DATE, 0, 0},
  {UINT32_C(129) << 24, 2, 0, 1, STOA_TERM_BOOLEAN, 0, 0}};

stoa_id stoa_inline_id(stoa_term t)
{
  if (t.kind < STOA_TERM_BOOLEAN || t.kind == STOA_TERM_DOUBLE || t.zone) {
    return 0;
  }
  for (int k = 0; k < N_KINDS; ++k) {
    const inline_kind *const kind = &kinds[k];
    if (kind->kind == (stoa_term_kind)t.kind && kind->scale == t.length && kind->flags == t.flags) {
      const int64_t value = t.as.integer / kind->unit;
      const bool fits = t.as.integer % kind->unit == 0 && value >= -kind->bias && value < kind->most - kind->bias;
      return fits ? kind->tag + (stoa_id)(value + kind->bias) : 0;
    }
  }
  return 0;
}

static const inline_kind *kind_of(stoa_id id)
{
  int k = 0;
  while (id < kinds[k].tag) {
    ++k;
  }
  return &kinds[k];
}

stoa_term stoa_inline_term(stoa_id id)
{
  const inline_kind *const kind = kind_of(id);
  const int64_t value = (int64_t)(id - kind->tag) - kind->bias;
  return (stoa_term){
    .kind = (uint8_t)kind->kind, .flags = kind->flags, .length = kind->scale, .as.integer = value * kind->unit};
}

static bool is_time(stoa_term_kind kind)
{
  return kind == STOA_TERM_DATETIME || kind == STOA_TERM_DATE;
}

static bool is_bound_of(stoa_term t)
{
  return t.kind == STOA_TERM_INTEGER || t.kind == STOA_TERM_DECIMAL || is_time(t.kind) ||
         (t.kind == STOA_TERM_DOUBLE && isfinite(t.as.real));
}

// A bound as a value of the kind.  Rounding costs a step, a zone or the other kind of time two days: a range may
// be too wide, never too narrow.
static double bound_in(const inline_kind *kind, stoa_term t, int way)
{
  if (is_time(kind->kind)) {
    const bool exact = t.kind == (uint8_t)kind->kind && t.flags == kind->flags;
    return (double)t.as.integer / (double)kind->unit + way * (1 + (exact ? 0 : 2.0 * (double)day / (double)kind->unit));
  }
  const double value = t.kind == STOA_TERM_DOUBLE    ? t.as.real
                       : t.kind == STOA_TERM_INTEGER ? (double)t.as.integer
                                                     : (double)t.as.integer / pow(10, t.length);
  return value * pow(10, kind->scale) + way;
}

static stoa_id clamped(const inline_kind *kind, double value)
{
  const double rank = value + (double)kind->bias;
  return kind->tag + (stoa_id)(rank < 0 ? 0 : rank > (double)kind->most ? (double)kind->most : rank);
}

uint32_t stoa_inline_ranges(stoa_term least, stoa_term most, stoa_id_range out[STOA_ID_RANGES])
{
  const stoa_term any = stoa_term_is_bound(least) ? least : most;
  uint32_t n = 0;
  if ((stoa_term_is_bound(least) && !is_bound_of(least)) || (stoa_term_is_bound(most) && !is_bound_of(most)) ||
      !stoa_term_is_bound(any)) {
    return 0;
  }
  out[n++] = (stoa_id_range){1, STOA_ID_INLINE};
  for (int k = N_KINDS - 1; k >= 0; --k) {
    const inline_kind *const kind = &kinds[k];
    if (is_time(kind->kind) != is_time(any.kind) || kind->kind == STOA_TERM_BOOLEAN) {
      continue;
    }
    const stoa_id first = stoa_term_is_bound(least) ? clamped(kind, floor(bound_in(kind, least, -1))) : kind->tag;
    const stoa_id last =
      stoa_term_is_bound(most) ? clamped(kind, ceil(bound_in(kind, most, 1)) + 1) : kind->tag + (stoa_id)kind->most;
    if (first < last) {
      out[n++] = (stoa_id_range){first, last};
    }
  }
  return n;
}
