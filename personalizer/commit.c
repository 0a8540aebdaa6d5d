// Joining rewards to decisions.  With wait time 0 the first reward closes the label at once, in the same
// transaction; else the label closes when the time is over.  Labels are learned in log order, so that a
// model is a function of the log alone.
#include "personalizer/commit.h"
#include "personalizer/labels.h"

// Find what a reward belongs to: a decision of this very batch, or one of the log.
static bool find_decision(stoa_state *state, const stoa_record *records, size_t i, stoa_arena *arena, stoa_record *out)
{
  for (size_t k = 0; k < i; ++k) {
    if (records[k].kind == STOA_RECORD_DECISION && stoa_slice_equal(records[k].event_id, records[i].event_id)) {
      *out = records[k];
      return true;
    }
  }
  return stoa_state_decision(state, records[i].event_id, arena, out);
}

static bool is_closing(const stoa_records *all, stoa_slice event_id)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    if (all->items[i].kind == STOA_RECORD_LABEL && stoa_slice_equal(all->items[i].event_id, event_id)) {
      return true;
    }
  }
  return false;
}

static void add_reward(stoa_state *state, const stoa_policies *policies, stoa_record *records, stoa_status *statuses,
                       size_t i, stoa_arena *arena, stoa_records *out)
{
  stoa_record decision;
  if (!find_decision(state, records, i, arena, &decision)) {
    statuses[i] = STOA_NOT_FOUND;
    return;
  }
  STOA_PUSH(arena, out, records[i]);
  const stoa_policy *const policy = stoa_policies_find(policies, decision.policy);
  if (policy && policy->wait_s == 0 && !is_closing(out, records[i].event_id) &&
      !stoa_state_is_closed(state, records[i].event_id)) {
    const stoa_record label = {.kind = STOA_RECORD_LABEL,
                               .at_us = records[i].at_us,
                               .event_id = records[i].event_id,
                               .policy = policy->name,
                               .value = records[i].value};
    STOA_PUSH(arena, out, label);
  }
}

// What was appended goes back to the callers' records.
static void give_back(stoa_state *state, stoa_record *records, const stoa_status *statuses, size_t n,
                      const stoa_records *all, stoa_arena *arena)
{
  uint32_t k = 0;
  for (size_t i = 0; i < n; ++i) {
    if (statuses[i] != STOA_OK) {
      continue;
    }
    while (all->items[k].kind == STOA_RECORD_LABEL) {
      ++k;
    }
    records[i].offset = all->items[k].offset;
    records[i].is_duplicate = all->items[k].is_duplicate;
    ++k;
    stoa_record earlier;
    if (records[i].kind == STOA_RECORD_DECISION && records[i].is_duplicate &&
        stoa_state_decision(state, records[i].event_id, arena, &earlier)) {
      records[i].answer = earlier.answer;
    }
  }
}

stoa_status stoa_commit(stoa_state *state, const stoa_policies *policies, stoa_record *records, stoa_status *statuses,
                        size_t n, stoa_arena *arena, stoa_error *err)
{
  stoa_records all = {0};
  for (size_t i = 0; i < n; ++i) {
    statuses[i] = STOA_OK;
    if (records[i].kind == STOA_RECORD_REWARD) {
      add_reward(state, policies, records, statuses, i, arena, &all);
    } else {
      STOA_PUSH(arena, &all, records[i]);
    }
  }
  if (all.n) {
    STOA_TRY(stoa_state_append(state, all.items, all.n, err));
  }
  give_back(state, records, statuses, n, &all, arena);
  return stoa_labels_learn(state, policies, all.items, all.n, err);
}
