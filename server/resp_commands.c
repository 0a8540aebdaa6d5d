// One table of commands makes what they do, COMMAND's answers, permissions and the manual page (stoa-serve.1).
#include "graph/base/name.h"
#include "server/quick.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef stoa_resp_command command;

static void refuse(stoa_peer *peer, const char *text)
{
  stoa_resp_error(&peer->out, "ERR", "%s", text);
  stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
}

static stoa_call *call_of(stoa_peer *peer, const command *c, stoa_resp_shape shape)
{
  stoa_resp *const r = peer->state;
  const stoa_resp_row *const row = r->row;
  (void)c;
  r->shape = shape;
  stoa_quick_end(peer);
  stoa_call *const call = stoa_peer_call(peer, (stoa_operation_id)row->operation);
  call->route = row->name;
  stoa_call_purpose(call, stoa_slice_of(r->purpose));
  return call;
}

// What an argument is, as the table calls it: the first of SERVICE:KEY FEATURE..., such as SERVICE.
static const char *word_of(const stoa_resp_row *row, uint32_t argument, char *out, size_t size)
{
  const char *at = row->arguments;
  for (; argument > 1 && *at; --argument) {
    at += strcspn(at, " ");
    at += strspn(at, " ");
  }
  at += strspn(at, "[");
  snprintf(out, size, "%.*s", (int)strcspn(at, " :.]"), at);
  return out;
}

// The argument names what the call is about.
static void set_name(stoa_peer *peer, stoa_call *call, uint32_t argument, stoa_slice name)
{
  char what[32];
  stoa_call_name(call, word_of(((stoa_resp *)peer->state)->row, argument, what, sizeof what), name);
}

// ---- features: "service:key", which the first colon parts

static bool split_key(stoa_slice argument, stoa_slice *service, stoa_slice *key)
{
  const char *const colon = memchr(argument.data, ':', argument.length);
  if (!colon) {
    return false;
  }
  *service = (stoa_slice){argument.data, (size_t)(colon - argument.data)};
  *key = (stoa_slice){colon + 1, argument.length - service->length - 1};
  return true;
}

static int operation_of(const stoa_peer *peer)
{
  return ((const stoa_resp *)peer->state)->row->operation;
}

static void ask_hash(stoa_peer *peer, const command *c, stoa_resp_shape shape, uint32_t first_field)
{
  stoa_slice service, key;
  if (!split_key(c->args[1], &service, &key)) {
    refuse(peer, "the key is SERVICE:KEY, such as next_offer:42");
    return;
  }
  if (operation_of(peer) == STOA_OPERATION_VECTOR && stoa_quick_hash(peer, c, shape, service, key, first_field)) {
    return;
  }
  stoa_call *const call = call_of(peer, c, shape);
  const uint32_t n = first_field < c->n ? c->n - first_field : 0;
  set_name(peer, call, 1, service);
  stoa_call_keys(call, &key, 1, c->args + first_field, n);
  stoa_peer_start(peer, call);
}

static void run_hmget(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_LIST, 2);
}

static void run_hget(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_ONE, 2);
}

static void run_hexists(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_HAS, 2);
}

static void run_hgetall(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_MAP, 2);
}

static void run_hvals(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_LIST, 2);
}

static void run_hkeys(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_NAMES, 2);
}

static void run_hlen(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_COUNT, 2);
}

static void run_type(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_TYPE, 2);
}

static void run_ttl(stoa_peer *peer, const command *c)
{
  ask_hash(peer, c, STOA_SHAPE_LEAST, 2);
}

// HTTL SERVICE:KEY FIELDS N FIELD...
static void run_httl(stoa_peer *peer, const command *c)
{
  char number[12] = "";
  snprintf(number, sizeof number, "%u", c->n - 4);
  if (!stoa_resp_is(c->args[2], "FIELDS") || !stoa_slice_is(c->args[3], number)) {
    refuse(peer, "HTTL is HTTL SERVICE:KEY FIELDS N FIELD...");
    return;
  }
  ask_hash(peer, c, STOA_SHAPE_EACH, 4);
}

static void run_exists(stoa_peer *peer, const command *c)
{
  stoa_slice first, service, keys[STOA_MOST_ARGUMENTS];
  for (uint32_t i = 1; i < c->n; ++i) {
    if (!split_key(c->args[i], &service, &keys[i - 1])) {
      refuse(peer, "the key is SERVICE:KEY, such as next_offer:42");
      return;
    }
    first = i == 1 ? service : first;
    if (first.length != service.length || memcmp(first.data, service.data, service.length) != 0) {
      refuse(peer, "EXISTS takes keys of one service");
      return;
    }
  }
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_EXISTS);
  set_name(peer, call, 1, first);
  stoa_call_keys(call, keys, c->n - 1, NULL, 0);
  stoa_peer_start(peer, call);
}

static void run_features_get(stoa_peer *peer, const command *c)
{
  if (stoa_quick_table(peer, c)) {
    return;
  }
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_TABLE);
  set_name(peer, call, 1, c->args[1]);
  stoa_call_keys(call, c->args + 2, c->n - 2, NULL, 0);
  stoa_peer_start(peer, call);
}

// ---- decisions

static void run_named(stoa_peer *peer, const command *c)
{
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_TEXT);
  set_name(peer, call, 1, c->args[1]);
  if (c->n > 2) {
    call->request.body = stoa_call_copy(call, c->args[2]);
  }
  stoa_peer_start(peer, call);
}

bool stoa_resp_number(stoa_slice text, double *out)
{
  char copy[64], *end;
  if (text.length == 0 || text.length >= sizeof copy) {
    return false;
  }
  for (size_t i = 0; i < text.length; ++i) {
    if (!strchr("0123456789+-.eE", text.data[i]) || !text.data[i]) {
      return false;
    }
  }
  memcpy(copy, text.data, text.length);
  copy[text.length] = '\0';
  *out = strtod(copy, &end);
  return *end == '\0' && isfinite(*out);
}

static void run_reward(stoa_peer *peer, const command *c)
{
  double value;
  if (!stoa_resp_number(c->args[2], &value)) {
    refuse(peer, "the reward is no number");
    return;
  }
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_TEXT);
  set_name(peer, call, 1, c->args[1]);
  call->request.value = value;
  if (c->n > 3) {
    char what[32];
    stoa_call_id(call, word_of(((stoa_resp *)peer->state)->row, 3, what, sizeof what), c->args[3]);
  }
  stoa_peer_start(peer, call);
}

static void run_erase(stoa_peer *peer, const command *c)
{
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_TEXT);
  set_name(peer, call, 1, c->args[1]);
  stoa_call_keys(call, c->args + 2, c->n - 2, NULL, 0);
  stoa_peer_start(peer, call);
}

static void run_plain(stoa_peer *peer, const command *c)
{
  stoa_peer_start(peer, call_of(peer, c, STOA_SHAPE_TEXT));
}

static void run_explain(stoa_peer *peer, const command *c)
{
  stoa_call *const call = call_of(peer, c, STOA_SHAPE_TEXT);
  call->request.how = stoa_arena_copy(&call->arena, c->args[1]);
  call->request.body = stoa_call_copy(call, c->args[2]);
  stoa_peer_start(peer, call);
}

// ---- the connection

static void run_echo(stoa_peer *peer, const command *c)
{
  stoa_resp_bulk(&peer->out, c->args[1]);
}

static void run_select(stoa_peer *peer, const command *c)
{
  stoa_slice_is(c->args[1], "0") ? stoa_buf_text(&peer->out, "+OK\r\n") : refuse(peer, "there is only database 0");
}

// Without an argument it tells the purpose.
static void run_purpose(stoa_peer *peer, const command *c)
{
  stoa_resp *const r = peer->state;
  if (c->n == 1) {
    stoa_resp_text(&peer->out, r->purpose);
    return;
  }
  stoa_error fault = {0};
  if (c->args[1].length && stoa_name_check("WORD", c->args[1], &fault) != STOA_OK) {
    refuse(peer, fault.text);
    return;
  }
  memcpy(r->purpose, c->args[1].data, c->args[1].length);
  r->purpose[c->args[1].length] = '\0';
  stoa_buf_text(&peer->out, "+OK\r\n");
}

static void run_quit(stoa_peer *peer, const command *c)
{
  (void)c;
  stoa_buf_text(&peer->out, "+OK\r\n");
  peer->close_after = true;
}

static void say_ok(stoa_peer *peer, const command *c)
{
  (void)c;
  stoa_buf_text(&peer->out, "+OK\r\n");
}

// ---- the table

enum { LOCAL = -1 };

static const stoa_resp_row rows[] = {
  {"PING", 1, 2, false, false, LOCAL, stoa_resp_ping, "[TEXT]", "answers PONG, or the text"},
  {"HMGET", 3, 0, false, false, STOA_OPERATION_VECTOR, run_hmget, "SERVICE:KEY FEATURE...", "features for a key"},
  {"HGETALL", 2, 2, false, false, STOA_OPERATION_VECTOR, run_hgetall, "SERVICE:KEY", "all features for a key"},
  {"HGET", 3, 3, false, false, STOA_OPERATION_VECTOR, run_hget, "SERVICE:KEY FEATURE", "one feature for a key"},
  {"HEXISTS", 3, 3, false, false, STOA_OPERATION_VECTOR, run_hexists, "SERVICE:KEY FEATURE",
   "whether a feature has a value"},
  {"HKEYS", 2, 2, false, false, STOA_OPERATION_SERVICE, run_hkeys, "SERVICE:KEY", "names of the features"},
  {"HVALS", 2, 2, false, false, STOA_OPERATION_VECTOR, run_hvals, "SERVICE:KEY", "values of the features"},
  {"HLEN", 2, 2, false, false, STOA_OPERATION_SERVICE, run_hlen, "SERVICE:KEY", "number of the features"},
  {"EXISTS", 2, 0, false, false, STOA_OPERATION_VECTOR, run_exists, "SERVICE:KEY...",
   "how many of the keys have any value"},
  {"TYPE", 2, 2, false, false, STOA_OPERATION_SERVICE, run_type, "SERVICE:KEY", "hash, or none of an unknown service"},
  {"TTL", 2, 2, false, false, STOA_OPERATION_SERVICE, run_ttl, "SERVICE:KEY",
   "for how many seconds the features are declared fresh; -1: not declared, -2: no such service"},
  {"HTTL", 5, 0, false, false, STOA_OPERATION_SERVICE, run_httl, "SERVICE:KEY FIELDS N FEATURE...",
   "the same of each feature"},
  {"FEATURES.GET", 3, 0, false, false, STOA_OPERATION_VECTOR, run_features_get, "SERVICE KEY...",
   "names, then the features of each key"},
  {"SUBSCRIBE", 2, 0, false, false, STOA_OPERATION_WATCH, stoa_resp_subscribe, "watch:VIEW[:CONDITION]...",
   "tells when conditions of a view turn true, as messages"},
  {"UNSUBSCRIBE", 1, 0, false, false, LOCAL, stoa_resp_unsubscribe, "[watch:VIEW[:CONDITION]...]",
   "leaves channels, or all of them"},
  {"PSUBSCRIBE", 2, 0, false, false, LOCAL, stoa_resp_psubscribe, "PATTERN...",
   "is refused: watch:VIEW has all conditions of a view"},
  {"PUNSUBSCRIBE", 1, 0, false, false, LOCAL, stoa_resp_punsubscribe, "[PATTERN...]", "leaves patterns, of which there are none"},
  {"PUBSUB", 2, 0, false, false, LOCAL, stoa_resp_pubsub, "CHANNELS [PATTERN]|NUMSUB [CHANNEL...]|NUMPAT",
   "tells which channels have subscribers"},
  {"RANK", 3, 3, false, false, STOA_OPERATION_RANK, run_named, "POLICY JSON", "a decision, durable"},
  {"REWARD", 3, 4, false, false, STOA_OPERATION_REWARD, run_reward, "EVENT-ID VALUE [REWARD-ID]",
   "rewards a decision, durably"},
  {"EVENT", 3, 3, false, false, STOA_OPERATION_EVENT, stoa_resp_event, "TYPE JSON", "keeps an event, durably"},
  {"ERASE", 3, 0, false, false, STOA_OPERATION_ERASE, run_erase, "ENTITY KEY...",
   "erases what the engine holds of entities; a receipt for each"},
  {"POLICY.SHOW", 2, 2, false, false, STOA_OPERATION_POLICY, run_named, "POLICY", "what a policy has learned"},
  {"EXPLAIN", 3, 3, false, false, STOA_OPERATION_EXPLAIN, run_explain, "algebra|plan|sql|analyze TEXT",
   "explains a query"},
  {"RELOAD", 1, 1, false, false, STOA_OPERATION_RELOAD, run_plain, "", "reads the project again"},
  {"CHECK", 1, 1, false, false, STOA_OPERATION_CHECK, run_plain, "", "every fault of the project as it is on disk"},
  {"INFO", 1, 0, false, false, STOA_OPERATION_METRICS, stoa_resp_info, "[SECTION...]", "the server and its counters"},
  {"ECHO", 2, 2, false, false, LOCAL, run_echo, "TEXT", "answers the text"},
  {"SELECT", 2, 2, false, false, LOCAL, run_select, "0", "there is only database 0"},
  {"PURPOSE", 1, 2, false, false, LOCAL, run_purpose, "[WORD]",
   "states for which purpose features are read from now on, or tells it"},
  {"AUTH", 2, 3, true, true, LOCAL, stoa_resp_auth, "[USER] KEY", "gives the server's key"},
  {"HELLO", 1, 0, true, false, LOCAL, stoa_resp_hello, "[2|3 [AUTH USER KEY] [SETNAME NAME]]", "chooses the protocol"},
  {"CLIENT", 2, 0, false, false, LOCAL, stoa_resp_client, "ID|GETNAME|SETNAME|SETINFO|INFO|LIST|...",
   "tells of this connection"},
  {"COMMAND", 1, 0, false, false, LOCAL, stoa_resp_command_info, "[COUNT|DOCS|INFO|LIST [NAME...]]",
   "tells of the commands"},
  {"CONFIG", 2, 0, false, false, LOCAL, stoa_resp_config, "GET PATTERN...", "tells of the configuration"},
  {"MULTI", 1, 1, false, true, LOCAL, stoa_resp_multi, "", "queues commands until EXEC, as a pipeline"},
  {"EXEC", 1, 1, false, true, LOCAL, stoa_resp_exec, "", "runs what is queued, one after another"},
  {"DISCARD", 1, 1, false, true, LOCAL, stoa_resp_discard, "", "forgets what is queued"},
  {"WATCH", 2, 0, false, true, LOCAL, say_ok, "KEY...", "does nothing: what is read is never written by clients"},
  {"UNWATCH", 1, 1, false, false, LOCAL, say_ok, "", "does nothing"},
  {"RESET", 1, 1, true, true, LOCAL, stoa_resp_reset, "", "begins the connection anew"},
  {"QUIT", 1, 0, true, true, LOCAL, run_quit, "", "ends the connection"},
};

const stoa_resp_table stoa_resp_commands = {rows, sizeof rows / sizeof *rows};
