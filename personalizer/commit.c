// Joining rewards to decisions.  A decision says itself when its label closes: at the first reward, in the same
// transaction, or when its time is over (labels.c).
#include "personalizer/commit.h"
#include "personalizer/models.h"

// One batch: what clients sent, and what is appended for it.
typedef struct {
  stoa_state *state;
  stoa_record *records;
  stoa_arena *arena;
  stoa_error *err;
  stoa_records all;
  uint32_t *where;   ///< of each record: its place in `all`, from 1; 0 when it is not appended
  stoa_map made;     ///< event id -> decision of this batch
  stoa_map closing;  ///< event id -> label of this batch
  stoa_map rewarded; ///< reward id -> reward of this batch
} batch;

static void push(batch *b, size_t i)
{
  STOA_PUSH(b->arena, &b->all, b->records[i]);
  b->where[i] = b->all.n;
}

// A decision that was made before has the log's event id; one of this very batch is not in the log yet.
static stoa_status find_decision(const batch *b, stoa_slice event_id, stoa_record *out)
{
  const stoa_status status = stoa_state_decision(b->state, event_id, b->arena, out, b->err);
  const stoa_record *const made = status == STOA_NOT_FOUND ? stoa_map_find(&b->made, event_id) : NULL;
  if (!made) {
    return status;
  }
  *out = *made;
  return STOA_OK;
}

// One id names one reward: the same again changes nothing, another by its name is refused.
static stoa_status find_same(const batch *b, stoa_record *reward)
{
  stoa_record earlier;
  const stoa_record *const here = stoa_map_find(&b->rewarded, reward->id);
  stoa_status status = STOA_OK;
  if (here) {
    earlier = *here;
  } else {
    status = reward->id.length ? stoa_state_reward(b->state, reward->id, b->arena, &earlier, b->err) : STOA_NOT_FOUND;
  }
  if (status != STOA_OK) {
    return status;
  }
  reward->is_duplicate = true;
  reward->is_late = earlier.is_late;
  return stoa_slice_equal(earlier.event_id, reward->event_id) && earlier.value == reward->value ? STOA_OK
                                                                                                : STOA_CONFLICT;
}

static stoa_status is_late(const batch *b, const stoa_record *decision, const stoa_record *reward, bool *out)
{
  *out =
    (decision->closes_at_us && reward->at_us >= decision->closes_at_us) || stoa_map_find(&b->closing, reward->event_id);
  if (*out) {
    return STOA_OK;
  }
  const stoa_status status = stoa_state_is_closed(b->state, reward->event_id, b->err);
  *out = status == STOA_OK;
  return status == STOA_NOT_FOUND ? STOA_OK : status;
}

static void close_label(batch *b, const stoa_record *decision, const stoa_record *reward)
{
  const stoa_record label = {.kind = STOA_RECORD_LABEL,
                             .at_us = reward->at_us,
                             .event_id = reward->event_id,
                             .policy = decision->policy,
                             .value = reward->value};
  STOA_PUSH(b->arena, &b->all, label);
  stoa_map_add(&b->closing, b->arena, reward->event_id, (void *)reward);
}

// Who rewards in the name of a policy rewards its decisions alone; another's are as if they were not there.
static stoa_status check_policy(const batch *b, const stoa_record *reward)
{
  stoa_record decision;
  if (!reward->policy) {
    return STOA_OK;
  }
  STOA_TRY(find_decision(b, reward->event_id, &decision));
  return strcmp(reward->policy, decision.policy) == 0 ? STOA_OK : STOA_NOT_FOUND;
}

// STOA_NOT_FOUND and STOA_CONFLICT refuse the reward, anything else but STOA_OK the batch.
static stoa_status add_reward(batch *b, size_t i)
{
  stoa_record *const reward = &b->records[i];
  stoa_record decision;
  STOA_TRY(check_policy(b, reward));
  const stoa_status same = find_same(b, reward);
  if (same != STOA_NOT_FOUND) {
    return same;
  }
  STOA_TRY(find_decision(b, reward->event_id, &decision));
  STOA_TRY(is_late(b, &decision, reward, &reward->is_late));
  push(b, i);
  if (reward->id.length) {
    stoa_map_add(&b->rewarded, b->arena, reward->id, reward);
  }
  if (!reward->is_late && decision.closes_at_us == 0) {
    close_label(b, &decision, reward);
  }
  return STOA_OK;
}

static void add_other(batch *b, size_t i)
{
  const stoa_record *const r = &b->records[i];
  push(b, i);
  if (r->kind == STOA_RECORD_DECISION && !stoa_map_find(&b->made, r->event_id)) {
    stoa_map_add(&b->made, b->arena, r->event_id, (void *)r);
  }
}

static stoa_status gather(batch *b, stoa_status *statuses, size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    statuses[i] = STOA_OK;
    if (b->records[i].kind != STOA_RECORD_REWARD) {
      add_other(b, i);
      continue;
    }
    statuses[i] = add_reward(b, i);
    if (statuses[i] != STOA_OK && statuses[i] != STOA_NOT_FOUND && statuses[i] != STOA_CONFLICT) {
      return statuses[i];
    }
  }
  return STOA_OK;
}

// A decision by an event id that is taken gets the answer that was given; another policy's is not its own.
static stoa_status give_answer(const batch *b, stoa_record *decision, stoa_status *status)
{
  stoa_record earlier;
  STOA_TRY(stoa_state_decision(b->state, decision->event_id, b->arena, &earlier, b->err));
  *status = strcmp(earlier.policy, decision->policy) == 0 ? STOA_OK : STOA_CONFLICT;
  decision->answer = earlier.answer;
  return STOA_OK;
}

// What was appended goes back to the callers' records.
static stoa_status give_back(const batch *b, stoa_status *statuses, size_t n)
{
  for (size_t i = 0; i < n; ++i) {
    stoa_record *const r = &b->records[i];
    if (b->where[i] == 0) {
      continue;
    }
    r->offset = b->all.items[b->where[i] - 1].offset;
    r->is_duplicate = b->all.items[b->where[i] - 1].is_duplicate;
    if (r->kind == STOA_RECORD_DECISION && r->is_duplicate) {
      STOA_TRY(give_answer(b, r, &statuses[i]));
    }
  }
  return STOA_OK;
}

// A model is what the log tells, and the log will not tell this any more: so what it is until here is kept first.
static stoa_status keep_models(const batch *b, const stoa_policies *policies, size_t n)
{
  bool erases = false;
  for (size_t i = 0; i < n; ++i) {
    erases |= b->records[i].kind == STOA_RECORD_ERASURE;
  }
  if (!erases) {
    return STOA_OK;
  }
  STOA_TRY(stoa_models_learn(b->state, policies, b->err));
  return stoa_models_save(b->state, policies, b->err);
}

stoa_status stoa_commit(stoa_state *state, const stoa_policies *policies, stoa_record *records, stoa_status *statuses,
                        size_t n, stoa_arena *arena, stoa_error *err)
{
  batch b = {
    .state = state, .records = records, .arena = arena, .err = err, .where = STOA_NEWS(arena, uint32_t, n + 1)};
  STOA_TRY(gather(&b, statuses, n));
  if (b.all.n == 0) {
    return STOA_OK;
  }
  STOA_TRY(keep_models(&b, policies, n));
  STOA_TRY(stoa_state_append(state, b.all.items, b.all.n, err));
  STOA_TRY(give_back(&b, statuses, n));
  if (b.closing.n) { // the records are on disk: a failure here is no failure of theirs, and labels.c tries again
    stoa_error later = {0};
    stoa_models_learn(state, policies, &later);
  }
  return STOA_OK;
}

stoa_status stoa_commit_refusal(const stoa_record *r, stoa_status status, stoa_error *err)
{
  const int n = (int)r->event_id.length;
  if (status == STOA_NOT_FOUND) {
    return stoa_error_set(err, status, "there is no decision with event id \"%.*s\"", n, r->event_id.data);
  }
  if (status == STOA_CONFLICT && r->kind == STOA_RECORD_REWARD) {
    return stoa_error_set(err, status, "reward id \"%.*s\" names another reward; give each its own", (int)r->id.length,
                          r->id.data);
  }
  if (status == STOA_CONFLICT) {
    return stoa_error_set(err, status, "event id \"%.*s\" belongs to a decision of another policy", n,
                          r->event_id.data);
  }
  return status;
}
