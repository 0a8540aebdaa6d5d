// Sets of numbers.
#include "graph/source/native.h"
#include <stdlib.h>

bool stoa_seen_add(stoa_seen *seen, stoa_id id)
{
  uint64_t **const page = &seen->pages[id >> STOA_SEEN_BITS];
  const uint32_t in_page = id & ((UINT32_C(1) << STOA_SEEN_BITS) - 1);
  const uint64_t bit = UINT64_C(1) << in_page % 64;
  if (!*page) {
    const size_t n_words = (UINT32_C(1) << STOA_SEEN_BITS) / 64;
    *page = calloc(n_words, sizeof **page);
    if (!*page) {
      abort(); // as the arenas
    }
    seen->n_bytes += n_words * sizeof **page;
  }
  const bool is_new = !((*page)[in_page / 64] & bit);
  (*page)[in_page / 64] |= bit;
  return is_new;
}

void stoa_seen_done(stoa_seen *seen)
{
  for (size_t i = 0; i < sizeof seen->pages / sizeof *seen->pages; ++i) {
    free(seen->pages[i]);
  }
}
