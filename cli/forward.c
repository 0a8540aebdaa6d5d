#include "cli/forward.h"
#include "graph/base/buf.h"
#include "graph/base/file.h"
#include "ontology/project.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/// For how long a server may give no byte, if nothing else is said: longer than the deadlines of most operations
/// (server/operations.h).
enum { SILENT_SECONDS = 12 };

typedef struct {
  const char *dir, *path; ///< of the project, of the socket
  FILE *in;
  int fd, silent_seconds;
} connection;

// ---- the connection

static stoa_status refuse(const connection *c, const char *why, stoa_error *err)
{
  return stoa_error_set(err, STOA_UNAVAILABLE,
                        "another process has the state of %s, and no server answers at %s (%s): wait until it ends, or "
                        "set \"listen: socket:\" in stoa.yaml to the socket of the server that has it",
                        c->dir, c->path, why);
}

static stoa_status silent(const connection *c, const char *what, stoa_error *err)
{
  return stoa_error_set(err, STOA_TIMEOUT, "the server at %s gave no answer for %d s: %s", c->path, c->silent_seconds,
                        what);
}

static stoa_status connect_to(connection *c, stoa_error *err)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const struct timeval most = {.tv_sec = c->silent_seconds};
  if (strlen(c->path) >= sizeof address.sun_path) {
    return refuse(c, "the path is too long", err);
  }
  memcpy(address.sun_path, c->path, strlen(c->path) + 1);
  c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) != 0 ||
      setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) != 0) {
    return refuse(c, strerror(errno), err);
  }
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0) {
    return errno == EAGAIN ? silent(c, "it takes no connection; look whether it runs", err)
                           : refuse(c, strerror(errno), err);
  }
  c->in = fdopen(c->fd, "r");
  return c->in ? STOA_OK : refuse(c, strerror(errno), err);
}

static void disconnect(connection *c)
{
  if (c->in) {
    fclose(c->in);
  } else if (c->fd >= 0) {
    close(c->fd);
  }
}

static bool send_command(const connection *c, const stoa_slice *command, size_t n)
{
  stoa_buf out = {0};
  stoa_buf_print(&out, "*%zu\r\n", n);
  for (size_t i = 0; i < n; ++i) {
    stoa_buf_print(&out, "$%zu\r\n", command[i].length);
    stoa_buf_slice(&out, command[i]);
    stoa_buf_text(&out, "\r\n");
  }
  size_t sent = 0;
  while (sent < out.length) {
    const ssize_t n_bytes = write(c->fd, out.data + sent, out.length - sent);
    if (n_bytes < 0 && errno != EINTR) {
      break;
    }
    sent += n_bytes > 0 ? (size_t)n_bytes : 0;
  }
  const bool all = sent == out.length;
  stoa_buf_done(&out);
  return all;
}

// ---- whose server it is

// A bulk; false for anything else, or when it is longer.
static bool read_bulk(FILE *in, char *out, size_t size)
{
  char line[64];
  const long n = fgets(line, sizeof line, in) && line[0] == '$' ? strtol(line + 1, NULL, 10) : -1;
  if (n < 0 || (size_t)n >= size || fread(out, 1, (size_t)n, in) != (size_t)n || !fgets(line, sizeof line, in)) {
    return false;
  }
  out[n] = '\0';
  return true;
}

// CONFIG GET's answer: names and values.
static bool ask_project(const connection *c, char *dir, size_t size, char *state, size_t state_size)
{
  static const char *const words[] = {"CONFIG", "GET", "dir", "stoa-state"};
  stoa_slice command[4];
  char line[64], name[32];
  for (size_t i = 0; i < 4; ++i) {
    command[i] = stoa_slice_of(words[i]);
  }
  return send_command(c, command, 4) && fgets(line, sizeof line, c->in) && strcmp(line, "*4\r\n") == 0 &&
         read_bulk(c->in, name, sizeof name) && strcmp(name, "dir") == 0 && read_bulk(c->in, dir, size) &&
         read_bulk(c->in, name, sizeof name) && strcmp(name, "stoa-state") == 0 && read_bulk(c->in, state, state_size);
}

static stoa_status check_project(const connection *c, const char *state_file, stoa_error *err)
{
  char dir[PATH_MAX] = "", state[64] = "", mine[64] = "";
  struct stat info;
  errno = 0;
  if (!ask_project(c, dir, sizeof dir, state, sizeof state)) {
    const bool closes = feof(c->in) || errno == EPIPE || errno == ECONNRESET;
    return errno == EAGAIN ? silent(c, "nothing was sent; look whether it runs", err)
           : closes        ? refuse(c, "it closes the connection", err)
                           : stoa_error_set(err, STOA_DENIED,
                                            "what answers at %s does not tell whose project it serves; nothing was sent: "
                                                   "start the server of %s with this version of stoa",
                                            c->path, c->dir);
  }
  if (stat(state_file, &info) == 0) {
    snprintf(mine, sizeof mine, "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
  }
  return strcmp(mine, state) == 0
           ? STOA_OK
           : stoa_error_set(err, STOA_DENIED,
                            "the server at %s has the state of %s, not of %s; nothing was sent: give each project a "
                            "\"listen: socket:\" of its own in stoa.yaml",
                            c->path, dir, c->dir);
}

// ---- the command

static int lost(const connection *c)
{
  const bool late = errno == EAGAIN;
  fprintf(stderr,
          "error: the server at %s %s; whether it did what was asked is not known: ask again with the same id\n",
          c->path, late ? "gave no answer in time" : "closed the connection");
  return 3;
}

// A reply is one line, or a bulk of N bytes.  False: it did not come.
static bool read_reply(const connection *c, stoa_buf *out, bool *is_error)
{
  char line[1024];
  errno = 0;
  if (!fgets(line, sizeof line, c->in)) {
    return false;
  }
  *is_error = line[0] == '-';
  if (line[0] != '$') {
    line[strcspn(line, "\r\n")] = '\0';
    stoa_buf_text(out, line + 1);
    return true;
  }
  for (long n = strtol(line + 1, NULL, 10); n > 0; --n) {
    const int byte = fgetc(c->in);
    if (byte == EOF) {
      return false;
    }
    stoa_buf_byte(out, (char)byte);
  }
  return true;
}

// Errors are printed; else the text is a line of `out`.
static int take_reply(const connection *c, stoa_buf *out)
{
  stoa_buf text = {0};
  bool is_error = false;
  const bool came = read_reply(c, &text, &is_error);
  if (came && is_error) {
    fprintf(stderr, "error: %s\n", stoa_buf_string(&text));
  } else if (came) {
    stoa_buf_slice(out, (stoa_slice){text.data ? text.data : "", text.length});
    stoa_buf_byte(out, '\n');
  }
  stoa_buf_done(&text);
  return came ? is_error : lost(c);
}

/// What becomes of a command's reply.
typedef struct {
  int *code; ///< the exit code, and errors are printed; NULL: they are told
  stoa_buf *text;
  int silent_seconds; ///< 0: as usual
} taker;

static stoa_status take_text(const connection *c, stoa_buf *out, stoa_error *err)
{
  bool is_error = false;
  const size_t before = out->length;
  if (!read_reply(c, out, &is_error)) {
    return stoa_error_set(err, STOA_TIMEOUT, "the server at %s gave no answer", c->path);
  }
  return is_error ? stoa_error_set(err, STOA_BAD_ARG, "%s", stoa_buf_string(out) + before) : STOA_OK;
}

static stoa_status forward(connection *c, const char *state_file, const stoa_slice *command, size_t n, const taker *to,
                           stoa_error *err)
{
  STOA_TRY(connect_to(c, err));
  STOA_TRY(check_project(c, state_file, err));
  const bool sent = send_command(c, command, n);
  if (to->code) {
    *to->code = sent ? take_reply(c, to->text) : lost(c);
    return STOA_OK;
  }
  return take_text(c, to->text, err);
}

static stoa_status ask(const char *dir, const stoa_slice *command, size_t n_command, const taker *to, stoa_error *err)
{
  stoa_arena arena;
  const stoa_yaml *config;
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_project_config(dir, &arena, &config, err);
  if (status == STOA_OK) {
    const char *const path = stoa_yaml_text(stoa_yaml_find(config, "listen"), "socket", NULL);
    const char *const state = stoa_yaml_text(stoa_yaml_find(config, "state"), "address", "");
    char real[PATH_MAX];
    connection c = {.dir = realpath(dir, real) ? real : dir,
                    .path = path ? stoa_file_join(&arena, dir, path) : "listen: socket:",
                    .fd = -1,
                    .silent_seconds = to->silent_seconds ? to->silent_seconds : SILENT_SECONDS};
    status = path ? forward(&c, stoa_file_join(&arena, dir, state), command, n_command, to, err)
                  : refuse(&c, "stoa.yaml has none", err);
    disconnect(&c);
  }
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_forward(const char *dir, const stoa_slice *command, size_t n_command, int silent_seconds,
                         stoa_buf *out, int *code, stoa_error *err)
{
  const taker to = {.code = code, .text = out, .silent_seconds = silent_seconds};
  return ask(dir, command, n_command, &to, err);
}

stoa_status stoa_forward_text(const char *dir, const stoa_slice *command, size_t n_command, stoa_buf *out,
                              stoa_error *err)
{
  const taker text = {.text = out};
  return ask(dir, command, n_command, &text, err);
}
