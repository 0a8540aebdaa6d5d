// Tables up to the names of blank nodes: rows are matched by backtracking over a bijection of labels, after
// a signature without labels has sorted out what cannot match.
#include "suite.h"
#include "graph/term/equality.h"
#include "graph/term/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const table *a, *b;
  bool by_text;
  bool *used;            ///< rows of b
  stoa_slice *from, *to; ///< the bijection
  uint32_t n_pairs;
  uint64_t n_steps;
  stoa_arena *arena;
} matcher;

void table_add(table *t, stoa_arena *arena, const stoa_term *row)
{
  for (uint32_t i = 0; i < t->n_columns; ++i) {
    STOA_PUSH(arena, &t->terms, row[i]);
  }
  t->n_rows++;
}

bool table_arrange(table *t, const char *const *names, uint32_t n, stoa_arena *arena)
{
  uint32_t *const from = STOA_NEWS(arena, uint32_t, n + 1);
  if (n != t->n_columns) {
    return false;
  }
  for (uint32_t i = 0; i < n; ++i) {
    from[i] = n;
    for (uint32_t k = 0; k < n; ++k) {
      from[i] = strcmp(names[i], t->names[k]) == 0 ? k : from[i];
    }
    if (from[i] == n) {
      return false;
    }
  }
  stoa_term *const row = STOA_NEWS(arena, stoa_term, n + 1);
  for (uint32_t r = 0; r < t->n_rows; ++r) {
    stoa_term *const old = &t->terms.items[(size_t)r * n];
    for (uint32_t i = 0; i < n; ++i) {
      row[i] = old[from[i]];
    }
    memcpy(old, row, n * sizeof *row);
  }
  return true;
}

// The suite writes numbers in other forms than the canonical ones: the same datatype and value will do.
static bool same_number(stoa_term a, stoa_term b)
{
  stoa_number x, y;
  if (!stoa_slice_equal(stoa_term_datatype(a), stoa_term_datatype(b)) || !stoa_number_of(a, &x) ||
      !stoa_number_of(b, &y)) {
    return false;
  }
  const double u = stoa_number_real(&x), v = stoa_number_real(&y);
  return (isnan(u) && isnan(v)) || u == v || fabs(u - v) <= 1e-12 * fabs(u);
}

static bool same_value(const matcher *m, stoa_term a, stoa_term b)
{
  if (m->by_text) {
    if (a.kind == STOA_TERM_BLANK || b.kind == STOA_TERM_BLANK) {
      const stoa_term other = a.kind == STOA_TERM_BLANK ? b : a; // "_:label" in the document
      return stoa_slice_starts(stoa_term_lexical(other, m->arena), stoa_slice_of("_:"));
    }
    if (!stoa_term_is_bound(a) || !stoa_term_is_bound(b)) {
      const stoa_term bound = stoa_term_is_bound(a) ? a : b;
      return !stoa_term_is_bound(bound) || stoa_term_lexical(bound, m->arena).length == 0;
    }
    return stoa_slice_equal(stoa_term_lexical(a, m->arena), stoa_term_lexical(b, m->arena));
  }
  if (stoa_term_is_bound(a) != stoa_term_is_bound(b)) {
    return false;
  }
  return stoa_term_same(a, b) || (stoa_term_is_literal(a) && stoa_term_is_literal(b) && same_number(a, b));
}

static bool pair_blanks(matcher *m, stoa_slice a, stoa_slice b)
{
  for (uint32_t i = 0; i < m->n_pairs; ++i) {
    const bool x = stoa_slice_equal(m->from[i], a), y = stoa_slice_equal(m->to[i], b);
    if (x || y) {
      return x && y;
    }
  }
  m->from[m->n_pairs] = a;
  m->to[m->n_pairs++] = b;
  return true;
}

static bool match_row(matcher *m, const stoa_term *a, const stoa_term *b)
{
  for (uint32_t i = 0; i < m->a->n_columns; ++i) {
    const bool blank = a[i].kind == STOA_TERM_BLANK && b[i].kind == STOA_TERM_BLANK;
    if (blank ? !pair_blanks(m, stoa_term_text(a[i]), stoa_term_text(b[i])) : !same_value(m, a[i], b[i])) {
      return false;
    }
  }
  return true;
}

static bool match_from(matcher *m, uint32_t row)
{
  if (row == m->a->n_rows) {
    return true;
  }
  if (++m->n_steps > 2000000) {
    return false;
  }
  const uint32_t n = m->a->n_columns;
  const uint32_t first = m->a->ordered ? row : 0, last = m->a->ordered ? row + 1 : m->b->n_rows;
  for (uint32_t r = first; r < last; ++r) {
    const uint32_t before = m->n_pairs;
    if (m->used[r]) {
      continue;
    }
    if (match_row(m, &m->a->terms.items[(size_t)row * n], &m->b->terms.items[(size_t)r * n])) {
      m->used[r] = true;
      if (match_from(m, row + 1)) {
        return true;
      }
      m->used[r] = false;
    }
    m->n_pairs = before;
  }
  return false;
}

static bool row_in(matcher *m, const table *t, const stoa_term *row)
{
  for (uint32_t r = 0; r < t->n_rows; ++r) {
    m->n_pairs = 0;
    if (match_row(m, row, &t->terms.items[(size_t)r * t->n_columns])) {
      return true;
    }
  }
  return false;
}

static bool lax_within(matcher *m, const table *a, const table *b)
{
  for (uint32_t r = 0; r < a->n_rows; ++r) {
    if (!row_in(m, b, &a->terms.items[(size_t)r * a->n_columns])) {
      return false;
    }
  }
  return true;
}

void print_unmatched(const table *a, const table *b, stoa_arena *arena)
{
  matcher m = {.a = a, .b = b, .arena = arena};
  m.from = STOA_NEWS(arena, stoa_slice, a->n_columns + 1);
  m.to = STOA_NEWS(arena, stoa_slice, a->n_columns + 1);
  for (uint32_t r = 0; r < a->n_rows; ++r) {
    stoa_buf text = {0};
    if (!row_in(&m, b, &a->terms.items[(size_t)r * a->n_columns])) {
      for (uint32_t i = 0; i < a->n_columns; ++i) {
        stoa_buf_byte(&text, ' ');
        stoa_term_write(a->terms.items[(size_t)r * a->n_columns + i], &text);
      }
      printf("# not found:%s\n", stoa_buf_string(&text));
    }
    stoa_buf_done(&text);
  }
}

bool same_tables(const table *a, const table *b, bool by_text, stoa_arena *arena)
{
  const size_t most = ((size_t)a->n_rows + 1) * (a->n_columns + 1);
  matcher m = {.a = a, .b = b, .by_text = by_text, .arena = arena};
  if (a->is_boolean || b->is_boolean) {
    return a->is_boolean && b->is_boolean && a->truth == b->truth;
  }
  m.used = STOA_NEWS(arena, bool, b->n_rows + 1);
  m.from = STOA_NEWS(arena, stoa_slice, most);
  m.to = STOA_NEWS(arena, stoa_slice, most);
  if (a->n_columns != b->n_columns) {
    return false;
  }
  if (a->lax) {
    return lax_within(&m, b, a) && lax_within(&m, a, b);
  }
  return a->n_rows == b->n_rows && match_from(&m, 0);
}
