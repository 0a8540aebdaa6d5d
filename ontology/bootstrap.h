#ifndef STOA_ONTOLOGY_BOOTSTRAP_H
#define STOA_ONTOLOGY_BOOTSTRAP_H

#include "graph/base/arena.h"
#include "graph/base/buf.h"
#include "graph/source/catalog.h"

/// A mapping and an ontology to start from, written from a catalog for people to edit: a class a table, a property a
/// column name, an object property a foreign key.  Views, whose rows have no identity, are left out.
///
/// `space` is the ontology's namespace.  Templates are relative, for the project's base.
void stoa_bootstrap_mapping(const stoa_catalog *catalog, const char *space, stoa_buf *out);
void stoa_bootstrap_ontology(const stoa_catalog *catalog, const char *space, stoa_buf *out);

#endif
