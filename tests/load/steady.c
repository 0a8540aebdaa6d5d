// Requests at a steady rate, whether or not the answers keep up: what a request waits for the ones before it counts too.
// Each is due at its own instant, and its latency is from that instant to the last byte of its answer.
//
//   steady WHERE resp|online|event RATE CONNECTIONS SECONDS SERVICE ROWS KEYS
//
// resp: FEATURES.GET SERVICE with ROWS keys; online: POST /get-online-features naming the service; event: clicks of the
// example bank, while another connection sends one after another and asks for the feature SERVICE (a service, "/", and a
// count) until each is in it: its line is the time that took, from the first byte.  Keys are 1 to KEYS.
// Prints: KIND rate R achieved A p50 MS p99 MS most MS errors N client CPU%
#include "graph/base/buf.h"
#include "graph/base/clock.h"
#include "tests/load/latency.h"
#include "tests/load/wire.h"
#include "tests/random/dice.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 64, MOST_PENDING = 4096 };

// A connection with the instants at which its open requests were due, in order.
typedef struct {
  int fd;
  stoa_buf out, in;
  bool is_full; ///< the socket takes no more now
  size_t sent, read;
  int64_t due[MOST_PENDING];
  unsigned first, n;
} line;

typedef struct {
  const char *kind, *service;
  int rows, keys;
  dice d;
  latency took;
  long errors, asked;
  line lines[MOST_CONNECTIONS];
  int n_lines;
} load;

// ---- requests

static void write_resp(load *l, stoa_buf *out)
{
  stoa_buf_print(out, "*%d\r\n$12\r\nFEATURES.GET\r\n$%zu\r\n%s\r\n", l->rows + 2, strlen(l->service), l->service);
  for (int i = 0; i < l->rows; ++i) {
    char key[24];
    snprintf(key, sizeof key, "%u", 1 + dice_below(&l->d, (uint32_t)l->keys));
    stoa_buf_print(out, "$%zu\r\n%s\r\n", strlen(key), key);
  }
}

// The body of a click, of which no other has the number.
static void write_click(stoa_buf *out, const char *run, long number, unsigned customer)
{
  static _Thread_local time_t told;
  static _Thread_local char at[40];
  const time_t now = time(NULL);
  if (now != told) {
    struct tm tm;
    told = now;
    gmtime_r(&now, &tm);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", &tm);
  }
  stoa_buf_print(out, "{\"id\":\"%s-%d-%ld\",\"at\":\"%s\",\"customer\":%u,\"channel\":\"web\",\"kind\":\"viewed\"}", run,
                 (int)getpid(), number, at, customer);
}

static void write_event(load *l, stoa_buf *out)
{
  stoa_buf body = {0};
  write_click(&body, "s", l->asked, 2 + dice_below(&l->d, (uint32_t)l->keys - 1));
  stoa_buf_print(out, "*3\r\n$5\r\nEVENT\r\n$5\r\nclick\r\n$%zu\r\n", body.length);
  stoa_buf_slice(out, (stoa_slice){body.data, body.length});
  stoa_buf_text(out, "\r\n");
  stoa_buf_done(&body);
}

static void write_online(load *l, stoa_buf *out)
{
  stoa_buf body = {0};
  stoa_buf_print(&body, "{\"feature_service\":\"%s\",\"full_feature_names\":true,\"entities\":{\"customer_id\":[", l->service);
  for (int i = 0; i < l->rows; ++i) {
    stoa_buf_print(&body, "%s%u", i ? "," : "", 1 + dice_below(&l->d, (uint32_t)l->keys));
  }
  stoa_buf_text(&body, "]}}");
  stoa_buf_print(out,
                 "POST /get-online-features HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 body.length);
  stoa_buf_slice(out, (stoa_slice){body.data, body.length});
  stoa_buf_done(&body);
}

// ---- answers: the bytes of the first one, or 0 when it is not whole yet; *bad: it is an error

static size_t resp_length(const char *at, size_t n, bool *bad)
{
  const char *const end = memchr(at, '\n', n);
  if (!end) {
    return 0;
  }
  const size_t head = (size_t)(end - at) + 1;
  const long count = at[0] == '$' || at[0] == '*' || at[0] == '%' ? strtol(at + 1, NULL, 10) : -1;
  *bad |= at[0] == '-';
  if (count < 0) {
    return head;
  }
  if (at[0] == '$') {
    return head + (size_t)count + 2 <= n ? head + (size_t)count + 2 : 0;
  }
  size_t all = head;
  for (long i = 0; i < (at[0] == '%' ? 2 * count : count); ++i) {
    const size_t one = all < n ? resp_length(at + all, n - all, bad) : 0;
    if (!one) {
      return 0;
    }
    all += one;
  }
  return all;
}

static size_t http_length(const char *at, size_t n, bool *bad)
{
  const char *const end = memmem(at, n, "\r\n\r\n", 4);
  if (!end) {
    return 0;
  }
  const size_t head = (size_t)(end - at) + 4;
  const char *const length = memmem(at, head, "Content-Length: ", 16);
  const size_t body = length ? strtoul(length + 16, NULL, 10) : 0;
  *bad |= n < 12 || memcmp(at + 9, "200", 3) != 0;
  return head + body <= n ? head + body : 0;
}

static void take_answers(load *l, line *c, int64_t now)
{
  for (;;) {
    bool bad = false;
    const char *const at = c->in.data + c->read;
    const size_t left = c->in.length - c->read;
    const size_t n = !left ? 0 : l->kind[0] == 'o' ? http_length(at, left, &bad) : resp_length(at, left, &bad);
    if (!n || !c->n) {
      break;
    }
    c->read += n;
    l->errors += bad;
    latency_add(&l->took, now - c->due[c->first]);
    c->first = (c->first + 1) % MOST_PENDING;
    c->n--;
  }
  if (c->read == c->in.length) {
    c->in.length = c->read = 0;
  }
}

// ---- the loop

static void send_on(line *c)
{
  while (c->sent < c->out.length && !c->is_full) {
    const ssize_t n = write(c->fd, c->out.data + c->sent, c->out.length - c->sent);
    c->is_full = n <= 0;
    c->sent += n > 0 ? (size_t)n : 0;
  }
  if (c->sent == c->out.length) {
    c->out.length = c->sent = 0;
  }
}

static bool receive(load *l, line *c)
{
  static char bytes[1 << 18];
  ssize_t n;
  do {
    n = read(c->fd, bytes, sizeof bytes);
    if (n > 0) {
      stoa_buf_slice(&c->in, (stoa_slice){bytes, (size_t)n});
      take_answers(l, c, stoa_clock_steady_ns());
    }
  } while (n == sizeof bytes);
  return n > 0 || (n < 0 && errno == EAGAIN);
}

static void ask(load *l, int64_t due)
{
  line *const c = &l->lines[l->asked++ % l->n_lines];
  if (c->n == MOST_PENDING) {
    l->errors++;
    return;
  }
  c->due[(c->first + c->n++) % MOST_PENDING] = due;
  if (l->kind[0] == 'o') {
    write_online(l, &c->out);
  } else if (l->kind[0] == 'e') {
    write_event(l, &c->out);
  } else {
    write_resp(l, &c->out);
  }
}

static bool run(load *l, double rate, double seconds)
{
  const int64_t start = stoa_clock_steady_ns(), end = start + (int64_t)(seconds * 1e9);
  struct pollfd polls[MOST_CONNECTIONS] = {0};
  for (long k = 0;;) {
    const int64_t now = stoa_clock_steady_ns();
    int64_t due = start + (int64_t)((double)k * 1e9 / rate);
    while (due <= now && due < end) {
      ask(l, due);
      due = start + (int64_t)((double)++k * 1e9 / rate);
    }
    unsigned open = 0;
    for (int i = 0; i < l->n_lines; ++i) {
      line *const c = &l->lines[i];
      c->is_full &= !(polls[i].revents & POLLOUT);
      send_on(c);
      if ((polls[i].revents & ~POLLOUT) && !receive(l, c)) {
        return false;
      }
      open += c->n;
      polls[i] = (struct pollfd){.fd = c->fd, .events = POLLIN | (c->out.length ? POLLOUT : 0)};
    }
    if (due >= end && (open == 0 || now > end + INT64_C(5000000000))) {
      l->errors += open;
      return true;
    }
    const int64_t wait = due < end ? due - stoa_clock_steady_ns() : 1000000;
    const struct timespec most = {0, wait < 0 ? 0 : wait > 999999999 ? 999999999 : wait};
    ppoll(polls, (nfds_t)l->n_lines, &most, NULL);
  }
}

// ---- until an event is in the vector

typedef struct {
  const char *where, *service, *feature;
  latency took;
  atomic_bool ended;
  bool failed;
} watch;

static long count_of(wire *w, const watch *seen, stoa_buf *answer)
{
  char key[128], kind;
  snprintf(key, sizeof key, "%s:1", seen->service);
  const char *const words[] = {"HMGET", key, seen->feature};
  if (!wire_ask(w, words, 3, &kind, answer) || kind != '*') {
    return -1;
  }
  const char *const number = memchr(answer->data + 1, '$', answer->length - 1); // *1 CRLF $n CRLF digits
  const char *const line = number ? memchr(number, '\n', answer->length - (size_t)(number - answer->data)) : NULL;
  return line ? strtol(line + 1, NULL, 10) : -1;
}

static void *watch_events(void *data)
{
  watch *const seen = data;
  stoa_buf answer = {0}, body = {0};
  wire w;
  char kind;
  seen->failed = !wire_open(&w, seen->where);
  long count = seen->failed ? -1 : count_of(&w, seen, &answer);
  for (long i = 0; !seen->failed && !atomic_load(&seen->ended); ++i) {
    body.length = 0;
    write_click(&body, "w", i, 1);
    const char *const text = stoa_buf_string(&body);
    const char *const words[] = {"EVENT", "click", text};
    const int64_t start = stoa_clock_steady_ns();
    seen->failed = count < 0 || !wire_ask(&w, words, 3, &kind, &answer) || kind == '-';
    ++count;
    while (!seen->failed && count_of(&w, seen, &answer) < count) {
      seen->failed = stoa_clock_steady_ns() - start > INT64_C(5000000000);
    }
    latency_add(&seen->took, stoa_clock_steady_ns() - start);
    usleep(2000);
  }
  wire_close(&w);
  stoa_buf_done(&answer);
  stoa_buf_done(&body);
  return NULL;
}

static double cpu_seconds(void)
{
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
  static load l;
  if (argc != 9) {
    fputs("usage: steady WHERE resp|online|event RATE CONNECTIONS SECONDS SERVICE ROWS KEYS\n", stderr);
    return 2;
  }
  const double rate = strtod(argv[3], NULL), seconds = strtod(argv[5], NULL);
  l.kind = argv[2];
  l.service = argv[6];
  l.rows = atoi(argv[7]);
  l.keys = atoi(argv[8]);
  l.d = (dice){11};
  l.n_lines = atoi(argv[4]) < MOST_CONNECTIONS ? atoi(argv[4]) : MOST_CONNECTIONS;
  for (int i = 0; i < l.n_lines; ++i) {
    l.lines[i].fd = wire_connect(argv[1]);
    if (l.lines[i].fd < 0 || fcntl(l.lines[i].fd, F_SETFL, O_NONBLOCK) != 0) {
      perror(argv[1]);
      return 2;
    }
  }
  char service[64];
  watch seen = {.where = argv[1], .service = service};
  pthread_t watcher;
  const bool watches = l.kind[0] == 'e';
  if (watches) {
    snprintf(service, sizeof service, "%.*s", (int)strcspn(l.service, "/"), l.service);
    seen.feature = l.service + strcspn(l.service, "/") + (strchr(l.service, '/') != NULL);
    pthread_create(&watcher, NULL, watch_events, &seen);
  }
  const int64_t start = stoa_clock_steady_ns();
  const double cpu = cpu_seconds();
  const bool good = run(&l, rate, seconds);
  if (watches) {
    atomic_store(&seen.ended, true);
    pthread_join(watcher, NULL);
    latency_sort(&seen.took);
    printf("seen %zu p50 %.3f p99 %.3f most %.3f %s\n", seen.took.n, latency_at(&seen.took, .5), latency_at(&seen.took, .99),
           latency_at(&seen.took, 1), seen.failed ? "FAILED" : "");
    l.errors += seen.failed;
  }
  const double wall = (double)(stoa_clock_steady_ns() - start) / 1e9;
  latency_sort(&l.took);
  printf("%s rate %.0f achieved %.0f p50 %.3f p99 %.3f most %.3f errors %ld client %.0f%%\n", l.kind, rate,
         (double)l.took.n / wall, latency_at(&l.took, .5), latency_at(&l.took, .99), latency_at(&l.took, 1), l.errors,
         (cpu_seconds() - cpu) / wall * 100);
  return !good || l.errors > 0;
}
