// stoa rank, stoa reward, stoa policy: operations of the server's table.
#include "cli/ask.h"
#include "cli/cli.h"
#include "cli/evaluate.h"
#include "server/resp.h"
#include <stdio.h>

typedef struct {
  const char *dir, *words[3];
  int n_words;
} words;

static int read_words(stoa_args *args, const char *verb, int n_words, words *out)
{
  *out = (words){.dir = "."};
  while (!stoa_args_end(args)) {
    if (stoa_args_option(args, "-C", &out->dir)) {
      continue;
    }
    const char *const word = stoa_args_word(args);
    if (out->n_words == n_words) {
      return stoa_cli_usage(verb, "cannot take \"%s\"", word);
    }
    out->words[out->n_words++] = word;
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
  while ((n = fread(chunk, 1, sizeof chunk, stdin)) > 0 && buf->length <= STOA_MOST_BODY) {
    stoa_buf_add(buf, chunk, n);
  }
  return (stoa_slice){buf->data ? buf->data : "", buf->length};
}

static int ask(const char *dir, const stoa_cli_asked *asked)
{
  stoa_buf reply = {0};
  const int code = stoa_cli_ask(dir, asked, &reply);
  printf("%.*s", (int)reply.length, reply.length ? reply.data : "");
  stoa_buf_done(&reply);
  return code;
}

int stoa_verb_rank(stoa_args *args)
{
  words w;
  stoa_buf buf = {0};
  const int code = read_words(args, "rank", 2, &w);
  if (code) {
    return code;
  }
  const stoa_cli_asked a = {.operation = STOA_OPERATION_RANK,
                            .command = "RANK",
                            .what = "POLICY",
                            .name = w.words[0],
                            .argument = read_input(w.words[1], &buf)};
  const int result = ask(w.dir, &a);
  stoa_buf_done(&buf);
  return result;
}

int stoa_verb_reward(stoa_args *args)
{
  words w;
  double value;
  const int code = read_words(args, "reward", 2, &w);
  if (code) {
    return code;
  }
  if (!stoa_resp_number(stoa_slice_of(w.words[1]), &value)) {
    return stoa_cli_usage("reward", "\"%s\" is no number", w.words[1]);
  }
  const stoa_cli_asked a = {.operation = STOA_OPERATION_REWARD,
                            .command = "REWARD",
                            .what = "EVENT-ID",
                            .name = w.words[0],
                            .argument = stoa_slice_of(w.words[1]),
                            .value = value};
  return ask(w.dir, &a);
}

int stoa_verb_policy(stoa_args *args)
{
  words w;
  if (args->at < args->argc && strcmp(stoa_args_current(args), "evaluate") == 0) {
    stoa_args_word(args);
    return stoa_policy_evaluate(args);
  }
  if (args->at < args->argc && strcmp(stoa_args_current(args), "simulate") == 0) {
    stoa_args_word(args);
    return stoa_policy_simulate(args);
  }
  const int code = read_words(args, "policy", 2, &w);
  if (code) {
    return code;
  }
  if (strcmp(w.words[0], "show") != 0) {
    return stoa_cli_usage("policy", "\"%s\" is none of show, evaluate, simulate", w.words[0]);
  }
  const stoa_cli_asked a = {
    .operation = STOA_OPERATION_POLICY, .command = "POLICY.SHOW", .what = "POLICY", .name = w.words[1]};
  return ask(w.dir, &a);
}
