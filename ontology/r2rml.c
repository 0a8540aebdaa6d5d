// R2RML read from a librdf model.  A fault is reported with file, line and column, the triples map and
// what would be right; reading goes on, so that one run of `check` tells all of them.
#include "graph/base/file.h"
#include "graph/term/lexical.h"
#include "graph/term/vocab.h"
#include "ontology/mapping.h"
#include "ontology/view.h"
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

typedef struct {
  stoa_mapping *mapping;
  stoa_model *model;
  stoa_source *source;
  const stoa_catalog *catalog;
  const char *base;
  stoa_hierarchy *hierarchy;
  stoa_faults *faults;
  stoa_arena *arena;
  const char *file; ///< of the last place that was kept
} loader;

typedef struct {
  stoa_term node;
  stoa_place place;
  stoa_leaf_table table;
  const stoa_home *home;
  stoa_ctor subject;
  stoa_statements graphs;
  bool delimited; ///< its table's name stands in quotes, so names without quotes mean what SQL says
  bool good;
} triples_map;

typedef STOA_LIST(triples_map) triples_maps;

static void fault(loader *l, stoa_place place, const char *token, const char *format, ...)
  __attribute__((format(printf, 4, 5)));

static void fault(loader *l, stoa_place place, const char *token, const char *format, ...)
{
  char text[400];
  stoa_error err = {0};
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (token) {
    place = stoa_model_locate(l->model, place, token);
  }
  stoa_error_at(&err, STOA_BAD_MAPPING, place, "%s", text);
  stoa_faults_add(l->faults, &err, false);
}

// The place of what outlives the model, whose file names do not.
static stoa_place kept(loader *l, stoa_place place)
{
  if (place.file && (!l->file || strcmp(l->file, place.file) != 0)) {
    l->file = stoa_arena_copy(l->arena, stoa_slice_of(place.file));
  }
  place.file = place.file ? l->file : NULL;
  return place;
}

static stoa_statements objects(loader *l, stoa_term subject, const char *property)
{
  stoa_statements found = {0};
  stoa_model_find(l->model, subject, stoa_term_iri(stoa_slice_of(property)), (stoa_term){0}, l->arena, &found);
  return found;
}

static const char *text_of(loader *l, stoa_term t)
{
  return stoa_term_is_bound(t) ? stoa_arena_copy(l->arena, stoa_term_lexical(t, l->arena)) : NULL;
}

static const char *short_name(const char *iri)
{
  const char *const hash = strrchr(iri, '#'), *const slash = strrchr(iri, '/');
  const char *const cut = hash > slash ? hash : slash;
  return cut && cut[1] ? cut + 1 : iri;
}

static const char *map_name(loader *l, stoa_term node)
{
  return stoa_term_is_iri(node) ? short_name(text_of(l, node)) : "(no name)";
}

// "CUSTOMER", customer and "hr"."customer" name tables: quotes of SQL are taken off.
static const char *unquoted(loader *l, const char *name)
{
  char *const plain = stoa_arena_alloc(l->arena, strlen(name) + 1);
  char *to = plain;
  bool inside = false;
  for (const char *from = name; *from; ++from) {
    if (*from != '"') {
      *to++ = *from;
    } else if (inside && from[1] == '"') {
      *to++ = *from++;
    } else {
      inside = !inside;
    }
  }
  *to = '\0';
  return inside ? name : plain;
}

// ---- logical tables

static bool read_table_name(loader *l, triples_map *m, const char *name, stoa_place place)
{
  m->table.table = unquoted(l, name);
  m->delimited = name[0] == '"';
  m->table.info = stoa_catalog_find(l->catalog, m->table.table);
  if (!m->table.info) {
    const char *const near = stoa_catalog_nearest(l->catalog, m->table.table, l->arena);
    fault(l, place, name, "triples map %s: source %s has no table \"%s\"%s%s%s", map_name(l, m->node), l->source->name,
          name, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
  }
  m->table.table = m->table.info->name;
  if (m->table.info->fault) {
    fault(l, place, name, "triples map %s: view %s cannot be read: %s", map_name(l, m->node), name,
          m->table.info->fault);
    return false;
  }
  return true;
}

// R2RML, section 5.2: two columns of one name are no logical table.
static bool has_twins(loader *l, const triples_map *m, stoa_place place)
{
  const stoa_table_info *const info = m->table.info;
  for (uint32_t i = 0; i < info->n_columns; ++i) {
    for (uint32_t k = 0; k < i; ++k) {
      if (strcmp(info->columns[i].name, info->columns[k].name) == 0) {
        fault(l, place, "sqlQuery", "triples map %s: the SQL query gives two columns named \"%s\"; rename one with AS",
              map_name(l, m->node), info->columns[i].name);
        return true;
      }
    }
  }
  return false;
}

// The registered identifiers of SQL dialects (w3.org/2001/sw/wiki/RDB2RDF/SQL_Version_IDs).
static bool is_known_version(loader *l, const triples_map *m, stoa_term table)
{
  static const char *const known[] = {"SQL2008",  "Oracle",   "MySQL",  "MSSQLServer", "HSQLDB",    "PostgreSQL",
                                      "DB2",      "Informix", "Ingres", "Progress",    "SybaseASE", "SybaseSQLAnywhere",
                                      "Virtuoso", "Firebird", NULL};
  stoa_place place = m->place;
  const char *const version = text_of(l, stoa_model_object(l->model, table, STOA_RR "sqlVersion", l->arena, &place));
  bool good = !version;
  for (size_t i = 0; known[i] && !good; ++i) {
    good = strncmp(version, STOA_RR, strlen(STOA_RR)) == 0 && strcmp(version + strlen(STOA_RR), known[i]) == 0;
  }
  if (!good) {
    fault(l, place, short_name(version), "triples map %s: rr:sqlVersion %s is not known; rr:SQL2008 is",
          map_name(l, m->node), short_name(version));
  }
  return good;
}

static bool read_view(loader *l, triples_map *m, const char *sql, stoa_place place)
{
  stoa_error err = {0};
  char *const text = stoa_arena_copy(l->arena, stoa_slice_of(sql));
  size_t n = strlen(text);
  while (n && strchr(" \t\r\n;", text[n - 1])) {
    text[--n] = '\0';
  }
  if (l->source->klass->describe_query(l->source, text, l->arena, &m->table.info, &err) != STOA_OK) {
    fault(l, stoa_model_locate(l->model, place, "sqlQuery"), NULL, "triples map %s: the SQL query fails: %s",
          map_name(l, m->node), err.text);
    return false;
  }
  m->table.view = text;
  m->table.base = stoa_view_base(text, l->catalog, l->arena);
  if (m->table.base) {
    stoa_view_inherit((stoa_table_info *)m->table.info, m->table.base, l->arena);
  }
  return !has_twins(l, m, place);
}

// stoa:key names the columns that are unique in the logical table.
static void read_declared_keys(loader *l, triples_map *m, stoa_term table_node)
{
  const stoa_statements keys = objects(l, table_node, STOA_NS "key");
  if (keys.n == 0) {
    return;
  }
  stoa_table_info *const info = STOA_NEW(l->arena, stoa_table_info);
  stoa_column_info *const columns = STOA_NEWS(l->arena, stoa_column_info, m->table.info->n_columns + 1);
  stoa_claim claim = {.source = l->source, .table = info, .view = m->table.view};
  stoa_column_set set = 0;
  *info = *m->table.info;
  memcpy(columns, info->columns, info->n_columns * sizeof *columns);
  info->columns = columns;
  claim.columns = STOA_NEWS(l->arena, const stoa_column_info *, keys.n);
  claim.place = kept(l, keys.items[0].place);
  for (uint32_t i = 0; i < keys.n; ++i) {
    const char *const name = text_of(l, keys.items[i].object);
    claim.columns[claim.n] = stoa_table_find(info, name);
    if (claim.columns[claim.n++]) {
      set |= stoa_table_key_bit(info, name);
      continue;
    }
    fault(l, keys.items[i].place, name, "triples map %s: stoa:key names column \"%s\", which the table does not have",
          map_name(l, m->node), name);
    return;
  }
  stoa_table_add_key(info, set, l->arena);
  STOA_PUSH(l->arena, &l->mapping->claims, claim);
  m->table.info = info;
}

static bool read_logical_table(loader *l, triples_map *m)
{
  const stoa_statements tables = objects(l, m->node, STOA_RR "logicalTable");
  if (tables.n != 1) {
    fault(l, m->place, NULL, "triples map %s needs exactly one rr:logicalTable, found %u", map_name(l, m->node),
          tables.n);
    return false;
  }
  const stoa_term node = tables.items[0].object;
  stoa_place place = tables.items[0].place;
  const char *const name = text_of(l, stoa_model_object(l->model, node, STOA_RR "tableName", l->arena, &place));
  const char *const sql = text_of(l, stoa_model_object(l->model, node, STOA_RR "sqlQuery", l->arena, &place));
  if ((name != NULL) == (sql != NULL)) {
    fault(l, place, NULL, "triples map %s: rr:logicalTable needs either rr:tableName or rr:sqlQuery",
          map_name(l, m->node));
    return false;
  }
  const bool good =
    is_known_version(l, m, node) && (name ? read_table_name(l, m, name, place) : read_view(l, m, sql, place));
  if (good) {
    read_declared_keys(l, m, node);
    read_declared_keys(l, m, m->node);
    stoa_home *const home = STOA_NEW(l->arena, stoa_home);
    *home = (stoa_home){.name = map_name(l, m->node), .source = l->source, .table = m->table};
    m->home = home;
  }
  return good;
}

// ---- term maps

static bool has_capitals(const char *name)
{
  for (; *name; ++name) {
    if (*name >= 'A' && *name <= 'Z') {
      return true;
    }
  }
  return false;
}

static const stoa_column_info *find_column(loader *l, const triples_map *m, const char *name, stoa_place place)
{
  const stoa_column_info *const column = stoa_table_find(m->table.info, unquoted(l, name));
  if (!column) {
    const char *const near = stoa_table_nearest(m->table.info, unquoted(l, name), l->arena);
    fault(l, place, name, "triples map %s: %s%s has no column \"%s\"%s%s%s", map_name(l, m->node),
          m->table.table ? "table " : "", m->table.info->name, name, near ? "; did you mean \"" : "", near ? near : "",
          near ? "\"?" : "");
  }
  if (column && m->delimited && l->source->dialect->folds && name[0] != '"' && has_capitals(column->name)) {
    fault(l, place, name, "triples map %s: %s without quotes is not \"%s\" in SQL; write \\\"%s\\\"",
          map_name(l, m->node), name, column->name, column->name);
    return NULL;
  }
  return column;
}

typedef enum { POSITION_SUBJECT, POSITION_PREDICATE, POSITION_OBJECT, POSITION_GRAPH } position;

static bool set_term_type(loader *l, const triples_map *m, stoa_term node, position where, stoa_ctor *c)
{
  stoa_place place = m->place;
  const char *const type = text_of(l, stoa_model_object(l->model, node, STOA_RR "termType", l->arena, &place));
  const bool literal =
    where == POSITION_OBJECT && (c->kind == STOA_CTOR_COLUMN || c->datatype.length || c->language.length);
  c->makes = literal ? STOA_TERM_TYPED : STOA_TERM_IRI;
  if (!type) {
    return true;
  }
  if (strcmp(type, STOA_RR "IRI") == 0) {
    c->makes = STOA_TERM_IRI;
  } else if (strcmp(type, STOA_RR "BlankNode") == 0 && (where == POSITION_SUBJECT || where == POSITION_OBJECT)) {
    c->makes = STOA_TERM_BLANK;
  } else if (strcmp(type, STOA_RR "Literal") == 0 && where == POSITION_OBJECT) {
    c->makes = STOA_TERM_TYPED;
  } else {
    fault(l, place, "termType", "triples map %s: rr:termType %s cannot stand here", map_name(l, m->node),
          short_name(type));
    return false;
  }
  return true;
}

static bool is_language(const char *tag)
{
  size_t n = 0;
  for (; (tag[n] | 32) >= 'a' && (tag[n] | 32) <= 'z'; ++n) {
  }
  // BCP 47 and IANA's registry: a primary subtag has two or three letters; none of four to eight is registered.
  const bool private_use = n == 1 && (tag[0] | 32) == 'x' && tag[1] == '-';
  return private_use || (n >= 2 && n <= 3 && (tag[n] == '\0' || tag[n] == '-'));
}

static bool read_literal_kind(loader *l, const triples_map *m, stoa_term node, stoa_ctor *c)
{
  stoa_place place = m->place;
  const char *const type = text_of(l, stoa_model_object(l->model, node, STOA_RR "datatype", l->arena, &place));
  const char *const lang = text_of(l, stoa_model_object(l->model, node, STOA_RR "language", l->arena, &place));
  if (type && lang) {
    fault(l, place, NULL, "triples map %s: rr:datatype and rr:language exclude each other", map_name(l, m->node));
    return false;
  }
  if (lang && !is_language(lang)) {
    fault(l, place, lang, "triples map %s: \"%s\" is no language tag", map_name(l, m->node), lang);
    return false;
  }
  if (type && !stoa_lexical_knows(type)) {
    const char *const near = stoa_lexical_nearest(type);
    fault(l, place, short_name(type), "triples map %s: rr:datatype <%s> is no datatype of XML Schema%s%s%s",
          map_name(l, m->node), type, near ? "; did you mean xsd:" : "", near ? near : "", near ? "?" : "");
    return false;
  }
  c->datatype = stoa_slice_of(type ? type : "");
  c->language = stoa_slice_of(lang ? lang : "");
  return true;
}

static bool read_template(loader *l, const triples_map *m, const char *pattern, stoa_place place, bool is_iri,
                          stoa_ctor *c)
{
  stoa_error err = {0};
  if (stoa_template_read(pattern, l->base, is_iri, l->arena, &c->tmpl, &err) != STOA_OK) {
    fault(l, place, pattern, "triples map %s: %s", map_name(l, m->node), err.text);
    return false;
  }
  c->n_columns = c->tmpl->n_columns;
  for (uint32_t i = 0; i < c->n_columns; ++i) {
    c->columns[i] = find_column(l, m, c->tmpl->columns[i], place);
    if (!c->columns[i]) {
      return false;
    }
  }
  if (c->n_columns == 0) { // a template without columns is a constant
    c->kind = STOA_CTOR_CONSTANT;
    c->constant = is_iri ? stoa_term_iri(c->tmpl->texts[0]) : stoa_term_string(c->tmpl->texts[0]);
  }
  return true;
}

static void set_constant(stoa_ctor *c, stoa_term t)
{
  c->kind = STOA_CTOR_CONSTANT;
  c->constant = t;
  c->makes = stoa_term_is_iri(t) ? STOA_TERM_IRI : t.kind == STOA_TERM_BLANK ? STOA_TERM_BLANK : STOA_TERM_TYPED;
}

// rr:constant, rr:column or rr:template: exactly one.
static bool read_term_map(loader *l, const triples_map *m, stoa_term node, stoa_place place, position where,
                          stoa_ctor *c)
{
  const stoa_term constant = stoa_model_object(l->model, node, STOA_RR "constant", l->arena, &place);
  const char *const column = text_of(l, stoa_model_object(l->model, node, STOA_RR "column", l->arena, &place));
  const char *const tmpl = text_of(l, stoa_model_object(l->model, node, STOA_RR "template", l->arena, &place));
  const int n = stoa_term_is_bound(constant) + (column != NULL) + (tmpl != NULL);
  *c = (stoa_ctor){.place = kept(l, place), .base = l->base, .home = m->home};
  if (n != 1) {
    fault(l, place, NULL,
          "triples map %s: a term map needs exactly one of rr:constant, rr:column and rr:template, found %d",
          map_name(l, m->node), n);
    return false;
  }
  if (stoa_term_is_bound(constant)) {
    set_constant(c, constant);
    return true;
  }
  c->kind = column ? STOA_CTOR_COLUMN : STOA_CTOR_TEMPLATE;
  if (!read_literal_kind(l, m, node, c) || !set_term_type(l, m, node, where, c)) {
    return false;
  }
  if (tmpl) {
    return read_template(l, m, tmpl, place, c->makes == STOA_TERM_IRI, c);
  }
  c->columns[0] = find_column(l, m, column, place);
  c->n_columns = 1;
  return c->columns[0] != NULL;
}

typedef STOA_LIST(stoa_ctor) ctors;

// Both the long form (rr:predicateMap [...]) and the short one (rr:predicate ex:p).
static bool read_maps(loader *l, const triples_map *m, stoa_term node, const char *long_form, const char *short_form,
                      position where, ctors *out)
{
  bool good = true;
  const stoa_statements shorts = objects(l, node, short_form);
  for (uint32_t i = 0; i < shorts.n; ++i) {
    stoa_ctor c = {.place = kept(l, shorts.items[i].place)};
    set_constant(&c, shorts.items[i].object);
    STOA_PUSH(l->arena, out, c);
  }
  const stoa_statements maps = objects(l, node, long_form);
  for (uint32_t i = 0; i < maps.n; ++i) {
    stoa_ctor c;
    const bool is_ref =
      stoa_term_is_bound(stoa_model_object(l->model, maps.items[i].object, STOA_RR "parentTriplesMap", l->arena, NULL));
    if (!is_ref && read_term_map(l, m, maps.items[i].object, maps.items[i].place, where, &c)) {
      STOA_PUSH(l->arena, out, c);
    } else {
      good &= is_ref;
    }
  }
  return good;
}

// ---- triples maps

static bool read_subject(loader *l, triples_map *m)
{
  ctors found = {0};
  if (!read_maps(l, m, m->node, STOA_RR "subjectMap", STOA_RR "subject", POSITION_SUBJECT, &found)) {
    return false;
  }
  if (found.n != 1) {
    fault(l, m->place, NULL, "triples map %s needs exactly one rr:subjectMap, found %u", map_name(l, m->node), found.n);
    return false;
  }
  m->subject = found.items[0];
  if (m->subject.tmpl && m->subject.n_columns == 0) {
    fault(l, m->subject.place, m->subject.tmpl->pattern,
          "triples map %s: the subject's rr:template \"%s\" names no column, so that all rows are one subject",
          map_name(l, m->node), m->subject.tmpl->pattern);
    return false;
  }
  return true;
}

static void collect_maps(loader *l, triples_maps *out)
{
  static const char *const signs[] = {STOA_RR "logicalTable", STOA_RR "subjectMap", STOA_RR "subject", NULL};
  stoa_map seen = {0};
  for (size_t s = 0; signs[s]; ++s) {
    const stoa_statements found = objects(l, (stoa_term){0}, signs[s]);
    for (uint32_t i = 0; i < found.n; ++i) {
      const stoa_slice key = stoa_term_text(found.items[i].subject);
      if (!stoa_map_find(&seen, key)) {
        stoa_map_add(&seen, l->arena, key, (void *)key.data);
        const triples_map m = {.node = found.items[i].subject, .place = found.items[i].place};
        STOA_PUSH(l->arena, out, m);
      }
    }
  }
}

static void check_name(loader *l, const triples_map *m, const stoa_ctor *c, const char *what)
{
  if (c->kind != STOA_CTOR_CONSTANT || !stoa_term_is_iri(c->constant)) {
    return;
  }
  const char *const iri = text_of(l, c->constant);
  if (stoa_hierarchy_knows(l->hierarchy, iri) || strcmp(iri, STOA_RDF_TYPE) == 0 ||
      strncmp(iri, STOA_RDFS, strlen(STOA_RDFS)) == 0) {
    return;
  }
  const char *const near = stoa_hierarchy_nearest(l->hierarchy, strcmp(what, "class") == 0, iri, l->arena);
  fault(l, c->place, short_name(iri), "triples map %s: %s <%s> is not in the ontology%s%s%s", map_name(l, m->node),
        what, iri, near ? "; did you mean <" : "", near ? near : "", near ? ">?" : "; declare it there");
}

// rr:graph and rr:graphMap of the subject and of the predicate-object map; none: the default graph.
static bool read_graphs(loader *l, const triples_map *m, stoa_term pom, ctors *out)
{
  const stoa_statements subject_maps = objects(l, m->node, STOA_RR "subjectMap");
  bool good = true;
  for (uint32_t i = 0; i < subject_maps.n; ++i) {
    good &= read_maps(l, m, subject_maps.items[i].object, STOA_RR "graphMap", STOA_RR "graph", POSITION_GRAPH, out);
  }
  if (stoa_term_is_bound(pom)) {
    good &= read_maps(l, m, pom, STOA_RR "graphMap", STOA_RR "graph", POSITION_GRAPH, out);
  }
  for (uint32_t i = 0; i < out->n; ++i) {
    if (out->items[i].kind == STOA_CTOR_CONSTANT && stoa_term_is_iri(out->items[i].constant) &&
        strcmp(text_of(l, out->items[i].constant), STOA_RR "defaultGraph") == 0) {
      out->items[i].constant = (stoa_term){0};
    }
  }
  if (out->n == 0) {
    const stoa_ctor none = {.kind = STOA_CTOR_CONSTANT};
    STOA_PUSH(l->arena, out, none);
  }
  return good;
}

static void add_leaves(loader *l, const triples_map *m, stoa_leaf leaf, const ctors *graphs)
{
  leaf.source = l->source;
  leaf.triples_map = stoa_term_is_iri(m->node) ? text_of(l, m->node) : "";
  for (uint32_t i = 0; i < graphs->n; ++i) {
    leaf.graph = graphs->items[i];
    stoa_mapping_add_leaf(l->mapping, &leaf, l->hierarchy);
  }
}

static stoa_leaf leaf_of(const triples_map *m)
{
  stoa_leaf leaf = {.n_tables = 1, .subject = m->subject};
  leaf.tables[0] = m->table;
  return leaf;
}

static void read_classes(loader *l, const triples_map *m)
{
  const stoa_statements subject_maps = objects(l, m->node, STOA_RR "subjectMap");
  ctors graphs = {0};
  if (!read_graphs(l, m, (stoa_term){0}, &graphs)) {
    return;
  }
  for (uint32_t i = 0; i < subject_maps.n; ++i) {
    const stoa_statements classes = objects(l, subject_maps.items[i].object, STOA_RR "class");
    for (uint32_t k = 0; k < classes.n; ++k) {
      stoa_leaf leaf = leaf_of(m);
      set_constant(&leaf.predicate, stoa_term_iri(stoa_slice_of(STOA_RDF_TYPE)));
      set_constant(&leaf.object, classes.items[k].object);
      leaf.object.place = kept(l, classes.items[k].place);
      check_name(l, m, &leaf.object, "class");
      add_leaves(l, m, leaf, &graphs);
    }
  }
}

static const triples_map *find_map(const triples_maps *maps, stoa_term node)
{
  for (uint32_t i = 0; i < maps->n; ++i) {
    if (stoa_slice_equal(stoa_term_text(maps->items[i].node), stoa_term_text(node))) {
      return &maps->items[i];
    }
  }
  return NULL;
}

static bool read_joins(loader *l, const triples_map *m, const triples_map *parent, stoa_term node, stoa_leaf *leaf)
{
  const stoa_statements conditions = objects(l, node, STOA_RR "joinCondition");
  stoa_leaf_join *const joins = STOA_NEWS(l->arena, stoa_leaf_join, conditions.n + 1);
  for (uint32_t i = 0; i < conditions.n; ++i) {
    stoa_place place = conditions.items[i].place;
    const char *const child =
      text_of(l, stoa_model_object(l->model, conditions.items[i].object, STOA_RR "child", l->arena, &place));
    const char *const other =
      text_of(l, stoa_model_object(l->model, conditions.items[i].object, STOA_RR "parent", l->arena, &place));
    if (!child || !other) {
      fault(l, place, NULL, "triples map %s: rr:joinCondition needs rr:child and rr:parent", map_name(l, m->node));
      return false;
    }
    joins[i].child = find_column(l, m, child, place);
    joins[i].parent = find_column(l, parent, other, place);
    if (!joins[i].child || !joins[i].parent) {
      return false;
    }
  }
  leaf->joins = joins;
  leaf->n_joins = conditions.n;
  return true;
}

static const stoa_column_info *child_of(const stoa_leaf *leaf, const stoa_column_info *parent)
{
  for (uint32_t i = 0; i < leaf->n_joins; ++i) {
    if (strcmp(leaf->joins[i].parent->name, parent->name) == 0) {
      return leaf->joins[i].child;
    }
  }
  return NULL;
}

static bool is_foreign_key(const stoa_leaf *leaf)
{
  const stoa_table_info *const child = leaf->tables[0].info;
  for (uint32_t f = 0; f < child->n_foreign; ++f) {
    const stoa_foreign_key *const key = &child->foreign[f];
    bool fits = key->enforced && leaf->tables[1].table && strcasecmp(key->table, leaf->tables[1].table) == 0 &&
                key->n == leaf->n_joins;
    for (uint32_t i = 0; fits && i < leaf->n_joins; ++i) {
      fits = (key->columns & stoa_table_bit(child, leaf->joins[i].child->name)) != 0;
    }
    if (fits) {
      return true;
    }
  }
  return false;
}

// Rule 13: a declared foreign key says that the parent row is there; when the joined columns make the
// parent's subject, the child has all that is needed.
static void drop_join(loader *l, stoa_leaf *leaf)
{
  stoa_ctor object = leaf->object;
  (void)l;
  if (leaf->n_joins == 0 || !is_foreign_key(leaf)) {
    return;
  }
  for (uint32_t i = 0; i < object.n_columns; ++i) {
    object.columns[i] = child_of(leaf, object.columns[i]);
    if (!object.columns[i]) {
      return;
    }
  }
  object.table = 0;
  object.home = leaf->subject.home;
  leaf->object = object;
  leaf->n_tables = 1;
  leaf->n_joins = 0;
}

static void read_references(loader *l, const triples_maps *maps, const triples_map *m, stoa_term pom,
                            const ctors *predicates, const ctors *graphs)
{
  const stoa_statements object_maps = objects(l, pom, STOA_RR "objectMap");
  for (uint32_t i = 0; i < object_maps.n; ++i) {
    stoa_place place = object_maps.items[i].place;
    const stoa_term target =
      stoa_model_object(l->model, object_maps.items[i].object, STOA_RR "parentTriplesMap", l->arena, &place);
    if (!stoa_term_is_bound(target)) {
      continue;
    }
    const triples_map *const parent = find_map(maps, target);
    if (!parent) {
      fault(l, place, short_name(text_of(l, target)),
            "triples map %s: rr:parentTriplesMap %s is not defined in this source's mappings", map_name(l, m->node),
            short_name(text_of(l, target)));
      continue;
    }
    stoa_leaf leaf = leaf_of(m);
    if (!parent->good || !read_joins(l, m, parent, object_maps.items[i].object, &leaf)) {
      continue;
    }
    leaf.object = parent->subject;
    if (leaf.n_joins) {
      leaf.n_tables = 2;
      leaf.tables[1] = parent->table;
      leaf.object.table = 1;
      drop_join(l, &leaf);
    }
    for (uint32_t k = 0; k < predicates->n; ++k) {
      leaf.predicate = predicates->items[k];
      add_leaves(l, m, leaf, graphs);
    }
  }
}

static void read_properties(loader *l, const triples_maps *maps, const triples_map *m)
{
  const stoa_statements poms = objects(l, m->node, STOA_RR "predicateObjectMap");
  for (uint32_t i = 0; i < poms.n; ++i) {
    const stoa_term pom = poms.items[i].object;
    ctors predicates = {0}, found = {0}, graphs = {0};
    if (!read_maps(l, m, pom, STOA_RR "predicateMap", STOA_RR "predicate", POSITION_PREDICATE, &predicates) ||
        !read_maps(l, m, pom, STOA_RR "objectMap", STOA_RR "object", POSITION_OBJECT, &found) ||
        !read_graphs(l, m, pom, &graphs)) {
      continue;
    }
    const stoa_statements refs = objects(l, pom, STOA_RR "objectMap");
    if (predicates.n == 0 || (found.n == 0 && refs.n == 0)) {
      fault(l, poms.items[i].place, NULL, "triples map %s: rr:predicateObjectMap needs a predicate and an object",
            map_name(l, m->node));
      continue;
    }
    for (uint32_t p = 0; p < predicates.n; ++p) {
      check_name(l, m, &predicates.items[p], "property");
      for (uint32_t o = 0; o < found.n; ++o) {
        stoa_leaf leaf = leaf_of(m);
        leaf.predicate = predicates.items[p];
        leaf.object = found.items[o];
        if (leaf.predicate.kind == STOA_CTOR_CONSTANT && stoa_term_is_iri(leaf.predicate.constant) &&
            strcmp(text_of(l, leaf.predicate.constant), STOA_RDF_TYPE) == 0) {
          check_name(l, m, &leaf.object, "class");
        }
        add_leaves(l, m, leaf, &graphs);
      }
    }
    read_references(l, maps, m, pom, &predicates, &graphs);
  }
}

// A property of R2RML (section 4 and following), or of our own, that nobody knows is a slip, and what it says would be
// passed over in silence.
static void check_term(loader *l, const stoa_statement *s, const char *prefix, const char *space, const char *const *known)
{
  const char *const iri = text_of(l, s->predicate);
  uint32_t n = 0;
  if (strncmp(iri, space, strlen(space)) != 0) {
    return;
  }
  const char *const name = iri + strlen(space);
  for (; known[n]; ++n) {
    if (strcmp(name, known[n]) == 0) {
      return;
    }
  }
  const char *const near = stoa_nearest(name, known, n);
  fault(l, s->place, name, "unknown term %s:%s%s%s%s%s%s", prefix, name, near ? "; did you mean " : "", near ? prefix : "",
        near ? ":" : "", near ? near : "", near ? "?" : "");
}

// rr:object and its like take a constant: a term map in its place would be a blank node.
static void check_shortcut(loader *l, const stoa_statement *s)
{
  static const char *const shortcuts[] = {"subject", "predicate", "object", "graph", NULL};
  const char *const iri = text_of(l, s->predicate);
  for (size_t i = 0; shortcuts[i] && s->object.kind == STOA_TERM_BLANK; ++i) {
    if (strncmp(iri, STOA_RR, strlen(STOA_RR)) == 0 && strcmp(iri + strlen(STOA_RR), shortcuts[i]) == 0) {
      fault(l, s->place, shortcuts[i], "rr:%s takes a constant; write rr:%sMap before a term map", shortcuts[i], shortcuts[i]);
    }
  }
}

static void check_terms(loader *l)
{
  static const char *const own[] = {"eventTime", "knownAt",   "validFrom", "validTo", "dataSubject",
                                    "purpose",   "protected", "key",       NULL};
  static const char *const r2rml[] = {
    "logicalTable", "tableName", "sqlQuery", "sqlVersion", "subjectMap", "subject",  "class",    "graphMap",         "graph",
    "predicateObjectMap", "predicateMap", "predicate", "objectMap", "object", "termType", "datatype", "language", "template",
    "column", "constant", "inverseExpression", "parentTriplesMap", "joinCondition", "child", "parent", NULL};
  stoa_statements all = {0};
  stoa_model_find(l->model, (stoa_term){0}, (stoa_term){0}, (stoa_term){0}, l->arena, &all);
  for (uint32_t i = 0; i < all.n; ++i) {
    check_term(l, &all.items[i], "stoa", STOA_NS, own);
    check_term(l, &all.items[i], "rr", STOA_RR, r2rml);
    check_shortcut(l, &all.items[i]);
  }
}

void stoa_mapping_add(stoa_mapping *mapping, stoa_model *model, stoa_source *source, const stoa_catalog *catalog,
                      const char *base, stoa_hierarchy *hierarchy, stoa_faults *faults)
{
  loader l = {mapping, model, source, catalog, base, hierarchy, faults, mapping->arena, NULL};
  triples_maps maps = {0};
  check_terms(&l);
  collect_maps(&l, &maps);
  for (uint32_t i = 0; i < maps.n; ++i) {
    maps.items[i].good = read_logical_table(&l, &maps.items[i]) && read_subject(&l, &maps.items[i]);
  }
  for (uint32_t i = 0; i < maps.n; ++i) {
    if (maps.items[i].good) {
      read_classes(&l, &maps.items[i]);
      read_properties(&l, &maps, &maps.items[i]);
    }
  }
}
