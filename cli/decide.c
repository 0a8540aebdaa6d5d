// stoa rank, stoa reward, stoa policy: operations of the server's table.  The state has one owner: while a server runs
// they are sent to its Unix socket as the commands of the same operations; else they run here, by the same functions.
#include "cli/cli.h"
#include "cli/forward.h"
#include "graph/base/clock.h"
#include "server/dispatcher.h"
#include "server/resp.h"
#include "server/server.h"
#include <stdio.h>
#include <unistd.h>

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

// What is asked, in the words of the command line.
typedef struct {
  stoa_operation_id operation;
  const char *command; ///< that a server knows it by
  const char *name;
  stoa_slice argument; ///< a body, or the text of a value; empty: none
  double value;
} asked;

static int print_reply(const stoa_reply *reply)
{
  if (reply->status != STOA_OK) {
    return stoa_cli_fail(&reply->err);
  }
  if (reply->kind == STOA_REPLY_DONE) {
    puts("OK");
  } else {
    printf("%.*s\n", (int)reply->text.length, reply->text.data);
  }
  return 0;
}

static int run_here(stoa_engine *engine, const asked *a)
{
  static const stoa_log silent = {0};
  stoa_limits limits;
  stoa_error err = {0};
  stoa_dispatcher *dispatcher;
  if (stoa_limits_read(engine, &limits, &err) != STOA_OK ||
      stoa_dispatcher_new(engine, &limits, &silent, false, &dispatcher, &err) != STOA_OK) {
    return stoa_cli_fail(&err);
  }
  stoa_call *const call = stoa_call_new(stoa_dispatcher_shared(dispatcher), &stoa_operations[a->operation]);
  stoa_call_name(call, a->operation == STOA_OPERATION_REWARD ? "EVENT-ID" : "POLICY", stoa_slice_of(a->name));
  call->request.body = a->argument;
  call->request.value = a->value;
  stoa_dispatcher_run(dispatcher, call, STOA_ROLE_CALLER);
  const int code = print_reply(&call->reply);
  stoa_call_free(call);
  stoa_dispatcher_free(dispatcher);
  return code;
}

// Another process has the state: a server, which is asked, or one like this one, whose end is waited for.
static stoa_status open_or_forward(const char *dir, const asked *a, stoa_faults *faults, stoa_engine **engine,
                                   int *code, stoa_error *err)
{
  enum { WAIT_MS = 10000, PAUSE_MS = 50 };
  const stoa_slice command[] = {stoa_slice_of(a->command), stoa_slice_of(a->name), a->argument};
  const int64_t last_ns = stoa_clock_steady_ns() + INT64_C(1000000) * WAIT_MS;
  *engine = NULL;
  for (;;) {
    stoa_error taken = {0}, unheard = {0};
    const stoa_status opened = stoa_engine_open(dir, STOA_ENGINE_OWN, faults, engine, &taken);
    if (opened != STOA_CONFLICT) {
      *err = taken;
      return opened;
    }
    const stoa_status status = stoa_forward(dir, command, a->argument.length ? 3 : 2, code, &unheard);
    if (status != STOA_UNAVAILABLE || stoa_clock_steady_ns() > last_ns) {
      *err = unheard;
      return status;
    }
    usleep(PAUSE_MS * 1000);
  }
}

static int ask(const char *dir, const asked *a)
{
  stoa_error err = {0};
  stoa_faults faults = {0};
  stoa_engine *engine;
  int code = 0;
  if (open_or_forward(dir, a, &faults, &engine, &code, &err) != STOA_OK) {
    code = stoa_cli_fail(&err);
  } else if (engine) {
    code = stoa_cli_faults(&faults);
    code = code ? code : run_here(engine, a);
    stoa_engine_close(engine);
  }
  stoa_faults_done(&faults);
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
  const asked a = {STOA_OPERATION_RANK, "RANK", w.words[0], read_input(w.words[1], &buf), 0};
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
  const asked a = {STOA_OPERATION_REWARD, "REWARD", w.words[0], stoa_slice_of(w.words[1]), value};
  return ask(w.dir, &a);
}

int stoa_verb_policy(stoa_args *args)
{
  words w;
  const int code = read_words(args, "policy", 2, &w);
  if (code) {
    return code;
  }
  if (strcmp(w.words[0], "show") != 0) {
    return stoa_cli_usage("policy", "\"%s\" is not supported yet; show is", w.words[0]);
  }
  const asked a = {STOA_OPERATION_POLICY, "POLICY.SHOW", w.words[1], {"", 0}, 0};
  return ask(w.dir, &a);
}
