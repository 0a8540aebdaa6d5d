#ifndef STOA_ONTOLOGY_R2RML_TEXT_H
#define STOA_ONTOLOGY_R2RML_TEXT_H

#include "graph/base/buf.h"
#include "graph/source/catalog.h"

/// Pieces of R2RML in Turtle, for what writes mappings from a catalog.

/// A name within an IRI, percent-encoded but for letters, digits, "-._~" and what is beyond ASCII.
void stoa_r2rml_name(const char *name, stoa_buf *out);
/// Text within a Turtle string.
void stoa_r2rml_text(const char *text, stoa_buf *out);
/// "{column}" of a template within a Turtle string.
void stoa_r2rml_column(const char *name, stoa_buf *out);
/// `rr:logicalTable [ ... ]` of a table; with its row number in column `stoa row` where no primary key tells rows
/// apart.
void stoa_r2rml_table(const stoa_table_info *table, stoa_buf *out);
/// The same, without the rows of tables that inherit from it.
void stoa_r2rml_own_rows(const stoa_table_info *table, stoa_buf *out);
#define STOA_R2RML_ROW "stoa row"
/// True when rows of the table can be told apart: by a primary key or a row number.
bool stoa_r2rml_has_rows(const stoa_table_info *table);
/// The same for its own rows (stoa_r2rml_own_rows).
bool stoa_r2rml_has_own_rows(const stoa_table_info *table);
/// The parent's column that the `i`th column of a foreign key points to.
const char *stoa_r2rml_parent_column(const stoa_foreign_key *key, const stoa_table_info *parent, uint32_t i);
/// `rr:parentTriplesMap <#PARENT> ; rr:joinCondition ...` of a foreign key.
void stoa_r2rml_join(const stoa_foreign_key *key, const stoa_table_info *parent, stoa_buf *out);

#endif
