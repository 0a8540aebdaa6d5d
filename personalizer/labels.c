#include "personalizer/labels.h"
#include "graph/base/clock.h"
#include "personalizer/models.h"
#include <unistd.h>

// One commit; `n` is how many it closed.
static stoa_status close_some(stoa_state *state, const stoa_policies *policies, const stoa_policy *p, int64_t now_us,
                              uint32_t limit, uint32_t *n, stoa_error *err)
{
  stoa_arena arena;
  stoa_records due = {0};
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_state_due(state, p->name, now_us, p->default_reward, p->sum, limit, &arena, &due, err);
  if (status == STOA_OK && due.n) {
    status = stoa_state_append(state, due.items, due.n, err);
  }
  if (status == STOA_OK) {
    status = stoa_models_learn(state, policies, err);
  }
  *n = due.n;
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_labels_close(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err)
{
  enum { AT_ONCE = 4096, PATIENCE_MS = 500 };
  STOA_TRY(stoa_models_learn(state, policies, err)); // what a commit could not
  const int64_t until = stoa_clock_steady_ns() + (int64_t)PATIENCE_MS * 1000000;
  for (uint32_t i = 0; i < policies->n; ++i) {
    uint32_t n = AT_ONCE;
    while (n == AT_ONCE && stoa_clock_steady_ns() < until) {
      STOA_TRY(close_some(state, policies, policies->items[i], now_us, AT_ONCE, &n, err));
    }
  }
  return STOA_OK;
}

static void warn(const stoa_waiting *waiting, const stoa_policy *policy, stoa_faults *faults)
{
  stoa_error err = {0};
  const long long n = waiting->n;
  const char *const labels = n == 1 ? "label waits" : "labels wait";
  if (!policy) {
    stoa_error_set(&err, STOA_NOT_FOUND,
                   "there is no policy \"%s\" any more, and %lld %s for it: open until a policy of that name is back",
                   waiting->policy, n, labels);
  } else {
    stoa_error_set(&err, STOA_NOT_FOUND,
                   "%s of policy \"%s\" is gone, and %lld %s for it: closed as before until the next start, then open "
                   "until a policy of that name is back",
                   policy->file, waiting->policy, n, labels);
  }
  stoa_faults_add(faults, &err, true);
}

void stoa_labels_check(const char *state_file, const stoa_policies *policies, stoa_faults *faults)
{
  stoa_arena arena;
  stoa_waiting_list waiting = {0};
  stoa_error err = {0};
  stoa_arena_init(&arena, 0);
  if (stoa_state_waiting(state_file, &arena, &waiting, &err) != STOA_OK) {
    stoa_faults_add(faults, &err, true);
  }
  for (uint32_t i = 0; i < waiting.n; ++i) {
    const stoa_policy *const policy = stoa_policies_find(policies, waiting.items[i].policy);
    if (!policy || access(policy->file, F_OK) != 0) {
      warn(&waiting.items[i], policy, faults);
    }
  }
  stoa_arena_done(&arena);
}
