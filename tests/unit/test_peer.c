// Connections in process: a loop with a client or two on this thread.  Time passes when the test says so (the loop's
// own ticks look at nothing), and a call ends when it says so.
#include "tests/support/unit.h"

#include "server/hub.h"
#include "server/loop.h"
#include "tests/support/small_project.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// So many turns of the loop, a millisecond each at least, are waited for what does not come.
enum { MOST_TURNS = 20000, STILL_TURNS = 50 };

static const stoa_log silent = {0};
static stoa_server server;
static stoa_loop loop;
static uv_pipe_t listener;
static char path[100];
static const stoa_protocol *spoken; // by who connects next
static bool holds;                  // what the loop is told of calls waits
static stoa_call *held[8];
static int n_held;

static void told(stoa_call *call, bool is_final)
{
  if (holds && is_final) {
    held[n_held++] = call;
  } else if (!holds) {
    stoa_peer_told(call, is_final);
  }
}

static void no_tick(stoa_peer *peer, uint64_t now)
{
  (void)peer;
  (void)now;
}

static void on_connection(uv_stream_t *stream, int status)
{
  assert_int_equal(status, 0);
  stoa_peer_accept(&loop, stream, spoken);
}

static int setup(void **state)
{
  static const stoa_loop_hooks hooks = {told, no_tick, stoa_peer_stop, stoa_peer_close};
  stoa_error err = {0};
  (void)state;
  if (!open_project() || stoa_limits_read(engine, &server.limits, &err) != STOA_OK ||
      stoa_dispatcher_new(engine, &server.limits, &silent, true, &server.dispatcher, &err) != STOA_OK ||
      stoa_admission_new(100, 100, &server.admission, &err) != STOA_OK) {
    return 1;
  }
  server.engine = engine;
  server.n_loops = 1;
  server.loops = &loop;
  snprintf(path, sizeof path, "%s/socket", folder);
  return stoa_loop_init(&loop, &server, &hooks, &err) != STOA_OK || uv_pipe_init(&loop.uv, &listener, 0) != 0 ||
         uv_pipe_bind(&listener, path) != 0 || uv_listen((uv_stream_t *)&listener, 16, on_connection) != 0;
}

static void turn(int milliseconds)
{
  uv_run(&loop.uv, UV_RUN_NOWAIT);
  usleep((useconds_t)milliseconds * 1000);
}

static int teardown(void **state)
{
  (void)state;
  while (loop.peers) {
    stoa_peer_close(loop.peers);
  }
  stoa_dispatcher_stop(server.dispatcher);
  stoa_loop_done(&loop);
  stoa_dispatcher_free(server.dispatcher);
  stoa_admission_free(server.admission);
  return !close_project();
}

// A client that has connected, and its peer.
static int connect_to(const stoa_protocol *protocol, stoa_peer **peer)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const unsigned before = loop.n_peers;
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  spoken = protocol;
  assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
  assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
  for (int i = 0; i < MOST_TURNS && loop.n_peers == before; ++i) {
    turn(1);
  }
  assert_int_equal(loop.n_peers, before + 1);
  *peer = loop.peers;
  return fd;
}

static bool is_open(const stoa_peer *peer)
{
  for (const stoa_peer *at = loop.peers; at; at = at->next) {
    if (at == peer) {
      return true;
    }
  }
  return false;
}

static void say(int fd, const char *text)
{
  assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

// As much of `n_bytes` as the other side takes.
static size_t say_much(int fd, size_t n_bytes)
{
  static char bytes[65536];
  size_t sent = 0;
  memset(bytes, 'x', sizeof bytes);
  for (int still = 0; still < STILL_TURNS && sent < n_bytes; ++still) {
    const size_t left = n_bytes - sent;
    const ssize_t n = send(fd, bytes, left < sizeof bytes ? left : sizeof bytes, MSG_NOSIGNAL);
    sent += n > 0 ? (size_t)n : 0;
    still = n > 0 ? 0 : still;
    turn(n <= 0);
  }
  return sent;
}

// What the client gets until `end` has come, or its end when `end` is NULL.
static const char *hear(int fd, const char *end)
{
  static char text[65536];
  size_t length = 0;
  bool goes_on = true;
  text[0] = '\0';
  for (int i = 0; i < MOST_TURNS && goes_on; ++i) {
    const ssize_t n = recv(fd, text + length, sizeof text - 1 - length, 0);
    length += n > 0 ? (size_t)n : 0;
    text[length] = '\0';
    goes_on = n != 0 && (n > 0 || errno == EAGAIN) && !(end && strstr(text, end));
    turn(n <= 0);
  }
  return text;
}

static void until_phase(const stoa_peer *peer, stoa_phase phase)
{
  for (int i = 0; i < MOST_TURNS && peer->phase != phase; ++i) {
    turn(1);
  }
  assert_int_equal(peer->phase, phase);
}

// So long after now, in milliseconds.
static void tick_after(stoa_peer *peer, int64_t milliseconds)
{
  uv_update_time(&loop.uv);
  stoa_peer_tick(peer, uv_now(&loop.uv) + (uint64_t)milliseconds);
}

// Time stands where it was when the phase began.
static void tick_at(stoa_peer *peer, int64_t milliseconds)
{
  stoa_peer_tick(peer, peer->since_ms + (uint64_t)milliseconds);
}

static void leave(int fd, stoa_peer *peer)
{
  close(fd);
  if (is_open(peer)) {
    stoa_peer_close(peer);
  }
  turn(0);
}

static void each_part_of_a_request_has_its_time(void **state)
{
  static const struct {
    const stoa_protocol *protocol;
    const char *text, *said;
    stoa_phase phase;
    int64_t limit_s;
  } cases[] = {
    {&stoa_protocol_http, "GET / HTTP/1.1\r\nHo", "HTTP/1.1 408 ", STOA_PHASE_HEAD, 10},
    {&stoa_protocol_http, "POST /events/click HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", "HTTP/1.1 408 ",
     STOA_PHASE_BODY, 30},
    {&stoa_protocol_resp, "*2\r\n$4\r\nPING\r\n$9\r\nab", "-ERR the head of the request took too long\r\n",
     STOA_PHASE_HEAD, 10},
    {&stoa_protocol_http, "", "", STOA_PHASE_IDLE, 300},
    {&stoa_protocol_resp, "PING\r\n", "+PONG\r\n", STOA_PHASE_IDLE, 300},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
    stoa_peer *peer;
    const int fd = connect_to(cases[i].protocol, &peer);
    const unsigned long before = stoa_peer_metrics(peer)->connections_timed_out;
    say(fd, cases[i].text);
    if (cases[i].phase == STOA_PHASE_IDLE) {
      assert_string_equal(cases[i].text[0] ? hear(fd, "\r\n") : "", cases[i].said);
    }
    until_phase(peer, cases[i].phase);
    tick_at(peer, cases[i].limit_s * 1000);
    assert_int_equal(stoa_peer_metrics(peer)->connections_timed_out, before);
    tick_at(peer, cases[i].limit_s * 1000 + 1);
    assert_int_equal(stoa_peer_metrics(peer)->connections_timed_out, before + 1);
    if (cases[i].phase != STOA_PHASE_IDLE) {
      assert_memory_equal(hear(fd, NULL), cases[i].said, strlen(cases[i].said));
    } else {
      assert_false(is_open(peer));
    }
    leave(fd, peer);
  }
}

static void a_connection_that_is_used_is_not_idle(void **state)
{
  static const stoa_protocol *const protocols[] = {&stoa_protocol_resp, &stoa_protocol_http};
  static const char *const texts[] = {"PING\r\n", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"};
  static const char *const ends[] = {"+PONG\r\n", "ok\n"};
  (void)state;
  for (int i = 0; i < 2; ++i) {
    stoa_peer *peer;
    const int fd = connect_to(protocols[i], &peer);
    peer->since_ms -= 200000;
    say(fd, texts[i]);
    assert_non_null(strstr(hear(fd, ends[i]), ends[i]));
    tick_after(peer, 150000);
    assert_true(is_open(peer));
    tick_after(peer, 310000);
    assert_false(is_open(peer));
    leave(fd, peer);
  }
}

static void who_does_not_read_is_cut(void **state)
{
  stoa_peer *peer;
  const int fd = connect_to(&stoa_protocol_resp, &peer);
  (void)state;
  say(fd, "*2\r\n$4\r\nECHO\r\n$900000\r\n");
  assert_int_equal(say_much(fd, 900000), 900000);
  say(fd, "\r\n");
  for (int i = 0; i < MOST_TURNS && !peer->unsent; ++i) {
    turn(1);
  }
  assert_true(peer->unsent > 0);
  tick_after(peer, 0); // it takes note of what is left
  const int64_t most = server.limits.write_s * 1000;
  stoa_peer_tick(peer, peer->moved_ms + (uint64_t)most);
  assert_true(is_open(peer));
  stoa_peer_tick(peer, peer->moved_ms + (uint64_t)most + 1);
  assert_false(is_open(peer));
  leave(fd, peer);
}

// Everything is said, but the client neither closes nor stops to send.
static int begin_end(stoa_peer **peer)
{
  const int fd = connect_to(&stoa_protocol_http, peer);
  say(fd, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  until_phase(*peer, STOA_PHASE_END);
  return fd;
}

static void what_comes_after_the_last_answer_is_read_for_so_long(void **state)
{
  stoa_peer *peer;
  const int fd = begin_end(&peer);
  (void)state;
  tick_at(peer, 2000);
  assert_true(is_open(peer));
  tick_at(peer, 2001);
  assert_false(is_open(peer));
  leave(fd, peer);
}

static void and_for_so_many_bytes(void **state)
{
  stoa_peer *peer;
  const int fd = begin_end(&peer);
  (void)state;
  assert_true(say_much(fd, 8 << 20) < 4 << 20);
  assert_false(is_open(peer));
  leave(fd, peer);
}

static void a_socket_is_its_owners_and_taken_from_nobody(void **state)
{
  char own[100];
  stoa_error err = {0};
  struct stat info;
  stoa_server_options options = {.socket = path};
  const atomic_ulong *const n_taken = &stoa_dispatcher_shared(server.dispatcher)->metrics->connections;
  const unsigned long before = *n_taken;
  (void)state;
  spoken = &stoa_protocol_http; // by who asks whether somebody listens
  assert_int_equal(stoa_listen(&server, &options, &err), STOA_UNAVAILABLE);
  assert_non_null(strstr(err.text, "a server listens on"));
  snprintf(own, sizeof own, "%s/own", folder);
  options.socket = own;
  assert_int_equal(stoa_listen(&server, &options, &err), STOA_OK);
  assert_int_equal(stat(own, &info), 0);
  assert_int_equal(info.st_mode & 0777, 0600);
  for (int i = 0; i < MOST_TURNS && (*n_taken == before || loop.n_peers); ++i) {
    turn(1); // whoever asked comes, and has gone
  }
  assert_int_equal(loop.n_peers, 0);
}

// A query runs, for as long as the loop is not told of its end, and its client sends ahead of the answer.
static int begin_query(stoa_peer **peer)
{
  const int fd = connect_to(&stoa_protocol_http, peer);
  holds = true;
  say(fd, "GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n");
  until_phase(*peer, STOA_PHASE_CALL);
  return fd;
}

static void let_go(void)
{
  for (int i = 0; i < MOST_TURNS && n_held == 0; ++i) {
    turn(1);
  }
  assert_int_equal(n_held, 1);
  holds = false;
  n_held = 0;
  stoa_peer_told(held[0], true);
}

static void what_is_sent_ahead_of_an_answer_waits(void **state)
{
  stoa_peer *peer;
  const int fd = begin_query(&peer);
  (void)state;
  assert_true(say_much(fd, 8 << 20) < 2 << 20); // what one read takes, and what the system holds
  assert_false(peer->is_reading);
  assert_true(stoa_peer_input(peer).length > STOA_MOST_AHEAD);
  let_go();
  assert_non_null(strstr(hear(fd, "\"boolean\""), "200 OK"));
  leave(fd, peer);
}

static void a_client_that_has_gone_is_seen(bool sends_ahead)
{
  stoa_peer *peer;
  const int fd = begin_query(&peer);
  if (sends_ahead) {
    say_much(fd, 8 << 20);
    assert_false(peer->is_reading);
  }
  stoa_call *const call = peer->call;
  tick_after(peer, 101);
  assert_true(is_open(peer)); // it takes no bytes, but it is there
  close(fd);
  for (int i = 0; i < MOST_TURNS && !sends_ahead && !peer->at_end; ++i) {
    turn(1);
  }
  tick_after(peer, 0);
  assert_true(is_open(peer)); // an end of sending looks the same: it is waited for a moment
  stoa_peer_tick(peer, peer->moved_ms + 101);
  assert_false(is_open(peer));
  assert_true(stoa_call_is_left(call));
  let_go();
  turn(0);
}

static void a_client_that_has_gone_is_seen_while_it_is_read(void **state)
{
  (void)state;
  a_client_that_has_gone_is_seen(false);
}

static void and_while_it_is_not(void **state)
{
  (void)state;
  a_client_that_has_gone_is_seen(true);
}

// ---- those who listen

static const char asks_http[] = "GET /watch/clicks HTTP/1.1\r\nHost: x\r\n\r\n", asks_resp[] = "SUBSCRIBE watch:clicks\r\n";

static stoa_metrics *metrics(void)
{
  return stoa_dispatcher_shared(server.dispatcher)->metrics;
}

// A condition turns for somebody with such a key.
static void turn_condition(const char *key)
{
  const stoa_slice parts[] = {stoa_slice_of(key)};
  const stoa_turned t = {stoa_registry_view(stoa_engine_layer(engine)->registry, "clicks"), "some", parts, 0};
  const stoa_turned_sink sink = stoa_hub_sink(stoa_dispatcher_shared(server.dispatcher)->hub);
  sink.told(&t, sink.data);
}

static int listen_to(const stoa_protocol *protocol, stoa_peer **peer)
{
  const bool is_http = protocol == &stoa_protocol_http;
  const int fd = connect_to(protocol, peer);
  say(fd, is_http ? asks_http : asks_resp);
  const char *const begins = is_http ? "\r\n\r\n3\r\n:\n\n\r\n" : ":1\r\n";
  assert_non_null(strstr(hear(fd, begins), begins));
  return fd;
}

static void until_nobody_listens(void)
{
  for (int i = 0; i < MOST_TURNS && atomic_load(&metrics()->subscribers); ++i) {
    turn(1);
  }
  assert_int_equal(atomic_load(&metrics()->subscribers), 0);
}

static void who_listens_is_not_idle(void **state)
{
  static const stoa_protocol *const protocols[] = {&stoa_protocol_resp, &stoa_protocol_http};
  (void)state;
  for (int i = 0; i < 2; ++i) {
    stoa_peer *peer;
    const int fd = listen_to(protocols[i], &peer);
    tick_after(peer, 14000);
    turn_condition("a");
    const char *const heard = hear(fd, "\"key\":{\"id\":\"a\"}");
    assert_non_null(strstr(heard, "\"key\":{\"id\":\"a\"}"));
    assert_null(strstr(heard, "\n:\n"));
    tick_after(peer, 400000);
    assert_true(is_open(peer));
    if (i == 1) {
      assert_non_null(strstr(hear(fd, ":\n\n"), "3\r\n:\n\n")); // whether somebody is there
    }
    close(fd);
    for (int k = 0; k < MOST_TURNS && is_open(peer); ++k) {
      turn(1);
      if (is_open(peer)) {
        tick_after(peer, 0);
      }
    }
    assert_false(is_open(peer)); // at once, without a beat
    until_nobody_listens();
  }
}

// The last bytes of all that comes.
static const char *hear_last(int fd)
{
  static char last[512];
  char bytes[65536];
  size_t n_last = 0;
  bool goes_on = true;
  for (int i = 0; i < MOST_TURNS && goes_on; ++i) {
    const ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    const size_t take = n < 0 ? 0 : (size_t)n < sizeof last / 2 ? (size_t)n : sizeof last / 2;
    const size_t keep = n_last + take < sizeof last ? n_last : sizeof last - 1 - take;
    memmove(last, last + n_last - keep, keep);
    memcpy(last + keep, bytes + (n < 0 ? 0 : (size_t)n) - take, take);
    n_last = keep + take;
    last[n_last] = '\0';
    goes_on = n > 0 || (n < 0 && errno == EAGAIN);
    turn(n <= 0);
  }
  return last;
}

static void who_falls_behind_is_told_so(void **state)
{
  static const stoa_protocol *const protocols[] = {&stoa_protocol_resp, &stoa_protocol_http};
  static const char *const ends[] = {"-ERR the subscriber has fallen behind by more than 256 KiB\r\n",
                                     "event: stream-end\ndata: {\"why\":\"the subscriber has fallen behind by more than 256 "
                                     "KiB\"}\n\n\r\n0\r\n\r\n"};
  (void)state;
  for (int i = 0; i < 2; ++i) {
    stoa_peer *peer;
    const int fd = listen_to(protocols[i], &peer);
    const unsigned long before = atomic_load(&metrics()->subscribers_lost);
    int n = 0;
    for (; n < 100000 && atomic_load(&metrics()->subscribers_lost) == before; ++n) {
      turn_condition("somebody");
      if (n % 100 == 0) {
        turn(0);
      }
    }
    assert_int_equal(atomic_load(&metrics()->subscribers_lost), before + 1);
    assert_true(n > STOA_MOST_BEHIND / 200); // no sooner
    const char *const last = hear_last(fd), *const end = strstr(last, ends[i]);
    assert_non_null(end);
    assert_string_equal(end, ends[i]);
    until_nobody_listens();
    leave(fd, peer);
  }
}

static void messages_come_between_answers(void **state)
{
  stoa_peer *peer;
  (void)state;
  const int fd = connect_to(&stoa_protocol_resp, &peer);
  say(fd, "HELLO 3\r\n");
  hear(fd, "modules\r\n*0\r\n");
  say(fd, asks_resp);
  assert_non_null(strstr(hear(fd, ":1\r\n"), ">3\r\n$9\r\nsubscribe\r\n$12\r\nwatch:clicks\r\n:1\r\n"));
  holds = true; // a call goes on, within what EXEC answers
  say(fd, "MULTI\r\nHGETALL clicks:a\r\nPING\r\nEXEC\r\n");
  for (int i = 0; i < MOST_TURNS && n_held == 0; ++i) {
    turn(1);
  }
  assert_int_equal(n_held, 1);
  holds = false;
  turn_condition("a");
  for (int i = 0; i < STILL_TURNS; ++i) {
    turn(1);
  }
  stoa_call *const call = held[--n_held];
  stoa_peer_told(call, true);
  const char *const heard = hear(fd, "\"}\r\n"), *const pong = strstr(heard, "+PONG"), *const push = strstr(heard, ">3");
  assert_non_null(strstr(heard, "*2\r\n"));
  assert_true(pong && push && push > pong);
  leave(fd, peer);
  until_nobody_listens();
}

int main(void)
{
  const struct CMUnitTest tests[] = {CLAIM(each_part_of_a_request_has_its_time),
                                     CLAIM(a_connection_that_is_used_is_not_idle),
                                     CLAIM(who_does_not_read_is_cut),
                                     CLAIM(what_comes_after_the_last_answer_is_read_for_so_long),
                                     CLAIM(and_for_so_many_bytes),
                                     CLAIM(a_socket_is_its_owners_and_taken_from_nobody),
                                     CLAIM(what_is_sent_ahead_of_an_answer_waits),
                                     CLAIM(a_client_that_has_gone_is_seen_while_it_is_read),
                                     CLAIM(and_while_it_is_not),
                                     CLAIM(who_listens_is_not_idle),
                                     CLAIM(who_falls_behind_is_told_so),
                                     CLAIM(messages_come_between_answers)};
  return cmocka_run_group_tests(tests, setup, teardown);
}
