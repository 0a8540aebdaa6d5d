// Basic graph patterns on the native graph: an index nested-loop join over numbers, stage by stage, in each the patterns in
// the order that costs least (native_order.c); terms appear only in the rows that leave.
//
//     stage 0 (join)      level level level      each level is a pattern, each match of all of them a match of the stage
//     stage 1 (optional)  level                  gives the match before it as it is, when it has none itself
//     stage 2 (exists)    level level            gives it once, or (not exists) once when it has none
//
// Where only some variables are wanted, matches that agree in these are one row with a weight: levels do not bind what
// nobody reads (native_level.c), and what is left apart is put together in a small table, from which a row leaves when
// another takes its place.  That needs no memory by the match, and weights of equal rows add up wherever rows are counted.
#include "graph/base/hash.h"
#include "graph/source/native_match.h"
#include "graph/term/batch.h"
#include <stdlib.h>

typedef struct {
  stoa_quads_how how;
  stoa_level *levels;
  uint32_t n_levels;
  int depth;
  bool opened, gave, ended;
  uint64_t *upto;  ///< how many matches the levels up to each stand for
  uint64_t weight; ///< of its match
} stage;

enum { TABLE_ROWS = 8192, STEPS_BETWEEN = 65536 };

/// Rows that wait for more that are equal.
typedef struct {
  stoa_id *ids; ///< n_wanted for each row
  uint64_t *weights; ///< 0: no row
  uint32_t left; ///< at the end: the next row to leave
} waiting;

struct stoa_cursor {
  stoa_bindings bindings;
  stoa_native *graph;
  stoa_context *context;
  stage *stages;
  uint32_t n_stages, n_vars;
  bool open, done;
  int at; ///< stage
  uint32_t n_steps;
  stoa_error failed;
  // What leaves
  uint32_t *wanted, n_wanted; ///< variables
  stoa_id *row;                ///< their numbers in the match
  bool weighs, counts, gathers;
  waiting rows;
  uint64_t total; ///< where matches, or terms, are counted alone
  int distinct;   ///< variable whose terms are counted, or -1
  stoa_seen *seen;
  stoa_term **columns;
  stoa_id **ids; ///< of the terms
  uint64_t *weights;
  uint32_t n_rows;
  stoa_arena arena;
};

// ---- matches

static bool fails(stoa_cursor *c)
{
  if (++c->n_steps >= STEPS_BETWEEN && c->failed.status == STOA_OK) {
    c->n_steps = 0;
    stoa_context_check(c->context, &c->failed);
  }
  return c->failed.status != STOA_OK;
}

// So many matches that 63 bits do not count them end the query; they would never have been gone through one by one.
static uint64_t times(stoa_cursor *c, uint64_t a, uint64_t b)
{
  uint64_t product;
  if ((__builtin_mul_overflow(a, b, &product) || product > INT64_MAX) && c->failed.status == STOA_OK) {
    stoa_error_set(&c->failed, STOA_LIMIT, "more matches than can be counted");
  }
  return product;
}

// The next match of a stage's levels.
static bool next_of_levels(stoa_cursor *c, stage *s)
{
  const int last = (int)s->n_levels - 1;
  if (!s->opened) {
    s->opened = true;
    s->depth = 0;
    if (last < 0) {
      s->weight = 1;
      return true;
    }
    stoa_level_open(&s->levels[0], &c->bindings);
  }
  while (s->depth >= 0 && last >= 0 && !fails(c)) {
    const int at = s->depth;
    const uint64_t n = stoa_level_next(&s->levels[at], &c->bindings);
    if (!n) {
      --s->depth;
      continue;
    }
    s->upto[at] = at ? times(c, s->upto[at - 1], n) : n;
    if (at == last) {
      s->weight = s->upto[at];
      return true;
    }
    stoa_level_open(&s->levels[++s->depth], &c->bindings);
  }
  return false;
}

static void unbind_stage(stoa_cursor *c, stage *s)
{
  for (int i = s->opened ? s->depth : -1; i >= 0 && i < (int)s->n_levels; --i) {
    stoa_level_unbind(&s->levels[i], &c->bindings);
  }
}

// What the stage makes of the match before it.
static bool next_of_stage(stoa_cursor *c, stage *s)
{
  if (s->ended) {
    return false;
  }
  bool found = next_of_levels(c, s);
  if (c->failed.status != STOA_OK) {
    return false;
  }
  if (s->how == STOA_QUADS_SEMI || s->how == STOA_QUADS_ANTI) {
    unbind_stage(c, s);
    s->weight = 1;
    s->ended = true;
    return found == (s->how == STOA_QUADS_SEMI);
  }
  if (s->how == STOA_QUADS_LEFT && !found && !s->gave) {
    s->weight = 1;
    s->ended = found = true;
  }
  s->gave |= found;
  return found;
}

static void begin_stage(stage *s)
{
  s->opened = s->gave = s->ended = false;
}

// Step to the next match of all stages; its weight, or 0 at the end.
static uint64_t next_match(stoa_cursor *c)
{
  const int last = (int)c->n_stages - 1;
  if (!c->open) {
    c->open = true;
    c->at = 0;
    begin_stage(&c->stages[0]);
  }
  while (c->at >= 0 && !fails(c)) {
    if (!next_of_stage(c, &c->stages[c->at])) {
      --c->at;
    } else if (c->at < last) {
      begin_stage(&c->stages[++c->at]);
    } else {
      uint64_t weight = 1;
      for (int i = 0; i <= last; ++i) {
        weight = times(c, weight, c->stages[i].weight);
      }
      return weight;
    }
  }
  return 0;
}

// ---- rows

static void write_row(stoa_cursor *c, const stoa_id *ids, uint64_t weight)
{
  const uint32_t n = c->n_rows++; // there is room: a match makes one row leave at most
  for (uint32_t i = 0; i < c->n_wanted; ++i) {
    const bool is_term = ids[i] != STOA_ID_MISSING;
    c->columns[c->wanted[i]][n] = is_term ? stoa_dictionary_term(&c->graph->dictionary, ids[i]) : (stoa_term){0};
    c->ids[c->wanted[i]][n] = is_term ? ids[i] : 0;
  }
  c->weights[n] = weight;
}

// Put the match together with those that wait; a row that has to make room leaves.
static void gather(stoa_cursor *c, const stoa_id *ids, uint64_t weight)
{
  const uint32_t n = c->n_wanted;
  uint64_t hash = 0;
  for (uint32_t i = 0; i < n; ++i) {
    hash = stoa_hash_mix(hash ^ ids[i]);
  }
  const uint32_t slot = (uint32_t)hash % TABLE_ROWS;
  stoa_id *const row = &c->rows.ids[(size_t)slot * n];
  uint64_t *const sum = &c->rows.weights[slot];
  if (*sum && memcmp(row, ids, n * sizeof *ids) == 0 && weight <= INT64_MAX - *sum) {
    *sum += weight;
    return;
  }
  if (*sum) {
    write_row(c, row, *sum);
  }
  memcpy(row, ids, n * sizeof *ids);
  *sum = weight;
}

static void count_match(stoa_cursor *c, uint64_t weight)
{
  if (c->distinct < 0) {
    c->total += weight;
    times(c, c->total, 1);
    return;
  }
  c->total += stoa_seen_add(c->seen, c->bindings.ids[c->distinct]);
  if (c->context->memory_bytes && c->seen->n_bytes > c->context->memory_bytes && c->failed.status == STOA_OK) {
    stoa_error_set(&c->failed, STOA_LIMIT, "counting terms needs more than the query's memory cap of %llu MiB",
                   (unsigned long long)(c->context->memory_bytes >> 20));
  }
}

static void add_match(stoa_cursor *c, uint64_t weight)
{
  if (c->counts) {
    count_match(c, weight);
    return;
  }
  for (uint32_t i = 0; i < c->n_wanted; ++i) {
    c->row[i] = c->bindings.ids[c->wanted[i]];
  }
  if (c->gathers) {
    gather(c, c->row, weight);
  } else {
    write_row(c, c->row, weight);
  }
}

// What is left when all matches are gone through.
static void finish_rows(stoa_cursor *c)
{
  if (c->counts && c->total) {
    write_row(c, NULL, c->total);
    c->total = 0;
  }
  for (; c->gathers && c->rows.left < TABLE_ROWS && c->n_rows < STOA_BATCH_ROWS; ++c->rows.left) {
    uint64_t *const sum = &c->rows.weights[c->rows.left];
    if (*sum) {
      write_row(c, &c->rows.ids[(size_t)c->rows.left * c->n_wanted], *sum);
      *sum = 0;
    }
  }
}

stoa_status stoa_native_next(stoa_cursor *c, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  (void)arena;
  c->n_rows = 0;
  while (!c->done && c->n_rows < STOA_BATCH_ROWS) {
    const uint64_t weight = next_match(c);
    c->done = weight == 0;
    if (weight) {
      add_match(c, weight);
    }
  }
  if (c->done && c->failed.status == STOA_OK) {
    finish_rows(c);
  }
  if (c->failed.status != STOA_OK) {
    *err = c->failed;
    return err->status;
  }
  STOA_TRY(stoa_context_check(c->context, err));
  *out = (stoa_rows){
    .n_rows = c->n_rows, .n_columns = c->n_vars, .terms = c->columns, .ids = c->ids, .weights = c->weighs ? c->weights : NULL};
  return STOA_OK;
}

// ---- opening

// The numbers that a value between bounds, or a text that begins so, may have.  0: no telling.
static uint32_t ranges_of(stoa_cursor *c, const stoa_fragment_range *range, double n_terms, stoa_id_range **out)
{
  *out = STOA_NEWS(&c->arena, stoa_id_range, STOA_ID_RANGES);
  const uint32_t n = stoa_inline_ranges(range->least, range->most, *out);
  return n || !range->prefix.length ? n
                                    : stoa_texts_ranges((stoa_texts *)&c->graph->texts, &c->graph->dictionary, range->prefix,
                                                        range->of_str, n_terms, &c->arena, out);
}

// All levels that have the variable as subject or object go by its numbers.
static void set_range(stoa_cursor *c, stage *s, const stoa_fragment_range *range)
{
  double n_terms = -1;
  for (uint32_t i = 0; i < s->n_levels; ++i) {
    const stoa_level *const l = &s->levels[i];
    if (l->var[PLACE_O] == range->var || l->var[PLACE_S] == range->var) {
      const double its = stoa_level_terms(l, c->graph, l->var[PLACE_O] == range->var ? PLACE_O : PLACE_S);
      n_terms = n_terms < 0 || its < n_terms ? its : n_terms;
    }
  }
  stoa_id_range *ranges = NULL;
  const uint32_t n = n_terms < 0 ? 0 : ranges_of(c, range, n_terms, &ranges);
  for (uint32_t i = 0; n && i < s->n_levels; ++i) {
    stoa_level *const l = &s->levels[i];
    const bool is_object = l->var[PLACE_O] == range->var;
    const bool is_subject = l->var[PLACE_S] == range->var && range->prefix.length && l->n_ranges == 0; // which has no value
    if (is_object || is_subject) {
      l->ranges = ranges;
      l->n_ranges = n;
      l->ranged = is_object ? PLACE_O : PLACE_S;
    }
  }
}

// A variable is needed where more than one place has it, or somebody outside does.
static void set_needed(stoa_cursor *c, const stoa_fragment *f)
{
  uint32_t *const n_places = STOA_NEWS(&c->arena, uint32_t, f->n_vars + 1);
  for (uint32_t i = 0; i < f->n_patterns; ++i) {
    for (int place = 0; place < N_PLACES; ++place) {
      const int var = f->patterns[i].vars[place];
      if (var >= 0) {
        n_places[var]++;
      }
    }
  }
  for (uint32_t s = 0; s < c->n_stages; ++s) {
    for (uint32_t i = 0; i < c->stages[s].n_levels; ++i) {
      stoa_level *const l = &c->stages[s].levels[i];
      for (int place = 0; place < N_PLACES; ++place) {
        const int var = l->var[place];
        l->needed[place] = var >= 0 && (!f->wanted || f->wanted[var] || var == c->distinct || n_places[var] > 1 ||
                                        (f->seeded && f->seeded[var]) || (place == l->ranged && l->n_ranges) || l->kinds[place]);
      }
    }
  }
}

static void make_stage(stoa_cursor *c, const stoa_fragment *f, uint32_t number, uint32_t first, bool *bound)
{
  stage *const s = &c->stages[number];
  *s = (stage){.how = f->n_stages ? f->stages[number].how : STOA_QUADS_JOIN,
               .n_levels = f->n_stages ? f->stages[number].n_patterns : f->n_patterns};
  s->levels = STOA_NEWS(&c->arena, stoa_level, s->n_levels + 1);
  s->upto = STOA_NEWS(&c->arena, uint64_t, s->n_levels + 1);
  for (uint32_t i = 0; i < s->n_levels; ++i) {
    const stoa_fragment_pattern *const p = &f->patterns[first + i];
    for (int place = 0; place < N_PLACES; ++place) {
      s->levels[i].var[place] = p->vars[place];
      s->levels[i].kinds[place] = p->kinds[place];
      s->levels[i].id[place] = stoa_dictionary_find(&c->graph->dictionary, p->terms[place]);
    }
  }
  for (uint32_t i = 0; i < f->n_ranges && s->how == STOA_QUADS_JOIN; ++i) {
    set_range(c, s, &f->ranges[i]);
  }
  stoa_levels_order(s->levels, s->n_levels, c->graph, f->n_vars, bound, &c->arena);
}

static void make_stages(stoa_cursor *c, const stoa_fragment *f)
{
  bool *const bound = STOA_NEWS(&c->arena, bool, f->n_vars + 1);
  uint32_t first = 0;
  for (uint32_t i = 0; i < f->n_vars; ++i) {
    bound[i] = f->seeded && f->seeded[i];
  }
  c->n_stages = f->n_stages ? f->n_stages : 1;
  c->stages = STOA_NEWS(&c->arena, stage, c->n_stages);
  for (uint32_t i = 0; i < c->n_stages; ++i) {
    make_stage(c, f, i, first, bound);
    first += c->stages[i].n_levels;
  }
}

static void make_rows(stoa_cursor *c, const stoa_fragment *f)
{
  c->weighs = f->wanted != NULL;
  c->wanted = STOA_NEWS(&c->arena, uint32_t, f->n_vars + 1);
  c->columns = STOA_NEWS(&c->arena, stoa_term *, f->n_vars + 1);
  c->ids = STOA_NEWS(&c->arena, stoa_id *, f->n_vars + 1);
  c->weights = stoa_arena_raw(&c->arena, (STOA_BATCH_ROWS + 1) * sizeof *c->weights);
  c->distinct = f->distinct - 1;
  for (uint32_t i = 0; i < f->n_vars; ++i) {
    if (!f->wanted || f->wanted[i]) {
      c->wanted[c->n_wanted++] = i;
      c->columns[i] = stoa_arena_raw(&c->arena, STOA_BATCH_ROWS * sizeof(stoa_term));
      c->ids[i] = stoa_arena_raw(&c->arena, STOA_BATCH_ROWS * sizeof(stoa_id));
    }
  }
  c->row = STOA_NEWS(&c->arena, stoa_id, c->n_wanted + 1);
  c->counts = c->weighs && c->n_wanted == 0;
  c->gathers = c->weighs && c->n_wanted > 0 && c->n_wanted <= 4 && f->n_patterns > 1;
  if (c->gathers) {
    c->rows.ids = stoa_arena_raw(&c->arena, (size_t)TABLE_ROWS * c->n_wanted * sizeof *c->rows.ids);
    c->rows.weights = STOA_NEWS(&c->arena, uint64_t, TABLE_ROWS);
  }
  c->seen = c->distinct >= 0 ? STOA_NEW(&c->arena, stoa_seen) : NULL;
}

stoa_status stoa_native_open(stoa_connection *connection, const stoa_fragment *f, stoa_context *context,
                             stoa_cursor **out, stoa_error *err)
{
  stoa_cursor *const c = calloc(1, sizeof *c);
  if (!c) {
    return stoa_error_set(err, STOA_NO_MEM, "no memory for a cursor");
  }
  c->graph = (stoa_native *)connection->source;
  c->context = context;
  stoa_arena_init(&c->arena, 0);
  c->n_vars = f->n_vars;
  c->bindings = (stoa_bindings){c->graph, STOA_NEWS(&c->arena, stoa_id, f->n_vars + 1)};
  make_rows(c, f);
  make_stages(c, f);
  set_needed(c, f);
  *out = c;
  return STOA_OK;
}

void stoa_native_seed(stoa_cursor *c, const stoa_term *seeds)
{
  for (uint32_t i = 0; i < c->n_vars; ++i) {
    c->bindings.ids[i] = stoa_dictionary_find(&c->graph->dictionary, seeds[i]);
  }
  for (uint32_t s = 0; s < c->n_stages; ++s) {
    for (uint32_t i = 0; i < c->stages[s].n_levels; ++i) {
      c->stages[s].levels[i].set = 0;
    }
  }
  c->open = c->done = false;
}

void stoa_native_close(stoa_cursor *c)
{
  if (c) {
    if (c->seen) {
      stoa_seen_done(c->seen);
    }
    stoa_arena_done(&c->arena);
    free(c);
  }
}
