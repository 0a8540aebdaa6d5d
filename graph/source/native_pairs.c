// Sorted pairs in frames of reference; see the header.
#include "graph/source/native_pairs.h"
#include <stdlib.h>

static uint8_t bits_of(uint64_t value)
{
  return value ? (uint8_t)(64 - __builtin_clzll(value)) : 0;
}

static uint32_t blocks_of(uint32_t n)
{
  return n / STOA_PAIRS_BLOCK + (n % STOA_PAIRS_BLOCK != 0);
}

static uint32_t in_block(uint32_t n, uint32_t block)
{
  const uint32_t left = n - block * STOA_PAIRS_BLOCK;
  return left < STOA_PAIRS_BLOCK ? left : STOA_PAIRS_BLOCK;
}

// Say how a block is packed; return the words it takes.
static uint32_t measure(const uint64_t *pairs, uint32_t n, stoa_pairs_block *out)
{
  uint32_t least = UINT32_MAX, most = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t low = (uint32_t)pairs[i];
    least = low < least ? low : least;
    most = low > most ? low : most;
  }
  out->low = least;
  out->low_bits = bits_of(most - least);
  out->key_bits = bits_of((pairs[n - 1] >> 32) - (pairs[0] >> 32));
  return (n * (uint32_t)(out->low_bits + out->key_bits) + 63) / 64;
}

static void fill(const uint64_t *pairs, uint32_t n, const stoa_pairs_block *block, uint64_t *words)
{
  const uint32_t width = (uint32_t)block->key_bits + block->low_bits;
  for (uint32_t i = 0; i < n; ++i) {
    const uint64_t key = (pairs[i] >> 32) - (pairs[0] >> 32), low = (uint32_t)pairs[i] - block->low;
    const uint64_t bits = key << block->low_bits | low;
    const uint32_t bit = i * width;
    words[bit / 64] |= bits << bit % 64;
    if (bit % 64 + width > 64) {
      words[bit / 64 + 1] |= bits >> (64 - bit % 64);
    }
  }
}

void stoa_pairs_pack(stoa_pairs *out, const uint64_t *sorted, uint32_t n)
{
  const uint32_t n_blocks = blocks_of(n);
  uint32_t n_words = 0;
  stoa_pairs_block *const blocks = malloc((n_blocks + 1) * sizeof *blocks);
  if (!blocks) {
    abort(); // as the arenas
  }
  for (uint32_t b = 0; b < n_blocks; ++b) {
    blocks[b].at = n_words;
    n_words += measure(sorted + b * STOA_PAIRS_BLOCK, in_block(n, b), &blocks[b]);
  }
  // One word more than is used: a pair is read by the eight or nine bytes from where it begins.
  const size_t size = (n_blocks + n_words + 2) * sizeof(uint64_t);
  uint64_t *const memory = calloc(1, size + n_blocks * sizeof *blocks);
  if (!memory) {
    abort();
  }
  *out = (stoa_pairs){
    .n = n, .heads = memory, .words = memory + n_blocks, .blocks = (stoa_pairs_block *)((char *)memory + size)};
  memcpy(out->blocks, blocks, n_blocks * sizeof *blocks);
  free(blocks);
  for (uint32_t b = 0; b < n_blocks; ++b) {
    out->heads[b] = sorted[b * STOA_PAIRS_BLOCK];
    fill(sorted + b * STOA_PAIRS_BLOCK, in_block(n, b), &out->blocks[b], out->words + out->blocks[b].at);
  }
  for (uint32_t i = 0; i < n_words; ++i) {
    out->words[i] = htole64(out->words[i]);
  }
}

void stoa_pairs_unpack(const stoa_pairs *pairs, uint64_t *out)
{
  for (uint32_t i = 0; i < pairs->n; ++i) {
    out[i] = stoa_pairs_at(pairs, i);
  }
}

void stoa_pairs_done(stoa_pairs *pairs)
{
  free(pairs->heads);
  *pairs = (stoa_pairs){0};
}

// The first block, not before `from`, whose first pair is not less than `pair`.
static uint32_t seek_block(const stoa_pairs *pairs, uint32_t from, uint64_t pair)
{
  const uint32_t n_blocks = blocks_of(pairs->n);
  uint32_t first = from, end = from, step = 1;
  while (end < n_blocks && pairs->heads[end] < pair) {
    first = end + 1;
    end += step;
    step *= 2;
  }
  end = end < n_blocks ? end : n_blocks;
  while (first < end) {
    const uint32_t middle = first + (end - first) / 2;
    if (pairs->heads[middle] < pair) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

// The least bits in the block of a pair that is not less than `pair`, which its first pair is; false: none has.
static bool bits_sought(const stoa_pairs *pairs, uint32_t b, uint64_t pair, uint64_t *out)
{
  const stoa_pairs_block *const block = &pairs->blocks[b];
  const uint64_t most = (UINT64_C(1) << block->low_bits) - 1;
  uint64_t key = (pair >> 32) - (pairs->heads[b] >> 32), low = 0;
  if ((uint32_t)pair > block->low) {
    low = (uint32_t)pair - block->low;
  }
  if (low > most) {
    low = 0;
    ++key;
  }
  *out = key << block->low_bits | low;
  return key >> block->key_bits == 0;
}

uint32_t stoa_pairs_seek(const stoa_pairs *pairs, uint32_t from, uint64_t pair)
{
  const uint32_t next = seek_block(pairs, from / STOA_PAIRS_BLOCK, pair);
  uint64_t sought;
  if (next * STOA_PAIRS_BLOCK <= from) {
    return from;
  }
  // The block before begins with less than `pair`: the answer lies in it, or is the first of the next one.
  const stoa_pairs_block *const block = &pairs->blocks[next - 1];
  uint32_t first = (next - 1) * STOA_PAIRS_BLOCK;
  uint32_t end = first + in_block(pairs->n, next - 1);
  if (!bits_sought(pairs, next - 1, pair, &sought)) {
    return end;
  }
  for (uint32_t n = end - first; n > 0;) {
    const uint32_t half = n / 2;
    const bool less = stoa_pairs_bits(pairs, block, first + half) < sought;
    first += less ? half + 1 : 0;
    n = less ? n - half - 1 : half;
  }
  return first;
}

void stoa_pairs_range(const stoa_pairs *pairs, uint32_t from, uint32_t key, uint32_t *first, uint32_t *last)
{
  *first = stoa_pairs_seek(pairs, from, (uint64_t)key << 32);
  uint32_t end = *first;
  for (int i = 0; i < 4 && end < pairs->n && stoa_pairs_at(pairs, end) >> 32 == key; ++i) {
    ++end; // ranges are short
  }
  const bool more = end < pairs->n && stoa_pairs_at(pairs, end) >> 32 == key;
  *last = more ? stoa_pairs_seek(pairs, end, ((uint64_t)key + 1) << 32) : end;
}

bool stoa_pairs_have(const stoa_pairs *pairs, uint64_t pair)
{
  const uint32_t at = stoa_pairs_seek(pairs, 0, pair);
  return at < pairs->n && stoa_pairs_at(pairs, at) == pair;
}
