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

static stoa_status restore(stoa_state *state, const stoa_policy *p, stoa_error *err)
{
  stoa_arena arena;
  stoa_slice bytes;
  int64_t offset;
  stoa_arena_init(&arena, 0);
  // Another number of bits, or damage: the log is the truth, all of it is learned again.
  if (!stoa_state_get_model(state, p->name, &arena, &offset, &bytes) || !stoa_bandit_read(p->bandit, bytes, offset)) {
    offset = 0;
  }
  stoa_arena_done(&arena);
  return stoa_state_replay(state, p->name, offset, learn_record, p->bandit, err);
}

stoa_status stoa_models_restore(stoa_state *state, const stoa_policies *policies, stoa_error *err)
{
  for (uint32_t i = 0; i < policies->n; ++i) {
    STOA_TRY(restore(state, policies->items[i], err));
  }
  return STOA_OK;
}
