// stoa rank, stoa reward, stoa policy.  The state has one owner: while a server runs, rank and reward
// are sent to its Unix socket; else the verb takes the lock itself.
#include "cli/cli.h"
#include "cli/forward.h"
#include "graph/base/file.h"
#include "personalizer/engine.h"
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  const char *dir, *words[3];
  int n_words;
} call;

static int read_call(stoa_args *args, const char *verb, int n_words, call *out)
{
  *out = (call){.dir = "."};
  while (!stoa_args_end(args)) {
    if (stoa_args_option(args, "-C", &out->dir)) {
      continue;
    }
    // A reward may be negative, and "-" is standard input: neither is an option.
    if (out->n_words == n_words) {
      return stoa_cli_usage(verb, "cannot take \"%s\"", stoa_args_current(args));
    }
    out->words[out->n_words++] = args->argv[args->at++];
  }
  return out->n_words == n_words ? 0 : stoa_cli_usage(verb, "%d arguments expected, found %d", n_words, out->n_words);
}

static stoa_slice read_input(const char *word, stoa_buf *buf)
{
  char chunk[4096];
  size_t n;
  if (strcmp(word, "-") != 0) {
    return stoa_slice_of(word);
  }
  while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0 && buf->length < (1U << 20)) {
    stoa_buf_add(buf, chunk, n);
  }
  return (stoa_slice){buf->data, buf->length};
}

// Open the engine as owner; when a server owns the state, forward the command instead.
static int with_owner(const call *c, const stoa_slice *command, size_t n_command,
                      int (*run)(stoa_engine *, const call *, stoa_slice), stoa_slice input)
{
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  const stoa_status status = stoa_engine_open(c->dir, STOA_ENGINE_OWN, &faults, &engine, &err);
  int code;
  if (status == STOA_CONFLICT) {
    code = stoa_forward(c->dir, command, n_command);
  } else if (status != STOA_OK) {
    code = stoa_cli_fail(&err);
  } else {
    code = stoa_cli_faults(&faults);
    code = code ? code : run(engine, c, input);
    stoa_engine_close(engine);
  }
  stoa_faults_done(&faults);
  return code;
}

static int run_rank(stoa_engine *engine, const call *c, stoa_slice input)
{
  stoa_arena arena;
  stoa_error err = {0};
  stoa_slice answer;
  int code = 0;
  stoa_arena_init(&arena, 0);
  if (stoa_engine_rank(engine, c->words[0], input, &arena, &answer, &err) == STOA_OK) {
    printf("%.*s\n", (int)answer.length, answer.data);
  } else {
    code = stoa_cli_fail(&err);
  }
  stoa_arena_done(&arena);
  return code;
}

int stoa_verb_rank(stoa_args *args)
{
  call c;
  stoa_buf buf = {0};
  const int code = read_call(args, "rank", 2, &c);
  if (code) {
    return code;
  }
  const stoa_slice input = read_input(c.words[1], &buf);
  const stoa_slice command[] = {stoa_slice_of("RANK"), stoa_slice_of(c.words[0]), input};
  const int result = with_owner(&c, command, 3, run_rank, input);
  stoa_buf_done(&buf);
  return result;
}

static int run_reward(stoa_engine *engine, const call *c, stoa_slice input)
{
  stoa_error err = {0};
  char *end;
  const double value = strtod(c->words[1], &end);
  (void)input;
  if (end == c->words[1] || *end) {
    return stoa_cli_usage("reward", "\"%s\" is no number", c->words[1]);
  }
  if (stoa_engine_reward(engine, c->words[0], value, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  puts("OK");
  return 0;
}

int stoa_verb_reward(stoa_args *args)
{
  call c;
  const int code = read_call(args, "reward", 2, &c);
  if (code) {
    return code;
  }
  const stoa_slice command[] = {stoa_slice_of("REWARD"), stoa_slice_of(c.words[0]), stoa_slice_of(c.words[1])};
  return with_owner(&c, command, 3, run_reward, (stoa_slice){"", 0});
}

static int run_policy(stoa_engine *engine, const call *c, stoa_slice input)
{
  (void)input;
  const stoa_policy *const p = stoa_engine_policy(engine, c->words[1]);
  if (!p) {
    fprintf(stderr, "error: there is no policy \"%s\"\n", c->words[1]);
    return 1;
  }
  const stoa_bandit_figures figures = stoa_bandit_tell(p->bandit);
  printf("policy %s: %llu labels learned, mean reward %.4f, model at offset %lld of the log, %u actions, service %s\n",
         p->name, (unsigned long long)figures.n_learned,
         figures.n_learned ? figures.reward_sum / (double)figures.n_learned : 0.0, (long long)figures.offset,
         p->n_actions, p->service ? p->service : "(none)");
  return 0;
}

int stoa_verb_policy(stoa_args *args)
{
  call c;
  const int code = read_call(args, "policy", 2, &c);
  if (code) {
    return code;
  }
  if (strcmp(c.words[0], "show") != 0) {
    return stoa_cli_usage("policy", "\"%s\" is not supported yet; show is", c.words[0]);
  }
  const stoa_slice command[] = {stoa_slice_of("POLICY.SHOW"), stoa_slice_of(c.words[1])};
  return with_owner(&c, command, 2, run_policy, (stoa_slice){"", 0});
}
