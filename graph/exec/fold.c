#include "graph/exec/fold.h"
#include "graph/term/equality.h"

static void free_text(void *text)
{
  stoa_buf_done(text);
}

void stoa_fold_begin(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *keep)
{
  *fold = (stoa_fold){0};
  if (aggregate->kind == STOA_AGG_GROUP_CONCAT) {
    fold->text = STOA_NEW(keep, stoa_buf);
    stoa_arena_on_done(keep, free_text, fold->text);
  }
}

static void add_number(stoa_fold *fold, stoa_term value, stoa_arena *scratch)
{
  stoa_number n;
  if (!stoa_number_of(value, &n) || !stoa_number_apply('+', &fold->sum, &n, scratch, &fold->sum)) {
    fold->failed = true;
  }
}

static void add_text(stoa_fold *fold, stoa_slice separator, stoa_term value)
{
  if (!stoa_term_is_literal(value)) {
    fold->failed = true;
    return;
  }
  if (fold->count) {
    stoa_buf_slice(fold->text, separator);
  }
  stoa_term_write_lexical(value, fold->text);
}

static bool takes_place(const stoa_fold *fold, stoa_aggregate_kind kind, stoa_term value)
{
  if (!fold->count || kind == STOA_AGG_SAMPLE) {
    return !fold->count;
  }
  const int order = stoa_term_order(value, fold->term);
  return kind == STOA_AGG_MIN ? order < 0 : order > 0;
}

void stoa_fold_add(stoa_fold *fold, const stoa_aggregate *aggregate, stoa_term value, stoa_arena *keep,
                   stoa_arena *scratch)
{
  if (!stoa_term_is_bound(value)) {
    fold->failed |= aggregate->kind != STOA_AGG_COUNT && aggregate->kind != STOA_AGG_SAMPLE;
    return;
  }
  switch (aggregate->kind) {
    case STOA_AGG_COUNT:
      break;
    case STOA_AGG_SUM:
    case STOA_AGG_AVG:
      add_number(fold, value, scratch);
      break;
    case STOA_AGG_MIN:
    case STOA_AGG_MAX:
    case STOA_AGG_SAMPLE:
      if (takes_place(fold, aggregate->kind, value)) {
        fold->term = stoa_term_copy(value, keep);
      }
      break;
    case STOA_AGG_GROUP_CONCAT:
      add_text(fold, aggregate->separator, value);
      break;
  }
  fold->count++;
}

static stoa_term average(const stoa_fold *fold, stoa_arena *scratch)
{
  const stoa_number n = {.mantissa = fold->count};
  stoa_number out;
  if (!fold->count) {
    return stoa_term_integer(0);
  }
  return stoa_number_apply('/', &fold->sum, &n, scratch, &out) ? stoa_number_term(&out, scratch) : (stoa_term){0};
}

stoa_term stoa_fold_result(const stoa_fold *fold, const stoa_aggregate *aggregate, stoa_arena *scratch)
{
  if (fold->failed) {
    return (stoa_term){0};
  }
  switch (aggregate->kind) {
    case STOA_AGG_COUNT:
      return stoa_term_integer(fold->count);
    case STOA_AGG_SUM:
      return stoa_number_term(&fold->sum, scratch);
    case STOA_AGG_AVG:
      return average(fold, scratch);
    case STOA_AGG_GROUP_CONCAT:
      return stoa_term_string((stoa_slice){fold->text->data ? fold->text->data : "", fold->text->length});
    default:
      return fold->term;
  }
}
