// Something to begin with: an entity, a feature of it, and a query.
#include "ontology/bootstrap.h"
#include "ontology/names.h"
#include "ontology/r2rml_text.h"
#include <ctype.h>
#include <strings.h>

// A name for files and variables: small letters, digits and underscores.
static const char *word_of(const char *name, const char *otherwise, stoa_arena *arena)
{
  char *const word = stoa_arena_copy(arena, stoa_slice_of(name));
  size_t n = 0;
  for (const char *c = name; *c; ++c) {
    const bool plain = isalnum((unsigned char)*c) != 0;
    if (plain ? n > 0 || isalpha((unsigned char)*c) : n > 0 && word[n - 1] != '_') {
      word[n++] = (char)(plain ? tolower((unsigned char)*c) : '_');
    }
  }
  while (n && word[n - 1] == '_') {
    --n;
  }
  word[n] = '\0';
  return n ? word : otherwise;
}

static bool is_whole_reference(const stoa_foreign_key *key, const stoa_table_info *parent)
{
  return key->n == 1 && parent->n_primary == 1 &&
         strcasecmp(stoa_r2rml_parent_column(key, parent, 0), parent->primary[0]) == 0;
}

static uint32_t count_references(const stoa_bootstrap *b, const stoa_table_info *parent, stoa_starter *out)
{
  uint32_t n = 0;
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    const stoa_table_info *const child = &b->tables[i];
    for (uint32_t f = 0; stoa_r2rml_has_own_rows(child) && f < child->n_foreign; ++f) {
      const stoa_foreign_key *const key = &child->foreign[f];
      if (child == parent || stoa_bootstrap_table(b, key->table) != parent || !is_whole_reference(key, parent)) {
        continue;
      }
      if (++n == 1 || child->rows > out->child->rows) {
        out->child = child;
        out->key = key;
      }
    }
  }
  return n;
}

bool stoa_starter_choose(const stoa_bootstrap *b, stoa_arena *arena, stoa_starter *out)
{
  uint32_t most = 0;
  *out = (stoa_starter){.table = NULL};
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    const stoa_table_info *const t = &b->tables[i];
    stoa_starter s = {.table = t};
    if (t->n_primary != 1 || t->has_children) {
      continue;
    }
    const uint32_t n = count_references(b, t, &s);
    if (!out->table || n > most || (n == most && t->rows > out->table->rows)) {
      *out = s;
      most = n;
    }
  }
  if (!out->table) {
    return false;
  }
  out->name = word_of(out->table->name, "entity", arena);
  out->feature = out->child ? word_of(out->child->name, "references", arena) : "filled";
  if (strcmp(out->feature, out->name) == 0) {
    out->feature = "references";
  }
  return true;
}

void stoa_starter_entities(const stoa_bootstrap *b, const stoa_starter *s, stoa_buf *out)
{
  stoa_buf class_name = {0}, iri = {0};
  stoa_name_class(s->table->name, &class_name);
  stoa_buf_text(&iri, b->base);
  stoa_r2rml_name(s->table->name, &iri);
  stoa_buf_byte(&iri, '/');
  stoa_r2rml_column(s->table->primary[0], &iri);
  stoa_buf_print(out, "%s: {class: \"%s%.*s\", key: [", s->name, b->space, (int)class_name.length, class_name.data);
  stoa_buf_json(out, stoa_slice_of(s->table->primary[0]));
  stoa_buf_text(out, "], iri: ");
  stoa_buf_json(out, (stoa_slice){iri.data, iri.length});
  stoa_buf_text(out, "}\n");
  stoa_buf_done(&class_name);
  stoa_buf_done(&iri);
}

// How many rows refer to the entity; without any that do, how many of its own columns are filled.
static void write_select(const stoa_bootstrap *b, const stoa_starter *s, stoa_buf *out)
{
  stoa_buf_print(out, "PREFIX : <%s>\nSELECT ?%s (COUNT(*) AS ?%s)\nWHERE { ", b->space, s->name, s->feature);
  if (s->child) {
    stoa_buf_text(out, "?row a ");
    stoa_bootstrap_class(b, s->child, out);
    stoa_buf_text(out, " ; ");
    stoa_bootstrap_reference(b, s->key, out);
    stoa_buf_print(out, " ?%s", s->name);
  } else {
    stoa_buf_print(out, "?%s a ", s->name);
    stoa_bootstrap_class(b, s->table, out);
    stoa_buf_text(out, " ; ?column ?value");
  }
  stoa_buf_print(out, " }\nGROUP BY ?%s\n", s->name);
}

void stoa_starter_view(const stoa_bootstrap *b, const stoa_starter *s, stoa_buf *out)
{
  stoa_buf_print(out, "#+ summary: ");
  stoa_buf text = {0};
  if (s->child) {
    stoa_buf_print(&text, "How many rows of %s refer to it", s->child->name);
  } else {
    stoa_buf_print(&text, "How much of it is filled in");
  }
  stoa_buf_json(out, (stoa_slice){text.data, text.length});
  stoa_buf_done(&text);
  stoa_buf_print(out, "\n#+ feature_view:\n#+   name: %s\n#+   kind: query\n#+   entity: {%s: ", s->name, s->name);
  stoa_buf_json(out, stoa_slice_of(s->table->primary[0]));
  stoa_buf_print(out, "}\n#+   features: {%s: int64}\n#+   default: {%s: 0}\n", s->feature, s->feature);
  write_select(b, s, out);
}

void stoa_starter_services(const stoa_starter *s, stoa_buf *out)
{
  stoa_buf_print(out, "services:\n  - {name: %s, features: [\"%s:*\"]}\n", s->name, s->name);
}

const stoa_table_info *stoa_starter_table(const stoa_bootstrap *b)
{
  const stoa_table_info *best = NULL;
  for (uint32_t i = 0; i < b->n_tables; ++i) {
    if (stoa_r2rml_has_own_rows(&b->tables[i]) && (!best || b->tables[i].rows > best->rows)) {
      best = &b->tables[i];
    }
  }
  return best;
}

void stoa_starter_query(const stoa_bootstrap *b, const stoa_table_info *t, stoa_buf *out)
{
  enum { FEW = 6 };
  stoa_buf_print(out, "# Some rows of %s\nPREFIX : <%s>\nSELECT * WHERE {\n  ?row a ", t->name, b->space);
  stoa_bootstrap_class(b, t, out);
  stoa_buf_text(out, " .\n");
  for (uint32_t i = 0; i < t->n_columns && i < FEW; ++i) {
    const stoa_foreign_key *const key = stoa_bootstrap_key_of(b, t, t->columns[i].name);
    stoa_buf_text(out, "  OPTIONAL { ?row ");
    if (key) {
      stoa_bootstrap_reference(b, key, out);
    } else {
      stoa_bootstrap_property(b, t->columns[i].name, out);
    }
    stoa_buf_print(out, " ?c%u }\n", i + 1);
  }
  stoa_buf_text(out, "}\nLIMIT 20\n");
}
