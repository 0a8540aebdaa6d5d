// Rule 3: DISTINCT only where a mapping may give a triple twice.  A graph is a set: a leaf whose terms
// do not cover a key of its table can give one triple many times, and two leaves can give the same.
#include "graph/plan/unique.h"
#include "graph/term/equality.h"

typedef struct {
  uint32_t alias;
  const stoa_table_info *info;
  stoa_column_set known; ///< fixed once the block's terms are fixed
  bool determined;       ///< a key is known: the row is
} table_state;

enum { MOST_TABLES = 64 };

typedef struct {
  table_state tables[MOST_TABLES];
  uint32_t n;
} states;

static table_state *state_of(states *s, uint32_t alias)
{
  for (uint32_t i = 0; i < s->n; ++i) {
    if (s->tables[i].alias == alias) {
      return &s->tables[i];
    }
  }
  return NULL;
}

static void learn(states *s, const stoa_sx *sx)
{
  table_state *const t = sx && sx->kind == STOA_SX_COLUMN ? state_of(s, sx->alias) : NULL;
  if (t) {
    t->known |= stoa_table_bit(t->info, sx->info->name);
  }
}

static bool is_known(states *s, const stoa_sx *sx)
{
  const table_state *const t = sx->kind == STOA_SX_COLUMN ? state_of(s, sx->alias) : NULL;
  return sx->kind == STOA_SX_PARAM || (t && (t->determined || (t->known & stoa_table_bit(t->info, sx->info->name))));
}

static bool determine(table_state *t)
{
  for (uint32_t i = 0; i < t->info->n_keys && !t->determined; ++i) {
    t->determined = (t->info->keys[i] & ~t->known) == 0;
  }
  return t->determined;
}

// Equalities carry what is known from one table to the next, until nothing changes.
static void propagate(states *s, const stoa_block *block)
{
  for (uint32_t round = 0; round < s->n + 1; ++round) {
    for (uint32_t i = 0; i < block->where.n; ++i) {
      const stoa_sx *const sx = block->where.items[i];
      if (!stoa_sx_is_equation(sx)) {
        continue;
      }
      if (is_known(s, sx->args[1])) {
        learn(s, sx->args[0]);
      }
      if (is_known(s, sx->args[0])) {
        learn(s, sx->args[1]);
      }
    }
    for (uint32_t i = 0; i < s->n; ++i) {
      determine(&s->tables[i]);
    }
  }
}

bool stoa_block_unique(const stoa_block *block)
{
  states s = {.n = 0};
  if (block->from.n > MOST_TABLES) {
    return false;
  }
  for (uint32_t i = 0; i < block->from.n; ++i) {
    const stoa_from *const from = &block->from.items[i];
    if (!stoa_from_info(from) || from->left) {
      return false;
    }
    s.tables[s.n++] = (table_state){from->alias, from->table.info, 0, false};
  }
  for (uint32_t i = 0; i < block->bindings.n; ++i) {
    const stoa_ctor *const ctor = block->bindings.items[i].ctor;
    for (uint32_t k = 0; stoa_ctor_exact(ctor) && k < ctor->n_columns; ++k) {
      learn(&s, block->bindings.items[i].columns[k]);
    }
  }
  propagate(&s, block);
  for (uint32_t i = 0; i < s.n; ++i) {
    if (!s.tables[i].determined) {
      return false;
    }
  }
  return true;
}

bool stoa_blocks_disjoint(const stoa_block *a, const stoa_block *b)
{
  for (uint32_t i = 0; i < a->bindings.n; ++i) {
    const stoa_binding *const other = stoa_block_find(b, a->bindings.items[i].var);
    if (other && !stoa_ctors_meet(a->bindings.items[i].ctor, other->ctor)) {
      return true;
    }
  }
  return false;
}
