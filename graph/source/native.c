// The native graph: quads in arrival order, duplicates dropped by hash, scanned whole.
#include "graph/source/source.h"
#include "graph/term/batch.h"
#include "graph/term/equality.h"
#include <stdlib.h>

typedef struct {
  stoa_term terms[4];
} quad;

struct stoa_native {
  stoa_source base;
  stoa_arena arena;
  STOA_LIST(quad) quads;
  stoa_connection connection;
};

struct stoa_cursor {
  stoa_native *graph;
  stoa_term pattern[4];
  bool any_graph;
  uint32_t at;
  stoa_rows rows;
  stoa_context *context;
};

stoa_arena *stoa_source_native_arena(stoa_source *source)
{
  return &((stoa_native *)source)->arena;
}

size_t stoa_source_native_count(const stoa_source *source)
{
  return ((const stoa_native *)source)->quads.n;
}

static bool fits(stoa_term wanted, stoa_term term)
{
  return !stoa_term_is_bound(wanted) || stoa_term_same(wanted, term);
}

bool stoa_source_native_matches(const stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object)
{
  const stoa_native *const g = (const stoa_native *)source;
  for (uint32_t i = 0; i < g->quads.n; ++i) {
    const stoa_term *const t = g->quads.items[i].terms;
    if (fits(predicate, t[1]) && fits(object, t[2]) && fits(subject, t[0])) {
      return true;
    }
  }
  return false;
}

bool stoa_source_native_fits(const stoa_source *source, stoa_term predicate, stoa_term object, int place,
                             const stoa_template *tmpl)
{
  const stoa_native *const g = (const stoa_native *)source;
  bool found = false;
  stoa_arena arena;
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < g->quads.n && !found; ++i) {
    const stoa_term *const t = g->quads.items[i].terms;
    found = fits(predicate, t[1]) && fits(object, t[2]) && stoa_term_is_iri(t[place]) &&
            stoa_template_invert(tmpl, stoa_term_lexical(t[place], &arena), true, &arena, values);
  }
  stoa_arena_done(&arena);
  return found;
}

void stoa_source_native_add(stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object,
                            stoa_term graph)
{
  stoa_native *const g = (stoa_native *)source;
  const quad q = {{stoa_term_copy(subject, &g->arena), stoa_term_copy(predicate, &g->arena),
                   stoa_term_copy(object, &g->arena), stoa_term_copy(graph, &g->arena)}};
  STOA_PUSH(&g->arena, &g->quads, q);
}

static uint64_t quad_hash(const quad *q)
{
  return stoa_term_hash(q->terms[0]) * 31 + stoa_term_hash(q->terms[1]) * 17 + stoa_term_hash(q->terms[2]) * 7 +
         stoa_term_hash(q->terms[3]);
}

static bool quad_same(const quad *a, const quad *b)
{
  return stoa_term_same(a->terms[0], b->terms[0]) && stoa_term_same(a->terms[1], b->terms[1]) &&
         stoa_term_same(a->terms[2], b->terms[2]) && stoa_term_same(a->terms[3], b->terms[3]);
}

void stoa_source_native_finish(stoa_source *source)
{
  stoa_native *const g = (stoa_native *)source;
  uint64_t n_slots = 16;
  while (n_slots < (uint64_t)g->quads.n * 2) {
    n_slots *= 2;
  }
  uint32_t *const slots = calloc(n_slots, sizeof *slots);
  uint32_t kept = 0;
  for (uint32_t i = 0; slots && i < g->quads.n; ++i) {
    uint64_t at = quad_hash(&g->quads.items[i]) & (n_slots - 1);
    while (slots[at] && !quad_same(&g->quads.items[slots[at] - 1], &g->quads.items[i])) {
      at = (at + 1) & (n_slots - 1);
    }
    if (!slots[at]) {
      g->quads.items[kept] = g->quads.items[i];
      slots[at] = ++kept;
    }
  }
  g->quads.n = slots ? kept : g->quads.n;
  free(slots);
}

static stoa_status native_describe(stoa_source *source, stoa_arena *arena, const stoa_catalog **out, stoa_error *err)
{
  (void)source;
  (void)err;
  *out = STOA_NEW(arena, stoa_catalog);
  return STOA_OK;
}

static stoa_status native_describe_query(stoa_source *source, const char *sql, stoa_arena *arena,
                                         const stoa_table_info **out, stoa_error *err)
{
  (void)sql;
  (void)arena;
  (void)out;
  return stoa_error_set(err, STOA_UNSUPPORTED, "source %s holds RDF and runs no SQL", source->name);
}

static stoa_status native_lease(stoa_source *source, stoa_context *context, stoa_connection **out, stoa_error *err)
{
  (void)context;
  (void)err;
  *out = &((stoa_native *)source)->connection;
  return STOA_OK;
}

static void native_give_back(stoa_connection *connection)
{
  (void)connection;
}

static stoa_status native_open(stoa_connection *connection, const stoa_fragment *fragment, stoa_context *context,
                               stoa_cursor **out, stoa_error *err)
{
  (void)err;
  stoa_cursor *const c = calloc(1, sizeof *c);
  if (!c) {
    return STOA_NO_MEM;
  }
  c->graph = (stoa_native *)connection->source;
  c->context = context;
  c->any_graph = fragment->any_graph;
  memcpy(c->pattern, fragment->quad, sizeof c->pattern);
  *out = c;
  return STOA_OK;
}

static bool matches(const stoa_cursor *c, const quad *q)
{
  for (int i = 0; i < 3; ++i) {
    if (stoa_term_is_bound(c->pattern[i]) && !stoa_term_same(c->pattern[i], q->terms[i])) {
      return false;
    }
  }
  return c->any_graph ? stoa_term_is_bound(q->terms[3]) : stoa_term_same(c->pattern[3], q->terms[3]);
}

static stoa_status native_next(stoa_cursor *c, stoa_arena *arena, stoa_rows *out, stoa_error *err)
{
  STOA_TRY(stoa_context_check(c->context, err));
  stoa_term **const columns = STOA_NEWS(arena, stoa_term *, 4);
  uint32_t n = 0;
  for (int i = 0; i < 4; ++i) {
    columns[i] = STOA_NEWS(arena, stoa_term, STOA_BATCH_ROWS);
  }
  while (c->at < c->graph->quads.n && n < STOA_BATCH_ROWS) {
    const quad *const q = &c->graph->quads.items[c->at++];
    if (matches(c, q)) {
      for (int i = 0; i < 4; ++i) {
        columns[i][n] = q->terms[i];
      }
      ++n;
    }
  }
  *out = (stoa_rows){.n_rows = n, .n_columns = 4, .terms = columns};
  return STOA_OK;
}

static void native_close(stoa_cursor *cursor)
{
  free(cursor);
}

static void native_cancel(stoa_connection *connection)
{
  (void)connection;
}

static void native_free(stoa_source *source)
{
  stoa_native *const g = (stoa_native *)source;
  stoa_arena_done(&g->arena);
  free(g);
}

static const stoa_source_class native_class = {
  "native",    false,       native_describe, native_describe_query, native_lease, native_give_back,
  native_open, native_next, native_close,    native_cancel,         native_free};

stoa_source *stoa_source_native_new(const char *name)
{
  stoa_native *const g = calloc(1, sizeof *g);
  if (!g) {
    return NULL;
  }
  stoa_arena_init(&g->arena, 0);
  g->base.klass = &native_class;
  g->base.name = stoa_arena_copy(&g->arena, stoa_slice_of(name));
  g->connection.source = &g->base;
  return &g->base;
}
