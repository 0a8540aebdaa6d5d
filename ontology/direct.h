#ifndef STOA_ONTOLOGY_DIRECT_H
#define STOA_ONTOLOGY_DIRECT_H

#include "graph/base/buf.h"
#include "graph/source/catalog.h"

/// Write the Direct Mapping of a catalog (A Direct Mapping of Relational Data to RDF, W3C 2012) as R2RML in Turtle:
/// what `stoa map --direct` runs.  Rows of tables without a primary key are blank nodes, by the row's own number where
/// the source has one; views are left out, their rows have no identity.
void stoa_direct_write(const stoa_catalog *catalog, const char *base, stoa_buf *out);

#endif
