#include "cli/output.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
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

stoa_status stoa_output_open(const char *path, stoa_output *out, stoa_error *err)
{
  struct stat info;
  *out = (stoa_output){.file = stdout, .path = path};
  if (!path) {
    return STOA_OK;
  }
  if (lstat(path, &info) != 0 || S_ISREG(info.st_mode)) {
    stoa_buf_print(&out->unfinished, "%s.part", path);
    to_remove = stoa_buf_string(&out->unfinished);
    listen_for_ends();
  }
  out->file = fopen(out->unfinished.length ? stoa_buf_string(&out->unfinished) : path, "w");
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
