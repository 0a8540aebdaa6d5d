#include "personalizer/labels.h"

stoa_status stoa_labels_learn(stoa_state *state, const stoa_policies *policies, const stoa_record *records, size_t n,
                              stoa_error *err)
{
  stoa_arena arena;
  (void)err;
  stoa_arena_init(&arena, 0);
  for (size_t i = 0; i < n; ++i) {
    const stoa_record *const label = &records[i];
    stoa_record decision;
    stoa_arena_reset(&arena);
    if (label->kind == STOA_RECORD_LABEL && !label->is_duplicate &&
        stoa_state_decision(state, label->event_id, &arena, &decision)) {
      const stoa_policy *const policy = stoa_policies_find(policies, decision.policy);
      if (policy) {
        stoa_bandit_learn(policy->bandit, &decision, label);
      }
    }
  }
  stoa_arena_done(&arena);
  return STOA_OK;
}

stoa_status stoa_labels_close(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err)
{
  enum { AT_ONCE = 256 };
  stoa_arena arena;
  stoa_status status = STOA_OK;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; status == STOA_OK && i < policies->n; ++i) {
    const stoa_policy *const p = policies->items[i];
    stoa_records due = {0};
    if (p->wait_s == 0) {
      continue;
    }
    status = stoa_state_due(state, p->name, now_us, p->default_reward, p->sum, AT_ONCE, &arena, &due, err);
    if (status == STOA_OK && due.n) {
      status = stoa_state_append(state, due.items, due.n, err);
      if (status == STOA_OK) {
        status = stoa_labels_learn(state, policies, due.items, due.n, err);
      }
    }
  }
  stoa_arena_done(&arena);
  return status;
}
