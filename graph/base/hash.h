#ifndef STOA_GRAPH_BASE_HASH_H
#define STOA_GRAPH_BASE_HASH_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define STOA_HASH_SEED UINT64_C(0xcbf29ce484222325)

/// Continue a 64-bit FNV-1a hash (Fowler, Noll, Vo) over `data`: its values are kept in models, so it stays as it
/// is.  For what lives in memory there is stoa_hasher.
static inline uint64_t stoa_hash_more(uint64_t hash, const void *data, size_t n_bytes)
{
  const unsigned char *const bytes = data;
  for (size_t i = 0; i < n_bytes; ++i) {
    hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
  }
  return hash;
}

/// Spread the bits of a hash or counter (the finaliser of splitmix64, Steele et al. 2014).
static inline uint64_t stoa_hash_mix(uint64_t x)
{
  x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
  return x ^ (x >> 31);
}

/// A hash of bytes, eight at a time: feeding pieces one after another gives the hash of the whole, however it is
/// cut, which lets a term be hashed without being put together.
typedef struct {
  uint64_t hash, pending; ///< bytes that do not fill a word yet, the first one lowest
  uint64_t n_bytes;
} stoa_hasher;

static inline void stoa_hasher_word(stoa_hasher *h, uint64_t word)
{
  h->hash = (h->hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  h->hash ^= h->hash >> 32;
}

static inline void stoa_hasher_add(stoa_hasher *h, const void *data, size_t n)
{
  const unsigned char *at = data;
  uint64_t word;
  for (; n > 0 && h->n_bytes % 8; --n) {
    h->pending |= (uint64_t)*at++ << h->n_bytes++ % 8 * 8;
    if (h->n_bytes % 8 == 0) {
      stoa_hasher_word(h, h->pending);
      h->pending = 0;
    }
  }
  for (; n >= 8; n -= 8, at += 8, h->n_bytes += 8) {
    memcpy(&word, at, sizeof word);
    stoa_hasher_word(h, le64toh(word));
  }
  for (; n > 0; --n) {
    h->pending |= (uint64_t)*at++ << h->n_bytes++ % 8 * 8;
  }
}

static inline uint64_t stoa_hasher_end(stoa_hasher *h)
{
  stoa_hasher_word(h, h->pending);
  return stoa_hash_mix(h->hash + h->n_bytes);
}

/// The hash of one text; `seed` keeps apart what is not to be mistaken.
static inline uint64_t stoa_hash_text(uint64_t seed, const char *data, size_t n)
{
  stoa_hasher h = {.hash = STOA_HASH_SEED + seed};
  stoa_hasher_add(&h, data, n);
  return stoa_hasher_end(&h);
}

#endif
