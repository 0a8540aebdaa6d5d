// A simulated bank: customers of the example bank answer offers by a known model.  The best of five
// offers depends on three features of the graph: the income band, the bureau's risk band, and what the
// rest of the household holds, two hops away.  Prints, for each seed, the mean expected reward of the
// last quarter of decisions beside that of the best policy and of the best fixed offer.  With the path of a
// server's Unix socket, decisions and rewards go over it; the same seed then gives the same line.
#include "graph/base/hash.h"
#include "personalizer/engine.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { N_OFFERS = 5, N_TRAITS = 3, MOST_CUSTOMERS = 5000 };

static const char *const offers[N_OFFERS] = {"guarantee", "instant_credit", "home_credit", "car_lease", "savings_plan"};

// Which values of the three traits each offer suits: every one that fits adds .3 to a chance of .05.
static const char *const suits[N_OFFERS][N_TRAITS] = {{"low", "good", "borrower"},
                                                      {"middle", "poor", "borrower"},
                                                      {"high", "good", "none"},
                                                      {"low", "fair", "saver"},
                                                      {"middle", "fair", "none"}};

static char traits[MOST_CUSTOMERS][N_TRAITS][16];

static double chance(int customer, int offer)
{
  double p = 0.05;
  for (int i = 0; i < N_TRAITS; ++i) {
    p += strcmp(traits[customer][i], suits[offer][i]) == 0 ? 0.3 : 0;
  }
  return p;
}

static uint64_t state;

static double uniform(void)
{
  state += UINT64_C(0x9E3779B97F4A7C15);
  return (double)(stoa_hash_mix(state) >> 11) * 0x1p-53;
}

static int fail(const stoa_error *err)
{
  char text[800];
  fprintf(stderr, "%s\n", stoa_error_print(err, text, sizeof text));
  return 1;
}

static stoa_status read_traits(stoa_engine *e, int n, stoa_error *err)
{
  const stoa_service *service;
  stoa_context context;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_context_init(&context, stoa_engine_now(e));
  stoa_status status = stoa_registry_need_service(stoa_engine_layer(e)->registry, "segment", &service, err);
  for (int first = 0; status == STOA_OK && first < n; first += 500) {
    stoa_slice keys[500];
    const stoa_term *values;
    uint32_t k = 0;
    for (; k < 500 && first + (int)k < n; ++k) {
      keys[k] = stoa_slice_of(stoa_arena_print(&arena, "%d", first + (int)k + 1));
    }
    status = stoa_features_compute(service, keys, k, NULL, &context, &arena, &values, err);
    for (uint32_t i = 0; status == STOA_OK && i < k; ++i) {
      for (int t = 0; t < N_TRAITS; ++t) {
        const stoa_slice text = stoa_term_lexical(values[i * N_TRAITS + (uint32_t)t], &arena);
        snprintf(traits[first + (int)i][t], sizeof traits[0][0], "%.*s", (int)text.length, text.data);
      }
    }
  }
  stoa_arena_done(&arena);
  return status;
}

static int offer_of(stoa_slice answer)
{
  static const char mark[] = "\"rewardActionId\":\"";
  const char *const at = strstr(answer.data, mark) + sizeof mark - 1;
  int i = 0;
  while (strncmp(at, offers[i], strlen(offers[i])) != 0) {
    ++i;
  }
  return i;
}

// Where decisions are asked for: the engine in process, or a server's socket.
typedef struct {
  stoa_engine *engine;
  int socket; ///< -1: in process
} door;

static stoa_status failed(stoa_error *err, const char *what)
{
  return stoa_error_set(err, STOA_IO, "the socket: %s: %s", what, strerror(errno));
}

// Send a command of RESP and read its answer: a line, or a bulk string with its length before it.
static stoa_status ask(int fd, const char *const *words, int n, stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  stoa_buf text = {0};
  char answer[65536];
  size_t have = 0, wanted = SIZE_MAX, skip = 1;
  stoa_buf_print(&text, "*%d\r\n", n);
  for (int i = 0; i < n; ++i) {
    stoa_buf_print(&text, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
  }
  const ssize_t sent = write(fd, text.data, text.length);
  const bool whole = sent == (ssize_t)text.length;
  stoa_buf_done(&text);
  if (!whole) {
    return failed(err, "write");
  }
  while (have < wanted) {
    const ssize_t got = read(fd, answer + have, sizeof answer - 1 - have);
    if (got <= 0) {
      return failed(err, "read");
    }
    have += (size_t)got;
    answer[have] = 0;
    const char *const end = strstr(answer, "\r\n");
    if (end && wanted == SIZE_MAX) {
      const size_t line = (size_t)(end - answer) + 2;
      skip = answer[0] == '$' ? line : 1;
      wanted = answer[0] == '$' ? line + strtoul(answer + 1, NULL, 10) + 2 : line;
    }
  }
  *out = stoa_arena_slice(arena, (stoa_slice){answer + skip, have - skip - 2});
  return answer[0] == '-' ? stoa_error_set(err, STOA_INTERNAL, "%s", out->data) : STOA_OK;
}

static stoa_status rank(const door *d, const char *request, stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  if (d->socket < 0) {
    return stoa_engine_rank(d->engine, "simulated", stoa_slice_of(request), arena, out, err);
  }
  const char *const words[] = {"RANK", "simulated", request};
  return ask(d->socket, words, 3, arena, out, err);
}

static stoa_status reward(const door *d, const char *id, int value, stoa_arena *arena, stoa_error *err)
{
  if (d->socket < 0) {
    return stoa_engine_reward(d->engine, id, value, err);
  }
  stoa_slice answer;
  const char *const words[] = {"REWARD", id, value ? "1" : "0"};
  return ask(d->socket, words, 3, arena, &answer, err);
}

typedef struct {
  double earned, best, fixed[N_OFFERS];
} sums;

static void count(sums *s, int customer, int shown)
{
  double most = 0;
  for (int k = 0; k < N_OFFERS; ++k) {
    s->fixed[k] += chance(customer, k);
    most = chance(customer, k) > most ? chance(customer, k) : most;
  }
  s->earned += chance(customer, shown);
  s->best += most;
}

static stoa_status decide(const door *d, bool with_graph, uint64_t seed, int i, int customer, int *shown,
                          stoa_error *err)
{
  stoa_arena arena;
  stoa_slice answer;
  stoa_arena_init(&arena, 0);
  const char *const id = stoa_arena_print(&arena, "s%llu-%d", (unsigned long long)seed, i);
  const char *const request = with_graph
                                ? stoa_arena_print(&arena, "{\"subject\":\"%d\",\"eventId\":\"%s\"}", customer + 1, id)
                                : stoa_arena_print(&arena, "{\"eventId\":\"%s\"}", id);
  stoa_status status = rank(d, request, &arena, &answer, err);
  if (status == STOA_OK) {
    *shown = offer_of(answer);
    status = reward(d, id, uniform() < chance(customer, *shown), &arena, err);
  }
  stoa_arena_done(&arena);
  return status;
}

static void print_line(const sums *s, uint64_t seed, int n)
{
  double best_fixed = 0;
  for (int k = 0; k < N_OFFERS; ++k) {
    best_fixed = s->fixed[k] > best_fixed ? s->fixed[k] : best_fixed;
  }
  printf("seed %llu earned %.4f best %.4f share %.4f fixed %.4f\n", (unsigned long long)seed, s->earned / n,
         s->best / n, s->earned / s->best, best_fixed / s->best);
}

static int run(const char *dir, const char *path, bool with_graph, uint64_t seed, int n_decisions, int n_customers)
{
  door d = {.socket = -1};
  stoa_faults faults = {0};
  stoa_error err = {0};
  sums s = {0};
  if (stoa_engine_open(dir, STOA_ENGINE_MEMORY, &faults, &d.engine, &err) != STOA_OK || faults.n_errors ||
      read_traits(d.engine, n_customers, &err) != STOA_OK) {
    return fail(faults.n_errors ? &faults.items[0] : &err);
  }
  if (path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    d.socket = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(d.socket, (struct sockaddr *)&address, sizeof address) != 0) {
      failed(&err, path);
      return fail(&err);
    }
  }
  state = seed * 1000003;
  for (int i = 0; i < n_decisions; ++i) {
    const int customer = (int)(uniform() * n_customers);
    int shown;
    if (decide(&d, with_graph, seed, i, customer, &shown, &err) != STOA_OK) {
      return fail(&err);
    }
    if (i >= n_decisions * 3 / 4) {
      count(&s, customer, shown);
    }
  }
  print_line(&s, seed, n_decisions - n_decisions * 3 / 4);
  stoa_faults_done(&faults);
  stoa_engine_close(d.engine);
  if (d.socket >= 0) {
    close(d.socket);
  }
  return 0;
}

int main(int argc, char **argv)
{
  if (argc != 6 && argc != 7) {
    fputs("usage: simulate BANK graph|blind SEED DECISIONS CUSTOMERS [SOCKET]\n", stderr);
    return 2;
  }
  const int n_customers = atoi(argv[5]);
  if (n_customers < 1 || n_customers > MOST_CUSTOMERS) {
    return 2;
  }
  return run(argv[1], argc == 7 ? argv[6] : NULL, strcmp(argv[2], "graph") == 0, strtoull(argv[3], NULL, 10),
             atoi(argv[4]), n_customers);
}
