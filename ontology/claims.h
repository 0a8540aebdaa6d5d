#ifndef STOA_ONTOLOGY_CLAIMS_H
#define STOA_ONTOLOGY_CLAIMS_H

#include "graph/base/yaml.h"
#include "ontology/mapping.h"

/// What a project says of its data that no database vouches for: keys (`keys:` in stoa.yaml, stoa:key in a mapping) and
/// references that may be trusted (`foreign_keys:`).  Plans rely on them, so each is checked against the data.

/// Read `keys:` and `foreign_keys:` of a source into its catalog.  Errors name the place.
stoa_status stoa_claims_read(stoa_mapping *mapping, const stoa_yaml *node, stoa_source *source,
                             const stoa_catalog *catalog, stoa_error *err);
/// Ask the databases for rows that belie a claim, each within `patience_ms` (0: as long as it takes).  What is false is
/// an error, what took too long a warning.
void stoa_claims_check(const stoa_mapping *mapping, int64_t patience_ms, stoa_faults *faults);

#endif
