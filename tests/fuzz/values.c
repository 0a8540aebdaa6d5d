// Any bytes as a pattern, a number, a time, a duration, a label: what is read is written again as the same, and a
// pattern that XPath has is one that PCRE2 takes.
#include "graph/base/code.h"
#include "graph/base/letters.h"
#include "graph/term/arithmetic.h"
#include "graph/term/compare.h"
#include "graph/term/decimal.h"
#include "graph/term/duration.h"
#include "graph/term/number.h"
#include "graph/term/vocab.h"
#include "graph/term/xregex.h"
#include "graph/term/xsd.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
  if (!holds) {
    abort();
  }
}

static void pattern(stoa_slice text, stoa_slice flags)
{
  stoa_xregex_flags how;
  stoa_buf out = {0};
  int code;
  PCRE2_SIZE at;
  if (stoa_xregex_flags_read(flags, &how) && stoa_xregex_write(text, &how, &out)) {
    const uint32_t options = PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | (how.caseless ? PCRE2_CASELESS : 0);
    pcre2_code *const compiled =
      pcre2_compile((PCRE2_SPTR)(out.data ? out.data : ""), out.length, options, &code, &at, NULL);
    check(compiled || code == PCRE2_ERROR_PATTERN_TOO_LARGE || code == 120 ||
          code == 186); // too large; too complicated
    pcre2_code_free(compiled);
  }
  stoa_buf_done(&out);
  for (size_t i = 0; i < text.length;) {
    stoa_xregex_piece piece;
    const size_t before = i;
    if (!stoa_xregex_piece_read(text, 12, &i, &piece)) {
      break;
    }
    check(i > before && piece.group <= 12);
  }
}

static void number(stoa_slice text, stoa_arena *arena)
{
  stoa_number n, again;
  double real;
  stoa_number_read_double(text, &real);
  stoa_number_read_float(text, &real);
  if (!stoa_number_read_decimal(text, &n)) {
    return;
  }
  n.kind = STOA_NUMBER_DECIMAL;
  const stoa_term term = stoa_number_term(&n, arena);
  check(stoa_number_of(term, &again) && stoa_number_compare(&n, &again) == 0);
  check(stoa_slice_equal(stoa_decimal_canonical(text, arena), stoa_term_lexical(term, arena)));
  const stoa_number third = {.mantissa = 3}, one = {.mantissa = 1};
  stoa_number sum;
  check(stoa_number_apply('*', &n, &third, arena, &sum) && stoa_number_apply('-', &sum, &n, arena, &sum) &&
        stoa_number_apply('-', &sum, &n, arena, &sum) && stoa_number_compare(&sum, &n) == 0);
  check(stoa_number_apply('/', &n, &one, arena, &sum) && stoa_number_compare(&sum, &n) == 0);
  stoa_number_round('f', &n, arena, &sum);
  check(stoa_number_compare(&sum, &n) <= 0);
  stoa_number_round('c', &n, arena, &sum);
  check(stoa_number_compare(&sum, &n) >= 0);
  stoa_number_negate(&n, arena, &sum);
  stoa_number_negate(&sum, arena, &sum);
  check(stoa_number_compare(&sum, &n) == 0);
}

static void times(stoa_slice text, stoa_arena *arena)
{
  stoa_instant i, again;
  stoa_buf out = {0};
  if (stoa_xsd_datetime_read(text, &i)) {
    stoa_xsd_datetime_write(i, &out);
    check(stoa_xsd_datetime_read((stoa_slice){out.data, out.length}, &again) && again.us == i.us);
  }
  out.length = 0;
  stoa_xsd_datetime_of_sql(text, &out);
  for (int kind = STOA_DURATION_ANY; kind <= STOA_DURATION_DAY_TIME; ++kind) {
    stoa_duration d, same;
    if (stoa_duration_read(text, (stoa_duration_kind)kind, &d)) {
      const stoa_term term = stoa_duration_term(&d, arena);
      check(stoa_duration_of(term, &same) && same.months == d.months && same.us == d.us);
      const stoa_term now = stoa_term_datetime(1700000000000000, true, 90);
      stoa_term_arithmetic('+', now, term, arena);
      stoa_term_arithmetic('-', now, term, arena);
      stoa_term_arithmetic('*', term, stoa_term_double(-2.5), arena);
      stoa_term_compare(STOA_COMPARE_LT, term, term);
    }
  }
  stoa_buf_done(&out);
}

static void codes(stoa_slice text, stoa_arena *arena)
{
  stoa_buf out = {0};
  stoa_slice back;
  stoa_label_write(text, &out);
  check(stoa_label_read((stoa_slice){out.data, out.length}, arena, &back) && stoa_slice_equal(text, back));
  out.length = 0;
  stoa_percent_write(text, STOA_PERCENT_UNRESERVED, &out);
  out.length = out.data ? stoa_percent_read((stoa_slice){out.data, out.length}, true, out.data) : 0;
  check(stoa_slice_equal(text, (stoa_slice){out.data, out.length}));
  out.length = 0;
  stoa_letters_map(text, true, &out);
  stoa_letters_map(text, false, &out);
  stoa_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  const size_t n_flags = size ? data[0] % 4 : 0;
  const stoa_slice text = {(const char *)data, size},
                   flags = {size > 4 ? (const char *)data + 1 : "", size > 4 ? n_flags : 0};
  pattern(size > 4 ? (stoa_slice){text.data + 4, size - 4} : text, flags);
  number(text, &arena);
  times(text, &arena);
  codes(text, &arena);
  stoa_arena_done(&arena);
  return 0;
}
