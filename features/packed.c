// Head, values, times of events, then the bytes of texts.  Numbers, booleans and times lie in their terms; of other terms
// the text follows, and for literals the two slices that a term of 16 bytes points to.
#include "features/packed.h"
#include <stdlib.h>

struct stoa_packed {
  size_t size;
  stoa_view_row row;
  uint32_t n;
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

static size_t size_of(stoa_term t)
{
  if (has_literal(t)) {
    return sizeof(stoa_literal) + padded(t.as.literal->text.length + t.as.literal->tag.length);
  }
  return has_text(t) ? padded(t.length) : 0;
}

static stoa_term pack(stoa_term t, char **at)
{
  char *const place = *at;
  *at += size_of(t);
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
static void settle(const stoa_term *values, uint32_t n, stoa_arena *arena, stoa_term *out)
{
  for (uint32_t i = 0; i < n; ++i) {
    out[i] = values[i].kind == STOA_TERM_BUILT ? stoa_term_iri(stoa_term_lexical(values[i], arena)) : values[i];
  }
}

stoa_packed *stoa_packed_new(const stoa_term *values, uint32_t n, const stoa_view_row *row)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_term *const terms = STOA_NEWS(&arena, stoa_term, n + 1);
  settle(values, n, &arena, terms);
  size_t size = sizeof(stoa_packed) + n * sizeof *terms + (row->last_us ? n * sizeof *row->last_us : 0);
  for (uint32_t i = 0; i < n; ++i) {
    size += size_of(terms[i]);
  }
  stoa_packed *const packed = stoa_arena_status(&arena) == STOA_OK ? malloc(size) : NULL;
  if (packed) {
    *packed = (stoa_packed){size, *row, n};
    char *at = (char *)(packed->values + n);
    if (row->last_us) {
      packed->row.last_us = memcpy(at, row->last_us, n * sizeof *row->last_us);
      at += n * sizeof *row->last_us;
    }
    for (uint32_t i = 0; i < n; ++i) {
      packed->values[i] = pack(terms[i], &at);
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

void stoa_packed_read(const stoa_packed *packed, stoa_arena *arena, stoa_term *values, stoa_view_row *row)
{
  *row = packed->row;
  if (packed->row.last_us) {
    int64_t *const last = STOA_NEWS(arena, int64_t, packed->n + 1);
    memcpy(last, packed->row.last_us, packed->n * sizeof *last);
    row->last_us = last;
  }
  for (uint32_t i = 0; i < packed->n; ++i) {
    values[i] = stoa_term_copy(packed->values[i], arena);
  }
}
