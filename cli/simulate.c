// stoa policy simulate: a table whose labels are known is played as a bandit, which is told of what it showed alone.
#include "cli/evaluate.h"
#include "graph/base/map.h"
#include "graph/source/csv.h"
#include "personalizer/policy.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LABELS = 1000, MOST_REWARDS = 64, STEPS = 10 };

typedef struct {
  const char *path, *label, *ignored, *explorer, *learner, *format, *seed, *log;
  const char *rewards[MOST_REWARDS];
  uint32_t n_rewards;
} call;

/// What an action earns, by the label; else `other`.
typedef struct {
  const char *id;
  STOA_LIST(const char *) labels;
  STOA_LIST(double) rewards;
  double other;
} arm;

typedef STOA_LIST(arm) arms;

typedef struct {
  const call *call;
  stoa_csv *csv;
  uint32_t label;
  bool *ignored; ///< [column]
  arms arms;
  stoa_arena arena;
  stoa_policy *policy; ///< that plays
  double earned, greedy, best; ///< by what was shown, by what was thought best, by what would have been
  double *fixed;                  ///< [arm]: always that one
  uint64_t n, n_wrong;            ///< rows; those where another arm would have earned more
  uint64_t seed;
  FILE *log; ///< of what was shown; or NULL
  double part_earned[STEPS];
  uint64_t part_n[STEPS], n_rows;
} play;

// ---- arms

static stoa_status bad_rewards(const char *text, stoa_error *err)
{
  return stoa_error_set(err, STOA_BAD_ARG, "--rewards \"%s\" is none of the kind ACTION=LABEL:1,LABEL:-0.05 or ACTION=0", text);
}

static bool read_number(const char *text, double *out)
{
  char *end;
  *out = strtod(text, &end);
  return text[0] && !*end && isfinite(*out) && *out >= -1 && *out <= 1;
}

// ACTION=LABEL:REWARD,LABEL:REWARD, of other labels nothing; or ACTION=REWARD, of all.
static stoa_status read_arm(play *p, const char *text, stoa_error *err)
{
  char *const copy = stoa_arena_copy(&p->arena, stoa_slice_of(text)), *const is = strchr(copy, '='), *save = NULL;
  arm a = {.id = copy};
  if (!is || is == copy || !is[1]) {
    return bad_rewards(text, err);
  }
  *is = '\0';
  if (read_number(is + 1, &a.other)) {
    STOA_PUSH(&p->arena, &p->arms, a);
    return STOA_OK;
  }
  for (char *at = strtok_r(is + 1, ",", &save); at; at = strtok_r(NULL, ",", &save)) {
    char *const colon = strrchr(at, ':');
    double reward;
    if (!colon || !read_number(colon + 1, &reward)) {
      return bad_rewards(text, err);
    }
    *colon = '\0';
    const char *const label = at;
    STOA_PUSH(&p->arena, &a.labels, label);
    STOA_PUSH(&p->arena, &a.rewards, reward);
  }
  a.other = 0;
  STOA_PUSH(&p->arena, &p->arms, a);
  return STOA_OK;
}

static double reward_of(const arm *a, stoa_slice label)
{
  for (uint32_t i = 0; i < a->labels.n; ++i) {
    if (stoa_slice_is(label, a->labels.items[i])) {
      return a->rewards.items[i];
    }
  }
  return a->other;
}

static stoa_slice field_of(const play *p, uint32_t column)
{
  const stoa_slice field = stoa_csv_field(p->csv, column);
  return field.data ? field : (stoa_slice){"", 0};
}

// Without other rewards there is an arm for each label, which earns 1 by it.
static stoa_status add_label(play *p, stoa_slice label, stoa_map *known, stoa_error *err)
{
  if (stoa_map_find(known, label)) {
    return STOA_OK;
  }
  if (p->arms.n == STOA_MOST_ACTIONS) {
    return stoa_error_set(err, STOA_TOO_LARGE, "%s: column %s has more than %d labels", p->call->path, p->call->label,
                          STOA_MOST_ACTIONS);
  }
  arm a = {.id = stoa_arena_copy(&p->arena, label)};
  const double one = 1;
  STOA_PUSH(&p->arena, &a.labels, a.id);
  STOA_PUSH(&p->arena, &a.rewards, one);
  stoa_map_add(known, &p->arena, stoa_slice_of(a.id), (void *)a.id);
  STOA_PUSH(&p->arena, &p->arms, a);
  return STOA_OK;
}

static stoa_status count_rows(play *p, stoa_error *err)
{
  stoa_map known = {0};
  for (bool more = true;;) {
    STOA_TRY(stoa_csv_next(p->csv, &more, err));
    if (!more) {
      break;
    }
    p->n_rows++;
    if (p->call->n_rewards == 0) {
      STOA_TRY(add_label(p, field_of(p, p->label), &known, err));
    }
  }
  return p->n_rows ? STOA_OK : stoa_error_set(err, STOA_BAD_ARG, "%s: there are no rows", p->call->path);
}

// ---- a row

static stoa_status add_feature(play *p, stoa_example *e, uint32_t column, stoa_arena *arena, stoa_error *err)
{
  const stoa_slice field = field_of(p, column);
  const char *const name = stoa_csv_name(p->csv, column);
  char text[64], *end;
  snprintf(text, sizeof text, "%.*s", (int)field.length, field.data);
  const double number = strtod(text, &end);
  if (field.length == 0) {
    return STOA_OK;
  }
  return field.length < sizeof text && !*end && isfinite(number)
           ? stoa_hashed_number(&e->context, arena, "c", name, number, err)
           : stoa_hashed_text(&e->context, arena, "c", name, field, err);
}

static stoa_status make_example(play *p, stoa_example *e, stoa_arena *arena, stoa_error *err)
{
  for (uint32_t c = 0; c < stoa_csv_n_columns(p->csv); ++c) {
    if (c != p->label && !p->ignored[c]) {
      STOA_TRY(add_feature(p, e, c, arena, err));
    }
  }
  e->n_actions = p->arms.n;
  for (uint32_t a = 0; a < p->arms.n; ++a) {
    e->actions[a].id = p->arms.items[a].id;
    STOA_TRY(stoa_hashed_text(&e->actions[a].features, arena, "a", "id", stoa_slice_of(p->arms.items[a].id), err));
  }
  return STOA_OK;
}

static void count(play *p, uint32_t chosen, uint32_t greedy, stoa_slice label)
{
  double best = -INFINITY;
  const double earned = reward_of(&p->arms.items[chosen], label);
  for (uint32_t a = 0; a < p->arms.n; ++a) {
    const double r = reward_of(&p->arms.items[a], label);
    best = r > best ? r : best;
    p->fixed[a] += r;
  }
  const uint64_t part = p->n * STEPS / p->n_rows;
  p->earned += earned;
  p->greedy += reward_of(&p->arms.items[greedy], label);
  p->best += best;
  p->n_wrong += earned < best;
  p->part_earned[part] += earned;
  p->part_n[part]++;
  p->n++;
}

static void write_log(const play *p, uint32_t chosen, double reward, double propensity)
{
  stoa_buf line = {0};
  if (p->log) {
    stoa_buf_csv(&line, stoa_slice_of(p->arms.items[chosen].id));
    fprintf(p->log, "%s,%.17g,%.17g\n", stoa_buf_string(&line), reward, propensity);
  }
  stoa_buf_done(&line);
}

static stoa_status play_row(play *p, stoa_error *err)
{
  static const bool none[STOA_MOST_ACTIONS];
  double probabilities[STOA_MOST_ACTIONS];
  stoa_scores scores;
  stoa_arena arena;
  stoa_bandit_figures figures;
  stoa_arena_init(&arena, 0);
  stoa_example *const e = STOA_NEW(&arena, stoa_example);
  const stoa_status status = make_example(p, e, &arena, err);
  if (status == STOA_OK) {
    stoa_bandit_predict(p->policy->bandit, e, none, &scores, &figures);
    stoa_explorer_probabilities(&p->policy->explorer, &scores, probabilities);
    char id[64];
    const int n = snprintf(id, sizeof id, "%llu-%llu", (unsigned long long)p->seed, (unsigned long long)p->n);
    const uint32_t chosen = stoa_explorer_draw(probabilities, e->n_actions, stoa_explorer_seed(id, (uint64_t)n));
    uint32_t n_ties;
    const uint32_t greedy = stoa_scores_best(scores.costs, none, e->n_actions, &n_ties);
    const stoa_slice label = field_of(p, p->label);
    const double reward = reward_of(&p->arms.items[chosen], label);
    count(p, chosen, greedy, label);
    write_log(p, chosen, reward, probabilities[chosen]);
    stoa_bandit_note(p->policy->bandit, e, chosen, probabilities[chosen], reward, (int64_t)p->n);
  }
  stoa_arena_done(&arena);
  return status;
}

// ---- the table

static stoa_status find_column(const play *p, const char *name, size_t n, uint32_t *out, stoa_error *err)
{
  for (*out = 0; *out < stoa_csv_n_columns(p->csv); ++*out) {
    const char *const its = stoa_csv_name(p->csv, *out);
    if (strlen(its) == n && memcmp(its, name, n) == 0) {
      return STOA_OK;
    }
  }
  return stoa_error_at(err, STOA_BAD_ARG, (stoa_place){p->call->path, 1, 1}, "has no column \"%.*s\"", (int)n, name);
}

static stoa_status find_columns(play *p, stoa_error *err)
{
  STOA_TRY(find_column(p, p->call->label, strlen(p->call->label), &p->label, err));
  p->ignored = STOA_NEWS(&p->arena, bool, stoa_csv_n_columns(p->csv) + 1);
  for (const char *at = p->call->ignored; at && *at; at += strspn(at, ",")) {
    uint32_t column;
    const size_t n = strcspn(at, ",");
    STOA_TRY(find_column(p, at, n, &column, err));
    p->ignored[column] = true;
    at += n;
  }
  return STOA_OK;
}

static stoa_status each_row(play *p, stoa_status (*of)(play *p, stoa_error *err), stoa_error *err)
{
  STOA_TRY(stoa_csv_open(p->call->path, &p->csv, err));
  stoa_status status = find_columns(p, err);
  status = status == STOA_OK ? of(p, err) : status;
  stoa_csv_close(p->csv);
  return status;
}

static stoa_status play_rows(play *p, stoa_error *err)
{
  for (bool more = true;;) {
    STOA_TRY(stoa_csv_next(p->csv, &more, err));
    if (!more) {
      return STOA_OK;
    }
    STOA_TRY(play_row(p, err));
  }
}

// Written on close, so that a full disk is told.
static stoa_status play_logged(play *p, stoa_error *err)
{
  p->log = p->call->log ? fopen(p->call->log, "w") : NULL;
  if (p->call->log && !p->log) {
    return stoa_error_at(err, STOA_IO, (stoa_place){p->call->log, 1, 1}, "cannot be written: %s", strerror(errno));
  }
  if (!p->log) {
    return each_row(p, play_rows, err);
  }
  fputs("action,reward,propensity\n", p->log);
  stoa_status status = each_row(p, play_rows, err);
  const bool is_written = !ferror(p->log);
  if ((fclose(p->log) != 0 || !is_written) && status == STOA_OK) {
    status = stoa_error_at(err, STOA_IO, (stoa_place){p->call->log, 1, 1}, "cannot be written: %s", strerror(errno));
  }
  return status;
}

static stoa_status play_all(play *p, stoa_error *err)
{
  for (uint32_t i = 0; i < p->call->n_rewards; ++i) {
    STOA_TRY(read_arm(p, p->call->rewards[i], err));
  }
  STOA_TRY(each_row(p, count_rows, err));
  p->fixed = STOA_NEWS(&p->arena, double, p->arms.n + 1);
  STOA_TRY(stoa_policy_of_options(p->call->explorer, p->call->learner, &p->arena, &p->policy, err));
  return play_logged(p, err);
}

// ---- telling it

static void print_text(const play *p)
{
  const double n = (double)p->n;
  printf("%s: %llu rows, %u actions\n\n", p->call->path, (unsigned long long)p->n, p->arms.n);
  printf("%-24s %10s %14s\n", "", "mean", "cumulative");
  printf("%-24s %10.6f %14.2f\n", "what was shown", p->earned / n, p->earned);
  printf("%-24s %10.6f %14.2f\n", "what was thought best", p->greedy / n, p->greedy);
  printf("%-24s %10.6f %14.2f\n", "best in hindsight", p->best / n, p->best);
  for (uint32_t a = 0; a < p->arms.n; ++a) {
    printf("always %-17s %10.6f %14.2f\n", p->arms.items[a].id, p->fixed[a] / n, p->fixed[a]);
  }
  printf("\nprogressive loss: %.6f of the rows had a better action than the one shown\n\nmean reward by tenths of the table:\n", (double)p->n_wrong / n);
  for (int i = 0; i < STEPS; ++i) {
    printf("  %3d %% %10.6f\n", (i + 1) * 100 / STEPS, p->part_n[i] ? p->part_earned[i] / (double)p->part_n[i] : 0);
  }
}

static void print_json(const play *p)
{
  printf("{\"rows\":%llu,\"loss\":%.17g,\"reward\":%.17g,\"greedy_reward\":%.17g,\"best_reward\":%.17g,\"always\":{",
         (unsigned long long)p->n, (double)p->n_wrong / (double)p->n, p->earned, p->greedy, p->best);
  for (uint32_t a = 0; a < p->arms.n; ++a) {
    stoa_buf id = {0};
    stoa_buf_json(&id, stoa_slice_of(p->arms.items[a].id));
    printf("%s%s:%.17g", a ? "," : "", stoa_buf_string(&id), p->fixed[a]);
    stoa_buf_done(&id);
  }
  printf("},\"tenths\":[");
  for (int i = 0; i < STEPS; ++i) {
    printf("%s%.17g", i ? "," : "", p->part_n[i] ? p->part_earned[i] / (double)p->part_n[i] : 0);
  }
  printf("],\"weights\":%llu}\n", (unsigned long long)stoa_bandit_bytes(p->policy->bandit));
}

static int simulate(const call *c)
{
  play p = {.call = c, .seed = strtoull(c->seed, NULL, 10)};
  stoa_error err = {0};
  stoa_arena_init(&p.arena, 0);
  const stoa_status status = play_all(&p, &err);
  if (status == STOA_OK && strcmp(c->format, "json") == 0) {
    print_json(&p);
  } else if (status == STOA_OK) {
    print_text(&p);
  }
  if (p.policy) {
    stoa_policy_free(p.policy);
  }
  stoa_arena_done(&p.arena);
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}

int stoa_policy_simulate(stoa_args *args)
{
  call c = {.format = "text", .seed = "1", .explorer = "", .learner = ""};
  while (!stoa_args_end(args)) {
    const char *rewards;
    if (stoa_args_option(args, "--label", &c.label) || stoa_args_option(args, "--ignore", &c.ignored) ||
        stoa_args_option(args, "--explorer", &c.explorer) || stoa_args_option(args, "--learner", &c.learner) ||
        stoa_args_option(args, "--format", &c.format) || stoa_args_option(args, "--seed", &c.seed) ||
        stoa_args_option(args, "--log", &c.log)) {
      continue;
    }
    if (stoa_args_option(args, "--rewards", &rewards)) {
      if (c.n_rewards == MOST_REWARDS) {
        return stoa_cli_usage("policy", "--rewards more than %d times", MOST_REWARDS);
      }
      c.rewards[c.n_rewards++] = rewards;
      continue;
    }
    const char *const word = stoa_args_word(args);
    if (c.path || !word) {
      return stoa_cli_usage("policy", "cannot take \"%s\"", stoa_args_current(args));
    }
    c.path = word;
  }
  if (!c.path || !c.label) {
    return stoa_cli_usage("policy", "simulate needs a table and --label COLUMN");
  }
  if (strcmp(c.format, "text") != 0 && strcmp(c.format, "json") != 0) {
    return stoa_cli_usage("policy", "--format is text or json");
  }
  if (!c.seed[0] || c.seed[strspn(c.seed, "0123456789")]) {
    return stoa_cli_usage("policy", "--seed is a whole number, 0 at least");
  }
  return simulate(&c);
}
