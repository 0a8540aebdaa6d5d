#ifndef STOA_PERSONALIZER_EXAMPLE_H
#define STOA_PERSONALIZER_EXAMPLE_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/base/json.h"

/// An example: hashed features of the context and of each action (Weinberger et al., ICML 2009).  What an action is
/// scored by, such as pairs of them, is formed when a learner walks over it (crossing.h), never stored.
typedef struct {
  uint64_t hash;
  float value;
  const char *name; ///< for those who read: "graph.band=low", cut where it is long; NULL in examples of older logs
} stoa_hashed;

typedef STOA_LIST(stoa_hashed) stoa_hashed_list;

/// Limits of a request: actions, features of the context or of one action, and pairs of them over all actions, which is
/// what scoring costs.
enum { STOA_LONGEST_FEATURE = 120, STOA_MOST_ACTIONS = 50, STOA_MOST_FEATURES = 4096, STOA_MOST_PAIRS = 1 << 20 };

typedef struct {
  const char *id;
  stoa_hashed_list features;
} stoa_action;

typedef struct {
  stoa_hashed_list context;
  stoa_action actions[STOA_MOST_ACTIONS];
  uint32_t n_actions;
} stoa_example;

/// Add a categorical feature: namespace, name and value are hashed together, its value is 1.  More features than a list
/// may have: STOA_TOO_LARGE.
stoa_status stoa_hashed_text(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                             stoa_slice value, stoa_error *err);
/// Add a numeric feature; nought adds nothing.  What a float cannot hold is refused by name: STOA_BAD_TYPE.
stoa_status stoa_hashed_number(stoa_hashed_list *list, stoa_arena *arena, const char *space, const char *name,
                               double value, stoa_error *err);
/// Add the features of a JSON object: nested objects flatten with a dot, strings are categories, numbers
/// numeric, booleans 0 or 1, null is left out.
stoa_status stoa_hashed_json(stoa_hashed_list *list, stoa_arena *arena, const char *space, const stoa_json *object,
                             stoa_error *err);

/// Write an example as bytes (version 2: little-endian counts; hashes, values and names), and read it back, or one of version
/// 1, which had no names.
void stoa_example_write(const stoa_example *example, stoa_buf *out);
/// False when the bytes are no example.
bool stoa_example_read(stoa_slice bytes, stoa_arena *arena, stoa_example *out);

#endif
