#include "tests/sim/client.h"
#include "tests/sim/events.h"
#include "tests/sim/request.h"
#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include "tests/sim/wire.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_CLIENTS = 64, MOST_AHEAD = 16, CROWD = 7, US = 1000, MS = 1000000 };
static const int64_t second = 1000000000;

typedef enum { WORKS, IS_SILENT, SAYS_HALF, IS_DEAF, SAYS_NONSENSE, IS_CROWD, GETS } way;

typedef struct {
  way way;
  int number, left; ///< requests to ask yet
  bool is_http, is_over, has_ended_half, was_told_of_close, has_said, is_in_body, is_slow;
  wire *wire;
  wire *crowd[CROWD]; ///< of one address
  stoa_buf got;
  request asked[MOST_AHEAD]; ///< without an answer, the oldest first
  int n_asked;
  int64_t since; ///< when it last asked or was answered, or began its half
  void (*told)(int status, const char *body);
  const char *target;
} client;

static client clients[MOST_CLIENTS];
static int n_clients;
static ledger *kept;
static int64_t stops_at; ///< at the latest; 0: it does not stop

static dice *d(void)
{
  return turns_dice();
}

static void later(client *c, uint32_t most_ns, void (*act)(void *data))
{
  events_at(turns_now() + 1 + dice_below(d(), most_ns), act, c);
}

static void send(client *c, stoa_buf *bytes)
{
  if (c->wire) {
    wire_send(c->wire, bytes->data, bytes->length);
  }
  stoa_buf_done(bytes);
}

// ---- answers

static void act(void *data);
static void connect(void *data);

static void take_answer(client *c, answer *a)
{
  const request r = c->asked[0];
  const char *const problem = request_answered(kept, &r, a);
  trace("client %d: an answer to kind %d of %u: %s %d", c->number, (int)r.kind, r.i, a->is_good ? "good" : "bad",
        a->status);
  if (problem) {
    wrong("client %d: %s", c->number, problem);
  }
  memmove(c->asked, c->asked + 1, (size_t)--c->n_asked * sizeof *c->asked);
  c->was_told_of_close |= a->closes || r.kind == ASK_BYE;
  c->since = turns_now();
}

static void take_answers(client *c)
{
  answer a;
  size_t used = 0;
  while (c->got.length) {
    const bool is_head = c->n_asked && c->asked[0].is_head;
    const answer_state state = answer_read((stoa_slice){c->got.data, c->got.length}, c->is_http, is_head, &a, &used);
    if (state == ANSWER_BAD || (state == ANSWER_WHOLE && c->n_asked == 0)) {
      wrong("client %d: %s: %.100s", c->number, state == ANSWER_BAD ? "no answer" : "an answer to nothing",
            stoa_buf_string(&c->got));
    }
    if (state == ANSWER_WHOLE) {
      take_answer(c, &a);
      memmove(c->got.data, c->got.data + used, c->got.length - used);
      c->got.length -= used;
    }
    stoa_buf_done(&a.body);
    if (state == ANSWER_PARTIAL) {
      break;
    }
  }
  if (c->n_asked == 0 && c->left && !c->is_slow) {
    later(c, 30 * MS, act);
  }
}

static void on_read(void *data, const char *bytes, size_t n_bytes)
{
  client *const c = data;
  if (c->way == WORKS) {
    stoa_buf_add(&c->got, bytes, n_bytes);
    take_answers(c);
  } else if (c->way == GETS) {
    stoa_buf_add(&c->got, bytes, n_bytes);
  }
}

// A query whose client has ended its half and takes no bytes may be taken for one that nobody waits for.
static bool may_be_left(const client *c)
{
  bool any = false;
  for (int i = 0; i < c->n_asked; ++i) {
    any |= c->asked[i].kind == ASK_COUNT || c->asked[i].kind == ASK_ROWS || c->asked[i].kind == ASK_MANY;
  }
  return any && c->has_ended_half;
}

static void check_end(const client *c)
{
  // It was idle for the server from when the last answer was sent, not from when it was read.
  const bool was_idle = c->n_asked == 0 && turns_now() - c->since >= LIMIT_IDLE * second - 300 * (int64_t)MS;
  const bool is_done = c->n_asked == 0 && c->has_ended_half;
  if (!stops_at && !c->was_told_of_close && !was_idle && !is_done && !may_be_left(c)) {
    wrong("client %d: the server ends the connection with %d requests unanswered", c->number, c->n_asked);
  }
  // What has begun to go out is ended in the time that a stop may take.
  if (c->got.length && stops_at && turns_now() < stops_at) {
    wrong("client %d: an answer is cut when the server stops", c->number);
  }
}

static void finish_get(client *c)
{
  answer a = {0};
  size_t used;
  const bool is_whole =
    c->got.length && answer_read((stoa_slice){c->got.data, c->got.length}, true, false, &a, &used) == ANSWER_WHOLE;
  c->told(is_whole ? a.status : 0, stoa_buf_string(&a.body));
  stoa_buf_done(&a.body);
}

static void forget(client *c)
{
  c->wire = NULL;
  c->n_asked = 0;
  c->got.length = 0;
  c->has_ended_half = c->was_told_of_close = false;
}

static void on_end(void *data, bool is_broken)
{
  client *const c = data;
  trace("client %d: the connection ends%s", c->number, is_broken ? ", broken" : "");
  if (c->way == WORKS) {
    check_end(c);
    forget(c);
    if (c->left) {
      later(c, 300 * MS, connect);
    }
  } else if (c->way == GETS) {
    finish_get(c);
    c->is_over = true;
  }
}

static const wire_hooks hooks = {on_read, on_end};

// ---- asking

static void leave(void *data)
{
  client *const c = data;
  if (c->wire) {
    dice_chance(d(), 50) ? wire_leave(c->wire) : wire_reset(c->wire);
    forget(c);
    if (c->left) {
      later(c, 300 * MS, connect);
    }
  }
}

static void ask_some(client *c)
{
  stoa_buf bytes = {0};
  int n = 1 + (int)(dice_chance(d(), 40) ? dice_below(d(), MOST_AHEAD) : 0);
  for (; n > 0 && c->left && c->n_asked + REQUEST_MOST_AT_ONCE <= MOST_AHEAD; --n, --c->left) {
    request *const r = &c->asked[c->n_asked];
    c->n_asked += request_draw(kept, c->is_http, r, &bytes);
    trace("client %d: asks kind %d of %u", c->number, (int)r->kind, r->i);
  }
  c->since = turns_now();
  send(c, &bytes);
}

static void say_bye(client *c)
{
  stoa_buf bytes = {0};
  if (c->n_asked < MOST_AHEAD) {
    c->asked[c->n_asked++] = request_bye(c->is_http, &bytes);
    send(c, &bytes);
  }
}

// Now and then something that needs no worker, so that the connection is never idle for long.
static void ask_little(client *c)
{
  stoa_buf bytes = {0};
  if (c->n_asked < MOST_AHEAD) {
    c->asked[c->n_asked++] = request_text(c->is_http, &bytes);
    trace("client %d: asks a little", c->number);
    c->left--;
    c->since = turns_now();
    send(c, &bytes);
  }
  events_at(turns_now() + second / 2 + dice_below(d(), 1000 * MS), act, c);
}

static void act(void *data)
{
  client *const c = data;
  if (!c->wire || c->has_ended_half || !c->left) {
    return;
  }
  if (c->is_slow) {
    ask_little(c);
    return;
  }
  ask_some(c);
  if (!c->left && dice_chance(d(), 30)) {
    wire_end(c->wire);
    c->has_ended_half = true;
  } else if (!c->left && dice_chance(d(), 30)) {
    say_bye(c);
  } else if (dice_chance(d(), 4)) {
    later(c, 20 * MS, leave);
  } else if (dice_chance(d(), 30)) {
    later(c, 100 * MS, act); // whether there was an answer or not
  }
}

// ---- those who do not behave

static void say_half(void *data)
{
  static const char *const http[] = {"GET /healthz",
                                     "POST /events/click HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n{"};
  static const char *const resp[] = {"*2\r\n$4\r\nECHO\r\n$10\r\nab", "*1"};
  client *const c = data;
  const uint32_t which = dice_below(d(), 2);
  const char *const text = (c->is_http ? http : resp)[which];
  c->is_in_body = c->is_http && which == 1;
  c->has_said = true;
  c->since = turns_now();
  wire_send(c->wire, text, strlen(text));
}

static void drop_by_drop(void *data)
{
  client *const c = data;
  if (!wire_ended_at(c->wire)) {
    wire_send(c->wire, "1", 1);
    events_at(turns_now() + 150 * (int64_t)MS + dice_below(d(), 250 * MS), drop_by_drop, c);
  }
}

static void ask_without_end(client *c)
{
  stoa_buf bytes = {0};
  wire_set_deaf(c->wire, true);
  if (c->is_http) {
    request_write_many(&bytes);
  }
  for (int i = 0; !c->is_http && i < 40; ++i) {
    stoa_buf_text(&bytes, "*2\r\n$4\r\nECHO\r\n$5000\r\n");
    for (int k = 0; k < 5000; ++k) {
      stoa_buf_byte(&bytes, 'x');
    }
    stoa_buf_text(&bytes, "\r\n");
  }
  send(c, &bytes);
}

static void say_nonsense(client *c)
{
  static const char *const texts[] = {"GET / HTTP/1.1\nHost: a\n\n",
                                      "POST /events/click HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
                                      "POST /reload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                                      "*3\r\n$-5\r\n",
                                      "*1000000\r\n",
                                      "*1\r\n$99999999\r\n",
                                      "\r\n\r\n\r\n",
                                      "MULTI\r\nECHO a\r\nNOSUCH\r\nEXEC\r\n"};
  const char *const text = texts[dice_below(d(), sizeof texts / sizeof *texts)];
  stoa_buf bytes = {0};
  stoa_buf_text(&bytes, text);
  for (uint32_t i = dice_below(d(), 40); i > 0; --i) {
    stoa_buf_byte(&bytes, (char)dice_below(d(), 256));
  }
  send(c, &bytes);
  later(c, (uint32_t)(4 * (second / 2)), leave);
}

// Connections of one address beyond its number are refused; those that are open stay.
static void check_crowd(void *data)
{
  client *const c = data;
  int n_open = 0;
  for (int i = 0; i < CROWD; ++i) {
    n_open += c->crowd[i] && !wire_closed_at(c->crowd[i]);
  }
  if (!stops_at && n_open != LIMIT_PER_ADDRESS) {
    wrong("client %d: %d connections of one address are open, not %d", c->number, n_open, LIMIT_PER_ADDRESS);
  }
  for (int i = 0; i < CROWD; ++i) {
    if (c->crowd[i]) {
      dice_chance(d(), 50) ? wire_leave(c->crowd[i]) : wire_reset(c->crowd[i]);
    }
  }
  forget(c);
  if (c->left-- > 0) { // those that have gone do not count
    events_at(turns_now() + 100 * (int64_t)MS, connect, c);
  }
}

static void come_in_a_crowd(client *c, int port)
{
  c->crowd[0] = c->wire;
  for (int i = 1; i < CROWD; ++i) {
    c->crowd[i] = wire_connect(port, c->number + 1, &hooks, c);
  }
  events_at(turns_now() + 500 * (int64_t)MS, check_crowd, c);
}

static void get(client *c)
{
  stoa_buf bytes = {0};
  stoa_buf_print(&bytes, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", c->target);
  send(c, &bytes);
}

static void begin(client *c, int port)
{
  switch (c->way) {
    case WORKS:
      later(c, 50 * MS, act);
      break;
    case SAYS_HALF:
      later(c, 1000 * MS, say_half);
      if (dice_chance(d(), 50)) {
        events_at(turns_now() + 1500 * (int64_t)MS, drop_by_drop, c);
      }
      break;
    case IS_DEAF:
      ask_without_end(c);
      break;
    case SAYS_NONSENSE:
      say_nonsense(c);
      break;
    case IS_CROWD:
      come_in_a_crowd(c, port);
      break;
    case GETS:
      get(c);
      break;
    case IS_SILENT:
      break;
  }
}

static void connect(void *data)
{
  client *const c = data;
  const bool by_socket = !c->is_http && c->way != IS_CROWD && dice_chance(d(), 20);
  const int port = c->is_http ? PORT_HTTP : by_socket ? PORT_SOCKET : PORT_RESP;
  if (c->wire || stops_at) {
    return;
  }
  c->wire = wire_connect(port, c->number + 1, &hooks, c);
  c->since = turns_now();
  if (c->wire) {
    trace("client %d: is way %d, on %d", c->number, (int)c->way, port);
    begin(c, port);
  } else {
    later(c, 100 * MS, connect);
  }
}

static client *add(way its)
{
  if (n_clients == MOST_CLIENTS) {
    wrong("more than %d clients", MOST_CLIENTS);
  }
  client *const c = &clients[n_clients];
  *c = (client){.way = its, .number = n_clients++};
  return c;
}

void clients_start(ledger *l, int n)
{
  kept = l;
  for (int i = 0; i < n; ++i) {
    client *const c = add(dice_chance(d(), 70) ? WORKS : (way)dice_below(d(), GETS));
    c->is_http = dice_chance(d(), 50);
    c->is_slow = dice_chance(d(), 15);
    c->left = 5 + (int)dice_below(d(), 40);
    later(c, 1500 * MS, connect);
  }
}

void client_get(const char *target, void (*told)(int status, const char *body))
{
  client *const c = add(GETS);
  c->is_http = true;
  c->target = target;
  c->told = told;
  connect(c);
}

void clients_rest(void)
{
  for (int i = 0; i < n_clients; ++i) {
    clients[i].left = 0;
  }
}

int clients_wait_for(void)
{
  int n = 0;
  for (int i = 0; i < n_clients; ++i) {
    n += clients[i].way == WORKS && clients[i].wire ? clients[i].n_asked : 0;
  }
  return n;
}

int64_t clients_written_at(void)
{
  int64_t latest = 0;
  for (int i = 0; i < n_clients; ++i) {
    const bool waits = clients[i].way == WORKS && clients[i].wire && clients[i].n_asked;
    const int64_t at = waits ? wire_written_at(clients[i].wire) : 0;
    latest = at > latest ? at : latest;
  }
  return latest;
}

void clients_expect_stop(int64_t grace_ns)
{
  stops_at = turns_now() + grace_ns;
}

// ---- limits

// The server looks at its connections each 50 ms, by a clock of milliseconds; a turn of another thread may come before
// its own, and bytes are under way for a while.
enum { EARLY = 5 * MS, LATE = 150 * MS, ON_THE_WAY = 60 * MS };

static void must_end(const client *c, const char *what, int64_t ended, int64_t from, int64_t limit)
{
  const int64_t at = ended ? ended : turns_now(), least = from + limit - EARLY, most = from + limit + ON_THE_WAY + LATE;
  if (from && ((ended && at < least) || at > most)) {
    wrong("client %d: %s: its time began at %.3f s and was over at %.3f s, not after %.3f s", c->number, what,
          (double)from / 1e9, (double)at / 1e9, (double)limit / 1e9);
  }
}

void clients_check_limits(void)
{
  static const int64_t linger = 2000 * (int64_t)MS;
  for (int i = 0; i < n_clients && !stops_at; ++i) {
    const client *const c = &clients[i];
    if (!c->wire) {
      continue;
    }
    if (c->way == IS_SILENT) {
      must_end(c, "it says nothing", wire_ended_at(c->wire), c->since, LIMIT_IDLE * second);
    } else if (c->way == SAYS_HALF && c->has_said) {
      const int64_t limit = (c->is_in_body ? LIMIT_BODY : LIMIT_HEAD) * second, ended = wire_ended_at(c->wire);
      must_end(c, "it says a half", ended, c->since, limit);
      must_end(c, "it was told that it is late", wire_closed_at(c->wire), ended, linger);
    } else if (c->way == IS_DEAF && wire_written_at(c->wire)) {
      must_end(c, "it does not read", wire_closed_at(c->wire), wire_written_at(c->wire), LIMIT_WRITE * second);
    }
  }
}
