// The letters of a word stand sorted, an action's before those of the context, and the walk is a counter with a digit for
// each: the last one runs through its list in a loop without a call, the others move when it is at its end.  Letters of
// one list never go back behind the one before, so that each pair, and each square, comes once.
#include "personalizer/crossing.h"
#include "graph/base/hash.h"
#include <string.h>

static const stoa_crossings usual = {{{1, 0}, {1, 1}}, 2};

static const stoa_crossings *words_of(const stoa_crossings *crossings)
{
  return crossings->n ? crossings : &usual;
}

// ---- declarations

static void add(stoa_crossings *out, stoa_crossing word)
{
  uint32_t i = 0;
  while (i < out->n && memcmp(&out->items[i], &word, sizeof word) != 0) {
    ++i;
  }
  if (i == out->n) {
    out->items[out->n++] = word;
  }
}

static stoa_status add_word(const stoa_yaml *node, stoa_crossings *out, stoa_error *err)
{
  const char *const text = node->kind == STOA_YAML_SCALAR ? node->text : "";
  const size_t n = strlen(text);
  stoa_crossing word = {0, 0};
  uint8_t n_either = 0;
  for (const char *at = text; n <= STOA_LONGEST_CROSSING && *at; ++at) {
    word.n_actions = (uint8_t)(word.n_actions + (*at == 'a'));
    word.n_contexts = (uint8_t)(word.n_contexts + (*at == 'c'));
    n_either = (uint8_t)(n_either + (*at == '*'));
  }
  if (n == 0 || n > STOA_LONGEST_CROSSING || n != (size_t)word.n_actions + word.n_contexts + n_either) {
    return stoa_error_at(err, STOA_BAD_ARG, node->place,
                         "an interaction is a word of at most %d letters: c for the context, a for the action, * for "
                         "either, such as ca",
                         STOA_LONGEST_CROSSING);
  }
  for (uint8_t i = 0; i <= n_either; ++i) {
    const stoa_crossing one = {(uint8_t)(word.n_actions + n_either - i), (uint8_t)(word.n_contexts + i)};
    add(out, one);
  }
  return STOA_OK;
}

stoa_status stoa_crossings_read(const stoa_yaml *list, stoa_crossings *out, stoa_error *err)
{
  *out = (stoa_crossings){.n = 0};
  if (list->kind != STOA_YAML_LIST || list->n_items == 0) {
    return stoa_error_at(err, STOA_BAD_ARG, list->place, "\"interactions\" is a list such as [a, ca]");
  }
  for (uint32_t i = 0; i < list->n_items; ++i) {
    STOA_TRY(add_word(&list->items[i], out, err));
  }
  for (uint32_t i = 0; i < out->n; ++i) {
    if (out->items[i].n_actions) {
      return STOA_OK;
    }
  }
  return stoa_error_at(err, STOA_BAD_ARG, list->place, "no interaction has an \"a\", so all actions would be alike");
}

void stoa_crossings_write(const stoa_crossings *crossings, stoa_buf *out)
{
  const stoa_crossings *const words = words_of(crossings);
  for (uint32_t i = 0; i < words->n; ++i) {
    stoa_buf_text(out, i ? ", " : "");
    for (int k = 0; k < words->items[i].n_contexts; ++k) {
      stoa_buf_byte(out, 'c');
    }
    for (int k = 0; k < words->items[i].n_actions; ++k) {
      stoa_buf_byte(out, 'a');
    }
  }
}

// Selections of k out of n, where one may come again.
static uint64_t choose(uint64_t n, uint32_t k)
{
  return k == 0 ? 1 : k == 1 ? n : k == 2 ? n * (n + 1) / 2 : n * (n + 1) / 2 * (n + 2) / 3;
}

uint64_t stoa_crossings_count(const stoa_crossings *crossings, const stoa_example *example)
{
  const stoa_crossings *const words = words_of(crossings);
  uint64_t n = 0;
  for (uint32_t a = 0; a < example->n_actions; ++a) {
    for (uint32_t i = 0; i < words->n; ++i) {
      n += choose(example->context.n, words->items[i].n_contexts) *
           choose(example->actions[a].features.n, words->items[i].n_actions);
    }
  }
  return n;
}

stoa_status stoa_crossings_check(const stoa_crossings *crossings, const stoa_example *example, stoa_error *err)
{
  const uint64_t n = stoa_crossings_count(crossings, example);
  return n <= STOA_MOST_PAIRS
           ? STOA_OK
           : stoa_error_set(err, STOA_TOO_LARGE,
                            "the features of context and actions make %llu pairs; at most %d are scored",
                            (unsigned long long)n, STOA_MOST_PAIRS);
}

// ---- the walk

static const stoa_hashed_list *list_of(const stoa_crossing_walk *c, const stoa_crossing *word, uint32_t letter)
{
  return c->lists[letter < word->n_actions];
}

// Where a letter begins, when those before it stand where they do.
static uint32_t first_of(const stoa_crossing_walk *c, const stoa_crossing *word, uint32_t letter)
{
  return letter > 0 && list_of(c, word, letter) == list_of(c, word, letter - 1) ? c->at[letter - 1] : 0;
}

static void begin_from(stoa_crossing_walk *c, const stoa_crossing *word, uint32_t letter)
{
  for (uint32_t i = letter; i < (uint32_t)word->n_actions + word->n_contexts; ++i) {
    c->at[i] = first_of(c, word, i);
  }
}

// Move the letters before the last one; false when the word is at its end.
static bool move(stoa_crossing_walk *c, const stoa_crossing *word)
{
  for (uint32_t i = (uint32_t)word->n_actions + word->n_contexts - 1; i > 0; --i) {
    if (++c->at[i - 1] < list_of(c, word, i - 1)->n) {
      begin_from(c, word, i);
      return true;
    }
  }
  return false;
}

static bool is_empty(const stoa_crossing_walk *c, const stoa_crossing *word)
{
  return (word->n_actions && c->lists[1]->n == 0) || (word->n_contexts && c->lists[0]->n == 0);
}

stoa_crossing_walk stoa_crossing_walk_of(const stoa_crossings *crossings, const stoa_example *example, uint32_t action)
{
  return (stoa_crossing_walk){
    .crossings = words_of(crossings),
    .lists = {&example->context, &example->actions[action].features},
  };
}

#define SPREAD UINT64_C(0x9E3779B97F4A7C15)

// All that the last letter gives, as far as there is room.
static uint32_t run(stoa_crossing_walk *c, const stoa_crossing *word, stoa_crossed *out, uint32_t n)
{
  const uint32_t last = (uint32_t)word->n_actions + word->n_contexts - 1;
  const stoa_hashed_list *const list = list_of(c, word, last);
  const uint32_t left = list->n - c->at[last], n_out = left < n ? left : n;
  const stoa_hashed *const from = list->items + c->at[last];
  uint64_t hash = 0;
  double value = 1;
  for (uint32_t i = 0; i < last; ++i) {
    const stoa_hashed *const h = &list_of(c, word, i)->items[c->at[i]];
    hash = i ? stoa_hash_mix(hash * SPREAD + h->hash) : h->hash;
    value *= h->value;
    c->letters[i] = h;
  }
  c->letters[last] = from;
  c->n_letters = last + 1;
  for (uint32_t i = 0; i < n_out; ++i) {
    out[i].hash = last ? stoa_hash_mix(hash * SPREAD + from[i].hash) : from[i].hash;
    out[i].value = value * (double)from[i].value;
  }
  c->at[last] += n_out;
  return n_out;
}

uint32_t stoa_crossing_walk_next(stoa_crossing_walk *c, stoa_crossed *out, uint32_t n)
{
  uint32_t n_out = 0;
  while (n_out < n && c->word < c->crossings->n) {
    const stoa_crossing *const word = &c->crossings->items[c->word];
    const uint32_t last = (uint32_t)word->n_actions + word->n_contexts - 1;
    if (!c->is_begun) {
      begin_from(c, word, 0);
      c->is_begun = !is_empty(c, word);
    }
    if (c->is_begun) {
      n_out += run(c, word, out + n_out, n - n_out);
    }
    if (!c->is_begun || (c->at[last] == list_of(c, word, last)->n && !move(c, word))) {
      c->word++;
      c->is_begun = false;
    }
  }
  return n_out;
}
