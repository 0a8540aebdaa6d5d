// Window aggregates folded in one pass: each event counts in its own slot of `by` and in "all", in every
// window that reaches back to it: (as-of - window, as-of].  Money is summed exactly.
#include "features/cell.h"
#include "features/feature.h"

struct stoa_window_fold {
  const stoa_view *view;
  stoa_arena *arena;
  stoa_cell *cells; ///< [key][feature]
  int64_t *now_us; ///< [key]: the instant that is asked about
  int64_t *latest; ///< of each key: its latest event in the longest window
  int64_t *until;  ///< of each key: when the next event leaves a window, or comes into them
  uint64_t *n_events; ///< [key]: that were added
  int64_t longest_us;
  int time, known, value, by;
  int *distinct; ///< [feature]: the column of DISTINCT; -1: none
  stoa_term *marks; ///< [feature]: of the event that was read last
};

stoa_window_fold *stoa_window_fold_new(const stoa_view *view, const stoa_plan *plan, uint32_t n_keys,
                                       stoa_context *context, stoa_arena *arena)
{
  stoa_window_fold *const f = STOA_NEW(arena, stoa_window_fold);
  f->view = view;
  f->arena = arena;
  f->cells = STOA_NEWS(arena, stoa_cell, (size_t)n_keys * view->features.n);
  f->now_us = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  f->latest = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  f->until = STOA_NEWS(arena, int64_t, (size_t)n_keys + 1);
  f->n_events = STOA_NEWS(arena, uint64_t, (size_t)n_keys + 1);
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
  f->known = view->known_name ? stoa_plan_column(plan->root, view->known_var) : -1;
  f->value = view->value_var == STOA_NO_VAR ? -1 : stoa_plan_column(plan->root, view->value_var);
  f->by = view->by_var == STOA_NO_VAR ? -1 : stoa_plan_column(plan->root, view->by_var);
  f->distinct = STOA_NEWS(arena, int, view->features.n + 1);
  f->marks = STOA_NEWS(arena, stoa_term, view->features.n + 1);
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

static void read_marks(stoa_window_fold *f, const stoa_batch *batch, uint32_t row)
{
  for (uint32_t i = 0; i < f->view->features.n; ++i) {
    if (f->distinct[i] >= 0) {
      f->marks[i] = stoa_feature_canonical(batch->columns[f->distinct[i]][row], f->arena);
    }
  }
}

// What does not say when it was known always was.
static stoa_status read_known(const stoa_window_fold *f, const stoa_batch *batch, uint32_t row,
                              stoa_window_event *event, stoa_error *err)
{
  const stoa_term known = f->known < 0 ? (stoa_term){0} : batch->columns[f->known][row];
  event->known_us = INT64_MIN;
  return !stoa_term_is_bound(known) || stoa_feature_instant(known, f->view->timezone, &event->known_us)
           ? STOA_OK
           : stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){f->view->file, 1, 1},
                           "when an event of view %s was known is no xsd:dateTime or xsd:date", f->view->name);
}

stoa_status stoa_window_fold_read(stoa_window_fold *f, const stoa_batch *batch, uint32_t row,
                                  stoa_window_event *event, bool *out, stoa_error *err)
{
  const stoa_term at = f->time < 0 ? (stoa_term){0} : batch->columns[f->time][row];
  *out = stoa_term_is_bound(at);
  if (*out && !stoa_feature_instant(at, f->view->timezone, &event->at_us)) {
    return stoa_error_at(err, STOA_BAD_TYPE, (stoa_place){f->view->file, 1, 1},
                         "the event time of view %s is no xsd:dateTime or xsd:date", f->view->name);
  }
  if (*out) {
    STOA_TRY(read_known(f, batch, row, event, err));
    event->slot = slot_of(f, batch, row);
    event->value = f->value < 0 ? (stoa_term){0} : batch->columns[f->value][row];
    read_marks(f, batch, row);
    event->marks = f->marks;
  }
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

void stoa_window_fold_add(stoa_window_fold *f, uint32_t key, const stoa_window_event *event)
{
  const int64_t age_us = stoa_elapsed_us(event->at_us, f->now_us[key]);
  f->n_events[key]++;
  if (event->known_us > f->now_us[key]) { // it comes into the windows then, or is too old by then
    f->until[key] = event->known_us < f->until[key] ? event->known_us : f->until[key];
    return;
  }
  note_until(f, key, event->at_us, age_us);
  if (age_us >= 0 && age_us < f->longest_us && event->at_us > f->latest[key]) {
    f->latest[key] = event->at_us;
  }
  for (uint32_t i = 0; i < f->view->features.n; ++i) {
    const stoa_feature *const feature = &f->view->features.items[i];
    const bool in_window = age_us >= 0 && age_us < f->view->windows.items[feature->window] * 1000000;
    if (in_window && (feature->slot < 0 || feature->slot == event->slot)) {
      stoa_cell_add(&f->cells[(size_t)key * f->view->features.n + i], feature, event, event->marks[i], f->arena);
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
    stoa_window_fold_add(f, key, &event);
  }
  return STOA_OK;
}

int64_t stoa_window_fold_now(const stoa_window_fold *f, uint32_t key)
{
  return f->now_us[key];
}

stoa_arena *stoa_window_fold_arena(const stoa_window_fold *f)
{
  return f->arena;
}

stoa_cell *stoa_window_fold_cell(stoa_window_fold *f, uint32_t key, uint32_t i)
{
  return &f->cells[(size_t)key * f->view->features.n + i];
}

void stoa_window_fold_set(stoa_window_fold *f, uint32_t key, int64_t latest_us, int64_t until_us)
{
  f->latest[key] = latest_us;
  f->until[key] = until_us;
}

bool stoa_window_fold_failed(const stoa_window_fold *f, uint32_t key, uint32_t i)
{
  return f->cells[(size_t)key * f->view->features.n + i].failed;
}

stoa_term stoa_window_fold_value(stoa_window_fold *f, uint32_t key, uint32_t i)
{
  stoa_cell *const c = &f->cells[(size_t)key * f->view->features.n + i];
  return stoa_cell_value(c, &f->view->features.items[i], f->now_us[key], f->arena);
}

int64_t stoa_window_fold_latest(const stoa_window_fold *f, uint32_t key)
{
  return f->latest[key];
}

uint64_t stoa_window_fold_count(const stoa_window_fold *f, uint32_t key)
{
  return f->n_events[key];
}

int64_t stoa_window_fold_until(const stoa_window_fold *f, uint32_t key)
{
  return f->until[key];
}

int64_t stoa_window_fold_last(const stoa_window_fold *f, uint32_t key, uint32_t i)
{
  const stoa_cell *const c = &f->cells[(size_t)key * f->view->features.n + i];
  return c->count ? c->latest_us : STOA_NO_TIME;
}
