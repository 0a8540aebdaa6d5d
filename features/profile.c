// The population stability index is the symmetric Kullback-Leibler divergence of two histograms; of two samples of one
// distribution it is about a chi-square of bins - 1 degrees of freedom, times 1/n + 1/m (Yurdakul, 2018).
#include "features/profile.h"
#include "features/list.h"
#include "graph/base/hash.h"
#include "graph/term/number.h"
#include "graph/term/value.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
  double number;
  const char *text;
} sample;

static double length_of(const stoa_json *vector)
{
  double sum = 0;
  for (uint32_t i = 0; i < vector->n_items; ++i) {
    sum += vector->items[i].real * vector->items[i].real;
  }
  return sqrt(sum);
}

// A list by how many elements it has, a vector by its length, bytes by how many they are.
static bool number_of(stoa_term t, const stoa_view *v, const stoa_feature *f, stoa_arena *arena, double *out)
{
  const stoa_json *list;
  stoa_slice bytes;
  stoa_number number;
  int64_t us;
  if (stoa_list_read(t, arena, &list)) {
    *out = f->dimensions ? length_of(list) : list->n_items;
    return true;
  }
  if (stoa_feature_bytes(t, arena, &bytes)) {
    *out = (double)bytes.length;
    return true;
  }
  if (stoa_number_of(t, &number)) {
    *out = stoa_number_real(&number);
    return !isnan(*out);
  }
  if (stoa_feature_instant(t, v->timezone, &us)) {
    *out = (double)us / 1e6;
    return true;
  }
  return false;
}

static int by_number(const void *a, const void *b)
{
  const double x = ((const sample *)a)->number, y = ((const sample *)b)->number;
  return (x > y) - (x < y);
}

static int by_text(const void *a, const void *b)
{
  return strcmp(((const sample *)a)->text, ((const sample *)b)->text);
}

// ---- numbers

// Deciles.  An edge lies between two values, so that a value that many have does not leave its bin by a hair.
static void choose_edges(stoa_profile *p, const sample *sorted, uint32_t n, stoa_arena *arena)
{
  for (uint32_t i = 1; i < STOA_PROFILE_BINS && n; ++i) {
    uint32_t at = (uint32_t)((uint64_t)n * i / STOA_PROFILE_BINS);
    const double below = sorted[at].number;
    while (at < n && sorted[at].number <= below) {
      ++at;
    }
    const double edge = at < n ? below + (sorted[at].number - below) / 2 : below;
    if (at < n && (p->edges.n == 0 || edge > p->edges.items[p->edges.n - 1])) {
      STOA_PUSH(arena, &p->edges, edge);
    }
  }
}

static void count_numbers(stoa_profile *p, const sample *sorted, uint32_t n, stoa_arena *arena)
{
  uint32_t at = 0;
  for (uint32_t bin = 0; bin <= p->edges.n; ++bin) {
    const uint32_t from = at;
    while (at < n && (bin == p->edges.n || sorted[at].number <= p->edges.items[bin])) {
      ++at;
    }
    const double share = n ? (double)(at - from) / n : 0;
    STOA_PUSH(arena, &p->shares, share);
  }
}

// ---- other values

typedef struct {
  const char *text;
  uint32_t n;
} frequency;

static int by_frequency(const void *a, const void *b)
{
  const frequency *const x = a, *const y = b;
  return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->text, y->text);
}

static uint32_t count_texts(const sample *sorted, uint32_t n, frequency *out)
{
  uint32_t n_out = 0;
  for (uint32_t i = 0; i < n; ++i) {
    if (i == 0 || strcmp(sorted[i].text, sorted[i - 1].text) != 0) {
      out[n_out++] = (frequency){sorted[i].text, 0};
    }
    out[n_out - 1].n++;
  }
  qsort(out, n_out, sizeof *out, by_frequency);
  return n_out;
}

static void share_texts(stoa_profile *p, const frequency *all, uint32_t n_all, uint32_t n, stoa_arena *arena)
{
  double rest = n ? 1 : 0;
  for (uint32_t v = 0; v < p->values.n; ++v) {
    double share = 0;
    for (uint32_t i = 0; i < n_all; ++i) {
      share += strcmp(all[i].text, p->values.items[v]) == 0 ? (double)all[i].n / n : 0;
    }
    rest -= share;
    STOA_PUSH(arena, &p->shares, share);
  }
  rest = rest > 1e-12 ? rest : 0;
  STOA_PUSH(arena, &p->shares, rest);
}

// ---- one feature

static uint32_t distinct(const sample *sorted, uint32_t n, bool is_number)
{
  uint32_t out = n > 0;
  for (uint32_t i = 1; i < n; ++i) {
    out += is_number ? sorted[i].number != sorted[i - 1].number : strcmp(sorted[i].text, sorted[i - 1].text) != 0;
  }
  return out;
}

static void profile_numbers(stoa_profile *p, const stoa_profile *like, sample *all, uint32_t n, stoa_arena *arena)
{
  qsort(all, n, sizeof *all, by_number);
  if (like) {
    p->edges = like->edges;
  } else {
    choose_edges(p, all, n, arena);
  }
  count_numbers(p, all, n, arena);
}

static void profile_texts(stoa_profile *p, const stoa_profile *like, sample *all, uint32_t n, stoa_arena *arena)
{
  frequency *const counts = STOA_NEWS(arena, frequency, n + 1);
  qsort(all, n, sizeof *all, by_text);
  const uint32_t n_counts = count_texts(all, n, counts);
  for (uint32_t i = 0; !like && i < n_counts && i < STOA_PROFILE_VALUES; ++i) {
    STOA_PUSH(arena, &p->values, counts[i].text);
  }
  if (like) {
    p->values = like->values;
  }
  share_texts(p, counts, n_counts, n, arena);
}

// Values of which any is no number are compared as texts.
static void profile_feature(const stoa_view *v, uint32_t feature, const stoa_term *values, uint32_t n,
                            const stoa_profile *like, stoa_arena *arena, stoa_profile *p)
{
  sample *const all = STOA_NEWS(arena, sample, n + 1);
  uint32_t n_all = 0;
  *p = (stoa_profile){.n = n, .is_number = true};
  for (uint32_t row = 0; row < n; ++row) {
    const stoa_term t = values[(size_t)row * v->features.n + feature];
    if (!stoa_term_is_bound(t)) {
      p->n_null++;
      continue;
    }
    sample *const s = &all[n_all++];
    p->is_number &= number_of(t, v, &v->features.items[feature], arena, &s->number);
    const stoa_slice text = stoa_term_lexical(t, arena);
    s->text = stoa_arena_print(
      arena, "%016llx", (unsigned long long)stoa_hash_mix(stoa_hash_more(STOA_HASH_SEED, text.data, text.length)));
  }
  p->is_number = like ? like->is_number && p->is_number : p->is_number && n_all;
  const bool same_kind = like && like->is_number == p->is_number;
  p->is_number ? profile_numbers(p, same_kind ? like : NULL, all, n_all, arena)
               : profile_texts(p, same_kind ? like : NULL, all, n_all, arena);
  p->n_distinct = distinct(all, n_all, p->is_number);
}

stoa_status stoa_view_profile(const stoa_view *v, const stoa_project *project, uint32_t limit,
                              const stoa_profile *const *like, stoa_context *context, stoa_arena *arena,
                              stoa_profile *out, stoa_error *err)
{
  enum { AT_ONCE = 512 };
  stoa_slice *keys;
  uint32_t n;
  STOA_TRY(stoa_view_keys(v, project, limit, context, arena, &keys, &n, err));
  n = n < limit ? n : limit;
  stoa_term *const values = STOA_NEWS(arena, stoa_term, (size_t)n * v->features.n + 1);
  for (uint32_t i = 0; i < n; i += AT_ONCE) {
    const uint32_t some = n - i < AT_ONCE ? n - i : AT_ONCE;
    STOA_TRY(stoa_view_compute(v, keys + (size_t)i * v->entity->n_keys, some, context, arena,
                               values + (size_t)i * v->features.n, v->features.n, NULL, err));
  }
  for (uint32_t f = 0; f < v->features.n; ++f) {
    profile_feature(v, f, values, n, like ? like[f] : NULL, arena, &out[f]);
  }
  return STOA_OK;
}

// ---- drift

stoa_drift stoa_profile_drift(const stoa_profile *before, const stoa_profile *now)
{
  stoa_drift d = {0};
  const double n = before->n - before->n_null, m = now->n - now->n_null;
  d.nulls = (now->n ? (double)now->n_null / now->n : 0) - (before->n ? (double)before->n_null / before->n : 0);
  if (n > 0 && m > 0 && before->shares.n == now->shares.n) {
    const double least = 0.5 / (n > m ? n : m); // a bin that is empty in one sample is not empty for ever
    for (uint32_t i = 0; i < before->shares.n; ++i) {
      const double p = fmax(before->shares.items[i], least), q = fmax(now->shares.items[i], least);
      d.psi += (q - p) * log(q / p);
    }
    d.chance = 3 * (double)(before->shares.n - 1) * (1 / n + 1 / m);
  }
  const bool other_kind = n > 0 && m > 0 && before->is_number != now->is_number;
  d.moved = fabs(d.nulls) > STOA_DRIFT_NULLS || (d.psi > STOA_DRIFT_PSI && d.psi > d.chance) || other_kind;
  return d;
}
