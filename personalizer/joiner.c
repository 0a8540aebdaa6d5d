// Joining rewards to decisions.  With wait time 0 the first reward closes the label at once, in the same
// transaction; else the label closes when the time is over.  Labels are learned in log order, so that a
// model is a function of the log alone.
#include "graph/base/clock.h"
#include "personalizer/engine.h"
#include <stdlib.h>

typedef STOA_LIST(stoa_record) record_list;

static void learn_record(const stoa_record *decision, const stoa_record *label, void *data)
{
  stoa_policy_learn(data, decision, label);
}

// Find what a reward belongs to: a decision of this very batch, or one of the log.
static bool find_decision(stoa_engine *e, const stoa_record *records, size_t i, stoa_arena *arena, stoa_record *out)
{
  for (size_t k = 0; k < i; ++k) {
    if (records[k].kind == STOA_RECORD_DECISION && stoa_slice_equal(records[k].event_id, records[i].event_id)) {
      *out = records[k];
      return true;
    }
  }
  return stoa_state_decision(e->state, records[i].event_id, arena, out);
}

static bool is_closing(const record_list *all, stoa_slice event_id)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    if (all->items[i].kind == STOA_RECORD_LABEL && stoa_slice_equal(all->items[i].event_id, event_id)) {
      return true;
    }
  }
  return false;
}

static void add_reward(stoa_engine *e, stoa_record *records, stoa_status *statuses, size_t i, stoa_arena *arena,
                       record_list *out)
{
  stoa_record decision;
  if (!find_decision(e, records, i, arena, &decision)) {
    statuses[i] = STOA_NOT_FOUND;
    return;
  }
  STOA_PUSH(arena, out, records[i]);
  const stoa_policy *const policy = stoa_engine_policy(e, decision.policy);
  if (policy && policy->wait_s == 0 && !is_closing(out, records[i].event_id) &&
      !stoa_state_is_closed(e->state, records[i].event_id)) {
    const stoa_record label = {.kind = STOA_RECORD_LABEL,
                               .at_us = records[i].at_us,
                               .event_id = records[i].event_id,
                               .policy = policy->name,
                               .value = records[i].value};
    STOA_PUSH(arena, out, label);
  }
}

static void learn_closed(stoa_engine *e, const record_list *all, stoa_arena *arena)
{
  for (uint32_t i = 0; i < all->n; ++i) {
    const stoa_record *const label = &all->items[i];
    stoa_record decision;
    if (label->kind == STOA_RECORD_LABEL && !label->is_duplicate &&
        stoa_state_decision(e->state, label->event_id, arena, &decision)) {
      stoa_policy *const policy = stoa_engine_policy(e, decision.policy);
      if (policy) {
        stoa_policy_learn(policy, &decision, label);
      }
    }
  }
}

// What was appended goes back to the callers' records.
static void give_back(stoa_engine *e, stoa_record *records, const stoa_status *statuses, size_t n,
                      const record_list *all, stoa_arena *arena)
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
        stoa_state_decision(e->state, records[i].event_id, arena, &earlier)) {
      records[i].answer = earlier.answer;
    }
  }
}

stoa_status stoa_engine_commit(stoa_engine *e, stoa_record *records, stoa_status *statuses, size_t n, stoa_arena *arena,
                               stoa_error *err)
{
  record_list all = {0};
  for (size_t i = 0; i < n; ++i) {
    statuses[i] = STOA_OK;
    if (records[i].kind == STOA_RECORD_REWARD) {
      add_reward(e, records, statuses, i, arena, &all);
    } else {
      STOA_PUSH(arena, &all, records[i]);
    }
  }
  if (all.n) {
    STOA_TRY(stoa_state_append(e->state, all.items, all.n, err));
  }
  give_back(e, records, statuses, n, &all, arena);
  learn_closed(e, &all, arena);
  return STOA_OK;
}

stoa_status stoa_engine_close_labels(stoa_engine *e, int64_t now_us, stoa_error *err)
{
  enum { AT_ONCE = 256 };
  stoa_arena arena;
  stoa_status status = STOA_OK;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; status == STOA_OK && i < e->policies.n; ++i) {
    const stoa_policy *const p = e->policies.items[i];
    stoa_records due = {0};
    if (p->wait_s == 0) {
      continue;
    }
    status = stoa_state_due(e->state, p->name, now_us, p->default_reward, p->sum, AT_ONCE, &arena, &due, err);
    if (status == STOA_OK && due.n) {
      const record_list all = {due.items, due.n, due.capacity};
      status = stoa_state_append(e->state, all.items, all.n, err);
      if (status == STOA_OK) {
        learn_closed(e, &all, &arena);
      }
    }
  }
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_engine_save_models(stoa_engine *e, stoa_error *err)
{
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    stoa_policy *const p = e->policies.items[i];
    stoa_buf bytes = {0};
    pthread_rwlock_rdlock(&p->lock);
    stoa_learner_write(&p->learner, &bytes);
    const int64_t offset = p->offset;
    pthread_rwlock_unlock(&p->lock);
    const stoa_status status =
      stoa_state_put_model(e->state, p->name, offset, (stoa_slice){bytes.data, bytes.length}, err);
    stoa_buf_done(&bytes);
    STOA_TRY(status);
  }
  return STOA_OK;
}

stoa_status stoa_engine_restore(stoa_engine *e, stoa_error *err)
{
  for (uint32_t i = 0; i < e->policies.n; ++i) {
    stoa_policy *const p = e->policies.items[i];
    stoa_arena arena;
    stoa_slice bytes;
    int64_t offset;
    stoa_arena_init(&arena, 0);
    if (stoa_state_get_model(e->state, p->name, &arena, &offset, &bytes)) {
      const uint32_t bits = p->learner.bits;
      const double rate = p->learner.rate;
      if (stoa_learner_read(&p->learner, bytes)) {
        p->offset = offset;
      } else {
        // Another number of bits, or damage: the log is the truth, learn all of it again.
        stoa_learner_done(&p->learner);
        stoa_learner_init(&p->learner, bits, rate);
      }
    }
    stoa_arena_done(&arena);
    STOA_TRY(stoa_state_replay(e->state, p->name, p->offset, learn_record, p, err));
  }
  return STOA_OK;
}

stoa_status stoa_engine_rank(stoa_engine *engine, const char *policy, stoa_slice json, stoa_arena *arena,
                             stoa_slice *answer, stoa_error *err)
{
  stoa_context context;
  stoa_decision decision;
  stoa_status one;
  stoa_context_init(&context, engine->clock->now_us(engine->clock));
  STOA_TRY(stoa_rank_prepare(engine, policy, json, &context, arena, &decision, err));
  STOA_TRY(stoa_engine_commit(engine, &decision.record, &one, 1, arena, err));
  *answer = decision.record.answer;
  return one;
}

stoa_status stoa_engine_reward(stoa_engine *engine, const char *event_id, double value, stoa_error *err)
{
  stoa_record reward;
  stoa_status one;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_status status = stoa_reward_prepare(stoa_slice_of(event_id), value, (stoa_slice){"", 0},
                                           engine->clock->now_us(engine->clock), &reward, err);
  if (status == STOA_OK) {
    status = stoa_engine_commit(engine, &reward, &one, 1, &arena, err);
  }
  stoa_arena_done(&arena);
  if (status == STOA_OK && one == STOA_NOT_FOUND) {
    return stoa_error_set(err, STOA_NOT_FOUND, "there is no decision with event id \"%s\"", event_id);
  }
  return status;
}
