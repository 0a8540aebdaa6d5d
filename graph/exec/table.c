#include "graph/exec/op.h"
#include "graph/term/equality.h"

uint32_t stoa_table_count(const stoa_table *table)
{
  return table->hashes.n;
}

static uint32_t chunk_of(uint32_t row, uint32_t *first)
{
  const uint32_t chunk = 31 - (uint32_t)__builtin_clz(row / STOA_TABLE_FIRST + 1);
  *first = STOA_TABLE_FIRST * ((UINT32_C(1) << chunk) - 1);
  return chunk;
}

stoa_term *stoa_table_row(const stoa_table *table, uint32_t row)
{
  uint32_t first;
  const uint32_t chunk = chunk_of(row, &first);
  return table->n_columns ? table->chunks[chunk] + (size_t)(row - first) * table->n_columns : NULL;
}

uint32_t stoa_table_append(stoa_table *table, stoa_arena *arena, const stoa_term *row)
{
  uint32_t first;
  const uint32_t number = table->hashes.n, chunk = chunk_of(number, &first);
  if (number == first) {
    const size_t n_terms = ((size_t)STOA_TABLE_FIRST << chunk) * table->n_columns;
    table->chunks[chunk] = stoa_arena_raw(arena, n_terms * sizeof(stoa_term));
  }
  STOA_PUSH(arena, &table->hashes, 0);
  stoa_term *const to = stoa_table_row(table, number);
  for (uint32_t i = 0; i < table->n_columns; ++i) {
    to[i] = stoa_term_copy(row[i], arena);
  }
  return number;
}

void stoa_table_link(stoa_table *table, uint32_t row)
{
  const uint32_t slot = (uint32_t)table->hashes.items[row] & (table->n_slots - 1);
  table->chain[row] = table->slots[slot];
  table->slots[slot] = row + 1;
  table->n_linked = row + 1;
}

void stoa_table_room(stoa_table *table, stoa_arena *arena, uint32_t n_rows)
{
  if (n_rows <= table->n_slots) {
    return;
  }
  table->n_slots = table->n_slots ? table->n_slots : 16;
  while (table->n_slots < n_rows) {
    table->n_slots *= 2;
  }
  table->slots = STOA_NEWS(arena, uint32_t, table->n_slots);
  table->chain = stoa_arena_raw(arena, table->n_slots * sizeof *table->chain);
  for (uint32_t row = 0, n = table->n_linked; row < n; ++row) {
    stoa_table_link(table, row);
  }
}

void stoa_table_add(stoa_table *table, stoa_arena *arena, const stoa_term *row, uint64_t hash)
{
  const uint32_t number = stoa_table_append(table, arena, row);
  stoa_table_room(table, arena, number + 1);
  table->hashes.items[number] = hash;
  stoa_table_link(table, number);
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

uint64_t stoa_table_hash(const stoa_term *row, uint32_t n_columns)
{
  uint64_t hash = 1;
  for (uint32_t i = 0; i < n_columns; ++i) {
    hash = hash * 31 + stoa_term_hash(row[i]);
  }
  return hash;
}

uint32_t stoa_table_intern(stoa_table *table, stoa_arena *arena, const stoa_term *row, bool *is_new)
{
  const uint64_t hash = stoa_table_hash(row, table->n_columns);
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
