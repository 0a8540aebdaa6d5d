// A mixed load at a steady pace for some seconds: ranks with their rewards, vectors, events, queries, reloads.  What
// the server needs and how long things take is printed for the first tenth and for the last; it fails when anything was
// refused, or when descriptors or memory have grown for good.
#include "graph/base/clock.h"
#include "tests/load/latency.h"
#include "tests/load/wire.h"
#include "tests/random/dice.h"
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef enum { RANK, REWARD, VECTOR, EVENT, QUERY, RELOAD, N_KINDS } kind;
enum { FIRST, BETWEEN, LAST, N_PARTS, MOST_QUERIES = 16 };

static const char *const names[N_KINDS] = {"rank", "reward", "vector", "event", "query", "reload"};
static const char *path, *port, *queries[MOST_QUERIES];
static int n_queries;
static int64_t began, lasts; // ns

typedef struct {
  pthread_t thread;
  kind does;
  double per_second;
  wire w;
  dice d;
  stoa_buf answer;
  latency took[N_KINDS][N_PARTS];
  uint64_t errors[N_KINDS];
} worker;

static int part_now(void)
{
  const int64_t at = stoa_clock_steady_ns() - began;
  return at < lasts / 10 ? FIRST : at < lasts - lasts / 10 ? BETWEEN : LAST;
}

static void note(worker *w, kind k, int64_t start, bool good)
{
  latency_add(&w->took[k][part_now()], stoa_clock_steady_ns() - start);
  if (!good && w->errors[k]++ < 3) {
    fprintf(stderr, "%s: %.300s\n", names[k], stoa_buf_string(&w->answer));
  }
}

static void ask(worker *w, kind k, const char *const *words, int n)
{
  char answered = '-';
  const int64_t start = stoa_clock_steady_ns();
  if (!wire_ask(&w->w, words, n, &answered, &w->answer)) {
    wire_close(&w->w);
    wire_open(&w->w, path);
    answered = '-';
  }
  note(w, k, start, answered != '-');
}

static void ask_query(worker *w, int i)
{
  size_t n_bytes;
  const int64_t start = stoa_clock_steady_ns();
  note(w, QUERY, start, wire_get(port, queries[i % n_queries], &n_bytes) == 200);
}

static void do_one(worker *w, int i)
{
  char id[48], text[200], key[16];
  snprintf(key, sizeof key, "%u", dice_below(&w->d, 500) + 1);
  snprintf(id, sizeof id, "k%p-%d", (void *)w, i);
  switch (w->does) {
    case RANK:
      snprintf(text, sizeof text, "{\"subject\":\"%s\",\"eventId\":\"%s\"}", key, id);
      ask(w, RANK, (const char *[]){"RANK", "next_offer", text}, 3);
      ask(w, REWARD, (const char *[]){"REWARD", id, dice_chance(&w->d, 30) ? "1" : "0"}, 3);
      break;
    case VECTOR:
      ask(w, VECTOR, (const char *[]){"FEATURES.GET", "next_offer_v1", key}, 3);
      break;
    case EVENT:
      snprintf(
        text, sizeof text,
        "{\"id\":\"%s\",\"at\":\"2026-01-01T00:00:00Z\",\"customer\":%s,\"channel\":\"web\",\"kind\":\"viewed\"}", id,
        key);
      ask(w, EVENT, (const char *[]){"EVENT", "click", text}, 3);
      break;
    case QUERY:
      ask_query(w, i);
      break;
    default:
      ask(w, RELOAD, (const char *[]){"RELOAD"}, 1);
      break;
  }
}

static void *run(void *data)
{
  worker *const w = data;
  const int64_t step = (int64_t)(1e9 / w->per_second);
  wire_open(&w->w, path);
  for (int64_t next = began + step / 2, i = 0; next < began + lasts; next += step, ++i) {
    const int64_t wait = next - stoa_clock_steady_ns();
    if (wait > 0) {
      usleep((useconds_t)(wait / 1000));
    } else if (wait < -1000000000) {
      next -= wait + 1000000000; // what cannot be kept up with is not made up for
    }
    do_one(w, (int)i);
  }
  wire_close(&w->w);
  return NULL;
}

typedef struct {
  long rss_kib, descriptors;
} needs;

static needs look(const char *pid)
{
  char name[64], line[256];
  needs n = {0};
  snprintf(name, sizeof name, "/proc/%s/status", pid);
  FILE *const f = fopen(name, "r");
  while (f && fgets(line, sizeof line, f)) {
    sscanf(line, "VmRSS: %ld", &n.rss_kib);
  }
  if (f) {
    fclose(f);
  }
  snprintf(name, sizeof name, "/proc/%s/fd", pid);
  DIR *const dir = opendir(name);
  while (dir && readdir(dir)) {
    ++n.descriptors;
  }
  if (dir) {
    closedir(dir);
  }
  return n;
}

static void sleep_until(int64_t ns)
{
  for (int64_t left; (left = ns - stoa_clock_steady_ns()) > 0;) {
    usleep((useconds_t)(left / 1000 < 500000 ? left / 1000 : 500000));
  }
}

static void print_part(worker *workers, int n, int part, const char *title, needs of)
{
  printf("%s: RSS %ld MiB, %ld descriptors\n", title, of.rss_kib / 1024, of.descriptors);
  for (int k = 0; k < N_KINDS; ++k) {
    latency all = {0};
    for (int i = 0; i < n; ++i) {
      const latency *const l = &workers[i].took[k][part];
      for (size_t j = 0; j < l->n; ++j) {
        latency_add(&all, l->ns[j]);
      }
    }
    latency_sort(&all);
    printf("  %-7s %7.1f/s  p50 %8.2f  p99 %8.2f  p999 %8.2f  most %8.2f ms\n", names[k],
           (double)all.n * 1e10 / (double)lasts, latency_at(&all, .5), latency_at(&all, .99), latency_at(&all, .999),
           latency_at(&all, 1));
    free(all.ns);
  }
}

int main(int argc, char **argv)
{
  static worker workers[] = {{.does = RANK, .per_second = 20},   {.does = RANK, .per_second = 20},
                             {.does = VECTOR, .per_second = 20}, {.does = VECTOR, .per_second = 20},
                             {.does = EVENT, .per_second = 20},  {.does = QUERY, .per_second = 2},
                             {.does = RELOAD, .per_second = .2}};
  enum { N = sizeof workers / sizeof *workers };
  uint64_t errors = 0;
  if (argc < 6 || argc > 5 + MOST_QUERIES || atoi(argv[4]) < 10) {
    fputs("usage: soak SOCKET HTTP-PORT PID SECONDS QUERY-PATH...\n", stderr);
    return 2;
  }
  path = argv[1];
  port = argv[2];
  n_queries = argc - 5;
  memcpy(queries, argv + 5, (size_t)n_queries * sizeof *queries);
  lasts = atoll(argv[4]) * 1000000000;
  began = stoa_clock_steady_ns();
  for (int i = 0; i < N; ++i) {
    workers[i].d.state = (uint64_t)i;
    pthread_create(&workers[i].thread, NULL, run, &workers[i]);
  }
  sleep_until(began + lasts / 10);
  const needs first = look(argv[3]);
  sleep_until(began + lasts);
  const needs last = look(argv[3]); // while the connections are there, as at the start
  for (int i = 0; i < N; ++i) {
    pthread_join(workers[i].thread, NULL);
  }
  print_part(workers, N, FIRST, "the first tenth", first);
  print_part(workers, N, LAST, "the last tenth", last);
  printf("errors:");
  for (int k = 0; k < N_KINDS; ++k) {
    uint64_t n = 0;
    for (int i = 0; i < N; ++i) {
      n += workers[i].errors[k];
    }
    printf(" %s %llu", names[k], (unsigned long long)n);
    errors += n;
  }
  const bool grew = last.descriptors > first.descriptors + 20 || last.rss_kib > first.rss_kib * 3 / 2 + 65536;
  printf("\nRSS %+ld KiB, descriptors %+ld: %s\n", last.rss_kib - first.rss_kib, last.descriptors - first.descriptors,
         errors ? "ERRORS"
         : grew ? "GROWN"
                : "well");
  return errors || grew;
}
