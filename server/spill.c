#include "server/spill.h"
#include "server/limits.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_ullong held; // bytes in all files

void stoa_spill_init(stoa_spill *spill)
{
  *spill = (stoa_spill){.fd = -1};
}

void stoa_spill_done(stoa_spill *spill)
{
  if (spill->fd >= 0) {
    close(spill->fd);
    atomic_fetch_sub(&held, spill->write_at);
  }
  stoa_spill_init(spill);
}

uint64_t stoa_spill_held(void)
{
  return atomic_load(&held);
}

bool stoa_spill_is_empty(const stoa_spill *spill)
{
  return spill->read_at == spill->write_at;
}

static bool open_file(stoa_spill *spill)
{
  const char *const folder = getenv("TMPDIR");
  if (spill->fd < 0) {
    spill->fd = open(folder && folder[0] ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  }
  return spill->fd >= 0;
}

static bool write_all(int fd, const char *bytes, size_t n_bytes, uint64_t at)
{
  for (size_t done = 0; done < n_bytes;) {
    const ssize_t n = pwrite(fd, bytes + done, n_bytes - done, (off_t)(at + done));
    if (n <= 0) {
      return false;
    }
    done += (size_t)n;
  }
  return true;
}

bool stoa_spill_add(stoa_spill *spill, const char *bytes, size_t n_bytes)
{
  if (!open_file(spill)) {
    return false;
  }
  if (atomic_fetch_add(&held, n_bytes) + n_bytes > STOA_MOST_SPILLED ||
      !write_all(spill->fd, bytes, n_bytes, spill->write_at)) {
    atomic_fetch_sub(&held, n_bytes);
    return false;
  }
  spill->write_at += n_bytes;
  return true;
}

bool stoa_spill_take(stoa_spill *spill, size_t most, stoa_buf *out)
{
  const uint64_t left = spill->write_at - spill->read_at;
  const size_t n_bytes = left < most ? (size_t)left : most;
  stoa_buf_reserve(out, n_bytes);
  for (size_t done = 0; done < n_bytes;) {
    const ssize_t n = pread(spill->fd, out->data + out->length, n_bytes - done, (off_t)spill->read_at);
    if (n <= 0) {
      return false;
    }
    out->length += (size_t)n;
    spill->read_at += (uint64_t)n;
    done += (size_t)n;
  }
  if (stoa_spill_is_empty(spill) && spill->write_at && ftruncate(spill->fd, 0) == 0) {
    atomic_fetch_sub(&held, spill->write_at);
    spill->read_at = spill->write_at = 0;
  }
  return true;
}
