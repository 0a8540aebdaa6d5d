// Head, recencies, then for each form where each value begins and the bytes of all of them, so that one who writes the first
// form reads on from the head; then terms with their texts, views, and a byte for each feature.  Places are of 16 bits: longer rows are not kept.  A recency has no text here, since it grows: what stands
// before and behind it is copied, and it is written between.
#include "features/served_row.h"
#include "features/packed.h"
#include <stdatomic.h>
#include <stdlib.h>

// Whether a feature has a value, which grows; the bits above tell for which forms it has no text.
enum { HAS_VALUE = 1, GROWS = 2, LACKS_TEXT = 4 };

typedef struct {
  uint32_t column;
  int64_t last_us; ///< its latest event
} growing;

struct stoa_served_row {
  atomic_uint users;
  uint32_t n_growing;
  size_t size;
  const growing *growing;
  const uint16_t *starts[STOA_MOST_FORMS]; ///< n_features + 1; the bytes stand behind them
  const uint8_t *cells;
  const stoa_served_view *views;
  const stoa_term *values;
  stoa_served_term term;
};

// ---- making

// A row that is being put together.
typedef struct {
  const stoa_service *service;
  const stoa_view_values *views;
  uint32_t row, n_growing;
  bool is_odd; ///< whether there is a value depends on the instant
  stoa_term *values;
  growing *growing;
  uint8_t *cells;
  uint16_t *starts[STOA_MOST_FORMS];
  stoa_buf texts[STOA_MOST_FORMS];
} draft;

static const stoa_view_row *row_of(const draft *d, uint32_t view)
{
  return &d->views[view].rows[d->row];
}

static bool find_times(const draft *d, stoa_served_term *term)
{
  bool is_there = false, good = true;
  term->from_us = INT64_MIN;
  term->until_us = INT64_MAX;
  for (uint32_t i = 0; i < d->service->views.n; ++i) {
    const stoa_view_row *const row = row_of(d, i);
    is_there |= row->is_there;
    good &= !row->misfits;
    term->from_us = row->made_us > term->from_us ? row->made_us : term->from_us;
    term->until_us = row->stands_us < term->until_us ? row->stands_us : term->until_us;
  }
  return is_there && good && term->from_us < term->until_us;
}

static void take_value(draft *d, uint32_t column)
{
  const stoa_feature *const f = d->service->features.items[column];
  const uint32_t v = d->service->view_of.items[column];
  const stoa_view *const view = d->views[v].view;
  const size_t at = (size_t)(f - view->features.items);
  const int64_t *const last_us = row_of(d, v)->last_us;
  d->values[column] = d->views[v].values[(size_t)d->row * view->features.n + at];
  d->cells[column] = stoa_term_is_bound(d->values[column]) ? HAS_VALUE : 0;
  if (stoa_packed_grows(view, f) && last_us && last_us[at] != STOA_NO_TIME && !row_of(d, v)->is_stale) {
    d->growing[d->n_growing++] = (growing){column, last_us[at]};
    d->cells[column] |= GROWS;
    d->is_odd |= f->type == STOA_FEATURE_BOOLEAN; // it has a value for a moment
  }
}

// False when the texts are too long.
static bool write_texts(draft *d, uint32_t form, const stoa_value_forms *forms)
{
  stoa_buf *const text = &d->texts[form];
  const uint32_t n = d->service->features.n;
  for (uint32_t i = 0, g = 0; i <= n; ++i) {
    if (text->length > UINT16_MAX) {
      return false;
    }
    d->starts[form][i] = (uint16_t)text->length;
    if (g < d->n_growing && d->growing[g].column == i) {
      ++g;
    } else if (i < n && !forms->forms[form](d->values[i], d->service->features.items[i], text)) {
      d->cells[i] |= (uint8_t)(LACKS_TEXT << form);
    }
  }
  return true;
}

static void *place(char **at, const void *bytes, size_t n)
{
  void *const here = *at;
  if (n) {
    memcpy(here, bytes, n);
  }
  *at += n;
  return here;
}

static size_t padded(size_t n)
{
  return (n + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
}

static size_t size_of(const draft *d, uint32_t which)
{
  const uint32_t n = d->service->features.n;
  size_t size = sizeof(stoa_served_row) + d->n_growing * sizeof(growing) + n * sizeof(stoa_term) +
                d->service->views.n * sizeof(stoa_served_view) + n;
  for (uint32_t i = 0; i < n; ++i) {
    size += stoa_packed_text_size(d->values[i]);
  }
  for (uint32_t k = 0; k < STOA_MOST_FORMS; ++k) {
    size += which >> k & 1 ? padded((n + 1) * sizeof(uint16_t) + d->texts[k].length) : 0;
  }
  return size;
}

static const uint16_t *place_texts(const draft *d, uint32_t form, char **at)
{
  char *const begin = *at;
  place(at, d->starts[form], (d->service->features.n + 1) * sizeof(uint16_t));
  place(at, d->texts[form].data, d->texts[form].length);
  *at = begin + padded((size_t)(*at - begin));
  return (const uint16_t *)begin;
}

static const stoa_term *place_values(const draft *d, char **at)
{
  const uint32_t n = d->service->features.n;
  stoa_term *const values = (stoa_term *)*at;
  *at += n * sizeof *values;
  for (uint32_t i = 0; i < n; ++i) {
    values[i] = stoa_packed_text(d->values[i], at);
  }
  return values;
}

static const stoa_served_view *place_views(const draft *d, char **at)
{
  stoa_served_view *const views = (stoa_served_view *)*at;
  for (uint32_t i = 0; i < d->service->views.n; ++i) {
    const stoa_view_row *const its = row_of(d, i);
    views[i] = (stoa_served_view){its->at_us, its->is_there, its->is_stale, its->is_small};
  }
  *at += d->service->views.n * sizeof *views;
  return views;
}

static stoa_served_row *assemble(const draft *d, stoa_served_term term)
{
  const size_t size = size_of(d, term.forms);
  stoa_served_row *const row = malloc(size);
  if (row) {
    char *at = (char *)(row + 1);
    *row = (stoa_served_row){.users = 1, .n_growing = d->n_growing, .size = size, .term = term};
    row->growing = place(&at, d->growing, d->n_growing * sizeof(growing));
    for (uint32_t k = 0; k < STOA_MOST_FORMS; ++k) {
      row->starts[k] = term.forms >> k & 1 ? place_texts(d, k, &at) : NULL;
    }
    row->values = place_values(d, &at);
    row->views = place_views(d, &at);
    row->cells = place(&at, d->cells, d->service->features.n);
  }
  return row;
}

stoa_served_row *stoa_served_row_new(const stoa_service *service, const stoa_view_values *views, uint32_t row,
                                     const stoa_value_forms *forms, uint32_t which)
{
  draft d = {.service = service, .views = views, .row = row};
  stoa_served_term term = {.forms = which};
  stoa_served_row *made = NULL;
  stoa_arena arena;
  if (!find_times(&d, &term)) {
    return NULL;
  }
  stoa_arena_init(&arena, 0);
  const uint32_t n = service->features.n;
  d.values = STOA_NEWS(&arena, stoa_term, n + 1);
  d.growing = STOA_NEWS(&arena, growing, n + 1);
  d.cells = STOA_NEWS(&arena, uint8_t, n + 1);
  for (uint32_t i = 0; i < n; ++i) {
    take_value(&d, i);
  }
  bool good = !d.is_odd;
  for (uint32_t k = 0; k < forms->n && good; ++k) {
    d.starts[k] = STOA_NEWS(&arena, uint16_t, n + 1);
    good = !(which >> k & 1) || write_texts(&d, k, forms);
  }
  if (good) {
    stoa_packed_settle(d.values, n, &arena, d.values);
    made = assemble(&d, term);
  }
  for (uint32_t k = 0; k < STOA_MOST_FORMS; ++k) {
    stoa_buf_done(&d.texts[k]);
  }
  stoa_arena_done(&arena);
  return made;
}

void stoa_served_row_hold(stoa_served_row *row)
{
  atomic_fetch_add_explicit(&row->users, 1, memory_order_relaxed);
}

void stoa_served_row_leave(stoa_served_row *row)
{
  if (atomic_fetch_sub(&row->users, 1) == 1) {
    free(row);
  }
}

// ---- what it is

size_t stoa_served_row_size(const stoa_served_row *row)
{
  return row->size;
}

stoa_served_term stoa_served_row_term(const stoa_served_row *row)
{
  return row->term;
}

const stoa_served_view *stoa_served_row_views(const stoa_served_row *row)
{
  return row->views;
}

// ---- writing

static const char *texts_of(const stoa_served_row *row, const stoa_service *service, uint32_t form)
{
  return (const char *)(row->starts[form] + service->features.n + 1);
}

static stoa_term grown(const stoa_service *service, const growing *g, int64_t now_us, stoa_arena *arena)
{
  return stoa_packed_recency(service->features.items[g->column], g->last_us, now_us, arena);
}

static void write_grown(const stoa_service *service, const stoa_value_forms *forms, uint32_t form, const growing *g,
                        int64_t now_us, stoa_buf *out)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  forms->forms[form](grown(service, g, now_us, &arena), service->features.items[g->column], out);
  stoa_arena_done(&arena);
}

void stoa_served_row_write(const stoa_served_row *row, const stoa_service *service, const stoa_value_forms *forms,
                           uint32_t form, int64_t now_us, stoa_buf *out)
{
  const char *const texts = texts_of(row, service, form);
  const uint16_t *const starts = row->starts[form];
  size_t done = 0;
  for (uint32_t i = 0; i < row->n_growing; ++i) {
    const size_t until = starts[row->growing[i].column];
    stoa_buf_add(out, texts + done, until - done);
    write_grown(service, forms, form, &row->growing[i], now_us, out);
    done = until;
  }
  stoa_buf_add(out, texts + done, starts[service->features.n] - done);
}

stoa_served_cell stoa_served_row_cell(const stoa_served_row *row, const stoa_service *service, uint32_t form, uint32_t column)
{
  const uint16_t *const starts = row->starts[form];
  const uint8_t cell = row->cells[column];
  const stoa_slice text = {texts_of(row, service, form) + starts[column], (size_t)(starts[column + 1] - starts[column])};
  const stoa_cell_kind kind = cell & GROWS                ? STOA_CELL_GROWS
                              : !(cell & HAS_VALUE)       ? STOA_CELL_NONE
                              : cell & LACKS_TEXT << form ? STOA_CELL_LACKS
                                                          : STOA_CELL_TEXT;
  return (stoa_served_cell){kind, text};
}

void stoa_served_row_write_one(const stoa_served_row *row, const stoa_service *service, const stoa_value_forms *forms,
                               uint32_t form, uint32_t column, int64_t now_us, stoa_buf *out)
{
  const uint16_t *const starts = row->starts[form];
  if (starts[column + 1] > starts[column]) {
    stoa_buf_add(out, texts_of(row, service, form) + starts[column], (size_t)(starts[column + 1] - starts[column]));
    return;
  }
  for (uint32_t i = 0; i < row->n_growing; ++i) { // nothing else has no text at all
    if (row->growing[i].column == column) {
      write_grown(service, forms, form, &row->growing[i], now_us, out);
    }
  }
}

void stoa_served_row_values(const stoa_served_row *row, const stoa_service *service, int64_t now_us, stoa_arena *arena,
                            stoa_term *out)
{
  for (uint32_t i = 0; i < service->features.n; ++i) {
    out[i] = stoa_term_copy(row->values[i], arena);
  }
  for (uint32_t i = 0; i < row->n_growing; ++i) {
    out[row->growing[i].column] = grown(service, &row->growing[i], now_us, arena);
  }
}
