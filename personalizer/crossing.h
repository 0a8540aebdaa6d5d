#ifndef STOA_PERSONALIZER_CROSSING_H
#define STOA_PERSONALIZER_CROSSING_H

#include "graph/base/yaml.h"
#include "personalizer/example.h"

/// Which features an action is scored by: words of one to three letters, c for a feature of the context and a for one of
/// the action.  "a" are the action's own, "ca" all pairs with the context's, "cca" all triples; the value of a pair is
/// the product of theirs, its hash one of both.  In a declaration * is either letter.  Without words: a and ca.
enum { STOA_LONGEST_CROSSING = 3, STOA_MOST_CROSSINGS = 9 };

typedef struct {
  uint8_t n_actions, n_contexts; ///< letters
} stoa_crossing;

typedef struct {
  stoa_crossing items[STOA_MOST_CROSSINGS];
  uint32_t n; ///< 0: a and ca
} stoa_crossings;

/// A feature of an action in its context: where its weights lie, before the hash is cut to the size of a model.
typedef struct {
  uint64_t hash;
  double value;
} stoa_crossed;

/// Walks over them in a fixed order, some at a time.
typedef struct {
  const stoa_crossings *crossings;
  const stoa_hashed_list *lists[2]; ///< the context's, the action's
  uint32_t word;
  uint32_t at[STOA_LONGEST_CROSSING]; ///< where each letter of the word stands; letters of one list never go back
  bool is_begun;
  const stoa_hashed *letters[STOA_LONGEST_CROSSING]; ///< of the first one that was put out last
  uint32_t n_letters;
} stoa_crossing_walk;

/// Read the words of a list, such as [a, ca, cca] or ["**"].
stoa_status stoa_crossings_read(const stoa_yaml *list, stoa_crossings *out, stoa_error *err);
/// Tell them: "a, ca".
void stoa_crossings_write(const stoa_crossings *crossings, stoa_buf *out);
/// How many cells all actions of an example have together.
uint64_t stoa_crossings_count(const stoa_crossings *crossings, const stoa_example *example);
/// Refuse an example whose cells are more than STOA_MOST_PAIRS.
stoa_status stoa_crossings_check(const stoa_crossings *crossings, const stoa_example *example, stoa_error *err);

stoa_crossing_walk stoa_crossing_walk_of(const stoa_crossings *crossings, const stoa_example *example, uint32_t action);
/// Put the next ones into `out`, at most n; 0: there are no more.
uint32_t stoa_crossing_walk_next(stoa_crossing_walk *cells, stoa_crossed *out, uint32_t n);

#endif
