#include "features/cell.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"

// ---- one more event

static void add_distinct(stoa_cell *c, stoa_term mark, stoa_arena *arena)
{
  bool is_new = false;
  if (!stoa_term_is_bound(mark)) {
    return;
  }
  if (!c->seen) {
    c->seen = STOA_NEW(arena, stoa_table);
    c->seen->n_columns = 1;
  }
  stoa_table_intern(c->seen, arena, &mark, &is_new);
  c->count += is_new;
}

static void note_bounds(stoa_cell *c, stoa_term least, stoa_term most)
{
  if (c->count == 0 || stoa_term_order(least, c->least) < 0) {
    c->least = least;
  }
  if (c->count == 0 || stoa_term_order(most, c->most) > 0) {
    c->most = most;
  }
}

static void add_value(stoa_cell *c, const stoa_feature *feature, stoa_term value, stoa_arena *arena)
{
  stoa_number n;
  switch (feature->kind) {
    case STOA_WINDOW_SUM:
    case STOA_WINDOW_AVG:
      c->failed |= !stoa_number_of(value, &n) || !stoa_number_apply('+', &c->sum, &n, arena, &c->sum);
      break;
    case STOA_WINDOW_MIN:
    case STOA_WINDOW_MAX:
      if (c->count == 0 || stoa_term_order(value, c->least) < 0 || stoa_term_order(value, c->most) > 0) {
        const stoa_term copy = stoa_term_copy(value, arena);
        note_bounds(c, copy, copy);
      }
      break;
    case STOA_WINDOW_PERCENTILE: {
      const stoa_term copy = stoa_term_copy(value, arena);
      STOA_PUSH(arena, &c->values, copy);
      break;
    }
    default:
      break;
  }
}

static bool needs_value(const stoa_feature *f)
{
  return f->kind != STOA_WINDOW_COUNT && f->kind != STOA_WINDOW_RECENCY && f->kind != STOA_WINDOW_DISTINCT;
}

void stoa_cell_add(stoa_cell *c, const stoa_feature *feature, const stoa_window_event *event, stoa_term mark,
                   stoa_arena *arena)
{
  if (feature->kind == STOA_WINDOW_DISTINCT) {
    add_distinct(c, mark, arena);
    return;
  }
  if (needs_value(feature)) {
    if (!stoa_term_is_bound(event->value)) {
      return;
    }
    add_value(c, feature, event->value, arena);
  }
  c->latest_us = c->count == 0 || event->at_us > c->latest_us ? event->at_us : c->latest_us;
  c->count++;
}

// ---- cells of disjoint sets of events

static void merge_distinct(stoa_cell *c, const stoa_cell *other, stoa_arena *arena)
{
  for (uint32_t i = 0; other->seen && i < stoa_table_count(other->seen); ++i) {
    add_distinct(c, stoa_table_row(other->seen, i)[0], arena);
  }
}

static void merge_value(stoa_cell *c, const stoa_feature *feature, const stoa_cell *other, stoa_arena *arena)
{
  switch (feature->kind) {
    case STOA_WINDOW_SUM:
    case STOA_WINDOW_AVG:
      c->failed |= other->failed || !stoa_number_apply('+', &c->sum, &other->sum, arena, &c->sum);
      break;
    case STOA_WINDOW_MIN:
    case STOA_WINDOW_MAX:
      note_bounds(c, other->least, other->most);
      break;
    case STOA_WINDOW_PERCENTILE:
      for (uint32_t i = 0; i < other->values.n; ++i) {
        STOA_PUSH(arena, &c->values, other->values.items[i]);
      }
      break;
    default:
      break;
  }
}

void stoa_cell_merge(stoa_cell *c, const stoa_feature *feature, const stoa_cell *other, stoa_arena *arena)
{
  if (feature->kind == STOA_WINDOW_DISTINCT) {
    merge_distinct(c, other, arena);
  } else if (other->count) {
    merge_value(c, feature, other, arena);
    c->latest_us = c->count == 0 || other->latest_us > c->latest_us ? other->latest_us : c->latest_us;
    c->count += other->count;
  }
}

// ---- its value

// Bring the term of a rank to its place: those before it are not greater, those behind it not less (Hoare's selection).
static void select_rank(stoa_term *items, uint64_t n, uint64_t rank)
{
  uint64_t low = 0, high = n - 1;
  while (low < high) {
    const stoa_term pivot = items[low + (high - low) / 2];
    uint64_t i = low, k = high;
    for (;;) {
      while (stoa_term_order(items[i], pivot) < 0) {
        ++i;
      }
      while (stoa_term_order(items[k], pivot) > 0) {
        --k;
      }
      if (i >= k) {
        break;
      }
      const stoa_term other = items[i];
      items[i++] = items[k];
      items[k--] = other;
    }
    if (rank <= k) {
      high = k;
    } else {
      low = k + 1;
    }
  }
}

static stoa_term percentile(stoa_cell *c, int percent)
{
  const uint64_t rank = ((uint64_t)c->values.n * (uint64_t)percent + 99) / 100; // nearest rank, from 1
  select_rank(c->values.items, c->values.n, rank ? rank - 1 : 0);
  return c->values.items[rank ? rank - 1 : 0];
}

static stoa_term average(const stoa_cell *c, stoa_arena *arena)
{
  const stoa_number n = {.mantissa = c->count};
  stoa_number mean;
  return stoa_number_apply('/', &c->sum, &n, arena, &mean) ? stoa_number_term(&mean, arena) : (stoa_term){0};
}

stoa_term stoa_cell_value(stoa_cell *c, const stoa_feature *feature, int64_t now_us, stoa_arena *arena)
{
  if (c->count == 0 || c->failed) {
    return (stoa_term){0};
  }
  switch (feature->kind) {
    case STOA_WINDOW_COUNT:
    case STOA_WINDOW_DISTINCT:
      return stoa_term_integer(c->count);
    case STOA_WINDOW_SUM:
      return stoa_number_term(&c->sum, arena);
    case STOA_WINDOW_AVG:
      return average(c, arena);
    case STOA_WINDOW_MIN:
      return c->least;
    case STOA_WINDOW_MAX:
      return c->most;
    case STOA_WINDOW_RECENCY:
      return stoa_term_integer((now_us - c->latest_us) / 1000000);
    case STOA_WINDOW_PERCENTILE:
      return percentile(c, feature->percent);
  }
  return (stoa_term){0};
}
