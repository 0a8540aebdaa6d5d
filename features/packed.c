// Head, values, times of events, then the bytes of texts.  Numbers, booleans and times lie in their terms; of other terms
// the text follows, and for literals the two slices that a term of 16 bytes points to.
#include "features/packed.h"
#include <stdlib.h>

struct stoa_packed {
  size_t size;
  stoa_view_row row;
  stoa_term values[];
};

static bool has_literal(stoa_term t)
{
  return t.kind == STOA_TERM_LANG || t.kind == STOA_TERM_TYPED;
}

static bool has_text(stoa_term t)
{
  return t.kind == STOA_TERM_BLANK || t.kind == STOA_TERM_IRI || t.kind == STOA_TERM_STRING;
}

static size_t padded(size_t n)
{
  return (n + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *);
}

size_t stoa_packed_text_size(stoa_term t)
{
  if (has_literal(t)) {
    return sizeof(stoa_literal) + padded(t.as.literal->text.length + t.as.literal->tag.length);
  }
  return has_text(t) ? padded(t.length) : 0;
}

stoa_term stoa_packed_text(stoa_term t, char **at)
{
  char *const place = *at;
  *at += stoa_packed_text_size(t);
  if (has_literal(t)) {
    stoa_literal *const literal = (stoa_literal *)place;
    char *const text = place + sizeof *literal, *const tag = text + t.as.literal->text.length;
    memcpy(text, t.as.literal->text.data, t.as.literal->text.length);
    memcpy(tag, t.as.literal->tag.data, t.as.literal->tag.length);
    *literal = (stoa_literal){{text, t.as.literal->text.length}, {tag, t.as.literal->tag.length}};
    t.as.literal = literal;
  } else if (has_text(t) && t.length) {
    memcpy(place, t.as.text, t.length);
    t.as.text = place;
  }
  return t;
}

// An IRI of a template as its text.
void stoa_packed_settle(const stoa_term *values, uint32_t n, stoa_arena *arena, stoa_term *out)
{
  for (uint32_t i = 0; i < n; ++i) {
    out[i] = values[i].kind == STOA_TERM_BUILT ? stoa_term_iri(stoa_term_lexical(values[i], arena)) : values[i];
  }
}

bool stoa_packed_grows(const stoa_view *view, const stoa_feature *feature)
{
  return view->kind == STOA_VIEW_WINDOW && feature->kind == STOA_WINDOW_RECENCY;
}

static bool has_recency(const stoa_view *view)
{
  bool has = false;
  for (uint32_t i = 0; i < view->features.n; ++i) {
    has |= stoa_packed_grows(view, &view->features.items[i]);
  }
  return has;
}

stoa_packed *stoa_packed_new(const stoa_term *values, const stoa_view *view, const stoa_view_row *row)
{
  const uint32_t n = view->features.n;
  const size_t n_last = row->last_us && !row->is_stale && has_recency(view) ? n : 0;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_term *const terms = STOA_NEWS(&arena, stoa_term, n + 1);
  stoa_packed_settle(values, n, &arena, terms);
  size_t size = sizeof(stoa_packed) + n * sizeof *terms + n_last * sizeof *row->last_us;
  for (uint32_t i = 0; i < n; ++i) {
    size += stoa_packed_text_size(terms[i]);
  }
  stoa_packed *const packed = stoa_arena_status(&arena) == STOA_OK ? malloc(size) : NULL;
  if (packed) {
    char *at = (char *)(packed->values + n);
    *packed = (stoa_packed){size, *row};
    packed->row.last_us = n_last ? memcpy(at, row->last_us, n_last * sizeof *row->last_us) : NULL;
    at += n_last * sizeof *row->last_us;
    for (uint32_t i = 0; i < n; ++i) {
      packed->values[i] = stoa_packed_text(terms[i], &at);
    }
  }
  stoa_arena_done(&arena);
  return packed;
}

void stoa_packed_free(stoa_packed *packed)
{
  free(packed);
}

size_t stoa_packed_size(const stoa_packed *packed)
{
  return packed->size;
}

stoa_term stoa_packed_recency(const stoa_feature *f, int64_t last_us, int64_t now_us, stoa_arena *arena)
{
  const stoa_term seconds = stoa_feature_convert(f, stoa_term_integer((now_us - last_us) / 1000000), arena);
  return stoa_term_is_bound(seconds) ? seconds : f->fallback;
}

void stoa_packed_read(const stoa_packed *packed, const stoa_view *view, const bool *wanted, int64_t now_us,
                      stoa_arena *arena, stoa_term *values, stoa_view_row *row)
{
  const int64_t *const last_us = packed->row.last_us;
  *row = packed->row;
  if (last_us) {
    int64_t *const copy = STOA_NEWS(arena, int64_t, view->features.n);
    row->last_us = memcpy(copy, last_us, view->features.n * sizeof *copy);
  }
  for (uint32_t i = 0; i < view->features.n; ++i) {
    const stoa_feature *const f = &view->features.items[i];
    if (wanted && !wanted[i]) {
      continue;
    }
    values[i] = last_us && f->kind == STOA_WINDOW_RECENCY && last_us[i] != STOA_NO_TIME
                  ? stoa_packed_recency(f, last_us[i], now_us, arena)
                  : stoa_term_copy(packed->values[i], arena);
  }
}
