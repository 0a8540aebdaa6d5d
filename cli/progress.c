#include "cli/progress.h"
#include "cli/cli.h"
#include "graph/base/clock.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVERY_NS = 200000000, WIDTH = 30 };

void stoa_progress_init(stoa_progress *p, FILE *out, const char *unit, double expected)
{
  const char *const asked = getenv("STOA_PROGRESS");
  *p = (stoa_progress){.out = out, .unit = unit, .expected = expected, .start_ns = stoa_clock_steady_ns()};
  p->shown = asked ? strcmp(asked, "1") == 0 : isatty(STDERR_FILENO) && !isatty(fileno(out));
  p->next_ns = p->start_ns + EVERY_NS;
}

static void show(const stoa_progress *p, int64_t now)
{
  const double seconds = (double)(now - p->start_ns) / 1e9;
  const double share = p->expected > 0 ? (double)p->n_lines / p->expected : 0;
  char bar[WIDTH + 1] = "";
  for (int i = 0; i < WIDTH && p->expected > 0; ++i) {
    bar[i] = i < share * WIDTH ? '#' : '.';
  }
  fprintf(stderr, "\r[%s] %llu %s, %.2f M/s\033[K", bar, (unsigned long long)p->n_lines, p->unit,
          (double)p->n_lines / seconds / 1e6);
}

bool stoa_progress_write(void *data, const char *bytes, size_t n_bytes)
{
  stoa_progress *const p = data;
  if (p->shown) {
    const char *const end = bytes + n_bytes;
    for (const char *at = memchr(bytes, '\n', n_bytes); at; at = memchr(at + 1, '\n', (size_t)(end - at - 1))) {
      p->n_lines++;
    }
    const int64_t now = stoa_clock_steady_ns();
    if (now >= p->next_ns) {
      show(p, now);
      p->next_ns = now + EVERY_NS;
    }
  }
  return stoa_cli_write(p->out, bytes, n_bytes);
}

void stoa_progress_done(stoa_progress *p)
{
  if (p->shown && p->next_ns > p->start_ns + EVERY_NS) {
    fputs("\r\033[K", stderr);
  }
}
