// RESP2, the protocol of Redis: arrays of bulk strings in, replies in order out; inline commands for a
// person with netcat.
#include "server/connection.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

typedef struct {
  stoa_slice args[STOA_MOST_ARGUMENTS];
  uint32_t n;
} command;

typedef enum { FRAME_WHOLE, FRAME_PARTIAL, FRAME_BAD } frame_state;

static void plain_error(stoa_peer *peer, const char *text)
{
  stoa_buf_print(&peer->out, "-ERR %s\r\n", text);
  stoa_metrics_add(&peer->server->metrics.errors, 1);
}

void stoa_resp_error(stoa_peer *peer, const stoa_error *err)
{
  char text[800];
  stoa_error_print(err, text, sizeof text);
  for (char *c = text; *c; ++c) {
    *c = *c == '\r' || *c == '\n' ? ' ' : *c;
  }
  const bool busy = err->status == STOA_UNAVAILABLE && strncmp(err->text, "busy", 4) == 0;
  stoa_buf_print(&peer->out, "-%s %s\r\n", busy ? "BUSY" : "ERR", strncmp(text, "error: ", 7) == 0 ? text + 7 : text);
  stoa_metrics_add(&peer->server->metrics.errors, 1);
}

void stoa_resp_bulk(stoa_buf *out, stoa_slice text)
{
  stoa_buf_print(out, "$%zu\r\n", text.length);
  stoa_buf_slice(out, text);
  stoa_buf_text(out, "\r\n");
}

// A line of digits after a type byte, such as "*3\r\n".
static frame_state read_count(const char **at, const char *end, long *out)
{
  const char *const line = *at;
  const char *const cr = memchr(line, '\r', (size_t)(end - line));
  if (!cr || cr + 1 >= end) {
    return end - line > 32 ? FRAME_BAD : FRAME_PARTIAL;
  }
  char digits[24];
  const size_t n = (size_t)(cr - line);
  if (cr[1] != '\n' || n == 0 || n >= sizeof digits) {
    return FRAME_BAD;
  }
  memcpy(digits, line, n);
  digits[n] = '\0';
  char *stop;
  *out = strtol(digits, &stop, 10);
  *at = cr + 2;
  return *stop ? FRAME_BAD : FRAME_WHOLE;
}

static frame_state read_array(const char **at, const char *end, command *out)
{
  const char *p = *at + 1;
  long count;
  frame_state state = read_count(&p, end, &count);
  if (state != FRAME_WHOLE || count > STOA_MOST_ARGUMENTS || count < 0) {
    return state == FRAME_WHOLE ? FRAME_BAD : state;
  }
  for (out->n = 0; out->n < (uint32_t)count;) {
    long length;
    if (p >= end) {
      return FRAME_PARTIAL;
    }
    if (*p++ != '$') {
      return FRAME_BAD;
    }
    state = read_count(&p, end, &length);
    if (state != FRAME_WHOLE || length < 0 || length > STOA_MOST_FRAME) {
      return state == FRAME_WHOLE ? FRAME_BAD : state;
    }
    if (end - p < length + 2) {
      return FRAME_PARTIAL;
    }
    if (p[length] != '\r' || p[length + 1] != '\n') {
      return FRAME_BAD;
    }
    out->args[out->n++] = (stoa_slice){p, (size_t)length};
    p += length + 2;
  }
  *at = p;
  return FRAME_WHOLE;
}

static frame_state read_inline(const char **at, const char *end, command *out)
{
  const char *const newline = memchr(*at, '\n', (size_t)(end - *at));
  if (!newline) {
    return end - *at > 65536 ? FRAME_BAD : FRAME_PARTIAL;
  }
  out->n = 0;
  for (const char *p = *at; p < newline;) {
    while (p < newline && (*p == ' ' || *p == '\r')) {
      ++p;
    }
    const char *const start = p;
    while (p < newline && *p != ' ' && *p != '\r') {
      ++p;
    }
    if (p > start && out->n < STOA_MOST_ARGUMENTS) {
      out->args[out->n++] = (stoa_slice){start, (size_t)(p - start)};
    }
  }
  *at = newline + 1;
  return FRAME_WHOLE;
}

static bool is_command(const command *c, const char *name)
{
  return c->n && strlen(name) == c->args[0].length && strncasecmp(c->args[0].data, name, c->args[0].length) == 0;
}

static bool needs(stoa_peer *peer, const command *c, uint32_t least, uint32_t most)
{
  if (c->n >= least && c->n <= most) {
    return true;
  }
  stoa_buf_print(&peer->out, "-ERR wrong number of arguments for '%.*s'\r\n",
                 (int)(c->args[0].length > 40 ? 40 : c->args[0].length), c->args[0].data);
  stoa_metrics_add(&peer->server->metrics.errors, 1);
  return false;
}

// "service:key": the first colon parts them.
static void hash_get(stoa_peer *peer, const command *c, bool all)
{
  const char *const colon = memchr(c->args[1].data, ':', c->args[1].length);
  if (!colon) {
    plain_error(peer, "the key is SERVICE:KEY, such as next_offer:42");
    return;
  }
  char service[128];
  const stoa_slice key = {colon + 1, c->args[1].length - (size_t)(colon + 1 - c->args[1].data)};
  snprintf(service, sizeof service, "%.*s", (int)(colon - c->args[1].data), c->args[1].data);
  stoa_api_features(peer, service, &key, 1, c->args + 2, c->n - 2, all);
}

static void text_of(stoa_slice arg, char *out, size_t n_bytes)
{
  snprintf(out, n_bytes, "%.*s", (int)(arg.length < n_bytes ? arg.length : n_bytes - 1), arg.data);
}

static void run_reward(stoa_peer *peer, const command *c)
{
  char number[64], *end;
  text_of(c->args[2], number, sizeof number);
  const double value = strtod(number, &end);
  if (end == number || *end) {
    plain_error(peer, "the reward is no number");
    return;
  }
  stoa_api_reward(peer, c->args[1], value, c->n > 3 ? c->args[3] : (stoa_slice){"", 0});
}

static void run_info(stoa_peer *peer)
{
  stoa_buf text = {0};
  stoa_buf_text(&text, "# Server\r\nredis_version:7.0.0\r\nstoa_version:" PACKAGE_VERSION "\r\n\r\n# Stats\r\n");
  stoa_metrics_write(&peer->server->metrics, peer->server->engine, &text);
  stoa_resp_bulk(&peer->out, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
}

static void show_policy(stoa_peer *peer, stoa_slice name)
{
  char text[128];
  text_of(name, text, sizeof text);
  const stoa_policy *const p = stoa_engine_policy(peer->server->engine, text);
  if (!p) {
    plain_error(peer, "there is no such policy");
    return;
  }
  stoa_buf out = {0};
  const stoa_bandit_figures figures = stoa_bandit_tell(p->bandit);
  stoa_buf_print(&out, "policy %s: %llu labels learned, mean reward %.4f, model at offset %lld of the log", p->name,
                 (unsigned long long)figures.n_learned,
                 figures.n_learned ? figures.reward_sum / (double)figures.n_learned : 0.0, (long long)figures.offset);
  stoa_resp_bulk(&peer->out, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
}

static void run_auth(stoa_peer *peer, const command *c)
{
  if (!peer->server->key || stoa_key_equal(peer->server->key, c->args[c->n - 1])) {
    peer->is_authenticated = true;
    stoa_buf_text(&peer->out, "+OK\r\n");
  } else {
    stoa_buf_text(&peer->out, "-WRONGPASS invalid key\r\n");
  }
}

static bool run_plain(stoa_peer *peer, const command *c)
{
  if (is_command(c, "PING")) {
    c->n > 1 ? stoa_resp_bulk(&peer->out, c->args[1]) : stoa_buf_text(&peer->out, "+PONG\r\n");
  } else if (is_command(c, "SELECT")) {
    c->n == 2 && stoa_slice_is(c->args[1], "0") ? stoa_buf_text(&peer->out, "+OK\r\n")
                                                : plain_error(peer, "there is only database 0");
  } else if (is_command(c, "COMMAND")) {
    stoa_buf_text(&peer->out, "*0\r\n");
  } else if (is_command(c, "CLIENT")) {
    stoa_buf_text(&peer->out, "+OK\r\n");
  } else if (is_command(c, "CONFIG")) {
    stoa_buf_text(&peer->out, "*0\r\n");
  } else if (is_command(c, "INFO")) {
    run_info(peer);
  } else if (is_command(c, "QUIT")) {
    stoa_buf_text(&peer->out, "+OK\r\n");
    peer->close_after = true;
  } else {
    return false;
  }
  return true;
}

static void run_command(stoa_peer *peer, const command *c)
{
  char name[128] = "";
  if (c->n > 1) {
    text_of(c->args[1], name, sizeof name);
  }
  if (run_plain(peer, c)) {
    return;
  }
  if (is_command(c, "HMGET")) {
    if (needs(peer, c, 3, STOA_MOST_ARGUMENTS)) {
      hash_get(peer, c, false);
    }
  } else if (is_command(c, "HGETALL")) {
    if (needs(peer, c, 2, 2)) {
      hash_get(peer, c, true);
    }
  } else if (is_command(c, "FEATURES.GET")) {
    if (needs(peer, c, 3, STOA_MOST_ARGUMENTS)) {
      stoa_api_features(peer, name, c->args + 2, c->n - 2, NULL, 0, false);
    }
  } else if (is_command(c, "RANK")) {
    if (needs(peer, c, 3, 3)) {
      stoa_api_rank(peer, name, c->args[2]);
    }
  } else if (is_command(c, "REWARD")) {
    if (needs(peer, c, 3, 4)) {
      run_reward(peer, c);
    }
  } else if (is_command(c, "EVENT")) {
    if (needs(peer, c, 3, 3)) {
      stoa_api_event(peer, name, c->args[2]);
    }
  } else if (is_command(c, "POLICY.SHOW")) {
    if (needs(peer, c, 2, 2)) {
      show_policy(peer, c->args[1]);
    }
  } else {
    stoa_buf_print(&peer->out, "-ERR unknown command '%.*s'\r\n",
                   (int)(c->args[0].length > 40 ? 40 : c->args[0].length), c->args[0].data);
    stoa_metrics_add(&peer->server->metrics.errors, 1);
  }
}

static void dispatch(stoa_peer *peer, const command *c)
{
  if (c->n == 0) {
    return;
  }
  stoa_metrics_add(&peer->server->metrics.resp_commands, 1);
  if (is_command(c, "AUTH")) {
    if (needs(peer, c, 2, 3)) {
      run_auth(peer, c);
    }
  } else if (is_command(c, "HELLO")) {
    if (c->n > 1 && !stoa_slice_is(c->args[1], "2")) {
      stoa_buf_text(&peer->out, "-NOPROTO this server speaks RESP2\r\n");
    } else {
      stoa_buf_text(&peer->out,
                    "*6\r\n$6\r\nserver\r\n$4\r\nstoa\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:2\r\n");
    }
  } else if (!peer->is_authenticated) {
    stoa_buf_text(&peer->out, "-NOAUTH authentication required: AUTH KEY\r\n");
  } else {
    run_command(peer, c);
  }
}

void stoa_resp_read(stoa_peer *peer)
{
  const char *at = peer->in.data;
  const char *const end = peer->in.data + peer->in.length;
  static _Thread_local command c;
  while (at < end && !peer->job && !peer->closing && !peer->close_after) {
    const frame_state state = *at == '*' ? read_array(&at, end, &c) : read_inline(&at, end, &c);
    if (state == FRAME_PARTIAL && (size_t)(end - at) <= STOA_MOST_FRAME + 65536) {
      break;
    }
    if (state != FRAME_WHOLE) {
      plain_error(peer, state == FRAME_BAD
                          ? "Protocol error: no frame of RESP, or one over its limits (1 MiB, 1024 arguments)"
                          : "Protocol error: the frame is too long (1 MiB)");
      peer->close_after = true;
      at = end;
      break;
    }
    dispatch(peer, &c);
  }
  if (peer->in.data) {
    peer->in.length = (size_t)(end - at);
    memmove(peer->in.data, at, peer->in.length);
  }
}
