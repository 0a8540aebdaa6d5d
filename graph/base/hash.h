#ifndef STOA_GRAPH_BASE_HASH_H
#define STOA_GRAPH_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define STOA_HASH_SEED UINT64_C(0xcbf29ce484222325)

/// Continue a 64-bit FNV-1a hash (Fowler, Noll, Vo) over `data`: feeding pieces one after another
/// gives the hash of the whole, which lets a term be hashed without being put together.
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

#endif
