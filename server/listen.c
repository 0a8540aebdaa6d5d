// Listeners: TCP on every loop (the system spreads connections), the Unix socket on the first.
#include "server/loop.h"
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

static void on_connection(uv_stream_t *listener, int status)
{
  stoa_loop *const loop = listener->data;
  if (status == 0) {
    const bool is_http = listener == (uv_stream_t *)&loop->http;
    stoa_peer_accept(loop, listener, is_http ? &stoa_protocol_http : &stoa_protocol_resp);
  }
}

static int bind_tcp(stoa_loop *loop, uv_tcp_t *tcp, const struct sockaddr_storage *address)
{
  uv_os_fd_t fd;
  const int one = 1;
  int code = uv_tcp_init_ex(&loop->uv, tcp, address->ss_family);
  if (code) {
    return code;
  }
  tcp->data = loop;
  code = uv_fileno((uv_handle_t *)tcp, &fd);
  if (code == 0) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    code = uv_tcp_bind(tcp, (const struct sockaddr *)address, 0);
  }
  return code ? code : uv_listen((uv_stream_t *)tcp, BACKLOG, on_connection);
}

// SO_REUSEPORT would share a port with a stranger: a plain socket asks first whether it is free.  0, or errno.
static int try_port(const struct sockaddr_storage *address)
{
  const int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  if (fd < 0) {
    return errno;
  }
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  const socklen_t length = address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  const int code = bind(fd, (const struct sockaddr *)address, length) == 0 && listen(fd, 1) == 0 ? 0 : errno;
  close(fd);
  return code;
}

static stoa_status listen_tcp(stoa_server *s, const char *name, const char *text, bool is_http, stoa_buf *told,
                              stoa_error *err)
{
  struct sockaddr_storage address = {0};
  STOA_TRY(stoa_address_read(text, s->key != NULL, &address, err));
  const int problem = try_port(&address);
  if (problem) {
    return stoa_error_set(err, STOA_UNAVAILABLE,
                          problem == EADDRINUSE ? "%s address %s is in use; choose another, or port 0 for a free one"
                                                : "%s address %s cannot be listened at: %s",
                          name, text, strerror(problem));
  }
  for (int i = 0; i < s->n_loops; ++i) {
    stoa_loop *const loop = &s->loops[i];
    uv_tcp_t *const tcp = is_http ? &loop->http : &loop->resp;
    const int code = bind_tcp(loop, tcp, &address);
    if (code) {
      return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", text, uv_strerror(code));
    }
    *(is_http ? &loop->has_http : &loop->has_resp) = true;
    int n = sizeof address; // the port that was taken, for the other loops
    uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &n);
  }
  char host[64];
  const bool is_4 = address.ss_family == AF_INET;
  const int port =
    ntohs(is_4 ? ((struct sockaddr_in *)&address)->sin_port : ((struct sockaddr_in6 *)&address)->sin6_port);
  is_4 ? uv_ip4_name((struct sockaddr_in *)&address, host, sizeof host)
       : uv_ip6_name((struct sockaddr_in6 *)&address, host, sizeof host);
  stoa_buf_print(told, "%s %s:%d\n", name, host, port);
  return STOA_OK;
}

// ---- the Unix socket

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

// Only a socket that nobody listens on gives way.
static stoa_status clear_path(const char *path, stoa_error *err)
{
  struct stat there;
  if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path) {
    return stoa_error_set(err, STOA_BAD_ARG, "the socket's path has %zu bytes; %zu fit: %s", strlen(path),
                          sizeof((struct sockaddr_un *)0)->sun_path - 1, path);
  }
  if (lstat(path, &there) != 0) {
    return errno == ENOENT ? STOA_OK
                           : stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", path, strerror(errno));
  }
  if (!S_ISSOCK(there.st_mode)) {
    return stoa_error_set(err, STOA_BAD_ARG, "%s is there already and is no socket; choose another path", path);
  }
  if (socket_answers(path)) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "a server listens on %s already", path);
  }
  return unlink(path) == 0 ? STOA_OK
                           : stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", path, strerror(errno));
}

static stoa_status make_folder(const char *path, stoa_error *err)
{
  char dir[256];
  const char *const slash = strrchr(path, '/');
  if (!slash || slash == path) {
    return STOA_OK;
  }
  snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path); // a path that is bound is shorter
  if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: cannot make its folder: %s", path,
                          strerror(errno));
  }
  return STOA_OK;
}

// A socket at `path`, and what of the file system it is; or -1 and errno.  libuv does not bind it: that would remove
// the path at the end, whoever's socket is there then.
static int bind_path(const char *path, struct stat *bound)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0600) != 0 ||
                  lstat(path, bound) != 0)) {
    const int code = errno;
    close(fd);
    errno = code;
    return -1;
  }
  return fd;
}

static stoa_status listen_pipe(stoa_server *s, const char *path, stoa_buf *told, stoa_error *err)
{
  stoa_loop *const loop = &s->loops[0];
  struct stat bound;
  STOA_TRY(clear_path(path, err));
  STOA_TRY(make_folder(path, err));
  const int fd = bind_path(path, &bound);
  if (fd < 0) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", path, strerror(errno));
  }
  s->socket = (stoa_bound){path, bound.st_dev, bound.st_ino};
  uv_pipe_init(&loop->uv, &loop->pipe, 0);
  loop->pipe.data = loop;
  int code = uv_pipe_open(&loop->pipe, fd);
  if (code) {
    close(fd);
  } else {
    loop->has_pipe = true;
    code = uv_listen((uv_stream_t *)&loop->pipe, BACKLOG, on_connection);
  }
  if (code) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "cannot listen on %s: %s", path, uv_strerror(code));
  }
  stoa_buf_print(told, "socket %s\n", path);
  return STOA_OK;
}

void stoa_listen_end(stoa_server *s)
{
  struct stat there;
  const stoa_bound *const b = &s->socket;
  if (b->path && lstat(b->path, &there) == 0 && there.st_dev == b->device && there.st_ino == b->inode) {
    unlink(b->path);
  }
  s->socket.path = NULL;
}

static stoa_status listen_all(stoa_server *s, const stoa_server_options *o, stoa_buf *told, stoa_error *err)
{
  if (o->http) {
    STOA_TRY(listen_tcp(s, "http", o->http, true, told, err));
  }
  if (o->resp) {
    STOA_TRY(listen_tcp(s, "resp", o->resp, false, told, err));
  }
  return o->socket ? listen_pipe(s, o->socket, told, err) : STOA_OK;
}

stoa_status stoa_listen(stoa_server *s, const stoa_server_options *o, stoa_error *err)
{
  stoa_buf told = {0};
  if (!o->http && !o->resp && !o->socket) {
    return stoa_error_set(err, STOA_BAD_ARG,
                          "there is nothing to listen on: set listen: in stoa.yaml, or --http, --resp, --socket");
  }
  const stoa_status status = listen_all(s, o, &told, err);
  if (status == STOA_OK) {
    fputs(stoa_buf_string(&told), stdout);
  }
  stoa_buf_done(&told);
  return status;
}
