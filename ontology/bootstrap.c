// The mapping and the ontology of a project to start from.
#include "ontology/bootstrap.h"
#include "graph/base/map.h"
#include "graph/term/vocab.h"
#include "ontology/names.h"
#include "ontology/r2rml_text.h"
#include <string.h>
#include <strings.h>

// ---- names

const stoa_table_info *stoa_bootstrap_table(const stoa_bootstrap *b, const char *name)
{
  const stoa_catalog catalog = {b->tables, b->n_tables};
  return stoa_catalog_find(&catalog, name);
}

const stoa_foreign_key *stoa_bootstrap_key_of(const stoa_bootstrap *b, const stoa_table_info *t, const char *column)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    const stoa_table_info *const parent = stoa_bootstrap_table(b, t->foreign[f].table);
    if (t->foreign[f].n == 1 && strcasecmp(t->foreign[f].from[0], column) == 0 && parent &&
        stoa_r2rml_has_own_rows(parent)) {
      return &t->foreign[f];
    }
  }
  return NULL;
}

static bool is_ascii(const stoa_buf *name)
{
  for (size_t i = 0; i < name->length; ++i) {
    if ((unsigned char)name->data[i] >= 0x80) {
      return false;
    }
  }
  return true;
}

// Prefixed names do not take every letter that an IRI does.
void stoa_bootstrap_name(const stoa_bootstrap *b, const stoa_buf *name, stoa_buf *out)
{
  const bool plain = is_ascii(name);
  stoa_buf_print(out, "%s%s%.*s%s", plain ? ":" : "<", plain ? "" : b->space, (int)name->length, name->data,
                 plain ? "" : ">");
}

void stoa_bootstrap_class(const stoa_bootstrap *b, const stoa_table_info *table, stoa_buf *out)
{
  stoa_buf name = {0};
  stoa_name_class(table->name, &name);
  stoa_bootstrap_name(b, &name, out);
  stoa_buf_done(&name);
}

void stoa_bootstrap_property(const stoa_bootstrap *b, const char *column, stoa_buf *out)
{
  stoa_buf name = {0};
  stoa_name_property(column, &name);
  stoa_bootstrap_name(b, &name, out);
  stoa_buf_done(&name);
}

// Does a column that is mapped have the name?
static bool is_data_property(const stoa_bootstrap *b, const stoa_buf *property)
{
  bool found = false;
  for (uint32_t i = 0; i < b->n_tables && !found; ++i) {
    const stoa_table_info *const t = &b->tables[i];
    for (uint32_t c = 0; stoa_r2rml_has_own_rows(t) && c < t->n_columns && !found; ++c) {
      if (stoa_bootstrap_key_of(b, t, t->columns[c].name)) {
        continue; // it is told by the object property
      }
      stoa_buf other = {0};
      stoa_name_property(t->columns[c].name, &other);
      found = other.length == property->length && memcmp(other.data, property->data, other.length) == 0;
      stoa_buf_done(&other);
    }
  }
  return found;
}

static void reference_name(const stoa_bootstrap *b, const stoa_foreign_key *key, stoa_buf *name)
{
  stoa_name_reference(key, name);
  if (is_data_property(b, name)) {
    stoa_buf_text(name, "Ref");
  }
}

void stoa_bootstrap_reference(const stoa_bootstrap *b, const stoa_foreign_key *key, stoa_buf *out)
{
  stoa_buf name = {0};
  reference_name(b, key, &name);
  stoa_bootstrap_name(b, &name, out);
  stoa_buf_done(&name);
}

// ---- the mapping

static void write_subject_template(const stoa_table_info *t, const stoa_foreign_key *key, stoa_buf *out)
{
  stoa_buf_byte(out, '"');
  stoa_r2rml_name(t->name, out);
  for (uint32_t i = 0; i < t->n_primary; ++i) {
    stoa_buf_byte(out, '/');
    stoa_r2rml_column(key ? key->from[i] : t->primary[i], out);
  }
  if (t->n_primary == 0) {
    stoa_buf_print(out, "/{%s}", STOA_R2RML_ROW);
  }
  stoa_buf_byte(out, '"');
}

// A key that points to the parent's primary key, in its order, makes the parent's IRI by itself.
static bool makes_parent(const stoa_foreign_key *key, const stoa_table_info *parent)
{
  bool same = parent->n_primary > 0 && key->n == parent->n_primary;
  for (uint32_t i = 0; i < key->n && same; ++i) {
    same = strcasecmp(stoa_r2rml_parent_column(key, parent, i), parent->primary[i]) == 0;
  }
  return same;
}

static void write_references(const stoa_bootstrap *b, const stoa_table_info *t, stoa_buf *out)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    const stoa_foreign_key *const key = &t->foreign[f];
    const stoa_table_info *const parent = stoa_bootstrap_table(b, key->table);
    if (!parent || !stoa_r2rml_has_own_rows(parent)) {
      continue;
    }
    stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ rr:predicate ");
    stoa_bootstrap_reference(b, key, out);
    stoa_buf_text(out, " ; rr:objectMap [ ");
    if (makes_parent(key, parent)) {
      stoa_buf_text(out, "rr:template ");
      write_subject_template(parent, key, out);
    } else {
      stoa_r2rml_join(key, parent, out);
    }
    stoa_buf_text(out, " ] ]");
  }
}

static void write_column(const stoa_bootstrap *b, const stoa_table_info *t, uint32_t column, stoa_buf *out)
{
  const char **const datatypes = b->datatypes[t - b->tables];
  stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ rr:predicate ");
  stoa_bootstrap_property(b, t->columns[column].name, out);
  stoa_buf_text(out, " ; rr:objectMap [ rr:column \"");
  stoa_r2rml_text(t->columns[column].name, out);
  stoa_buf_byte(out, '"');
  if (datatypes && datatypes[column]) {
    stoa_buf_print(out, " ; rr:datatype xsd:%s", datatypes[column]);
  }
  stoa_buf_text(out, " ] ]");
}

void stoa_bootstrap_mapping(const stoa_bootstrap *b, stoa_buf *out)
{
  stoa_buf_print(out, "@prefix rr: <%s> .\n@prefix stoa: <%s> .\n@prefix xsd: <%s> .\n@prefix : <%s> .\n", STOA_RR,
                 STOA_NS, STOA_XSD, b->space);
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    const stoa_table_info *const t = &b->tables[i];
    if (!stoa_r2rml_has_own_rows(t)) {
      continue;
    }
    stoa_buf_text(out, "\n<#");
    stoa_r2rml_name(t->name, out);
    stoa_buf_text(out, "> ");
    stoa_r2rml_own_rows(t, out);
    stoa_buf_text(out, " ;\n  rr:subjectMap [ rr:template ");
    write_subject_template(t, NULL, out);
    stoa_buf_text(out, t->n_primary ? " ; rr:class " : " ; rr:termType rr:BlankNode ; rr:class ");
    stoa_bootstrap_class(b, t, out);
    stoa_buf_text(out, " ]");
    for (uint32_t c = 0; c < t->n_columns; ++c) {
      if (!stoa_bootstrap_key_of(b, t, t->columns[c].name)) {
        write_column(b, t, c, out);
      }
    }
    write_references(b, t, out);
    stoa_buf_text(out, " .\n");
  }
}

// ---- the ontology

static const char *range_of(const stoa_bootstrap *b, const stoa_table_info *t, uint32_t column)
{
  static const char *const names[STOA_SQL_TYPES] = {
    [STOA_SQL_TEXT] = "string",     [STOA_SQL_CHAR] = "string",     [STOA_SQL_INTEGER] = "integer",
    [STOA_SQL_DECIMAL] = "decimal", [STOA_SQL_LEXICAL] = "decimal", [STOA_SQL_REAL] = "double",
    [STOA_SQL_BOOLEAN] = "boolean", [STOA_SQL_DATE] = "date",       [STOA_SQL_DATETIME] = "dateTime",
    [STOA_SQL_TIME] = "time",       [STOA_SQL_BLOB] = "hexBinary"};
  const char **const datatypes = b->datatypes[t - b->tables];
  return datatypes ? (datatypes[column] ? datatypes[column] : "string") : names[t->columns[column].type];
}

// One property stands for the columns of a name in all tables: its range is what holds in all of them.  An integer is
// a decimal as well.
static const char *common(const char *a, const char *b)
{
  if (!a || !b || strcmp(a, b) == 0) {
    return a && b ? a : NULL;
  }
  const bool exact = (strcmp(a, "integer") == 0 || strcmp(a, "decimal") == 0) &&
                     (strcmp(b, "integer") == 0 || strcmp(b, "decimal") == 0);
  return exact ? "decimal" : NULL;
}

typedef struct {
  const char *column, *range;
} property;

typedef struct {
  const stoa_bootstrap *b;
  stoa_arena arena;
  stoa_map properties; ///< name -> property
  stoa_map seen;
} writer;

static void collect_properties(writer *w)
{
  for (uint32_t i = 0; i < w->b->n_tables; ++i) {
    const stoa_table_info *const t = &w->b->tables[i];
    for (uint32_t c = 0; stoa_r2rml_has_own_rows(t) && c < t->n_columns; ++c) {
      if (stoa_bootstrap_key_of(w->b, t, t->columns[c].name)) {
        continue;
      }
      stoa_buf name = {0};
      stoa_name_property(t->columns[c].name, &name);
      const stoa_slice key = {name.data, name.length};
      property *p = stoa_map_find(&w->properties, key);
      const char *const range = range_of(w->b, t, c);
      if (p) {
        p->range = common(p->range, range);
      } else {
        p = STOA_NEW(&w->arena, property);
        *p = (property){t->columns[c].name, range};
        stoa_map_add(&w->properties, &w->arena, key, p);
      }
      stoa_buf_done(&name);
    }
  }
}

static bool is_new(writer *w, const stoa_buf *name)
{
  const stoa_slice key = {name->data, name->length};
  if (stoa_map_find(&w->seen, key)) {
    return false;
  }
  stoa_map_add(&w->seen, &w->arena, key, w);
  return true;
}

static void declare(writer *w, const stoa_buf *name, const char *kind, const char *of, const char *told, stoa_buf *out)
{
  stoa_bootstrap_name(w->b, name, out);
  stoa_buf_print(out, " a owl:%s ; rdfs:comment \"%s ", kind, of);
  stoa_r2rml_text(told, out);
  stoa_buf_byte(out, '"');
}

static void declare_class(writer *w, const stoa_table_info *t, stoa_buf *out)
{
  const stoa_table_info *const parent = t->parent ? stoa_bootstrap_table(w->b, t->parent) : NULL;
  stoa_buf name = {0};
  stoa_name_class(t->name, &name);
  stoa_buf_byte(out, '\n');
  if (is_new(w, &name)) {
    declare(w, &name, "Class", "a row of table", t->name, out);
    if (parent && stoa_r2rml_has_own_rows(parent)) {
      stoa_buf_text(out, " ; rdfs:subClassOf ");
      stoa_bootstrap_class(w->b, parent, out);
    }
    stoa_buf_text(out, " .\n");
  }
  stoa_buf_done(&name);
}

static void declare_columns(writer *w, const stoa_table_info *t, stoa_buf *out)
{
  for (uint32_t c = 0; c < t->n_columns; ++c) {
    stoa_buf name = {0};
    stoa_name_property(t->columns[c].name, &name);
    if (!stoa_bootstrap_key_of(w->b, t, t->columns[c].name) && is_new(w, &name)) {
      const property *const p = stoa_map_find(&w->properties, (stoa_slice){name.data, name.length});
      declare(w, &name, "DatatypeProperty", "column", p->column, out);
      stoa_buf_print(out, p->range ? " ; rdfs:range xsd:%s .\n" : " .\n", p->range);
    }
    stoa_buf_done(&name);
  }
}

static void declare_references(writer *w, const stoa_table_info *t, stoa_buf *out)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    const stoa_table_info *const parent = stoa_bootstrap_table(w->b, t->foreign[f].table);
    stoa_buf name = {0};
    reference_name(w->b, &t->foreign[f], &name);
    if (parent && stoa_r2rml_has_own_rows(parent) && is_new(w, &name)) {
      declare(w, &name, "ObjectProperty", "refers to table", parent->name, out);
      stoa_buf_text(out, " .\n");
    }
    stoa_buf_done(&name);
  }
}

void stoa_bootstrap_ontology(const stoa_bootstrap *b, stoa_buf *out)
{
  writer w = {.b = b};
  stoa_arena_init(&w.arena, 0);
  collect_properties(&w);
  stoa_buf_print(out,
                 "@prefix : <%s> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n@prefix rdfs: <%s> .\n"
                 "@prefix xsd: <%s> .\n",
                 b->space, STOA_RDFS, STOA_XSD);
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    const stoa_table_info *const t = &b->tables[i];
    if (stoa_r2rml_has_own_rows(t)) {
      declare_class(&w, t, out);
      declare_columns(&w, t, out);
      declare_references(&w, t, out);
    }
  }
  stoa_arena_done(&w.arena);
}

// ---- stoa.yaml

void stoa_bootstrap_keys(const stoa_bootstrap *b, stoa_buf *out)
{
  bool any = false;
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    const stoa_table_info *const t = &b->tables[i];
    if (!b->keyed[i]) {
      continue;
    }
    stoa_buf_text(out, any ? ", " : "keys: {");
    any = true;
    stoa_buf_json(out, stoa_slice_of(t->name));
    for (uint32_t k = 0; k < t->n_primary; ++k) {
      stoa_buf_text(out, k ? ", " : ": [");
      stoa_buf_json(out, stoa_slice_of(t->primary[k]));
    }
    stoa_buf_byte(out, ']');
  }
  stoa_buf_text(out, any ? "}" : "");
}
