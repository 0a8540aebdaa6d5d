#include "tests/sim/disk.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_FILES = 8, FAULTY_PERCENT = 4 };

// What a write that is not yet synced has replaced.
typedef struct undo {
  struct undo *before;
  sqlite3_int64 offset, size; ///< size of the file before
  int n;
  unsigned char bytes[];
} undo;

typedef struct {
  char path[256];
  undo *last;
} medium;

typedef struct {
  sqlite3_file base;
  medium *on; ///< NULL: a file of no interest
  sqlite3_file *real;
} file;

static sqlite3_vfs *real, vfs;
static medium media[MOST_FILES];
static dice *drawn;
static uint32_t left, full_for;
static bool off;
static uint64_t n_faults;
static void (*when_off)(void);

static sqlite3_file *of(sqlite3_file *f)
{
  return ((file *)f)->real;
}

static bool faulty(void)
{
  const bool is = drawn && dice_chance(drawn, FAULTY_PERCENT);
  n_faults += is;
  return is;
}

// A step that changes the disk: false when the power is off.
static bool step(void)
{
  if (drawn && left && --left == 0) {
    off = true;
    ++n_faults;
    if (when_off) {
      when_off();
    }
  }
  return !off;
}

static void forget(medium *m)
{
  while (m->last) {
    undo *const u = m->last;
    m->last = u->before;
    free(u);
  }
}

static void remember(file *f, int n, sqlite3_int64 offset)
{
  if (!f->on) {
    return;
  }
  undo *const u = calloc(1, sizeof *u + (size_t)n);
  if (!u) {
    abort();
  }
  u->offset = offset;
  u->n = n;
  f->real->pMethods->xFileSize(f->real, &u->size);
  if (n) {
    f->real->pMethods->xRead(f->real, u->bytes, n, offset);
  }
  u->before = f->on->last;
  f->on->last = u;
}

static int on_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 offset)
{
  if (!step()) {
    return SQLITE_IOERR_WRITE;
  }
  if (full_for || faulty()) {
    full_for = full_for ? full_for - 1 : drawn ? dice_below(drawn, 6) : 0;
    const int part = drawn ? (int)dice_below(drawn, (uint32_t)n) : 0;
    remember((file *)f, part, offset);
    of(f)->pMethods->xWrite(of(f), data, part, offset);
    return full_for ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }
  remember((file *)f, n, offset);
  return of(f)->pMethods->xWrite(of(f), data, n, offset);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
  sqlite3_int64 now = 0;
  if (!step() || faulty()) {
    return SQLITE_IOERR_TRUNCATE;
  }
  of(f)->pMethods->xFileSize(of(f), &now);
  remember((file *)f, now > size ? (int)(now - size) : 0, size);
  return of(f)->pMethods->xTruncate(of(f), size);
}

static int on_sync(sqlite3_file *f, int flags)
{
  (void)flags;
  if (!step() || faulty()) {
    return SQLITE_IOERR_FSYNC;
  }
  if (((file *)f)->on) {
    forget(((file *)f)->on); // the simulated disk has it: a real fsync would only take time
  }
  return SQLITE_OK;
}

static int on_close(sqlite3_file *f)
{
  return of(f)->pMethods->xClose(of(f));
}
static int on_read(sqlite3_file *f, void *data, int n, sqlite3_int64 offset)
{
  return of(f)->pMethods->xRead(of(f), data, n, offset);
}
static int on_size(sqlite3_file *f, sqlite3_int64 *size)
{
  return of(f)->pMethods->xFileSize(of(f), size);
}
static int on_lock(sqlite3_file *f, int lock)
{
  return of(f)->pMethods->xLock(of(f), lock);
}
static int on_unlock(sqlite3_file *f, int lock)
{
  return of(f)->pMethods->xUnlock(of(f), lock);
}
static int on_reserved(sqlite3_file *f, int *out)
{
  return of(f)->pMethods->xCheckReservedLock(of(f), out);
}
static int on_control(sqlite3_file *f, int op, void *arg)
{
  return of(f)->pMethods->xFileControl(of(f), op, arg);
}
static int on_sector(sqlite3_file *f)
{
  return of(f)->pMethods->xSectorSize(of(f));
}
static int on_characteristics(sqlite3_file *f)
{
  (void)f;
  return 0; // nothing is promised: neither atomic writes nor that overwriting is safe
}
static int on_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
  return of(f)->pMethods->xShmMap(of(f), page, size, extend, out);
}
static int on_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
  return of(f)->pMethods->xShmLock(of(f), offset, n, flags);
}
static void on_shm_barrier(sqlite3_file *f)
{
  of(f)->pMethods->xShmBarrier(of(f));
}
static int on_shm_unmap(sqlite3_file *f, int deletes)
{
  return of(f)->pMethods->xShmUnmap(of(f), deletes);
}

static const sqlite3_io_methods methods = {.iVersion = 2,
                                           .xClose = on_close,
                                           .xRead = on_read,
                                           .xWrite = on_write,
                                           .xTruncate = on_truncate,
                                           .xSync = on_sync,
                                           .xFileSize = on_size,
                                           .xLock = on_lock,
                                           .xUnlock = on_unlock,
                                           .xCheckReservedLock = on_reserved,
                                           .xFileControl = on_control,
                                           .xSectorSize = on_sector,
                                           .xDeviceCharacteristics = on_characteristics,
                                           .xShmMap = on_shm_map,
                                           .xShmLock = on_shm_lock,
                                           .xShmBarrier = on_shm_barrier,
                                           .xShmUnmap = on_shm_unmap};

static medium *medium_of(const char *path)
{
  for (int i = 0; path && i < MOST_FILES; ++i) {
    if (!media[i].path[0]) {
      snprintf(media[i].path, sizeof media[i].path, "%s", path);
    }
    if (strcmp(media[i].path, path) == 0) {
      return &media[i];
    }
  }
  return NULL;
}

static int on_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out)
{
  file *const own = (file *)f;
  (void)v;
  own->real = (sqlite3_file *)(own + 1);
  own->on = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL) ? medium_of(path) : NULL;
  own->base.pMethods = NULL;
  const int code = real->xOpen(real, path, own->real, flags, out);
  own->base.pMethods = code == SQLITE_OK ? &methods : NULL;
  return code;
}

static int on_delete(sqlite3_vfs *v, const char *path, int sync)
{
  (void)v;
  if (!step()) {
    return SQLITE_IOERR_DELETE;
  }
  medium *const m = medium_of(path);
  if (m) {
    forget(m);
  }
  return real->xDelete(real, path, sync);
}

void disk_register(void)
{
  real = sqlite3_vfs_find(NULL);
  vfs = *real;
  vfs.zName = "failing";
  vfs.pNext = NULL;
  vfs.szOsFile = (int)sizeof(file) + real->szOsFile;
  vfs.xOpen = on_open;
  vfs.xDelete = on_delete;
  sqlite3_vfs_register(&vfs, 1);
}

void disk_begin(dice *d, uint32_t n_writes)
{
  drawn = d;
  left = n_writes;
}

void disk_calm(void)
{
  drawn = NULL;
  full_for = 0;
}

bool disk_is_off(void)
{
  return off;
}

void disk_when_off(void (*act)(void))
{
  when_off = act;
}

bool disk_takes(void)
{
  return !off && !full_for && !faulty();
}

static void lose(medium *m, dice *d)
{
  const int fd = open(m->path, O_RDWR | O_CLOEXEC);
  uint32_t n = 0;
  for (const undo *u = m->last; u; u = u->before) {
    ++n;
  }
  for (uint32_t i = n ? dice_below(d, n + 1) : 0; fd >= 0 && i > 0; --i) {
    undo *const u = m->last;
    if ((u->n && pwrite(fd, u->bytes, (size_t)u->n, u->offset) != u->n) || ftruncate(fd, u->size) != 0) {
      abort();
    }
    m->last = u->before;
    free(u);
  }
  if (fd >= 0) {
    close(fd);
  }
  forget(m);
}

void disk_restart(void)
{
  dice d = drawn ? *drawn : (dice){1};
  for (int i = 0; i < MOST_FILES && media[i].path[0]; ++i) {
    off ? lose(&media[i], &d) : forget(&media[i]);
  }
  off = false;
  disk_calm();
}

uint64_t disk_faults(void)
{
  return n_faults;
}
