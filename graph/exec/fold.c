#include "graph/exec/fold.h"
#include "graph/term/arithmetic.h"
#include "graph/term/equality.h"

static void free_text(void *text)
{
  stoa_buf_done(text);
}

static stoa_buf *text_new(stoa_arena *keep)
{
  stoa_buf *const text = STOA_NEW(keep, stoa_buf);
  stoa_arena_on_done(keep, free_text, text);
  return text;
}

void stoa_fold_begin(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *keep)
{
  *fold = (stoa_fold){0};
  if (aggregate->kind == STOA_AGG_GROUP_CONCAT) {
    fold->text = text_new(keep);
  }
}

static bool add_number(stoa_fold *fold, const stoa_number *n, stoa_arena *keep, stoa_arena *scratch)
{
  if (fold->lasts || !stoa_number_apply('+', &fold->sum, n, scratch, &fold->sum)) {
    return false;
  }
  if (fold->sum.digits.data) {
    const stoa_slice digits = fold->sum.digits;
    fold->text = fold->text ? fold->text : text_new(keep);
    fold->text->length = 0;
    stoa_buf_slice(fold->text, digits);
    fold->sum.digits = (stoa_slice){fold->text->data, digits.length};
  }
  return true;
}

static bool add_duration(stoa_fold *fold, const stoa_duration *d)
{
  if (fold->count == 0) {
    fold->lasts = true;
    fold->duration.kind = d->kind;
  }
  return fold->lasts && fold->duration.kind == d->kind && d->kind != STOA_DURATION_ANY &&
         !__builtin_add_overflow(fold->duration.months, d->months, &fold->duration.months) &&
         !__builtin_add_overflow(fold->duration.us, d->us, &fold->duration.us);
}

static bool many_durations(stoa_duration *d, uint64_t weight)
{
  const int64_t n = (int64_t)weight;
  return !__builtin_mul_overflow(d->months, n, &d->months) && !__builtin_mul_overflow(d->us, n, &d->us);
}

// As many times the number as it comes: exact for integers and decimals; doubles are added one by one, as they would be.
static bool add_numbers(stoa_fold *fold, const stoa_number *n, uint64_t weight, stoa_arena *keep, stoa_arena *scratch)
{
  const bool exact = n->kind == STOA_NUMBER_INTEGER || n->kind == STOA_NUMBER_DECIMAL;
  stoa_number many = *n;
  if (weight == 1) {
    return add_number(fold, n, keep, scratch);
  }
  if (exact) {
    const stoa_number by = {.kind = STOA_NUMBER_INTEGER, .mantissa = weight};
    return stoa_number_apply('*', n, &by, scratch, &many) && add_number(fold, &many, keep, scratch);
  }
  bool good = true;
  for (uint64_t i = 0; i < weight && good; ++i) {
    good = add_number(fold, n, keep, scratch);
  }
  return good;
}

static void add_value(stoa_fold *fold, stoa_term value, uint64_t weight, stoa_arena *keep, stoa_arena *scratch)
{
  stoa_number n;
  stoa_duration d;
  const bool good = stoa_number_of(value, &n)     ? add_numbers(fold, &n, weight, keep, scratch)
                    : stoa_duration_of(value, &d) ? many_durations(&d, weight) && add_duration(fold, &d)
                                                  : false;
  fold->failed |= !good;
}

// The text lies on the heap, where it grows in place; the arena whose budget counts is told.
static void add_text(stoa_fold *fold, stoa_slice separator, stoa_term value, stoa_arena *keep)
{
  if (!stoa_term_is_literal(value)) {
    fold->failed = true;
    return;
  }
  const size_t before = fold->text->capacity;
  if (fold->count) {
    stoa_buf_slice(fold->text, separator);
  }
  stoa_term_write_lexical(value, fold->text);
  keep->n_bytes_above += fold->text->capacity - before;
}

static bool takes_place(const stoa_fold *fold, stoa_aggregate_kind kind, stoa_term value)
{
  if (!fold->count || kind == STOA_AGG_SAMPLE) {
    return !fold->count;
  }
  const int order = stoa_term_order(value, fold->term);
  return kind == STOA_AGG_MIN ? order < 0 : order > 0;
}

void stoa_fold_add(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_term value, uint64_t weight, stoa_arena *keep,
                   stoa_arena *scratch)
{
  if (!stoa_term_is_bound(value)) {
    fold->failed |= aggregate->kind != STOA_AGG_COUNT && aggregate->kind != STOA_AGG_SAMPLE && !aggregate->of_bound;
    return;
  }
  switch (aggregate->kind) {
    case STOA_AGG_COUNT:
      break;
    case STOA_AGG_SUM:
    case STOA_AGG_AVG:
      add_value(fold, value, weight, keep, scratch);
      break;
    case STOA_AGG_MIN:
    case STOA_AGG_MAX:
    case STOA_AGG_SAMPLE:
      if (takes_place(fold, aggregate->kind, value)) {
        fold->term = stoa_term_copy(value, keep);
      }
      break;
    case STOA_AGG_GROUP_CONCAT:
      add_text(fold, aggregate->separator, value, keep);
      break;
  }
  fold->failed |= __builtin_add_overflow(fold->count, (int64_t)weight, &fold->count);
}

static stoa_term total(const stoa_fold *fold, stoa_arena *scratch)
{
  return fold->lasts ? stoa_duration_term(&fold->duration, scratch) : stoa_number_term(&fold->sum, scratch);
}

static stoa_term average(const stoa_fold *fold, stoa_arena *scratch)
{
  return fold->count ? stoa_term_arithmetic('/', total(fold, scratch), stoa_term_integer(fold->count), scratch)
                     : stoa_term_integer(0);
}

stoa_term stoa_fold_result(const stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *scratch)
{
  const bool none = aggregate->of_bound && aggregate->kind != STOA_AGG_COUNT && fold->count == 0;
  if (fold->failed || none) {
    return (stoa_term){0};
  }
  switch (aggregate->kind) {
    case STOA_AGG_COUNT:
      return stoa_term_integer(fold->count);
    case STOA_AGG_SUM:
      return total(fold, scratch);
    case STOA_AGG_AVG:
      return average(fold, scratch);
    case STOA_AGG_GROUP_CONCAT:
      return stoa_term_string((stoa_slice){fold->text->data ? fold->text->data : "", fold->text->length});
    default:
      return fold->term;
  }
}
