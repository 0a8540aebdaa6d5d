// The rewriter: a pattern's leaves are looked up by predicate or class.  Hierarchies were compiled in
// when the mapping was loaded (T-mappings, Rodriguez-Muro and Calvanese 2012): a leaf of a subclass
// stands in the list of every class above it.
#include "graph/plan/makes.h"
#include "graph/term/equality.h"
#include "graph/term/vocab.h"
#include "ontology/mapping.h"
#include "ontology/own_graph.h"

static bool ctor_same(const stoa_ctor *a, const stoa_ctor *b)
{
  if (a->kind != b->kind || a->makes != b->makes || a->table != b->table || a->n_columns != b->n_columns ||
      !stoa_slice_equal(a->datatype, b->datatype) || !stoa_slice_equal(a->language, b->language)) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_columns; ++i) {
    if (strcmp(a->columns[i]->name, b->columns[i]->name) != 0) {
      return false;
    }
  }
  return a->kind == STOA_CTOR_CONSTANT   ? stoa_term_same(a->constant, b->constant)
         : a->kind == STOA_CTOR_TEMPLATE ? strcmp(a->tmpl->shape, b->tmpl->shape) == 0
                                         : true;
}

static bool same_table(const stoa_leaf_table *a, const stoa_leaf_table *b)
{
  return a->table ? b->table && strcmp(a->table, b->table) == 0 : b->view && strcmp(a->view, b->view) == 0;
}

// Are the rows of `a` among those of `b`?  Of the same table or view, or of one table and a view that picks rows of it.
static bool rows_among(const stoa_leaf_table *a, const stoa_leaf_table *b)
{
  return same_table(a, b) || (a->base && b->table && strcmp(a->base->name, b->table) == 0);
}

static bool points_to(const stoa_foreign_key *key, const stoa_ctor *child, const stoa_ctor *parent,
                      const stoa_table_info *info)
{
  for (uint32_t k = 0; k < child->n_columns; ++k) {
    bool found = false;
    for (uint32_t i = 0; i < key->n && !found; ++i) {
      const char *const to = key->to[i][0] ? key->to[i] : i < info->n_primary ? info->primary[i] : "";
      found = strcmp(key->from[i], child->columns[k]->name) == 0 && strcmp(to, parent->columns[k]->name) == 0;
    }
    if (!found) {
      return false;
    }
  }
  return child->n_columns > 0;
}

// Is every subject of `a` one of `b`, by a foreign key of the table of `a`?
static bool refers(const stoa_leaf *a, const stoa_leaf *b)
{
  const stoa_leaf_table *const child = &a->tables[0], *const parent = &b->tables[0];
  const stoa_table_info *const info = child->table ? child->info : child->base;
  if (a->n_tables != 1 || b->n_tables != 1 || !info || !parent->table || !stoa_ctor_alike(&a->subject, &b->subject)) {
    return false;
  }
  for (uint32_t i = 0; i < info->n_foreign; ++i) {
    if (info->foreign[i].enforced && strcmp(info->foreign[i].table, parent->table) == 0 &&
        points_to(&info->foreign[i], &a->subject, &b->subject, parent->info)) {
      return true;
    }
  }
  return false;
}

static bool is_of_class(const stoa_leaf *leaf)
{
  return leaf->object.kind == STOA_CTOR_CONSTANT && leaf->predicate.kind == STOA_CTOR_CONSTANT &&
         leaf->graph.kind == STOA_CTOR_CONSTANT;
}

// Rule 2: the triples of `a` are all among those of `b`.  A column is found by its name on both sides.
static bool is_contained(const stoa_leaf *a, const stoa_leaf *b)
{
  if (a->source != b->source || a->native != b->native ||
      (b->witness.n_columns && !ctor_same(&a->witness, &b->witness))) {
    return false;
  }
  if (is_of_class(a) && is_of_class(b) && stoa_term_same(a->object.constant, b->object.constant) &&
      ctor_same(&a->predicate, &b->predicate) && ctor_same(&a->graph, &b->graph) && refers(a, b)) {
    return true;
  }
  if (a->n_tables != b->n_tables || a->n_joins != b->n_joins) {
    return false;
  }
  for (uint32_t i = 0; i < a->n_tables; ++i) {
    if (!(a->n_tables == 1 ? rows_among : same_table)(&a->tables[i], &b->tables[i])) {
      return false;
    }
  }
  for (uint32_t i = 0; i < a->n_joins; ++i) {
    if (a->joins[i].child != b->joins[i].child || a->joins[i].parent != b->joins[i].parent) {
      return false;
    }
  }
  return ctor_same(&a->subject, &b->subject) && ctor_same(&a->predicate, &b->predicate) &&
         ctor_same(&a->object, &b->object) && ctor_same(&a->graph, &b->graph);
}

// Leaves that can contain each other, or be contained, have the same key: so that each new one is compared with few.
// Column names are left out of subjects, for a foreign key may lead from one to another.
static void write_ctor(const stoa_ctor *c, bool columns, stoa_buf *out)
{
  stoa_buf_print(out, "%d %d ", (int)c->kind, (int)c->makes);
  if (c->kind == STOA_CTOR_CONSTANT) {
    stoa_term_write(c->constant, out);
  } else if (c->kind == STOA_CTOR_TEMPLATE) {
    stoa_buf_text(out, c->tmpl->shape);
  }
  for (uint32_t i = 0; columns && i < c->n_columns; ++i) {
    stoa_buf_byte(out, ' ');
    stoa_buf_text(out, c->columns[i]->name);
  }
  stoa_buf_byte(out, '\n');
}

static void write_key(const stoa_leaves *list, const stoa_leaf *leaf, stoa_buf *out)
{
  stoa_buf_add(out, (const char *)&list, sizeof list);
  stoa_buf_add(out, (const char *)&leaf->source, sizeof leaf->source);
  write_ctor(&leaf->subject, false, out);
  write_ctor(&leaf->predicate, true, out);
  write_ctor(&leaf->object, true, out);
  write_ctor(&leaf->graph, true, out);
}

static stoa_leaves *bucket_of(stoa_arena *arena, stoa_map *buckets, const stoa_leaves *list, const stoa_leaf *leaf)
{
  stoa_buf text = {0};
  write_key(list, leaf, &text);
  const stoa_slice key = {text.data, text.length};
  stoa_leaves *bucket = stoa_map_find(buckets, key);
  if (!bucket) {
    bucket = STOA_NEW(arena, stoa_leaves);
    stoa_map_add(buckets, arena, key, bucket);
  }
  stoa_buf_done(&text);
  return bucket;
}

static void take_out(stoa_leaves *list, const stoa_leaf *leaf)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < list->n; ++i) {
    if (list->items[i] != leaf) {
      list->items[kept++] = list->items[i];
    }
  }
  list->n = kept;
}

// `buckets` holds the lists' leaves by their keys.
static void add_once(stoa_arena *arena, stoa_map *buckets, stoa_leaves *list, const stoa_leaf *leaf)
{
  stoa_leaves *const bucket = bucket_of(arena, buckets, list, leaf);
  for (uint32_t i = 0; i < bucket->n; ++i) {
    if (is_contained(leaf, bucket->items[i])) {
      return;
    }
  }
  for (uint32_t i = bucket->n; i-- > 0;) {
    const stoa_leaf *const other = bucket->items[i];
    if (is_contained(other, leaf)) {
      take_out(bucket, other);
      take_out(list, other);
    }
  }
  STOA_PUSH(arena, bucket, leaf);
  STOA_PUSH(arena, list, leaf);
}

static void index_leaf(stoa_mapping *m, stoa_map *map, stoa_slice key, const stoa_leaf *leaf)
{
  stoa_leaves *list = stoa_map_find(map, key);
  if (!list) {
    list = STOA_NEW(m->arena, stoa_leaves);
    stoa_map_add(map, m->arena, key, list);
  }
  add_once(m->arena, &m->buckets, list, leaf);
}

static const stoa_leaf *with_constant(stoa_mapping *m, const stoa_leaf *leaf, bool object, const char *iri)
{
  stoa_leaf *const copy = STOA_NEW(m->arena, stoa_leaf);
  *copy = *leaf;
  stoa_ctor *const c = object ? &copy->object : &copy->predicate;
  c->constant = stoa_term_iri(stoa_slice_of(iri));
  return copy;
}

static void add_type(stoa_mapping *m, const stoa_leaf *leaf, stoa_hierarchy *h)
{
  const stoa_iris *const above =
    stoa_hierarchy_classes(h, stoa_arena_copy(m->arena, stoa_term_text(leaf->object.constant)));
  for (uint32_t i = 0; i < above->n; ++i) {
    const stoa_leaf *const named = with_constant(m, leaf, true, above->items[i]);
    index_leaf(m, &m->by_class, stoa_slice_of(above->items[i]), named);
    index_leaf(m, &m->by_predicate, stoa_slice_of(STOA_RDF_TYPE), named);
    add_once(m->arena, &m->buckets, &m->all, named);
  }
}

// Rule 1: whatever has the property is in its domain, and what it leads to in its range.
static void add_end(stoa_mapping *m, const stoa_leaf *leaf, bool object, const stoa_iris *classes, stoa_hierarchy *h)
{
  for (uint32_t i = 0; classes && i < classes->n; ++i) {
    stoa_leaf *const of_class = STOA_NEW(m->arena, stoa_leaf);
    *of_class = *leaf;
    of_class->subject = object ? leaf->object : leaf->subject;
    of_class->witness = object ? leaf->subject : leaf->object;
    of_class->predicate = (stoa_ctor){.kind = STOA_CTOR_CONSTANT,
                                      .makes = STOA_TERM_IRI,
                                      .constant = stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)),
                                      .place = leaf->predicate.place};
    of_class->object = of_class->predicate;
    of_class->object.constant = stoa_term_iri(stoa_slice_of(classes->items[i]));
    add_type(m, of_class, h);
  }
}

static void add_property(stoa_mapping *m, const stoa_leaf *leaf, const char *iri, stoa_hierarchy *h)
{
  const stoa_leaf *const named = with_constant(m, leaf, false, iri);
  index_leaf(m, &m->by_predicate, stoa_slice_of(iri), named);
  add_once(m->arena, &m->buckets, &m->all, named);
  add_end(m, leaf, false, stoa_hierarchy_domain(h, iri), h);
  if (leaf->object.makes != STOA_TERM_TYPED) {
    add_end(m, leaf, true, stoa_hierarchy_range(h, iri), h);
  }
}

static void add_inverses(stoa_mapping *m, const stoa_leaf *leaf, const char *iri, stoa_hierarchy *h)
{
  const stoa_iris *const inverses = stoa_hierarchy_inverses(h, iri);
  if (leaf->object.makes == STOA_TERM_TYPED) {
    return;
  }
  for (uint32_t i = 0; inverses && i < inverses->n; ++i) {
    stoa_leaf *const swapped = STOA_NEW(m->arena, stoa_leaf);
    *swapped = *leaf;
    swapped->subject = leaf->object;
    swapped->object = leaf->subject;
    const stoa_iris *const above = stoa_hierarchy_properties(h, inverses->items[i]);
    for (uint32_t k = 0; k < above->n; ++k) {
      add_property(m, swapped, above->items[k], h);
    }
  }
}

void stoa_mapping_add_leaf(stoa_mapping *m, const stoa_leaf *leaf, stoa_hierarchy *h)
{
  stoa_leaf *const copy = STOA_NEW(m->arena, stoa_leaf);
  *copy = *leaf;
  if (leaf->predicate.kind != STOA_CTOR_CONSTANT) {
    STOA_PUSH(m->arena, &m->loose, copy);
    add_once(m->arena, &m->buckets, &m->all, copy);
    return;
  }
  const char *const iri = stoa_arena_copy(m->arena, stoa_term_text(leaf->predicate.constant));
  if (strcmp(iri, STOA_RDF_TYPE) == 0) {
    if (leaf->object.kind == STOA_CTOR_CONSTANT && stoa_term_is_iri(leaf->object.constant)) {
      add_type(m, copy, h);
    } else {
      index_leaf(m, &m->by_predicate, stoa_slice_of(iri), copy);
      STOA_PUSH(m->arena, &m->loose, copy);
      add_once(m->arena, &m->buckets, &m->all, copy);
    }
    return;
  }
  const stoa_iris *const above = stoa_hierarchy_properties(h, iri);
  for (uint32_t i = 0; i < above->n; ++i) {
    add_property(m, copy, above->items[i], h);
    add_inverses(m, copy, above->items[i], h);
  }
}

static bool in_graph(const stoa_leaf *leaf, const stoa_slot *graph)
{
  if (graph->var != STOA_NO_VAR) {
    return leaf->graph.kind != STOA_CTOR_CONSTANT || stoa_term_is_bound(leaf->graph.constant);
  }
  return leaf->graph.kind == STOA_CTOR_CONSTANT ? stoa_term_same(leaf->graph.constant, graph->term)
                                                : stoa_term_is_bound(graph->term);
}

// A list of the mapping holds nothing twice; what two of them hold is compared.
static void take(const stoa_leaves *from, const stoa_pattern *pattern, stoa_arena *arena, stoa_leaves *out)
{
  for (uint32_t i = 0; from && i < from->n; ++i) {
    if (in_graph(from->items[i], &pattern->graph)) {
      STOA_PUSH(arena, out, from->items[i]);
    }
  }
}

static void take_both(const stoa_leaves *a, const stoa_leaves *b, const stoa_pattern *pattern, stoa_arena *arena,
                      stoa_leaves *out)
{
  stoa_leaves all = {0};
  stoa_map buckets = {0};
  take(a, pattern, arena, &all);
  const uint32_t n_first = all.n;
  take(b, pattern, arena, &all);
  if (all.n == n_first) {
    *out = all;
    return;
  }
  for (uint32_t i = 0; i < all.n; ++i) {
    add_once(arena, &buckets, out, all.items[i]);
  }
}

static void push_quads(stoa_source *source, stoa_arena *arena, stoa_leaves *out)
{
  stoa_leaf *const quads = STOA_NEW(arena, stoa_leaf);
  quads->source = source;
  quads->native = true;
  STOA_PUSH(arena, out, quads);
}

static stoa_term constant_of(const stoa_slot *slot)
{
  return slot->var == STOA_NO_VAR ? slot->term : (stoa_term){0};
}

// A class or property that the graph describes may be one that nothing has; any other name is told as unknown.
static void define_own(stoa_own_graph *own, const stoa_pattern *pattern, stoa_arena *arena, stoa_leaves *out)
{
  const stoa_term p = constant_of(&pattern->predicate), o = constant_of(&pattern->object);
  const bool of_class =
    stoa_term_is_bound(p) && stoa_slice_is(stoa_term_text(p), STOA_RDF_TYPE) && stoa_term_is_bound(o);
  stoa_source *const source = stoa_own_graph_source(own);
  if (stoa_source_native_matches(source, constant_of(&pattern->subject), p, o) ||
      stoa_own_graph_describes(own, of_class ? o : p)) {
    push_quads(source, arena, out);
  }
}

static stoa_status define(const stoa_rewriter *rewriter, const stoa_pattern *pattern, const stoa_context *context,
                          stoa_arena *arena, stoa_leaves *out, stoa_error *err)
{
  const stoa_mapping *const m = (const stoa_mapping *)rewriter;
  const stoa_slot *const p = &pattern->predicate;
  const stoa_slot *const o = &pattern->object;
  (void)context;
  (void)err;
  if (m->own && pattern->graph.var == STOA_NO_VAR && stoa_own_graph_is(m->own, pattern->graph.term)) {
    define_own(m->own, pattern, arena, out);
    return STOA_OK;
  }
  if (p->var != STOA_NO_VAR) {
    take(&m->all, pattern, arena, out);
  } else if (stoa_slice_is(stoa_term_text(p->term), STOA_RDF_TYPE) && o->var == STOA_NO_VAR) {
    take_both(stoa_term_is_iri(o->term) ? stoa_map_find(&m->by_class, stoa_term_text(o->term)) : NULL, &m->loose,
              pattern, arena, out);
  } else {
    take_both(stoa_map_find(&m->by_predicate, stoa_term_text(p->term)), &m->loose, pattern, arena, out);
  }
  if (m->native &&
      stoa_source_native_matches(m->native, constant_of(&pattern->subject), constant_of(p), constant_of(o))) {
    push_quads(m->native, arena, out);
  }
  return STOA_OK;
}

void stoa_mapping_init(stoa_mapping *mapping, stoa_arena *arena)
{
  *mapping = (stoa_mapping){.rewriter = {define, stoa_mapping_knows, NULL}, .arena = arena};
}
