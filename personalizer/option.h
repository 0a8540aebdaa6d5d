#ifndef STOA_PERSONALIZER_OPTION_H
#define STOA_PERSONALIZER_OPTION_H

#include "graph/base/buf.h"
#include "graph/base/yaml.h"
#include <stddef.h>

/// Numbers that a kind of learner or explorer is set by: a table of them tells where each lies in a struct (as a
/// double), what it may be and what it is when nothing is said.  So one table reads them, refuses those that do not
/// belong, and tells them.
typedef struct {
  const char *name; ///< NULL: the end of a table
  size_t at;        ///< of a double in the struct
  double low, high, initial;
  bool is_whole;
} stoa_option;

/// What every table ends with.
#define STOA_NO_OPTION {NULL, 0, 0, 0, 0, false}

/// Put what is said nowhere into `out`.
void stoa_options_init(const stoa_option *table, void *out);
/// Read the keys of `node`, besides `others` (NULL-terminated), by `table`; `what` they are options of is told.
stoa_status stoa_options_read(const stoa_option *table, const stoa_yaml *node, const char *what,
                              const char *const *others, void *out, stoa_error *err);
/// Tell all of them as "name: number" with commas between, so that reading it again gives the same.
void stoa_options_write(const stoa_option *table, const void *from, stoa_buf *out);

#endif
