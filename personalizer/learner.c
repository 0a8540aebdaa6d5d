#include "personalizer/learner.h"
#include "graph/base/assert.h"
#include "graph/base/hash.h"
#include "personalizer/learning.h"
#include <math.h>
#include <stdlib.h>

static const stoa_learning *const kinds[STOA_N_LEARNERS] = {
  [STOA_LEARNER_ADAPTIVE] = &stoa_learning_adaptive,
  [STOA_LEARNER_COIN] = &stoa_learning_coin,
  [STOA_LEARNER_FTRL] = &stoa_learning_ftrl,
};

// The usual one first: it predicts until others are better.
static const double raced[] = {0.5, 0.1, 2, 0.02, 0.004};

/// A race looks back about 1 / (1 - memory) labels.
static const double memory = 0.9999;

const stoa_learning *stoa_learner_learning(stoa_learner_kind kind)
{
  return kinds[kind];
}

// ---- options

static stoa_status read_kind(const stoa_yaml *node, stoa_learner_options *out, stoa_error *err)
{
  const char *const kind = stoa_yaml_text(node, "kind", kinds[0]->name);
  stoa_buf names = {0};
  for (int k = 0; k < STOA_N_LEARNERS; ++k) {
    if (strcmp(kind, kinds[k]->name) == 0) {
      out->kind = (stoa_learner_kind)k;
      stoa_buf_done(&names);
      return STOA_OK;
    }
    stoa_buf_print(&names, "%s%s", k ? ", " : "", kinds[k]->name);
  }
  const stoa_status status = stoa_error_at(err, STOA_BAD_ARG, stoa_yaml_find(node, "kind")->place,
                                           "unknown learner \"%s\"; use one of %s", kind, stoa_buf_string(&names));
  stoa_buf_done(&names);
  return status;
}

static bool has_rate(const stoa_learning *learning)
{
  const stoa_option *o = learning->options;
  while (o->name && strcmp(o->name, "rate") != 0) {
    ++o;
  }
  return o->name;
}

static stoa_status refuse_rates(const stoa_yaml *node, stoa_error *err)
{
  return stoa_error_at(err, STOA_BAD_ARG, node->place,
                       "rates that race are a list of 2 to %d different numbers above 0 and at most 100, such as [0.1, 0.5, 2, 8]",
                       STOA_MOST_PACES);
}

// `rate: [0.1, 0.5, 2, 8]`.
static stoa_status read_rates(const stoa_yaml *list, stoa_learner_options *out, stoa_error *err)
{
  out->n_rates = 0;
  if (list->n_items < 2 || list->n_items > STOA_MOST_PACES) {
    return refuse_rates(list, err);
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    const stoa_yaml *const item = &list->items[i];
    char *end;
    const double rate = item->kind == STOA_YAML_SCALAR ? strtod(item->text, &end) : 0;
    if (!(rate > 0 && rate <= 100) || *end) {
      return refuse_rates(item, err);
    }
    for (uint32_t k = 0; k < i; ++k) {
      if (out->rates[k] == rate) {
        return refuse_rates(item, err);
      }
    }
    out->rates[out->n_rates++] = rate;
  }
  return STOA_OK;
}

static void race_usual(stoa_learner_options *out)
{
  memcpy(out->rates, raced, sizeof raced);
  out->n_rates = sizeof raced / sizeof *raced;
}

// A number, a list, or "race", which is what is meant when nothing is said.
static stoa_status read_rate(const stoa_yaml *node, stoa_learner_options *out, stoa_error *err)
{
  const stoa_yaml *const rate = stoa_yaml_find(node, "rate");
  if (!rate || (rate->kind == STOA_YAML_SCALAR && strcmp(rate->text, "race") == 0)) {
    race_usual(out);
    return STOA_OK;
  }
  return rate->kind == STOA_YAML_LIST ? read_rates(rate, out, err) : STOA_OK;
}

static stoa_status read_numbers(const stoa_yaml *node, const stoa_learning *learning, stoa_learner_options *out,
                                stoa_error *err)
{
  static const char *const others[] = {"kind", "interactions", NULL};
  static const char *const with_rate[] = {"kind", "interactions", "rate", NULL};
  stoa_option numbers[8];
  uint32_t n = 0;
  if (has_rate(learning)) {
    STOA_TRY(read_rate(node, out, err));
  }
  for (const stoa_option *o = learning->options; o->name; ++o) {
    if (!out->n_rates || strcmp(o->name, "rate") != 0) {
      numbers[n++] = *o;
    }
  }
  numbers[n] = (stoa_option)STOA_NO_OPTION;
  return stoa_options_read(numbers, node, learning->name, out->n_rates ? with_rate : others, out, err);
}

stoa_status stoa_learner_options_read(const stoa_yaml *node, stoa_learner_options *out, stoa_error *err)
{
  static const char *const plain[] = {"kind", NULL};
  *out = (stoa_learner_options){.kind = STOA_LEARNER_ADAPTIVE};
  if (node && node->kind == STOA_YAML_MAP) {
    STOA_TRY(stoa_yaml_plain(node, plain, err));
    STOA_TRY(read_kind(node, out, err));
  }
  stoa_options_init(kinds[out->kind]->options, out);
  if (!node) {
    race_usual(out);
    return STOA_OK;
  }
  STOA_TRY(read_numbers(node, kinds[out->kind], out, err));
  const stoa_yaml *const interactions = stoa_yaml_find(node, "interactions");
  return interactions ? stoa_crossings_read(interactions, &out->crossings, err) : STOA_OK;
}

static void write_rates(const stoa_learner_options *options, stoa_buf *out)
{
  for (uint32_t i = 0; i < options->n_rates; ++i) {
    stoa_buf_text(out, i ? ", " : ", rate: [");
    stoa_buf_number(out, options->rates[i]);
  }
  stoa_buf_byte(out, ']');
}

void stoa_learner_options_write(const stoa_learner_options *options, stoa_buf *out)
{
  const stoa_learning *const learning = kinds[options->kind];
  stoa_buf_print(out, "{kind: %s", learning->name);
  for (const stoa_option *o = learning->options; o->name; ++o) {
    const stoa_option one[] = {*o, STOA_NO_OPTION};
    if (options->n_rates && strcmp(o->name, "rate") == 0) {
      write_rates(options, out);
    } else {
      stoa_options_write(one, options, out);
    }
  }
  stoa_buf_text(out, ", interactions: [");
  stoa_crossings_write(&options->crossings, out);
  stoa_buf_text(out, "]}");
}

// ---- life

static size_t all_floats(const stoa_learner *l)
{
  return (size_t)l->stride << l->bits;
}

static void begin(stoa_learner *l)
{
  for (uint32_t i = 0; i < l->n_paces; ++i) {
    l->paces[i] = (stoa_pace){.rate = l->options.n_rates ? l->options.rates[i] : l->options.rate};
  }
}

bool stoa_learner_init(stoa_learner *l, const stoa_learner_options *options)
{
  *l = (stoa_learner){.options = *options,
                      .learning = kinds[options->kind],
                      .bits = (uint32_t)options->bits,
                      .n_floats = kinds[options->kind]->n_floats + options->is_counting,
                      .n_paces = options->n_rates ? options->n_rates : 1};
  l->stride = l->n_floats * l->n_paces;
  l->weights = calloc(all_floats(l), sizeof *l->weights);
  begin(l);
  return l->weights != NULL;
}

void stoa_learner_done(stoa_learner *l)
{

  free(l->weights);
  l->weights = NULL;
  stoa_buf_done(&l->cells);
  stoa_buf_done(&l->before);
  stoa_buf_done(&l->moves);
}

void stoa_learner_forget(stoa_learner *l)
{
  memset(l->weights, 0, all_floats(l) * sizeof *l->weights);
  *l = (stoa_learner){.options = l->options,
                      .learning = l->learning,
                      .bits = l->bits,
                      .n_floats = l->n_floats,
                      .stride = l->stride,
                      .n_paces = l->n_paces,
                      .weights = l->weights,
                      .cells = l->cells,
                      .before = l->before,
                      .moves = l->moves};
  begin(l);
}

void stoa_learner_set_rate(stoa_learner *l, double rate)
{
  if (l->options.n_rates == 0) {
    l->options.rate = l->paces[0].rate = rate;
  }
}

uint64_t stoa_learner_bytes(const stoa_learner *l)
{
  return all_floats(l) * sizeof *l->weights;
}

// ---- predictions

static float *weights_of(const stoa_learner *l, uint32_t pace)
{
  return l->weights + (size_t)l->n_floats * pace;
}

static double scale_of(const stoa_learner *l, uint32_t pace)
{
  return l->learning->scale ? l->learning->scale(&l->paces[pace]) : 1;
}

static double clip(const stoa_learner *l, double p)
{
  const double known = isnan(p) ? 0 : p;
  return known < l->low ? l->low : known > l->high ? l->high : known;
}

static double sum_of(const stoa_learner *l, uint32_t pace, const stoa_crossed *cells, uint32_t n)
{
  float *const weights = weights_of(l, pace);
  double sum = 0;
  for (uint32_t i = 0; i < n; ++i) {
    sum += *stoa_learning_at(l, weights, cells[i].hash) * cells[i].value;
  }
  return sum;
}

enum { SOME = 128 };

static double variance_of(const stoa_learner *l, const stoa_crossed *cells, uint32_t n)
{
  float *const weights = weights_of(l, l->best);
  double sum = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const double seen = stoa_learning_at(l, weights, cells[i].hash)[l->n_floats - 1];
    sum += cells[i].value * cells[i].value / (1 + seen);
  }
  return sum;
}

double stoa_learner_score(const stoa_learner *l, const stoa_example *e, uint32_t action, double *deviation)
{
  stoa_crossing_walk all = stoa_crossing_walk_of(&l->options.crossings, e, action);
  stoa_crossed cells[SOME];
  double sum = 0, variance = 0;
  for (uint32_t n = stoa_crossing_walk_next(&all, cells, SOME); n; n = stoa_crossing_walk_next(&all, cells, SOME)) {
    sum += sum_of(l, l->best, cells, n);
    variance += l->options.is_counting ? variance_of(l, cells, n) : 0;
  }
  *deviation = sqrt(variance);
  return clip(l, sum * scale_of(l, l->best));
}

double stoa_learner_predict(const stoa_learner *l, const stoa_example *e, uint32_t action)
{
  double deviation;
  return stoa_learner_score(l, e, action, &deviation);
}

double stoa_learner_weight(const stoa_learner *l, uint64_t hash)
{
  return *stoa_learning_at(l, weights_of(l, l->best), hash) * scale_of(l, l->best);
}

// ---- learning

static const stoa_crossed *gather(stoa_learner *l, const stoa_example *e, uint32_t action, uint32_t *n)
{
  stoa_crossing_walk all = stoa_crossing_walk_of(&l->options.crossings, e, action);
  l->cells.length = 0;
  for (uint32_t k = SOME; k == SOME;) {
    stoa_buf_reserve(&l->cells, SOME * sizeof(stoa_crossed));
    k = stoa_crossing_walk_next(&all, (stoa_crossed *)(void *)(l->cells.data + l->cells.length), SOME);
    l->cells.length += k * sizeof(stoa_crossed);
  }
  *n = (uint32_t)(l->cells.length / sizeof(stoa_crossed));
  return (const stoa_crossed *)(const void *)l->cells.data;
}

// What the cells were before any of them was touched.
static void remember(stoa_learner *l, const stoa_crossed *cells, uint32_t n)
{
  l->before.length = l->moves.length = 0;
  stoa_buf_reserve(&l->before, l->stride * sizeof(float) * n);
  stoa_buf_reserve(&l->moves, n * sizeof(double));
  float *was = (float *)(void *)l->before.data;
  for (uint32_t i = 0; i < n; ++i) {
    const float *const w = stoa_learning_at(l, l->weights, cells[i].hash);
    for (uint32_t k = 0; k < l->stride; ++k) {
      *was++ = w[k];
    }
  }
}

static void put_back(stoa_learner *l, const stoa_crossed *cells, uint32_t n)
{
  const size_t n_bytes = l->stride * sizeof(float);
  for (uint32_t i = 0; i < n; ++i) {
    memcpy(stoa_learning_at(l, l->weights, cells[i].hash), l->before.data + i * n_bytes, n_bytes);
  }
}

static bool are_finite(const stoa_learner *l, uint32_t pace, const stoa_crossed *cells, uint32_t n)
{
  float *const weights = weights_of(l, pace);
  bool finite = isfinite(l->paces[pace].n_sum) && isfinite(l->paces[pace].t) && isfinite(l->paces[pace].loss);
  for (uint32_t i = 0; i < n; ++i) {
    const float *const w = stoa_learning_at(l, weights, cells[i].hash);
    for (uint32_t k = 0; k < l->n_floats; ++k) {
      finite &= isfinite(w[k]) != 0;
    }
  }
  return finite;
}

static void count(const stoa_learner *l, float *weights, const stoa_crossed *cells, uint32_t n, double weight)
{
  for (uint32_t i = 0; i < n; ++i) {
    stoa_learning_at(l, weights, cells[i].hash)[l->n_floats - 1] += (float)(weight * cells[i].value * cells[i].value);
  }
}

static bool learn_pace(stoa_learner *l, uint32_t k, const stoa_crossed *cells, uint32_t n, double cost, double weight)
{
  stoa_pace *const pace = &l->paces[k];
  const double p = clip(l, sum_of(l, k, cells, n) * scale_of(l, k));
  pace->loss = pace->loss * memory + weight * (p - cost) * (p - cost);
  l->learning->learn(l, pace, weights_of(l, k), cells, n, p, cost, weight);
  if (l->options.is_counting) {
    count(l, weights_of(l, k), cells, n, weight);
  }
  return are_finite(l, k, cells, n);
}

static bool is_finite(const stoa_learner *l)
{
  return isfinite(l->low) && isfinite(l->high) && isfinite(l->cost_sum);
}

static bool learn(stoa_learner *l, const stoa_crossed *cells, uint32_t n, double cost, double weight)
{
  bool finite = true;
  l->low = cost < l->low ? cost : l->low;
  l->high = cost > l->high ? cost : l->high;
  l->n_learned++;
  l->cost_sum += cost;
  for (uint32_t k = 0; k < l->n_paces; ++k) {
    finite &= learn_pace(l, k, cells, n, cost, weight);
  }
  for (uint32_t k = 0; k < l->n_paces; ++k) {
    l->best = l->paces[k].loss < l->paces[l->best].loss ? k : l->best;
  }
  return finite && is_finite(l);
}

bool stoa_learner_learn(stoa_learner *l, const stoa_example *e, uint32_t action, double cost, double weight)
{
  uint32_t n;
  const stoa_crossed *const cells = gather(l, e, action, &n);
  remember(l, cells, n);
  const stoa_learner before = *l;
  if (isfinite(cost) && isfinite(weight) && learn(l, cells, n, cost, weight)) {
    return true;
  }
  put_back(l, cells, n);
  *l = before;
  l->n_refused++;
  return false;
}

// ---- bytes

static void put(stoa_buf *out, const void *data, size_t n_bytes)
{
  stoa_buf_add(out, data, n_bytes);
}

// What stands before the weights, in this order: the format, the options that a model is of, and these.
#define FIELDS(X)                                                                                                      \
  X(best)                                                                                                              \
  X(low)                                                                                                               \
  X(high)                                                                                                              \
  X(n_learned)                                                                                                         \
  X(cost_sum)                                                                                                          \
  X(n_refused)                                                                                                         \
  X(paces)

enum { FORMAT = 3 };

// A rate may change in a model's life (models.c): it stands with its pace, and is none of what a model is of.
static void write_shape(const stoa_learner *l, stoa_buf *out)
{
  stoa_learner_options options = l->options;
  options.rate = 0;
  stoa_learner_options_write(&options, out);
  stoa_buf_text(out, options.is_counting ? " counting" : "");
  stoa_buf_byte(out, '\0');
}

void stoa_learner_write(const stoa_learner *l, stoa_buf *out)
{
  const size_t start = out->length;
  stoa_buf_byte(out, FORMAT);
  write_shape(l, out);
#define X(field) put(out, &l->field, sizeof l->field);
  FIELDS(X)
#undef X
  const size_t n = l->n_floats;
  for (uint32_t i = 0; i < l->n_paces << l->bits; ++i) {
    const float *const w = l->weights + i * n;
    bool is_known = false;
    for (size_t k = 0; k < n; ++k) {
      is_known |= w[k] != 0;
    }
    if (is_known) {
      put(out, &i, sizeof i);
      put(out, w, n * sizeof *w);
    }
  }
  const uint64_t sum = stoa_hash_more(STOA_HASH_SEED, out->data + start, out->length - start);
  put(out, &sum, sizeof sum);
}

static bool get(stoa_slice *rest, void *data, size_t n_bytes)
{
  if (rest->length < n_bytes) {
    return false;
  }
  memcpy(data, rest->data, n_bytes);
  *rest = (stoa_slice){rest->data + n_bytes, rest->length - n_bytes};
  return true;
}

// The sum stands at the end: a model that was cut short is none.
static bool is_whole(stoa_slice bytes, stoa_slice *body)
{
  uint64_t sum;
  if (bytes.length < sizeof sum) {
    return false;
  }
  *body = (stoa_slice){bytes.data, bytes.length - sizeof sum};
  memcpy(&sum, bytes.data + body->length, sizeof sum);
  return stoa_hash_more(STOA_HASH_SEED, body->data, body->length) == sum;
}

static bool read_shape(const stoa_learner *l, stoa_slice *rest)
{
  stoa_buf mine = {0};
  write_shape(l, &mine);
  const bool is_mine = rest->length >= mine.length && memcmp(rest->data, mine.data, mine.length) == 0;
  if (is_mine) {
    *rest = (stoa_slice){rest->data + mine.length, rest->length - mine.length};
  }
  stoa_buf_done(&mine);
  return is_mine;
}

static bool read_fields(stoa_learner *l, stoa_slice *rest)
{
#define X(field)                                                                                                       \
  if (!get(rest, &l->field, sizeof l->field)) {                                                                        \
    return false;                                                                                                      \
  }
  FIELDS(X)
#undef X
  bool finite = is_finite(l) && l->best < l->n_paces;
  for (uint32_t k = 0; k < l->n_paces; ++k) {
    finite = finite && are_finite(l, k, NULL, 0) && isfinite(l->paces[k].rate);
  }
  return finite;
}

static bool read_weights(stoa_learner *l, stoa_slice rest)
{
  const size_t n = l->n_floats;
  while (rest.length) {
    uint32_t index;
    if (!get(&rest, &index, sizeof index) || index >= l->n_paces << l->bits) {
      return false;
    }
    float *const w = l->weights + index * n;
    bool good = get(&rest, w, n * sizeof *w);
    for (size_t k = 0; good && k < n; ++k) {
      good = isfinite(w[k]);
    }
    if (!good) {
      return false;
    }
  }
  return true;
}

bool stoa_learner_read(stoa_learner *l, stoa_slice bytes)
{
  stoa_slice rest;
  uint8_t format;
  if (!is_whole(bytes, &rest) || !get(&rest, &format, 1) || format != FORMAT || !read_shape(l, &rest)) {
    return false;
  }
  memset(l->weights, 0, all_floats(l) * sizeof *l->weights);
  return read_fields(l, &rest) && read_weights(l, rest);
}
