#include "cli/forward.h"
#include "graph/base/buf.h"
#include "graph/base/file.h"
#include "ontology/project.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    return -1;
  }
  memcpy(address.sun_path, path, strlen(path) + 1);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

static void write_command(stoa_buf *out, const stoa_slice *command, size_t n)
{
  stoa_buf_print(out, "*%zu\r\n", n);
  for (size_t i = 0; i < n; ++i) {
    stoa_buf_print(out, "$%zu\r\n", command[i].length);
    stoa_buf_slice(out, command[i]);
    stoa_buf_text(out, "\r\n");
  }
}

// A reply is one line, or a bulk of N bytes.
static int print_reply(FILE *in)
{
  char line[1024];
  if (!fgets(line, sizeof line, in)) {
    fputs("error: the server closed the connection\n", stderr);
    return 3;
  }
  if (line[0] == '-') {
    fprintf(stderr, "error: %s", line + 1);
    return 1;
  }
  if (line[0] != '$') {
    fputs(line + 1, stdout);
    return 0;
  }
  for (long n = strtol(line + 1, NULL, 10); n > 0; --n) {
    const int c = fgetc(in);
    if (c == EOF) {
      fputs("error: the server closed the connection\n", stderr);
      return 3;
    }
    putchar(c);
  }
  putchar('\n');
  return 0;
}

static bool write_all(int fd, const char *bytes, size_t n_bytes)
{
  while (n_bytes) {
    const ssize_t n = write(fd, bytes, n_bytes);
    if (n < 0 && errno != EINTR) {
      return false;
    }
    bytes += n > 0 ? n : 0;
    n_bytes -= n > 0 ? (size_t)n : 0;
  }
  return true;
}

int stoa_forward(const char *dir, const stoa_slice *command, size_t n_command)
{
  stoa_arena arena;
  stoa_error err = {0};
  const stoa_yaml *config;
  stoa_arena_init(&arena, 0);
  const char *path = NULL;
  if (stoa_project_config(dir, &arena, &config, &err) == STOA_OK) {
    path = stoa_yaml_text(stoa_yaml_find(config, "listen"), "socket", NULL);
  }
  const int fd = path ? connect_to(stoa_file_join(&arena, dir, path)) : -1;
  stoa_arena_done(&arena);
  if (fd < 0) {
    fputs("error: the state belongs to a running process, and its socket (listen: socket: in stoa.yaml) cannot be "
          "reached\n",
          stderr);
    return 3;
  }
  stoa_buf out = {0};
  write_command(&out, command, n_command);
  const bool sent = write_all(fd, out.data, out.length);
  stoa_buf_done(&out);
  FILE *const in = fdopen(fd, "r");
  const int code = sent && in ? print_reply(in) : 3;
  in ? fclose(in) : close(fd);
  return code;
}
