#ifndef STOA_ONTOLOGY_DATA_CHECK_H
#define STOA_ONTOLOGY_DATA_CHECK_H

#include "ontology/mapping.h"

/// Read all rows that the mapping speaks of, once for each triples map, and tell for each of its term maps the first
/// row from which it makes no term: what would end the query that asks for it.
void stoa_data_check(const stoa_mapping *mapping, stoa_faults *faults);

#endif
