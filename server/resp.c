// RESP on a connection: frames to commands, replies in order.
#include "server/quick.h"
#include <stdio.h>
#include <strings.h>

static stoa_slice slice_of(const stoa_buf *buf, size_t from)
{
  return (stoa_slice){buf->data ? buf->data + from : "", buf->length - from};
}

static void count_error(stoa_peer *peer)
{
  stoa_metrics_add(&stoa_peer_metrics(peer)->errors, 1);
}

// ---- replies

static void write_names(stoa_buf *out, const stoa_reply *reply)
{
  stoa_resp_array(out, reply->n_columns);
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    stoa_resp_text(out, reply->names[i]);
  }
}

static void write_row(stoa_buf *out, int protocol, const stoa_reply *reply, uint32_t row)
{
  stoa_resp_array(out, reply->n_columns);
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    stoa_resp_value(out, protocol, reply->values[(size_t)row * reply->n_columns + i]);
  }
}

static void write_table(stoa_buf *out, int protocol, const stoa_reply *reply)
{
  stoa_resp_array(out, (size_t)reply->n_rows + 1);
  write_names(out, reply);
  for (uint32_t row = 0; row < reply->n_rows; ++row) {
    if (reply->absent && reply->absent[row]) {
      stoa_resp_null_array(out, protocol);
    } else {
      write_row(out, protocol, reply, row);
    }
  }
}

static void write_map(stoa_buf *out, int protocol, const stoa_reply *reply)
{
  stoa_resp_map(out, protocol, reply->n_columns);
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    stoa_resp_text(out, reply->names[i]);
    stoa_resp_value(out, protocol, reply->values[i]);
  }
}

static int64_t rows_with_values(const stoa_reply *reply)
{
  int64_t n = 0;
  for (uint32_t row = 0; row < reply->n_rows; ++row) {
    bool any = false;
    for (uint32_t i = 0; i < reply->n_columns; ++i) {
      any |= stoa_term_is_bound(reply->values[(size_t)row * reply->n_columns + i]);
    }
    n += any;
  }
  return n;
}

static int64_t seconds_of(stoa_term t)
{
  return stoa_term_is_bound(t) ? t.as.integer : -1;
}

static int64_t least(const stoa_reply *reply)
{
  int64_t seconds = -1;
  for (uint32_t i = 0; i < reply->n_columns; ++i) {
    const int64_t its = seconds_of(reply->values[i]);
    seconds = its >= 0 && (seconds < 0 || its < seconds) ? its : seconds;
  }
  return seconds;
}

static void write_values(stoa_peer *peer, const stoa_reply *reply)
{
  const stoa_resp *const r = peer->state;
  stoa_buf *const out = &peer->out;
  switch (r->shape) {
    case STOA_SHAPE_LIST:
      write_row(out, r->protocol, reply, 0);
      break;
    case STOA_SHAPE_ONE:
      stoa_resp_value(out, r->protocol, reply->values[0]);
      break;
    case STOA_SHAPE_MAP:
      write_map(out, r->protocol, reply);
      break;
    case STOA_SHAPE_NAMES:
      write_names(out, reply);
      break;
    case STOA_SHAPE_COUNT:
      stoa_resp_integer(out, reply->n_columns);
      break;
    case STOA_SHAPE_EXISTS:
    case STOA_SHAPE_HAS:
      stoa_resp_integer(out, rows_with_values(reply));
      break;
    case STOA_SHAPE_TYPE:
      stoa_buf_text(out, "+hash\r\n");
      break;
    case STOA_SHAPE_LEAST:
      stoa_resp_integer(out, least(reply));
      break;
    case STOA_SHAPE_EACH:
      stoa_resp_array(out, reply->n_columns);
      for (uint32_t i = 0; i < reply->n_columns; ++i) {
        stoa_resp_integer(out, seconds_of(reply->values[i]));
      }
      break;
    case STOA_SHAPE_TABLE:
    case STOA_SHAPE_TEXT:
      write_table(out, r->protocol, reply);
      break;
  }
}

// What asks whether there is something is answered that there is not, where others are refused.
static bool write_absence(stoa_peer *peer, const stoa_reply *reply)
{
  const stoa_resp *const r = peer->state;
  if (reply->status != STOA_NOT_FOUND || (r->shape != STOA_SHAPE_TYPE && r->shape != STOA_SHAPE_LEAST)) {
    return false;
  }
  stoa_buf_text(&peer->out, r->shape == STOA_SHAPE_TYPE ? "+none\r\n" : ":-2\r\n");
  return true;
}

// One who does not exist is no hash without values: what asks for values is refused, what asks whether there are any is
// answered.
static bool is_absent(const stoa_peer *peer, const stoa_reply *reply)
{
  const stoa_resp *const r = peer->state;
  return reply->absence && (r->shape == STOA_SHAPE_LIST || r->shape == STOA_SHAPE_ONE || r->shape == STOA_SHAPE_MAP);
}

static void reply(stoa_peer *peer, stoa_call *call)
{
  const stoa_reply *const its = &call->reply;
  if (call->request.n_events) {
    stoa_resp_write_each(peer, call);
  } else if (its->status != STOA_OK) {
    if (!write_absence(peer, its)) {
      stoa_resp_failure(&peer->out, &its->err);
    }
  } else if (its->kind == STOA_REPLY_VALUES && is_absent(peer, its)) {
    stoa_resp_error(&peer->out, "NOTFOUND", "%s", its->absence);
  } else if (its->kind == STOA_REPLY_VALUES) {
    write_values(peer, its);
  } else if (its->kind == STOA_REPLY_DONE && its->text.length == 0) {
    stoa_buf_text(&peer->out, "+OK\r\n");
  } else {
    stoa_resp_bulk(&peer->out, its->text);
  }
}

// ---- requests

static void unknown(stoa_peer *peer, stoa_slice name)
{
  char text[41];
  const size_t n = name.length < sizeof text ? name.length : sizeof text - 1;
  for (size_t i = 0; i < n; ++i) {
    text[i] = name.data[i] >= ' ' && name.data[i] <= '~' ? name.data[i] : '?';
  }
  text[n] = '\0';
  stoa_resp_error(&peer->out, "ERR", "unknown command '%s'", text);
}

static void dispatch(stoa_peer *peer, const stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  const stoa_resp_row *const row = stoa_resp_find(&stoa_resp_commands, c->args[0]);
  const size_t before = peer->out.length;
  stoa_metrics_add(&stoa_peer_metrics(peer)->resp_commands, 1);
  if (peer->role == STOA_ROLE_ANYONE && (!row || !row->is_open)) {
    stoa_resp_error(&peer->out, "NOAUTH", "authentication required: AUTH KEY");
  } else if (!row) {
    unknown(peer, c->args[0]);
  } else if (c->n < row->least || (row->most && c->n > row->most)) {
    stoa_resp_error(&peer->out, "ERR", "wrong number of arguments for '%s'; it is %s %s", row->name, row->name,
                    row->arguments);
  } else if (stoa_resp_only_listens(peer) && !stoa_resp_may_listener(row)) {
    stoa_resp_error(&peer->out, "ERR",
                    "Can't execute '%s': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
                    "context; HELLO 3 before it has no such limit",
                    row->name);
  } else if (r->queues && !row->is_at_once) {
    stoa_resp_queue(peer, c);
    return;
  } else {
    r->table = &stoa_resp_commands;
    r->row = row;
    row->run(peer, c);
    return;
  }
  r->is_spoiled |= r->queues && peer->out.length > before;
  count_error(peer);
}

static void refuse_frame(stoa_peer *peer, stoa_frame_state state, stoa_fixed_limit limit)
{
  stoa_resp_error(&peer->out, "ERR", "%s%s", state == STOA_FRAME_HTTP ? "" : "Protocol error: ",
                  state == STOA_FRAME_HTTP       ? "this port speaks RESP, not HTTP"
                  : state == STOA_FRAME_TOO_LONG ? stoa_limit_text(limit)
                                                 : "this is no RESP");
  count_error(peer);
  peer->close_after = true;
  stoa_peer_take(peer, stoa_peer_input(peer).length);
}

// What EXEC runs comes first.  Its frames are whole, because they were written here.
static bool run_replay(stoa_peer *peer, stoa_resp_command *c)
{
  stoa_resp *const r = peer->state;
  size_t used;
  if (r->replay_at == r->replay.length) {
    return false;
  }
  c->need = 0;
  stoa_resp_read_frame(slice_of(&r->replay, r->replay_at), c, &used);
  if (r->gathered && !stoa_resp_joins(peer, c)) {
    stoa_resp_start_gathered(peer);
    return true;
  }
  r->replay_at += used;
  dispatch(peer, c);
  if (r->replay_at == r->replay.length) {
    stoa_buf_done(&r->replay);
    r->replay_at = 0;
  }
  return true;
}

static void read_all(stoa_peer *peer)
{
  static _Thread_local stoa_resp_command c;
  stoa_resp *const r = peer->state;
  while (stoa_peer_takes(peer)) {
    if (run_replay(peer, &c)) {
      continue;
    }
    const stoa_slice input = stoa_peer_input(peer);
    size_t used = 0;
    if (input.length == 0) {
      stoa_peer_phase(peer, STOA_PHASE_IDLE);
      return;
    }
    c.need = r->need;
    c.words = &r->words;
    const stoa_frame_state state = stoa_resp_read_frame(input, &c, &used);
    r->need = c.need;
    if (state == STOA_FRAME_PARTIAL) {
      stoa_peer_phase(peer, input.length < STOA_MOST_HEAD ? STOA_PHASE_HEAD : STOA_PHASE_BODY);
      return;
    }
    if (r->gathered && (state != STOA_FRAME_WHOLE || !c.n || !stoa_resp_joins(peer, &c))) {
      stoa_resp_start_gathered(peer);
      continue;
    }
    if (state != STOA_FRAME_WHOLE) {
      refuse_frame(peer, state, c.limit);
      return;
    }
    if (c.n) {
      dispatch(peer, &c);
    }
    stoa_peer_take(peer, used);
    stoa_peer_phase(peer, peer->call ? STOA_PHASE_CALL : STOA_PHASE_IDLE);
  }
}

static void read_commands(stoa_peer *peer)
{
  read_all(peer);
  stoa_resp_start_gathered(peer);
  stoa_quick_end(peer);
}

static void late(stoa_peer *peer, const char *why)
{
  stoa_resp_error(&peer->out, "ERR", "%s", why);
}

static void refuse(stoa_buf *out, const char *why)
{
  stoa_resp_error(out, "ERR", "%s", why);
}

static void no_stream(stoa_peer *peer, stoa_call *call)
{
  (void)peer;
  (void)call;
}

static void done(stoa_peer *peer)
{
  stoa_resp *const r = peer->state;
  stoa_buf_done(&r->queued);
  stoa_buf_done(&r->replay);
  stoa_buf_done(&r->words);
}

const stoa_protocol stoa_protocol_resp = {.name = "resp",
                                          .state_bytes = sizeof(stoa_resp),
                                          .read = read_commands,
                                          .stream = no_stream,
                                          .reply = reply,
                                          .feed = stoa_resp_feed,
                                          .late = late,
                                          .refuse = refuse,
                                          .done = done};
