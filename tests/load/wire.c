#include "tests/load/wire.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int wire_connect(const char *where)
{
  struct sockaddr_un path = {.sun_family = AF_UNIX};
  struct sockaddr_in port = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const bool is_path = strchr(where, '/') != NULL;
  const int fd = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
  snprintf(path.sun_path, sizeof path.sun_path, "%s", where);
  port.sin_port = htons((uint16_t)atoi(where));
  const struct sockaddr *const address = is_path ? (const struct sockaddr *)&path : (const struct sockaddr *)&port;
  if (fd >= 0 && connect(fd, address, is_path ? sizeof path : sizeof port) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

bool wire_open(wire *w, const char *where)
{
  *w = (wire){.fd = wire_connect(where)};
  return w->fd >= 0;
}

void wire_close(wire *w)
{
  if (w->fd >= 0) {
    close(w->fd);
  }
  stoa_buf_done(&w->in);
  w->fd = -1;
}

static bool send_all(int fd, const char *data, size_t n)
{
  while (n) {
    const ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    data += sent;
    n -= (size_t)sent;
  }
  return true;
}

static bool read_more(wire *w)
{
  stoa_buf_reserve(&w->in, 65536);
  const ssize_t got = recv(w->fd, w->in.data + w->in.length, 65536, 0);
  w->in.length += got > 0 ? (size_t)got : 0;
  return got > 0;
}

// Where the line that begins at `at` ends, after its line end; 0 when no more comes.
static size_t line_end(wire *w, size_t at)
{
  for (size_t seen = at;;) {
    const char *const end = w->in.length > seen ? memchr(w->in.data + seen, '\n', w->in.length - seen) : NULL;
    if (end) {
      return (size_t)(end - w->in.data) + 1;
    }
    seen = w->in.length;
    if (!read_more(w)) {
      return 0;
    }
  }
}

// Where the answer that begins at `at` ends.
static size_t answer_end(wire *w, size_t at)
{
  size_t end = line_end(w, at);
  if (!end) {
    return 0;
  }
  const char kind = w->in.data[at];
  const long n = strtol(w->in.data + at + 1, NULL, 10);
  if (kind == '$' && n >= 0) {
    for (end += (size_t)n + 2; w->in.length < end;) {
      if (!read_more(w)) {
        return 0;
      }
    }
  }
  for (long i = 0; kind == '*' && i < n && end; ++i) {
    end = answer_end(w, end);
  }
  return end;
}

bool wire_ask(wire *w, const char *const *words, int n, char *kind, stoa_buf *out)
{
  stoa_buf text = {0};
  stoa_buf_print(&text, "*%d\r\n", n);
  for (int i = 0; i < n; ++i) {
    stoa_buf_print(&text, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
  }
  const bool sent = send_all(w->fd, text.data, text.length);
  stoa_buf_done(&text);
  const size_t end = sent ? answer_end(w, 0) : 0;
  if (!end) {
    return false;
  }
  *kind = w->in.data[0];
  const size_t head = *kind == '$' ? line_end(w, 0) : *kind == '*' ? 0 : 1;
  out->length = 0;
  stoa_buf_add(out, w->in.data + head, end > head + 2 ? end - head - 2 : 0);
  memmove(w->in.data, w->in.data + end, w->in.length - end);
  w->in.length -= end;
  return true;
}

int wire_get(const char *where, const char *path, size_t *n_bytes)
{
  wire w;
  stoa_buf text = {0};
  int status = 0;
  if (!wire_open(&w, where)) {
    return 0;
  }
  stoa_buf_print(&text, "GET %s HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\nConnection: close\r\n\r\n", path);
  if (send_all(w.fd, text.data, text.length) && line_end(&w, 0) > 12) {
    status = atoi(w.in.data + 9);
    for (*n_bytes = w.in.length; read_more(&w); w.in.length = 0) {
      *n_bytes += w.in.length;
    }
  }
  stoa_buf_done(&text);
  wire_close(&w);
  return status;
}
