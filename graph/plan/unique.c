// Rule 3: DISTINCT only where a mapping may give a triple twice.
//
// A graph is a set of triples, but a triples map makes one for each row of its table: where the terms of a triple do
// not tell the row, the same triple can come many times.  They tell it when they fix all columns of a key.  So the
// columns that the terms are made of count as fixed, an equation with a value or a fixed column fixes another one, and
// a row whose key is fixed has all its columns fixed: when that reaches every table of the block, no two of its rows
// are equal.  Two blocks never give the same row when for some variable they cannot make the same term.
#include "graph/plan/unique.h"
#include "graph/plan/makes.h"
#include "graph/term/equality.h"

typedef struct {
  uint32_t alias;
  const stoa_table_info *info;
  stoa_column_set known; ///< columns that have one value only, once the block's terms are given
  bool determined;       ///< all columns of some key are known, so only one row of the table can be meant
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

// A column that is fixed.
static void learn(states *s, const stoa_sx *sx)
{
  table_state *const t = sx && sx->kind == STOA_SX_COLUMN ? state_of(s, sx->alias) : NULL;
  if (t) {
    t->known |= stoa_table_bit(t->info, sx->info->name);
  }
}

// Has the expression one value only, once the block's terms are given?
static bool is_known(states *s, const stoa_sx *sx)
{
  const table_state *const t = sx->kind == STOA_SX_COLUMN ? state_of(s, sx->alias) : NULL;
  return sx->kind == STOA_SX_PARAM || (t && (t->determined || (t->known & stoa_table_bit(t->info, sx->info->name))));
}

// Are all columns of some key known?
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
