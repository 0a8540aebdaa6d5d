#ifndef STOA_GRAPH_EXEC_DIGEST_H
#define STOA_GRAPH_EXEC_DIGEST_H

#include "graph/sparql/algebra.h"

/// Hash functions (section 17.4.6) and randomness, both by OpenSSL.  The only file that knows it is digest.c.

/// The digest of `text` by MD5, SHA1, SHA256, SHA384 or SHA512 as lower-case hexadecimal digits.
stoa_term stoa_digest(stoa_function function, stoa_slice text, stoa_arena *arena);
/// Fill `out` with random bytes.
void stoa_random_bytes(unsigned char *out, size_t n);

#endif
