#include "graph/exec/op.h"
#include "graph/term/equality.h"

uint32_t stoa_table_count(const stoa_table *table)
{
  return table->hashes.n;
}

const stoa_term *stoa_table_row(const stoa_table *table, uint32_t row)
{
  return table->n_columns ? &table->terms.items[(size_t)row * table->n_columns] : NULL;
}

static void link_row(stoa_table *table, uint32_t row)
{
  const uint32_t slot = (uint32_t)table->hashes.items[row] & (table->n_slots - 1);
  table->chain[row] = table->slots[slot];
  table->slots[slot] = row + 1;
}

static void widen(stoa_table *table, stoa_arena *arena)
{
  table->n_slots = table->n_slots ? table->n_slots * 2 : 16;
  table->slots = STOA_NEWS(arena, uint32_t, table->n_slots);
  table->chain = STOA_NEWS(arena, uint32_t, table->n_slots);
  for (uint32_t row = 0; row < table->hashes.n; ++row) {
    link_row(table, row);
  }
}

void stoa_table_add(stoa_table *table, stoa_arena *arena, const stoa_term *row, uint64_t hash)
{
  if (table->hashes.n + 1 > table->n_slots) {
    widen(table, arena);
  }
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    const stoa_term copy = stoa_term_copy(row[i], arena);
    STOA_PUSH(arena, &table->terms, copy);
  }
  STOA_PUSH(arena, &table->hashes, hash);
  link_row(table, table->hashes.n - 1);
}

static uint32_t match(const stoa_table *table, uint32_t at, uint64_t hash)
{
  while (at && table->hashes.items[at - 1] != hash) {
    at = table->chain[at - 1];
  }
  return at;
}

uint32_t stoa_table_first(const stoa_table *table, uint64_t hash)
{
  return table->n_slots ? match(table, table->slots[(uint32_t)hash & (table->n_slots - 1)], hash) : 0;
}

uint32_t stoa_table_next(const stoa_table *table, uint32_t row_plus_1)
{
  return match(table, table->chain[row_plus_1 - 1], table->hashes.items[row_plus_1 - 1]);
}

uint32_t stoa_table_intern(stoa_table *table, stoa_arena *arena, const stoa_term *row, bool *is_new)
{
  uint64_t hash = 1;
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    hash = hash * 31 + stoa_term_hash(row[i]);
  }
  for (uint32_t at = stoa_table_first(table, hash); at; at = stoa_table_next(table, at)) {
    const stoa_term *const known = stoa_table_row(table, at - 1);
    uint32_t i = 0;
    while (i < table->n_columns && stoa_term_same(known[i], row[i])) {
      ++i;
    }
    if (i == table->n_columns) {
      *is_new = false;
      return at - 1;
    }
  }
  stoa_table_add(table, arena, row, hash);
  *is_new = true;
  return table->hashes.n - 1;
}
