// Where the columns of blocks stand in the rows of a UNION.
//
// The blocks of a relation bind different variables, from columns of different types, and SQL's UNION wants as many
// columns of each.  So each column of a block takes the first place that is free and, where the database wants it,
// holds its type; places that a block has nothing for are NULL.
#include "graph/plan/rel.h"

typedef struct {
  STOA_LIST(stoa_column_info) cells;
  bool *taken; ///< by the block at hand
} places;

// May the values of two columns stand in one?  A decimal type that must hold the scale of one and the size of the other
// cuts digits off where their number is bounded.
static bool may_share(const stoa_rels *r, const stoa_column_info *a, const stoa_column_info *b)
{
  const bool fits = a->type != STOA_SQL_DECIMAL || r->dialect->wide_decimals || a->scale == b->scale;
  return a->type == b->type && a->zoned == b->zoned && fits;
}

// The first place of the block's own order; of one type only where the database wants that.
static uint32_t place_of(stoa_rels *r, places *s, const stoa_column_info *cell, bool typed)
{
  for (uint32_t i = 0; i < s->cells.n; ++i) {
    const stoa_column_info *const other = &s->cells.items[i];
    if (!s->taken[i] && (!typed || may_share(r, other, cell))) {
      return i;
    }
  }
  STOA_PUSH(r->arena, &s->cells, *cell);
  return s->cells.n - 1;
}

void stoa_rel_lay_out(stoa_rels *r, const stoa_rel *rel, bool tagged, bool typed, stoa_rel_layout *out)
{
  static const stoa_column_info integer = {.type = STOA_SQL_INTEGER};
  places s = {0};
  uint32_t **const all = STOA_NEWS(r->arena, uint32_t *, rel->blocks.n);
  uint32_t most = 1;
  for (uint32_t b = 0; b < rel->blocks.n; ++b) {
    stoa_sx_list columns = {0};
    stoa_block_columns(r, rel->blocks.items[b], &columns);
    most += columns.n;
  }
  s.taken = STOA_NEWS(r->arena, bool, most);
  if (tagged) {
    STOA_PUSH(r->arena, &s.cells, integer);
  }
  for (uint32_t b = 0; b < rel->blocks.n; ++b) {
    stoa_sx_list columns = {0};
    stoa_block_columns(r, rel->blocks.items[b], &columns);
    all[b] = STOA_NEWS(r->arena, uint32_t, columns.n + 1);
    memset(s.taken, 0, most * sizeof *s.taken);
    s.taken[0] = tagged;
    for (uint32_t i = 0; i < columns.n; ++i) {
      all[b][i] = place_of(r, &s, columns.items[i]->info ? columns.items[i]->info : &integer, typed);
      s.taken[all[b][i]] = true;
    }
  }
  *out = (stoa_rel_layout){(const uint32_t *const *)all, s.cells.items, s.cells.n, tagged};
}
