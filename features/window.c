// Window aggregates folded in one pass: each event counts in its own slot of `by` and in "all", in every
// window that reaches back to it: (as-of - window, as-of].  Money is summed exactly.
#include "features/feature.h"
#include "graph/exec/op.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include "graph/term/vocab.h"
#include <stdlib.h>

typedef struct {
  int64_t count, latest_us;
  stoa_number sum;
  bool failed;
  stoa_term least, most;
  stoa_table *seen;
  STOA_LIST(stoa_term) values;
} cell;

struct stoa_window_fold {
  const stoa_view *view;
  stoa_arena *arena;
  cell *cells;     ///< [key][feature]
  int64_t *now_us; ///< [key]: the instant that is asked about
  int64_t *latest; ///< of each key: its latest event in the longest window
  int64_t *until;  ///< of each key: when the next event leaves a window, or comes into them
  int64_t longest_us;
  int time, value, by;
  int *distinct;
};

stoa_window_fold *stoa_window_fold_new(const stoa_view *view, const stoa_plan *plan, uint32_t n_keys,
                                       stoa_context *context, stoa_arena *arena)
{
  stoa_window_fold *const f = STOA_NEW(arena, stoa_window_fold);
  f->view = view;
  f->arena = arena;
  f->cells = STOA_NEWS(arena, cell, (size_t)n_keys * view->features.n);
  f->now_us = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  f->latest = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  f->until = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  for (uint32_t key = 0; key < n_keys; ++key) {
    f->now_us[key] = context->now_us;
    f->latest[key] = STOA_NO_TIME;
    f->until[key] = INT64_MAX;
  }
  for (uint32_t i = 0; i < view->windows.n; ++i) {
    const int64_t window_us = view->windows.items[i] * 1000000;
    f->longest_us = window_us > f->longest_us ? window_us : f->longest_us;
  }
  f->time = stoa_plan_column(plan->root, view->time_var);
  f->value = view->value_var == STOA_NO_VAR ? -1 : stoa_plan_column(plan->root, view->value_var);
  f->by = view->by_var == STOA_NO_VAR ? -1 : stoa_plan_column(plan->root, view->by_var);
  f->distinct = STOA_NEWS(arena, int, view->features.n);
  for (uint32_t i = 0; i < view->features.n; ++i) {
    const stoa_var var = view->features.items[i].distinct;
    f->distinct[i] = var == STOA_NO_VAR ? -1 : stoa_plan_column(plan->root, var);
  }
  return f;
}

void stoa_window_fold_asof(stoa_window_fold *f, uint32_t key, int64_t now_us)
{
  f->now_us[key] = now_us;
}

// A listed value names a literal, or the last part of an IRI.
static bool is_value(stoa_slice text, const char *value)
{
  const size_t n = strlen(value);
  if (stoa_slice_is(text, value)) {
    return true;
  }
  return text.length > n && memcmp(text.data + text.length - n, value, n) == 0 &&
         strchr("/#:", text.data[text.length - n - 1]);
}

static int slot_of(const stoa_window_fold *f, const stoa_batch *batch, uint32_t row)
{
  const stoa_term t = f->by < 0 ? (stoa_term){0} : batch->columns[f->by][row];
  const int n = (int)f->view->by_values.n;
  if (!stoa_term_is_bound(t)) {
    return n;
  }
  stoa_buf text = {0};
  stoa_term_write_lexical(stoa_feature_canonical(t, f->arena), &text);
  int slot = 0;
  while (slot < n && !is_value((stoa_slice){text.data, text.length}, f->view->by_values.items[slot])) {
    ++slot;
  }
  stoa_buf_done(&text);
  return slot;
}

static void add_value(stoa_window_fold *f, const stoa_feature *feature, cell *c, stoa_term value)
{
  stoa_number n;
  switch (feature->kind) {
    case STOA_WINDOW_SUM:
    case STOA_WINDOW_AVG:
      c->failed |= !stoa_number_of(value, &n) || !stoa_number_apply('+', &c->sum, &n, f->arena, &c->sum);
      break;
    case STOA_WINDOW_MIN:
    case STOA_WINDOW_MAX:
      if (c->count == 0 || stoa_term_order(value, c->least) < 0) {
        c->least = stoa_term_copy(value, f->arena);
      }
      if (c->count == 0 || stoa_term_order(value, c->most) > 0) {
        c->most = stoa_term_copy(value, f->arena);
      }
      break;
    case STOA_WINDOW_PERCENTILE: {
      const stoa_term copy = stoa_term_copy(value, f->arena);
      STOA_PUSH(f->arena, &c->values, copy);
      break;
    }
    default:
      break;
  }
}

static void add_event(stoa_window_fold *f, uint32_t i, cell *c, int64_t at_us, const stoa_batch *batch, uint32_t row)
{
  const stoa_feature *const feature = &f->view->features.items[i];
  const bool needs_value =
    feature->kind != STOA_WINDOW_COUNT && feature->kind != STOA_WINDOW_RECENCY && feature->kind != STOA_WINDOW_DISTINCT;
  if (feature->kind == STOA_WINDOW_DISTINCT) {
    const stoa_term read = f->distinct[i] < 0 ? (stoa_term){0} : batch->columns[f->distinct[i]][row];
    const stoa_term t = stoa_feature_canonical(read, f->arena);
    bool is_new = false;
    if (!stoa_term_is_bound(t)) {
      return;
    }
    if (!c->seen) {
      c->seen = STOA_NEW(f->arena, stoa_table);
      c->seen->n_columns = 1;
    }
    stoa_table_intern(c->seen, f->arena, &t, &is_new);
    c->count += is_new;
    return;
  }
  if (needs_value) {
    const stoa_term value = f->value < 0 ? (stoa_term){0} : batch->columns[f->value][row];
    if (!stoa_term_is_bound(value)) {
      return;
    }
    add_value(f, feature, c, value);
  }
  c->latest_us = c->count == 0 || at_us > c->latest_us ? at_us : c->latest_us;
  c->count++;
}

stoa_status stoa_window_fold_read(const stoa_window_fold *f, const stoa_batch *batch, uint32_t row,
                                  stoa_window_event *event, bool *out, stoa_error *err)
{
  const stoa_term at = f->time < 0 ? (stoa_term){0} : batch->columns[f->time][row];
  *out = stoa_term_is_bound(at);
  if (*out && !stoa_feature_instant(at, f->view->timezone, &event->at_us)) {
    return stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){f->view->file, 1, 1},
                         "the event time of view %s is no xsd:dateTime or xsd:date", f->view->name);
  }
  event->slot = *out ? slot_of(f, batch, row) : 0;
  return STOA_OK;
}

// An event counts in (as-of - window, as-of]: from its own instant on, and until it is as old as the window.
static void note_until(stoa_window_fold *f, uint32_t key, int64_t at_us, int64_t age_us)
{
  for (uint32_t i = 0; i < f->view->windows.n; ++i) {
    const int64_t window_us = f->view->windows.items[i] * 1000000;
    int64_t ends_us;
    if (age_us < 0) {
      ends_us = at_us;
    } else if (age_us >= window_us || __builtin_add_overflow(at_us, window_us, &ends_us)) {
      continue;
    }
    f->until[key] = ends_us < f->until[key] ? ends_us : f->until[key];
  }
}

void stoa_window_fold_add(stoa_window_fold *f, uint32_t key, const stoa_window_event *event, const stoa_batch *batch,
                          uint32_t row)
{
  const int64_t age_us = stoa_elapsed_us(event->at_us, f->now_us[key]);
  note_until(f, key, event->at_us, age_us);
  if (age_us >= 0 && age_us < f->longest_us && event->at_us > f->latest[key]) {
    f->latest[key] = event->at_us;
  }
  for (uint32_t i = 0; i < f->view->features.n; ++i) {
    const stoa_feature *const feature = &f->view->features.items[i];
    const bool in_window = age_us >= 0 && age_us < f->view->windows.items[feature->window] * 1000000;
    if (in_window && (feature->slot < 0 || feature->slot == event->slot)) {
      add_event(f, i, &f->cells[(size_t)key * f->view->features.n + i], event->at_us, batch, row);
    }
  }
}

stoa_status stoa_window_fold_take(stoa_window_fold *f, uint32_t key, const stoa_batch *batch, uint32_t row,
                                  stoa_error *err)
{
  stoa_window_event event;
  bool has;
  STOA_TRY(stoa_window_fold_read(f, batch, row, &event, &has, err));
  if (has) {
    stoa_window_fold_add(f, key, &event, batch, row);
  }
  return STOA_OK;
}

static stoa_term percentile(cell *c, int percent)
{
  qsort(c->values.items, c->values.n, sizeof *c->values.items, stoa_term_order_at);
  const uint64_t rank = ((uint64_t)c->values.n * (uint64_t)percent + 99) / 100; // nearest rank, from 1
  return c->values.items[rank ? rank - 1 : 0];
}

bool stoa_window_fold_failed(const stoa_window_fold *f, uint32_t key, uint32_t i)
{
  return f->cells[(size_t)key * f->view->features.n + i].failed;
}

stoa_term stoa_window_fold_value(stoa_window_fold *f, uint32_t key, uint32_t i)
{
  const stoa_feature *const feature = &f->view->features.items[i];
  cell *const c = &f->cells[(size_t)key * f->view->features.n + i];
  if (c->count == 0) {
    return (stoa_term){0};
  }
  switch (feature->kind) {
    case STOA_WINDOW_COUNT:
    case STOA_WINDOW_DISTINCT:
      return stoa_term_integer(c->count);
    case STOA_WINDOW_SUM:
      return c->failed ? (stoa_term){0} : stoa_number_term(&c->sum, f->arena);
    case STOA_WINDOW_AVG: {
      const stoa_number n = {.mantissa = c->count};
      stoa_number average;
      return !c->failed && stoa_number_apply('/', &c->sum, &n, f->arena, &average)
               ? stoa_number_term(&average, f->arena)
               : (stoa_term){0};
    }
    case STOA_WINDOW_MIN:
      return c->least;
    case STOA_WINDOW_MAX:
      return c->most;
    case STOA_WINDOW_RECENCY:
      return stoa_term_integer((f->now_us[key] - c->latest_us) / 1000000);
    case STOA_WINDOW_PERCENTILE:
      return percentile(c, feature->percent);
  }
  return (stoa_term){0};
}

int64_t stoa_window_fold_latest(const stoa_window_fold *f, uint32_t key)
{
  return f->latest[key];
}

int64_t stoa_window_fold_until(const stoa_window_fold *f, uint32_t key)
{
  return f->until[key];
}

int64_t stoa_window_fold_last(const stoa_window_fold *f, uint32_t key, uint32_t i)
{
  const cell *const c = &f->cells[(size_t)key * f->view->features.n + i];
  return c->count ? c->latest_us : STOA_NO_TIME;
}
