#ifndef STOA_GRAPH_SOURCE_NATIVE_PAIRS_H
#define STOA_GRAPH_SOURCE_NATIVE_PAIRS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/// Sorted pairs of numbers, compressed: blocks of 128, each kept as its least key and least low half (frames of
/// reference) and what is added to them in as few bits as the block needs.  Any pair is read without unpacking
/// its block.  A pair is one number, its key in the high 32 bits.  Constant once packed.

enum { STOA_PAIRS_BLOCK = 128 };

typedef struct {
  uint32_t low; ///< least low half of the block
  uint32_t at;  ///< where its bits begin, in words
  uint8_t key_bits, low_bits;
} stoa_pairs_block;

typedef struct {
  uint32_t n;
  uint64_t *heads; ///< the first pair of each block; owns the memory of all three
  stoa_pairs_block *blocks;
  uint64_t *words; ///< little-endian
} stoa_pairs;

/// Pack `n` pairs that are sorted and all different.
void stoa_pairs_pack(stoa_pairs *out, const uint64_t *sorted, uint32_t n);
void stoa_pairs_unpack(const stoa_pairs *pairs, uint64_t *out);
void stoa_pairs_done(stoa_pairs *pairs);

/// The bits of the pair of rank `i` in its block: they order pairs as the pairs do.
static inline uint64_t stoa_pairs_bits(const stoa_pairs *pairs, const stoa_pairs_block *block, uint32_t i)
{
  const uint32_t width = (uint32_t)block->key_bits + block->low_bits;
  const uint32_t bit = i % STOA_PAIRS_BLOCK * width;
  const uint8_t *const from = (const uint8_t *)(pairs->words + block->at) + bit / 8;
  uint64_t bits;
  memcpy(&bits, from, sizeof bits);
  bits = le64toh(bits) >> bit % 8;
  if (width > 56) {
    bits |= bit % 8 ? (uint64_t)from[8] << (64 - bit % 8) : 0;
    return width == 64 ? bits : bits & ((UINT64_C(1) << width) - 1);
  }
  return bits & ((UINT64_C(1) << width) - 1);
}

/// The pair of rank `i`.
static inline uint64_t stoa_pairs_at(const stoa_pairs *pairs, uint32_t i)
{
  const uint32_t b = i / STOA_PAIRS_BLOCK;
  const stoa_pairs_block *const block = &pairs->blocks[b];
  const uint64_t bits = stoa_pairs_bits(pairs, block, i);
  const uint64_t low = block->low + (bits & ((UINT64_C(1) << block->low_bits) - 1));
  return ((pairs->heads[b] >> 32) + (bits >> block->low_bits)) << 32 | low;
}

/// The rank of the first pair that is not less than `pair`; all before the rank `from` are known to be less.
/// The search gallops from there, so that ascending look-ups cost as a merge.
uint32_t stoa_pairs_seek(const stoa_pairs *pairs, uint32_t from, uint64_t pair);
/// The pairs whose key is `key`: [*first, *last); `from` as above.
void stoa_pairs_range(const stoa_pairs *pairs, uint32_t from, uint32_t key, uint32_t *first, uint32_t *last);
bool stoa_pairs_have(const stoa_pairs *pairs, uint64_t pair);

#endif
