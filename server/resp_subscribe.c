// Channels: each that a connection has is a call beside the others (stoa_peer_feed), whose turns are messages.  What is
// said of channels, and of messages, is a push of RESP3 and an array of RESP2.
#include "server/hub.h"
#include "server/loop.h"
#include "server/resp.h"
#include <fnmatch.h>

static const char prefix[] = "watch:";
enum { N_PREFIX = sizeof prefix - 1 };

static int protocol_of(const stoa_peer *peer)
{
  return ((const stoa_resp *)peer->state)->protocol;
}

static bool is_mine(const stoa_call *call)
{
  return !stoa_call_is_left(call);
}

static int64_t count(const stoa_peer *peer)
{
  int64_t n = 0;
  for (const stoa_call *at = peer->feeds; at; at = at->next) {
    n += is_mine(at);
  }
  return n;
}

static bool is_channel(const stoa_call *call, stoa_slice channel)
{
  return channel.length > N_PREFIX && memcmp(channel.data, prefix, N_PREFIX) == 0 &&
         stoa_slice_is((stoa_slice){channel.data + N_PREFIX, channel.length - N_PREFIX}, call->request.name);
}

static stoa_call *find(const stoa_peer *peer, stoa_slice channel)
{
  for (stoa_call *at = peer->feeds; at; at = at->next) {
    if (is_mine(at) && is_channel(at, channel)) {
      return at;
    }
  }
  return NULL;
}

static void write_channel(const stoa_call *call, stoa_buf *out)
{
  stoa_buf name = {0};
  stoa_buf_print(&name, "%s%s", prefix, call->request.name);
  stoa_resp_bulk(out, (stoa_slice){name.data, name.length});
  stoa_buf_done(&name);
}

// ---- messages

static void write_message(const stoa_call *call, int protocol, stoa_slice json, stoa_buf *out)
{
  stoa_resp_push(out, protocol, 3);
  stoa_resp_text(out, "message");
  write_channel(call, out);
  stoa_resp_bulk(out, json);
}

static void write_messages(const stoa_call *call, int protocol, stoa_slice lines, stoa_buf *out)
{
  while (lines.length) {
    const char *const end = memchr(lines.data, '\n', lines.length);
    const char *const json = memchr(lines.data, '{', lines.length); // no condition's name has one
    write_message(call, protocol, (stoa_slice){json, (size_t)(end - json)}, out);
    lines = (stoa_slice){end + 1, lines.length - (size_t)(end + 1 - lines.data)};
  }
}

// What has gone by a reload is a channel that was left; who fell behind is told why, and cut.
static void write_end(stoa_peer *peer, const stoa_call *call)
{
  const stoa_error *const why = &call->reply.err;
  if (why->status == STOA_NOT_FOUND) {
    stoa_resp_push(&peer->out, protocol_of(peer), 3);
    stoa_resp_text(&peer->out, "unsubscribe");
    write_channel(call, &peer->out);
    stoa_resp_integer(&peer->out, count(peer) - 1);
  } else if (why->status != STOA_OK) {
    stoa_resp_error(&peer->out, "ERR", "%s", why->text);
    peer->close_after = true;
  }
}

// Not within the array that EXEC answers.
bool stoa_resp_feed(stoa_peer *peer, stoa_call *call, bool is_over)
{
  const stoa_resp *const r = peer->state;
  if (r->replay.length) {
    return false;
  }
  stoa_buf lines = stoa_call_drain(call);
  write_messages(call, r->protocol, (stoa_slice){lines.data, lines.length}, &peer->out);
  stoa_buf_done(&lines);
  if (is_over) {
    write_end(peer, call);
  }
  return true;
}

// ---- coming and going

bool stoa_resp_only_listens(const stoa_peer *peer)
{
  return protocol_of(peer) != 3 && count(peer) > 0;
}

bool stoa_resp_may_listener(const stoa_resp_row *row)
{
  static const char *const names[] = {"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "PING", "QUIT", "RESET"};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
    if (strcmp(row->name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

static void say(stoa_peer *peer, const char *what, const stoa_slice *channel, int64_t n)
{
  stoa_resp_push(&peer->out, protocol_of(peer), 3);
  stoa_resp_text(&peer->out, what);
  channel ? stoa_resp_bulk(&peer->out, *channel) : stoa_resp_null(&peer->out, protocol_of(peer));
  stoa_resp_integer(&peer->out, n);
}

static void refuse(stoa_peer *peer, const stoa_error *err)
{
  stoa_resp_failure(&peer->out, err);
  stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
}

static bool begin(stoa_peer *peer, stoa_slice channel, stoa_error *err)
{
  if (channel.length <= N_PREFIX || memcmp(channel.data, prefix, N_PREFIX) != 0) {
    stoa_error_set(err, STOA_NOT_FOUND, "a channel is watch:VIEW or watch:VIEW:CONDITION, such as watch:contact");
    return false;
  }
  stoa_call *const call = stoa_peer_call(peer, STOA_OPERATION_WATCH);
  call->route = "SUBSCRIBE";
  stoa_call_name(call, "the channel", (stoa_slice){channel.data + N_PREFIX, channel.length - N_PREFIX});
  if (!stoa_peer_feed(peer, call)) {
    *err = call->reply.err;
    stoa_call_free(call);
    return false;
  }
  return true;
}

// All of them, or none.
void stoa_resp_subscribe(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_error err = {0};
  bool is_new[STOA_MOST_ARGUMENTS];
  const int64_t before = count(peer);
  if (((stoa_resp *)peer->state)->replay.length) {
    stoa_error_set(&err, STOA_UNSUPPORTED, "SUBSCRIBE within MULTI");
    refuse(peer, &err);
    return;
  }
  for (uint32_t i = 1; i < c->n; ++i) {
    is_new[i] = !find(peer, c->args[i]);
    if (is_new[i] && !begin(peer, c->args[i], &err)) {
      for (uint32_t k = 1; k < i; ++k) {
        is_new[k] ? stoa_peer_unfeed(find(peer, c->args[k])) : (void)0;
      }
      refuse(peer, &err);
      return;
    }
  }
  int64_t n = before;
  for (uint32_t i = 1; i < c->n; ++i) {
    n += is_new[i];
    say(peer, "subscribe", &c->args[i], n);
  }
}

static void leave(stoa_peer *peer, stoa_slice channel)
{
  stoa_call *const call = find(peer, channel);
  if (call) {
    stoa_peer_unfeed(call);
  }
  say(peer, "unsubscribe", &channel, count(peer));
}

void stoa_resp_leave_all(stoa_peer *peer)
{
  for (stoa_call *call = peer->feeds; call; call = call->next) {
    stoa_peer_unfeed(call);
  }
}

void stoa_resp_unsubscribe(stoa_peer *peer, const stoa_resp_command *c)
{
  for (uint32_t i = 1; i < c->n; ++i) {
    leave(peer, c->args[i]);
  }
  if (c->n == 1 && count(peer) == 0) {
    say(peer, "unsubscribe", NULL, 0);
    return;
  }
  for (stoa_call *call = c->n == 1 ? peer->feeds : NULL; call; call = call->next) {
    if (is_mine(call)) {
      stoa_buf name = {0};
      stoa_buf_print(&name, "%s%s", prefix, call->request.name);
      leave(peer, (stoa_slice){name.data, name.length});
      stoa_buf_done(&name);
    }
  }
}

void stoa_resp_psubscribe(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_error err = {0};
  (void)c;
  stoa_error_set(&err, STOA_UNSUPPORTED,
                 "there are no patterns of channels; SUBSCRIBE watch:VIEW has all conditions of a view, and takes many channels");
  refuse(peer, &err);
}

void stoa_resp_punsubscribe(stoa_peer *peer, const stoa_resp_command *c)
{
  for (uint32_t i = 1; i < c->n; ++i) {
    say(peer, "punsubscribe", &c->args[i], count(peer));
  }
  if (c->n == 1) {
    say(peer, "punsubscribe", NULL, count(peer));
  }
}

// RESP2 has one kind of answer for whoever listens.
void stoa_resp_ping(stoa_peer *peer, const stoa_resp_command *c)
{
  if (stoa_resp_only_listens(peer)) {
    stoa_resp_array(&peer->out, 2);
    stoa_resp_text(&peer->out, "pong");
    stoa_resp_bulk(&peer->out, c->n > 1 ? c->args[1] : (stoa_slice){"", 0});
  } else {
    c->n > 1 ? stoa_resp_bulk(&peer->out, c->args[1]) : stoa_buf_text(&peer->out, "+PONG\r\n");
  }
}

// ---- PUBSUB

typedef struct {
  const char *pattern; ///< of channels; NULL: all
  stoa_slice channel;  ///< of which the number is asked
  stoa_buf written;
  uint64_t n;
} asked;

static void list_channel(const char *name, uint64_t n_subscribers, void *data)
{
  asked *const a = data;
  stoa_buf channel = {0};
  (void)n_subscribers;
  stoa_buf_print(&channel, "%s%s", prefix, name);
  if (!a->pattern || fnmatch(a->pattern, stoa_buf_string(&channel), 0) == 0) {
    stoa_resp_bulk(&a->written, (stoa_slice){channel.data, channel.length});
    a->n++;
  }
  stoa_buf_done(&channel);
}

static void count_channel(const char *name, uint64_t n_subscribers, void *data)
{
  asked *const a = data;
  const stoa_slice its = a->channel;
  if (its.length > N_PREFIX && memcmp(its.data, prefix, N_PREFIX) == 0 &&
      stoa_slice_is((stoa_slice){its.data + N_PREFIX, its.length - N_PREFIX}, name)) {
    a->n = n_subscribers;
  }
}

static stoa_hub *hub_of(const stoa_peer *peer)
{
  return stoa_dispatcher_shared(peer->loop->server->dispatcher)->hub;
}

static void list_channels(stoa_peer *peer, const stoa_resp_command *c)
{
  char pattern[STOA_MOST_NAME + 1];
  asked a = {.pattern = c->n > 2 ? pattern : NULL};
  snprintf(pattern, sizeof pattern, "%.*s", c->n > 2 ? (int)c->args[2].length : 0, c->n > 2 ? c->args[2].data : "");
  stoa_hub_names(hub_of(peer), list_channel, &a);
  stoa_resp_array(&peer->out, a.n);
  stoa_buf_slice(&peer->out, (stoa_slice){a.written.data ? a.written.data : "", a.written.length});
  stoa_buf_done(&a.written);
}

static void count_channels(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp_map(&peer->out, 2, c->n - 2); // an array in RESP3 too, as Redis has it
  for (uint32_t i = 2; i < c->n; ++i) {
    asked a = {.channel = c->args[i]};
    stoa_hub_names(hub_of(peer), count_channel, &a);
    stoa_resp_bulk(&peer->out, c->args[i]);
    stoa_resp_integer(&peer->out, (int64_t)a.n);
  }
}

void stoa_resp_pubsub(stoa_peer *peer, const stoa_resp_command *c)
{
  if (stoa_resp_is(c->args[1], "CHANNELS") && c->n <= 3) {
    list_channels(peer, c);
  } else if (stoa_resp_is(c->args[1], "NUMSUB")) {
    count_channels(peer, c);
  } else if (stoa_resp_is(c->args[1], "NUMPAT") && c->n == 2) {
    stoa_resp_integer(&peer->out, 0);
  } else {
    stoa_resp_error(&peer->out, "ERR", "this server has PUBSUB CHANNELS [PATTERN], NUMSUB [CHANNEL...] and NUMPAT");
    stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
  }
}
