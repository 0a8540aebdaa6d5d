// The terms of the dictionary in the order of their texts: those that begin in some way are neighbours.
//
// The order is not made before it pays.  A query that would have had to ask every term of its patterns adds their number
// to `missed`; once that reaches what sorting costs, all texts are sorted.  So a graph whose texts nobody seeks pays nothing,
// and one whose texts are sought pays at most about twice what it would have paid had it known.  Terms are never taken out
// of a dictionary, so the order stays right while triples come and go; new terms are put in where they belong.
#include "graph/source/native.h"
#include <stdlib.h>

enum { MOST_RANGES = 4096, SORT_COST = 8 }; ///< more ranges are not worth their look-ups; comparisons a text and bit of their number

void stoa_texts_init(stoa_texts *t)
{
  *t = (stoa_texts){.known = 1};
  pthread_mutex_init(&t->lock, NULL);
}

void stoa_texts_done(stoa_texts *t)
{
  free(t->ids);
  free(t->others);
  pthread_mutex_destroy(&t->lock);
}

static bool has_text(stoa_term t)
{
  return t.kind == STOA_TERM_IRI || t.kind == STOA_TERM_STRING || t.kind == STOA_TERM_LANG || t.kind == STOA_TERM_TYPED;
}

static stoa_slice text_of(stoa_term t)
{
  return t.kind == STOA_TERM_LANG || t.kind == STOA_TERM_TYPED ? t.as.literal->text : stoa_term_text(t);
}

static int by_text(const void *a, const void *b, void *dictionary)
{
  const stoa_dictionary *const d = dictionary;
  const stoa_id i = *(const stoa_id *)a, k = *(const stoa_id *)b;
  const int order = stoa_slice_compare(text_of(d->terms[i]), text_of(d->terms[k]));
  return order ? order : i < k ? -1 : i > k;
}

// Where the texts that are not less than `text`, or, with `beyond`, not less and not beginning so, begin among the first n.
static uint32_t rank_of(const stoa_texts *t, const stoa_dictionary *d, uint32_t n, stoa_slice text, bool beyond)
{
  uint32_t low = 0, high = n;
  while (low < high) {
    const uint32_t at = low + (high - low) / 2;
    const stoa_slice its = text_of(d->terms[t->ids[at]]);
    const bool begins = its.length >= text.length && memcmp(its.data, text.data, text.length) == 0;
    if (stoa_slice_compare(its, text) < 0 || (beyond && begins)) {
      low = at + 1;
    } else {
      high = at;
    }
  }
  return low;
}

static void *grown(void *items, uint32_t n, size_t size)
{
  void *const out = realloc(items, (size_t)(n ? n : 1) * size);
  if (!out) {
    abort(); // as the dictionary
  }
  return out;
}

// Put the terms that came since the last time where they belong: few are put between, many are sorted with the rest.
static void take_new(stoa_texts *t, const stoa_dictionary *d)
{
  const uint32_t n_new = d->n - t->known, old = t->n;
  t->ids = grown(t->ids, t->n + n_new, sizeof *t->ids);
  t->others = grown(t->others, t->n_others + n_new, sizeof *t->others);
  for (; t->known < d->n; ++t->known) {
    if (has_text(d->terms[t->known])) {
      t->ids[t->n++] = t->known;
    } else if (d->terms[t->known].kind != STOA_TERM_BLANK) {
      t->others[t->n_others++] = t->known;
    }
  }
  stoa_id *const fresh = t->ids + old;
  const uint32_t n = t->n - old;
  if (n > 64 || n > old) {
    qsort_r(t->ids, t->n, sizeof *t->ids, by_text, (void *)d);
    return;
  }
  for (uint32_t i = 0; i < n; ++i) {
    const stoa_id id = fresh[i];
    const uint32_t at = rank_of(t, d, old + i, text_of(d->terms[id]), false);
    memmove(t->ids + at + 1, t->ids + at, (size_t)(old + i - at) * sizeof *t->ids);
    t->ids[at] = id;
  }
}

static int by_number(const void *a, const void *b)
{
  const stoa_id i = *(const stoa_id *)a, k = *(const stoa_id *)b;
  return i < k ? -1 : i > k;
}

// Numbers that follow each other are one range.
static uint32_t ranges_of(stoa_id *ids, uint32_t n, stoa_id_range *out)
{
  uint32_t n_ranges = 0;
  qsort(ids, n, sizeof *ids, by_number);
  for (uint32_t i = 0; i < n; ++i) {
    if (n_ranges && out[n_ranges - 1].last == ids[i]) {
      ++out[n_ranges - 1].last;
    } else {
      out[n_ranges++] = (stoa_id_range){ids[i], ids[i] + 1};
    }
  }
  return n_ranges;
}

static bool pays(stoa_texts *t, const stoa_dictionary *d, double otherwise)
{
  double bits = 1;
  for (uint32_t n = d->n; n > 1; n /= 2) {
    ++bits;
  }
  t->missed += otherwise;
  return t->n > 0 || t->missed >= d->n * bits / SORT_COST;
}

static uint32_t found(const stoa_texts *t, const stoa_dictionary *d, stoa_slice prefix, bool of_str, stoa_arena *arena,
                      stoa_id_range **out)
{
  const uint32_t first = rank_of(t, d, t->n, prefix, false), last = rank_of(t, d, t->n, prefix, true);
  const uint32_t n_others = of_str ? t->n_others : 0, n = last - first + n_others;
  if (n > MOST_RANGES) {
    return 0;
  }
  stoa_id *const ids = STOA_NEWS(arena, stoa_id, n + 1);
  memcpy(ids, t->ids + first, (last - first) * sizeof *ids);
  if (n_others) {
    memcpy(ids + (last - first), t->others, n_others * sizeof *ids);
  }
  *out = STOA_NEWS(arena, stoa_id_range, n + 1);
  const uint32_t n_ranges = ranges_of(ids, n, *out);
  // Values that are their own numbers have texts too; where there is no text at all, a range without numbers says so.
  (*out)[n_ranges] = of_str ? (stoa_id_range){STOA_ID_INLINE, STOA_ID_MISSING} : (stoa_id_range){0, 0};
  return n_ranges + (of_str || n_ranges == 0);
}

uint32_t stoa_texts_ranges(stoa_texts *t, const stoa_dictionary *d, stoa_slice prefix, bool of_str, double otherwise,
                           stoa_arena *arena, stoa_id_range **out)
{
  uint32_t n = 0;
  if (pthread_mutex_trylock(&t->lock) != 0) {
    return 0; // somebody sorts: this query asks each term, as before
  }
  if (pays(t, d, otherwise)) {
    take_new(t, d);
    n = found(t, d, prefix, of_str, arena, out);
  }
  pthread_mutex_unlock(&t->lock);
  return n;
}
