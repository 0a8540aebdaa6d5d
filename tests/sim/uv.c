// What server/ uses of libuv, on turns.h and wire.h; these functions stand before those of the library, which still
// does what needs no loop (names of errors, addresses).
#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include "tests/sim/wire.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { MOST_WAITING = 64, MS = 1000000, FIRST_LISTENER = WIRE_FIRST_DESCRIPTOR / 2 };

typedef struct pending {
  struct pending *next;
  uv_write_t *request;
  uv_write_cb told;
  char *bytes;
  size_t n, done;
} pending;

typedef struct loop loop;

// A handle, beside the library's own struct, which the caller owns.
typedef struct handle {
  struct handle *next;
  uv_handle_t *uv;
  loop *in;
  int number;
  bool is_active, has_no_ref, is_closing, is_closed;
  uv_close_cb on_close;
  uv_async_cb on_async; ///< a wake-up
  bool is_sent;
  uv_timer_cb on_timer;
  uint64_t due_ms, repeat_ms;
  uv_signal_cb on_signal;
  int signal;
  uv_connection_cb on_connection; ///< a listener
  int port, n_waiting;
  wire *waiting[MOST_WAITING];
  wire *wire; ///< a connection
  bool reads, ends;
  uv_alloc_cb on_alloc;
  uv_read_cb on_read;
  pending *first, *last;
  uv_shutdown_t *shutdown;
  uv_shutdown_cb on_shutdown;
} handle;

struct loop {
  loop *next;
  uv_loop_t *uv;
  handle *handles;
  bool is_woken;
};

static loop *loops;
static int n_handles;

static handle *of(const void *uv)
{
  return ((const uv_handle_t *)uv)->u.reserved[3];
}

static handle *add(uv_loop_t *uv_loop, void *uv, uv_handle_type type)
{
  handle *const h = calloc(1, sizeof *h);
  uv_handle_t *const base = uv;
  h->uv = base;
  h->in = uv_loop->internal_fields;
  h->number = n_handles++;
  h->next = h->in->handles;
  h->in->handles = h;
  base->loop = uv_loop;
  base->type = type;
  base->u.reserved[3] = h;
  return h;
}

static void wake(loop *l)
{
  l->is_woken = true;
  turns_wake(l);
}

void uv_sim_changed(void)
{
  for (loop *l = loops; l; l = l->next) {
    wake(l);
  }
}

// ---- what needs no loop

uv_buf_t uv_buf_init(char *bytes, unsigned n_bytes)
{
  return (uv_buf_t){.base = bytes, .len = n_bytes};
}

const char *uv_strerror(int code)
{
  return strerror(-code);
}

int uv_ip4_addr(const char *text, int port, struct sockaddr_in *out)
{
  *out = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  return inet_pton(AF_INET, text, &out->sin_addr) == 1 ? 0 : UV_EINVAL;
}

int uv_ip6_addr(const char *text, int port, struct sockaddr_in6 *out)
{
  *out = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  return inet_pton(AF_INET6, text, &out->sin6_addr) == 1 ? 0 : UV_EINVAL;
}

int uv_ip4_name(const struct sockaddr_in *address, char *out, size_t n_bytes)
{
  return inet_ntop(AF_INET, &address->sin_addr, out, (socklen_t)n_bytes) ? 0 : UV_ENOSPC;
}

int uv_ip6_name(const struct sockaddr_in6 *address, char *out, size_t n_bytes)
{
  return inet_ntop(AF_INET6, &address->sin6_addr, out, (socklen_t)n_bytes) ? 0 : UV_ENOSPC;
}

typedef struct {
  uv_thread_cb body;
  void *data;
} thread_start;

static void *run_thread(void *data)
{
  const thread_start start = *(thread_start *)data;
  free(data);
  start.body(start.data);
  return NULL;
}

int uv_thread_create(uv_thread_t *thread, uv_thread_cb body, void *data)
{
  thread_start *const start = malloc(sizeof *start);
  *start = (thread_start){body, data};
  const int code = pthread_create(thread, NULL, run_thread, start);
  if (code) {
    free(start);
  }
  return -code;
}

int uv_thread_join(uv_thread_t *thread)
{
  return -pthread_join(*thread, NULL);
}

// ---- loops

static uint64_t now_ms(void)
{
  return (uint64_t)(turns_now() / MS);
}

int uv_loop_init(uv_loop_t *uv)
{
  loop *const l = calloc(1, sizeof *l);
  memset(uv, 0, sizeof *uv);
  l->uv = uv;
  l->next = loops;
  loops = l;
  uv->internal_fields = l;
  uv->time = now_ms();
  return 0;
}

static bool is_alive(const loop *l)
{
  for (const handle *h = l->handles; h; h = h->next) {
    if (!h->is_closed && (h->is_closing || h->first || h->shutdown || (h->is_active && !h->has_no_ref))) {
      return true;
    }
  }
  return false;
}

int uv_loop_close(uv_loop_t *uv)
{
  loop *const own = uv->internal_fields;
  loop **at = &loops;
  if (is_alive(own)) {
    wrong("a loop is closed with handles open");
  }
  while (*at != own) {
    at = &(*at)->next;
  }
  *at = own->next;
  return 0;
}

uint64_t uv_now(const uv_loop_t *uv)
{
  return uv->time;
}

void uv_walk(uv_loop_t *uv, uv_walk_cb visit, void *data)
{
  for (handle *h = ((loop *)uv->internal_fields)->handles; h; h = h->next) {
    if (!h->is_closed) {
      visit(h->uv, data);
    }
  }
}

static void run_timers(loop *l)
{
  for (handle *h = l->handles; h; h = h->next) {
    if (h->on_timer && h->is_active && !h->is_closing && h->due_ms <= l->uv->time) {
      h->is_active = h->repeat_ms > 0;
      h->due_ms = l->uv->time + h->repeat_ms;
      h->on_timer((uv_timer_t *)h->uv);
    }
  }
}

static int64_t first_timer(const loop *l)
{
  int64_t first = TURNS_NEVER;
  for (const handle *h = l->handles; h; h = h->next) {
    const int64_t due = (int64_t)h->due_ms * MS;
    if (h->on_timer && h->is_active && !h->is_closing && due < first) {
      first = due;
    }
  }
  return first;
}

// ---- what a handle has to do; false: nothing now

static bool accept_one(handle *h)
{
  if (!h->n_waiting) {
    return false;
  }
  h->on_connection((uv_stream_t *)h->uv, 0);
  return true;
}

static bool read_some(handle *h)
{
  uv_buf_t buf = {0};
  if (!h->reads || !wire_can_take(h->wire)) {
    return false;
  }
  h->on_alloc(h->uv, 65536, &buf);
  const ssize_t n = wire_take(h->wire, buf.base, buf.len);
  if (n < 0) {
    h->reads = h->is_active = false;
  }
  h->on_read((uv_stream_t *)h->uv, n == -1 ? UV_EOF : n == -2 ? UV_ECONNRESET : n, &buf);
  return true;
}

static void tell_written(handle *h, int status)
{
  pending *const p = h->first;
  h->first = p->next;
  h->last = h->first ? h->last : NULL;
  p->told(p->request, status);
  free(p->bytes);
  free(p);
}

static bool write_some(handle *h)
{
  pending *const p = h->first;
  if (!p || !wire_has_room(h->wire)) {
    return false;
  }
  const ssize_t n = wire_give(h->wire, p->bytes + p->done, p->n - p->done);
  p->done += n > 0 ? (size_t)n : 0;
  if (n < 0 || p->done == p->n) {
    tell_written(h, n < 0 ? UV_EPIPE : 0);
  }
  return true;
}

static bool shut(handle *h)
{
  uv_shutdown_t *const request = h->shutdown;
  if (!request || h->first) {
    return false;
  }
  h->shutdown = NULL;
  wire_server_ends(h->wire);
  h->on_shutdown(request, 0);
  return true;
}

static bool serve(handle *h)
{
  if (h->is_closing) {
    return false;
  }
  if (h->is_sent) {
    h->is_sent = false;
    h->on_async ? h->on_async((uv_async_t *)h->uv) : h->on_signal((uv_signal_t *)h->uv, h->signal);
    return true;
  }
  if (h->on_connection) {
    return accept_one(h);
  }
  if (!h->wire) {
    return false;
  }
  const bool has_written = write_some(h);
  return (!h->is_closing && read_some(h)) || (!h->is_closing && shut(h)) || has_written;
}

// In some order: the system promises none.
static bool serve_all(loop *l)
{
  handle *all[4096];
  uint32_t n = 0;
  bool any = false;
  for (handle *h = l->handles; h && n < sizeof all / sizeof *all; h = h->next) {
    if (!h->is_closed) {
      all[n++] = h;
    }
  }
  for (; n; --n) {
    const uint32_t i = dice_below(turns_dice(), n);
    handle *const h = all[i];
    all[i] = all[n - 1];
    any |= !h->is_closed && serve(h);
  }
  return any;
}

static void close_one(handle *h)
{
  h->is_closed = true;
  while (h->first) {
    tell_written(h, UV_ECANCELED);
  }
  if (h->shutdown) {
    h->on_shutdown(h->shutdown, UV_ECANCELED);
    h->shutdown = NULL;
  }
  if (h->wire) {
    wire_server_closes(h->wire);
  }
  for (int i = 0; i < h->n_waiting; ++i) {
    wire_will_reset(h->waiting[i]);
    wire_server_closes(h->waiting[i]);
  }
  if (h->on_close) {
    h->on_close(h->uv);
  }
}

static bool run_closes(loop *l)
{
  bool any = false;
  for (handle **at = &l->handles; *at;) {
    handle *const h = *at;
    if (h->is_closing && !h->is_closed) {
      close_one(h);
      any = true;
    }
    if (h->is_closed && *at == h) {
      *at = h->next; // it stays where it is: the server may still ask whether it closes
    } else {
      at = &(*at)->next;
    }
  }
  return any;
}

static void turn(loop *l)
{
  l->uv->time = now_ms();
  run_timers(l);
  l->is_woken = false;
  bool any = serve_all(l);
  any |= run_closes(l);
  const int64_t until = first_timer(l);
  if (!any && !l->is_woken && is_alive(l) && until > turns_now()) {
    turns_wait(l, until);
  } else {
    turns_yield();
  }
  l->uv->time = now_ms();
  run_timers(l);
}

int uv_run(uv_loop_t *uv, uv_run_mode mode)
{
  loop *const l = uv->internal_fields;
  while (is_alive(l)) {
    turn(l);
    if (mode != UV_RUN_DEFAULT) {
      break;
    }
  }
  return is_alive(l);
}

// ---- handles

int uv_is_closing(const uv_handle_t *uv)
{
  return of(uv)->is_closing;
}

void uv_close(uv_handle_t *uv, uv_close_cb closed)
{
  handle *const h = of(uv);
  if (h->is_closing) {
    wrong("a handle is closed twice");
  }
  h->is_closing = true;
  h->reads = h->is_active = false;
  h->on_close = closed;
  wake(h->in);
}

void uv_unref(uv_handle_t *uv)
{
  of(uv)->has_no_ref = true;
}

int uv_async_init(uv_loop_t *uv_loop, uv_async_t *async, uv_async_cb told)
{
  handle *const h = add(uv_loop, async, UV_ASYNC);
  h->on_async = told;
  h->is_active = true;
  return 0;
}

int uv_async_send(uv_async_t *async)
{
  handle *const h = of(async);
  h->is_sent = true;
  wake(h->in);
  return 0;
}

int uv_timer_init(uv_loop_t *uv_loop, uv_timer_t *timer)
{
  add(uv_loop, timer, UV_TIMER);
  return 0;
}

int uv_timer_start(uv_timer_t *timer, uv_timer_cb told, uint64_t ms, uint64_t repeat_ms)
{
  handle *const h = of(timer);
  if (h->is_closing) {
    return UV_EINVAL;
  }
  h->on_timer = told;
  h->due_ms = timer->loop->time + ms;
  h->repeat_ms = repeat_ms;
  h->is_active = true;
  return 0;
}

int uv_timer_stop(uv_timer_t *timer)
{
  of(timer)->is_active = false;
  return 0;
}

int uv_signal_init(uv_loop_t *uv_loop, uv_signal_t *signal)
{
  add(uv_loop, signal, UV_SIGNAL);
  return 0;
}

int uv_signal_start(uv_signal_t *signal, uv_signal_cb told, int number)
{
  handle *const h = of(signal);
  h->on_signal = told;
  h->signal = number;
  h->is_active = true;
  return 0;
}

void uv_sim_signal(int number)
{
  for (loop *l = loops; l; l = l->next) {
    for (handle *h = l->handles; h; h = h->next) {
      if (h->on_signal && h->signal == number && !h->is_closing) {
        h->is_sent = true;
        wake(l);
      }
    }
  }
}

// ---- listeners

int uv_tcp_init_ex(uv_loop_t *uv_loop, uv_tcp_t *tcp, unsigned flags)
{
  (void)flags;
  add(uv_loop, tcp, UV_TCP);
  return 0;
}

int uv_tcp_init(uv_loop_t *uv_loop, uv_tcp_t *tcp)
{
  return uv_tcp_init_ex(uv_loop, tcp, 0);
}

int uv_pipe_init(uv_loop_t *uv_loop, uv_pipe_t *pipe, int ipc)
{
  (void)ipc;
  add(uv_loop, pipe, UV_NAMED_PIPE);
  return 0;
}

int uv_fileno(const uv_handle_t *uv, uv_os_fd_t *fd)
{
  const handle *const h = of(uv);
  if (h->is_closing) {
    return UV_EBADF;
  }
  *fd = h->wire ? wire_descriptor(h->wire) : FIRST_LISTENER + h->number;
  return 0;
}

int uv_tcp_bind(uv_tcp_t *tcp, const struct sockaddr *address, unsigned flags)
{
  (void)flags;
  of(tcp)->port = ntohs(((const struct sockaddr_in *)address)->sin_port);
  return 0;
}

int uv_pipe_open(uv_pipe_t *pipe, uv_file fd)
{
  (void)fd;
  of(pipe)->port = 0;
  return 0;
}

static int write_address(uint32_t host, int port, struct sockaddr *out, int *n)
{
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(host)};
  memcpy(out, &address, sizeof address);
  *n = sizeof address;
  return 0;
}

int uv_tcp_getsockname(const uv_tcp_t *tcp, struct sockaddr *out, int *n)
{
  return write_address(INADDR_LOOPBACK, of(tcp)->port, out, n);
}

int uv_tcp_getpeername(const uv_tcp_t *tcp, struct sockaddr *out, int *n)
{
  return write_address(0x0A000000U + (uint32_t)wire_host(of(tcp)->wire), 40000, out, n);
}

int uv_tcp_nodelay(uv_tcp_t *tcp, int on)
{
  (void)tcp;
  (void)on;
  return 0;
}

int uv_listen(uv_stream_t *stream, int backlog, uv_connection_cb told)
{
  handle *const h = of(stream);
  (void)backlog;
  h->on_connection = told;
  h->is_active = true;
  return 0;
}

// Of the listeners of a port the dice choose one.
bool uv_sim_connect(wire *w, int port)
{
  handle *found[16];
  uint32_t n = 0;
  for (loop *l = loops; l; l = l->next) {
    for (handle *h = l->handles; h; h = h->next) {
      if (h->on_connection && !h->is_closing && h->port == port && h->n_waiting < MOST_WAITING) {
        found[n++] = h;
      }
    }
  }
  if (n == 0) {
    return false;
  }
  handle *const h = found[dice_below(turns_dice(), n)];
  h->waiting[h->n_waiting++] = w;
  wake(h->in);
  return true;
}

int uv_accept(uv_stream_t *listener, uv_stream_t *stream)
{
  handle *const from = of(listener);
  if (!from->n_waiting) {
    return UV_EAGAIN;
  }
  of(stream)->wire = from->waiting[0];
  wire_accepted(from->waiting[0]);
  memmove(from->waiting, from->waiting + 1, (size_t)--from->n_waiting * sizeof *from->waiting);
  return 0;
}

// ---- connections

int uv_read_start(uv_stream_t *stream, uv_alloc_cb alloc, uv_read_cb told)
{
  handle *const h = of(stream);
  if (h->is_closing) {
    return UV_EINVAL;
  }
  h->on_alloc = alloc;
  h->on_read = told;
  h->reads = h->is_active = true;
  wake(h->in);
  return 0;
}

int uv_read_stop(uv_stream_t *stream)
{
  handle *const h = of(stream);
  h->reads = h->is_active = false;
  return 0;
}

int uv_try_write(uv_stream_t *stream, const uv_buf_t bufs[], unsigned n_bufs)
{
  handle *const h = of(stream);
  (void)n_bufs; // always one
  if (h->first || !wire_has_room(h->wire)) {
    return UV_EAGAIN;
  }
  const ssize_t n = wire_give(h->wire, bufs[0].base, bufs[0].len);
  return n < 0 ? UV_EPIPE : (int)n;
}

int uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t bufs[], unsigned n_bufs, uv_write_cb told)
{
  handle *const h = of(stream);
  pending *const p = calloc(1, sizeof *p);
  (void)n_bufs;
  if (h->ends) {
    wrong("bytes are written after the end of a half");
  }
  *p = (pending){.request = request, .told = told, .bytes = malloc(bufs[0].len), .n = bufs[0].len};
  memcpy(p->bytes, bufs[0].base, bufs[0].len);
  request->handle = stream;
  if (h->last) {
    h->last->next = p;
  } else {
    h->first = p;
  }
  h->last = p;
  wake(h->in);
  return 0;
}

size_t uv_stream_get_write_queue_size(const uv_stream_t *stream)
{
  size_t n = 0;
  for (const pending *p = of(stream)->first; p; p = p->next) {
    n += p->n - p->done;
  }
  return n;
}

int uv_shutdown(uv_shutdown_t *request, uv_stream_t *stream, uv_shutdown_cb told)
{
  handle *const h = of(stream);
  if (h->is_closing || h->ends) {
    return UV_ENOTCONN;
  }
  h->ends = true;
  h->shutdown = request;
  h->on_shutdown = told;
  wake(h->in);
  return 0;
}
