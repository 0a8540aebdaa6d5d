// A property is one of a class when some mapping makes it for an IRI that the class may have: so a column that would
// always be NULL is no column, as in any other database.
#include "ontology/lexicon.h"
#include "graph/base/file.h"
#include "graph/semantic/semantic.h"
#include "graph/sparql/parser.h"
#include "graph/term/vocab.h"
#include <strings.h>

// Where the local part of an IRI begins.
static size_t local_at(stoa_slice iri)
{
  size_t at = iri.length;
  while (at && iri.data[at - 1] != '#' && iri.data[at - 1] != '/') {
    --at;
  }
  return at;
}

// ---- every name

typedef struct {
  void (*take)(stoa_slice iri, void *data);
  void *data;
} visitor;

static void visit_term(stoa_term name, void *data)
{
  const visitor *const v = data;
  if (name.kind == STOA_TERM_IRI) {
    v->take(stoa_term_text(name), v->data);
  }
}

static void visit_map(const stoa_map *map, const visitor *v)
{
  for (uint32_t i = 0; i < map->n_slots; ++i) {
    if (map->slots[i].value) {
      v->take(map->slots[i].key, v->data);
    }
  }
}

// A name may come more than once.
static void each_name(const stoa_mapping *m, bool of_class, visitor v)
{
  visit_map(of_class ? &m->by_class : &m->by_predicate, &v);
  if (m->hierarchy) {
    visit_map(of_class ? &m->hierarchy->declared_classes : &m->hierarchy->declared_properties, &v);
  }
  if (m->native) {
    stoa_source_native_names(m->native, of_class, visit_term, &v);
  }
}

// ---- names that fit

typedef struct {
  stoa_arena *arena;
  const char *space, *name;
  stoa_iris exact, folded;
} search;

static void add_once(stoa_arena *arena, stoa_iris *list, const char *iri)
{
  for (uint32_t i = 0; i < list->n; ++i) {
    if (strcmp(list->items[i], iri) == 0) {
      return;
    }
  }
  STOA_PUSH(arena, list, iri);
}

static void match(stoa_slice iri, void *data)
{
  search *const s = data;
  const size_t space = s->space ? strlen(s->space) : 0, n = strlen(s->name);
  const size_t at = s->space ? space : local_at(iri);
  if (iri.length != at + n || (s->space && memcmp(iri.data, s->space, space) != 0)) {
    return;
  }
  if (memcmp(iri.data + at, s->name, n) == 0) {
    add_once(s->arena, &s->exact, stoa_arena_copy(s->arena, iri));
  } else if (strncasecmp(iri.data + at, s->name, n) == 0) {
    add_once(s->arena, &s->folded, stoa_arena_copy(s->arena, iri));
  }
}

static void find(const stoa_lexicon *l, bool of_class, const char *space, const char *name, stoa_arena *arena,
                 search *out)
{
  *out = (search){.arena = arena, .space = space, .name = name};
  each_name(l->mapping, of_class, (visitor){match, out});
  if (out->exact.n) {
    out->folded.n = 0;
  }
}

static const char *local_of(const char *iri)
{
  return iri + local_at(stoa_slice_of(iri));
}

static stoa_status refuse_two(const char *name, const char *a, const char *b, stoa_place place, stoa_error *err)
{
  return stoa_error_at(
    err, STOA_CONFLICT, place,
    "\"%s\" may be <%s> or <%s>; write \"%.*s\" with its letters as they are in double quotes, or declare a "
    "prefix (--+ prefixes: {x: \"...\"}) and write \"x:%s\"",
    name, a, b, 60, local_of(a), local_of(a));
}

// ---- classes

typedef struct {
  stoa_arena *arena;
  STOA_LIST(const char *) names;
} collected;

static void collect(stoa_slice iri, void *data)
{
  collected *const c = data;
  const size_t at = local_at(iri);
  const char *const local = stoa_arena_copy(c->arena, (stoa_slice){iri.data + at, iri.length - at});
  STOA_PUSH(c->arena, &c->names, local);
}

static const char *nearest(const char *name, collected *c)
{
  const char **const lower = STOA_NEWS(c->arena, const char *, c->names.n + 1);
  for (uint32_t i = 0; i < c->names.n; ++i) {
    char *const copy = stoa_arena_copy(c->arena, stoa_slice_of(c->names.items[i]));
    for (char *at = copy; *at; ++at) {
      *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    }
    lower[i] = copy;
  }
  const char *const near = stoa_nearest(name, lower, c->names.n);
  for (uint32_t i = 0; i < c->names.n; ++i) {
    if (lower[i] == near) {
      return c->names.items[i];
    }
  }
  return NULL;
}

static stoa_status class_of(const stoa_semantic_names *names, const char *space, const char *name, stoa_place place,
                            stoa_arena *arena, stoa_semantic_class *out, stoa_error *err)
{
  const stoa_lexicon *const l = (const stoa_lexicon *)names;
  search s;
  find(l, true, space, name, arena, &s);
  const uint32_t n = s.exact.n + s.folded.n;
  const char *const *const found = s.exact.n ? s.exact.items : s.folded.items;
  if (n > 1) {
    return refuse_two(name, found[0], found[1], place, err);
  }
  if (n == 1) {
    *out = (stoa_semantic_class){found[0], local_of(found[0])};
    return STOA_OK;
  }
  collected c = {.arena = arena};
  each_name(l->mapping, true, (visitor){collect, &c});
  const char *const near = nearest(name, &c);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "there is no class \"%s\"%s%s%s", name,
                       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

// ---- what mappings tell of a property of a class

static stoa_pattern any_of(const char *predicate, const char *object)
{
  const stoa_slot none = {.var = STOA_NO_VAR};
  stoa_pattern p = {.subject = {.var = 0}, .predicate = none, .object = {.var = 1}, .graph = none};
  p.predicate.term = stoa_term_iri(stoa_slice_of(predicate));
  if (object) {
    p.object = none;
    p.object.term = stoa_term_iri(stoa_slice_of(object));
  }
  return p;
}

static void leaves_of(const stoa_mapping *m, const stoa_pattern *pattern, stoa_arena *arena, stoa_leaves *out)
{
  stoa_context context;
  stoa_error err = {0};
  stoa_leaves all = {0};
  stoa_context_init(&context, 0);
  m->rewriter.define(&m->rewriter, pattern, &context, arena, &all, &err);
  for (uint32_t i = 0; i < all.n; ++i) {
    const stoa_leaf *const leaf = all.items[i];
    stoa_value values[STOA_TEMPLATE_COLUMNS];
    if (leaf->native || leaf->predicate.kind == STOA_CTOR_CONSTANT ||
        stoa_ctor_invert(&leaf->predicate, pattern->predicate.term, arena, values) != STOA_SAID_NEVER) {
      STOA_PUSH(arena, out, leaf);
    }
  }
}

static bool fits(const stoa_mapping *m, const stoa_pattern *pattern, const stoa_ctor *subject)
{
  const stoa_term object = pattern->object.var == STOA_NO_VAR ? pattern->object.term : (stoa_term){0};
  return subject->kind != STOA_CTOR_TEMPLATE ||
         stoa_source_native_fits(m->native, pattern->predicate.term, object, 0, subject->tmpl);
}

// May a subject of one be one of the other?
static bool meet(const stoa_mapping *m, const stoa_pattern *of_class, const stoa_leaf *a,
                 const stoa_pattern *of_property, const stoa_leaf *b)
{
  if (a->native || b->native) {
    return a->native ? b->native || fits(m, of_class, &b->subject) : fits(m, of_property, &a->subject);
  }
  return stoa_ctors_meet(&a->subject, &b->subject);
}

static bool same_rows(const stoa_leaf_table *a, const stoa_leaf_table *b)
{
  const bool same = a->table ? b->table && strcmp(a->table, b->table) == 0 : b->view && strcmp(a->view, b->view) == 0;
  return same || (a->base && b->table && strcmp(a->base->name, b->table) == 0);
}

// Does each row of the class's leaf have a value in the property's?
static bool gives(const stoa_leaf *a, const stoa_leaf *b)
{
  if (a->native || b->native || a->source != b->source || a->n_tables != 1 || b->n_tables != 1 ||
      b->predicate.kind != STOA_CTOR_CONSTANT || b->graph.kind != STOA_CTOR_CONSTANT ||
      !same_rows(&a->tables[0], &b->tables[0]) || !stoa_ctor_alike(&a->subject, &b->subject)) {
    return false;
  }
  bool gives = a->subject.n_columns == b->subject.n_columns;
  for (uint32_t i = 0; i < a->subject.n_columns && gives; ++i) {
    gives = strcmp(a->subject.columns[i]->name, b->subject.columns[i]->name) == 0;
  }
  for (uint32_t i = 0; i < b->object.n_columns && gives; ++i) {
    gives = b->object.columns[i]->not_null;
  }
  return gives;
}

static void add_kinds(const stoa_leaf *leaf, stoa_semantic_property *out)
{
  const stoa_kinds kinds = leaf->native ? STOA_KIND_ANY : stoa_ctor_kinds(&leaf->object);
  const stoa_column_info *const column = !leaf->native && leaf->object.n_columns ? leaf->object.columns[0] : NULL;
  out->kinds |= kinds;
  if (kinds & STOA_KIND_NUMBER) {
    out->whole = out->whole && !leaf->native && stoa_slice_is(stoa_ctor_datatype(&leaf->object), STOA_XSD "integer");
  }
  if (kinds & STOA_KIND_DATETIME) {
    out->zoneless = out->zoneless && column && leaf->source->dialect && leaf->source->dialect->typed &&
                    column->type == STOA_SQL_DATETIME && !column->zoned;
  }
}

// False where no mapping tells the property of any of the class.
static bool describe(const stoa_mapping *m, const char *klass, const char *property, stoa_arena *arena,
                     stoa_semantic_property *out)
{
  const stoa_pattern of_class = any_of(STOA_RDF_TYPE, klass), of_property = any_of(property, NULL);
  stoa_leaves classes = {0}, properties = {0};
  bool any = false;
  leaves_of(m, &of_class, arena, &classes);
  leaves_of(m, &of_property, arena, &properties);
  *out = (stoa_semantic_property){.iri = property, .local = local_of(property), .whole = true, .zoneless = true};
  for (uint32_t k = 0; k < properties.n; ++k) {
    bool meets = false;
    for (uint32_t i = 0; i < classes.n && !meets; ++i) {
      meets = meet(m, &of_class, classes.items[i], &of_property, properties.items[k]);
    }
    if (meets) {
      add_kinds(properties.items[k], out);
      any = true;
    }
  }
  out->always = classes.n > 0;
  for (uint32_t i = 0; i < classes.n && out->always; ++i) {
    bool given = false;
    for (uint32_t k = 0; k < properties.n && !given; ++k) {
      given = gives(classes.items[i], properties.items[k]);
    }
    out->always = given;
  }
  if (!any) {
    out->kinds = STOA_KIND_ANY;
    out->whole = out->zoneless = false;
  }
  out->whole = out->whole && (out->kinds & STOA_KIND_NUMBER);
  return any || classes.n == 0 || properties.n == 0;
}

// ---- properties

typedef struct {
  const stoa_lexicon *lexicon;
  const char *klass;
  collected *names;
} of_class;

static void collect_own(stoa_slice iri, void *data)
{
  const of_class *const c = data;
  stoa_semantic_property ignored;
  if (describe(c->lexicon->mapping, c->klass, stoa_arena_copy(c->names->arena, iri), c->names->arena, &ignored)) {
    collect(iri, c->names);
  }
}

static stoa_status refuse_property(const stoa_lexicon *l, const stoa_semantic_class *klass, const char *name,
                                   bool known, stoa_place place, stoa_arena *arena, stoa_error *err)
{
  collected c = {.arena = arena};
  of_class own = {l, klass->iri, &c};
  each_name(l->mapping, false, (visitor){collect_own, &own});
  const char *const near = nearest(name, &c);
  return stoa_error_at(err, STOA_NOT_FOUND, place, "%s has no property \"%s\"%s%s%s%s", klass->local, name,
                       known ? ", which others have" : "", near ? "; did you mean " : "", near ? near : "",
                       near ? "?" : "");
}

static stoa_status property_of(const stoa_semantic_names *names, const stoa_semantic_class *klass, const char *space,
                               const char *name, stoa_place place, stoa_arena *arena, stoa_semantic_property *out,
                               stoa_error *err)
{
  const stoa_lexicon *const l = (const stoa_lexicon *)names;
  const char *first = NULL;
  search s;
  find(l, false, space, name, arena, &s);
  const uint32_t n = s.exact.n + s.folded.n;
  const char *const *const found = s.exact.n ? s.exact.items : s.folded.items;
  for (uint32_t i = 0; i < n; ++i) {
    stoa_semantic_property one;
    if (!describe(l->mapping, klass->iri, found[i], arena, &one)) {
      continue;
    }
    if (first) {
      return refuse_two(name, first, found[i], place, err);
    }
    first = found[i];
    *out = one;
  }
  return first ? STOA_OK : refuse_property(l, klass, name, n > 0, place, arena, err);
}

stoa_lexicon stoa_lexicon_of(const stoa_mapping *mapping)
{
  return (stoa_lexicon){{class_of, property_of}, mapping};
}

stoa_status stoa_lexicon_read(const stoa_mapping *mapping, bool sql, stoa_slice text, const char *file,
                              const char *base, stoa_arena *arena, const stoa_query **out, stoa_error *err)
{
  const stoa_lexicon lexicon = stoa_lexicon_of(mapping);
  return sql || stoa_semantic_is(file) ? stoa_semantic_read(text, file, base, &lexicon.names, NULL, arena, out, err)
                                       : stoa_query_read(text, file, base, arena, out, err);
}
