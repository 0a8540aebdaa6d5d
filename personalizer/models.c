// A model is a function of the log.  The options of its learner stand there too: those of the configuration are logged
// when they differ from the last ones.  With another number of bits, another kind of learner or other interactions all
// labels are learned again from the start (a kept model tells what it is of, and is then not taken);
// another rate holds from its record on.  So labels are replayed in spans, each with the rate that held in it.
#include "personalizer/models.h"

static void learn_record(const stoa_record *decision, const stoa_record *label, void *data)
{
  stoa_bandit_learn(data, decision, label);
}

static stoa_status save(stoa_state *state, const stoa_policy *p, stoa_error *err)
{
  stoa_buf bytes = {0};
  int64_t offset;
  stoa_bandit_write(p->bandit, &bytes, &offset);
  const stoa_status status = stoa_state_put_model(state, p->name, offset, (stoa_slice){bytes.data, bytes.length}, err);
  stoa_buf_done(&bytes);
  return status;
}

stoa_status stoa_models_save(stoa_state *state, const stoa_policies *policies, stoa_error *err)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    STOA_TRY(save(state, policies->items[i], err));
  }
  return STOA_OK;
}

// All options of the log; the last ones are the policy's.
static stoa_status log_options(stoa_state *state, const stoa_policy *p, int64_t now_us, stoa_arena *arena,
                               stoa_records *out, stoa_error *err)
{
  STOA_TRY(stoa_state_options(state, p->name, arena, out, err));
  const uint32_t bits = (uint32_t)p->learner.bits;
  const stoa_record *const last = out->n ? &out->items[out->n - 1] : NULL;
  if (last && last->bits == bits && last->rate == p->learner.rate) {
    return STOA_OK;
  }
  stoa_record now = {.kind = STOA_RECORD_OPTIONS, .policy = p->name, .at_us = now_us, .bits = bits, .rate = p->learner.rate};
  STOA_TRY(stoa_state_append(state, &now, 1, err));
  STOA_PUSH(arena, out, now);
  return STOA_OK;
}

// The first options with the number of bits that still holds.
static uint32_t first_of_these_bits(const stoa_records *options)
{
  uint32_t first = options->n - 1;
  while (first > 0 && options->items[first - 1].bits == options->items[first].bits) {
    --first;
  }
  return first;
}

// A kept model counts when it was made since then; else the log is the truth, and all of it is learned again.
static stoa_status read_kept(stoa_state *state, const stoa_policy *p, int64_t since, stoa_arena *arena, int64_t *offset,
                             stoa_error *err)
{
  stoa_slice bytes;
  const stoa_status status = stoa_state_get_model(state, p->name, arena, offset, &bytes, err);
  if (status != STOA_OK && status != STOA_NOT_FOUND) {
    return status;
  }
  if (status == STOA_NOT_FOUND || *offset < since || !stoa_bandit_read(p->bandit, bytes, *offset)) {
    *offset = 0;
  }
  return STOA_OK;
}

static stoa_status restore(stoa_state *state, const stoa_policy *p, int64_t now_us, stoa_arena *arena, stoa_error *err)
{
  stoa_records options = {0};
  int64_t offset;
  STOA_TRY(log_options(state, p, now_us, arena, &options, err));
  const uint32_t first = first_of_these_bits(&options);
  STOA_TRY(read_kept(state, p, options.items[first].offset, arena, &offset, err));
  for (uint32_t i = first; i < options.n; ++i) {
    const int64_t before = i + 1 < options.n ? options.items[i + 1].offset : INT64_MAX;
    stoa_bandit_set_rate(p->bandit, options.items[i].rate);
    if (before > offset) {
      STOA_TRY(stoa_state_replay(state, p->name, offset, before, learn_record, p->bandit, err));
      offset = before - 1;
    }
  }
  return STOA_OK;
}

stoa_status stoa_models_restore(stoa_state *state, const stoa_policies *policies, int64_t now_us, stoa_error *err)
{
  stoa_arena arena;
  stoa_status status = STOA_OK;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; status == STOA_OK && i < policies->n; ++i) {
    status = restore(state, policies->items[i], now_us, &arena, err);
  }
  stoa_arena_done(&arena);
  return status;
}

stoa_status stoa_models_learn(stoa_state *state, const stoa_policies *policies, stoa_error *err)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    stoa_bandit *const bandit = policies->items[i]->bandit;
    const int64_t after = stoa_bandit_tell(bandit).offset;
    STOA_TRY(stoa_state_replay(state, policies->items[i]->name, after, INT64_MAX, learn_record, bandit, err));
  }
  return STOA_OK;
}
