// A simulated bank: customers of the example bank answer offers by a known model.  The best of five
// offers depends on three features of the graph: the income band, the bureau's risk band, and what the
// rest of the household holds, two hops away.  Prints, for each seed, the mean expected reward of the
// last quarter of decisions beside that of the best policy and of the best fixed offer.
#include "graph/base/hash.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>

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
  stoa_context_init(&context, e->clock->now_us(e->clock));
  stoa_status status = stoa_registry_need_service(e->registry, "segment", &service, err);
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

static int run(const char *dir, bool with_graph, uint64_t seed, int n_decisions, int n_customers)
{
  stoa_engine *e;
  stoa_faults faults = {0};
  stoa_error err = {0};
  if (stoa_engine_open(dir, STOA_ENGINE_MEMORY, &faults, &e, &err) != STOA_OK || faults.n_errors ||
      read_traits(e, n_customers, &err) != STOA_OK) {
    return fail(faults.n_errors ? &faults.items[0] : &err);
  }
  double earned = 0, best = 0, fixed[N_OFFERS] = {0};
  const int from = n_decisions * 3 / 4;
  state = seed * 1000003;
  for (int i = 0; i < n_decisions; ++i) {
    stoa_arena arena;
    stoa_slice answer;
    stoa_arena_init(&arena, 0);
    const int customer = (int)(uniform() * n_customers);
    const char *const id = stoa_arena_print(&arena, "s%llu-%d", (unsigned long long)seed, i);
    const char *const request =
      with_graph ? stoa_arena_print(&arena, "{\"subject\":\"%d\",\"eventId\":\"%s\"}", customer + 1, id)
                 : stoa_arena_print(&arena, "{\"eventId\":\"%s\"}", id);
    if (stoa_engine_rank(e, "simulated", stoa_slice_of(request), &arena, &answer, &err) != STOA_OK) {
      return fail(&err);
    }
    const int shown = offer_of(answer);
    if (stoa_engine_reward(e, id, uniform() < chance(customer, shown) ? 1 : 0, &err) != STOA_OK) {
      return fail(&err);
    }
    stoa_arena_done(&arena);
    if (i >= from) {
      double most = 0;
      for (int k = 0; k < N_OFFERS; ++k) {
        fixed[k] += chance(customer, k);
        most = chance(customer, k) > most ? chance(customer, k) : most;
      }
      earned += chance(customer, shown);
      best += most;
    }
  }
  double best_fixed = 0;
  for (int k = 0; k < N_OFFERS; ++k) {
    best_fixed = fixed[k] > best_fixed ? fixed[k] : best_fixed;
  }
  const int n = n_decisions - from;
  printf("seed %llu earned %.4f best %.4f share %.4f fixed %.4f\n", (unsigned long long)seed, earned / n, best / n,
         earned / best, best_fixed / best);
  stoa_faults_done(&faults);
  stoa_engine_close(e);
  return 0;
}

int main(int argc, char **argv)
{
  if (argc != 6) {
    fputs("usage: simulate BANK graph|blind SEED DECISIONS CUSTOMERS\n", stderr);
    return 2;
  }
  const int n_customers = atoi(argv[5]);
  if (n_customers < 1 || n_customers > MOST_CUSTOMERS) {
    return 2;
  }
  return run(argv[1], strcmp(argv[2], "graph") == 0, strtoull(argv[3], NULL, 10), atoi(argv[4]), n_customers);
}
