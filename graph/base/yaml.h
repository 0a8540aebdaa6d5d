#ifndef STOA_GRAPH_BASE_YAML_H
#define STOA_GRAPH_BASE_YAML_H

#include "graph/base/arena.h"
#include "graph/base/error.h"
#include "graph/base/slice.h"
#include <stdbool.h>

/// A YAML node with its place, so that configuration errors name line and column.
typedef enum { STOA_YAML_SCALAR, STOA_YAML_LIST, STOA_YAML_MAP } stoa_yaml_kind;

typedef struct stoa_yaml {
  stoa_yaml_kind kind;
  stoa_place place;
  const char *key; ///< in a map: the key of this value
  stoa_place key_place;
  const char *text; ///< of a scalar, with ${NAME} replaced from the environment
  const struct stoa_yaml *items;
  uint32_t n_items;
} stoa_yaml;

/// Parse `text` as `file`, which is one document: a second one is an error.  `first_line` shifts places (a header
/// inside a file).
/// ${NAME} in scalars is replaced from the environment; a name that is not set, or not closed, is an error.
stoa_status stoa_yaml_read(stoa_slice text, const char *file, int first_line, stoa_arena *arena, const stoa_yaml **out,
                           stoa_error *err);
/// Return the YAML in the comments of another language, the lines that begin with `mark`, for stoa_yaml_read: other
/// lines become empty ones, so that all keep their numbers, and the marks become blanks.
stoa_slice stoa_yaml_in_comments(stoa_slice text, const char *mark, stoa_arena *arena);
/// Return the value of `key` in a map, or NULL.
const stoa_yaml *stoa_yaml_find(const stoa_yaml *map, const char *key);
/// Return the text of the scalar at `key`, or `otherwise`.
const char *stoa_yaml_text(const stoa_yaml *map, const char *key, const char *otherwise);
/// Refuse keys of `map` that are not among `known` (NULL-terminated), naming the nearest.
stoa_status stoa_yaml_known(const stoa_yaml *map, const char *const *known, stoa_error *err);
/// Refuse values at `keys` (NULL-terminated) that are no plain text, such as a list where one value is meant.
stoa_status stoa_yaml_plain(const stoa_yaml *map, const char *const *keys, stoa_error *err);
/// Refuse a name that is empty or too long (name.h); `what` it names is told.
stoa_status stoa_yaml_name(const char *name, const char *what, stoa_place place, stoa_error *err);
/// Read a whole number within [low, high] at `key`; keeps `*out` when the key is absent.
stoa_status stoa_yaml_integer(const stoa_yaml *map, const char *key, int64_t low, int64_t high, int64_t *out,
                              stoa_error *err);
/// Read a number within [low, high] at `key`; keeps `*out` when the key is absent.
stoa_status stoa_yaml_number(const stoa_yaml *map, const char *key, double low, double high, double *out,
                             stoa_error *err);
/// Read a span such as 30s, 15m, 7d (also h, w) in seconds.  False when `text` is none.
bool stoa_yaml_span(const char *text, int64_t *out_seconds);

#endif
