#include "ontology/bootstrap.h"
#include "graph/base/map.h"
#include "graph/term/vocab.h"
#include "ontology/r2rml_text.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

// customer_id -> customerId, or CustomerId with a capital: what a name of the ontology looks like.  Letters beyond
// ASCII stay; a name that begins with a digit gets an underscore before it.
static void write_camel(const char *name, bool capital, stoa_buf *out)
{
  bool upper = capital, begun = false;
  for (const unsigned char *c = (const unsigned char *)name; *c; ++c) {
    if (!isalnum(*c) && *c < 0x80) {
      upper = begun;
      continue;
    }
    if (!begun && isdigit(*c)) {
      stoa_buf_byte(out, '_');
    }
    const int letter = !begun && !capital ? tolower(*c) : upper ? toupper(*c) : *c;
    stoa_buf_byte(out, (char)(*c < 0x80 ? letter : *c));
    begun = true;
    upper = false;
  }
  if (!begun) {
    stoa_buf_byte(out, '_');
  }
}

static const stoa_foreign_key *key_of(const stoa_table_info *t, const char *column)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    if (t->foreign[f].n == 1 && strcasecmp(t->foreign[f].from[0], column) == 0) {
      return &t->foreign[f];
    }
  }
  return NULL;
}

static bool is_column_of(const stoa_catalog *catalog, const stoa_buf *property)
{
  bool found = false;
  for (uint32_t i = 0; i < catalog->n_tables && !found; ++i) {
    for (uint32_t c = 0; c < catalog->tables[i].n_columns && !found; ++c) {
      if (key_of(&catalog->tables[i], catalog->tables[i].columns[c].name)) {
        continue; // no data property
      }
      stoa_buf other = {0};
      write_camel(catalog->tables[i].columns[c].name, false, &other);
      found = other.length == property->length && memcmp(other.data, property->data, other.length) == 0;
      stoa_buf_done(&other);
    }
  }
  return found;
}

// household_id refers to a household; a name that a data property has too gets "Ref".
static void write_reference_name(const stoa_catalog *catalog, const stoa_foreign_key *key, stoa_buf *out)
{
  static const char *const ends[] = {"_id", "_no", "_key", "_nr", " id", "Id", "ID"};
  char name[128];
  stoa_buf property = {0};
  const char *const from = key->n == 1 ? key->from[0] : key->table;
  const size_t n = strlen(from) < sizeof name ? strlen(from) : sizeof name - 1;
  memcpy(name, from, n);
  name[n] = '\0';
  for (size_t i = 0; key->n == 1 && i < sizeof ends / sizeof *ends; ++i) {
    const size_t end = strlen(ends[i]);
    if (n > end && strcmp(name + n - end, ends[i]) == 0) {
      name[n - end] = '\0';
      break;
    }
  }
  write_camel(name, false, &property);
  if (is_column_of(catalog, &property)) {
    stoa_buf_text(&property, "Ref");
  }
  stoa_buf_slice(out, (stoa_slice){property.data, property.length});
  stoa_buf_done(&property);
}

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

static void write_references(const stoa_catalog *catalog, const stoa_table_info *t, stoa_buf *out)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    const stoa_foreign_key *const key = &t->foreign[f];
    const stoa_table_info *const parent = stoa_catalog_find(catalog, key->table);
    if (!parent || !stoa_r2rml_has_rows(parent)) {
      continue;
    }
    stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ rr:predicate :");
    write_reference_name(catalog, key, out);
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

void stoa_bootstrap_mapping(const stoa_catalog *catalog, const char *space, stoa_buf *out)
{
  stoa_buf_print(out, "@prefix rr: <%s> .\n@prefix stoa: <%s> .\n@prefix : <%s> .\n", STOA_RR, STOA_NS, space);
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    const stoa_table_info *const t = &catalog->tables[i];
    if (!stoa_r2rml_has_rows(t)) {
      continue;
    }
    stoa_buf_text(out, "\n<#");
    stoa_r2rml_name(t->name, out);
    stoa_buf_text(out, "> ");
    stoa_r2rml_table(t, out);
    stoa_buf_text(out, " ;\n  rr:subjectMap [ rr:template ");
    write_subject_template(t, NULL, out);
    stoa_buf_text(out, t->n_primary ? " ; rr:class :" : " ; rr:termType rr:BlankNode ; rr:class :");
    write_camel(t->name, true, out);
    stoa_buf_text(out, " ]");
    for (uint32_t c = 0; c < t->n_columns; ++c) {
      if (key_of(t, t->columns[c].name)) {
        continue; // it is told by the object property
      }
      stoa_buf_text(out, " ;\n  rr:predicateObjectMap [ rr:predicate :");
      write_camel(t->columns[c].name, false, out);
      stoa_buf_text(out, " ; rr:objectMap [ rr:column \"");
      stoa_r2rml_text(t->columns[c].name, out);
      stoa_buf_text(out, "\" ] ]");
    }
    write_references(catalog, t, out);
    stoa_buf_text(out, " .\n");
  }
}

static const char *range_of(stoa_sql_type type)
{
  static const char *const names[] = {
    [STOA_SQL_TEXT] = "string",       [STOA_SQL_INTEGER] = "integer", [STOA_SQL_DECIMAL] = "decimal",
    [STOA_SQL_REAL] = "double",       [STOA_SQL_BOOLEAN] = "boolean", [STOA_SQL_DATE] = "date",
    [STOA_SQL_DATETIME] = "dateTime", [STOA_SQL_BLOB] = "hexBinary"};
  return (size_t)type < sizeof names / sizeof *names ? names[type] : NULL;
}

static bool is_new(stoa_map *seen, stoa_arena *arena, const stoa_buf *name)
{
  const stoa_slice key = {name->data, name->length};
  if (stoa_map_find(seen, key)) {
    return false;
  }
  stoa_map_add(seen, arena, key, seen);
  return true;
}

static void declare(const stoa_buf *name, const char *kind, const char *of, const char *told, stoa_buf *out)
{
  stoa_buf_print(out, ":%.*s a owl:%s ; rdfs:comment \"%s ", (int)name->length, name->data, kind, of);
  stoa_r2rml_text(told, out);
  stoa_buf_byte(out, '"');
}

static void declare_columns(const stoa_table_info *t, stoa_map *seen, stoa_arena *arena, stoa_buf *out)
{
  for (uint32_t c = 0; c < t->n_columns; ++c) {
    stoa_buf name = {0};
    const char *const range = range_of(t->columns[c].type);
    write_camel(t->columns[c].name, false, &name);
    if (!key_of(t, t->columns[c].name) && is_new(seen, arena, &name)) {
      declare(&name, "DatatypeProperty", "column", t->columns[c].name, out);
      stoa_buf_print(out, range ? " ; rdfs:range xsd:%s .\n" : " .\n", range);
    }
    stoa_buf_done(&name);
  }
}

static void declare_references(const stoa_catalog *catalog, const stoa_table_info *t, stoa_map *seen, stoa_arena *arena,
                               stoa_buf *out)
{
  for (uint32_t f = 0; f < t->n_foreign; ++f) {
    const stoa_table_info *const parent = stoa_catalog_find(catalog, t->foreign[f].table);
    stoa_buf name = {0};
    write_reference_name(catalog, &t->foreign[f], &name);
    if (parent && stoa_r2rml_has_rows(parent) && is_new(seen, arena, &name)) {
      declare(&name, "ObjectProperty", "refers to table", parent->name, out);
      stoa_buf_text(out, " .\n");
    }
    stoa_buf_done(&name);
  }
}

void stoa_bootstrap_ontology(const stoa_catalog *catalog, const char *space, stoa_buf *out)
{
  stoa_map seen = {0};
  stoa_arena arena;
  stoa_arena_init(&arena, 0);
  stoa_buf_print(out,
                 "@prefix : <%s> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n@prefix rdfs: <%s> .\n"
                 "@prefix xsd: <%s> .\n",
                 space, STOA_RDFS, STOA_XSD);
  for (uint32_t i = 0; i < catalog->n_tables; ++i) {
    const stoa_table_info *const t = &catalog->tables[i];
    stoa_buf name = {0};
    if (!stoa_r2rml_has_rows(t)) {
      continue;
    }
    write_camel(t->name, true, &name);
    stoa_buf_byte(out, '\n');
    if (is_new(&seen, &arena, &name)) {
      declare(&name, "Class", "a row of table", t->name, out);
      stoa_buf_text(out, " .\n");
    }
    stoa_buf_done(&name);
    declare_columns(t, &seen, &arena, out);
    declare_references(catalog, t, &seen, &arena, out);
  }
  stoa_arena_done(&arena);
}
