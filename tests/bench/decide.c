// What a decision and a label cost in process: CPU of one core, by the explorer.  Examples of 10 actions:
//   A: 20 categories of each action                       B: 10 of the context and 10 of each action, with all 100 pairs
// tests/bench/decide [ROUNDS]: a row for each explorer, in microseconds and labels a second, and what the model takes.
// tests/bench/decide vw A|B [ROUNDS]: the same examples as lines of Vowpal Wabbit's --cb_explore_adf.
#include "personalizer/ensemble.h"
#include "graph/base/hash.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ACTIONS = 10, EXAMPLES = 512, VALUES = 50 };

static double now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint32_t value_of(uint32_t example, uint32_t action, uint32_t feature)
{
  return (uint32_t)(stoa_hash_mix(example * 1000003ULL + action * 1009ULL + feature) % VALUES);
}

static void add(stoa_hashed_list *list, stoa_arena *arena, const char *space, uint32_t feature, uint32_t value)
{
  char name[16], text[16];
  snprintf(name, sizeof name, "f%u", feature);
  snprintf(text, sizeof text, "v%u", value);
  stoa_hashed_text(list, arena, space, name, stoa_slice_of(text), NULL);
}

static stoa_example *example_of(uint32_t i, char kind, stoa_arena *arena)
{
  stoa_example *const e = STOA_NEW(arena, stoa_example);
  e->n_actions = ACTIONS;
  for (uint32_t f = 0; f < 10 && kind == 'B'; ++f) {
    add(&e->context, arena, "c", f, value_of(i, 99, f));
  }
  for (uint32_t a = 0; a < ACTIONS; ++a) {
    e->actions[a].id = "a";
    for (uint32_t f = 0; f < (kind == 'A' ? 20 : 10); ++f) {
      add(&e->actions[a].features, arena, "a", f, value_of(i, a, f));
    }
  }
  return e;
}

static double cost_of(uint32_t i, uint32_t action)
{
  return value_of(i, action, 0) < VALUES / 5 ? -1 : 0;
}

static void write_vw(char kind, uint32_t rounds)
{
  for (uint32_t r = 0; r < rounds; ++r) {
    const uint32_t i = r % EXAMPLES, chosen = value_of(r, 7, 7) % ACTIONS;
    if (kind == 'B') {
      printf("shared |c");
      for (uint32_t f = 0; f < 10; ++f) {
        printf(" f%u=v%u", f, value_of(i, 99, f));
      }
      putchar('\n');
    }
    for (uint32_t a = 0; a < ACTIONS; ++a) {
      if (a == chosen) {
        printf("0:%g:0.1 ", cost_of(i, a));
      }
      printf("|a");
      for (uint32_t f = 0; f < (kind == 'A' ? 20 : 10); ++f) {
        printf(" f%u=v%u", f, value_of(i, a, f));
      }
      putchar('\n');
    }
    putchar('\n');
  }
}

static double decide_us(const stoa_ensemble *m, stoa_example *const *examples, uint32_t rounds)
{
  static const bool none[STOA_MOST_ACTIONS];
  stoa_scores scores;
  double p[STOA_MOST_ACTIONS], best = 1e9;
  uint32_t sum = 0;
  for (int part = 0; part < 5; ++part) { // the least of five: others run beside
    const double start = now_us();
    for (uint32_t r = 0; r < rounds / 5; ++r) {
      stoa_ensemble_predict(m, examples[r % EXAMPLES], none, &scores);
      stoa_explorer_probabilities(&m->explorer, &scores, p);
      sum += stoa_explorer_draw(p, scores.n, r);
    }
    const double each = (now_us() - start) / (rounds / 5);
    best = each < best ? each : best;
  }
  return sum ? best : -1;
}

static double learn_us(stoa_ensemble *m, stoa_example *const *examples, uint32_t rounds)
{
  double best = 1e9;
  for (uint32_t part = 0; part < 5; ++part) {
    const double start = now_us();
    for (uint32_t r = 0; r < rounds / 5; ++r) {
      const uint32_t i = r % EXAMPLES, chosen = value_of(r + part * rounds, 7, 7) % ACTIONS;
      stoa_ensemble_learn(m, examples[i], chosen, 0.1, cost_of(i, chosen));
    }
    const double each = (now_us() - start) / (rounds / 5);
    best = each < best ? each : best;
  }
  return best;
}

static const stoa_yaml *yaml_of(const char *text, stoa_arena *arena)
{
  const stoa_yaml *node = NULL;
  stoa_error err = {0};
  return text[0] && stoa_yaml_read(stoa_slice_of(text), "it", 1, arena, &node, &err) == STOA_OK ? node : NULL;
}

static void measure(const char *explorer, const char *learner, char kind, stoa_example *const *examples, uint32_t rounds)
{
  stoa_arena arena;
  stoa_explorer e;
  stoa_learner_options l;
  stoa_ensemble m;
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  if (stoa_explorer_read(yaml_of(explorer, &arena), &e, &err) != STOA_OK ||
      stoa_learner_options_read(yaml_of(learner, &arena), &l, &err) != STOA_OK || !stoa_ensemble_init(&m, &l, &e)) {
    fprintf(stderr, "%s\n", err.text);
    exit(1);
  }
  const double learn = learn_us(&m, examples, rounds), decide = decide_us(&m, examples, rounds);
  printf("%c  %-24s %-16s %8.1f us %10.0f /s %8.1f MB\n", kind, explorer[0] ? explorer : "(default)",
         learner[0] ? learner : "(default)", decide, 1e6 / learn, (double)stoa_ensemble_bytes(&m) / 1e6);
  stoa_ensemble_done(&m);
  stoa_arena_done(&arena);
}

int main(int argc, char **argv)
{
  static const char *const explorers[] = {"",          "{kind: epsilon}",  "{kind: squarecb}", "{kind: regcb-elim}",
                                          "{kind: bag}", "{kind: cover}", "{kind: thompson}"};
  if (argc > 2 && strcmp(argv[1], "vw") == 0) {
    write_vw(argv[2][0], argc > 3 ? (uint32_t)atoi(argv[3]) : 50000);
    return 0;
  }
  const uint32_t rounds = argc > 1 ? (uint32_t)atoi(argv[1]) : 50000;
  printf("%-44s %11s %13s %11s\n", "   explorer, learner", "a decision", "labels", "weights");
  for (const char *kind = "AB"; *kind; ++kind) {
    stoa_arena arena;
    stoa_example *examples[EXAMPLES];
    stoa_arena_init(&arena, 0);
    for (uint32_t i = 0; i < EXAMPLES; ++i) {
      examples[i] = example_of(i, *kind, &arena);
    }
    for (size_t i = 0; i < sizeof explorers / sizeof *explorers; ++i) {
      measure(explorers[i], "", *kind, examples, i < 4 ? rounds : rounds / 5);
      measure(explorers[i], "{rate: 0.5}", *kind, examples, i < 4 ? rounds : rounds / 5);
    }
    stoa_arena_done(&arena);
  }
  return 0;
}
