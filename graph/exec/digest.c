#include "graph/exec/digest.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

static const EVP_MD *algorithm(stoa_function function)
{
  switch (function) {
    case STOA_FN_MD5:
      return EVP_md5();
    case STOA_FN_SHA1:
      return EVP_sha1();
    case STOA_FN_SHA256:
      return EVP_sha256();
    case STOA_FN_SHA384:
      return EVP_sha384();
    default:
      return EVP_sha512();
  }
}

stoa_term stoa_digest(stoa_function function, stoa_slice text, stoa_arena *arena)
{
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  if (EVP_Digest(text.data, text.length, bytes, &n, algorithm(function), NULL) != 1) {
    return (stoa_term){0};
  }
  static const char digits[] = "0123456789abcdef";
  char *const hex = stoa_arena_alloc(arena, (size_t)n * 2 + 1);
  for (unsigned i = 0; i < n; ++i) {
    hex[i * 2] = digits[bytes[i] >> 4];
    hex[i * 2 + 1] = digits[bytes[i] & 15];
  }
  return stoa_term_string((stoa_slice){hex, (size_t)n * 2});
}

void stoa_random_bytes(unsigned char *out, size_t n)
{
  if (RAND_bytes(out, (int)n) != 1) {
    memset(out, 0, n);
  }
}
