#include "cli/output.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
enum { N_ENDS = sizeof ends / sizeof *ends };

// What a signal must remove: its handler may read no more than this.
static const char *volatile to_remove;

static void on_end(int signal)
{
  if (to_remove) {
    unlink(to_remove);
  }
  raise(signal); // whose action is the default again
}

static void listen_for_ends(void)
{
  const struct sigaction remove = {.sa_handler = on_end, .sa_flags = (int)SA_RESETHAND};
  for (int i = 0; i < N_ENDS; ++i) {
    struct sigaction before;
    if (sigaction(ends[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
      sigaction(ends[i], &remove, NULL);
    }
  }
}

static stoa_status failed(const stoa_output *out, stoa_error *err)
{
  return stoa_error_set(err, STOA_IO, "%s cannot be written: %s", out->path, strerror(errno));
}

static void hold_ends(bool held)
{
  sigset_t set;
  sigemptyset(&set);
  for (int i = 0; i < N_ENDS; ++i) {
    sigaddset(&set, ends[i]);
  }
  pthread_sigmask(held ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

// A file of this run alone beside the one that it becomes, with the permissions that the umask leaves, which mkstemp
// would not give.  No signal comes between the file and the note that it must go.
static FILE *open_unfinished(const char *path, stoa_buf *name)
{
  enum { ATTEMPTS = 100 };
  int fd = -1;
  for (int i = 0; i < ATTEMPTS && fd < 0; ++i) {
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
      return NULL;
    }
    name->length = 0;
    stoa_buf_print(name, "%s.%08x.part", path, random);
    hold_ends(true);
    fd = open(stoa_buf_string(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    to_remove = fd < 0 ? NULL : stoa_buf_string(name);
    hold_ends(false);
    if (fd < 0 && errno != EEXIST) {
      return NULL;
    }
  }
  FILE *const file = fd < 0 ? NULL : fdopen(fd, "w");
  if (fd >= 0 && !file) {
    unlink(stoa_buf_string(name));
    close(fd);
  }
  return file;
}

stoa_status stoa_output_open(const char *path, stoa_output *out, stoa_error *err)
{
  struct stat info;
  *out = (stoa_output){.file = stdout, .path = path};
  if (!path) {
    return STOA_OK;
  }
  if (lstat(path, &info) != 0 || S_ISREG(info.st_mode)) {
    listen_for_ends();
    out->file = open_unfinished(path, &out->unfinished);
  } else {
    out->file = fopen(path, "w");
  }
  if (!out->file) {
    const stoa_status status = failed(out, err);
    to_remove = NULL;
    stoa_buf_done(&out->unfinished);
    return status;
  }
  return STOA_OK;
}

stoa_status stoa_output_close(stoa_output *out, bool whole, stoa_error *err)
{
  if (!out->path) {
    return STOA_OK;
  }
  const char *const unfinished = out->unfinished.length ? stoa_buf_string(&out->unfinished) : NULL;
  stoa_status status = fclose(out->file) == 0 || !whole ? STOA_OK : failed(out, err);
  if (whole && status == STOA_OK && unfinished && rename(unfinished, out->path) != 0) {
    status = failed(out, err);
  }
  if (unfinished && (!whole || status != STOA_OK)) {
    unlink(unfinished);
  }
  to_remove = NULL;
  stoa_buf_done(&out->unfinished);
  return status;
}
