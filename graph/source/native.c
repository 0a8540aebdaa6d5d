// The native graph: RDF in memory, by a dictionary of terms and sorted pairs for each predicate and graph.
#include "graph/base/hash.h"
#include "graph/source/native.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include <stdlib.h>
#include <string.h>

stoa_arena *stoa_source_native_arena(stoa_source *source)
{
  return &((stoa_native *)source)->dictionary.arena;
}

size_t stoa_source_native_count(const stoa_source *source)
{
  const stoa_partitions *const all = &((const stoa_native *)source)->partitions;
  size_t n = 0;
  for (uint32_t i = 0; i < all->n; ++i) {
    n += all->items[i]->so.n + all->items[i]->n_fresh;
  }
  return n;
}

static bool has_match(const stoa_partition *p, stoa_id s, stoa_id o)
{
  uint32_t first = 0, last = p->so.n;
  if (s && o) {
    return stoa_pairs_have(&p->so, (uint64_t)s << 32 | o);
  }
  if (s || o) {
    stoa_pairs_range(s ? &p->so : &p->os, 0, s ? s : o, &first, &last);
  }
  return first < last;
}

bool stoa_source_native_matches(const stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object)
{
  const stoa_native *const g = (const stoa_native *)source;
  const stoa_id s = stoa_dictionary_find(&g->dictionary, subject), p = stoa_dictionary_find(&g->dictionary, predicate),
                o = stoa_dictionary_find(&g->dictionary, object);
  bool found = false;
  if (s == STOA_ID_MISSING || p == STOA_ID_MISSING || o == STOA_ID_MISSING) {
    return false;
  }
  for (uint32_t i = 0; i < g->partitions.n && !found; ++i) {
    found = (!p || g->partitions.items[i]->predicate == p) && has_match(g->partitions.items[i], s, o);
  }
  return found;
}

static void visit_objects(const stoa_native *g, const stoa_partition *p, void (*visit)(stoa_term, void *), void *data)
{
  for (uint32_t i = 0, first = 0; i < p->os.n;) {
    const stoa_id object = (stoa_id)(stoa_pairs_at(&p->os, i) >> 32);
    visit(stoa_dictionary_term(&g->dictionary, object), data);
    stoa_pairs_range(&p->os, i, object, &first, &i);
  }
}

void stoa_source_native_names(const stoa_source *source, bool of_class, void (*visit)(stoa_term name, void *data),
                              void *data)
{
  const stoa_native *const g = (const stoa_native *)source;
  const stoa_id type = stoa_dictionary_find(&g->dictionary, stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)));
  for (uint32_t i = 0; i < g->partitions.n; ++i) {
    const stoa_partition *const p = g->partitions.items[i];
    if (!of_class) {
      visit(stoa_dictionary_term(&g->dictionary, p->predicate), data);
    } else if (p->predicate == type) {
      visit_objects(g, p, visit, data);
    }
  }
}

static double count_in(const stoa_partition *p, stoa_id s, stoa_id o)
{
  uint32_t first, last;
  if (s && o) {
    return has_match(p, s, o);
  }
  if (!s && !o) {
    return p->so.n;
  }
  stoa_pairs_range(s ? &p->so : &p->os, 0, s ? s : o, &first, &last);
  return last - first;
}

double stoa_source_native_matching(const stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object)
{
  const stoa_native *const g = (const stoa_native *)source;
  const stoa_id s = stoa_dictionary_find(&g->dictionary, subject), p = stoa_dictionary_find(&g->dictionary, predicate),
                o = stoa_dictionary_find(&g->dictionary, object);
  double n = 0;
  if (s == STOA_ID_MISSING || p == STOA_ID_MISSING || o == STOA_ID_MISSING) {
    return 0;
  }
  for (uint32_t i = 0; i < g->partitions.n; ++i) {
    n += !p || g->partitions.items[i]->predicate == p ? count_in(g->partitions.items[i], s, o) : 0;
  }
  return n;
}

static double count_between(const stoa_partition *p, const stoa_id_range *ranges, uint32_t n)
{
  double rows = 0;
  uint32_t at = 0;
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t first = stoa_pairs_seek(&p->os, at, (uint64_t)ranges[i].first << 32);
    at = stoa_pairs_seek(&p->os, first, (uint64_t)ranges[i].last << 32);
    rows += at - first;
  }
  return n ? rows : p->os.n;
}

double stoa_source_native_between(const stoa_source *source, stoa_term predicate, stoa_term least, stoa_term most)
{
  const stoa_native *const g = (const stoa_native *)source;
  const stoa_id p = stoa_dictionary_find(&g->dictionary, predicate);
  stoa_id_range ranges[STOA_ID_RANGES];
  const uint32_t n = stoa_inline_ranges(least, most, ranges);
  double rows = 0;
  for (uint32_t i = 0; p != STOA_ID_MISSING && i < g->partitions.n; ++i) {
    rows += g->partitions.items[i]->predicate == p ? count_between(g->partitions.items[i], ranges, n) : 0;
  }
  return rows;
}

static bool fits_in(const stoa_native *g, const stoa_partition *p, stoa_id object, int place, const stoa_template *tmpl,
                    stoa_arena *arena)
{
  uint32_t first = 0, last = p->so.n;
  stoa_slice values[STOA_TEMPLATE_COLUMNS];
  const stoa_pairs *const pairs = object || place == 2 ? &p->os : &p->so;
  const bool high = !object || place == 2;
  if (object) {
    stoa_pairs_range(&p->os, 0, object, &first, &last);
  }
  for (uint32_t i = first; i < last; ++i) {
    const uint64_t pair = stoa_pairs_at(pairs, i);
    const stoa_term t = stoa_dictionary_term(&g->dictionary, (stoa_id)(high ? pair >> 32 : pair));
    if (i > first && high && pair >> 32 == stoa_pairs_at(pairs, i - 1) >> 32) {
      continue;
    }
    const stoa_slice start = tmpl->texts[0];
    if (!stoa_term_is_iri(t) || t.length < start.length || memcmp(t.as.text, start.data, start.length) != 0) {
      continue;
    }
    stoa_arena_reset(arena);
    if (stoa_template_invert(tmpl, stoa_term_lexical(t, arena), true, arena, values)) {
      return true;
    }
  }
  return false;
}

static bool fits_any(const stoa_native *g, const stoa_fit *ask)
{
  bool found = false;
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  for (uint32_t i = 0; i < g->partitions.n && !found; ++i) {
    const stoa_partition *const part = g->partitions.items[i];
    found = (!ask->predicate || part->predicate == ask->predicate) &&
            fits_in(g, part, ask->object, ask->place, ask->tmpl, &arena);
  }
  stoa_arena_done(&arena);
  return found;
}

bool stoa_source_native_fits(stoa_source *source, stoa_term predicate, stoa_term object, int place,
                             const stoa_template *tmpl)
{
  stoa_native *const g = (stoa_native *)source;
  stoa_fit ask = {.predicate = stoa_dictionary_find(&g->dictionary, predicate),
                  .object = stoa_dictionary_find(&g->dictionary, object),
                  .tmpl = tmpl,
                  .place = place,
                  .version = g->version};
  if (ask.predicate == STOA_ID_MISSING || ask.object == STOA_ID_MISSING) {
    return false;
  }
  const uint64_t key = ((uint64_t)ask.predicate << 32 | ask.object) ^ (uint64_t)(uintptr_t)tmpl << 2 ^ (uint64_t)place;
  stoa_fit *const known = &g->fits[stoa_hash_mix(key) % STOA_FITS];
  pthread_mutex_lock(&g->fits_lock);
  const bool hit = known->version == ask.version && known->predicate == ask.predicate && known->object == ask.object &&
                   known->tmpl == tmpl && known->place == place;
  ask.fits = hit && known->fits;
  pthread_mutex_unlock(&g->fits_lock);
  if (!hit) {
    ask.fits = fits_any(g, &ask);
    pthread_mutex_lock(&g->fits_lock);
    *known = ask;
    pthread_mutex_unlock(&g->fits_lock);
  }
  return ask.fits;
}

static stoa_partition *partition_of(stoa_native *g, stoa_term predicate, stoa_term graph)
{
  return stoa_partitions_add(&g->partitions, stoa_dictionary_add(&g->dictionary, graph),
                             stoa_dictionary_add(&g->dictionary, predicate));
}

void stoa_source_native_add(stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object,
                            stoa_term graph)
{
  stoa_native *const g = (stoa_native *)source;
  const stoa_dictionary *const d = &g->dictionary;
  stoa_partition *p = g->last_part;
  if (!p || !stoa_term_same(stoa_dictionary_term(d, p->predicate), predicate) ||
      !stoa_term_same(stoa_dictionary_term(d, p->graph), graph)) {
    p = g->last_part = partition_of(g, predicate, graph);
  }
  if (!g->last_subject || !stoa_term_same(stoa_dictionary_term(d, g->last_subject), subject)) {
    g->last_subject = stoa_dictionary_add(&g->dictionary, subject);
  }
  stoa_partition_insert(p, g->last_subject, stoa_dictionary_add(&g->dictionary, object));
}

void stoa_source_native_remove(stoa_source *source, stoa_term subject, stoa_term predicate, stoa_term object,
                               stoa_term graph)
{
  stoa_native *const g = (stoa_native *)source;
  const stoa_dictionary *const d = &g->dictionary;
  const stoa_id s = stoa_dictionary_find(d, subject), o = stoa_dictionary_find(d, object);
  stoa_partition *const p =
    stoa_partitions_find(&g->partitions, stoa_dictionary_find(d, graph), stoa_dictionary_find(d, predicate));
  if (p && s != STOA_ID_MISSING && o != STOA_ID_MISSING) {
    stoa_partition_remove(p, s, o);
  }
}

void stoa_source_native_clear(stoa_source *source, stoa_term graph, bool all_named)
{
  stoa_native *const g = (stoa_native *)source;
  const stoa_id id = stoa_dictionary_find(&g->dictionary, graph);
  for (uint32_t i = 0; i < g->partitions.n; ++i) {
    stoa_partition *const p = g->partitions.items[i];
    if (all_named ? p->graph != 0 : p->graph == id) {
      stoa_partition_clear(p);
    }
  }
}

bool stoa_source_native_has_graph(const stoa_source *source, stoa_term graph)
{
  const stoa_native *const g = (const stoa_native *)source;
  const stoa_id id = stoa_dictionary_find(&g->dictionary, graph);
  for (uint32_t i = 0; i < g->partitions.n; ++i) {
    if (g->partitions.items[i]->graph == id && g->partitions.items[i]->so.n + g->partitions.items[i]->n_fresh > 0) {
      return true;
    }
  }
  return id == 0;
}

void stoa_source_native_finish(stoa_source *source)
{
  stoa_partitions *const all = &((stoa_native *)source)->partitions;
  ((stoa_native *)source)->version++;
  for (uint32_t i = 0; i < all->n; ++i) {
    stoa_partition_settle(all->items[i]);
  }
}

void stoa_source_native_lock(stoa_source *source)
{
  pthread_rwlock_wrlock(&((stoa_native *)source)->lock);
}

void stoa_source_native_unlock(stoa_source *source)
{
  pthread_rwlock_unlock(&((stoa_native *)source)->lock);
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
  pthread_rwlock_rdlock(&((stoa_native *)source)->lock);
  *out = &((stoa_native *)source)->connection;
  return STOA_OK;
}

static void native_give_back(stoa_connection *connection)
{
  pthread_rwlock_unlock(&((stoa_native *)connection->source)->lock);
}

static void native_cancel(stoa_connection *connection)
{
  (void)connection;
}

static void native_free(stoa_source *source)
{
  stoa_native *const g = (stoa_native *)source;
  stoa_partitions_done(&g->partitions);
  stoa_dictionary_done(&g->dictionary);
  stoa_texts_done(&g->texts);
  pthread_mutex_destroy(&g->fits_lock);
  pthread_rwlock_destroy(&g->lock);
  free((char *)g->base.name);
  free(g);
}

static const stoa_source_class native_class = {.name = "native",
                                               .describe = native_describe,
                                               .describe_query = native_describe_query,
                                               .lease = native_lease,
                                               .give_back = native_give_back,
                                               .open = stoa_native_open,
                                               .seed = stoa_native_seed,
                                               .next = stoa_native_next,
                                               .close = stoa_native_close,
                                               .cancel = native_cancel,
                                               .free = native_free};

stoa_source *stoa_source_native_new(const char *name)
{
  stoa_native *const g = calloc(1, sizeof *g);
  if (!g) {
    return NULL;
  }
  stoa_dictionary_init(&g->dictionary);
  stoa_texts_init(&g->texts);
  pthread_mutex_init(&g->fits_lock, NULL);
  pthread_rwlock_init(&g->lock, NULL);
  g->base.klass = &native_class;
  g->base.name = strdup(name);
  g->connection.source = &g->base;
  return &g->base;
}
