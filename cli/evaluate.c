// stoa policy evaluate: what another policy would have earned, from a log of decisions with their propensities.
#include "cli/evaluate.h"
#include "graph/base/buf.h"
#include "personalizer/confidence.h"
#include "personalizer/logged.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLOT = 40, MOST_ROWS = 1000 };

typedef struct {
  const char *path, *against, *format;
  stoa_log_columns columns;
  stoa_offpolicy_options options;
} call;

typedef struct {
  const call *call;
  stoa_arena arena;
  stoa_log log;
  stoa_logged_table table;
  stoa_reward_model *plain, *weighted;
  stoa_offpolicy all;
  double least, most; ///< anytime-valid, of IPS
} evaluation;

// ---- the policy that is evaluated

static bool is_action(const stoa_log *log, const char *name, uint32_t *out)
{
  for (uint32_t i = 0; i < log->actions.n; ++i) {
    if (strcmp(log->actions.items[i], name) == 0) {
      *out = i;
      return true;
    }
  }
  return false;
}

static uint32_t find_name(const stoa_names *names, const char *name)
{
  uint32_t i = 0;
  while (i < names->n && strcmp(names->items[i], name) != 0) {
    ++i;
  }
  return i;
}

// What share of the events of each group another log shows each action: shares[group][action] of this one's numbers.
static stoa_status shares_of(evaluation *v, double **out, stoa_error *err)
{
  stoa_log other;
  const uint32_t n_actions = v->log.actions.n;
  STOA_TRY(stoa_log_read(v->call->against, &v->call->columns, &v->arena, &other, err));
  double *const shares = STOA_NEWS(&v->arena, double, (size_t)n_actions * v->log.groups.n);
  double *const totals = STOA_NEWS(&v->arena, double, v->log.groups.n);
  uint32_t *const action_of = STOA_NEWS(&v->arena, uint32_t, other.actions.n + 1),
                  *const group_of = STOA_NEWS(&v->arena, uint32_t, other.groups.n + 1);
  for (uint32_t i = 0; i < other.actions.n; ++i) {
    action_of[i] = find_name(&v->log.actions, other.actions.items[i]);
  }
  for (uint32_t i = 0; i < other.groups.n; ++i) {
    group_of[i] = find_name(&v->log.groups, other.groups.items[i]);
  }
  for (uint32_t i = 0; i < other.events.n; ++i) {
    const stoa_logged *const e = &other.events.items[i];
    const uint32_t group = group_of[e->group], action = action_of[e->actions[e->shown]];
    if (group < v->log.groups.n) {
      totals[group]++;
    }
    if (group < v->log.groups.n && action < n_actions) {
      shares[(size_t)group * n_actions + action]++;
    }
  }
  for (size_t i = 0; i < (size_t)n_actions * v->log.groups.n; ++i) {
    const double total = totals[i / n_actions];
    shares[i] = total > 0 ? shares[i] / total : 0;
  }
  *out = shares;
  return STOA_OK;
}

typedef enum { UNIFORM, FIRST, LOGGED, ONE, SHARES } target_kind;

typedef struct {
  target_kind kind;
  uint32_t action;
  const double *shares;
} target;

static stoa_status find_target(evaluation *v, target *out, stoa_error *err)
{
  const char *const name = v->call->against;
  *out = (target){.kind = strcmp(name, "uniform") == 0  ? UNIFORM
                          : strcmp(name, "first") == 0  ? FIRST
                          : strcmp(name, "logged") == 0 ? LOGGED
                                                        : ONE};
  if (out->kind == FIRST && !v->log.has_first) {
    return stoa_error_set(err, STOA_BAD_ARG, "a table does not tell which action came first; use uniform, an action or another log");
  }
  if (out->kind == ONE && !is_action(&v->log, name, &out->action)) {
    double *shares;
    stoa_error unread = {0};
    if (shares_of(v, &shares, &unread) != STOA_OK) {
      return stoa_error_set(err, STOA_BAD_ARG, "\"%s\" is none of uniform, first, logged, no action of the log, and no log: %s", name,
                            unread.text);
    }
    *out = (target){.kind = SHARES, .shares = shares};
  }
  return STOA_OK;
}

// Where a table knows the propensity of the shown action alone, a policy that is the log's own gives that one all the
// rest is not told of.
static double pi_of(const evaluation *v, const target *t, uint32_t i, uint32_t a)
{
  const stoa_logged *const e = &v->log.events.items[i];
  switch (t->kind) {
    case UNIFORM:
      return 1.0 / e->n;
    case FIRST:
      return a == 0;
    case LOGGED:
      return v->log.logged.items[i] ? v->log.logged.items[i][a]
             : a == e->shown        ? e->propensity
                                    : (1 - e->propensity) / (e->n - 1 ? e->n - 1 : 1);
    case ONE:
      return e->actions[a] == t->action;
    case SHARES:
      return t->shares[(size_t)e->group * v->log.actions.n + e->actions[a]];
  }
  return 0;
}

// Events of a table that differ in nothing share their probabilities.
static const double *shared_pi(evaluation *v, const target *t, const double **of_group, uint32_t i)
{
  const stoa_logged *const e = &v->log.events.items[i];
  const bool is_shared = !v->log.logged.items[i] && t->kind != LOGGED;
  if (is_shared && of_group[e->group]) {
    return of_group[e->group];
  }
  double *const pi = STOA_NEWS(&v->arena, double, e->n);
  for (uint32_t a = 0; a < e->n; ++a) {
    pi[a] = pi_of(v, t, i, a);
  }
  if (is_shared) {
    of_group[e->group] = pi;
  }
  return pi;
}

static void set_target(evaluation *v, const target *t)
{
  const double **const of_group = STOA_NEWS(&v->arena, const double *, v->log.groups.n + 1);
  for (uint32_t i = 0; i < v->log.events.n; ++i) {
    v->log.events.items[i].pi = shared_pi(v, t, of_group, i);
  }
}

// ---- estimates

static void follow(evaluation *v)
{
  double low = 0, high = 0;
  stoa_confidence c;
  for (size_t i = 0; i < v->table.n; ++i) {
    const double r = v->table.items[i].reward * v->all.greatest;
    low = r < low ? r : low;
    high = r > high ? r : high;
  }
  if (!(low < high)) {
    v->least = v->most = v->all.value[STOA_OFFPOLICY_IPS];
    return;
  }
  stoa_confidence_begin(&c, low, high, 0.05);
  for (size_t i = 0; i < v->table.n; ++i) {
    const stoa_logged *const e = &v->table.items[i];
    stoa_confidence_add(&c, e->pi[e->shown] / e->propensity * e->reward);
  }
  stoa_confidence_tell(&c, &v->least, &v->most);
}

static stoa_status estimate(evaluation *v, stoa_error *err)
{
  target t;
  STOA_TRY(stoa_log_read(v->call->path, &v->call->columns, &v->arena, &v->log, err));
  STOA_TRY(find_target(v, &t, err));
  set_target(v, &t);
  v->table = (stoa_logged_table){v->log.events.items, v->log.events.n, v->log.actions.n, v->log.groups.n};
  v->plain = stoa_reward_model_new(&v->table, false);
  v->weighted = stoa_reward_model_new(&v->table, true);
  if (!v->plain || !v->weighted) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for %u actions in %u groups", v->log.actions.n, v->log.groups.n);
  }
  stoa_offpolicy_estimate(&v->table, NULL, v->plain, v->weighted, &v->call->options, &v->all);
  follow(v);
  return STOA_OK;
}

// ---- telling it

static int place(double x, double low, double high)
{
  const double at = (x - low) / (high - low) * (PLOT - 1);
  return at < 0 ? 0 : at > PLOT - 1 ? PLOT - 1 : (int)(at + 0.5);
}

// One line of the plot: an interval, its value, and the log's own mean.
static void plot(double value, double error, double logged, double low, double high)
{
  char line[PLOT + 1];
  memset(line, ' ', PLOT);
  line[PLOT] = '\0';
  if (low < high) {
    const int from = place(value - 1.96 * error, low, high), to = place(value + 1.96 * error, low, high);
    memset(line + from, '-', (size_t)(to - from + 1));
    line[place(logged, low, high)] = ':';
    line[place(value, low, high)] = '|';
  }
  printf("  %s\n", line);
}

static double least_of(double a, double b)
{
  return a < b ? a : b;
}

static void print_estimates(const evaluation *v)
{
  double low = v->all.logged, high = v->all.logged;
  for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
    low = least_of(low, v->all.value[k] - 1.96 * v->all.error[k]);
    high = -least_of(-high, -v->all.value[k] - 1.96 * v->all.error[k]);
  }
  printf("%-8s %10s %24s   %-18.6g%22.6g\n", "", "value", "95 % of the time", low, high);
  for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
    const double x = v->all.value[k], e = 1.96 * v->all.error[k];
    printf("%-8s %10.6f %11.6f .. %9.6f", stoa_offpolicy_names[k], x, x - e, x + e);
    plot(x, v->all.error[k], v->all.logged, low, high);
  }
  printf("IPS at any time, however often it is looked at: %.6f .. %.6f\n", v->least, v->most);
}

static void print_head(const evaluation *v)
{
  printf("%s: %zu decisions, %u actions, mean reward %.6f (\":\" below)\n", v->call->path, v->table.n, v->log.actions.n, v->all.logged);
  if (v->log.n_skipped) {
    printf("%u lines are no decision with its reward, and are left out\n", v->log.n_skipped);
  }
  printf("against %s: effective sample size %.0f, mean weight %.4f, greatest %.4g\n\n", v->call->against, v->all.effective, v->all.mean_weight,
         v->all.greatest);
}

static void print_segments(evaluation *v)
{
  bool *const keep = STOA_NEWS(&v->arena, bool, v->table.n);
  if (v->log.segments.n < 2) {
    return;
  }
  printf("\n%-32s %9s %10s %10s %10s %10s\n", "segment", "n", "logged", "SNIPS", "DR", "effective");
  for (uint32_t s = 0; s < v->log.segments.n && s < MOST_ROWS; ++s) {
    stoa_offpolicy one;
    for (size_t i = 0; i < v->table.n; ++i) {
      keep[i] = v->log.segment_of.items[i] == s;
    }
    stoa_offpolicy_estimate(&v->table, keep, v->plain, v->weighted, &v->call->options, &one);
    printf("%-32s %9zu %10.6f %10.6f %10.6f %10.0f\n", v->log.segments.items[s], one.n, one.logged,
           one.value[STOA_OFFPOLICY_SNIPS], one.value[STOA_OFFPOLICY_DR], one.effective);
  }
}

typedef struct {
  size_t shown;
  double reward, pi;
} arm;

static arm *count_arms(evaluation *v)
{
  arm *const arms = STOA_NEWS(&v->arena, arm, v->log.actions.n + 1);
  for (size_t i = 0; i < v->table.n; ++i) {
    const stoa_logged *const e = &v->table.items[i];
    arm *const shown = &arms[e->actions[e->shown]];
    shown->shown++;
    shown->reward += e->reward;
    for (uint32_t a = 0; a < e->n; ++a) {
      arms[e->actions[a]].pi += e->pi[a];
    }
  }
  return arms;
}

static void print_arms(evaluation *v)
{
  const arm *const arms = count_arms(v);
  printf("\n%-32s %9s %10s %10s %10s\n", "action", "shown", "reward", "share", "against");
  for (uint32_t a = 0; a < v->log.actions.n && a < MOST_ROWS; ++a) {
    printf("%-32s %9zu %10.6f %10.4f %10.4f\n", v->log.actions.items[a], arms[a].shown,
           arms[a].shown ? arms[a].reward / (double)arms[a].shown : 0, (double)arms[a].shown / (double)v->table.n,
           arms[a].pi / (double)v->table.n);
  }
}

static void print_json(const evaluation *v)
{
  printf("{\"decisions\":%zu,\"logged\":%.17g,\"effective\":%.17g,\"mean_weight\":%.17g,\"greatest_weight\":%.17g,\"any_time\":[%.17g,%.17g]",
         v->table.n, v->all.logged, v->all.effective, v->all.mean_weight, v->all.greatest, v->least, v->most);
  for (int k = 0; k < STOA_OFFPOLICY_KINDS; ++k) {
    printf(",\"%s\":{\"value\":%.17g,\"error\":%.17g}", stoa_offpolicy_names[k], v->all.value[k], v->all.error[k]);
  }
  printf("}\n");
}

static int evaluate(const call *c)
{
  evaluation v = {.call = c};
  stoa_error err = {0};
  stoa_arena_init(&v.arena, 0);
  stoa_status status = estimate(&v, &err);
  if (status == STOA_OK && strcmp(c->format, "json") == 0) {
    print_json(&v);
  } else if (status == STOA_OK) {
    print_head(&v);
    print_estimates(&v);
    print_segments(&v);
    print_arms(&v);
  }
  stoa_reward_model_free(v.plain);
  stoa_reward_model_free(v.weighted);
  stoa_arena_done(&v.arena);
  return status == STOA_OK ? 0 : stoa_cli_fail(&err);
}

static bool is_number(const char *text, double least, double *out)
{
  char *end;
  *out = strtod(text, &end);
  return text[0] && !*end && isfinite(*out) && *out >= least;
}

int stoa_policy_evaluate(stoa_args *args)
{
  call c = {.against = "uniform", .format = "text", .options = {.tau = 10, .lambda = 100}};
  const char *tau = "10", *lambda = "100";
  while (!stoa_args_end(args)) {
    const char *dir;
    if (stoa_args_option(args, "--against", &c.against) || stoa_args_option(args, "--action", &c.columns.action) ||
        stoa_args_option(args, "--reward", &c.columns.reward) || stoa_args_option(args, "--propensity", &c.columns.propensity) ||
        stoa_args_option(args, "--group", &c.columns.group) || stoa_args_option(args, "--segment", &c.columns.segment) ||
        stoa_args_option(args, "--tau", &tau) || stoa_args_option(args, "--lambda", &lambda) ||
        stoa_args_option(args, "--format", &c.format) || stoa_args_option(args, "-C", &dir)) {
      continue;
    }
    const char *const word = stoa_args_word(args);
    if (c.path || !word) {
      return stoa_cli_usage("policy", "cannot take \"%s\"", stoa_args_current(args));
    }
    c.path = word;
  }
  if (!c.path) {
    return stoa_cli_usage("policy", "evaluate needs a log: FILE.csv, or a file of dsjson lines");
  }
  if (strcmp(c.format, "text") != 0 && strcmp(c.format, "json") != 0) {
    return stoa_cli_usage("policy", "--format is text or json");
  }
  if (!is_number(tau, 0, &c.options.tau) || !is_number(lambda, 0, &c.options.lambda)) {
    return stoa_cli_usage("policy", "--tau and --lambda are numbers, 0 at least");
  }
  return evaluate(&c);
}
