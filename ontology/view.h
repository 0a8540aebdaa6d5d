#ifndef STOA_ONTOLOGY_VIEW_H
#define STOA_ONTOLOGY_VIEW_H

#include "graph/source/catalog.h"

/// What an R2RML view tells of itself by its text: "SELECT a, b FROM t WHERE ..." gives rows of one table, so that
/// its columns are not NULL where the table's are not, and the table's keys hold (rules 2 and 31).

/// Return the table whose rows the view picks, or NULL where the text is any other query.
const stoa_table_info *stoa_view_base(const char *sql, const stoa_catalog *catalog, stoa_arena *arena);
/// Give a view's columns what is known of the table's.
void stoa_view_inherit(stoa_table_info *view, const stoa_table_info *base, stoa_arena *arena);

#endif
