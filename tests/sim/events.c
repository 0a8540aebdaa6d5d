#include "tests/sim/events.h"
#include "tests/sim/trace.h"
#include "tests/sim/turns.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_EVENTS = 65536 };

typedef struct {
  int64_t at_ns;
  void (*act)(void *data);
  void *data;
} event;

// The first in time stands last; of one time the first that was added.
static event planned[MOST_EVENTS];
static int n_planned;

void events_at(int64_t ns, void (*act)(void *data), void *data)
{
  int i = n_planned;
  if (n_planned == MOST_EVENTS) {
    wrong("more than %d events", MOST_EVENTS);
  }
  while (i > 0 && planned[i - 1].at_ns <= ns) {
    --i;
  }
  memmove(planned + i + 1, planned + i, (size_t)(n_planned - i) * sizeof *planned);
  planned[i] = (event){ns, act, data};
  ++n_planned;
  turns_wake(planned);
}

void events_run_until(int64_t ns)
{
  while (turns_now() < ns) {
    const int64_t first = n_planned ? planned[n_planned - 1].at_ns : ns;
    if (first > turns_now()) {
      turns_wait(planned, first < ns ? first : ns);
    } else {
      const event e = planned[--n_planned];
      e.act(e.data);
    }
  }
}
