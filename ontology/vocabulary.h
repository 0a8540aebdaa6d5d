#ifndef STOA_ONTOLOGY_VOCABULARY_H
#define STOA_ONTOLOGY_VOCABULARY_H

#include "ontology/project.h"

/// Names in queries that nothing stands behind: a slip makes a query silently empty.

/// Tell each class and property of a query that nothing is mapped to, once: an error, or a warning where the ontology
/// declares it.  What an endpoint is asked for (SERVICE) is its own.
void stoa_vocabulary_check(const stoa_project *project, const stoa_query *query, stoa_faults *faults);

#endif
