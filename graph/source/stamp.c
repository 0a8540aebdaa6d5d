#include "graph/source/stamp.h"
#include "graph/base/slice.h"
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

// File systems keep times by the tick of the kernel, 10 ms at most; and who writes a log makes it visible a moment later.
enum { SETTLED_MS = 100 };

static int64_t ns_of(struct timespec t)
{
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void stoa_stamp_file(const char *path, stoa_buf *out)
{
  struct stat info;
  struct timespec now;
  if (stat(path, &info) != 0) {
    stoa_buf_text(out, "-;");
    return;
  }
  clock_gettime(CLOCK_REALTIME, &now);
  stoa_buf_print(out, "%llx.%llx.%lld.%lld.%lld", (unsigned long long)info.st_dev, (unsigned long long)info.st_ino,
                 (long long)info.st_size, (long long)ns_of(info.st_mtim), (long long)ns_of(info.st_ctim));
  if (ns_of(now) - ns_of(info.st_ctim) < SETTLED_MS * INT64_C(1000000)) {
    stoa_buf_print(out, "@%lld", (long long)ns_of(now));
  }
  stoa_buf_byte(out, ';');
}

void stoa_stamp_sqlite(const char *path, stoa_buf *out)
{
  static const char *const endings[] = {"", "-wal", "-journal"};
  for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s%s", path, endings[i]) < (int)sizeof name) {
      stoa_stamp_file(name, out);
    }
  }
}

static int is_named(const struct dirent *file)
{
  return file->d_name[0] != '.';
}

bool stoa_stamp_folder(const char *path, stoa_buf *out)
{
  struct dirent **files;
  const int n = scandir(path, &files, is_named, alphasort);
  if (n < 0) {
    return false;
  }
  stoa_stamp_file(path, out);
  for (int i = 0; i < n; ++i) {
    char name[PATH_MAX];
    if (snprintf(name, sizeof name, "%s/%s", path, files[i]->d_name) < (int)sizeof name) {
      stoa_stamp_file(name, out);
    }
    free(files[i]);
  }
  free(files);
  return true;
}
