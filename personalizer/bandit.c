#include "personalizer/bandit.h"
#include "graph/base/assert.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct stoa_bandit {
  pthread_rwlock_t lock;
  stoa_ensemble ensemble;
  int64_t offset; ///< of the last label learned
  atomic_ulong n_unknown;
};

stoa_bandit *stoa_bandit_new(const stoa_learner_options *learner, const stoa_explorer *explorer)
{
  stoa_bandit *const b = calloc(1, sizeof *b);
  if (!b || !stoa_ensemble_init(&b->ensemble, learner, explorer)) {
    free(b);
    return NULL;
  }
  pthread_rwlock_init(&b->lock, NULL);
  return b;
}

void stoa_bandit_free(stoa_bandit *b)
{
  if (b) {
    stoa_ensemble_done(&b->ensemble);
    pthread_rwlock_destroy(&b->lock);
    free(b);
  }
}

void stoa_bandit_set_rate(stoa_bandit *b, double rate)
{
  pthread_rwlock_wrlock(&b->lock);
  stoa_ensemble_set_rate(&b->ensemble, rate);
  pthread_rwlock_unlock(&b->lock);
}

// Under the lock.
static stoa_bandit_figures tell(stoa_bandit *b)
{
  return (stoa_bandit_figures){.n_learned = b->ensemble.n_learned,
                               .n_refused = b->ensemble.n_refused,
                               .n_unknown = atomic_load_explicit(&b->n_unknown, memory_order_relaxed),
                               .reward_sum = 0 - b->ensemble.cost_sum,
                               .offset = b->offset};
}

stoa_bandit_figures stoa_bandit_tell(stoa_bandit *b)
{
  pthread_rwlock_rdlock(&b->lock);
  const stoa_bandit_figures figures = tell(b);
  pthread_rwlock_unlock(&b->lock);
  return figures;
}

void stoa_bandit_count_unknown(stoa_bandit *b, uint32_t n)
{
  atomic_fetch_add_explicit(&b->n_unknown, n, memory_order_relaxed);
}

void stoa_bandit_predict(stoa_bandit *b, const stoa_example *example, const bool *excluded, stoa_scores *scores,
                         stoa_bandit_figures *figures)
{
  pthread_rwlock_rdlock(&b->lock);
  *figures = tell(b);
  stoa_ensemble_predict(&b->ensemble, example, excluded, scores);
  pthread_rwlock_unlock(&b->lock);
}

void stoa_bandit_note(stoa_bandit *b, const stoa_example *example, uint32_t chosen, double probability, double reward,
                      int64_t offset)
{
  STOA_ASSERT(chosen < example->n_actions);
  pthread_rwlock_wrlock(&b->lock);
  stoa_ensemble_learn(&b->ensemble, example, chosen, probability, -reward);
  STOA_ASSERT(offset > b->offset);
  b->offset = offset;
  pthread_rwlock_unlock(&b->lock);
}

void stoa_bandit_learn(stoa_bandit *b, const stoa_record *decision, const stoa_record *label)
{
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_example *const example = STOA_NEW(&arena, stoa_example);
  const bool is_good = stoa_example_read(decision->example, &arena, example) && decision->chosen < example->n_actions;
  pthread_rwlock_wrlock(&b->lock);
  if (is_good) {
    stoa_ensemble_learn(&b->ensemble, example, decision->chosen, decision->probability, -label->value);
  }
  STOA_ASSERT(label->offset > b->offset); // the order of the log
  b->offset = label->offset;
  pthread_rwlock_unlock(&b->lock);
  stoa_arena_done(&arena);
}

void stoa_bandit_write(stoa_bandit *b, stoa_buf *out, int64_t *offset)
{
  pthread_rwlock_rdlock(&b->lock);
  stoa_ensemble_write(&b->ensemble, out);
  *offset = b->offset;
  pthread_rwlock_unlock(&b->lock);
}

bool stoa_bandit_read(stoa_bandit *b, stoa_slice bytes, int64_t offset)
{
  pthread_rwlock_wrlock(&b->lock);
  const bool is_good = stoa_ensemble_read(&b->ensemble, bytes);
  b->offset = is_good ? offset : 0;
  if (!is_good) {
    stoa_ensemble_forget(&b->ensemble);
  }
  pthread_rwlock_unlock(&b->lock);
  return is_good;
}

uint64_t stoa_bandit_bytes(const stoa_bandit *b)
{
  return stoa_ensemble_bytes(&b->ensemble);
}

double stoa_bandit_weight(stoa_bandit *b, uint64_t hash)
{
  pthread_rwlock_rdlock(&b->lock);
  const double weight = 0 - stoa_learner_weight(&b->ensemble.learners[0], hash);
  pthread_rwlock_unlock(&b->lock);
  return weight;
}
