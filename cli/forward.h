#ifndef STOA_CLI_FORWARD_H
#define STOA_CLI_FORWARD_H

#include "graph/base/buf.h"
#include "graph/base/error.h"
#include "graph/base/slice.h"

/// Send one RESP command to the running server of a project folder (its Unix socket) and take the reply's text in `out`,
/// with a line's end.  The server is asked first whether it has the state of this very project.  It may give no byte for
/// `silent_seconds` (0: as long as most operations may take).
///
/// STOA_OK: it was sent, and `code` is the exit code: 1 when the server answers an error, which is printed, 3 when no answer comes.
/// Errors: STOA_UNAVAILABLE: nobody answers there, nothing was sent; STOA_TIMEOUT: the server is silent, nothing was
/// sent; STOA_DENIED: it serves another project.
stoa_status stoa_forward(const char *dir, const stoa_slice *command, size_t n_command, int silent_seconds,
                         stoa_buf *out, int *code, stoa_error *err);

/// The same, but nothing is printed.  STOA_UNAVAILABLE: nobody answers
/// there; STOA_BAD_ARG: the server answered an error, which is told.
stoa_status stoa_forward_text(const char *dir, const stoa_slice *command, size_t n_command, stoa_buf *out,
                              stoa_error *err);

#endif
