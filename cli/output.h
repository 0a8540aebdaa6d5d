#ifndef STOA_CLI_OUTPUT_H
#define STOA_CLI_OUTPUT_H

#include "graph/base/buf.h"
#include "graph/base/error.h"
#include <stdio.h>

/// Where a verb writes to: standard output, or what -o names.  A file is written beside its place, under a name of its
/// own (FILE.1a2b3c4d.part), and takes it when it is whole; a device, a FIFO or a link is written into.
typedef struct {
  FILE *file;
  const char *path;    ///< NULL: standard output
  stoa_buf unfinished; ///< the name while it is not whole; empty: none
} stoa_output;

/// Open; `path` is borrowed, NULL is standard output.  One output at a time: SIGINT, SIGTERM and SIGHUP remove what is
/// not whole.
stoa_status stoa_output_open(const char *path, stoa_output *out, stoa_error *err);
/// Close it.  `whole`: all is written; else what stands beside the place goes.
stoa_status stoa_output_close(stoa_output *out, bool whole, stoa_error *err);

#endif
