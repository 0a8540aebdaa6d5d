#ifndef STOA_GRAPH_BASE_ERROR_H
#define STOA_GRAPH_BASE_ERROR_H

#include "graph/base/status.h"
#include <stdbool.h>
#include <stddef.h>

/// What went wrong, where, and what would be right.  Lives on the caller's stack; the first failure
/// wins, so a callee nearer to the cause is never overwritten by one that passes it on.
typedef struct {
  stoa_status status;
  char where[160]; ///< a file, a query's name, a source; may be empty
  int line;        ///< from 1; 0 when unknown
  int column;      ///< from 1; 0 when unknown
  char text[512];  ///< lower case, no full stop
} stoa_error;

/// A place in a text.
typedef struct {
  const char *file;
  int line, column;
} stoa_place;

/// Record a failure without a place.  Returns `status`, so that callers can `return` it.
stoa_status stoa_error_set(stoa_error *err, stoa_status status, const char *format, ...)
  __attribute__((format(printf, 3, 4)));

/// Record a failure at a place.  Returns `status`.
stoa_status stoa_error_at(stoa_error *err, stoa_status status, stoa_place place, const char *format, ...)
  __attribute__((format(printf, 4, 5)));

/// Write "FILE:LINE:COL: error: TEXT" (the parts that are known) into `out`.  Returns `out`.
const char *stoa_error_print(const stoa_error *err, char *out, size_t n_bytes);

/// A list of faults, for `check`: every fault is reported, not the first alone.
typedef struct {
  stoa_error *items;
  size_t n_items, capacity;
  size_t n_errors; ///< those that are not warnings
} stoa_faults;

/// Add a copy of `err`; a warning does not fail the check.
void stoa_faults_add(stoa_faults *faults, const stoa_error *err, bool warning);
/// Release the list.
void stoa_faults_done(stoa_faults *faults);

#endif
