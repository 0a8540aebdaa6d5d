#ifndef STOA_CLI_FORWARD_H
#define STOA_CLI_FORWARD_H

#include "graph/base/slice.h"

/// Send one RESP command to the running server of a project folder (its Unix socket) and print the
/// reply.  Returns the exit code: 1 when the server answers an error, 3 when it cannot be reached.
int stoa_forward(const char *dir, const stoa_slice *command, size_t n_command);

#endif
