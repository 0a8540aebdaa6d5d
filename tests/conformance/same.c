// same A B: are two files the same RDF dataset, up to the names of blank nodes?  Quads that B says twice count once;
// in A they count.
#include "graph/rdf/reader.h"
#include "graph/term/equality.h"
#include "tests/conformance/suite.h"
#include <stdio.h>

typedef struct {
  stoa_arena *arena;
  table *to;
  bool once;
} reading;

static void take(const stoa_statement *st, void *data)
{
  reading *const r = data;
  const stoa_term row[] = {stoa_term_copy(st->subject, r->arena), stoa_term_copy(st->predicate, r->arena),
                           stoa_term_copy(st->object, r->arena), stoa_term_copy(st->graph, r->arena)};
  for (uint32_t i = 0; r->once && i < r->to->n_rows; ++i) {
    uint32_t k = 0;
    while (k < 4 && stoa_term_same(r->to->terms.items[i * 4 + k], row[k])) {
      ++k;
    }
    if (k == 4) {
      return;
    }
  }
  table_add(r->to, r->arena, row);
}

int main(int argc, char **argv)
{
  stoa_arena arena;
  stoa_error err = {0};
  table tables[2] = {{.n_columns = 4}, {.n_columns = 4}};
  if (argc < 3) {
    fputs("usage: same A B [BASE]\n", stderr);
    return 2;
  }
  stoa_arena_init(&arena, 0);
  for (int i = 0; i < 2; ++i) {
    reading r = {&arena, &tables[i], i == 1};
    if (stoa_rdf_read(argv[1 + i], argc > 3 ? argv[3] : "http://example.com/base/", take, &r, &err) != STOA_OK) {
      printf("# %s: %s\n", argv[1 + i], err.text);
      return 2;
    }
  }
  const bool same = same_tables(&tables[0], &tables[1], false, &arena);
  if (!same) {
    printf("# too much:\n");
    print_unmatched(&tables[0], &tables[1], &arena);
    printf("# missing:\n");
    print_unmatched(&tables[1], &tables[0], &arena);
  }
  stoa_arena_done(&arena);
  return !same;
}
