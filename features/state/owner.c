// flock on the file.  It does not meet the locks that SQLite takes of it (fcntl), but closing the file a second time in
// a process would end those: so who owns a file in this process is known without opening it.
#include "features/state/owner.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// A file, and what its name named when it was looked at first.
typedef struct {
  char *path;
  dev_t device;
  ino_t inode;
} named_file;

struct stoa_owner {
  int fd;
  named_file file, log; ///< log: its path is NULL when nobody watches it
  atomic_bool is_lost;
  stoa_owner *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static stoa_owner *owners; ///< of this process, under the lock

static stoa_status taken(const char *file, stoa_error *err)
{
  return stoa_error_set(err, STOA_CONFLICT, "the state %s belongs to a running process", file);
}

static bool is_same(const named_file *f, const struct stat *info)
{
  return f->device == info->st_dev && f->inode == info->st_ino;
}

static bool is_owned_here(const char *file)
{
  struct stat info;
  const bool there = stat(file, &info) == 0;
  for (const stoa_owner *o = owners; there && o; o = o->next) {
    if (is_same(&o->file, &info)) {
      return true;
    }
  }
  return false;
}

static stoa_status take(const char *file, stoa_owner *o, stoa_error *err)
{
  struct stat mine, named;
  o->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (o->fd < 0) {
    return stoa_error_set(err, STOA_IO,
                          "cannot open the state %s: %s; it is a file that may be written, by its address under state: "
                          "in stoa.yaml",
                          file, strerror(errno));
  }
  if (flock(o->fd, LOCK_EX | LOCK_NB) != 0) {
    return errno == EWOULDBLOCK ? taken(file, err)
                                : stoa_error_set(err, STOA_IO, "cannot lock the state %s: %s", file, strerror(errno));
  }
  if (fstat(o->fd, &mine) != 0 || stat(file, &named) != 0 || mine.st_ino != named.st_ino ||
      mine.st_dev != named.st_dev) {
    return stoa_error_set(err, STOA_UNAVAILABLE, "the state %s is being replaced", file);
  }
  o->file = (named_file){strdup(file), mine.st_dev, mine.st_ino};
  return o->file.path ? STOA_OK : stoa_error_set(err, STOA_NO_MEM, "no memory for the state");
}

static stoa_status take_locked(const char *file, stoa_owner **out, stoa_error *err)
{
  if (is_owned_here(file)) {
    return taken(file, err);
  }
  stoa_owner *const o = calloc(1, sizeof *o);
  if (!o) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for the state");
  }
  const stoa_status status = take(file, o, err);
  if (status != STOA_OK) {
    if (o->fd >= 0) {
      close(o->fd);
    }
    free(o);
    return status;
  }
  o->next = owners;
  owners = o;
  *out = o;
  return STOA_OK;
}

stoa_status stoa_owner_take(const char *file, stoa_owner **out, stoa_error *err)
{
  pthread_mutex_lock(&lock);
  const stoa_status status = take_locked(file, out, err);
  pthread_mutex_unlock(&lock);
  return status;
}

void stoa_owner_watch_log(stoa_owner *owner)
{
  struct stat info;
  const size_t n = strlen(owner->file.path) + sizeof "-wal";
  char *const path = malloc(n);
  if (path && snprintf(path, n, "%s-wal", owner->file.path) > 0 && stat(path, &info) == 0) {
    owner->log = (named_file){path, info.st_dev, info.st_ino};
  } else {
    free(path);
  }
}

static bool is_in_place(const named_file *f)
{
  struct stat info;
  return !f->path || (stat(f->path, &info) == 0 && is_same(f, &info));
}

stoa_status stoa_owner_check(stoa_owner *o, stoa_error *err)
{
  if (!o) {
    return STOA_OK;
  }
  if (!is_in_place(&o->file) || !is_in_place(&o->log)) {
    atomic_store(&o->is_lost, true);
  }
  return atomic_load(&o->is_lost)
           ? stoa_error_set(err, STOA_IO,
                            "the state %s is no longer the file that is open: it, or its log, was removed or replaced; "
                            "put the right one there and restart the server",
                            o->file.path)
           : STOA_OK;
}

void stoa_owner_drop(stoa_owner *owner)
{
  if (!owner) {
    return;
  }
  pthread_mutex_lock(&lock);
  stoa_owner **at = &owners;
  while (*at != owner) {
    at = &(*at)->next;
  }
  *at = owner->next;
  pthread_mutex_unlock(&lock);
  close(owner->fd);
  free(owner->file.path);
  free(owner->log.path);
  free(owner);
}
