// In which sequence pieces are joined that no single source can join.
//
// Up to ten pieces are joined by dynamic programming over their subsets (Selinger et al. 1979, with bushy trees): the
// best way to join a subset is the best way to join two parts of it, whatever is joined later, so each subset is costed
// once, from smaller ones.  More pieces are joined greedily, from the one with the fewest rows on.  Costs are guesses;
// any sequence gives the same rows, for joins of solutions commute and associate (SPARQL 1.1, section 18.2).
#include "graph/plan/sequence.h"
#include "graph/base/assert.h"
#include "graph/plan/cost.h"
#include "graph/plan/quads.h"

enum { MOST_PIECES = 10, DEARER = 4 }; // a row that is looked up costs as much as some that are read in their order

static void take_out(stoa_pieces *list, uint32_t at)
{
  memmove(&list->items[at], &list->items[at + 1], (list->n - at - 1) * sizeof *list->items);
  list->n--;
}

static bool is_native(const stoa_piece *piece)
{
  return piece->node && stoa_quads_is_scan(piece->node);
}

// ---- greedily

// The piece to begin with, or to go on with: one that shares a variable if any does, the one with the fewest rows among
// them.
static uint32_t next_piece(const stoa_pieces *list, const stoa_piece *joined)
{
  uint32_t best = 0;
  double best_rows = 0;
  bool best_shares = false;
  for (uint32_t i = 0; i < list->n; ++i) {
    const bool shares = joined && stoa_piece_shares(joined, &list->items[i]);
    const double rows = stoa_piece_rows(&list->items[i]);
    if (i == 0 || shares > best_shares || (shares == best_shares && rows < best_rows)) {
      best = i;
      best_rows = rows;
      best_shares = shares;
    }
  }
  return best;
}

static stoa_piece join_greedily(stoa_planner *p, stoa_pieces *list)
{
  uint32_t next = next_piece(list, NULL);
  stoa_piece all = list->items[next];
  take_out(list, next);
  while (list->n && stoa_plan_goes_on(p)) {
    next = next_piece(list, &all);
    all = stoa_piece_join(p, &all, &list->items[next]);
    take_out(list, next);
  }
  return all;
}

// ---- by dynamic programming

typedef struct {
  double rows, cost;
  uint32_t first; ///< the part that is joined to the rest of the subset; 0: it is one piece
} subset;

typedef struct {
  const stoa_pieces *list;
  uint32_t n_vars;
  double *values;     ///< values[piece * n_vars + var]: how many terms it binds the variable to; 0: it does not
  bool *found;        ///< found[piece * n_vars + var]: its rows are found for a term
  subset *best;       ///< for each set of pieces
} sequence;

static void look_at(sequence *s, uint32_t i)
{
  const stoa_piece *const piece = &s->list->items[i];
  for (stoa_var v = 0; v < s->n_vars; ++v) {
    const size_t at = (size_t)i * s->n_vars + v;
    if (stoa_piece_has(piece, v)) {
      s->values[at] = piece->rel ? stoa_cost_values(piece->rel, v) : stoa_piece_rows(piece);
      s->found[at] = piece->rel ? stoa_cost_finds(piece->rel, v) : is_native(piece);
    }
  }
  s->best[1u << i] = (subset){.rows = stoa_piece_rows(piece),
                              .cost = piece->rel ? stoa_cost_read(piece->rel) : stoa_piece_rows(piece)};
}

// All rows of the pieces side by side, of which each shared variable leaves one in as many as the piece with the most
// terms has, for each piece but one.
static double rows_of(const sequence *s, uint32_t set)
{
  double rows = 1;
  for (uint32_t i = 0; i < s->list->n; ++i) {
    rows *= set >> i & 1 ? s->best[1u << i].rows : 1;
  }
  for (stoa_var v = 0; v < s->n_vars; ++v) {
    double least = 0;
    for (uint32_t i = 0; i < s->list->n; ++i) {
      const double values = set >> i & 1 ? s->values[(size_t)i * s->n_vars + v] : 0;
      if (values > 0 && least > 0) {
        rows /= values > least ? values : least;
      }
      least = values > 0 && (least == 0 || values < least) ? values : least;
    }
  }
  return rows < 1 ? 1 : rows;
}

// What it costs to get at the rows of one piece for those of the other part: by look-ups of their terms where they
// share a variable by which it finds its rows, else by reading it.
static double reading(const sequence *s, uint32_t part, uint32_t piece)
{
  const double whole = s->best[1u << piece].cost + s->best[1u << piece].rows;
  double least = whole;
  for (stoa_var v = 0; v < s->n_vars; ++v) {
    const size_t at = (size_t)piece * s->n_vars + v;
    bool shared = false;
    for (uint32_t i = 0; i < s->list->n && s->found[at] && !shared; ++i) {
      shared = (part >> i & 1) && s->values[(size_t)i * s->n_vars + v] > 0;
    }
    const double each = shared ? 1 + s->best[1u << piece].rows / s->values[at] : 0;
    const double all = DEARER * each * s->best[part].rows;
    least = shared && all < least ? all : least;
  }
  return least;
}

static double joining(const sequence *s, uint32_t a, uint32_t b)
{
  const subset *const x = &s->best[a], *const y = &s->best[b];
  const double second = y->first ? y->cost + y->rows : reading(s, a, (uint32_t)__builtin_ctz(b));
  return x->cost + x->rows + second;
}

static void find_best(sequence *s, uint32_t set)
{
  subset best = {.rows = rows_of(s, set)};
  for (uint32_t part = (set - 1) & set; part; part = (part - 1) & set) {
    const double cost = joining(s, part, set & ~part) + best.rows;
    if (!best.first || cost < best.cost) {
      best.first = part;
      best.cost = cost;
    }
  }
  s->best[set] = best;
}

static stoa_piece build(stoa_planner *p, const sequence *s, uint32_t set)
{
  const uint32_t first = s->best[set].first;
  if (!first) {
    return s->list->items[__builtin_ctz(set)];
  }
  const stoa_piece a = build(p, s, first), b = build(p, s, set & ~first);
  return stoa_piece_join(p, &a, &b);
}

static stoa_piece join_best(stoa_planner *p, const stoa_pieces *list)
{
  const uint32_t n_vars = p->rels.query->n_vars, all = (1u << list->n) - 1;
  sequence s = {.list = list,
                .n_vars = n_vars,
                .values = STOA_NEWS(p->arena, double, (size_t)list->n * n_vars + 1),
                .found = STOA_NEWS(p->arena, bool, (size_t)list->n * n_vars + 1),
                .best = STOA_NEWS(p->arena, subset, (size_t)all + 1)};
  for (uint32_t i = 0; i < list->n; ++i) {
    look_at(&s, i);
  }
  for (uint32_t set = 1; set <= all; ++set) { // the parts of a set are smaller numbers
    if (set & (set - 1)) {
      find_best(&s, set);
    }
  }
  return build(p, &s, all);
}

// Scans of one native graph that share variables are one scan, which finds its own order.
static void join_scans(stoa_planner *p, stoa_pieces *list)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    for (uint32_t j = i + 1; j < list->n && stoa_plan_goes_on(p); ++j) {
      const bool both = is_native(&list->items[i]) && is_native(&list->items[j]);
      if (both && stoa_piece_shares(&list->items[i], &list->items[j])) {
        list->items[i] = stoa_piece_join(p, &list->items[i], &list->items[j]);
        take_out(list, j);
        j = i;
      }
    }
  }
}

stoa_piece stoa_sequence_join(stoa_planner *p, stoa_pieces *list)
{
  STOA_ASSERT(list->n);
  join_scans(p, list);
  return list->n <= MOST_PIECES && !p->options.plain ? join_best(p, list) : join_greedily(p, list);
}
