#include "graph/exec/digest.h"
#include "graph/base/code.h"
#include "graph/exec/function.h"
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

static bool digits_of(stoa_slice text, const EVP_MD *algorithm, stoa_arena *arena, stoa_slice *out)
{
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned n = 0;
  if (EVP_Digest(text.data, text.length, bytes, &n, algorithm, NULL) != 1) {
    return false;
  }
  *out = stoa_hex_write((stoa_slice){(const char *)bytes, n}, STOA_HEX_SMALL, arena);
  return true;
}

static stoa_term digest(const stoa_call *call, const EVP_MD *algorithm)
{
  const stoa_term text = call->args[0];
  stoa_slice digits;
  if (text.kind != STOA_TERM_STRING ||
      !digits_of((stoa_slice){text.as.text, text.length}, algorithm, call->arena, &digits)) {
    return (stoa_term){0};
  }
  return stoa_term_string(digits);
}

stoa_slice stoa_sha256(stoa_slice text, stoa_arena *arena)
{
  stoa_slice digits;
  return digits_of(text, EVP_sha256(), arena, &digits) ? digits : (stoa_slice){"", 0};
}

stoa_term stoa_function_md5(const stoa_call *call)
{
  return digest(call, EVP_md5());
}

stoa_term stoa_function_sha1(const stoa_call *call)
{
  return digest(call, EVP_sha1());
}

stoa_term stoa_function_sha256(const stoa_call *call)
{
  return digest(call, EVP_sha256());
}

stoa_term stoa_function_sha384(const stoa_call *call)
{
  return digest(call, EVP_sha384());
}

stoa_term stoa_function_sha512(const stoa_call *call)
{
  return digest(call, EVP_sha512());
}

void stoa_random_bytes(unsigned char *out, size_t n)
{
  if (RAND_bytes(out, (int)n) != 1) {
    memset(out, 0, n);
  }
}
