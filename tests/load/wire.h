#ifndef STOA_TESTS_LOAD_WIRE_H
#define STOA_TESTS_LOAD_WIRE_H

#include "graph/base/buf.h"
#include <stdbool.h>

/// A client of tests: one blocking connection, by which one thing at a time is asked.
typedef struct {
  int fd;
  stoa_buf in; ///< what came and is not yet read
} wire;

/// Connect to a Unix socket (a path), or to a port of 127.0.0.1 (digits).  Returns the descriptor, or -1.
int wire_connect(const char *where);
bool wire_open(wire *w, const char *where);
void wire_close(wire *w);

/// Send one command of RESP and read its answer; false when the connection ended before the answer was whole.  `kind`
/// is the first letter of the answer ('-': an error); `out` has the text of a line or a bulk string, and for an array
/// the bytes as they came.
bool wire_ask(wire *w, const char *const *words, int n, char *kind, stoa_buf *out);
/// GET a path over a connection of its own; the status, or 0 when no whole head came.  Bytes of the body are counted.
int wire_get(const char *where, const char *path, size_t *n_bytes);

#endif
