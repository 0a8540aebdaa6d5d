// The server: loops with their listeners, lanes of workers, the state writer, and an orderly end.
#include "server/connection.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { KEYED_QUEUE = 4096, QUERY_QUEUE = 64, WRITER_QUEUE = 8192, MOST_LOOPS = 4 };

stoa_status stoa_server_configure(const stoa_engine *engine, stoa_server_options *o, stoa_error *err)
{
  static const char *const listen_keys[] = {"http", "resp", "socket", NULL}, *const security_keys[] = {"api_key", NULL};
  const stoa_project *const p = stoa_engine_layer(engine)->project;
  const stoa_yaml *const listen = stoa_yaml_find(p->config, "listen");
  const stoa_yaml *const security = stoa_yaml_find(p->config, "security");
  if (listen) {
    STOA_TRY(stoa_yaml_known(listen, listen_keys, err));
  }
  if (security) {
    STOA_TRY(stoa_yaml_known(security, security_keys, err));
  }
  o->http = o->http ? o->http : stoa_yaml_text(listen, "http", NULL);
  o->resp = o->resp ? o->resp : stoa_yaml_text(listen, "resp", NULL);
  o->key = o->key ? o->key : stoa_yaml_text(security, "api_key", NULL);
  if (!o->socket && stoa_yaml_text(listen, "socket", NULL)) {
    o->socket = stoa_engine_path((stoa_engine *)engine, stoa_yaml_text(listen, "socket", NULL));
  }
  if (o->key && !o->key[0]) {
    return stoa_error_at(err, STOA_BAD_ARG, security->place, "api_key is empty");
  }
  return STOA_OK;
}

// ---- jobs come back

static void notify(stoa_job *job, bool is_final)
{
  stoa_loop *const loop = job->loop;
  pthread_mutex_lock(&loop->lock);
  job->is_final |= is_final;
  if (!job->is_ready) {
    if (loop->n_ready == loop->ready_capacity) {
      loop->ready_capacity = loop->ready_capacity ? loop->ready_capacity * 2 : 64;
      loop->ready = realloc(loop->ready, loop->ready_capacity * sizeof *loop->ready);
      if (!loop->ready) {
        abort();
      }
    }
    loop->ready[loop->n_ready++] = job;
    job->is_ready = true;
  }
  pthread_mutex_unlock(&loop->lock);
  uv_async_send(&loop->wake);
}

static void close_all(stoa_loop *loop)
{
  uv_handle_t *const listeners[] = {(uv_handle_t *)&loop->http, (uv_handle_t *)&loop->resp, (uv_handle_t *)&loop->pipe};
  const bool has[] = {loop->has_http, loop->has_resp, loop->has_pipe};
  for (int i = 0; i < 3; ++i) {
    if (has[i] && !uv_is_closing(listeners[i])) {
      uv_close(listeners[i], NULL);
    }
  }
  // Idle connections end now, running requests are answered first.
  for (stoa_peer *peer = loop->peers, *next; peer; peer = next) {
    next = peer->next;
    if (peer->job || peer->unsent) {
      peer->close_after = true;
    } else {
      stoa_peer_close(peer);
    }
  }
  if (!loop->peers && !uv_is_closing((uv_handle_t *)&loop->wake)) {
    uv_close((uv_handle_t *)&loop->wake, NULL);
  }
}

static void on_wake(uv_async_t *wake)
{
  stoa_loop *const loop = wake->data;
  for (;;) {
    pthread_mutex_lock(&loop->lock);
    stoa_job *const job = loop->n_ready ? loop->ready[0] : NULL;
    bool is_final = false;
    if (job) {
      is_final = job->is_final;
      job->is_ready = false;
      loop->n_ready--;
      memmove(loop->ready, loop->ready + 1, loop->n_ready * sizeof *loop->ready);
    }
    pthread_mutex_unlock(&loop->lock);
    if (!job) {
      break;
    }
    stoa_peer_ready(job, is_final);
  }
  if (atomic_load(&loop->server->stopping)) {
    close_all(loop);
  }
}

// ---- listeners

static int bind_tcp(stoa_loop *loop, uv_tcp_t *tcp, const struct sockaddr_storage *address)
{
  uv_os_fd_t fd;
  const int one = 1;
  int code = uv_tcp_init_ex(&loop->uv, tcp, address->ss_family);
  if (code == 0 && (code = uv_fileno((uv_handle_t *)tcp, &fd)) == 0) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    code = uv_tcp_bind(tcp, (const struct sockaddr *)address, 0);
  }
  tcp->data = loop;
  return code ? code : stoa_listen((uv_stream_t *)tcp);
}

// SO_REUSEPORT would share a port with a stranger: a plain socket asks first whether it is free.
static bool port_is_free(const struct sockaddr_storage *address)
{
  const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const bool is_free =
    fd >= 0 &&
    bind(fd, (const struct sockaddr *)address,
         address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)) == 0 &&
    listen(fd, 1) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return is_free;
}

static stoa_status listen_tcp(stoa_server *s, const char *name, const char *text, bool is_http, stoa_error *err)
{
  struct sockaddr_storage address = {0};
  STOA_TRY(stoa_address_read(text, s->key != NULL, &address, err));
  if (!port_is_free(&address)) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "%s address %s is in use; choose another, or port 0 for a free one",
                          name, text);
  }
  for (int i = 0; i < s->n_loops; ++i) {
    stoa_loop *const loop = &s->loops[i];
    uv_tcp_t *const tcp = is_http ? &loop->http : &loop->resp;
    *(is_http ? &loop->has_http : &loop->has_resp) = true;
    const int code = bind_tcp(loop, tcp, &address);
    if (code) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", text, uv_strerror(code));
    }
    int n = sizeof address; // the port that was taken, for the other loops
    uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &n);
  }
  char host[64];
  const int port = ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
                                                      : ((struct sockaddr_in6 *)&address)->sin6_port);
  address.ss_family == AF_INET ? uv_ip4_name((struct sockaddr_in *)&address, host, sizeof host)
                               : uv_ip6_name((struct sockaddr_in6 *)&address, host, sizeof host);
  printf("%s %s:%d\n", name, host, port);
  return STOA_OK;
}

static bool socket_answers(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool open = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
  if (fd >= 0) {
    close(fd);
  }
  return open;
}

static stoa_status listen_pipe(stoa_server *s, const char *path, stoa_error *err)
{
  char dir[256];
  const char *const slash = strrchr(path, '/');
  stoa_loop *const loop = &s->loops[0];
  if (slash && (size_t)(slash - path) < sizeof dir && slash > path) {
    snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
    mkdir(dir, 0700);
  }
  if (socket_answers(path)) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "a server listens on %s already", path);
  }
  unlink(path);
  uv_pipe_init(&loop->uv, &loop->pipe, 0);
  loop->has_pipe = true;
  loop->pipe.data = loop;
  int code = uv_pipe_bind(&loop->pipe, path);
  if (code == 0) {
    chmod(path, 0600);
    code = stoa_listen((uv_stream_t *)&loop->pipe);
  }
  if (code) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", path, uv_strerror(code));
  }
  printf("socket %s\n", path);
  return STOA_OK;
}

// ---- life

static void on_signal(uv_signal_t *signal, int number)
{
  stoa_server *const s = signal->data;
  if (number == SIGHUP) {
    stoa_server_reload(s);
    return;
  }
  atomic_store(&s->stopping, true);
  for (int i = 0; i < s->n_loops; ++i) {
    uv_async_send(&s->loops[i].wake);
  }
  for (int i = 0; i < 3; ++i) {
    if (!uv_is_closing((uv_handle_t *)&s->signals[i])) {
      uv_close((uv_handle_t *)&s->signals[i], NULL);
    }
  }
}

static void run_loop(void *data)
{
  stoa_loop *const loop = data;
  while (uv_run(&loop->uv, UV_RUN_ONCE)) {
    if (atomic_load(&loop->server->stopping)) {
      close_all(loop);
    }
  }
}

static void close_handle(uv_handle_t *handle, void *data)
{
  (void)data;
  if (!uv_is_closing(handle)) {
    uv_close(handle, NULL);
  }
}

static stoa_status start(stoa_server *s, const stoa_server_options *o, stoa_error *err)
{
  static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
  for (int i = 0; i < s->n_loops; ++i) {
    stoa_loop *const loop = &s->loops[i];
    loop->server = s;
    pthread_mutex_init(&loop->lock, NULL);
    uv_loop_init(&loop->uv);
    uv_async_init(&loop->uv, &loop->wake, on_wake);
    loop->wake.data = loop;
  }
  for (int i = 0; i < 3; ++i) {
    uv_signal_init(&s->loops[0].uv, &s->signals[i]);
    s->signals[i].data = s;
    uv_signal_start(&s->signals[i], on_signal, numbers[i]);
  }
  if (o->http) {
    STOA_TRY(listen_tcp(s, "http", o->http, true, err));
  }
  if (o->resp) {
    STOA_TRY(listen_tcp(s, "resp", o->resp, false, err));
  }
  if (o->socket) {
    STOA_TRY(listen_pipe(s, o->socket, err));
  }
  if (!o->http && !o->resp && !o->socket) {
    return stoa_error_set(err, STOA_BAD_ARG,
                          "there is nothing to listen on: set listen: in stoa.yaml, or --http, --resp, --socket");
  }
  return STOA_OK;
}

static void free_loops(stoa_server *s)
{
  for (int i = 0; i < s->n_loops; ++i) {
    uv_walk(&s->loops[i].uv, close_handle, NULL);
    uv_run(&s->loops[i].uv, UV_RUN_DEFAULT);
    uv_loop_close(&s->loops[i].uv);
    pthread_mutex_destroy(&s->loops[i].lock);
    free(s->loops[i].ready);
  }
  free(s->loops);
}

stoa_status stoa_server_run(stoa_engine *engine, const stoa_server_options *o, stoa_error *err)
{
  stoa_server s = {.engine = engine, .key = o->key};
  // Queries take and give back blocks of up to 1 MiB: keep them instead of mapping them anew each time,
  // which costs an interrupt of every core (measured: a quarter of a feature vector's time).
  mallopt(M_MMAP_THRESHOLD, 64 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  s.n_loops = o->n_loops ? o->n_loops : n < 1 ? 1 : n > MOST_LOOPS ? MOST_LOOPS : (int)n;
  s.loops = calloc((size_t)s.n_loops, sizeof *s.loops);
  if (!s.loops) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the loops");
  }
  s.writer = stoa_writer_new(engine, &s.metrics, WRITER_QUEUE, notify);
  s.keyed = stoa_lane_new(2, KEYED_QUEUE, s.writer, notify);
  s.queries = stoa_lane_new(2, QUERY_QUEUE, s.writer, notify);
  const stoa_status status = start(&s, o, err);
  if (status == STOA_OK) {
    puts("ready");
    fflush(stdout);
    for (int i = 1; i < s.n_loops; ++i) {
      uv_thread_create(&s.loops[i].thread, run_loop, &s.loops[i]);
    }
    run_loop(&s.loops[0]);
    for (int i = 1; i < s.n_loops; ++i) {
      uv_thread_join(&s.loops[i].thread);
    }
  }
  if (s.reload_started) {
    pthread_join(s.reload_thread, NULL);
  }
  stoa_lane_free(s.keyed);
  stoa_lane_free(s.queries);
  stoa_writer_free(s.writer);
  free_loops(&s);
  if (o->socket && status == STOA_OK) {
    unlink(o->socket);
  }
  return status;
}
