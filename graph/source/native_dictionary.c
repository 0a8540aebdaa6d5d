// Terms by number.  The bytes of terms lie in one arena and are never given back: a term that no triple
// uses any more keeps its number.
#include "graph/source/native.h"
#include "graph/term/equality.h"
#include <stdlib.h>

void stoa_dictionary_init(stoa_dictionary *d)
{
  *d = (stoa_dictionary){0};
  stoa_arena_init(&d->arena, 0);
  d->capacity = 1024;
  d->terms = calloc(d->capacity, sizeof *d->terms);
  d->n = d->terms ? 1 : 0;
  d->n_slots = 2048;
  d->slots = calloc(d->n_slots, sizeof *d->slots);
  if (!d->terms || !d->slots) {
    abort(); // as the arenas: a system without a few KiB
  }
}

void stoa_dictionary_done(stoa_dictionary *d)
{
  free(d->terms);
  free(d->slots);
  stoa_arena_done(&d->arena);
}

static uint32_t slot_of(const stoa_dictionary *d, stoa_term term, uint64_t hash)
{
  uint32_t at = (uint32_t)(hash >> 32) & (d->n_slots - 1);
  while (d->slots[at] && (d->slots[at] >> 32 != hash >> 32 || !stoa_term_same(d->terms[(stoa_id)d->slots[at]], term))) {
    at = (at + 1) & (d->n_slots - 1);
  }
  return at;
}

stoa_id stoa_dictionary_find(const stoa_dictionary *d, stoa_term term)
{
  const stoa_id value = stoa_term_is_bound(term) ? stoa_inline_id(term) : 0;
  if (value || !stoa_term_is_bound(term)) {
    return value;
  }
  const stoa_id id = (stoa_id)d->slots[slot_of(d, term, stoa_term_hash(term))];
  return id ? id : STOA_ID_MISSING;
}

// The half of the hash that a slot keeps is the one that places it: growing reads no term.
static void grow_slots(stoa_dictionary *d)
{
  uint64_t *const slots = calloc((size_t)d->n_slots * 2, sizeof *slots);
  if (!slots) {
    abort();
  }
  const uint32_t n_old = d->n_slots;
  d->n_slots *= 2;
  for (uint32_t i = 0; i < n_old; ++i) {
    if (d->slots[i]) {
      uint32_t at = (uint32_t)(d->slots[i] >> 32) & (d->n_slots - 1);
      while (slots[at]) {
        at = (at + 1) & (d->n_slots - 1);
      }
      slots[at] = d->slots[i];
    }
  }
  free(d->slots);
  d->slots = slots;
}

// Templates are put together: here a term has one form.
static stoa_term own_copy(stoa_dictionary *d, stoa_term term)
{
  if (term.kind == STOA_TERM_BUILT) {
    return stoa_term_iri(stoa_arena_slice(&d->arena, stoa_term_lexical(term, &d->arena)));
  }
  return stoa_term_copy(term, &d->arena);
}

stoa_id stoa_dictionary_add(stoa_dictionary *d, stoa_term term)
{
  const stoa_id value = stoa_term_is_bound(term) ? stoa_inline_id(term) : 0;
  if (value || !stoa_term_is_bound(term)) {
    return value;
  }
  const uint64_t hash = stoa_term_hash(term);
  uint32_t at = slot_of(d, term, hash);
  if (d->slots[at]) {
    return (stoa_id)d->slots[at];
  }
  if (d->n >= STOA_ID_INLINE - 1) {
    abort(); // 2 billion terms: as a system without memory
  }
  if (d->n == d->capacity) {
    stoa_term *const terms = realloc(d->terms, (size_t)d->capacity * 2 * sizeof *terms);
    if (!terms) {
      abort();
    }
    d->terms = terms;
    d->capacity *= 2;
  }
  if (d->n >= d->n_slots / 4 * 3) {
    grow_slots(d);
    at = slot_of(d, term, hash);
  }
  d->terms[d->n] = own_copy(d, term);
  d->slots[at] = (hash >> 32 << 32) | d->n;
  return d->n++;
}
