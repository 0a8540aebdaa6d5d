#ifndef STOA_ONTOLOGY_BOOTSTRAP_H
#define STOA_ONTOLOGY_BOOTSTRAP_H

#include "ontology/mapped.h"

/// A project to start from, written from a catalog for people to edit: a class a table, a property a column name, an
/// object property a foreign key; an entity with a feature, and a query, so that it works at once.

/// What is written, once rows have told what the catalog does not.
typedef struct {
  const char *space;       ///< the ontology's namespace
  const char *base;        ///< of the project: templates are relative to it
  stoa_table_info *tables; ///< of the catalog, with keys and references added
  uint32_t n_tables;
  const char ***datatypes;  ///< [table][column]: told by rows, or NULL; NULL for a table of a database
  bool *keyed;              ///< [table]: its key is declared here, and by no database
  const char *const *notes; ///< what a person should know; NULL at the end
} stoa_bootstrap;

typedef struct {
  const char *const *keys; ///< "TABLE=COLUMN,COLUMN"
  uint32_t n_keys;
  bool views; ///< map views as well, where their rows can be told apart
} stoa_bootstrap_options;

/// Complete the catalog of a source.  CSV files are read for types, keys and references, views for keys.  Errors: a key
/// of what is not there, and those of the source.
stoa_status stoa_bootstrap_prepare(stoa_mapped *mapped, const char *base, const stoa_bootstrap_options *options,
                                   stoa_bootstrap *out, stoa_error *err);
/// Append the mapping and the ontology, in Turtle.
void stoa_bootstrap_mapping(const stoa_bootstrap *b, stoa_buf *out);
void stoa_bootstrap_ontology(const stoa_bootstrap *b, stoa_buf *out);
/// Append `keys:` of the source in stoa.yaml, nothing where there are none.
void stoa_bootstrap_keys(const stoa_bootstrap *b, stoa_buf *out);

/// The table to begin with: one with a key of one column to which most others refer.
typedef struct {
  const stoa_table_info *table, *child; ///< child: refers to it; or NULL
  const stoa_foreign_key *key;          ///< of the child
  const char *name, *feature;           ///< plain words, for files and variables
} stoa_starter;

/// False when no table has a key of one column.
bool stoa_starter_choose(const stoa_bootstrap *b, stoa_arena *arena, stoa_starter *out);
void stoa_starter_entities(const stoa_bootstrap *b, const stoa_starter *s, stoa_buf *out);
void stoa_starter_view(const stoa_bootstrap *b, const stoa_starter *s, stoa_buf *out);
void stoa_starter_services(const stoa_starter *s, stoa_buf *out);
/// A query for the first rows of a table; it can be written of any that is mapped.
const stoa_table_info *stoa_starter_table(const stoa_bootstrap *b);
void stoa_starter_query(const stoa_bootstrap *b, const stoa_table_info *table, stoa_buf *out);

/// For the files of this room: a name of the ontology as SPARQL and Turtle take it; whether a property is told by a
/// column of some table; the reference that a column alone is, or NULL; the property of a reference.
void stoa_bootstrap_name(const stoa_bootstrap *b, const stoa_buf *name, stoa_buf *out);
void stoa_bootstrap_class(const stoa_bootstrap *b, const stoa_table_info *table, stoa_buf *out);
void stoa_bootstrap_property(const stoa_bootstrap *b, const char *column, stoa_buf *out);
void stoa_bootstrap_reference(const stoa_bootstrap *b, const stoa_foreign_key *key, stoa_buf *out);
const stoa_foreign_key *stoa_bootstrap_key_of(const stoa_bootstrap *b, const stoa_table_info *table,
                                              const char *column);
const stoa_table_info *stoa_bootstrap_table(const stoa_bootstrap *b, const char *name);

#endif
