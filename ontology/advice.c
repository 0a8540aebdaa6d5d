#include "ontology/advice.h"
#include "graph/term/lexical.h"
#include "graph/term/vocab.h"
#include <stdarg.h>
#include <stdio.h>

enum { LARGE = 1000 };

typedef struct {
  const stoa_project *project;
  stoa_faults *faults;
  stoa_arena arena;
  stoa_map said; ///< places and texts, each once: a leaf stands for a triples map many times
} advisor;

static void advise(advisor *a, stoa_place place, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void advise(advisor *a, stoa_place place, const char *format, ...)
{
  char text[400], whole[700];
  stoa_error err = {0};
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  stoa_error_at(&err, STOA_BAD_MAPPING, place, "%s", text);
  stoa_error_print(&err, whole, sizeof whole);
  if (!stoa_map_find(&a->said, stoa_slice_of(whole))) {
    stoa_map_add(&a->said, &a->arena, stoa_arena_slice(&a->arena, stoa_slice_of(whole)), a);
    stoa_faults_add(a->faults, &err, true);
  }
}

static const char *map_name(const stoa_leaf *leaf)
{
  const char *const hash = strrchr(leaf->triples_map, '#'), *const slash = strrchr(leaf->triples_map, '/');
  const char *const cut = hash ? hash : slash;
  return cut && cut[1] ? cut + 1 : leaf->triples_map;
}

static const char *table_name(const stoa_leaf_table *t)
{
  return t->table ? t->table : t->base ? t->base->name : "the query";
}

static void check_template(advisor *a, const stoa_leaf *leaf, const stoa_ctor *c)
{
  if (c->kind == STOA_CTOR_TEMPLATE && c->makes == STOA_TERM_IRI && !c->tmpl->exact) {
    advise(a, c->place,
           "triples map %s: from an IRI of this template its %u columns cannot be told apart, so that a look-up reads "
           "all rows; put a \"/\" between them",
           map_name(leaf), c->n_columns);
  }
}

// A value as every column of the type may hold it; NULL: the values tell.
static const char *sample_of(stoa_sql_type type)
{
  static const char *const samples[STOA_SQL_TYPES] = {[STOA_SQL_INTEGER] = "1",
                                                      [STOA_SQL_DECIMAL] = "1",
                                                      [STOA_SQL_LEXICAL] = "1",
                                                      [STOA_SQL_REAL] = "1.5",
                                                      [STOA_SQL_BOOLEAN] = "true",
                                                      [STOA_SQL_DATE] = "2024-01-31",
                                                      [STOA_SQL_DATETIME] = "2024-01-31T10:20:30",
                                                      [STOA_SQL_TIME] = "10:20:30",
                                                      [STOA_SQL_BLOB] = "0A"};
  return samples[type];
}

static void check_datatype(advisor *a, const stoa_leaf *leaf)
{
  const stoa_ctor *const c = &leaf->object;
  const char *const sample = c->kind == STOA_CTOR_COLUMN && c->makes == STOA_TERM_TYPED && c->datatype.length
                               ? sample_of(c->columns[0]->type)
                               : NULL;
  if (sample && !stoa_lexical_fits(stoa_slice_of(sample), c->datatype)) {
    advise(a, c->place,
           "triples map %s: column \"%s\" of %s does not fit <%.*s>; leave rr:datatype out, or cast in a view",
           map_name(leaf), c->columns[0]->name, table_name(&leaf->tables[c->table]), (int)c->datatype.length,
           c->datatype.data);
  }
}

// Both sides large, and neither column the first of an index.
static void check_joins(advisor *a, const stoa_leaf *leaf)
{
  for (uint32_t i = 0; i < leaf->n_joins; ++i) {
    const stoa_table_info *const child = leaf->tables[0].info, *const parent = leaf->tables[1].info;
    const bool large = child->rows >= LARGE && parent->rows >= LARGE;
    const bool indexed = (child->leading & stoa_table_bit(child, leaf->joins[i].child->name)) ||
                         (parent->leading & stoa_table_bit(parent, leaf->joins[i].parent->name));
    if (large && !indexed && leaf->tables[0].table && leaf->tables[1].table) {
      advise(a, leaf->object.place,
             "triples map %s: the join of %s.%s with %s.%s has no index on either side; CREATE INDEX ON %s(%s)",
             map_name(leaf), table_name(&leaf->tables[0]), leaf->joins[i].child->name, table_name(&leaf->tables[1]),
             leaf->joins[i].parent->name, table_name(&leaf->tables[1]), leaf->joins[i].parent->name);
    }
  }
}

static bool gives_class(const stoa_leaf *leaf)
{
  return leaf->predicate.kind != STOA_CTOR_CONSTANT ||
         stoa_slice_is(stoa_term_text(leaf->predicate.constant), STOA_RDF_TYPE);
}

static bool same_subject(const stoa_ctor *a, const stoa_ctor *b)
{
  return a->kind == STOA_CTOR_TEMPLATE && b->kind == STOA_CTOR_TEMPLATE && a->makes == b->makes &&
         strcmp(a->tmpl->shape, b->tmpl->shape) == 0;
}

// The class may come from another map of the same subjects.
static void check_class(advisor *a, const stoa_leaf *leaf)
{
  const stoa_leaves *const all = &a->project->mapping.all;
  if (leaf->subject.kind != STOA_CTOR_TEMPLATE) {
    return;
  }
  for (uint32_t i = 0; i < all->n; ++i) {
    if (gives_class(all->items[i]) && (strcmp(all->items[i]->triples_map, leaf->triples_map) == 0 ||
                                       same_subject(&all->items[i]->subject, &leaf->subject))) {
      return;
    }
  }
  advise(a, leaf->subject.place, "triples map %s: its subjects have no class; add rr:class", map_name(leaf));
}

static void check_collisions(advisor *a, const stoa_leaf *leaf, uint32_t from)
{
  const stoa_leaves *const all = &a->project->mapping.all;
  const stoa_ctor *const x = &leaf->subject;
  for (uint32_t i = from; i < all->n; ++i) {
    const stoa_ctor *const y = &all->items[i]->subject;
    if (x->kind != STOA_CTOR_TEMPLATE || y->kind != STOA_CTOR_TEMPLATE || x->makes != STOA_TERM_IRI ||
        y->makes != STOA_TERM_IRI || !gives_class(leaf) || !gives_class(all->items[i]) || same_subject(x, y) ||
        !stoa_template_overlap(x->tmpl, y->tmpl)) {
      continue;
    }
    advise(
      a, y->place,
      "triples map %s: its subjects and those of %s can be the same IRI by chance; tell them apart by a fixed part",
      map_name(all->items[i]), map_name(leaf));
  }
}

void stoa_project_advise(const stoa_project *project, stoa_faults *faults)
{
  advisor a = {.project = project, .faults = faults};
  const stoa_leaves *const all = &project->mapping.all;
  stoa_arena_init(&a.arena, 0);
  for (uint32_t i = 0; i < all->n; ++i) {
    const stoa_leaf *const leaf = all->items[i];
    if (leaf->native || strcmp(leaf->source->name, "state") == 0) {
      continue;
    }
    check_template(&a, leaf, &leaf->subject);
    check_template(&a, leaf, &leaf->object);
    check_datatype(&a, leaf);
    check_joins(&a, leaf);
    check_class(&a, leaf);
    check_collisions(&a, leaf, i + 1);
  }
  stoa_arena_done(&a.arena);
}
