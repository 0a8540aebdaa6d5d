#include "features/held.h"
#include "features/cell.h"
#include <stdlib.h>

enum { TILE_EVENTS = 512, LEAST_SUMMED = TILE_EVENTS / 2 };

typedef struct {
  int64_t at_us;
  uint64_t record;
  stoa_term value;
  const stoa_term *marks; ///< [feature]
  int slot;
} held_event;

/// Events in order of time.
typedef struct {
  uint32_t n;
  stoa_cell *sums; ///< [feature], of all its events; NULL: not summed
  stoa_arena arena; ///< of `sums`
  held_event events[TILE_EVENTS];
} tile;

struct stoa_held {
  const stoa_view *view;
  stoa_arena arena;     ///< terms of the events
  stoa_table texts;     ///< terms that are counted once, each once
  uint32_t *alike;      ///< [feature]: the first that differs from it in its window alone
  bool has_marks;
  tile **tiles;
  uint32_t n_tiles, capacity;
  uint64_t n_events;
};

// ---- life

static bool are_alike(const stoa_feature *a, const stoa_feature *b)
{
  return a->kind == b->kind && a->slot == b->slot && a->distinct == b->distinct && a->percent == b->percent;
}

stoa_held *stoa_held_new(const stoa_view *view)
{
  stoa_held *const h = calloc(1, sizeof *h);
  if (!h) {
    return NULL;
  }
  h->view = view;
  stoa_arena_init(&h->arena, 0);
  h->texts.n_columns = 1;
  h->alike = STOA_NEWS(&h->arena, uint32_t, view->features.n + 1);
  for (uint32_t i = 0; i < view->features.n; ++i) {
    const stoa_feature *const f = &view->features.items[i];
    h->has_marks |= f->kind == STOA_WINDOW_DISTINCT;
    while (!are_alike(f, &view->features.items[h->alike[i]])) {
      h->alike[i]++;
    }
  }
  return h;
}

static void drop_sums(tile *t)
{
  if (t->sums) {
    stoa_arena_done(&t->arena);
    t->sums = NULL;
  }
}

static void tile_free(tile *t)
{
  drop_sums(t);
  free(t);
}

void stoa_held_free(stoa_held *h)
{
  for (uint32_t i = 0; h && i < h->n_tiles; ++i) {
    tile_free(h->tiles[i]);
  }
  if (h) {
    stoa_arena_done(&h->arena);
    free(h->tiles);
    free(h);
  }
}

uint64_t stoa_held_count(const stoa_held *h)
{
  return h->n_events;
}

size_t stoa_held_bytes(const stoa_held *h)
{
  size_t n = sizeof *h + h->arena.n_bytes + h->capacity * sizeof *h->tiles;
  for (uint32_t i = 0; i < h->n_tiles; ++i) {
    n += sizeof **h->tiles + (h->tiles[i]->sums ? h->tiles[i]->arena.n_bytes : 0);
  }
  return n;
}

// ---- adding

// A new tile at a place among the tiles; NULL without memory.
static tile *add_tile(stoa_held *h, uint32_t at)
{
  if (h->n_tiles == h->capacity) {
    const uint32_t wider = h->capacity ? h->capacity * 2 : 8;
    tile **const tiles = realloc(h->tiles, wider * sizeof(tile *));
    if (!tiles) {
      return NULL;
    }
    h->tiles = tiles;
    h->capacity = wider;
  }
  tile *const t = malloc(sizeof *t);
  if (t) {
    t->n = 0;
    t->sums = NULL;
    memmove(h->tiles + at + 1, h->tiles + at, (h->n_tiles - at) * sizeof *h->tiles);
    h->tiles[at] = t;
    h->n_tiles++;
  }
  return t;
}

// The last tile that begins at or before an instant; the first where none does.
static uint32_t tile_at(const stoa_held *h, int64_t at_us)
{
  uint32_t low = 0, high = h->n_tiles;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    if (h->tiles[middle]->events[0].at_us <= at_us) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

// How many events of a tile are at or before an instant.
static uint32_t events_until(const tile *t, int64_t at_us)
{
  uint32_t low = 0, high = t->n;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (t->events[middle].at_us <= at_us) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// A tile with room for an event.  A full one is parted in the middle, but for an event behind all others.
static tile *room_for(stoa_held *h, int64_t at_us)
{
  if (h->n_tiles == 0) {
    return add_tile(h, 0);
  }
  const uint32_t at = tile_at(h, at_us);
  tile *const t = h->tiles[at];
  if (t->n < TILE_EVENTS) {
    return t;
  }
  tile *const next = add_tile(h, at + 1);
  if (!next || (at + 2 == h->n_tiles && t->events[t->n - 1].at_us <= at_us)) {
    return next;
  }
  next->n = t->n / 2;
  t->n -= next->n;
  memcpy(next->events, t->events + t->n, next->n * sizeof *t->events);
  drop_sums(t);
  return next->events[0].at_us <= at_us ? next : t;
}

static const stoa_term *copy_marks(stoa_held *h, const stoa_term *marks)
{
  if (!h->has_marks) {
    return NULL;
  }
  stoa_term *const out = STOA_NEWS(&h->arena, stoa_term, h->view->features.n);
  for (uint32_t i = 0; i < h->view->features.n; ++i) {
    if (stoa_term_is_bound(marks[i])) {
      bool is_new;
      const uint32_t row = stoa_table_intern(&h->texts, &h->arena, &marks[i], &is_new);
      if (is_new) {
        stoa_table_row(&h->texts, row)[0] = stoa_term_copy(marks[i], &h->arena);
      }
      out[i] = stoa_table_row(&h->texts, row)[0];
    }
  }
  return out;
}

bool stoa_held_add(stoa_held *h, const stoa_window_event *event, uint64_t record)
{
  tile *const t = room_for(h, event->at_us);
  if (!t) {
    return false;
  }
  const uint32_t at = events_until(t, event->at_us);
  memmove(t->events + at + 1, t->events + at, (t->n - at) * sizeof *t->events);
  t->events[at] = (held_event){.at_us = event->at_us,
                               .record = record,
                               .value = stoa_term_copy(event->value, &h->arena),
                               .marks = copy_marks(h, event->marks),
                               .slot = event->slot};
  t->n++;
  h->n_events++;
  drop_sums(t);
  return true;
}

bool stoa_held_has(const stoa_held *h, uint64_t record)
{
  for (uint32_t i = 0; i < h->n_tiles; ++i) {
    for (uint32_t k = 0; k < h->tiles[i]->n; ++k) {
      if (h->tiles[i]->events[k].record == record) {
        return true;
      }
    }
  }
  return false;
}

void stoa_held_forget(stoa_held *h, int64_t until_us)
{
  uint32_t n = 0;
  while (n < h->n_tiles && h->tiles[n]->events[h->tiles[n]->n - 1].at_us <= until_us) {
    h->n_events -= h->tiles[n]->n;
    tile_free(h->tiles[n++]);
  }
  if (n) {
    h->n_tiles -= n;
    memmove(h->tiles, h->tiles + n, h->n_tiles * sizeof *h->tiles);
  }
}

// ---- folding

static void add_one(const held_event *e, const stoa_feature *f, uint32_t i, stoa_cell *cell, stoa_arena *arena)
{
  if (f->slot < 0 || f->slot == e->slot) {
    const stoa_window_event event = {.at_us = e->at_us, .slot = e->slot, .value = e->value};
    stoa_cell_add(cell, f, &event, e->marks ? e->marks[i] : (stoa_term){0}, arena);
  }
}

// What is no sum: all values are needed to find one at its rank.
static bool is_summed(const stoa_feature *f)
{
  return f->kind != STOA_WINDOW_PERCENTILE;
}

static void sum_tile(const stoa_held *h, tile *t)
{
  stoa_arena_init(&t->arena, 0);
  t->sums = STOA_NEWS(&t->arena, stoa_cell, h->view->features.n);
  for (uint32_t i = 0; i < h->view->features.n; ++i) {
    const stoa_feature *const f = &h->view->features.items[i];
    for (uint32_t k = 0; k < t->n && h->alike[i] == i && is_summed(f); ++k) {
      add_one(&t->events[k], f, i, &t->sums[i], &t->arena);
    }
  }
}

// The last tile changes with the next event, and a small one is read as fast as its sums are made.
static bool has_sums(const stoa_held *h, uint32_t at)
{
  tile *const t = h->tiles[at];
  if (!t->sums && at + 1 < h->n_tiles && t->n >= LEAST_SUMMED) {
    sum_tile(h, t);
  }
  return t->sums != NULL;
}

/// Events behind `after_us`, up to `until_us`: those of tiles first to last, from `from` in the first on, `to` in the last.
typedef struct {
  uint32_t first, last, from, to;
} span;

static span span_of(const stoa_held *h, int64_t after_us, int64_t until_us)
{
  span s = {.first = tile_at(h, after_us), .last = tile_at(h, until_us)};
  s.from = events_until(h->tiles[s.first], after_us);
  s.to = events_until(h->tiles[s.last], until_us);
  return s;
}

static void fold_feature(stoa_held *h, const span *s, uint32_t i, stoa_cell *cell, stoa_arena *arena)
{
  const stoa_feature *const f = &h->view->features.items[i];
  for (uint32_t at = s->first; at <= s->last; ++at) {
    const tile *const t = h->tiles[at];
    const uint32_t from = at == s->first ? s->from : 0, to = at == s->last ? s->to : t->n;
    if (from == 0 && to == t->n && is_summed(f) && has_sums(h, at)) {
      stoa_cell_merge(cell, f, &t->sums[h->alike[i]], arena);
      continue;
    }
    for (uint32_t k = from; k < to; ++k) {
      add_one(&t->events[k], f, i, cell, arena);
    }
  }
}

// The first event behind those of a place among the tiles; NULL: there is none.
static const held_event *event_at(const stoa_held *h, uint32_t at, uint32_t k)
{
  if (k == h->tiles[at]->n) {
    ++at;
    k = 0;
  }
  return at < h->n_tiles ? &h->tiles[at]->events[k] : NULL;
}

static int64_t before(int64_t now_us, int64_t us)
{
  int64_t at_us;
  return __builtin_sub_overflow(now_us, us, &at_us) ? INT64_MIN : at_us;
}

// When the oldest event of a window leaves it.
static int64_t leaves_us(const stoa_held *h, const span *s, int64_t window_us, int64_t now_us)
{
  const held_event *const oldest = event_at(h, s->first, s->from);
  int64_t at_us;
  const bool is_in = oldest && oldest->at_us <= now_us;
  return is_in && !__builtin_add_overflow(oldest->at_us, window_us, &at_us) ? at_us : INT64_MAX;
}

void stoa_held_fold(stoa_held *h, stoa_window_fold *fold)
{
  const int64_t now_us = stoa_window_fold_now(fold, 0);
  int64_t longest_us = 0;
  if (h->n_tiles == 0) {
    return;
  }
  const span until = span_of(h, now_us, now_us);
  const held_event *const next = event_at(h, until.last, until.to);
  int64_t until_us = next ? next->at_us : INT64_MAX;
  for (uint32_t w = 0; w < h->view->windows.n; ++w) {
    const int64_t window_us = h->view->windows.items[w] * 1000000;
    const span s = span_of(h, before(now_us, window_us), now_us);
    const int64_t ends_us = leaves_us(h, &s, window_us, now_us);
    until_us = ends_us < until_us ? ends_us : until_us;
    longest_us = window_us > longest_us ? window_us : longest_us;
    for (uint32_t i = 0; i < h->view->features.n; ++i) {
      if (h->view->features.items[i].window == w) {
        fold_feature(h, &s, i, stoa_window_fold_cell(fold, 0, i), stoa_window_fold_arena(fold));
      }
    }
  }
  const tile *const last = h->tiles[until.last];
  const bool has_latest = until.to > 0 && last->events[until.to - 1].at_us > before(now_us, longest_us);
  stoa_window_fold_set(fold, 0, has_latest ? last->events[until.to - 1].at_us : STOA_NO_TIME, until_us);
}
