#ifndef STOA_CLI_PROGRESS_H
#define STOA_CLI_PROGRESS_H

#include "graph/result/writer.h"
#include <stdio.h>

/// A bar on standard error while lines are written, when that is a terminal (or STOA_PROGRESS=1 asks for it): how
/// many, how fast, and about how much of all.
typedef struct {
  FILE *out;       ///< where the lines go
  const char *unit; ///< what a line is: "triples"
  bool shown;      ///< false: only pass on
  double expected; ///< lines, roughly; 0: not known
  uint64_t n_lines;
  int64_t start_ns, next_ns;
} stoa_progress;

void stoa_progress_init(stoa_progress *progress, FILE *out, const char *unit, double expected);
/// A stoa_sink's function; its data is the progress.
bool stoa_progress_write(void *data, const char *bytes, size_t n_bytes);
/// Take the bar away.
void stoa_progress_done(stoa_progress *progress);

#endif
