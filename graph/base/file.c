#include "graph/base/file.h"
#include "graph/base/buf.h"
#include <unistd.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { LARGEST_FILE = 64 << 20 };

stoa_status stoa_file_read(const char *path, stoa_arena *arena, stoa_slice *out, stoa_error *err)
{
  const stoa_place place = {path, 0, 0};
  struct stat info;
  FILE *const file = fopen(path, "rb");
  if (!file) {
    return stoa_error_at(err, STOA_NOT_FOUND, place, "cannot open: %s", strerror(errno));
  }
  if (fstat(fileno(file), &info) != 0 || !S_ISREG(info.st_mode)) {
    fclose(file);
    return stoa_error_at(err, STOA_IO, place, "is no regular file");
  }
  if (info.st_size > LARGEST_FILE) {
    fclose(file);
    return stoa_error_at(err, STOA_LIMIT, place, "is larger than %d MiB", LARGEST_FILE >> 20);
  }
  char *const bytes = stoa_arena_alloc(arena, (size_t)info.st_size + 1);
  const size_t n_read = fread(bytes, 1, (size_t)info.st_size, file);
  const bool bad = ferror(file) != 0;
  fclose(file);
  if (bad) {
    return stoa_error_at(err, STOA_IO, place, "cannot read: %s", strerror(errno));
  }
  *out = (stoa_slice){bytes, n_read};
  return STOA_OK;
}

const char *stoa_file_join(stoa_arena *arena, const char *dir, const char *path)
{
  if (path[0] == '/' || strcmp(dir, ".") == 0 || !dir[0]) {
    return stoa_arena_copy(arena, stoa_slice_of(path));
  }
  return stoa_arena_print(arena, "%s/%s", dir, path);
}

// The folder's own name is no pattern.
static const char *literal(const char *dir, stoa_arena *arena)
{
  stoa_buf out = {0};
  for (const char *c = dir; *c; ++c) {
    if (strchr("*?[]\\", *c)) {
      stoa_buf_byte(&out, '\\');
    }
    stoa_buf_byte(&out, *c);
  }
  const char *const copy = stoa_arena_copy(arena, (stoa_slice){out.data, out.length});
  stoa_buf_done(&out);
  return copy;
}

static int cannot_read(const char *folder, int code)
{
  (void)folder;
  return code != ENOENT && code != ENOTDIR;
}

stoa_status stoa_file_glob(const char *dir, const char *pattern, stoa_arena *arena, stoa_file_names *out,
                           stoa_error *err)
{
  glob_t found;
  const int code = glob(stoa_file_join(arena, literal(dir, arena), pattern), 0, cannot_read, &found);
  if (code == GLOB_NOMATCH) {
    return STOA_OK;
  }
  if (code != 0) {
    return stoa_error_at(err, STOA_IO, (stoa_place){stoa_file_join(arena, dir, pattern), 0, 0},
                         "cannot read the folder: %s", strerror(errno));
  }
  for (size_t i = 0; i < found.gl_pathc; ++i) {
    STOA_PUSH(arena, out, stoa_arena_copy(arena, stoa_slice_of(found.gl_pathv[i])));
  }
  globfree(&found);
  return STOA_OK;
}

static size_t least(size_t a, size_t b, size_t c)
{
  const size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

// Levenshtein's distance, one row at a time, letters compared without case.
static size_t distance(const char *a, const char *b)
{
  enum { LONGEST = 80 };
  size_t row[LONGEST + 1];
  const size_t n_a = strlen(a), n_b = strlen(b);
  if (n_a > LONGEST || n_b > LONGEST) {
    return LONGEST;
  }
  for (size_t j = 0; j <= n_b; ++j) {
    row[j] = j;
  }
  for (size_t i = 1; i <= n_a; ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n_b; ++j) {
      const size_t above = row[j];
      row[j] = least(above + 1, row[j - 1] + 1, diagonal + (strncasecmp(a + i - 1, b + j - 1, 1) != 0));
      diagonal = above;
    }
  }
  return row[n_b];
}

const char *stoa_nearest(const char *name, const char *const *candidates, size_t n)
{
  const char *best = NULL;
  size_t nearest = strlen(name) / 3 + 1;
  for (size_t i = 0; i < n; ++i) {
    const size_t d = distance(name, candidates[i]);
    if (d <= nearest && (!best || d < nearest)) {
      best = candidates[i];
      nearest = d;
    }
  }
  return best;
}

// The file itself is not mapped: a page behind the end of one that others shorten ends the process.
static stoa_status read_whole(int fd, size_t n_bytes, stoa_slice *out)
{
  char *const bytes = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  size_t n = 0;
  if (bytes == MAP_FAILED) {
    return STOA_IO;
  }
  while (n < n_bytes) {
    const ssize_t now = read(fd, bytes + n, n_bytes - n);
    if (now < 0 && errno != EINTR) {
      munmap(bytes, n_bytes);
      return STOA_IO;
    }
    if (now == 0) {
      break; // it is shorter than it was: what there is counts
    }
    n += now > 0 ? (size_t)now : 0;
  }
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), used = (n + page - 1) / page * page,
               all = (n_bytes + page - 1) / page * page;
  if (used < all) {
    munmap(bytes + used, all - used);
  }
  *out = (stoa_slice){n ? bytes : "", n};
  return STOA_OK;
}

int64_t stoa_file_changed(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 ? (int64_t)info.st_mtim.tv_sec * 1000000 + info.st_mtim.tv_nsec / 1000 : 0;
}

stoa_status stoa_file_map(const char *path, stoa_slice *out, stoa_error *err)
{
  struct stat st;
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  *out = (stoa_slice){"", 0};
  if (fd < 0 || fstat(fd, &st) != 0) {
    stoa_error_at(err, STOA_IO, (stoa_place){path, 0, 0}, "%s", strerror(errno));
    if (fd >= 0) {
      close(fd);
    }
    return STOA_IO;
  }
  const stoa_status status = st.st_size > 0 ? read_whole(fd, (size_t)st.st_size, out) : STOA_OK;
  if (status != STOA_OK) {
    stoa_error_at(err, status, (stoa_place){path, 0, 0}, "%s", strerror(errno));
  }
  close(fd);
  return status;
}

void stoa_file_unmap(stoa_slice mapped)
{
  if (mapped.length) {
    munmap((void *)mapped.data, mapped.length);
  }
}
