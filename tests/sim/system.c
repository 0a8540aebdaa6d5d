// The calls of the system that server/ makes on descriptors of simulated sockets (on others they are the system's own),
// and the probe of the state's disk.
#include "tests/sim/disk.h"
#include "tests/sim/turns.h"
#include "tests/sim/wire.h"
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST = WIRE_FIRST_DESCRIPTOR / 2 };

int socket(int family, int kind, int protocol)
{
  return turns_are_on() ? FIRST - 1 : (int)syscall(SYS_socket, family, kind, protocol);
}

// A socket with a path is seen in the file system, as bind makes it.
int bind(int fd, const struct sockaddr *address, socklen_t length)
{
  if (fd >= FIRST - 1 && address->sa_family == AF_UNIX) {
    return mknod(((const struct sockaddr_un *)address)->sun_path, S_IFSOCK | 0600, 0);
  }
  return fd >= FIRST - 1 ? 0 : (int)syscall(SYS_bind, fd, address, length);
}

int listen(int fd, int backlog)
{
  return fd >= FIRST - 1 ? 0 : (int)syscall(SYS_listen, fd, backlog);
}

int close(int fd)
{
  return fd >= FIRST - 1 ? 0 : (int)syscall(SYS_close, fd);
}

int setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
  wire *const w = wire_of_descriptor(fd);
  if (w && level == SOL_SOCKET && option == SO_LINGER) {
    wire_will_reset(w);
  }
  return fd >= FIRST - 1 ? 0 : (int)syscall(SYS_setsockopt, fd, level, option, value, length);
}

// Not inlined: glibc declares that poll reads nothing, which it does.
__attribute__((noinline)) static int poll_any(struct pollfd *fds, nfds_t n, int ms)
{
  const wire *const w = n == 1 ? wire_of_descriptor(fds->fd) : NULL;
  if (!w) {
    return (int)syscall(SYS_poll, fds, n, ms);
  }
  fds->revents = wire_has_gone(w) ? POLLRDHUP : 0;
  return fds->revents != 0;
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
  return poll_any(fds, n, ms);
}

// Only the probe of health.c comes here: SQLite writes to the simulated disk.
int fdatasync(int fd)
{
  (void)fd;
  errno = ENOSPC;
  return disk_takes() ? 0 : -1;
}

// What poll is in a build that is fortified.
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t n_bytes);
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t n_bytes)
{
  (void)n_bytes;
  return poll_any(fds, n, ms);
}
