// Peers that nobody wants: connections that send half a request, a byte a second each, over HTTP and RESP by turns, and
// clients that ask for a long answer and never read it.  A slow one that is cut comes again.  It ends when its standard
// input ends, and prints what became of them:
//   opened N cut N refused N
#include "graph/base/clock.h"
#include "tests/load/wire.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, TURNS = 100 };

static struct pollfd peers[MOST];
static int n_slow, n_deaf, opened, cut, refused;
static const char *ports[2];

static void say(int fd, const char *text)
{
  (void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int come(int i)
{
  static const char *const halves[] = {"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ", "*2\r\n$4\r\nECHO\r\n$9000\r\n"};
  const int fd = wire_connect(ports[i % 2]);
  opened += fd >= 0;
  refused += fd < 0;
  if (fd >= 0) {
    say(fd, halves[i % 2]);
  }
  return fd;
}

static int come_deaf(int i, const char *path)
{
  const int least = 4096;
  const int fd = wire_connect(ports[i % 4 == 3]);
  if (fd < 0) {
    return -1;
  }
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
  stoa_buf text = {0};
  if (i % 4 == 3) {
    for (int k = 0; k < 400; ++k) {
      stoa_buf_text(&text, "COMMAND DOCS\r\n");
    }
  } else {
    stoa_buf_print(&text, "GET %s HTTP/1.1\r\nHost: x\r\nAccept: text/csv\r\n\r\n", path);
  }
  say(fd, stoa_buf_string(&text));
  stoa_buf_done(&text);
  return fd;
}

// Whether the server has ended the connection of a slow peer; what it says before is read.
static bool is_cut(struct pollfd *p)
{
  char bytes[4096];
  const ssize_t got = recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  return got == 0 || (p->revents & (POLLERR | POLLHUP));
}

// A byte from one in a hundred of them.
static void say_bytes(int turn)
{
  for (int i = turn; i < n_slow; i += TURNS) {
    if (peers[i].fd < 0) {
      peers[i].fd = come(i);
    } else {
      say(peers[i].fd, "a");
    }
  }
}

static void end_those_cut(void)
{
  for (int i = 0; i < n_slow; ++i) {
    if (peers[i].fd >= 0 && peers[i].revents && is_cut(&peers[i])) {
      close(peers[i].fd);
      peers[i].fd = -1;
      ++cut;
    }
  }
}

int main(int argc, char **argv)
{
  n_slow = argc == 6 ? atoi(argv[3]) : 0;
  n_deaf = argc == 6 ? atoi(argv[4]) : 0;
  if (n_slow < 1 || n_deaf < 0 || n_slow + n_deaf >= MOST) {
    fputs("usage: slow HTTP-PORT RESP-PORT SLOW DEAF PATH-OF-A-LONG-ANSWER\n", stderr);
    return 2;
  }
  ports[0] = argv[1];
  ports[1] = argv[2];
  for (int i = 0; i < n_slow; ++i) {
    peers[i] = (struct pollfd){come(i), POLLIN, 0};
  }
  for (int i = 0; i < n_deaf; ++i) {
    peers[n_slow + i] = (struct pollfd){come_deaf(i, argv[5]), 0, 0};
  }
  peers[n_slow + n_deaf] = (struct pollfd){0, POLLIN, 0};
  puts("all are there");
  fflush(stdout);
  int64_t next = stoa_clock_steady_ns();
  for (int turn = 0; !peers[n_slow + n_deaf].revents;) {
    const int64_t now = stoa_clock_steady_ns();
    if (now >= next) {
      say_bytes(turn++ % TURNS);
      next = now + 1000000000 / TURNS;
    } else if (poll(peers, (nfds_t)(n_slow + n_deaf + 1), (int)((next - now) / 1000000)) > 0) {
      end_those_cut();
      usleep(peers[n_slow + n_deaf].revents ? 0 : 1000); // a deaf peer that is cut says so at each poll
    }
  }
  printf("opened %d cut %d refused %d\n", opened, cut, refused);
  return 0;
}
