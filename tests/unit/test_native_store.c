// What the native graph keeps its triples in: packed pairs against a plain sorted array, numbers that hold values
// against the terms they stand for, ranges of numbers against the comparison of terms, and hashes of pieces.
#include "tests/support/unit.h"

#include "graph/base/hash.h"
#include "graph/term/compare.h"
#include "graph/source/native.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <stdlib.h>

enum { MOST_PAIRS = 5000 };

static uint64_t state_of_random = 1;

static uint32_t random_bits(int bits)
{
  state_of_random += UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(stoa_hash_mix(state_of_random) >> (64 - bits));
}

static int by_value(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

// `n` pairs whose halves have so many random bits over a floor; sorted, each once.
static uint32_t make_pairs(uint64_t *out, uint32_t n, int key_bits, int low_bits)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const uint64_t key = key_bits ? random_bits(key_bits) : 7, low = low_bits ? random_bits(low_bits) : 9;
    out[i] = key << 32 | low;
  }
  qsort(out, n, sizeof *out, by_value);
  for (uint32_t i = 0; i < n; ++i) {
    if (kept == 0 || out[kept - 1] != out[i]) {
      out[kept++] = out[i];
    }
  }
  return kept;
}

static uint32_t plain_seek(const uint64_t *pairs, uint32_t n, uint64_t pair)
{
  uint32_t at = 0;
  while (at < n && pairs[at] < pair) {
    ++at;
  }
  return at;
}

static void check_pairs(const uint64_t *plain, uint32_t n)
{
  stoa_pairs packed;
  stoa_pairs_pack(&packed, plain, n);
  for (uint32_t i = 0; i < n; ++i) {
    assert_true(stoa_pairs_at(&packed, i) == plain[i]);
    assert_true(stoa_pairs_have(&packed, plain[i]));
  }
  for (int i = 0; i < 300; ++i) {
    const uint64_t near = n ? plain[random_bits(32) % n] + random_bits(2) - 1 : 5;
    const uint64_t pair = i % 2 ? near : (uint64_t)random_bits(32) << 32 | random_bits(32);
    if (pair >> 32 == STOA_ID_MISSING) {
      continue; // no key
    }
    const uint32_t rank = plain_seek(plain, n, pair), from = rank ? random_bits(32) % (rank + 1) : 0;
    uint32_t first, last;
    assert_int_equal(stoa_pairs_seek(&packed, 0, pair), rank);
    assert_int_equal(stoa_pairs_seek(&packed, from, pair), rank);
    assert_int_equal(stoa_pairs_have(&packed, pair), rank < n && plain[rank] == pair);
    stoa_pairs_range(&packed, 0, (uint32_t)(pair >> 32), &first, &last);
    assert_int_equal(first, plain_seek(plain, n, pair >> 32 << 32));
    assert_int_equal(last, plain_seek(plain, n, ((pair >> 32) + 1) << 32));
  }
  stoa_pairs_done(&packed);
}

static void packed_pairs_are_found_as_in_a_plain_array(void **state)
{
  static const uint32_t sizes[] = {0, 1, 2, 127, 128, 129, 256, 1000, MOST_PAIRS};
  static const int bits[][2] = {{0, 32}, {32, 0}, {32, 32}, {31, 32}, {4, 3}, {12, 20}, {20, 1}, {24, 32}, {1, 31}};
  static uint64_t plain[MOST_PAIRS];
  (void)state;
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; ++s) {
    for (size_t b = 0; b < sizeof bits / sizeof *bits; ++b) {
      check_pairs(plain, make_pairs(plain, sizes[s], bits[b][0], bits[b][1]));
    }
  }
}

static stoa_term typed(stoa_arena *arena, const char *text, const char *type)
{
  return stoa_term_literal(arena, stoa_slice_of(text), stoa_slice_of(type));
}

#define NUMBER(text, type)                                                                                             \
  {                                                                                                                    \
    text, STOA_XSD type                                                                                                \
  }

// What is a number of its own, in ascending order within each type.
static const char *const held[][2] = {NUMBER("-67108864", "integer"),
                                      NUMBER("-1", "integer"),
                                      NUMBER("0", "integer"),
                                      NUMBER("7", "integer"),
                                      NUMBER("67108863", "integer"),
                                      NUMBER("-1342177.28", "decimal"),
                                      NUMBER("-0.01", "decimal"),
                                      NUMBER("12.34", "decimal"),
                                      NUMBER("1342177.27", "decimal"),
                                      NUMBER("-3355443.2", "decimal"),
                                      NUMBER("0.5", "decimal"),
                                      NUMBER("3355443.1", "decimal"),
                                      NUMBER("1900-01-01", "date"),
                                      NUMBER("1969-12-31", "date"),
                                      NUMBER("2026-11-23", "date"),
                                      NUMBER("2000-01-01T00:00:00Z", "dateTime"),
                                      NUMBER("2026-11-23T10:00:00Z", "dateTime"),
                                      NUMBER("2034-01-09T13:37:02Z", "dateTime"),
                                      NUMBER("2012-01-01T00:00:00", "dateTime"),
                                      NUMBER("2029-01-04T18:48:31", "dateTime"),
                                      NUMBER("false", "boolean"),
                                      NUMBER("true", "boolean")};

// What is not.
static const char *const apart[][2] = {NUMBER("67108864", "integer"),
                                       NUMBER("-67108865", "integer"),
                                       NUMBER("1342177.28", "decimal"),
                                       NUMBER("0.005", "decimal"),
                                       NUMBER("07", "integer"),
                                       NUMBER("1.50", "decimal"),
                                       NUMBER("5.0E0", "double"),
                                       NUMBER("1.2E1", "float"),
                                       NUMBER("1999-12-31T23:59:59Z", "dateTime"),
                                       NUMBER("2034-01-09T13:37:03Z", "dateTime"),
                                       NUMBER("2011-12-31T23:59:59", "dateTime"),
                                       NUMBER("2026-11-23T10:00:00.5Z", "dateTime"),
                                       NUMBER("2026-11-23T10:00:00+01:00", "dateTime"),
                                       NUMBER("2026-11-23Z", "date"),
                                       NUMBER("7", "int"),
                                       NUMBER("text", "string")};

enum { N_HELD = sizeof held / sizeof *held, N_APART = sizeof apart / sizeof *apart };

static void a_value_is_its_own_number_and_order_is_kept(void **state)
{
  stoa_arena arena;
  stoa_id before = 0;
  stoa_term last = {0};
  (void)state;
  stoa_arena_init(&arena, 0);
  for (int i = 0; i < N_HELD; ++i) {
    const stoa_term t = typed(&arena, held[i][0], held[i][1]);
    const stoa_id id = stoa_inline_id(t);
    assert_true(id >= STOA_ID_INLINE && id != STOA_ID_MISSING);
    assert_true(stoa_term_same(stoa_inline_term(id), t));
    if (last.kind == t.kind && last.length == t.length && last.flags == t.flags) {
      assert_true(before < id);
    }
    before = id;
    last = t;
  }
  for (int i = 0; i < N_APART; ++i) {
    assert_int_equal(stoa_inline_id(typed(&arena, apart[i][0], apart[i][1])), 0);
  }
  stoa_arena_done(&arena);
}

static bool in_ranges(stoa_id id, const stoa_id_range *ranges, uint32_t n)
{
  bool in = false;
  for (uint32_t i = 0; i < n; ++i) {
    in |= id >= ranges[i].first && id < ranges[i].last;
  }
  return in;
}

// Every pair of bounds, every value: what compares as between them lies in the ranges.
static void ranges_hold_every_value_that_compares_so(void **state)
{
  stoa_arena arena;
  stoa_term all[N_HELD + N_APART];
  stoa_id_range ranges[STOA_ID_RANGES];
  uint32_t n_in = 0, n_out = 0;
  (void)state;
  stoa_arena_init(&arena, 0);
  for (int i = 0; i < N_HELD + N_APART; ++i) {
    const char *const *const of = i < N_HELD ? held[i] : apart[i - N_HELD];
    all[i] = typed(&arena, of[0], of[1]);
  }
  for (int a = -1; a < N_HELD + N_APART; ++a) {
    for (int b = -1; b < N_HELD + N_APART; ++b) {
      const stoa_term least = a < 0 ? (stoa_term){0} : all[a], most = b < 0 ? (stoa_term){0} : all[b];
      const uint32_t n = stoa_inline_ranges(least, most, ranges);
      for (int i = 0; n && i < N_HELD; ++i) {
        const bool within = (a < 0 || stoa_term_compare(STOA_COMPARE_GE, all[i], least) == 1) &&
                            (b < 0 || stoa_term_compare(STOA_COMPARE_LE, all[i], most) == 1);
        const bool in = in_ranges(stoa_inline_id(all[i]), ranges, n);
        assert_true(in || !within);
        n_in += within;
        n_out += !in;
      }
      for (uint32_t i = 1; i < n; ++i) {
        assert_true(ranges[i].first >= ranges[i - 1].last);
      }
    }
  }
  assert_true(n_in > 500 && n_out > 500); // both happen
  stoa_arena_done(&arena);
}

static void a_hash_does_not_tell_how_a_text_was_cut(void **state)
{
  char text[64];
  (void)state;
  for (size_t i = 0; i < sizeof text; ++i) {
    text[i] = (char)(random_bits(8));
  }
  for (size_t n = 0; n <= sizeof text; ++n) {
    const uint64_t whole = stoa_hash_text(0, text, n);
    for (size_t cut = 0; cut <= n; ++cut) {
      stoa_hasher h = {.hash = STOA_HASH_SEED};
      stoa_hasher_add(&h, text, cut / 2);
      stoa_hasher_add(&h, text + cut / 2, cut - cut / 2);
      stoa_hasher_add(&h, text + cut, n - cut);
      assert_true(stoa_hasher_end(&h) == whole);
    }
    assert_true(n == 0 || stoa_hash_text(0, text, n - 1) != whole);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    CLAIM(packed_pairs_are_found_as_in_a_plain_array), CLAIM(a_value_is_its_own_number_and_order_is_kept),
    CLAIM(ranges_hold_every_value_that_compares_so), CLAIM(a_hash_does_not_tell_how_a_text_was_cut)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
