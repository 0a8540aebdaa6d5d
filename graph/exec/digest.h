#ifndef STOA_GRAPH_EXEC_DIGEST_H
#define STOA_GRAPH_EXEC_DIGEST_H

#include "graph/base/arena.h"
#include <stddef.h>

/// Hash functions (section 17.4.6) and randomness, both by OpenSSL.  The only file that knows it is digest.c.

/// Fill `out` with random bytes.
void stoa_random_bytes(unsigned char *out, size_t n);
/// The SHA-256 of a text in small hexadecimal digits, in `arena`; empty when it cannot be computed.
stoa_slice stoa_sha256(stoa_slice text, stoa_arena *arena);

#endif
