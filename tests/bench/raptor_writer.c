// How fast raptor writes N-Triples that lie in memory already: the yardstick of make bench-materialize.
//   raptor_writer FILE.nt MOST
#include "graph/base/clock.h"
#include <raptor2.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  raptor_statement **items;
  size_t n, most;
} statements;

static void keep(void *data, raptor_statement *statement)
{
  statements *const all = data;
  if (all->n < all->most) {
    all->items[all->n++] = raptor_statement_copy(statement);
  }
}

static void read_all(raptor_world *world, const char *path, statements *all)
{
  raptor_parser *const parser = raptor_new_parser(world, "ntriples");
  raptor_uri *const base = raptor_new_uri(world, (const unsigned char *)"http://e/");
  FILE *const file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  raptor_parser_set_statement_handler(parser, all, keep);
  raptor_parser_parse_file_stream(parser, file, path, base);
  fclose(file);
  raptor_free_uri(base);
  raptor_free_parser(parser);
}

static double write_all(raptor_world *world, const statements *all)
{
  FILE *const out = fopen("/dev/null", "wb");
  raptor_serializer *const serializer = raptor_new_serializer(world, "ntriples");
  const int64_t start = stoa_clock_steady_ns();
  raptor_serializer_start_to_file_handle(serializer, NULL, out);
  for (size_t i = 0; i < all->n; ++i) {
    raptor_serializer_serialize_statement(serializer, all->items[i]);
  }
  raptor_serializer_serialize_end(serializer);
  const double seconds = (double)(stoa_clock_steady_ns() - start) / 1e9;
  raptor_free_serializer(serializer);
  fclose(out);
  return seconds;
}

int main(int argc, char **argv)
{
  if (argc != 3) {
    fputs("usage: raptor_writer FILE.nt MOST\n", stderr);
    return 2;
  }
  raptor_world *const world = raptor_new_world();
  raptor_world_open(world);
  statements all = {.most = strtoul(argv[2], NULL, 10)};
  all.items = calloc(all.most + 1, sizeof *all.items);
  read_all(world, argv[1], &all);
  const double seconds = write_all(world, &all);
  printf("%zu %.3f %.0f\n", all.n, seconds, (double)all.n / seconds);
  for (size_t i = 0; i < all.n; ++i) {
    raptor_free_statement(all.items[i]);
  }
  free(all.items);
  raptor_free_world(world);
  return 0;
}
