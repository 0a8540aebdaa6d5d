// How long a vector and a rank take, one after another over one connection, for some seconds.  Prints a line for each:
//   vector N p50 MS p99 MS most MS errors N
#include "graph/base/clock.h"
#include "tests/load/latency.h"
#include "tests/load/wire.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  const char *name;
  latency took;
  int errors;
} measured;

static bool measure(wire *w, measured *m, const char *const *words, int n, stoa_buf *answer)
{
  char kind;
  const int64_t start = stoa_clock_steady_ns();
  if (!wire_ask(w, words, n, &kind, answer)) {
    return false;
  }
  latency_add(&m->took, stoa_clock_steady_ns() - start);
  m->errors += kind == '-';
  return true;
}

static void print(measured *m)
{
  latency_sort(&m->took);
  printf("%s %zu p50 %.3f p99 %.3f most %.3f errors %d\n", m->name, m->took.n, latency_at(&m->took, .5),
         latency_at(&m->took, .99), latency_at(&m->took, 1), m->errors);
  free(m->took.ns);
}

int main(int argc, char **argv)
{
  measured vector = {.name = "vector"}, rank = {.name = "rank"};
  stoa_buf answer = {0};
  wire w;
  if (argc != 3) {
    fputs("usage: probe SOCKET|PORT SECONDS\n", stderr);
    return 2;
  }
  const int64_t end = stoa_clock_steady_ns() + atoll(argv[2]) * 1000000000;
  bool good = wire_open(&w, argv[1]);
  for (int i = 0; good && stoa_clock_steady_ns() < end; ++i) {
    char key[16], request[64];
    snprintf(key, sizeof key, "%d", i % 50 + 1);
    snprintf(request, sizeof request, "{\"subject\":\"%s\"}", key);
    good = measure(&w, &vector, (const char *[]){"FEATURES.GET", "next_offer_v1", key}, 3, &answer) &&
           measure(&w, &rank, (const char *[]){"RANK", "next_offer", request}, 3, &answer);
  }
  print(&vector);
  print(&rank);
  stoa_buf_done(&answer);
  wire_close(&w);
  return !good;
}
